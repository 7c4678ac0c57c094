//! The right side of a record: what happened, notes, terms, uses.

use assent_gate::{After, LineId};
use assent_kernel::Role;
use assent_store::requests::Request;
use assent_web::parts::{Act, Event, Shown, State as Mark, Timeline};
use assent_web::reach::Object;
use assent_web::shell::Tone;
use assent_web::{Ctx, Problem, Shell, Staff, catalogue, say, text};

use super::files::{self, Files};
use crate::around::More;
use crate::around::item::{self, Items, Tally, Whose};
use crate::around::{deal, task};
use crate::desk::act::record::{Record, stands, uses, uses_of_all};
use crate::desk::model::back::Back;
use crate::desk::model::cell::Value;
use crate::desk::model::forms::contract_kinds;
use crate::desk::model::stand::Stand;
use crate::desk::model::timeline;
use crate::desk::model::words::{Words, source};
use crate::desk::model::{NOTE, under};
use crate::lists::origin::Origin;
use crate::{frame, texts};

/// Which tab is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Everything by time.
    Timeline,
    /// What is to be done.
    Tasks,
    /// Notes.
    Notes,
    /// Papers and pictures.
    Files,
    /// What is being sold.
    Deals,
    /// Where every purpose stands.
    Terms,
    /// Who used what.
    Uses,
    /// What of the company's own kinds belongs to them.
    Things,
}

impl Tab {
    /// What it shows, where a role may have none of that.
    pub const fn object(self) -> Option<Object> {
        match self {
            Self::Tasks => Some(Object::Tasks),
            Self::Deals => Some(Object::Deals),
            Self::Things => Some(Object::Things),
            Self::Timeline | Self::Notes | Self::Files | Self::Terms | Self::Uses => None,
        }
    }
    /// Reads the word of an address.
    pub fn read(text: &str) -> Self {
        match text {
            "tasks" => Self::Tasks,
            "notes" => Self::Notes,
            "files" => Self::Files,
            "deals" => Self::Deals,
            "terms" => Self::Terms,
            "uses" => Self::Uses,
            "things" => Self::Things,
            _ => Self::Timeline,
        }
    }
    /// The word in an address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Tasks => "tasks",
            Self::Notes => "notes",
            Self::Files => "files",
            Self::Deals => "deals",
            Self::Terms => "terms",
            Self::Uses => "uses",
            Self::Things => "things",
        }
    }
    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Timeline => "Timeline",
            Self::Tasks => "Tasks",
            Self::Notes => "Notes",
            Self::Files => "Files",
            Self::Deals => "Deals",
            Self::Terms => "Terms",
            Self::Uses => "Uses",
            Self::Things => "Items",
        }
    }
}

/// A tab, filled.
pub enum Open {
    /// Everything by time; the second says what is left out, the third leads to what was before.
    Timeline(Timeline, String, More),
    /// Tasks about them.
    Tasks(task::Tasks),
    /// Notes, newest first: value, when, where it is changed.
    Notes(Vec<Note>),
    /// Papers and pictures.
    Files(Files),
    /// Deals with them.
    Deals(deal::Deals),
    /// Purposes by what they stand on.
    Terms(Vec<Section>, String),
    /// Uses, newest first; the second leads to earlier ones.
    Uses(Timeline, Option<String>),
    /// What belongs to them, as far as something of it is open.
    Things(Items),
    /// Closed, and why.
    Closed(String),
}

/// A note.
pub struct Note {
    /// The text with its terms, or the lock.
    pub shown: Shown,
    /// When and by whom.
    pub source: String,
    /// Where it is changed.
    pub edit: Option<String>,
}

/// Purposes of one ground.
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The purposes.
    pub lines: Vec<(Stand, Option<Act>)>,
}

impl Section {
    /// The class of a state's tag.
    pub fn class(&self, mark: &Mark) -> &'static str {
        match mark {
            Mark::Open => "good",
            Mark::Part => "warn",
            Mark::Shut => "",
        }
    }
}

/// Fills the open tab.
#[expect(clippy::too_many_arguments, reason = "a page's parts, each by its name")]
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    tab: Tab,
    record: &Record,
    values: &[Value],
    words: &Words<'_>,
    shell: &Shell,
    (back, from): (Back, &Origin),
) -> Result<Open, Problem> {
    let id = record.dossier.id();
    let opened =
        texts::of_person_seen(ctx, staff, record.parts().map(|(one, _)| one.person()), values).await?;
    let colleagues = frame::colleagues(ctx, staff).await?;
    Ok(match tab {
        Tab::Timeline => {
            let page = format!("/people/{id}");
            let newest = back == Back::default();
            let (events, told, older) = events(ctx, staff, record, values, words, back).await?;
            let more = More {
                newest: (!newest).then(|| from.on(&page)),
                older: older.map(|older| from.on(&format!("{page}?tab=timeline&from={older}"))),
            };
            let closed = "Who used what is closed as long as nothing of this person is open.";
            let left_out = if told { String::new() } else { say(closed).to_owned() };
            Open::Timeline(Timeline { events, now: words.now.micros() }, left_out, more)
        }
        Tab::Tasks => Open::Tasks(task::Tasks {
            // Whom they are about is the person of this page.
            lines: (record.around.tasks.iter())
                .map(|one| task::Line { about: None, ..task::line(staff, one, &opened, words, &colleagues) })
                .collect(),
            csrf: shell.csrf.clone(),
            back: format!("/people/{id}?tab=tasks"),
            new: format!("/tasks/new?person={id}"),
            none: say("Nothing to do for this person."),
        }),
        Tab::Deals => Open::Deals(deal::Deals {
            lines: (record.around.deals.iter())
                .map(|one| deal::line(one, &opened, words, &colleagues, &record.around.pipelines))
                .collect(),
            new: format!("/deals/new?person={id}"),
        }),
        Tab::Notes => Open::Notes(notes(record, values, words, shell)),
        Tab::Files => Open::Files(files::tab(ctx, staff, record, values, words, shell).await?),
        Tab::Terms => {
            let contracts = contracts(record, words);
            Open::Terms(
                sections(stands(ctx, staff, &record.dossier, &record.requests).await?, words, record, shell),
                contracts,
            )
        }
        Tab::Things => {
            let whose = Whose::Person(record.parts().map(|(one, _)| one.id()).collect());
            Open::Things(item::of(ctx, staff, &whose, &opened, words).await?)
        }
        Tab::Uses => match uses(ctx, record, back.first()).await? {
            Some((lines, next)) => table(record, words, &lines, next),
            None => Open::Closed(
                say("Reading who used what is a use itself, and nothing of this person is open for you.")
                    .into(),
            ),
        },
    })
}

/// How much belongs to the person, as far as something of it is open.
pub async fn tally(
    ctx: &Ctx,
    staff: &Staff,
    record: &Record,
    values: &[Value],
) -> Result<Option<Tally>, Problem> {
    let people = record.parts().map(|(one, _)| one.person());
    let opened = texts::of_person_seen(ctx, staff, people, values).await?;
    let whose = Whose::Person(record.parts().map(|(one, _)| one.id()).collect());
    item::tally(ctx, staff, &whose, &opened).await
}

fn sorted_notes(values: &[Value]) -> Vec<&Value> {
    let mut notes: Vec<&Value> = values.iter().filter(|value| under(&value.fact.category, NOTE)).collect();
    notes.sort_by_key(|value| std::cmp::Reverse(value.fact.confirmed_at));
    notes
}

/// What happened up to there, newest first; false when who used what is closed; and from where on the rest is told. A page goes
/// as far back as its uses do, of which there are most.
pub async fn events(
    ctx: &Ctx,
    staff: &Staff,
    record: &Record,
    values: &[Value],
    words: &Words<'_>,
    from: Back,
) -> Result<(Vec<Event>, bool, Option<Back>), Problem> {
    let (lines, older) = match uses_of_all(ctx, record, &from).await? {
        Some((lines, older)) => (Some(lines), older),
        None => (None, None),
    };
    let within = |at: i64| at < from.until && older.as_ref().is_none_or(|older| at >= older.until);
    let people = record.parts().map(|(one, _)| one.person());
    let opened = texts::of_person_seen(ctx, staff, people, values).await?;
    let deals = record.around.with_deals(&opened, words, &frame::colleagues(ctx, staff).await?);
    let told = lines.is_some();
    let uses = timeline::of_uses(&lines.unwrap_or_default(), &record.colleagues, words.policy);
    let mut others = line_of_time(record, values, words, deals);
    others.retain(|event| within(event.at));
    Ok((timeline::merged(vec![uses, others]), told, older))
}

fn line_of_time(record: &Record, values: &[Value], words: &Words<'_>, deals: Vec<Event>) -> Vec<Event> {
    let (names, policy) = (&record.colleagues, words.policy);
    let came = Event {
        icon: "import",
        tone: Tone::Plain,
        what: say("Became known here").into(),
        more: first_source(record, values),
        at: record.dossier.created_at().micros(),
        link: None,
        act: None,
    };
    let said = record.dossier.person().answers.values();
    timeline::merged(vec![
        timeline::of_notes(&sorted_notes(values), words),
        timeline::of_requests(&record.requests, names, policy),
        timeline::of_answers(said.filter(|one| words.concerns(&one.purpose)), policy),
        deals,
        vec![came],
    ])
}

/// Where the oldest value came from: told with the value, or not at all.
fn first_source(record: &Record, values: &[Value]) -> String {
    let oldest = record.dossier.facts().min_by_key(|held| (held.fact().confirmed_at, held.id()));
    let value = oldest.and_then(|held| values.iter().find(|value| value.fact.id == held.id()));
    value.and_then(|value| value.cell.seen()).map(|seen| source(&seen.fact.source)).unwrap_or_default()
}

fn notes(record: &Record, values: &[Value], words: &Words<'_>, shell: &Shell) -> Vec<Note> {
    let note = |value: &Value| {
        let fact = value.fact.id;
        let holder = record.holder(fact);
        let (id, person) = (holder.id(), holder.person());
        let ask = super::ask_act(shell, id, words.purpose, say("Ask").into());
        let whole = value.cell.seen().is_some_and(|seen| seen.whole);
        Note {
            shown: words.in_record(format!("n-{fact}"), person, value, None, None, Some(ask)),
            source: match value.cell.seen() {
                Some(_) => format!(
                    "{}, {}",
                    source(&value.fact.source),
                    text::relative(value.fact.confirmed_at.micros(), words.now.micros())
                ),
                None => String::new(),
            },
            edit: (whole && record.may_change).then(|| format!("/people/{id}/fact/{fact}")),
        }
    };
    let files = |value: &&Value| record.files.contains_key(&value.fact.id);
    sorted_notes(values).into_iter().filter(|value| !files(value)).map(note).collect()
}

/// The contracts that this role works for.
fn contracts(record: &Record, words: &Words<'_>) -> String {
    let kinds = contract_kinds(words.policy, words.role);
    let known = record.dossier.person().contracts.iter();
    let told = known.filter(|one| words.role == Role::Dpo || kinds.contains(&one.kind)).map(|contract| {
        let (from, until) = (text::date(contract.from.micros()), text::date(contract.until.micros()));
        say!(
            "{kind}: {from} to {until}",
            kind = catalogue::kept(&contract.kind.replace('-', " ")),
            from = from,
            until = until
        )
    });
    let all: Vec<String> = told.collect();
    if all.is_empty() {
        say("No contract for your role runs.").into()
    } else {
        say!("Contracts: {all}.", all = all.join("; "))
    }
}

fn sections(stands: Vec<Stand>, words: &Words<'_>, record: &Record, shell: &Shell) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for stand in stands {
        let ask = (stand.ask && words.can_ask_for(&stand.purpose))
            .then(|| super::ask_act(shell, record.dossier.id(), &stand.purpose, say("Ask").into()));
        let heading = say(stand.ground.heading());
        match out.last_mut().filter(|section| section.heading == heading) {
            Some(section) => section.lines.push((stand, ask)),
            None => out.push(Section { heading, lines: vec![(stand, ask)] }),
        }
    }
    out
}

fn table(record: &Record, words: &Words<'_>, lines: &[assent_gate::UseLine], next: Option<After>) -> Open {
    let id = record.dossier.id();
    let dpo = words.role == Role::Dpo;
    let next = next.map(|next| format!("/people/{id}?tab=uses&after={next}"));
    let receipt = |line: LineId| dpo.then(|| format!("/people/{id}/receipt/{line}"));
    let events = timeline::one_by_one(lines, &record.colleagues, words.policy, receipt);
    Open::Uses(Timeline { events, now: words.now.micros() }, next)
}

/// The request for a purpose that waits for an answer.
pub fn waiting<'a>(requests: &'a [Request], purpose: &assent_kernel::PurposeKey) -> Option<&'a Request> {
    requests.iter().find(|one| one.purpose == *purpose && one.state == assent_store::requests::Asked::Open)
}
