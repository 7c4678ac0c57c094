//! How far somebody reaches: whose people and work they see and whose they change, in the role they wear. Beside the law, never
//! instead of it: the terms of people still decide every value, and this only narrows further.

use std::sync::Arc;

use assent_kernel::{CompanyId, Role, StaffId};
use assent_store::{StoreError, Tx, access, reach};

use crate::objects;

pub use assent_store::reach::{Object, ROLES, Rule, Scope};
pub use assent_store::work::Reach;

/// How far somebody reaches among people and each kind of work; all of it where nothing is said.
#[derive(Debug, Clone)]
pub struct Reaches {
    narrowed: Arc<[Narrowed]>,
    all: Reach,
    own: Arc<[StaffId]>,
    keeper: StaffId,
}

#[derive(Debug)]
struct Narrowed {
    object: Object,
    see: Reach,
    change: Reach,
}

impl Reaches {
    /// Everywhere.
    fn all(own: &[StaffId], keeper: StaffId) -> Self {
        Self { narrowed: Arc::default(), all: Reach::all(), own: own.into(), keeper }
    }

    /// How far somebody reaches in a role.
    pub(crate) fn read(
        tx: &mut Tx<'_>,
        company: CompanyId,
        role: Role,
        who: StaffId,
        answers: Option<StaffId>,
    ) -> Result<Self, StoreError> {
        let keeper = answers.unwrap_or(who);
        let rules = if ROLES.contains(&role) { reach::rules_of(tx, company, role)? } else { Vec::new() };
        if rules.is_empty() {
            return Ok(Self::all(&[who], keeper));
        }
        let near = reach::Near::read(tx, company, who, answers)?;
        let narrowed = |rule: &Rule| Narrowed {
            object: rule.object,
            see: near.reach(rule.see),
            change: near.reach(rule.change),
        };
        let narrowed = rules.iter().map(narrowed).collect();
        Ok(Self { narrowed, ..Self::all(near.own(), keeper) })
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
    /// Whether an id is theirs: their own, that of a key of theirs, or that of whoever answers for them.
    pub(crate) fn is_own(&self, id: StaffId) -> bool {
        self.own.contains(&id)
    }
    /// Who looks after what they make.
    pub(crate) const fn keeper(&self) -> StaffId {
        self.keeper
    }
}

/// Where objects are, for people and, as their operations say it, for programs: whoever has none finds nothing there.
const PLACES: [(&str, Object); 9] = [
    ("/deals", Object::Deals),
    ("/tasks", Object::Tasks),
    ("/organisations", Object::Organisations),
    (objects::HERE, Object::Things),
    ("/v1/deals", Object::Deals),
    ("/v1/tasks", Object::Tasks),
    ("/v1/organisations", Object::Organisations),
    ("/v1/objects/{key}/items", Object::Things),
    ("/v1/items", Object::Things),
];

/// The object whose place a path is, or lies below.
pub(crate) fn object_of(path: &str) -> Option<Object> {
    let below = |place: &str| {
        path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '?']))
    };
    PLACES.iter().find(|(place, _)| below(place)).map(|(_, object)| *object)
}

/// Whether a colleague sees what has these owners, in any role that they have.
///
/// # Errors
/// What the store said.
pub fn is_seen_by(
    tx: &mut Tx<'_>,
    colleague: &access::Staff,
    object: Object,
    owners: &[Option<StaffId>],
) -> Result<bool, StoreError> {
    let (company, id) = (colleague.company, colleague.id);
    for role in colleague.roles.split(',').filter_map(Role::parse) {
        if role != Role::Dpo && !ROLES.contains(&role) {
            continue;
        }
        let reaches = Reaches::read(tx, company, role, id, Some(id))?;
        if owners.iter().any(|owner| reaches.see(object).has(*owner)) {
            return Ok(true);
        }
    }
    Ok(false)
}
