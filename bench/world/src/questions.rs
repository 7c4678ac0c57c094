//! Questions: a set of them looked up once, and requests that each put one of them about somebody.

use assent_kernel::{Asker, Context, Matter, NonEmpty, Question, Role, StaffId, To, Use};

use crate::law::{self, NOW, When};
use crate::people::{Text, World};
use crate::{Dice, PURPOSES, REGIONS};

/// A question in bits; about whom is said elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Why.
    pub purpose: usize,
    /// Which use.
    pub what: usize,
    /// Of which categories.
    pub categories: u64,
    /// To whom.
    pub to: usize,
    /// Where it is used.
    pub region: usize,
}

/// A question about somebody, both by number.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Which question.
    pub asked: u32,
    /// About whom.
    pub who: u32,
}

/// Questions and requests.
#[derive(Debug, Clone)]
pub struct Requests {
    /// The questions.
    pub asked: Vec<Asked>,
    /// What is asked, in order.
    pub all: Vec<Request>,
}

impl Asked {
    /// One that somebody who agreed to a text was asked for; the company itself asks half of the time.
    fn about(text: &Text, dice: &mut Dice) -> Self {
        let categories = (0..1 + dice.below(3)).fold(0, |bits, _| bits | 1 << dice.one_of(text.categories));
        Self {
            purpose: text.purpose,
            what: dice.one_of(text.uses),
            categories,
            to: if dice.often(50) { 0 } else { dice.one_of(text.recipients) },
            region: if dice.often(90) { dice.one_of(text.regions) } else { dice.below(REGIONS) },
        }
    }

    /// True when a yes covers it, prohibitions aside.
    #[must_use]
    pub fn covered(&self, text: &Text, world: &World) -> bool {
        let reached = world.law.reached(self.to, self.region);
        text.purpose == self.purpose
            && text.uses >> self.what & 1 == 1
            && text.categories & self.categories == self.categories
            && (self.to == 0 || text.recipients >> self.to & 1 == 1)
            && text.regions & reached == reached
            && text.version >= world.law.oldest[self.purpose]
    }

    /// The prohibitions it meets for somebody who lives there, as bits.
    #[must_use]
    pub fn forbidden(&self, home: usize, world: &World) -> u64 {
        let law = &world.law;
        let hit = |f: &crate::Forbidden| {
            f.purposes >> self.purpose & 1 == 1
                && f.uses >> self.what & 1 == 1
                && f.categories & self.categories != 0
                && match f.when {
                    When::Always => true,
                    When::Outside(inside) => law.reached(self.to, self.region) & !inside != 0,
                    When::To(kind) => law.kinds[self.to] == kind,
                    When::Residents(homes) => homes >> home & 1 == 1,
                }
        };
        (0..).zip(&law.forbidden).filter(|(_, f)| hit(f)).fold(0, |bits, (n, _): (u32, _)| bits | 1 << n)
    }

    /// As the kernel's value, about a person.
    #[must_use]
    pub fn question(&self, who: assent_kernel::PersonId) -> Question<Use> {
        let matters: Vec<Matter> =
            law::numbers(self.categories).map(|n| Matter::Kind(law::category(n))).collect();
        Question {
            what: Use::ALL[self.what],
            person: who,
            asker: Asker::Staff(StaffId::from_bytes(law::bytes(9)), Role::Marketing),
            purpose: law::purpose(self.purpose),
            matters: NonEmpty::try_from(matters).expect("a category"),
            to: To::Party(law::party(self.to)),
            region: law::region(self.region),
            at: NOW,
            context: Context::default(),
        }
    }
}

impl Requests {
    /// So many requests about so many people, out of so many different questions for each purpose; 70 of 100 aim at
    /// something the person agreed to.
    #[must_use]
    pub fn new(world: &World, people: usize, requests: usize, for_each: usize) -> Self {
        let dice = &mut Dice::seeded(3);
        let asked: Vec<Asked> = (0..PURPOSES * for_each)
            .map(|n| Asked::about(world.text_for(n % PURPOSES, dice), dice))
            .collect();
        let all = (0..requests).map(|_| request(world, &asked, people, dice)).collect();
        Self { asked, all }
    }
}

fn request(world: &World, asked: &[Asked], people: usize, dice: &mut Dice) -> Request {
    let who = dice.below(people);
    let mut chosen = dice.below(asked.len());
    if dice.often(70) {
        let said = world.who(who).said;
        let yes = said[dice.below(said.len())];
        let for_each = asked.len() / PURPOSES;
        // A question that this yes would open, if a few tries find one.
        for _ in 0..48 {
            chosen = dice.below(for_each) * PURPOSES + yes.text.purpose;
            if asked[chosen].covered(&yes.text, world) {
                break;
            }
        }
    }
    Request { asked: chosen as u32, who: who as u32 }
}

impl World {
    /// A standard text for a purpose.
    fn text_for(&self, purpose: usize, dice: &mut Dice) -> &Text {
        let of = self.standard_for(purpose);
        self.standard(of[dice.below(of.len()).min(dice.below(of.len()))])
    }
}
