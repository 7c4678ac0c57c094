//! A task is put down, comes up on its day, is done; about a person it is theirs to open.

mod fields;
mod letters;

use assent_kernel::{CompanyId, Role};
use assent_testkit::Engine;

use crate::desk::story::fixture::{Desk, form};

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(support.get("/day").await.has("Nothing is due today"));
    let quick = form(&[("text", "Read the new rules"), ("due", "today"), ("quick", "1")]);
    assert_eq!(support.post("/tasks/new", &quick).await.to, "/day?said=made");
    assert!(support.get("/day").await.has("Read the new rules"));
    assert!(!sales.get("/day").await.has("Read the new rules"), "a day is one's own");
    let bad = support.post("/tasks/new", &form(&[("text", ""), ("due", "soon")])).await;
    assert!(bad.status == 422 && bad.has("Type something") && bad.has("That is not a day"));

    // About a person: closed for sales, on the record, on the list.
    let page = support.get(&format!("/tasks/new?person={mia}")).await;
    let me = page.body.split("selected>").next().unwrap().rsplit("value=\"").next().unwrap();
    let me = me.split('"').next().unwrap().to_owned();
    let text = "Nach der Bürste fragen";
    let sent = form(&[("text", text), ("person", &mia.to_string()), ("due", "2026-05-03"), ("who", &me)]);
    let refused = sales.post("/tasks/new", &sent).await;
    assert!(refused.status == 403 && refused.has(text) && refused.has("was not saved"));
    let made = support.post("/tasks/new", &sent).await;
    assert_eq!(made.to, format!("/people/{mia}?tab=tasks&said=made"));
    let tab = support.get(&format!("/people/{mia}?tab=tasks")).await;
    assert!(tab.has(text));
    let home = tab.body.split("href=\"/tasks/tsk_").nth(1).unwrap().split('"').next().unwrap();
    let home = format!("/tasks/tsk_{home}");
    for path in ["/tasks", "/tasks?q=burste", "/tasks?f=text.not.x", &home] {
        sales.get(path).await.has_none(&[text, "Mia Ito"]);
    }
    assert!(support.get("/tasks?q=burste").await.has(text));

    // By the beginnings of words, its own and those of the name, in any order; one letter is looked for in everything.
    for words in ["burst+nach", "mia+bur", "n+burste", "b"] {
        assert!(support.get(&format!("/tasks?q={words}")).await.has(text), "{words}");
        assert!(!sales.get(&format!("/tasks?q={words}")).await.has(&home), "{words}");
    }
    assert!(!support.get("/tasks?q=burste+rules").await.has(text));
    assert!(sales.get("/tasks?q=rul+new").await.has("Read the new rules"));
    assert!(support.get("/find?q=burste+mia").await.has(&home));
    assert!(sales.get("/find?q=rules").await.has("Read the new rules"));
    assert_eq!(sales.get("/find?q=burste").await.body, "[]");
    let day = support.get("/day").await;
    assert!(day.has("Next seven days") && day.has("Mia Ito"));

    // It wants to be remembered today, and then it should have been done yesterday.
    let again =
        |due: &str, remind: &str| form(&[("text", text), ("due", due), ("remind", remind), ("who", &me)]);
    assert!(!day.has("<span class=\"count\">1</span>"));
    assert_eq!(support.post(&home, &again("2026-05-20", "2026-05-01")).await.status, 303);
    let today = support.get("/day").await;
    assert!(today.has("<span class=\"count\">1</span>"), "the menu counts what wants to be remembered");
    assert!(today.has(text) && !today.has(">Later"), "and it is for today");
    assert_eq!(support.post(&home, &again("2026-04-30", "")).await.status, 303);
    let late = support.get("/day").await;
    assert!(late.has("Overdue") && late.has("overdue: yesterday"));

    assert_eq!(support.post(&format!("{home}/done"), "done=1&back=/day").await.page(), "/day?said=done");
    assert!(!support.get("/day").await.has(text));
    assert!(support.get("/tasks?f=state.is.done").await.has(text));
    assert_eq!(support.post(&format!("{home}/done"), "done=0").await.page(), "/day?said=open");
    assert_eq!(support.post(&format!("{home}/remove"), "").await.status, 303);
    assert!(!support.get("/tasks").await.has(text) && support.get("/tasks?show=removed").await.has(text));
    assert_eq!(support.post(&format!("{home}/restore"), "").await.status, 303);

    // One value by itself, from the list; what is to be done only by whoever may read it.
    let list = support.get("/tasks").await;
    assert!(list.has(&format!("{home}/value/due?back=")) && list.has(&format!("{home}/value/text?back=")));
    assert!(!sales.get("/tasks").await.has(&format!("{home}/value/text")));
    let late =
        support.post(&format!("{home}/value/due"), &form(&[("due", "2026-05-09"), ("back", "/tasks")])).await;
    assert!(late.status == 303 && late.to.starts_with("/tasks?said=changed&undo="), "{}", late.to);
    assert!(
        support.get(&late.to).await.has(">Undo</button>") && support.get("/tasks").await.has("9 May 2026")
    );
    let wrong = support.post(&format!("{home}/value/due"), &form(&[("due", "soon")])).await;
    assert!(wrong.status == 422 && wrong.has("That is not a day"));
    assert_eq!(sales.post(&format!("{home}/value/text"), &form(&[("text", "x")])).await.status, 403);
    assert_eq!(sales.post(&format!("{home}/value/who"), &form(&[("who", "")])).await.status, 303);
    assert!(support.get("/tasks").await.has(text), "its text is untouched");

    // Handed over: a word to the colleague, without what it says.
    let page = support.get(&home).await;
    let to = page.body.split("\">Nora sales<").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    let change = form(&[("text", text), ("due", "2026-05-09"), ("who", &to)]);
    assert_eq!(support.post(&home, &change).await.status, 303);
    let inbox = sales.get("/inbox").await;
    assert!(inbox.has("gave you a task") && inbox.has(&home));
    inbox.has_none(&[text, "Mia Ito"]);
    let theirs = sales.get("/day").await;
    assert!(theirs.has("closed for the purpose at hand"));
    theirs.has_none(&[text, "Mia Ito"]);

    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    assert_eq!(other.get(&home).await.status, 404);
    assert_eq!(other.get(&format!("/tasks/new?person={mia}")).await.status, 404);
    for path in ["", "/done", "/remove", "/restore"] {
        assert_eq!(other.post(&format!("{home}{path}"), &form(&[("text", "x")])).await.status, 404, "{path}");
    }
    let many = form(&[("id", home.rsplit('/').next().unwrap()), ("do", "remove")]);
    assert_eq!(other.post("/tasks/change", &many).await.status, 404);
    assert!(support.get(&home).await.has(text), "nothing was changed");
}

#[tokio::test]
async fn a_task_lives_in_files() {
    told(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_task_lives_on_a_server() {
    told(Engine::Postgres).await;
}
