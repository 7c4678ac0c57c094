//! One line of a card, cut into its name, parameters and value (RFC 6350 §3.3; RFC 2426; vCard 2.1).

/// A property of a card.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// Without its group, in capitals.
    pub(super) name: String,
    /// All values of `TYPE` and the bare parameters of vCard 2.1, in capitals.
    pub(super) types: Vec<String>,
    /// As written, after quoted-printable was undone.
    pub(super) value: String,
}

impl Property {
    /// Cuts an unfolded line; none when it has no colon or no name.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (head, value) = split_unquoted(line, ':')?;
        let mut parts = Vec::new();
        let mut rest = head;
        while let Some((part, after)) = split_unquoted(rest, ';') {
            parts.push(part);
            rest = after;
        }
        parts.push(rest);
        let mut parts = parts.into_iter();
        let name = parts.next()?;
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name).trim().to_ascii_uppercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let mut types = Vec::new();
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or(("TYPE", part));
            if key.eq_ignore_ascii_case("TYPE") || key.eq_ignore_ascii_case("ENCODING") {
                types.extend(value.trim_matches('"').split(',').map(|kind| kind.trim().to_ascii_uppercase()));
            } else if key.eq_ignore_ascii_case("PREF") {
                types.push("PREF".to_owned());
            }
        }
        let quoted = types.iter().any(|kind| kind == "QUOTED-PRINTABLE");
        let value = if quoted { unquote_printable(value) } else { value.to_owned() };
        Some(Self { name, types, value })
    }

    /// Whether the property is of this type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|own| own == kind)
    }

    /// The parts of the value between `separator`, each with its escapes undone.
    pub(super) fn parts(&self, separator: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut escaped = false;
        for letter in self.value.chars() {
            if !escaped && letter == '\\' {
                escaped = true;
                continue;
            }
            if !escaped && letter == separator {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(if escaped && matches!(letter, 'n' | 'N') { '\n' } else { letter });
            }
            escaped = false;
        }
        parts
    }

    /// The whole value with its escapes undone.
    pub(super) fn text(&self) -> String {
        self.parts('\0').concat()
    }
}

/// Whether a line begins a property in the quoted-printable of vCard 2.1, which goes on behind a final `=`.
pub(super) fn is_printable(line: &[u8]) -> bool {
    let head = line.split(|byte| *byte == b':').next().unwrap_or_default();
    head.to_ascii_uppercase().ends_with(b"QUOTED-PRINTABLE")
        || head.to_ascii_uppercase().windows(17).any(|part| part == b"QUOTED-PRINTABLE;")
}

fn split_unquoted(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => {
                return Some((text.get(..at)?, text.get(at + letter.len_utf8()..)?));
            }
            _ => {}
        }
    }
    None
}

fn unquote_printable(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = (ahead.next().and_then(hex), ahead.next().and_then(hex));
        match (byte, digits) {
            (b'=', (Some(high), Some(low))) => {
                out.push(high * 16 + low);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned()
    })
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
