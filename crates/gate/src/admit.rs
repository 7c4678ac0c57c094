//! Admitting many people at once: an import. Each gets a key, a warrant for every fact, and one entry in the ledger.

use assent_kernel::fact::Anchor;
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Said};
use assent_kernel::ledger::Kind;
use assent_kernel::notice::Notice;
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CategoryKey, CompanyId, FactId, GrantId, ImportId, Person, PersonId, Policy, Reason, Region,
    Timestamp,
};
use assent_store::home::{self, Listed};
use assent_store::people;

use crate::draft::{self, Draft};
use crate::error::Result;
use crate::find::{address, tokens};
use crate::keep::{Keeping, Sealed, sealed};
use crate::keys::PersonKey;
use crate::record::{offered, write_line};
use crate::start::Gate;

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
    /// Their facts.
    pub facts: Vec<NewFact>,
}

/// A newcomer, sealed and ready to be written.
struct Ready {
    person: Person,
    key: PersonKey,
    facts: Vec<Sealed>,
    tokens: Vec<i64>,
    draft: Draft,
    quarantined: bool,
    objections: Vec<Objection>,
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
    /// # Errors
    /// What the stores said; then nobody of this batch is half in.
    pub async fn admit(
        &self,
        company: CompanyId,
        region: &Region,
        newcomers: Vec<Newcomer>,
        source: &str,
        import: Option<ImportId>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<Vec<(PersonId, CategoryKey, Reason)>> {
        let store = self.region(region)?;
        let at = store.steady(at)?;
        let standing = self.policy(company).await?;
        let blind = self.blind_key(company).await?;
        let ids: Vec<PersonId> = newcomers.iter().map(|one| one.id).collect();
        let mut keys = store.keys.make(&ids).await?;
        let mut ready = Vec::with_capacity(newcomers.len());
        let mut left_out = Vec::new();
        for newcomer in newcomers {
            let Some(key) = keys.remove(&newcomer.id) else { continue };
            let suppressed = self.suppressed(company, &blind, &newcomer).await?;
            let draft = draft::of_act(Kind::Capture, None, region, standing.digest, asker, at);
            let prepared =
                Preparing { gate: self, policy: &standing.policy, region, source, at, blind: &blind };
            ready.push(prepared.newcomer(newcomer, company, key, draft, suppressed, &mut left_out)?);
        }
        let log = store.log(&self.company(company).await?.code);
        let listed: Vec<Listed> = ready
            .iter()
            .map(|one| Listed { person: one.person.id, region: region.clone(), quarantined: one.quarantined })
            .collect();
        let tokens: Vec<(i64, PersonId)> =
            ready.iter().flat_map(|one| one.tokens.iter().map(|token| (*token, one.person.id))).collect();
        store.data.write(move |tx| ready.iter().try_for_each(|one| write(tx, one, import, &log, at))).await?;
        store.appended.notify_one();
        store.raise(at);
        self.0
            .home
            .write(move |tx| {
                home::add_people(tx, company, &listed, at, import)?;
                home::add_tokens(tx, company, &tokens)
            })
            .await?;
        Ok(left_out)
    }

    /// Whether an address of the newcomer is one that nobody may write to.
    async fn suppressed(&self, company: CompanyId, blind: &crate::keys::Key, one: &Newcomer) -> Result<bool> {
        let emails = one
            .facts
            .iter()
            .filter(|fact| assent_kernel::TreeKey::as_str(&fact.category).starts_with("contact.email"));
        let wanted: Vec<i64> = emails.map(|fact| address(blind, &fact.value).0).collect();
        if wanted.is_empty() {
            return Ok(false);
        }
        let look = move |tx: &mut assent_store::Tx<'_>| {
            wanted
                .iter()
                .try_fold(false, |hit, token| Ok(hit || home::suppressed(tx, company, *token)?.is_some()))
        };
        Ok(self.0.home.read(look).await?)
    }
}

struct Preparing<'a> {
    gate: &'a Gate,
    policy: &'a Policy,
    region: &'a Region,
    source: &'a str,
    at: Timestamp,
    blind: &'a crate::keys::Key,
}

impl Preparing<'_> {
    fn newcomer(
        &self,
        newcomer: Newcomer,
        company: CompanyId,
        key: PersonKey,
        mut draft: Draft,
        suppressed: bool,
        left_out: &mut Vec<(PersonId, CategoryKey, Reason)>,
    ) -> Result<Ready> {
        let mut person = Person::new(newcomer.id, company);
        person.residence = newcomer.residence;
        person.minor = newcomer.minor;
        person.contracts = newcomer.contracts;
        person.answers =
            newcomer.answers.into_iter().map(|answer| (answer.purpose.clone(), answer)).collect();
        let (mut facts, mut found) = (Vec::with_capacity(newcomer.facts.len()), Vec::new());
        for fact in newcomer.facts {
            let keeping = self.keeping(fact);
            let id = self.gate.fresh(self.at, FactId::new)?;
            match sealed(&keeping, self.policy, &person, self.region, &key, id, self.at) {
                Ok(one) => {
                    found.extend(
                        tokens(self.blind, &keeping.category, &keeping.value)
                            .into_iter()
                            .map(|blind| blind.0),
                    );
                    facts.push(one);
                }
                Err(crate::GateError::NotKept(reason)) => {
                    left_out.push((person.id, keeping.category, reason))
                }
                Err(other) => return Err(other),
            }
        }
        draft.detail.categories = facts.iter().map(|one| one.fact.category.to_string()).take(200).collect();
        draft.detail.categories.sort_unstable();
        draft.detail.categories.dedup();
        draft.detail.note = self.source.chars().take(180).collect();
        let quarantined = person.answers.is_empty() && person.contracts.is_empty();
        let objection = Objection { scope: ObjectionScope::DirectMarketing, at: self.at, overridden: None };
        let objections = if suppressed { vec![objection] } else { Vec::new() };
        Ok(Ready { person, key, facts, tokens: found, draft, quarantined, objections })
    }

    fn keeping(&self, fact: NewFact) -> Keeping {
        Keeping {
            category: fact.category,
            value: fact.value,
            source: self.source.to_owned(),
            warrant: None,
            anchors: fact.anchors,
            carried: None,
            replaces: None,
        }
    }
}

fn write(
    tx: &mut assent_store::Tx<'_>,
    one: &Ready,
    import: Option<ImportId>,
    log: &str,
    at: Timestamp,
) -> std::result::Result<(), assent_store::StoreError> {
    let id = one.person.id;
    if !people::add(tx, &one.person, at, import)? {
        return Ok(());
    }
    for answer in one.person.answers.values() {
        people::add_answer(tx, id, answer)?;
    }
    for contract in &one.person.contracts {
        people::add_contract(tx, id, contract)?;
    }
    for objection in &one.objections {
        people::add_objection(tx, id, objection)?;
    }
    for fact in &one.facts {
        people::put_fact(tx, id, &fact.fact, &fact.bytes, false)?;
    }
    write_line(tx, id, &one.key, &one.draft, log, at).map(|_| ())
}
