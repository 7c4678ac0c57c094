//! Items of the objects that a company made: ids alone. What stands in their fields is told in [`super::filled`].

use std::fmt;
use std::str::FromStr;

use assent_kernel::id::BadId;
use assent_kernel::{ActivityId, CompanyId, FactId, OrganisationId, PersonId, StaffId, Timestamp};

use super::Reach;
use crate::db::Tx;
use crate::error::Result;
use crate::value::{Row, Value};

const ADD: &str = "INSERT INTO item (id, company, object, person, organisation, owner, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ONE: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE id = $1 AND company = $2 AND {reach owner 3 4}";
const PAGE: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE company = $1 AND object = $2 AND gone_at IS NULL AND id < $3 AND {reach owner 5 6} ORDER BY id DESC LIMIT $4";
const PAGE_GONE: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE company = $1 AND object = $2 AND gone_at IS NOT NULL AND id < $3 AND {reach owner 5 6} ORDER BY id DESC LIMIT $4";
const PAGE_OF_OWNER: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE company = $1 AND object = $2 AND owner = $5 AND gone_at IS NULL AND id < $3 ORDER BY id DESC LIMIT $4";
const PAGE_OF_OWNER_GONE: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE company = $1 AND object = $2 AND owner = $5 AND gone_at IS NOT NULL AND id < $3 ORDER BY id DESC LIMIT $4";
const OF_PERSON: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE person = $2 AND company = $1 AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC LIMIT 10000";
const OF_ORGANISATION: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE organisation = $2 AND company = $1 AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC LIMIT 501";
const FACTS_OF_PERSON: &str = "SELECT i.id, f.fact FROM (SELECT id FROM item WHERE person = $2 AND company = $1 \
     AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC LIMIT 10000) i JOIN field_fact f ON f.thing = i.id ORDER BY i.id DESC";
const COUNT_OF_ORGANISATION: &str = "SELECT COUNT(*) FROM (SELECT id FROM item WHERE organisation = $2 AND company = $1 \
     AND gone_at IS NULL AND {reach owner 3 4} LIMIT 501) i";
const ALL_OF_PERSON: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE person = $2 AND company = $1 ORDER BY id DESC LIMIT 10000";
const LED: &str = "SELECT id, object, person, organisation, owner, created_at, gone_at, ver FROM item \
     WHERE company = $1 AND id {hex 2} AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC";
const CHANGE: &str = "UPDATE item SET owner = $3, ver = ver + 1 WHERE id = $1 AND company = $2 AND ver = $4";
const SET_GONE: &str = "UPDATE item SET gone_at = $3, ver = ver + 1 WHERE id = $1 AND company = $2 \
     AND (CAST($4 AS BIGINT) = 0 OR ver = $4) \
     AND (gone_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL) AND {reach owner 5 6}";
const OWNED: &str = "SELECT count(*) FROM (SELECT 1 FROM item WHERE company = $1 AND owner = $2 AND gone_at IS NULL LIMIT $3) AS few";
pub(super) const DROP_OF_PERSON: &str = "DELETE FROM item WHERE person = $1 AND company = $2";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ONE,
    PAGE,
    PAGE_GONE,
    PAGE_OF_OWNER,
    PAGE_OF_OWNER_GONE,
    OF_PERSON,
    OF_ORGANISATION,
    FACTS_OF_PERSON,
    COUNT_OF_ORGANISATION,
    ALL_OF_PERSON,
    LED,
    CHANGE,
    SET_GONE,
    OWNED,
    DROP_OF_PERSON,
];

/// The most items that are shown with the person or the organisation they belong to. Of an organisation one more is read, which
/// says that there are more; of a person all, because only what is open of them counts.
pub const SHOWN: usize = 500;

/// An item of an object that the company made. Written as the kernel writes its ids, which this is one of under
/// another prefix: the law knows no items.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(ActivityId);

impl ItemId {
    /// The prefix every printed id of this kind carries.
    pub const PREFIX: &'static str = "itm";

    /// A new id from a time and ten random bytes.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        Self(ActivityId::new(at, random))
    }
    /// An id from bytes kept elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(ActivityId::from_bytes(bytes))
    }
    /// The sixteen bytes of the id.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.to_string();
        let rest = inner.strip_prefix(ActivityId::PREFIX).unwrap_or(&inner);
        write!(f, "{}{rest}", Self::PREFIX)
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ItemId {
    type Err = BadId;
    fn from_str(text: &str) -> std::result::Result<Self, BadId> {
        let rest = text.strip_prefix(Self::PREFIX).ok_or(BadId(Self::PREFIX))?;
        format!("{}{rest}", ActivityId::PREFIX).parse().map(Self).map_err(|_| BadId(Self::PREFIX))
    }
}

impl serde::Serialize for ItemId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl From<ItemId> for Value<'_> {
    fn from(id: ItemId) -> Self {
        Self::Id(id.to_bytes())
    }
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: ItemId,
    /// Of what object, by its key.
    pub object: String,
    /// To whom it belongs, when its object belongs to people: for good.
    pub person: Option<PersonId>,
    /// To what organisation it belongs, when its object does: for good.
    pub organisation: Option<OrganisationId>,
    /// Who looks after it.
    pub owner: Option<StaffId>,
    /// Since when it is here.
    pub created_at: Timestamp,
    /// When it was removed, if it was.
    pub gone_at: Option<Timestamp>,
    /// Counts its changes.
    pub ver: i64,
}

fn read(row: &Row<'_>) -> Result<Item> {
    Ok(Item {
        id: ItemId::from_bytes(row.fixed(0)?),
        object: row.text(1)?,
        person: row.fixed_opt(2)?.map(PersonId::from_bytes),
        organisation: row.fixed_opt(3)?.map(OrganisationId::from_bytes),
        owner: super::staff(row, 4)?,
        created_at: row.time(5)?,
        gone_at: super::time(row, 6)?,
        ver: row.int(7)?,
    })
}

/// Adds one.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Item) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        (&one.object).into(),
        one.person.into(),
        one.organisation.into(),
        one.owner.into(),
        one.created_at.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One, removed or not.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, id: ItemId) -> Result<Option<Item>> {
    tx.first(ONE, &[id.into(), company.into(), reach.mode(), reach.list()], read)
}

/// Those of an object that came before one, newest first, up to so many; those that are here, or those that were removed.
///
/// # Errors
/// What the engine said.
pub fn page(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    object: &str,
    gone: bool,
    before: Option<ItemId>,
    most: u32,
) -> Result<Vec<Item>> {
    let before = before.unwrap_or(ItemId::from_bytes([0xff; 16]));
    if let Some(owners) = reach.few() {
        let sql = if gone { PAGE_OF_OWNER_GONE } else { PAGE_OF_OWNER };
        return super::newest(
            owners,
            most,
            |one: &Item| one.id,
            |owner| {
                let most = i64::from(most).into();
                tx.rows(sql, &[company.into(), object.into(), before.into(), most, owner.into()], read)
            },
        );
    }
    let args =
        [company.into(), object.into(), before.into(), i64::from(most).into(), reach.mode(), reach.list()];
    tx.rows(if gone { PAGE_GONE } else { PAGE }, &args, read)
}

/// Those of a person, of every object, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, person: PersonId) -> Result<Vec<Item>> {
    tx.rows(OF_PERSON, &[company.into(), person.into(), reach.mode(), reach.list()], read)
}

/// Those of an organisation, of every object, newest first, up to one more than are shown.
///
/// # Errors
/// What the engine said.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: OrganisationId,
) -> Result<Vec<Item>> {
    tx.rows(OF_ORGANISATION, &[company.into(), id.into(), reach.mode(), reach.list()], read)
}

/// The facts that stand in the items of a person, by item.
///
/// # Errors
/// What the engine said.
pub fn facts_of_person(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    person: PersonId,
) -> Result<Vec<(ItemId, FactId)>> {
    let args = [company.into(), person.into(), reach.mode(), reach.list()];
    tx.rows(FACTS_OF_PERSON, &args, |row| {
        Ok((ItemId::from_bytes(row.fixed(0)?), FactId::from_bytes(row.fixed(1)?)))
    })
}

/// How many an organisation has.
///
/// # Errors
/// What the engine said.
pub fn count_of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: OrganisationId,
) -> Result<i64> {
    let args = [company.into(), id.into(), reach.mode(), reach.list()];
    Ok(tx.first(COUNT_OF_ORGANISATION, &args, |row| row.int(0))?.unwrap_or(0))
}

/// Everything a person has, also what was removed: for the person themselves, however far staff reach.
///
/// # Errors
/// What the engine said.
pub fn all_of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<Item>> {
    tx.rows(ALL_OF_PERSON, &[company.into(), person.into()], read)
}

/// Those of these that are here, newest first.
///
/// # Errors
/// What the engine said.
pub fn led(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, ids: &[[u8; 16]]) -> Result<Vec<Item>> {
    let list = crate::hex_list(ids);
    tx.rows(LED, &[company.into(), list.as_str().into(), reach.mode(), reach.list()], read)
}

/// Changes who looks after one that is as it was read, and counts the change. True when it was.
///
/// # Errors
/// What the engine said.
pub fn change(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (ItemId, i64),
    owner: Option<StaffId>,
) -> Result<bool> {
    Ok(tx.exec(CHANGE, &[id.into(), company.into(), owner.into(), ver.into()])? > 0)
}

/// Removes one within reach that is as it was read (0: whatever it is), or brings it back with `None`. True when there was
/// one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (id, ver): (ItemId, i64),
    at: Option<Timestamp>,
) -> Result<bool> {
    let row = [id.into(), company.into(), at.into(), ver.into(), reach.mode(), reach.list()];
    Ok(tx.exec(SET_GONE, &row)? > 0)
}

/// How many that are here somebody looks after, up to so many.
///
/// # Errors
/// What the engine said.
pub fn owned(tx: &mut Tx<'_>, company: CompanyId, owner: StaffId, most: u32) -> Result<u64> {
    super::owned(tx, OWNED, (company, owner), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written_and_no_other_kind_is() {
        let id = ItemId::from_bytes([7; 16]);
        assert!(id.to_string().starts_with("itm_"));
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "itm", "itm_", "acy_00000000000000000000000000", "itmacy_00000000000000000000000000"]
        {
            assert!(bad.parse::<ItemId>().is_err(), "{bad}");
        }
    }
}
