//! What was done: notes, calls, meetings, changes of stage.

use assent_kernel::{ActivityId, CompanyId, DealId, OrganisationId, PersonId, StaffId, Timestamp};

use super::items::ItemId;
use super::{Reach, Text};
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};

const ADD: &str = "INSERT INTO activity (id, company, kind, person, fact, own, organisation, deal, staff, at, detail, item) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const ONE: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, activity.deal, staff, \
     at, detail, activity.gone_at, activity.item FROM activity LEFT JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     LEFT JOIN organisation ON organisation.id = activity.organisation AND organisation.company = activity.company \
     LEFT JOIN item ON item.id = activity.item AND item.company = activity.company \
     WHERE activity.id = $1 AND activity.company = $2 AND (activity.deal IS NULL OR {reach deal.owner 3 4}) \
     AND (activity.deal IS NOT NULL OR activity.organisation IS NULL OR {reach organisation.owner 5 6}) \
     AND (activity.item IS NULL OR {reach item.owner 7 8})";
const LED: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, activity.deal, \
     staff, at, detail, activity.gone_at, activity.item FROM activity LEFT JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     LEFT JOIN organisation ON organisation.id = activity.organisation AND organisation.company = activity.company \
     LEFT JOIN item ON item.id = activity.item AND item.company = activity.company \
     WHERE activity.company = $1 AND activity.id {hex 2} AND activity.own IS NOT NULL AND activity.gone_at IS NULL \
     AND kind IN (0, 1, 2, 7) AND (activity.deal IS NULL OR deal.gone_at IS NULL AND {reach deal.owner 3 4}) \
     AND (activity.deal IS NOT NULL OR activity.organisation IS NULL OR organisation.gone_at IS NULL AND {reach organisation.owner 5 6}) \
     AND (activity.item IS NULL OR item.gone_at IS NULL AND {reach item.owner 7 8}) ORDER BY activity.id DESC";
const OWN_AFTER: &str = "SELECT id, kind, own FROM activity WHERE company = $1 AND id > $2 AND own IS NOT NULL \
     AND kind IN (0, 1, 2, 7) ORDER BY id LIMIT $3 {lock}";
const DROP: &str = "DELETE FROM activity WHERE id = $1 AND company = $2";
const SET_GONE: &str = "UPDATE activity SET gone_at = $3 WHERE id = $1 AND company = $2 AND kind < 3";
const OF_DEAL: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, activity.deal, \
     staff, at, detail, activity.gone_at, activity.item FROM activity JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     WHERE activity.company = $1 AND activity.deal = $2 AND activity.id < $3 AND {reach deal.owner 5 6} \
     ORDER BY activity.id DESC LIMIT $4";
const OF_ORGANISATION: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, \
     activity.deal, staff, at, detail, activity.gone_at, activity.item FROM activity \
     LEFT JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     WHERE activity.company = $1 AND activity.organisation = $2 AND activity.id < $3 \
     AND (activity.deal IS NULL OR {reach deal.owner 5 6}) ORDER BY activity.id DESC LIMIT $4";
const OF_ITEM: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, activity.deal, \
     staff, at, detail, activity.gone_at, activity.item FROM activity JOIN item ON item.id = activity.item AND item.company = activity.company \
     WHERE activity.company = $1 AND activity.item = $2 AND activity.id < $3 AND {reach item.owner 5 6} \
     ORDER BY activity.id DESC LIMIT $4";
const OF_PERSON: &str = "SELECT id, kind, person, fact, own, organisation, deal, staff, at, detail, gone_at, item FROM activity \
     WHERE person = $2 AND company = $1 AND kind = 8 ORDER BY id DESC LIMIT 200";
const STAGES_OF_PERSON: &str = "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, \
     activity.deal, staff, at, detail, activity.gone_at, activity.item FROM deal \
     JOIN activity ON activity.deal = deal.id AND activity.company = deal.company \
     WHERE deal.company = $1 AND deal.person = $2 AND deal.gone_at IS NULL AND kind IN (3, 4) AND {reach deal.owner 3 4} \
     ORDER BY activity.id DESC LIMIT 2000";
/// The part of what was typed that the seventh argument wants: a [`Typed`].
macro_rules! typed {
    () => {
        "(CAST($7 AS BIGINT) = 0 AND kind IN (0, 1, 2, 7) \
         OR CAST($7 AS BIGINT) = 1 AND kind IN (0, 1, 2) AND activity.gone_at IS NULL \
         OR CAST($7 AS BIGINT) = 2 AND kind = 7 \
         OR CAST($7 AS BIGINT) = 3 AND kind IN (0, 1, 2) AND activity.gone_at IS NOT NULL)"
    };
}
const TYPED_OF_DEAL: &str = concat!(
    "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, \
     activity.deal, staff, at, detail, activity.gone_at, activity.item FROM activity \
     JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     WHERE activity.company = $1 AND activity.deal = $2 AND ",
    typed!(),
    " AND activity.id < $3 AND {reach deal.owner 5 6} \
     ORDER BY activity.id DESC LIMIT $4"
);
const TYPED_OF_ORGANISATION: &str = concat!(
    "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, \
     activity.deal, staff, at, detail, activity.gone_at, activity.item FROM activity \
     LEFT JOIN deal ON deal.id = activity.deal AND deal.company = activity.company \
     WHERE activity.company = $1 AND activity.organisation = $2 AND ",
    typed!(),
    " AND activity.id < $3 \
     AND (activity.deal IS NULL OR {reach deal.owner 5 6}) ORDER BY activity.id DESC LIMIT $4"
);
const TYPED_OF_ITEM: &str = concat!(
    "SELECT activity.id, kind, activity.person, activity.fact, activity.own, activity.organisation, \
     activity.deal, staff, at, detail, activity.gone_at, activity.item FROM activity \
     JOIN item ON item.id = activity.item AND item.company = activity.company \
     WHERE activity.company = $1 AND activity.item = $2 AND ",
    typed!(),
    " AND activity.id < $3 AND {reach item.owner 5 6} \
     ORDER BY activity.id DESC LIMIT $4"
);

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ONE,
    LED,
    OWN_AFTER,
    DROP,
    SET_GONE,
    OF_DEAL,
    OF_ORGANISATION,
    OF_ITEM,
    OF_PERSON,
    STAGES_OF_PERSON,
    TYPED_OF_DEAL,
    TYPED_OF_ORGANISATION,
    TYPED_OF_ITEM,
];

/// What kind of thing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody wrote a note.
    Note,
    /// Somebody spoke on the phone.
    Call,
    /// Somebody met.
    Meeting,
    /// It was put down.
    Made,
    /// A deal moved to another stage.
    Moved,
    /// It was removed.
    Removed,
    /// It was brought back.
    Restored,
    /// Somebody kept a file; its text is the name.
    File,
    /// Somebody else looks after it from then on; its detail is the id of who does, or nothing.
    Given,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Note,
        Self::Call,
        Self::Meeting,
        Self::Made,
        Self::Moved,
        Self::Removed,
        Self::Restored,
        Self::File,
        Self::Given,
    ];

    const fn code(self) -> i64 {
        match self {
            Self::Note => 0,
            Self::Call => 1,
            Self::Meeting => 2,
            Self::Made => 3,
            Self::Moved => 4,
            Self::Removed => 5,
            Self::Restored => 6,
            Self::File => 7,
            Self::Given => 8,
        }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Which.
    pub id: ActivityId,
    /// What kind.
    pub kind: Kind,
    /// What was typed; this tells whom it is about too. Nothing for what the system notes.
    pub text: Text,
    /// With which organisation.
    pub organisation: Option<OrganisationId>,
    /// In which deal.
    pub deal: Option<DealId>,
    /// Beside which item.
    pub item: Option<ItemId>,
    /// Of whom a line is that the system notes.
    pub person: Option<PersonId>,
    /// Who.
    pub staff: StaffId,
    /// When.
    pub at: Timestamp,
    /// What the system notes: names of stages and ids of staff, never names of people.
    pub detail: String,
    /// When a note was removed, if it was.
    pub gone_at: Option<Timestamp>,
}

fn kind(code: i64) -> Result<Kind> {
    let found = Kind::ALL.into_iter().find(|one| one.code() == code);
    found.ok_or_else(|| StoreError::Damaged("a kind of activity".into()))
}

fn read(row: &Row<'_>) -> Result<Activity> {
    let text = Text::read(row, 2)?;
    let person = row.fixed_opt(2)?.map(PersonId::from_bytes).filter(|_| text == Text::Gone);
    Ok(Activity {
        id: ActivityId::from_bytes(row.fixed(0)?),
        kind: kind(row.int(1)?)?,
        text,
        organisation: row.fixed_opt(5)?.map(OrganisationId::from_bytes),
        deal: row.fixed_opt(6)?.map(DealId::from_bytes),
        item: row.fixed_opt(11)?.map(ItemId::from_bytes),
        person,
        staff: StaffId::from_bytes(row.fixed(7)?),
        at: row.time(8)?,
        detail: row.text(9)?,
        gone_at: super::time(row, 10)?,
    })
}

/// Writes one down.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Activity) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        one.kind.code().into(),
        one.text.person().or(one.person).into(),
        one.text.fact().into(),
        one.text.own().into(),
        one.organisation.into(),
        one.deal.into(),
        one.staff.into(),
        one.at.into(),
        (&one.detail).into(),
        one.item.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One thing that was done: as far away as the deal, the organisation or the item that it lies beside.
///
/// # Errors
/// What the engine said.
pub fn one(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (of_deals, of_organisations, of_items): (&Reach, &Reach, &Reach),
    id: ActivityId,
) -> Result<Option<Activity>> {
    let args = [
        id.into(),
        company.into(),
        of_deals.mode(),
        of_deals.list(),
        of_organisations.mode(),
        of_organisations.list(),
        of_items.mode(),
        of_items.list(),
    ];
    tx.first(ONE, &args, read)
}

/// Notes and files of the company's own among these that are here, each as far away as the record that it lies beside, which
/// is here too; the newest first.
///
/// # Errors
/// What the engine said.
pub fn led(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (of_deals, of_organisations, of_items): (&Reach, &Reach, &Reach),
    ids: &[[u8; 16]],
) -> Result<Vec<Activity>> {
    let list = crate::hex_list(ids);
    let args = [
        company.into(),
        list.as_str().into(),
        of_deals.mode(),
        of_deals.list(),
        of_organisations.mode(),
        of_organisations.list(),
        of_items.mode(),
        of_items.list(),
    ];
    tx.rows(LED, &args, read)
}

/// A sealed text of the company's own: its id, what it is, the text.
pub type OwnText = ([u8; 16], Kind, Vec<u8>);

/// Sealed notes and names of files of the company's own after one, removed or not, up to so many.
///
/// # Errors
/// What the engine said.
pub fn own_after(tx: &mut Tx<'_>, company: CompanyId, after: [u8; 16], most: u32) -> Result<Vec<OwnText>> {
    let args = [company.into(), (&after).into(), i64::from(most).into()];
    tx.rows(OWN_AFTER, &args, |row| Ok((row.fixed(0)?, kind(row.int(1)?)?, row.blob(2)?)))
}

/// Takes one away, with the words by which it is found.
///
/// # Errors
/// What the engine said.
pub fn drop_one(tx: &mut Tx<'_>, company: CompanyId, id: ActivityId) -> Result<()> {
    tx.exec(super::DROP_WORDS, &[id.into()])?;
    tx.exec(DROP, &[id.into(), company.into()]).map(|_| ())
}

/// Removes a note, a call or a meeting, or brings it back with `None`. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(tx: &mut Tx<'_>, company: CompanyId, id: ActivityId, at: Option<Timestamp>) -> Result<bool> {
    Ok(tx.exec(SET_GONE, &[id.into(), company.into(), at.into()])? > 0)
}

/// What was done in a deal within reach, newest first, before one and up to so many.
///
/// # Errors
/// What the engine said.
pub fn of_deal(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: DealId,
    page: (Option<ActivityId>, u32),
) -> Result<Vec<Activity>> {
    tx.rows(OF_DEAL, &paged(company, reach, id.into(), page), read)
}

/// What was done with an organisation, newest first, before one and up to so many; in deals as far as they are within reach.
///
/// # Errors
/// What the engine said.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    of_deals: &Reach,
    id: OrganisationId,
    page: (Option<ActivityId>, u32),
) -> Result<Vec<Activity>> {
    tx.rows(OF_ORGANISATION, &paged(company, of_deals, id.into(), page), read)
}

/// What was done beside an item within reach, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_item(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: ItemId,
    page: (Option<ActivityId>, u32),
) -> Result<Vec<Activity>> {
    tx.rows(OF_ITEM, &paged(company, reach, id.into(), page), read)
}

/// By whom and to whom a person was handed over, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, id: PersonId) -> Result<Vec<Activity>> {
    tx.rows(OF_PERSON, &[company.into(), id.into()], read)
}

/// Which part of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Notes, calls, meetings and files, removed or not.
    All,
    /// Notes, calls and meetings that are here.
    Notes,
    /// Files.
    Files,
    /// Notes, calls and meetings that were removed.
    Removed,
}

impl Typed {
    const fn code(self) -> i64 {
        match self {
            Self::All => 0,
            Self::Notes => 1,
            Self::Files => 2,
            Self::Removed => 3,
        }
    }
}

/// How the deals of a person that are within reach began and moved, newest first, the newest two thousand.
///
/// # Errors
/// What the engine said.
pub fn stages_of_person(
    tx: &mut Tx<'_>,
    company: CompanyId,
    of_deals: &Reach,
    id: PersonId,
) -> Result<Vec<Activity>> {
    tx.rows(STAGES_OF_PERSON, &[company.into(), id.into(), of_deals.mode(), of_deals.list()], read)
}

/// That part of what was typed beside a deal within reach before one, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn typed_of_deal(
    tx: &mut Tx<'_>,
    company: CompanyId,
    of_deals: &Reach,
    id: DealId,
    page: (Option<ActivityId>, u32),
    which: Typed,
) -> Result<Vec<Activity>> {
    tx.rows(TYPED_OF_DEAL, &parted(paged(company, of_deals, id.into(), page), which), read)
}

/// The same of an organisation, with those of its deals within reach.
///
/// # Errors
/// What the engine said.
pub fn typed_of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    of_deals: &Reach,
    id: OrganisationId,
    page: (Option<ActivityId>, u32),
    which: Typed,
) -> Result<Vec<Activity>> {
    tx.rows(TYPED_OF_ORGANISATION, &parted(paged(company, of_deals, id.into(), page), which), read)
}

/// The same of an item within reach.
///
/// # Errors
/// What the engine said.
pub fn typed_of_item(
    tx: &mut Tx<'_>,
    company: CompanyId,
    of_items: &Reach,
    id: ItemId,
    page: (Option<ActivityId>, u32),
    which: Typed,
) -> Result<Vec<Activity>> {
    tx.rows(TYPED_OF_ITEM, &parted(paged(company, of_items, id.into(), page), which), read)
}

fn parted(args: [Value<'_>; 6], which: Typed) -> [Value<'_>; 7] {
    let [a, b, c, d, e, f] = args;
    [a, b, c, d, e, f, which.code().into()]
}

fn paged<'a>(
    company: CompanyId,
    reach: &'a Reach,
    id: Value<'a>,
    (before, most): (Option<ActivityId>, u32),
) -> [Value<'a>; 6] {
    let before = before.unwrap_or(ActivityId::from_bytes([0xff; 16]));
    [company.into(), id, before.into(), i64::from(most).into(), reach.mode(), reach.list()]
}
