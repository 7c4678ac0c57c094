//! What lies around a record: its tasks, its deals, what was done. Read and shown the same way by every room.

pub mod api;
pub mod beside;
pub mod deal;
pub mod item;
pub mod note;
pub mod refused;
pub mod task;

use std::collections::HashSet;

use askama::Template;
use assent_kernel::{ActivityId, CompanyId, DealId, OrganisationId, PersonId, StaffId};
use assent_store::work::activities::{self, Activity, Kind, Typed};
use assent_store::work::deals::{self, Deal, Lost, Pipeline};
use assent_store::work::items::{self, ItemId};
use assent_store::work::organisations;
use assent_store::work::tasks::{self, Task};
use assent_store::{StoreError, Tx};
use assent_web::parts::{Act, Event};
use assent_web::reach::{Object, Reach};
use assent_web::shell::Tone;
use assent_web::{Ctx, Fields, Problem, Staff, catalogue, filters, say, text};

use crate::filled;
use crate::frame::Colleagues;
use crate::seen::words::Words;
use crate::texts::Opened;

/// Around what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A person.
    Person(PersonId),
    /// An organisation.
    Organisation(OrganisationId),
    /// A deal.
    Deal(DealId),
    /// An item of an object that the company made.
    Item(ItemId),
}

/// A record beside which notes and files lie: whom it is about, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The contact of a deal, or whom an item belongs to.
    pub about: Option<PersonId>,
    object: Object,
    owner: Option<StaffId>,
}

impl Place {
    /// Reads it, as far as it is within reach. People are none: their notes and files are values of theirs.
    pub async fn read(ctx: &Ctx, staff: &Staff, of: Of) -> Result<Option<Self>, Problem> {
        let company = staff.company.id;
        let (of_deals, of_organisations) = (staff.sees(Object::Deals), staff.sees(Object::Organisations));
        let of_items = staff.sees(Object::Things);
        let store = ctx.gate.region_db(&staff.company.region)?;
        let read = store.read(move |tx| {
            Ok(match of {
                Of::Person(_) => None,
                Of::Deal(id) => deals::one(tx, company, &of_deals, id)?.map(|deal| Self {
                    about: deal.title.person(),
                    object: Object::Deals,
                    owner: deal.owner,
                }),
                Of::Organisation(id) => organisations::one(tx, company, &of_organisations, id)?
                    .map(|row| Self { about: None, object: Object::Organisations, owner: row.owner }),
                Of::Item(id) => items::one(tx, company, &of_items, id)?.map(|item| Self {
                    about: item.person,
                    object: Object::Things,
                    owner: item.owner,
                }),
            })
        });
        let place: Option<Self> = read.await?;
        // What belongs to somebody who is not here is not here either.
        let about = place.as_ref().and_then(|place| place.about).filter(|_| matches!(of, Of::Item(_)));
        let here = filled::here(ctx, staff, about.into_iter()).await?;
        Ok(place.filter(|_| about.is_none_or(|person| here.contains(&person))))
    }

    /// Refuses to change what lies beside a record that is not theirs to change.
    pub fn must_change(&self, staff: &Staff) -> Result<(), Problem> {
        staff.must_change(self.object, &[self.owner])
    }

    /// Of what kind it is, and whose.
    pub const fn whose(&self) -> (Object, Option<StaffId>) {
        (self.object, self.owner)
    }
}

/// The most of what was done that a page tells; what is older stands on the next one.
pub const MOST: usize = 200;

/// Which part of what was done a page tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// What was done before this one; nothing for the newest.
    pub before: Option<ActivityId>,
    /// Only that of what was typed; everything that was done otherwise.
    pub only: Option<Typed>,
}

impl Part {
    /// The part that an address asks for, on the tab of that key.
    pub fn read(asked: &Fields, tab: &str) -> Self {
        let only = match tab {
            "notes" => Some(Typed::Notes),
            "files" => Some(Typed::Files),
            _ => (asked.get("notes") == "removed").then_some(Typed::Removed),
        };
        Self { before: asked.get("before").parse().ok(), only }
    }
}

/// Leads from one page of what was done to the next.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "around/more.html")]
pub struct More {
    /// Where the newest are; nothing on the page of the newest.
    pub newest: Option<String>,
    /// Where the older ones are; nothing on the last page.
    pub older: Option<String>,
}

impl askama::filters::HtmlSafe for More {}

/// What lies around a record, sealed.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// Tasks, newest first.
    pub tasks: Vec<Task>,
    /// Deals, newest first.
    pub deals: Vec<Deal>,
    /// What was done, newest first.
    pub activities: Vec<Activity>,
    /// Notes on this page that were removed, newest first.
    pub removed: Vec<Activity>,
    /// How many of the record were removed at all, up to two hundred; counted where everything is told.
    pub gone: usize,
    /// From where on older things were done, if there are any.
    pub older: Option<ActivityId>,
    /// The pipelines, to say how far deals are.
    pub pipelines: Vec<Pipeline>,
    /// Where notes are removed and brought back; nothing where they are not.
    pub acts: Option<Acts>,
}

/// Where notes are removed and brought back.
#[derive(Debug, Clone)]
pub struct Acts {
    home: String,
    back: String,
    csrf: String,
    /// Those that whoever looks may remove and bring back.
    theirs: HashSet<ActivityId>,
}

/// Reads what lies around a record, as far as it is within reach, with that part of what was done.
pub async fn read(ctx: &Ctx, staff: &Staff, of: Of, part: Part) -> Result<Around, Problem> {
    let company = staff.company.id;
    let (of_deals, of_tasks) = (staff.sees(Object::Deals), staff.sees(Object::Tasks));
    let of_items = staff.sees(Object::Things);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let page = (part.before, u32::try_from(MOST.saturating_add(1)).unwrap_or(u32::MAX));
    let read = store.read(move |tx| {
        let pipelines = deals::pipelines(tx, company)?;
        let (tasks, deals, mut activities) = match of {
            // What was typed about a person is a fact of theirs and told as one; here is only what their deals did.
            Of::Person(id) => {
                let deals = deals::of_person(tx, company, &of_deals, id)?;
                let mut done = activities::stages_of_person(tx, company, &of_deals, id)?;
                done.extend(activities::of_person(tx, company, id)?);
                done.sort_by_key(|one| std::cmp::Reverse(one.id));
                (tasks::of_person(tx, company, &of_tasks, id)?, deals, done)
            }
            Of::Organisation(id) => {
                let deals = deals::of_organisation(tx, company, &of_deals, id)?;
                let done = match part.only {
                    Some(only) => activities::typed_of_organisation(tx, company, &of_deals, id, page, only)?,
                    None => activities::of_organisation(tx, company, &of_deals, id, page)?,
                };
                (tasks::of_organisation(tx, company, &of_tasks, id)?, deals, done)
            }
            Of::Deal(id) => (
                tasks::of_deal(tx, company, &of_tasks, id)?,
                Vec::new(),
                match part.only {
                    Some(only) => activities::typed_of_deal(tx, company, &of_deals, id, page, only)?,
                    None => activities::of_deal(tx, company, &of_deals, id, page)?,
                },
            ),
            Of::Item(id) => (
                tasks::of_item(tx, company, &of_tasks, id)?,
                Vec::new(),
                match part.only {
                    Some(only) => activities::typed_of_item(tx, company, &of_items, id, page, only)?,
                    None => activities::of_item(tx, company, &of_items, id, page)?,
                },
            ),
        };
        // Of a person here are the stages of their deals alone, each deal's by itself: their time line has pages of its own.
        let full = activities.len() > MOST && !matches!(of, Of::Person(_));
        if full {
            activities.truncate(MOST);
        }
        let older = activities.last().map(|one| one.id).filter(|_| full);
        let (removed, activities) = activities.into_iter().partition(|one| one.gone_at.is_some());
        let gone = if part.only.is_none() { removed_of(tx, company, (&of_deals, &of_items), of)? } else { 0 };
        Ok(Around { tasks, deals, activities, removed, gone, older, pipelines, acts: None })
    });
    Ok(read.await?)
}

/// How many notes beside a record were removed, up to so many as a page tells. Those about a person are values of theirs.
fn removed_of(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (of_deals, of_items): (&Reach, &Reach),
    of: Of,
) -> Result<usize, StoreError> {
    let page = (None, u32::try_from(MOST).unwrap_or(u32::MAX));
    let all = match of {
        Of::Person(_) => return Ok(0),
        Of::Deal(id) => activities::typed_of_deal(tx, company, of_deals, id, page, Typed::Removed)?,
        Of::Organisation(id) => {
            activities::typed_of_organisation(tx, company, of_deals, id, page, Typed::Removed)?
        }
        Of::Item(id) => activities::typed_of_item(tx, company, of_items, id, page, Typed::Removed)?,
    };
    Ok(all.len())
}

impl Around {
    /// Both, newest first.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.tasks.extend(other.tasks);
        self.tasks.sort_by_key(|task| std::cmp::Reverse(task.id));
        self.deals.extend(other.deals);
        self.deals.sort_by_key(|deal| std::cmp::Reverse(deal.id));
        self.activities.extend(other.activities);
        self.activities.sort_by_key(|one| std::cmp::Reverse(one.id));
        self
    }

    /// The way to what was done before, on the page at that address, which has a `?` where a tab is told.
    pub fn more(&self, page: &str, part: Part) -> More {
        let and = if page.contains('?') { '&' } else { '?' };
        More {
            newest: part.before.map(|_| page.to_owned()),
            older: self.older.map(|id| format!("{page}{and}before={id}")),
        }
    }

    /// Every text of it, to be opened at once.
    pub fn texts(&self) -> impl Iterator<Item = &assent_store::work::Text> {
        let tasks = self.tasks.iter().map(|task| &task.text);
        tasks
            .chain(self.deals.iter().map(|deal| &deal.title))
            .chain(self.activities.iter().chain(&self.removed).map(|one| &one.text))
    }

    /// The same with only the work that may be told: what hangs on a person is theirs, its stage and its sum too.
    pub fn told(mut self, opened: &Opened) -> Self {
        self.tasks.retain(|task| opened.tells(&task.text));
        self.deals.retain(|deal| opened.tells(&deal.title));
        let told: Vec<Option<DealId>> = self.deals.iter().map(|deal| Some(deal.id)).collect();
        self.activities.retain(|one| one.kind == Kind::Given || told.contains(&one.deal));
        self
    }

    /// How many tasks are not done.
    pub fn open_tasks(&self) -> u64 {
        u64::try_from(self.tasks.iter().filter(|task| task.done_at.is_none()).count()).unwrap_or(0)
    }

    /// What was done, as events; a closed text says why it is.
    pub fn events(&self, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Vec<Event> {
        let told = |one| self.acting(one, event(one, opened, words, colleagues), opened);
        self.activities.iter().map(told).collect()
    }

    /// Notes that were removed, as events.
    pub fn removed(&self, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Vec<Event> {
        let told = |one| self.acting(one, event(one, opened, words, colleagues), opened);
        self.removed.iter().map(told).collect()
    }

    /// The same record, with a button at each note that is open, where whoever looks changes the record or wrote the note.
    #[must_use]
    pub fn with_acts(self, (home, back): (&str, &str), csrf: &str, staff: &Staff, changes: bool) -> Self {
        let all = self.activities.iter().chain(&self.removed);
        let theirs = all.filter(|one| changes || staff.is_own(one.staff)).map(|one| one.id).collect();
        Self {
            acts: Some(Acts { home: home.to_owned(), back: back.to_owned(), csrf: csrf.to_owned(), theirs }),
            ..self
        }
    }

    /// An event with a button when it is a note that is open.
    fn acting(&self, one: &Activity, event: Event, opened: &Opened) -> Event {
        let open = is_typed(one.kind)
            && one.kind != Kind::File
            && opened.plain(one.id.to_bytes(), &one.text).is_some();
        let (label, verb) =
            if one.gone_at.is_some() { ("Bring back", "restore") } else { ("Remove", "remove") };
        let theirs = |acts: &&Acts| open && acts.theirs.contains(&one.id);
        let act = self.acts.as_ref().filter(theirs).map(|acts| Act {
            label: say(label).into(),
            action: format!("{}/note/{}/{verb}", acts.home, one.id),
            csrf: acts.csrf.clone(),
            fields: vec![("back", acts.back.clone())],
            class: "quiet",
            ..Act::default()
        });
        Event { act, ..event }
    }

    /// Notes, calls and meetings, as events.
    pub fn notes(&self, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Vec<Event> {
        let typed = self.activities.iter().filter(|one| is_typed(one.kind) && one.kind != Kind::File);
        typed.map(|one| self.acting(one, event(one, opened, words, colleagues), opened)).collect()
    }

    /// Files, as events.
    pub fn files(&self, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Vec<Event> {
        let files = self.activities.iter().filter(|one| one.kind == Kind::File);
        files.map(|one| self.acting(one, event(one, opened, words, colleagues), opened)).collect()
    }
}

/// The link to notes that were removed, or back to those that are here; nothing when none was.
pub fn removed_notes(home: &str, there: bool, count: usize) -> Option<(String, String)> {
    match (there, count) {
        (true, _) => Some((say("Show what is here").into(), home.to_owned())),
        (false, 0) => None,
        (false, n) => {
            let n = u64::try_from(n).unwrap_or(u64::MAX);
            let label = assent_web::text::plural(n, say("removed note"), say("removed notes"));
            let glue = if home.contains('?') { '&' } else { '?' };
            Some((label, format!("{home}{glue}notes=removed")))
        }
    }
}

/// The address of a tab of a record, or of the notes that were removed.
pub fn address(home: &str, tab: &str, removed: bool) -> String {
    match (tab, removed) {
        ("", true) => format!("{home}?notes=removed"),
        ("", false) => home.to_owned(),
        (tab, _) => format!("{home}?tab={tab}"),
    }
}

const fn is_typed(kind: Kind) -> bool {
    matches!(kind, Kind::Note | Kind::Call | Kind::Meeting | Kind::File)
}

fn event(one: &Activity, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Event {
    let who = colleagues.name(one.staff);
    let (icon, did) = match one.kind {
        Kind::Note => ("note", "{who} wrote a note"),
        Kind::Call => ("phone", "{who} noted a call"),
        Kind::Meeting => ("people", "{who} noted a meeting"),
        Kind::Made if one.deal.is_some() => ("plus", "{who} began the deal"),
        Kind::Made => ("plus", "{who} put it down"),
        Kind::Moved => ("arrow", "{who} moved the deal"),
        Kind::Removed => ("trash", "{who} removed it"),
        Kind::Restored => ("check", "{who} brought it back"),
        Kind::File => ("download", "{who} kept a file"),
        Kind::Given if one.detail.is_empty() => ("person", "{who} handed it over to nobody"),
        Kind::Given => ("person", "{who} handed it over"),
    };
    let did = catalogue::filled(did, &[("who", &who)]);
    let typed = is_typed(one.kind);
    let text = opened.plain(one.id.to_bytes(), &one.text);
    let (icon, what) = match (typed, text) {
        (true, Some(text)) => (icon, text),
        (true, None) => ("lock", format!("{did}. {}.", opened.why_not(&one.text, words))),
        (false, _) if one.detail.is_empty() => (icon, did.clone()),
        (false, _) => (icon, format!("{did}: {}", detail(one, colleagues))),
    };
    let more = if typed && icon != "lock" { did } else { String::new() };
    let open_file = one.kind == Kind::File && icon != "lock";
    let link = open_file.then(|| (format!("/files/{}", one.id), say("Save").to_owned()));
    Event { icon, tone: Tone::Plain, what, more, at: one.at.micros(), link, act: None }
}

/// What was written of it; why a deal was lost is kept in English, and who looks after something by their id.
fn detail(one: &Activity, colleagues: &Colleagues) -> String {
    if one.kind == Kind::Given {
        return one.detail.parse().map_or_else(|_| one.detail.clone(), |id| colleagues.name(id));
    }
    let kept = |why: &str| Lost::ALL.into_iter().find(|lost| lost.label().to_lowercase() == why);
    let found = one.detail.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    match found.and_then(|(moved, why)| Some((moved, kept(why)?))) {
        Some((moved, lost)) if one.kind == Kind::Moved => {
            format!("{moved} ({})", text::within(say(lost.label())))
        }
        Some(_) | None => one.detail.clone(),
    }
}

impl Around {
    /// What was done, each leading to its deal if there is one: for the record of somebody with whom deals are.
    pub fn with_deals(&self, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Vec<Event> {
        let told = |one: &Activity| {
            let event = self.acting(one, event(one, opened, words, colleagues), opened);
            let deal = || one.deal.map(|id| (format!("/deals/{id}"), say("Deal").to_owned()));
            Event { link: event.link.clone().or_else(deal), ..event }
        };
        self.activities.iter().map(told).collect()
    }
}
