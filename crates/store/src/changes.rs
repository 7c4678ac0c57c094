//! The change log: whose terms changed, in the transaction that changed them, so that a node's memory of terms can
//! follow without missing anything.
//!
//! A sequence is not commit order: whoever follows "numbers greater than the last" loses, for ever, what committed
//! late. What was [`Seen`] is therefore a snapshot: every transaction below `next` but the `open` ones. The next look
//! takes exactly those that were not in it. SQLite has one writer, so its numbers are its commit order.

use std::fmt;
use std::str::FromStr;

use assent_kernel::{CompanyId, PersonId};

use crate::Engine;
use crate::db::{Insert, Tx};
use crate::error::{Result, StoreError};
use crate::value::Value;

const NOTE: &str = "INSERT INTO change (company, person) SELECT company, id FROM person WHERE id = $1";
const NOTE_POLICY: &str = "INSERT INTO change (company, person) VALUES ($1, NULL)";
const SINCE: &str = "SELECT {snapshot}, c.ver, c.company, c.person, log.gone \
     FROM (SELECT (SELECT newest FROM change_gone WHERE one = 1) AS gone) AS log LEFT JOIN change AS c ON {unseen}";
const SEEN: &str = "SELECT {snapshot}";
const NEWEST: &str = "SELECT max(ver) FROM change";
const SET_GONE: &str = "INSERT INTO change_gone (one, newest) VALUES (1, $1) ON CONFLICT (one) DO UPDATE \
     SET newest = excluded.newest WHERE change_gone.newest < excluded.newest";
const PRUNE: &str = "DELETE FROM change WHERE ver <= $1 RETURNING {number}";
const DROP_ALL: &str = "DELETE FROM change";
const DROP_GONE: &str = "DELETE FROM change_gone";
const NOTE_ALL: Insert = Insert { head: "INSERT INTO change (company, person) VALUES", columns: 2, tail: "" };

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[NOTE, NOTE_POLICY, SINCE, SEEN, NEWEST, SET_GONE, PRUNE, DROP_ALL, DROP_GONE];

/// Which transactions of a store somebody has seen: all below `next` but those that were `open`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    next: u64,
    open: Vec<u64>,
}

/// Why a text is no [`Seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version: hand back the text that was given")]
pub struct BadVersion;

/// The most open transactions a version may name; more is no version of ours.
const MOST_OPEN: usize = 10_000;

impl Seen {
    /// True when whatever `other` has seen is seen here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.next >= other.next && self.open.iter().all(|one| *one >= other.next || other.open.contains(one))
    }
    /// True when the transaction of that number, and every one before it, is seen here.
    fn reaches(&self, number: u64) -> bool {
        number < self.next && self.open.iter().all(|one| *one > number)
    }
    fn open_list(&self) -> String {
        self.open.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.next)?;
        for (n, open) in self.open.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{open}")?;
        }
        Ok(())
    }
}

impl FromStr for Seen {
    type Err = BadVersion;
    fn from_str(text: &str) -> std::result::Result<Self, BadVersion> {
        let (next, open) = text.split_once(':').ok_or(BadVersion)?;
        let number = |text: &str| text.parse().map_err(|_| BadVersion);
        let open: Vec<u64> = open
            .split(',')
            .filter(|one| !one.is_empty())
            .take(MOST_OPEN + 1)
            .map(number)
            .collect::<std::result::Result<_, _>>()?;
        if open.len() > MOST_OPEN {
            return Err(BadVersion);
        }
        Ok(Self { next: number(next)?, open })
    }
}

/// What `pg_current_snapshot()` and its SQLite counterpart say: `xmin:xmax:open,…`.
fn snapshot(text: &str) -> Result<Seen> {
    let rest = text.split_once(':').map(|(_, rest)| rest);
    rest.and_then(|rest| rest.parse().ok()).ok_or_else(|| StoreError::Damaged("a snapshot".into()))
}

/// Somebody whose terms changed, or everybody of a company, whose policy did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Change {
    /// Whose.
    pub company: CompanyId,
    /// Who; nobody in particular when the policy changed.
    pub person: Option<PersonId>,
}

/// Notes that a person's terms change in this transaction.
///
/// # Errors
/// What the engine said.
pub fn note(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(NOTE, &[person.into()]).map(|_| ())
}

/// Notes that a company's policy changes in this transaction.
///
/// # Errors
/// What the engine said.
pub fn note_policy(tx: &mut Tx<'_>, company: CompanyId) -> Result<()> {
    tx.exec(NOTE_POLICY, &[company.into()]).map(|_| ())
}

/// Notes people who are new.
///
/// # Errors
/// What the engine said.
pub fn note_all(tx: &mut Tx<'_>, people: &[(CompanyId, PersonId)]) -> Result<()> {
    let values: Vec<Value<'_>> =
        people.iter().flat_map(|(company, person)| [(*company).into(), (*person).into()]).collect();
    tx.insert(&NOTE_ALL, &values).map(|_| ())
}

/// What is seen by whoever looks now.
///
/// # Errors
/// What the engine said.
pub fn seen(tx: &mut Tx<'_>) -> Result<Seen> {
    let text = tx.first(SEEN, &[], |row| row.text(0))?;
    snapshot(&text.unwrap_or_default())
}

/// What changed beyond what was seen, and what is seen with it; nothing when part of it may be gone from the log.
///
/// # Errors
/// What the engine said.
pub fn since(tx: &mut Tx<'_>, before: &Seen) -> Result<Option<(Seen, Vec<Change>)>> {
    let (next, open) = (before.next.to_string(), before.open_list());
    let mut gone = None;
    let rows = tx.rows(SINCE, &[(&next).into(), (&open).into()], |row| {
        gone = row.int_opt(4)?;
        let change = match (row.int_opt(1)?, row.fixed_opt(2)?) {
            (Some(_), Some(company)) => {
                let person = row.fixed_opt(3)?.map(PersonId::from_bytes);
                Some(Change { company: CompanyId::from_bytes(company), person })
            }
            _ => None,
        };
        Ok((row.text(0)?, change))
    })?;
    if gone.and_then(|gone| u64::try_from(gone).ok()).is_some_and(|gone| !before.reaches(gone)) {
        return Ok(None);
    }
    let now = snapshot(rows.first().map(|(text, _)| text.as_str()).unwrap_or_default())?;
    Ok(Some((now, rows.into_iter().filter_map(|(_, change)| change).collect())))
}

/// Drops the oldest changes, but for the newest so many. Whoever had not followed them by then starts anew.
///
/// # Errors
/// What the engine said.
pub fn prune(tx: &mut Tx<'_>, keep: i64) -> Result<u64> {
    let newest = tx.first(NEWEST, &[], |row| row.int_opt(0))?.flatten().unwrap_or(0);
    let upto = newest.saturating_sub(keep);
    // Of what really goes, also of what was written down a moment ago.
    let gone = tx.rows(PRUNE, &[upto.into()], |row| row.int(0))?;
    if let Some(newest) = gone.iter().max() {
        tx.exec(SET_GONE, &[(*newest).into()])?;
    }
    Ok(gone.len() as u64)
}

/// Begins the log of changes anew, where its numbers are those of transactions: a server that a copy was put back on
/// counts its own, so the copy's would stay unseen, or be gone already, for ever. Whoever follows starts anew.
///
/// # Errors
/// What the engine said.
pub fn begin_anew(tx: &mut Tx<'_>) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        tx.exec(DROP_ALL, &[])?;
        tx.exec(DROP_GONE, &[])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Seen {
        text.parse().unwrap()
    }

    #[test]
    fn a_view_covers_another_when_nothing_committed_is_missing() {
        assert!(seen("10:").covers(&seen("10:")) && seen("11:10").covers(&seen("10:")));
        // 8 was committed for the other, and is still open here.
        assert!(!seen("11:8").covers(&seen("10:")));
        assert!(seen("11:8").covers(&seen("10:8")) && !seen("9:").covers(&seen("10:8,9")));
    }

    #[test]
    fn a_view_reaches_what_was_cut_off_when_it_has_seen_all_of_it() {
        assert!(seen("10:").reaches(9) && !seen("10:").reaches(10));
        assert!(seen("10:8").reaches(7) && !seen("10:8").reaches(8) && !seen("10:8").reaches(9));
    }

    #[test]
    fn versions_come_back_and_nonsense_does_not() {
        assert_eq!(seen("12:3,5").to_string(), "12:3,5");
        for bad in ["", "12", "a:", "1:x", "-1:", "1:2;3"] {
            assert_eq!(bad.parse::<Seen>(), Err(BadVersion), "{bad}");
        }
    }
}
