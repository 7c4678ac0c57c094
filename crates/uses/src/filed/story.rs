//! A file beside a company is the company's own; beside a deal with a person it is that person's, and closed where they are.

use assent_kernel::Role;
use assent_testkit::Engine;

use crate::desk::story::fixture::{Desk, form};

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let typed = form(&[("name", "Harwood County"), ("trade", ""), ("city", ""), ("owner", "")]);
    let made = sales.post("/organisations/new", &typed).await;
    let home = made.to.split('?').next().unwrap().to_owned();
    let kept = sales.upload(&format!("{home}/files"), "", "Tender.pdf", b"%PDF-1.7 tender").await;
    assert!(kept.status == 303 && kept.to.starts_with(&home), "{}: {}", kept.status, kept.body);
    let page = sales.get(&home).await;
    assert!(page.has("Tender.pdf") && page.has("kept a file"), "{}", page.body);
    let (_, rest) = page.body.split_once("href=\"/files/").unwrap();
    let file = format!("/files/{}", rest.split('"').next().unwrap());
    let got = sales.get(&file).await;
    assert!(got.status == 200 && got.body == "%PDF-1.7 tender");
    assert!(got.header("content-disposition").contains("Tender.pdf"));
    for (there, content, status) in [
        (format!("{home}/files"), b"<svg/>".as_slice(), 422),
        (format!("{home}/files"), b"", 422),
        ("/organisations/org_x/files".into(), b"x", 404),
        ("/deals/del_x/files".into(), b"x", 404),
    ] {
        assert_eq!(sales.upload(&there, "", "a.txt", content).await.status, status, "{there}");
    }
    assert_eq!(sales.get("/files/act_x").await.status, 404);
    assert_eq!(sales.post(&format!("{file}/remove"), &form(&[])).await.to, home);
    assert_eq!(sales.get(&file).await.status, 404);
}

assent_testkit::on_both!(told);
