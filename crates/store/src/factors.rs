//! What staff sign in with beside a password: one-time codes, recovery codes, passkeys, the company's own sign-in.
//! Secrets lie sealed or as digests.

use assent_kernel::{CompanyId, PersonId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const OF: &str = "SELECT id, staff, kind, label, sealed, counter, made_at, used_at, confirmed FROM factor \
     WHERE staff = $1 ORDER BY made_at LIMIT 50";
const BY_LOOKUP: &str = "SELECT id, staff, kind, label, sealed, counter, made_at, used_at, confirmed FROM factor \
     WHERE lookup = $1";
const ADD: &str = "INSERT INTO factor (id, staff, kind, label, lookup, sealed, counter, made_at, confirmed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const USE: &str = "UPDATE factor SET counter = $2, used_at = $3 WHERE id = $1 AND counter < $2";
const TOUCH: &str = "UPDATE factor SET used_at = $2 WHERE id = $1 AND counter = 0";
const CONFIRM: &str = "UPDATE factor SET confirmed = 1 WHERE id = $1";
const DROP: &str = "DELETE FROM factor WHERE id = $1 AND staff = $2";
const DROP_ALL: &str = "DELETE FROM factor WHERE staff = $1";
const DROP_KIND: &str = "DELETE FROM factor WHERE staff = $1 AND kind = $2 AND confirmed <= $3";
const ADD_RECOVERY: &str = "INSERT INTO recovery (staff, digest) VALUES ($1, $2)";
const USE_RECOVERY: &str =
    "UPDATE recovery SET used_at = $3 WHERE staff = $1 AND digest = $2 AND used_at IS NULL";
const DROP_RECOVERY: &str = "DELETE FROM recovery WHERE staff = $1";
const LEFT: &str = "SELECT count(*) FROM recovery WHERE staff = $1 AND used_at IS NULL";
const PROVIDER: &str = "SELECT label, issuer, client, secret FROM provider WHERE company = $1";
const PROVIDERS: &str = "SELECT company, label FROM provider ORDER BY company LIMIT 100";
const SET_PROVIDER: &str = "INSERT INTO provider (company, label, issuer, client, secret) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company) DO UPDATE SET label = excluded.label, \
     issuer = excluded.issuer, client = excluded.client, secret = excluded.secret";
const DROP_PROVIDER: &str = "DELETE FROM provider WHERE company = $1";
const BOUND: &str = "SELECT staff FROM binding WHERE company = $1 AND subject = $2";
const BIND: &str = "INSERT INTO binding (company, subject, staff, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (company, subject) DO NOTHING";
const BINDINGS: &str = "SELECT count(*) FROM binding WHERE staff = $1";
const UNBIND: &str = "DELETE FROM binding WHERE staff = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    OF,
    BY_LOOKUP,
    ADD,
    USE,
    TOUCH,
    CONFIRM,
    DROP,
    DROP_KIND,
    DROP_ALL,
    ADD_RECOVERY,
    USE_RECOVERY,
    DROP_RECOVERY,
    LEFT,
    PROVIDER,
    PROVIDERS,
    SET_PROVIDER,
    DROP_PROVIDER,
    BOUND,
    BIND,
    BINDINGS,
    UNBIND,
];

/// What kind of factor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Codes that change with time (RFC 6238).
    Codes = 0,
    /// A key that lives in a device (WebAuthn).
    Passkey = 1,
    /// The same, of a person whom the facts are about; `staff` is that person's id then.
    PersonKey = 2,
}

/// Something that somebody signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Which.
    pub id: [u8; 16],
    /// Whose.
    pub staff: StaffId,
    /// What it is.
    pub kind: Kind,
    /// What its owner calls it.
    pub label: String,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// What was used last: a code's time step, a passkey's counter.
    pub counter: i64,
    /// Since when.
    pub made_at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// True once its owner has shown that it works.
    pub confirmed: bool,
}

fn factor(row: &Row<'_>) -> Result<Factor> {
    let kind = match row.int(2)? {
        0 => Kind::Codes,
        1 => Kind::Passkey,
        2 => Kind::PersonKey,
        _ => return Err(StoreError::Damaged("a factor's kind".into())),
    };
    Ok(Factor {
        id: row.fixed(0)?,
        staff: StaffId::from_bytes(row.fixed(1)?),
        kind,
        label: row.text(3)?,
        sealed: row.blob(4)?,
        counter: row.int(5)?,
        made_at: row.time(6)?,
        used_at: row.int_opt(7)?.map(Timestamp::from_micros),
        confirmed: row.int(8)? != 0,
    })
}

/// Everything somebody signs in with, confirmed or not.
///
/// # Errors
/// What the engine said.
pub fn of(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<Factor>> {
    tx.rows(OF, &[staff.into()], factor)
}

/// The factor under a digest: a passkey by its credential.
///
/// # Errors
/// What the engine said.
pub fn by_lookup(tx: &mut Tx<'_>, lookup: &[u8; 32]) -> Result<Option<Factor>> {
    tx.first(BY_LOOKUP, &[lookup.into()], factor)
}

/// Adds a factor; one of its kind that was never confirmed makes way.
///
/// # Errors
/// [`StoreError::Conflict`] when the credential is known already.
pub fn add(tx: &mut Tx<'_>, one: &Factor, lookup: Option<&[u8; 32]>) -> Result<()> {
    tx.exec(DROP_KIND, &[one.staff.into(), (one.kind as i64).into(), 0.into()])?;
    let row = [
        one.id.into(),
        one.staff.into(),
        (one.kind as i64).into(),
        (&one.label).into(),
        lookup.into(),
        (&one.sealed).into(),
        one.counter.into(),
        one.made_at.into(),
        i64::from(one.confirmed).into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// Uses a factor: what was used before, or is older, is used up. Two nodes asked at once give it to one of them.
///
/// # Errors
/// What the engine said.
pub fn use_one(tx: &mut Tx<'_>, id: &[u8; 16], counter: i64, at: Timestamp) -> Result<bool> {
    Ok(tx.exec(USE, &[id.into(), counter.into(), at.into()])? == 1)
}

/// Notes the use of a passkey that keeps no count.
///
/// # Errors
/// What the engine said.
pub fn touch(tx: &mut Tx<'_>, id: &[u8; 16], at: Timestamp) -> Result<bool> {
    Ok(tx.exec(TOUCH, &[id.into(), at.into()])? == 1)
}

/// Its owner has shown that it works.
///
/// # Errors
/// What the engine said.
pub fn confirm(tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<()> {
    tx.exec(CONFIRM, &[id.into()]).map(|_| ())
}

/// Takes a factor away.
///
/// # Errors
/// What the engine said.
pub fn remove(tx: &mut Tx<'_>, staff: StaffId, id: &[u8; 16]) -> Result<()> {
    tx.exec(DROP, &[id.into(), staff.into()]).map(|_| ())
}

/// The passkeys of a person.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Factor>> {
    tx.rows(OF, &[person.into()], factor)
}

/// Takes away every passkey of a person: they are erased.
///
/// # Errors
/// What the engine said.
pub fn drop_of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP_ALL, &[person.into()]).map(|_| ())
}

/// Takes away the codes, and the recovery codes with them.
///
/// # Errors
/// What the engine said.
pub fn remove_codes(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    tx.exec(DROP_KIND, &[staff.into(), (Kind::Codes as i64).into(), 1.into()])?;
    tx.exec(DROP_RECOVERY, &[staff.into()]).map(|_| ())
}

/// Puts new recovery codes (their digests) in place of the old.
///
/// # Errors
/// What the engine said.
pub fn set_recovery(tx: &mut Tx<'_>, staff: StaffId, digests: &[[u8; 32]]) -> Result<()> {
    tx.exec(DROP_RECOVERY, &[staff.into()])?;
    digests.iter().try_for_each(|one| tx.exec(ADD_RECOVERY, &[staff.into(), one.into()]).map(|_| ()))
}

/// Uses a recovery code, once.
///
/// # Errors
/// What the engine said.
pub fn use_recovery(tx: &mut Tx<'_>, staff: StaffId, digest: &[u8; 32], at: Timestamp) -> Result<bool> {
    Ok(tx.exec(USE_RECOVERY, &[staff.into(), digest.into(), at.into()])? == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// What the engine said.
pub fn recovery_left(tx: &mut Tx<'_>, staff: StaffId) -> Result<i64> {
    Ok(tx.first(LEFT, &[staff.into()], |row| row.int(0))?.unwrap_or(0))
}

/// The company's own sign-in (OpenID Connect).
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// What the button says.
    pub label: String,
    /// Who says who somebody is.
    pub issuer: String,
    /// Our name there.
    pub client: String,
    /// Our secret there, sealed; none for a public client.
    pub secret: Option<Vec<u8>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.issuer)
    }
}

/// The company's own sign-in, if it has one.
///
/// # Errors
/// What the engine said.
pub fn provider(tx: &mut Tx<'_>, company: CompanyId) -> Result<Option<Provider>> {
    tx.first(PROVIDER, &[company.into()], |row| {
        Ok(Provider {
            label: row.text(0)?,
            issuer: row.text(1)?,
            client: row.text(2)?,
            secret: row.blob_opt(3)?,
        })
    })
}

/// Which companies have a sign-in of their own, and what its button says; at most a hundred.
///
/// # Errors
/// What the engine said.
pub fn providers(tx: &mut Tx<'_>) -> Result<Vec<(CompanyId, String)>> {
    tx.rows(PROVIDERS, &[], |row| Ok((CompanyId::from_bytes(row.fixed(0)?), row.text(1)?)))
}

/// Sets the company's own sign-in, or takes it away.
///
/// # Errors
/// What the engine said.
pub fn set_provider(tx: &mut Tx<'_>, company: CompanyId, one: Option<&Provider>) -> Result<()> {
    let Some(one) = one else { return tx.exec(DROP_PROVIDER, &[company.into()]).map(|_| ()) };
    let row = [
        company.into(),
        (&one.label).into(),
        (&one.issuer).into(),
        (&one.client).into(),
        one.secret.as_ref().into(),
    ];
    tx.exec(SET_PROVIDER, &row).map(|_| ())
}

/// Who is bound to a subject of an issuer (a digest of both).
///
/// # Errors
/// What the engine said.
pub fn bound(tx: &mut Tx<'_>, company: CompanyId, subject: &[u8; 32]) -> Result<Option<StaffId>> {
    tx.first(BOUND, &[company.into(), subject.into()], |row| row.fixed(0).map(StaffId::from_bytes))
}

/// Binds a member of staff to a subject; one that is bound stays. Tells whether it was bound now.
///
/// # Errors
/// What the engine said.
pub fn bind(
    tx: &mut Tx<'_>,
    company: CompanyId,
    subject: &[u8; 32],
    staff: StaffId,
    at: Timestamp,
) -> Result<bool> {
    Ok(tx.exec(BIND, &[company.into(), subject.into(), staff.into(), at.into()])? == 1)
}

/// True when somebody is bound to a subject.
///
/// # Errors
/// What the engine said.
pub fn is_bound(tx: &mut Tx<'_>, staff: StaffId) -> Result<bool> {
    Ok(tx.first(BINDINGS, &[staff.into()], |row| row.int(0))?.unwrap_or(0) > 0)
}

/// Takes away everything somebody signs in with beside a password: for whoever has lost it all.
///
/// # Errors
/// What the engine said.
pub fn remove_all(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    remove_codes(tx, staff)?;
    tx.exec(DROP_KIND, &[staff.into(), (Kind::Passkey as i64).into(), 1.into()])?;
    unbind(tx, staff)
}

/// Takes every binding of somebody away.
///
/// # Errors
/// What the engine said.
pub fn unbind(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    tx.exec(UNBIND, &[staff.into()]).map(|_| ())
}
