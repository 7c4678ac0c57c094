//! Recording what a person says: yes, no, no longer, not like that, stop for now. Acknowledged means: in force on every node.

use assent_kernel::grant::{
    Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Restricted, Restriction, RestrictionGround,
    Said,
};
use assent_kernel::ledger::Kind;
use assent_kernel::notice::Notice;
use assent_kernel::person::Contract;
use assent_kernel::{
    Asker, CompanyId, GrantId, NoticeId, Person, PersonId, Policy, PurposeKey, Terms, Timestamp,
};
use assent_store::ledger::{About, Line};
use assent_store::people::joined::Left;
use assent_store::people::{self, Life};
use assent_store::{StoreError, Tx, events, home, keyring, ledger};

use crate::append::detail_place;
use crate::draft::{self, Draft};
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::keys::PersonKey;
use crate::permit::Recorded;
use crate::region::RegionStore;
use crate::seal::seal;
use crate::start::Gate;
use crate::sweep::ORPHANS_AFTER;

/// How often an act is tried again because the person's terms or the policy moved meanwhile.
const MOST_TRIES: usize = 16;

/// A yes, as it is given: within what a notice asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giving {
    /// For which purpose.
    pub purpose: PurposeKey,
    /// On which terms: at most those of the notice.
    pub terms: Terms,
    /// The notice that was shown.
    pub notice: NoticeId,
    /// Its version.
    pub notice_version: u32,
    /// The language it was shown in.
    pub lang: String,
    /// How often it may be used; `None` = any number of times.
    pub uses: Option<u32>,
}

/// What a person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Yes.
    Give(Box<Giving>),
    /// No.
    Refuse(PurposeKey),
    /// No longer.
    Withdraw(PurposeKey),
    /// Not like that.
    Object(ObjectionScope),
    /// Stop for now.
    Restrict(Restricted),
    /// A contract began, or its end is known.
    Contract(Contract),
    /// An objection is taken back.
    Lift(ObjectionScope),
    /// Every "stop for now" of one's own is taken back; what a law alone keeps stays closed.
    Release,
}

impl Act {
    fn purpose(&self) -> Option<&PurposeKey> {
        match self {
            Self::Give(giving) => Some(&giving.purpose),
            Self::Refuse(purpose) | Self::Withdraw(purpose) => Some(purpose),
            Self::Object(ObjectionScope::Purpose(purpose)) | Self::Lift(ObjectionScope::Purpose(purpose)) => {
                Some(purpose)
            }
            Self::Object(_) | Self::Restrict(_) | Self::Contract(_) | Self::Lift(_) | Self::Release => None,
        }
    }
    /// Which stop an objection is about, from a closed list; nothing for what is about a purpose.
    const fn scope(&self) -> &'static str {
        match self {
            Self::Object(scope) | Self::Lift(scope) => match scope {
                ObjectionScope::Purpose(_) => "purpose",
                ObjectionScope::DirectMarketing => "direct-marketing",
                ObjectionScope::Profiling => "profiling",
                ObjectionScope::SaleShare => "sale-share",
            },
            Self::Give(_) | Self::Refuse(_) | Self::Withdraw(_) | Self::Restrict(_) => "",
            Self::Contract(_) | Self::Release => "",
        }
    }
    const fn kind(&self) -> Kind {
        match self {
            Self::Give(_) | Self::Contract(_) | Self::Lift(_) | Self::Release => Kind::TermsSet,
            Self::Refuse(_) | Self::Withdraw(_) | Self::Object(_) => Kind::Withdraw,
            Self::Restrict(_) => Kind::Hold,
        }
    }
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Give(_) => "GIVEN",
            Self::Refuse(_) => "REFUSED",
            Self::Withdraw(_) => "WITHDRAWN",
            Self::Object(_) => "OBJECTED",
            Self::Restrict(_) => "RESTRICTED",
            Self::Contract(_) => "CONTRACT",
            Self::Lift(_) => "LIFTED",
            Self::Release => "RELEASED",
        }
    }
}

/// How something was said and about which stop, as the person reads it in the sealed half: two words of closed lists.
fn said_how(evidence: Evidence, scope: &str) -> String {
    let how = match evidence {
        Evidence::Portal => "portal",
        Evidence::OneClick => "one-click",
        Evidence::Signal => "signal",
        Evidence::Agent => "agent",
        Evidence::Imported => "imported",
        Evidence::Attested => "attested",
    };
    if scope.is_empty() { how.to_owned() } else { format!("{how} {scope}") }
}

/// A yes becomes a grant only inside what the notice asked for.
fn narrowed(giving: &Giving, policy: &Policy, at: Timestamp) -> Result<Terms> {
    let input = |what: &str| GateError::Input(what.to_owned());
    let notice = policy.notices.get(&giving.notice).ok_or_else(|| input("that notice does not exist"))?;
    if notice.version != giving.notice_version {
        return Err(input("the text has changed meanwhile; please read it again"));
    }
    if notice.purpose != giving.purpose {
        return Err(input("that notice asks for something else"));
    }
    let purpose = policy.purposes.get(&giving.purpose).ok_or_else(|| input("that purpose does not exist"))?;
    let offered = offered(notice, policy, at);
    let until = at.plus(purpose.longest).min(offered.until).min(giving.terms.until).whole_minute();
    let terms = Terms { until, ..giving.terms.clone() };
    if terms.is_nothing() {
        return Err(input("choose at least one kind of data"));
    }
    if until <= at {
        return Err(input("the end lies in the past"));
    }
    if terms.meet(&offered) != terms {
        return Err(input("that is more than was asked for"));
    }
    Ok(terms)
}

/// The widest terms a notice asks for.
pub(crate) fn offered(notice: &Notice, policy: &Policy, at: Timestamp) -> Terms {
    let purpose = policy.purposes.get(&notice.purpose);
    let longest = purpose.map_or(notice.lasts, |purpose| purpose.longest.min(notice.lasts));
    Terms {
        purposes: [notice.purpose.clone()].into_iter().collect(),
        categories: notice.categories.clone(),
        uses: notice.uses,
        recipients: notice.recipients.clone(),
        zones: notice.zones.clone(),
        until: at.plus(longest),
        explicit: true,
    }
}

impl Gate {
    /// The widest terms a notice asks for: what a plain yes gives.
    #[must_use]
    pub fn offered(&self, notice: &Notice, policy: &Policy, at: Timestamp) -> Terms {
        offered(notice, policy, at)
    }

    /// Records what a person says. Once this returns, every later decision on every node counts it.
    ///
    /// # Errors
    /// [`GateError::Input`] when a yes goes beyond its notice; [`GateError::NoPerson`]; what the store said.
    pub async fn record(
        &self,
        company: CompanyId,
        person: PersonId,
        act: Act,
        asker: Asker,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Recorded> {
        self.record_through((company, person), act, asker, (evidence, None), at).await
    }

    /// Records what a person says here, or what the program says that acts for them.
    ///
    /// # Errors
    /// As for [`Gate::record`].
    pub async fn record_own(
        &self,
        dossier: &Dossier,
        act: Act,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Recorded> {
        let (who, program) = ((dossier.person.company, dossier.person.id), dossier.program.clone());
        self.record_through(who, act, Asker::Person, (evidence, program), at).await
    }

    async fn record_through(
        &self,
        (company, person): (CompanyId, PersonId),
        act: Act,
        asker: Asker,
        (evidence, program): (Evidence, Option<String>),
        at: Timestamp,
    ) -> Result<Recorded> {
        for _ in 0..MOST_TRIES {
            let found = self.look_for(company, person, asker).await?;
            let dossier = Dossier { program: program.clone(), ..found };
            if let Some(recorded) = self.record_as_seen(&dossier, &act, asker, evidence, at).await? {
                self.take_in(company, &dossier.region, dossier.records(), at).await;
                self.after(company, person, &act).await?;
                return Ok(recorded);
            }
        }
        Err(GateError::Busy)
    }

    /// One try; nothing when the person's terms or the policy moved since they were looked up.
    async fn record_as_seen(
        &self,
        dossier: &Dossier,
        act: &Act,
        asker: Asker,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Option<Recorded>> {
        let company = dossier.person.company;
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        // Two acts of one person in the same microsecond would be one act; the later one comes a little later.
        let at = newest(dossier)
            .map_or(at, |last| at.max(Timestamp::from_micros(last.micros().saturating_add(1))));
        let standing = self.policy_in(store, company).await?;
        let written = self.prepare(act, &standing.policy, dossier, evidence, at)?;
        let mut draft = draft::of_act(act.kind(), act.purpose(), &dossier.region, standing.digest, asker, at);
        draft.detail.outcome = act.outcome().to_owned();
        draft.detail.note = said_how(evidence, act.scope());
        dossier.sign(&mut draft);
        if let Some((giving, grant)) = written.grant() {
            draft.detail.warrant = grant.id.to_string();
            draft.detail.notice = format!("{}@{}/{}", giving.notice, giving.notice_version, giving.lang);
            draft.detail.categories = giving.terms.categories.iter().map(ToString::to_string).collect();
        }
        let log = store.log(&self.company(company).await?.code);
        self.register(store, dossier, &written, at).await?;
        self.write_act(store, dossier, written, (draft, standing.policy.version), log, at).await
    }

    fn prepare(
        &self,
        act: &Act,
        policy: &Policy,
        dossier: &Dossier,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Written> {
        let known = |purpose: &PurposeKey| {
            if policy.purposes.contains_key(purpose) {
                Ok(purpose.clone())
            } else {
                Err(GateError::Input("that purpose does not exist".into()))
            }
        };
        Ok(match act {
            Act::Give(giving) => {
                let terms = narrowed(giving, policy, at)?;
                let grant = Grant {
                    id: self.fresh(at, GrantId::new)?,
                    terms,
                    notice: giving.notice,
                    notice_version: giving.notice_version,
                    giver: Giver::Subject,
                    evidence,
                    uses_left: giving.uses,
                };
                let purpose = giving.purpose.clone();
                Written::Answer(
                    Answer { purpose, said: Said::Yes(Box::new(grant)), at },
                    Some(giving.clone()),
                )
            }
            Act::Refuse(purpose) => {
                Written::Answer(Answer { purpose: known(purpose)?, said: Said::No, at }, None)
            }
            Act::Withdraw(purpose) => {
                Written::Answer(Answer { purpose: known(purpose)?, said: Said::NoLonger, at }, None)
            }
            Act::Object(scope) => {
                Written::Objection(Objection { scope: scope.clone(), at, overridden: None })
            }
            Act::Restrict(facts) => Written::Restriction(Restriction {
                facts: facts.clone(),
                ground: RestrictionGround::Asked,
                at,
                until: None,
            }),
            Act::Contract(contract) => Written::Contract(contract.clone()),
            Act::Lift(scope) => Written::Lift(scope.clone()),
            Act::Release => {
                let asked = |r: &&Restriction| r.ground == RestrictionGround::Asked;
                Written::Release(dossier.own().restrictions.iter().filter(asked).map(|r| r.at).collect())
            }
        })
    }

    /// What narrows goes into the register of wishes first, so that no restored copy of the data forgets it.
    async fn register(
        &self,
        store: &RegionStore,
        dossier: &Dossier,
        written: &Written,
        at: Timestamp,
    ) -> Result<()> {
        let Some(body) = written.wish(dossier.own())? else { return Ok(()) };
        let (person, company) = (dossier.person.id, dossier.person.company);
        let sealed = seal(dossier.key.detail().bytes(), &wish_place(person, at), &body)?;
        Ok(store.keys.db().write(move |tx| keyring::add_wish(tx, person, company, at, &sealed)).await?)
    }

    async fn write_act(
        &self,
        store: &RegionStore,
        dossier: &Dossier,
        written: Written,
        (draft, policy): (Draft, u64),
        log: String,
        at: Timestamp,
    ) -> Result<Option<Recorded>> {
        let (person, key) = (dossier.person.id, dossier.key.clone());
        let (company, epoch) = (dossier.person.company, dossier.person.epoch);
        let recorded = store
            .data
            .write(move |tx| {
                if people::hold_policy_version(tx, company)? != policy {
                    return Err(StoreError::Moved);
                }
                people::hold_at(tx, person, epoch)?;
                people::move_epoch(tx, person, at)?;
                // What no terms cover any more goes then: with the act, so that nothing can lose it.
                people::sweep::no_later(tx, person, at.plus(ORPHANS_AFTER))?;
                written.write(tx, person, at)?;
                events::add(tx, company, events::Kind::TermsChanged, person, at)?;
                write_line(tx, person, &key, &draft, &log, at)
            })
            .await;
        store.appended.notify_one();
        store.raise(at);
        match recorded {
            Err(StoreError::Moved) => Ok(None),
            other => Ok(Some(other?)),
        }
    }

    /// Whoever has given something is in quarantine no more.
    async fn after(&self, company: CompanyId, person: PersonId, act: &Act) -> Result<()> {
        if matches!(act, Act::Give(_) | Act::Contract(_)) {
            self.0.home.write(move |tx| home::mark(tx, company, person, false)).await?;
        }
        Ok(())
    }
}

fn newest(dossier: &Dossier) -> Option<Timestamp> {
    let answers = dossier.own().answers.values().map(|answer| answer.at);
    let acted = Some(dossier.acted_at).filter(|at| *at > Timestamp::MIN);
    answers.chain(acted).max()
}

/// Writes a line of the ledger for a person who is held by this transaction.
pub(crate) fn write_line(
    tx: &mut Tx<'_>,
    person: PersonId,
    key: &PersonKey,
    draft: &Draft,
    log: &str,
    at: Timestamp,
) -> std::result::Result<Recorded, StoreError> {
    let now = people::hold(tx, &[person])?.remove(&person).filter(|now| now.life == Life::Active);
    let seq = now.ok_or(StoreError::Moved)?.seq.saturating_add(1);
    let damaged = |_| StoreError::Damaged("an entry cannot be written".into());
    let line = draft.line(key, u64::try_from(seq).unwrap_or(0)).map_err(damaged)?;
    let sealed = seal(key.detail().bytes(), &detail_place(person, seq), &line.opening).map_err(damaged)?;
    let about = Some(About { person, seq, sealed });
    ledger::queue(tx, log, at, &[Line { leaf: line.leaf, about }])?;
    people::set_seq(tx, person, seq)?;
    Ok(Recorded { seq: u64::try_from(seq).unwrap_or(0) })
}

/// The place of a line of the register of wishes.
pub(crate) fn wish_place(person: PersonId, at: Timestamp) -> Vec<u8> {
    format!("wish/{person}/{}", at.micros()).into_bytes()
}

/// Brings times that did not come yet back to one that did: each to its own moment just after it, in the order in which
/// they are asked for. What was said at two times stays two.
pub(crate) struct Cut {
    newest: Timestamp,
    last: Timestamp,
}

impl Cut {
    pub(crate) const fn after(newest: Timestamp) -> Self {
        Self { newest, last: newest }
    }
    pub(crate) fn of(&mut self, at: Timestamp) -> Timestamp {
        if at <= self.newest {
            return at;
        }
        self.last = Timestamp::from_micros(self.last.micros().saturating_add(1));
        self.last
    }
}

/// A wish that narrows, in the form of the register.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) enum Wish {
    /// No, no longer, or a yes to less than before.
    Answer(Answer),
    /// Not like that.
    Objection(Objection),
    /// Stop for now.
    Restriction(Restriction),
    /// A contract ends sooner than was known.
    Contract(Contract),
    /// What another record of the same human closed here, and left behind when it was erased.
    Left(Box<Left>),
    /// This record and another count as one human: what either refused is refused for both.
    Joined {
        /// The record that it was joined into.
        into: PersonId,
        /// Whose.
        company: CompanyId,
        /// When.
        at: Timestamp,
    },
}

impl Wish {
    /// The same, and each part of it, of a time that came.
    pub(crate) fn cut(mut self, cut: &mut Cut) -> Self {
        match &mut self {
            Self::Answer(answer) => answer.at = cut.of(answer.at),
            Self::Objection(objection) => objection.at = cut.of(objection.at),
            Self::Restriction(restriction) => restriction.at = cut.of(restriction.at),
            Self::Contract(_) => {}
            Self::Left(left) => {
                left.answers.iter_mut().for_each(|answer| answer.at = cut.of(answer.at));
                left.objections.iter_mut().for_each(|objection| objection.at = cut.of(objection.at));
                left.restrictions.iter_mut().for_each(|restriction| restriction.at = cut.of(restriction.at));
            }
            Self::Joined { at, .. } => *at = cut.of(*at),
        }
        self
    }

    /// Makes the wish of a time hold again after a copy of the data was restored; what holds already stays.
    pub(crate) fn replay(
        &self,
        tx: &mut Tx<'_>,
        (of, person): (CompanyId, PersonId),
        at: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        match self {
            Self::Answer(answer) => replay_answer(tx, (of, person), answer),
            Self::Left(left) => {
                left.answers.iter().try_for_each(|answer| replay_answer(tx, (of, person), answer))?;
                left.write_rest(tx, person)
            }
            Self::Objection(objection) => people::add_objection(tx, person, objection),
            Self::Restriction(restriction) => people::add_restriction(tx, person, restriction),
            Self::Contract(contract) => people::add_contract(tx, person, contract, at),
            Self::Joined { into, company, at } => {
                let held = people::hold(tx, &[person, *into])?;
                if held.values().filter(|now| now.life == Life::Active).count() < 2 {
                    return Ok(());
                }
                match people::joined::join(tx, *company, (*into, person), &[], *at) {
                    Err(StoreError::Conflict(_)) => Ok(()),
                    other => other,
                }
            }
        }
    }
}

/// True when an answer takes something away: a no, or a yes to less than the yes that stands.
fn narrows(answer: &Answer, own: &Person) -> bool {
    let Said::Yes(new) = &answer.said else { return true };
    let less = |old: &Grant| new.uses_left.is_some() || old.terms.meet(&new.terms) != old.terms;
    own.yes_to(&answer.purpose).is_ok_and(|(_, old)| less(old))
}

/// Writes an answer down again. A yes comes back only where an older one would stand in its place, and without the uses
/// that it counts: how many were had since the copy is not known.
fn replay_answer(
    tx: &mut Tx<'_>,
    (company, person): (CompanyId, PersonId),
    answer: &Answer,
) -> std::result::Result<(), StoreError> {
    let mut answer = answer.clone();
    if let Said::Yes(grant) = &mut answer.said {
        let known = people::load_terms(tx, company, &[person])?.remove(&person);
        let own = known.as_ref().map(|held| held.own.as_deref().unwrap_or(&held.person));
        let older = |own: &Person| own.yes_to(&answer.purpose).is_ok_and(|(old, _)| old.at < answer.at);
        if !own.is_some_and(older) {
            return Ok(());
        }
        grant.uses_left = grant.uses_left.map(|_| 0);
    }
    match people::add_answer(tx, person, &answer) {
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// An act in the form in which it is stored.
enum Written {
    Answer(Answer, Option<Box<Giving>>),
    Objection(Objection),
    Restriction(Restriction),
    Contract(Contract),
    Lift(ObjectionScope),
    Release(Vec<Timestamp>),
}

impl Written {
    fn grant(&self) -> Option<(&Giving, &Grant)> {
        match self {
            Self::Answer(Answer { said: Said::Yes(grant), .. }, Some(giving)) => Some((giving, grant)),
            Self::Answer(..) | Self::Objection(_) | Self::Restriction(_) | Self::Contract(_) => None,
            Self::Lift(_) | Self::Release(_) => None,
        }
    }
    /// What the register of wishes keeps of it: everything that narrows what this record said.
    fn wish(&self, own: &Person) -> Result<Option<Vec<u8>>> {
        let sooner = |contract: &Contract| {
            own.contracts.iter().any(|old| old.id == contract.id && contract.until < old.until)
        };
        let wish = match self {
            Self::Contract(contract) if sooner(contract) => Wish::Contract(contract.clone()),
            Self::Contract(_) => return Ok(None),
            Self::Answer(answer, _) if narrows(answer, own) => Wish::Answer(answer.clone()),
            Self::Answer(..) => return Ok(None),
            Self::Objection(objection) => Wish::Objection(objection.clone()),
            Self::Restriction(restriction) => Wish::Restriction(restriction.clone()),
            // What widens is not registered: after a restore a stop that was lifted stands again, never the other way.
            Self::Lift(_) | Self::Release(_) => return Ok(None),
        };
        serde_json::to_vec(&wish).map(Some).map_err(|_| GateError::Input("the wish cannot be written".into()))
    }
    fn write(&self, tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> std::result::Result<(), StoreError> {
        match self {
            Self::Answer(answer, _) => people::add_answer(tx, person, answer),
            Self::Objection(objection) => people::add_objection(tx, person, objection),
            Self::Restriction(restriction) => people::add_restriction(tx, person, restriction),
            Self::Contract(contract) => people::add_contract(tx, person, contract, at),
            Self::Lift(scope) => people::lift_objection(tx, person, scope, at),
            Self::Release(times) => {
                times.iter().try_for_each(|since| people::lift_restriction(tx, person, *since, at))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(at: Timestamp) -> Restriction {
        Restriction { facts: Restricted::All, ground: RestrictionGround::Asked, at, until: None }
    }

    #[test]
    fn what_did_not_come_yet_is_cut_to_its_own_moment() {
        let at = Timestamp::from_micros;
        let mut cut = Cut::after(at(100));
        let left = Left { restrictions: vec![stop(at(90)), stop(at(900)), stop(at(901))], ..Left::default() };
        let Wish::Left(left) = Wish::Left(Box::new(left)).cut(&mut cut) else { panic!("another wish") };
        let times = |left: &Left| left.restrictions.iter().map(|one| one.at.micros()).collect::<Vec<_>>();
        assert_eq!(times(&left), [90, 101, 102]);
        let Wish::Restriction(next) = Wish::Restriction(stop(at(950))).cut(&mut cut) else {
            panic!("another")
        };
        assert_eq!(next.at, at(103));
    }
}
