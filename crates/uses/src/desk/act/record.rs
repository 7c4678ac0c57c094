//! One record: everything held about a person, asked for once, and where their purposes stand.

use std::collections::BTreeMap;

use assent_gate::{After, Answer, Dossier, UseLine};
use assent_kernel::uses::kind::View;
use assent_kernel::{CategoryKey, Matter, NonEmpty, PersonId, PurposeKey, Reason, Role, TreeKey, Use};
use assent_store::home::{self, Order};
use assent_store::requests::{self, Request};
use assent_web::{Ctx, Problem, Staff, session};

use crate::around::{self, Around, Of};
use crate::desk::model::stand::{Stand, stand};
use crate::desk::model::{NOTE, cell, keys};
use crate::seen::words::concerns;
use crate::texts;

/// Uses on one page.
pub const USES: u32 = 100;

/// What a page of a record needs.
pub struct Record {
    /// The person, sealed.
    pub dossier: Dossier,
    /// What may be seen of them; none when nothing is held.
    pub answer: Option<Answer<View>>,
    /// True when nothing tells on what terms they came.
    pub quarantined: bool,
    /// What they were asked before about purposes of this role, newest first.
    pub requests: Vec<Request>,
    /// Who came right after.
    pub newer: Option<PersonId>,
    /// Who came right before.
    pub older: Option<PersonId>,
    /// Names of staff by id.
    pub colleagues: BTreeMap<String, String>,
    /// Other purposes of this role that open something when nothing is open, and how much.
    pub others: Vec<(PurposeKey, usize)>,
    /// Tasks and deals, as far as what they say is open.
    pub around: Around,
    /// Why no note can be written for the purpose at hand, if none can.
    pub no_note: Option<Reason>,
}

/// Looks a person up and asks to see everything.
pub async fn record(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Record, Problem> {
    let company = staff.company.id;
    let dossier = ctx.gate.look_one(company, id).await?;
    let answer = match dossier.everything() {
        Some(matters) => {
            Some(ctx.gate.ask(ctx.question(View, staff, &dossier, matters).await?, &dossier).await?)
        }
        None => None,
    };
    let seen = cell::values(answer.as_ref(), &dossier, |_| true);
    let opened = texts::of_person_seen(ctx, staff, dossier.person(), &seen).await?;
    let standing = ctx.gate.policy(company).await?;
    let (policy, requests) = (&standing.policy, requests_of(ctx, staff, &dossier).await?);
    let neighbour = |order| async move {
        let read = ctx.gate.home().read(move |tx| home::page(tx, company, order, Some(id), 1)).await;
        read.map(|page| page.first().map(|listed| listed.person))
    };
    Ok(Record {
        quarantined: super::quarantined(ctx, staff, id).await?,
        requests: requests.into_iter().filter(|one| concerns(policy, staff.role, &one.purpose)).collect(),
        newer: neighbour(Order::Oldest).await?,
        older: neighbour(Order::Newest).await?,
        colleagues: super::colleagues(ctx, staff).await?,
        no_note: no_note(ctx, staff, &dossier).await?,
        around: around::read(ctx, staff, Of::Person(id)).await?.told(&opened),
        others: match answer.as_ref().and_then(Answer::permit) {
            Some(_) => Vec::new(),
            None => others(ctx, staff, &dossier).await?,
        },
        answer,
        dossier,
    })
}

/// What else this role works for and would open something, foreseen only; most first.
async fn others(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<(PurposeKey, usize)>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mut out = Vec::new();
    // The duty to tell and ask is no way to look around.
    let all = session::purposes_of(&standing.policy, staff.role).into_iter();
    for key in all.filter(|key| !key.as_str().starts_with("rights.")) {
        let Some(matters) = dossier.everything() else { return Ok(out) };
        let question = ctx.question_for(View, staff, dossier, matters, key.clone()).await?;
        let ruling = ctx.gate.foresee(&question, dossier).await?;
        let opens = ruling.verdicts.iter().filter(|(_, verdict)| verdict.open().is_some()).count();
        if opens > 0 {
            out.push((key, opens));
        }
    }
    out.sort_by_key(|(_, opens)| std::cmp::Reverse(*opens));
    Ok(out)
}

async fn no_note(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Option<Reason>, Problem> {
    let kind = keys(&[NOTE]).into_iter();
    let ruling = foreseen(ctx, staff, dossier, kind, staff.purpose.clone()).await?;
    Ok(ruling.and_then(|ruling| ruling.refusal().cloned()))
}

/// What a person was asked before, newest first.
pub async fn requests_of(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<Request>, Problem> {
    let (company, person) = (staff.company.id, dossier.id());
    let store = ctx.gate.region_db(dossier.region())?;
    Ok(store.read(move |tx| requests::of_person(tx, company, person)).await?)
}

/// Who used what, newest first, from a place in the list on; nothing when nothing of the person is open.
pub async fn uses(ctx: &Ctx, record: &Record, after: After) -> Result<Option<Vec<UseLine>>, Problem> {
    match record.answer.as_ref().and_then(Answer::permit) {
        Some(permit) => Ok(Some(ctx.gate.uses(permit, &record.dossier, after, USES).await?)),
        None => Ok(None),
    }
}

/// Where each purpose stands that this role works for, foreseen. Nothing is released.
pub async fn stands(ctx: &Ctx, staff: &Staff, record: &Record) -> Result<Vec<Stand>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (policy, person, now) = (&standing.policy, record.dossier.person(), ctx.now());
    let mut out = Vec::new();
    for purpose in policy.purposes.values().filter(|purpose| purpose.key.as_str().contains('.')) {
        let works = purpose.roles.has(staff.role);
        // What is foreseen is foreseen for who asks: another role's answer is not theirs to read.
        if !(works || staff.role == Role::Dpo && purpose.basis.needs_grant()) {
            continue;
        }
        let ruling = match record.dossier.everything() {
            Some(matters) if works && purpose.uses.has(Use::View) => {
                let key = purpose.key.clone();
                let question = ctx.question_for(View, staff, &record.dossier, matters, key).await?;
                Some(ctx.gate.foresee(&question, &record.dossier).await?)
            }
            _ => None,
        };
        out.push(stand(purpose, person, policy, ruling.as_ref(), &record.requests, now));
    }
    out.sort_by_cached_key(Stand::rank);
    Ok(out)
}

/// What would be answered about new facts of these kinds, without asking.
pub async fn foreseen(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    kinds: impl Iterator<Item = CategoryKey>,
    purpose: PurposeKey,
) -> Result<Option<assent_kernel::Ruling>, Problem> {
    let matters: Vec<Matter> = kinds.map(Matter::Kind).collect();
    let Ok(matters) = NonEmpty::try_from(matters) else { return Ok(None) };
    let question = ctx.question_for(View, staff, dossier, matters, purpose).await?;
    Ok(Some(ctx.gate.foresee(&question, dossier).await?))
}
