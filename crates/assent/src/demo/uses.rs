//! What was asked in the demo world: by support, sales and billing day by day, and for everybody who would receive.

use anyhow::Context as _;
use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::{Message, Share, View};
use assent_kernel::{
    Asker, CategoryKey, Context, Matter, NonEmpty, PurposeKey, Question, Region, Role, Timestamp, To, UseKind,
};

use super::cast::Member;
use super::dice::Dice;
use super::history::History;

/// One question for many people.
pub(super) struct Asking<'a> {
    pub(super) name: &'static str,
    pub(super) asker: Asker,
    pub(super) purpose: &'a str,
    /// The code of the recipient.
    pub(super) to: &'a str,
    pub(super) categories: &'a [&'a str],
    /// Where it is used, when not where the facts are.
    pub(super) region: Option<&'a str>,
}

impl History<'_> {
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

    pub(super) async fn ask<U: UseKind>(
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

    pub(super) async fn work(&mut self, day: u32, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn campaign(&mut self, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn insurer(&mut self, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn dentist(&mut self, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn errands(&mut self, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn inform(&mut self, at: Timestamp) -> anyhow::Result<()> {
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

    pub(super) async fn portal(&mut self, at: Timestamp) -> anyhow::Result<()> {
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
}
