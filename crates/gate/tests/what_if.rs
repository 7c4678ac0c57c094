//! Stories of a policy that might be, told to both engines: laid over what was done, with exact counts.

use std::ops::ControlFlow;

use assent_gate::{Act, Giving, WhatIf, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope};
use assent_kernel::mandate::{Binds, Effect, When};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Scope, Standing};
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    Asker, Context, KeySet, Mandate, MandateId, PartyId, PersonId, Policy, Question, Reason, Region, Role,
    Span, Timestamp, To, Use,
};
use assent_testkit::{Engine, House, START, category, eu, newsletter, on_both, purpose};

const POSTLANE: PartyId = PartyId::from_bytes([50; 16]);
const FORWARDER: PartyId = PartyId::from_bytes([51; 16]);

fn hours(n: u32) -> Timestamp {
    START.plus(Span::hours(n))
}

fn processor(id: PartyId, code: &str, engaged_by: Option<PartyId>, at: Timestamp) -> Party {
    let here: KeySet<Region> = [eu()].into_iter().collect();
    Party {
        id,
        code: code.into(),
        name: code.into(),
        kind: PartyKind::Processor,
        engaged_by,
        places: Places { store: here.clone(), process: here.clone(), access: here.clone(), control: here },
        agreement: Some("contract".into()),
        transfers: Vec::new(),
        standing: Standing::Active,
        described_at: at,
    }
}

struct World {
    house: House,
    mia: PersonId,
    bo: PersonId,
}

impl World {
    /// Three people who said yes to the newsletter, sent by a mail provider; five letters to Mia, two to Bo, one to
    /// Cy, who was erased since; and one look at Mia's address at home.
    async fn new(engine: Engine) -> Self {
        let house = House::new(engine).await.unwrap();
        let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
        policy.parties.insert(POSTLANE, processor(POSTLANE, "postlane", None, START));
        let mut notice = newsletter(START);
        notice.recipients = Recipients::of(Scope {
            parties: [POSTLANE].into_iter().collect(),
            kinds: Default::default(),
            depth: 0,
        });
        policy.notices.insert(notice.id, notice);
        house.gate.set_policy(policy, START).await.unwrap();
        let mut people = Vec::new();
        for (n, name) in [(1, "mia"), (2, "bo"), (3, "cy")] {
            let facts = [("name.given", name), ("contact.email", "somebody@example.org")];
            people.push(house.person(n, &facts, hours(1)).await.unwrap());
        }
        let world = Self { house, mia: people[0], bo: people[1] };
        for id in &people {
            world.say_yes(*id, if *id == world.bo { Some(2) } else { None }).await;
        }
        let [mia, bo, cy] = people[..] else { panic!("three people") };
        let letters = [(10, mia), (11, bo), (12, cy), (20, mia), (21, bo), (30, mia), (40, mia), (50, mia)];
        for (hour, who) in letters {
            assert_eq!(world.mail(who, hours(hour)).await, "PERMIT", "{hour}");
        }
        assert_eq!(world.mail(bo, hours(51)).await, "USED_UP");
        world.look_at_address(world.mia, hours(52)).await;
        // Since then Mia has objected: her letters of before were right when they were sent.
        let objects = Act::Object(ObjectionScope::DirectMarketing);
        world.act(world.mia, objects, hours(60)).await;
        world
            .house
            .gate
            .erase(world.house.company, people[2], Asker::Person, false, hours(61))
            .await
            .unwrap();
        world
    }

    async fn act(&self, who: PersonId, act: Act, at: Timestamp) {
        let done = self.house.gate.record(self.house.company, who, act, Asker::Person, Evidence::Portal, at);
        done.await.unwrap();
    }

    async fn say_yes(&self, who: PersonId, uses: Option<u32>) {
        let standing = self.house.gate.policy(self.house.company).await.unwrap();
        let notice = standing.policy.notices.get(&newsletter(START).id).unwrap().clone();
        let giving = Giving {
            purpose: notice.purpose.clone(),
            terms: self.house.gate.offered(&notice, &standing.policy, hours(2)),
            notice: notice.id,
            notice_version: 1,
            lang: "en".into(),
            uses,
        };
        self.act(who, Act::Give(Box::new(giving)), hours(2)).await;
    }

    async fn mail(&self, who: PersonId, at: Timestamp) -> &'static str {
        let dossier = self.house.gate.look_one(&Whose::everybody(self.house.company), who).await.unwrap();
        let matters = dossier.of_categories(&[category("contact.email"), category("name")]).unwrap();
        let question = Question {
            what: Message,
            person: who,
            asker: Asker::System,
            purpose: purpose("marketing.newsletter"),
            matters,
            to: To::Party(POSTLANE),
            region: eu(),
            at,
            context: Context::default(),
        };
        let answer = self.house.gate.ask(question, &dossier).await.unwrap();
        answer.ruling().refusal().map_or("PERMIT", Reason::code)
    }

    async fn look_at_address(&self, who: PersonId, at: Timestamp) {
        let dossier = self.house.gate.look_one(&Whose::everybody(self.house.company), who).await.unwrap();
        let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
        let question = self.house.question(View, who, Role::Marketing, "marketing.newsletter", matters, at);
        assert!(self.house.gate.ask(question, &dossier).await.unwrap().permit().is_some());
    }

    async fn today(&self) -> Policy {
        self.house.gate.policy(self.house.company).await.unwrap().policy.clone()
    }

    async fn what_if(&self, draft: &Policy, from: Timestamp, role: Role) -> WhatIf {
        let mut last = 0;
        let progress = |done, total| {
            assert!(done == last + 1 && done <= total);
            last = done;
            ControlFlow::Continue(())
        };
        self.house.gate.what_if(self.house.company, draft, from..hours(100), role, progress).await.unwrap()
    }

    fn rule(&self, like: &Policy) -> Mandate {
        Mandate {
            id: MandateId::from_bytes([77; 16]),
            key: "no-letters".into(),
            effect: Effect::Forbid,
            purposes: [purpose("marketing")].into_iter().collect(),
            categories: [category("contact")].into_iter().collect(),
            uses: [Use::Message].into_iter().collect(),
            when: When::Always,
            binds: Binds::Every,
            // Not in force, and approved by nobody: a draft counts as if it were.
            from: hours(5000),
            until: Timestamp::MAX,
            approved_by: Vec::new(),
            ..like.mandates.values().next().unwrap().clone()
        }
    }
}

/// Refused, in part, people touched, people to ask.
fn counts(found: &WhatIf) -> (u64, u64, u64, u64) {
    (found.refused, found.narrowed, found.people_touched, found.to_ask)
}

async fn a_draft_like_today_changes_nothing(engine: Engine) {
    let world = World::new(engine).await;
    let today = world.today().await;
    let found = world.what_if(&today, START, Role::Admin).await;
    assert!(found.changes_nothing() && found.lost.is_empty() && found.whole, "{found:?}");
    assert_eq!((found.people, found.uses, found.not_compared, found.whom), (2, 8, 0, None));
    // The time that is asked about is what is looked at: two letters and a look since then.
    assert_eq!(world.what_if(&today, hours(40), Role::Admin).await.uses, 3);
    let other = Policy { company: assent_kernel::CompanyId::from_bytes([9; 16]), ..today.clone() };
    let go = |_, _| ControlFlow::Continue(());
    let refused = world.house.gate.what_if(world.house.company, &other, START..hours(100), Role::Dpo, go);
    assert!(refused.await.is_err(), "another company's policy");
    let stop = |_, _| ControlFlow::Break(());
    let part = world.house.gate.what_if(world.house.company, &today, START..hours(100), Role::Dpo, stop);
    let part = part.await.unwrap();
    assert_eq!((part.whole, part.people), (false, 1));
}

async fn a_rule_that_forbids(engine: Engine) {
    let world = World::new(engine).await;
    let mut draft = world.today().await;
    let rule = world.rule(&draft);
    draft.mandates.insert(rule.id, rule.clone());
    // The addresses of seven letters; the names in them stay, so each is narrowed. The look at home is not a letter.
    let found = world.what_if(&draft, START, Role::Admin).await;
    assert_eq!(counts(&found), (0, 7, 2, 0), "{found:?}");
    let [line] = &found.lost[..] else { panic!("{found:?}") };
    assert_eq!((line.purpose.to_string().as_str(), line.what), ("marketing.newsletter", Use::Message));
    assert_eq!((line.to.as_str(), line.reason.code(), line.people), ("postlane", "FORBIDDEN_BY", 2));
    // A rule about every kind leaves nothing of them.
    let all = ["contact", "name"].into_iter().map(category).collect();
    draft.mandates.insert(rule.id, Mandate { categories: all, ..rule });
    let found = world.what_if(&draft, START, Role::Admin).await;
    assert_eq!(counts(&found), (7, 0, 2, 0), "{found:?}");
}

async fn a_mail_provider_that_is_suspended(engine: Engine) {
    let world = World::new(engine).await;
    let mut draft = world.today().await;
    draft.parties.get_mut(&POSTLANE).unwrap().standing = Standing::Suspended;
    let found = world.what_if(&draft, START, Role::Dpo).await;
    assert_eq!(counts(&found), (7, 0, 2, 0), "{found:?}");
    assert_eq!((found.lost.len(), found.lost[0].reason.code()), (1, "PARTY_NOT_ACTIVE"));
    assert_eq!(found.whom, Some(Vec::new()), "nobody can mend that by being asked");
    // It moves: the people of the letters would have to be asked.
    draft = world.today().await;
    let us: KeySet<Region> = [Region::new("us").unwrap()].into_iter().collect();
    draft.parties.get_mut(&POSTLANE).unwrap().places.store = us;
    let found = world.what_if(&draft, hours(15), Role::Dpo).await;
    assert_eq!(counts(&found), (5, 0, 2, 2), "{found:?}");
    assert_eq!(found.lost[0].reason.code(), "HOP_OUTSIDE_REGION");
    // It announces somebody behind it, whom nobody's yes reaches.
    draft = world.today().await;
    let mut behind = processor(FORWARDER, "forwarder", Some(POSTLANE), hours(90));
    behind.standing = Standing::Proposed(hours(5000));
    draft.parties.insert(FORWARDER, behind);
    let found = world.what_if(&draft, START, Role::Admin).await;
    assert_eq!(counts(&found), (7, 0, 2, 2), "{found:?}");
    assert_eq!((found.lost[0].reason.code(), found.whom), ("TIER_TOO_DEEP", None));
}

async fn an_older_text_that_no_longer_counts(engine: Engine) {
    let world = World::new(engine).await;
    let mut draft = world.today().await;
    let id = newsletter(START).id;
    draft.notices.get_mut(&id).unwrap().version = 2;
    draft.oldest_valid.insert(id, 2);
    let found = world.what_if(&draft, START, Role::Dpo).await;
    assert_eq!(counts(&found), (8, 0, 2, 2), "{found:?}");
    let mut asked = found.whom.clone().unwrap();
    asked.sort_unstable();
    assert_eq!(asked, [world.mia, world.bo]);
    let lines: Vec<_> =
        found.lost.iter().map(|one| (one.what, one.to.as_str(), one.refused, one.people)).collect();
    assert_eq!(lines, [(Use::Message, "postlane", 7, 2), (Use::View, "testco", 1, 1)]);
    assert!(found.lost.iter().all(|one| one.reason == Reason::NoticeOutdated));
}

on_both!(
    a_draft_like_today_changes_nothing,
    a_rule_that_forbids,
    a_mail_provider_that_is_suspended,
    an_older_text_that_no_longer_counts,
);
