//! Pages of people, in both languages.

use anyhow::ensure;
use serde_json::json;

use crate::desk::{SALES, SUPPORT};
use crate::looks::{Eye, first};
use crate::window::Window;
use crate::{common, journey, portal};

const AOIFE: &str = "aoife.byrne@example.org";
const NEWS: &str = "marketing.newsletter";

/// From the address to the first page.
pub(crate) async fn door((w, officer): (&Window, &Window), eye: &mut Eye) -> anyhow::Result<()> {
    officer.sign_in(crate::desk::OFFICER).await?;
    let link = journey::asked_in(w, officer, AOIFE).await?;
    eye.here(w, "a letter is on its way").await?;
    eye.page(w, &link).await?;
    w.click("main form button").await?;
    w.arrives("/me").await?;
    eye.good()
}

pub(crate) async fn pages(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    let rests =
        ["", "/requests", "/terms", "/uses", "/uses?show=refused", "/export", "/erase", "/add", "/sign-in"];
    eye.below(w, "/me", &rests).await?;
    eye.below(w, &format!("/me/terms/{NEWS}"), &["", "?limit=1"]).await?;
    eye.first(w, "/me/uses", "a[href^='/me/receipt/'][href$='/check']").await?;
    eye.first(w, "/me", "#held .known a").await?;
    eye.page(w, "/me/programs").await?;
    w.fill("[name=name]", "my helper").await?;
    w.click("[value=answer]").await?;
    w.click("form[action='/me/programs'] button").await?;
    w.says("main", "my helper").await?;
    eye.here(w, "a key of one's own program is shown").await?;
    eye.good()
}

/// The same in the other language.
pub(crate) async fn german(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    portal::headers(w, json!({ "Accept-Language": "de" })).await?;
    let pages = [
        "/me",
        "/me/requests",
        "/me/terms",
        "/me/terms/marketing.newsletter?limit=1",
        "/me/uses",
        "/me/export",
    ];
    eye.pages(w, &pages).await?;
    eye.pages(
        w,
        &["/me/erase", "/me/add", "/me/sign-in", "/me/programs", "/check-receipt", "/my", "/my/halden"],
    )
    .await?;
    eye.refusal(w, "/my/link/nothing").await?;
    let check = first(w, "/me/uses", "a[href^='/me/receipt/'][href$='/check']").await?;
    let fact = first(w, "/me", "#held .known a").await?;
    eye.pages(w, &[&check, &fact]).await?;
    ensure!(w.attr("html", "lang").await? == "de", "the pages are German");
    portal::headers(w, json!({})).await?;
    eye.good()
}

/// Somebody new is asked, and looks at the letter's page before they answer and after.
pub(crate) async fn letter(
    (w, officer, staff): (&Window, &Window, &Window),
    eye: &mut Eye,
) -> anyhow::Result<()> {
    let email = "ottilie.holm@example.org";
    staff.sign_in(SUPPORT).await?;
    let record = common::put_down(staff, "Ottilie Holm", email).await?;
    staff.sign_in(SALES).await?;
    staff.go(&record).await?;
    staff.click("form[action$='/ask'] button").await?;
    staff.says("main [role=status]", "").await?;
    let link = portal::letter(officer, email).await?;
    eye.pages(w, &[&link, &format!("{link}?limit=1")]).await?;
    w.go(&link).await?;
    w.click("main [name=answer][value=yes]").await?;
    w.says("main [role=status]", "Recorded: yes").await?;
    eye.here(w, "an answer out of a letter").await?;
    eye.good()
}

/// Everything is erased, and the certificate is shown.
pub(crate) async fn end(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.go("/me/erase").await?;
    w.click("form[action='/me/erase'] button").await?;
    w.says("main label[for=receipt]", "").await?;
    eye.here(w, "a person's certificate").await?;
    let link = w.js("return document.getElementById('told').value.trim()", serde_json::Value::Null).await?;
    let link = link.as_str().unwrap_or_default();
    eye.page(w, &link.replace(&w.base, "")).await?;
    eye.good()
}
