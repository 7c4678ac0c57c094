//! Pages about several records of one human: side by side before they are joined, and the list of those who seem the same.

use askama::Template;
use assent_kernel::{CategoryKey, FactId, PersonId, Role};
use assent_web::parts::{Act, Empty, Shown, Step};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::desk::act;
use crate::desk::act::joined::{self as acts, Double, Part, Preview};
use crate::desk::act::record::Record;
use crate::desk::model::cell::{self, Cell, Value};
use crate::desk::model::words::Words;
use crate::desk::model::{joined as model, nameless, under};

/// The most kinds of facts between whose values is chosen.
const MOST_CHOICES: usize = 100;
/// Who may join records and take them apart.
const JOINERS: &[Role] = &[Role::Sales, Role::Support, Role::Dpo, Role::Admin];

/// True for those who may.
pub fn may_join(role: Role) -> bool {
    JOINERS.contains(&role)
}

/// Somebody who seems to be the same.
pub struct Line {
    /// What they are called, or a stand-in.
    pub name: String,
    /// Where both stand side by side.
    pub href: String,
}

/// A record that was joined.
pub struct Joined {
    /// What it is.
    pub sentence: String,
    /// Takes it out again.
    pub split: Option<Act>,
}

fn name_of(double: &Double) -> String {
    double.name.seen().map_or_else(|| nameless(double.id), |seen| seen.text.clone())
}

/// Who seems to be the same as the person of a record.
pub fn lines(record: &Record, words: &Words<'_>) -> Vec<Line> {
    if !record.may_change || !may_join(words.role) {
        return Vec::new();
    }
    let id = record.dossier.id();
    let line = |one: &Double| Line { name: name_of(one), href: format!("/people/{id}/join/{}", one.id) };
    record.alike.iter().take(5).map(line).collect()
}

/// The records that were joined into the one of a page.
pub fn joined(record: &Record, words: &Words<'_>, shell: &Shell) -> Vec<Joined> {
    let id = record.dossier.id();
    let line = |(person, _, at): (PersonId, PersonId, assent_kernel::Timestamp)| Joined {
        sentence: say!(
            "{name} counts as the same since {day}.",
            name = nameless(person),
            day = text::date(at.micros())
        ),
        split: (record.may_change && may_join(words.role)).then(|| Act {
            label: say("Take apart").into(),
            action: format!("/people/{id}/split"),
            csrf: shell.csrf.clone(),
            fields: vec![("record", person.to_string())],
            ..Act::default()
        }),
    };
    record.dossier.links().map(line).collect()
}

#[derive(Template)]
#[template(path = "desk/join.html")]
struct Page {
    shell: Shell,
    person: String,
    action: String,
    swap: String,
    names: [String; 2],
    rows: Vec<Row>,
    closes: Vec<String>,
}

/// One kind of fact in both.
struct Row {
    label: String,
    /// The name under which a choice is sent.
    name: String,
    sides: [Vec<Side>; 2],
    /// True when both tell something else, so that one has to come first.
    choose: bool,
}

/// One value.
struct Side {
    shown: Shown,
    fact: String,
    open: bool,
}

fn ids(id: &str, other: &str) -> Result<(PersonId, PersonId), Problem> {
    Ok((act::person(id)?, act::person(other)?))
}

pub async fn preview(
    State(ctx): State<Ctx>,
    Path((id, other)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(JOINERS)?;
    let (id, other) = ids(&id, &other)?;
    let preview = acts::preview(&ctx, &staff, id, other).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let shell = super::shell(&ctx, &staff, say("Join two records")).await?;
    Ok(html::page(&page(shell, &preview, &words, (id, other))))
}

fn page(shell: Shell, preview: &Preview, words: &Words<'_>, (id, other): (PersonId, PersonId)) -> Page {
    let name = |parts: &[Part], id: PersonId| {
        let values: Vec<Value> = values(parts).into_iter().map(|(_, value)| value).collect();
        match cell::name(&values) {
            Cell::Open(seen) => seen.text.clone(),
            Cell::Unknown | Cell::Closed(_) => nameless(id),
        }
    };
    Page {
        person: format!("/people/{id}"),
        action: format!("/people/{id}/join/{other}"),
        swap: format!("/people/{other}/join/{id}"),
        names: [name(&preview.into, id), name(&preview.other, other)],
        rows: rows(preview, words),
        closes: model::closes(&preview.joining, words),
        shell,
    }
}

fn values(parts: &[Part]) -> Vec<(usize, Value)> {
    let all = parts.iter().enumerate();
    all.flat_map(|(n, (one, answer))| {
        cell::values(answer.as_ref(), one, |_| true).into_iter().map(move |value| (n, value))
    })
    .collect()
}

fn rows(preview: &Preview, words: &Words<'_>) -> Vec<Row> {
    let both = [&preview.into, &preview.other];
    let all: Vec<Vec<(usize, Value)>> = both.iter().map(|parts| values(parts)).collect();
    let mut kinds: Vec<&CategoryKey> = all.iter().flatten().map(|(_, value)| &value.fact.category).collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Notes, tasks and deals follow; they are not chosen between.
    kinds.retain(|kind| !under(kind, "note"));
    let row = |(place, kind): (usize, &CategoryKey)| {
        let side = |n: usize| {
            let mine = all.get(n).into_iter().flatten().filter(|(_, value)| value.fact.category == *kind);
            mine.filter_map(|(part, value)| {
                let (dossier, _) = both.get(n)?.get(*part)?;
                let mark = format!("j{n}-{}", value.fact.id);
                let shown = words.in_record(mark, dossier.person(), value, None, None, None);
                let open = value.cell.seen().is_some();
                Some((
                    shown,
                    value.fact.id.to_string(),
                    open,
                    value.cell.seen().map(|seen| seen.text.clone()),
                ))
            })
            .collect::<Vec<_>>()
        };
        let (left, right) = (side(0), side(1));
        let texts = |side: &[(Shown, String, bool, Option<String>)]| {
            side.iter().filter_map(|(.., text)| text.clone()).collect::<Vec<_>>()
        };
        let (one, two) = (texts(&left), texts(&right));
        let sides = [left, right]
            .map(|side| side.into_iter().map(|(shown, fact, open, _)| Side { shown, fact, open }).collect());
        let choose = place < MOST_CHOICES && !one.is_empty() && !two.is_empty() && one != two;
        Row { label: words.category(kind), name: format!("first{place}"), sides, choose }
    };
    kinds.into_iter().enumerate().map(row).collect()
}

pub async fn join(
    State(ctx): State<Ctx>,
    Path((id, other)): Path<(String, String)>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(JOINERS)?;
    let (id, other) = ids(&id, &other)?;
    let chosen = |n: usize| fields.get(&format!("first{n}")).parse().ok();
    let firsts: Vec<FactId> = (0..MOST_CHOICES).filter_map(chosen).collect();
    acts::join(&ctx, &staff, (id, other), firsts).await?;
    Ok(super::back(&format!("/people/{id}"), "joined"))
}

pub async fn split(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(JOINERS)?;
    let (id, record) = ids(&id, fields.get("record"))?;
    acts::split(&ctx, &staff, record).await?;
    Ok(super::back(&format!("/people/{id}"), "apart"))
}

#[derive(Template)]
#[template(path = "desk/doubles.html")]
struct Doubles {
    shell: Shell,
    pairs: Vec<Vec<Line>>,
    next: Option<String>,
    empty: Option<Empty>,
}

pub async fn doubles(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(JOINERS)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let (found, next) = acts::doubles(&ctx, &staff, fields.get("after").parse().ok()).await?;
    let line = |of: &[Double], one: &Double| {
        let first = of.first().map_or(one.id, |first| first.id);
        let href = if first == one.id {
            format!("/people/{first}")
        } else {
            format!("/people/{first}/join/{}", one.id)
        };
        Line { name: name_of(one), href }
    };
    let pairs: Vec<Vec<Line>> = found.iter().map(|of| of.iter().map(|one| line(of, one)).collect()).collect();
    let empty = pairs.is_empty().then(|| Empty {
        icon: "check",
        title: say("Nobody seems to be here twice").into(),
        text: say("People who share an e-mail address, a phone number or an identifier show here, as far as they are open for the purpose at hand.").into(),
        steps: vec![Step { label: say("Show everybody").into(), href: "/people?show=all".into() }],
        act: None,
    });
    let shell = super::shell(&ctx, &staff, say("Here twice?")).await?;
    Ok(html::page(&Doubles {
        shell,
        pairs,
        next: next.map(|at| format!("/people/doubles?after={at}")),
        empty,
    }))
}
