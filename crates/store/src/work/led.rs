//! Where a word that is looked for leads.

use std::collections::HashSet;

use assent_kernel::{OrganisationId, PersonId};

use crate::dialect::hex_list;

/// Where the tokens of one word lead: more than fit, never fewer.
#[derive(Debug, Clone, Default)]
pub struct Led {
    /// The company's own things whose texts hold the word.
    pub things: HashSet<[u8; 16]>,
    /// Organisations that are called so.
    pub organisations: HashSet<OrganisationId>,
    /// People about whom the word is told.
    pub people: HashSet<PersonId>,
}

impl Led {
    /// How much it is.
    #[must_use]
    pub fn count(&self) -> usize {
        self.things.len().saturating_add(self.organisations.len()).saturating_add(self.people.len())
    }

    /// Whether it leads to a thing, by itself, its organisation or its person.
    #[must_use]
    pub fn to(
        &self,
        thing: [u8; 16],
        organisation: Option<OrganisationId>,
        person: Option<PersonId>,
    ) -> bool {
        self.things.contains(&thing)
            || organisation.is_some_and(|id| self.organisations.contains(&id))
            || person.is_some_and(|id| self.people.contains(&id))
    }

    /// The three as arguments of `{hex n}`.
    pub(super) fn lists(&self) -> [String; 3] {
        let organisations: Vec<[u8; 16]> = self.organisations.iter().map(|id| id.to_bytes()).collect();
        let people: Vec<[u8; 16]> = self.people.iter().map(|id| id.to_bytes()).collect();
        [hex_list(&self.things), hex_list(&organisations), hex_list(&people)]
    }
}
