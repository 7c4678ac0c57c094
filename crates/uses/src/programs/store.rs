//! The rows of programs that are told what happens, in the home store. They hold ids and no value of a person.

use assent_kernel::{CompanyId, HookId, Timestamp};
use assent_store::events::Kind;
use assent_store::{Result, Row, StoreError, Tx};

use super::model::{Delivery, Hook};

const ADD: &str = "INSERT INTO hook (id, company, url, events, private, secret, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ONE: &str = "SELECT id, company, url, events, private, secret, old_secret, old_until, made_at, off_at, off_why, ver FROM hook \
     WHERE id = $1";
const OF_COMPANY: &str = "SELECT id, company, url, events, private, secret, old_secret, old_until, made_at, off_at, off_why, ver \
     FROM hook WHERE company = $1 ORDER BY id DESC LIMIT 50";
const CHANGE: &str = "UPDATE hook SET url = $2, events = $3, private = $4, secret = $5, old_secret = $6, old_until = $7, off_at = $8, \
     off_why = $9, ver = ver + 1 WHERE id = $1 AND ver = $10";
const OFF: &str = "UPDATE hook SET off_at = $2, off_why = $3, ver = ver + 1 WHERE id = $1 AND off_at IS NULL";
const DROP: &str = "DELETE FROM hook WHERE id = $1 AND ver = $2";
const DROP_DELIVERIES: &str = "DELETE FROM delivery WHERE hook = $1";
const PUT: &str = "INSERT INTO delivery (hook, id, kind, thing, at, tries, next_at, said) VALUES ($1, $2, $3, $4, $5, 0, $6, '') \
     ON CONFLICT (hook, id) DO NOTHING";
const DELIVERY: &str = "SELECT hook, id, kind, thing, at, tries, next_at, tried_at, done_at, said FROM delivery \
     WHERE hook = $1 AND id = $2";
const DELIVERIES: &str = "SELECT hook, id, kind, thing, at, tries, next_at, tried_at, done_at, said FROM delivery \
     WHERE hook = $1 ORDER BY at DESC, id LIMIT 200";
const DUE: &str = "SELECT id FROM delivery WHERE hook = $1 AND next_at <= $2 \
     AND (claimed_until IS NULL OR claimed_until <= $2) ORDER BY next_at LIMIT $3";
const NEXT: &str = "SELECT min(CASE WHEN claimed_until IS NULL OR claimed_until <= $2 THEN next_at ELSE claimed_until END) \
     FROM delivery WHERE hook = $1 AND next_at IS NOT NULL";
const CLAIM: &str = "UPDATE delivery SET claimed_until = $4, tries = tries + 1, tried_at = $3 WHERE hook = $1 AND id = $2 \
     AND next_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3)";
const TRIED: &str = "UPDATE delivery SET next_at = $3, done_at = $4, said = $5, claimed_until = NULL WHERE hook = $1 AND id = $2";
const AGAIN: &str = "UPDATE delivery SET next_at = $3, done_at = NULL, tries = 0, claimed_until = NULL WHERE hook = $1 AND id = $2 \
     AND next_at IS NULL";
const TIDY: &str = "DELETE FROM delivery WHERE at <= $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ONE,
    OF_COMPANY,
    CHANGE,
    OFF,
    DROP,
    DROP_DELIVERIES,
    PUT,
    DELIVERY,
    DELIVERIES,
    DUE,
    NEXT,
    CLAIM,
    TRIED,
    AGAIN,
    TIDY,
];

fn time(row: &Row<'_>, at: usize) -> Result<Option<Timestamp>> {
    Ok(row.int_opt(at)?.map(Timestamp::from_micros))
}

fn read(row: &Row<'_>) -> Result<Hook> {
    let old = row.blob_opt(6)?;
    let why = row.text_opt(10)?.unwrap_or_default();
    Ok(Hook {
        id: HookId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        url: row.text(2)?,
        events: row.text(3)?.split(' ').filter_map(Kind::parse).collect(),
        private: row.int(4)? != 0,
        secret: row.blob(5)?,
        before: old.zip(time(row, 7)?),
        made_at: row.time(8)?,
        off: time(row, 9)?.map(|at| (at, why)),
        ver: row.int(11)?,
    })
}

fn read_delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        hook: HookId::from_bytes(row.fixed(0)?),
        id: row.text(1)?,
        kind: Kind::parse(&row.text(2)?).ok_or_else(|| StoreError::Damaged("a delivery".into()))?,
        thing: row.text(3)?,
        at: row.time(4)?,
        tries: row.int(5)?,
        next_at: time(row, 6)?,
        tried_at: time(row, 7)?,
        done_at: time(row, 8)?,
        said: row.text(9)?,
    })
}

fn written(events: &[Kind]) -> String {
    events.iter().map(|kind| kind.key()).collect::<Vec<_>>().join(" ")
}

/// Adds one.
pub fn add(tx: &mut Tx<'_>, one: &Hook) -> Result<()> {
    let events = written(&one.events);
    let row = [
        one.id.into(),
        one.company.into(),
        (&one.url).into(),
        (&events).into(),
        i64::from(one.private).into(),
        (&one.secret).into(),
        one.made_at.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One of a company.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, id: HookId) -> Result<Option<Hook>> {
    Ok(tx.first(ONE, &[id.into()], read)?.filter(|hook| hook.company == company))
}

/// One, whosever it is.
pub fn any(tx: &mut Tx<'_>, id: HookId) -> Result<Option<Hook>> {
    tx.first(ONE, &[id.into()], read)
}

/// A company's, newest first.
pub fn all(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Hook>> {
    tx.rows(OF_COMPANY, &[company.into()], read)
}

/// Changes one that is as it was read. True when it was.
pub fn change(tx: &mut Tx<'_>, one: &Hook) -> Result<bool> {
    let events = written(&one.events);
    let row = [
        one.id.into(),
        (&one.url).into(),
        (&events).into(),
        i64::from(one.private).into(),
        (&one.secret).into(),
        one.before.as_ref().map(|(secret, _)| secret).into(),
        one.before.as_ref().map(|(_, until)| *until).into(),
        one.off.as_ref().map(|(at, _)| *at).into(),
        one.off.as_ref().map(|(_, why)| why).into(),
        one.ver.into(),
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}

/// Turns one off that is on. True when it was.
pub fn off(tx: &mut Tx<'_>, id: HookId, at: Timestamp, why: &str) -> Result<bool> {
    Ok(tx.exec(OFF, &[id.into(), at.into(), why.into()])? > 0)
}

/// Removes one that is as it was read, with everything it was told. True when it was.
pub fn remove(tx: &mut Tx<'_>, (id, ver): (HookId, i64)) -> Result<bool> {
    if tx.exec(DROP, &[id.into(), ver.into()])? == 0 {
        return Ok(false);
    }
    tx.exec(DROP_DELIVERIES, &[id.into()]).map(|_| true)
}

/// Puts a message down; the same one twice is one.
pub fn put(tx: &mut Tx<'_>, one: &Delivery) -> Result<bool> {
    let row = [
        one.hook.into(),
        (&one.id).into(),
        one.kind.key().into(),
        (&one.thing).into(),
        one.at.into(),
        one.next_at.into(),
    ];
    Ok(tx.exec(PUT, &row)? > 0)
}

/// One message.
pub fn delivery(tx: &mut Tx<'_>, hook: HookId, id: &str) -> Result<Option<Delivery>> {
    tx.first(DELIVERY, &[hook.into(), id.into()], read_delivery)
}

/// What one was told, newest first.
pub fn deliveries(tx: &mut Tx<'_>, hook: HookId) -> Result<Vec<Delivery>> {
    tx.rows(DELIVERIES, &[hook.into()], read_delivery)
}

/// Messages to one that are due and that nobody has claimed, the first due first; up to so many.
pub fn due(tx: &mut Tx<'_>, hook: HookId, at: Timestamp, most: usize) -> Result<Vec<String>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    tx.rows(DUE, &[hook.into(), at.into(), most.into()], |row| row.text(0))
}

/// When somebody has to look after one's messages again; nothing when none waits.
pub fn next(tx: &mut Tx<'_>, hook: HookId, at: Timestamp) -> Result<Option<Timestamp>> {
    Ok(tx.first(NEXT, &[hook.into(), at.into()], |row| time(row, 0))?.flatten())
}

/// Claims a message that is due. False when it is not, or another has it.
pub fn claim(tx: &mut Tx<'_>, hook: HookId, id: &str, at: Timestamp, until: Timestamp) -> Result<bool> {
    Ok(tx.exec(CLAIM, &[hook.into(), id.into(), at.into(), until.into()])? > 0)
}

/// Writes down what came of a try.
pub fn tried(
    tx: &mut Tx<'_>,
    one: &Delivery,
    next: Option<Timestamp>,
    done: Option<Timestamp>,
    said: &str,
) -> Result<()> {
    let row = [one.hook.into(), (&one.id).into(), next.into(), done.into(), said.into()];
    tx.exec(TRIED, &row).map(|_| ())
}

/// Begins a message anew that is over. False when it is still at work.
pub fn again(tx: &mut Tx<'_>, hook: HookId, id: &str, at: Timestamp) -> Result<bool> {
    Ok(tx.exec(AGAIN, &[hook.into(), id.into(), at.into()])? > 0)
}

/// Forgets what was told before then.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.exec(TIDY, &[before.into()]).map(|_| ())
}
