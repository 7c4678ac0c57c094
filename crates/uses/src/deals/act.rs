//! Verbs: list, look, make, change, move, remove and bring back. Each asks the gate anew, whatever a page still shows.

pub mod list;
pub mod many;
pub mod pipelines;
pub mod value;

use assent_gate::Work;
use assent_kernel::{DealId, OrganisationId, PersonId, Reason, StaffId};
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::deals::{self, Deal, Ending, Lost, Pipeline, Stage};
use assent_store::work::mentions::Why;
use assent_store::work::{Text, filled as rows};
use assent_store::{StoreError, events};
use assent_web::fields::{Field, Thing};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff, say};

use super::model::{Typed, With};
use crate::around::deal::stage_of;
use crate::around::{Of, note};
use crate::filled::{self, Closed, Filled, Kept};
use crate::frame;
use crate::organised::{self, Known, Named};
use crate::seen::DEAL;
use crate::texts::{self, Opened};

/// Nothing by that id: never was, another company's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is no deal here by that id.")
}

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<DealId, Problem> {
    text.parse().map_err(|_| nowhere())
}

/// One deal within reach, removed or not.
pub async fn one(ctx: &Ctx, staff: &Staff, id: DealId) -> Result<Deal, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Deals));
    let store = ctx.gate.region_db(&staff.company.region)?;
    store.read(move |tx| deals::one(tx, company, &reach, id)).await?.ok_or_else(nowhere)
}

/// Whether a deal is theirs to change.
pub fn may_change(staff: &Staff, deal: &Deal) -> bool {
    staff.changes(Object::Deals, &[deal.owner])
}

/// Refuses to change a deal that is not theirs to change.
pub fn must_change(staff: &Staff, deal: &Deal) -> Result<(), Problem> {
    staff.must_change(Object::Deals, &[deal.owner])
}

/// To a deal that was saved, or to the list when it was handed out of reach.
pub fn saved(staff: &Staff, owner: Option<StaffId>, page: &str, word: &str) -> axum::response::Response {
    frame::saved(staff, (Object::Deals, &[owner]), (page, "/deals"), word)
}

/// The fields that the company made for deals; those too that are no longer offered.
pub async fn fields(ctx: &Ctx, staff: &Staff) -> Result<Vec<Field>, Problem> {
    assent_web::fields::all(ctx, staff.company.id, Thing::Deal).await
}

/// What stands in the title and the fields of a deal.
pub struct Seen {
    /// Its fields.
    pub filled: Filled,
    /// What is open of them, and of its title.
    pub opened: Opened,
}

impl Seen {
    /// Its tag: another one after every change of the deal, also by the person it is with.
    pub fn tag(&self, deal: &Deal) -> String {
        let texts = std::iter::once(&deal.title).chain(self.filled.texts());
        self.opened.tag((deal.ver, deal.title.person()), texts)
    }
}

/// Looks at the title and the fields of a deal, each asked for.
pub async fn look(ctx: &Ctx, staff: &Staff, deal: &Deal) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, deal.id.to_bytes()).await?;
    let opened = texts::viewed(ctx, staff, std::iter::once(&deal.title).chain(filled.texts())).await?;
    Ok(Seen { filled, opened })
}

/// The same without the name of whom it is with: for programs, which are told an id.
pub async fn look_alone(ctx: &Ctx, staff: &Staff, deal: &Deal) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, deal.id.to_bytes()).await?;
    let asked = std::iter::once(&deal.title).chain(filled.texts());
    let opened = texts::viewed_alone(ctx, staff, asked).await?;
    Ok(Seen { filled, opened })
}

/// The same of which nothing is opened: enough to tell whether it is as it was.
pub async fn sealed(ctx: &Ctx, staff: &Staff, deal: &Deal) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, deal.id.to_bytes()).await?;
    let opened = texts::sealed(ctx, staff, std::iter::once(&deal.title).chain(filled.texts())).await?;
    Ok(Seen { filled, opened })
}

/// Finds with whom a deal is to be, where this organisation stands now; what stands in the way, beside its field.
pub async fn with(
    ctx: &Ctx,
    staff: &Staff,
    typed: &Typed,
    now: Option<OrganisationId>,
) -> Result<Result<With, (&'static str, String)>, Problem> {
    let person = match typed.contact.as_str() {
        "" => None,
        text => match crate::lookup::contact(ctx, staff, text).await? {
            Ok(person) => Some(person),
            Err(why) => return Ok(Err(("contact", why))),
        },
    };
    let organisation = match typed.company.as_str() {
        "" => None,
        name => match organised::named(ctx, staff, name, now).await? {
            Named::Seen(known) => Some(known),
            Named::Far => return Ok(Err(("company", say(organised::FAR).to_owned()))),
            Named::None => {
                let known = Known { name: name.to_owned(), ..Known::default() };
                Some(organised::make(ctx, staff, &known, Some(staff.id)).await?)
            }
        },
    };
    Ok(Ok(With { person, organisation }))
}

/// Makes a deal; why not, when its title may not be kept about the contact.
pub async fn make(
    ctx: &Ctx,
    staff: &Staff,
    typed: &Typed,
    with: With,
    stage: &Stage,
    owner: Option<StaffId>,
) -> Result<Result<DealId, Reason>, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let id = ctx.gate.fresh(now, DealId::new)?;
    let mut line = note::activity(ctx, staff, Of::Deal(id), Kind::Made, Text::Gone, stage.name.clone())?;
    line.organisation = with.organisation;
    let own = fields(ctx, staff).await?;
    let changes = filled::fresh(own.iter().filter(|field| field.gone_at.is_none()), &typed.more);
    let none = texts::sealed(ctx, staff, std::iter::empty()).await?;
    let title = match texts::keep(ctx, staff, id.to_bytes(), DEAL, with.person, &typed.title).await? {
        Ok(title) => title,
        Err(reason) => return Ok(Err(reason)),
    };
    let about = (id.to_bytes(), with.person);
    let kept = filled::keep(ctx, staff, about, &changes, (&Filled::default(), &none)).await;
    let kept = match filled::or_forget(ctx, staff, (&Text::Gone, &title), kept).await? {
        Ok(kept) => kept,
        Err(closed) => return Ok(Err(closed.reason)),
    };
    let deal = Deal {
        id,
        pipeline: stage.pipeline,
        stage: stage.id,
        organisation: with.organisation,
        title,
        cents: typed.cents(),
        currency: typed.currency.clone(),
        close_on: typed.close_on(now),
        owner,
        lost: None,
        created_at: now,
        staged_at: now,
        gone_at: None,
        ver: 1,
    };
    let tokens = texts::tokens(ctx, staff, Work::Deal, &deal.title, &typed.title).await?;
    let (store, row) = (ctx.gate.region_db(&staff.company.region)?, kept.row.clone());
    let write = store.write(move |tx| {
        deals::add(tx, company, &deal)?;
        rows::set(tx, company, id.to_bytes(), &row)?;
        events::add(tx, company, events::Kind::DealChanged, id, now)?;
        activities::add(tx, company, &line)?;
        assent_store::work::set_words(tx, company, id.to_bytes(), &tokens)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
    follow(ctx, staff, Some(owner), id, with.person).await;
    Ok(Ok(id))
}

/// What follows a change: whoever a deal was handed to is told, and it is looked again whether its person is here.
async fn follow(
    ctx: &Ctx,
    staff: &Staff,
    handed: Option<Option<StaffId>>,
    id: DealId,
    about: Option<PersonId>,
) {
    if let Some(to) = handed.flatten() {
        let told = note::hand(ctx, staff, to, Why::Deal, &format!("/deals/{id}"), about).await;
        frame::afterwards("telling a colleague", told);
    }
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, about).await);
}

/// Changes a deal that is as it was seen; why not, when its title may not be kept about the contact.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    (old, seen): (&Deal, &Seen),
    typed: &Typed,
    with: With,
    owner: Option<StaffId>,
) -> Result<Result<(), Reason>, Problem> {
    must_change(staff, old)?;
    let (company, id) = (staff.company.id, old.id);
    let opened = &seen.opened;
    let before = opened.plain(id.to_bytes(), &old.title);
    if let (None, Text::OfPerson(..)) = (&before, &old.title) {
        opened.must_reach(&old.title)?;
        let reason = opened.cell(&old.title).and_then(|(_, cell)| cell.closed().cloned());
        return Ok(Err(reason.unwrap_or(Reason::UnknownFact)));
    }
    let before = before.unwrap_or_default();
    if texts::carried(&old.title, with.person, &before, &typed.title) {
        return Err(Problem::invalid(texts::CARRIED));
    }
    let same = old.title.person() == with.person && before == typed.title;
    let title = if same {
        old.title.clone()
    } else {
        match texts::change(ctx, staff, id.to_bytes(), DEAL, &old.title, with.person, &typed.title).await? {
            Ok(title) => title,
            Err(reason) => return Ok(Err(reason)),
        }
    };
    let values = refill(ctx, staff, (old, with.person, seen), &typed.more).await;
    let values = match filled::or_forget(ctx, staff, (&old.title, &title), values).await? {
        Ok(values) => values,
        Err(closed) => return Ok(Err(closed.reason)),
    };
    let deal = Deal {
        organisation: with.organisation,
        title,
        cents: typed.cents(),
        currency: typed.currency.clone(),
        close_on: typed.close_on(ctx.now()),
        owner,
        ..old.clone()
    };
    let tokens = texts::tokens(ctx, staff, Work::Deal, &deal.title, &typed.title).await?;
    let now = ctx.now();
    let store = ctx.gate.region_db(&staff.company.region)?;
    let (title, row) = (deal.title.clone(), values.as_ref().map(|kept| kept.row.clone()));
    let line = note::given(ctx, staff, Of::Deal(id), (old.owner, owner))?;
    let write = store.write(move |tx| {
        if !deals::change(tx, company, &deal)? {
            return Err(StoreError::Moved);
        }
        if let Some(row) = &row {
            rows::set(tx, company, id.to_bytes(), row)?;
        }
        line.iter().try_for_each(|line| activities::add(tx, company, line))?;
        events::add(tx, company, events::Kind::DealChanged, id, now)?;
        assent_store::work::set_words(tx, company, id.to_bytes(), &tokens)
    });
    let done = write.await;
    if let Some(values) = &values {
        filled::drop_over(ctx, staff, values, &done).await;
    }
    texts::written(ctx, staff, (&old.title, &title), done).await?;
    follow(ctx, staff, (owner != old.owner).then_some(owner), id, with.person).await;
    Ok(Ok(()))
}

/// What is to stand in its fields; nothing when they stay as they are. When a deal changes hands, what was about a person
/// is forgotten.
async fn refill(
    ctx: &Ctx,
    staff: &Staff,
    (deal, to, seen): (&Deal, Option<PersonId>, &Seen),
    typed: &filled::Typed,
) -> Result<Result<Option<Kept>, Closed>, Problem> {
    let (thing, own) = (deal.id.to_bytes(), fields(ctx, staff).await?);
    let (old, opened) = (&seen.filled, &seen.opened);
    if deal.title.person() == to {
        return filled::refill(ctx, staff, (thing, to), (&own, typed), (old, opened)).await;
    }
    if !old.carried(&own, typed, (opened, to)).is_empty() {
        return Err(Problem::invalid(texts::CARRIED));
    }
    let changes = old.moved(&own, typed);
    let kept = filled::keep(ctx, staff, (thing, to), &changes, (&Filled::default(), opened)).await?;
    Ok(kept.map(|kept| Some(kept.leaving(old))))
}

/// Moves a deal to a stage. A deal is lost for a reason or not at all.
pub async fn set_stage(
    ctx: &Ctx,
    staff: &Staff,
    old: &Deal,
    to: &Stage,
    lost: Option<Lost>,
    pipelines: &[Pipeline],
) -> Result<bool, Problem> {
    must_change(staff, old)?;
    let lost = match (to.ending, lost) {
        (Ending::Lost, None) => return Ok(false),
        (Ending::Lost, Some(why)) => Some(why),
        (Ending::Open | Ending::Won, _) => None,
    };
    if old.stage == to.id && old.lost == lost {
        return Ok(true);
    }
    let line = moving(ctx, staff, old, to, (lost, pipelines))?;
    let (company, id, ver, now, to) = (staff.company.id, old.id, old.ver, ctx.now(), to.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let moved = store.write(move |tx| {
        // From where it goes is on its timeline: it must be there still.
        if !deals::set_stage(tx, company, (id, ver), &to, lost, now)? {
            return Err(StoreError::Moved);
        }
        events::add(tx, company, events::Kind::DealChanged, id, now)?;
        activities::add(tx, company, &line)
    });
    moved.await?;
    Ok(true)
}

/// The line of a deal that moves to a stage.
fn moving(
    ctx: &Ctx,
    staff: &Staff,
    old: &Deal,
    to: &Stage,
    (lost, pipelines): (Option<Lost>, &[Pipeline]),
) -> Result<Activity, Problem> {
    let from = stage_of(old, pipelines).map_or("a stage that is gone", |stage| stage.name.as_str());
    let why = lost.map(|why| format!(" ({})", why.label().to_lowercase())).unwrap_or_default();
    let detail = format!("{from} → {}{why}", to.name);
    let line = note::activity(ctx, staff, Of::Deal(old.id), Kind::Moved, Text::Gone, detail)?;
    Ok(Activity { organisation: old.organisation, ..line })
}

/// Removes a deal, or brings it back.
pub async fn set_gone(ctx: &Ctx, staff: &Staff, id: DealId, gone: bool) -> Result<(), Problem> {
    set_gone_seen(ctx, staff, (id, 0), gone).await
}

/// The same, when it is as it was read; 0: whatever it is.
pub async fn set_gone_seen(
    ctx: &Ctx,
    staff: &Staff,
    (id, ver): (DealId, i64),
    gone: bool,
) -> Result<(), Problem> {
    must_change(staff, &one(ctx, staff, id).await?)?;
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Deals));
    let kind = if gone { Kind::Removed } else { Kind::Restored };
    let line = note::activity(ctx, staff, Of::Deal(id), kind, Text::Gone, String::new())?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = deals::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
        if there {
            events::add(tx, company, events::Kind::DealChanged, id, now)?;
            activities::add(tx, company, &line)?;
        }
        Ok(there)
    });
    if there.await? {
        return Ok(());
    }
    // It may have been handed away at this very moment.
    let again = one(ctx, staff, id).await?;
    must_change(staff, &again)?;
    frame::unwritten((ver, again.ver), again.gone_at.is_some() == gone)
}
