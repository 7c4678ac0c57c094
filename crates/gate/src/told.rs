//! Telling those who received something that its person was erased (GDPR Art. 19). Whom, is written down in the commit that
//! erases; how, is seen to afterwards: a letter where the party said where to, or somebody has to do it by hand.

use std::collections::{BTreeMap, BTreeSet};

use assent_kernel::{CompanyId, FactId, MailId, PartyId, Policy, Region, Span, StaffId, Timestamp};
use assent_store::told::{self, Telling};
use assent_store::{Db, Place};
use sha2::{Digest as _, Sha256};

use crate::draft::NO_USE;
use crate::error::{GateError, Result};
use crate::farewell::Farewell;
use crate::held::Dossier;
use crate::integrate;
use crate::post::Letter;
use crate::region::RegionStore;
use crate::seal::random;
use crate::start::{Gate, Stores};
use crate::uses::UseLine;

/// The most lines of one person that are looked through.
const MOST_LINES: usize = 100_000;
/// The most kinds that are named.
const MOST_KINDS: usize = 50;
/// For how long a letter waits to be taken.
const WAITS: Span = Span::days(30);
/// For how long it can be shown that a party was told (GDPR Art. 5(2)).
const SHOWN_FOR: Span = Span::days(3 * 365);

/// A party outside the company that a permitted use reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its code, as the ledger has it.
    pub code: String,
    /// When last.
    pub last: Timestamp,
    /// Which kinds of facts.
    pub kinds: BTreeSet<String>,
}

/// Everybody outside the company that permitted uses reached, the last one first.
#[must_use]
pub fn recipients(lines: &[UseLine], policy: &Policy) -> Vec<Recipient> {
    let home = policy.parties.get(&policy.home).map(|party| party.code.as_str());
    let mut all: BTreeMap<&str, Recipient> = BTreeMap::new();
    let used = lines.iter().map(|line| &line.detail);
    for detail in used.filter(|detail| detail.use_code != NO_USE && detail.outcome == "PERMIT") {
        let at = Timestamp::from_micros(detail.at);
        for code in detail.chain.iter().filter(|code| Some(code.as_str()) != home) {
            let fresh = || Recipient { code: code.clone(), last: at, kinds: BTreeSet::new() };
            let one = all.entry(code).or_insert_with(fresh);
            one.last = one.last.max(at);
            one.kinds.extend(detail.categories.iter().cloned());
        }
    }
    let mut all: Vec<Recipient> = all.into_values().collect();
    all.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.code.cmp(&b.code)));
    all
}

fn digest(token: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn place(party: PartyId) -> String {
    format!("party-contact/{party}")
}

/// Kinds of which a law keeps all that is held.
fn kinds_kept(dossier: &Dossier, kept: &BTreeSet<FactId>) -> BTreeSet<String> {
    let (stays, goes): (Vec<_>, Vec<_>) = dossier.facts().partition(|held| kept.contains(&held.id()));
    let goes: BTreeSet<_> = goes.iter().map(|held| held.category()).collect();
    let whole = stays.iter().map(|held| held.category()).filter(|kind| !goes.contains(kind));
    whole.map(ToString::to_string).collect()
}

impl Gate {
    /// Whom an erasure has to be told to, and the token under which its person sees what became of it. Of a kind of which a
    /// law keeps all that is held, nothing is erased yet: whoever received it is told when the law's time is over, and has to
    /// be written down now, for then nobody can read who received what.
    pub(crate) async fn tellings(
        &self,
        dossier: &Dossier,
        policy: &Policy,
        kept: &BTreeSet<FactId>,
        at: Timestamp,
    ) -> Result<(Option<[u8; 32]>, Vec<Telling>)> {
        let found = recipients(&self.all_lines(dossier, MOST_LINES).await?, policy);
        let stay = kinds_kept(dossier, kept);
        if found.is_empty() {
            return Ok((None, Vec::new()));
        }
        let token: [u8; 32] = random()?;
        let telling = |(one, kinds, state): (&Recipient, BTreeSet<String>, told::State)| {
            Ok(Telling {
                id: self.fresh(at, MailId::new)?,
                company: dossier.person.company,
                erasure: digest(&token),
                person: dossier.person.id,
                party: one.code.clone(),
                kinds: kinds.into_iter().take(MOST_KINDS).collect::<Vec<_>>().join(" "),
                last_at: one.last,
                erased_at: at,
                state,
                told_at: None,
                told_by: None,
            })
        };
        let parts = found.iter().flat_map(|one| {
            let (later, now): (BTreeSet<_>, BTreeSet<_>) =
                one.kinds.iter().cloned().partition(|kind| stay.contains(kind));
            let kept = (!later.is_empty()).then_some((one, later, told::State::Kept));
            let gone = (kept.is_none() || !now.is_empty()).then_some((one, now, told::State::Fresh));
            gone.into_iter().chain(kept)
        });
        Ok((Some(token), parts.map(telling).collect::<Result<_>>()?))
    }

    /// Sees to it that parties are told of erasures: a letter in these words to whoever said where to, and somebody's task
    /// for the others. Done twice, it is done once. One that cannot be seen to now holds up no other.
    ///
    /// # Errors
    /// What the stores said first; the rest is done at the next call.
    pub async fn tell_recipients(&self, words: fn(&str, &Telling) -> Letter, at: Timestamp) -> Result<()> {
        let mut first = Ok(());
        for store in self.0.regions.values() {
            first = first.and(self.tell_of(store, words, at).await);
        }
        first
    }

    async fn tell_of(
        &self,
        store: &RegionStore,
        words: fn(&str, &Telling) -> Letter,
        at: Timestamp,
    ) -> Result<()> {
        for late in store.data.write(move |tx| told::overdue(tx, at.minus(WAITS))).await? {
            self.drop_farewell(late).await?;
        }
        let (mut first, mut last) = (Ok(()), MailId::from_bytes([0; 16]));
        loop {
            let after = last;
            let fresh = store.data.read(move |tx| told::fresh(tx, after)).await?;
            let Some(newest) = fresh.last() else { return first };
            last = newest.id;
            for one in &fresh {
                first = first.and(self.tell_one(store, one, words, at).await);
            }
        }
    }

    /// The letter lies in another store than what is noted of it. Whoever is cut off between, or does this beside another
    /// node, writes it again, and it is dropped when it is to leave: see [`Gate::telling_tried`].
    async fn tell_one(
        &self,
        store: &RegionStore,
        one: &Telling,
        words: fn(&str, &Telling) -> Letter,
        at: Timestamp,
    ) -> Result<()> {
        let (id, written) = (one.id, self.write_to(one, words, at).await?);
        Ok(store.data.write(move |tx| told::looked_at(tx, id, written)).await?)
    }

    /// Drops what was told so long ago that nobody has to be shown it any more.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn tidy_told(&self, at: Timestamp) -> Result<()> {
        for store in self.0.regions.values() {
            store.data.write(move |tx| told::tidy(tx, at.minus(SHOWN_FOR))).await?;
        }
        Ok(())
    }

    /// Writes the letter, if it is known where to.
    async fn write_to(
        &self,
        one: &Telling,
        words: fn(&str, &Telling) -> Letter,
        at: Timestamp,
    ) -> Result<bool> {
        let standing = self.policy(one.company).await?;
        let Some(party) = standing.policy.party(&one.party).map(|party| party.id) else { return Ok(false) };
        let address = match self.party_contact(one.company, party).await {
            Ok(Some(address)) => address,
            // An address that does not open is none.
            Ok(None) | Err(GateError::Unreadable) => return Ok(false),
            Err(error) => return Err(error),
        };
        let letter = words(&self.company(one.company).await?.name, one);
        let to = Farewell::to_party(one.person, address);
        self.post_farewell_as(one.company, one.id, &to, &letter, at).await?;
        Ok(true)
    }

    /// Where a party is told.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn party_contact(&self, company: CompanyId, party: PartyId) -> Result<Option<String>> {
        let sealed = self.0.home.read(move |tx| told::contact(tx, company, party)).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = self.open_secret(company, &place(party), &sealed).await?;
        String::from_utf8(plain).map(Some).map_err(|_| GateError::Unreadable)
    }

    /// Keeps where a party is told; nothing forgets it.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn set_party_contact(
        &self,
        company: CompanyId,
        party: PartyId,
        address: Option<&str>,
    ) -> Result<()> {
        let sealed = match address {
            Some(address) => Some(self.seal_secret(company, &place(party), address.as_bytes()).await?),
            None => None,
        };
        Ok(self.0.home.write(move |tx| told::set_contact(tx, company, party, sealed.as_ref())).await?)
    }

    /// Who received something of somebody who was erased, for whoever holds the token of that erasure.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn told_of(&self, token: &[u8; 32]) -> Result<Vec<Telling>> {
        let (erasure, mut out) = (digest(token), Vec::new());
        for store in self.0.regions.values() {
            out.extend(store.data.read(move |tx| told::of_erasure(tx, &erasure)).await?);
        }
        Ok(out)
    }

    /// Parties of a company that were not told yet, the oldest erasure first.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn to_be_told(&self, company: CompanyId, most: u32) -> Result<Vec<Telling>> {
        let mut out = Vec::new();
        for store in self.0.regions.values() {
            out.extend(store.data.read(move |tx| told::open(tx, company, most.into())).await?);
        }
        out.sort_by_key(|one| one.erased_at);
        Ok(out)
    }

    /// How many somebody has to tell by hand, up to a number.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn to_tell_by_hand(&self, company: CompanyId, most: u32) -> Result<usize> {
        let mut sum = 0_usize;
        for store in self.0.regions.values() {
            let some = store.data.read(move |tx| told::to_do(tx, company, most.into())).await?;
            sum = sum.saturating_add(usize::try_from(some).unwrap_or(0));
        }
        Ok(sum)
    }

    /// Writes down that somebody told a party by hand; a letter to it that waits does not leave any more. False when there
    /// was nothing to do.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn told_by_hand(
        &self,
        company: CompanyId,
        id: MailId,
        staff: StaffId,
        at: Timestamp,
    ) -> Result<bool> {
        for store in self.0.regions.values() {
            if store.data.write(move |tx| told::by_hand(tx, company, id, (staff, at))).await? {
                self.drop_farewell(id).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes when a letter that may be such a one is handed over. False when it must not be: the party was told already.
    pub(crate) async fn telling_tried(&self, id: MailId, at: Timestamp) -> Result<bool> {
        for store in self.0.regions.values() {
            if !store.data.write(move |tx| told::tried(tx, id, at)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Notes that it left, or never will.
    pub(crate) async fn telling_ended(&self, id: MailId, left: bool) -> Result<()> {
        for store in self.0.regions.values() {
            store.data.write(move |tx| told::ended(tx, id, left)).await?;
        }
        Ok(())
    }
}

/// Who was told of erasures, and who is to be, in stores that a copy is about to replace; nothing of what cannot be read. It
/// takes no key, and no ledger that fits: a copy that stayed closed knows it, too, as far as it was brought there.
pub async fn tellings_in(stores: &Stores) -> Vec<(Region, Telling)> {
    let mut out = Vec::new();
    for places in &stores.regions {
        // Opening a file that is not there would make it.
        if matches!(&places.data, Place::File(path) if !path.exists()) {
            continue;
        }
        let Ok(db) = Db::open(places.data.clone()) else { continue };
        let some = all_tellings(&db, is_unopened_copy(&db, &places.keys).await).await;
        out.extend(some.into_iter().map(|one| (places.region.clone(), one)));
    }
    out
}

/// Whether data are a copy that was put back and that nothing opened yet: a ledger is shorter than what was signed of it.
async fn is_unopened_copy(data: &Db, keys: &Place) -> bool {
    if matches!(keys, Place::File(path) if !path.exists()) {
        return false;
    }
    let Ok(keys) = Db::open(keys.clone()) else { return false };
    matches!(integrate::not_set_back(data, &keys).await, Err(GateError::Sealed(_)))
}

/// Up to where it can be read.
async fn all_tellings(db: &Db, doubted: bool) -> Vec<Telling> {
    let (mut all, mut last) = (Vec::new(), MailId::from_bytes([0; 16]));
    let read = if doubted { told::all_doubted } else { told::all };
    loop {
        let after = last;
        let Ok(some) = db.read(move |tx| read(tx, after)).await else { return all };
        let Some(newest) = some.last() else { return all };
        last = newest.id;
        all.extend(some);
    }
}
