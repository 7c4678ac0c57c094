//! Files of contacts: tables, cards, what their columns mean, and their cells.

use assent_sources::intake::read::date::{self, Order};
use assent_sources::intake::read::row::{MAX_COLUMNS, MAX_FIELD};
use assent_sources::intake::read::{
    value, vcard, Contacts, Context, Format, Layout, Mapping, Row, RowError, Sample, Target,
};
use jiff::civil::Date;

/// Reads a file to its end, and once more from half way: the rest must be the same.
fn read(data: &[u8], layout: &Layout) {
    let Ok(mut contacts) = Contacts::open(data, layout, None) else { return };
    let (mut rows, mut places): (Vec<Result<Row, RowError>>, Vec<_>) = (Vec::new(), vec![contacts.place()]);
    while let Some(row) = contacts.next() {
        if let Ok(row) = &row {
            assert!(row.fields.len() <= MAX_COLUMNS);
            assert!(row.fields.iter().all(|field| field.len() <= 3 * MAX_FIELD));
        }
        rows.push(row);
        places.push(contacts.place());
        assert!(rows.len() <= data.len() + 1, "more rows than bytes");
    }
    let half = rows.len() / 2;
    let again: Vec<_> =
        Contacts::open(data, layout, Some(places[half])).map(Iterator::collect).unwrap_or_default();
    assert_eq!(format!("{again:?}"), format!("{:?}", &rows[half..]), "taken up again after {half} rows");
}

pub(crate) fn csv(data: &[u8]) {
    if let Ok(sample) = Sample::take(data, Some(data.len() as u64)) {
        assert!(sample.layout.headers.len() <= MAX_COLUMNS);
        let _ = sample.mapping.problems(&sample.layout.headers);
        read(data, &sample.layout);
    }
}

pub(crate) fn vcard(data: &[u8]) {
    read(data, &Layout { format: Format::VCard, headers: vcard::COLUMNS.map(str::to_owned).to_vec() });
}

pub(crate) fn mapping(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let names: Vec<String> = text.split('\n').take(MAX_COLUMNS).map(str::to_owned).collect();
    let guessed = Mapping::guess(&names, &[names.clone()]);
    assert_eq!(guessed.columns.len(), names.len());
    let written = serde_json::to_vec(&guessed).unwrap();
    assert_eq!(serde_json::from_slice::<Mapping>(&written).unwrap(), guessed);
    if let Ok(given) = serde_json::from_slice::<Mapping>(data) {
        let _ = given.problems(&names);
    }
}

pub(crate) fn values(data: &[u8]) {
    let Some((which, cell)) = data.split_first() else { return };
    let target = Target::ALL[usize::from(*which) % Target::ALL.len()];
    let order = [Order::DayFirst, Order::MonthFirst, Order::Unclear, Order::Mixed][usize::from(*which) % 4];
    let context = Context { country: Some("DE"), order, today: Date::constant(2026, 1, 1), own: None };
    let cell = String::from_utf8_lossy(cell);
    for read in value::read(target, &cell, &context).into_iter().flatten() {
        assert!(!read.text.is_empty());
        assert!(read.text.len() <= MAX_FIELD);
    }
}

pub(crate) fn dates(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let order = date::order(text.split('\n'));
    for order in [order, Order::DayFirst, Order::MonthFirst] {
        if let Ok((found, _)) = date::parse(&text, order) {
            // What was understood is understood again.
            assert_eq!(date::parse(&found.to_string(), order).map(|(again, _)| again), Ok(found));
        }
    }
}
