use std::io::{Cursor, Read};

use crate::intake::read::*;

type Rows = Vec<Result<Row, RowError>>;

fn all(bytes: &[u8]) -> (Sample, Rows) {
    let sample = Sample::take(bytes, Some(bytes.len() as u64)).unwrap();
    let rows = Contacts::open(bytes, &sample.layout, None).unwrap().collect();
    (sample, rows)
}

fn fields(rows: &Rows) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.as_ref().unwrap().fields.clone()).collect()
}

fn faults(rows: &Rows) -> Vec<(u64, u64, &'static str)> {
    rows.iter().filter_map(|row| row.as_ref().err()).map(|e| (e.row, e.line, e.fault.code())).collect()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

const PLAIN: &str =
    "Vorname;Name;E-Mail;Betrag\r\nJürgen;Müller;j@müller.de;1,50\r\nZoë;Groß;z@x.de;2,75\r\n";

#[test]
fn every_encoding_reads_alike() {
    let mut files = vec![(PLAIN.as_bytes().to_vec(), Encoding::Utf8)];
    files.push((["\u{feff}", PLAIN].concat().into_bytes(), Encoding::Utf8Bom));
    files.push((utf16(&format!("\u{feff}{PLAIN}"), true), Encoding::Utf16Le));
    files.push((utf16(&format!("\u{feff}{PLAIN}"), false), Encoding::Utf16Be));
    files.push((utf16(PLAIN, true), Encoding::Utf16Le));
    files.push((utf16(PLAIN, false), Encoding::Utf16Be));
    files.push((encoding_rs::WINDOWS_1252.encode(PLAIN).0.into_owned(), Encoding::Windows1252));
    for (bytes, encoding) in files {
        let (sample, rows) = all(&bytes);
        assert_eq!(sample.encoding, encoding);
        assert_eq!(sample.layout.format, Format::Csv { delimiter: b';', header: true });
        assert_eq!(fields(&rows)[0], ["Jürgen", "Müller", "j@müller.de", "1,50"], "{encoding:?}");
        assert_eq!((rows.len(), sample.rows, sample.estimated), (2, 2, false));
        let targets: Vec<Target> = sample.mapping.columns.iter().map(|column| column.target).collect();
        assert_eq!(targets, [Target::GivenName, Target::FamilyName, Target::Email, Target::Ignore]);
    }
}

#[test]
fn quoted_line_ends_and_every_line_ending() {
    for ending in ["\n", "\r\n", "\r"] {
        let text = ["name,note", "A,\"one\ntwo, \"\"three\"\"\"", "B,x"].join(ending);
        let (_, rows) = all(text.as_bytes());
        assert_eq!(fields(&rows), [["A", "one\ntwo, \"three\""], ["B", "x"]]);
        let first = rows[0].as_ref().unwrap();
        assert_eq!((first.number, first.line), (1, 2));
        assert_eq!(rows[1].as_ref().unwrap().line, 4);
    }
}

#[test]
fn an_open_quote_is_named_and_the_rest_is_read() {
    let (_, rows) = all(b"name,mail\nA,a@x.de\nB,\"b@x.de\nC,c@x.de\nD,d@x.de\n");
    assert_eq!(faults(&rows), [(2, 3, "row.open-quote")]);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3].as_ref().unwrap().fields, ["D", "d@x.de"]);
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!(error.fault, Fault::OpenQuote { opened: 3 });
    assert_eq!(error.column, Some(2));
}

#[test]
fn ragged_blank_and_padded_rows() {
    let (sample, rows) = all(b"name,mail\nA\n\nB,b@x.de,extra\nC,c@x.de,,,\n,\nD,d@x.de\n");
    assert_eq!(faults(&rows), [(1, 2, "row.too-few-fields"), (2, 4, "row.too-many-fields")]);
    assert_eq!(rows.len(), 4);
    assert_eq!(sample.faults.len(), 2);
    assert_eq!(rows[2].as_ref().unwrap().fields, ["C", "c@x.de"]);
}

#[test]
fn bounds_hold() {
    let long = "x".repeat(1 << 20);
    let text =
        format!("name,mail\nA,{long}\nB,b@x.de\nC,\"{long}\nD,d@x.de\n{}\nE,e@x.de\n", ",".repeat(500));
    let (_, rows) = all(text.as_bytes());
    let codes: Vec<&str> = faults(&rows).iter().map(|fault| fault.2).collect();
    assert_eq!(codes, ["row.field-too-long", "row.field-too-long", "row.too-many-columns"]);
    assert_eq!(rows.last().unwrap().as_ref().unwrap().fields, ["E", "e@x.de"]);
    let endless = Cursor::new(b"name,mail\n".to_vec()).chain(std::io::repeat(b'z').take(50 << 20));
    let layout = Layout {
        format: Format::Csv { delimiter: b',', header: true },
        headers: vec!["a".into(), "b".into()],
    };
    let rows: Rows = Contacts::open(endless, &layout, None).unwrap().collect();
    assert_eq!(rows.len(), 1);
}

#[test]
fn bytes_that_break_utf8_late_name_their_row() {
    let mut bytes = b"name,mail\n".to_vec();
    for row in 0..10_000 {
        bytes.extend(format!("N{row},n{row}@example.org\n").bytes());
    }
    bytes.extend(b"J\xfcrgen,j@x.de\nZ,z@x.de\n");
    let (sample, rows) = all(&bytes);
    assert_eq!(sample.encoding, Encoding::Utf8);
    assert_eq!(faults(&rows), [(10_001, 10_002, "row.not-utf8")]);
    assert_eq!(rows.len(), 10_002);
    assert!(sample.estimated && (9_000..12_000).contains(&sample.rows), "{}", sample.rows);
}

#[test]
fn nothing_and_next_to_nothing() {
    assert!(matches!(Sample::take(&b""[..], None), Err(Unreadable::Empty)));
    assert!(matches!(Sample::take(&b"\xef\xbb\xbf\r\n"[..], None), Err(Unreadable::Empty)));
    assert!(matches!(Sample::take(&b"PK\x03\x04rest"[..], None), Err(Unreadable::NotText(_))));
    let (sample, rows) = all(b"First Name,Email\n");
    assert_eq!((sample.rows, rows.len()), (0, 0));
    let (sample, rows) = all(b"Name,Name,,E\0mail\nA,B\0,C,d@x.de");
    assert_eq!(sample.layout.headers, ["Name", "Name (2)", "Column 3", "Email"]);
    assert_eq!(rows.len(), 1);
}

#[test]
fn no_header_and_a_separator_line() {
    let (sample, rows) = all(b"Anna,anna@x.de\nBob,bob@x.de\n");
    assert_eq!(sample.layout.headers, ["Column 1", "Column 2"]);
    assert_eq!(rows.len(), 2);
    assert_eq!(sample.mapping.columns[1].target, Target::Email);
    let (sample, rows) = all(b"sep=|\nname|mail\nA,B|a@x.de\n");
    assert_eq!(sample.layout.headers, ["name", "mail"]);
    assert_eq!(fields(&rows), [["A,B", "a@x.de"]]);
}

#[test]
fn reading_stops_and_goes_on_anywhere() {
    let text = "\u{feff}name\tnote\nA\t\"1\n2\"\nB\t\"open\nC\tü\nD\n\nE\t5\n";
    let card =
        "BEGIN:VCARD\nFN:A\nNOTE:x\n y\nEND:VCARD\n\nBEGIN:VCARD\nFN:B\nBEGIN:VCARD\nFN:C\nEND:VCARD\n";
    for bytes in [text.as_bytes().to_vec(), utf16(text, true), card.as_bytes().to_vec()] {
        let (sample, whole) = all(&bytes);
        for stop in 0..=whole.len() {
            let mut rows = Contacts::open(&bytes[..], &sample.layout, None).unwrap();
            let mut read: Rows = rows.by_ref().take(stop).collect();
            let place = rows.place();
            read.extend(Contacts::open(&bytes[..], &sample.layout, Some(place)).unwrap());
            assert_eq!(read, whole);
        }
    }
}

#[test]
fn a_hundred_thousand_rows_stream() {
    let body = (0..100_000).map(|row| format!("Name {row},n{row}@example.org,\"Line\n{row}\"\n"));
    let text = ["name,email,note\n".to_owned()].into_iter().chain(body).collect::<String>();
    let layout = Sample::take(text.as_bytes(), Some(text.len() as u64)).unwrap().layout;
    let mut count = 0;
    for row in Contacts::open(text.as_bytes(), &layout, None).unwrap() {
        count += 1;
        assert_eq!(row.unwrap().number, count);
    }
    assert_eq!(count, 100_000);
}

#[test]
fn cards_of_apple_google_and_an_old_phone() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Anna;Maria;;\r\nFN:Anna Müller\r\nORG:Acme GmbH;Sales;\r\n\
        item1.EMAIL;type=INTERNET;type=pref:anna@example.org\r\nEMAIL;type=WORK:a.m@acme.example\r\n\
        TEL;type=CELL;type=VOICE:+49 171 1234567\r\nitem2.ADR;type=HOME:;;Weg 1\\nHaus B;Bonn;NRW;53111;Germany\r\n\
        BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\nNOTE:one\\, two\\nthr\r\n ee\r\nPHOTO;ENCODING=b:AAAA\r\n  BBBB\r\n\
        CATEGORIES:Friends,VIP\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+1-555-555-5555\r\n\
        EMAIL:b@x.de\r\nEMAIL:b2@x.de\r\nLANG:de\r\nGENDER:M;man\r\nUID:urn:uuid:1\r\nEND:VCARD\r\n\
        BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=\nller;J=C3=B6rg\nTEL;CELL:0171 2\n\
        END:VCARD\nstray\nBEGIN:VCARD\nFN:X\nno colon\nEND:VCARD\nBEGIN:VCARD\nFN:Y\n";
    let (sample, rows) = all(text.as_bytes());
    assert_eq!(sample.layout.format, Format::VCard);
    assert!(sample.mapping.columns.iter().all(|column| {
        column.target != Target::Ignore || ["ROLE", "NICKNAME"].contains(&column.header.as_str())
    }));
    let get = |row: usize, name: &str| {
        let at = vcard::COLUMNS.iter().position(|column| *column == name).unwrap();
        rows[row].as_ref().unwrap().fields[at].clone()
    };
    let expected = [
        ("N given", "Anna Maria"),
        ("N family", "Müller"),
        ("ORG", "Acme GmbH, Sales"),
        ("EMAIL", "anna@example.org"),
        ("EMAIL work", "a.m@acme.example"),
        ("TEL mobile", "+49 171 1234567"),
        ("ADR street", "Weg 1, Haus B"),
        ("ADR postal code", "53111"),
        ("BDAY", "--04-12"),
        ("NOTE", "one, two\nthree"),
        ("CATEGORIES", "Friends\nVIP"),
    ];
    for (name, value) in expected {
        assert_eq!(get(0, name), value);
    }
    assert_eq!(
        (get(1, "EMAIL"), get(1, "TEL"), get(1, "GENDER")),
        ("b@x.de\nb2@x.de".into(), "tel:+1-555-555-5555".into(), "M".into())
    );
    assert_eq!(
        (get(2, "N family"), get(2, "N given"), get(2, "TEL mobile")),
        ("Müller".into(), "Jörg".into(), "0171 2".into())
    );
    assert_eq!(
        faults(&rows),
        [(4, 33, "card.outside"), (5, 36, "card.not-a-property"), (6, 38, "card.no-end")]
    );
}

#[test]
fn rejected_rows_are_safe_and_can_be_mended() {
    let (sample, rows) = all(b"name,mail\n=cmd(),a@x.de,more\nB,b@x.de\n");
    let mut rejects = Rejects::new(Vec::new(), &sample.layout.headers).unwrap();
    rejects.unread(rows[0].as_ref().unwrap_err()).unwrap();
    rejects.write(&["@x".into(), "+49".into()], 2, 3, "mail", Reason::EmailNoAt.sentence()).unwrap();
    let out = String::from_utf8(rejects.finish().unwrap()).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "\u{feff}name,mail,row,line,column,reason");
    assert!(lines[1].starts_with("'=cmd(),a@x.de,1,2,3,it has 3 fields"), "{}", lines[1]);
    assert!(lines[1].ends_with(",more") && lines[2].starts_with("'@x,'+49,2,3,mail,"), "{out}");
}
