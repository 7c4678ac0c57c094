//! Files, somebody who was deleted, and an emergency: one scene each.

use anyhow::Context as _;
use assent_gate::{Dossier, Gate, NewEmergency, NewFile, Second, Whose};
use assent_kernel::mandate::{Binds, Citation, Effect, Level, Mandate, Mask, When};
use assent_kernel::party::{PartyKind, Recipients, Scope};
use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::uses::kind::View;
use assent_kernel::{
    Also, Asker, CategoryKey, Context, MandateId, Policy, PurposeKey, Question, Role, Span, Timestamp, To,
    Use, Zones,
};

use super::cast::Member;
use super::dice::stable;
use super::law::{House, staff_id};

/// The purpose under which Halden Home opens something for somebody's life.
const LIFE: &str = "safety.life";

/// What the law allows where somebody's life is in danger, as the company and a second person took it over.
pub(super) fn lay_down(policy: &mut Policy, two: [&str; 2], at: Timestamp) -> anyhow::Result<()> {
    let key = PurposeKey::new(LIFE)?;
    let purpose = Purpose {
        key: key.clone(),
        version: 1,
        dpv: "dpv:VitalInterest".into(),
        basis: Basis::Vital,
        uses: [Use::View].into_iter().collect(),
        longest: Span::days(0),
        direct_marketing: false,
        automation: Automation::None,
        roles: [Role::Support, Role::Product].into_iter().collect(),
        label: "Emergencies".into(),
        labels: Also::of("de", "Notfälle"),
        sentence: "So that somebody can be helped at once whose life is in danger.".into(),
        sentences: Also::of("de", "Damit jemandem sofort geholfen werden kann, dessen Leben in Gefahr ist."),
    };
    policy.purposes.insert(key.clone(), purpose);
    let helpers = Scope { parties: [].into(), kinds: [PartyKind::Processor].into(), depth: 2 };
    let kinds = ["name", "contact", "purchase.product", "health"];
    let mandate = Mandate {
        id: MandateId::new(at, stable("mandate/gdpr-6-vital")),
        key: "gdpr-6-vital".into(),
        version: 1,
        effect: Effect::Permit,
        level: Level::Law,
        cite: Citation {
            instrument: "Regulation (EU) 2016/679 (GDPR)".into(),
            article: "Art. 6(1)(d), Art. 9(2)(c)".into(),
            url: "https://eur-lex.europa.eu/eli/reg/2016/679/oj".into(),
            jurisdiction: "eu".into(),
        },
        purposes: [key].into_iter().collect(),
        categories: kinds.into_iter().map(CategoryKey::new).collect::<Result<_, _>>()?,
        uses: [Use::View].into_iter().collect(),
        roles: [Role::Support, Role::Product].into_iter().collect(),
        recipients: Recipients::of(helpers),
        zones: Zones::inside(policy.regions.clone()),
        when: When::Always,
        binds: Binds::Every,
        mask: Mask::Full,
        keeps: None,
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        approved_by: two.iter().map(|slug| staff_id(slug, at)).collect(),
        sentence:
            "To protect somebody's life we may open what helps, with a second person's yes, and you are told."
                .into(),
        sentences: Also::of(
            "de",
            "Um ein Leben zu schützen, dürfen wir öffnen, was hilft, mit dem Ja einer zweiten Person, und Sie erfahren es.",
        ),
    };
    policy.mandates.insert(mandate.id, mandate);
    Ok(())
}

/// Plays the three scenes.
pub(super) async fn build(
    gate: &Gate,
    halden: &House,
    members: &[Member],
    at: Timestamp,
) -> anyhow::Result<()> {
    let scene = Scene { gate, halden, members, at };
    scene.files().await?;
    scene.deleted().await?;
    scene.emergency().await
}

struct Scene<'a> {
    gate: &'a Gate,
    halden: &'a House,
    members: &'a [Member],
    at: Timestamp,
}

impl Scene<'_> {
    async fn somebody(&self, email: &str) -> anyhow::Result<Dossier> {
        let found = self.gate.find_email(self.halden.id, email).await?;
        let id = found.first().copied().with_context(|| format!("nobody is {email}"))?;
        Ok(self.gate.look_one(&Whose::everybody(self.halden.id), id).await?)
    }

    fn staff(&self, slug: &str, role: Role) -> Asker {
        Asker::Staff(staff_id(slug, self.at), role)
    }

    /// A report and a picture in Çağrı Kılıç's record, from support.
    async fn files(&self) -> anyhow::Result<()> {
        let report: (&str, &str, &[u8]) =
            ("Repair report.pdf", "pdf", include_bytes!("../../demo/repair-report.pdf"));
        let plate: (&str, &str, &[u8]) =
            ("Type plate.png", "png", include_bytes!("../../demo/type-plate.png"));
        for (name, kind, content) in [report, plate] {
            let dossier = self.somebody("cagri.kilic@example.org").await?;
            let file = NewFile {
                category: CategoryKey::new("note.free-text")?,
                name: name.into(),
                kind: kind.into(),
                content: content.to_vec(),
                source: "a file, from support".into(),
            };
            let support = self.staff("siobhan.keane", Role::Support);
            self.gate.keep_file(&dossier, file, support, self.at).await.context("keeping a file")?;
        }
        Ok(())
    }

    /// A customer whom support deleted: to be brought back for a while.
    async fn deleted(&self) -> anyhow::Result<()> {
        let fits = |one: &&Member| one.company == self.halden.code && one.mixture == "contract-only";
        let Some(last) = self.members.iter().rfind(fits) else { return Ok(()) };
        let siobhan = staff_id("siobhan.keane", self.at);
        let by = (siobhan, Asker::Staff(siobhan, Role::Support));
        self.gate
            .delete(&Whose::everybody(self.halden.id), last.id, by, Span::days(30), self.at)
            .await
            .context("deleting somebody")
    }

    /// Support opens how Tereza Dvořáková can be reached, because a fridge like hers caught fire; the officer agrees.
    async fn emergency(&self) -> anyhow::Result<()> {
        let dossier = self.somebody("tereza.dvorakova@example.org").await?;
        let siobhan = staff_id("siobhan.keane", self.at);
        let kinds = ["name", "contact"];
        let mut held: Vec<CategoryKey> = dossier
            .facts()
            .map(|held| held.category().clone())
            .filter(|key| kinds.iter().any(|kind| key.to_string().starts_with(kind)))
            .collect();
        held.dedup();
        let new = NewEmergency {
            purpose: PurposeKey::new(LIFE)?,
            kinds: held,
            case: "HH-20931".into(),
            reason: "A dangerous product is in use. A neighbour called: smoke, and nobody answers the door."
                .into(),
            who: "Siobhan Keane".into(),
        };
        let asked = self.gate.ask_emergency(&dossier, (siobhan, Role::Support), new, self.at).await?;
        let id = asked.map_err(|reason| anyhow::anyhow!("no emergency: {}", reason.code()))?;
        let second = Second {
            staff: staff_id("ngozi.adeyemi", self.at),
            role: Role::Dpo,
            name: "Ngozi Adeyemi".into(),
            yes: Some(Span::minutes(60)),
        };
        self.gate.settle_emergency(&Whose::everybody(self.halden.id), id, second, self.at).await?;
        let question = Question {
            what: View,
            person: dossier.id(),
            asker: Asker::Staff(siobhan, Role::Support),
            purpose: PurposeKey::new(LIFE)?,
            matters: dossier.everything().context("nothing is held")?,
            to: To::Party(self.halden.policy.home),
            region: dossier.region().clone(),
            at: self.at,
            context: Context::default(),
        };
        self.gate.ask(question, &dossier).await?;
        Ok(self.gate.looked_in_emergency(&dossier, id, self.at).await?)
    }
}
