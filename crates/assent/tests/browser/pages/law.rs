//! Pages of the data protection officer and of whoever keeps the house.

use anyhow::ensure;

use super::staff::one_of;
use crate::common;
use crate::desk::{self, OFFICER, SUPPORT};
use crate::looks::{Eye, first};
use crate::settings::{self, ADMIN};
use crate::window::Window;

pub(crate) async fn officer(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    let other = one_of(w, "/people?q=aoife").await?;
    let other = other.trim_start_matches("/people/");
    eye.page(w, &format!("{yui}/join/{other}")).await?;
    let last = common::put_down(w, "Last Of-All", "last.of.all@example.org").await?;
    w.sign_in(OFFICER).await?;
    eye.pages(w, &["/people?show=quarantined", "/people/doubles", "/people/export", "/outbox", "/ledger"])
        .await?;
    eye.page(w, &format!("{yui}/case")).await?;
    let day = first(w, "/dashboard", "a[href^='/ledger/lines?']").await?;
    eye.page(w, &day).await?;
    eye.page(w, &format!("{last}/erase")).await?;
    w.click("main form button.danger").await?;
    w.says("main .receipt", "Certificate of erasure").await?;
    eye.here(w, "a certificate of erasure").await?;
    eye.good()
}

pub(crate) async fn settings(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(OFFICER).await?;
    let rests = [
        "",
        "/notices",
        "/notices/new",
        "/parties",
        "/parties/told",
        "/parties/new",
        "/mandates",
        "/mandates/new",
    ];
    eye.below(w, "/settings", &rests).await?;
    eye.below(w, "/settings", &["/purposes", "/roles", "/retention", "/history"]).await?;
    eye.first(w, "/settings/purposes", "a[href^='/settings/purposes/'][href$='/new']").await?;
    eye.first(w, "/settings/purposes", "a[href^='/settings/purposes/'][href$='/words']").await?;
    let notice = eye.first(w, "/settings/notices", "tbody a").await?;
    eye.below(w, &notice, &["/edit", "/v/1"]).await?;
    w.go(&format!("{notice}/edit")).await?;
    w.fill("[name=title-0]", "Said in other words").await?;
    w.click("button[value=preview]").await?;
    w.says(".checked", "have changed").await?;
    eye.here(w, "a notice before it is published").await?;
    let mandate = eye.first(w, "/settings/mandates", ".line a").await?;
    eye.page(w, &format!("{mandate}/edit")).await?;
    eye.first(w, "/settings/parties", ".tree a").await?;
    let draft = settings::drafted(w, "looked-at").await?;
    ensure!(draft.starts_with("/settings/drafts/"), "a draft is at {draft}");
    eye.page(w, &draft).await?;
    eye.good()
}

pub(crate) async fn house(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(ADMIN).await?;
    eye.pages(
        w,
        &["/settings/start", "/settings/sign-in", "/settings/people-sign-in", "/v1", "/deals/pipelines"],
    )
    .await?;
    eye.below(w, "/settings/fields", &["", "/person", "/organisation", "/deal", "/task"]).await?;
    eye.first(w, "/settings/fields", "main li.card a").await?;
    eye.pages(w, &["/settings/objects", "/settings/objects/new"]).await?;
    eye.first(w, "/settings/objects", "main li.card a").await?;
    common::key_made(w, "looks").await?;
    eye.here(w, "a key is shown").await?;
    eye.pages(w, &["/programs", "/programs/hooks"]).await?;
    let hook = common::hook(w, "https://example.org/told").await?;
    eye.here(w, "a secret is shown").await?;
    eye.page(w, &hook).await?;
    eye.good()
}
