//! How far somebody reaches: whose people and work they see and whose they change, in the role they wear. Beside the law, never
//! instead of it: the terms of people still decide every value, and this only narrows further.

use std::sync::Arc;

use assent_kernel::{CompanyId, Role, StaffId};
use assent_store::{StoreError, Tx, reach};

pub use assent_store::reach::{Object, ROLES, Rule, Scope};
pub use assent_store::work::Reach;

/// How far somebody reaches among people and each kind of work; all of it where nothing is said.
#[derive(Debug, Clone)]
pub struct Reaches {
    narrowed: Arc<[Narrowed]>,
    all: Reach,
}

#[derive(Debug)]
struct Narrowed {
    object: Object,
    see: Reach,
    change: Reach,
}

impl Reaches {
    /// Everywhere.
    fn all() -> Self {
        Self { narrowed: Arc::default(), all: Reach::all() }
    }

    /// How far somebody reaches in a role.
    pub(crate) fn read(
        tx: &mut Tx<'_>,
        company: CompanyId,
        role: Role,
        who: StaffId,
        answers: Option<StaffId>,
    ) -> Result<Self, StoreError> {
        let mut rules = if ROLES.contains(&role) { reach::rules(tx, company)? } else { Vec::new() };
        rules.retain(|rule| rule.role == role);
        if rules.is_empty() {
            return Ok(Self::all());
        }
        let near = reach::Near::read(tx, company, who, answers)?;
        let narrowed = |rule: &Rule| Narrowed {
            object: rule.object,
            see: near.reach(rule.see),
            change: near.reach(rule.change),
        };
        Ok(Self { narrowed: rules.iter().map(narrowed).collect(), ..Self::all() })
    }

    fn among(&self, object: Object) -> Option<&Narrowed> {
        self.narrowed.iter().find(|one| one.object == object)
    }
    /// Whose of these they see.
    pub(crate) fn see(&self, object: Object) -> &Reach {
        self.among(object).map_or(&self.all, |one| &one.see)
    }
    /// Whose of these they change.
    pub(crate) fn change(&self, object: Object) -> &Reach {
        self.among(object).map_or(&self.all, |one| &one.change)
    }
}
