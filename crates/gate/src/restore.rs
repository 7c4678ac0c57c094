//! Restoring a copy of the data: the ledger comes forward, everything people took back since holds again, whoever was
//! erased stays erased. Only then does anything open.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use assent_kernel::ledger::tile::{TileData, TileId, TileKind, parse_bundle};
use assent_kernel::ledger::{Checkpoint, Edge, Kind, LedgerError, Note, Vkey};
use assent_kernel::{Asker, CompanyId, PersonId, Region, Timestamp};
use assent_store::ledger::Line;
use assent_store::people::{self, Life};
use assent_store::told::{self, Telling};
use assent_store::{StoreError, Tx, changes, findable, keyring, ledger, own_keys, policies};

use crate::ask::look_in;
use crate::draft;
use crate::error::{GateError, Result};
use crate::integrate;
use crate::keep::plain;
use crate::keys::{PersonKey, RootKey};
use crate::record::{Cut, Wish, wish_place};
use crate::region::RegionStore;
use crate::seal::open;
use crate::start::{Gate, Stores};

/// What a restore was told.
#[derive(Debug, Clone, Default)]
pub struct Restoring {
    /// For each log (by origin) a folder with its newest export.
    pub ledgers: BTreeMap<String, PathBuf>,
    /// Two officers who accept that the entries since the copy are lost; it stays visible for ever.
    pub accept_loss: Option<[String; 2]>,
    /// Somebody says that this computer's clock is right although it is far ahead of everything recorded.
    pub accept_clock: bool,
    /// Who was told, or was to be told, of erasures, as the stores had it that the copy replaces: see
    /// [`crate::tellings_in`].
    pub tellings: Vec<(Region, Telling)>,
}

/// What a restore did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Entries that were brought forward from exports.
    pub entries: u64,
    /// Erasures done again.
    pub erasures: u64,
    /// Withdrawals, objections and restrictions that hold again.
    pub wishes: u64,
    /// Entries that two officers accepted as lost.
    pub lost: u64,
    /// People whom the directory did not know of: its copy was older than that of their region.
    pub listed: u64,
    /// Regions in which a newer policy was in force than the home store's copy has: the older one holds again.
    pub policies: u64,
    /// Parties of whom the replaced stores knew whether they were told of an erasure.
    pub tellings: u64,
}

impl Gate {
    /// Opens a restored copy of the data with the keyring of today. Tells what it does, and how far it is with that.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the ledger cannot be brought forward and nobody accepted the loss; a clock that is wrong.
    /// Then nothing is open, and the same can be tried again.
    pub async fn open_restored(
        stores: Stores,
        root: &RootKey,
        restoring: &Restoring,
        at: Timestamp,
        mut tell: impl FnMut(&'static str, u64, u64),
    ) -> Result<(Self, RestoreReport)> {
        let gate = Self::open_stores(stores, root, at).await?;
        let tellings = gate.bring_tellings(restoring, at).await?;
        gate.hold_restored(at, restoring).await?;
        gate.all_ours(restoring).await?;
        let mut report = RestoreReport { tellings, ..RestoreReport::default() };
        for store in gate.0.regions.values() {
            let here = format!("/{}", store.region);
            for (log, folder) in restoring.ledgers.iter().filter(|(log, _)| log.ends_with(&here)) {
                let tell = &mut |done, total| tell("Bringing the ledger forward", done, total);
                report.entries += bring_forward(store, log, folder, tell).await?;
            }
            report.lost += accept_loss(store, restoring).await?;
            integrate::take_over(store).await?;
            store.keys.not_ahead_of(at).await?;
            report.erasures += gate.repeat_erasures(store, at, &mut |n| tell("Erasing again", n, 0)).await?;
            report.wishes += gate.repeat_wishes(store, at, &mut |n| tell("Taking back again", n, 0)).await?;
            report.policies += gate.policies_fit(store).await?;
            store.data.write(changes::begin_anew).await?;
            store.read_floor().await?;
        }
        if let Err(error) = gate.finish_erasures(at).await {
            tracing::warn!(%error, "an erasure that broke off is not finished yet");
        }
        // Which programs a person ended since the copy was made stands nowhere: they let their programs act anew.
        gate.0.home.write(own_keys::drop_all).await?;
        report.listed = gate.list_all(at).await?;
        // The directory's copy may be older than what was written down: the worker makes that findable.
        gate.0.home.write(findable::begin_anew).await?;
        for store in gate.0.regions.values() {
            store.data.write(told::settle).await?;
        }
        gate.mark(restoring, &report, at).await?;
        Ok((gate, report))
    }

    /// Holds the clock against all that is known. Where it is accepted that entries are lost, it may be a wrong future
    /// that is to be lost, and today's keyring knows of it too: then nothing but the copy says how far time went.
    async fn hold_restored(&self, at: Timestamp, restoring: &Restoring) -> Result<()> {
        let seen = match restoring.accept_loss {
            Some(_) => self.newest_record(),
            None => self.last_seen().await?,
        };
        self.hold_clock_from(seen, at, restoring.accept_clock).await
    }

    /// What the replaced stores had goes on from where it stood, and what they did not have is doubted; how many were
    /// brought. This comes first: a restore that is refused later is tried again, and finds it here as it is, not as the
    /// copy had it.
    async fn bring_tellings(&self, restoring: &Restoring, at: Timestamp) -> Result<u64> {
        let mut count = 0;
        // Where a wrong future is left behind, nothing stays of a time that did not come.
        let mut cut = restoring.accept_loss.as_ref().map(|_| Cut::after(at));
        let mut in_time = |one: &Telling| {
            let mut one = one.clone();
            if let Some(cut) = &mut cut {
                one.last_at = cut.of(one.last_at);
                one.erased_at = cut.of(one.erased_at);
                one.told_at = one.told_at.map(|told| cut.of(told));
            }
            one
        };
        for (region, store) in &self.0.regions {
            let known: Vec<Telling> = restoring
                .tellings
                .iter()
                .filter(|(of, _)| of == region)
                .map(|(_, one)| in_time(one))
                .collect();
            count += known.len() as u64;
            let write = move |tx: &mut Tx<'_>| {
                known.iter().try_for_each(|one| told::bring(tx, one))?;
                told::doubt(tx)
            };
            store.data.write(write).await?;
        }
        Ok(count)
    }

    /// Refuses an export of a ledger that no keyring here ever signed: it would be passed over without a word.
    async fn all_ours(&self, restoring: &Restoring) -> Result<()> {
        let mut ours = BTreeSet::new();
        for store in self.0.regions.values() {
            let signers = store.keys.db().read(keyring::signers).await?;
            ours.extend(signers.into_iter().map(|(log, ..)| log));
        }
        match restoring.ledgers.iter().find(|(log, _)| !ours.contains(*log)) {
            None => Ok(()),
            Some((log, folder)) => {
                Err(broken(folder, &format!("is of no ledger of this installation: {log}")))
            }
        }
    }

    async fn repeat_erasures(
        &self,
        store: &RegionStore,
        at: Timestamp,
        tell: &mut dyn FnMut(u64),
    ) -> Result<u64> {
        let (mut after, mut count, mut looked) = (PersonId::from_bytes([0; 16]), 0, 0);
        loop {
            let lines = store.keys.db().read(move |tx| keyring::erasures(tx, after)).await?;
            let Some(last) = lines.last() else { return Ok(count) };
            after = last.person;
            looked += lines.len() as u64;
            tell(looked);
            for line in lines {
                if self.kept_by_law(store, line.company, line.person).await? {
                    continue;
                }
                let gone =
                    store.data.write(move |tx| erase_again(tx, (line.company, line.person), at)).await?;
                count += u64::from(gone);
                self.forget_elsewhere(line.company, &[line.person], false).await?;
            }
        }
    }

    /// A copy made after an erasure may hold what a law kept, sealed under the person's new key. What the new key does
    /// not open is older, and goes.
    async fn kept_by_law(&self, store: &RegionStore, company: CompanyId, person: PersonId) -> Result<bool> {
        let Some(dossier) = look_in(store, company, vec![person]).await?.pop() else { return Ok(false) };
        Ok(dossier.facts().any(|held| plain(&dossier, held).is_ok()))
    }

    async fn repeat_wishes(
        &self,
        store: &RegionStore,
        at: Timestamp,
        tell: &mut dyn FnMut(u64),
    ) -> Result<u64> {
        let (mut after, mut count, mut looked) = (0, 0, 0);
        let mut cut = Cut::after(at);
        loop {
            let lines = store.keys.db().read(move |tx| keyring::wishes(tx, after)).await?;
            let Some(last) = lines.last() else { return Ok(count) };
            after = last.seq;
            looked += lines.len() as u64;
            tell(looked);
            for line in lines {
                let Some(key) = store.keys.of(&[line.person]).await?.remove(&line.person) else { continue };
                let place = wish_place(line.person, line.at);
                // Sealed under a key that is gone: a wish of before an erasure.
                let Ok(plain) = open(key.detail().bytes(), &place, &line.sealed) else { continue };
                let wish: Wish = serde_json::from_slice(&plain).map_err(|_| GateError::Unreadable)?;
                // What was said by a clock that was ahead holds from now on, in the order in which it was said: nothing may
                // be of a time that did not come.
                let (wish, since) = (wish.cut(&mut cut), cut.of(line.at));
                let held = store.data.write(move |tx| {
                    if people::hold(tx, &[line.person])?.is_empty() {
                        return Ok(false);
                    }
                    wish.replay(tx, (line.company, line.person), since)?;
                    people::move_epoch(tx, line.person, since).map(|()| true)
                });
                count += u64::from(held.await?);
            }
        }
    }

    /// A region that was copied after the home store may wait for a policy that is lost: nothing could be recorded there.
    async fn policies_fit(&self, store: &RegionStore) -> Result<u64> {
        let mut count = 0;
        for company in self.companies().await? {
            let id = company.id;
            let newest = self.0.home.read(move |tx| policies::newest(tx, id)).await?;
            let Some((version, _)) = newest else { continue };
            let set = store.data.write(move |tx| people::set_back_policy(tx, id, version));
            count += u64::from(set.await?);
        }
        Ok(count)
    }

    /// The restore stands in every ledger of the region.
    async fn mark(&self, restoring: &Restoring, report: &RestoreReport, at: Timestamp) -> Result<()> {
        let officers = restoring.accept_loss.as_ref().map_or_else(String::new, |two| two.join(" and "));
        let note = format!(
            "{} entries lost {officers}; {} brought forward, {} erasures and {} wishes repeated, {} people listed, {} \
             policies set back",
            report.lost, report.entries, report.erasures, report.wishes, report.listed, report.policies
        );
        self.say_everywhere(Kind::Restore, "RESTORED", &note, at).await
    }

    /// Writes a line about the installation itself to every ledger, all of them or none: what can refuse does so before.
    pub(crate) async fn say_everywhere(
        &self,
        kind: Kind,
        outcome: &str,
        note: &str,
        at: Timestamp,
    ) -> Result<()> {
        self.integrate_all(at).await?;
        let at = self.steady_everywhere(at)?;
        for company in self.companies().await? {
            let digest = self.policy(company.id).await?.digest;
            for store in self.0.regions.values() {
                let log = store.log(&company.code);
                let mut draft = draft::of_act(kind, None, &store.region, digest, Asker::System, at);
                draft.detail.outcome = outcome.into();
                draft.detail.note = note.chars().take(200).collect();
                let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
                let leaf = draft.line(&system, 0)?.leaf;
                store.data.write(move |tx| ledger::queue(tx, &log, at, &[Line::system(leaf)])).await?;
                store.raise(at);
            }
        }
        self.integrate_all(at).await
    }
}

fn erase_again(
    tx: &mut Tx<'_>,
    (company, person): (CompanyId, PersonId),
    at: Timestamp,
) -> std::result::Result<bool, StoreError> {
    told::over_doubted(tx, company, person, at)?;
    let held = people::hold(tx, &[person])?.remove(&person).is_some_and(|now| now.life == Life::Active);
    if held {
        integrate::absorb_all(tx)?;
        people::drop_all(tx, person, at)?;
        people::set_life(tx, person, Life::Erased)?;
    }
    Ok(held)
}

/// What is wrong with an export.
fn broken(folder: &Path, what: &str) -> GateError {
    GateError::Sealed(format!("the export in {} {what}", folder.display()))
}

/// The head of an export that is of this log. Only what we signed ourselves comes forward: a mirror may keep lines, not
/// make them.
async fn head_of(store: &RegionStore, log: &str, folder: &Path) -> Result<Checkpoint> {
    let text = std::fs::read_to_string(folder.join("checkpoint"));
    let note = Note::parse(&text.map_err(|_| broken(folder, "has no checkpoint"))?)?;
    let head = note.checkpoint()?;
    if head.origin != log {
        return Err(broken(folder, "is of another ledger"));
    }
    let key = store.keys.signing(log).await?.verifying_key().to_bytes();
    if !note.verify_log(&Vkey::log(log, &key)?)? {
        return Err(broken(folder, "is not signed by this ledger's key"));
    }
    Ok(head)
}

/// What an export has: every tile, and the index of each entry beyond what is stored.
#[derive(Default)]
struct Export {
    tiles: BTreeMap<(TileKind, u64), TileData>,
    added: HashMap<Vec<u8>, u64>,
}

/// Reads an export whole, and checks that it extends what is stored (`from` entries with that root) and fits its head.
fn read_export(
    folder: &Path,
    head: &Checkpoint,
    (from, root): (u64, &[u8]),
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Export> {
    let (mut edge, mut export) = (Edge::new(), Export::default());
    for n in 0..head.size.div_ceil(256) {
        let id = TileId::in_log(TileKind::Entries, n, head.size).ok_or(LedgerError::Inclusion)?;
        let bytes = std::fs::read(folder.join(id.path())).map_err(|_| broken(folder, "lacks a tile"))?;
        let entries = parse_bundle(&id, &bytes)?;
        let before =
            usize::try_from(from.saturating_sub(edge.size())).unwrap_or(usize::MAX).min(entries.len());
        let (old, new) = entries.split_at(before);
        let first = edge.size() + old.len() as u64;
        export.added.extend((first..).zip(new).map(|(index, entry)| (entry.to_vec(), index)));
        for part in [old, new] {
            let reaches = edge.size() + part.len() as u64;
            for tile in edge.append(part)? {
                export.tiles.insert((tile.id.kind, tile.id.index), tile);
            }
            if reaches == from && !root.is_empty() && edge.root().as_slice() != root {
                return Err(broken(folder, "does not extend what is stored"));
            }
        }
        tell(edge.size(), head.size);
    }
    if edge.root() != head.root {
        return Err(broken(folder, "does not fit its checkpoint"));
    }
    Ok(export)
}

/// Brings a log forward to an export that extends it; tells by how many entries.
async fn bring_forward(
    store: &RegionStore,
    log: &str,
    folder: &Path,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let head = head_of(store, log, folder).await?;
    let name = log.to_owned();
    let now = store.data.read(move |tx| ledger::head(tx, &name, false)).await?;
    let (from, root) = now.map_or((0, Vec::new()), |head| (head.size, head.frontier));
    if head.size <= from {
        return Ok(0);
    }
    let Export { tiles, added } = read_export(folder, &head, (from, &root), tell)?;
    let (name, size, root) = (log.to_owned(), head.size, head.root);
    store
        .data
        .write(move |tx| {
            ledger::new_log(tx, &name)?;
            for tile in tiles.values() {
                integrate::put(tx, &name, tile)?;
            }
            // What waited when the copy was made may have its index in the export; what has none waits on.
            for one in ledger::waiting(tx, &name, u32::MAX)? {
                if let Some(index) = added.get(&one.line.leaf) {
                    ledger::settle(tx, &one, *index)?;
                }
            }
            ledger::set_head(tx, &name, size, &root)
        })
        .await?;
    Ok(head.size - from)
}

/// Sets signers back where two officers accept that entries are lost.
async fn accept_loss(store: &RegionStore, restoring: &Restoring) -> Result<u64> {
    if restoring.accept_loss.is_none() {
        return Ok(0);
    }
    let mut lost = 0;
    for (log, signed, _) in store.keys.db().read(keyring::signers).await? {
        let name = log.clone();
        let (size, root) = store.data.read(move |tx| integrate::size_and_root(tx, &name)).await?;
        if size < signed {
            lost += signed - size;
            store.keys.db().write(move |tx| keyring::force_signer(tx, &log, size, &root)).await?;
        }
    }
    Ok(lost)
}
