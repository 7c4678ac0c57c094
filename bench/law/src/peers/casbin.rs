//! casbin: it walks every row for every request, so each person gets an engine of their own with nothing in it but
//! their yeses and the prohibitions. Bits are compared by native functions.

use casbin::rhai::Dynamic;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi, OperatorFunction};

use bench_world::{Asked, NOW, RECIPIENTS, When, Who, clock};

use super::{Case, Peer, living, same};

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
m = any(r.purpose, p.purposes) && any(r.what, p.uses) && any(r.to, p.to) && \
(p.kind == \"yes\" && all(r.categories, p.categories) && all(r.reached, p.regions) && after(p.until, r.now) || \
p.kind == \"no\" && any(r.categories, p.categories) && any(r.reached, p.regions) && any(r.home, p.homes))
";

fn number(value: &Dynamic) -> i64 {
    match value.as_int() {
        Ok(number) => number,
        Err(_) => value.clone().into_string().ok().and_then(|text| text.parse().ok()).unwrap_or(0),
    }
}

async fn engine(case: &Case, who: &Who) -> casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut engine = Enforcer::new(model, MemoryAdapter::default()).await?;
    engine.add_function("any", OperatorFunction::Arg2(|a, b| (number(&a) & number(&b) != 0).into()));
    engine.add_function("all", OperatorFunction::Arg2(|a, b| (number(&a) & !number(&b) == 0).into()));
    engine.add_function("after", OperatorFunction::Arg2(|a, b| (number(&a) > number(&b)).into()));
    engine.add_policies(rows(case, who)).await?;
    Ok(engine)
}

fn row(kind: &str, numbers: [u64; 6], until: i64, effect: &str) -> Vec<String> {
    let numbers = numbers.map(|n| (n as i64).to_string());
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
            row("yes", numbers, yes.until.micros() / 60_000_000, "allow")
        })
        .collect();
    for (n, f) in law.forbidden.iter().enumerate() {
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
        all.push(row("no", [f.purposes, f.uses, f.categories, to, regions, homes], n as i64, "deny"));
    }
    all
}

type Asking = (i64, i64, i64, i64, i64, i64, i64);

fn asking(case: &Case, asked: &Asked, who: &Who) -> Asking {
    let reached = case.world.law.reached(asked.to, asked.region) as i64;
    let to = (1u64 << asked.to) as i64;
    let now = NOW.micros() / 60_000_000;
    (1 << asked.purpose, 1 << asked.what, asked.categories as i64, to, reached, 1 << who.home, now)
}

/// Requests about a few people, each with an engine of their own.
pub(super) fn measure(case: &Case) -> anyhow::Result<Peer> {
    let name = "casbin 2.20, one person's rows and 20 mandates";
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    // The people of the first requests, each once; of them, half with a yes that lives.
    let first = case.requests.all.iter().zip(&case.open).take(PEOPLE);
    let mut work = Vec::new();
    for (one, open) in first {
        let (asked, who) = (case.asked(*one), &case.people[one.who as usize]);
        debug_assert!(!open || living(who, asked, &case.world).is_some());
        work.push((runtime.block_on(engine(case, who))?, asking(case, asked, who), *open));
    }
    let decide = |(engine, asking, _): &(Enforcer, Asking, bool)| engine.enforce(*asking);
    let given = work.iter().map(decide).collect::<Result<Vec<bool>, _>>()?;
    let right: Vec<bool> = work.iter().map(|(_, _, open)| *open).collect();
    let compared = same(name, &given, &right)?;
    let each = clock::median(5, work.len(), || {
        std::hint::black_box(work.iter().filter(|one| decide(one).is_ok_and(|open| open)).count());
    });
    Ok(Peer { name, each, compared })
}
