//! What happened, for programs that want to be told: written in the transaction of the change, carried on by the worker.
//! An event names what it is about by its id, and holds nothing else.

use assent_kernel::{CompanyId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};

const ADD: &str = "INSERT INTO event (company, kind, thing, at) VALUES ($1, $2, $3, $4)";
const OLDEST: &str = "SELECT ver, company, kind, thing, at FROM event ORDER BY ver LIMIT $1";
const DROP: &str = "DELETE FROM event WHERE ver = $1";

/// Every statement of this file, for the test that prepares them. The table lies in the home store and in each region's.
pub const SQL: &[&str] = &[ADD, OLDEST, DROP];

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A person said yes, no, no longer, not like that or stop; or a contract began.
    TermsChanged,
    /// A person was put down, by a colleague or a program; those of an import are told by its end.
    PersonCreated,
    /// A person was given to a colleague, or to nobody.
    PersonGiven,
    /// A value of a person was kept, changed or removed.
    ValueChanged,
    /// A person was erased.
    PersonErased,
    /// A person answered a request.
    RequestAnswered,
    /// A deal was made, changed, moved, removed or brought back.
    DealChanged,
    /// A task was made, changed, done, removed or brought back.
    TaskChanged,
    /// An organisation was made, changed, removed or brought back.
    OrganisationChanged,
    /// An item of an object that the company made was put down, changed, removed or brought back.
    ItemChanged,
    /// An import came to its end.
    ImportFinished,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::TermsChanged,
        Self::PersonCreated,
        Self::PersonGiven,
        Self::ValueChanged,
        Self::PersonErased,
        Self::RequestAnswered,
        Self::DealChanged,
        Self::TaskChanged,
        Self::OrganisationChanged,
        Self::ItemChanged,
        Self::ImportFinished,
    ];

    /// Its name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::TermsChanged => "person.terms-changed",
            Self::PersonCreated => "person.created",
            Self::PersonGiven => "person.given",
            Self::ValueChanged => "person.value-changed",
            Self::PersonErased => "person.erased",
            Self::RequestAnswered => "request.answered",
            Self::DealChanged => "deal.changed",
            Self::TaskChanged => "task.changed",
            Self::OrganisationChanged => "organisation.changed",
            Self::ItemChanged => "item.changed",
            Self::ImportFinished => "import.finished",
        }
    }
    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == text)
    }
    /// The prefix of the id that it names.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::TermsChanged
            | Self::PersonCreated
            | Self::PersonGiven
            | Self::ValueChanged
            | Self::PersonErased
            | Self::RequestAnswered => "per",
            Self::DealChanged => "del",
            Self::TaskChanged => "tsk",
            Self::OrganisationChanged => "org",
            Self::ItemChanged => "itm",
            Self::ImportFinished => "imp",
        }
    }
    /// What it tells, in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TermsChanged => "A person changed what they allow, or a contract began.",
            Self::PersonCreated => "A person was put down, but not by an import.",
            Self::PersonGiven => "Somebody else looks after a person from now on, or nobody does.",
            Self::ValueChanged => "A value of a person was kept, changed or removed.",
            Self::PersonErased => "A person was erased.",
            Self::RequestAnswered => "A person answered a request.",
            Self::DealChanged => "A deal was made, changed, moved, removed or brought back.",
            Self::TaskChanged => "A task was made, changed, done, removed or brought back.",
            Self::OrganisationChanged => "An organisation was made, changed, removed or brought back.",
            Self::ItemChanged => {
                "An item of an object that the company made was put down, changed, removed or brought back."
            }
            Self::ImportFinished => "An import came to its end.",
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number in its store.
    pub ver: i64,
    /// Whose.
    pub company: CompanyId,
    /// What happened.
    pub kind: Kind,
    /// The id of what it is about.
    pub thing: String,
    /// When.
    pub at: Timestamp,
}

/// Writes down that something happened.
///
/// # Errors
/// What the engine said.
pub fn add(
    tx: &mut Tx<'_>,
    company: CompanyId,
    kind: Kind,
    thing: impl std::fmt::Display,
    at: Timestamp,
) -> Result<()> {
    let thing = thing.to_string();
    tx.exec(ADD, &[company.into(), kind.key().into(), (&thing).into(), at.into()]).map(|_| ())
}

/// The oldest events that were not carried on yet.
///
/// # Errors
/// What the engine said.
pub fn oldest(tx: &mut Tx<'_>, most: u32) -> Result<Vec<Event>> {
    tx.rows(OLDEST, &[i64::from(most).into()], |row| {
        let kind = Kind::parse(&row.text(2)?).ok_or_else(|| StoreError::Damaged("an event".into()))?;
        let company = CompanyId::from_bytes(row.fixed(1)?);
        Ok(Event { ver: row.int(0)?, company, kind, thing: row.text(3)?, at: row.time(4)? })
    })
}

/// Forgets events that were carried on.
///
/// # Errors
/// What the engine said.
pub fn drop(tx: &mut Tx<'_>, events: &[i64]) -> Result<()> {
    events.iter().try_for_each(|ver| tx.exec(DROP, &[(*ver).into()]).map(|_| ()))
}
