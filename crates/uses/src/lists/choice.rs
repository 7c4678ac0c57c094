//! Which columns a list shows, and in which order: chosen in a form, told in the address.

use assent_web::Fields;

use super::{Column, Word};

/// The field by which a form says that it chooses columns.
pub const SET: &str = "columns";

/// A column as it is offered.
pub struct Choice<'a> {
    /// Which.
    pub column: &'a Column,
    /// Whether it is shown now.
    pub shown: bool,
    /// Its place, from one on.
    pub place: usize,
}

/// The columns beside the first one, in the order in which they are shown. `said` are the words of an address.
pub fn shown<'a>(said: &[Word], columns: &'a [Column]) -> Vec<&'a Column> {
    let others = columns.get(1..).unwrap_or_default();
    if said.is_empty() {
        return others.iter().filter(|column| column.usual).collect();
    }
    said.iter().filter_map(|key| others.iter().find(|column| column.key == *key)).collect()
}

/// Every column beside the first one: those that are shown in their order, then the others.
pub fn choices<'a>(said: &[Word], columns: &'a [Column]) -> Vec<Choice<'a>> {
    let now = shown(said, columns);
    let others = columns.iter().skip(1).filter(|column| !now.contains(column));
    let all = now.iter().map(|column| (*column, true)).chain(others.map(|column| (column, false)));
    let choice = |(n, (column, shown)): (usize, (&'a Column, bool))| Choice { column, shown, place: n + 1 };
    all.enumerate().map(choice).collect()
}

/// What an address or the form says: each column once, in order. What is usual is not said.
pub fn chosen(columns: &[Column], fields: &Fields) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for key in fields.all("col").filter_map(|text| columns.iter().find(|one| one.key == text)) {
        if !out.contains(&key.key) {
            out.push(key.key.clone());
        }
    }
    if fields.has(SET) {
        out = placed(out, fields);
        // Nothing but the first column is a choice too.
        if out.is_empty() {
            out.extend(columns.first().map(|first| first.key.clone()));
        }
    }
    let usual = shown(&[], columns);
    if usual.iter().map(|column| &column.key).eq(out.iter()) { Vec::new() } else { out }
}

/// In the order of the numbers typed beside them. The form lists those that are shown in their places, so whoever asks for
/// a place that is taken gets it, and the other makes room.
fn placed(ticked: Vec<Word>, fields: &Fields) -> Vec<Word> {
    let typed = |key: &Word| fields.get(&format!("at.{key}")).parse::<usize>().unwrap_or(usize::MAX);
    let mut all: Vec<(usize, std::cmp::Ordering, Word)> = Vec::new();
    for (n, key) in ticked.into_iter().enumerate() {
        let to = typed(&key);
        all.push((to, to.cmp(&n.saturating_add(1)), key));
    }
    all.sort_by_key(|(to, moved, _)| (*to, *moved));
    all.into_iter().map(|(_, _, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::usual("name", "Name", Kind::Text),
        Column::usual("email", "E-mail", Kind::Text),
        Column::usual("phone", "Phone", Kind::Text),
        Column::other("city", "City", Kind::Text),
    ];

    fn read(query: &str) -> String {
        chosen(COLUMNS, &Fields::parse(query.as_bytes())).join(" ")
    }

    #[test]
    fn columns_stand_in_the_order_of_the_address_and_each_once() {
        assert_eq!(read("col=city&col=email&col=city&col=nothing"), "city email");
        let said: Vec<Word> = vec!["city".into(), "name".into(), "email".into()];
        let keys: Vec<&str> = shown(&said, COLUMNS).iter().map(|one| one.key.as_ref()).collect();
        assert_eq!(keys, ["city", "email"], "the first column is always there and needs no choice");
    }

    #[test]
    fn what_is_usual_is_not_said() {
        assert_eq!(read(""), "");
        assert_eq!(read("columns=1&col=email&at.email=1&col=phone&at.phone=2"), "");
        assert_eq!(read("columns=1"), "name", "nothing else at all");
    }

    #[test]
    fn a_form_puts_a_column_where_it_is_wanted() {
        let places = |email: u8, phone: u8, city: u8| {
            read(&format!(
                "columns=1&col=email&at.email={email}&col=phone&at.phone={phone}&col=city&at.city={city}"
            ))
        };
        assert_eq!(places(1, 2, 1), "city email phone", "up");
        assert_eq!(places(3, 2, 3), "phone city email", "down");
        assert_eq!(places(1, 2, 3), "email phone city");
        assert_eq!(read("columns=1&col=email&at.email=x&col=phone&at.phone=1"), "phone email");
    }
}
