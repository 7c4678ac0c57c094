//! Work around people in the demo world: organisations, deals, tasks, what was done. What is about a person came through
//! the door and stands on their terms; so a deal that support noted about somebody is closed for sales.

use std::collections::HashMap;

use assent_gate::{Gate, GateError, Keeping, Own, Whose, Work};
use assent_kernel::{
    ActivityId, Asker, CategoryKey, CompanyId, DealId, MentionId, OrganisationId, PersonId, PipelineId, Role,
    Span, StaffId, StageId, TaskId, Timestamp,
};
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::deals::{self, Deal, Ending, Lost, Pipeline, Stage};
use assent_store::work::mentions::{self, Mention, Why};
use assent_store::work::organisations::{self, Organisation};
use assent_store::work::tasks::{self, Task};
use assent_store::work::{self, Text};
use assent_store::{Db, Tx};
use assent_uses::Known;

use super::cast::Member;
use super::dice::{Dice, stable};
use super::law::{House, staff_id};
use super::world::World;

/// So many deals are with people who agreed to be known to sales.
const OF_SALES: usize = 16;
/// So many were noted by support, about people whose contract opens them to support alone.
const OF_SUPPORT: usize = 6;

struct Making<'a> {
    gate: &'a Gate,
    world: &'a World,
    company: CompanyId,
    store: &'a Db,
    own: Own,
    at: Timestamp,
    dice: Dice,
}

/// Builds the work of Halden Home.
pub(crate) async fn build(
    gate: &Gate,
    world: &World,
    house: &House,
    members: &[Member],
    at: Timestamp,
) -> anyhow::Result<()> {
    let company = gate.company(house.id).await?;
    let making = Making {
        gate,
        world,
        company: house.id,
        store: gate.region_db(&company.region)?,
        own: gate.own(house.id).await?,
        at,
        dice: Dice::of(world.seed, "work"),
    };
    making.all(members).await
}

fn days(at: Timestamp, n: i32) -> Timestamp {
    let span = Span::days(n.unsigned_abs());
    let midnight = Timestamp::from_micros(at.micros().div_euclid(86_400_000_000) * 86_400_000_000);
    if n < 0 { midnight.minus(span) } else { midnight.plus(span) }
}

impl Making<'_> {
    async fn all(mut self, members: &[Member]) -> anyhow::Result<()> {
        let way = self.pipeline().await?;
        let known = self.organisations().await?;
        let deals = self.deals(&way, &known).await?;
        self.of_people(&way, members).await?;
        self.tasks(&known).await?;
        self.done(&known, &deals).await
    }

    fn staff(&self, slug: &str) -> StaffId {
        staff_id(slug, self.at)
    }

    async fn write<F>(&self, work: F) -> anyhow::Result<()>
    where
        F: FnOnce(&mut Tx<'_>) -> assent_store::Result<()> + Send + 'static,
    {
        Ok(self.store.write(work).await?)
    }

    async fn pipeline(&self) -> anyhow::Result<Pipeline> {
        let id = PipelineId::new(self.at, stable("pipeline/sales"));
        let stages = [
            ("New", 10, Ending::Open),
            ("In talks", 30, Ending::Open),
            ("Offer sent", 60, Ending::Open),
            ("Agreed", 100, Ending::Won),
            ("Lost", 0, Ending::Lost),
        ];
        let stage = |(place, (name, chance, ending)): (i64, (&str, i64, Ending))| Stage {
            id: StageId::new(self.at, stable(&format!("stage/{name}"))),
            pipeline: id,
            name: name.into(),
            place,
            chance,
            ending,
        };
        let way = Pipeline {
            id,
            name: "Sales".into(),
            place: 0,
            stages: (0..).zip(stages).map(stage).collect(),
            ver: 1,
        };
        let (company, one) = (self.company, way.clone());
        self.write(move |tx| deals::add_pipeline(tx, company, &one)).await?;
        Ok(way)
    }

    async fn organisations(&self) -> anyhow::Result<HashMap<String, OrganisationId>> {
        let mut known = HashMap::new();
        for (n, row) in (0u32..).zip(&self.world.organisation) {
            let since = self.at.minus(Span::days(300 - n * 17));
            let id = OrganisationId::new(since, stable(&format!("organisation/{}", row.name)));
            let text = serde_json::to_string(&Known {
                name: row.name.clone(),
                website: row.website.clone(),
                city: row.city.clone(),
                trade: row.trade.clone(),
                ..Known::default()
            })?;
            let own = self.own.seal(id.to_bytes(), &text)?;
            let owner = self.staff(&row.owner);
            let one = Organisation { id, own, owner: Some(owner), created_at: since, gone_at: None, ver: 1 };
            let (company, tokens) = (self.company, self.own.tokens(Work::Organisation, &row.name));
            let line = self.activity(Kind::Made, since, owner);
            let line = Activity { organisation: Some(id), ..line };
            self.write(move |tx| {
                organisations::add(tx, company, &one)?;
                activities::add(tx, company, &line)?;
                work::set_words(tx, company, id.to_bytes(), &tokens)
            })
            .await?;
            known.insert(row.name.clone(), id);
        }
        Ok(known)
    }

    fn activity(&self, kind: Kind, at: Timestamp, staff: StaffId) -> Activity {
        let id = ActivityId::new(at, stable(&format!("{kind:?}/{}/{staff}", at.micros())));
        let (text, detail) = (Text::Gone, String::new());
        Activity {
            id,
            kind,
            text,
            organisation: None,
            deal: None,
            item: None,
            person: None,
            staff,
            at,
            detail,
            gone_at: None,
        }
    }

    async fn deals(
        &mut self,
        way: &Pipeline,
        known: &HashMap<String, OrganisationId>,
    ) -> anyhow::Result<HashMap<String, DealId>> {
        let mut made = HashMap::new();
        let world = self.world;
        for (n, row) in (0u32..).zip(&world.deal) {
            let since = self.at.minus(Span::days(120 - n * 4));
            let id = DealId::new(since, stable(&format!("deal/{}", row.title)));
            let title = Text::Own(self.own.seal(id.to_bytes(), &row.title)?);
            let owner = world.organisation.iter().find(|one| one.name == row.organisation);
            let owner = owner.map(|one| self.staff(&one.owner));
            let deal = Deal {
                organisation: known.get(&row.organisation).copied(),
                cents: (row.cents > 0).then_some(row.cents),
                currency: row.currency.clone(),
                close_on: Some(days(self.at, row.close_in_days)),
                owner,
                ..self.deal(id, title, way, &row.stage, since)?
            };
            let tokens = self.own.tokens(Work::Deal, &row.title);
            self.add(deal, way, tokens).await?;
            made.insert(row.title.clone(), id);
        }
        Ok(made)
    }

    fn deal(
        &self,
        id: DealId,
        title: Text,
        way: &Pipeline,
        stage: &str,
        since: Timestamp,
    ) -> anyhow::Result<Deal> {
        let stage = way.stages.iter().find(|one| one.name == stage);
        let stage = stage.ok_or_else(|| anyhow::anyhow!("a deal of the demo is in no stage"))?;
        Ok(Deal {
            id,
            pipeline: way.id,
            stage: stage.id,
            organisation: None,
            title,
            cents: None,
            currency: "EUR".into(),
            close_on: None,
            owner: None,
            lost: (stage.ending == Ending::Lost).then_some(Lost::Price),
            created_at: since,
            staged_at: self.at.minus(Span::days(2)).max(since),
            gone_at: None,
            ver: 1,
        })
    }

    /// Adds a deal with the stages it went through.
    async fn add(&self, deal: Deal, way: &Pipeline, tokens: Vec<i64>) -> anyhow::Result<()> {
        let company = self.company;
        let staff = deal.owner.unwrap_or(self.staff("tomas.lindqvist"));
        let mut lines = vec![Activity {
            deal: Some(deal.id),
            organisation: deal.organisation,
            detail: way.stages.first().map(|one| one.name.clone()).unwrap_or_default(),
            ..self.activity(Kind::Made, deal.created_at, staff)
        }];
        let place = way.stages.iter().find(|one| one.id == deal.stage).map_or(0, |one| one.place);
        // A lost deal was lost in talks; every other one went from stage to stage.
        let lost = deal.lost.is_some();
        let on_its_way = |one: &&Stage| {
            one.id == deal.stage || one.ending == Ending::Open && one.place < if lost { 2 } else { place }
        };
        let path: Vec<&Stage> = way.stages.iter().filter(on_its_way).collect();
        for pair in path.windows(2) {
            let [from, to] = pair else { continue };
            let step = Span::hours(u32::try_from(30 + 31 * to.place).unwrap_or(30));
            let at = deal.created_at.plus(step).min(self.at);
            let detail = format!("{} → {}", from.name, to.name);
            let line = self.activity(Kind::Moved, at, staff);
            lines.push(Activity { deal: Some(deal.id), organisation: deal.organisation, detail, ..line });
        }
        self.write(move |tx| {
            deals::add(tx, company, &deal)?;
            for line in &mut lines {
                // Two deals of one colleague may have moved at the same moment.
                let mut id = line.id.to_bytes();
                id.iter_mut().zip(deal.id.to_bytes()).skip(8).for_each(|(slot, byte)| *slot ^= byte);
                line.id = ActivityId::from_bytes(id);
                activities::add(tx, company, line)?;
            }
            work::set_words(tx, company, deal.id.to_bytes(), &tokens)
        })
        .await
    }

    /// Keeps a text about a person under their terms; nothing when they do not allow it.
    async fn keep(
        &self,
        person: PersonId,
        kind: &str,
        text: &str,
        asker: Asker,
    ) -> anyhow::Result<Option<Text>> {
        let known = self.gate.look(&Whose::everybody(self.company), &[person]).await?;
        let Some(dossier) = known.first() else { return Ok(None) };
        let keeping = Keeping {
            category: CategoryKey::new(kind)?,
            value: text.to_owned(),
            source: "typed in by sales".into(),
            warrant: None,
            anchors: Vec::new(),
            carried: None,
            replaces: None,
        };
        match self.gate.keep(dossier, vec![keeping], asker, self.at).await {
            Ok((facts, _)) => Ok(facts.first().map(|fact| Text::OfPerson(person, *fact))),
            Err(GateError::NotKept(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    async fn of_people(&mut self, way: &Pipeline, members: &[Member]) -> anyhow::Result<()> {
        let of = |mixture: &str, most: usize| {
            let fitting = members.iter().filter(|one| one.company == "halden" && one.mixture == mixture);
            fitting.take(most).map(|one| (one.id, one.american)).collect::<Vec<_>>()
        };
        let (friends, customers) = (of("friend", OF_SALES), of("contract-only", OF_SUPPORT));
        let sales = ["tomas.lindqvist", "elif.aydin", "marcus.boateng"];
        let world = self.world;
        let all =
            friends.into_iter().map(|one| (one, true)).chain(customers.into_iter().map(|one| (one, false)));
        for (n, ((person, american), open)) in all.enumerate() {
            let owner = self.staff(sales.get(n % sales.len()).copied().unwrap_or("tomas.lindqvist"));
            let title = world.text.deal.get(n % world.text.deal.len().max(1)).map_or("", String::as_str);
            let asker = if open {
                Asker::Staff(owner, Role::Sales)
            } else {
                Asker::Staff(self.staff("siobhan.keane"), Role::Support)
            };
            let Some(text) = self.keep(person, "note.deal", title, asker).await? else { continue };
            let since = self.at.minus(Span::days(self.dice.between(3, 60)));
            let stage =
                way.stages.get(self.dice.index(way.stages.len())).map_or("New", |one| one.name.as_str());
            let id = DealId::new(since, self.dice.ten());
            let ahead = i32::try_from(self.dice.between(0, 45)).unwrap_or(0);
            let deal = Deal {
                cents: Some(i64::from(self.dice.between(6, 52)) * 5_000 - 100),
                currency: if american { "USD" } else { "EUR" }.into(),
                close_on: Some(days(self.at, ahead)),
                owner: Some(owner),
                ..self.deal(id, text, way, stage, since)?
            };
            self.add(deal, way, Vec::new()).await?;
            if n % 2 == 0 {
                let who = if open { owner } else { self.staff("siobhan.keane") };
                self.about(person, id, who, asker, n).await?;
            }
        }
        Ok(())
    }

    /// A task about a person.
    async fn about(
        &mut self,
        person: PersonId,
        deal: DealId,
        who: StaffId,
        asker: Asker,
        n: usize,
    ) -> anyhow::Result<()> {
        const WHAT: [&str; 5] = [
            "Call back after 17:00",
            "Send the drawing of the kitchen",
            "Ask whether the old fridge is to be taken along",
            "Tell when the first brush heads come",
            "Answer the question about the warranty",
        ];
        let what = WHAT.get(n % WHAT.len()).copied().unwrap_or("Call back");
        let Some(text) = self.keep(person, "note.task", what, asker).await? else { return Ok(()) };
        let due = i32::try_from(self.dice.between(0, 9)).unwrap_or(0) - 2;
        let id = TaskId::new(self.at, self.dice.ten());
        let task = Task { deal: Some(deal), ..self.task(id, text, who, due) };
        let company = self.company;
        self.write(move |tx| tasks::add(tx, company, &task)).await
    }

    fn task(&self, id: TaskId, text: Text, who: StaffId, due: i32) -> Task {
        Task {
            id,
            text,
            organisation: None,
            deal: None,
            item: None,
            due_on: Some(days(self.at, due)),
            remind_at: (due == 2).then(|| days(self.at, 0)),
            assignee: Some(who),
            made_by: who,
            created_at: self.at.minus(Span::days(4)),
            done_at: None,
            gone_at: None,
            ver: 1,
        }
    }

    async fn tasks(&self, known: &HashMap<String, OrganisationId>) -> anyhow::Result<()> {
        let company = self.company;
        for row in &self.world.task {
            let id = TaskId::new(self.at, stable(&format!("task/{}", row.text)));
            let text = Text::Own(self.own.seal(id.to_bytes(), &row.text)?);
            let one = self.task(id, text, self.staff(&row.who), row.due_in_days);
            let task = Task { organisation: known.get(&row.organisation).copied(), ..one };
            let tokens = self.own.tokens(Work::Task, &row.text);
            self.write(move |tx| {
                tasks::add(tx, company, &task)?;
                work::set_words(tx, company, id.to_bytes(), &tokens)
            })
            .await?;
        }
        Ok(())
    }

    /// Notes on organisations and deals, and who was told.
    async fn done(
        &self,
        known: &HashMap<String, OrganisationId>,
        made: &HashMap<String, DealId>,
    ) -> anyhow::Result<()> {
        let company = self.company;
        let notes = [
            (
                "Harwood County Transit Office",
                Kind::Meeting,
                "Forty depots, one model. They want the data in the US and it in writing. @Marcus Boateng please send Annex C.",
                "marcus.boateng",
            ),
            (
                "Meadow Dental Group",
                Kind::Call,
                "Four practices want brush heads on subscription, the fifth waits for its lease.",
                "elif.aydin",
            ),
            (
                "Hotel Birkenhof",
                Kind::Note,
                "Decides after the season. @Tomas Lindqvist offers the quiet model.",
                "tomas.lindqvist",
            ),
            ("Linden School", Kind::Call, "The class counts 24 children, two are left-handed.", "elif.aydin"),
        ];
        for (n, (name, kind, text, to)) in (0u32..).zip(notes) {
            let at = self.at.minus(Span::hours(20 + n * 26));
            let from = self.staff(if n % 2 == 0 { "elif.aydin" } else { "tomas.lindqvist" });
            let mut line = self.activity(kind, at, from);
            line.text = Text::Own(self.own.seal(line.id.to_bytes(), text)?);
            line.organisation = known.get(name).copied();
            let Some(id) = line.organisation else { continue };
            let tokens = self.own.tokens(Work::Note, text);
            let (to, href) = (self.staff(to), format!("/organisations/{id}"));
            let word = self.word(from, Why::Named, href, at);
            self.write(move |tx| {
                activities::add(tx, company, &line)?;
                work::set_words(tx, company, line.id.to_bytes(), &tokens)?;
                if text.contains('@') { mentions::add(tx, company, to, &word) } else { Ok(()) }
            })
            .await?;
        }
        let given = made.get("Minibars for 32 rooms").map(|id| format!("/deals/{id}"));
        let word = self.word(self.staff("elif.aydin"), Why::Deal, given.unwrap_or_default(), self.at);
        let to = self.staff("tomas.lindqvist");
        self.write(move |tx| mentions::add(tx, company, to, &word)).await
    }

    fn word(&self, from: StaffId, why: Why, href: String, at: Timestamp) -> Mention {
        let id = MentionId::new(at, stable(&format!("word/{href}")));
        Mention { id, made_by: from, why, href, person: None, at, read_at: None }
    }
}
