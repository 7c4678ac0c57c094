//! Every number of uses leads to exactly these lines of the ledger; a line names nobody; only who reads the ledger reads them.

use assent_kernel::{CompanyId, Role};
use assent_testkit::{Engine, START};

use crate::desk::story::fixture::{Answer, Desk, MIA, Someone};

/// The numbers of a page that lead to lines: how many, where.
fn numbers(page: &Answer) -> Vec<(usize, String)> {
    let links = page.body.split("<a href=\"").skip(1).filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let n = rest.strip_prefix(" data-rows=\"")?.split('"').next()?.parse().ok()?;
        href.starts_with("/ledger/lines").then(|| (n, plain(href)))
    });
    links.collect()
}

fn plain(href: &str) -> String {
    href.replace("&#38;", "&").replace("&amp;", "&")
}

/// The filters of a page of lines: how many, where.
fn filters(page: &Answer) -> Vec<(usize, String)> {
    let links = page.body.split("<a class=\"btn small\" href=\"").skip(1).filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let n = rest.split("<span class=\"num\">").nth(1)?.split('<').next()?.parse().ok()?;
        Some((n, plain(href)))
    });
    links.collect()
}

/// How many lines a list has, over all its pages.
async fn lines(someone: &Someone, href: &str) -> usize {
    let (mut all, mut next) = (0, Some(href.to_owned()));
    while let Some(path) = next {
        let page = someone.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        page.has_none(&MIA);
        all += page.body.matches("<tr data-line>").count();
        let after = page.body.split("rel=\"next\" href=\"").nth(1);
        next = after.and_then(|rest| rest.split('"').next()).map(plain);
    }
    all
}

async fn numbers_lead_to_lines(engine: Engine) {
    let desk = Desk::new(engine).await;
    let officer = desk.enter(Role::Dpo, "rights.inform").await;
    assert!(officer.get("/dashboard").await.has("Nothing was used in these days."));
    let mia = desk.customer().await;
    let record = format!("/people/{mia}");
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for _ in 0..140 {
        assert_eq!(support.get(&record).await.status, 200);
    }
    assert_eq!(sales.get(&record).await.status, 200);

    let page = officer.get("/dashboard").await;
    assert!(page.has("Uses in the last 30 days") && page.has("<svg class=\"chart\""), "{}", page.body);
    let told = numbers(&page);
    assert!(told.len() >= 3, "{told:?}");
    for (n, href) in &told {
        assert_eq!(lines(&officer, href).await, *n, "{href}");
    }
    let of = |told: &[(usize, String)], end: &str| {
        told.iter().find(|(_, href)| href.ends_with(end)).map_or(0, |one| one.0)
    };
    assert!(of(&told, "allowed=yes") >= 140 && of(&told, "allowed=no") >= 1, "{told:?}");
    let day = officer.get("/ledger/lines?day=2026-05-01").await;
    assert!(
        day.has("Lines of 1 May 2026") && day.has("purpose=service.support") && day.has("Support"),
        "{}",
        day.body
    );
    let some = lines(&officer, "/ledger/lines?day=2026-05-01&purpose=sales.contact").await;
    assert!((1..140).contains(&some), "{some}");

    // Each filter counts the lines it leads to, beside the rules that hold already.
    for narrowed in ["", "&purpose=sales.contact", "&allowed=yes", "&what=used&allowed=no", "&region=nowhere"]
    {
        let page = officer.get(&format!("/ledger/lines?day=2026-05-01{narrowed}")).await;
        let filters = filters(&page);
        assert!(filters.len() >= 2, "{narrowed}: {filters:?}");
        for (n, href) in filters {
            assert_eq!(lines(&officer, &href).await, n, "{narrowed}: {href}");
        }
    }

    // Counted once, whoever counts and however often; what comes later is added.
    desk.house.gate.integrate_all(START).await.unwrap();
    assert_eq!(numbers(&officer.get("/dashboard").await), told);
    assert_eq!(support.get(&record).await.status, 200);
    assert!(of(&numbers(&officer.get("/dashboard").await), "allowed=yes") > of(&told, "allowed=yes"));
    assert!(officer.get("/ledger/lines?day=2026-04-30").await.has("No line of this day fits."));
    assert_eq!(officer.get("/ledger/lines?day=soon").await.status, 422);
}

async fn who_does_not_read_the_ledger_is_told_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    assert_eq!(support.get(&format!("/people/{mia}")).await.status, 200);
    assert!(!support.get("/dashboard").await.has("Uses in the last 30 days"));
    assert_eq!(support.get("/ledger/lines?day=2026-05-01").await.status, 403);
    assert_eq!(desk.nobody().get("/ledger/lines?day=2026-05-01").await.status, 401);
    let auditor = desk.enter(Role::Auditor, "rights.inform").await;
    assert!(lines(&auditor, "/ledger/lines?day=2026-05-01").await >= 1);
    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    // Their one person came in; nothing of ours is among their lines.
    let theirs = other.get("/ledger/lines?day=2026-05-01").await;
    assert!(theirs.has("data-lines=\"1\"") && theirs.has("Captured or derived"), "{}", theirs.body);
}

assent_testkit::on_both!(numbers_lead_to_lines, who_does_not_read_the_ledger_is_told_nothing);
