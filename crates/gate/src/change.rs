//! Changing what a company laid down: a new version of its policy, whole or not at all, with who changed what. A change of
//! the chain of parties is a line of every ledger of the company.

use std::sync::Arc;

use assent_kernel::ledger::Kind;
use assent_kernel::party::{Party, PartyKind};
use assent_kernel::{Asker, CompanyId, PartyId, Policy, Timestamp, TreeKey};
use assent_store::policies::{self, About, Change, Line, New};
use assent_store::{StoreError, Tx, ledger, people};

use crate::ask::Standing;
use crate::draft::{self, Sent};
use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::region::RegionStore;
use crate::start::Gate;

impl Gate {
    /// Lays down a new version of a company's policy in the name of the program. Once this returns, no node records a
    /// use decided under an older one.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when somebody else changed it meanwhile.
    pub async fn set_policy(&self, policy: Policy, at: Timestamp) -> Result<()> {
        self.change_policy(policy, Change::laid(), at).await.map(|_| ())
    }

    /// The same, with who changed what. The version is written in one commit with the line of its history, the texts of
    /// its notices and the draft it settles; the regions follow, now or when the next node looks. Tells the new version.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when somebody else changed it meanwhile, or settled the draft; a clock that jumped ahead.
    pub async fn change_policy(&self, policy: Policy, change: Change, at: Timestamp) -> Result<u64> {
        self.change_policy_with(policy, change, at, |_| Ok(())).await
    }

    /// The same, with what is kept beside the policy: written in the same commit, or neither is.
    ///
    /// # Errors
    /// As [`Gate::change_policy`]; what `beside` said, then nothing of it remains.
    pub async fn change_policy_with(
        &self,
        mut policy: Policy,
        change: Change,
        at: Timestamp,
        beside: impl FnOnce(&mut Tx<'_>) -> std::result::Result<(), StoreError> + Send + 'static,
    ) -> Result<u64> {
        let at = self.steady_everywhere(at)?;
        let company = policy.company;
        policy.version = policy.version.saturating_add(1);
        let version = policy.version;
        let unwritten = |_| GateError::Input("the policy cannot be written".into());
        let body = serde_json::to_string(&policy).map_err(unwritten)?;
        let digest = Policy::digest(body.as_bytes());
        let mut notices = Vec::with_capacity(policy.notices.len());
        for notice in policy.notices.values() {
            notices.push((notice.id, notice.version, serde_json::to_string(notice).map_err(unwritten)?));
        }
        let new = New { company, version, at, digest, body, notices, change };
        let write = move |tx: &mut Tx<'_>| {
            policies::add(tx, &new)?;
            beside(tx)
        };
        let added = self.0.home.write(write).await;
        // Two nodes that write the same version at once meet at its key.
        added.map_err(|error| match error {
            StoreError::Conflict(_) => StoreError::Moved,
            other => other,
        })?;
        self.announce(&policy, version).await?;
        self.stand(company, Arc::new(Standing { policy, digest }))?;
        Ok(version)
    }

    /// A version of a company's policy as it was.
    ///
    /// # Errors
    /// [`GateError::NoCompany`] when there is no such version.
    pub async fn policy_at(&self, company: CompanyId, version: u64) -> Result<Policy> {
        let found = self.0.home.read(move |tx| policies::body(tx, company, version)).await?;
        Ok(Standing::read(&found.ok_or(GateError::NoCompany)?)?.policy)
    }

    /// Makes a version hold in every region, and writes what changed in the chain of parties to the ledger there: once,
    /// however often this is repeated.
    pub(crate) async fn announce(&self, policy: &Policy, version: u64) -> Result<()> {
        let company = policy.company;
        for store in self.0.regions.values() {
            let known = store.data.read(move |tx| people::policy_version(tx, company)).await?;
            if known >= version {
                continue;
            }
            let lines = self.0.home.read(move |tx| policies::since(tx, company, known)).await?;
            let log = store.log(&self.company(company).await?.code);
            let chain = lines.iter().filter(|line| line.change.about == About::Chain);
            let mut leaves = Vec::new();
            for line in chain.filter(|line| line.version <= version) {
                leaves.push((line.version, line.at, leaf(store, &log, policy, line).await?));
            }
            let any = !leaves.is_empty();
            // Uses were recorded until now under the one before, some by clocks that lead.
            store.read_floor().await?;
            let laid = lines.iter().filter(|line| line.version <= version).map(|line| line.at).max();
            let recorded = Timestamp::from_micros(store.floor().micros().saturating_add(1));
            let since = laid.unwrap_or(Timestamp::MIN).max(recorded);
            let write = move |tx: &mut assent_store::Tx<'_>| {
                let head = policies::hold_head(tx, company)?;
                for (_, at, leaf) in leaves.iter().filter(|(made, _, _)| *made > head) {
                    ledger::queue(tx, &log, *at, &[ledger::Line::system(leaf.clone())])?;
                }
                people::set_policy_version(tx, company, version, since)
            };
            store.data.write(write).await?;
            if any {
                store.appended.notify_one();
            }
        }
        Ok(())
    }
}

/// The entry of a change of the chain. About companies, so the chain's hash is public; a human is named by a token.
async fn leaf(store: &RegionStore, log: &str, policy: &Policy, line: &Line) -> Result<Vec<u8>> {
    let at = line.at.max(store.floor());
    let mut draft = draft::of_act(Kind::ChainChange, None, &store.region, line.digest, Asker::System, at);
    if let Some(staff) = line.change.by {
        (draft.detail.actor, draft.detail.role) = (staff.to_string(), "staff".into());
    }
    draft.detail.outcome = "CHAIN_CHANGED".into();
    draft.detail.note = line.change.what.chars().filter(|c| !c.is_control()).take(180).collect();
    let party = line.change.item.parse::<PartyId>().ok().and_then(|id| policy.parties.get(&id));
    if let Some(party) = party {
        draft.to = match party.kind {
            PartyKind::Human => Sent::Person(party.code.clone()),
            PartyKind::Controller | PartyKind::Processor | PartyKind::Partner => {
                Sent::Organisation(party.code.clone())
            }
        };
        draft.chain = described(party);
        draft.detail.chain.clone_from(&draft.chain);
    }
    let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
    Ok(draft.line(&system, 0)?.leaf)
}

/// A party's description, line by line: what the chain's hash stands for.
fn described(party: &Party) -> Vec<String> {
    let places = party.places.all();
    let place = places.iter().map(|(place, regions)| {
        let keys: Vec<&str> = regions.iter().map(TreeKey::as_str).collect();
        format!("{} {}", place.word(), keys.join(","))
    });
    std::iter::once(party.code.clone()).chain(place).collect()
}
