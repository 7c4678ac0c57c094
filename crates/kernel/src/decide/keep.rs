//! Whether a new fact may be kept at all: nothing is held without a warrant, and no warrant beats a Forbid mandate.

use crate::category::Category;
use crate::fact::Warrant;
use crate::grant::Said;
use crate::id::GrantId;
use crate::key::{CategoryKey, PurposeKey};
use crate::mandate::{Binds, Effect, Mandate, When};
use crate::person::Person;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::time::Timestamp;
use crate::uses::Use;

/// The purpose under which people are told that data about them came in, and asked (GDPR Art. 14). What stands on
/// it is in quarantine: it may be kept and its person asked, and nothing else.
pub const INFORM: &str = "rights.inform";

/// Whether a fact of this category may be kept about this person on this warrant.
///
/// # Errors
/// The [`Reason`] why not.
pub fn may_keep(
    policy: &Policy,
    person: &Person,
    category: &CategoryKey,
    warrant: Warrant,
    at: Timestamp,
) -> Result<(), Reason> {
    let known = policy.categories.get(category).ok_or(Reason::UnknownCategory)?;
    let hit = policy.mandates.values().find(|mandate| forbids(mandate, person, category, at));
    if let Some(mandate) = hit {
        return Err(Reason::ForbiddenBy { mandate: mandate.key.clone() });
    }
    match warrant {
        Warrant::Grant(id) => granted(person, id, known, at),
        Warrant::Mandate(id) => mandated(policy.mandates.get(&id), known, at),
    }
}

fn forbids(mandate: &Mandate, person: &Person, category: &CategoryKey, at: Timestamp) -> bool {
    let applies = match &mandate.when {
        When::Always => true,
        When::ResidentOf(regions) => person.may_live_in(regions),
        When::OutsideRegions(_) | When::RecipientKind(_) => false,
    };
    mandate.effect == Effect::Forbid
        && applies
        && mandate.in_force(at)
        && mandate.binds == Binds::Every
        && mandate.uses.has(Use::Capture)
        && mandate.categories.covers(category)
}

fn granted(person: &Person, id: GrantId, category: &Category, at: Timestamp) -> Result<(), Reason> {
    let grant = person.answers.values().find_map(|answer| match &answer.said {
        Said::Yes(grant) if grant.id == id => Some(grant),
        Said::Yes(_) | Said::No | Said::NoLonger => None,
    });
    let grant = grant.ok_or(Reason::Withdrawn)?;
    let until = grant.terms.until.whole_minute();
    if at >= until {
        return Err(Reason::Expired { at: until });
    }
    if !grant.terms.categories.covers(&category.key) {
        return Err(Reason::CategoryNotGranted);
    }
    if category.class.needs_explicit() && !grant.terms.explicit {
        return Err(Reason::NeedsExplicit);
    }
    Ok(())
}

fn mandated(mandate: Option<&Mandate>, category: &Category, at: Timestamp) -> Result<(), Reason> {
    let mandate = mandate.filter(|m| m.opens() && m.in_force(at)).ok_or(Reason::NoMandate)?;
    let quarantine = PurposeKey::new(INFORM).is_ok_and(|inform| mandate.purposes.covers(&inform));
    if category.class.needs_explicit() {
        return Err(Reason::NeedsExplicit);
    }
    if quarantine || mandate.categories.covers(&category.key) { Ok(()) } else { Err(Reason::NotNecessary) }
}
