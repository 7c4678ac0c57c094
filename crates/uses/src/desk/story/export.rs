//! Taking a list along: what is permitted and why not, the file with its terms, and nothing that is closed.

use assent_kernel::Role;

use super::fixture::{Desk, Engine, form};

async fn a_file_carries_the_terms_of_each_value(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, bird) = (desk.customer().await, desk.stranger().await);
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let page = billing.get("/people/export?show=all").await;
    assert!(
        page.has("1 of 2") && page.has("There is no running contract with this person."),
        "{}",
        page.body
    );
    page.has_none(&super::SECRETS);

    let ids = [mia.to_string(), bird.to_string()];
    let both = form(&[("id", &ids[0]), ("id", &ids[1]), ("form", "csv")]);
    let file = billing.post("/people/export/file", &both).await;
    assert!(file.status == 200 && file.has("\"name\",\"name_terms\",\"email\",\"email_terms\""));
    assert!(file.has("\"Mia Ito\",\"for billing.invoice, until "), "{}", file.body);
    assert!(file.has("from a test") && file.body.lines().count() == 2);
    file.has_none(&super::SECRETS);
    let cards = billing.post("/people/export/file", &form(&[("id", &ids[0]), ("form", "vcard")])).await;
    assert!(cards.has("BEGIN:VCARD\r\nVERSION:4.0\r\n") && cards.has("FN:Mia Ito\r\n") && cards.has("NOTE:"));
    let dpo = desk.enter(Role::Dpo, "rights.evidence").await;
    let uses = dpo.get(&format!("/people/{mia}?tab=uses")).await;
    assert_eq!(uses.status, 200);
}

async fn what_is_no_export_takes_nothing_along(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get("/people").await.has("Mia Ito"), "seen is not taken");
    let page = support.get("/people/export").await;
    assert!(page.has("0 of 1") && !page.has("/people/export/file"));
    let file = support.post("/people/export/file", &form(&[("id", &mia.to_string())])).await;
    assert!(file.status == 200 && file.body.lines().count() == 1, "the head alone");
    assert!(support.post("/people/export", &form(&[])).await.to.contains("none-chosen"));
    let foreign = desk.foreign().await;
    let file = support.post("/people/export/file", &form(&[("id", &foreign.to_string())])).await;
    file.has_none(&["Foreign"]);
    assert_eq!(support.post("/people/export/file", &form(&[("id", "per_x")])).await.status, 404);
}

assent_testkit::on_both!(a_file_carries_the_terms_of_each_value, what_is_no_export_takes_nothing_along);
