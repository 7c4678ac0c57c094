//! Pages of those who sell and help.

use std::fmt::Write as _;

use anyhow::Context as _;

use crate::common;
use crate::desk::{self, BILLING, OFFICER, SALES, SUPPORT};
use crate::looks::{Eye, alone, first};
use crate::window::Window;

pub(crate) async fn people(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    eye.pages(w, &["/people", "/people?q=ito", "/people?q=nobody-at-all", "/people/new"]).await?;
    eye.pages(w, &["/find", "/find?q=it", "/find?q=nobody-at-all"]).await?;
    let yui = desk::yui(w).await?;
    let tabs = [
        "",
        "?tab=tasks",
        "?tab=deals",
        "?tab=notes",
        "?tab=files",
        "?tab=things",
        "?tab=terms",
        "?tab=uses",
    ];
    eye.below(w, &yui, &tabs).await?;
    eye.below(w, &yui, &["/fact", "/owner", "/case"]).await?;
    let edit = eye.first(w, &yui, ".record-side a.edit[href*='/fact/']").await?;
    // With one deleted there is somebody to bring back.
    let gone = common::put_down(w, "Gone Again", "gone.again@example.org").await?;
    w.go(&gone).await?;
    w.click("form[action$='/delete'] button").await?;
    w.says("main [role=status]", "").await?;
    eye.here(w, "a flash with a way back").await?;
    eye.page(w, "/people/deleted").await?;
    w.sign_in(SALES).await?;
    eye.page(w, &yui).await?;
    eye.refusal(w, &edit).await?;
    w.go("/people").await?;
    w.click("table.list tbody tr:nth-child(1) input[type=checkbox]").await?;
    w.click("#bulk button.primary").await?;
    w.arrives("/people/asked").await?;
    eye.here(w, "asking many").await?;
    w.sign_in(BILLING).await?;
    eye.page(w, "/people/export?q=ito").await?;
    eye.good()
}

/// A case is opened for somebody's life.
pub(crate) async fn emergencies(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    eye.page(w, &format!("{yui}/emergency")).await?;
    let one = common::emergency(w, &yui).await?;
    eye.here(w, "an emergency waits").await?;
    w.sign_in(OFFICER).await?;
    eye.pages(w, &["/emergencies", &one]).await?;
    eye.good()
}

/// What a company keeps beside people, and its numbers.
pub(crate) async fn objects(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    eye.pages(w, &["/things", "/things/device", "/things/device?show=removed", "/things/device/new"]).await?;
    let shown = ["/things/device?sort=-since", "/things/device/export"];
    eye.pages(w, &shown).await?;
    let one = eye.first(w, "/things/device?sort=-since", "table.list tbody th a").await?;
    let around = ["?tab=tasks", "?tab=notes", "?tab=files", "/edit", "/value/own-model", "/value/owner"];
    eye.below(w, &alone(&one), &around).await?;
    eye.page(w, "/dashboard").await?;
    eye.good()
}

pub(crate) async fn work(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    eye.pages(w, &["/day", "/inbox", "/tasks", "/tasks/new", "/tasks/export"]).await?;
    eye.first(w, "/tasks", "table.list tbody th a").await?;
    eye.first(w, "/tasks", "table.list tbody a[data-inline]").await?;
    let lists = [
        "/deals",
        "/deals?view=board",
        "/deals?f=title.is.nothing",
        "/deals?show=removed",
        "/deals?show=lost",
    ];
    eye.pages(w, &lists).await?;
    eye.pages(w, &["/deals/new", "/deals/export"]).await?;
    let deal = alone(&eye.first(w, "/deals?f=company.set.", "table.list tbody th a").await?);
    eye.below(w, &deal, &["?tab=tasks", "?tab=notes", "?tab=files", "/edit", "/value/title", "/stage"])
        .await?;
    eye.pages(w, &["/organisations", "/organisations/new", "/organisations/export"]).await?;
    let organisation = alone(&eye.first(w, "/organisations", "table.list tbody th a").await?);
    let tabs =
        ["?tab=tasks", "?tab=notes", "?tab=deals", "?tab=people", "?tab=files", "?tab=things", "/edit"];
    eye.below(w, &organisation, &tabs).await?;
    eye.page(w, &format!("{organisation}/value/name")).await?;
    eye.good()
}

/// A file at every step: columns, terms, ready, tried, at work, done.
pub(crate) async fn imports(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    eye.page(w, "/import").await?;
    let mut table = "Name,E-mail\n".to_owned();
    for n in 0..4000 {
        writeln!(table, "Many Of-{n},many.{n}@example.org")?;
    }
    table.push_str("Nobody,not an address\n");
    let name = std::env::temp_dir().join(format!("assent-looks-{}.csv", std::process::id()));
    std::fs::write(&name, table)?;
    w.attach("#f-file", &name.display().to_string()).await?;
    w.click("form[enctype] button").await?;
    w.says("main h2", "1 of 3").await?;
    std::fs::remove_file(&name)?;
    let import = w.at().await?;
    eye.here(w, "import: columns").await?;
    w.click("form[action$='/mapping'] button").await?;
    w.says("main h2", "2 of 3").await?;
    eye.here(w, "import: terms").await?;
    w.click("[name=stand][value=nothing]").await?;
    w.click("form[action$='/terms'] button.primary").await?;
    w.says("main h2", "3 of 3").await?;
    eye.here(w, "import: ready").await?;
    w.click("form[action$='/start'] button").await?;
    w.says("main", "Stop").await?;
    w.click("form[action$='/stop'] button").await?;
    w.says("main", "Resume").await?;
    eye.here(w, "import: at work").await?;
    w.click("form[action$='/undo'] button").await?;
    w.says("main", "erased").await?;
    eye.here(w, "import: undone").await?;
    let import = import.split('?').next().context("an address")?;
    eye.page(w, import).await?;
    eye.first(w, "/import", "table.list tbody tr:last-child th a").await?;
    eye.good()
}

/// The first of a list that has one; used where only the address is wanted.
pub(crate) async fn one_of(w: &Window, list: &str) -> anyhow::Result<String> {
    Ok(alone(&first(w, list, "table.list tbody th a").await?))
}
