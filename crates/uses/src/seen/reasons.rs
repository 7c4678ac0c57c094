//! Why something is closed, in a sentence of the reader's language. In English it is the law's own, word for word.

use assent_kernel::data::region_in_words;
use assent_kernel::party::Place;
use assent_kernel::{PartyId, Policy, PurposeKey, Reason, Region};
use assent_web::catalogue::{Lang, lang};
use assent_web::{say, shipped};

use super::words::{cited, label};

/// A region within a sentence.
fn there(region: &Region) -> String {
    match lang() {
        Lang::English => region_in_words(region).unwrap_or_else(|| region.to_string()),
        Lang::German => shipped::region(region, Lang::German),
    }
}

/// A company by its id.
fn name<'a>(policy: &'a Policy, id: &PartyId) -> &'a str {
    policy.parties.get(id).map_or_else(|| say("an unknown company"), |party| party.name.as_str())
}

/// One plain sentence, with the names that the policy knows.
pub fn in_words(reason: &Reason, purpose: &PurposeKey, policy: &Policy) -> String {
    let (what, name) = (label(policy, purpose), |id: &PartyId| name(policy, id));
    match reason {
        // These name nothing: the sentence of the law is the sentence of the catalogue.
        Reason::EmptyRequest
        | Reason::UnknownPerson
        | Reason::UnknownPurpose
        | Reason::UnknownCategory
        | Reason::UnknownFact
        | Reason::UnknownParty
        | Reason::UnknownRegion
        | Reason::ClockWentBack
        | Reason::Restricted
        | Reason::OptedOut
        | Reason::LegitimateInterestOff
        | Reason::NeedsGuardian
        | Reason::HumanRequired
        | Reason::NeedsExplicit
        | Reason::NoActiveContract
        | Reason::NotNecessary
        | Reason::RoleOutsideMandate
        | Reason::NeedsTicket
        | Reason::RetentionOver
        | Reason::ProvenanceDenies
        | Reason::ParentDenies { .. } => say(&reason.sentence(purpose, policy)).to_owned(),
        Reason::ForbiddenBy { mandate } => {
            let rule = policy.mandate(mandate).map_or_else(|| mandate.clone(), cited);
            say!("A rule forbids it: {rule}.", rule = rule)
        }
        Reason::UseOutsidePurpose => say!("“{what}” does not include this kind of use.", what = what),
        Reason::RoleOutsidePurpose => say!("Your role does not work for “{what}”.", what = what),
        Reason::Objected => say!("This person objected to “{what}”.", what = what),
        Reason::NeverAsked => say!("Nobody has asked this person about “{what}” yet.", what = what),
        Reason::Refused => say!("This person said no to “{what}”.", what = what),
        Reason::Withdrawn => say!("This person took back the yes to “{what}”.", what = what),
        Reason::Expired { .. } => say!("The yes to “{what}” has run out.", what = what),
        Reason::UsedUp => say!("The yes to “{what}” was for fewer times, and they are used up.", what = what),
        Reason::NoticeOutdated => {
            say!("The yes to “{what}” was to an older text; please ask again.", what = what)
        }
        Reason::UseNotGranted => say!("The yes to “{what}” does not cover this kind of use.", what = what),
        Reason::CategoryNotGranted => {
            say!("The yes to “{what}” does not cover this kind of fact.", what = what)
        }
        Reason::NoMandate => say!("No rule in force covers “{what}” for this.", what = what),
        Reason::ChainBroken { hop } => {
            say!("The chain of companies behind {name} cannot be followed.", name = name(hop))
        }
        Reason::PartyNotActive { hop } => {
            say!("{name} may not receive anything at present.", name = name(hop))
        }
        Reason::NoAgreement { hop } => say!("There is no contract with {name}.", name = name(hop)),
        Reason::DescriptionStale { hop } => {
            say!("Nobody has confirmed for 90 days where {name} keeps data.", name = name(hop))
        }
        Reason::RecipientNotNamed { hop } => say!("{name} is not in this person's terms.", name = name(hop)),
        Reason::TierTooDeep { hop } => {
            say!("{name} stands further down the chain than this person allows.", name = name(hop))
        }
        Reason::RegionNotGranted { region } => {
            say!("This person's terms do not reach to {there}.", there = there(region))
        }
        Reason::HopOutsideRegion { hop, place, region } => outside(name(hop), *place, &there(region)),
        Reason::PlaceNotDescribed { hop, .. } => {
            say!("{name} has not said where it holds data.", name = name(hop))
        }
        Reason::NoTransferTool { hop } => {
            say!("Nothing valid covers the transfer to {name}.", name = name(hop))
        }
    }
}

fn outside(name: &str, place: Place, there: &str) -> String {
    match place {
        Place::Store => {
            say!("{name} stores data in {there}, outside this person's terms.", name = name, there = there)
        }
        Place::Process => {
            say!("{name} works on data in {there}, outside this person's terms.", name = name, there = there)
        }
        Place::Access => {
            say!("{name} is reached from {there}, outside this person's terms.", name = name, there = there)
        }
        Place::Control => {
            say!(
                "{name} is controlled from {there}, outside this person's terms.",
                name = name,
                there = there
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use assent_kernel::Timestamp;
    use assent_web::catalogue::speaking;

    use super::*;

    fn every() -> Vec<Reason> {
        let (hop, at) = (PartyId::from_bytes([7; 16]), Timestamp::from_micros(0));
        let region = Region::new("eu").unwrap();
        let codes = include_str!("../../../kernel/src/reason.rs").lines().filter_map(|line| {
            let (_, code) = line.trim().strip_suffix("\",")?.split_once("=> \"")?;
            code.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some(code)
        });
        let mut all: Vec<Reason> = Vec::new();
        for code in codes {
            for place in ["store", "process", "access", "control"] {
                let told = serde_json::json!({
                    "code": code, "hop": hop, "region": region, "place": place, "at": at,
                    "mandate": "no-such-rule", "fact": assent_kernel::FactId::from_bytes([7; 16]),
                });
                all.push(serde_json::from_value(told).unwrap());
            }
        }
        all
    }

    #[tokio::test]
    async fn every_reason_is_said_in_english_as_the_law_says_it_and_in_german() {
        let house = assent_testkit::House::new(assent_testkit::Engine::Sqlite).await.unwrap();
        let policy = house.gate.policy(house.company).await.unwrap().policy.clone();
        let purpose = PurposeKey::new("sales.contact").unwrap();
        let all = every();
        assert!(all.len() >= 4 * 44, "{}", all.len());
        for reason in &all {
            let english = in_words(reason, &purpose, &policy);
            assert_eq!(english, reason.sentence(&purpose, &policy));
            let german = speaking(Lang::German, async { in_words(reason, &purpose, &policy) }).await;
            assert_ne!(english, german);
        }
    }
}
