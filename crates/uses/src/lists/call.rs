//! A list as a program asks for it: the same rules, search and order as in the address of its page, or a saved view. What a
//! page leaves aside is refused here, because a program that is not understood must not be told more than it asked for.

use std::borrow::Cow;

use assent_web::api::shape::may;
use assent_web::api::{Call, Field, Reply, Shape};
use assent_web::{Fields, Problem};
use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use super::{Column, LONGEST, Listed, MOST_RULES, Rule, Wanted, saved};

/// What a program says beside the usual parameters of a list.
pub fn fields() -> Vec<Field> {
    vec![
        may(
            "f",
            Shape::text(200).list(MOST_RULES),
            "A rule, `column.how.value`, as in the address of the page: `city.is.Bonn`, `close.from.today`, `owner.empty.`. \
             Said again for each further rule; how is one of is, not, has, from, to, empty, set.",
        ),
        may("any", Shape::Flag, "True when one rule is enough; else all must hold."),
        may("q", Shape::text(LONGEST), "Words that must be found, by their beginnings."),
        may("sort", Shape::text(80), "A column to order by; `-` before it for the largest first."),
        may("view", Shape::id("viw"), "A saved view instead of rules, search and order."),
    ]
}

/// Why a list may be cut off.
pub const CUT: &str =
    "True when only the newest 10 000 were looked at, so that older ones may fit too: narrow more.";

/// What a page of a list answers that may be cut off, and why it may be.
pub fn page_of(one: Shape, why: &'static str) -> Shape {
    let mut all = one.page_of().fields().to_vec();
    all.push(may("cut", Shape::Flag, why));
    Shape::Record(all)
}

/// A page of such a list.
pub fn page(data: &[Json], next: Option<String>, cut: bool) -> Result<Reply, Problem> {
    let body = json!({ "data": data, "next": next.clone(), "cut": cut });
    Reply::page(data, next)?.holding(&body)
}

/// What of a view belongs to its list, whatever else stands in it.
const OF_A_VIEW: [&str; 9] = ["f", "any", "q", "sort", "order", "show", "owner", "pipeline", "view"];

/// What narrows a list on its page and cannot be said here: those of an import, of a group, a rule of a form that was not sent.
const ONLY_ON_PAGES: [&str; 3] = ["import", "group", "ff"];

/// The state of a list that a program asks for, as its page would read it. `beside` is what the operation says by itself.
pub async fn said(
    call: &Call,
    list: &str,
    columns: &[Column],
    beside: &[(&'static str, &str)],
) -> Result<Fields, Problem> {
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut out: Vec<(String, String)> =
        beside.iter().filter(|(_, value)| !value.is_empty()).copied().map(pair).collect();
    let own = ["q", "sort"].into_iter().filter_map(|name| Some((name, call.asked(name)?)));
    let any = call.asked_flag("any").then_some(("any", "1"));
    let rules = call.asked_all("f").map(|rule| ("f", rule));
    let own: Vec<(String, String)> = own.chain(any).chain(rules).map(pair).collect();
    match call.asked("view") {
        Some(_) if !own.is_empty() => {
            return Err(Problem::invalid("`view` holds rules, search and order: say either it or them."));
        }
        Some(id) => {
            let found = saved::one(&call.ctx, call.staff()?, saved::id(id)?).await;
            let (of, view) = found.map_err(unknown_view)?;
            if of != list {
                return Err(Problem::invalid("`view` is a view of another list."));
            }
            let pairs = form_urlencoded::parse(view.query.as_bytes());
            whole(pairs)?;
            out.extend(
                pairs
                    .filter(|(name, _)| OF_A_VIEW.contains(&name.as_ref()))
                    .map(|(name, value)| (name.into_owned(), value.into_owned())),
            );
        }
        None => out.extend(own),
    }
    let out = form_urlencoded::Serializer::new(String::new()).extend_pairs(out).finish();
    let fields = Fields::parse(out.as_bytes());
    check(&fields, columns)?;
    Ok(fields)
}

/// Refuses a view of which a part would be left aside here: the rest is wider than what was saved.
fn whole<'a>(pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Result<(), Problem> {
    let mut rules = 0usize;
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        rules = rules.saturating_add(usize::from(name == "f"));
        if ONLY_ON_PAGES.contains(&name.as_ref()) {
            return Err(Problem::invalid(format!(
                "`view` holds `{name}={}`, which its page alone understands.",
                value.chars().take(40).collect::<String>()
            )));
        }
    }
    if rules > MOST_RULES {
        return Err(Problem::invalid(format!("`view` holds more than {MOST_RULES} rules.")));
    }
    Ok(())
}

/// Refuses a rule or an order that is not known.
fn check(fields: &Fields, columns: &[Column]) -> Result<(), Problem> {
    for (n, rule) in fields.all("f").enumerate() {
        if Rule::read(rule, columns).is_none() {
            return Err(Problem::invalid(format!(
                "f/{n}: there is no such column here, or it is not compared like that. A rule is `column.how.value`."
            )));
        }
    }
    let sort = fields.get("sort").trim_start_matches('-');
    if sort.is_empty() || columns.iter().any(|column| column.key == sort) {
        return Ok(());
    }
    Err(Problem::invalid("sort: there is no such column here."))
}

/// How far a program wants a list that has no order: the rows after one, until so many fit. What lies beyond is not asked about.
#[derive(Debug, Clone)]
pub struct Upto {
    after: Option<String>,
    enough: usize,
}

impl Upto {
    /// The page after a row; all of a list that is ordered, because each of its values has to be known.
    pub fn page(wanted: &Wanted, after: Option<String>, most: usize) -> Option<Self> {
        wanted.sort.is_none().then(|| Self { after, enough: most.saturating_add(1) })
    }
}

/// So many are opened in one commit, of a page that may be small.
const FEWEST: usize = 25;

/// Rows that are judged some at a time, until enough of them fit; all at once when the whole list is wanted.
pub struct Batches<T> {
    rest: std::vec::IntoIter<T>,
    enough: usize,
    at_once: usize,
    /// How many times as many are taken each time.
    grows: usize,
}

impl<T: Listed> Batches<T> {
    /// These rows, newest first.
    pub fn of(mut rows: Vec<T>, upto: Option<&Upto>) -> Self {
        let Some(Upto { after, enough }) = upto else {
            return Self { rest: rows.into_iter(), enough: usize::MAX, at_once: usize::MAX, grows: 1 };
        };
        rows.retain(|row| after.as_ref().is_none_or(|after| row.id() < *after));
        Self { rest: rows.into_iter(), enough: *enough, at_once: FEWEST.max(*enough), grows: 1 }
    }

    /// These rows, in their order, until one fits: few at first, and more at once the longer none does.
    pub fn until_one(rows: Vec<T>) -> Self {
        Self { rest: rows.into_iter(), enough: 1, at_once: FEWEST, grows: 2 }
    }

    /// The next ones, unless so many that fit are enough.
    pub fn next(&mut self, fit: usize) -> Option<Vec<T>> {
        if fit >= self.enough {
            return None;
        }
        let some: Vec<T> = self.rest.by_ref().take(self.at_once).collect();
        self.at_once = self.at_once.saturating_mul(self.grows);
        (!some.is_empty()).then_some(some)
    }
}

/// The part of a list which comes after a row, of one that is known at least so far, and after which row the next part begins.
pub fn part<T: Listed>(
    mut rows: Vec<T>,
    wanted: &Wanted,
    after: Option<String>,
    most: usize,
) -> Result<(Vec<T>, Option<String>), Problem> {
    match after {
        None => {}
        // Without an order the newest stand first, and ids tell which is newer: also of a row that is gone.
        Some(after) if wanted.sort.is_none() => rows.retain(|row| row.id() < after),
        Some(after) => {
            let moved = || {
                Problem::invalid("`after` stands at a row that is no longer in this list: begin it again.")
            };
            let at = rows.iter().position(|row| row.id() == after).ok_or_else(moved)?;
            rows.drain(..=at);
        }
    }
    let next = crate::spoken::cut(&mut rows, most, Listed::id);
    Ok((rows, next))
}

/// The list is there; it is what it was asked for that is not.
fn unknown_view(problem: Problem) -> Problem {
    if problem.status == StatusCode::NOT_FOUND {
        Problem::invalid("`view`: there is no view of yours by that id.")
    } else {
        problem
    }
}
