//! Whoever reads German reads German on every page of work.

use assent_kernel::Role;
use assent_testkit::Engine;

use crate::desk::story::fixture::{Answer, Desk, Someone, form};

/// What pages of work say.
const WORDS: [&str; 4] = [
    include_str!("../../../../web/words/work.txt"),
    include_str!("../../../../web/words/lists.txt"),
    include_str!("../../../../web/words/emergency.txt"),
    include_str!("../../../../web/words/dashboard.txt"),
];

/// Every sentence of more than three words that German tells otherwise, as a page would show it.
fn english() -> Vec<String> {
    let lines = WORDS.iter().flat_map(|text| text.lines());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let pairs = lines.chunks_exact(2).filter(|pair| pair[0] != pair[1].trim());
    let long =
        pairs.map(|pair| pair[0]).filter(|text| text.split(' ').count() > 3 && !text.contains(['{', '[']));
    long.map(|text| text.replace('\'', "&#39;")).collect()
}

async fn german(someone: &Someone, path: &str, words: &[&str]) -> Answer {
    let page = someone.get_in("de", path).await;
    assert!(page.has("<html lang=\"de\""), "{path} {}", page.status);
    for word in words {
        assert!(page.has(word), "{path}: {word}: {}", page.body);
    }
    for sentence in english() {
        assert!(!page.has(&sentence), "{path}: {sentence}");
    }
    page
}

async fn pages_of_work_speak_german(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    german(&sales, "/deals", &["Noch keine Abschlüsse", "Neuer Abschluss", "Tafel"]).await;
    german(&sales, "/tasks", &["Noch keine Aufgaben"]).await;
    german(&sales, "/organisations", &["Noch keine Unternehmen"]).await;
    let new = german(&sales, "/deals/new", &["Worum es geht", "Soll vereinbart sein bis", "Niemand"]).await;
    let stage =
        new.body.split("\">Sales: New<").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    let sent = [
        ("title", "Zehn Pumpen"),
        ("company", "Pumpen Nord"),
        ("amount", "1200"),
        ("currency", "EUR"),
        ("stage", &stage),
    ];
    let made = sales.post("/deals/new", &form(&sent)).await;
    let deal = made.to.split('?').next().unwrap().to_owned();
    sales.post("/tasks/new", &form(&[("text", "Anrufen"), ("quick", "1"), ("due", "today")])).await;
    german(&sales, &deal, &["Zuständig", "Vereinbart bis", "hat den Abschluss begonnen", "% wahrscheinlich"])
        .await;
    german(&sales, &format!("{deal}?tab=tasks"), &["Für diesen Abschluss ist nichts zu tun."]).await;
    german(&sales, &format!("{deal}/edit"), &["Abschluss ändern"]).await;
    german(&sales, &format!("{deal}/value/amount"), &["Betrag", "Währung"]).await;
    let columns = "col=stage&col=amount&col=state&col=owner&col=lost";
    let list =
        german(&sales, &format!("/deals?f=state.is.offen&{columns}"), &["Zehn Pumpen", "Stand ist offen"])
            .await;
    assert!(list.has("f=state.is.open"), "a rule is kept in one language, whoever made it");
    assert!(list.has("Betrag von Zehn Pumpen ändern"), "{}", list.body);
    german(&sales, "/deals?view=board", &["Phase von Zehn Pumpen"]).await;
    german(&sales, "/deals/export", &["Mitnehmen", "Tabelle (CSV)"]).await;
    german(&sales, "/day", &["Mein Tag", "Anrufen"]).await;
    german(&sales, "/inbox", &["Hier ist noch nichts"]).await;
    german(&sales, "/find?q=pum", &["Pumpen Nord", "Suchen"]).await;
    german(&sales, "/emergencies", &["Bisher kein Notfall."]).await;
    german(&sales, "/dashboard", &["Offene Abschlüsse je Monat", "Gewonnen und verloren", "Noch kein Tag"])
        .await;
    let lost = german(&sales, "/deals?view=board", &[]).await.body;
    let lost = lost.split("\" data-lost").next().unwrap().rsplit("data-stage=\"").next().unwrap().to_owned();
    german(&sales, &format!("{deal}/stage?stage={lost}"), &["Warum ging er verloren?", "Zu teuer"]).await;
    sales.post(&format!("{deal}/stage"), &form(&[("stage", &lost), ("lost", "price")])).await;
    german(&sales, &deal, &["Verloren, weil", "(Zu teuer)"]).await;

    // What is shared is called after its rules for everybody in their own words.
    let view = form(&[("list", "deals"), ("query", "f=lost.is.Too+dear"), ("shared", "on"), ("name", "x")]);
    sales.post("/views", &view).await;
    german(&sales, "/deals", &["Verloren, weil ist Zu teuer"]).await;
    assert!(sales.get("/deals").await.has("Lost because is Too dear"));
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    german(&admin, "/deals/pipelines", &["Neue Pipeline", "geht weiter"]).await;
}

assent_testkit::on_both!(pages_of_work_speak_german);
