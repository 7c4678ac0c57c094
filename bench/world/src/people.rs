//! People and what they said: in bits, as the kernel's own values, and as an index.

use std::collections::BTreeMap;

use assent_index::{Class, ClauseId, Index, Line, Minute};
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Said};
use assent_kernel::party::{Recipients, Scope};
use assent_kernel::{GrantId, Person, PersonId, Span, Terms, Timestamp, Zones};

use crate::law::{self, Law, NOW};
use crate::{CATEGORIES, Dice, PURPOSES, RECIPIENTS, REGIONS};

/// How many standard texts there are.
const TEXTS: usize = 2_000;
/// How often each purpose is among what somebody said something about.
const WEIGHTS: [usize; PURPOSES] = [220, 100, 100, 3, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60];

/// A standard text of consent, in bits.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// For which purpose.
    pub purpose: usize,
    /// Which uses.
    pub uses: u64,
    /// To whom.
    pub recipients: u64,
    /// Of which categories.
    pub categories: u64,
    /// In which regions.
    pub regions: u64,
    /// Its version.
    pub version: u32,
}

/// A yes: a text, perhaps with categories and regions of the person's own.
#[derive(Debug, Clone, Copy)]
pub struct Yes {
    /// What was agreed to.
    pub text: Text,
    /// The number of the standard text; none when it was changed.
    pub standard: Option<usize>,
    /// Until when.
    pub until: Timestamp,
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Who {
    /// By this id.
    pub id: PersonId,
    /// Lives there.
    pub home: usize,
    /// Said this.
    pub said: Vec<Yes>,
}

/// The world: a law, its texts, and people by number.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The law.
    pub law: Law,
    texts: Vec<Text>,
    by_purpose: Vec<Vec<usize>>,
}

fn text(n: usize, dice: &mut Dice) -> Text {
    let purpose = n % PURPOSES;
    let (few, many) = (3 + dice.below(6), 6 + dice.below(12));
    Text {
        purpose,
        uses: 0xf | dice.some(5, 12),
        recipients: 1 | dice.some(few, RECIPIENTS),
        categories: 0x7 & dice.draw() | dice.some(many, CATEGORIES),
        regions: 1 | dice.some(many, REGIONS),
        version: if dice.often(10) { 1 } else { 2 },
    }
}

impl World {
    /// The one world of these measurements.
    #[must_use]
    pub fn new() -> Self {
        let dice = &mut Dice::seeded(2);
        let texts: Vec<Text> = (0..TEXTS).map(|n| text(n, dice)).collect();
        let of = |purpose| (0..TEXTS).filter(|n| texts[*n].purpose == purpose).collect();
        Self { law: Law::new(), by_purpose: (0..PURPOSES).map(of).collect(), texts }
    }

    /// The id of a person of that number.
    #[must_use]
    pub fn id(n: usize) -> PersonId {
        let dice = &mut Dice::seeded(n as u64 ^ 0x1d00_0000_0000);
        PersonId::from_bytes((u128::from(dice.draw()) << 64 | u128::from(dice.draw())).to_be_bytes())
    }

    /// The person of that number.
    #[must_use]
    pub fn who(&self, n: usize) -> Who {
        let dice = &mut Dice::seeded(n as u64);
        let home = dice.below(REGIONS);
        let more = dice.below(7);
        let count = 4 + if more > 3 && dice.often(53) { dice.below(4) } else { more };
        let mut met = 0u64;
        while (met.count_ones() as usize) < count {
            met |= 1 << weighted(dice);
        }
        let said = law::numbers(met).map(|purpose| self.yes(purpose, dice)).collect();
        Who { id: Self::id(n), home, said }
    }

    fn yes(&self, purpose: usize, dice: &mut Dice) -> Yes {
        let of = &self.by_purpose[purpose];
        // A few texts are what most agreed to.
        let standard = of[dice.below(of.len()).min(dice.below(of.len()))];
        let mut text = self.texts[standard];
        let own = dice.often(15);
        if own {
            text.categories = dice.draw() >> 8 & ((1 << CATEGORIES) - 1) | 1 << dice.below(CATEGORIES);
            text.regions = dice.draw() >> 8 & ((1 << REGIONS) - 1) | 1 << dice.below(REGIONS);
        }
        Yes { text, standard: (!own).then_some(standard), until: end(dice) }
    }

    /// A person of that number, as the kernel's value.
    #[must_use]
    pub fn person(&self, n: usize) -> Person {
        let who = self.who(n);
        let mut person = Person::new(who.id, self.law.policy().company);
        person.residence = Some(law::region(who.home));
        person.answers = who.said.iter().map(answer).map(|a| (a.purpose.clone(), a)).collect();
        person
    }

    /// An empty index under this law.
    ///
    /// # Panics
    /// When the law does not fit, which would be a mistake here.
    #[must_use]
    pub fn index(&self, people: usize) -> Index {
        let policy = std::sync::Arc::new(self.law.policy());
        Index::new(policy, NOW, people, [11, 22, 33, 44]).expect("the law fits")
    }

    /// The lines of somebody, for an index.
    pub fn lines(&self, who: &Who, index: &mut Index, standard: &mut BTreeMap<usize, ClauseId>) -> Vec<Line> {
        let line = |yes: &Yes| {
            let clause = match yes.standard {
                Some(n) => *standard.entry(n).or_insert_with(|| index.clause(&grant(yes)).expect("it fits")),
                None => index.clause(&grant(yes)).expect("it fits"),
            };
            Line::Yes(yes.text.purpose as u16, Minute::end(yes.until).expect("it fits"), clause)
        };
        who.said.iter().map(line).collect()
    }
}

/// An index of so many people, put together without making each a [`Person`].
#[must_use]
pub fn fill(world: &World, people: usize) -> Index {
    let mut index = world.index(people);
    let mut standard = BTreeMap::new();
    for n in 0..people {
        let who = world.who(n);
        let lines = world.lines(&who, &mut index, &mut standard);
        let sketch = index.compose(&class(who.home), &lines).expect("it fits");
        index.keep(who.id, &sketch);
    }
    index.tidy();
    index
}

/// The class of people who live there.
#[must_use]
pub fn class(home: usize) -> Class {
    Class { residence: Some(law::region(home)), ..Class::default() }
}

fn weighted(dice: &mut Dice) -> usize {
    let mut left = dice.below(WEIGHTS.iter().sum());
    for (n, weight) in WEIGHTS.iter().enumerate() {
        if left < *weight {
            return n;
        }
        left -= weight;
    }
    0
}

/// 15 of 100 over, 60 within two years, 25 in ninety years.
fn end(dice: &mut Dice) -> Timestamp {
    let year = 365 * 24 * 60;
    let minutes = match dice.below(100) {
        0..15 => return NOW.minus(Span::minutes(1 + dice.below(2 * year) as u32)),
        15..75 => 1 + dice.below(2 * year) as u32,
        _ => 90 * year as u32,
    };
    NOW.plus(Span::minutes(minutes))
}

fn recipients(bits: u64) -> Recipients {
    let parties = law::numbers(bits).map(law::party).collect();
    Recipients::of(Scope { parties, kinds: [].into(), depth: 0 })
}

fn grant(yes: &Yes) -> Grant {
    let text = &yes.text;
    let terms = Terms {
        purposes: [law::purpose(text.purpose)].into_iter().collect(),
        categories: law::categories(text.categories),
        uses: law::uses(text.uses),
        recipients: recipients(text.recipients),
        zones: Zones::inside(law::regions(text.regions)),
        until: yes.until,
        explicit: false,
    };
    Grant {
        id: GrantId::from_bytes(law::bytes(0)),
        terms,
        notice: law::notice(text.purpose),
        notice_version: text.version,
        giver: Giver::Subject,
        evidence: Evidence::Portal,
        uses_left: None,
    }
}

fn answer(yes: &Yes) -> Answer {
    let at = NOW.minus(Span::days(3 * 365));
    Answer { purpose: law::purpose(yes.text.purpose), said: Said::Yes(Box::new(grant(yes))), at }
}

impl World {
    pub(crate) fn standard_for(&self, purpose: usize) -> &[usize] {
        &self.by_purpose[purpose]
    }
    pub(crate) fn standard(&self, n: usize) -> &Text {
        &self.texts[n]
    }
}
