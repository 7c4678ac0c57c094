//! The people of Meadow Dental Group: some are customers of Halden Home too, and the two companies do not know it.

use assent_gate::Newcomer;
use assent_kernel::grant::Giver;
use assent_kernel::person::Contract;
use assent_kernel::{ContractId, PersonId, Span};

use super::answers::Voice;
use super::calendar::year;
use super::cast::{Casting, Member, NEWEST, Planned};
use super::facts::Facts;
use super::names::Identity;
use super::world::GrantRow;

impl Casting<'_> {
    /// One of them. `shared` are customers of Halden Home; of these, `combines` let both companies combine.
    pub(super) fn patient(
        &self,
        one: &Identity,
        i: usize,
        shared: bool,
        combines: bool,
    ) -> anyhow::Result<Planned> {
        let mut dice = self.dice(&format!("meadow/{i}"));
        let mixture = match (shared, combines, i % 5) {
            (true, true, _) => "combined",
            (true, false, _) => "patient",
            (false, _, 0) => "quarantine",
            (false, _, 1) => "practice-news",
            (false, _, _) => "patient",
        };
        let (notice, days_ago) = if combines { ("combine-halden", 20) } else { ("practice-news", 80) };
        let says = matches!(mixture, "combined" | "practice-news");
        let row = says.then(|| GrantRow {
            notice: notice.into(),
            days_ago,
            regions: None,
            state: None,
            withdrawn_days_ago: None,
            uses_left: None,
        });
        let age = if combines { 100 } else { dice.between(60, 170) };
        let voice = Voice {
            gate: self.gate,
            house: self.meadow,
            at: self.at,
            age,
            older: 0,
            exact: combines,
            american: false,
            last_use: false,
            giver: Giver::Subject,
        };
        let answers = row.map(|row| voice.answers(&row, &mut dice)).transpose()?.unwrap_or_default();
        let import = mixture == "quarantine";
        let ago = |days: u32| self.at.minus(Span::days(days));
        let joined = answers.first().map_or_else(|| ago(dice.between(NEWEST, 700)), |answer| answer.at);
        let joined = if import { ago(18) } else { joined.min(ago(NEWEST)) };
        let admitted = if import { joined } else { self.bucket(joined) };
        let mut facts = Facts::new(self.world, one, None);
        facts.contact(false, &mut dice);
        let mut contracts = Vec::new();
        if !import {
            let from = joined.minus(Span::days(dice.between(0, 400)));
            let until = from.plus(Span::days(1_825));
            contracts.push(Contract {
                id: ContractId::new(from, dice.ten()),
                kind: "dental-patient".into(),
                from,
                until,
            });
            let born = year(self.at) - i64::from(dice.between(19, 84));
            facts.add(
                "personal.birth-date",
                format!("{born}-0{}-1{}", dice.between(1, 9), dice.between(0, 9)),
            );
            facts.add("identifier.account", format!("MD-{}", dice.digits("######")));
        }
        if combines {
            facts.add("health.dental", "Last check-up: no caries, gums slightly inflamed at the lower left.");
        }
        let newcomer = Newcomer {
            id: PersonId::new(joined, dice.ten()),
            residence: one.region.clone(),
            minor: false,
            contracts,
            answers,
            objections: Vec::new(),
            facts: facts.done(),
        };
        let member = Member {
            id: newcomer.id,
            company: self.meadow.code,
            mixture: mixture.into(),
            key: None,
            admitted,
            american: one.american(),
            device: "",
        };
        let source = if import { "import practice-takeover.csv" } else { "the practice" };
        Ok(Planned { member, newcomer, region: self.place(one)?, source: source.into() })
    }
}
