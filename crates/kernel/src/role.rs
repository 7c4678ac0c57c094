//! Who asks: the roles that are part of a question, not of a page.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $key:literal, $label:literal;)*) => {
        /// The hat somebody wears when asking.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Role { $($(#[$doc])* $name = $code,)* }

        impl Role {
            /// Every role there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The key used in data files and addresses.
            #[must_use]
            pub const fn key(self) -> &'static str { match self { $(Self::$name => $key,)* } }
            /// The word shown to people.
            #[must_use]
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)* } }
            /// The role of that key.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> { match key { $($key => Some(Self::$name),)* _ => None } }
        }
    };
}

roles! {
    /// Runs the installation; sees no more of a person than the purpose allows.
    Admin = 0, "admin", "administrator";
    /// Sells.
    Sales = 1, "sales", "sales";
    /// Plans what is sent.
    Marketing = 2, "marketing", "marketing";
    /// Helps.
    Support = 3, "support", "support";
    /// Writes invoices and keeps the books.
    Billing = 4, "billing", "billing";
    /// Watches over the data.
    Dpo = 5, "dpo", "data protection officer";
    /// Improves the product.
    Product = 6, "product", "product team";
    /// The program itself.
    System = 7, "system", "the system";
    /// The person whom the facts are about.
    Person = 8, "person", "the person";
    /// Checks from outside.
    Auditor = 9, "auditor", "auditor";
}

impl Role {
    /// What somebody of staff, or a program, may wear. The person and the program itself are no hats: who asks as the
    /// person reads as they do.
    pub const WORN: &'static [Self] = &[
        Self::Admin,
        Self::Sales,
        Self::Marketing,
        Self::Support,
        Self::Billing,
        Self::Dpo,
        Self::Product,
        Self::Auditor,
    ];
    /// The role of that key, if staff may wear it.
    #[must_use]
    pub fn worn(key: &str) -> Option<Self> {
        Self::WORN.iter().copied().find(|role| role.key() == key)
    }
}

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RoleSet(u16);

impl RoleSet {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// True when the role is in the set.
    #[must_use]
    pub const fn has(self, one: Role) -> bool {
        self.0 & (1 << one as u16) != 0
    }
    /// The set with one more role.
    #[must_use]
    pub const fn with(self, one: Role) -> Self {
        Self(self.0 | (1 << one as u16))
    }
    /// The roles, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |one| self.has(*one))
    }
}
impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}
impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
impl Serialize for RoleSet {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}
impl<'de> Deserialize<'de> for RoleSet {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<Role>::deserialize(d)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_but_the_person_and_the_program_is_worn() {
        for role in Role::ALL {
            let worn = !matches!(role, Role::Person | Role::System);
            assert_eq!(Role::worn(role.key()), worn.then_some(*role), "{}", role.key());
        }
        assert_eq!(Role::worn("king"), None);
    }
}
