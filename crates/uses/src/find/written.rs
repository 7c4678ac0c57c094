//! What was written down and is found by its words: notes, files by name, items of the company's own objects. What is about a
//! person is asked for; what is the company's own is as far away as what it lies beside.

mod of_people;
mod own;

use std::collections::BTreeMap;

use assent_web::fields::{self, Kind};
use assent_web::objects;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::act::{Hit, SHOWN};
use crate::around::item::Sort;
use crate::lists::rule::words;

/// The most letters that are shown of a text, and of those before the word that was found.
const EXCERPT: usize = 120;
const BEFORE: usize = 40;

/// Notes, files, and items by the key of their object.
#[derive(Default)]
pub struct Written {
    /// Notes.
    pub notes: Vec<Hit>,
    /// Files.
    pub files: Vec<Hit>,
    /// Items, of each object in order.
    pub items: Vec<Items>,
}

/// The items of one object that were found.
pub struct Items {
    /// The key of the object.
    pub object: String,
    /// What many of them are called.
    pub called: String,
    /// The items.
    pub hits: Vec<Hit>,
}

/// What one side found: of people, or of the company's own.
#[derive(Default)]
struct Side {
    notes: Vec<Hit>,
    files: Vec<Hit>,
    items: BTreeMap<String, Vec<Hit>>,
}

/// Finds what was written down that holds all these words.
pub async fn written(ctx: &Ctx, staff: &Staff, text: &str, wanted: &[String]) -> Result<Written, Problem> {
    let sorts = sorts(ctx, staff).await?;
    let search = Search { ctx, staff, text, wanted, sorts: &sorts };
    let (mut theirs, mut own) = (of_people::found(&search).await?, own::found(&search).await?);
    let mut items = Vec::new();
    for Sort { object, .. } in sorts {
        let of = |side: &mut Side| side.items.remove(&object.key).unwrap_or_default();
        let hits = both(of(&mut own), of(&mut theirs));
        let called = objects::plural(&object).to_owned();
        items.push(Items { object: object.key, called, hits });
    }
    items.retain(|one| !one.hits.is_empty());
    Ok(Written { notes: both(theirs.notes, own.notes), files: both(theirs.files, own.files), items })
}

/// The objects in use with their fields; none for whoever sees no items.
async fn sorts(ctx: &Ctx, staff: &Staff) -> Result<Vec<Sort>, Problem> {
    if !staff.has(Object::Things) {
        return Ok(Vec::new());
    }
    let company = staff.company.id;
    let objects = objects::in_use(ctx, company).await?;
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = fields::of_objects(ctx, company).await?;
    let sort = |object: objects::Object| Sort { fields: all.remove(&object.key).unwrap_or_default(), object };
    Ok(objects.into_iter().map(sort).collect())
}

/// What is looked for, by whom.
struct Search<'a> {
    ctx: &'a Ctx,
    staff: &'a Staff,
    text: &'a str,
    wanted: &'a [String],
    sorts: &'a [Sort],
}

impl Search<'_> {
    /// The object of an item, when it is in use.
    fn sort(&self, key: &str) -> Option<&Sort> {
        self.sorts.iter().find(|sort| sort.object.key == key)
    }
}

impl Side {
    /// True when enough is found of any kind.
    fn any_full(&self) -> bool {
        let full = |hits: &Vec<Hit>| hits.len() >= SHOWN;
        full(&self.notes) || full(&self.files) || self.items.values().any(full)
    }
    /// True when more items of an object are shown.
    fn wants(&self, key: &str) -> bool {
        self.items.get(key).is_none_or(|hits| hits.len() < SHOWN)
    }
}

/// One of each in turn, so that neither takes the place of the other.
fn both(first: Vec<Hit>, second: Vec<Hit>) -> Vec<Hit> {
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut out = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() || out.len() >= SHOWN {
            out.truncate(SHOWN);
            return out;
        }
        out.extend(one.into_iter().chain(other));
    }
}

/// Whether a field holds words: a number or a day is found on the list.
const fn has_words(kind: Kind) -> bool {
    match kind {
        Kind::Text | Kind::Long | Kind::One | Kind::Several | Kind::Link => true,
        Kind::Number | Kind::Day | Kind::YesNo => false,
    }
}

/// The part of a text that shows why it was found, in one line.
fn excerpt(text: &str, wanted: &[String]) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let meant = |word: &&str| {
        words(word).iter().any(|one| wanted.iter().any(|begin| one.starts_with(begin.as_str())))
    };
    let (mut from, mut letters) = (line.iter().position(meant).unwrap_or(0), 0);
    while let Some(before) = from.checked_sub(1).and_then(|before| line.get(before)) {
        letters += before.chars().count() + 1;
        if letters > BEFORE {
            break;
        }
        from -= 1;
    }
    let rest = line.into_iter().skip(from).collect::<Vec<_>>().join(" ");
    let cut = rest.chars().count() > EXCERPT;
    let mut shown: String = if from > 0 { "… ".into() } else { String::new() };
    shown.extend(rest.chars().take(EXCERPT));
    if cut {
        shown.push('…');
    }
    shown
}

/// A label with what tells it apart, if something does.
fn with(label: String, more: Option<&str>) -> String {
    match more.filter(|more| !more.is_empty()) {
        Some(more) => format!("{label} · {more}"),
        None => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_around_the_word_that_was_found() {
        let wanted = words("KÜHL");
        assert_eq!(excerpt("Wants the\n tall one.", &wanted), "Wants the tall one.");
        let long = format!("{} the Kühlschrank is loud {}", "before ".repeat(40), "after ".repeat(60));
        let shown = excerpt(&long, &wanted);
        assert!(shown.starts_with("… before") && shown.ends_with('…') && shown.contains("Kühlschrank is"));
        assert!(shown.chars().count() <= EXCERPT + 4, "{shown}");
        let one = "x".repeat(500);
        assert_eq!(excerpt(&one, &wanted).chars().count(), EXCERPT + 1);
    }

    #[test]
    fn neither_side_takes_the_place_of_the_other() {
        let hits = |what: &str, n: usize| -> Vec<Hit> {
            (0..n).map(|n| Hit::new(format!("{what}{n}"), String::new(), String::new())).collect()
        };
        let ids = |all: Vec<Hit>| all.into_iter().map(|hit| hit.id).collect::<Vec<_>>().join(" ");
        assert_eq!(ids(both(hits("a", 9), hits("b", 9))), "a0 b0 a1 b1 a2 b2 a3 b3");
        assert_eq!(ids(both(hits("a", 1), hits("b", 3))), "a0 b0 b1 b2");
        assert_eq!(ids(both(Vec::new(), Vec::new())), "");
    }
}
