//! The home store's rows: companies, the directory of people, blind tokens, suppressions.

pub mod deleted;
pub mod imported;
pub mod own;
pub mod owner;
pub mod past;
pub mod since;

pub use imported::{count_of_import, leave_import, of_import, page_of_import};

use assent_kernel::{CompanyId, ImportId, PersonId, Region, StaffId, Timestamp};

use crate::blind::Blind;
use crate::db::{Insert, Tx};
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};
use crate::work::Reach;
use crate::{connected, events, factors};

const COMPANIES: &str = "SELECT id, code, name, region, created_at FROM company ORDER BY code";
const ADD_COMPANY: &str =
    "INSERT INTO company (id, code, name, region, created_at) VALUES ($1, $2, $3, $4, $5)";
const REGION_OF: &str = "SELECT region FROM directory WHERE person = $1 AND company = $2";
const MARK: &str = "UPDATE directory SET quarantined = $3 WHERE person = $1 AND company = $2";
const DROP_PERSON: &str = "DELETE FROM directory WHERE person = $1";
const DROP_TOKENS: &str = "DELETE FROM token WHERE person = $1";
const DROP_TOKEN: &str = "DELETE FROM token WHERE company = $1 AND token = $2 AND person = $3";
const NEWER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND person > $2 \
     AND {reach owner 4 5} ORDER BY person LIMIT $3";
const OLDER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND person < $2 \
     AND {reach owner 4 5} ORDER BY person DESC LIMIT $3";
const NEWER_APART: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND person > $2 \
     AND quarantined = $6 AND {reach owner 4 5} ORDER BY person LIMIT $3";
const OLDER_APART: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND person < $2 \
     AND quarantined = $6 AND {reach owner 4 5} ORDER BY person DESC LIMIT $3";
const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM directory WHERE company = $1 AND {reach owner 3 4} LIMIT $2) AS few";
const COUNT_QUARANTINED: &str = "SELECT count(*) FROM (SELECT 1 FROM directory WHERE company = $1 AND quarantined = 1 \
     AND {reach owner 3 4} LIMIT $2) AS few";
const LISTED_BY_TOKEN: &str = "SELECT t.person FROM token t JOIN directory d ON d.person = t.person \
     WHERE t.company = $1 AND t.token = $2 ORDER BY t.person LIMIT 1";
const BY_TOKEN: &str =
    "SELECT person FROM token WHERE company = $1 AND token = $2 AND person > $3 ORDER BY person LIMIT $4";
const SHARED: &str = "SELECT token FROM token WHERE company = $1 AND token > $2 AND token & 1 = 1 \
     GROUP BY token HAVING count(*) > 1 ORDER BY token LIMIT $3";
const AMONG_TOKEN: &str = "SELECT person FROM token WHERE company = $1 AND token = $2 AND person {ids 3}";
const TOKENS: Blind = Blind { under: BY_TOKEN, among: AMONG_TOKEN };
const PLACE_OF: &str =
    "SELECT person, region, quarantined, owner FROM directory WHERE person {ids 1} AND company = $2";
const SUPPRESSED: &str = "SELECT at FROM suppression WHERE company = $1 AND token = $2";
const SUPPRESS: &str = "INSERT INTO suppression (company, token, at) VALUES ($1, $2, $3) ON CONFLICT (company, token) DO NOTHING";
const ADD_PERSON: Insert = Insert {
    head: "INSERT INTO directory (person, company, region, created_at, quarantined, import, owner) VALUES",
    columns: 7,
    tail: "ON CONFLICT (person) DO NOTHING",
};
const ADD_TOKENS: Insert = Insert {
    head: "INSERT INTO token (company, token, person) VALUES",
    columns: 3,
    tail: "ON CONFLICT DO NOTHING",
};

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    COMPANIES,
    ADD_COMPANY,
    REGION_OF,
    MARK,
    DROP_PERSON,
    DROP_TOKENS,
    DROP_TOKEN,
    NEWER,
    OLDER,
    NEWER_APART,
    OLDER_APART,
    COUNT,
    COUNT_QUARANTINED,
    BY_TOKEN,
    LISTED_BY_TOKEN,
    AMONG_TOKEN,
    SHARED,
    PLACE_OF,
    SUPPRESSED,
    SUPPRESS,
];

/// An organisation that runs here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Which.
    pub id: CompanyId,
    /// Short and lower-case; part of addresses and of the names of its logs.
    pub code: String,
    /// As people know it.
    pub name: String,
    /// Where its people's facts are kept unless said otherwise.
    pub region: Region,
    /// Since when.
    pub created_at: Timestamp,
}

fn region(text: &str) -> Result<Region> {
    Region::new(text).map_err(|_| StoreError::Damaged("a region".into()))
}

/// All companies.
///
/// # Errors
/// What the engine said.
pub fn companies(tx: &mut Tx<'_>) -> Result<Vec<Company>> {
    tx.rows(COMPANIES, &[], |row| {
        Ok(Company {
            id: CompanyId::from_bytes(row.fixed(0)?),
            code: row.text(1)?,
            name: row.text(2)?,
            region: region(&row.text(3)?)?,
            created_at: row.time(4)?,
        })
    })
}

/// Adds a company.
///
/// # Errors
/// [`StoreError::Conflict`] when the code is taken.
pub fn add_company(tx: &mut Tx<'_>, one: &Company) -> Result<()> {
    let row =
        [one.id.into(), (&one.code).into(), (&one.name).into(), (&one.region).into(), one.created_at.into()];
    tx.exec(ADD_COMPANY, &row).map(|_| ())
}

/// A line of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub person: PersonId,
    /// Where their facts are.
    pub region: Region,
    /// True when nothing tells on what terms they came.
    pub quarantined: bool,
    /// Who looks after them.
    pub owner: Option<StaffId>,
}

fn listed(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed {
        person: PersonId::from_bytes(row.fixed(0)?),
        region: region(&row.text(1)?)?,
        quarantined: row.int(2)? != 0,
        owner: row.fixed_opt(3)?.map(StaffId::from_bytes),
    })
}

/// Adds people to the directory; who is there stays.
///
/// # Errors
/// What the engine said.
pub fn add_people(
    tx: &mut Tx<'_>,
    company: CompanyId,
    people: &[Listed],
    at: Timestamp,
    import: Option<ImportId>,
) -> Result<()> {
    let mut values: Vec<Value<'_>> = Vec::with_capacity(people.len().saturating_mul(ADD_PERSON.columns));
    for one in people {
        let row: [Value<'_>; 7] = [
            one.person.into(),
            company.into(),
            (&one.region).into(),
            at.into(),
            i64::from(one.quarantined).into(),
            import.into(),
            one.owner.into(),
        ];
        values.extend(row);
    }
    tx.insert(&ADD_PERSON, &values)?;
    // An import tells its end instead of everybody whom it brings.
    if import.is_some() {
        return Ok(());
    }
    people.iter().try_for_each(|one| events::add(tx, company, events::Kind::PersonCreated, one.person, at))
}

/// Where a person's facts are, if they are this company's.
///
/// # Errors
/// What the engine said.
pub fn region_of(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Option<Region>> {
    let args = [person.into(), company.into()];
    tx.first(REGION_OF, &args, |row| region(&row.text(0)?))
}

/// Marks a person as quarantined or no longer so.
///
/// # Errors
/// What the engine said.
pub fn mark(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, quarantined: bool) -> Result<()> {
    let args = [person.into(), company.into(), i64::from(quarantined).into()];
    tx.exec(MARK, &args)?;
    deleted::mark(tx, company, person, quarantined)
}

/// Takes a person out of the directory, deleted or not, with every token that leads there and every way in of theirs.
///
/// # Errors
/// What the engine said.
pub fn drop_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let id = person.to_bytes();
    factors::drop_of_person(tx, person)?;
    connected::drop_of(tx, person)?;
    tx.exec(DROP_TOKENS, &[(&id).into()])?;
    deleted::drop_person(tx, person)?;
    tx.exec(DROP_PERSON, &[(&id).into()]).map(|_| ())
}

/// Takes away every token that leads to a person, who stays in the directory.
///
/// # Errors
/// What the engine said.
pub fn drop_tokens(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP_TOKENS, &[person.into()]).map(|_| ())
}

/// Which way a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Who came last, first.
    Newest,
    /// Who came first, first.
    Oldest,
}

impl Order {
    /// The id after which a page begins.
    fn start(self, from: Option<PersonId>) -> [u8; 16] {
        let edge = match self {
            Self::Oldest => [0; 16],
            Self::Newest => [0xff; 16],
        };
        from.map_or(edge, PersonId::to_bytes)
    }
}

/// A page of a company's people within a reach, after (or before) a person.
///
/// # Errors
/// What the engine said.
pub fn page(
    tx: &mut Tx<'_>,
    (company, reach): (CompanyId, &Reach),
    order: Order,
    from: Option<PersonId>,
    most: u32,
) -> Result<Vec<Listed>> {
    if let Some(owners) = reach.few() {
        return own::page(tx, company, owners, (order, from, None), most);
    }
    let sql = match order {
        Order::Oldest => NEWER,
        Order::Newest => OLDER,
    };
    let from = order.start(from);
    let args = [company.into(), (&from).into(), i64::from(most).into(), reach.mode(), reach.list()];
    tx.rows(sql, &args, listed)
}

/// The same of those who are quarantined, or of those who are not.
///
/// # Errors
/// What the engine said.
pub fn page_apart(
    tx: &mut Tx<'_>,
    (company, reach): (CompanyId, &Reach),
    order: Order,
    from: Option<PersonId>,
    most: u32,
    quarantined: bool,
) -> Result<Vec<Listed>> {
    if let Some(owners) = reach.few() {
        return own::page(tx, company, owners, (order, from, Some(quarantined)), most);
    }
    let sql = match order {
        Order::Oldest => NEWER_APART,
        Order::Newest => OLDER_APART,
    };
    let from = order.start(from);
    let args = [
        company.into(),
        (&from).into(),
        i64::from(most).into(),
        reach.mode(),
        reach.list(),
        i64::from(quarantined).into(),
    ];
    tx.rows(sql, &args, listed)
}

/// How many people of a company are within a reach, counted up to `most`; and how many of them are quarantined.
///
/// # Errors
/// What the engine said.
pub fn count(tx: &mut Tx<'_>, (company, reach): (CompanyId, &Reach), most: u32) -> Result<(i64, i64)> {
    if let Some(owners) = reach.few() {
        return own::count(tx, company, owners, most);
    }
    let company = company.to_bytes();
    let args = [(&company).into(), i64::from(most).into(), reach.mode(), reach.list()];
    let all = tx.first(COUNT, &args, |row| row.int(0))?.unwrap_or(0);
    let quarantined = tx.first(COUNT_QUARANTINED, &args, |row| row.int(0))?.unwrap_or(0);
    Ok((all, quarantined))
}

/// Adds blind tokens that lead to people.
///
/// # Errors
/// What the engine said.
pub fn add_tokens(tx: &mut Tx<'_>, company: CompanyId, tokens: &[(i64, PersonId)]) -> Result<()> {
    let mut values: Vec<Value<'_>> = Vec::with_capacity(tokens.len().saturating_mul(ADD_TOKENS.columns));
    for (token, person) in tokens {
        let row: [Value<'_>; 3] = [company.into(), (*token).into(), (*person).into()];
        values.extend(row);
    }
    tx.insert(&ADD_TOKENS, &values).map(|_| ())
}

/// For each token the first person of the directory to whom it leads, if there is one.
///
/// # Errors
/// What the engine said.
pub fn first_by_each(tx: &mut Tx<'_>, company: CompanyId, tokens: &[i64]) -> Result<Vec<Option<PersonId>>> {
    let first = |token: &i64| {
        let args = [company.into(), (*token).into()];
        tx.first(LISTED_BY_TOKEN, &args, |row| row.fixed(0).map(PersonId::from_bytes))
    };
    tokens.iter().map(first).collect()
}

/// Tokens of whole addresses (they are odd) that lead to more than one person, after one of them.
///
/// # Errors
/// What the engine said.
pub fn shared_tokens(tx: &mut Tx<'_>, company: CompanyId, after: i64, most: u32) -> Result<Vec<i64>> {
    tx.rows(SHARED, &[company.into(), after.into(), i64::from(most).into()], |row| row.int(0))
}

/// Takes one token away.
///
/// # Errors
/// What the engine said.
pub fn drop_token(tx: &mut Tx<'_>, company: CompanyId, token: i64, person: PersonId) -> Result<()> {
    let args = [company.into(), token.into(), person.into()];
    tx.exec(DROP_TOKEN, &args).map(|_| ())
}

/// People to whom every one of these tokens leads, after a person, at most `most`.
///
/// # Errors
/// What the engine said.
pub fn by_tokens(
    tx: &mut Tx<'_>,
    company: CompanyId,
    tokens: &[i64],
    after: Option<PersonId>,
    most: u32,
) -> Result<Vec<PersonId>> {
    let from = after.map_or([0; 16], PersonId::to_bytes);
    let found = TOKENS.all(tx, &company.to_bytes(), tokens, from, most)?;
    Ok(found.into_iter().map(PersonId::from_bytes).collect())
}

/// Those of some people to whom a token leads.
///
/// # Errors
/// What the engine said.
pub fn of_token(
    tx: &mut Tx<'_>,
    company: CompanyId,
    token: i64,
    people: &[PersonId],
) -> Result<Vec<PersonId>> {
    let ids: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let found = TOKENS.of_these(tx, &company.to_bytes(), token, &ids)?;
    Ok(found.into_iter().map(PersonId::from_bytes).collect())
}

/// The directory's lines of these people, as far as they are this company's.
///
/// # Errors
/// What the engine said.
pub fn places(tx: &mut Tx<'_>, company: CompanyId, people: &[PersonId]) -> Result<Vec<Listed>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&raw);
    tx.rows(PLACE_OF, &[list.as_str().into(), company.into()], listed)
}

/// Since when nobody may write to the address behind a token.
///
/// # Errors
/// What the engine said.
pub fn suppressed(tx: &mut Tx<'_>, company: CompanyId, token: i64) -> Result<Option<Timestamp>> {
    tx.first(SUPPRESSED, &[company.into(), token.into()], |row| row.time(0))
}

/// Never write to the address behind a token again.
///
/// # Errors
/// What the engine said.
pub fn suppress(tx: &mut Tx<'_>, company: CompanyId, token: i64, at: Timestamp) -> Result<()> {
    tx.exec(SUPPRESS, &[company.into(), token.into(), at.into()]).map(|_| ())
}
