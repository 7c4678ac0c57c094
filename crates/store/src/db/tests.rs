//! A file's writer hurt: by an engine that gives up, by somebody who reads for long.

use std::path::PathBuf;

use super::*;
use crate::migrate::{Kind, migrate};

pub(crate) struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A region's file, as the gate opens it.
pub(crate) async fn region(name: &str) -> (Folder, Db) {
    let folder = std::env::temp_dir().join(format!("assent-db-{}-{name}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    let db = Db::open(Place::File(folder.join("eu.db"))).unwrap();
    migrate(&db, Kind::Region).await.unwrap();
    (Folder(folder), db.with_journal().await.unwrap())
}

/// The engine rolls the shared transaction back by itself. What came before in it is gone; what comes after must not be
/// committed one by one.
#[tokio::test]
async fn what_shares_a_transaction_that_the_engine_ended_fails_with_it() {
    let (_folder, db) = region("ended").await;
    let add = |n: i64, ends: bool| {
        db.write(move |tx| {
            tx.exec("INSERT INTO policy_head (company, version) VALUES (unhex(hex($1)), $1)", &[n.into()])?;
            if ends {
                tx.script("ROLLBACK")?;
                return Err(StoreError::Full("the disk".into()));
            }
            Ok(())
        })
    };
    // The first holds the thread until the others wait behind it.
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let first = db.write(move |_| {
        wait.recv().ok();
        Ok(())
    });
    let rest = async {
        let all = async { tokio::join!(add(1, false), add(2, true), add(3, false), add(4, false)) };
        let (all, _) = tokio::join!(all, async { go_on.send(()).ok() });
        all
    };
    let (first, rest) = tokio::join!(first, rest);
    let told = [first.is_ok(), rest.0.is_ok(), rest.1.is_ok(), rest.2.is_ok(), rest.3.is_ok()];
    let count =
        |tx: &mut Tx<'_>| tx.rows("SELECT version FROM policy_head ORDER BY version", &[], |row| row.int(0));
    let held = db.read(count).await.unwrap();
    let acknowledged: Vec<i64> = (1..=4).filter(|n| told[usize::try_from(*n).unwrap()]).collect();
    assert_eq!(held, acknowledged, "what is told is what holds: {told:?}");
    assert!(!told[2]);
    add(5, false).await.unwrap();
}

/// A log that somebody still reads from cannot be emptied, and that is said.
#[tokio::test]
async fn a_log_that_cannot_be_emptied_is_said() {
    let (folder, db) = region("busy").await;
    let file = folder.0.join("eu.db");
    let add = "INSERT INTO policy_head (company, version) VALUES (x'01', 1)";
    db.write(move |tx| tx.exec(add, &[]).map(drop)).await.unwrap();
    let reader = rusqlite::Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM policy_head").unwrap();
    db.write(|tx| tx.exec("UPDATE policy_head SET version = 2", &[]).map(drop)).await.unwrap();
    assert_eq!(db.truncate_log().await, Ok(false));
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(db.truncate_log().await, Ok(true));
    let log = std::fs::metadata(format!("{}-wal", file.display())).unwrap();
    assert_eq!(log.len(), 0);
}
