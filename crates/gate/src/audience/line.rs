//! One person's line in a use on many: what the entry commits to, and the little of it that is their own and stored.

use std::collections::BTreeMap;
use std::sync::Mutex;

use assent_kernel::ledger::among::TAG;
use assent_kernel::ledger::cbor::{Reader, Writer};
use assent_kernel::ledger::merkle::leaf_hash;
use assent_kernel::ledger::{Detail, Hash, nonce_among};
use assent_kernel::{FactId, GrantId, Reason};

use crate::draft::Draft;
use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::seal::{open_with, seal_with};
use crate::start::lock;

/// The most different forms of one batch; whoever would need another gets an entry of their own.
const MOST_FORMS: usize = 4_096;
/// The longest part of a person: two hundred facts and sixteen grants, and their heads.
const LONGEST: usize = 16 * 220 + 64;

/// What many lines of a batch share, encoded, and what closed some of what was asked for.
pub(super) type Form = (Vec<u8>, Option<Reason>);

/// The forms of a batch, each with its number.
#[derive(Debug, Default)]
pub(super) struct Forms(Mutex<BTreeMap<Form, u16>>);

impl Forms {
    /// The number of a form; nothing when there are too many.
    fn number(&self, form: Vec<u8>, closed: Option<Reason>) -> Result<Option<u16>> {
        let mut known = self.0.lock().map_err(|_| lock())?;
        let next = known.len();
        if let Some(number) = known.get(&(form.clone(), closed.clone())) {
            return Ok(Some(*number));
        }
        let Some(number) = u16::try_from(next).ok().filter(|_| next < MOST_FORMS) else { return Ok(None) };
        known.insert((form, closed), number);
        Ok(Some(number))
    }

    /// All of them by number.
    pub(super) fn all(&self) -> Result<Vec<Form>> {
        let known = self.0.lock().map_err(|_| lock())?;
        let mut all: Vec<_> = known.iter().map(|(form, number)| (*number, form.clone())).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, form)| form).collect())
    }
}

/// A line on its way into the tree.
pub(super) struct Made {
    pub(super) tag: u64,
    pub(super) hash: Hash,
    pub(super) form: u16,
    pub(super) sealed: Vec<u8>,
}

/// What of a line is the person's own: everything else is its form.
struct Own {
    form: u16,
    grants: Vec<u8>,
    facts: Vec<u8>,
}

/// Ids as bytes, one after the other.
fn packed<'a>(ids: impl Iterator<Item = [u8; 16]> + 'a) -> Vec<u8> {
    ids.flatten().collect()
}

fn unpacked(bytes: &[u8]) -> impl Iterator<Item = [u8; 16]> + '_ {
    bytes.chunks_exact(16).filter_map(|one| one.try_into().ok())
}

fn grant(warrant: &str) -> Option<[u8; 16]> {
    warrant.parse::<GrantId>().ok().map(GrantId::to_bytes)
}

/// The detail without what is the person's own, and that.
fn split(detail: &Detail) -> (Detail, Vec<u8>, Vec<u8>) {
    let warrants = || detail.warrant.split(' ');
    let grants = packed(warrants().filter_map(grant));
    let rest: Vec<&str> = warrants().filter(|one| grant(one).is_none()).collect();
    let facts = packed(detail.facts.iter().filter_map(|id| id.parse::<FactId>().ok()).map(FactId::to_bytes));
    (Detail { warrant: rest.join(" "), facts: Vec::new(), ..detail.clone() }, grants, facts)
}

/// Grants stand before mandates, as [`assent_kernel::Ruling::warrants`] has them.
fn joined(form: Detail, own: &Own) -> Detail {
    let grants = unpacked(&own.grants).map(|id| GrantId::from_bytes(id).to_string());
    let rest = (!form.warrant.is_empty()).then(|| form.warrant.clone());
    let warrant = grants.chain(rest).collect::<Vec<_>>().join(" ");
    let facts = unpacked(&own.facts).map(|id| FactId::from_bytes(id).to_string()).collect();
    Detail { warrant, facts, ..form }
}

impl Own {
    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(3).uint(self.form.into()).bytes(&self.grants).bytes(&self.facts);
        w.finish()
    }
    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes, LONGEST)?;
        if r.array(3)? != 3 {
            return Err(GateError::Unreadable);
        }
        let form = u16::try_from(r.uint()?).map_err(|_| GateError::Unreadable)?;
        let (grants, facts) = (r.bytes(LONGEST)?.to_vec(), r.bytes(LONGEST)?.to_vec());
        r.finish()?;
        Ok(Self { form, grants, facts })
    }
}

/// The first bytes of a nonce, as a number that sorts as they do.
pub(super) fn tag(nonce: &[u8; 16]) -> u64 {
    nonce.first_chunk::<TAG>().map_or(0, |tag| u64::from_be_bytes(*tag))
}

/// Makes a person's line; nothing when its form is one too many.
pub(super) fn make(
    batch: [u8; 16],
    draft: &Draft,
    closed: Option<Reason>,
    key: &PersonKey,
    forms: &Forms,
) -> Result<Option<Made>> {
    let (form, grants, facts) = split(&draft.detail);
    let Some(form) = forms.number(form.encode()?, closed)? else { return Ok(None) };
    let salt = key.salt();
    let nonce = nonce_among(salt.bytes(), &batch);
    let line = draft.line_as(salt.bytes(), nonce, 0, None)?;
    let own = Own { form, grants, facts }.encode();
    let sealed = seal_with(key.among().bytes(), nonce, &batch, &own)?;
    Ok(Some(Made { tag: tag(&nonce), hash: leaf_hash(&line.leaf), form, sealed }))
}

/// What a person's line commits to, from their part and the forms of its batch.
pub(super) fn read(
    batch: [u8; 16],
    nonce: [u8; 16],
    sealed: &[u8],
    key: &PersonKey,
    forms: &[Detail],
) -> Result<Detail> {
    let own = Own::decode(&open_with(key.among().bytes(), nonce, &batch, sealed)?)?;
    let form = forms.get(usize::from(own.form)).ok_or(GateError::Unreadable)?;
    Ok(joined(form.clone(), &own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ones_own_comes_back() {
        let (grants, facts) =
            ([GrantId::from_bytes([1; 16]), GrantId::from_bytes([2; 16])], [[3; 16], [4; 16]]);
        let warrant = format!("{} {} de-uwg-7 gdpr-6", grants[0], grants[1]);
        let facts: Vec<String> = facts.iter().map(|id| FactId::from_bytes(*id).to_string()).collect();
        for warrant in [warrant, String::new(), "gdpr-6".into(), grants[0].to_string()] {
            let detail =
                Detail { warrant, facts: facts.clone(), outcome: "PERMIT".into(), ..Detail::default() };
            let (form, grants, ids) = split(&detail);
            assert!(form.facts.is_empty() && !form.warrant.contains(GrantId::PREFIX));
            let own = Own::decode(&Own { form: 7, grants, facts: ids }.encode()).unwrap();
            assert_eq!((joined(form, &own), own.form), (detail.clone(), 7));
        }
    }
}
