//! A deal with a person is theirs to open: support sees it, sales does not, and no rule, search or sort tells what is in it.

mod fields;
mod late;
mod told;

use assent_kernel::{CompanyId, PersonId, Role, TreeKey as _};
use assent_store::work::deals;
use assent_testkit::Engine;

use crate::desk::story::fixture::{Answer, Desk, Someone, form};

const TITLE: &str = "Zweiter Kühlschrank für die Laube";

/// What a form for a deal sends.
fn typed(title: &str, contact: &str, company: &str, stage: &str) -> String {
    form(&[
        ("title", title),
        ("contact", contact),
        ("company", company),
        ("amount", "1.299,50"),
        ("currency", "EUR"),
        ("close", "2026-05-20"),
        ("owner", ""),
        ("stage", stage),
    ])
}

/// The id of a stage, as the form for a new deal offers it.
fn stage_of(page: &Answer, name: &str) -> String {
    let before = page.body.split(&format!("\">Sales: {name}<")).next().unwrap();
    before.rsplit("value=\"").next().unwrap().to_owned()
}

async fn stage(someone: &Someone, name: &str) -> String {
    stage_of(&someone.get("/deals/new").await, name)
}

/// The id of any stage, as the board offers it.
async fn on_board(someone: &Someone, name: &str) -> String {
    let page = someone.get("/deals?view=board").await;
    let before = page.body.split(&format!("\" aria-label=\"{name}\"")).next().unwrap().to_owned();
    let at = before.rsplit("data-stage=\"").next().unwrap();
    at.split('"').next().unwrap().to_owned()
}

async fn make(someone: &Someone, contact: &str, company: &str) -> String {
    let new = stage(someone, "New").await;
    let made = someone.post("/deals/new", &typed(TITLE, contact, company, &new)).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.to.split('?').next().unwrap().to_owned()
}

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia: PersonId = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(support.get("/deals").await.has("No deals yet"));

    let new = stage(&support, "New").await;
    let bad = support
        .post("/deals/new", &form(&[("title", ""), ("amount", "many"), ("currency", "EUR"), ("stage", &new)]))
        .await;
    assert!(
        bad.status == 422
            && bad.has("Type something")
            && bad.has("Type an amount")
            && bad.has("value=\"many\"")
    );
    let nobody = support.post("/deals/new", &typed(TITLE, "nobody@example.org", "", &new)).await;
    assert!(nobody.status == 422 && nobody.has("Nobody is found by that"));

    // Sales may not write about her, and what was typed is not lost.
    let neutral = sales.post("/deals/new", &typed(TITLE, "mia.ito@example.org", "", &new)).await;
    assert!(
        neutral.status == 422 && neutral.has("Nobody is found by that"),
        "nor is it told that she is here"
    );
    let refused = sales.post("/deals/new", &typed(TITLE, &mia.to_string(), "", &new)).await;
    assert!(refused.status == 403 && refused.has("was not saved") && refused.has(TITLE));
    assert_eq!(
        desk.dossier(mia).await.facts().filter(|held| held.category().as_str() == "note.deal").count(),
        0
    );

    let home = make(&support, "mia.ito@example.org", "Gartenfreunde").await;
    let page = support.get(&home).await;
    assert!(
        page.has(TITLE)
            && page.has("Mia Ito")
            && page.has("Gartenfreunde")
            && page.has("EUR\u{a0}1\u{202f}299.50")
    );
    assert_eq!(
        desk.dossier(mia).await.facts().filter(|held| held.category().as_str() == "note.deal").count(),
        1
    );
    let tab = support.get(&format!("/people/{mia}?tab=deals")).await;
    assert!(tab.has(TITLE) && tab.has(&home), "it stands on her record");

    // Closed for sales: not on a page, not by a rule, not by a search, not by its place in an order.
    let secrets = [TITLE, "Laube", "Mia Ito"];
    for path in [
        "/deals".to_owned(),
        "/deals?view=board".into(),
        home.clone(),
        "/deals?sort=title".into(),
        "/find?q=zweiter".into(),
        "/find?q=mia".into(),
        format!("/people/{mia}?tab=deals"),
    ] {
        let page = sales.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        page.has_none(&secrets);
    }
    let there = format!("href=\"{home}");
    assert!(sales.get("/deals").await.has(&there), "that there is a deal is no secret");
    for rule in [
        "q=laube",
        "f=title.has.laube",
        "f=title.not.laube",
        "f=title.set.",
        "f=title.empty.",
        "f=contact.not.x",
        "f=contact.is.Mia+Ito",
    ] {
        assert!(!sales.get(&format!("/deals?{rule}")).await.has(&there), "{rule} tells");
    }
    for rule in [
        "q=laube",
        "q=mia+lau",
        "q=gartenfreu+laube",
        "q=l",
        "f=title.has.laube",
        "f=contact.is.mia+ito",
        "f=amount.from.1000&f=close.to.2026-05-20",
    ] {
        assert!(support.get(&format!("/deals?{rule}")).await.has(&there), "{rule}");
    }
    assert!(sales.get("/deals?f=amount.from.1000").await.has(&there), "structure may be filtered by anybody");
    let why = sales.get("/deals").await;
    assert!(why.has("0 of 1") && why.has("why?"));
    assert_eq!(sales.get(&format!("{home}/edit")).await.status, 403);
    assert!(
        support.get("/find?q=laube").await.has(TITLE)
            && support.get("/find?q=gart").await.has("Gartenfreunde")
    );

    // Through the stages; lost for a reason or not at all.
    let (talks, lost) = (on_board(&support, "In talks").await, on_board(&support, "Lost").await);
    let moved = support
        .post(&format!("{home}/stage"), &form(&[("stage", &talks), ("back", "/deals?view=board")]))
        .await;
    assert_eq!((moved.status, moved.page()), (303, "/deals?view=board&said=moved"));
    let board = support.get("/deals?view=board").await;
    assert!(board.has("EUR\u{a0}389"), "30 % of 1 299.50 is weighed");
    let asked = support.post(&format!("{home}/stage"), &form(&[("stage", &lost)])).await;
    assert!(asked.status == 422 && asked.has("Why was it lost?"));
    let done = support.post(&format!("{home}/stage"), &form(&[("stage", &lost), ("lost", "price")])).await;
    assert_eq!(done.status, 303);
    let page = support.get(&home).await;
    assert!(page.has("New → In talks") && page.has("In talks → Lost (too dear)") && page.has("Too dear"));
    assert_eq!(support.post(&format!("{home}/stage"), "stage=stg_x").await.status, 422);
    assert!(support.get("/deals?f=state.is.lost").await.has(&there));

    // Another company's ids lead nowhere.
    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    for path in ["", "/edit", "/stage"] {
        assert_eq!(other.get(&format!("{home}{path}")).await.status, 404, "{path}");
    }
    assert!(!other.get("/deals").await.has(&there));
    for path in ["/edit", "/stage", "/note", "/remove", "/restore"] {
        let sent = format!("{}&text=x", typed("x", "", "", &talks));
        assert_eq!(other.post(&format!("{home}{path}"), &sent).await.status, 404, "{path}");
    }
    let many = form(&[("id", home.rsplit('/').next().unwrap()), ("do", "remove")]);
    assert_eq!(other.post("/deals/change", &many).await.status, 404);

    // She is erased: the deal stays as a sum without a name.
    support.post(&format!("{home}/note"), &form(&[("text", "Ruft nach 17 Uhr an")])).await;
    assert!(support.get(&home).await.has("Ruft nach 17 Uhr an"));
    let (company, at) = (desk.house.company, assent_testkit::START);
    desk.house.gate.erase(company, mia, assent_kernel::Asker::System, false, at).await.unwrap();
    let page = support.get(&home).await;
    assert_eq!(page.status, 200);
    page.has_none(&[TITLE, "Mia Ito", "17 Uhr", &mia.to_string()]);
    assert!(page.has("EUR\u{a0}1\u{202f}299.50") && page.has("Gartenfreunde"));
}

#[tokio::test]
async fn a_deal_lives_in_files() {
    told(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_deal_lives_on_a_server() {
    told(Engine::Postgres).await;
}

async fn a_title_is_not_carried_over_to_somebody_else(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let bob = [("name.full", "Bob Lund"), ("contact.email", "bob@example.org")];
    desk.house.customer(71, &bob, assent_testkit::START).await.unwrap();
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let home = make(&support, "mia.ito@example.org", "").await;
    let edit = format!("{home}/edit");
    let more = format!("{TITLE} 2");
    for (title, contact) in
        [(TITLE, ""), (TITLE, "bob@example.org"), (&more, ""), ("Laube", ""), ("für die", "")]
    {
        let kept = support.post(&edit, &typed(title, contact, "", "")).await;
        assert!(kept.status == 422 && kept.has("goes with them"), "{title} {contact}: {}", kept.body);
        assert!(!kept.has(TITLE), "nothing of it is offered again");
    }
    assert_eq!(titles(&desk, mia).await, 1, "it is still hers");
    assert!(!sales.get("/deals").await.has("Laube"));
    let fresh = support.post(&edit, &typed("Vorrat im Lager", "", "", "")).await;
    assert_eq!(fresh.status, 303, "{}", fresh.body);
    assert_eq!(titles(&desk, mia).await, 0, "hers went with her");
    assert!(sales.get("/deals").await.has("Vorrat im Lager"), "about nobody, it is the company's own");
}

async fn titles(desk: &Desk, id: PersonId) -> usize {
    desk.dossier(id).await.facts().filter(|held| held.category().as_str() == "note.deal").count()
}

async fn a_closed_deal_hangs_on_nobody(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let home = make(&support, "mia.ito@example.org", "").await;
    let lost = on_board(&support, "Lost").await;
    let gone = form(&[("stage", &lost), ("lost", "no-budget")]);
    assert_eq!(support.post(&format!("{home}/stage"), &gone).await.status, 303);
    let task = form(&[("text", "Nach der Bürste fragen"), ("person", &mia.to_string())]);
    assert_eq!(support.post("/tasks/new", &task).await.status, 303);

    // Sales may see her name and her address, and no word about deals.
    desk.say_yes(mia, "sales.contact").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for tab in ["", "?tab=deals", "?tab=tasks"] {
        let page = sales.get(&format!("/people/{mia}{tab}")).await;
        assert!(page.has("Mia Ito"), "{tab}");
        page.has_none(&["no money", "1\u{202f}299", "Lost", "began the deal", &home, "/tasks/tsk_"]);
        let seen = support.get(&format!("/people/{mia}{tab}")).await;
        assert!(tab == "?tab=tasks" || seen.has(&home), "{tab}");
    }
    let (there, id) = (format!("href=\"{home}"), mia.to_string());
    for path in ["/deals", "/deals?view=board", &home, "/tasks", "/deals?sort=contact"] {
        sales.get(path).await.has_none(&["Mia Ito", &id]);
    }
    assert!(sales.get("/deals").await.has(&there), "that there is a deal, with nobody, is no secret");
    for rule in ["f=contact.is.Mia+Ito", "q=mia", "f=contact.set.", "f=contact.not.x"] {
        let page = sales.get(&format!("/deals?{rule}")).await;
        assert!(!page.has(&there) && !page.has("1\u{202f}299"), "{rule} tells");
        assert!(support.get(&format!("/deals?{rule}")).await.has(&there), "{rule}");
    }
    assert!(!sales.get("/tasks?f=about.is.Mia+Ito").await.has("/tasks/tsk_"));
}

async fn who_is_erased_meanwhile_is_not_linked_again(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let home = make(&support, "mia.ito@example.org", "").await;
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let row = gate.company(company).await.unwrap();
    let store = gate.region_db(&row.region).unwrap();
    let id = home.rsplit('/').next().unwrap().parse().unwrap();
    let looked = store
        .read(move |tx| deals::one(tx, company, &assent_store::work::Reach::all(), id))
        .await
        .unwrap()
        .unwrap();
    gate.erase(company, mia, assent_kernel::Asker::System, false, assent_testkit::START).await.unwrap();
    // Who looked before writes after: the row is not theirs any more.
    let late = looked.clone();
    let changed = store.write(move |tx| deals::change(tx, company, &late)).await.unwrap();
    assert!(!changed);
    // Somebody who was never asked about it links her anew, and looks again.
    let now = store
        .read(move |tx| deals::one(tx, company, &assent_store::work::Reach::all(), id))
        .await
        .unwrap()
        .unwrap();
    let again = deals::Deal { ver: now.ver, ..looked };
    let linked = store.write(move |tx| deals::change(tx, company, &again)).await.unwrap();
    assert!(linked);
    crate::texts::settle(gate, &row, Some(mia)).await.unwrap();
    let left = store
        .read(move |tx| deals::one(tx, company, &assent_store::work::Reach::all(), id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left.title.person(), None);
}

/// The form behind the “Undo” of a page: where it posts, and its fields.
fn undo(page: &Answer) -> (String, String) {
    let flash = page.body.split("class=\"flash").nth(1).expect("something was said");
    let form = flash.split("</form>").next().unwrap();
    assert!(form.contains(">Undo</button>"), "{form}");
    let plain = |text: &str| text.replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "=");
    let of =
        |one: &str, before: &str| one.split(before).nth(1).unwrap().split('"').next().map(plain).unwrap();
    let fields: Vec<(String, String)> = (form.split("<input type=\"hidden\" name=\"").skip(1))
        .map(|one| (one.split('"').next().unwrap().to_owned(), of(one, "value=\"")))
        .filter(|(name, _)| name != "csrf")
        .collect();
    let sent = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    (of(form, "action=\""), sent)
}

async fn a_value_is_changed_where_it_stands_and_taken_back(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let home = make(&support, "mia.ito@example.org", "Gartenfreunde").await;
    let list = support.get("/deals?sort=-amount").await;
    for field in ["title", "amount", "company", "close"] {
        assert!(list.has(&format!("{home}/value/{field}?back=%2Fdeals%3Fsort%3D-amount")), "{field}");
    }
    assert!(!sales.get("/deals").await.has("/value/title"), "what is closed has no pen");
    assert_eq!(sales.get(&format!("{home}/value/title")).await.status, 403);
    assert_eq!(support.get(&format!("{home}/value/secret")).await.status, 404);

    // One value, from a list, without touching the others.
    let form_page = support.get(&format!("{home}/value/amount?back=/deals%3Fview=board")).await;
    let ver = form_page.field("ver");
    assert!(form_page.has("1299.50") && form_page.field("back") == "/deals?view=board");
    let to = format!("{home}/value/amount");
    let sent = |amount: &str, ver: &str| {
        form(&[("amount", amount), ("currency", "EUR"), ("ver", ver), ("back", "/deals?view=board")])
    };
    let bad = support.post(&to, &sent("many", &ver)).await;
    assert!(bad.status == 422 && bad.has("Type an amount") && bad.has("value=\"many\""));
    let done = support.post(&to, &sent("2000", &ver)).await;
    assert!(done.status == 303 && done.to.starts_with("/deals?view=board&said=changed&undo="), "{}", done.to);
    assert!(!done.to.contains("1299"), "what was there is sealed");
    let page = support.get(&home).await;
    assert!(page.has("EUR\u{a0}2\u{202f}000") && page.has(TITLE) && page.has("Gartenfreunde"));
    // Somebody who looked before is told; a second try counts.
    let late = support.post(&to, &sent("2500", &ver)).await;
    assert!(late.status == 409 && late.has("Somebody changed it meanwhile") && late.has("value=\"2500\""));

    // Taken back, and brought back again; nobody else's undo is one.
    let said = support.get(&done.to).await;
    assert!(sales.get(&done.to).await.body.matches(">Undo<").count() == 0, "an undo is for whoever edited");
    let (action, fields) = undo(&said);
    let back = support.post(&action, &fields).await;
    assert!(back.status == 303 && back.to.starts_with("/deals?view=board"), "{} {}", back.status, back.to);
    assert!(support.get(&home).await.has("1\u{202f}299.50"));
    let again = support.post(&action, &fields).await;
    assert_eq!(again.status, 409, "once only: it was changed since");
    let (action, fields) = undo(&support.get(&back.to).await);
    assert_eq!(support.post(&action, &fields).await.status, 303);
    assert!(support.get(&home).await.has("EUR\u{a0}2\u{202f}000"));

    // Structure may be changed by whoever may not read the title, and moves and removals are taken back too.
    let date = form(&[("close", "2026-06-01")]);
    assert_eq!(sales.post(&format!("{home}/value/close"), &date).await.status, 303);
    assert!(sales.get(&home).await.has("1 Jun 2026"));
    let firm = sales.post(&format!("{home}/value/company"), &form(&[("company", "")])).await;
    assert!(!sales.get(&home).await.has("Gartenfreunde"));
    let (action, fields) = undo(&sales.get(&firm.to).await);
    assert_eq!(sales.post(&action, &fields).await.status, 303);
    assert!(sales.get(&home).await.has("Gartenfreunde"));
    let lost = on_board(&support, "Lost").await;
    support.post(&format!("{home}/stage"), &form(&[("stage", &lost), ("lost", "price")])).await;
    let moved =
        support.post(&format!("{home}/stage"), &form(&[("stage", &on_board(&support, "New").await)])).await;
    let (action, fields) = undo(&support.get(&moved.to).await);
    assert_eq!(support.post(&action, &fields).await.status, 303);
    assert!(support.get(&home).await.has("Too dear"), "lost again, for the reason it was lost for");
    let gone = support.post(&format!("{home}/remove"), "").await;
    let (action, fields) = undo(&support.get(&gone.to).await);
    assert_eq!(support.post(&action, &fields).await.status, 303);
    assert!(!support.get(&home).await.has("This deal was removed"));

    // Her title stays a fact of hers, decided anew; what it was is hers and not offered back.
    let titled =
        support.post(&format!("{home}/value/title"), &form(&[("title", "Kleiner Kühlschrank")])).await;
    assert!(titled.status == 303 && !titled.to.contains("undo="), "{}", titled.to);
    assert_eq!(titles(&desk, mia).await, 1);
    assert!(support.get(&home).await.has("Kleiner Kühlschrank") && !sales.get(&home).await.has("Kleiner"));
    let refused = sales.post(&format!("{home}/value/title"), &form(&[("title", "x")])).await;
    assert_eq!(refused.status, 403);

    // A note is removed and brought back, by whoever may read it.
    support.post(&format!("{home}/note"), &form(&[("text", "Ruft nach 17 Uhr an")])).await;
    let with = support.get(&home).await;
    let note = with.body.split("/note/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let note = format!("{home}/note/{note}");
    assert!(
        !sales.get(&home).await.has("/note/")
            && sales.post(&format!("{note}/remove"), "").await.status == 404
    );
    let gone = support.post(&format!("{note}/remove"), "").await;
    let page = support.get(&gone.to).await;
    assert!(!page.has("17 Uhr") && page.has("1 removed note"));
    assert!(support.get(&format!("{home}?notes=removed")).await.has("17 Uhr"));
    let (action, fields) = undo(&page);
    assert_eq!(support.post(&action, &fields).await.status, 303);
    let page = support.get(&home).await;
    assert!(page.has("17 Uhr") && !page.has("removed note"));
    assert_eq!(support.post(&format!("{note}/burn"), "").await.status, 404);

    // Another company's ids lead nowhere.
    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    assert_eq!(other.post(&format!("{note}/remove"), "").await.status, 404);
    assert_eq!(other.get(&format!("{home}/value/amount")).await.status, 404);
    assert_eq!(other.post(&format!("{home}/value/amount"), &sent("1", "")).await.status, 404);
}

assent_testkit::on_both!(
    a_value_is_changed_where_it_stands_and_taken_back,
    who_is_erased_meanwhile_is_not_linked_again,
    a_title_is_not_carried_over_to_somebody_else,
    a_closed_deal_hangs_on_nobody
);

#[tokio::test]
async fn many_deals_are_changed_at_once_but_none_is_lost_without_a_reason() {
    let desk = Desk::new(Engine::Sqlite).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let homes = [make(&sales, "", "Eins").await, make(&sales, "", "Zwei").await];
    let ids: Vec<&str> = homes.iter().map(|home| home.rsplit('/').next().unwrap()).collect();
    let lost = on_board(&sales, "Lost").await;
    let won = on_board(&sales, "Agreed").await;
    let sent = |stage: &str| form(&[("id", ids[0]), ("id", ids[1]), ("stage", stage), ("owner", "-")]);
    assert_eq!(sales.post("/deals/change", &sent(&won)).await.to, "/deals?said=bulk.2.0");
    assert!(sales.get("/deals?f=state.is.won").await.has("2 deals"));
    let left = sales.post("/deals/change", &sent(&lost)).await.to;
    assert_eq!(left, "/deals?said=bulk.0.2");
    assert!(sales.get(&left).await.has("needs a reason for each"));
    assert_eq!(sales.post("/deals/change", "").await.to, "/deals?said=none-chosen");
    let gone = form(&[("id", ids[0]), ("do", "remove")]);
    assert_eq!(sales.post("/deals/change", &gone).await.status, 303);
    assert!(sales.get("/deals").await.has("1 deal<") && sales.get("/deals?show=removed").await.has("Eins"));
    assert_eq!(sales.post(&format!("{}/restore", homes[0]), "").await.status, 303);
    assert!(sales.get("/deals").await.has("2 deals"));
}

#[tokio::test]
async fn pipelines_are_changed_by_administrators_and_stay_whole() {
    let desk = Desk::new(Engine::Sqlite).await;
    let (sales, admin) =
        (desk.enter(Role::Sales, "sales.contact").await, desk.enter(Role::Admin, "rights.inform").await);
    let home = make(&sales, "", "Werk").await;
    assert_eq!(sales.get("/deals/pipelines").await.status, 403);
    let page = admin.get("/deals/pipelines").await;
    assert!(page.has("In talks") && page.has("Offer sent"));
    let id = page.field("id");
    let row = |id: &str, name: &str, chance: &str, ending: &str| {
        form(&[("stage", id), ("name", name), ("chance", chance), ("ending", ending)])
    };
    let head = form(&[("id", &id), ("ver", &page.field("ver")), ("pipeline", "Sales")]);
    for bad in [
        format!("{head}&{}", row("", "Only", "10", "open")),
        format!(
            "{head}&{}&{}&{}",
            row("", "A", "10", "open"),
            row("", "B", "", "won"),
            row("", "C", "", "won")
        ),
        format!(
            "{head}&{}&{}&{}",
            row("", "A", "101", "open"),
            row("", "B", "", "won"),
            row("", "C", "", "lost")
        ),
    ] {
        assert_eq!(admin.post("/deals/pipelines", &bad).await.status, 422, "{bad}");
    }
    let first =
        page.body.split("name=\"stage\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let good = format!(
        "{head}&{}&{}&{}",
        row(&first, "Begun", "15", "open"),
        row("", "Won", "", "won"),
        row("", "Gone", "", "lost")
    );
    assert_eq!(admin.post("/deals/pipelines", &good).await.status, 303);
    assert!(admin.post("/deals/pipelines", &good).await.has("while you were writing"));
    assert!(sales.get(&home).await.has("Begun"), "a deal keeps its stage under its new name");
    let new = format!(
        "{}&{}&{}&{}",
        form(&[("id", ""), ("pipeline", "Repairs")]),
        row("", "New", "20", "open"),
        row("", "Won", "", "won"),
        row("", "Lost", "", "lost")
    );
    assert_eq!(admin.post("/deals/pipelines", &new).await.status, 303);
    assert!(sales.get("/deals").await.has("Repairs"));
    let full = admin.post(&format!("/deals/pipelines/{id}/remove"), "").await;
    assert!(full.status == 422 && full.has("Deals are in this pipeline"));
    assert_eq!(admin.post("/deals/pipelines/pip_x/remove", "").await.status, 404);
}
