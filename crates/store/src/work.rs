//! Work around people: organisations, deals, tasks, what was done, words to colleagues, saved lists.
//!
//! Rooms meet in these rows. They are structure: ids, stages, amounts, dates. What staff typed is a [`Text`]: a fact of
//! the person whom it is about, or sealed bytes under the company's key. Every statement names the company, so that
//! another company's ids lead nowhere.

pub mod activities;
pub mod deals;
pub mod filled;
pub mod items;
pub mod leading;
pub mod leaf;
mod led;
pub mod mentions;
pub mod organisations;
pub mod pipelines;
mod reach;
pub mod sums;
pub mod tasks;
pub mod views;

pub use led::Led;
pub use reach::Reach;

use assent_kernel::{CompanyId, FactId, PersonId, StaffId, Timestamp};

use crate::blind::Blind;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

/// The most rows of one kind that a list reads; beyond them it says so.
pub const MOST: u32 = 10_000;

/// Stands for a day that is not there, where days are compared.
pub const NO_DAY: i64 = -4_000_000_000_000_000_000;

/// From one instant on and before another; everything, also what has no day, when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first that counts.
    pub from: i64,
    /// The first that does not count any more.
    pub before: i64,
}

impl Default for Days {
    fn default() -> Self {
        Self { from: i64::MIN, before: i64::MAX }
    }
}

impl Days {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), before: self.before.min(other.before) }
    }
}

/// Where what somebody typed lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is about this person: a fact of theirs, decided by their terms.
    OfPerson(PersonId, FactId),
    /// It is about nobody: sealed under the company's key.
    Own(Vec<u8>),
    /// It is gone: the person was erased.
    Gone,
}

impl Text {
    /// Whom it is about.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::OfPerson(person, _) => Some(*person),
            Self::Own(_) | Self::Gone => None,
        }
    }
    const fn fact(&self) -> Option<FactId> {
        match self {
            Self::OfPerson(_, fact) => Some(*fact),
            Self::Own(_) | Self::Gone => None,
        }
    }
    fn own(&self) -> Option<&[u8]> {
        match self {
            Self::Own(sealed) => Some(sealed),
            Self::OfPerson(..) | Self::Gone => None,
        }
    }
    /// From three columns: person, fact, own.
    fn read(row: &Row<'_>, at: usize) -> Result<Self> {
        let person = row.fixed_opt(at)?.map(PersonId::from_bytes);
        let fact = row.fixed_opt(at.saturating_add(1))?.map(FactId::from_bytes);
        let own = row.blob_opt(at.saturating_add(2))?;
        Ok(match (person, fact, own) {
            (Some(person), Some(fact), _) => Self::OfPerson(person, fact),
            (_, _, Some(sealed)) => Self::Own(sealed),
            (_, _, None) => Self::Gone,
        })
    }
}

fn staff(row: &Row<'_>, at: usize) -> Result<Option<StaffId>> {
    Ok(row.fixed_opt(at)?.map(StaffId::from_bytes))
}
fn time(row: &Row<'_>, at: usize) -> Result<Option<Timestamp>> {
    Ok(row.int_opt(at)?.map(Timestamp::from_micros))
}

/// The newest rows of some owners, each once, up to so many; `of` reads those of one, newest first.
fn newest<T, K: Ord>(
    owners: &[StaffId],
    most: u32,
    id: impl Fn(&T) -> K,
    mut of: impl FnMut(StaffId) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for owner in owners {
        all.extend(of(*owner)?);
    }
    all.sort_by_key(|one| std::cmp::Reverse(id(one)));
    all.dedup_by_key(|one| id(one));
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(all)
}

/// How many rows somebody looks after, by a statement of their table.
fn owned(
    tx: &mut Tx<'_>,
    sql: &'static str,
    (company, owner): (CompanyId, StaffId),
    most: u32,
) -> Result<u64> {
    let found = tx.first(sql, &[company.into(), owner.into(), i64::from(most).into()], |row| row.int(0))?;
    Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

const UNLINK_DEALS: &str =
    "UPDATE deal SET person = NULL, fact = NULL, ver = ver + 1 WHERE person = $1 AND company = $2";
const DROP_TASKS: &str = "DELETE FROM task WHERE person = $1 AND company = $2";
const DROP_ACTIVITIES: &str = "DELETE FROM activity WHERE person = $1 AND company = $2";
const DROP_TASKS_OF_ITEMS: &str = "DELETE FROM task WHERE company = $2 AND item IN \
     (SELECT id FROM item WHERE person = $1 AND company = $2)";
const DROP_ACTIVITIES_OF_ITEMS: &str = "DELETE FROM activity WHERE company = $2 AND item IN \
     (SELECT id FROM item WHERE person = $1 AND company = $2)";
const DROP_MENTIONS: &str = "DELETE FROM mention WHERE person = $1 AND company = $2";
const OWN_WORD: &str =
    "INSERT INTO own_word (company, token, thing) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DROP_WORDS: &str = "DELETE FROM own_word WHERE thing = $1";
const BY_WORD: &str =
    "SELECT thing FROM own_word WHERE company = $1 AND token = $2 AND thing > $3 ORDER BY thing LIMIT $4";
const NEWEST_BY_WORD: &str = "SELECT thing FROM own_word WHERE company = $1 AND token = $2 AND thing < $3 ORDER BY thing DESC LIMIT $4";
const AMONG_WORD: &str = "SELECT thing FROM own_word WHERE company = $1 AND token = $2 AND thing {ids 3}";
const WORDS: Blind = Blind { under: BY_WORD, among: AMONG_WORD };
const NEWEST_WORDS: Blind = Blind { under: NEWEST_BY_WORD, among: AMONG_WORD };

/// Every statement of this module, for the test that prepares them.
pub const SQL: &[&[&str]] = &[
    &[
        UNLINK_DEALS,
        DROP_TASKS,
        DROP_ACTIVITIES,
        DROP_TASKS_OF_ITEMS,
        DROP_ACTIVITIES_OF_ITEMS,
        DROP_MENTIONS,
    ],
    &[OWN_WORD, DROP_WORDS, BY_WORD, NEWEST_BY_WORD, AMONG_WORD],
    organisations::SQL,
    deals::SQL,
    sums::SQL,
    pipelines::PIPELINE_SQL,
    tasks::SQL,
    items::SQL,
    filled::SQL,
    leading::SQL,
    activities::SQL,
    mentions::SQL,
    views::SQL,
];

/// Forgets whom work was about: an erased person's tasks, items and activities go, a deal stays as a sum without a name.
/// Done twice, it is done once.
///
/// # Errors
/// What the engine said.
pub fn forget_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<()> {
    let theirs = [UNLINK_DEALS, DROP_TASKS, DROP_ACTIVITIES, DROP_MENTIONS];
    // What lies beside their items goes before these, and what stands in it before that.
    let tasks = [filled::DROP_FACTS_OF_TASKS, filled::DROP_OWN_OF_TASKS, filled::DROP_WORDS_OF_TASKS];
    let filled = [filled::DROP_OF_PERSON].into_iter().chain(tasks);
    let beside = [DROP_TASKS_OF_ITEMS, DROP_ACTIVITIES_OF_ITEMS, items::DROP_OF_PERSON];
    let mut all = theirs.into_iter().chain(filled).chain(beside);
    all.try_for_each(|sql| tx.exec(sql, &[person.into(), company.into()]).map(|_| ()))
}

/// Makes one of the company's own things findable by these tokens, and by no older ones.
///
/// # Errors
/// What the engine said.
pub fn set_words(tx: &mut Tx<'_>, company: CompanyId, thing: [u8; 16], tokens: &[i64]) -> Result<()> {
    tx.exec(DROP_WORDS, &[thing.into()])?;
    tokens
        .iter()
        .try_for_each(|token| tx.exec(OWN_WORD, &[company.into(), (*token).into(), thing.into()]).map(|_| ()))
}

/// The company's own things that carry every one of these tokens, at most so many.
///
/// # Errors
/// What the engine said.
pub fn by_words(tx: &mut Tx<'_>, company: CompanyId, tokens: &[i64], most: u32) -> Result<Vec<[u8; 16]>> {
    WORDS.all(tx, &company.to_bytes(), tokens, [0; 16], most)
}

/// Those of some things that carry a token.
///
/// # Errors
/// What the engine said.
pub fn of_word(
    tx: &mut Tx<'_>,
    company: CompanyId,
    token: i64,
    things: &[[u8; 16]],
) -> Result<Vec<[u8; 16]>> {
    WORDS.of_these(tx, &company.to_bytes(), token, things)
}

/// Things that carry every one of these tokens before one, the newest first.
///
/// # Errors
/// What the engine said.
pub fn newest_by_words(
    tx: &mut Tx<'_>,
    company: CompanyId,
    tokens: &[i64],
    before: Option<[u8; 16]>,
    most: u32,
) -> Result<Vec<[u8; 16]>> {
    NEWEST_WORDS.all(tx, &company.to_bytes(), tokens, before.unwrap_or([0xff; 16]), most)
}
