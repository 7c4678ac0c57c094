//! Verbs: ask in an emergency, answer as the second person, look while it opens, look with a case. Each asks the gate.

use assent_gate::{Answer, Dossier, Emergency, Letter, NewEmergency, Second};
use assent_kernel::uses::kind::View;
use assent_kernel::{
    CategoryKey, Context, Matter, NonEmpty, PersonId, Policy, PurposeKey, Question, Reason, RequestId, Role,
    Span, Timestamp, TreeKey as _, Use,
};
use assent_store::{Tx, access};
use assent_web::catalogue::{Lang, both};
use assent_web::{Ctx, Problem, Staff, shipped, text};

use crate::seen::cell::{self, Value};
use crate::served;

/// How long an account must stand as it does before it counts as a second person, as for a mandate.
const STANDING: Span = Span::days(1);
/// The most that the list shows.
const MOST: u32 = 200;

/// Nobody, or nothing, by that id.
pub fn nothing() -> Problem {
    Problem::not_found("There is nothing here by that id.")
}

/// Purposes of this role that open in an emergency.
pub fn purposes(policy: &Policy, role: Role) -> Vec<PurposeKey> {
    let all = policy.purposes.values().filter(|one| assent_gate::is_emergency(policy, &one.key));
    all.filter(|one| one.roles.has(role) && one.uses.has(Use::View)).map(|one| one.key.clone()).collect()
}

/// Kinds of facts that are held of a person, each once.
fn held(dossier: &Dossier) -> Vec<CategoryKey> {
    let mut kinds: Vec<CategoryKey> = dossier.facts().map(|held| held.category().clone()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What could be opened of a person in an emergency.
pub struct Offered {
    /// The person, sealed.
    pub dossier: Dossier,
    /// For which purpose.
    pub purpose: Option<PurposeKey>,
    /// Which kinds, or why none.
    pub kinds: Result<Vec<CategoryKey>, Reason>,
}

/// What could be opened of a person for a role: nothing where the company laid down no rule for emergencies.
pub async fn offered(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Offered, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (mut kinds, mut purpose) = (Err(Reason::NoMandate), None);
    for key in purposes(&standing.policy, staff.role) {
        let all = held(&dossier);
        kinds = ctx.gate.openable(&dossier, staff.asker(), &key, &all, ctx.now()).await?;
        purpose = Some(key);
        if kinds.is_ok() {
            break;
        }
    }
    Ok(Offered { dossier, purpose, kinds })
}

/// Asks to open kinds of facts of a person.
pub async fn ask(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    kinds: Vec<CategoryKey>,
    (case, reason): (String, String),
) -> Result<Result<RequestId, Reason>, Problem> {
    let offered = offered(ctx, staff, id).await?;
    let (Some(purpose), Ok(open)) = (offered.purpose, &offered.kinds) else {
        return Ok(Err(offered.kinds.err().unwrap_or(Reason::NoMandate)));
    };
    let kinds: Vec<CategoryKey> = kinds.into_iter().filter(|kind| open.contains(kind)).collect();
    let new = NewEmergency { purpose, kinds, case, reason, who: staff.name.clone() };
    Ok(ctx.gate.ask_emergency(&offered.dossier, (staff.id, staff.role), new, ctx.now()).await?)
}

/// One emergency, for whoever asked and for those who may answer.
pub async fn one(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Emergency, Problem> {
    let id: RequestId = id.parse().map_err(|_| nothing())?;
    let found = ctx.gate.emergency(&staff.people(), id).await?.ok_or_else(nothing)?;
    if found.staff == staff.id || staff.is(assent_gate::SECONDS) { Ok(found) } else { Err(nothing()) }
}

/// The emergencies: all of them for those who may answer, one's own for others.
pub async fn all(ctx: &Ctx, staff: &Staff) -> Result<Vec<Emergency>, Problem> {
    let mut all = ctx.gate.emergencies(&staff.people(), MOST).await?;
    all.retain(|one| one.staff == staff.id || staff.is(assent_gate::SECONDS));
    Ok(all)
}

/// The second person says yes or no.
pub async fn answer(ctx: &Ctx, staff: &Staff, id: RequestId, yes: bool) -> Result<(), Problem> {
    if yes {
        stands(ctx, staff).await?;
    }
    let span = Span::minutes(ctx.settings.limits.emergency_minutes);
    let second =
        Second { staff: staff.id, role: staff.role, name: staff.name.clone(), yes: yes.then_some(span) };
    Ok(ctx.gate.settle_emergency(&staff.people(), id, second, ctx.now()).await?)
}

/// Refuses a second person whose account was made, given its roles or a new way in a moment ago: whoever can make
/// accounts would otherwise be two people.
async fn stands(ctx: &Ctx, staff: &Staff) -> Result<(), Problem> {
    let (id, at) = (staff.id, ctx.now());
    let since = ctx.gate.home().read(move |tx: &mut Tx<'_>| access::standing_since(tx, id)).await?;
    if since.is_some_and(|since| since.plus(STANDING) <= at) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "Your account was made, given its roles, or given a new way in less than a day ago. Somebody else has to approve.",
    ))
}

/// What an emergency opens now: each value asked for and written down, after the person was told.
pub struct Looked {
    /// The person, sealed.
    pub dossier: Dossier,
    /// The values of the kinds that were asked for.
    pub values: Vec<Value>,
}

/// Looks while it runs; nothing when it does not, or is not one's own.
pub async fn look(ctx: &Ctx, staff: &Staff, one: &Emergency) -> Result<Option<Looked>, Problem> {
    let Some(person) = one.person.filter(|_| one.staff == staff.id && one.runs(ctx.now())) else {
        return Ok(None);
    };
    let dossier = ctx.gate.look_one(&staff.people(), person).await?;
    let Some(matters) = dossier.of_categories(&one.kinds) else { return Ok(None) };
    let question = ctx.question_for(View, staff, &dossier, matters, one.purpose.clone()).await?;
    let answer = ctx.gate.ask(question, &dossier).await?;
    if answer.permit().is_none() {
        return Ok(None);
    }
    if one.looked_at.is_none() {
        tell(ctx, staff, &dossier, one).await?;
        ctx.gate.looked_in_emergency(&dossier, one.id, ctx.now()).await?;
    }
    let wanted = |category: &CategoryKey| one.kinds.iter().any(|kind| kind.covers(category));
    let values = cell::values(Some(&answer), &dossier, wanted);
    Ok(Some(Looked { dossier, values }))
}

/// Writes to the person before anything is shown. Who cannot be reached by letter reads it on their page.
async fn tell(ctx: &Ctx, staff: &Staff, dossier: &Dossier, one: &Emergency) -> Result<(), Problem> {
    let answer = served::ask(ctx, dossier, &["contact.email", "personal.language"]).await?;
    let Some(permit) = answer.as_ref().and_then(Answer::permit) else { return Ok(()) };
    let open = |kind: &str| {
        let mut mine = dossier.facts().filter(|held| held.category().as_str().starts_with(kind));
        mine.find(|held| permit.opened(held.id()).is_some())
    };
    let Some(to) = open("contact.email") else { return Ok(()) };
    let language = open("personal.language").and_then(|held| permit.open(held).ok());
    let german = language.is_some_and(|value| value.to_lowercase().starts_with("de"));
    let letter = letter(ctx, staff, one, german).await?;
    ctx.gate.post(permit, dossier, to, letter, ctx.now()).await?;
    Ok(())
}

async fn letter(ctx: &Ctx, staff: &Staff, one: &Emergency, german: bool) -> Result<Letter, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let company = &staff.company.name;
    let lang = if german { Lang::German } else { Lang::English };
    let kinds: Vec<&str> = one
        .kinds
        .iter()
        .filter_map(|key| Some(shipped::category(standing.policy.categories.get(key)?, lang)))
        .collect();
    let typed = one.typed.clone().unwrap_or_default();
    // In the language of the person, whoever of staff looks.
    let day = both(|| text::date_time(ctx.now().micros()));
    let (kinds, day) = (kinds.join(", "), if german { day.german } else { day.english });
    let page = format!("{}/my/{}", ctx.settings.base_url, staff.company.code);
    Ok(if german {
        Letter {
            subject: format!("{company} hat in einem Notfall etwas über Sie geöffnet"),
            body: format!(
                "Am {day} hat {} bei {company} das angesehen: {kinds}.\n\nGrund: {}\nFall: {}\nZugestimmt hat: {}\n\n\
                 Alles darüber, und wie Sie sich wehren: {page}\n",
                typed.who, typed.reason, typed.case, typed.second
            ),
        }
    } else {
        Letter {
            subject: format!("{company} opened something about you in an emergency"),
            body: format!(
                "On {day} {} at {company} looked at: {kinds}.\n\nBecause: {}\nCase: {}\nApproved by: {}\n\n\
                 All about it, and how to object: {page}\n",
                typed.who, typed.reason, typed.case, typed.second
            ),
        }
    })
}

/// Looks at a person with a case: decided for that law, and kept with the use.
pub async fn look_with_case(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    purpose: PurposeKey,
    case: &str,
) -> Result<(Dossier, Answer<View>, Timestamp), Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let kind = || CategoryKey::new("name").map_err(|error| Problem::internal(&error));
    let matters = match dossier.everything() {
        Some(matters) => matters,
        None => NonEmpty::one(Matter::Kind(kind()?)),
    };
    let question = ctx.question_for(View, staff, &dossier, matters, purpose).await?;
    let context = Context { ticket: Some(case.to_owned()), ..Context::default() };
    let question = Question { context, ..question };
    let answer = ctx.gate.ask(question, &dossier).await?;
    Ok((dossier, answer, ctx.now()))
}
