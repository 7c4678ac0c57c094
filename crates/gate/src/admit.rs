//! Admitting many people at once: an import. Each gets a key, a warrant for every fact, and one entry in the ledger.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use assent_kernel::fact::Anchor;
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Objection, Said};
use assent_kernel::ledger::Kind;
use assent_kernel::notice::Notice;
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CategoryKey, CompanyId, FactId, GrantId, ImportId, Person, PersonId, Policy, Reason, Region,
    StaffId, Timestamp,
};
use assent_store::home::{self, Listed};
use assent_store::ledger::{About, Line};
use assent_store::people::{self, Life};
use assent_store::{StoreError, Tx, coming, ledger};

use crate::append::detail_place;
use crate::ask::Standing;
use crate::draft;
use crate::error::{GateError, Result};
use crate::find::{address, tokens};
use crate::keep::{Keeping, Sealed, sealed};
use crate::keys::{Key, PersonKey};
use crate::record::offered;
use crate::region::RegionStore;
use crate::seal::seal;
use crate::start::Gate;
use crate::suppress::{is_email, objection};
use crate::sweep::next_look;

/// A fact of a newcomer. `Debug` shows no value.
#[derive(Clone)]
pub struct NewFact {
    /// What kind it is.
    pub category: CategoryKey,
    /// The value.
    pub value: String,
    /// Mandates that hold it.
    pub anchors: Vec<Anchor>,
}

impl std::fmt::Debug for NewFact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewFact({})", self.category)
    }
}

/// Somebody who comes in with an import.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Their id; derived from the import and the row, so that a row that is read twice comes in once.
    pub id: PersonId,
    /// Where they live, as far as it is known.
    pub residence: Option<Region>,
    /// True when a guardian must agree for them.
    pub minor: bool,
    /// Contracts with them.
    pub contracts: Vec<Contract>,
    /// What they said before, with its evidence.
    pub answers: Vec<Answer>,
    /// What they objected to before.
    pub objections: Vec<Objection>,
    /// Their facts.
    pub facts: Vec<NewFact>,
}

/// A batch of newcomers, and how they come.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Whose customers they become.
    pub company: CompanyId,
    /// Where their facts are kept.
    pub region: Region,
    /// Who.
    pub newcomers: Vec<Newcomer>,
    /// Where they come from, in words.
    pub source: String,
    /// The import they come with.
    pub import: Option<ImportId>,
    /// Who lets them in.
    pub asker: Asker,
    /// Who looks after them.
    pub owner: Option<StaffId>,
}

/// A fact that was left out: of whom, of what kind, why.
pub type LeftOut = (PersonId, CategoryKey, Reason);

/// A newcomer, sealed and ready to be written.
struct Ready {
    person: Person,
    facts: Vec<Sealed>,
    tokens: Vec<i64>,
    /// The line of the ledger and its sealed detail.
    leaf: Vec<u8>,
    detail: Vec<u8>,
    quarantined: bool,
    objections: Vec<Objection>,
    /// When the sweeper looks first.
    look_at: Timestamp,
}

impl Gate {
    /// A grant as an import proves it: to a notice that this company has, given when the file says.
    ///
    /// # Errors
    /// [`crate::GateError::Sealed`] when the system has no random bytes.
    pub fn imported_grant(
        &self,
        notice: &Notice,
        version: u32,
        policy: &Policy,
        given_at: Timestamp,
    ) -> Result<Answer> {
        let mut terms = offered(notice, policy, given_at);
        // An import proves no explicit yes: that takes the person's own words.
        terms.explicit = false;
        let grant = Grant {
            id: self.fresh(given_at, GrantId::new)?,
            terms,
            notice: notice.id,
            notice_version: version,
            giver: Giver::Subject,
            evidence: Evidence::Imported,
            uses_left: None,
        };
        Ok(Answer { purpose: notice.purpose.clone(), said: Said::Yes(Box::new(grant)), at: given_at })
    }

    /// Admits newcomers. Who is here already (the same id) stays as they are. A fact that may not be kept is left
    /// out and reported with its reason.
    ///
    /// Sealing happens on a thread of its own, so that several batches overlap: one is sealed while another is written.
    ///
    /// # Errors
    /// What the stores said; then nobody of this batch is half in.
    pub async fn admit(&self, admission: Admission, at: Timestamp) -> Result<Vec<LeftOut>> {
        let Admission { company, region, newcomers, source, import, asker, owner } = admission;
        if newcomers.is_empty() {
            return Ok(Vec::new());
        }
        let store = self.region(&region)?;
        let at = store.steady(at)?;
        let blind = self.blind_key(company).await?;
        let ids: Vec<PersonId> = newcomers.iter().map(|one| one.id).collect();
        let preparing = Preparing {
            gate: self.clone(),
            standing: self.policy_in(store, company).await?,
            company,
            region: region.clone(),
            source,
            asker,
            at,
            suppressed: self.suppressed(company, &blind, &newcomers).await?,
            blind,
        };
        let policy = preparing.standing.policy.version;
        let keys = store.keys.make(&ids).await?;
        let sealing = tokio::task::spawn_blocking(move || preparing.all(newcomers, keys));
        let (ready, left_out) =
            sealing.await.map_err(|_| GateError::Sealed("sealing broke off".into()))??;
        let listed: Vec<Listed> = ready
            .iter()
            .map(|one| Listed {
                person: one.person.id,
                region: region.clone(),
                quarantined: one.quarantined,
                owner,
            })
            .collect();
        let mut tokens: Vec<(i64, PersonId)> =
            ready.iter().flat_map(|one| one.tokens.iter().map(|token| (*token, one.person.id))).collect();
        // In the order of the table, so that neighbours are written together.
        tokens.sort_unstable();
        tokens.dedup();
        let log = store.log(&self.company(company).await?.code);
        // Written down before the first of two stores: what breaks off between is listed by `list_coming`.
        let batch = self.coming(company, &region, (import, owner), ids, at).await?;
        let written = store.data.write(move |tx| {
            if people::hold_policy_version(tx, company)? != policy {
                return Err(StoreError::Moved);
            }
            write(tx, &ready, import, &log, at)
        });
        let (added, known) = match written.await {
            Err(StoreError::Moved) => {
                self.0.home.write(move |tx| coming::done(tx, batch)).await?;
                return Err(GateError::Busy);
            }
            other => other?,
        };
        store.appended.notify_one();
        store.raise(at);
        let here: HashSet<PersonId> = added.into_iter().chain(known.iter().copied()).collect();
        self.0
            .home
            .write(move |tx| {
                let listed: Vec<Listed> =
                    listed.into_iter().filter(|one| here.contains(&one.person)).collect();
                tokens.retain(|(_, person)| here.contains(person));
                home::add_people(tx, company, &listed, at, import)?;
                home::add_tokens(tx, company, &tokens)?;
                coming::done(tx, batch)
            })
            .await?;
        self.unlist_erased(store, company, known).await?;
        Ok(left_out)
    }

    /// Whoever was here before a batch, and was erased while it was listed, is listed no more.
    async fn unlist_erased(
        &self,
        store: &RegionStore,
        company: CompanyId,
        known: Vec<PersonId>,
    ) -> Result<()> {
        if known.is_empty() {
            return Ok(());
        }
        let wanted = known.clone();
        let now = store.data.read(move |tx| people::load_terms(tx, company, &wanted)).await?;
        let held = |id: &PersonId| now.get(id).is_some_and(|held| held.life == Life::Active);
        let gone: Vec<PersonId> = known.into_iter().filter(|id| !held(id)).collect();
        let drop = move |tx: &mut Tx<'_>| gone.iter().try_for_each(|id| home::drop_person(tx, *id));
        Ok(self.0.home.write(drop).await?)
    }

    /// Which of the newcomers have an address that nobody may write to.
    async fn suppressed(
        &self,
        company: CompanyId,
        blind: &Key,
        all: &[Newcomer],
    ) -> Result<HashSet<PersonId>> {
        let emails = all.iter().flat_map(|one| {
            let facts = one.facts.iter().filter(|fact| is_email(&fact.category));
            facts.map(|fact| (one.id, address(blind, &fact.value).0))
        });
        let wanted: Vec<(PersonId, i64)> = emails.collect();
        if wanted.is_empty() {
            return Ok(HashSet::new());
        }
        let look = move |tx: &mut Tx<'_>| {
            let mut hit = HashSet::new();
            for (person, token) in wanted {
                if home::suppressed(tx, company, token)?.is_some() {
                    hit.insert(person);
                }
            }
            Ok(hit)
        };
        Ok(self.0.home.read(look).await?)
    }
}

/// What all newcomers of a batch share.
struct Preparing {
    gate: Gate,
    standing: Arc<Standing>,
    company: CompanyId,
    region: Region,
    source: String,
    asker: Asker,
    at: Timestamp,
    suppressed: HashSet<PersonId>,
    blind: Key,
}

impl Preparing {
    /// Seals everybody who has a key; whoever is erased has none.
    fn all(
        &self,
        newcomers: Vec<Newcomer>,
        mut keys: HashMap<PersonId, PersonKey>,
    ) -> Result<(Vec<Ready>, Vec<LeftOut>)> {
        let (mut ready, mut left_out) = (Vec::with_capacity(newcomers.len()), Vec::new());
        for newcomer in newcomers {
            if let Some(key) = keys.remove(&newcomer.id) {
                ready.push(self.newcomer(newcomer, &key, &mut left_out)?);
            }
        }
        // Within a commit the order tells nothing about who stood where: sealed bytes begin with a random nonce.
        ready.sort_unstable_by(|a, b| a.detail.cmp(&b.detail));
        Ok((ready, left_out))
    }

    fn newcomer(&self, newcomer: Newcomer, key: &PersonKey, left_out: &mut Vec<LeftOut>) -> Result<Ready> {
        let mut person = Person::new(newcomer.id, self.company);
        person.residence = newcomer.residence;
        person.minor = newcomer.minor;
        person.contracts = newcomer.contracts;
        person.answers =
            newcomer.answers.into_iter().map(|answer| (answer.purpose.clone(), answer)).collect();
        let (mut facts, mut found) = (Vec::with_capacity(newcomer.facts.len()), Vec::new());
        for fact in newcomer.facts {
            let keeping = self.keeping(fact);
            let id = self.gate.fresh(self.at, FactId::new)?;
            match sealed(&keeping, &self.standing.policy, &person, &self.region, key, id, self.at) {
                Ok(one) => {
                    let blinds = tokens(&self.blind, &keeping.category, &keeping.value);
                    found.extend(blinds.into_iter().map(|blind| blind.0));
                    facts.push(one);
                }
                Err(GateError::NotKept(reason)) => left_out.push((person.id, keeping.category, reason)),
                Err(other) => return Err(other),
            }
        }
        let (leaf, detail) = self.line(&person, key, &facts)?;
        let quarantined = person.answers.is_empty() && person.contracts.is_empty();
        let mut objections = newcomer.objections;
        let direct = objection(self.at);
        if self.suppressed.contains(&person.id) && objections.iter().all(|one| one.scope != direct.scope) {
            objections.push(direct);
        }
        let look_at = next_look(&self.standing.policy, facts.iter().map(|one| &one.fact), self.at);
        Ok(Ready { person, facts, tokens: found, leaf, detail, quarantined, objections, look_at })
    }

    /// The first entry about somebody: what came in, from where.
    fn line(&self, person: &Person, key: &PersonKey, facts: &[Sealed]) -> Result<(Vec<u8>, Vec<u8>)> {
        let digest = self.standing.digest;
        let mut draft = draft::of_act(Kind::Capture, None, &self.region, digest, self.asker, self.at);
        draft.detail.categories = facts.iter().map(|one| one.fact.category.to_string()).take(200).collect();
        draft.detail.categories.sort_unstable();
        draft.detail.categories.dedup();
        draft.detail.note = self.source.chars().take(180).collect();
        let line = draft.line(key, FIRST.unsigned_abs())?;
        let detail = seal(key.detail().bytes(), &detail_place(person.id, FIRST), &line.opening)?;
        Ok((line.leaf, detail))
    }

    fn keeping(&self, fact: NewFact) -> Keeping {
        Keeping {
            category: fact.category,
            value: fact.value,
            source: self.source.clone(),
            warrant: None,
            anchors: fact.anchors,
            carried: None,
            replaces: None,
        }
    }
}

/// The number of the first entry about somebody.
const FIRST: i64 = 1;

/// Writes a batch. Tells who of it is held now: those added, and those who were here; nobody who was erased meanwhile.
fn write(
    tx: &mut Tx<'_>,
    ready: &[Ready],
    import: Option<ImportId>,
    log: &str,
    at: Timestamp,
) -> std::result::Result<(HashSet<PersonId>, Vec<PersonId>), StoreError> {
    let people: Vec<(&Person, Timestamp)> = ready.iter().map(|one| (&one.person, one.look_at)).collect();
    let here = people::add_all(tx, &people, FIRST, at, import)?;
    let fresh: Vec<&Ready> = ready.iter().filter(|one| here.contains(&one.person.id)).collect();
    // In one order for everybody, so that batches side by side never wait for each other in a circle.
    people::add_clauses(tx, fresh.iter().flat_map(|one| one.person.answers.values()))?;
    for one in &fresh {
        let id = one.person.id;
        one.person.answers.values().try_for_each(|answer| people::add_answer(tx, id, answer))?;
        one.person.contracts.iter().try_for_each(|contract| people::add_contract(tx, id, contract, at))?;
        one.objections.iter().try_for_each(|objection| people::add_objection(tx, id, objection))?;
    }
    let facts =
        fresh.iter().flat_map(|one| one.facts.iter().map(|f| (one.person.id, &f.fact, f.bytes.as_slice())));
    people::put_facts(tx, &facts.collect::<Vec<_>>())?;
    let lines = fresh.iter().map(|one| {
        let about = About { person: one.person.id, seq: FIRST, sealed: one.detail.clone() };
        Line { leaf: one.leaf.clone(), about: Some(about) }
    });
    ledger::queue(tx, log, at, &lines.collect::<Vec<_>>())?;
    let others: Vec<PersonId> =
        people.iter().map(|(person, _)| person.id).filter(|id| !here.contains(id)).collect();
    if others.is_empty() {
        return Ok((here, others));
    }
    let held = people::hold(tx, &others)?.into_iter();
    let known = held.filter(|(_, now)| now.life == Life::Active).map(|(id, _)| id).collect();
    Ok((here, known))
}
