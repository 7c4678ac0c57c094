//! Rulings that people can read: a model company with the shipped purposes, categories and mandates, and a
//! row of model people, as tables in `golden/`; the cases of the design as named tests; a chain of
//! recipients; every reason.
//!
//! A change of law or data shows as a change of these tables. Run with `UPDATE_GOLDEN=1` to write them anew,
//! and read the difference before you commit it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use assent_kernel::data::{self, Lang};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::{
    Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Restricted, Restriction, RestrictionGround,
    Said,
};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Transfer};
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CompanyId, Context, ContractId, Fact, FactId, GrantId, Matter, NonEmpty, NoticeId, PartyId,
    Person, PersonId, Policy, PurposeKey, Question, Role, RoleSet, StaffId, State, Terms, Timestamp, To,
    TreeKey, Use, UseSet, Verdict, Warrant, Zone, Zones, decide,
};
use support::{
    NOW, category, day, every_reason, every_use, fact_id, golden, n, party, party_id, purpose, region,
    regions,
};

const HOME: PartyId = party_id(0);
const POSTLANE: PartyId = party_id(1);
const CLOUDKEEP: PartyId = party_id(2);
const NIGHTDESK: PartyId = party_id(3);
const CARRIER: PartyId = party_id(4);
const SUB_CARRIER: PartyId = party_id(5);
const SUB_SUB_CARRIER: PartyId = party_id(6);
const DENTIST: PartyId = party_id(7);
const FRIDGE_CLUB: PartyId = party_id(8);
const MODEL_HOUSE: PartyId = party_id(9);

fn named(id: PartyId, name: &str, kind: PartyKind, engaged_by: Option<PartyId>, place: &str) -> Party {
    let at = || regions(&[place]);
    Party {
        id,
        code: name.to_lowercase().replace(' ', "-"),
        name: name.into(),
        places: Places { store: at(), process: at(), access: at(), control: at() },
        ..party(0, kind, engaged_by)
    }
}

/// The company, its mail service with two sub-processors, a carrier with two tiers below, a dentist, two
/// partners.
fn policy() -> Policy {
    use PartyKind::{Controller, Human, Partner, Processor};
    let parties = [
        named(HOME, "Kessler", Controller, None, "eu.de"),
        named(POSTLANE, "Postlane", Processor, None, "eu.ie"),
        named(CLOUDKEEP, "CloudKeep", Processor, Some(POSTLANE), "eu.de"),
        Party {
            places: Places {
                access: regions(&["us"]),
                ..named(NIGHTDESK, "", Processor, None, "eu.ie").places
            },
            ..named(NIGHTDESK, "NightDesk", Processor, Some(POSTLANE), "eu.ie")
        },
        named(CARRIER, "Carrier", Processor, None, "eu.de"),
        named(SUB_CARRIER, "Courier", Processor, Some(CARRIER), "eu.de"),
        named(SUB_SUB_CARRIER, "Rider", Processor, Some(SUB_CARRIER), "eu.de"),
        named(DENTIST, "Dr. Sorge", Human, None, "eu.de"),
        named(FRIDGE_CLUB, "Fridge Club", Partner, None, "eu.de"),
        named(MODEL_HOUSE, "Model House", Processor, Some(FRIDGE_CLUB), "us"),
    ];
    Policy {
        company: CompanyId::from_bytes(n(1)),
        home: HOME,
        version: 1,
        purposes: data::purposes(Lang::En).unwrap(),
        categories: data::categories(Lang::En).unwrap(),
        regions: data::regions().unwrap().into_keys().collect(),
        notices: BTreeMap::new(),
        oldest_valid: [(NoticeId::from_bytes(n(1)), 1)].into(),
        parties: parties.into_iter().map(|p| (p.id, p)).collect(),
        mandates: data::mandates(Lang::En).unwrap(),
        legitimate_interest: false,
    }
}

const HELD: [&str; 7] = [
    "name.full",
    "contact.email",
    "contact.phone",
    "purchase.invoice",
    "device.toothbrush.coverage",
    "health.brushing-summary",
    "payment.card.number",
];

fn fact(k: u8, kind: &str) -> Fact {
    Fact {
        id: fact_id(k),
        category: category(kind),
        source: "the person".into(),
        region: region("eu.de"),
        confirmed_at: day(-1),
        warrant: None,
        anchors: vec![],
        carried: None,
        derived_from: vec![],
    }
}

/// Somebody with one fact of each kind in [`HELD`] and nothing else: what an import leaves behind.
fn stranger() -> Person {
    let mut person = Person::new(PersonId::from_bytes(n(1)), policy().company);
    person.residence = Some(region("eu.de"));
    person.facts = (1..).zip(HELD).map(|(k, kind)| (fact_id(k), fact(k, kind))).collect();
    person
}

/// A household customer with an invoice that the law keeps.
fn customer() -> Person {
    let mut person = stranger();
    person.contracts = vec![Contract {
        id: ContractId::from_bytes(n(1)),
        kind: "household-customer".into(),
        from: day(-100),
        until: day(300),
    }];
    let keeps = policy().mandate("ao-147-invoices").unwrap().id;
    let kept = person
        .facts
        .values_mut()
        .filter(|f| ["purchase.invoice", "name.full"].contains(&f.category.as_str()));
    kept.for_each(|fact| fact.anchors = vec![Anchor { mandate: keeps, until: day(2_000) }]);
    person
}

/// Terms for a purpose: ordinary contact facts, everything the purpose does, our processors two tiers deep,
/// anywhere.
fn terms(key: &str, kinds: &[&str]) -> Terms {
    Terms {
        purposes: [purpose(key)].into_iter().collect(),
        categories: kinds.iter().map(|kind| category(kind)).collect(),
        uses: every_use(),
        recipients: Recipients::named([POSTLANE, CARRIER], 2),
        zones: Zones::inside(regions(&["eu", "us"])),
        until: day(200),
        explicit: false,
    }
}

fn yes(terms: Terms, at: Timestamp) -> Answer {
    let key = terms.purposes.iter().next().unwrap().clone();
    let grant = Grant {
        id: GrantId::from_bytes(n(1)),
        terms,
        notice: NoticeId::from_bytes(n(1)),
        notice_version: 1,
        giver: Giver::Subject,
        evidence: Evidence::Portal,
        uses_left: None,
    };
    Answer { purpose: key, said: Said::Yes(Box::new(grant)), at }
}

fn answering(mut person: Person, answer: Answer) -> Person {
    person.answers.insert(answer.purpose.clone(), answer);
    person
}

fn newsletter() -> Terms {
    terms("marketing.newsletter", &["name", "contact.email"])
}

/// A customer with a yes to the newsletter.
fn reader() -> Person {
    answering(customer(), yes(newsletter(), day(-30)))
}

fn withdrawn() -> Person {
    answering(
        reader(),
        Answer { purpose: purpose("marketing.newsletter"), said: Said::NoLonger, at: day(-2) },
    )
}

fn restricted(person: Person, ground: RestrictionGround) -> Person {
    Person {
        restrictions: vec![Restriction { facts: Restricted::All, ground, at: day(-1), until: None }],
        ..person
    }
}

fn objected(person: Person, scope: ObjectionScope) -> Person {
    Person { objections: vec![Objection { scope, at: day(-1), overridden: None }], ..person }
}

/// The model people, each with the words for the head of the table.
fn people() -> Vec<(&'static str, &'static str, Person)> {
    let do_not_call = policy().mandate("us-do-not-call-request").unwrap().id;
    let mut american = objected(reader(), ObjectionScope::SaleShare);
    american.residence = Some(region("us.ca"));
    let phone = american.facts.values_mut().find(|f| f.category.as_str() == "contact.phone").unwrap();
    phone.anchors = vec![Anchor { mandate: do_not_call, until: day(900) }];
    let calls = yes(terms("sales.contact", &["name", "contact"]), day(-9));
    vec![
        ("reader", "A household customer who said yes to the newsletter.", reader()),
        ("import", "Somebody from an import: quarantined, nobody has asked yet.", stranger()),
        ("withdrawn", "A household customer who took the yes to the newsletter back.", withdrawn()),
        (
            "objected",
            "A household customer who said yes to the newsletter, then objected to direct marketing.",
            objected(reader(), ObjectionScope::DirectMarketing),
        ),
        (
            "restricted",
            "A household customer who said yes to the newsletter, then asked to stop for now.",
            restricted(reader(), RestrictionGround::Asked),
        ),
        (
            "erased",
            "A former customer after erasure: the law keeps the invoice and the name on it.",
            erased(),
        ),
        (
            "minor",
            "A minor who said yes to the newsletter without a guardian.",
            Person { minor: true, ..reader() },
        ),
        (
            "expired",
            "A household customer whose yes to the newsletter has run out.",
            answering(customer(), yes(Terms { until: day(-1), ..newsletter() }, day(-400))),
        ),
        (
            "american",
            "A Californian who reads the newsletter, lets sales write, opted out of sharing, and is not to be called.",
            answering(american, calls),
        ),
    ]
}

fn erased() -> Person {
    let mut person = restricted(withdrawn(), RestrictionGround::RetainOnly);
    person.contracts.clear();
    person.facts.retain(|_, fact| !fact.anchors.is_empty());
    person
}

/// To whom facts usually go in each use: the mail service writes, the carrier delivers, the rest happens at
/// home.
fn usual(what: Use, role: Role) -> To {
    match (what, role) {
        (_, Role::Person) => To::Person,
        (Use::Message, _) => To::Party(POSTLANE),
        (Use::Share | Use::Combine | Use::Contribute, _) => To::Party(CARRIER),
        _ => To::Party(HOME),
    }
}

fn question(what: Use, role: Role, why: &str, matters: NonEmpty<Matter>, to: To) -> Question<Use> {
    Question {
        what,
        person: PersonId::from_bytes(n(1)),
        asker: match role {
            Role::Person => Asker::Person,
            Role::System => Asker::System,
            role => Asker::Staff(StaffId::from_bytes(n(1)), role),
        },
        purpose: purpose(why),
        matters,
        to,
        region: region("eu.de"),
        at: NOW,
        context: Context::default(),
    }
}

fn held(person: &Person, kind: &str) -> Matter {
    let found = person.facts.values().find(|fact| fact.category.as_str() == kind);
    found.map_or_else(|| Matter::Kind(category(kind)), |fact| Matter::Held(fact.id))
}

fn ask(policy: &Policy, person: &Person, question: &Question<Use>) -> NonEmpty<(Matter, Verdict)> {
    decide(question, &State { policy, person: Some(person), floor: NOW }).verdicts
}

/// What is said of one kind of fact: `open` or the reason's code.
fn said(person: &Person, what: Use, role: Role, why: &str, kind: &str, to: To) -> &'static str {
    let asked = question(what, role, why, NonEmpty::one(held(person, kind)), to);
    code(&ask(&policy(), person, &asked).first().1)
}

fn code(verdict: &Verdict) -> &'static str {
    verdict.closed().map_or("open", assent_kernel::Reason::code)
}

fn outcome(policy: &Policy, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Closed(reason) => reason.code().into(),
        Verdict::Open(open) => match open.warrant {
            Warrant::Grant(_) => "open by the yes".into(),
            Warrant::Mandate(id) => {
                format!("open by {}, {:?}", policy.mandates[&id].key, open.mask).to_lowercase()
            }
        },
    }
}

/// One person's table: for each purpose, who may do what with which facts. Uses and roles that do not belong
/// to a purpose are left out: they are always refused.
fn table(policy: &Policy, about: &str, person: &Person) -> String {
    let mut out = format!(
        "{about}\nUses and roles outside a purpose are left out: USE_OUTSIDE_PURPOSE, ROLE_OUTSIDE_PURPOSE.\n"
    );
    for row in policy.purposes.values() {
        writeln!(out, "\n{} ({})", row.key, format!("{:?}", row.basis).to_lowercase()).unwrap();
        for (lines, who) in rulings(policy, person, &row.key, row.roles, row.uses) {
            writeln!(out, "  {who}").unwrap();
            out.push_str(&lines);
        }
    }
    out
}

/// For each different result: its lines, and which roles get it in which uses.
fn rulings(
    policy: &Policy,
    person: &Person,
    why: &PurposeKey,
    roles: RoleSet,
    uses: UseSet,
) -> BTreeMap<String, String> {
    let ids: Vec<Matter> = person.facts.keys().copied().map(Matter::Held).collect();
    let ids = NonEmpty::try_from(ids).unwrap();
    let mut who: BTreeMap<String, BTreeMap<Role, Vec<&str>>> = BTreeMap::new();
    for (role, what) in roles.iter().flat_map(|role| uses.iter().map(move |what| (role, what))) {
        let asked = question(what, role, why.as_str(), ids.clone(), usual(what, role));
        let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (matter, verdict) in ask(policy, person, &asked).iter() {
            let Matter::Held(id) = matter else { continue };
            facts.entry(outcome(policy, verdict)).or_default().push(person.facts[id].category.to_string());
        }
        let whole = person.facts.len();
        let kinds = |all: Vec<String>| if all.len() == whole { "everything".into() } else { all.join(", ") };
        let lines =
            facts.into_iter().map(|(result, all)| format!("    {result}: {}\n", kinds(all))).collect();
        who.entry(lines).or_default().entry(role).or_default().push(what.name());
    }
    who.into_iter().map(|(lines, roles)| (lines, grouped(roles))).collect()
}

/// "sales, support: View, List", roles with the same uses together.
fn grouped(roles: BTreeMap<Role, Vec<&str>>) -> String {
    let mut by_uses: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (role, uses) in roles {
        by_uses.entry(uses).or_default().push(role.key());
    }
    let groups: Vec<_> =
        by_uses.into_iter().map(|(u, r)| format!("{}: {}", r.join(", "), u.join(", "))).collect();
    groups.join("; ")
}

#[test]
fn tables_of_people() {
    let policy = policy();
    for (name, about, person) in people() {
        golden(&format!("person-{name}.txt"), &table(&policy, about, &person));
    }
}

#[test]
fn reasons() {
    let policy = policy();
    let mut out =
        String::from("Every reason in the order of the steps: code, sentence, what would make it allowed.\n");
    for reason in every_reason() {
        let sentence = reason.sentence(&purpose("marketing.newsletter"), &policy);
        write!(out, "\n{}\n  {sentence}\n  {:?}\n", reason.code(), reason.remedy()).unwrap();
    }
    golden("reasons.txt", &out);
}

#[test]
fn reasons_are_in_order_and_each_code_is_said_once_and_as_in_json() {
    let all = every_reason();
    assert!(all.is_sorted(), "the order of the enum is the order of the steps");
    let codes: BTreeSet<_> = all.iter().map(assent_kernel::Reason::code).collect();
    assert_eq!(codes.len(), all.len());
    for reason in all {
        let json = serde_json::to_value(&reason).unwrap();
        assert_eq!(json["code"], reason.code());
        assert_eq!(serde_json::from_value::<assent_kernel::Reason>(json).unwrap(), reason);
    }
}

#[test]
fn recipients_of_a_chain() {
    let mut policy = policy();
    let mut out = String::from(
        "Postlane (Ireland) sends our mail. CloudKeep (Germany) stores it; NightDesk, in Ireland too, is reached from\n\
         the US at night.\n\
         A reader of the newsletter is written to, under different terms:\n\n",
    );
    let zones = |list: &[&str], tools: &[Transfer]| {
        Zones::of(Zone { regions: regions(list), transfers: tools.iter().copied().collect() })
    };
    let clauses = [Transfer::Clauses];
    let cases = [
        ("EU only", zones(&["eu"], &[]), 2),
        ("EU and US", zones(&["eu", "us"], &[]), 2),
        ("EU, or by contract clauses", zones(&["eu"], &clauses), 2),
        ("EU and US, Postlane and nobody below", zones(&["eu", "us"], &[]), 0),
        ("Germany only", zones(&["eu.de"], &[]), 2),
        ("nowhere", zones(&[], &[]), 2),
    ];
    for signed in [false, true] {
        if signed {
            policy.parties.get_mut(&NIGHTDESK).unwrap().transfers = vec![(Transfer::Clauses, day(30))];
            out.push_str("\nNow NightDesk signs contract clauses, valid for thirty days:\n\n");
        }
        for (words, zones, depth) in cases.clone() {
            let recipients = Recipients::named([POSTLANE], depth);
            let person = answering(customer(), yes(Terms { zones, recipients, ..newsletter() }, day(-3)));
            let to = To::Party(POSTLANE);
            let matters = NonEmpty::one(held(&person, "contact.email"));
            let asked = question(Use::Message, Role::Marketing, "marketing.newsletter", matters, to);
            let ruling = ask(&policy, &person, &asked);
            let words_of = match &ruling.first().1 {
                Verdict::Open(open) => {
                    let days = (open.until.micros() - NOW.micros()) / 86_400_000_000;
                    format!("open for {days} days")
                }
                Verdict::Closed(reason) => {
                    format!("{}: {}", reason.code(), reason.sentence(&asked.purpose, &policy))
                }
            };
            writeln!(out, "{words:<37} {words_of}").unwrap();
        }
    }
    golden("chain.txt", &out);
}

#[test]
fn the_chain_is_told_with_the_ruling() {
    let person = reader();
    let asked = question(
        Use::Message,
        Role::Marketing,
        "marketing.newsletter",
        NonEmpty::one(held(&person, "contact.email")),
        To::Party(POSTLANE),
    );
    let ruling = decide(&asked, &State { policy: &policy(), person: Some(&person), floor: NOW });
    assert_eq!(ruling.chain, [POSTLANE, CLOUDKEEP, NIGHTDESK]);
}

#[test]
fn case_newsletter_after_withdrawal_is_not_based_on_the_contract() {
    let mail = |person| {
        said(
            &person,
            Use::Message,
            Role::Marketing,
            "marketing.newsletter",
            "contact.email",
            To::Party(POSTLANE),
        )
    };
    assert_eq!(mail(reader()), "open");
    assert_eq!(mail(withdrawn()), "WITHDRAWN");
}

#[test]
fn case_invoice_after_erasure_opens_for_accounting_alone() {
    let home = To::Party(HOME);
    let see = |role, why, kind| said(&erased(), Use::View, role, why, kind, home);
    assert_eq!(see(Role::Billing, "billing.bookkeeping", "purchase.invoice"), "open");
    assert_eq!(see(Role::Billing, "billing.bookkeeping", "contact.email"), "NO_MANDATE");
    assert_eq!(see(Role::Sales, "sales.contact", "purchase.invoice"), "RESTRICTED");
    assert_eq!(see(Role::Billing, "billing.invoice", "purchase.invoice"), "RESTRICTED");
    assert_eq!(
        said(&erased(), Use::View, Role::Person, "rights.access", "purchase.invoice", To::Person),
        "open"
    );
}

#[test]
fn case_the_carriers_subcontractor_gets_what_delivery_needs() {
    let share =
        |to, kind| said(&customer(), Use::Share, Role::System, "service.delivery", kind, To::Party(to));
    let (mut policy, person) = (policy(), customer());
    assert_eq!(
        share(SUB_SUB_CARRIER, "name.full"),
        "open",
        "processors work on our orders, each by its kind"
    );
    assert_eq!(share(SUB_CARRIER, "contact.address.street"), "open");
    assert_eq!(share(SUB_CARRIER, "contact.email"), "NOT_NECESSARY");
    assert_eq!(share(FRIDGE_CLUB, "name.full"), "RECIPIENT_NOT_NAMED");
    // Without a contract with the last of the chain nobody in it gets anything.
    policy.parties.get_mut(&SUB_SUB_CARRIER).unwrap().agreement = None;
    let matters = NonEmpty::one(held(&person, "name.full"));
    let asked = question(Use::Share, Role::System, "service.delivery", matters, To::Party(CARRIER));
    assert_eq!(code(&ask(&policy, &person, &asked).first().1), "NO_AGREEMENT");
}

#[test]
fn case_enriching_waits_for_a_yes() {
    let enrich = |person| {
        said(&person, Use::Enrich, Role::System, "data-quality.enrich", "contact.email", To::Party(HOME))
    };
    assert_eq!(enrich(customer()), "NEVER_ASKED");
    assert_eq!(
        enrich(answering(customer(), yes(terms("data-quality.enrich", &["contact"]), day(-1)))),
        "open"
    );
}

#[test]
fn case_combining_needs_both_yeses_and_a_way_into_the_us() {
    let ours = Terms {
        explicit: true,
        recipients: Recipients::named([FRIDGE_CLUB], 1),
        zones: Zones::of(Zone { regions: regions(&["eu"]), transfers: [Transfer::Clauses].into() }),
        ..terms("combine.partner", &["contact"])
    };
    let theirs = |uses| Terms { uses, zones: Zones::inside(regions(&["eu", "us"])), ..ours.clone() };
    let combine = |carried: Option<Terms>, ours: Terms, signed: bool| {
        let mut policy = policy();
        if signed {
            policy.parties.get_mut(&MODEL_HOUSE).unwrap().transfers = vec![(Transfer::Clauses, day(9))];
        }
        let mut person = answering(customer(), yes(ours, day(-1)));
        person.facts.get_mut(&fact_id(2)).unwrap().carried = carried;
        let matters = NonEmpty::one(held(&person, "contact.email"));
        let asked = question(Use::Combine, Role::System, "combine.partner", matters, To::Party(FRIDGE_CLUB));
        code(&ask(&policy, &person, &asked).first().1)
    };
    assert_eq!(combine(Some(theirs(every_use())), ours.clone(), true), "open");
    assert_eq!(combine(Some(theirs(every_use())), ours.clone(), false), "NO_TRANSFER_TOOL");
    assert_eq!(combine(Some(theirs(UseSet::NONE)), ours.clone(), true), "PROVENANCE_DENIES");
    assert_eq!(combine(None, Terms { explicit: false, ..ours.clone() }, true), "NEEDS_EXPLICIT");
    assert_eq!(
        combine(None, Terms { recipients: Recipients::named([FRIDGE_CLUB], 0), ..ours }, true),
        "TIER_TOO_DEEP"
    );
}

#[test]
fn case_the_toothbrush_and_the_dentist() {
    let named = Terms {
        explicit: true,
        recipients: Recipients::named([DENTIST], 0),
        until: day(400),
        ..terms("device.share-dentist", &["health.brushing-summary"])
    };
    let share = |terms: Terms, given: Timestamp, to| {
        let person = answering(customer(), yes(terms, given));
        said(
            &person,
            Use::Share,
            Role::System,
            "device.share-dentist",
            "health.brushing-summary",
            To::Party(to),
        )
    };
    assert_eq!(share(named.clone(), day(-1), DENTIST), "open");
    assert_eq!(share(named.clone(), day(-1), FRIDGE_CLUB), "RECIPIENT_NOT_NAMED");
    assert_eq!(share(named.clone(), day(-180), DENTIST), "EXPIRED");
    assert_eq!(share(Terms { explicit: false, ..named }, day(-1), DENTIST), "NEEDS_EXPLICIT");
}

#[test]
fn case_badges_are_counted_and_never_looked_at() {
    let badge = terms("insight.group", &["employment.badge"]);
    let mut person = answering(customer(), yes(badge, day(-1)));
    person.facts.insert(fact_id(20), fact(20, "employment.badge"));
    let home = To::Party(HOME);
    let product = |what| said(&person, what, Role::Product, "insight.group", "employment.badge", home);
    assert_eq!(product(Use::Learn), "open");
    for what in [Use::View, Use::List, Use::Export, Use::Share] {
        assert_eq!(product(what), "USE_OUTSIDE_PURPOSE");
    }
}

#[test]
fn what_is_shipped_opens_nothing_to_staff_about_a_stranger_but_the_duty_to_inform() {
    let (policy, person) = (policy(), stranger());
    let matters: Vec<Matter> = person.facts.keys().copied().map(Matter::Held).collect();
    let matters = NonEmpty::try_from(matters).unwrap();
    let mut opened = BTreeSet::new();
    for key in policy.purposes.keys() {
        for (role, what) in Role::ALL.iter().flat_map(|role| Use::ALL.iter().map(|what| (*role, *what))) {
            let asked = question(what, role, key.as_str(), matters.clone(), usual(what, role));
            if role != Role::Person && ask(&policy, &person, &asked).iter().any(|(_, v)| v.open().is_some()) {
                opened.insert(key.to_string());
            }
        }
    }
    // What the program does by law is here too; staff who look under a law for everybody name a case.
    let expected = ["rights.breach", "rights.inform", "rights.serve", "safety.recall"];
    assert_eq!(opened.into_iter().collect::<Vec<_>>(), expected);
}

/// Facts that several tests name by number exist.
#[test]
fn the_model_facts_are_numbered_as_they_are_listed() {
    let person = stranger();
    let second: FactId = fact_id(2);
    assert_eq!(person.facts[&second].category.as_str(), HELD[1]);
}
