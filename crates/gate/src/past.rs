//! Reading back: a person's sealed details from the newest on, and the grants that count their uses as they stood then.

use std::collections::HashMap;
use std::ops::ControlFlow;

use assent_kernel::grant::{Grant, Said};
use assent_kernel::ledger::Detail;
use assent_kernel::{GrantId, Person, PersonId, Timestamp};
use assent_store::{Tx, ledger};

use crate::append::detail_place;
use crate::draft::NO_USE;
use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::seal::open;

/// Details that lie in memory at once.
const AT_ONCE: u32 = 256;

/// One entry about a person, open.
pub(crate) struct Line {
    pub(crate) seq: u64,
    /// Its index in the log, once it has one.
    pub(crate) index: Option<u64>,
    pub(crate) detail: Detail,
}

impl Line {
    /// True when it is a use that was permitted.
    pub(crate) fn is_permitted_use(&self) -> bool {
        self.detail.use_code != NO_USE && self.detail.outcome == "PERMIT"
    }
    pub(crate) const fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.detail.at)
    }
}

/// Reads a person's entries, newest first, until there are no more or `look` has seen enough.
pub(crate) fn walk(
    tx: &mut Tx<'_>,
    person: PersonId,
    key: &PersonKey,
    mut look: impl FnMut(Line) -> ControlFlow<()>,
) -> Result<()> {
    let sealed_by = key.detail();
    let mut before = i64::MAX;
    loop {
        let rows = ledger::details(tx, person, before, AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        before = last.seq;
        for row in rows {
            let plain = open(sealed_by.bytes(), &detail_place(person, row.seq), &row.sealed)?;
            let (_, detail) = plain.split_first_chunk::<16>().ok_or(GateError::Unreadable)?;
            let detail = Detail::decode(detail)?;
            let line = Line { seq: u64::try_from(row.seq).unwrap_or(0), index: Some(row.index), detail };
            if look(line).is_break() {
                return Ok(());
            }
        }
    }
}

/// The uses that were counted since a time, by the grant they stood on. The store knows how many are left today only.
#[derive(Default)]
pub(crate) struct Counted(HashMap<String, u32>);

impl Counted {
    /// Takes a permitted use in. A detail names every warrant that opened something.
    pub(crate) fn add(&mut self, detail: &Detail) {
        for warrant in detail.warrant.split(' ').filter(|one| one.starts_with(GrantId::PREFIX)) {
            let slot = self.0.entry(warrant.to_owned()).or_default();
            *slot = slot.saturating_add(1);
        }
    }

    /// Gives a person's counted grants the uses back that they have had since.
    pub(crate) fn give_back(&self, person: &mut Person) {
        let give = |grant: &mut Grant| {
            let had = self.0.get(&grant.id.to_string()).copied().unwrap_or(0);
            grant.uses_left = grant.uses_left.map(|left| left.saturating_add(had));
        };
        for answer in person.answers.values_mut() {
            match &mut answer.said {
                Said::Yes(grant) => give(grant),
                Said::No | Said::NoLonger => {}
            }
        }
    }
}
