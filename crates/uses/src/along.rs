//! Rows of a list taken along as a table. Whatever in them is about a person is asked for as an export, value by value,
//! and written down as one; the rest is the company's own. Shared by the rooms whose lists are of work.

mod foresee;
mod page;
#[cfg(test)]
mod story;

use assent_kernel::Timestamp;
use assent_store::work::Text;
use assent_web::{Ctx, Problem, Staff, file, text};

use crate::lists::{self, Column, Kind, Listed, Value, Word};
use crate::seen::cell::Cell;
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::{self, Opened};

pub use page::{Along, ids, show, table_of};

/// The most rows that are taken along at once.
pub const MOST: usize = 5_000;
/// Rows whose texts are asked for in one commit.
const AT_ONCE: usize = 250;

/// A list whose rows can be taken along.
#[derive(Debug, Clone)]
pub struct Sort {
    /// Where the list is.
    pub path: Word,
    /// What it is called.
    pub label: Word,
    /// What one row is, as the head of its ids.
    pub one: Word,
    /// The column of the text of a row, and what those texts are called; none when no row is about a person.
    pub text: Option<(&'static str, &'static str)>,
    /// The column of whom a row is about, and what they are called.
    pub whom: Option<(&'static str, &'static str)>,
    /// Whether what stands in the company's own fields may be about people.
    pub own: bool,
    /// What stands beside a column: an amount is worth nothing without its currency.
    pub beside: Option<(&'static str, &'static str)>,
}

/// A row that can be taken along.
pub trait Goes: Listed {
    /// The text that heads it, with the id it is sealed for; none when it is about nobody by nature.
    fn text(&self) -> Option<([u8; 16], &Text)>;

    /// The person's value that stands in a column of the company's own fields; none when it is about nobody.
    fn value_of(&self, _column: &str) -> Option<&Text> {
        None
    }

    /// What stands in a column that is not about a person.
    fn plain(&self, column: &Column) -> String {
        plain(&self.value(&column.key), column.kind)
    }
}

/// A value as programs read it: days as days, amounts without words.
pub fn plain(value: &Value, kind: Kind) -> String {
    match (value, kind) {
        (Value::Text(text), _) => text.clone().unwrap_or_default(),
        (Value::Number(None), _) => String::new(),
        (Value::Number(Some(at)), Kind::Day) => {
            spoken::day(Some(Timestamp::from_micros(*at))).unwrap_or_default()
        }
        (Value::Number(Some(cents)), Kind::Money) => decimal(*cents, 100),
        (Value::Number(Some(number)), Kind::Number | Kind::Text) => decimal(*number, 1_000_000),
    }
}

/// A number in parts of one, as a decimal: `-12.50`.
fn decimal(number: i64, parts: u64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (number.unsigned_abs() / parts, number.unsigned_abs() % parts);
    let digits = parts.ilog10() as usize;
    format!("{sign}{whole}.{rest:0digits$}")
}

/// The terms of a value, in one line: for what, until when, from where.
pub fn terms(cell: &Cell, words: &Words<'_>) -> String {
    match cell {
        Cell::Unknown => String::new(),
        Cell::Open(seen) => {
            let until = match seen.open.until {
                Timestamp::MAX => "as long as the rule holds".to_owned(),
                until => format!("until {}", text::iso(until.micros())),
            };
            format!("for {}, {until}, from {}", words.purpose, seen.fact.source)
        }
        Cell::Closed(reason) => {
            format!("closed: {}", reason.as_ref().map_or("UNREADABLE", assent_kernel::Reason::code))
        }
    }
}

impl Sort {
    fn is_fact(&self, key: &str) -> bool {
        let own = self.own && key.starts_with(lists::own::HEAD);
        own || [self.text, self.whom].into_iter().flatten().any(|(column, _)| column == key)
    }

    /// Whether people are named in these columns; only then their names are asked for.
    fn names(&self, columns: &[&Column]) -> bool {
        self.whom.is_some_and(|(whom, _)| columns.iter().any(|column| column.key == whom))
    }

    /// The heads of the table.
    fn head(&self, columns: &[&Column]) -> Vec<String> {
        let mut out = vec![self.one.to_string()];
        for column in columns {
            // A field of the company's own is called as it calls it, unless another column is called so.
            let plain = column.key.strip_prefix(lists::own::HEAD).unwrap_or(&column.key);
            let taken = plain != column.key && columns.iter().any(|other| other.key == plain);
            let name = if taken { column.key.as_ref() } else { plain };
            out.push(name.to_owned());
            if self.is_fact(&column.key) {
                out.push(format!("{name}_terms"));
            }
            out.extend(self.besides(&column.key).map(str::to_owned));
        }
        out
    }

    fn besides(&self, key: &str) -> Option<&'static str> {
        self.beside.filter(|(column, _)| *column == key).map(|(_, beside)| beside)
    }

    /// The cells of a row.
    fn line<R: Goes>(&self, row: &R, columns: &[&Column], opened: &Opened, words: &Words<'_>) -> Vec<String> {
        let mut out = vec![row.id()];
        for column in columns {
            match self.cell(row, (&column.key, columns), (opened, words)) {
                Some(cell) => {
                    out.push(cell.seen().map(|seen| seen.text.clone()).unwrap_or_default());
                    out.push(terms(&cell, words));
                }
                None => {
                    out.push(self.own(row, column, opened));
                    out.extend(self.is_fact(&column.key).then(String::new));
                }
            }
            out.extend(self.besides(&column.key).map(|key| plain(&row.value(key), Kind::Text)));
        }
        out
    }

    /// What came out of a column that is about a person; nothing where this row's is about nobody.
    fn cell<R: Goes>(
        &self,
        row: &R,
        (key, columns): (&str, &[&Column]),
        (opened, words): (&Opened, &Words<'_>),
    ) -> Option<Cell> {
        if let Some(text) = row.value_of(key) {
            return Some(opened.told(text, words));
        }
        let (_, text) = row.text().filter(|(_, text)| text.person().is_some())?;
        let is = |one: Option<(&str, &str)>| one.is_some_and(|(column, _)| column == key);
        match (is(self.text), is(self.whom)) {
            (true, _) => Some(opened.cell(text).map_or(Cell::Closed(None), |(_, cell)| cell.clone())),
            (_, true) if self.text.is_some() => Some(opened.whom(text)),
            (_, true) => Some(whom(values(row, columns), opened)),
            (false, false) => None,
        }
    }

    /// What of a row is asked for to be taken along in these columns: what stands in them, and what heads it where that
    /// alone tells whom it is about. Each with whether the person is named beside it.
    fn asked<'a, R: Goes>(&self, row: &'a R, columns: &[&Column]) -> Vec<(&'a Text, bool)> {
        let (heads, names) = (self.text.is_some(), self.names(columns));
        let shown = |(key, _): (&str, &str)| columns.iter().any(|column| column.key == key);
        let head = self.text.is_some_and(|text| shown(text) || names);
        let head = row.text().filter(|_| head).map(|(_, text)| (text, names));
        head.into_iter().chain(values(row, columns).into_iter().map(|text| (text, names && !heads))).collect()
    }

    /// What stands in a column of a row that is the company's own.
    fn own<R: Goes>(&self, row: &R, column: &Column, opened: &Opened) -> String {
        let heads = self.text.is_some_and(|(key, _)| key == column.key);
        match row.text().filter(|_| heads) {
            Some((id, text)) => opened.plain(id, text).unwrap_or_default(),
            None => row.plain(column),
        }
    }
}

/// The values of people that stand in the company's own fields of a row.
fn values<'a, R: Goes>(row: &'a R, columns: &[&Column]) -> Vec<&'a Text> {
    columns.iter().filter_map(|column| row.value_of(&column.key)).collect()
}

/// Whom a row is about that nothing heads: told by what is taken along of it, if something of that is open.
fn whom(values: Vec<&Text>, opened: &Opened) -> Cell {
    let open = values.iter().find(|text| opened.tells(text));
    open.or(values.first()).map_or(Cell::Unknown, |text| opened.whom(text))
}

/// A table (RFC 4180) of rows, with these columns; beside what is about a person stand its terms.
async fn table<R: Goes>(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    rows: &[R],
    columns: &[&Column],
) -> Result<String, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = crate::frame::words(ctx, staff, &standing.policy);
    let mut out = file::row(sort.head(columns).iter().map(String::as_str));
    for some in rows.chunks(AT_ONCE) {
        let all = some.iter().flat_map(|row| sort.asked(row, columns));
        let opened = texts::exported(ctx, staff, all).await?;
        for row in some {
            let cells = sort.line(row, columns, &opened, &words);
            out += &file::row(cells.iter().map(String::as_str));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_programs_read_it() {
        assert_eq!((decimal(129_950, 100), decimal(-5, 100)), ("1299.50".into(), "-0.05".into()));
        assert_eq!(decimal(2_500_000, 1_000_000), "2.500000");
        assert_eq!(plain(&Value::Number(None), Kind::Money), "");
        assert_eq!(plain(&Value::Number(Some(86_400_000_000)), Kind::Day), "1970-01-02");
    }
}
