//! The composer: a note, a call or a meeting, written on a record; colleagues named with an @ are told.

use askama::Template;
use assent_gate::Work;
use assent_kernel::{ActivityId, MentionId, PersonId, Reason, StaffId};
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::mentions::{self, Mention, Why};
use assent_store::work::{self, Text};
use assent_store::{Tx, access, home};
use assent_web::reach::{self, Object};
use assent_web::{Ctx, Fields, Problem, Staff, filters};
use axum::response::Response;

use super::{Of, refused};
use crate::frame;
use crate::seen::NOTE;
use crate::texts;
use crate::undo::{self, Undo};

/// The longest note, in characters.
pub const LONGEST: usize = 4000;

/// The composer on a record.
#[derive(Debug, Clone, Template)]
#[template(path = "around/composer.html")]
pub struct Composer {
    /// Where it posts to.
    pub action: String,
    /// The session's token.
    pub csrf: String,
    /// Where one comes back to.
    pub back: String,
    /// What is said below it.
    pub hint: &'static str,
    /// Whether a file may be kept: only by whoever changes the record.
    pub keeps: bool,
}

impl Composer {
    /// Where a file is kept beside the record.
    fn files(&self) -> String {
        format!("{}/files", self.action.strip_suffix("/note").unwrap_or(&self.action))
    }
}

impl askama::filters::HtmlSafe for Composer {}

/// The words of what may be written down.
pub const KINDS: [&str; 3] = ["note", "call", "meeting"];

/// Keeps what a composer sent, and comes back to where it was; or a page that says why not and keeps what was typed.
pub async fn posted(
    ctx: &Ctx,
    staff: &Staff,
    (of, about, home): (Of, Option<PersonId>, &str),
    sent: &Fields,
) -> Result<Response, Problem> {
    let text = sent.get("text");
    let wrong = texts::wrong(text, LONGEST);
    if !wrong.is_empty() {
        return refused::unfit(ctx, staff, wrong, home.to_owned(), text).await;
    }
    match write(ctx, staff, of, about, kind(sent.get("kind")), text, home).await? {
        Ok(blind) => Ok(frame::to(frame::back(sent, home), &frame::noted(blind))),
        Err(reason) => refused::refused(ctx, staff, &reason, home.to_owned(), text).await,
    }
}

/// Reads which kind of thing was done.
pub fn kind(word: &str) -> Kind {
    match word {
        "call" => Kind::Call,
        "meeting" => Kind::Meeting,
        _ => Kind::Note,
    }
}

/// An activity that is about to be written down.
pub fn activity(
    ctx: &Ctx,
    staff: &Staff,
    of: Of,
    kind: Kind,
    text: Text,
    detail: String,
) -> Result<Activity, Problem> {
    let now = ctx.now();
    let id = ctx.gate.fresh(now, ActivityId::new)?;
    let one = Activity {
        id,
        kind,
        text,
        organisation: None,
        deal: None,
        item: None,
        person: None,
        staff: staff.id,
        at: now,
        detail,
        gone_at: None,
    };
    Ok(match of {
        Of::Person(id) => Activity { person: Some(id), ..one },
        Of::Organisation(id) => Activity { organisation: Some(id), ..one },
        Of::Deal(id) => Activity { deal: Some(id), ..one },
        Of::Item(id) => Activity { item: Some(id), ..one },
    })
}

/// The line that something is looked after by somebody else from now on, or by nobody; nothing when it is not.
pub fn given(
    ctx: &Ctx,
    staff: &Staff,
    of: Of,
    (from, to): (Option<StaffId>, Option<StaffId>),
) -> Result<Option<Activity>, Problem> {
    if from == to {
        return Ok(None);
    }
    let detail = to.map(|id| id.to_string()).unwrap_or_default();
    activity(ctx, staff, of, Kind::Given, Text::Gone, detail).map(Some)
}

/// Writes a note on a record that is seen, about a person when the record is, and tells who is named in it. Gives how many
/// of those do not see the record, or why the note may not be kept.
pub async fn write(
    ctx: &Ctx,
    staff: &Staff,
    of: Of,
    about: Option<PersonId>,
    kind: Kind,
    text: &str,
    href: &str,
) -> Result<Result<usize, Reason>, Problem> {
    let mut one = activity(ctx, staff, of, kind, Text::Gone, String::new())?;
    let kept = match texts::keep(ctx, staff, one.id.to_bytes(), NOTE, about, text).await? {
        Ok(kept) => kept,
        Err(reason) => return Ok(Err(reason)),
    };
    one.text = kept;
    let tokens = texts::tokens(ctx, staff, Work::Note, &one.text, text).await?;
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = move |tx: &mut Tx<'_>| {
        activities::add(tx, company, &one)?;
        work::set_words(tx, company, one.id.to_bytes(), &tokens)
    };
    store.write(write).await?;
    let told = tell_of(ctx, staff, text, (of, href), about).await;
    let blind = told.as_ref().map_or(0, |blind| *blind);
    frame::afterwards("telling colleagues", told.map(|_| ()));
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, about).await);
    Ok(Ok(blind))
}

/// Tells the colleagues whom a text about a person names where to look; never what is there. Gives how many of them do not
/// see the person.
pub async fn tell(
    ctx: &Ctx,
    staff: &Staff,
    text: &str,
    href: &str,
    about: PersonId,
) -> Result<usize, Problem> {
    tell_of(ctx, staff, text, (Of::Person(about), href), Some(about)).await
}

/// The same of any record. Whoever does not see the record is not led to where there is nothing for them; tells how many.
async fn tell_of(
    ctx: &Ctx,
    staff: &Staff,
    text: &str,
    (of, href): (Of, &str),
    about: Option<PersonId>,
) -> Result<usize, Problem> {
    if !text.contains('@') {
        return Ok(0);
    }
    let named = frame::colleagues(ctx, staff).await?.mentioned(text);
    let named: Vec<StaffId> = named.into_iter().filter(|to| *to != staff.id).take(20).collect();
    let blind = blind(ctx, staff, of, named.clone()).await?;
    for to in named.into_iter().filter(|to| !blind.contains(to)) {
        hand(ctx, staff, to, Why::Named, href, about).await?;
    }
    Ok(blind.len())
}

/// Which of these colleagues do not see a record, in whatever role they have.
async fn blind(ctx: &Ctx, staff: &Staff, of: Of, named: Vec<StaffId>) -> Result<Vec<StaffId>, Problem> {
    let whose = whose(ctx, staff, of).await?;
    if named.is_empty() || whose.is_empty() {
        return Ok(Vec::new());
    }
    let company = staff.company.id;
    let read = move |tx: &mut Tx<'_>| {
        let mut blind = Vec::new();
        for one in access::staff(tx, company)?.into_iter().filter(|one| named.contains(&one.id)) {
            let mut seen = true;
            for (object, owner) in &whose {
                seen = seen && reach::is_seen_by(tx, &one, *object, &[*owner])?;
            }
            if !seen {
                blind.push(one.id);
            }
        }
        Ok(blind)
    };
    Ok(ctx.gate.home().read(read).await?)
}

/// Of what kind a record is, and whose: of an item the person to whom it belongs too, without whom nobody sees it.
async fn whose(ctx: &Ctx, staff: &Staff, of: Of) -> Result<Vec<(Object, Option<StaffId>)>, Problem> {
    let (place, person) = match of {
        Of::Person(id) => (None, Some(id)),
        Of::Item(_) => {
            let place = super::Place::read(ctx, staff, of).await?;
            let person = place.as_ref().and_then(|place| place.about);
            (place, person)
        }
        Of::Deal(_) | Of::Organisation(_) => (super::Place::read(ctx, staff, of).await?, None),
    };
    let mut all: Vec<_> = place.map(|place| place.whose()).into_iter().collect();
    if let Some(id) = person {
        let company = staff.company.id;
        let found = ctx.gate.home().read(move |tx| home::places(tx, company, &[id])).await?;
        all.extend(found.first().map(|listed| (Object::People, listed.owner)));
    }
    Ok(all)
}

/// Tells one colleague where to look.
pub async fn hand(
    ctx: &Ctx,
    staff: &Staff,
    to: StaffId,
    why: Why,
    href: &str,
    about: Option<PersonId>,
) -> Result<(), Problem> {
    if to == staff.id {
        return Ok(());
    }
    let (company, now) = (staff.company.id, ctx.now());
    let id = ctx.gate.fresh(now, MentionId::new)?;
    let one =
        Mention { id, made_by: staff.id, why, href: href.to_owned(), person: about, at: now, read_at: None };
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.write(move |tx| mentions::add(tx, company, to, &one)).await?)
}

/// Removes a note of a record, or brings it back, as the address says; then the record, with the way back.
pub async fn put(
    ctx: &Ctx,
    staff: &Staff,
    (of, home, back): (Of, &str, &str),
    (note, verb): (&str, &str),
) -> Result<Response, Problem> {
    let (gone, said, other) = match verb {
        "remove" => (true, "note-removed", "restore"),
        "restore" => (false, "restored", "remove"),
        _ => return Err(Problem::not_found("A note is removed or brought back here.")),
    };
    set_gone(ctx, staff, of, note, gone).await?;
    let undo = Undo::new(format!("{home}/note/{note}/{other}"), Vec::new());
    undo::to(ctx, staff, back, said, Some(undo)).await
}

/// What was done beside something within reach, by its id.
async fn one(ctx: &Ctx, staff: &Staff, of: Of, id: ActivityId) -> Result<Option<Activity>, Problem> {
    let found = beside(ctx, staff, id).await?;
    Ok(found.filter(|one| match of {
        // What was typed about a person is a fact of theirs.
        Of::Person(_) => false,
        Of::Deal(deal) => one.deal == Some(deal),
        Of::Organisation(its) => one.organisation == Some(its),
        Of::Item(item) => one.item == Some(item),
    }))
}

/// What was done, whatever within reach it lies beside.
pub async fn beside(ctx: &Ctx, staff: &Staff, id: ActivityId) -> Result<Option<Activity>, Problem> {
    let company = staff.company.id;
    let (deals, organisations) = (staff.sees(Object::Deals), staff.sees(Object::Organisations));
    let items = staff.sees(Object::Things);
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.read(move |tx| activities::one(tx, company, (&deals, &organisations, &items), id)).await?)
}

/// Removes a note of a record, or brings it back; only whoever may read it, and wrote it or changes the record. Nothing of
/// it is lost meanwhile: about a person, it stays a fact of theirs.
pub async fn set_gone(ctx: &Ctx, staff: &Staff, of: Of, note: &str, gone: bool) -> Result<(), Problem> {
    let nowhere = || Problem::not_found("There is no note here by that id.");
    let id: ActivityId = note.parse().map_err(|_| nowhere())?;
    let one = one(ctx, staff, of, id).await?.ok_or_else(nowhere)?;
    let opened = texts::viewed_alone(ctx, staff, std::iter::once(&one.text)).await?;
    if opened.plain(id.to_bytes(), &one.text).is_none() {
        return Err(nowhere());
    }
    if !staff.is_own(one.staff) {
        super::Place::read(ctx, staff, of).await?.ok_or_else(nowhere)?.must_change(staff)?;
    }
    let (company, now) = (staff.company.id, ctx.now());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| activities::set_gone(tx, company, id, gone.then_some(now))).await?;
    if there { Ok(()) } else { Err(nowhere()) }
}
