//! One record: everything held about a person, asked for once, and where their purposes stand.

use std::collections::{BTreeMap, HashSet};

use assent_gate::{After, Answer, Dossier, FileMark, UseLine};
use assent_kernel::uses::kind::View;
use assent_kernel::{
    CategoryKey, FactId, Matter, NonEmpty, PersonId, PurposeKey, Reason, Role, TreeKey, Use,
};
use assent_store::requests::{self, Request};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff, session};

use super::joined::{self, Double, Part};
use super::{deleted, files};
use crate::around::{self, Around, Of};
use crate::desk::model::back::Back;
use crate::desk::model::cell::{self, Value};
use crate::desk::model::stand::{Stand, stand};
use crate::desk::model::{NOTE, keys};
use crate::far::far;
use crate::seen::words::concerns;
use crate::texts;

/// Uses on one page.
pub const USES: u32 = 100;

/// What a page of a record needs.
pub struct Record {
    /// The person, sealed: the record that stands for all they have.
    pub dossier: Dossier,
    /// What may be seen of it; none when nothing is held.
    pub answer: Option<Answer<View>>,
    /// Their other records, each with what may be seen of it.
    pub others_of: Vec<Part>,
    /// Others who share an address and may be known to whoever looks.
    pub alike: Vec<Double>,
    /// True when nothing tells on what terms they came.
    pub quarantined: bool,
    /// What they were asked before about purposes of this role, newest first.
    pub requests: Vec<Request>,
    /// Names of staff by id.
    pub colleagues: BTreeMap<String, String>,
    /// Other purposes of this role that open something when nothing is open, and how much.
    pub others: Vec<(PurposeKey, usize)>,
    /// True when they are whoever looks's to change.
    pub may_change: bool,
    /// True when whoever looks may delete them.
    pub may_delete: bool,
    /// Facts that stand in work of colleagues beyond reach: nothing of them is told here either, but how many they are.
    pub far: HashSet<FactId>,
    /// Which facts are names of files.
    pub files: BTreeMap<FactId, FileMark>,
    /// Tasks and deals, as far as what they say is open.
    pub around: Around,
    /// Why no note can be written for the purpose at hand, if none can.
    pub no_note: Option<Reason>,
}

impl Record {
    /// Every record with what may be seen of it, the one that stands for all first.
    pub fn parts(&self) -> impl Iterator<Item = (&Dossier, Option<&Answer<View>>)> {
        let first = (&self.dossier, self.answer.as_ref());
        std::iter::once(first).chain(self.others_of.iter().map(|(one, answer)| (one, answer.as_ref())))
    }

    /// The record that a fact belongs to.
    pub fn holder(&self, fact: assent_kernel::FactId) -> &Dossier {
        self.parts().map(|(one, _)| one).find(|one| one.fact(fact).is_some()).unwrap_or(&self.dossier)
    }

    /// What may be seen of all records; what was chosen to stand first does.
    pub fn values(&self) -> Vec<Value> {
        let mut all: Vec<(bool, Value)> = Vec::new();
        for (dossier, answer) in self.parts() {
            let mut values = cell::values(answer, dossier, |_| true);
            values.retain(|value| !self.far.contains(&value.fact.id));
            let values = values.into_iter();
            all.extend(values.map(|value| (!dossier.is_first(value.fact.id), value)));
        }
        all.sort_by_key(|(later, _)| *later);
        all.into_iter().map(|(_, value)| value).collect()
    }
}

/// Looks a person up and asks to see everything.
pub async fn record(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Record, Problem> {
    let records = ctx.gate.look_all(&staff.people(), id).await?;
    let alike = joined::alike(ctx, staff, &records).await?;
    let mut parts = joined::seen(ctx, staff, records).await?.into_iter();
    let (dossier, answer) = parts.next().ok_or_else(super::nobody)?;
    let others_of: Vec<Part> = parts.collect();
    let mut marks = files::marks(ctx, &dossier, answer.as_ref()).await?;
    for (other, answer) in &others_of {
        marks.extend(files::marks(ctx, other, answer.as_ref()).await?);
    }
    let records = || std::iter::once(&dossier).chain(others_of.iter().map(|(other, _)| other));
    let requests = requests_of_all(ctx, staff, records()).await?;
    let far = far(ctx, staff, records().map(Dossier::id)).await?;
    marks.retain(|fact, _| !far.contains(fact));
    let record = Record {
        quarantined: super::quarantined(ctx, staff, id).await?,
        requests,
        colleagues: super::colleagues(ctx, staff).await?,
        no_note: no_note(ctx, staff, &dossier).await?,
        may_change: staff.changes(Object::People, &[dossier.owner()]),
        may_delete: deleted::may(ctx, staff, &dossier).await?,
        far,
        files: marks,
        around: Around::default(),
        others: match answer.as_ref().and_then(Answer::permit) {
            Some(_) => Vec::new(),
            None => others(ctx, staff, &dossier).await?,
        },
        answer,
        dossier,
        others_of,
        alike,
    };
    let around = around_of(ctx, staff, &record).await?;
    Ok(Record { around, ..record })
}

/// Tasks and deals of all records, as far as what they say is open.
async fn around_of(ctx: &Ctx, staff: &Staff, record: &Record) -> Result<Around, Problem> {
    let people = record.parts().map(|(one, _)| one.person());
    let opened = texts::of_person_seen(ctx, staff, people, &record.values()).await?;
    let mut all = Around::default();
    for (one, _) in record.parts() {
        all = around::read(ctx, staff, Of::Person(one.id()), around::Part::default()).await?.and(all);
    }
    Ok(all.told(&opened))
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

/// What these records were asked before about purposes of this role, newest first.
pub async fn requests_of_all(
    ctx: &Ctx,
    staff: &Staff,
    records: impl Iterator<Item = &Dossier>,
) -> Result<Vec<Request>, Problem> {
    let mut all = Vec::new();
    for one in records {
        all.extend(requests_of(ctx, staff, one).await?);
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    all.retain(|one| concerns(&standing.policy, staff.role, &one.purpose));
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(all)
}

/// What a person was asked before, newest first.
pub async fn requests_of(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<Request>, Problem> {
    let (company, person) = (staff.company.id, dossier.id());
    let store = ctx.gate.region_db(dossier.region())?;
    Ok(store.read(move |tx| requests::of_person(tx, company, person)).await?)
}

/// Who used what of a human's records, newest first, from a place in the list of each on, and where the next page begins;
/// nothing when nothing of the record itself is open. A page goes as far back as the list that ends first on it.
pub async fn uses_of_all(
    ctx: &Ctx,
    record: &Record,
    from: &Back,
) -> Result<Option<(Vec<UseLine>, Option<Back>)>, Problem> {
    let Some(own) = uses(ctx, record, from.first()).await? else { return Ok(None) };
    let mut pages = vec![own];
    for (n, (other, answer)) in record.others_of.iter().enumerate() {
        let page = uses_page(ctx, other, answer.as_ref(), from.of(n.saturating_add(1))).await?;
        pages.push(page.unwrap_or_default());
    }
    let ends = pages.iter().filter(|(_, next)| next.is_some()).filter_map(|(lines, _)| lines.last());
    let Some(end) = ends.map(|line| line.detail.at).max() else {
        return Ok(Some((pages.into_iter().flat_map(|(lines, _)| lines).collect(), None)));
    };
    let (mut out, mut after) = (Vec::new(), Vec::new());
    for (n, (mut lines, next)) in pages.into_iter().enumerate() {
        let (read, shown) = (lines.len(), lines.partition_point(|line| line.detail.at >= end));
        lines.truncate(shown);
        let told = lines.iter().fold(from.of(n), |after, line| after.and(line.id));
        after.push(next.filter(|_| shown == read).unwrap_or(told));
        out.extend(lines);
    }
    Ok(Some((out, Some(Back { after, until: end }))))
}

/// Who used what of one record, newest first, from a place in the list on, and where the next page begins; nothing when
/// nothing of the record is open.
pub async fn uses_page(
    ctx: &Ctx,
    dossier: &Dossier,
    answer: Option<&Answer<View>>,
    after: After,
) -> Result<Option<(Vec<UseLine>, Option<After>)>, Problem> {
    match answer.and_then(Answer::permit) {
        Some(permit) => Ok(Some(ctx.gate.uses_page(permit, dossier, after, USES).await?)),
        None => Ok(None),
    }
}

/// Who used what, newest first, from a place in the list on, and where the next page begins; nothing when nothing of the
/// person is open.
pub async fn uses(
    ctx: &Ctx,
    record: &Record,
    after: After,
) -> Result<Option<(Vec<UseLine>, Option<After>)>, Problem> {
    uses_page(ctx, &record.dossier, record.answer.as_ref(), after).await
}

/// Where each purpose stands that this role works for, foreseen. Nothing is released.
pub async fn stands(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    requests: &[Request],
) -> Result<Vec<Stand>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (policy, person, now) = (&standing.policy, dossier.person(), ctx.now());
    let mut out = Vec::new();
    for purpose in policy.purposes.values().filter(|purpose| purpose.key.as_str().contains('.')) {
        let works = purpose.roles.has(staff.role);
        // What is foreseen is foreseen for who asks: another role's answer is not theirs to read.
        if !(works || staff.role == Role::Dpo && purpose.basis.needs_grant()) {
            continue;
        }
        let ruling = match dossier.everything() {
            Some(matters) if works && purpose.uses.has(Use::View) => {
                let key = purpose.key.clone();
                let question = ctx.question_for(View, staff, dossier, matters, key).await?;
                Some(ctx.gate.foresee(&question, dossier).await?)
            }
            _ => None,
        };
        out.push(stand(purpose, person, policy, ruling.as_ref(), requests, now));
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
