//! Programs that act for a person with a key of theirs. What the person calls one is sealed under the person's key, and
//! stands in every line of their ledger that it makes: they read who acted, and nobody else does.

use assent_kernel::ledger::Kind;
use assent_kernel::{Asker, StaffId, Timestamp};
use assent_store::own_keys::{self, May, OwnKey};
use assent_store::people;

use crate::draft::{self, Draft};
use crate::emergency::noted;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::record::write_line;
use crate::seal::{open, seal};
use crate::start::Gate;

/// Before a program's name, among what else counted for a line.
const BY: &str = "program ";
/// How often it is noted that a key is in use.
const USED_EVERY: assent_kernel::Span = assent_kernel::Span::minutes(5);

/// The program that a line was made by, as its person calls it.
#[must_use]
pub fn program_of(detail: &assent_kernel::ledger::Detail) -> Option<&str> {
    detail.context.iter().find_map(|word| word.strip_prefix(BY))
}

fn place(id: StaffId) -> Vec<u8> {
    format!("own-key/{id}").into_bytes()
}

impl Dossier {
    /// The same person, for whom a program of theirs acts.
    ///
    /// # Errors
    /// [`GateError::Unreadable`] when the key is another person's.
    pub fn through(self, key: &OwnKey) -> Result<Self> {
        let name = self.program_name(key)?;
        Ok(Self { program: Some(name), ..self })
    }
    /// What the person calls a program.
    ///
    /// # Errors
    /// [`GateError::Unreadable`] when the key is another person's.
    pub fn program_name(&self, key: &OwnKey) -> Result<String> {
        let plain = open(self.key.detail().bytes(), &place(key.id), &key.name)?;
        String::from_utf8(plain).map_err(|_| GateError::Unreadable)
    }
    /// Writes into a line that a program acted, if one did.
    pub(crate) fn sign(&self, draft: &mut Draft) {
        draft.detail.context.extend(self.program.as_ref().map(|name| format!("{BY}{name}")));
    }
}

impl Gate {
    /// Lets a program act for a person, known by the digest of its key. Nothing when as many act for them as may.
    ///
    /// # Errors
    /// [`GateError::Input`] for a name without a letter; what the stores said.
    pub async fn let_program(
        &self,
        dossier: &Dossier,
        token: [u8; 32],
        (name, may): (&str, May),
        at: Timestamp,
    ) -> Result<Option<OwnKey>> {
        let name = noted(name.trim());
        if name.is_empty() {
            return Err(GateError::Input("the program needs a name".into()));
        }
        if self.programs_of(dossier, at).await?.len() >= own_keys::MOST as usize {
            return Ok(None);
        }
        let id = self.fresh(at, StaffId::new)?;
        let sealed = seal(dossier.key.detail().bytes(), &place(id), name.as_bytes())?;
        let (company, person) = (dossier.person.company, dossier.person.id);
        let until = at.plus(own_keys::LASTS);
        let key = OwnKey { id, company, person, name: sealed, may, made_at: at, until, used_at: None };
        // First the line: no key works of which the person cannot read that it was made.
        self.tell_program(dossier, "PROGRAM_MADE", name.clone(), at).await?;
        let row = key.clone();
        if self.0.home.write(move |tx| own_keys::add(tx, &token, &row)).await? {
            return Ok(Some(key));
        }
        // Others were made at the same moment, or the person is gone, and this says so.
        self.tell_program(dossier, "PROGRAM_ENDED", name, at).await.map(|()| None)
    }

    /// The keys that work for a person.
    ///
    /// # Errors
    /// What the store said.
    pub async fn programs_of(&self, dossier: &Dossier, at: Timestamp) -> Result<Vec<OwnKey>> {
        let person = dossier.person.id;
        Ok(self.0.home.read(move |tx| own_keys::of_person(tx, person, at)).await?)
    }

    /// Ends a key: nothing is done with it from then on. False when it was none of this person's.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn end_program(&self, dossier: &Dossier, id: StaffId, at: Timestamp) -> Result<bool> {
        let all = self.programs_of(dossier, at).await?;
        let Some(key) = all.into_iter().find(|one| one.id == id) else { return Ok(false) };
        let person = dossier.person.id;
        if !self.0.home.write(move |tx| own_keys::end(tx, person, id, at)).await? {
            return Ok(false);
        }
        // A name that does not open any more keeps nobody from ending what bears it.
        let name = dossier.program_name(&key).unwrap_or_default();
        self.tell_program(dossier, "PROGRAM_ENDED", name, at).await?;
        Ok(true)
    }

    /// The key that has this digest, while it works. It is looked up anew at each call: one that was ended is none at once.
    ///
    /// # Errors
    /// What the store said.
    pub async fn own_key(&self, token: [u8; 32], at: Timestamp) -> Result<Option<OwnKey>> {
        let found = self.0.home.read(move |tx| own_keys::by_token(tx, &token, at)).await?;
        let due = |one: &OwnKey| one.used_at.is_none_or(|used| used.plus(USED_EVERY) <= at);
        // By a clock that is wrong nothing is noted: nobody would take it back.
        if found.as_ref().is_some_and(due) && self.clock_stands(at).is_ok() {
            self.0.home.write(move |tx| own_keys::used(tx, &token, at)).await?;
        }
        Ok(found)
    }

    /// Writes into the person's ledger that a program came or went.
    async fn tell_program(&self, dossier: &Dossier, what: &str, name: String, at: Timestamp) -> Result<()> {
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let company = dossier.person.company;
        let standing = self.policy_in(store, company).await?;
        let mut draft =
            draft::of_act(Kind::TermsSet, None, &dossier.region, standing.digest, Asker::Person, at);
        draft.detail.outcome = what.to_owned();
        draft.detail.note = name;
        let log = store.log(&self.company(company).await?.code);
        let (person, key) = (dossier.person.id, dossier.key.clone());
        let write = move |tx: &mut assent_store::Tx<'_>| {
            people::hold(tx, &[person])?;
            write_line(tx, person, &key, &draft, &log, at)
        };
        store.data.write(write).await?;
        store.appended.notify_one();
        Ok(())
    }
}
