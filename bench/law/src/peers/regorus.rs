//! regorus, an engine for Rego: people and prohibitions as data, sets as bits; compiled to its bytecode, the input of
//! each request made ready.

use std::fmt::Write as _;

use bench_world::{Asked, NOW, RECIPIENTS, When, clock};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};

use super::{Case, Peer, same};

const POLICY: &str = r#"package law
import rego.v1

default allow := false

allow if {
    covered
    not forbidden
}

covered if {
    yes := data.people[input.person].said[input.purpose]
    yes.until > input.now
    yes.version >= input.oldest
    bits.and(yes.uses, input.what) != 0
    bits.and(yes.categories, input.categories) == input.categories
    bits.and(yes.recipients, input.to) != 0
    bits.and(yes.regions, input.reached) == input.reached
}

forbidden if {
    some m in data.mandates
    bits.and(m.purposes, input.bit) != 0
    bits.and(m.uses, input.what) != 0
    bits.and(m.categories, input.categories) != 0
    bits.and(m.reached, input.reached) != 0
    bits.and(m.to, input.to) != 0
    bits.and(m.homes, data.people[input.person].home) != 0
}
"#;

fn data(case: &Case) -> anyhow::Result<Value> {
    let mut text = "{\"mandates\":[".to_owned();
    let law = &case.world.law;
    for (n, f) in law.forbidden.iter().enumerate() {
        let every = u64::from(u32::MAX);
        let (mut reached, mut to, mut homes) = (every, u64::MAX, every);
        match f.when {
            When::Always => {}
            When::Outside(inside) => reached = every & !inside,
            When::To(kind) => {
                let of = (0..RECIPIENTS).filter(|n| law.kinds[*n] == kind);
                to = of.fold(0, |bits, n| bits | 1u64 << n);
            }
            When::Residents(regions) => homes = regions,
        }
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            "{comma}{{\"purposes\":{},\"uses\":{},\"categories\":{}",
            f.purposes, f.uses, f.categories
        )?;
        write!(text, ",\"reached\":{reached},\"to\":{to},\"homes\":{homes}}}")?;
    }
    text.push_str("],\"people\":{");
    for (n, who) in case.people.iter().enumerate() {
        write!(text, "{}\"{n}\":{{\"home\":{},\"said\":{{", if n == 0 { "" } else { "," }, 1 << who.home)?;
        for (k, yes) in who.said.iter().enumerate() {
            let (t, comma) = (&yes.text, if k == 0 { "" } else { "," });
            let until = yes.until.micros() / 60_000_000;
            write!(text, "{comma}\"p{}\":{{\"until\":{until},\"version\":{}", t.purpose, t.version)?;
            write!(
                text,
                ",\"uses\":{},\"categories\":{},\"recipients\":{}",
                t.uses, t.categories, t.recipients
            )?;
            write!(text, ",\"regions\":{}}}", t.regions)?;
        }
        text.push_str("}}");
    }
    text.push_str("}}");
    Value::from_json_str(&text)
}

fn input(case: &Case, asked: &Asked, who: u32) -> anyhow::Result<Value> {
    let law = &case.world.law;
    Value::from_json_str(&format!(
        "{{\"person\":\"{who}\",\"purpose\":\"p{}\",\"bit\":{},\"what\":{},\"categories\":{},\"to\":{},\
         \"reached\":{},\"now\":{},\"oldest\":{}}}",
        asked.purpose,
        1 << asked.purpose,
        1 << asked.what,
        asked.categories,
        1u64 << asked.to,
        law.reached(asked.to, asked.region),
        NOW.micros() / 60_000_000,
        law.oldest[asked.purpose]
    ))
}

/// The bytecode.
pub(super) fn measure(case: &Case) -> anyhow::Result<Vec<Peer>> {
    let name = "regorus 0.14, RVM bytecode, 20 mandates";
    let mut engine = Engine::new();
    engine.add_policy("law.rego".to_owned(), POLICY.to_owned())?;
    let compiled = engine.compile_with_entrypoint(&"data.law.allow".into())?;
    let program = Compiler::compile_from_policy(&compiled, &["data.law.allow"])?;
    let mut vm = RegoVM::new();
    vm.load_program(program);
    vm.set_data(data(case)?)?;
    vm.set_max_instructions(usize::MAX);
    let inputs = case.requests.all.iter().map(|one| input(case, case.asked(*one), one.who));
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let mut decide = |input: &Value| {
        vm.set_input(input.clone());
        vm.execute().map(|value| value == Value::from(true))
    };
    let given = inputs.iter().map(&mut decide).collect::<Result<Vec<bool>, _>>()?;
    let compared = same(name, &given, &case.open)?;
    let each = clock::median(3, inputs.len(), || {
        std::hint::black_box(inputs.iter().filter(|one| decide(one).is_ok_and(|open| open)).count());
    });
    Ok(vec![Peer { name, each, compared }])
}
