//! Numbered steps, run once each and never edited: the digest of every step that ran is kept and compared.

use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::Tx;
use crate::error::{Result, StoreError};

/// The steps of one kind of database, in order.
type Steps = &'static [&'static str];

const HOME: Steps = &[
    include_str!("../steps/home_0001.sql"),
    include_str!("../steps/home_0002.sql"),
    include_str!("../steps/home_0003.sql"),
    include_str!("../steps/home_0004.sql"),
    include_str!("../steps/home_0005.sql"),
    include_str!("../steps/home_0006.sql"),
    include_str!("../steps/home_0007.sql"),
];
const REGION: Steps = &[
    include_str!("../steps/region_0001.sql"),
    include_str!("../steps/region_0002.sql"),
    include_str!("../steps/region_0003.sql"),
    include_str!("../steps/region_0004.sql"),
    include_str!("../steps/region_0005.sql"),
];
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
    db.write(move |tx| run(tx, kind, kind.steps())).await
}

fn run(tx: &mut Tx<'_>, kind: Kind, steps: &'static [&'static str]) -> Result<()> {
    if tx.engine() == crate::Engine::Postgres {
        tx.rows(ONE_AT_A_TIME, &[], |_| Ok(()))?;
    }
    tx.script(TABLE)?;
    let name = format!("{kind:?}");
    let done = tx.rows(DONE, &[], |row| Ok((row.int(0)?, row.text(1)?, row.fixed::<32>(2)?)))?;
    if done.len() > steps.len() {
        return Err(StoreError::Damaged("this database was made by a newer version of the program".into()));
    }
    for (i, step) in steps.iter().enumerate() {
        let digest: [u8; 32] = Sha256::digest(step.as_bytes()).into();
        let n = i64::try_from(i).unwrap_or(i64::MAX);
        match done.get(i) {
            Some((_, other, _)) if *other != name => {
                return Err(StoreError::Damaged(format!(
                    "this is a {other} database, not a {name} database"
                )));
            }
            Some((_, _, known)) if *known != digest => {
                return Err(StoreError::Damaged(format!(
                    "this {name} database was made by another build of this program (its step {} differs): \
                     open it with the build that made it",
                    i.saturating_add(1)
                )));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::region;

    const FIRST: &str = "CREATE TABLE thing (id {int} PRIMARY KEY, name {text} NOT NULL) {strict}";
    const NEXT: &str = "ALTER TABLE thing ADD COLUMN size {int} NOT NULL DEFAULT 7";
    const EDITED: &str = "CREATE TABLE thing (id {int} PRIMARY KEY, name {text}) {strict}";

    /// What was shipped once is never edited: whoever changes a table adds a step, and its line here.
    #[test]
    fn shipped_steps_are_as_they_were() {
        let mut told = String::new();
        for kind in [Kind::Home, Kind::Region, Kind::Keyring] {
            for (i, step) in kind.steps().iter().enumerate() {
                let digest: String =
                    Sha256::digest(step.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
                told.push_str(&format!("{kind:?} {} {digest}\n", i + 1));
            }
        }
        assert_eq!(told, include_str!("../steps/shipped.txt"));
    }

    /// The next step runs over what the first ones hold; whoever edited one, or lacks one, is told and changes nothing.
    #[tokio::test]
    async fn the_next_step_runs_over_old_data() {
        let (_folder, db) = region("steps").await;
        let clean = |tx: &mut Tx<'_>| tx.script("DROP TABLE step");
        db.write(clean).await.unwrap();
        let step = |steps: &'static [&'static str]| db.write(move |tx| run(tx, Kind::Home, steps));
        step(&[FIRST]).await.unwrap();
        db.write(|tx| tx.exec("INSERT INTO thing (id, name) VALUES (1, 'old')", &[])).await.unwrap();
        for _ in 0..2 {
            step(&[FIRST, NEXT]).await.unwrap();
        }
        let all = "SELECT name, size FROM thing ORDER BY id";
        let read = move |tx: &mut Tx<'_>| tx.rows(all, &[], |row| Ok((row.text(0)?, row.int(1)?)));
        assert_eq!(db.read(read).await.unwrap(), [("old".to_owned(), 7)]);
        for (steps, said) in [(&[FIRST][..], "newer version"), (&[EDITED, NEXT], "another build")] {
            let told = step(steps).await.unwrap_err().to_string();
            assert!(told.contains(said), "{told}");
        }
        assert_eq!(db.read(read).await.unwrap().len(), 1);
    }
}
