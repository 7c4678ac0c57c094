//! Files that people take along: tables (RFC 4180) and cards (vCard 4.0, RFC 6350).

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// An answer that a browser keeps as the file `name`, which a header can hold: letters, digits, `-._`.
pub fn attachment(kind: &str, name: &str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body).into_response()
}

/// A line of a table: every cell in quotes, and none that a spreadsheet would run.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> =
        cells.into_iter().map(|cell| format!("\"{}\"", tame(cell).replace('"', "\"\""))).collect();
    quoted.join(",") + "\r\n"
}

/// A spreadsheet would run a cell that begins like a formula; an apostrophe before it makes it text. Numbers with a
/// sign, such as phone numbers, stay as they are.
fn tame(cell: &str) -> String {
    let mut letters = cell.chars();
    let risky = match letters.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !letters.all(|c| c.is_ascii_digit() || " ()-./".contains(c)),
        _ => false,
    };
    if risky { format!("'{cell}") } else { cell.to_owned() }
}

/// A card of these lines (`NAME:value`), whose values are [`escaped`].
pub fn card(lines: &[String]) -> String {
    let mut out = String::from("BEGIN:VCARD\r\nVERSION:4.0\r\n");
    for line in lines {
        fold(&mut out, line);
    }
    out + "END:VCARD\r\n"
}

/// A value of a card, without a sign that would begin another (RFC 6350, section 3.4).
pub fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// Lines of at most 75 bytes, going on after a space, never inside a character (RFC 6350, section 3.2).
fn fold(out: &mut String, line: &str) {
    let mut width = 0_usize;
    for letter in line.chars() {
        if width.saturating_add(letter.len_utf8()) > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width = width.saturating_add(letter.len_utf8());
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        let cells = ["=1+1", "+49 451", "say \"hi\"", "-cmd|'x'", "@SUM(A1)", "Ito"];
        let line = "\"'=1+1\",\"+49 451\",\"say \"\"hi\"\"\",\"'-cmd|'x'\",\"'@SUM(A1)\",\"Ito\"\r\n";
        assert_eq!(row(cells), line);
    }

    #[test]
    fn a_value_begins_no_line_of_its_own() {
        assert_eq!(escaped("a;b,c\nd\\"), "a\\;b\\,c\\nd\\\\");
        assert_eq!(escaped("a\r\nEMAIL:x"), "a\\nEMAIL:x");
    }

    #[test]
    fn a_line_of_a_card_is_short_and_whole_when_put_together() {
        let long = format!("NOTE:{}", "ü".repeat(100));
        let card = card(std::slice::from_ref(&long));
        assert!(card.split("\r\n").all(|part| part.len() <= 75) && card.contains("\r\n ü"));
        assert!(card.replace("\r\n ", "").contains(&long));
    }
}
