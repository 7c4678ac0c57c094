//! A kind of things that Halden Home made for itself: the devices that its customers have. What is typed about one are facts
//! of the customer, so support, who works under the contract, reads what is a lock for sales.

use std::collections::BTreeMap;

use assent_gate::{Gate, GateError, Keeping, Whose};
use assent_kernel::{Also, Asker, CategoryKey, CompanyId, Policy, Role, Span, Timestamp};
use assent_store::fields::{self, Field, Kind, Thing};
use assent_store::objects::{self, Belongs, Object};
use assent_store::work::filled::{self, Filled};
use assent_store::work::items::{self, Item, ItemId};

use super::cast::Member;
use super::dice::Dice;
use super::fields::below;
use super::law::{House, staff_id};
use super::world::World;

const KEY: &str = "device";
/// The fields: short name, label in English and in German, kind, category.
const FIELDS: [(&str, [&str; 2], Kind, &str); 3] = [
    ("model", ["Model", "Modell"], Kind::Text, "purchase.product.device-model"),
    ("serial-number", ["Serial number", "Seriennummer"], Kind::Text, "purchase.product.device-serial-number"),
    ("bought-on", ["Bought on", "Gekauft am"], Kind::Day, "purchase.product.device-bought-on"),
];
/// Whose devices are put down, and how many of each.
const OF: [(&str, usize); 2] = [("friend", 12), ("contract-only", 12)];

/// Gives the fields their categories.
pub(crate) fn lay_down(policy: &mut Policy) -> anyhow::Result<()> {
    FIELDS.iter().try_for_each(|(_, [label, german], _, key)| {
        below(policy, key, [&format!("Device: {label}"), &format!("Gerät: {german}")])
    })
}

/// Makes the kind and its fields.
pub(crate) async fn make(gate: &Gate, company: CompanyId) -> anyhow::Result<()> {
    let object = Object {
        key: KEY.into(),
        singular: "Device".into(),
        plural: "Devices".into(),
        singulars: Also::of("de", "Gerät"),
        plurals: Also::of("de", "Geräte"),
        belongs: Belongs::Person,
        place: 1,
        gone_at: None,
    };
    let mut all = Vec::new();
    for (place, (name, [label, german], kind, category)) in (1..).zip(FIELDS) {
        all.push(Field {
            name: name.into(),
            label: label.into(),
            labels: Also::of("de", german),
            kind,
            category: Some(CategoryKey::new(category)?),
            choices: Vec::new(),
            choices_also: Also::default(),
            place,
            gone_at: None,
        });
    }
    let write = move |tx: &mut assent_store::Tx<'_>| {
        objects::add(tx, company, &object)?;
        all.iter().try_for_each(|field| fields::put(tx, company, &Thing::Object(KEY.into()), field))
    };
    Ok(gate.home().write(write).await?)
}

/// Puts some devices down, for people whose terms allow it.
pub(crate) async fn build(
    gate: &Gate,
    world: &World,
    house: &House,
    members: &[Member],
    at: Timestamp,
) -> anyhow::Result<()> {
    let mut dice = Dice::of(world.seed, "devices");
    for (mixture, most) in OF {
        let of = members.iter().filter(|one| one.company == "halden" && one.mixture == mixture);
        for member in of.take(most) {
            put_down(gate, world, house, member, (&mut dice, at)).await?;
        }
    }
    Ok(())
}

async fn put_down(
    gate: &Gate,
    world: &World,
    house: &House,
    member: &Member,
    (dice, at): (&mut Dice, Timestamp),
) -> anyhow::Result<()> {
    let (company, person, support) = (house.id, member.id, staff_id("siobhan.keane", at));
    let models: Vec<_> = world.product.iter().filter(|product| product.serial.is_some()).collect();
    let Some(model) = dice.pick(&models) else { return Ok(()) };
    let since = at.minus(Span::days(dice.between(20, 400)));
    let day: String = assent_web::text::iso(since.micros()).chars().take(10).collect();
    let serial = format!("HH-{:06}", dice.between(100_000, 999_999));
    let id = ItemId::new(since, dice.ten());
    let known = gate.look(&Whose::everybody(company), &[person]).await?;
    let Some(dossier) = known.first() else { return Ok(()) };
    let mut keepings = Vec::new();
    for ((_, _, _, category), value) in FIELDS.iter().zip([model.name.clone(), serial, day]) {
        keepings.push(Keeping {
            category: CategoryKey::new(category)?,
            value,
            source: "typed in by support".into(),
            warrant: None,
            anchors: Vec::new(),
            carried: None,
            replaces: None,
        });
    }
    let facts = match gate.keep(dossier, keepings, Asker::Staff(support, Role::Support), at).await {
        Ok((facts, _)) => facts,
        // Whose terms do not allow it has no device here.
        Err(GateError::NotKept(_)) => return Ok(()),
        Err(other) => return Err(other.into()),
    };
    let names = FIELDS.iter().map(|(name, ..)| (*name).to_owned());
    let facts: BTreeMap<_, _> = names.zip(facts.into_iter().map(|fact| (person, fact))).collect();
    let item = Item {
        id,
        object: KEY.into(),
        person: Some(person),
        organisation: None,
        owner: Some(support),
        created_at: since,
        gone_at: None,
        ver: 1,
    };
    let region = gate.company(company).await?.region.clone();
    let write = move |tx: &mut assent_store::Tx<'_>| {
        items::add(tx, company, &item)?;
        filled::set(tx, company, id.to_bytes(), &Filled { facts, own: None })
    };
    Ok(gate.region_db(&region)?.write(write).await?)
}
