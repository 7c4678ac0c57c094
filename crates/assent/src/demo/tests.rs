//! The demo world stands, is the same every time, shows what it claims to show, and its ledger verifies.

use std::collections::BTreeSet;

use assent_gate::{Gate, LogName, RegionPlaces, RootKey, Stores, Whose};
use assent_kernel::{
    Asker, Context, Matter, NonEmpty, Person, Policy, Question, Region, Role, RoleSet, StaffId, State, To,
    Use, decide,
};
use assent_store::work::Reach;
use assent_store::work::{filled, items};
use assent_store::{Place, home};
use tempfile::TempDir;

use super::cast::{Casting, Planned, counts};
use super::*;

/// Noon on 21 November 2026.
const NOW: Timestamp = Timestamp::from_micros(1_795_262_400_000_000);
const PEOPLE: usize = 200;

/// What the demo world claims to show.
const SHOWN: &[&str] = &[
    "USE_OUTSIDE_PURPOSE",
    "ROLE_OUTSIDE_PURPOSE",
    "FORBIDDEN_BY",
    "RESTRICTED",
    "OBJECTED",
    "OPTED_OUT",
    "LEGITIMATE_INTEREST_OFF",
    "NEVER_ASKED",
    "REFUSED",
    "WITHDRAWN",
    "NEEDS_GUARDIAN",
    "EXPIRED",
    "USED_UP",
    "NOTICE_OUTDATED",
    "USE_NOT_GRANTED",
    "CATEGORY_NOT_GRANTED",
    "NO_ACTIVE_CONTRACT",
    "NOT_NECESSARY",
    "NO_MANDATE",
    "ROLE_OUTSIDE_MANDATE",
    "RETENTION_OVER",
    "PARTY_NOT_ACTIVE",
    "DESCRIPTION_STALE",
    "RECIPIENT_NOT_NAMED",
    "REGION_NOT_GRANTED",
    "HOP_OUTSIDE_REGION",
];

async fn gate(folder: &TempDir) -> Gate {
    let file = |name: &str| Place::File(folder.path().join(name));
    let region = Region::new("eu").unwrap();
    let regions = vec![RegionPlaces { region, data: file("eu.db"), keys: file("eu.keys.db") }];
    let stores = Stores { home: file("home.db"), regions, host: "demo.example.org".into() };
    Gate::open(stores, &RootKey::for_tests([7; 32]), NOW).await.unwrap()
}

async fn cast() -> Vec<Planned> {
    let folder = TempDir::new().unwrap();
    let gate = gate(&folder).await;
    let world = world::read().unwrap();
    let halden = law::house(&gate, &world, HALDEN, &world::halden_notices().unwrap(), NOW).unwrap();
    let meadow = law::house(&gate, &world, MEADOW, &world::meadow_notices().unwrap(), NOW).unwrap();
    let regions = gate.regions().cloned().collect();
    let casting = Casting { gate: &gate, world: &world, halden: &halden, meadow: &meadow, regions, at: NOW };
    casting.everybody(PEOPLE).unwrap()
}

#[tokio::test]
async fn it_is_the_same_every_time() {
    let told = |all: Vec<Planned>| -> Vec<String> {
        let fact = |f: &assent_gate::NewFact| format!("{}={}{:?}", f.category, f.value, f.anchors);
        let one = |p: &Planned| {
            let facts: Vec<String> = p.newcomer.facts.iter().map(fact).collect();
            format!("{:?} {:?} {:?} {facts:?}", p.newcomer, p.member.admitted, p.member.mixture)
        };
        all.iter().map(one).collect()
    };
    assert_eq!(told(cast().await), told(cast().await));
}

#[tokio::test]
async fn mixtures_are_exact_and_addresses_are_nobodys() {
    let world = world::read().unwrap();
    let wanted = counts(&world.mixture, PEOPLE);
    assert_eq!(wanted, [68, 40, 24, 18, 14, 12, 6, 2, 6, 4, 2, 2, 2]);
    let all = cast().await;
    for (mixture, count) in world.mixture.iter().zip(wanted) {
        let of = |p: &&Planned| p.member.company == HALDEN.1 && p.member.mixture == mixture.key;
        assert_eq!(all.iter().filter(of).count(), count, "{}", mixture.key);
    }
    let ids: BTreeSet<_> = all.iter().map(|p| p.newcomer.id).collect();
    assert_eq!(ids.len(), all.len(), "an id was given twice");
    let mut emails = BTreeSet::new();
    for fact in all.iter().filter(|p| p.member.company == HALDEN.1).flat_map(|p| &p.newcomer.facts) {
        if fact.category.as_str() == "contact.email" {
            assert!(fact.value.is_ascii(), "{}", fact.value);
            assert!(
                ["@example.org", "@example.com", "@example.net"].iter().any(|end| fact.value.ends_with(end))
            );
            assert!(emails.insert(fact.value.clone()), "{} twice", fact.value);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stands_and_shows_what_it_claims() {
    let folder = TempDir::new().unwrap();
    let gate = gate(&folder).await;
    assert!(!is_built(&gate).await.unwrap());
    let mut last = (0, 0);
    let tour = build(&gate, NOW, PEOPLE, |_, done, total| last = (done, total)).await.unwrap();
    assert!(is_built(&gate).await.unwrap());
    assert!(last.0 == last.1 && last.0 > 0, "progress ends whole: {last:?}");
    counted(&gate).await;
    tallied(&tour);
    devices(&gate).await;
    assert_eq!(tour.persons.iter().filter(|one| one.id.is_none()).count(), 0);
    assert!(tour.told("http://localhost").contains("1 May 2027"));

    let codes = every_reason(&gate).await;
    let missing: Vec<&&str> = SHOWN.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(missing.is_empty(), "not shown: {missing:?}, shown: {codes:?}");

    verified(&gate, &folder).await;
    let again = build(&gate, NOW, PEOPLE, |_, _, _| {}).await.unwrap();
    // Who was erased cannot be found by address any more.
    assert_eq!(again.persons.iter().filter(|one| one.id.is_none()).count(), 1);
}

async fn counted(gate: &Gate) {
    for company in gate.companies().await.unwrap() {
        let id = company.id;
        let (all, quarantined) =
            gate.home().read(move |tx| home::count(tx, (id, &Reach::all()), 10_000)).await.unwrap();
        // Somebody is deleted, and in no list.
        let deleted = i64::try_from(gate.deleted(&Whose::everybody(id), 10).await.unwrap().len()).unwrap();
        let wanted = if company.code == HALDEN.1 { (199, 68, 1) } else { (30, 4, 0) };
        assert_eq!((all, quarantined, deleted), wanted, "{}", company.code);
    }
}

/// Devices are put down, and what is known of each are facts of somebody who is here.
async fn devices(gate: &Gate) {
    let halden = gate.companies().await.unwrap().into_iter().find(|one| one.code == HALDEN.1).unwrap();
    let (id, store) = (halden.id, gate.region_db(&halden.region).unwrap());
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let items = items::page(tx, id, &assent_store::work::Reach::all(), "device", false, None, 100)?;
        let ids: Vec<_> = items.iter().map(|item| item.id.to_bytes()).collect();
        Ok((items, filled::of(tx, id, &ids)?))
    };
    let (items, filled) = store.read(read).await.unwrap();
    assert!(items.len() >= 12, "{} devices", items.len());
    for item in items {
        let person = item.person.unwrap();
        let known = gate.look(&Whose::everybody(id), &[person]).await.unwrap();
        let facts = &filled[&item.id.to_bytes()].facts;
        assert_eq!(facts.len(), 3);
        assert!(facts.values().all(|(whose, fact)| *whose == person && known[0].fact(*fact).is_some()));
    }
}

/// What was refused and permitted while the history was made.
fn tallied(tour: &Tour) {
    let of = |name: &str| tour.tally.get(name).copied().unwrap_or_else(|| panic!("nobody asked: {name}"));
    assert_eq!(of("SureWell wants brushing data"), (20, 0));
    assert_eq!(of("summary to Dr. Okafor"), (6, 6));
    assert_eq!(of("summary to Dr. Petersen"), (1, 0));
    assert_eq!(of("parcel to Boxline").1, 0);
    assert_eq!(of("parcel to Prairie Parcel"), (1, 1));
    for both in ["newsletter to Postlane", "support looks", "sales looks", "listing in Open Contacts"] {
        let (asked, yes) = of(both);
        assert!(0 < yes && yes < asked, "{both}: {yes} of {asked}");
    }
    assert!(of("repair to Fixwerk").1 > 0);
    assert!(of("imported people are told").1 > 0);
}

/// Every reason that some question about somebody meets, over roles, uses, purposes and recipients.
async fn every_reason(gate: &Gate) -> BTreeSet<&'static str> {
    let companies = gate.companies().await.unwrap();
    let halden = companies.iter().find(|one| one.code == HALDEN.1).unwrap().id;
    let standing = gate.policy(halden).await.unwrap();
    let page = gate
        .home()
        .read(move |tx| home::page(tx, (halden, &Reach::all()), home::Order::Oldest, None, 1_000))
        .await
        .unwrap();
    let ids: Vec<_> = page.iter().map(|one| one.person).collect();
    let dossiers = gate.look(&Whose::everybody(halden), &ids).await.unwrap();
    // One was deleted, and nobody finds them.
    assert_eq!(dossiers.len(), PEOPLE - 1);
    let mut codes = BTreeSet::new();
    for (i, dossier) in dossiers.iter().enumerate() {
        // One in twenty is asked about by every role, the others by one that works for the purpose.
        reasons(&standing.policy, dossier.person(), i % 20 == 0, &mut codes);
    }
    codes
}

fn reasons(policy: &Policy, person: &Person, every_role: bool, codes: &mut BTreeSet<&'static str>) {
    let held: Vec<Matter> = person.facts.keys().map(|id| Matter::Held(*id)).collect();
    let kinds = ["contact.email", "device.toothbrush", "health.brushing-summary"];
    let kinds = kinds.map(|key| Matter::Kind(assent_kernel::CategoryKey::new(key).unwrap()));
    let matters = NonEmpty::try_from(held.into_iter().chain(kinds).collect::<Vec<_>>()).unwrap();
    for (purpose, known) in &policy.purposes {
        let roles: RoleSet = if every_role { Role::ALL.iter().copied().collect() } else { known.roles };
        for role in roles.iter().take(if every_role { 10 } else { 1 }) {
            for (what, to) in everything(policy) {
                let question = Question {
                    what,
                    person: person.id,
                    asker: match role {
                        Role::Person => Asker::Person,
                        Role::System => Asker::System,
                        _ => Asker::Staff(StaffId::from_bytes([1; 16]), role),
                    },
                    purpose: purpose.clone(),
                    matters: matters.clone(),
                    to,
                    region: Region::new("eu").unwrap(),
                    at: NOW,
                    context: Context::default(),
                };
                let state = State { policy, person: Some(person), floor: Timestamp::MIN };
                let ruling = decide(&question, &state);
                codes.extend(
                    ruling.verdicts.iter().filter_map(|(_, v)| v.closed()).map(|reason| reason.code()),
                );
            }
        }
    }
}

fn everything(policy: &Policy) -> Vec<(Use, To)> {
    let to = |code: &str| To::Party(policy.party(code).unwrap_or_else(|| panic!("no party {code}")).id);
    let mut all: Vec<(Use, To)> = Use::ALL.iter().map(|what| (*what, to(HALDEN.1))).collect();
    all.push((Use::Message, to("postlane")));
    for code in ["fixwerk", "boxline", "dr-petersen", "surewell", "open-contacts"] {
        all.push((Use::Share, to(code)));
    }
    all
}

async fn verified(gate: &Gate, folder: &TempDir) {
    gate.integrate_all(NOW).await.unwrap();
    for company in gate.companies().await.unwrap() {
        let name = LogName { company: company.id, region: Region::new("eu").unwrap() };
        let to = folder.path().join(&company.code);
        let size = gate.export_log(&name, &to, |_, _| {}).await.unwrap();
        let report = assent_verify::check_export(&to, None, None).unwrap();
        assert_eq!(report.head.checkpoint.size, size);
        assert!(size >= 30, "{}: {size} entries", company.code);
    }
}
