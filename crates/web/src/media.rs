//! What a file is: told by its bytes, never by its name. What could run something in a browser or on a computer is not
//! kept; what nobody knows is handed out as bytes and nothing else.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::say;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A PDF document.
    Pdf,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture.
    Gif,
    /// A picture.
    Webp,
    /// A picture as phones take it.
    Heic,
    /// A film.
    Mp4,
    /// A document of Word.
    Docx,
    /// A table of Excel.
    Xlsx,
    /// Slides of PowerPoint.
    Pptx,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument table.
    Ods,
    /// OpenDocument slides.
    Odp,
    /// An archive.
    Zip,
    /// An e-mail.
    Mail,
    /// A table as text.
    Csv,
    /// Plain text.
    Text,
    /// Anything else: bytes.
    Other,
}

/// One line of the table: a word to store, a type to send, a name for people, and how its files end.
type Line = (Media, &'static str, &'static str, &'static str, &'static [&'static str]);

const TABLE: [Line; 18] = [
    (Media::Pdf, "pdf", "application/pdf", "PDF", &["pdf"]),
    (Media::Png, "png", "image/png", "Picture", &["png"]),
    (Media::Jpeg, "jpeg", "image/jpeg", "Picture", &["jpg", "jpeg"]),
    (Media::Gif, "gif", "image/gif", "Picture", &["gif"]),
    (Media::Webp, "webp", "image/webp", "Picture", &["webp"]),
    (Media::Heic, "heic", "image/heic", "Picture", &["heic", "heif", "avif"]),
    (Media::Mp4, "mp4", "video/mp4", "Film", &["mp4", "mov", "m4a"]),
    (
        Media::Docx,
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Document",
        &["docx"],
    ),
    (
        Media::Xlsx,
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Table",
        &["xlsx"],
    ),
    (
        Media::Pptx,
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "Slides",
        &["pptx"],
    ),
    (Media::Odt, "odt", "application/vnd.oasis.opendocument.text", "Document", &["odt"]),
    (Media::Ods, "ods", "application/vnd.oasis.opendocument.spreadsheet", "Table", &["ods"]),
    (Media::Odp, "odp", "application/vnd.oasis.opendocument.presentation", "Slides", &["odp"]),
    (Media::Zip, "zip", "application/zip", "Archive", &["zip"]),
    (Media::Mail, "mail", "message/rfc822", "E-mail", &["eml"]),
    (Media::Csv, "csv", "text/csv; charset=utf-8", "Table", &["csv", "tsv", "txt"]),
    (
        Media::Text,
        "text",
        "text/plain; charset=utf-8",
        "Text",
        &["txt", "md", "log", "csv", "json", "ics", "vcf"],
    ),
    (Media::Other, "other", "application/octet-stream", "File", &["bin"]),
];

/// Why a file is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Active {
    /// HTML, SVG, XML: a page.
    #[error(
        "This is a page or a drawing that a browser would run (HTML, SVG, XML). Save it as a PDF or a picture."
    )]
    Page,
    /// A program or a script.
    #[error("This is a program. Programs are not kept here.")]
    Program,
    /// A document with macros.
    #[error("This document holds macros, which are programs. Save it without them.")]
    Macros,
}

/// How programs begin.
const PROGRAMS: [&[u8]; 10] = [
    b"MZ",
    b"#!",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",
];

impl Media {
    /// What these bytes are.
    ///
    /// # Errors
    /// [`Active`] when they would run something.
    pub fn of(bytes: &[u8]) -> Result<Self, Active> {
        if PROGRAMS.iter().any(|head| bytes.starts_with(head)) {
            return Err(Active::Program);
        }
        let known: [(&[u8], Self); 6] = [
            (b"%PDF-", Self::Pdf),
            (b"\x89PNG\r\n\x1a\n", Self::Png),
            (b"\xff\xd8\xff", Self::Jpeg),
            (b"GIF87a", Self::Gif),
            (b"GIF89a", Self::Gif),
            (b"PK\x05\x06", Self::Zip),
        ];
        if let Some((_, media)) = known.into_iter().find(|(head, _)| bytes.starts_with(head)) {
            return Ok(media);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return packed(bytes);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice()) {
            return Ok(Self::Webp);
        }
        if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
            let brand = bytes.get(8..12).unwrap_or_default();
            let picture = [b"heic".as_slice(), b"heix", b"mif1", b"heif", b"avif"].contains(&brand);
            return Ok(if picture { Self::Heic } else { Self::Mp4 });
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => written(text),
            Err(_) if looks_like_a_page(bytes) => Err(Active::Page),
            Err(_) => Ok(Self::Other),
        }
    }

    fn line(self) -> Line {
        let other = TABLE[TABLE.len() - 1];
        TABLE.into_iter().find(|(media, ..)| *media == self).unwrap_or(other)
    }
    /// The word under which it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.line().1
    }
    /// What a stored word stands for; what is unknown is bytes.
    #[must_use]
    pub fn parse(key: &str) -> Self {
        TABLE.iter().find(|(_, word, ..)| *word == key).map_or(Self::Other, |(media, ..)| *media)
    }
    /// The type it is sent with.
    #[must_use]
    pub fn mime(self) -> &'static str {
        self.line().2
    }
    /// What it is called, in a word.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.line().3
    }
    /// True for what a browser can show small on a page without running anything.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// A name under which it can be saved: no folder, nothing hidden, and an ending that says what it is.
    #[must_use]
    pub fn named(self, name: &str) -> String {
        let clean = clean(name);
        let ends = self.line().4;
        let ending = clean.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ends.first() {
            Some(first) if !ends.contains(&ending.as_str()) => format!("{clean}.{first}"),
            Some(_) | None => clean,
        }
    }
}

/// A name as it is kept: no path, no control or direction-changing characters, not hidden, at most 120 characters.
#[must_use]
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
    };
    let kept: String = last.chars().filter(|c| !odd(*c)).collect();
    let kept: String = kept.trim().trim_start_matches('.').trim().chars().take(120).collect();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// An archive, or a document that is one. Names of what is inside stand in it as they are.
fn packed(bytes: &[u8]) -> Result<Media, Active> {
    if has(bytes, b"vbaProject.bin") {
        return Err(Active::Macros);
    }
    if has(bytes, b"META-INF/MANIFEST.MF") || has(bytes, b"AndroidManifest.xml") {
        return Err(Active::Program);
    }
    let head = bytes.get(..200.min(bytes.len())).unwrap_or_default();
    let open: [(&[u8], Media); 3] = [
        (b"application/vnd.oasis.opendocument.text", Media::Odt),
        (b"application/vnd.oasis.opendocument.spreadsheet", Media::Ods),
        (b"application/vnd.oasis.opendocument.presentation", Media::Odp),
    ];
    if let Some((_, media)) = open.into_iter().find(|(kind, _)| has(head, kind)) {
        return Ok(media);
    }
    if !has(bytes, b"[Content_Types].xml") {
        return Ok(Media::Zip);
    }
    let office: [(&[u8], Media); 3] =
        [(b"word/", Media::Docx), (b"xl/", Media::Xlsx), (b"ppt/", Media::Pptx)];
    Ok(office.into_iter().find(|(folder, _)| has(bytes, folder)).map_or(Media::Zip, |(_, media)| media))
}

fn looks_like_a_page(bytes: &[u8]) -> bool {
    let head: String = bytes.iter().take(1024).map(|b| char::from(*b).to_ascii_lowercase()).collect();
    ["<html", "<!doctype", "<svg", "<script", "<?xml"].iter().any(|tag| head.contains(tag))
}

fn written(text: &str) -> Result<Media, Active> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('<') || looks_like_a_page(text.as_bytes()) {
        return Err(Active::Page);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{c}')) {
        return Ok(Media::Other);
    }
    if is_mail(start) {
        return Ok(Media::Mail);
    }
    Ok(if is_table(start) { Media::Csv } else { Media::Text })
}

/// A head of lines `Name: value`, one of them a sender's, then an empty line.
fn is_mail(text: &str) -> bool {
    let lines = || text.lines().take(200).take_while(|line| !line.trim().is_empty());
    let line = |line: &str| {
        let folded = line.starts_with([' ', '\t']);
        let name = line.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b'<')
        });
        folded || name
    };
    let from = |line: &str| line.to_ascii_lowercase().starts_with("from:");
    lines().count() >= 2 && lines().all(line) && lines().any(from)
}

/// At least two lines, with the same number of the same mark between values in the first of them.
fn is_table(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(10).collect();
    lines.len() >= 2
        && [',', ';', '\t'].into_iter().any(|mark| {
            let counts: Vec<usize> = lines.iter().map(|line| line.matches(mark).count()).collect();
            counts.first().is_some_and(|first| *first > 0 && counts.iter().all(|n| n == first))
        })
}

/// Nothing in it runs, whatever it is.
const BOXED: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A file on its way to somebody: to be saved, never to be run. A picture can still be shown by a page of ours.
#[must_use]
pub fn download(name: &str, media: Media, content: Vec<u8>) -> Response {
    let name = media.named(name);
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let told = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(&name));
    let told = HeaderValue::try_from(told).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media.mime())),
        (header::CONTENT_DISPOSITION, told),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BOXED)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, content).into_response()
}

/// A name as RFC 8187 writes it.
fn escaped(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// `1.2 MB`, as people read it.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=999 => say!("{n} bytes", n = bytes),
        1_000..=999_999 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_tell_what_it_is() {
        let cases: [(&[u8], Media); 14] = [
            (b"%PDF-1.7\n...", Media::Pdf),
            (b"\x89PNG\r\n\x1a\n....", Media::Png),
            (b"\xff\xd8\xff\xe0....", Media::Jpeg),
            (b"GIF89a....", Media::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ", Media::Webp),
            (b"\0\0\0\x18ftypheic\0\0", Media::Heic),
            (b"\0\0\0\x18ftypisom\0\0", Media::Mp4),
            (b"PK\x03\x04..[Content_Types].xml..word/document.xml", Media::Docx),
            (b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml", Media::Xlsx),
            (b"PK\x03\x04......mimetypeapplication/vnd.oasis.opendocument.textPK", Media::Odt),
            (b"PK\x03\x04..photo.jpg", Media::Zip),
            (b"name;city\nIto;Kiel\n", Media::Csv),
            (b"From: a@example.org\r\nSubject: x\r\n\r\nHello", Media::Mail),
            (b"Called at six.\n", Media::Text),
        ];
        for (bytes, media) in cases {
            assert_eq!(Media::of(bytes), Ok(media), "{}", String::from_utf8_lossy(bytes));
            assert_eq!(Media::parse(media.key()), media);
        }
        assert_eq!(Media::of(b"\x01\x02\x03\xff\xfe"), Ok(Media::Other));
        assert_eq!(Media::parse("king"), Media::Other);
    }

    #[test]
    fn what_runs_is_not_kept() {
        let cases: [(&[u8], Active); 10] = [
            (b"<!doctype html><p>", Active::Page),
            (b"\xef\xbb\xbf  <svg onload=alert(1)>", Active::Page),
            (b"<?xml version='1.0'?><svg/>", Active::Page),
            (b"\xff\xfe<\0h\0 <html>", Active::Page),
            (b"hello <script>alert(1)</script>", Active::Page),
            (b"MZ\x90\0", Active::Program),
            (b"\x7fELF\x02", Active::Program),
            (b"#!/bin/sh\nrm", Active::Program),
            (b"PK\x03\x04..[Content_Types].xml word/vbaProject.bin", Active::Macros),
            (b"PK\x03\x04..META-INF/MANIFEST.MF", Active::Program),
        ];
        for (bytes, why) in cases {
            assert_eq!(Media::of(bytes), Err(why), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_name_leads_nowhere_and_ends_as_its_content_says() {
        for (media, name, saved) in [
            (Media::Pdf, "offer.pdf", "offer.pdf"),
            (Media::Pdf, "offer.exe", "offer.exe.pdf"),
            (Media::Jpeg, "C:\\photos\\fridge.JPG", "fridge.JPG"),
            (Media::Text, "../../etc/passwd", "passwd.txt"),
            (Media::Other, "evil.html", "evil.html.bin"),
            (Media::Png, ".\u{202e}gnp", "gnp.png"),
            (Media::Png, "", "file.png"),
        ] {
            assert_eq!(media.named(name), saved, "{name}");
        }
        assert!(clean(&"é".repeat(500)).chars().count() == 120);
    }

    #[test]
    fn it_is_saved_and_never_run() {
        let answer = download("Rechnung „März“.pdf", Media::Pdf, b"%PDF-1".to_vec());
        let told = answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(told.starts_with("attachment; filename=\"Rechnung") && told.contains("M%C3%A4rz"));
        assert!(answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn a_size_is_read_at_a_glance() {
        assert_eq!(size(12), "12 bytes");
        assert_eq!(size(48_200), "48 kB");
        assert_eq!(size(1_250_000), "1.2 MB");
    }
}
