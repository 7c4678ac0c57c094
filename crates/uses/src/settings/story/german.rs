//! Whoever reads German reads German, on every page and in what is wrong with a form; what is kept stays English.

use std::collections::BTreeSet;

use assent_kernel::Role;
use assent_testkit::{Engine, newsletter};

use super::forms::{mandate, notice, party};
use super::house::{Answer, Office};

const CATALOGUE: [&str; 2] = [
    include_str!("../../../../web/words/settings.txt"),
    include_str!("../../../../web/words/settings-forms.txt"),
];

/// The English sentences of the catalogue that are long enough to be told from a name, and have another German one.
fn english() -> BTreeSet<&'static str> {
    let lines = CATALOGUE.into_iter().flat_map(str::lines);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let pairs = lines.chunks(2).map(|pair| (pair[0], pair[1].trim()));
    let other = pairs.filter(|(english, german)| english != german).map(|(english, _)| english);
    other.filter(|line| line.split(' ').count() > 3 && !line.contains(['{', '[', '~'])).collect()
}

/// A page is German: it says so, and says nothing of the catalogue in English.
fn is_german(page: &Answer, path: &str) {
    assert!(page.has("<html lang=\"de\""), "{path}: {} {}", page.status, page.body);
    let body = page.body.replace("&#39;", "'");
    let left: Vec<_> = english().into_iter().filter(|line| body.contains(line)).collect();
    assert!(left.is_empty(), "{path}: {left:?}");
}

async fn the_settings_speak_german(engine: Engine) {
    let office = Office::new(engine).await;
    let (mut admin, mut officer) = (office.enter(Role::Admin, 20).await, office.enter(Role::Dpo, 21).await);
    admin.keep("lang=de");
    officer.keep("lang=de");
    let news = newsletter(assent_testkit::START).id;
    let (editor, child) =
        (format!("/settings/notices/{news}/edit"), "/settings/purposes/marketing.newsletter/new");
    for (path, said) in [
        ("/settings", "Wozu Daten genutzt werden, und der eine Grund, auf dem jeder Zweck beruht."),
        ("/settings/start", "Machen Sie Ihre eigene Anmeldung sicher"),
        ("/settings/notices", "Wozu"),
        (&format!("/settings/notices/{news}"), "0 Menschen sagen heute Ja zu diesem Hinweis."),
        ("/settings/notices/new", "Was getan werden darf"),
        (&editor, "Einfache Worte, die man mit zwölf Jahren liest."),
        ("/settings/parties", "Wer Daten bekommt, und wen er selbst beauftragt."),
        ("/settings/parties/new", "Von wo Menschen an die Daten kommen"),
        ("/settings/parties/told", "Alle wissen es."),
        ("/settings/mandates", "Berechtigtes Interesse: aus"),
        ("/settings/mandates/new", "Verbieten: Niemand darf, egal wozu jemand Ja gesagt hat"),
        ("/settings/purposes", "Damit Sie einmal im Monat Tipps und Neues per E-Mail bekommen."),
        (child, "aus demselben Grund: das Ja der Person."),
        ("/settings/fields", "Von Abschlüssen"),
        ("/settings/fields/person", "Zur Person › Geburtsdatum"),
        ("/settings/objects", "Was Sie neben Menschen, Unternehmen und Abschlüssen führen"),
        ("/settings/objects/new", "Einem Menschen"),
        ("/settings/roles", "Wessen Arbeit eine Rolle sieht und ändert"),
        ("/settings/retention", "Texte von Nachrichten, Notizen von Anrufen"),
        ("/settings/history", "Jede Fassung des Regelwerks"),
    ] {
        let page = admin.get(path).await;
        is_german(&page, path);
        assert!(page.has(said), "{path}: {}", page.body);
    }

    // What is kept shorter is called as everywhere else.
    let base = officer.get("/settings/retention").await.field("base");
    let week = [("base", base.as_str()), ("category", "contact.email"), ("class", "r0")];
    assert_eq!(officer.post("/settings/retention", &week).await.status, 303);
    let page = officer.get("/settings/retention").await;
    assert!(page.has("E-Mail-Adresse") && !page.has("E-mail address"), "{}", page.body);

    // What is wrong stands beside its field in German, and so does what a change would mean.
    let base = admin.get(&editor).await.field("base");
    for (change, said) in [
        (vec![("benefit-0", "")], "Ohne Nutzen fragen Sie nicht."),
        (vec![("region", "jp")], "selbst speichert Daten in: "),
        (vec![("use", "Combine")], "ist nur dafür da: "),
        (vec![("category", "contact"), ("do", "preview")], "Er bittet um mehr: "),
    ] {
        let page = admin.post(&editor, &notice(&base, &change)).await;
        is_german(&page, &editor);
        assert!(page.has(said), "{said}: {}", page.body);
    }
    let wrong = admin.post("/settings/parties/new", &party(&base, &[("code", "Post Lane")])).await;
    is_german(&wrong, "a party");
    assert!(wrong.has("Kleinbuchstaben, Ziffern, Punkte und Bindestriche"), "{}", wrong.body);
    let added = party(&base, &[("standing", "proposed"), ("from", "9999-12-31")]);
    assert_eq!(admin.post("/settings/parties/new", &added).await.status, 303);
    let problem = admin.get("/settings/mandates/none").await;
    assert_eq!(problem.status, 404);

    // A draft tells in German what it would do; two people make it law.
    let draft = admin.post("/settings/mandates/new", &mandate(&[])).await.to;
    let page = officer.get(draft.split('?').next().unwrap()).await;
    is_german(&page, &draft);
    assert!(page.has("no-mail-in-may hinzufügen") && page.has("Entworfen von Nora 20 am "), "{}", page.body);
    let done = officer.post(draft.split('?').next().unwrap(), &[("answer", "yes")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    is_german(&officer.get(&done.to).await, &done.to);

    // What is kept is kept in English, whoever wrote it.
    let history = office.enter(Role::Dpo, 22).await.get("/settings/history").await;
    assert!(history.has("Add no-mail-in-may") && history.has("Postlane added: announced, no date yet."));
}
assent_testkit::on_both!(the_settings_speak_german);
