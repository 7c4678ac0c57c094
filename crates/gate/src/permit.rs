//! What opens a held fact: a permit for one use of one person, minted only after its entry is durable.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use assent_kernel::mandate::Mask;
use assent_kernel::{
    FactId, Matter, Open, PersonId, PurposeKey, Reason, Role, Ruling, Use, UseKind, Verdict,
};

use crate::error::Result;
use crate::held::{Content, Held};
use crate::keys::PersonKey;
use crate::seal;

/// The answer to a question that was asked at the door.
#[derive(Debug)]
pub enum Answer<U: UseKind> {
    /// At least one fact may be used, and it is written down.
    Permit(Permit<U>),
    /// Nothing may be used, and that is written down too.
    Refusal(Refusal),
}

/// A permit for one use of one person's facts. Only the gate can make one, after the ledger entry is durable:
///
/// ```compile_fail
/// // forging: there is no constructor …
/// let permit = assent_gate::Permit::<assent_kernel::uses::kind::View> {};
/// ```
/// ```compile_fail,E0616
/// // … and no field is anybody else's, neither to read nor to put something wider in its place
/// fn widen(mine: &mut assent_gate::Permit<assent_kernel::uses::kind::View>) { mine.open.clear(); }
/// ```
/// ```compile_fail,E0616
/// fn steal(mine: &assent_gate::Permit<assent_kernel::uses::kind::View>) { let _ = &mine.key; }
/// ```
/// ```compile_fail
/// // a permit to view is no permit to message
/// use assent_kernel::uses::kind::{Message, View};
/// fn send(_: &assent_gate::Permit<Message>) {}
/// fn misuse(permit: &assent_gate::Permit<View>) { send(permit) }
/// ```
pub struct Permit<U: UseKind> {
    pub(crate) person: PersonId,
    /// Why it was asked for, and in which role.
    pub(crate) purpose: PurposeKey,
    pub(crate) role: Role,
    pub(crate) open: BTreeMap<FactId, Open>,
    pub(crate) ruling: Ruling,
    pub(crate) key: PersonKey,
    pub(crate) recorded: Recorded,
    pub(crate) means: PhantomData<fn() -> U>,
}

impl<U: UseKind> fmt::Debug for Permit<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit<{}>({})", U::USE.name(), self.person)
    }
}

/// A fact that the permit does not cover, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCovered(pub Option<Reason>);

/// A use that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The person's count of uses; 0 in a use on many people, whose lines have a place there and no number.
    pub seq: u64,
}

/// A value while a permit covers it. Shows itself to a page by `Deref`; its `Debug` shows nothing.
pub struct Opened<T> {
    value: T,
    mask: Mask,
}

impl<T> Deref for Opened<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
impl<T> fmt::Debug for Opened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}
impl<T> Opened<T> {
    /// How much of the value this is.
    #[must_use]
    pub const fn mask(&self) -> Mask {
        self.mask
    }
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<U: UseKind> Permit<U> {
    /// Opens a held fact, if this permit covers it.
    ///
    /// ```compile_fail
    /// // reading without a permit: Held has no way in of its own
    /// fn read(held: &assent_gate::Held<String>) -> String { held.open() }
    /// ```
    ///
    /// # Errors
    /// [`NotCovered`] with the reason when the ruling closed this fact or did not speak of it.
    pub fn open<T: Content>(&self, held: &Held<T>) -> std::result::Result<Opened<T>, NotCovered> {
        let covered = self.open.get(&held.id()).filter(|_| held.person == self.person);
        let open = covered.ok_or_else(|| NotCovered(self.closed(held.id()).cloned()))?;
        let bytes = self.unseal(held).map_err(|_| NotCovered(None))?;
        let value = T::from_bytes(&bytes).map_err(|_| NotCovered(None))?;
        Ok(match open.mask {
            Mask::Full => Opened { value, mask: Mask::Full },
            Mask::Partial => Opened { value: value.partial(), mask: Mask::Partial },
        })
    }

    fn unseal<T>(&self, held: &Held<T>) -> Result<Vec<u8>> {
        let key = self.key.fact(held.id());
        seal::open(key.bytes(), &place(self.person, &held.fact), &held.sealed)
    }

    /// Why a fact is closed under this permit.
    #[must_use]
    pub fn closed(&self, fact: FactId) -> Option<&Reason> {
        self.verdict(fact).and_then(Verdict::closed)
    }
    /// What opened a fact under this permit.
    #[must_use]
    pub fn opened(&self, fact: FactId) -> Option<&Open> {
        self.open.get(&fact)
    }
    fn verdict(&self, fact: FactId) -> Option<&Verdict> {
        self.ruling
            .verdicts
            .iter()
            .find(|(matter, _)| *matter == Matter::Held(fact))
            .map(|(_, verdict)| verdict)
    }
    /// The ruling behind it.
    #[must_use]
    pub const fn ruling(&self) -> &Ruling {
        &self.ruling
    }
    /// Whom it is about.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }
    /// Where it is written down.
    #[must_use]
    pub const fn recorded(&self) -> Recorded {
        self.recorded
    }
    /// The use it permits.
    #[must_use]
    pub const fn what(&self) -> Use {
        U::USE
    }
}

/// A refusal: the ruling, and where it is written down.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The ruling.
    pub ruling: Ruling,
    /// Where it is written down; `None` when there is nobody under whose key it could be.
    pub recorded: Option<Recorded>,
}

impl<U: UseKind> Answer<U> {
    /// The ruling, either way.
    #[must_use]
    pub const fn ruling(&self) -> &Ruling {
        match self {
            Self::Permit(permit) => &permit.ruling,
            Self::Refusal(refusal) => &refusal.ruling,
        }
    }
    /// The permit, if it is one.
    #[must_use]
    pub const fn permit(&self) -> Option<&Permit<U>> {
        match self {
            Self::Permit(permit) => Some(permit),
            Self::Refusal(_) => None,
        }
    }
    /// Opens a fact if the answer covers it; otherwise why not.
    ///
    /// # Errors
    /// [`NotCovered`] with the reason.
    pub fn open<T: Content>(&self, held: &Held<T>) -> std::result::Result<Opened<T>, NotCovered> {
        match self {
            Self::Permit(permit) => permit.open(held),
            Self::Refusal(refusal) => {
                let verdict =
                    refusal.ruling.verdicts.iter().find(|(matter, _)| *matter == Matter::Held(held.id()));
                Err(NotCovered(verdict.and_then(|(_, v)| v.closed()).cloned()))
            }
        }
    }
}

/// Where a value belongs: sealed bytes moved elsewhere do not open.
pub(crate) fn place(person: PersonId, fact: &assent_kernel::Fact) -> Vec<u8> {
    format!("fact/{person}/{}/{}", fact.id, fact.category).into_bytes()
}

/// The facts a ruling opened.
pub(crate) fn opened(ruling: &Ruling) -> BTreeMap<FactId, Open> {
    let open = |(matter, verdict): &(Matter, Verdict)| match (matter, verdict) {
        (Matter::Held(id), Verdict::Open(open)) => Some((*id, open.clone())),
        (Matter::Held(_) | Matter::Kind(_), Verdict::Open(_) | Verdict::Closed(_)) => None,
    };
    ruling.verdicts.iter().filter_map(open).collect()
}
