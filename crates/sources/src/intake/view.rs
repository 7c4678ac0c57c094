//! What the pages of an import show, made from what it remembers.

use askama::Template;
use assent_kernel::Timestamp;
use assent_web::catalogue::kept;
use assent_web::filters;
use assent_web::parts::{Column, Empty, Field, Head, Input, Progress as Bar};
use assent_web::{Shell, say, text};

use super::model::{Counts, Import, Rules, Stand, State};
use super::read::Format;

/// The imports of a company, and the form for a new one.
#[derive(Template)]
#[template(path = "intake/list.html")]
pub(super) struct List {
    pub(super) shell: Shell,
    pub(super) error: String,
    pub(super) regions: Option<Field>,
    pub(super) head: Head,
    pub(super) rows: Vec<Line>,
    pub(super) empty: Option<Empty>,
    pub(super) now: i64,
}

/// One import in the list.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) state: Mark,
    pub(super) taken: String,
    pub(super) rejected: String,
    pub(super) duplicates: String,
    pub(super) at: i64,
}

/// A state, as a tag with a word.
pub(super) struct Mark {
    pub(super) word: &'static str,
    pub(super) class: &'static str,
}

/// How an import stands, in a word.
pub(super) fn mark(import: &Import, now: Timestamp) -> Mark {
    let (word, class) = match import.state {
        State::Uploading => ("Upload broke off", "warn"),
        state if state.works() && import.lapsed(now) => ("Stopped", "warn"),
        State::Stopped if import.body.error.is_some() => ("Stopped by an error", "bad"),
        state @ State::Done => (state.label(), "good"),
        state @ State::Stopped => (state.label(), "warn"),
        state => (state.label(), ""),
    };
    Mark { word: say(word), class }
}

impl List {
    pub(super) fn new(shell: Shell, imports: &[Import], regions: Vec<String>, now: Timestamp) -> Self {
        let columns = ["File", "State", "Taken", "Not taken", "Duplicates", "When"];
        let number =
            |label: &str| if ["Taken", "Not taken", "Duplicates"].contains(&label) { "num" } else { "" };
        let region = |code: &String| (code.clone(), code.to_uppercase());
        let hint = say("Where these people's data is kept. It stays there.");
        let select = Input::Select(regions.iter().map(region).collect());
        let first = regions.first().cloned().unwrap_or_default();
        let field =
            Field { input: select, hint: hint.into(), ..Field::line(say("Kept in"), "region", first) };
        let empty = Empty {
            icon: "import",
            title: say("No imports yet").into(),
            text: say(
                "Choose a file above: an export of another CRM, a spreadsheet saved as CSV, or vCards.",
            )
            .into(),
            ..Empty::default()
        };
        Self {
            shell,
            error: String::new(),
            regions: (regions.len() > 1).then_some(field),
            head: Head {
                columns: columns
                    .into_iter()
                    .map(|label| Column::plain(say(label)).class(number(label)))
                    .collect(),
                pick: false,
            },
            rows: imports.iter().map(|import| Line::of(import, now)).collect(),
            empty: imports.is_empty().then_some(empty),
            now: now.micros(),
        }
    }
}

impl Line {
    fn of(import: &Import, now: Timestamp) -> Self {
        let counts = &import.body.counts;
        Self {
            href: format!("/import/{}", import.id),
            name: import.body.name.clone(),
            state: mark(import, now),
            taken: text::count(counts.taken()),
            rejected: text::count(counts.rejected),
            duplicates: text::count(counts.duplicates),
            at: import.created_at.micros(),
        }
    }
}

/// "1 040 contacts, UTF-8, a table with ; between its fields and names in the first row".
pub(super) fn about(import: &Import) -> String {
    let body = &import.body;
    let rows = text::plural(import.total, say("contact"), say("contacts"));
    let rows = if body.estimated { say!("About {rows}", rows = rows) } else { rows };
    let form = match body.layout.format {
        Format::VCard => say("vCards").to_owned(),
        Format::Csv { delimiter, header } => {
            let between = match delimiter {
                b'\t' => say("tabs").to_owned(),
                other => format!("“{}”", char::from(other)),
            };
            if header {
                say!("a table with {mark} between its fields and names in the first row", mark = between)
            } else {
                say!("a table with {mark} between its fields and no names in the first row", mark = between)
            }
        }
    };
    format!("{rows}, {}, {form}.", body.encoding.name())
}

/// Ready to start, or to try.
#[derive(Template)]
#[template(path = "intake/ready.html")]
pub(super) struct Ready {
    pub(super) shell: Shell,
    pub(super) href: String,
    pub(super) about: String,
    pub(super) terms: String,
    pub(super) error: Option<String>,
    pub(super) tried: Option<Outcome>,
    pub(super) start: String,
}

impl Ready {
    pub(super) fn new(shell: Shell, import: &Import, rules: &Rules) -> Self {
        let kind = rules.contract.as_deref().unwrap_or("none").replace('-', " ");
        let terms = match rules.stand {
            Stand::Columns => say(
                "Terms: as the columns of the file say, row by row. Rows that say nothing: quarantine.",
            )
            .into(),
            Stand::Contract => say!("Terms: a contract with all of them ({kind}).", kind = kind),
            Stand::Nothing => say(
                "Terms: not known. All of them come into quarantine: kept and asked, not viewed in full, mailed or \
                 exported.",
            )
            .into(),
        };
        Self {
            shell,
            href: format!("/import/{}", import.id),
            about: about(import),
            terms,
            error: import.body.error.as_deref().map(kept),
            tried: import.body.tried.as_ref().map(Outcome::of),
            start: say!("Import {rows}", rows = text::plural(import.total, say("row"), say("rows"))),
        }
    }
}

/// What became, or would become, of rows.
pub(super) struct Outcome {
    pub(super) taken: u64,
    pub(super) quarantined: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
    pub(super) why: Vec<(String, u64)>,
    pub(super) noticed: Vec<(String, u64)>,
}

impl Outcome {
    pub(super) fn of(counts: &Counts) -> Self {
        let lines = |lines: Vec<(&str, u64)>| lines.into_iter().map(|(text, n)| (kept(text), n)).collect();
        Self {
            taken: counts.taken(),
            quarantined: counts.quarantined,
            duplicates: counts.duplicates,
            rejected: counts.rejected,
            why: lines(counts.why.lines()),
            noticed: lines(counts.noticed.lines()),
        }
    }
}

/// An import that is not finished: at work, stopped, or broken off.
#[derive(Template)]
#[template(path = "intake/work.html")]
pub(super) struct Work {
    pub(super) shell: Shell,
    pub(super) href: String,
    pub(super) bar: Bar,
    pub(super) pace: String,
    pub(super) error: Option<String>,
    pub(super) at_work: bool,
    pub(super) can_stop: bool,
    pub(super) can_resume: bool,
    pub(super) undo: Option<String>,
    pub(super) outcome: Outcome,
}

/// The label over the bar.
pub(super) fn label(import: &Import, now: Timestamp) -> String {
    let name = &import.body.name;
    match import.state {
        _ if import.stopping(now) => say!("Stopping after the rows at hand: {name}", name = name),
        State::Stopped => say!("Stopped: {name}", name = name),
        _ if import.lapsed(now) => say!("Stopped half-way: {name}", name = name),
        State::Trying => say!("Reading {name} without keeping anything", name = name),
        State::Undoing => say!("Undoing {name}", name = name),
        _ => say!("Importing {name}", name = name),
    }
}

/// How many are done, out of how many.
pub(super) fn done_of(import: &Import) -> (u64, u64) {
    if import.state == State::Undoing {
        return (import.body.undone.0 + import.body.undone.1, import.taken());
    }
    (import.body.counts.rows, import.total)
}

/// "4 200 rows a second, about 2 min left".
pub(super) fn pace(import: &Import, now: Timestamp) -> String {
    let Some((since, before)) = import.body.pace.filter(|_| import.state != State::Undoing) else {
        return String::new();
    };
    let micros = u64::try_from(now.micros().saturating_sub(since.micros())).unwrap_or(0);
    let (done, total) = done_of(import);
    let rate = done.saturating_sub(before).saturating_mul(1_000_000) / micros.max(1);
    if rate == 0 || micros < 500_000 {
        return String::new();
    }
    let left = total.saturating_sub(done) / rate;
    let left = match left {
        0..60 => say!("about {n} s", n = left.max(1)),
        60..7200 => say!("about {n} min", n = left.div_ceil(60)),
        _ => say!("about {n} h", n = left.div_ceil(3600)),
    };
    say!("{n} rows a second, {left} left", n = text::count(rate), left = left)
}

impl Work {
    pub(super) fn new(shell: Shell, import: &Import, file_is_here: bool, now: Timestamp) -> Self {
        let href = format!("/import/{}", import.id);
        let at_work = import.state.works() && !import.lapsed(now);
        let (done, total) = done_of(import);
        let live = (at_work || import.stopping(now)).then(|| format!("{href}/events"));
        let stopped = import.state == State::Stopped && !import.stopping(now);
        let broken = import.lapsed(now) && (file_is_here || import.state == State::Undoing);
        let gone = import.body.local && import.lapsed(now);
        let undo = (stopped || gone).then(|| say!("Undo: erase {people}", people = people(import.taken())));
        Self {
            bar: Bar { label: label(import, now), done, total, live },
            pace: if at_work { pace(import, now) } else { String::new() },
            error: import.body.error.as_deref().map(kept),
            at_work: at_work || import.stopping(now),
            can_stop: at_work && import.state == State::Running && !import.body.local,
            can_resume: broken || (stopped && file_is_here),
            undo,
            outcome: Outcome::of(&import.body.counts),
            shell,
            href,
        }
    }
}

fn people(n: u64) -> String {
    text::plural(n, say("person"), say("people"))
}

/// An import that is over.
#[derive(Template)]
#[template(path = "intake/done.html")]
pub(super) struct Done {
    pub(super) shell: Shell,
    pub(super) people: String,
    pub(super) href: String,
    pub(super) lead: String,
    pub(super) outcome: Outcome,
    pub(super) rejected: bool,
    pub(super) undo: Option<String>,
}

impl Done {
    pub(super) fn new(shell: Shell, import: &Import, rejected: bool) -> Self {
        let (erased, stay) = import.body.undone;
        let lead = match import.state {
            State::Undone if stay == 0 => {
                say!("Undone: {people} erased, nobody stays.", people = people(erased))
            }
            State::Undone if stay == 1 => say!(
                "Undone: {people} erased; 1 person stays, because they acted for themselves since.",
                people = people(erased)
            ),
            State::Undone => say!(
                "Undone: {people} erased; {others} stay, because they acted for themselves since.",
                people = people(erased),
                others = people(stay)
            ),
            _ => match import.body.finished_at {
                Some(at) => say!("Done on {when}.", when = text::date_time(at.micros())),
                None => say("Done.").to_owned(),
            },
        };
        let undo = (import.state == State::Done && import.taken() > 0)
            .then(|| say!("Undo: erase {people}", people = people(import.taken())));
        // Once it is undone, whoever stays is no longer part of it.
        let people = match import.state {
            State::Undone => "/people".to_owned(),
            _ => format!("/people?import={}", import.id),
        };
        Self {
            href: format!("/import/{}", import.id),
            people,
            lead,
            outcome: Outcome::of(&import.body.counts),
            rejected,
            undo,
            shell,
        }
    }
}
