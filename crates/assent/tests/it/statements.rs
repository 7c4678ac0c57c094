//! Every statement of every crate and room is prepared on both engines.

use assent_store::{
    Db, Kind, Tx, access, batches, callers, changes, coming, connected, days, emergencies, events, factors,
    farewell, fields, files, findable, home, journal, keyring, ledger, mail, migrate, objects, once, outbox,
    own_keys, people, policies, reach, requests, told, work,
};
use assent_testkit::{Engine, places};

fn check_all(tx: &mut Tx<'_>, all: &[&'static str]) -> assent_store::Result<usize> {
    all.iter().try_for_each(|sql| tx.check(sql))?;
    Ok(all.len())
}

async fn prepared(engine: Engine) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stores = places(engine, folder.path())?;
    let open = |place: &assent_store::Place| Db::open(place.clone());
    let (house, region, keys) =
        (open(&stores.home)?, open(&stores.regions[0].data)?, open(&stores.regions[0].keys)?);
    migrate(&house, Kind::Home).await?;
    migrate(&region, Kind::Region).await?;
    migrate(&keys, Kind::Keyring).await?;
    // Twice is once.
    migrate(&house, Kind::Home).await?;
    assert!(migrate(&house, Kind::Region).await.is_err(), "a home database is no region's");
    let rooms = assent::house::ROOMS;
    let home_sql: Vec<&'static str> = [
        callers::SQL,
        coming::SQL,
        connected::SQL,
        home::SQL,
        home::deleted::SQL,
        home::imported::SQL,
        home::own::SQL,
        home::owner::SQL,
        home::past::SQL,
        home::since::SQL,
        access::SQL,
        access::ACCOUNTS_SQL,
        events::SQL,
        factors::SQL,
        fields::SQL,
        objects::SQL,
        reach::SQL,
        farewell::SQL,
        findable::SQL,
        once::SQL,
        outbox::SQL,
        own_keys::SQL,
        policies::SQL,
        told::CONTACT_SQL,
    ]
    .concat()
    .into_iter()
    .chain(rooms.iter().flat_map(|r| r.home_sql().iter().copied()))
    .collect();
    let region_sql: Vec<&'static str> = [
        changes::SQL,
        days::SQL,
        events::SQL,
        people::SQL,
        told::SQL,
        people::change::SQL,
        people::heads::SQL,
        people::sweep::SQL,
        people::joined::SQL,
        people::past::SQL,
        batches::SQL,
        ledger::SQL,
        journal::SQL,
        requests::SQL,
        files::SQL,
        emergencies::SQL,
        mail::SQL,
        policies::REGION_SQL,
    ]
    .concat()
    .into_iter()
    .chain(work::SQL.concat())
    .chain(work::leaf::SQL.concat())
    .chain(rooms.iter().flat_map(|r| r.region_sql().iter().copied()))
    .collect();
    let counted = house.read(move |tx| check_all(tx, &home_sql)).await?
        + region.read(move |tx| check_all(tx, &region_sql)).await?
        + keys.read(|tx| check_all(tx, keyring::SQL)).await?;
    assert!(counted > 100, "{counted} statements");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_prepares_every_statement() -> anyhow::Result<()> {
    prepared(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_prepares_every_statement() -> anyhow::Result<()> {
    prepared(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_step_is_refused() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stores = places(Engine::Sqlite, folder.path())?;
    let db = Db::open(stores.home.clone())?;
    migrate(&db, Kind::Home).await?;
    db.write(|tx| tx.exec("UPDATE step SET digest = zeroblob(32)", &[])).await?;
    assert!(migrate(&db, Kind::Home).await.is_err());
    Ok(())
}
