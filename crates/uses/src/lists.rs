//! Lists of every room: rules with and/or, sorting, columns, pages by cursor and saved views, all in the address.
//!
//! A rule or a sort never tells what is closed: a value that is not open whole matches no rule, not even "is not", and
//! comes last in either direction.

mod api;
pub mod bar;
pub mod call;
mod choice;
pub mod leaf;
pub mod origin;
pub mod own;
mod page;
mod room;
pub mod rule;
pub mod saved;
mod shared;
#[cfg(test)]
mod story;

use std::borrow::Cow;
use std::cmp::Ordering;

use assent_store::work::Days;
use assent_web::Fields;
use assent_web::catalogue::{Lang, german, lang};
use assent_web::parts::Order;

pub use choice::shown;
pub use page::{Page, cut, is_cut, total};
pub use room::Lists;
pub use rule::{Op, Rule, Value};

/// Rows on one page.
pub const PAGE: usize = 50;
/// The most rules of one list.
const MOST_RULES: usize = 12;
/// The longest value of a rule, in characters.
const LONGEST: usize = 120;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// An amount, in hundredths.
    Money,
    /// A day.
    Day,
    /// A number, in millionths.
    Number,
}

/// The name of a column, or the page of a list: one that is always there, or one that the company made.
pub type Word = Cow<'static, str>;

/// A label in the language of whoever reads; what the company wrote is as it wrote it.
fn said(label: &Word) -> &str {
    match label {
        Cow::Borrowed(ours) if lang() == Lang::German => german(ours).unwrap_or(ours),
        Cow::Borrowed(label) => label,
        Cow::Owned(theirs) => theirs,
    }
}

/// A column of a list. The first one of a list leads to the record: it is always there, and always first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The word in an address.
    pub key: Word,
    /// What it is called.
    pub label: Word,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is shown when nothing else is said.
    pub usual: bool,
    /// What can be chosen in it: the word that rules have for it, and how it is read.
    pub choices: Vec<(String, String)>,
}

impl Column {
    /// A column that is shown when nothing else is said.
    pub const fn usual(key: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { key: Cow::Borrowed(key), label: Cow::Borrowed(label), kind, usual: true, choices: Vec::new() }
    }
    /// A column that is shown when it is chosen.
    pub const fn other(key: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { key: Cow::Borrowed(key), label: Cow::Borrowed(label), kind, usual: false, choices: Vec::new() }
    }
    /// What it is called, in the language of whoever reads; a field of the company's own as the company calls it.
    pub fn said(&self) -> &str {
        said(&self.label)
    }
}

/// Something that a list shows.
pub trait Listed {
    /// What it is told apart by, as it stands in an address.
    fn id(&self) -> String;
    /// What is known of a column, as far as it is open.
    fn value(&self, column: &str) -> Value;
}

/// What is wanted of a list: all of it stands in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The page of the list.
    pub path: Word,
    /// What else stands in the address: the shape, the pipeline.
    pub extra: Vec<(&'static str, String)>,
    /// A word that a row must hold.
    pub q: String,
    /// True when one rule is enough; else all must hold.
    pub any: bool,
    /// The rules.
    pub rules: Vec<Rule>,
    /// By which column it is sorted, and whether the largest comes first.
    pub sort: Option<(Word, bool)>,
    /// Which columns are shown, in their order; none when nothing was said.
    pub columns: Vec<Word>,
    /// The page after this row.
    pub after: String,
    /// The page before this row.
    pub before: String,
}

impl Wanted {
    /// Reads it from an address; what it does not know counts as not said.
    pub fn read(path: impl Into<Word>, columns: &[Column], extra: &[&'static str], fields: &Fields) -> Self {
        let known = |text: &str| columns.iter().find(|one| one.key == text).map(|one| one.key.clone());
        let cursor = |name: &str| fields.get(name).chars().take(40).collect::<String>();
        let mut rules: Vec<Rule> =
            fields.all("f").filter_map(|one| Rule::read(one, columns)).take(MOST_RULES).collect();
        let added = format!("{}.{}.{}", fields.get("ff"), fields.get("fo"), fields.get("fv"));
        rules.extend(Rule::read(&added, columns).filter(|rule| fields.has("ff") && !rules.contains(rule)));
        rules.truncate(MOST_RULES);
        let sort = fields.get("sort");
        let descending = sort.starts_with('-');
        Self {
            path: path.into(),
            extra: extra
                .iter()
                .filter(|name| !fields.get(name).is_empty())
                .map(|name| (*name, fields.get(name).chars().take(40).collect()))
                .collect(),
            q: fields.get("q").chars().take(LONGEST).collect(),
            any: fields.get("any") == "1",
            rules,
            sort: known(sort.trim_start_matches('-')).map(|key| (key, descending)),
            columns: choice::chosen(columns, fields),
            after: cursor("after"),
            before: cursor("before"),
        }
    }

    /// True when a form added a rule or chose columns: the address should say it in its own words.
    pub fn added(fields: &Fields) -> bool {
        fields.has("ff") || fields.has(choice::SET)
    }

    /// What stands in the address under a name.
    pub fn extra(&self, name: &str) -> &str {
        self.extra.iter().find(|(one, _)| *one == name).map_or("", |(_, value)| value)
    }

    /// The first page, with something else in the address.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut out = self.first();
        out.extra.retain(|(one, _)| *one != name);
        if !value.is_empty() {
            out.extra.push((name, value.to_owned()));
        }
        out
    }

    /// The first page.
    pub fn first(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The first page without one rule.
    pub fn without(&self, rule: &Rule) -> Self {
        let mut out = self.first();
        out.rules.retain(|one| one != rule);
        out
    }

    /// The first page, sorted by a column; the other way round when it is sorted so already.
    pub fn sorted(&self, key: &Word) -> Self {
        let down = self.sort.as_ref().is_some_and(|(now, down)| now == key && !down);
        Self { sort: Some((key.clone(), down)), ..self.first() }
    }

    /// How a column is ordered now.
    pub fn order(&self, key: &str) -> Order {
        match &self.sort {
            Some((now, true)) if now == key => Order::Down,
            Some((now, false)) if now == key => Order::Up,
            Some(_) | None => Order::None,
        }
    }

    /// The columns beside the first one, in the order in which they are shown.
    pub fn shown<'a>(&self, columns: &'a [Column]) -> Vec<&'a Column> {
        choice::shown(&self.columns, columns)
    }

    /// True when something narrows the list.
    pub fn narrows(&self) -> bool {
        !self.q.is_empty() || !self.rules.is_empty()
    }

    /// True when nothing narrows or orders it by a value: its rows stand as they lie in the store, newest first.
    pub fn is_plain(&self) -> bool {
        !self.narrows() && self.sort.is_none()
    }

    /// Everything in the address as name and value, but for the cursor.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut out = self.extra.clone();
        if !self.q.is_empty() {
            out.push(("q", self.q.clone()));
        }
        if self.any {
            out.push(("any", "1".into()));
        }
        out.extend(self.rules.iter().map(|rule| ("f", rule.to_string())));
        if let Some((key, down)) = &self.sort {
            out.push(("sort", format!("{}{key}", if *down { "-" } else { "" })));
        }
        out.extend(self.columns.iter().map(|key| ("col", key.to_string())));
        out
    }

    /// The state of the list as the end of an address, without the cursor.
    pub fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The address of the page after a row, or before one.
    pub fn at(&self, after: &str, before: &str) -> String {
        Self { after: after.to_owned(), before: before.to_owned(), ..self.clone() }.href()
    }

    /// Its address.
    pub fn href(&self) -> String {
        let mut pairs = self.pairs();
        if !self.after.is_empty() {
            pairs.push(("after", self.after.clone()));
        } else if !self.before.is_empty() {
            pairs.push(("before", self.before.clone()));
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        if query.is_empty() { self.path.to_string() } else { format!("{}?{query}", self.path) }
    }

    /// Whether a row is wanted.
    pub fn takes(&self, row: &impl Listed, now: assent_kernel::Timestamp, searched: &[&str]) -> bool {
        let holds = |rule: &Rule| rule.holds(&row.value(&rule.field), now);
        let ruled = match (self.rules.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => self.rules.iter().any(holds),
            (false, false) => self.rules.iter().all(holds),
        };
        ruled && self.finds(row, searched)
    }

    /// Whether the rules, the order or what is looked for depend on one of these columns.
    pub fn touches(&self, columns: &[&str], searched: &[&str]) -> bool {
        let named = |key: &str| columns.contains(&key);
        self.rules.iter().any(|rule| named(&rule.field))
            || self.sort.as_ref().is_some_and(|(key, _)| named(key))
            || !rule::words(&self.q).is_empty() && searched.iter().any(|key| named(key))
    }

    /// Whether a row may still be wanted, judged by the columns that are not among these.
    pub fn may_take(&self, row: &impl Listed, now: assent_kernel::Timestamp, unknown: &[&str]) -> bool {
        let judged = |rule: &&Rule| !unknown.contains(&rule.field.as_ref());
        self.any || self.rules.iter().filter(judged).all(|rule| rule.holds(&row.value(&rule.field), now))
    }

    /// The days that the rules about a column leave, when all rules must hold.
    pub fn days(&self, column: &str, now: assent_kernel::Timestamp) -> Days {
        let mine = self.rules.iter().filter(|rule| !self.any && rule.field == column);
        mine.fold(Days::default(), |days, rule| days.and(rule.days(now)))
    }

    /// Whether every word that is looked for begins a word of the row.
    fn finds(&self, row: &impl Listed, searched: &[&str]) -> bool {
        let wanted = rule::words(&self.q);
        if wanted.is_empty() {
            return true;
        }
        let known: Vec<String> = searched
            .iter()
            .filter_map(|column| match row.value(column) {
                Value::Text(text) => text,
                Value::Number(_) => None,
            })
            .flat_map(|text| rule::words(&text))
            .collect();
        wanted.iter().all(|word| known.iter().any(|one| one.starts_with(word.as_str())))
    }

    /// Sorts rows as wanted; who has no value there comes last, and equals stay in their order.
    pub fn sort<T: Listed>(&self, rows: &mut [T]) {
        let Some((key, down)) = &self.sort else { return };
        rows.sort_by(|a, b| match (a.value(key).known(), b.value(key).known()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => {
                let order = a.compare(&b);
                if *down { order.reverse() } else { order }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] =
        &[Column::usual("title", "Title", Kind::Text), Column::usual("amount", "Amount", Kind::Money)];

    struct Row(u32, Option<&'static str>, Option<i64>);

    impl Listed for Row {
        fn id(&self) -> String {
            format!("r_{}", self.0)
        }
        fn value(&self, column: &str) -> Value {
            match column {
                "title" => Value::Text(self.1.map(str::to_owned)),
                _ => Value::Number(self.2),
            }
        }
    }

    fn wanted(query: &str) -> Wanted {
        Wanted::read("/list", COLUMNS, &["view"], &Fields::parse(query.as_bytes()))
    }

    #[test]
    fn the_address_holds_the_whole_state() {
        let query = "view=board&q=a%26b&any=1&f=title.has.x.y&sort=-amount&col=title";
        assert_eq!(wanted(query).href(), format!("/list?{query}"));
        assert_eq!(wanted("f=secret.is.x&sort=nothing&col=none").href(), "/list");
        assert_eq!(wanted("ff=amount&fo=from&fv=10").href(), "/list?f=amount.from.10");
        assert_eq!(wanted(&"f=title.is.x&".repeat(99)).rules.len(), MOST_RULES);
    }

    #[test]
    fn what_is_closed_matches_no_rule_and_sorts_last() {
        let now = assent_kernel::Timestamp::from_micros(0);
        let closed = Row(1, None, Some(5));
        for rule in ["title.is.x", "title.not.x", "title.has.x", "title.empty.", "title.set."] {
            assert!(!wanted(&format!("f={rule}")).takes(&closed, now, &["title"]), "{rule}");
        }
        assert!(!wanted("q=x").takes(&closed, now, &["title"]));
        for sort in ["sort=title", "sort=-title"] {
            let mut rows = vec![Row(1, None, None), Row(2, Some("b"), None), Row(3, Some("a"), None)];
            wanted(sort).sort(&mut rows);
            assert_eq!(rows.last().map(|row| row.0), Some(1), "{sort}");
        }
    }

    #[test]
    fn rules_are_joined_by_and_or_by_or() {
        let now = assent_kernel::Timestamp::from_micros(0);
        let row = Row(1, Some("Fridge for Lübeck"), Some(250_000));
        assert!(wanted("f=title.has.fridge&f=amount.from.2000").takes(&row, now, &[]));
        assert!(!wanted("f=title.has.brush&f=amount.from.2000").takes(&row, now, &[]));
        assert!(wanted("any=1&f=title.has.brush&f=amount.from.2000").takes(&row, now, &[]));
        assert!(wanted("q=lub+fri").takes(&row, now, &["title"]));
        assert!(!wanted("f=amount.to.2499.99").takes(&row, now, &[]));
    }

    #[test]
    fn pages_neither_skip_nor_repeat() {
        let rows = || (0..120).map(|n| Row(n, None, None)).collect::<Vec<_>>();
        let first = cut(rows(), &wanted(""));
        assert_eq!((first.rows.len(), first.total, first.before.is_none()), (PAGE, 120, true));
        let second = cut(rows(), &wanted("after=r_49"));
        assert_eq!(second.rows.first().map(|row| row.0), Some(50));
        let back = cut(rows(), &wanted("before=r_50"));
        assert_eq!(back.rows.first().map(|row| row.0), Some(0));
        assert!(cut(rows(), &wanted("after=r_119")).rows.is_empty());
    }
}
