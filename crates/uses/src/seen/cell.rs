//! One value as it came out of the door: open, open in part, or closed and why.

use assent_gate::{Answer, Dossier, Held, NotCovered};
use assent_kernel::mandate::Mask;
use assent_kernel::{CategoryKey, Fact, Open, Reason, TreeKey, UseKind};

use super::under;

/// A value that is open, with what opened it.
#[derive(Clone)]
pub struct Seen {
    /// The value, or the part of it that may be seen.
    pub text: String,
    /// What opened it.
    pub open: Open,
    /// The fact it is the value of.
    pub fact: Fact,
    /// True when all of it is here.
    pub whole: bool,
}

/// What stands in the place of a value.
#[derive(Clone)]
pub enum Cell {
    /// Nothing is known.
    Unknown,
    /// It is open.
    Open(Box<Seen>),
    /// It is closed; `None` when it could not be read.
    Closed(Option<Reason>),
}

/// A fact and what came out of it.
pub struct Value {
    /// The fact.
    pub fact: Fact,
    /// Which sealing of it this is: another after every change.
    pub version: String,
    /// What came out.
    pub cell: Cell,
}

impl Value {
    /// A fact with what an answer opens of it.
    pub fn of<U: UseKind>(answer: &Answer<U>, held: &Held<String>) -> Self {
        Self { fact: held.fact().clone(), version: held.version(), cell: cell(answer, held) }
    }
}

impl Cell {
    /// The value, when it is open.
    pub fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Open(seen) => Some(seen),
            Self::Unknown | Self::Closed(_) => None,
        }
    }
    /// Why not, when it is closed.
    pub fn closed(&self) -> Option<&Reason> {
        match self {
            Self::Closed(reason) => reason.as_ref(),
            Self::Unknown | Self::Open(_) => None,
        }
    }
}

/// Opens one fact with an answer.
pub fn cell<U: UseKind>(answer: &Answer<U>, held: &Held<String>) -> Cell {
    let open = answer.permit().and_then(|permit| permit.opened(held.id())).cloned();
    match (answer.open(held), open) {
        (Ok(value), Some(open)) => {
            let whole = value.mask() == Mask::Full;
            Cell::Open(Box::new(Seen { text: value.into_inner(), open, fact: held.fact().clone(), whole }))
        }
        (Ok(_), None) => Cell::Closed(None),
        (Err(NotCovered(reason)), _) => Cell::Closed(reason),
    }
}

/// Opens the facts of a person that the answer is about.
pub fn values<U: UseKind>(
    answer: Option<&Answer<U>>,
    dossier: &Dossier,
    wanted: impl Fn(&CategoryKey) -> bool,
) -> Vec<Value> {
    let Some(answer) = answer else { return Vec::new() };
    let mine = dossier.facts().filter(|held| wanted(held.category()));
    mine.map(|held| Value::of(answer, held)).collect()
}

/// What stands for a kind of fact: the first open value, else why it is closed.
pub fn first(values: &[Value], key: &str) -> Cell {
    let mine = || values.iter().filter(|value| under(&value.fact.category, key)).map(|value| &value.cell);
    let open = mine().find(|cell| cell.seen().is_some());
    open.or_else(|| mine().next()).cloned().unwrap_or(Cell::Unknown)
}

/// What somebody is called: the whole name, or the parts of it that are open.
pub fn name(values: &[Value]) -> Cell {
    let said = called(values, |value| &value.fact.category, |value| value.cell.seen().is_some());
    let seen: Vec<&Seen> = said.iter().filter_map(|value| value.cell.seen()).collect();
    joined(&seen, said.len()).unwrap_or_else(|| first(values, "name"))
}

/// The values that somebody's name is made of: the whole one where it is open, else its parts.
pub fn called<T>(values: &[T], kind: impl Fn(&T) -> &CategoryKey, is_open: impl Fn(&T) -> bool) -> Vec<&T> {
    let exactly = |key: &str| values.iter().find(|value| kind(value).as_str() == key);
    let whole = ["name.full", "name"].into_iter().filter_map(exactly).find(|value| is_open(value));
    match whole {
        Some(whole) => vec![whole],
        None => ["name.given", "name.family"].into_iter().filter_map(exactly).collect(),
    }
}

fn joined(seen: &[&Seen], parts: usize) -> Option<Cell> {
    let (head, rest) = seen.split_first()?;
    let mut out = (*head).clone();
    out.whole = head.whole && seen.len() == parts;
    for one in rest {
        out.text = format!("{} {}", out.text, one.text);
        out.open.until = out.open.until.min(one.open.until);
        out.whole = out.whole && one.whole;
    }
    Some(Cell::Open(Box::new(out)))
}
