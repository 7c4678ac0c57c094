//! Writing: a value changed or added, a note, a new person, somebody erased. Each asks the gate first.

use assent_gate::{Admission, Answer, Certificate, Dossier, GateError, Keeping, LineId, NewFact, Newcomer};
use assent_kernel::decide::keep::INFORM;
use assent_kernel::grant::Answer as Said;
use assent_kernel::mandate::Effect;
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::View;
use assent_kernel::{
    CategoryKey, ContractId, FactId, Matter, NonEmpty, PersonId, PurposeKey, Reason, StaffId, Timestamp,
    Verdict,
};
use assent_store::work::leading::{self, Leading};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::ask::Stated;
use super::record::foreseen;
use crate::desk::model::cell::{Cell, cell};
use crate::desk::model::forms::{StandsOn, Typed};
use crate::far::far;
use crate::lookup::{Alike, alike};

/// What came of writing: kept, or why not.
pub type Written = Result<(), Reason>;

/// Looks at one fact under the purpose at hand.
pub async fn look_at(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    fact: FactId,
) -> Result<(Dossier, CategoryKey, Cell), Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let held = dossier.fact(fact).ok_or_else(super::nobody)?;
    if far(ctx, staff, std::iter::once(id)).await?.contains(&fact) {
        return Err(super::nobody());
    }
    let (category, matters) = (held.category().clone(), NonEmpty::one(Matter::Held(fact)));
    let question = ctx.question(View, staff, &dossier, matters).await?;
    let answer = ctx.gate.ask(question, &dossier).await?;
    let seen = cell(&answer, held);
    Ok((dossier, category, seen))
}

/// Refuses to change a value to which a row leads that is not theirs to change: a deal is not renamed by way of its contact.
/// Whoever wrote a note changes it. The person themselves, and whoever erases them, are held up by nothing of this.
pub async fn must_change(ctx: &Ctx, staff: &Staff, id: PersonId, fact: FactId) -> Result<(), Problem> {
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows = store.read(move |tx| leading::to(tx, company, id, fact)).await?;
    let theirs = |row: &&Leading| row.writer.is_some_and(|writer| staff.is_own(writer));
    let mut others = rows.iter().filter(|row| !theirs(row));
    others.try_for_each(|row| staff.must_change(row.object, &row.owners))
}

/// Asks whether a value of a kind could be seen under the purpose at hand: only then is it written under it.
pub async fn may_write(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: &CategoryKey,
) -> Result<Written, Problem> {
    let matters = NonEmpty::one(Matter::Kind(category.clone()));
    let question = ctx.question(View, staff, dossier, matters).await?;
    Ok(match ctx.gate.ask(question, dossier).await? {
        Answer::Permit(_) => Ok(()),
        Answer::Refusal(refusal) => Err(refusal.ruling.refusal().cloned().unwrap_or(Reason::EmptyRequest)),
    })
}

/// The kinds of facts that can be written under the purpose at hand, most used first. Nothing is recorded.
pub async fn writable(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<CategoryKey>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let apart = assent_web::fields::apart(ctx, staff.company.id).await?;
    let all = standing.policy.categories.keys().filter(|key| key.to_string().contains('.'));
    let all = all.filter(|key| !apart.contains(*key)).cloned();
    let ruling = foreseen(ctx, staff, dossier, all, staff.purpose.clone()).await?;
    let open = |(matter, verdict): &(Matter, Verdict)| match (matter, verdict.open()) {
        (Matter::Kind(key), Some(open)) if open.mask == assent_kernel::mandate::Mask::Full => {
            Some(key.clone())
        }
        _ => None,
    };
    Ok(ruling.iter().flat_map(|ruling| ruling.verdicts.iter().filter_map(open)).collect())
}

/// Keeps a value: a new one, or one in the place of another.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: CategoryKey,
    value: String,
    replaces: Option<FactId>,
) -> Result<Written, Problem> {
    Ok(keep_one(ctx, staff, dossier, category, value, replaces).await?.map(|_| ()))
}

/// The same, telling under which id it is kept.
pub async fn keep_one(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: CategoryKey,
    value: String,
    replaces: Option<FactId>,
) -> Result<Result<FactId, Reason>, Problem> {
    super::must_change(staff, dossier)?;
    let keeping = Keeping {
        category,
        value,
        source: typed_in(staff),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces,
    };
    match ctx.gate.keep(dossier, vec![keeping], staff.asker(), ctx.now()).await {
        Ok((facts, _)) => facts.first().map(|id| Ok(*id)).ok_or_else(|| Problem::internal(&"no fact")),
        Err(GateError::NotKept(reason)) => Ok(Err(reason)),
        Err(other) => Err(other.into()),
    }
}

/// Removes a value.
pub async fn remove(ctx: &Ctx, staff: &Staff, dossier: &Dossier, fact: FactId) -> Result<(), Problem> {
    super::must_change(staff, dossier)?;
    ctx.gate.forget(dossier, fact, staff.asker(), ctx.now()).await?;
    Ok(())
}

fn typed_in(staff: &Staff) -> String {
    format!("typed in by {}", staff.role.label())
}

/// People who are here already with exactly this e-mail address, and with exactly this phone number.
pub async fn twins(ctx: &Ctx, staff: &Staff, typed: &Typed) -> Result<(Alike, Alike), Problem> {
    let of = async |kind: &str, value: Option<&str>| match value {
        Some(value) => alike(ctx, staff, kind, value).await,
        None => Ok(Alike { open: Vec::new(), closed: false }),
    };
    Ok((of("contact.email", typed.email()).await?, of("contact.phone", typed.phone()).await?))
}

/// Admits one new person. Tells who it is, and whether something was left out because it may not be kept.
pub async fn admit(
    ctx: &Ctx,
    staff: &Staff,
    typed: &Typed,
    stands: StandsOn,
) -> Result<(PersonId, bool), Problem> {
    let contracts = match stands {
        StandsOn::Request => Vec::new(),
        StandsOn::Contract(kind, from, until) => vec![(kind, from, until)],
    };
    let owner = staff.keeper(Object::People);
    let (id, left) = admit_on(ctx, staff, typed.values(), (contracts, Vec::new()), owner).await?;
    Ok((id, left > 0))
}

/// Admits one new person on contracts and on what they said before, if there is something. Tells who it is, and how
/// many values were left out because they may not be kept.
pub async fn admit_on(
    ctx: &Ctx,
    staff: &Staff,
    values: Vec<(CategoryKey, String)>,
    (contracts, answers): (Vec<(String, Timestamp, Timestamp)>, Vec<Said>),
    owner: Option<StaffId>,
) -> Result<(PersonId, usize), Problem> {
    let now = ctx.now();
    let id = ctx.gate.fresh(now, PersonId::new)?;
    let stated = contracts.clone();
    let said: Vec<(PurposeKey, Timestamp)> =
        answers.iter().map(|one| (one.purpose.clone(), one.at)).collect();
    let contract = |(kind, from, until): (String, Timestamp, Timestamp)| {
        Ok(Contract { id: ctx.gate.fresh(now, ContractId::new)?, kind, from, until })
    };
    let contracts = contracts.into_iter().map(contract).collect::<Result<Vec<_>, GateError>>()?;
    let facts = values.into_iter();
    let newcomer = Newcomer {
        id,
        residence: None,
        minor: false,
        contracts,
        answers,
        objections: Vec::new(),
        facts: facts.map(|(category, value)| NewFact { category, value, anchors: Vec::new() }).collect(),
    };
    let region = staff.company.region.clone();
    let admission = Admission {
        company: staff.company.id,
        region,
        newcomers: vec![newcomer],
        source: typed_in(staff),
        import: None,
        asker: staff.asker(),
        owner,
    };
    let left = ctx.gate.admit(admission, now).await?;
    let contracts = stated.iter().map(|(kind, from, until)| Stated::Contract(kind, *from, *until));
    let yeses = said.iter().map(|(purpose, given)| Stated::Yes(purpose, *given));
    for one in contracts.chain(yeses) {
        let told = super::ask::tell_of(ctx, staff, id, one).await;
        crate::frame::afterwards("the letter about what was put down", told);
    }
    Ok((id, left.len()))
}

/// What somebody said elsewhere, shown by the version of the text they saw and the day: as an import takes it.
pub async fn said_before(
    ctx: &Ctx,
    staff: &Staff,
    purpose: &PurposeKey,
    version: u32,
    given: Timestamp,
) -> Result<Said, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let notice = policy
        .notice_for(purpose)
        .ok_or_else(|| Problem::invalid(format!("No notice asks for the purpose {purpose}.")))?;
    let oldest = policy.oldest_valid.get(&notice.id).copied().unwrap_or(1);
    if !(oldest..=notice.version).contains(&version) {
        return Err(Problem::invalid("A yes counts only for a version of the notice that still counts."));
    }
    if ctx.now() < given {
        return Err(Problem::invalid("Nobody can have said yes in the future."));
    }
    Ok(ctx.gate.imported_grant(notice, version, policy, given)?)
}

/// What a law still demands of a person's facts: kind, citation, until when.
pub async fn demanded(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
) -> Result<Vec<(CategoryKey, String, assent_kernel::Timestamp)>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let now = ctx.now();
    let mut out = Vec::new();
    for held in dossier.facts() {
        let live = held.fact().anchors.iter().filter(|anchor| now < anchor.until);
        let rules = live.filter_map(|a| Some((standing.policy.mandates.get(&a.mandate)?, a.until)));
        let best = rules.filter(|(m, _)| m.effect == Effect::Require && m.in_force(now)).max_by_key(|r| r.1);
        out.extend(
            best.map(|(m, until)| (held.category().clone(), crate::desk::model::words::cited(m), until)),
        );
    }
    Ok(out)
}

/// Erases a person: every record they have.
pub async fn erase(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    never_write: bool,
) -> Result<Vec<Certificate>, Problem> {
    let found = ctx.gate.look_even_deleted(&staff.people(), &[id]).await?.pop().ok_or_else(super::nobody)?;
    super::must_change(staff, &found)?;
    Ok(ctx.gate.erase_all(&staff.people(), id, staff.asker(), never_write, ctx.now()).await?)
}

/// The receipt of one entry, for those who tell people what was done with their data.
pub async fn receipt(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    line: LineId,
) -> Result<Result<String, Reason>, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let Some(matters) = dossier.everything() else { return Err(super::nobody()) };
    let inform = PurposeKey::new(INFORM).map_err(|error| Problem::internal(&error))?;
    let question = ctx.question_for(View, staff, &dossier, matters, inform).await?;
    match ctx.gate.ask(question, &dossier).await? {
        Answer::Permit(permit) => Ok(Ok(ctx.gate.receipt(&permit, &dossier, line, ctx.now()).await?)),
        Answer::Refusal(refusal) => {
            Ok(Err(refusal.ruling.refusal().cloned().unwrap_or(Reason::EmptyRequest)))
        }
    }
}
