//! The same pages in German: nothing of the desk's own stays in English.

use assent_kernel::Role;

use super::fixture::{Desk, Engine, Someone, form};

/// The catalogue of these pages.
const WORDS: &str = include_str!("../../../../web/words/desk.txt");

/// The parts of a sentence between its names in braces that are long enough to be nothing else.
fn parts(english: &str) -> impl Iterator<Item = &str> {
    let between = english.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    between.map(str::trim).filter(|part| part.split_whitespace().count() > 3)
}

/// English sentences of the catalogue that a page shows.
fn english_of(page: &str) -> Vec<&'static str> {
    let page = page.replace("&#39;", "'").replace("&#34;", "\"");
    let lines: Vec<&str> = WORDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let pairs = lines.chunks(2).filter_map(|pair| Some((*pair.first()?, pair.get(1)?.trim())));
    let differ = pairs.filter(|(english, german)| english != german);
    differ.flat_map(|(english, _)| parts(english)).filter(|part| page.contains(part)).collect()
}

async fn german(who: &Someone, path: &str, sentences: &[&str]) {
    let page = who.get_in("de", path).await;
    assert!(page.has("<html lang=\"de\""), "{path}: {}", page.body);
    for sentence in sentences {
        assert!(page.has(sentence), "{path}: {sentence}: {}", page.body);
    }
    assert_eq!(english_of(&page.body), Vec::<&str>::new(), "{path}");
}

async fn the_pages_speak_german(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, stranger) = (desk.customer().await, desk.stranger().await);
    let support = desk.enter(Role::Support, "service.support").await;
    support.post(&format!("/people/{mia}/note"), &form(&[("value", "Ruft nach sechs an.")])).await;
    let page = format!("/people/{mia}");
    for (path, sentences) in [
        ("/people?show=all", &["Neue Person", "Mit Zusagen", "Arbeitgeber", "Bekannt seit"][..]),
        ("/people?q=nobody", &["Mit „nobody“ ist niemand zu finden", "Alle zeigen"]),
        ("/people/new", &["Worauf beruht es?", "Ohne Grundlage wird nichts gespeichert."]),
        ("/people/doubles", &["Doppelt hier?"]),
        ("/people/deleted", &["Niemand ist gelöscht."]),
        (&page, &["Bekannt seit", "Notiz speichern", "Nora support hat angesehen: "]),
        (&format!("{page}?tab=notes"), &["Ruft nach sechs an.", "eingegeben von: Support"]),
        (&format!("{page}?tab=files"), &["Noch keine Dateien.", "Datei speichern"]),
        (&format!("{page}?tab=terms"), &["Die Person entscheidet", "Ein Vertrag braucht es"]),
        (
            &format!("{page}?tab=uses"),
            &["Support · Eintrag 2", "Nora support hat gefragt nach: Freitext-Notiz"],
        ),
        (&format!("{page}/fact"), &["Was es ist", "E-Mail"]),
        (&format!("{page}/owner"), &["Wer diese Person betreut"]),
    ] {
        german(&support, path, sentences).await;
    }
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    german(&sales, "/people?show=all", &["Geschlossen für „Persönlicher Kontakt durch den Verkauf“"]).await;
    let closed = "Noch niemand hat diese Person nach „Persönlicher Kontakt durch den Verkauf“ gefragt.";
    german(&sales, &format!("/people/{stranger}"), &[closed]).await;
    german(&sales, &format!("/people/{mia}?said=asked"), &["Die Antwort steht hier, sobald sie da ist."])
        .await;
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    german(&dpo, &format!("{page}/erase"), &["Das vernichtet den Schlüssel dieser Person."]).await;
}

assent_testkit::on_both!(the_pages_speak_german);
