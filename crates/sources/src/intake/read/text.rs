//! Any contact file as UTF-8: with or without a byte order mark, UTF-16 either way round, or Windows-1252, which
//! is what older spreadsheets save. What is not text at all is refused by name.
//!
//! A text that begins as UTF-8 stays UTF-8: bytes that break it later are passed on, so that the row that holds
//! them can be named.

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::Unreadable;

const HEAD: usize = 64 * 1024;

/// How the characters of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, the Western European code page.
    Windows1252,
}

impl Encoding {
    /// The name shown to a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with a byte order mark",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// A byte stream as UTF-8 text.
pub struct Text<R> {
    read: io::Chain<Cursor<Vec<u8>>, R>,
    encoding: Encoding,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Text<R> {
    /// Finds the encoding from the first 64 KiB and drops a byte order mark.
    pub fn open(mut read: R) -> Result<Self, Unreadable> {
        let mut head = Vec::with_capacity(HEAD);
        read.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        if let Some(kind) = not_text(&head) {
            return Err(Unreadable::NotText(kind));
        }
        let (encoding, mark) = detect(&head);
        let decoder = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => None,
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Windows1252 => Some(WINDOWS_1252.new_decoder_without_bom_handling()),
        };
        let mut head = Cursor::new(head);
        head.set_position(mark);
        Ok(Self {
            read: head.chain(read),
            encoding,
            decoder,
            raw: Vec::new(),
            decoded: Vec::new(),
            at: 0,
            ended: false,
        })
    }

    /// How the file is written.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let Some(decoder) = self.decoder.as_mut() else { return Ok(()) };
        self.raw.resize(16 * 1024, 0);
        let read = self.read.read(&mut self.raw)?;
        self.ended = read == 0;
        // The bound the decoder itself names is always enough to take all of the input in one call.
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(read.saturating_mul(4) + 16);
        self.decoded.resize(room, 0);
        let input = self.raw.get(..read).unwrap_or_default();
        let (_, _, written, _) = decoder.decode_to_utf8(input, &mut self.decoded, self.ended);
        self.decoded.truncate(written);
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.decoder.is_none() {
            return self.read.read(out);
        }
        while self.at >= self.decoded.len() && !self.ended {
            self.decode_more()?;
        }
        let mut rest = self.decoded.get(self.at..).unwrap_or_default();
        let taken = rest.read(out)?;
        self.at += taken;
        Ok(taken)
    }
}

/// The encoding of a text that begins with `head`, and the length of its byte order mark.
fn detect(head: &[u8]) -> (Encoding, u64) {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8Bom, 3),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        _ => (detect_unmarked(head), 0),
    }
}

fn detect_unmarked(head: &[u8]) -> Encoding {
    let nuls = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (nuls(0), nuls(1), head.len() / 2);
    if half > 0 && odd * 10 >= half * 6 && even * 10 <= half {
        return Encoding::Utf16Le;
    }
    if half > 0 && even * 10 >= half * 6 && odd * 10 <= half {
        return Encoding::Utf16Be;
    }
    match std::str::from_utf8(head) {
        Ok(_) => Encoding::Utf8,
        // A character cut by the end of the head says nothing against UTF-8; one cut by the end of the file does.
        Err(error) if error.error_len().is_none() && head.len() == HEAD => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    }
}

fn not_text(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some("an Excel workbook or a zip archive"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some("an old Excel workbook"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [0x1F, 0x8B, ..] => Some("a compressed archive"),
        _ => None,
    }
}
