//! Whose rows are meant: everybody's, or those of some owners. Every statement that reads work or people takes one.

use std::sync::Arc;

use assent_kernel::StaffId;

use crate::value::Value;

/// Whose rows are meant. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    mode: i64,
    owners: Arc<[StaffId]>,
    list: Arc<str>,
}

/// Everybody's, nobody's too.
const ALL: i64 = 0;
/// Those of some, and those of nobody.
const SOME_AND_NOBODY: i64 = 1;
/// Those of some.
const SOME: i64 = 2;

impl Reach {
    /// Everybody's.
    #[must_use]
    pub fn all() -> Self {
        Self { mode: ALL, owners: Arc::default(), list: Arc::from("[]") }
    }

    /// Those of these owners; those without an owner too, when `nobodys`.
    #[must_use]
    pub fn of(owners: &[StaffId], nobodys: bool) -> Self {
        let raw: Vec<[u8; 16]> = owners.iter().map(|id| id.to_bytes()).collect();
        let list = crate::dialect::hex_list(&raw);
        Self { mode: if nobodys { SOME_AND_NOBODY } else { SOME }, owners: owners.into(), list: list.into() }
    }

    /// True when it cuts nothing.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.mode == ALL
    }

    /// Whether a row of this owner is meant.
    #[must_use]
    pub fn has(&self, owner: Option<StaffId>) -> bool {
        match (self.mode, owner) {
            (ALL, _) => true,
            (_, Some(owner)) => self.owners.contains(&owner),
            (mode, None) => mode == SOME_AND_NOBODY,
        }
    }

    pub(crate) fn mode(&self) -> Value<'_> {
        self.mode.into()
    }
    pub(crate) fn list(&self) -> Value<'_> {
        (&*self.list).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nobodys_is_meant_where_it_is_said() {
        let [me, other] = [1, 2].map(|n| StaffId::from_bytes([n; 16]));
        for (reach, mine, theirs, nobodys) in [
            (Reach::all(), true, true, true),
            (Reach::of(&[me], true), true, false, true),
            (Reach::of(&[me], false), true, false, false),
            (Reach::of(&[], false), false, false, false),
        ] {
            let told = [Some(me), Some(other), None].map(|owner| reach.has(owner));
            assert_eq!(told, [mine, theirs, nobodys], "{reach:?}");
        }
    }
}
