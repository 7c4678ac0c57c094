//! One page of people, cut out of a list that is known whole or read from one person on.

use assent_kernel::PersonId;

use super::list::{PAGE, Wanted};

/// The people of one page, and what lies around it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Who, in order.
    pub ids: Vec<PersonId>,
    /// True when there are people before.
    pub before: bool,
    /// True when there are people after.
    pub after: bool,
    /// How many the whole list has, as far as they were counted.
    pub total: usize,
    /// True when there are more than were counted.
    pub more: bool,
    /// From where on, against the order, the page before is read.
    pub start: Option<PersonId>,
    /// From where on the page after is read.
    pub end: Option<PersonId>,
    /// How many were looked at for the page, when rules were asked.
    pub looked: usize,
    /// True when it was looked at as many as may be, and whoever comes next was not looked at.
    pub cut: bool,
}

impl Window {
    /// The same, where the pages beside it begin at its own ends.
    fn between(self) -> Self {
        Self { start: self.ids.first().copied(), end: self.ids.last().copied(), ..self }
    }
}

/// The page of a list that is known whole.
pub fn cut(all: &[PersonId], wanted: &Wanted) -> Window {
    let place = |id: Option<PersonId>| id.and_then(|id| all.iter().position(|one| *one == id));
    let start = match (place(wanted.after), place(wanted.before)) {
        (Some(at), _) => at.saturating_add(1),
        (None, Some(at)) => at.saturating_sub(PAGE),
        (None, None) => 0,
    };
    let end = match place(wanted.before).filter(|_| wanted.after.is_none()) {
        Some(at) => at,
        None => start.saturating_add(PAGE).min(all.len()),
    };
    Window {
        ids: all.get(start..end).unwrap_or_default().to_vec(),
        before: start > 0,
        after: end < all.len(),
        total: all.len(),
        ..Window::default()
    }
    .between()
}

/// The page of a list that is read from one person on: one more than a page was read, to know whether there is more.
/// `back` when it was read against the order, from `before`.
pub fn page(mut read: Vec<PersonId>, back: bool, from_start: bool) -> Window {
    let more = read.len() > PAGE;
    read.truncate(PAGE);
    if back {
        read.reverse();
        Window { ids: read, before: more, after: true, ..Window::default() }.between()
    } else {
        Window { ids: read, before: !from_start, after: more, ..Window::default() }.between()
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::*;

    #[test]
    fn a_known_list_is_cut_into_pages_both_ways() {
        let all: Vec<PersonId> = (0..120).map(id).collect();
        let first = cut(&all, &wanted());
        assert_eq!((first.ids.len(), first.before, first.after), (50, false, true));
        let second = cut(&all, &Wanted { after: Some(id(49)), ..wanted() });
        assert_eq!(second.ids.first(), Some(&id(50)));
        let back = cut(&all, &Wanted { before: Some(id(50)), ..wanted() });
        assert_eq!(back.ids, first.ids);
        assert!(cut(&all, &Wanted { after: Some(id(119)), ..wanted() }).ids.is_empty());
        assert_eq!(cut(&all, &Wanted { before: Some(id(7)), ..wanted() }).ids.len(), 7);
    }

    fn id(n: u8) -> PersonId {
        PersonId::from_bytes([n; 16])
    }
    fn wanted() -> Wanted {
        Wanted::read(&assent_web::Fields::parse(b""), Columns::new(Vec::new()))
    }
}
