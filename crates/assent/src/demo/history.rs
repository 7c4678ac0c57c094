//! The history of the demo world, made by real acts and real questions: what is refused here was refused by the law.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use assent_gate::{Act, Answer, Dossier, Gate, Keeping};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted};
use assent_kernel::uses::kind::{Capture, Message, Share, View};
use assent_kernel::{
    Asker, CategoryKey, Context, Matter, NonEmpty, PurposeKey, Question, Region, Role, StaffId, Timestamp,
    To, UseKind,
};
use assent_web::text;

use super::cast::Member;
use super::dice::Dice;
use super::law::{House, county, publish, staff_id};
use super::steps::Step;
use super::world::World;

/// How often something was asked, and how often the answer was yes.
pub(crate) type Tally = BTreeMap<&'static str, (usize, usize)>;

/// The making of the history.
pub(crate) struct History<'a> {
    gate: &'a Gate,
    world: &'a World,
    halden: &'a House,
    meadow: &'a House,
    now: Timestamp,
    members: Vec<Member>,
    /// What was asked in the name of whom.
    pub(crate) tally: Tally,
}

/// One question for many people.
struct Asking<'a> {
    name: &'static str,
    asker: Asker,
    purpose: &'a str,
    /// The code of the recipient.
    to: &'a str,
    categories: &'a [&'a str],
    /// Where it is used, when not where the facts are.
    region: Option<&'a str>,
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
        Self { gate, world, halden, meadow, now, members: Vec::new(), tally: Tally::new() }
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
                let left_out = self.gate.admit(id, &region, people, &source, None, Asker::System, at).await?;
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

    fn staff(&self, slug: &str, role: Role) -> Asker {
        Asker::Staff(self.staff_id(slug), role)
    }
    fn staff_id(&self, slug: &str) -> StaffId {
        staff_id(slug, self.now)
    }
    /// Customers of Halden Home with one of these kinds of terms.
    fn of(&self, mixtures: &[&str]) -> Vec<Member> {
        let own = self.members.iter().filter(|one| one.company == self.halden.code);
        own.filter(|one| mixtures.contains(&one.mixture.as_str())).cloned().collect()
    }
    fn named(&self, key: &str) -> anyhow::Result<Member> {
        let found = self.members.iter().find(|one| one.key == Some(key));
        found.cloned().with_context(|| format!("nobody in the demo world is `{key}`"))
    }
    async fn look(&self, who: &[Member]) -> anyhow::Result<Vec<Dossier>> {
        let ids: Vec<_> = who.iter().map(|one| one.id).collect();
        Ok(self.gate.look(self.halden.id, &ids).await?)
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

    fn question<U: UseKind>(
        &self,
        what: U,
        asking: &Asking<'_>,
        of: &Dossier,
        at: Timestamp,
    ) -> Option<Question<U>> {
        let wanted: Vec<CategoryKey> =
            asking.categories.iter().filter_map(|key| CategoryKey::new(key).ok()).collect();
        let kinds = || NonEmpty::try_from(wanted.iter().cloned().map(Matter::Kind).collect::<Vec<_>>()).ok();
        let matters = of.of_categories(&wanted).or_else(kinds)?;
        let region = asking.region.and_then(|text| Region::new(text).ok());
        Some(Question {
            what,
            person: of.id(),
            asker: asking.asker,
            purpose: PurposeKey::new(asking.purpose).ok()?,
            matters,
            to: To::Party(self.halden.policy.party(asking.to)?.id),
            region: region.unwrap_or_else(|| of.region().clone()),
            at,
            context: Context::default(),
        })
    }

    async fn ask<U: UseKind>(
        &mut self,
        what: U,
        asking: Asking<'_>,
        who: &[Member],
        at: Timestamp,
    ) -> anyhow::Result<Vec<Answer<U>>> {
        let dossiers = self.look(who).await?;
        let questions = dossiers.iter().filter_map(|one| Some((self.question(what, &asking, one, at)?, one)));
        let answers = self.gate.ask_many(questions.collect()).await?;
        let permitted = answers.iter().filter(|answer| answer.permit().is_some()).count();
        let (asked, yes) = self.tally.entry(asking.name).or_default();
        (*asked, *yes) = (*asked + answers.len(), *yes + permitted);
        Ok(answers)
    }

    async fn work(&mut self, day: u32, at: Timestamp) -> anyhow::Result<()> {
        let home = self.halden.code;
        let mut dice = Dice::of(self.world.seed, &format!("work/{day}"));
        let customers: Vec<Member> = self
            .members
            .iter()
            .filter(|one| one.company == home && one.mixture != "quarantine" && one.admitted < at)
            .cloned()
            .collect();
        let mut some =
            |n: usize| -> Vec<Member> { (0..n).filter_map(|_| dice.pick(&customers).cloned()).collect() };
        let (mut helped, mut courted, mut billed) = (some(5), some(2), some(2));
        if day % 5 == 2 {
            helped.push(self.named("ito")?);
            courted.push(self.named("ito")?);
        }
        if day == 4 {
            helped.extend([self.named("dentist")?, self.named("fridge")?, self.named("withdrew")?]);
            helped.extend([self.named("restricts")?, self.named("county")?]);
            courted.extend([self.named("friend")?, self.named("refused")?, self.named("eu-only")?]);
            billed.push(self.named("erased")?);
        }
        let helpers = ["siobhan.keane", "minh.tran", "aylin.kaya"];
        let helper = helpers.get(usize::try_from(day % 3)?).copied().unwrap_or("siobhan.keane");
        let support = Asking {
            name: "support looks",
            asker: self.staff(helper, Role::Support),
            purpose: "service.support",
            to: home,
            categories: &["name", "contact", "purchase.product", "note", "communication"],
            region: None,
        };
        self.ask(View, support, &helped, at).await?;
        let sales = Asking {
            name: "sales looks",
            asker: self.staff("tomas.lindqvist", Role::Sales),
            purpose: "sales.contact",
            to: home,
            categories: &["name", "contact.email", "contact.phone", "purchase.product"],
            region: None,
        };
        self.ask(View, sales, &courted, at).await?;
        let billing = Asking {
            name: "billing looks",
            asker: self.staff("gudrun.ebert", Role::Billing),
            purpose: "billing.invoice",
            to: home,
            categories: &["name", "contact.address", "purchase.invoice", "payment.method"],
            region: None,
        };
        self.ask(View, billing, &billed, at).await?;
        Ok(())
    }

    async fn campaign(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let audience =
            self.of(&["newsletter-eu", "newsletter-any", "friend", "withdrawn", "outdated", "refused"]);
        let asking = Asking {
            name: "newsletter to Postlane",
            asker: self.staff("chiara.fontana", Role::Marketing),
            purpose: "marketing.newsletter",
            to: "postlane",
            categories: &["name.given", "contact.email"],
            region: None,
        };
        self.ask(Message, asking, &audience, at).await.map(|_| ())
    }

    async fn insurer(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let mut wanted = self.of(&["dentist", "brush-own-eyes", "combined"]);
        wanted.truncate(300);
        let asking = Asking {
            name: "SureWell wants brushing data",
            asker: Asker::System,
            purpose: "device.share-dentist",
            to: "surewell",
            categories: &["health.brushing-summary"],
            region: None,
        };
        self.ask(Share, asking, &wanted, at).await.map(|_| ())
    }

    async fn dentist(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let patients = self.of(&["dentist"]);
        let to = |to, name| Asking {
            name,
            asker: Asker::System,
            purpose: "device.share-dentist",
            to,
            categories: &["name", "health.brushing-summary"],
            region: None,
        };
        self.ask(Share, to("dr-okafor", "summary to Dr. Okafor"), &patients, at).await?;
        let one = self.named("dentist")?;
        self.ask(Share, to("dr-petersen", "summary to Dr. Petersen"), &[one], at).await.map(|_| ())
    }

    async fn errands(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let asker = self.staff("siobhan.keane", Role::Support);
        let repair: &[&str] = &[
            "name",
            "contact.address",
            "contact.phone",
            "purchase.product",
            "identifier.device",
            "communication.ticket",
        ];
        let parcel: &[&str] = &["name", "contact.address", "contact.phone", "purchase.order"];
        let errand =
            |name, purpose, to, categories, region| Asking { name, asker, purpose, to, categories, region };
        let mut broken = self.of(&["fridge"]);
        broken.truncate(6);
        self.ask(
            Share,
            errand("repair to Fixwerk", "service.warranty", "fixwerk", repair, None),
            &broken,
            at,
        )
        .await?;
        let mut ordered: Vec<Member> =
            self.of(&["contract-only"]).into_iter().filter(|one| !one.american).collect();
        ordered.truncate(4);
        let county = self.named("county")?;
        ordered.push(county.clone());
        let boxline = errand("parcel to Boxline", "service.delivery", "boxline", parcel, None);
        self.ask(Share, boxline, &ordered, at).await?;
        let prairie =
            errand("parcel to Prairie Parcel", "service.delivery", "prairie-parcel", parcel, Some("us"));
        self.ask(Share, prairie, &[county], at).await?;
        let mut listed = self.of(&["listed"]);
        listed.truncate(8);
        let categories: &[&str] = &["name", "contact.email", "contact.address.city"];
        let asking = Asking {
            name: "listing in Open Contacts",
            asker: Asker::System,
            purpose: "exchange.listing",
            to: "open-contacts",
            categories,
            region: None,
        };
        self.ask(Share, asking, &listed, at).await.map(|_| ())
    }

    async fn inform(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let imported: Vec<Member> =
            self.of(&["quarantine"]).into_iter().filter(|one| one.admitted < at).step_by(12).collect();
        let asking = Asking {
            name: "imported people are told",
            asker: self.staff("ngozi.adeyemi", Role::Dpo),
            purpose: "rights.inform",
            to: self.halden.code,
            categories: &["name", "contact.email"],
            region: None,
        };
        self.ask(Message, asking, &imported, at).await.map(|_| ())
    }

    async fn portal(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let who = [self.named("dentist")?, self.named("eu-only")?, self.named("restricts")?];
        for dossier in self.look(&who).await? {
            let question = Question {
                what: View,
                person: dossier.id(),
                asker: Asker::Person,
                purpose: PurposeKey::new("rights.access")?,
                matters: dossier.everything().context("nothing is held")?,
                to: To::Person,
                region: dossier.region().clone(),
                at,
                context: Context::default(),
            };
            self.gate.ask(question, &dossier).await?;
        }
        Ok(())
    }

    async fn erase(&self, at: Timestamp) -> anyhow::Result<()> {
        let one = self.named("erased")?;
        self.gate.erase(self.halden.id, one.id, Asker::Person, true, at).await?;
        Ok(())
    }

    /// Devices send; what their owner did not allow is dropped before it is stored.
    async fn readings(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let brushes: &[&str] =
            &["device.toothbrush.brushing-time", "device.toothbrush.coverage", "device.toothbrush.pressure"];
        let fridges: &[&str] =
            &["device.fridge.temperature", "device.fridge.error-code", "device.fridge.door"];
        for (device, purpose, kinds) in
            [("toothbrush", "device.capture", brushes), ("fridge", "service.remote-diagnosis", fridges)]
        {
            let owners: Vec<Member> =
                self.members.iter().filter(|one| one.device == device).cloned().collect();
            let asking = Asking {
                name: "devices send",
                asker: Asker::System,
                purpose,
                to: self.halden.code,
                categories: kinds,
                region: None,
            };
            let answers = self.ask(Capture, asking, &owners, at).await?;
            self.store_readings(&owners, answers, at).await?;
        }
        Ok(())
    }

    async fn store_readings(
        &self,
        owners: &[Member],
        answers: Vec<Answer<Capture>>,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let mut tasks = tokio::task::JoinSet::new();
        for (dossier, answer) in self.look(owners).await?.into_iter().zip(answers) {
            let mut dice = Dice::of(self.world.seed, &format!("reading/{}", dossier.id()));
            let open = answer.ruling().verdicts.iter().filter(|(_, verdict)| verdict.open().is_some());
            let kinds = open.filter_map(|(matter, _)| match matter {
                Matter::Kind(category) => Some(category.clone()),
                Matter::Held(_) => None,
            });
            let keepings: Vec<Keeping> = kinds
                .map(|category| reading(category, &self.world.text.fridge_error, &mut dice, at))
                .collect();
            if !keepings.is_empty() {
                let (gate, dossier) = (self.gate.clone(), Arc::new(dossier));
                tasks.spawn(async move { gate.keep(&dossier, keepings, Asker::System, at).await });
            }
        }
        while let Some(kept) = tasks.join_next().await {
            kept??;
        }
        Ok(())
    }
}

fn reading(category: CategoryKey, errors: &[String], dice: &mut Dice, at: Timestamp) -> Keeping {
    let kind = category.to_string();
    let value = match kind.rsplit('.').next().unwrap_or_default() {
        "brushing-time" => format!("{} min {} s", dice.between(1, 2), dice.between(0, 59)),
        "coverage" => format!("{} of 16 areas", dice.between(11, 16)),
        "pressure" => {
            format!("{} g on average, too hard {} times", dice.between(140, 310), dice.between(0, 6))
        }
        "temperature" => format!("{}.{} °C", dice.between(3, 8), dice.between(0, 9)),
        _ => dice.text(errors).to_owned(),
    };
    Keeping {
        category,
        value: format!("{}: {value}", text::date_time(at.micros())),
        source: "the device".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    }
}
