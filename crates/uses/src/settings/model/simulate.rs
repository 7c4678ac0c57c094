//! What a change would do, found out by asking the law itself: a customer who has said yes to everything, before and after.

use std::collections::{BTreeMap, BTreeSet};

use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Said};
use assent_kernel::mandate::{Binds, When};
use assent_kernel::notice::Notice;
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CategoryKey, Context, ContractId, GrantId, Mandate, Matter, NonEmpty, PartyId, Person, PersonId,
    Policy, PurposeKey, Question, Region, Role, StaffId, State, Terms, Timestamp, To, TreeKey, Use, decide,
};

use assent_web::say;

use super::words::{Words, list, use_word};
use crate::seen::reasons::in_words;

/// The most purposes that are told one by one.
const MOST_TOLD: usize = 12;

/// The kinds of contract that let something happen. One that another rule forbids things for would hide what this one
/// does; it counts when this one is about it.
fn contracts(policy: &Policy, mandate: &Mandate) -> BTreeSet<String> {
    let kind = |one: &Mandate| match &one.binds {
        Binds::Contract(kind) => Some(kind.clone()),
        Binds::Every | Binds::Anchored => None,
    };
    let others = || policy.mandates.values().filter(|one| one.id != mandate.id);
    let forbidden: BTreeSet<String> = others().filter(|one| !one.opens()).filter_map(kind).collect();
    let open = others().filter(|one| one.opens()).filter_map(kind).filter(|one| !forbidden.contains(one));
    open.chain(kind(mandate)).collect()
}

/// A customer who lives there, has contracts of these kinds, and said yes to every notice.
fn willing(policy: &Policy, residence: Option<Region>, kinds: &BTreeSet<String>, at: Timestamp) -> Person {
    let mut person = Person::new(PersonId::from_bytes([1; 16]), policy.company);
    person.residence = residence;
    for notice in policy.notices.values() {
        let terms = Terms {
            purposes: [notice.purpose.clone()].into_iter().collect(),
            categories: notice.categories.clone(),
            uses: notice.uses,
            recipients: notice.recipients.clone(),
            zones: notice.zones.clone(),
            until: at.plus(notice.lasts),
            explicit: true,
        };
        let grant = Grant {
            id: GrantId::from_bytes([2; 16]),
            terms,
            notice: notice.id,
            notice_version: notice.version,
            giver: Giver::Guardian,
            evidence: Evidence::Portal,
            uses_left: None,
        };
        let answer = Answer { purpose: notice.purpose.clone(), said: Said::Yes(Box::new(grant)), at };
        person.answers.insert(notice.purpose.clone(), answer);
    }
    for kind in kinds {
        person.contracts.push(Contract {
            id: ContractId::from_bytes([3; 16]),
            kind: kind.clone(),
            from: Timestamp::MIN,
            until: Timestamp::MAX,
        });
    }
    person
}

/// One thing that somebody may or may not do.
type Deed = (PurposeKey, Use, CategoryKey, PartyId);

/// Which of some deeds are open.
fn open(
    policy: &Policy,
    person: &Person,
    region: &Region,
    deeds: &[(Deed, Role)],
    at: Timestamp,
) -> Vec<bool> {
    let state = State { policy, person: Some(person), floor: Timestamp::MIN };
    let ask = |((purpose, what, category, party), role): &(Deed, Role)| {
        let asker = match role {
            Role::Person => Asker::Person,
            Role::System => Asker::System,
            other => Asker::Staff(StaffId::from_bytes([4; 16]), *other),
        };
        let question = Question {
            what: *what,
            person: person.id,
            asker,
            purpose: purpose.clone(),
            matters: NonEmpty::one(Matter::Kind(category.clone())),
            to: To::Party(*party),
            region: region.clone(),
            at,
            context: Context { ticket: Some("simulated".into()), ..Context::default() },
        };
        decide(&question, &state).permits()
    };
    deeds.iter().map(ask).collect()
}

/// The deeds that a mandate could reach.
fn reach(policy: &Policy, mandate: &Mandate) -> Vec<(Deed, Role)> {
    let meant = |key: &PurposeKey| mandate.purposes.is_empty() || mandate.purposes.covers(key);
    let mut out = Vec::new();
    for purpose in policy.purposes.values().filter(|purpose| meant(&purpose.key)) {
        let roles = purpose.roles.iter().filter(|role| !mandate.opens() || mandate.roles.has(*role));
        let Some(role) = roles.min_by_key(|role| *role == Role::System) else { continue };
        let categories = touched(policy, mandate, &purpose.key);
        for what in purpose.uses.iter().filter(|what| mandate.uses.has(*what)) {
            for category in &categories {
                for party in policy.parties.keys() {
                    out.push(((purpose.key.clone(), what, category.clone(), *party), role));
                }
            }
        }
    }
    out
}

/// The categories that something opens for a purpose, as far as a mandate is about them.
fn touched(policy: &Policy, mandate: &Mandate, purpose: &PurposeKey) -> BTreeSet<CategoryKey> {
    let asked = policy.notices.values().filter(|notice| notice.purpose.covers(purpose));
    let lawful = policy.mandates.values().filter(|one| one.opens() && one.purposes.covers(purpose));
    let sets = asked.map(|notice| &notice.categories).chain(lawful.map(|one| &one.categories));
    sets.flat_map(|set| set.meet(&mandate.categories).iter().cloned().collect::<Vec<_>>()).collect()
}

/// What a change of one mandate would open and close, as sentences; for a customer in general.
pub fn changes(
    before: &Policy,
    after: &Policy,
    mandate: &Mandate,
    region: &Region,
    words: &Words<'_>,
    at: Timestamp,
) -> Vec<String> {
    let (deeds, kinds) = (reach(after, mandate), contracts(after, mandate));
    let lives: Vec<Option<Region>> = match &mandate.when {
        When::ResidentOf(regions) => regions.iter().cloned().map(Some).collect(),
        When::Always | When::OutsideRegions(_) | When::RecipientKind(_) => vec![Some(region.clone())],
    };
    // What begins later is looked at on its first day.
    let at = at.max(mandate.from);
    let (mut opened, mut closed) = (BTreeMap::new(), BTreeMap::new());
    for home in lives {
        let (was, is) = (willing(before, home.clone(), &kinds, at), willing(after, home, &kinds, at));
        let (was, is) = (open(before, &was, region, &deeds, at), open(after, &is, region, &deeds, at));
        for (((deed, _), was), is) in deeds.iter().zip(was).zip(is) {
            match (was, is) {
                (false, true) => note(&mut opened, deed),
                (true, false) => note(&mut closed, deed),
                (true, true) | (false, false) => {}
            }
        }
    }
    let mut out = told(&closed, false, words);
    out.extend(told(&opened, true, words));
    out.extend(limits(mandate));
    if out.is_empty() {
        out.push(
            say("For a customer who has said yes to everything it would change nothing: what it is about is closed or open \
                 already, for another reason.")
            .into(),
        );
    }
    out
}

/// By purpose: the uses, the categories, the parties.
type Told = BTreeMap<PurposeKey, (BTreeSet<Use>, BTreeSet<CategoryKey>, BTreeSet<PartyId>)>;

fn note(all: &mut Told, (purpose, what, category, party): &Deed) {
    let entry = all.entry(purpose.clone()).or_default();
    entry.0.insert(*what);
    entry.1.insert(category.clone());
    entry.2.insert(*party);
}

fn told(all: &Told, opens: bool, words: &Words<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (purpose, (uses, categories, parties)) in all.iter().take(MOST_TOLD) {
        let uses: Vec<String> = uses.iter().map(|one| use_word(*one).to_owned()).collect();
        let (purpose, uses) = (words.purpose(purpose), list(&uses));
        let kinds = words.categories(&categories.iter().cloned().collect());
        let who = list(&parties.iter().map(|id| words.party(*id)).collect::<Vec<_>>());
        out.push(if opens {
            say!(
                "{purpose}: {uses} would be open to {who}, for {kinds}.",
                purpose = purpose,
                uses = uses,
                who = who,
                kinds = kinds
            )
        } else {
            say!(
                "{purpose}: {uses} would be closed to {who}, for {kinds}.",
                purpose = purpose,
                uses = uses,
                who = who,
                kinds = kinds
            )
        });
    }
    if all.len() > MOST_TOLD {
        out.push(say!("And {n} more purposes in the same way.", n = all.len().saturating_sub(MOST_TOLD)));
    }
    out
}

/// What a question about a customer in general cannot show.
fn limits(mandate: &Mandate) -> Vec<String> {
    match (&mandate.binds, mandate.opens()) {
        (Binds::Anchored, true) => vec![
            say("It reaches only facts that are anchored to it one by one, such as a single invoice. None is today.")
                .into(),
        ],
        (Binds::Contract(kind), true) => {
            vec![say!("It opens something only for whoever has a running contract of the kind “{kind}”.", kind = kind)]
        }
        (Binds::Contract(kind), false) => {
            vec![say!("It binds only whoever has a running contract of the kind “{kind}”.", kind = kind)]
        }
        (Binds::Anchored, false) | (Binds::Every, _) => Vec::new(),
    }
}

/// Named recipients of a notice that could receive nothing under it even after a yes, each with the reason.
pub fn closed_to(policy: &Policy, notice: &Notice, at: Timestamp, words: &Words<'_>) -> Vec<String> {
    let mut with = policy.clone();
    with.notices.insert(notice.id, notice.clone());
    with.oldest_valid.insert(notice.id, notice.version);
    let home = policy.parties.get(&policy.home).and_then(|home| home.places.store.iter().next().cloned());
    let Some(region) = home else { return Vec::new() };
    let (person, state_at) = (willing(&with, None, &BTreeSet::new(), at), at);
    let state = State { policy: &with, person: Some(&person), floor: Timestamp::MIN };
    let (Some(purpose), Some(category)) =
        (with.purposes.get(&notice.purpose), notice.categories.iter().next())
    else {
        return Vec::new();
    };
    let Some(role) = purpose.roles.iter().min_by_key(|role| *role == Role::System) else { return Vec::new() };
    let asker = match role {
        Role::Person => Asker::Person,
        Role::System => Asker::System,
        other => Asker::Staff(StaffId::from_bytes([4; 16]), other),
    };
    let named = notice.recipients.scopes().flat_map(|scope| scope.parties.iter()).copied();
    let reached = std::iter::once(policy.home).chain(named).collect::<BTreeSet<PartyId>>();
    let mut out = Vec::new();
    for party in reached {
        let what = if party == policy.home { notice.uses.iter().next() } else { sent(notice) };
        let Some(what) = what else { continue };
        let question = Question {
            what,
            person: person.id,
            asker,
            purpose: notice.purpose.clone(),
            matters: NonEmpty::one(Matter::Kind(category.clone())),
            to: To::Party(party),
            region: region.clone(),
            at: state_at,
            context: Context::default(),
        };
        if let Some(reason) = decide(&question, &state).refusal() {
            out.push(say!(
                "Even after a yes, {party} would receive nothing. {why}",
                party = words.party(party),
                why = in_words(reason, &notice.purpose, policy)
            ));
        }
    }
    out
}

/// The use by which something reaches others.
fn sent(notice: &Notice) -> Option<Use> {
    [Use::Share, Use::Message, Use::Export, Use::View].into_iter().find(|what| notice.uses.has(*what))
}

#[cfg(test)]
mod tests {
    use assent_kernel::CompanyId;
    use assent_testkit::{START, newsletter};
    use assent_web::catalogue::{Lang, speaking};

    use super::*;

    #[tokio::test]
    async fn why_a_recipient_gets_nothing_is_said_in_the_language_of_whoever_reads() {
        let policy = assent_testkit::policy(CompanyId::from_bytes([1; 16]), START).unwrap();
        let notice = Notice { uses: [Use::Combine].into_iter().collect(), ..newsletter(START) };
        let told = async || closed_to(&policy, &notice, START, &Words::new(&policy, "Halden"));
        let (english, german) = (told().await, speaking(Lang::German, told()).await);
        assert!(!english.is_empty() && english.len() == german.len());
        for (english, german) in english.iter().zip(&german) {
            let (_, why) = english.split_once("nothing. ").unwrap();
            assert!(german.contains("bekäme") && !german.contains(why), "{german}");
        }
    }
}
