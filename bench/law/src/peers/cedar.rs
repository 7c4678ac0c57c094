//! Cedar: each person is an entity, each yes a tag of it by purpose; prohibitions are policies whose sets lie in an
//! entity of their own (sets written into the policies are slower).

use std::collections::{HashMap, HashSet};

use bench_world::{Asked, Forbidden, NOW, When, Who, Yes, clock};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use super::{Case, Peer, same};

type Fields = Vec<(String, RestrictedExpression)>;

const PERMIT: &str = r#"permit(principal, action, resource) when {
    resource.hasTag(context.purpose)
    && resource.getTag(context.purpose).until > context.now
    && resource.getTag(context.purpose).version >= context.oldest
    && resource.getTag(context.purpose).uses.contains(context.what)
    && resource.getTag(context.purpose).categories.containsAll(context.categories)
    && resource.getTag(context.purpose).recipients.contains(context.recipient)
    && resource.getTag(context.purpose).regions.containsAll(context.reached)
};"#;

fn forbid(n: usize, f: &Forbidden) -> String {
    let when = match f.when {
        When::Always => "true".to_owned(),
        When::Outside(_) => format!("!Law::\"law\".regions{n}.containsAll(context.reached)"),
        When::To(kind) => format!("context.kind == \"{kind:?}\""),
        When::Residents(_) => format!("Law::\"law\".regions{n}.contains(resource.home)"),
    };
    format!(
        "forbid(principal, action, resource) when {{ Law::\"law\".purposes{n}.contains(context.purpose) \
         && Law::\"law\".uses{n}.contains(context.what) \
         && Law::\"law\".categories{n}.containsAny(context.categories) && {when} }};"
    )
}

fn text(text: String) -> RestrictedExpression {
    RestrictedExpression::new_string(text)
}
fn set(letter: char, bits: u64) -> RestrictedExpression {
    let numbers = (0..64).filter(|n| bits >> n & 1 == 1);
    RestrictedExpression::new_set(numbers.map(|n| text(format!("{letter}{n}"))))
}
fn minutes(at: assent_kernel::Timestamp) -> RestrictedExpression {
    RestrictedExpression::new_long(at.micros() / 60_000_000)
}
fn uid(kind: &str, name: &str) -> anyhow::Result<EntityUid> {
    Ok(format!("{kind}::\"{name}\"").parse()?)
}

fn yes(yes: &Yes) -> anyhow::Result<(String, RestrictedExpression)> {
    let t = &yes.text;
    let fields: Fields = vec![
        ("until".to_owned(), minutes(yes.until)),
        ("version".to_owned(), RestrictedExpression::new_long(t.version.into())),
        ("uses".to_owned(), set('u', t.uses)),
        ("categories".to_owned(), set('c', t.categories)),
        ("recipients".to_owned(), set('t', t.recipients)),
        ("regions".to_owned(), set('r', t.regions)),
    ];
    Ok((format!("p{}", t.purpose), RestrictedExpression::new_record(fields)?))
}

fn person(n: usize, who: &Who) -> anyhow::Result<Entity> {
    let said = who.said.iter().map(yes).collect::<Result<Fields, _>>()?;
    let home = ("home".to_owned(), text(format!("r{}", who.home)));
    Ok(Entity::new_with_tags(uid("Person", &n.to_string())?, [home], [], said)?)
}

fn law(case: &Case) -> anyhow::Result<Entity> {
    let mut fields = HashMap::new();
    for (n, f) in case.world.law.forbidden.iter().enumerate() {
        fields.insert(format!("purposes{n}"), set('p', f.purposes));
        fields.insert(format!("uses{n}"), set('u', f.uses));
        fields.insert(format!("categories{n}"), set('c', f.categories));
        if let When::Outside(bits) | When::Residents(bits) = f.when {
            fields.insert(format!("regions{n}"), set('r', bits));
        }
    }
    Ok(Entity::new(uid("Law", "law")?, fields, HashSet::new())?)
}

fn request(case: &Case, asked: &Asked, who: u32) -> anyhow::Result<Request> {
    let law = &case.world.law;
    let context: Fields = vec![
        ("purpose".to_owned(), text(format!("p{}", asked.purpose))),
        ("what".to_owned(), text(format!("u{}", asked.what))),
        ("categories".to_owned(), set('c', asked.categories)),
        ("recipient".to_owned(), text(format!("t{}", asked.to))),
        ("kind".to_owned(), text(format!("{:?}", law.kinds[asked.to]))),
        ("reached".to_owned(), set('r', law.reached(asked.to, asked.region))),
        ("now".to_owned(), minutes(NOW)),
        ("oldest".to_owned(), RestrictedExpression::new_long(law.oldest[asked.purpose].into())),
    ];
    let (staff, act) = (uid("Staff", "one")?, uid("Action", "use")?);
    let person = uid("Person", &who.to_string())?;
    Ok(Request::new(staff, act, person, Context::from_pairs(context)?, None)?)
}

/// Both ways: with the prohibitions, and with none.
pub(super) fn measure(case: &Case) -> anyhow::Result<Vec<Peer>> {
    let people = case.people.iter().enumerate().map(|(n, who)| person(n, who));
    let mut entities = people.collect::<Result<Vec<_>, _>>()?;
    entities.push(law(case)?);
    let entities = Entities::from_entities(entities, None)?;
    let requests = case.requests.all.iter().map(|one| request(case, case.asked(*one), one.who));
    let requests = requests.collect::<Result<Vec<_>, _>>()?;
    let forbids = case.world.law.forbidden.iter().enumerate().map(|(n, f)| forbid(n, f));
    let whole = forbids.fold(PERMIT.to_owned(), |all, one| all + "\n" + one.as_str());
    let ways = [
        ("Cedar 4.14, tags, no mandates", PERMIT.to_owned(), &case.covered),
        ("Cedar 4.14, tags, 20 forbid policies", whole, &case.open),
    ];
    ways.into_iter().map(|(name, text, right)| one(name, &text, right, &requests, &entities)).collect()
}

fn one(
    name: &'static str,
    text: &str,
    right: &[bool],
    requests: &[Request],
    entities: &Entities,
) -> anyhow::Result<Peer> {
    let (policies, authorizer) = (text.parse::<PolicySet>()?, Authorizer::new());
    let decide = |r: &Request| authorizer.is_authorized(r, &policies, entities).decision() == Decision::Allow;
    let given: Vec<bool> = requests.iter().map(decide).collect();
    let compared = same(name, &given, right)?;
    let each = clock::median(3, requests.len(), || {
        std::hint::black_box(requests.iter().filter(|r| decide(r)).count());
    });
    Ok(Peer { name, each, compared })
}
