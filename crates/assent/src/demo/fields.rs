//! A field that Halden Home made for itself: which brush somebody has. Its values are facts of people, decided like every
//! other product they bought.

use anyhow::Context as _;
use assent_gate::Gate;
use assent_kernel::category::Category;
use assent_kernel::{Also, CategoryKey, CompanyId, Policy};
use assent_store::fields::{self, Field, Kind, Thing};

use super::world::World;

/// The category of its values.
pub(crate) const BRUSH: &str = "purchase.product.brush-model";
/// The kind of product that it tells apart.
pub(crate) const TOOTHBRUSH: &str = "toothbrush";
/// What it is called, in English and in German.
const LABEL: [&str; 2] = ["Brush model", "Bürstenmodell"];

/// Gives the field its category.
pub(crate) fn lay_down(policy: &mut Policy) -> anyhow::Result<()> {
    below(policy, BRUSH, LABEL)
}

/// Adds a category that is decided like the one above it.
pub(crate) fn below(policy: &mut Policy, key: &str, [label, german]: [&str; 2]) -> anyhow::Result<()> {
    let key = CategoryKey::new(key)?;
    let above = key.parent().and_then(|above| policy.categories.get(&above)).context("no such category")?;
    let labels = Also::of("de", german);
    let below = Category { key: key.clone(), label: label.into(), labels, ..above.clone() };
    policy.categories.insert(key, below);
    Ok(())
}

/// Makes the field: one of the brushes that are sold.
pub(crate) async fn make(gate: &Gate, world: &World, company: CompanyId) -> anyhow::Result<()> {
    let brushes = world.product.iter().filter(|product| product.kind == TOOTHBRUSH);
    let field = Field {
        name: "brush-model".into(),
        label: LABEL[0].into(),
        labels: Also::of("de", LABEL[1]),
        kind: Kind::One,
        category: Some(CategoryKey::new(BRUSH)?),
        choices: brushes.map(|product| product.name.clone()).collect(),
        choices_also: Also::default(),
        place: 1,
        gone_at: None,
    };
    Ok(gate.home().write(move |tx| fields::put(tx, company, &Thing::Person, &field)).await?)
}
