//! The history of the demo world, made by real acts and real questions: what is refused here was refused by the law.

use std::collections::BTreeMap;

use anyhow::Context as _;
use assent_gate::{Act, Admission, Dossier, Gate, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted};
use assent_kernel::{Asker, PersonId, PurposeKey, Role, StaffId, Timestamp};

use super::cast::Member;
use super::law::{House, county, publish, staff_id};
use super::steps::Step;
use super::world::World;

/// How often something was asked, and how often the answer was yes.
pub(crate) type Tally = BTreeMap<&'static str, (usize, usize)>;

/// The making of the history.
pub(crate) struct History<'a> {
    pub(super) gate: &'a Gate,
    pub(super) world: &'a World,
    pub(super) halden: &'a House,
    pub(super) meadow: &'a House,
    pub(super) now: Timestamp,
    pub(super) members: Vec<Member>,
    /// What was asked in the name of whom.
    pub(crate) tally: Tally,
    /// Who was erased.
    pub(crate) erased: Option<PersonId>,
}

impl<'a> History<'a> {
    /// Nothing happened yet.
    pub(crate) fn new(
        gate: &'a Gate,
        world: &'a World,
        halden: &'a House,
        meadow: &'a House,
        now: Timestamp,
    ) -> Self {
        Self { gate, world, halden, meadow, now, members: Vec::new(), tally: Tally::new(), erased: None }
    }

    /// Lets everything happen, in order.
    pub(crate) async fn run(
        &mut self,
        steps: Vec<(Timestamp, Step)>,
        progress: &mut impl FnMut(&str, u64, u64),
    ) -> anyhow::Result<()> {
        let total = steps.iter().map(|(_, step)| step.weight()).sum();
        let mut done: u64 = 0;
        for (at, step) in steps {
            let weight = step.weight();
            self.step(step, at).await?;
            done = done.saturating_add(weight);
            progress("People and their history", done, total);
        }
        Ok(())
    }

    async fn step(&mut self, step: Step, at: Timestamp) -> anyhow::Result<()> {
        match step {
            Step::Admit { company, region, source, members, people } => {
                let id = if company == self.meadow.code { self.meadow.id } else { self.halden.id };
                let batch = Admission {
                    company: id,
                    region,
                    newcomers: people,
                    source,
                    import: None,
                    asker: Asker::System,
                    owner: None,
                };
                let left_out = self.gate.admit(batch, at).await?;
                anyhow::ensure!(
                    left_out.is_empty(),
                    "the demo world holds facts that may not be kept: {left_out:?}"
                );
                self.members.extend(members);
                Ok(())
            }
            Step::Newsletter => self.newsletter(at).await,
            Step::County => self.county(at).await,
            Step::Withdraw => self.withdraw(at).await,
            Step::Wishes => self.wishes(at).await,
            Step::Work(day) => self.work(day, at).await,
            Step::Campaign => self.campaign(at).await,
            Step::Insurer => self.insurer(at).await,
            Step::Dentist => self.dentist(at).await,
            Step::Errands => self.errands(at).await,
            Step::Inform => self.inform(at).await,
            Step::Portal => self.portal(at).await,
            Step::Erase => self.erase(at).await,
            Step::Readings => self.readings(at).await,
        }
    }

    pub(super) fn staff(&self, slug: &str, role: Role) -> Asker {
        Asker::Staff(self.staff_id(slug), role)
    }
    fn staff_id(&self, slug: &str) -> StaffId {
        staff_id(slug, self.now)
    }
    /// Customers of Halden Home with one of these kinds of terms.
    pub(super) fn of(&self, mixtures: &[&str]) -> Vec<Member> {
        let own = self.members.iter().filter(|one| one.company == self.halden.code);
        own.filter(|one| mixtures.contains(&one.mixture.as_str())).cloned().collect()
    }
    pub(super) fn named(&self, key: &str) -> anyhow::Result<Member> {
        let found = self.members.iter().find(|one| one.key == Some(key));
        found.cloned().with_context(|| format!("nobody in the demo world is `{key}`"))
    }
    pub(super) async fn look(&self, who: &[Member]) -> anyhow::Result<Vec<Dossier>> {
        let ids: Vec<_> = who.iter().map(|one| one.id).collect();
        Ok(self.gate.look(&Whose::everybody(self.halden.id), &ids).await?)
    }

    async fn newsletter(&self, at: Timestamp) -> anyhow::Result<()> {
        let mut policy = self.gate.policy(self.halden.id).await?.policy.clone();
        let newest = self.halden.notices.get("newsletter").and_then(|versions| versions.last());
        publish(&mut policy, newest.context("there is no newsletter notice")?);
        Ok(self.gate.set_policy(policy, at).await?)
    }

    async fn county(&self, at: Timestamp) -> anyhow::Result<()> {
        let mut policy = self.gate.policy(self.halden.id).await?.policy.clone();
        let mandate = county(self.world, &policy, self.now)?;
        policy.mandates.insert(mandate.id, mandate);
        Ok(self.gate.set_policy(policy, at).await?)
    }

    async fn say(&self, who: &Member, act: Act, evidence: Evidence, at: Timestamp) -> anyhow::Result<()> {
        self.gate.record(self.halden.id, who.id, act, Asker::Person, evidence, at).await?;
        Ok(())
    }

    async fn withdraw(&self, at: Timestamp) -> anyhow::Result<()> {
        let newsletter = PurposeKey::new("marketing.newsletter")?;
        for (i, one) in self.of(&["withdrawn"]).iter().enumerate() {
            let evidence = if i % 2 == 0 { Evidence::Portal } else { Evidence::OneClick };
            self.say(one, Act::Withdraw(newsletter.clone()), evidence, at).await?;
        }
        Ok(())
    }

    async fn wishes(&self, at: Timestamp) -> anyhow::Result<()> {
        for one in self.of(&["friend"]).iter().skip(3).step_by(25) {
            self.say(one, Act::Object(ObjectionScope::Profiling), Evidence::Portal, at).await?;
        }
        for one in self.of(&["contract-only", "friend"]).iter().skip(5).step_by(30) {
            self.say(one, Act::Object(ObjectionScope::DirectMarketing), Evidence::Portal, at).await?;
        }
        let opted_out = ObjectionScope::SaleShare;
        let americans = self.of(&["newsletter-any", "listed", "friend"]);
        for one in americans.iter().filter(|one| one.american).step_by(3) {
            if one.key != Some("opted-out") {
                self.say(one, Act::Object(opted_out.clone()), Evidence::Signal, at).await?;
            }
        }
        self.say(&self.named("opted-out")?, Act::Object(opted_out), Evidence::Signal, at).await?;
        let restricted = self.of(&["newsletter-eu"]).into_iter().skip(7).step_by(60);
        for one in restricted.chain([self.named("restricts")?]) {
            self.say(&one, Act::Restrict(Restricted::All), Evidence::Portal, at).await?;
        }
        Ok(())
    }

    async fn erase(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let one = self.named("erased")?;
        self.gate.erase(self.halden.id, one.id, Asker::Person, true, at).await?;
        self.erased = Some(one.id);
        Ok(())
    }
}
