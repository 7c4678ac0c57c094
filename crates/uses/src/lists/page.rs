//! One page of a list of work that is known whole, and how much it has, in words.

use assent_web::text;

use super::{Listed, PAGE, Wanted};

/// The rows of one page, and what lies around it.
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the page before is, if there is one.
    pub before: Option<String>,
    /// Where the page after is, if there is one.
    pub after: Option<String>,
    /// How many rows the whole list has.
    pub total: usize,
}

impl<T> Page<T> {
    /// The same page of what becomes of each row.
    pub fn map<U>(self, of: impl FnMut(T) -> U) -> Page<U> {
        let Self { rows, before, after, total } = self;
        Page { rows: rows.into_iter().map(of).collect(), before, after, total }
    }
}

/// How many rows fit, in words. `read` is how many were read before any rule: a list that reads no more than the most
/// it may says `+`, for there may be others.
pub fn total(read: usize, fit: usize, one: &str, many: &str) -> String {
    let fit = u64::try_from(fit).unwrap_or(u64::MAX);
    let plus = if is_cut(read) { "+" } else { "" };
    format!("{}{plus} {}", text::count(fit), if fit == 1 && !is_cut(read) { one } else { many })
}

/// Whether there may be more rows than so many that were read.
pub fn is_cut(read: usize) -> bool {
    usize::try_from(assent_store::work::MOST).is_ok_and(|most| read >= most)
}

/// Cuts the page that is wanted out of all rows.
pub fn cut<T: Listed>(rows: Vec<T>, wanted: &Wanted) -> Page<T> {
    let total = rows.len();
    let place = |id: &str| (!id.is_empty()).then(|| rows.iter().position(|row| row.id() == id)).flatten();
    let start = match (place(&wanted.after), place(&wanted.before)) {
        (Some(at), _) => at.saturating_add(1),
        (None, Some(at)) => at.saturating_sub(PAGE),
        (None, None) => 0,
    };
    let end = match place(&wanted.before) {
        Some(at) if wanted.after.is_empty() => at,
        _ => start.saturating_add(PAGE).min(total),
    };
    let rows: Vec<T> = rows.into_iter().skip(start).take(end.saturating_sub(start)).collect();
    Page {
        before: rows.first().filter(|_| start > 0).map(|row| wanted.at("", &row.id())),
        after: rows.last().filter(|_| end < total).map(|row| wanted.at(&row.id(), "")),
        rows,
        total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_not_read_to_its_end_says_so_whatever_fits() {
        assert_eq!(total(9_999, 1, "task", "tasks"), "1 task");
        assert_eq!(total(10_000, 1, "task", "tasks"), "1+ tasks");
        assert_eq!(total(10_000, 0, "task", "tasks"), "0+ tasks");
        assert_eq!(total(120, 120, "deal", "deals"), "120 deals");
    }
}
