//! What was done long ago stands on further pages, each told once.

use std::collections::BTreeSet;

use assent_kernel::{ActivityId, DealId, OrganisationId, Role, StaffId};
use assent_store::work::Text;
use assent_store::work::activities::{self, Activity, Kind};
use assent_testkit::{Engine, eu};

use crate::desk::story::fixture::{Desk, Someone, form};

/// Moves of a deal, or moves without one: `Move 0`, `Move 1` …
async fn done(desk: &Desk, count: u16, organisation: Option<OrganisationId>, deal: Option<DealId>) {
    let (company, at) = (desk.house.company, desk.ctx.now());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        for n in 0..count {
            let mut id = [0x7f; 16];
            id[14..].copy_from_slice(&n.to_be_bytes());
            id[13] = u8::from(deal.is_some());
            let one = Activity {
                id: ActivityId::from_bytes(id),
                kind: Kind::Moved,
                text: Text::Gone,
                organisation,
                deal,
                item: None,
                person: None,
                staff: StaffId::from_bytes([4; 16]),
                at,
                detail: format!("Move {n}."),
                gone_at: None,
            };
            activities::add(tx, company, &one)?;
        }
        Ok(())
    };
    desk.house.gate.region_db(&eu()).unwrap().write(write).await.unwrap();
}

/// Every move on the pages from one on, in order of the pages; each page leads to the next.
async fn walked(someone: &Someone, home: &str) -> (Vec<usize>, BTreeSet<String>) {
    let (mut path, mut counts, mut all) = (home.to_owned(), Vec::new(), BTreeSet::new());
    loop {
        let page = someone.get(&path).await;
        assert_eq!(page.status, 200);
        let moves: Vec<&str> =
            page.body.split("Move ").skip(1).filter_map(|rest| rest.split('.').next()).collect();
        counts.push(moves.len());
        all.extend(moves.into_iter().map(str::to_owned));
        assert_eq!(page.has(">Newest</a>"), path != home);
        let Some((next, _)) = page.body.split_once("rel=\"next\" data-swap") else { return (counts, all) };
        let href = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        path = href.replace("&amp;", "&").replace("&#38;", "&");
        assert!(path.contains("before=acy_"), "{path}");
    }
}

async fn older(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let made = sales.post("/organisations/new", &form(&[("name", "Blaue Tür")])).await;
    let home = made.to.split('?').next().unwrap().to_owned();
    let id: OrganisationId = home.rsplit('/').next().unwrap().parse().unwrap();
    assert!(!sales.get(&home).await.has("before="), "nothing older");
    done(&desk, 450, Some(id), None).await;
    let (counts, all) = walked(&sales, &home).await;
    assert_eq!((counts.iter().sum::<usize>(), all.len(), counts.len()), (450, 450, 3), "{counts:?}");

    let offered = sales.get("/deals/new").await.body;
    let stage = offered.split("\">Sales: New<").next().unwrap().rsplit("value=\"").next().unwrap();
    let typed = [("title", "Cold rooms"), ("company", "Blaue Tür"), ("currency", "EUR"), ("stage", stage)];
    let made = sales.post("/deals/new", &form(&typed)).await;
    let home = made.to.split('?').next().unwrap().to_owned();
    assert!(home.starts_with("/deals/"), "{} {}", made.status, made.body);
    done(&desk, 250, None, home.rsplit('/').next().unwrap().parse().ok()).await;
    let (counts, all) = walked(&sales, &home).await;
    assert_eq!((all.len(), counts.len()), (250, 2), "{counts:?}");

    // Notes have pages of their own, however much else was done since.
    let note = form(&[("text", "Called about Tuesday."), ("kind", "note")]);
    assert_eq!(sales.post(&format!("{home}/note"), &note).await.status, 303);
    assert!(sales.get(&format!("{home}?tab=notes")).await.has("Called about Tuesday."));
    assert!(sales.get(&format!("{home}?tab=notes&before=nonsense")).await.has("Called about Tuesday."));
}

assent_testkit::on_both!(older);
