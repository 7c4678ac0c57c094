//! The people: so many of each mixture of terms, each the same every time.

use std::collections::HashMap;

use anyhow::Context as _;
use assent_gate::{Gate, Newcomer};
use assent_kernel::grant::{Answer, Giver};
use assent_kernel::person::Contract;
use assent_kernel::{ContractId, PersonId, Region, Span, Timestamp};

use super::answers::Voice;
use super::calendar::{date, year};
use super::dice::Dice;
use super::facts::Facts;
use super::law::House;
use super::names::{Identity, Registry};
use super::tour::{NAMED, Named};
use super::world::{Mixture, World};

/// Newcomers of this many days come in together.
const BUCKET_DAYS: u32 = 10;
/// Nobody but an import came in later than this.
pub(super) const NEWEST: u32 = 11;

/// Somebody on their way in.
pub(crate) struct Planned {
    pub(crate) member: Member,
    pub(crate) newcomer: Newcomer,
    pub(crate) region: Region,
    pub(crate) source: String,
}

/// Somebody of the world, without a value.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) id: PersonId,
    pub(crate) company: &'static str,
    pub(crate) mixture: String,
    /// The tour's name for them.
    pub(crate) key: Option<&'static str>,
    pub(crate) admitted: Timestamp,
    pub(crate) american: bool,
    /// What their main device is: `toothbrush`, `fridge` or nothing.
    pub(crate) device: &'static str,
}

/// Casts both companies.
pub(crate) struct Casting<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) world: &'a World,
    pub(crate) halden: &'a House,
    pub(crate) meadow: &'a House,
    /// The regions of the installation, the companies' own first.
    pub(crate) regions: Vec<Region>,
    pub(crate) at: Timestamp,
}

/// How many people each mixture has: the shares of the file, rounded so that they add up.
pub(crate) fn counts(mixtures: &[Mixture], people: usize) -> Vec<usize> {
    let exact: Vec<f64> = mixtures.iter().map(|mixture| mixture.share * people as f64).collect();
    let mut out: Vec<usize> = exact.iter().map(|n| (n + 1e-9).floor() as usize).collect();
    let mut order: Vec<usize> = (0..out.len()).collect();
    let rest = |i: &usize| exact.get(*i).map_or(0.0, |n| n - (n + 1e-9).floor());
    order.sort_by(|a, b| rest(b).total_cmp(&rest(a)));
    let missing = people.saturating_sub(out.iter().sum());
    for i in order.into_iter().take(missing) {
        if let Some(slot) = out.get_mut(i) {
            *slot += 1;
        }
    }
    out
}

impl Casting<'_> {
    /// Everybody of both companies.
    pub(crate) fn everybody(&self, people: usize) -> anyhow::Result<Vec<Planned>> {
        let mut names = Registry::new(self.world);
        let mut identities: HashMap<&str, Identity> = HashMap::new();
        for one in NAMED {
            let mut dice = self.dice(one.key);
            identities.insert(one.key, names.named(one.given, one.family, one.email, one.region, &mut dice));
        }
        let (mut all, mut patients) = (Vec::new(), Vec::new());
        let counts = counts(&self.world.mixture, people);
        for (mixture, count) in self.world.mixture.iter().zip(counts) {
            let mut named = NAMED.iter().filter(|one| one.mixture == mixture.key);
            let most = count.max(named.clone().count());
            for i in 0..most {
                let mut dice = self.dice(&format!("halden/{}/{i}", mixture.key));
                let named = named.next();
                let known = named.and_then(|one| identities.get(one.key).cloned());
                let one = known.unwrap_or_else(|| names.anybody(&mut dice));
                all.push(self.customer(mixture, named, &one, i, &mut dice)?);
                if mixture.patient {
                    patients.push((one, mixture.key == "combined" && i % 2 == 0));
                }
            }
        }
        let more = (people * 3 / 20).saturating_sub(patients.len());
        for i in 0..more {
            patients.push((names.anybody(&mut self.dice(&format!("meadow/name/{i}"))), false));
        }
        let shared = patients.len().saturating_sub(more);
        for (i, (one, combines)) in patients.iter().enumerate() {
            all.push(self.patient(one, i, i < shared, *combines)?);
        }
        Ok(all)
    }

    pub(super) fn dice(&self, name: &str) -> Dice {
        Dice::of(self.world.seed, name)
    }

    /// The end of the bucket in which they came in.
    pub(super) fn bucket(&self, joined: Timestamp) -> Timestamp {
        let bucket = Span::days(BUCKET_DAYS).micros();
        let gap = self.at.micros().saturating_sub(joined.micros());
        Timestamp::from_micros(self.at.micros().saturating_sub(gap / bucket * bucket))
    }

    pub(super) fn place(&self, one: &Identity) -> anyhow::Result<Region> {
        use assent_kernel::TreeKey as _;
        let own =
            self.regions.iter().find(|region| one.region.as_ref().is_some_and(|home| region.covers(home)));
        own.or_else(|| self.regions.first()).cloned().context("this installation has no region")
    }

    fn customer(
        &self,
        mixture: &Mixture,
        named: Option<&Named>,
        one: &Identity,
        i: usize,
        dice: &mut Dice,
    ) -> anyhow::Result<Planned> {
        let key = named.map(|named| named.key);
        let late = key.is_none()
            && matches!(mixture.key.as_str(), "friend" | "newsletter-any" | "fridge")
            && dice.chance(12);
        let own_child = mixture.key == "brush-own-eyes" && i % 16 == 1;
        let minor = key == Some("minor") || own_child || (mixture.key == "brush-own-eyes" && i % 16 == 2);
        let voice = Voice {
            gate: self.gate,
            house: self.halden,
            at: self.at,
            age: if key.is_some() { 100 } else { dice.between(60, 170) },
            older: if late { 400 } else { 0 },
            exact: key.is_some(),
            american: one.american(),
            last_use: key.is_none() && i % 6 == 4,
            giver: if minor && !own_child && key.is_none() { Giver::Guardian } else { Giver::Subject },
        };
        let answers =
            mixture.grants.iter().map(|row| voice.answers(row, dice)).collect::<anyhow::Result<Vec<_>>>()?;
        let answers: Vec<Answer> = answers.into_iter().flatten().collect();
        let (joined, source) = self.joined(mixture, key, &answers, dice);
        let admitted = if mixture.source == "import" { joined } else { self.bucket(joined) };
        let contracts = self.contracts(mixture, key, joined, dice);
        let device = device(mixture);
        let mut facts =
            Facts::new(self.world, one, self.halden.policy.mandate("ao-147-invoices").map(|m| m.id));
        if mixture.contract.is_empty() {
            facts.imported(i, dice);
        } else {
            facts.contact(true, dice);
            let account = format!("HH-{}-{}", year(joined), dice.digits("####"));
            facts.customer(&account, contracts.first().map_or(joined, |c| c.from), joined, device, dice);
        }
        self.extras(&mut facts, mixture, key, minor, dice);
        let newcomer = Newcomer {
            id: PersonId::new(joined, dice.ten()),
            residence: one.region.clone(),
            minor,
            contracts,
            answers,
            objections: Vec::new(),
            facts: facts.done(),
        };
        let member = Member {
            id: newcomer.id,
            company: self.halden.code,
            mixture: mixture.key.clone(),
            key,
            admitted,
            american: one.american(),
            device,
        };
        Ok(Planned { member, newcomer, region: self.place(one)?, source })
    }

    /// When they came in, and by which door.
    fn joined(
        &self,
        mixture: &Mixture,
        key: Option<&str>,
        answers: &[Answer],
        dice: &mut Dice,
    ) -> (Timestamp, String) {
        let ago = |days: u32| self.at.minus(Span::days(days));
        if mixture.source == "import" {
            let files = [
                (26, "import trade-fair-list.csv"),
                (12, "import old-crm.csv"),
                (4, "import dealer-list.csv"),
            ];
            let (days, file) = dice.pick(&files).copied().unwrap_or((4, "import"));
            return (ago(days), file.into());
        }
        let newest = answers.iter().map(|answer| answer.at).max();
        // Most came within the last two years; a few are old enough for their data to have run out.
        let days = match (key, dice.chance(12)) {
            (Some(_), _) => 220,
            (None, true) => dice.between(735, 1_085),
            (None, false) => dice.between(NEWEST, 700),
        };
        let source = match mixture.source.as_str() {
            "device" => "Halden app",
            "portal" => "the person",
            _ => "shop",
        };
        (
            newest.unwrap_or(ago(days).minus(Span::minutes(dice.between(0, 1_400)))).min(ago(NEWEST)),
            source.into(),
        )
    }

    fn contracts(
        &self,
        mixture: &Mixture,
        key: Option<&str>,
        joined: Timestamp,
        dice: &mut Dice,
    ) -> Vec<Contract> {
        let of = |kind: &str, from: Timestamp, dice: &mut Dice| {
            let days =
                self.world.contract_kind.iter().find(|one| one.key == kind).map_or(365, |one| one.days);
            let until = from.plus(Span::days(days));
            Contract { id: ContractId::new(from, dice.ten()), kind: kind.to_owned(), from, until }
        };
        if mixture.contract.is_empty() {
            return Vec::new();
        }
        let from = joined.minus(Span::days(if key.is_some() { 40 } else { dice.between(0, 300) }));
        let mut all = vec![of(&mixture.contract, from, dice)];
        if let (Some("ito"), Some(contract)) = (key, all.first_mut()) {
            contract.until = next_first_of_may(self.at);
        }
        if key == Some("county") {
            all.push(of("public-client", joined, dice));
        }
        all
    }

    fn extras(
        &self,
        facts: &mut Facts<'_>,
        mixture: &Mixture,
        key: Option<&str>,
        minor: bool,
        dice: &mut Dice,
    ) {
        if minor {
            let born = year(self.at) - 13;
            facts.add(
                "personal.birth-date",
                format!("{born}-0{}-1{}", dice.between(1, 9), dice.between(0, 9)),
            );
        } else if dice.chance(10) && !mixture.contract.is_empty() {
            let born = year(self.at) - i64::from(dice.between(22, 81));
            facts.add(
                "personal.birth-date",
                format!("{born}-0{}-1{}", dice.between(1, 9), dice.between(0, 9)),
            );
        }
        match mixture.key.as_str() {
            "friend" => facts.interest(dice),
            "brush-own-eyes" => facts.idea(dice),
            "dentist" => facts.brushing_summary(dice),
            "listed" => {
                facts.interest(dice);
                facts.add("exchange.contribution", "Name, e-mail address and city, confirmed by mail");
            }
            _ => {}
        }
        match key {
            Some("erased") => facts.purchase(true, "fridge", self.at.minus(Span::days(300)), dice),
            Some("county") => {
                facts.add("work.employer", "Harwood County Transit Office");
                facts.add("work.title", "Depot manager");
            }
            Some("friend") => facts.idea(dice),
            Some("fridge") => facts.add("communication.ticket", "Fridge shows E4 and hums"),
            _ => {}
        }
    }
}

fn device(mixture: &Mixture) -> &'static str {
    match mixture.key.as_str() {
        "brush-own-eyes" | "dentist" | "combined" => "toothbrush",
        "fridge" => "fridge",
        _ => "",
    }
}

/// The first of May that is at least three months away: 1 May 2027 for somebody who looks in 2026.
pub(crate) fn next_first_of_may(at: Timestamp) -> Timestamp {
    let soon = at.plus(Span::days(90));
    let this = date(year(soon), 5, 1);
    if this > soon { this } else { date(year(soon) + 1, 5, 1) }
}
