//! What if: a changed policy, laid over the uses that were recorded. What would have been refused, why, and to how many.

mod draft;
mod rebuild;
mod tally;

use std::ops::{ControlFlow, Range};

use assent_kernel::{CompanyId, PersonId, Policy, PurposeKey, Reason, Role, Timestamp, Use};
use assent_store::people::{self, past};

use self::tally::Tally;
use crate::error::Result;
use crate::integrate;
use crate::start::Gate;

/// People whose history lies in memory at once.
const AT_ONCE: u32 = 64;

/// What a draft of a policy would have done to the uses of some time.
#[derive(Debug, Clone, Default)]
pub struct WhatIf {
    /// People who were looked at.
    pub people: u64,
    /// Permitted uses that were decided again.
    pub uses: u64,
    /// Uses that today's policy or what is held today no longer allows either, or whose names are gone: not compared.
    pub not_compared: u64,
    /// People of whom a use would have been refused in whole or in part.
    pub people_touched: u64,
    /// Uses of which nothing would have been left.
    pub refused: u64,
    /// Uses of which a part would have been left out.
    pub narrowed: u64,
    /// People who would have to be asked.
    pub to_ask: u64,
    /// Who: for the data protection officer only.
    pub whom: Option<Vec<PersonId>>,
    /// What would be lost, by purpose, use, recipient and reason.
    pub lost: Vec<Lost>,
    /// False when it was stopped before everybody was looked at.
    pub whole: bool,
}

/// A line of what would be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// For which purpose.
    pub purpose: PurposeKey,
    /// Which use.
    pub what: Use,
    /// The recipient's code; `person` for the person.
    pub to: String,
    /// Why.
    pub reason: Reason,
    /// Uses of which nothing would have been left.
    pub refused: u64,
    /// Uses of which a part would have been left out.
    pub narrowed: u64,
    /// People of whom they were.
    pub people: u64,
}

impl WhatIf {
    /// True when the draft changes nothing that was done.
    #[must_use]
    pub const fn changes_nothing(&self) -> bool {
        self.refused == 0 && self.narrowed == 0
    }
}

impl Gate {
    /// Decides the permitted uses of `during` again, under a draft and under today's policy, on the terms that each
    /// person had then, and tells what only the draft refuses. What the draft changes counts as if it had been in force
    /// and approved all the time, whatever its dates. Nothing is recorded and no value is opened; whoever was erased is
    /// passed over. `progress` is told people done and people in all, and may stop it between people.
    ///
    /// # Errors
    /// [`crate::GateError::Input`] for a draft of another company, or one without the company itself; what the stores
    /// said.
    pub async fn what_if(
        &self,
        company: CompanyId,
        draft: &Policy,
        during: Range<Timestamp>,
        role: Role,
        mut progress: impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<WhatIf> {
        let today = self.policy(company).await?;
        let sides = draft::sides(&today.policy, draft, during.end)?;
        let mut tally = Tally::new(sides, during, role == Role::Dpo);
        let (mut done, mut total) = (0, 0);
        for store in self.0.regions.values() {
            total += store.data.read(move |tx| people::count(tx, company)).await?;
        }
        let code = self.company(company).await?.code.clone();
        for store in self.0.regions.values() {
            integrate::gather(store, &store.log(&code)).await?;
            let mut last = PersonId::from_bytes([0; 16]);
            loop {
                let ids = store.data.read(move |tx| people::after(tx, company, last, AT_ONCE)).await?;
                let Some(newest) = ids.last() else { break };
                last = *newest;
                let (wanted, mut keys) = (ids.clone(), store.keys.of(&ids).await?);
                let mut pasts = store.data.read(move |tx| past::load(tx, company, &wanted)).await?;
                for id in ids {
                    if let (Some(past), Some(key)) = (pasts.remove(&id), keys.remove(&id)) {
                        let look = move |tx: &mut assent_store::Tx<'_>| Ok(tally.with(tx, &past, &key));
                        tally = store.data.read(look).await??;
                    }
                    done += 1;
                    if progress(done, total.max(done)).is_break() {
                        return Ok(tally.told(false));
                    }
                }
            }
        }
        Ok(tally.told(true))
    }
}
