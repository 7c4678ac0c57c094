//! For how long a kind of values is whole: as long as it came with, or shorter. Longer would be more than people were told.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use assent_kernel::category::Retention;
use assent_kernel::data::{self, Lang};
use assent_kernel::{CategoryKey, Policy};

/// The classes with a clock of their own, longest first.
const CLOCKS: [Retention; 6] =
    [Retention::R2, Retention::R1, Retention::R5, Retention::R7, Retention::R6, Retention::R0];

/// What the kinds of values came with.
static SHIPPED: LazyLock<BTreeMap<CategoryKey, Retention>> = LazyLock::new(|| {
    let all = data::categories(Lang::En).unwrap_or_default();
    all.into_iter().map(|(key, category)| (key, category.retention)).collect()
});

/// The class a kind of values came with: its own, or that of the nearest shipped one above it.
pub fn usual(key: &CategoryKey) -> Option<Retention> {
    let mut at = Some(key.clone());
    while let Some(key) = at {
        if let Some(class) = SHIPPED.get(&key) {
            return Some(*class);
        }
        at = key.parent();
    }
    None
}

/// The classes it may be put into, longest first: its usual one and what is shorter. None where a law or the terms are the
/// clock.
pub fn may_be(key: &CategoryKey) -> Vec<Retention> {
    let Some(usual) = usual(key).and_then(Retention::full) else { return Vec::new() };
    CLOCKS.into_iter().filter(|class| class.full().is_some_and(|full| full <= usual)).collect()
}

/// How the class is called over the line and in forms.
pub fn code(class: Retention) -> String {
    format!("{class:?}").to_lowercase()
}

/// The class of a name.
pub fn read(text: &str) -> Option<Retention> {
    CLOCKS.into_iter().find(|class| code(*class) == text)
}

/// The kinds of values that are kept shorter than they came with, by name: which, now, usually.
pub fn shorter(policy: &Policy) -> Vec<(&CategoryKey, Retention, Retention)> {
    let all = policy.categories.iter().filter_map(|(key, one)| Some((key, one.retention, usual(key)?)));
    let mut found: Vec<_> = all.filter(|(_, now, usual)| now != usual).collect();
    found.sort_by_key(|(_, now, _)| Reverse(now.full()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_values_is_kept_as_it_came_or_shorter_and_never_longer() {
        let key = |text: &str| CategoryKey::new(text).unwrap();
        let email = key("contact.email");
        assert_eq!(usual(&email), Some(Retention::R2));
        assert_eq!(may_be(&email), CLOCKS);
        for (category, class) in SHIPPED.iter() {
            for one in may_be(category) {
                assert!(one.full() <= class.full(), "{category}: {one:?}");
            }
            assert_eq!(may_be(category).is_empty(), class.full().is_none(), "{category}");
        }
        assert_eq!(usual(&key("contact.email.second")), Some(Retention::R2), "as what it stands below");
        assert_eq!(usual(&key("nothing.of.this")), None);
        assert_eq!((read("r5"), read("r3"), read("")), (Some(Retention::R5), None, None));
    }
}
