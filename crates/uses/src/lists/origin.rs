//! A record that was opened from a list: the state of the list stands in the record's address, so that the record before
//! and the one after are those of the list, and so that one comes back to it.

use std::convert::Infallible;

use assent_web::Fields;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Listed;

/// The word in the address of a record.
const IN: &str = "in";
/// The longest state that is carried, as it stands in an address: what is longer is left out.
const LONGEST: usize = 1_200;
/// What of an address is about the page that was seen, not about the list.
const PASSING: [&str; 3] = ["said", "undo", "of"];

/// The list that a record was opened from; none when nothing was said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin(Option<String>);

impl Origin {
    /// A list, by its address. One that nothing narrows or orders needs no word: without one records follow by age.
    pub fn of(href: &str) -> Self {
        Self::new(href.split_once('?').map_or("", |(_, query)| query))
    }

    /// What the address of a record, or a form on it, says.
    pub fn read(fields: &Fields) -> Self {
        Self::new(fields.get(IN))
    }

    fn new(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !PASSING.contains(&&**name));
        let clean = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self(Some(clean).filter(|clean| !clean.is_empty() && encoded(clean).len() <= LONGEST))
    }

    /// The state, as the list reads it.
    pub fn state(&self) -> Option<Fields> {
        self.0.as_ref().map(|query| Fields::parse(query.as_bytes()))
    }

    /// The address of something about a record, with the list in it.
    pub fn on(&self, href: &str) -> String {
        let Some(query) = &self.0 else { return href.to_owned() };
        let glue = if href.contains('?') { '&' } else { '?' };
        format!("{href}{glue}{IN}={}", encoded(query))
    }

    /// The list as it was seen, of whatever list this page is.
    pub fn list(&self, path: &str) -> String {
        self.0.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What lies right before and right after a row among rows in their order.
pub fn beside<T: Listed>(rows: &[T], id: &str) -> (Option<String>, Option<String>) {
    let Some(at) = rows.iter().position(|row| row.id() == id) else { return (None, None) };
    let one = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(Listed::id);
    (one(at.checked_sub(1)), one(at.checked_add(1)))
}

/// The rows before a row, the nearest first, and those after it.
pub fn around<T: Listed>(mut rows: Vec<T>, id: &str) -> (Vec<T>, Vec<T>) {
    let Some(at) = rows.iter().position(|row| row.id() == id) else { return (Vec::new(), Vec::new()) };
    let after = rows.split_off(at.saturating_add(1));
    rows.truncate(at);
    rows.reverse();
    (rows, after)
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    struct Row(&'static str);
    impl Listed for Row {
        fn id(&self) -> String {
            self.0.to_owned()
        }
        fn value(&self, _: &str) -> Value {
            Value::Text(None)
        }
    }

    #[test]
    fn the_state_of_a_list_travels_with_a_record_and_leads_back() {
        let from = Origin::of("/deals?f=title.has.a%26b&sort=-amount&said=changed&after=del_x");
        let href = from.on("/deals/del_1");
        assert_eq!(href, "/deals/del_1?in=f%3Dtitle.has.a%2526b%26sort%3D-amount%26after%3Ddel_x");
        let read = Origin::read(&Fields::parse(href.split_once('?').unwrap().1.as_bytes()));
        assert_eq!(read, from);
        assert_eq!(read.list("/deals"), "/deals?f=title.has.a%26b&sort=-amount&after=del_x");
        assert_eq!(read.state().unwrap().get("f"), "title.has.a&b");
        assert_eq!(from.on("/deals/del_1?tab=notes").matches('?').count(), 1);
    }

    #[test]
    fn nothing_or_too_much_is_not_carried() {
        for href in ["/deals", "/deals?", "/deals?said=changed", &format!("/deals?q={}", "x".repeat(1_300))] {
            assert_eq!(Origin::of(href), Origin::default(), "{href}");
        }
        assert_eq!(Origin::default().on("/deals/x"), "/deals/x");
        assert_eq!(
            (Origin::default().list("/deals"), Origin::default().state().is_none()),
            ("/deals".into(), true)
        );
    }

    #[test]
    fn what_lies_beside_a_row_is_told_in_the_order_of_the_list() {
        let rows = || vec![Row("a"), Row("b"), Row("c"), Row("d")];
        assert_eq!(beside(&rows(), "b"), (Some("a".into()), Some("c".into())));
        assert_eq!((beside(&rows(), "a").0, beside(&rows(), "d").1), (None, None));
        assert_eq!(beside(&rows(), "x"), (None, None));
        let (before, after) = around(rows(), "c");
        let ids = |rows: Vec<Row>| rows.iter().map(|row| row.0).collect::<String>();
        assert_eq!((ids(before), ids(after)), ("ba".into(), "d".into()));
    }
}
