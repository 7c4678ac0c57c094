//! What a room may carry: facts and people, sealed. Nothing here can be read, printed, logged or serialised.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use assent_kernel::fact::Fact;
use assent_kernel::{
    CategoryKey, FactId, Matter, NonEmpty, Person, PersonId, Region, StaffId, Timestamp, TreeKey,
};
use sha2::{Digest as _, Sha256};

use assent_store::people::joined::Group;

use crate::error::{GateError, Result};
use crate::keys::PersonKey;

/// What the bytes of a fact mean once they are open.
pub trait Content: Sized {
    /// Reads the bytes.
    ///
    /// # Errors
    /// [`GateError::Unreadable`] when they mean something else.
    fn from_bytes(bytes: &[u8]) -> Result<Self>;
    /// The value cut down so that people can be told apart, and no more.
    #[must_use]
    fn partial(self) -> Self;
}

impl Content for String {
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_utf8(bytes.to_vec()).map_err(|_| GateError::Unreadable)
    }
    fn partial(self) -> Self {
        self.split(' ').map(partial_word).collect::<Vec<_>>().join(" ")
    }
}

/// `mia.ito@example.org` → `m…@e….org`, `Ito` → `I…`, `+4915…` → `+4…`.
fn partial_word(word: &str) -> String {
    if let Some((local, domain)) = word.split_once('@') {
        let end = domain.rsplit_once('.').map_or("", |(_, end)| end);
        return format!("{}@{}.{end}", head(local), head(domain));
    }
    head(word)
}

fn head(word: &str) -> String {
    let mut out: String = word.chars().take(if word.starts_with('+') { 3 } else { 1 }).collect();
    if word.chars().count() > 1 {
        out.push('…');
    }
    out
}

/// A fact's value, sealed. It has no `Display`, no `Serialize`, and its `Debug` says only which fact it is:
///
/// ```compile_fail
/// fn print(held: &assent_gate::Held<String>) { println!("{held}"); }
/// ```
/// ```compile_fail
/// fn json(held: &assent_gate::Held<String>) -> impl serde::Serialize + '_ { held }
/// ```
pub struct Held<T> {
    pub(crate) person: PersonId,
    pub(crate) fact: Fact,
    pub(crate) sealed: Vec<u8>,
    pub(crate) means: PhantomData<fn() -> T>,
}

impl<T> Held<T> {
    /// Which fact.
    #[must_use]
    pub const fn id(&self) -> FactId {
        self.fact.id
    }
    /// What is known of it without reading it.
    #[must_use]
    pub const fn fact(&self) -> &Fact {
        &self.fact
    }
    /// Which sealing of it this is: another one after every change, and nothing of the value.
    #[must_use]
    pub fn version(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(&self.sealed).into();
        let first = digest.split_first_chunk::<8>().map_or(0, |(head, _)| u64::from_be_bytes(*head));
        format!("{first:016x}")
    }
    /// What kind it is.
    #[must_use]
    pub const fn category(&self) -> &CategoryKey {
        &self.fact.category
    }
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({})", self.fact.id)
    }
}

/// A person as a room may carry them: what the law knows, and the facts, sealed.
pub struct Dossier {
    /// As the law sees them: every decision is made on this.
    pub(crate) person: Person,
    /// What this record said itself, when there are others of the same human.
    pub(crate) own: Option<Box<Person>>,
    /// All records of the same human, when there are several.
    pub(crate) group: Option<Group>,
    /// True when only what this record said itself may be shown.
    pub(crate) alone: bool,
    pub(crate) region: Region,
    pub(crate) key: PersonKey,
    pub(crate) facts: BTreeMap<FactId, Held<String>>,
    pub(crate) created_at: Timestamp,
    /// Who looks after them; told by the directory, and so only of whom the gate looked up there.
    pub(crate) owner: Option<StaffId>,
    /// When their terms were changed last.
    pub(crate) acted_at: Timestamp,
    /// True while they are deleted and can be brought back.
    pub(crate) gone: bool,
    /// The number of their newest use, as far as it had an index.
    pub(crate) seq: u64,
    /// What the person calls the program of theirs that acts, when one does.
    pub(crate) program: Option<String>,
}

impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dossier({})", self.person.id)
    }
}

impl Dossier {
    /// How many facts were looked up, and when the newest was confirmed: what [`assent_store::people::fact_mark`] tells
    /// of the facts that lie there now.
    pub(crate) fn mark(&self) -> (i64, i64) {
        let newest = self.facts.values().map(|held| held.fact.confirmed_at.micros()).max().unwrap_or(0);
        (i64::try_from(self.facts.len()).unwrap_or(i64::MAX), newest)
    }
    /// Who.
    #[must_use]
    pub const fn id(&self) -> PersonId {
        self.person.id
    }
    /// What the law knows of them: terms and kinds of facts, no values.
    #[must_use]
    pub fn person(&self) -> &Person {
        if self.alone { self.own() } else { &self.person }
    }
    /// What this record said itself, whatever other records of the same human close.
    #[must_use]
    pub fn own(&self) -> &Person {
        self.own.as_deref().unwrap_or(&self.person)
    }
    /// The record that stands for this human: this one, or the one that it was joined into.
    #[must_use]
    pub fn stands_for(&self) -> PersonId {
        self.group.as_ref().map_or(self.person.id, |group| group.root)
    }
    /// Every record of this human.
    #[must_use]
    pub fn records(&self) -> Vec<PersonId> {
        self.group.as_ref().map_or_else(|| vec![self.person.id], |group| group.ids().collect())
    }
    /// The records that were joined, each with the one it was joined into and since when.
    pub fn links(&self) -> impl Iterator<Item = (PersonId, PersonId, Timestamp)> {
        let members = self.group.iter().flat_map(|group| &group.members);
        members.filter_map(|one| Some((one.person, one.into?, one.at)))
    }
    /// True when a fact was chosen to stand first among several of its kind.
    #[must_use]
    pub fn is_first(&self, fact: FactId) -> bool {
        self.group.iter().flat_map(|group| &group.members).any(|one| one.firsts.contains(&fact))
    }
    /// Where their facts are.
    #[must_use]
    pub const fn region(&self) -> &Region {
        &self.region
    }
    /// Since when they are known here.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }
    /// Who looks after them.
    #[must_use]
    pub const fn owner(&self) -> Option<StaffId> {
        self.owner
    }
    /// Their facts, sealed.
    pub fn facts(&self) -> impl Iterator<Item = &Held<String>> {
        self.facts.values()
    }
    /// One fact, sealed.
    #[must_use]
    pub fn fact(&self, id: FactId) -> Option<&Held<String>> {
        self.facts.get(&id)
    }
    /// All facts as matters of a question; `None` when nothing is held.
    #[must_use]
    pub fn everything(&self) -> Option<NonEmpty<Matter>> {
        self.matters(|_| true)
    }
    /// The facts of these categories as matters of a question; `None` when there are none.
    #[must_use]
    pub fn of_categories(&self, wanted: &[CategoryKey]) -> Option<NonEmpty<Matter>> {
        self.matters(|category| wanted.iter().any(|upper| upper.covers(category)))
    }
    fn matters(&self, wanted: impl Fn(&CategoryKey) -> bool) -> Option<NonEmpty<Matter>> {
        let all: Vec<Matter> = self
            .facts
            .values()
            .filter(|held| wanted(&held.fact.category))
            .map(|held| Matter::Held(held.fact.id))
            .collect();
        NonEmpty::try_from(all).ok()
    }
}
