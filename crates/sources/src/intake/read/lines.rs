//! Lines of a text of any length, bounded: CRLF, LF and a lone CR each end one. Both the table reader and the
//! card reader stand on this; it is also where a line number and a place to resume come from.

use std::collections::VecDeque;
use std::io::{self, Read};

/// The longest line kept, and the longest row of a table, in bytes.
pub const MAX_ROW: usize = 1 << 20;

/// One line with its ending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// 1 for the first line of the text.
    pub number: u64,
    /// Where the line begins in the UTF-8 text.
    pub offset: u64,
    /// The line with its ending; cut at [`MAX_ROW`] when `cut` is set.
    pub bytes: Vec<u8>,
    /// The line was longer than [`MAX_ROW`]: what follows was skipped.
    pub cut: bool,
}

impl Line {
    /// The line without its ending.
    pub fn content(&self) -> &[u8] {
        let bytes = self.bytes.as_slice();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }
}

/// Reads lines from UTF-8 bytes.
pub struct Lines<R> {
    read: R,
    buffer: Vec<u8>,
    at: usize,
    offset: u64,
    number: u64,
    waiting: VecDeque<Line>,
}

impl<R: Read> Lines<R> {
    /// Lines from the beginning of `read`.
    pub fn new(read: R) -> Self {
        Self { read, buffer: Vec::new(), at: 0, offset: 0, number: 0, waiting: VecDeque::new() }
    }

    /// Lines from `offset` of `read` on, where `lines` lines lie before it.
    pub fn skip_to(mut read: R, offset: u64, lines: u64) -> io::Result<Self> {
        io::copy(&mut read.by_ref().take(offset), &mut io::sink())?;
        Ok(Self { offset, number: lines, ..Self::new(read) })
    }

    /// Where the next line begins, and how many lines lie before it.
    pub fn place(&self) -> (u64, u64) {
        match self.waiting.front() {
            Some(line) => (line.offset, line.number.saturating_sub(1)),
            None => (self.offset, self.number),
        }
    }

    /// Puts lines back, so that the first of them comes next.
    pub fn put_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.waiting.push_front(line);
        }
    }

    /// The next line, or none at the end.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Line { number: self.number + 1, offset: self.offset, ..Line::default() };
        let mut length = 0_u64;
        loop {
            if !self.fill()? {
                break;
            }
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let taken = end.map_or(rest.len(), |end| end + 1);
            let piece = rest.get(..taken).unwrap_or_default();
            let ended_by = end.and_then(|end| rest.get(end)).copied();
            length += piece.len() as u64;
            keep(&mut line, piece);
            self.at += taken;
            match ended_by {
                None => continue,
                Some(b'\r') if self.peek()? == Some(b'\n') => {
                    keep(&mut line, b"\n");
                    length += 1;
                    self.at += 1;
                }
                Some(_) => {}
            }
            break;
        }
        if length == 0 {
            return Ok(None);
        }
        self.offset += length;
        self.number += 1;
        Ok(Some(line))
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        self.fill()?;
        Ok(self.buffer.get(self.at).copied())
    }

    /// Whether there are bytes to look at, after reading more where needed.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at < self.buffer.len() {
            return Ok(true);
        }
        self.buffer.resize(64 * 1024, 0);
        self.at = 0;
        let read = loop {
            match self.read.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.clear();
                    return Err(error);
                }
                Ok(read) => break read,
            }
        };
        self.buffer.truncate(read);
        Ok(read > 0)
    }
}

fn keep(line: &mut Line, piece: &[u8]) {
    let room = MAX_ROW.saturating_sub(line.bytes.len());
    line.cut |= piece.len() > room;
    line.bytes.extend(piece.iter().take(room));
}
