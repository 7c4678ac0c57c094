//! What happened long ago stands on further pages of a time line, to the day on which somebody became known.

use assent_kernel::Role;

use super::fixture::{Desk, Engine};

async fn older(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let home = format!("/people/{mia}");
    assert!(support.get(&home).await.has("Became known here"), "all of it on one page");
    // Each look at the person is a use, and a page has so many of them.
    for _ in 0..230 {
        desk.clock.advance(60_000_000);
        support.get(&format!("{home}?tab=notes")).await;
    }
    let (mut path, mut pages) = (home.clone(), 0);
    loop {
        let page = support.get(&path).await;
        pages += 1;
        assert!(pages < 9 && page.status == 200, "{path}");
        assert_eq!(page.has(">Newest</a>"), path != home);
        let Some(at) = page.body.find("rel=\"next\" data-swap") else {
            assert!(page.has("Became known here"), "the first of all is on the last page: {}", page.body);
            break;
        };
        assert!(!page.has("Became known here"), "{path}");
        let href = page.body[..at].rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        path = href.replace("&amp;", "&").replace("&#38;", "&");
    }
    assert!(pages >= 3, "{pages}");
    assert_eq!(support.get(&format!("{home}?from=nonsense")).await.status, 200);

    // Programs are told the same, page by page.
    let key = desk.program(7, Role::Support, Some("service.support")).await;
    let (mut after, mut pages) = (String::new(), 0);
    loop {
        let told = key.get(&format!("/v1/people/{mia}/timeline{after}")).await;
        assert_eq!(told.status, 200, "{}", told.text);
        pages += 1;
        let whats: Vec<&str> =
            told.body["data"].as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
        match told.body["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => {
                assert!(whats.contains(&"Became known here"), "{whats:?}");
                break;
            }
        }
        assert!(!whats.contains(&"Became known here") && pages < 9, "{whats:?}");
    }
    assert!(pages >= 3, "{pages}");
}

assent_testkit::on_both!(older);
