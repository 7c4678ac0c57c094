//! What is law takes two people: one drafts, another approves.

use assent_gate::GateError;
use assent_kernel::{DraftId, Mandate, MandateId, Policy, Role, Span, StaffId, Timestamp};
use assent_store::policies::{self, About, Change, Draft};
use assent_store::{StoreError, Tx, access, callers};
use assent_web::catalogue::filled;
use assent_web::{Ctx, Problem, Staff};
use serde::{Deserialize, Serialize};

use super::super::ROLES;
use super::super::model::mandate::shipped;

/// What a draft would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proposal {
    /// A mandate that is new, or takes the place of one with the same id.
    Mandate(Box<Mandate>),
    /// A mandate ends.
    End(MandateId, Timestamp),
    /// Legitimate interest is turned on or off.
    Interest(bool),
}

impl Proposal {
    /// What it is called in the history and for programs, in English.
    pub fn title(&self, policy: &Policy) -> String {
        let (sentence, key) = self.called(policy);
        sentence.replace("{key}", key)
    }

    /// What it is called in lists, in the language of whoever reads them.
    pub fn title_here(&self, policy: &Policy) -> String {
        let (sentence, key) = self.called(policy);
        filled(sentence, &[("key", &key)])
    }

    /// A sentence of the catalogue, and the mandate that it names.
    fn called<'a>(&'a self, policy: &'a Policy) -> (&'static str, &'a str) {
        match self {
            Self::Mandate(new) if policy.mandates.contains_key(&new.id) => ("Change {key}", &new.key),
            Self::Mandate(new) => ("Add {key}", &new.key),
            Self::End(id, _) => {
                let key = policy.mandates.get(id).map_or("a mandate", |mandate| mandate.key.as_str());
                ("End {key}", key)
            }
            Self::Interest(true) => ("Turn legitimate interest on", ""),
            Self::Interest(false) => ("Turn legitimate interest off", ""),
        }
    }

    /// Which mandate it is about.
    pub fn mandate(&self) -> Option<MandateId> {
        match self {
            Self::Mandate(new) => Some(new.id),
            Self::End(id, _) => Some(*id),
            Self::Interest(_) => None,
        }
    }

    /// The policy as it would be, approved by these two; false when it no longer fits.
    pub fn apply(&self, policy: &mut Policy, two: [StaffId; 2], at: Timestamp) -> bool {
        match self {
            Self::Mandate(new) => {
                let version = policy.mandates.get(&new.id).map_or(0, |old| old.version);
                let taken = policy.mandate(&new.key).is_some_and(|other| other.id != new.id);
                // Written on another version of it, or somebody took the name.
                if taken || version.saturating_add(1) != new.version {
                    return false;
                }
                policy.mandates.insert(new.id, Mandate { approved_by: two.to_vec(), ..(**new).clone() });
                true
            }
            // Never into the past: what was decided while it held stays decided.
            Self::End(id, until) => policy.mandates.get_mut(id).is_some_and(|mandate| {
                mandate.version = mandate.version.saturating_add(1);
                mandate.until = mandate.until.min((*until).max(at));
                mandate.approved_by = two.to_vec();
                true
            }),
            Self::Interest(on) => {
                policy.legitimate_interest = *on;
                true
            }
        }
    }
}

/// One of the company's own: what came with the program is changed by a new version of the program alone.
pub fn own(mandate: &Mandate) -> Result<&Mandate, Problem> {
    if shipped(mandate) {
        return Err(Problem::forbidden("This mandate came with Assent. Add one of your own beside it."));
    }
    Ok(mandate)
}

/// Writes down that one of the company's own ends now.
pub async fn propose_end(ctx: &Ctx, staff: &Staff, mandate: &Mandate) -> Result<DraftId, Problem> {
    if own(mandate)?.until <= ctx.now() {
        return Err(Problem::invalid("It is over already."));
    }
    propose(ctx, staff, &Proposal::End(mandate.id, ctx.now())).await
}

/// Writes a draft down; it changes nothing until somebody else approves it.
pub async fn propose(ctx: &Ctx, staff: &Staff, proposal: &Proposal) -> Result<DraftId, Problem> {
    let (company, by, at) = (staff.company.id, staff.id, ctx.now());
    let id = ctx.gate.fresh(at, DraftId::new)?;
    let body = serde_json::to_string(proposal).map_err(|error| Problem::internal(&error))?;
    ctx.gate.home().write(move |tx| policies::add_draft(tx, company, id, by, at, &body)).await?;
    Ok(id)
}

/// One draft with what it would do.
pub async fn draft(ctx: &Ctx, staff: &Staff, id: &str) -> Result<(Draft, Proposal), Problem> {
    let nothing = || Problem::not_found("There is no such draft.");
    let id: DraftId = id.parse().map_err(|_| nothing())?;
    let company = staff.company.id;
    let found =
        ctx.gate.home().read(move |tx| policies::draft(tx, company, id)).await?.ok_or_else(nothing)?;
    let proposal = read(&found)?;
    Ok((found, proposal))
}

fn read(draft: &Draft) -> Result<Proposal, Problem> {
    serde_json::from_str(&draft.body).map_err(|error| Problem::internal(&error))
}

/// The drafts of the company, newest first.
pub async fn drafts(ctx: &Ctx, staff: &Staff) -> Result<Vec<(Draft, Proposal)>, Problem> {
    let company = staff.company.id;
    let all = ctx.gate.home().read(move |tx| policies::drafts(tx, company)).await?;
    all.into_iter().map(|draft| read(&draft).map(|proposal| (draft, proposal))).collect()
}

/// How long an account must stand as it does before it makes law: everybody sees meanwhile who made it so.
const STANDING: Span = Span::days(1);

/// The two humans who agree. Refuses when they are one, however many keys and sessions they have, and when one of the two cannot
/// have been a person of their own: whoever can make accounts, give roles and reset sign-ins would otherwise be two people in
/// one minute.
async fn two_people(ctx: &Ctx, staff: &Staff, by: StaffId) -> Result<[StaffId; 2], Problem> {
    let (at, company, second) = (ctx.now(), staff.company.id, staff.id);
    let read = move |tx: &mut Tx<'_>| {
        Ok([callers::answers(tx, company, by)?, callers::answers(tx, company, second)?])
    };
    let [Some(by), Some(second)] = ctx.gate.home().read(read).await? else {
        return Err(Problem::forbidden(
            "A key that was made on the command line is nobody's: law takes two people who answer for it.",
        ));
    };
    if by == second {
        return Err(Problem::forbidden("You wrote this draft. Somebody else has to approve it."));
    }
    let read = move |tx: &mut Tx<'_>| {
        let mut both = Vec::new();
        for id in [by, second] {
            let row = access::staff_by_id(tx, id)?.filter(|row| row.company == company && !row.disabled);
            both.push((row, access::standing_since(tx, id)?));
        }
        Ok(both)
    };
    let who = [
        "Whoever wrote this draft, or made the key that did, no longer works here in a role that may. Decline it, and write \
         it anew.",
        "You, or whoever made the key that approves, do not work here in a role that may.",
    ];
    for ((row, since), gone) in ctx.gate.home().read(read).await?.into_iter().zip(who) {
        let roles = |row: &access::Staff| {
            row.roles.split(',').filter_map(Role::parse).any(|role| ROLES.contains(&role))
        };
        let Some(row) = row.filter(roles) else {
            return Err(Problem::forbidden(gone));
        };
        if since.is_none_or(|since| at < since.plus(STANDING)) {
            return Err(Problem::forbidden(format!(
                "The account of {} was made, given its roles, or given a new way in less than a day ago. Approve this draft \
                 tomorrow.",
                row.name
            ))
            .german(format!(
                "Das Konto von {} wurde vor weniger als einem Tag angelegt oder bekam da seine Rollen oder einen neuen Weg \
                 hinein. Stimmen Sie diesem Entwurf morgen zu.",
                row.name
            )));
        }
    }
    Ok([by, second])
}

/// True when the same human wrote a draft who looks at it.
pub async fn wrote(ctx: &Ctx, staff: &Staff, draft: &Draft) -> Result<bool, Problem> {
    let (company, by, id) = (staff.company.id, draft.by, staff.id);
    let read =
        move |tx: &mut Tx<'_>| Ok((callers::answers(tx, company, by)?, callers::answers(tx, company, id)?));
    let (writer, reader) = ctx.gate.home().read(read).await?;
    Ok(by == id || writer.is_some() && writer == reader)
}

/// The second person agrees: from here on it is law.
pub async fn approve(ctx: &Ctx, staff: &Staff, draft: &Draft, proposal: &Proposal) -> Result<(), Problem> {
    let two = two_people(ctx, staff, draft.by).await?;
    let standing = ctx.gate.reload_policy(staff.company.id).await?;
    let mut policy = standing.policy.clone();
    let change = Change {
        about: About::Mandate,
        by: Some(draft.by),
        second: Some(staff.id),
        item: proposal.mandate().map_or_else(String::new, |id| id.to_string()),
        what: proposal.title(&policy),
        settles: Some(draft.id),
    };
    if !proposal.apply(&mut policy, two, ctx.now()) {
        return Err(Problem::conflict(
            "What this draft is about has changed since it was written. Decline it, and write it anew.",
        ));
    }
    match ctx.gate.change_policy(policy, change, ctx.now()).await {
        Ok(_) => Ok(()),
        Err(GateError::Store(StoreError::Moved)) => Err(Problem::conflict(
            "The policy changed at the same moment, or the draft is decided already. Look again.",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Somebody says no to a draft, or takes their own back.
pub async fn decline(ctx: &Ctx, staff: &Staff, draft: &Draft) -> Result<(), Problem> {
    let (company, by, at, id) = (staff.company.id, staff.id, ctx.now(), draft.id);
    let done = ctx.gate.home().write(move |tx| policies::decide(tx, company, id, by, at, false)).await?;
    if done { Ok(()) } else { Err(Problem::conflict("The draft is decided already.")) }
}
