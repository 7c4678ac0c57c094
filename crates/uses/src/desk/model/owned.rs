//! A list of people by who looks after them.

use assent_gate::Whose;
use assent_kernel::StaffId;
use assent_web::Staff;
use assent_web::reach::{Object, Reach};

use super::list::{Row, Wanted};

impl Wanted {
    /// The people it is about: those within reach whom it names an owner of.
    pub fn whose(&self, staff: &Staff) -> Whose {
        let sees = staff.sees(Object::People);
        let reach = match self.owner {
            Some(owner) if sees.has(Some(owner)) => Reach::of(&[owner], false),
            Some(_) => Reach::of(&[], false),
            None => sees,
        };
        Whose::within(staff.company.id, reach)
    }

    /// Whether somebody belongs to whom it names.
    pub fn has_owner(&self, row: &Row) -> bool {
        self.owner.is_none_or(|owner| row.owner == Some(owner))
    }

    /// The first page of those whom somebody looks after, or of everybody's.
    pub fn owned(&self, owner: Option<StaffId>) -> Self {
        Self { owner, group: None, ..self.first() }
    }
}
