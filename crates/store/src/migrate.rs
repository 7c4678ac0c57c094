//! Numbered steps, run once each and never edited: the digest of every step that ran is kept and compared.

use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::Tx;
use crate::error::{Result, StoreError};

/// The steps of one kind of database, in order.
type Steps = &'static [&'static str];

const HOME: Steps = &[include_str!("../steps/home_0001.sql")];
const REGION: Steps = &[include_str!("../steps/region_0001.sql")];
const KEYRING: Steps = &[include_str!("../steps/keyring_0001.sql")];

/// What a database is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Companies, policies, staff, the directory of people.
    Home,
    /// The facts of one region's people and their ledger.
    Region,
    /// Keys.
    Keyring,
}

impl Kind {
    const fn steps(self) -> Steps {
        match self {
            Self::Home => HOME,
            Self::Region => REGION,
            Self::Keyring => KEYRING,
        }
    }
}

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS step (n {int} PRIMARY KEY, kind {text} NOT NULL, digest {blob} NOT NULL)";
const DONE: &str = "SELECT n, kind, digest FROM step ORDER BY n";
const ADD: &str = "INSERT INTO step (n, kind, digest) VALUES ($1, $2, $3)";
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(727384910)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[DONE, ADD];

/// Brings a database up to date.
///
/// # Errors
/// [`StoreError::Damaged`] when the database is of another kind, newer than this program, or a step was edited.
pub async fn migrate(db: &Db, kind: Kind) -> Result<()> {
    db.write(move |tx| run(tx, kind)).await
}

fn run(tx: &mut Tx<'_>, kind: Kind) -> Result<()> {
    if tx.engine() == crate::Engine::Postgres {
        tx.rows(ONE_AT_A_TIME, &[], |_| Ok(()))?;
    }
    tx.script(TABLE)?;
    let name = format!("{kind:?}");
    let done = tx.rows(DONE, &[], |row| Ok((row.int(0)?, row.text(1)?, row.fixed::<32>(2)?)))?;
    if done.len() > kind.steps().len() {
        return Err(StoreError::Damaged("this database was made by a newer version of the program".into()));
    }
    for (i, step) in kind.steps().iter().enumerate() {
        let digest: [u8; 32] = Sha256::digest(step.as_bytes()).into();
        let n = i64::try_from(i).unwrap_or(i64::MAX);
        match done.get(i) {
            Some((_, other, _)) if *other != name => {
                return Err(StoreError::Damaged(format!(
                    "this is a {other} database, not a {name} database"
                )));
            }
            Some((_, _, known)) if *known != digest => {
                return Err(StoreError::Damaged(format!("step {i} is not the one that was run")));
            }
            Some(_) => {}
            None => {
                tx.script(step)?;
                tx.exec(ADD, &[n.into(), (&name).into(), (&digest).into()])?;
            }
        }
    }
    Ok(())
}
