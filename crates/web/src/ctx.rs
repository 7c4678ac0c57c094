//! What every room is handed: the gate, the clock, the settings, the list of rooms.

use std::net::IpAddr;
use std::sync::Arc;

use assent_gate::{Dossier, Gate, GateError};
use assent_kernel::{Context, Matter, NonEmpty, PurposeKey, Question, Timestamp, To, UseKind};
use assent_store::StoreError;

use crate::catalogue::{both, kept};
use crate::clock::Clock;
use crate::problem::Problem;
use crate::room::Room;
use crate::session::Staff;

/// How letters leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Post {
    /// They stay in the local outbox, a page for administrators.
    Local,
    /// They are handed to a server.
    Smtp {
        /// Host and port.
        server: String,
        /// The sender's address.
        from: String,
    },
}

/// Settings that rooms need.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address under which people reach this installation, without a slash at the end.
    pub base_url: String,
    /// How letters leave.
    pub post: Post,
    /// The folder for sealed files that wait, such as uploads.
    pub data_dir: std::path::PathBuf,
    /// The calling code's country for phone numbers without one, such as `DE`.
    pub country: String,
    /// The network around this installation.
    pub network: Network,
    /// Bounds and spans.
    pub limits: Limits,
}

/// Bounds and spans that an operator can set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of one file.
    pub file_bytes: usize,
    /// For how many days somebody who was deleted can be brought back; then they are erased.
    pub deleted_days: u32,
    /// For how many minutes what was opened in an emergency stays open.
    pub emergency_minutes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 10 * 1024 * 1024, deleted_days: 30, emergency_minutes: 60 }
    }
}

/// What the operator says about the network around this installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Hosts with private addresses that may be asked all the same, also without https.
    pub private_hosts: Vec<String>,
    /// Proxies whose word about where a request came from is believed.
    pub proxies: Vec<IpAddr>,
}

impl Network {
    /// True when the operator allows this address to be a private one.
    #[must_use]
    pub fn allows(&self, address: &str) -> bool {
        let url = url::Url::parse(address).ok();
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        self.private_hosts.iter().any(|one| one.eq_ignore_ascii_case(host))
    }
}

/// What every room is handed. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    /// The one door.
    pub gate: Gate,
    /// The time.
    pub clock: Clock,
    /// Settings.
    pub settings: Arc<Settings>,
    /// All rooms.
    pub rooms: &'static [&'static dyn Room],
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ctx")
    }
}

impl Ctx {
    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.now())
    }

    /// The time, for what begins now and ends by the clock: nothing does by one that is wrong, for nobody would take it
    /// back once the clock is mended.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`], [`GateError::ClockJumped`] and [`GateError::ClocksApart`].
    pub fn right_now(&self) -> Result<Timestamp, GateError> {
        let at = self.now();
        self.gate.clock_stands(at).map(|()| at)
    }

    /// A question of a member of staff about a person, for the purpose they work for, to be used at home.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn question<U: UseKind>(
        &self,
        what: U,
        staff: &Staff,
        dossier: &Dossier,
        matters: NonEmpty<Matter>,
    ) -> Result<Question<U>, Problem> {
        let purpose = staff.purpose.clone();
        self.question_for(what, staff, dossier, matters, purpose).await
    }

    /// The same, for another purpose than the one at hand.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn question_for<U: UseKind>(
        &self,
        what: U,
        staff: &Staff,
        dossier: &Dossier,
        matters: NonEmpty<Matter>,
        purpose: PurposeKey,
    ) -> Result<Question<U>, Problem> {
        staff.asked().one();
        let standing = self.gate.policy(staff.company.id).await?;
        Ok(Question {
            what,
            person: dossier.id(),
            asker: staff.asker(),
            purpose,
            matters,
            to: To::Party(standing.policy.home),
            region: dossier.region().clone(),
            at: self.now(),
            context: Context::default(),
        })
    }
}

impl From<GateError> for Problem {
    fn from(error: GateError) -> Self {
        match error {
            GateError::NoPerson | GateError::NoCompany => Self::not_found("There is nobody here by that id.")
                .german("Hier gibt es niemanden mit dieser Kennung."),
            GateError::NoRegion(_) => Self::not_found("There is no store for that region.")
                .german("Für diese Gegend gibt es keinen Speicher."),
            GateError::Input(sentence) => Self::invalid(both(|| kept(&sentence))),
            GateError::NotKept(reason) => {
                let code = reason.code();
                Self::invalid(format!("It may not be kept here ({code})."))
                    .german(format!("Das darf hier nicht gespeichert werden ({code})."))
            }
            GateError::Behind(_) => Self::closed(
                "This node has not seen the newest terms yet, so it gives no answer. Please try again.",
                &error,
            )
            .german("Die neuesten Zusagen sind hier noch nicht angekommen. Bitte versuchen Sie es gleich noch einmal."),
            GateError::Outgrown => Self::closed(
                "The company's policy is too large for answers from memory; the program's log names the limit. \
                 What is recorded is decided all the same.",
                &error,
            ),
            GateError::Busy => Self::conflict("The terms changed while you were asking. Please try again.")
                .german("Die Zusagen haben sich währenddessen geändert. Bitte versuchen Sie es noch einmal."),
            GateError::Store(error) => error.into(),
            GateError::Sealed(_)
            | GateError::ClockWentBack
            | GateError::ClockJumped
            | GateError::ClocksApart => Self::closed(
                "Nothing can be opened at the moment, so that nothing is used without being written down. \
                 The administrator finds the reason in the program's log.",
                &error,
            )
            .german(
                "Im Moment lässt sich nichts öffnen, damit nichts genutzt wird, ohne aufgeschrieben zu sein.",
            ),
            GateError::Ledger(_) | GateError::Unreadable => Self::internal(&error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Full(_) => Self::closed(
                "It could not be written down, so nothing was opened and nothing was changed. Please try again; \
                 if it stays like this, the administrator has to look at the database and the disk.",
                &error,
            )
            .german(
                "Es ließ sich nicht aufschreiben; darum wurde nichts geöffnet und nichts geändert. \
                 Bitte versuchen Sie es später noch einmal.",
            ),
            StoreError::Conflict(_) | StoreError::Moved => {
                Self::conflict("It was changed by somebody else meanwhile. Please look again.")
                    .german("Jemand anderes hat es inzwischen geändert. Bitte sehen Sie noch einmal nach.")
            }
            StoreError::Damaged(_) | StoreError::Engine(_) => Self::internal(&error),
        }
    }
}
