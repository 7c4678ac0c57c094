//! Random worlds for the tests of the law: a policy, a person and a question, drawn from a list of choices.
//!
//! The choices are bytes. Byte zero is always the plain, permissive choice, so a failing world shrinks to one
//! in which only what matters is left; when the bytes run out, everything that follows is plain. Worlds are
//! drawn around their question, and most of what is drawn is harmless: that is how every reason, even the
//! last one on the way, occurs often enough to be tested.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, BTreeSet};

use assent_kernel::category::{Category, Class, Retention};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::{
    Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Restricted, Restriction, RestrictionGround,
    Said,
};
use assent_kernel::mandate::{Binds, Citation, Effect, Level, Mandate, Mask, When};
use assent_kernel::party::{Party, PartyKind, Place, Places, Recipients, Scope, Standing, Transfer};
use assent_kernel::person::Contract;
use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::uses::UseSet;
use assent_kernel::{
    Also, Asker, CategoryKey, CompanyId, Context, ContractId, Fact, FactId, GrantId, KeySet, MandateId,
    Matter, NonEmpty, NoticeId, PartyId, Person, PersonId, Policy, PurposeKey, Question, Reason, Region,
    Role, RoleSet, Ruling, Span, StaffId, State, Terms, Timestamp, To, TreeKey, Use, Verdict, Zone, Zones,
    decide,
};
use proptest::prelude::{Strategy, any};

/// The moment around which every world lives.
pub const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
/// The smallest step of time.
pub const TICK: Span = Span::days(0);

pub const REGIONS: [&str; 6] = ["eu", "eu.de", "eu.ie", "us", "us.ca", "uk"];
pub const CATEGORIES: [(&str, Class, Retention); 8] = [
    ("contact", Class::Ordinary, Retention::R2),
    ("contact.email", Class::Ordinary, Retention::R2),
    ("purchase", Class::Ordinary, Retention::R3),
    ("contacts", Class::Ordinary, Retention::R2),
    ("device", Class::Sensitive, Retention::R0),
    ("contact.phone", Class::Ordinary, Retention::R2),
    ("health", Class::Special, Retention::R2),
    ("health.dental", Class::Special, Retention::R3),
];
pub const PURPOSES: [(&str, Basis); 11] = [
    ("marketing", Basis::Consent),
    ("marketing.news", Basis::Consent),
    ("insight", Basis::Consent),
    ("combine", Basis::ConsentExplicit),
    ("combine.partner", Basis::ConsentExplicit),
    ("service", Basis::Contract),
    ("service.help", Basis::Contract),
    ("tax", Basis::LegalObligation),
    ("rescue", Basis::Vital),
    ("census", Basis::PublicTask),
    ("fraud", Basis::LegitimateInterest),
];
pub const CONTRACTS: [&str; 2] = ["household", "clinic"];
const PARTIES: u8 = 5;
const FACTS: u8 = 4;

/// An id's sixteen bytes from one number.
pub const fn n(k: u8) -> [u8; 16] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, k]
}
pub const fn party_id(k: u8) -> PartyId {
    PartyId::from_bytes(n(k))
}
pub const fn fact_id(k: u8) -> FactId {
    FactId::from_bytes(n(k))
}
pub fn category(text: &str) -> CategoryKey {
    CategoryKey::new(text).unwrap()
}
pub fn purpose(text: &str) -> PurposeKey {
    PurposeKey::new(text).unwrap()
}
pub fn region(text: &str) -> Region {
    Region::new(text).unwrap()
}
pub fn regions(texts: &[&str]) -> KeySet<Region> {
    texts.iter().map(|text| region(text)).collect()
}
pub fn every_use() -> UseSet {
    Use::ALL.iter().copied().collect()
}
pub fn every_role() -> RoleSet {
    Role::ALL.iter().copied().collect()
}
pub fn without(uses: UseSet, one: Use) -> UseSet {
    uses.iter().filter(|other| *other != one).collect()
}
/// So many days from [`NOW`], back when negative.
pub fn day(days: i64) -> Timestamp {
    let span = Span::days(u32::try_from(days.abs()).unwrap());
    if days < 0 { NOW.minus(span) } else { NOW.plus(span) }
}
/// One microsecond before.
pub fn just_before(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros() - 1)
}

/// Where the choices come from: given bytes, or as many as wanted from a seed.
pub struct Choices {
    bytes: std::vec::IntoIter<u8>,
    seed: Option<u64>,
}

impl Choices {
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter(), seed: None }
    }
    pub fn seeded(seed: u64) -> Self {
        Self { bytes: Vec::new().into_iter(), seed: Some(seed) }
    }
    /// SplitMix64, or the next given byte.
    fn byte(&mut self) -> u8 {
        if let Some(seed) = &mut self.seed {
            *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            return (z >> 56) as u8;
        }
        self.bytes.next().unwrap_or(0)
    }
    pub fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n
    }
    /// True in so many of a hundred cases; never when the bytes have run out.
    pub fn rare(&mut self, percent: u16) -> bool {
        u16::from(self.byte()) >= 256 - 256 * percent / 100
    }
    pub fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
    /// All of them, but each rarely left out.
    pub fn most<T: Clone>(&mut self, all: &[T], percent: u16) -> Vec<T> {
        all.iter().filter(|_| !self.rare(percent)).cloned().collect()
    }
    /// A time at or before now (mostly long before).
    fn past(&mut self) -> Timestamp {
        day(self.pick(&[-30, -1, 0, -200, -8, -500, -30]))
    }
    /// An end: mostly ahead, sometimes now or over.
    fn end(&mut self) -> Timestamp {
        let day =
            if self.rare(8) { day(self.pick(&[0, -1, -100])) } else { day(self.pick(&[400, 30, 1, 900])) };
        // Around the whole minutes on both sides of now, now and then.
        let off = if self.rare(10) { self.pick(&[1, 39, 40, 41, 60, -19, -20, -21, -1]) } else { 0 };
        Timestamp::from_micros(day.micros() + off * 1_000_000)
    }
}

/// A question and all that a decision knows.
#[derive(Debug, Clone)]
pub struct World {
    pub policy: Policy,
    pub person: Person,
    pub known: bool,
    pub question: Question<Use>,
    pub floor: Timestamp,
}

impl World {
    pub fn rule(&self) -> Ruling {
        self.rule_on(&self.question)
    }
    pub fn rule_on(&self, question: &Question<Use>) -> Ruling {
        let person = self.known.then_some(&self.person);
        decide(question, &State { policy: &self.policy, person, floor: self.floor })
    }
    /// The verdict on the first matter.
    pub fn verdict(&self) -> Verdict {
        self.rule().verdicts.first().1.clone()
    }
    pub fn opens(&self) -> bool {
        self.verdict().open().is_some()
    }
    pub fn basis(&self) -> Option<Basis> {
        self.policy.purposes.get(&self.question.purpose).map(|p| p.basis)
    }
    /// The category of the first matter, when it is known.
    pub fn category(&self) -> Option<&CategoryKey> {
        match self.question.matters.first() {
            Matter::Held(id) => self.person.facts.get(id).map(|fact| &fact.category),
            Matter::Kind(category) => Some(category),
        }
    }
    pub fn fact_mut(&mut self) -> Option<&mut Fact> {
        match self.question.matters.first() {
            Matter::Held(id) => self.person.facts.get_mut(id),
            Matter::Kind(_) => None,
        }
    }
    pub fn draw(c: &mut Choices) -> Self {
        let question = draw_question(c);
        let policy = draw_policy(c, &question);
        let person = draw_person(c, &question, &policy);
        let known = !c.rare(1);
        let floor = if c.rare(1) { question.at.plus(Span::minutes(1)) } else { question.at };
        Self { policy, person, known, question, floor }
    }
}

/// Worlds for proptest, shrinking towards the plain one.
pub fn worlds() -> impl Strategy<Value = World> {
    choices().prop_map(|bytes| World::draw(&mut Choices::of(bytes)))
}
pub fn choices() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 700)
}
/// Two terms about the same question, and the world they are for.
pub fn worlds_with_two_terms() -> impl Strategy<Value = (World, Terms, Terms)> {
    choices().prop_map(|bytes| {
        let c = &mut Choices::of(bytes);
        let world = World::draw(c);
        let (a, b) = (draw_terms(c, &world.question), draw_terms(c, &world.question));
        (world, a, b)
    })
}

pub fn draw_question(c: &mut Choices) -> Question<Use> {
    let what = c.pick(Use::ALL);
    let purpose_key = if c.rare(1) { "nowhere" } else { c.pick(&PURPOSES).0 };
    let kind = category(if c.rare(1) { "aura" } else { c.pick(&CATEGORIES).0 });
    let held = !c.rare(25);
    let first =
        if held { Matter::Held(fact_id(if c.rare(1) { 99 } else { 1 })) } else { Matter::Kind(kind.clone()) };
    let rest =
        if c.rare(20) { vec![Matter::Kind(category("contact")), Matter::Held(fact_id(2))] } else { vec![] };
    let role = c.pick(Role::ALL);
    Question {
        what,
        person: PersonId::from_bytes(n(1)),
        asker: match role {
            Role::Person => Asker::Person,
            Role::System => Asker::System,
            role => Asker::Staff(StaffId::from_bytes(n(1)), role),
        },
        purpose: purpose(purpose_key),
        matters: NonEmpty::new(first, rest),
        to: match c.below(8) {
            0 | 1 => To::Party(party_id(0)),
            2 => To::Person,
            _ if c.rare(1) => To::Party(party_id(99)),
            _ => To::Party(party_id(1)),
        },
        region: region(if c.rare(1) { "mars" } else { c.pick(&["eu.de", "eu", "eu.de", "us.ca", "uk"]) }),
        at: NOW,
        context: Context {
            gpc: c.rare(10),
            claim: c.rare(10),
            automated: c.rare(8),
            ticket: match c.below(6) {
                0 => None,
                1 => Some(String::new()),
                _ => Some("T-1".into()),
            },
        },
    }
}

pub fn draw_policy(c: &mut Choices, q: &Question<Use>) -> Policy {
    let mut purposes = BTreeMap::new();
    for (key, basis) in PURPOSES {
        let asked = key == q.purpose.as_str();
        let uses = if asked && c.rare(2) { without(every_use(), q.what) } else { every_use() };
        let roles = if asked && c.rare(2) { [Role::Admin].into_iter().collect() } else { every_role() };
        let automation = if asked && c.rare(25) {
            c.pick(&[Automation::Assist, Automation::Decide])
        } else {
            Automation::None
        };
        let key = purpose(key);
        purposes.insert(
            key.clone(),
            Purpose {
                key,
                version: 1,
                dpv: String::new(),
                basis,
                uses,
                longest: if asked {
                    c.pick(&[Span::days(730), Span::days(365), Span::days(730)])
                } else {
                    TICK
                },
                direct_marketing: basis == Basis::Consent && !(asked && c.rare(50)) || asked && c.rare(10),
                automation,
                roles,
                label: "x".into(),
                labels: Also::default(),
                sentence: String::new(),
                sentences: Also::default(),
            },
        );
    }
    let categories = CATEGORIES.iter().map(|(key, class, retention)| {
        let key = category(key);
        (
            key.clone(),
            Category {
                key,
                dpv: String::new(),
                class: *class,
                retention: *retention,
                label: "x".into(),
                labels: Also::default(),
            },
        )
    });
    let mut parties: BTreeMap<_, _> = (1..=PARTIES).map(|k| draw_party(c, k)).map(|p| (p.id, p)).collect();
    let home = party(0, PartyKind::Controller, None);
    parties.insert(home.id, home);
    if c.rare(2) {
        parties.remove(&party_id(c.pick(&[2, 3])));
    }
    let several = 1 + u8::try_from(c.below(4)).unwrap();
    Policy {
        company: CompanyId::from_bytes(n(1)),
        home: party_id(0),
        version: 1,
        purposes,
        categories: categories.collect(),
        regions: regions(&["eu", "us", "uk"]),
        notices: BTreeMap::new(),
        oldest_valid: [(NoticeId::from_bytes(n(1)), if c.rare(6) { 3 } else { 1 })].into(),
        parties,
        mandates: (1..=several).map(|k| draw_mandate(c, k, q)).map(|m| (m.id, m)).collect(),
        legitimate_interest: !c.rare(15),
    }
}

/// A party in the EU with everything in order.
pub fn party(k: u8, kind: PartyKind, engaged_by: Option<PartyId>) -> Party {
    let eu = || regions(&["eu"]);
    Party {
        id: party_id(k),
        code: format!("p{k}"),
        name: format!("Party {k}"),
        kind,
        engaged_by,
        places: Places { store: eu(), process: eu(), access: eu(), control: eu() },
        agreement: Some("DPA".into()),
        transfers: vec![],
        standing: Standing::Active,
        described_at: day(-1),
    }
}

fn draw_party(c: &mut Choices, k: u8) -> Party {
    use PartyKind::{Controller, Human, Partner, Processor};
    let kind = if c.rare(2) { Controller } else { c.pick(&[Processor, Processor, Partner, Human]) };
    let engaged_by = match c.below(10) {
        0..=4 => None,
        5..=7 => Some(k.saturating_sub(1).max(1)).filter(|by| *by != k),
        8 => Some(0),
        _ if c.rare(10) => Some(c.pick(&[1, 2, 3, 4, 5, 77])),
        _ => None,
    };
    let mut place = || {
        if c.rare(1) {
            KeySet::none()
        } else if c.rare(7) {
            regions(&[c.pick(&REGIONS), c.pick(&REGIONS)])
        } else {
            regions(&[c.pick(&["eu.de", "eu", "eu.ie"])])
        }
    };
    let places = Places { store: place(), process: place(), access: place(), control: place() };
    let tools = c.most(&[Transfer::Clauses, Transfer::Adequacy, Transfer::BindingRules], 60);
    Party {
        places,
        agreement: if c.rare(3) { c.pick(&[None, Some(String::new())]) } else { Some("DPA".into()) },
        transfers: tools.into_iter().map(|tool| (tool, c.end())).collect(),
        standing: match c.below(24) {
            1 => Standing::Suspended,
            2 => Standing::Ended,
            3 => Standing::Proposed(day(c.pick(&[0, -1, 1]))),
            _ => Standing::Active,
        },
        described_at: if c.rare(5) { day(c.pick(&[-90, -89, -200])) } else { day(-3) },
        ..party(k, kind, engaged_by.map(party_id))
    }
}

pub fn draw_scope(c: &mut Choices) -> Scope {
    let parties: Vec<PartyId> = (1..=PARTIES).map(party_id).collect();
    Scope {
        parties: c.most(&parties, 30).into_iter().collect(),
        kinds: c
            .most(&[PartyKind::Processor, PartyKind::Partner, PartyKind::Human], 60)
            .into_iter()
            .collect(),
        depth: c.pick(&[2, 1, 0, 3]),
    }
}
pub fn draw_recipients(c: &mut Choices) -> Recipients {
    let one = Recipients::of(draw_scope(c));
    if c.rare(15) { one.meet(&Recipients::of(draw_scope(c))) } else { one }
}
pub fn draw_regions(c: &mut Choices) -> KeySet<Region> {
    match c.below(8) {
        0..=4 => regions(&["eu", "us", "uk"]),
        5 => regions(&["eu"]),
        _ => c.most(&REGIONS, 50).iter().map(|text| region(text)).collect(),
    }
}
pub fn draw_zones(c: &mut Choices) -> Zones {
    let all = [Transfer::Clauses, Transfer::Adequacy, Transfer::BindingRules];
    let mut one =
        || Zones::of(Zone { regions: draw_regions(c), transfers: c.most(&all, 60).into_iter().collect() });
    let first = one();
    let second = one();
    if c.rare(10) { first.meet(&second) } else { first }
}
pub fn draw_terms(c: &mut Choices, q: &Question<Use>) -> Terms {
    Terms {
        purposes: draw_purposes(c, q, 6),
        categories: draw_categories(c, 8),
        uses: draw_uses(c, q, 6),
        recipients: draw_recipients(c),
        zones: draw_zones(c),
        until: c.end(),
        explicit: !c.rare(25),
    }
}
fn draw_uses(c: &mut Choices, q: &Question<Use>, percent: u16) -> UseSet {
    if c.rare(percent) { without(every_use(), q.what) } else { every_use() }
}
pub fn draw_categories(c: &mut Choices, percent: u16) -> KeySet<CategoryKey> {
    c.most(&CATEGORIES, percent).iter().map(|(key, ..)| category(key)).collect()
}
/// The purpose asked about or one above it; rarely another, or none.
pub fn draw_purposes(c: &mut Choices, q: &Question<Use>, percent: u16) -> KeySet<PurposeKey> {
    if c.rare(percent) {
        return c.most(&PURPOSES, 50).iter().map(|(key, _)| purpose(key)).collect();
    }
    let above = q.purpose.parent().filter(|_| c.rare(50));
    [above.unwrap_or_else(|| q.purpose.clone())].into_iter().collect()
}

fn draw_mandate(c: &mut Choices, k: u8, q: &Question<Use>) -> Mandate {
    let effect = match c.below(8) {
        0..=4 => Effect::Permit,
        5 => Effect::Require,
        _ => Effect::Forbid,
    };
    let forbid = effect == Effect::Forbid;
    let staff = |k| StaffId::from_bytes(n(k));
    Mandate {
        id: MandateId::from_bytes(n(k)),
        key: format!("m{k}"),
        version: 1,
        effect,
        level: if forbid { Level::Law } else { c.pick(&[Level::Law, Level::Contract, Level::Industry]) },
        cite: Citation {
            instrument: String::new(),
            article: String::new(),
            url: String::new(),
            jurisdiction: String::new(),
        },
        purposes: if forbid && c.rare(30) { KeySet::none() } else { draw_purposes(c, q, 15) },
        categories: draw_categories(c, if forbid { 60 } else { 15 }),
        uses: draw_uses(c, q, if forbid { 40 } else { 12 }),
        roles: if c.rare(15) { [Role::Admin].into_iter().collect() } else { every_role() },
        recipients: draw_recipients(c),
        zones: draw_zones(c),
        when: match if forbid || c.rare(12) { c.below(4) } else { 3 } {
            0 => When::OutsideRegions(draw_regions(c)),
            1 => When::RecipientKind(c.pick(&[PartyKind::Human, PartyKind::Partner, PartyKind::Processor])),
            2 => When::ResidentOf(regions(&[c.pick(&["us", "eu"])])),
            _ => When::Always,
        },
        binds: match c.below(6) {
            0 | 1 => Binds::Contract(c.pick(&CONTRACTS).into()),
            2 | 3 => Binds::Anchored,
            _ => Binds::Every,
        },
        mask: c.pick(&[Mask::Full, Mask::Partial]),
        keeps: None,
        from: if c.rare(8) { day(c.pick(&[1, 0, 20])) } else { day(-900) },
        until: c.end(),
        approved_by: if c.rare(5) {
            c.pick(&[vec![], vec![staff(1)], vec![staff(1), staff(1)]])
        } else {
            vec![staff(1), staff(2)]
        },
        sentence: String::new(),
        sentences: Also::default(),
    }
}

pub fn draw_person(c: &mut Choices, q: &Question<Use>, policy: &Policy) -> Person {
    let mut person = Person::new(q.person, policy.company);
    person.residence = c.pick(&[Some("eu.de"), None, Some("us.ca"), Some("eu")]).map(region);
    person.minor = c.rare(8);
    for (at, key) in [Some(q.purpose.clone()), q.purpose.parent()].into_iter().flatten().enumerate() {
        let percent = if at == 0 { 15 } else { 60 };
        if !c.rare(percent) {
            person.answers.insert(key.clone(), draw_answer(c, key, q, u8::try_from(at).unwrap()));
        }
    }
    if c.rare(18) {
        person.objections = (0..=c.below(2)).map(|_| draw_objection(c, q)).collect();
    }
    if c.rare(18) {
        person.restrictions = (0..=c.below(2)).map(|_| draw_restriction(c)).collect();
    }
    for (k, kind) in (1..).zip(CONTRACTS) {
        if !c.rare(20) {
            person.contracts.push(draw_contract(c, k, kind));
        }
    }
    if c.rare(10) {
        person.contracts.push(draw_contract(c, 9, CONTRACTS[0]));
    }
    person.facts = (1..=FACTS).map(|k| draw_fact(c, k, q)).map(|f| (f.id, f)).collect();
    person
}

fn draw_contract(c: &mut Choices, k: u8, kind: &str) -> Contract {
    let from = if c.rare(8) { day(c.pick(&[0, 1, 40])) } else { day(-60) };
    Contract { id: ContractId::from_bytes(n(k)), kind: kind.into(), from, until: c.end() }
}

fn draw_answer(c: &mut Choices, purpose: PurposeKey, q: &Question<Use>, k: u8) -> Answer {
    let at = c.past();
    let said = match c.below(12) {
        10 => Said::No,
        11 => Said::NoLonger,
        _ => Said::Yes(Box::new(Grant {
            id: GrantId::from_bytes(n(k)),
            terms: draw_terms(c, q),
            notice: NoticeId::from_bytes(n(if c.rare(2) { 2 } else { 1 })),
            notice_version: c.pick(&[2, 3, 4]),
            giver: c.pick(&[Giver::Subject, Giver::Guardian, Giver::Agent]),
            evidence: Evidence::Portal,
            uses_left: c.pick(&[None, None, None, Some(3), Some(1), Some(0)]),
        })),
    };
    Answer { purpose, said, at }
}

pub fn draw_objection(c: &mut Choices, q: &Question<Use>) -> Objection {
    let scope = match c.below(5) {
        0 => ObjectionScope::SaleShare,
        1 => ObjectionScope::DirectMarketing,
        2 => ObjectionScope::Profiling,
        3 => ObjectionScope::Purpose(q.purpose.parent().unwrap_or_else(|| q.purpose.clone())),
        _ => ObjectionScope::Purpose(purpose(c.pick(&PURPOSES).0)),
    };
    let overridden = c.pick(&[None, Some("LIA-7".to_owned()), Some(String::new())]);
    Objection { scope, at: c.past(), overridden }
}

pub fn draw_restriction(c: &mut Choices) -> Restriction {
    Restriction {
        facts: match c.below(3) {
            0 => Restricted::All,
            1 => Restricted::Category(category(c.pick(&CATEGORIES).0)),
            _ => Restricted::Fact(fact_id(1)),
        },
        ground: c.pick(&[RestrictionGround::Asked, RestrictionGround::RetainOnly]),
        at: if c.rare(20) { day(c.pick(&[0, 1, 10])) } else { c.past() },
        until: c.pick(&[None, Some(day(20)), Some(day(0)), Some(day(-5))]),
    }
}

fn draw_fact(c: &mut Choices, k: u8, q: &Question<Use>) -> Fact {
    let derived = (1..=FACTS).map(fact_id).collect::<Vec<_>>();
    let kind = c.pick(&CATEGORIES).0;
    let anchored = c.most(&[1, 2, 3, 4], 30);
    Fact {
        id: fact_id(k),
        category: category(if c.rare(1) { "aura" } else { kind }),
        source: "test".into(),
        region: region("eu.de"),
        confirmed_at: if c.rare(8) { day(c.pick(&[-730, -7, -800])) } else { day(c.pick(&[-1, -6, -2])) },
        warrant: None,
        anchors: anchored
            .into_iter()
            .map(|k| Anchor { mandate: MandateId::from_bytes(n(k)), until: c.end() })
            .collect(),
        carried: if c.rare(30) { Some(draw_terms(c, q)) } else { None },
        derived_from: if c.rare(15) {
            derived.into_iter().filter(|id| *id > fact_id(k)).filter(|_| c.rare(40)).collect()
        } else if c.rare(1) {
            vec![fact_id(c.pick(&[1, 2, 99]))]
        } else {
            vec![]
        },
    }
}

/// Every reason, in the order of the steps, with plain payloads.
pub fn every_reason() -> Vec<Reason> {
    let (hop, place) = (party_id(1), Place::Store);
    vec![
        Reason::EmptyRequest,
        Reason::UnknownPerson,
        Reason::UnknownPurpose,
        Reason::UnknownRegion,
        Reason::UnknownParty,
        Reason::ClockWentBack,
        Reason::UseOutsidePurpose,
        Reason::RoleOutsidePurpose,
        Reason::UnknownFact,
        Reason::UnknownCategory,
        Reason::ForbiddenBy { mandate: "pci-pan-storage".into() },
        Reason::Restricted,
        Reason::Objected,
        Reason::OptedOut,
        Reason::LegitimateInterestOff,
        Reason::NeverAsked,
        Reason::Refused,
        Reason::Withdrawn,
        Reason::NeedsGuardian,
        Reason::Expired { at: NOW },
        Reason::UsedUp,
        Reason::NoticeOutdated,
        Reason::UseNotGranted,
        Reason::HumanRequired,
        Reason::CategoryNotGranted,
        Reason::NeedsExplicit,
        Reason::NoActiveContract,
        Reason::NotNecessary,
        Reason::NoMandate,
        Reason::RoleOutsideMandate,
        Reason::NeedsTicket,
        Reason::RetentionOver,
        Reason::ChainBroken { hop },
        Reason::PartyNotActive { hop },
        Reason::NoAgreement { hop },
        Reason::DescriptionStale { hop },
        Reason::RecipientNotNamed { hop },
        Reason::TierTooDeep { hop },
        Reason::RegionNotGranted { region: region("us") },
        Reason::HopOutsideRegion { hop, place, region: region("us") },
        Reason::PlaceNotDescribed { hop, place },
        Reason::NoTransferTool { hop },
        Reason::ProvenanceDenies,
        Reason::ParentDenies { fact: fact_id(1) },
    ]
}

/// What a verdict is counted under: its reason's code, or `OPEN` and the basis.
pub fn tally_key(world: &World) -> String {
    match world.verdict() {
        Verdict::Open(_) => format!("OPEN {:?}", world.basis().unwrap()),
        Verdict::Closed(reason) => reason.code().to_owned(),
    }
}
/// How often each verdict was met.
pub type Tally = BTreeMap<String, u64>;
/// The tally as lines of a table.
pub fn show(tally: &Tally) -> String {
    tally.iter().map(|(key, count)| format!("{count:>10}  {key}\n")).collect()
}
/// Every key a complete tally has: each reason but the one that cannot happen, and open for each basis.
pub fn all_tally_keys() -> BTreeSet<String> {
    let codes =
        every_reason().into_iter().filter(|r| *r != Reason::EmptyRequest).map(|r| r.code().to_owned());
    codes.chain(PURPOSES.iter().map(|(_, basis)| format!("OPEN {basis:?}"))).collect()
}

/// Compares a text with `golden/{name}`; writes it instead when `UPDATE_GOLDEN` is set.
pub fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(&path, text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = known.lines().zip(text.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| known.lines().count().min(text.lines().count()));
    assert!(
        known == text,
        "golden/{name} differs from line {} on:\n  was: {}\n  now: {}\nIf it is right, run with UPDATE_GOLDEN=1.",
        line + 1,
        known.lines().nth(line).unwrap_or("(nothing)"),
        text.lines().nth(line).unwrap_or("(nothing)"),
    );
}
