//! Who is meant: everybody of a company, or those whom somebody reaches. Whatever looks people up takes one, so that whoever is
//! beyond reach is nobody there, like somebody of another company; and a way to people that forgets it does not compile.

use std::collections::HashSet;

use assent_kernel::{CompanyId, PersonId, StaffId, Timestamp};
use assent_store::home;
use assent_store::work::Reach;

use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::start::Gate;

/// People of a company within a reach. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Whose {
    pub(crate) company: CompanyId,
    pub(crate) reach: Reach,
}

impl Whose {
    /// Everybody of a company: for the person themselves, for the program, and for whoever runs it.
    #[must_use]
    pub fn everybody(company: CompanyId) -> Self {
        Self { company, reach: Reach::all() }
    }
    /// Those of a company whom somebody reaches.
    #[must_use]
    pub const fn within(company: CompanyId, reach: Reach) -> Self {
        Self { company, reach }
    }
    /// Whose customers they are.
    #[must_use]
    pub const fn company(&self) -> CompanyId {
        self.company
    }
    /// Which of them, by who looks after them.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }
}

impl Gate {
    /// Which of these people are meant, deleted ones too; in the order of the question, without looking at anything else.
    ///
    /// # Errors
    /// What the store said.
    pub async fn within(&self, whose: &Whose, ids: &[PersonId]) -> Result<Vec<PersonId>> {
        let mut ids = ids.to_vec();
        if ids.is_empty() || whose.reach.is_all() {
            return Ok(ids);
        }
        let (company, wanted) = (whose.company, ids.clone());
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let listed = home::places(tx, company, &wanted)?;
            Ok([listed, home::deleted::places(tx, company, &wanted)?].concat())
        };
        let mut places = self.0.home.read(read).await?;
        places.retain(|one| whose.reach.has(one.owner));
        let here: HashSet<PersonId> = places.iter().map(|one| one.person).collect();
        ids.retain(|id| here.contains(id));
        Ok(ids)
    }

    /// Gives a person to a colleague, or to nobody: every record of theirs, as they were looked up.
    ///
    /// # Errors
    /// [`assent_store::StoreError::Moved`] when somebody else gave or deleted one meanwhile; what the store said.
    pub async fn give(&self, records: &[Dossier], owner: Option<StaffId>, at: Timestamp) -> Result<()> {
        let Some(first) = records.first() else { return Err(GateError::NoPerson) };
        let company = first.person.company;
        let seen: Vec<_> = records.iter().map(|one| (one.person.id, one.owner)).collect();
        Ok(self.0.home.write(move |tx| home::owner::give(tx, company, &seen, owner, at)).await?)
    }
}
