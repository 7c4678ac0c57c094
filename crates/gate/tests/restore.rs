//! A copy of the data comes back: it stays closed until the ledger is whole, and forgets nothing that people took back.

use std::collections::BTreeMap;

use assent_gate::{Act, Gate, GateError, LogName, Restoring};
use assent_kernel::grant::{Evidence, Said};
use assent_kernel::{Asker, Span, Timestamp};
use assent_store::{Db, Place};
use assent_testkit::{Engine, House, START, eu, purpose, root};

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

fn files(house: &House) -> Vec<std::path::PathBuf> {
    ["home.db", "eu.db"].iter().map(|name| house.folder().join(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn erase_then_restore_stays_erased_and_withdrawn_stays_withdrawn() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    let mia =
        house.customer(1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START).await?;
    let bo = house.customer(2, &[("name.given", "Bo"), ("contact.email", "bo@example.org")], START).await?;
    let yes = Act::Give(Box::new(house.yes(later(1)).await?));
    house.gate.record(house.company, bo, yes, Asker::Person, Evidence::Portal, later(1)).await?;
    house.gate.integrate_all(later(2)).await?;
    // The copy: data only.
    let copy = tempfile::tempdir()?;
    for path in files(&house) {
        Db::open(Place::File(path.clone()))?.copy_to(copy.path().join(path.file_name().unwrap())).await?;
    }
    // What happens after it.
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, bo, no, Asker::Person, Evidence::Portal, later(3)).await?;
    house.gate.erase(house.company, mia, Asker::Person, false, later(4)).await?;
    house.gate.integrate_all(later(5)).await?;
    let name = LogName { company: house.company, region: eu() };
    let export = tempfile::tempdir()?;
    let size = house.gate.export_log(&name, export.path(), |_, _| {}).await?;
    let origin = house.gate.log_head(&name).await?.origin;

    // The disaster: the data of today is gone, the copy takes its place, the keyring is today's.
    let stores = house.stores.clone();
    drop(house.gate.clone());
    for path in files(&house) {
        for suffix in ["", "-wal", "-shm"] {
            let mut old = path.clone().into_os_string();
            old.push(suffix);
            std::fs::remove_file(old).ok();
        }
        std::fs::copy(copy.path().join(path.file_name().unwrap()), &path)?;
    }
    let closed = Gate::open(stores.clone(), &root(), later(6)).await;
    assert!(matches!(closed, Err(GateError::Sealed(_))), "a store older than its ledger opens nothing");
    let nothing = Gate::open_restored(stores.clone(), &root(), &Restoring::default(), later(6)).await;
    assert!(matches!(nothing, Err(GateError::Sealed(_))));

    let restoring =
        Restoring { ledgers: BTreeMap::from([(origin, export.path().to_path_buf())]), accept_loss: None };
    let (gate, report) = Gate::open_restored(stores, &root(), &restoring, later(6)).await?;
    assert_eq!((report.erasures, report.wishes, report.lost), (1, 1, 0));
    assert_eq!(report.entries, 2, "the withdrawal and the erasure came forward");
    assert!(matches!(gate.look_one(house.company, mia).await, Err(GateError::NoPerson)));
    assert!(gate.find_email(house.company, "mia@example.org").await?.is_empty());
    let bo = gate.look_one(house.company, bo).await?;
    assert_eq!(bo.person().answers[&purpose("marketing.newsletter")].said, Said::NoLonger);
    assert_eq!(gate.log_head(&name).await?.size, size + 1, "the restore itself is written down");
    let export = tempfile::tempdir()?;
    gate.export_log(&name, export.path(), |_, _| {}).await?;
    assert!(assent_verify::check_export(export.path(), None, None).is_ok());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_can_accept_a_loss_and_it_shows() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    house.customer(1, &[("name.given", "Mia")], START).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = tempfile::tempdir()?;
    for path in files(&house) {
        Db::open(Place::File(path.clone()))?.copy_to(copy.path().join(path.file_name().unwrap())).await?;
    }
    house.customer(2, &[("name.given", "Bo")], later(2)).await?;
    house.gate.integrate_all(later(2)).await?;
    let stores = house.stores.clone();
    for path in files(&house) {
        for suffix in ["", "-wal", "-shm"] {
            let mut old = path.clone().into_os_string();
            old.push(suffix);
            std::fs::remove_file(old).ok();
        }
        std::fs::copy(copy.path().join(path.file_name().unwrap()), &path)?;
    }
    let restoring =
        Restoring { ledgers: BTreeMap::new(), accept_loss: Some(["A. Officer".into(), "B. Officer".into()]) };
    let (gate, report) = Gate::open_restored(stores, &root(), &restoring, later(3)).await?;
    assert_eq!(report.lost, 1);
    let name = LogName { company: house.company, region: eu() };
    assert_eq!(gate.log_head(&name).await?.size, 2);
    Ok(())
}
