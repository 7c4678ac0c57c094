//! Plain words for terms, answers, mandates and uses. Pure: no gate, no clock, no values.

use std::collections::BTreeSet;

use assent_gate::program_of;
use assent_kernel::category::{Category, Class};
use assent_kernel::grant::{Answer, Grant, Restriction, RestrictionGround, Said};
use assent_kernel::ledger::Detail;
use assent_kernel::mandate::{Binds, Effect};
use assent_kernel::notice::Notice;
use assent_kernel::party::{Party, Recipients, Standing};
use assent_kernel::purpose::Basis;
use assent_kernel::{
    CategoryKey, Fact, Mandate, PartyId, Person, Policy, PurposeKey, Region, Terms, Timestamp, UseSet,
    Warrant,
};
use assent_web::shipped;

use super::text::Text;

/// The names of things in one language, for one company.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// The language.
    pub(super) t: Text,
    /// The company's policy.
    pub(super) policy: &'a Policy,
    /// The company, as people know it.
    pub(super) company: &'a str,
}

impl<'a> Names<'a> {
    /// A purpose's name.
    pub(super) fn purpose(&self, key: &PurposeKey) -> String {
        let known = self.policy.purposes.get(key);
        known.map_or_else(|| key.to_string(), |one| shipped::purpose(one, self.t.desk()).to_owned())
    }
    /// What a purpose is for.
    pub(super) fn purpose_sentence(&self, key: &PurposeKey) -> String {
        let known = self.policy.purposes.get(key);
        known.map_or_else(String::new, |one| shipped::purpose_sentence(one, self.t.desk()).to_owned())
    }
    /// A category's name.
    pub(super) fn category(&self, key: &CategoryKey) -> String {
        let known = self.policy.categories.get(key);
        known.map_or_else(|| key.to_string(), |one| shipped::category(one, self.t.desk()).to_owned())
    }
    /// A region's name.
    pub(super) fn region(&self, key: &Region) -> String {
        shipped::region(key, self.t.desk())
    }
    /// What a mandate says to the person.
    pub(super) fn mandate(&self, mandate: &Mandate) -> String {
        shipped::mandate(mandate, self.t.desk()).to_owned()
    }
    /// "GDPR, Art. 15".
    pub(super) fn cite(mandate: &Mandate) -> String {
        format!("{}, {}", mandate.cite.instrument, mandate.cite.article)
    }
    /// Categories as a list.
    pub(super) fn categories<'k>(&self, keys: impl IntoIterator<Item = &'k CategoryKey>) -> String {
        let names: Vec<String> = keys.into_iter().map(|key| self.category(key)).collect();
        self.t.list(&names)
    }
    /// Uses as a list: "see it, write to you".
    pub(super) fn uses(&self, uses: UseSet) -> String {
        let words: Vec<String> = uses.iter().map(|one| self.t.may(one).to_owned()).collect();
        self.t.list(&words)
    }
    /// "Postlane (Ireland)".
    pub(super) fn party(&self, party: &Party) -> String {
        let places: BTreeSet<&Region> =
            party.places.all().into_iter().flat_map(|(_, set)| set.iter()).collect();
        let names: Vec<String> = places.into_iter().map(|region| self.region(region)).collect();
        if names.is_empty() { party.name.clone() } else { format!("{} ({})", party.name, names.join(", ")) }
    }
    /// Who acted, by the hat they wore, and the program that a person let act.
    pub(super) fn who(&self, detail: &Detail) -> String {
        let who = self.t.role(&detail.role, self.company);
        program_of(detail).map_or(who, |name| self.t.by_program(name))
    }
    /// A party by its code.
    pub(super) fn coded(&self, code: &str) -> String {
        self.policy.party(code).map_or_else(|| code.to_owned(), |party| self.party(party))
    }
    /// The parties that some recipients mean, the company itself left out; those that ended too.
    pub(super) fn parties(&self, recipients: &Recipients) -> Vec<&'a Party> {
        let policy = self.policy;
        let others = policy.parties.values().filter(|p| p.id != policy.home && p.standing != Standing::Ended);
        others.filter(|party| meant(policy, party, recipients)).collect()
    }
    /// The recipients as words.
    pub(super) fn recipients(&self, recipients: &Recipients) -> String {
        let names: Vec<String> =
            self.parties(recipients).into_iter().map(|party| self.party(party)).collect();
        if names.is_empty() { self.t.only_company().to_owned() } else { self.t.list(&names) }
    }
    /// The places as words.
    pub(super) fn places(&self, terms: &Terms) -> String {
        let regions: BTreeSet<&Region> = terms.zones.iter().flat_map(|(regions, _)| regions.iter()).collect();
        let names: Vec<String> = regions.into_iter().map(|region| self.region(region)).collect();
        self.t.list(&names)
    }

    /// One sentence for what some terms allow.
    pub(super) fn terms(&self, terms: &Terms, uses_left: Option<u32>) -> String {
        let (company, kinds) = (self.company, self.categories(terms.categories.iter()));
        let purposes: Vec<String> = terms.purposes.iter().map(|key| self.purpose(key)).collect();
        let (purpose, uses) = (self.t.list(&purposes), self.uses(terms.uses));
        let until = self.t.date(terms.until);
        let (reached, blocked) = self.ways(terms);
        let (through, places) = (self.t.list(&reached), self.places(terms));
        let mut out = if self.t.german {
            format!(
                "{company} darf für „{purpose}“ nutzen: {kinds}. Erlaubt ist: {uses}. Bis {until}, nur hier: {places}."
            )
        } else {
            format!(
                "{company} may use, for “{purpose}”: {kinds}. It may {uses}. Until {until}, and only here: {places}."
            )
        };
        if !reached.is_empty() {
            let way = self.t.pick("It goes through", "Es geht über");
            out = format!("{out} {way} {through}.");
        }
        if !blocked.is_empty() {
            out = format!("{out} {} {}.", self.t.not_through(), self.t.list(&blocked));
        }
        if let Some(left) = uses_left {
            let left =
                if self.t.german { format!(" Noch {left}-mal.") } else { format!(" {left} more times.") };
            out.push_str(&left);
        }
        out
    }

    /// The parties that some terms name: those that can receive, and those that cannot because they, or a helper they
    /// need, are not named or lie outside the places.
    fn ways(&self, terms: &Terms) -> (Vec<String>, Vec<String>) {
        let named = self.parties(&terms.recipients);
        let inside = |party: &Party| {
            let mut regions = party.places.all().into_iter().flat_map(|(_, set)| set.iter());
            regions.all(|region| {
                terms.zones.iter().all(|(zone, tools)| !tools.is_empty() || zone.covers(region))
            })
        };
        let whole = |party: &Party| {
            let mut below = self.policy.parties.values().filter(|one| one.standing != Standing::Ended);
            inside(party)
                && below.all(|one| {
                    let needs = one.engaged_by == Some(party.id);
                    !needs || (named.iter().any(|n| n.id == one.id) && inside(one))
                })
        };
        let (reached, blocked): (Vec<&Party>, Vec<&Party>) =
            named.iter().copied().partition(|party| whole(party));
        let told = |all: Vec<&Party>| all.into_iter().map(|party| self.party(party)).collect();
        (told(reached), told(blocked))
    }

    /// What an answer means today.
    pub(super) fn answer(&self, answer: &Answer) -> String {
        match &answer.said {
            Said::Yes(grant) => self.terms(&grant.terms, grant.uses_left),
            Said::No => self.t.said_no().to_owned(),
            Said::NoLonger => self.t.said_no_longer().to_owned(),
        }
    }

    /// Why a yes does not count at this time; `None` when it does.
    pub(super) fn lapsed(&self, person: &Person, grant: &Grant, at: Timestamp) -> Option<&'static str> {
        let oldest = self.policy.oldest_valid.get(&grant.notice).copied();
        if at >= grant.terms.until {
            Some(self.t.over())
        } else if grant.uses_left == Some(0) {
            Some(self.t.used_up())
        } else if oldest.is_none_or(|oldest| grant.notice_version < oldest) {
            Some(self.t.outdated())
        } else {
            let minor = person.minor && grant.giver != assent_kernel::grant::Giver::Guardian;
            minor.then(|| self.t.minor_yes()).or_else(|| self.rests(person, grant))
        }
    }
    /// The stop under which a yes rests, if one was said after it.
    fn rests(&self, person: &Person, grant: &Grant) -> Option<&'static str> {
        let (answer, _) = grant_of(person, grant.id)?;
        let purpose = self.policy.purposes.get(&answer.purpose)?;
        let advertising = assent_kernel::grant::ObjectionScope::DirectMarketing;
        if paused(person).is_some_and(|stop| answer.at <= stop.at) {
            return Some(self.t.rests_all());
        }
        (purpose.direct_marketing && stops(person, &advertising).is_some()).then(|| self.t.rests_marketing())
    }

    /// What a fact stands on, in words.
    pub(super) fn stands_on(&self, person: &Person, fact: &Fact, at: Timestamp) -> String {
        let t = self.t;
        let law = self.held_by_law(fact, at);
        let contract = || self.contracts(person, fact, at).next().map(|mandate| self.mandate(mandate));
        let gone = || if law.is_some() { String::new() } else { t.stands_gone().to_owned() };
        let own = match &fact.warrant {
            Some(Warrant::Grant(id)) => match grant_of(person, *id) {
                Some((answer, grant)) if self.lapsed(person, grant, at).is_none() => self.your_yes(answer),
                _ => contract().unwrap_or_else(gone),
            },
            Some(Warrant::Mandate(id)) => match self.policy.mandates.get(id) {
                Some(m) if is_duty(m) => {
                    let newer = self.newer_yes(person, fact, at).or_else(contract);
                    newer.unwrap_or_else(|| t.stands_quarantine().to_owned())
                }
                Some(m) if matches!(m.binds, Binds::Contract(_)) => {
                    contract().or_else(|| self.newer_yes(person, fact, at)).unwrap_or_else(gone)
                }
                Some(m) => self.mandate(m),
                None => gone(),
            },
            None => gone(),
        };
        let law = law.map(|(mandate, until)| {
            format!("{} ({}, {} {})", self.mandate(mandate), Self::cite(mandate), t.until(), t.date(until))
        });
        [own, law.unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }
    /// A live yes that covers a fact which came in on another ground.
    fn newer_yes(&self, person: &Person, fact: &Fact, at: Timestamp) -> Option<String> {
        let covers = |answer: &&Answer| match &answer.said {
            Said::Yes(grant) => {
                grant.terms.categories.covers(&fact.category) && self.lapsed(person, grant, at).is_none()
            }
            Said::No | Said::NoLonger => false,
        };
        person.answers.values().find(covers).map(|answer| self.your_yes(answer))
    }
    /// The contracts that run and need a fact.
    pub(super) fn contracts(
        &self,
        person: &Person,
        fact: &Fact,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Mandate> {
        self.policy.mandates.values().filter(move |m| match &m.binds {
            Binds::Contract(kind) => {
                m.opens()
                    && m.in_force(at)
                    && m.categories.covers(&fact.category)
                    && person.contract_runs(kind, at)
            }
            Binds::Every | Binds::Anchored => false,
        })
    }
    /// "your yes to Newsletter of 12 May 2026".
    pub(super) fn your_yes(&self, answer: &Answer) -> String {
        let (purpose, date) = (self.purpose(&answer.purpose), self.t.date(answer.at));
        if self.t.german {
            format!("Ihrem Ja zu „{purpose}“ vom {date}")
        } else {
            format!("your yes to “{purpose}” of {date}")
        }
    }
    /// The law that demands a fact be kept, and until when.
    pub(super) fn held_by_law(&self, fact: &Fact, at: Timestamp) -> Option<(&'a Mandate, Timestamp)> {
        let live = fact.anchors.iter().filter(|anchor| at < anchor.until);
        let laws = live.filter_map(|anchor| Some((self.policy.mandates.get(&anchor.mandate)?, anchor.until)));
        laws.filter(|(m, _)| m.effect == Effect::Require && m.in_force(at)).max_by_key(|(_, until)| *until)
    }

    /// The purposes that may use a fact now besides the person's own rights, by name.
    pub(super) fn open_for(&self, person: &Person, fact: &Fact, at: Timestamp) -> Vec<String> {
        if restricted(person, fact, at).is_some() {
            return Vec::new();
        }
        let yes = person.answers.values().filter(|answer| match &answer.said {
            Said::Yes(grant) => {
                grant.terms.categories.covers(&fact.category) && self.lapsed(person, grant, at).is_none()
            }
            Said::No | Said::NoLonger => false,
        });
        let yes: Vec<String> = yes.map(|answer| self.purpose(&answer.purpose)).collect();
        let contracts = self.contracts(person, fact, at);
        let contracts = contracts.flat_map(|m| m.purposes.iter().map(|key| self.purpose(key)));
        let law = self
            .held_by_law(fact, at)
            .into_iter()
            .flat_map(|(m, _)| m.purposes.iter())
            .map(|key| self.purpose(key));
        let mut all: Vec<String> = yes.into_iter().chain(contracts).chain(law).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The words of a warrant as a line of the ledger has it: ids of grants, keys of mandates.
    pub(super) fn warrants(&self, person: &Person, words: &str) -> String {
        let one = |word: &str| {
            if let Some(mandate) = self.policy.mandate(word) {
                return self.mandate(mandate);
            }
            let answer = word.parse().ok().and_then(|id| grant_of(person, id));
            let earlier = self.t.pick("an earlier yes of yours", "ein früheres Ja von Ihnen");
            answer.map_or_else(|| earlier.to_owned(), |(answer, _)| self.your_yes_plain(answer))
        };
        words.split_whitespace().map(one).collect::<Vec<_>>().join(" · ")
    }
    fn your_yes_plain(&self, answer: &Answer) -> String {
        let (purpose, date) = (self.purpose(&answer.purpose), self.t.date(answer.at));
        if self.t.german {
            format!("Ihr Ja zu „{purpose}“ vom {date}")
        } else {
            format!("Your yes to “{purpose}” of {date}")
        }
    }

    /// Whether a yes to a notice must be given in so many words to count for all of it.
    pub(super) fn needs_explicit(&self, notice: &Notice) -> bool {
        let basis = self.policy.purposes.get(&notice.purpose).map(|p| p.basis);
        let special = |c: &Category| matches!(c.class, Class::Special | Class::Criminal);
        basis == Some(Basis::ConsentExplicit)
            || self.policy.categories.values().any(|c| notice.categories.covers(&c.key) && special(c))
    }
}

/// The answer behind a grant.
pub(super) fn grant_of(person: &Person, id: assent_kernel::GrantId) -> Option<(&Answer, &Grant)> {
    person.answers.values().find_map(|answer| match &answer.said {
        Said::Yes(grant) if grant.id == id => Some((answer, &**grant)),
        Said::Yes(_) | Said::No | Said::NoLonger => None,
    })
}

/// True for the duty to tell and ask: what stands on it alone is set apart.
pub(super) fn is_duty(mandate: &Mandate) -> bool {
    PurposeKey::new(assent_kernel::decide::keep::INFORM).is_ok_and(|inform| mandate.purposes.covers(&inform))
}

/// The restriction that holds a fact now.
pub(super) fn restricted<'p>(person: &'p Person, fact: &Fact, at: Timestamp) -> Option<&'p Restriction> {
    let running = person.restrictions.iter().filter(|r| r.at <= at && r.until.is_none_or(|until| at < until));
    running.filter(|r| r.facts.holds(&fact.category, Some(fact.id))).min_by_key(|r| r.at)
}

/// The restriction of everything that the person asked for, if one runs.
pub(super) fn paused(person: &Person) -> Option<&Restriction> {
    let all = |r: &&Restriction| r.facts == assent_kernel::grant::Restricted::All && r.until.is_none();
    person.restrictions.iter().filter(all).find(|r| r.ground == RestrictionGround::Asked)
}

/// True when what is left is kept for a law alone.
pub(super) fn retained(person: &Person) -> bool {
    person.restrictions.iter().any(|r| r.ground == RestrictionGround::RetainOnly)
}

/// Since when the person objects to that.
pub(super) fn stops(person: &Person, scope: &assent_kernel::grant::ObjectionScope) -> Option<Timestamp> {
    person.objections.iter().find(|objection| objection.scope == *scope).map(|objection| objection.at)
}

/// A scope means a party when it means the party itself or, within its depth, one that engaged it.
fn meant(policy: &Policy, party: &Party, recipients: &Recipients) -> bool {
    let mut line: Vec<&Party> = vec![party];
    while let Some(upper) =
        line.last().and_then(|last| last.engaged_by).and_then(|id: PartyId| policy.parties.get(&id))
    {
        if line.len() >= assent_kernel::party::LONGEST_CHAIN {
            return false;
        }
        line.push(upper);
    }
    recipients.scopes().all(|scope| {
        let tiers = line.iter().position(|p| scope.parties.contains(&p.id) || scope.kinds.contains(&p.kind));
        tiers.is_some_and(|tiers| tiers <= usize::from(scope.depth))
    })
}
