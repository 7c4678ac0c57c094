//! Emergencies: what stands on somebody's life opens only while a second person's yes runs.
//!
//! The law asks that a purpose on that ground stands on a mandate that two people approved, and that each use names a case.
//! The door asks for more where staff look: a colleague asks for kinds of facts of one person, with a case and a reason;
//! somebody else says yes within a quarter of an hour; from then on, for an hour or so, that colleague alone is decided
//! with the case, and for these kinds alone. Everything else of that purpose is decided as if no case were named.

mod judged;

pub(crate) use judged::{Judged, without_case};

use std::collections::HashMap;

use assent_kernel::ledger::Kind;
use assent_kernel::purpose::Basis;
use assent_kernel::{
    Asker, CategoryKey, PersonId, Policy, PurposeKey, Reason, RequestId, Role, Span, StaffId, Timestamp,
};
use assent_store::emergencies::{self, State};
use assent_store::{StoreError, people};
use serde::{Deserialize, Serialize};

use crate::draft::{self, Draft};
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::keys::PersonKey;
use crate::record::write_line;
use crate::region::RegionStore;
use crate::seal::{open, seal};
use crate::start::Gate;
use crate::whose::Whose;

/// For so long a second person may say yes.
pub const ANSWERED_WITHIN: Span = Span::minutes(15);
/// Who may be the second person.
pub const SECONDS: &[Role] = &[Role::Dpo, Role::Admin];
/// The longest case and reason, in characters.
const LONGEST_CASE: usize = 60;
const LONGEST_REASON: usize = 300;
/// The longest note of an entry, in characters.
const LONGEST_NOTE: usize = 180;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewEmergency {
    /// For which purpose: one that stands on somebody's life.
    pub purpose: PurposeKey,
    /// For which kinds of facts.
    pub kinds: Vec<CategoryKey>,
    /// The case, such as the number of a ticket.
    pub case: String,
    /// Why.
    pub reason: String,
    /// The name of whoever asks, as the person will read it.
    pub who: String,
}

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The case.
    pub case: String,
    /// Why.
    pub reason: String,
    /// The name of whoever asked.
    pub who: String,
    /// The name of whoever said yes or no; empty while nobody has.
    pub second: String,
}

/// One emergency, as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    row: emergencies::Emergency,
    /// What was typed; nothing once the person is erased.
    pub typed: Option<Typed>,
}

impl std::ops::Deref for Emergency {
    type Target = emergencies::Emergency;
    fn deref(&self) -> &emergencies::Emergency {
        &self.row
    }
}

impl Emergency {
    /// True while a second person may still say yes.
    #[must_use]
    pub fn waits(&self, at: Timestamp) -> bool {
        self.state == State::Asked && at < self.asked_at.plus(ANSWERED_WITHIN)
    }
    /// True while it opens.
    #[must_use]
    pub fn runs(&self, at: Timestamp) -> bool {
        self.state == State::Approved && self.until.is_some_and(|until| at < until)
    }
}

/// What the second person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Second {
    /// Who.
    pub staff: StaffId,
    /// In which role.
    pub role: Role,
    /// Their name, as the person will read it.
    pub name: String,
    /// For how long it opens; nothing for no.
    pub yes: Option<Span>,
}

/// True for purposes that open to staff in an emergency alone.
#[must_use]
pub fn is_emergency(policy: &Policy, purpose: &PurposeKey) -> bool {
    policy.purposes.get(purpose).is_some_and(|one| one.basis == Basis::Vital)
}

/// A text that can stand in an entry: no control or direction-changing characters, cut to a length.
pub(crate) fn noted(text: &str) -> String {
    let odd = |c: &char| {
        c.is_control()
            || matches!(*c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !odd(c)).take(LONGEST_NOTE).collect()
}

fn sealed(key: &PersonKey, person: PersonId, id: RequestId, typed: &Typed) -> Result<Vec<u8>> {
    let body = serde_json::to_vec(typed).map_err(|_| GateError::Unreadable)?;
    seal(key.detail().bytes(), format!("emergency/{person}/{id}").as_bytes(), &body)
}

fn typed(key: &PersonKey, row: &emergencies::Emergency) -> Option<Typed> {
    let place = format!("emergency/{}/{}", row.person?, row.id);
    let body = open(key.detail().bytes(), place.as_bytes(), row.sealed.as_deref()?).ok()?;
    serde_json::from_slice(&body).ok()
}

impl Gate {
    /// Asks to open kinds of facts of a person in an emergency. It opens nothing: a second person must say yes.
    ///
    /// # Errors
    /// [`GateError::Input`] when the case or the reason is missing; what the stores said.
    pub async fn ask_emergency(
        &self,
        dossier: &Dossier,
        (staff, role): (StaffId, Role),
        new: NewEmergency,
        at: Timestamp,
    ) -> Result<std::result::Result<RequestId, Reason>> {
        let fits = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
        if !fits(&new.case, LONGEST_CASE) || !fits(&new.reason, LONGEST_REASON) {
            return Err(GateError::Input(format!(
                "name the case in at most {LONGEST_CASE} letters, and the reason in at most {LONGEST_REASON}"
            )));
        }
        let asker = Asker::Staff(staff, role);
        let kinds = match self.openable(dossier, asker, &new.purpose, &new.kinds, at).await? {
            Ok(kinds) => kinds,
            Err(reason) => return Ok(Err(reason)),
        };
        let id = self.fresh(at, RequestId::new)?;
        let (case, reason) = (noted(new.case.trim()), new.reason.trim().to_owned());
        let typed = Typed { case, reason, who: new.who, second: String::new() };
        let row = emergencies::Emergency {
            id,
            person: Some(dossier.person.id),
            staff,
            role,
            purpose: new.purpose,
            kinds,
            asked_at: self.region(&dossier.region)?.steady(at)?,
            state: State::Asked,
            second: None,
            decided_at: None,
            until: None,
            looked_at: None,
            sealed: Some(sealed(&dossier.key, dossier.person.id, id, &typed)?),
        };
        let note = noted(&format!("{}: {}", typed.case, typed.reason));
        let company = dossier.person.company;
        let told = (row.clone(), "EMERGENCY_ASKED", note);
        let write = move |tx: &mut assent_store::Tx<'_>| emergencies::add(tx, company, &row).map(|()| true);
        self.tell_emergency(dossier, asker, told, at, write).await?;
        Ok(Ok(id))
    }

    /// The second person says yes or no.
    ///
    /// # Errors
    /// [`GateError::Input`] with a sentence when they may not, or it is too late; [`GateError::NoPerson`] when there is no
    /// such emergency; what the stores said.
    pub async fn settle_emergency(
        &self,
        whose: &Whose,
        id: RequestId,
        second: Second,
        at: Timestamp,
    ) -> Result<()> {
        let input = |what: &str| Err(GateError::Input(what.to_owned()));
        let found = self.emergency(whose, id).await?.ok_or(GateError::NoPerson)?;
        let person = found.person.ok_or(GateError::NoPerson)?;
        let dossier = self.look_one(whose, person).await?;
        let at = self.region(&dossier.region)?.steady(at)?;
        if !SECONDS.contains(&second.role) {
            return input("an administrator or the data protection officer answers this");
        }
        if found.staff == second.staff && second.yes.is_some() {
            return input("you asked for this yourself; somebody else has to approve it");
        }
        if found.state != State::Asked {
            return input("somebody answered this already");
        }
        if !found.waits(at) {
            return input("nobody answered in time; it has to be asked for anew");
        }
        let typed = Typed { second: second.name.clone(), ..found.typed.clone().unwrap_or_default() };
        let mut row = found.row.clone();
        row.state = if second.yes.is_some() { State::Approved } else { State::Refused };
        row.second = Some(second.staff);
        row.decided_at = Some(at);
        row.until = second.yes.map(|span| at.plus(span));
        row.sealed = Some(sealed(&dossier.key, person, id, &typed)?);
        let outcome = if second.yes.is_some() { "EMERGENCY_APPROVED" } else { "EMERGENCY_REFUSED" };
        let told = (row.clone(), outcome, noted(&format!("{}: {}", typed.case, typed.reason)));
        let asker = Asker::Staff(second.staff, second.role);
        let company = whose.company;
        let write = move |tx: &mut assent_store::Tx<'_>| emergencies::settle(tx, company, &row);
        if self.tell_emergency(&dossier, asker, told, at, write).await? {
            Ok(())
        } else {
            input("somebody answered this already")
        }
    }

    /// Writes a step down, with its line in the person's ledger, in one transaction.
    async fn tell_emergency(
        &self,
        dossier: &Dossier,
        asker: Asker,
        (row, outcome, note): (emergencies::Emergency, &str, String),
        at: Timestamp,
        write: impl FnOnce(&mut assent_store::Tx<'_>) -> std::result::Result<bool, StoreError> + Send + 'static,
    ) -> Result<bool> {
        let company = dossier.person.company;
        let store = self.region(&dossier.region)?;
        let standing = self.policy(company).await?;
        let mut draft: Draft =
            draft::of_act(Kind::Hold, Some(&row.purpose), &dossier.region, standing.digest, asker, at);
        draft.detail.outcome = outcome.into();
        draft.detail.note = note;
        draft.detail.categories = row.kinds.iter().map(ToString::to_string).take(200).collect();
        let log = store.log(&self.company(company).await?.code);
        let (person, key) = (dossier.person.id, dossier.key.clone());
        let written = store.data.write(move |tx| {
            people::hold(tx, &[person])?;
            if !write(tx)? {
                return Ok(false);
            }
            write_line(tx, person, &key, &draft, &log, at).map(|_| true)
        });
        let done = match written.await {
            Err(StoreError::Moved) => return Err(GateError::NoPerson),
            other => other?,
        };
        store.appended.notify_one();
        store.raise(at);
        Ok(done)
    }

    /// One emergency.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn emergency(&self, whose: &Whose, id: RequestId) -> Result<Option<Emergency>> {
        let company = whose.company;
        for store in self.0.regions.values() {
            let found = store.data.read(move |tx| emergencies::one(tx, company, id)).await?;
            if let Some(row) = found {
                let within = self.within_reach(whose, vec![row]).await?;
                return Ok(with_words(store, within).await?.pop());
            }
        }
        Ok(None)
    }

    /// Emergencies, the newest first.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn emergencies(&self, whose: &Whose, most: u32) -> Result<Vec<Emergency>> {
        let (mut out, company) = (Vec::new(), whose.company);
        for store in self.0.regions.values() {
            let rows = store.data.read(move |tx| emergencies::all(tx, company, most)).await?;
            out.extend(with_words(store, self.within_reach(whose, rows).await?).await?);
        }
        out.sort_by_key(|one| std::cmp::Reverse(one.asked_at));
        Ok(out)
    }

    /// Those about people who are within reach; about whoever was erased nothing is told but that it was.
    async fn within_reach(
        &self,
        whose: &Whose,
        mut rows: Vec<emergencies::Emergency>,
    ) -> Result<Vec<emergencies::Emergency>> {
        let people: Vec<PersonId> = rows.iter().filter_map(|row| row.person).collect();
        let here = self.within(whose, &people).await?;
        rows.retain(|row| row.person.is_none_or(|person| here.contains(&person)));
        Ok(rows)
    }

    /// The emergencies about one person, the newest first: they read all of them.
    ///
    /// # Errors
    /// What the store said.
    pub async fn emergencies_of(&self, dossier: &Dossier) -> Result<Vec<Emergency>> {
        let (company, person) = (dossier.person.company, dossier.person.id);
        let store = self.region(&dossier.region)?;
        let rows = store.data.read(move |tx| emergencies::of_person(tx, company, person)).await?;
        Ok(rows.into_iter().map(|row| Emergency { typed: typed(&dossier.key, &row), row }).collect())
    }

    /// Notes that something was looked at: called once the person has been told.
    ///
    /// # Errors
    /// What the store said.
    pub async fn looked_in_emergency(&self, dossier: &Dossier, id: RequestId, at: Timestamp) -> Result<()> {
        let company = dossier.person.company;
        let store = self.region(&dossier.region)?;
        Ok(store.data.write(move |tx| emergencies::looked(tx, company, id, at)).await?)
    }
}

async fn with_words(store: &RegionStore, rows: Vec<emergencies::Emergency>) -> Result<Vec<Emergency>> {
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.person).collect();
    let keys: HashMap<PersonId, PersonKey> = store.keys.of(&people).await?;
    let told = |row: emergencies::Emergency| {
        let typed = row.person.and_then(|id| keys.get(&id)).and_then(|key| typed(key, &row));
        Emergency { row, typed }
    };
    Ok(rows.into_iter().map(told).collect())
}
