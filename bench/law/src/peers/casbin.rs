//! casbin: it walks every row for every request, so each person gets an engine of their own with nothing in it but
//! their yeses and the prohibitions. Bits are compared by native functions.

use casbin::function_map::OperatorFunction;
use casbin::rhai::Dynamic;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use bench_world::{Asked, NOW, RECIPIENTS, When, Who, clock};

use super::{Case, Peer, same};

/// How many people get an engine.
const PEOPLE: usize = 200;

const MODEL: &str = "
[request_definition]
r = purpose, what, categories, to, reached, home, now

[policy_definition]
p = kind, purposes, uses, categories, to, regions, homes, until, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = hit(r.purpose, p.purposes) && hit(r.what, p.uses) && hit(r.to, p.to) && \
(p.kind == \"yes\" && within(r.categories, p.categories) && within(r.reached, p.regions) && after(p.until, r.now) || \
p.kind == \"no\" && hit(r.categories, p.categories) && hit(r.reached, p.regions) && hit(r.home, p.homes))
";

/// Rows are text there, and its numbers have 32 bits: bits travel as text on both sides.
fn number(value: &Dynamic) -> u64 {
    value.as_immutable_string_ref().ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

async fn engine(case: &Case, who: &Who) -> casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut engine = Enforcer::new(model, MemoryAdapter::default()).await?;
    engine.add_function("hit", OperatorFunction::Arg2(|a, b| (number(&a) & number(&b) != 0).into()));
    engine.add_function("within", OperatorFunction::Arg2(|a, b| (number(&a) & !number(&b) == 0).into()));
    engine.add_function("after", OperatorFunction::Arg2(|a, b| (number(&a) > number(&b)).into()));
    engine.add_policies(rows(case, who)).await?;
    Ok(engine)
}

fn row(kind: &str, numbers: [u64; 6], until: u64, effect: &str) -> Vec<String> {
    let numbers = numbers.map(|n| n.to_string());
    let head = std::iter::once(kind.to_owned()).chain(numbers);
    head.chain([until.to_string(), effect.to_owned()]).collect()
}

fn rows(case: &Case, who: &Who) -> Vec<Vec<String>> {
    let (law, every) = (&case.world.law, u64::MAX);
    let counting = who.said.iter().filter(|yes| yes.text.version >= law.oldest[yes.text.purpose]);
    let mut all: Vec<Vec<String>> = counting
        .map(|yes| {
            let t = &yes.text;
            let numbers = [1 << t.purpose, t.uses, t.categories, t.recipients, t.regions, every];
            row("yes", numbers, minutes(yes.until), "allow")
        })
        .collect();
    for (n, f) in (0..).zip(&law.forbidden) {
        let (mut to, mut regions, mut homes) = (every, every, every);
        match f.when {
            When::Always => {}
            When::Outside(inside) => regions = !inside,
            When::To(kind) => {
                to = (0..RECIPIENTS).filter(|k| law.kinds[*k] == kind).fold(0, |bits, k| bits | 1 << k);
            }
            When::Residents(residents) => homes = residents,
        }
        // Rows must differ: the number of the mandate stands in a column that a "no" does not use.
        all.push(row("no", [f.purposes, f.uses, f.categories, to, regions, homes], n, "deny"));
    }
    all
}

fn minutes(at: assent_kernel::Timestamp) -> u64 {
    at.micros().unsigned_abs() / 60_000_000
}

fn asking(case: &Case, asked: &Asked, who: &Who) -> Vec<String> {
    let (reached, now) = (case.world.law.reached(asked.to, asked.region), minutes(NOW));
    let bits =
        [1 << asked.purpose, 1 << asked.what, asked.categories, 1 << asked.to, reached, 1 << who.home, now];
    bits.map(|n: u64| n.to_string()).to_vec()
}

/// Requests about a few people, each with an engine of their own.
pub(super) fn measure(case: &Case) -> anyhow::Result<Peer> {
    let name = "casbin 2.20, one person's rows and 20 mandates";
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let first = case.requests.all.iter().zip(&case.open).take(PEOPLE);
    let mut work = Vec::new();
    for (one, open) in first {
        let (asked, who) = (case.asked(*one), &case.people[one.who as usize]);
        work.push((runtime.block_on(engine(case, who))?, asking(case, asked, who), *open));
    }
    let decide = |(engine, asking, _): &(Enforcer, Vec<String>, bool)| engine.enforce(asking.clone());
    let given = work.iter().map(decide).collect::<Result<Vec<bool>, _>>()?;
    let right: Vec<bool> = work.iter().map(|(_, _, open)| *open).collect();
    let compared = same(name, &given, &right)?;
    let each = clock::median(5, work.len(), || {
        std::hint::black_box(work.iter().filter(|one| decide(one).is_ok_and(|open| open)).count());
    });
    Ok(Peer { name, each, compared })
}
