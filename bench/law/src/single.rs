//! The index alone: cold, hot, in batches, and the floor beneath it.

use std::hint::black_box;

use assent_index::{Asking, Index, Sizes, Verdict};
use assent_kernel::PersonId;
use bench_world::{Dice, Requests, World, clock, fill};
use memmap2::MmapMut;
use zerocopy::FromBytes as _;

/// How many requests are put in one run.
const REQUESTS: usize = 1 << 20;
/// How many people are asked about when they are to stay in the cache.
const HOT: usize = 10_000;
/// How often those are put again in one run.
const AGAIN: usize = 20;
/// How often each figure is taken: all of them by turns, so that other work on the machine weighs on all alike.
const RUNS: usize = 15;
/// Bytes that come from memory at once.
const LINE: usize = 64;

/// What one decision costs, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// One load that depends on the load before, from memory as large as the table.
    pub load: f64,
    /// One decision that depends on the one before, people at random.
    pub cold: f64,
    /// The same, one after another without waiting.
    pub apart: f64,
    /// A few people again and again, each decision dependent on the one before.
    pub hot_after: f64,
    /// A few people again and again.
    pub hot: f64,
    /// Many at once.
    pub batch: f64,
    /// Of a hundred, how many were open.
    pub open: f64,
    /// How large the index is.
    pub sizes: Sizes,
}

/// A list of requests with everything looked up.
struct Prepared {
    askings: Vec<Asking>,
    all: Vec<(u32, PersonId)>,
}

impl Prepared {
    fn new(index: &Index, requests: &Requests) -> Self {
        let nobody = PersonId::from_bytes([0; 16]);
        let ask = |asked: &bench_world::Asked| index.ask(&asked.question(nobody)).expect("it is compiled");
        let all = requests.all.iter().map(|one| (one.asked, World::id(one.who as usize)));
        Self { askings: requests.asked.iter().map(ask).collect(), all: all.collect() }
    }

    /// One after another, each only when the one before is known.
    fn in_turn(&self, index: &Index) {
        // Nobody but us knows that it is zero: the next request cannot be read before this verdict is there.
        let zero = black_box(0);
        let mut at = 0;
        for n in 0..self.all.len() {
            let (asked, id) = self.all[n + at];
            let verdict = index.decide(&self.askings[asked as usize], id);
            at = told(verdict) & zero;
        }
        black_box(at);
    }

    fn apart(&self, index: &Index) {
        let decide = |(asked, id): &(u32, PersonId)| told(index.decide(&self.askings[*asked as usize], *id));
        black_box(self.all.iter().map(decide).fold(0, usize::wrapping_add));
    }

    fn at_once(&self, index: &Index) {
        let mut sum = 0usize;
        let asked = self.all.iter().map(|(asked, id)| (&self.askings[*asked as usize], *id));
        index.decide_all(asked, |verdict| sum = sum.wrapping_add(told(verdict)));
        black_box(sum);
    }
}

fn told(verdict: Verdict) -> usize {
    verdict.end().number() as usize + usize::from(verdict.is_open())
}

/// Fills an index and measures it.
pub fn measure(people: usize) -> Figures {
    let world = World::new();
    let index = fill(&world, people);
    let sizes = index.sizes();
    let some = Prepared::new(&index, &Requests::new(&world, people, REQUESTS, 128));
    let few = Prepared::new(&index, &Requests::new(&world, HOT.min(people), HOT * 2, 8));
    let open = |one: &&(u32, PersonId)| index.decide(&some.askings[one.0 as usize], one.1).is_open();
    let (each, hot) = (some.all.len(), few.all.len() * AGAIN);
    let circle = Circle::new(sizes.lines + sizes.clauses);
    let turn = |_| {
        [
            nanos(REQUESTS, || circle.walk()),
            nanos(each, || some.in_turn(&index)),
            nanos(each, || some.apart(&index)),
            nanos(hot, || (0..AGAIN).for_each(|_| few.in_turn(&index))),
            nanos(hot, || (0..AGAIN).for_each(|_| few.apart(&index))),
            nanos(each, || some.at_once(&index)),
        ]
    };
    let turns: Vec<[f64; 6]> = (0..RUNS).map(turn).collect();
    let [load, cold, apart, hot_after, hot, batch] = std::array::from_fn(|of| middle(&turns, of));
    let open = some.all.iter().filter(open).count() as f64 * 100.0 / each as f64;
    Figures { load, cold, apart, hot_after, hot, batch, open, sizes }
}

/// Nanoseconds for each of so many things that are done at once.
fn nanos(each: usize, work: impl FnOnce()) -> f64 {
    clock::took(work).0.as_secs_f64() * 1e9 / each as f64
}

fn middle(turns: &[[f64; 6]], of: usize) -> f64 {
    let mut all: Vec<f64> = turns.iter().map(|turn| turn[of]).collect();
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

/// As much memory as the index, in pages as the index has them: each line tells the next, in a single circle through all.
struct Circle(MmapMut);

impl Circle {
    fn new(bytes: usize) -> Self {
        let mut map = MmapMut::map_anon(bytes / LINE * LINE).expect("memory");
        #[cfg(target_os = "linux")]
        map.advise(memmap2::Advice::HugePage).expect("a system with huge pages");
        let words = <[usize]>::mut_from_bytes(&mut map).expect("a page is aligned");
        let lines = words.as_chunks_mut::<{ LINE / size_of::<usize>() }>().0;
        lines.iter_mut().enumerate().for_each(|(at, line)| line[0] = at);
        let dice = &mut Dice::seeded(4);
        for at in (1..lines.len()).rev() {
            let other = dice.below(at);
            let kept = lines[at][0];
            lines[at][0] = lines[other][0];
            lines[other][0] = kept;
        }
        Self(map)
    }

    /// Loads that each depend on the one before.
    fn walk(&self) {
        let words = <[usize]>::ref_from_bytes(&self.0).expect("a page is aligned");
        let lines = words.as_chunks::<{ LINE / size_of::<usize>() }>().0;
        black_box((0..REQUESTS).fold(0, |at, _| lines[at][0]));
    }
}
