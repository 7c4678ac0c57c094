//! The ledgers, as anybody may read them: heads, tiles, keys. Nothing here names a person.

use assent_kernel::ledger::Vkey;
use assent_kernel::ledger::tile::TileId;
use assent_kernel::{CompanyId, Region, Timestamp};
use assent_store::{Appending, ledger};

use crate::days;
use crate::error::{GateError, Result};
use crate::integrate;
use crate::start::Gate;

/// A company's log in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName {
    /// Whose.
    pub company: CompanyId,
    /// Where.
    pub region: Region,
}

/// The head of a log.
#[derive(Debug, Clone)]
pub struct LogHead {
    /// Its origin: host, company, region.
    pub origin: String,
    /// How many entries are signed.
    pub size: u64,
    /// The signed checkpoint (C2SP tlog-checkpoint).
    pub checkpoint: Option<String>,
    /// The key that verifies it (C2SP signed-note vkey).
    pub vkey: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// How many entries of this region's store still wait for their index.
    pub waiting: u64,
}

impl Gate {
    async fn origin(&self, name: &LogName) -> Result<String> {
        Ok(self.region(&name.region)?.log(&self.company(name.company).await?.code))
    }

    /// Integrates and signs whatever waits in a log; tells its size.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the store does not extend what was signed; what the store said.
    pub async fn integrate(&self, name: &LogName, at: Timestamp) -> Result<u64> {
        let origin = self.origin(name).await?;
        let store = self.region(&name.region)?;
        let size = integrate::integrate(store, &origin, at).await?;
        // The head is signed whatever becomes of the numbers: they are counted again the next time.
        if let Err(error) = days::count(store, &origin).await {
            tracing::error!(%error, "uses are not counted");
        }
        Ok(size)
    }

    /// Integrates every log of this installation.
    ///
    /// # Errors
    /// As [`Gate::integrate`].
    pub async fn integrate_all(&self, at: Timestamp) -> Result<()> {
        let mut first = Ok(());
        for company in self.companies().await? {
            for region in self.0.regions.keys() {
                let name = LogName { company: company.id, region: region.clone() };
                // One ledger that cannot go on holds up no other.
                let done = self.integrate(&name, at).await.map(|_| ());
                first = first.and(done);
            }
        }
        first
    }

    /// Waits until something was appended in a region.
    ///
    /// # Errors
    /// [`GateError::NoRegion`] when there is no such region.
    pub async fn appended(&self, region: &Region) -> Result<()> {
        self.region(region)?.appended.notified().await;
        Ok(())
    }

    /// Learns how far other nodes have recorded.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn read_floors(&self) -> Result<()> {
        for store in self.0.regions.values() {
            store.read_floor().await?;
        }
        Ok(())
    }

    /// The head of a log.
    ///
    /// # Errors
    /// What the store said.
    pub async fn log_head(&self, name: &LogName) -> Result<LogHead> {
        let origin = self.origin(name).await?;
        let store = self.region(&name.region)?;
        let wanted = origin.clone();
        let read =
            store.data.read(move |tx| Ok((ledger::head(tx, &wanted, false)?, ledger::waiting_count(tx)?)));
        let (head, queued) = read.await?;
        let journaled = if store.data.has_journal() {
            store.data.append(|pen: &mut Appending<'_>| pen.waiting()).await?
        } else {
            0
        };
        let key = store.keys.signing(&origin).await?.verifying_key().to_bytes();
        let vkey = Vkey::log(&origin, &key)?.to_string();
        let (size, checkpoint, signed_at) = head
            .map_or((0, None, Timestamp::MIN), |head| (head.signed_size, head.checkpoint, head.signed_at));
        Ok(LogHead {
            origin,
            size,
            checkpoint,
            vkey,
            signed_at,
            waiting: u64::try_from(queued).unwrap_or(0).saturating_add(journaled),
        })
    }

    /// A tile or bundle by its C2SP path, such as `tile/0/000` or `tile/entries/000.p/12`.
    ///
    /// # Errors
    /// What the store said; a path that is none is simply not there.
    pub async fn log_tile(&self, name: &LogName, path: &str) -> Result<Option<Vec<u8>>> {
        let Ok(id) = TileId::parse(path) else { return Ok(None) };
        let origin = self.origin(name).await?;
        Ok(self.region(&name.region)?.data.read(move |tx| integrate::tile(tx, &origin, &id)).await?)
    }

    /// Writes a whole log to a folder in C2SP form, with the key that verifies it; tells how many entries it has.
    ///
    /// # Errors
    /// What the store or the file system said.
    pub async fn export_log(
        &self,
        name: &LogName,
        to: &std::path::Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<u64> {
        let head = self.log_head(name).await?;
        let file = |e: std::io::Error| GateError::Input(format!("cannot write to {}: {e}", to.display()));
        std::fs::create_dir_all(to).map_err(file)?;
        let ids = tiles_of(head.size);
        let total = ids.len() as u64;
        for (done, id) in (1u64..).zip(ids) {
            let bytes = self.log_tile(name, &id.path()).await?.ok_or(GateError::Ledger(
                assent_kernel::ledger::LedgerError::Malformed("a tile is missing"),
            ))?;
            let path = to.join(id.path());
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(file)?;
            }
            std::fs::write(&path, bytes).map_err(file)?;
            progress(done, total);
        }
        std::fs::write(to.join("assent-ledger.txt"), format!("log {}\nquorum none\n", head.vkey))
            .map_err(file)?;
        // The head last: a folder with a head is whole.
        std::fs::write(to.join("checkpoint"), head.checkpoint.unwrap_or_default()).map_err(file)?;
        Ok(head.size)
    }
}

/// Every tile and bundle of a log of that size.
fn tiles_of(size: u64) -> Vec<TileId> {
    use assent_kernel::ledger::tile::TileKind;
    let mut out = Vec::new();
    let kinds = std::iter::once(TileKind::Entries).chain((0..8).map(TileKind::Hashes));
    for kind in kinds {
        out.extend((0..).map_while(|index| TileId::in_log(kind, index, size)));
    }
    out
}
