//! An emergency, told: asked by one, agreed to by another in time, open for a while for them and for these kinds alone,
//! told to the person; and a case that staff name for a law.

use assent_gate::{Emergency, NewEmergency, Second, Whose};
use assent_kernel::mandate::{Binds, Effect, Level, Mask, When};
use assent_kernel::party::{PartyKind, Recipients, Scope};
use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::uses::kind::View;
use assent_kernel::zone::Zones;
use assent_kernel::{
    Also, Asker, Context, Mandate, MandateId, Matter, NonEmpty, PersonId, Question, RequestId, Role, Span,
    StaffId, Timestamp, To, Use,
};
use assent_store::access;
use assent_testkit::{START, category, eu, purpose};

use crate::desk::story::fixture::{Desk, Engine, MIA, Someone, form};

const VITAL: &str = "emergency.life";

/// A law for emergencies, as two people approve it.
async fn laid_down(desk: &Desk) {
    let gate = &desk.house.gate;
    let mut policy = gate.policy(desk.house.company).await.unwrap().policy.clone();
    let key = purpose(VITAL);
    policy.purposes.insert(
        key.clone(),
        Purpose {
            key: key.clone(),
            version: 1,
            dpv: "dpv:VitalInterest".into(),
            basis: Basis::Vital,
            uses: [Use::View].into_iter().collect(),
            longest: Span::days(0),
            direct_marketing: false,
            automation: Automation::None,
            roles: [Role::Sales, Role::Support].into_iter().collect(),
            label: "Emergencies".into(),
            labels: Also::default(),
            sentence: "So that somebody can be helped whose life is in danger.".into(),
            sentences: Also::default(),
        },
    );
    let shipped = policy.mandate("gpsr-recall").unwrap().clone();
    let helpers = Scope { parties: [].into(), kinds: [PartyKind::Processor].into(), depth: 2 };
    let mandate = Mandate {
        id: MandateId::from_bytes([0x77; 16]),
        key: "gdpr-6-vital".into(),
        version: 1,
        effect: Effect::Permit,
        level: Level::Law,
        purposes: [key].into_iter().collect(),
        categories: ["name", "contact"].into_iter().map(category).collect(),
        uses: [Use::View].into_iter().collect(),
        roles: [Role::Sales, Role::Support].into_iter().collect(),
        recipients: Recipients::of(helpers),
        zones: Zones::inside(policy.regions.clone()),
        when: When::Always,
        binds: Binds::Every,
        mask: Mask::Full,
        keeps: None,
        sentence: "To save somebody's life we may open what is needed.".into(),
        ..shipped
    };
    policy.mandates.insert(mandate.id, mandate);
    gate.set_policy(policy, START).await.unwrap();
}

fn asked(more: &str) -> String {
    form(&[
        ("reason", "Somebody's life or health is in danger"),
        ("more", more),
        ("case", "HH-4711"),
        ("kind", "contact.phone"),
        ("kind", "name.full"),
    ])
}

async fn ask(sales: &Someone, mia: PersonId) -> String {
    let page = sales.get(&format!("/people/{mia}")).await;
    assert!(page.has(&format!("/people/{mia}/emergency")), "the way is shown where something is closed");
    let form = sales.get(&format!("/people/{mia}/emergency")).await;
    assert!(form.has("value=\"contact.phone\"") && !form.has("value=\"purchase.product\""));
    form.has_none(&MIA);
    let done = sales.post(&format!("/people/{mia}/emergency"), &asked("The fridge smokes.")).await;
    assert!(done.status == 303 && done.to.starts_with("/emergencies/req_"), "{}: {}", done.status, done.body);
    done.to
}

/// The officer, whose account stands long enough to count.
async fn officer(desk: &Desk) -> Someone {
    desk.clock.advance(Span::days(1).micros());
    desk.enter(Role::Dpo, "rights.inform").await
}

async fn uses_of(desk: &Desk, mia: PersonId) -> Vec<Emergency> {
    let own = desk.house.gate.look_own(desk.house.company, mia).await.unwrap();
    desk.house.gate.emergencies_of(&own).await.unwrap()
}

async fn what_is_agreed_to_opens_for_a_while_for_one_and_the_person_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    laid_down(&desk).await;
    let dpo = officer(&desk).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let there = ask(&sales, mia).await;
    let waits = sales.get(&there).await;
    assert!(waits.has("waits for a second person") && !waits.has(">Approve<"));
    waits.has_none(&MIA);
    let seen = dpo.get(&there).await;
    assert!(seen.has(">Approve<") && seen.has("The fridge smokes.") && seen.has("HH-4711"));
    seen.has_none(&MIA);
    assert_eq!(dpo.post(&there, "answer=yes").await.status, 303);

    let open = sales.get_in("de", &there).await;
    assert!(open.has("Mia Ito") && open.has("+49 451 5550100"), "{}", open.body);
    open.has_none(&["mia.ito@example.org", "Haldenwerk"]);
    dpo.get(&there).await.has_none(&["Mia Ito", "5550100"]);
    sales.get(&format!("/people/{mia}")).await.has_none(&MIA);
    let support = desk.enter(Role::Support, "service.warranty").await;
    assert_eq!(support.get(&there).await.status, 404, "another colleague's is nobody's");

    let letters = desk.house.gate.letters(desk.house.company, 10).await.unwrap();
    let letter = letters.iter().find(|one| one.subject.contains("emergency")).unwrap();
    assert!(letter.to == "mia.ito@example.org" && letter.body.contains("Nora sales"));
    let day = assent_web::text::date_time(desk.clock.now());
    assert!(letter.body.starts_with(&format!("On {day} Nora sales at ")), "{}", letter.body);
    assert!(letter.body.contains("HH-4711") && letter.body.contains("Approved by: Nora dpo"));
    sales.get(&there).await;
    let again = desk.house.gate.letters(desk.house.company, 10).await.unwrap();
    assert_eq!(again.len(), letters.len(), "told once");
    let told = uses_of(&desk, mia).await;
    assert!(told[0].looked_at.is_some() && told[0].typed.as_ref().unwrap().second == "Nora dpo");

    desk.clock.advance(Span::minutes(61).micros());
    let over = sales.get(&there).await;
    assert!(over.has("was looked at; over"));
    over.has_none(&MIA);
    assert!(dpo.get("/emergencies").await.has("was looked at; over"));
}

async fn one_person_is_not_two_and_late_is_too_late(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    laid_down(&desk).await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let dpo = officer(&desk).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let there = ask(&sales, mia).await;
    assert_eq!(sales.post(&there, "answer=yes").await.status, 422, "sales answers nothing");
    desk.clock.advance(Span::minutes(16).micros());
    assert!(dpo.get(&there).await.has("nobody answered in time"));
    assert_eq!(dpo.post(&there, "answer=yes").await.status, 422);
    sales.get(&there).await.has_none(&MIA);

    // Who asked, in another role of theirs, is still who asked.
    let now = desk.ctx.now();
    let dossier = desk.dossier(mia).await;
    let me = StaffId::from_bytes([0x42; 16]);
    let new = NewEmergency {
        purpose: purpose(VITAL),
        kinds: vec![category("contact.phone")],
        case: "1".into(),
        reason: "smoke".into(),
        who: "Me".into(),
    };
    let id = gate.ask_emergency(&dossier, (me, Role::Sales), new, now).await.unwrap().unwrap();
    let second = |staff, role| Second { staff, role, name: "Me".into(), yes: Some(Span::minutes(60)) };
    let other = StaffId::from_bytes([0x43; 16]);
    for (staff, role) in [(me, Role::Admin), (me, Role::Dpo), (other, Role::Sales), (other, Role::Support)] {
        assert!(
            gate.settle_emergency(&Whose::everybody(company), id, second(staff, role), now).await.is_err(),
            "{role:?}"
        );
    }
    gate.settle_emergency(&Whose::everybody(company), id, second(other, Role::Admin), now).await.unwrap();
    assert!(
        gate.settle_emergency(&Whose::everybody(company), id, second(other, Role::Admin), now).await.is_err(),
        "once"
    );

    // A young account is no second person.
    let fresh = ask(&sales, mia).await;
    let young = desk.enter(Role::Admin, "rights.inform").await;
    let young_since = desk.ctx.now();
    let whose = uses_of(&desk, mia).await;
    assert!(whose.iter().any(|one| one.waits(young_since)));
    let id = {
        let staff = desk.house.gate.home().read(move |tx| access::staff(tx, company)).await.unwrap();
        staff.iter().find(|one| one.name == "Nora admin").unwrap().id
    };
    let set = move |tx: &mut assent_store::Tx<'_>| access::set_roles(tx, company, id, "admin", young_since);
    desk.house.gate.home().write(set).await.unwrap();
    assert_eq!(young.post(&fresh, "answer=yes").await.status, 403);
}

async fn view(desk: &Desk, mia: PersonId, staff: StaffId, kind: &str, at: Timestamp) -> String {
    let gate = &desk.house.gate;
    let dossier = desk.dossier(mia).await;
    let question = Question {
        what: View,
        person: mia,
        asker: Asker::Staff(staff, Role::Sales),
        purpose: purpose(VITAL),
        matters: NonEmpty::one(Matter::Kind(category(kind))),
        to: To::Party(gate.policy(desk.house.company).await.unwrap().policy.home),
        region: eu(),
        at,
        context: Context { ticket: Some("because I say so".into()), ..Context::default() },
    };
    let answer = gate.ask(question, &dossier).await.unwrap();
    answer.ruling().refusal().map_or_else(|| "PERMIT".to_owned(), |reason| reason.code().to_owned())
}

async fn the_door_itself_asks_for_the_second_person(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    laid_down(&desk).await;
    let (gate, company, now) = (&desk.house.gate, desk.house.company, desk.ctx.now());
    let (me, other) = (StaffId::from_bytes([0x42; 16]), StaffId::from_bytes([0x43; 16]));
    assert_eq!(
        view(&desk, mia, me, "contact.phone", now).await,
        "NEEDS_TICKET",
        "a word of one's own opens nothing"
    );
    let new = NewEmergency {
        purpose: purpose(VITAL),
        kinds: vec![category("contact.phone")],
        case: "1".into(),
        reason: "smoke".into(),
        who: "Me".into(),
    };
    let dossier = desk.dossier(mia).await;
    let id: RequestId = gate.ask_emergency(&dossier, (me, Role::Sales), new, now).await.unwrap().unwrap();
    assert_eq!(view(&desk, mia, me, "contact.phone", now).await, "NEEDS_TICKET", "asking opens nothing");
    let yes = Second { staff: other, role: Role::Dpo, name: "Other".into(), yes: Some(Span::minutes(60)) };
    gate.settle_emergency(&Whose::everybody(company), id, yes, now).await.unwrap();
    assert_eq!(view(&desk, mia, me, "contact.phone", now).await, "PERMIT");
    for (staff, kind, later) in [
        (me, "contact.email", 0),
        (me, "name.full", 0),
        (other, "contact.phone", 0),
        (me, "contact.phone", 60),
    ] {
        let at = now.plus(Span::minutes(later));
        assert_eq!(view(&desk, mia, staff, kind, at).await, "NEEDS_TICKET", "{kind} {later}");
    }
}

async fn without_a_law_nothing_opens(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(!sales.get(&format!("/people/{mia}")).await.has("/emergency\""));
    let form = sales.get(&format!("/people/{mia}/emergency")).await;
    assert!(form.status == 403 && form.has("no rule for emergencies"));
    let refused = sales.post(&format!("/people/{mia}/emergency"), &asked("smoke")).await;
    assert_eq!(refused.status, 403);
    assert!(uses_of(&desk, mia).await.is_empty());
    let foreign = desk.foreign().await;
    assert_eq!(sales.get(&format!("/people/{foreign}/emergency")).await.status, 404);
    assert_eq!(sales.get("/emergencies/req_x").await.status, 404);
}

async fn a_case_is_typed_kept_with_the_use_and_read_by_the_person(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, foreign) = (desk.customer().await, desk.foreign().await);
    let support = desk.enter(Role::Support, "service.support").await;
    let there = format!("/people/{mia}/case");
    assert!(support.get(&format!("/people/{mia}")).await.has(&there));
    let page = support.get(&there).await;
    assert!(page.has("<option value=\"safety.recall\"") && !page.has("<option value=\"service.support\""));
    for (purpose, case) in [("safety.recall", ""), ("service.support", "R-12"), ("", "R-12")] {
        let bad = support.post(&there, &form(&[("purpose", purpose), ("case", case)])).await;
        assert_eq!(bad.status, 422, "{purpose} {case}");
        bad.has_none(&MIA);
    }
    let bird = desk.stranger().await;
    let typed = form(&[("purpose", "safety.recall"), ("case", "R-12 smoke")]);
    let open = support.post(&format!("/people/{bird}/case"), &typed).await;
    assert!(open.status == 200 && open.has("Canaria"), "{}", open.body);
    open.has_none(&["Vogelhaus"]);
    let own = desk.house.gate.look_own(desk.house.company, bird).await.unwrap();
    let question = Question {
        what: View,
        person: bird,
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters: own.everything().unwrap(),
        to: To::Person,
        region: eu(),
        at: desk.ctx.now(),
        context: Context::default(),
    };
    let answer = desk.house.gate.ask(question, &own).await.unwrap();
    let lines = desk.house.gate.uses(answer.permit().unwrap(), &own, Default::default(), 20).await.unwrap();
    let line = lines.iter().find(|one| one.detail.purpose == "safety.recall").unwrap();
    assert!(line.detail.note == "R-12 smoke" && line.detail.context == ["ticket"]);
    assert_eq!(support.post(&format!("/people/{foreign}/case"), &typed).await.status, 404);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(sales.get(&there).await.has("No law opens anything"));
}

async fn erasing_leaves_the_line_without_a_word(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    laid_down(&desk).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    ask(&sales, mia).await;
    desk.house.gate.erase(desk.house.company, mia, Asker::Person, false, desk.ctx.now()).await.unwrap();
    let officer = desk.program(9, Role::Dpo, None).await;
    let list = officer.get("/v1/emergencies").await;
    assert_eq!(list.body["data"][0]["person"], serde_json::Value::Null, "{}", list.text);
    assert!(list.body["data"][0]["state"] == "asked" && !list.text.contains("4711"));
    let shop = desk.program(10, Role::Support, None).await;
    assert_eq!(shop.get("/v1/emergencies").await.status, 403);
    let left = desk.house.gate.emergencies(&Whose::everybody(desk.house.company), 10).await.unwrap();
    assert!(left.len() == 1 && left[0].person.is_none() && left[0].typed.is_none());
}

assent_testkit::on_both!(
    what_is_agreed_to_opens_for_a_while_for_one_and_the_person_is_told,
    one_person_is_not_two_and_late_is_too_late,
    the_door_itself_asks_for_the_second_person,
    without_a_law_nothing_opens,
    a_case_is_typed_kept_with_the_use_and_read_by_the_person,
    erasing_leaves_the_line_without_a_word,
);
