//! The index's side: counts, lists and withdrawals.

use std::hint::black_box;

use assent_index::{Asking, Counts, Index, Line, Sizes, Sketch};
use assent_kernel::{PersonId, Span};
use bench_world::{Asked, NOW, Requests, World, clock, fill};

/// How often each figure is taken.
const RUNS: usize = 9;
/// How many people withdraw.
const WITHDRAWALS: usize = 20_000;

/// A question worth a name.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The name.
    pub name: &'static str,
    /// The question.
    pub asked: Asked,
}

/// What 78 of 100 answered, with two categories; a purpose that half answered, with three; one that few answered, to a
/// processor; one that a mandate closes to half of the residences.
pub const PAIRS: [Pair; 4] = [
    Pair { name: "heavy", asked: Asked { purpose: 0, what: 0, categories: 0b11, to: 0, region: 0 } },
    Pair { name: "medium", asked: Asked { purpose: 2, what: 1, categories: 0b111, to: 0, region: 0 } },
    Pair { name: "light", asked: Asked { purpose: 3, what: 2, categories: 0b1, to: 5, region: 0 } },
    Pair { name: "mandated", asked: Asked { purpose: 1, what: 0, categories: 0b1, to: 0, region: 0 } },
];

/// One question counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Which.
    pub name: &'static str,
    /// How many people may be used.
    pub people: usize,
    /// How many reasons were told apart for the others.
    pub reasons: usize,
    /// Milliseconds to count, reasons included.
    pub count: f64,
    /// Milliseconds to count at a minute a year from now that nobody has asked about yet.
    pub later: f64,
    /// Milliseconds to cut the list of ids.
    pub cut: f64,
}

/// Everything measured about one index.
#[derive(Debug, Clone)]
pub struct Ours {
    /// How many people.
    pub people: usize,
    /// The named questions.
    pub counted: Vec<Counted>,
    /// Milliseconds of each of 64 questions drawn from all purposes, sorted.
    pub any: Vec<f64>,
    /// Nanoseconds to keep somebody who did not change, and somebody who withdrew one yes.
    pub kept: (f64, f64),
    /// Milliseconds to count the first named question after those withdrawals.
    pub after: f64,
    /// Sizes in bytes.
    pub sizes: Sizes,
}

/// Fills an index and measures it.
pub fn measure(people: usize) -> Ours {
    let world = World::new();
    let (took, mut index) = clock::took(|| fill(&world, people));
    eprintln!("{people} people put in: {:.0} s of CPU time", took.as_secs_f64());
    let sizes = index.sizes();
    let counted: Vec<Counted> = PAIRS.iter().map(|pair| counted(&index, pair)).collect();
    let any = any(&index, &world);
    let kept = withdrawals(&mut index, &world, people);
    let asking = index.ask(&PAIRS[0].asked.question(nobody())).expect("it is compiled");
    let (after, counts) = millis(&index, &asking);
    assert_eq!(singly(&index, &asking), counts.permitted, "one by one, after the withdrawals");
    assert!(counts.permitted < counted[0].people, "somebody withdrew");
    Ours { people, counted, any, kept, after, sizes }
}

fn nobody() -> PersonId {
    PersonId::from_bytes([0; 16])
}

fn millis(index: &Index, asking: &Asking) -> (f64, Counts) {
    let counts = index.count(asking);
    let time = clock::median(RUNS, 1, || {
        black_box(index.count(asking));
    });
    (time / 1e6, counts)
}

fn counted(index: &Index, pair: &Pair) -> Counted {
    let question = pair.asked.question(nobody());
    let asking = index.ask(&question).expect("it is compiled");
    let (count, counts) = millis(index, &asking);
    let later = later(index, &question);
    let (mut lists, mut found) = (Vec::new(), 0);
    let cut = clock::median(3, 1, || {
        let audience = index.cut(&asking);
        found = audience.people.len();
        lists.push(audience.counts == counts);
    });
    assert!(found == counts.permitted && lists.iter().all(|same| *same), "the list is what was counted");
    assert_eq!(singly(index, &asking), counts.permitted, "one by one");
    let reasons = counts.refused.len();
    Counted { name: pair.name, people: counts.permitted, reasons, count, later, cut: cut / 1e6 }
}

/// At instants nobody has asked about yet, a year and some days from now: the middle of some, in milliseconds.
fn later(index: &Index, question: &assent_kernel::Question<assent_kernel::Use>) -> f64 {
    let at = |n: usize| NOW.plus(Span::days(365 + 10 * n as u32));
    let mut all: Vec<f64> = (0..RUNS)
        .map(|n| {
            index.ask(&assent_kernel::Question { at: at(n), ..question.clone() }).expect("it holds for years")
        })
        .map(|asking| clock::took(|| black_box(index.count(&asking))).0.as_secs_f64() * 1e3)
        .collect();
    all.sort_unstable_by(f64::total_cmp);
    all[RUNS / 2]
}

/// How many may be used when everybody is decided one by one.
fn singly(index: &Index, asking: &Asking) -> usize {
    let everybody = (0..u32::MAX).map_while(|n| index.person(n));
    let mut open = 0;
    index.decide_all(everybody.map(|id| (asking, id)), |verdict| open += usize::from(verdict.is_open()));
    open
}

/// 64 questions of every purpose.
fn any(index: &Index, world: &World) -> Vec<f64> {
    let asked = Requests::new(world, 1, 1, 4).asked;
    let some = asked.iter();
    let time = |asked: &Asked| {
        let asking = index.ask(&asked.question(nobody())).expect("it is compiled");
        black_box(index.count(&asking));
        clock::median(3, 1, || {
            black_box(index.count(&asking));
        }) / 1e6
    };
    let mut all: Vec<f64> = some.map(time).collect();
    all.sort_unstable_by(f64::total_cmp);
    all
}

/// People at random: each put in again as they were, then each with one yes withdrawn.
fn withdrawals(index: &mut Index, world: &World, people: usize) -> (f64, f64) {
    let mut standard = std::collections::BTreeMap::new();
    let step = people / WITHDRAWALS.min(people);
    let mut all: Vec<(PersonId, Sketch, Sketch)> = Vec::new();
    for n in (0..people).step_by(step.max(1)) {
        let who = world.who(n.wrapping_mul(7_919) % people);
        let lines = world.lines(&who, index, &mut standard);
        let mut fewer = lines.clone();
        if let Some(Line::Yes(purpose, ..)) = fewer.first().copied() {
            fewer[0] = Line::NoLonger(purpose);
        }
        let class = bench_world::class(who.home);
        let compose = |index: &mut Index, lines: &[Line]| index.compose(&class, lines).expect("it fits");
        all.push((who.id, compose(index, &lines), compose(index, &fewer)));
    }
    let each = all.len() as f64;
    let mut keep = |which: fn(&(PersonId, Sketch, Sketch)) -> &Sketch| {
        let (took, ()) = clock::took(|| all.iter().for_each(|one| index.keep(one.0, which(one))));
        took.as_secs_f64() * 1e9 / each
    };
    // The best of some rounds of both; in between everybody says yes again.
    let rounds = (0..5).map(|_| {
        keep(|one| &one.1);
        (keep(|one| &one.1), keep(|one| &one.2))
    });
    rounds.fold((f64::MAX, f64::MAX), |best, round| (best.0.min(round.0), best.1.min(round.1)))
}
