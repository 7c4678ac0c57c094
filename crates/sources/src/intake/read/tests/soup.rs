use jiff::civil::Date;
use proptest::prelude::*;

use crate::intake::read::*;

fn read_all(bytes: &[u8]) {
    let Ok(sample) = Sample::take(bytes, Some(bytes.len() as u64)) else { return };
    let context = Context {
        country: Some("DE"),
        order: date::Order::Unclear,
        today: Date::constant(2026, 1, 1),
        own: None,
    };
    let mut rejects = Rejects::new(Vec::new(), &sample.layout.headers).unwrap();
    for row in Contacts::open(bytes, &sample.layout, None).unwrap() {
        match row {
            Ok(row) => row.fields.iter().for_each(|field| {
                for target in Target::ALL {
                    value::read(*target, field, &context);
                }
            }),
            Err(error) => rejects.unread(&error).unwrap(),
        }
    }
    rejects.finish().unwrap();
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        rows in prop::collection::vec(prop::collection::vec("[a-zäß ,;|\t\"'\r\n0-9@.=]{0,12}", 3), 1..20),
        delimiter in prop::sample::select(b",;\t|^~:".to_vec()),
        ending in prop::sample::select(vec![::csv::Terminator::CRLF, ::csv::Terminator::Any(b'\n'), ::csv::Terminator::Any(b'\r')]),
    ) {
        let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).terminator(ending)
            .quote_style(::csv::QuoteStyle::Always).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let headers = ["a", "b", "c"].map(str::to_owned).to_vec();
        let layout = Layout { format: Format::Csv { delimiter, header: false }, headers };
        let read: Vec<Vec<String>> =
            Contacts::open(&bytes[..], &layout, None).unwrap().map(|row| row.unwrap().fields).collect();
        let blank = |row: &Vec<String>| row.iter().all(|field| field.trim_ascii().is_empty());
        let written: Vec<Vec<String>> = rows.into_iter().filter(|row| !blank(row)).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn any_bytes_end_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_ends_without_a_panic(text in "([a-zé0-9@,;:\"=\\\\. +-]|\r|\n|\t|\0|[^a]){0,300}") {
        read_all(text.as_bytes());
        read_all(format!("name,mail\n{text}").as_bytes());
    }

    #[test]
    fn any_card_ends_without_a_panic(
        lines in prop::collection::vec("(BEGIN:VCARD|END:VCARD|N:|TEL;|EMAIL|;TYPE=|:|=| |QUOTED-PRINTABLE:a=|BDAY:1604|\r\n|.){0,8}", 0..40)
    ) {
        read_all(format!("BEGIN:VCARD\n{}", lines.join("\n")).as_bytes());
    }
}
