//! The desk in German: no page of it says an English sentence that the catalogue has in German.

use assent_testkit::Engine;

use crate::world::{Browser, World};

/// The catalogue, a file for each part of the desk; what scripts say goes to each page with its English.
fn catalogue() -> anyhow::Result<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/words");
    let mut out = String::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.ends_with("scripts.txt") {
            out += &std::fs::read_to_string(path)?;
        }
    }
    Ok(out)
}

/// English pieces of more than three words without a name in them, whose German differs.
fn english(catalogue: &str) -> Vec<&str> {
    let lines: Vec<&str> =
        catalogue.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let pairs = lines.windows(2).filter(|pair| !pair[0].starts_with(' ') && pair[1].starts_with(' '));
    let pieces =
        pairs.flat_map(|pair| pair[0].split(['{', '}', '[', ']']).map(move |piece| (piece, pair[1])));
    let long =
        pieces.filter(|(piece, german)| piece.split_whitespace().count() > 3 && !german.contains(piece));
    long.map(|(piece, _)| piece.trim()).collect()
}

/// What a page says, with its letters as they are.
fn plain(page: &str) -> String {
    let names = [("&#39;", "'"), ("&#34;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    names.iter().fold(page.to_owned(), |text, (name, letter)| text.replace(name, letter))
}

/// The pages of an administrator: those of the menu, those where something is made, and those behind them.
fn pages(start: &str) -> Vec<String> {
    let known = [
        "/you",
        "/settings/staff",
        "/settings/sign-in",
        "/settings/people-sign-in",
        "/programs",
        "/programs/hooks",
        "/import",
        "/ledger",
        "/ledger/lines?day=2026-05-01",
        "/work/role?as=admin",
        "/no/such/page",
        "/outbox",
    ];
    let rail = start.split("<div class=\"rail-nav\">").nth(1).and_then(|rest| rest.split("</div>").next());
    let rail = rail.unwrap_or_default().split("<a class=\"rail-item\" href=\"").skip(1);
    let rail = rail.filter_map(|rest| rest.split('"').next());
    known.into_iter().chain(rail).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_of_the_desk_speaks_english_to_whoever_reads_german() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let catalogue = catalogue()?;
    let english = english(&catalogue);
    let mut stranger = Browser::default();
    world.post(&mut stranger, "/language", "lang=de").await;
    let door = plain(&world.get(&mut stranger, "/sign-in").await.text);
    assert!(door.contains("<html lang=\"de\"") && door.contains("<h1>Anmelden</h1>"), "{door}");
    let email = world.with_role(world.halden, "admin").await?;
    let mut admin = world.staff(&email).await;
    world.post(&mut admin, "/language", "lang=de").await;
    let start = world.get(&mut admin, "/you").await.text;
    assert!(start.contains("Ihre Anmeldung und Sitzungen") && start.contains("Abmelden"), "{start}");
    let mut wrong = Vec::new();
    for path in pages(&start) {
        let page = plain(&world.get(&mut admin, &path).await.text);
        assert!(page.contains("<html lang=\"de\""), "{path}: {page}");
        wrong.extend(english.iter().filter(|one| page.contains(**one)).map(|one| format!("{path}: {one}")));
    }
    assert!(wrong.is_empty(), "in English on German pages:\n{}", wrong.join("\n"));
    // A language that is chosen on a form that was refused leads to the nearest page that can be read.
    for (path, page) in
        [("/settings/staff/new", "/settings/staff"), ("/settings/staff/stf_x/roles", "/settings/staff")]
    {
        let mut at = path.to_owned();
        for _ in 0..4 {
            let answer = world.get(&mut admin, &at).await;
            if answer.location.is_empty() {
                break;
            }
            at = answer.location;
        }
        assert_eq!(at.split('?').next(), Some(page), "{path}");
    }
    Ok(())
}
