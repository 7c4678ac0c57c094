//! Other engines that decide. Each gets the same people and requests, in the form that suits it best: requests are made
//! ready outside the timing, sets are bits where the engine has bits, and texts that no longer count are left out where
//! the engine would have to look for them.

mod casbin;
mod cedar;
mod regorus;

use anyhow::ensure;
use assent_index::Index;
use bench_world::{Asked, NOW, Request, Requests, Who, World, Yes};

/// People and requests for the engines that interpret.
const PEOPLE: usize = 20_000;
const REQUESTS: usize = 20_000;

/// What a request costs with an engine.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Which, and how it was used.
    pub name: &'static str,
    /// Nanoseconds of CPU time for each request.
    pub each: f64,
    /// How many answers were compared.
    pub compared: usize,
}

/// The same people, requests and right answers for every engine.
struct Case {
    world: World,
    people: Vec<Who>,
    requests: Requests,
    /// The law's answers.
    open: Vec<bool>,
    /// The answers if nothing were forbidden.
    covered: Vec<bool>,
}

/// The yes that somebody said to a purpose, if it counts and lives.
fn living<'a>(who: &'a Who, asked: &Asked, world: &World) -> Option<&'a Yes> {
    let counts = |yes: &&Yes| yes.text.version >= world.law.oldest[yes.text.purpose];
    who.said.iter().filter(counts).find(|yes| yes.text.purpose == asked.purpose && NOW < yes.until)
}

impl Case {
    /// Made ready, and the index compared with the kernel on every request, reasons included.
    fn new(people: usize, requests: usize) -> anyhow::Result<Self> {
        let world = World::new();
        let requests = Requests::new(&world, people, requests, 128);
        let index = bench_world::fill(&world, people);
        let crowd: Vec<Who> = (0..people).map(|n| world.who(n)).collect();
        let of = |one: &Request| (&requests.asked[one.asked as usize], &crowd[one.who as usize]);
        let covered = requests.all.iter().map(of);
        let covered = covered
            .map(|(asked, who)| {
                living(who, asked, &world).is_some_and(|yes| asked.covered(&yes.text, &world))
            })
            .collect();
        let open: Vec<bool> = requests
            .all
            .iter()
            .map(|one| judged(&world, &index, &requests, *one))
            .collect::<Result<_, _>>()?;
        Ok(Self { world, people: crowd, requests, open, covered })
    }

    fn asked(&self, one: Request) -> &Asked {
        &self.requests.asked[one.asked as usize]
    }
}

/// What the index says, when the kernel says the same.
fn judged(world: &World, index: &Index, requests: &Requests, one: Request) -> anyhow::Result<bool> {
    let person = world.person(one.who as usize);
    let question = requests.asked[one.asked as usize].question(person.id);
    let asking = index.ask(&question)?;
    let found = index.reason(&asking, index.decide(&asking, person.id));
    let expected = index.reference(&question, &person);
    ensure!(found == expected, "index {found:?}, kernel {expected:?}: {question:?} {person:?}");
    Ok(found.is_none())
}

/// Fails when an engine gave another answer anywhere.
fn same(name: &str, given: &[bool], right: &[bool]) -> anyhow::Result<usize> {
    let wrong = given.iter().zip(right).filter(|(a, b)| a != b).count();
    ensure!(given.len() == right.len() && wrong == 0, "{name}: {wrong} of {} answers differ", right.len());
    Ok(right.len())
}

/// Measures all of them.
pub fn measure() -> anyhow::Result<Vec<Peer>> {
    let case = Case::new(PEOPLE, REQUESTS)?;
    let mut all = cedar::measure(&case)?;
    all.extend(regorus::measure(&case)?);
    all.push(casbin::measure(&case)?);
    Ok(all)
}
