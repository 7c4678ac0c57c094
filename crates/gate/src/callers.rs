//! Programs that call: looked up by their key's digest, and remembered for a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assent_store::callers::{self, Known};

use crate::error::Result;
use crate::start::{Gate, lock};

/// How long a caller is taken for known; an ended key, and one whose maker may
/// no longer do what it does, is refused everywhere after that.
const LEASE: Duration = Duration::from_secs(1);
/// The most that are remembered: keys that are none are remembered too, so that trying them costs us little.
const MOST: usize = 4096;

/// Callers looked up lately.
pub(crate) type Callers = Mutex<HashMap<[u8; 32], (Instant, Option<Arc<Known>>)>>;

impl Gate {
    /// The program whose key has that digest.
    ///
    /// # Errors
    /// What the store said.
    pub async fn caller(&self, digest: [u8; 32]) -> Result<Option<Arc<Known>>> {
        if let Some((since, caller)) = self.0.callers.lock().map_err(|_| lock())?.get(&digest)
            && since.elapsed() < LEASE
        {
            return Ok(caller.clone());
        }
        let looked = Instant::now();
        let found = self.0.home.read(move |tx| callers::by_token(tx, &digest)).await?.map(Arc::new);
        let mut known = self.0.callers.lock().map_err(|_| lock())?;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, (looked, found.clone()));
        Ok(found)
    }
}
