//! Deals, tasks and lists, as somebody in sales uses them: make a deal, drag it, filter, save a view, finish a task.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::desk::SALES;
use crate::window::Window;

const TITLE: &str = "Ice for the harbour fair";

/// Shift and the right arrow, on the card of that name.
const STROKE: &str = r#"
const card = [...document.querySelectorAll("[data-card]")].find((one) => one.getAttribute("aria-label") === arguments[0]);
const link = card.querySelector("h3 a");
link.focus();
link.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true, cancelable: true }));
return true;
"#;

const CTRL_K: &str = r#"document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true })); return 1;"#;

fn lane(stage: &str) -> String {
    format!("[data-board] [data-stage][aria-label=\"{stage}\"]")
}

fn card(title: &str) -> String {
    format!("[data-card][aria-label=\"{title}\"]")
}

pub(crate) async fn deal(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/deals/new").await?;
    w.fill("[name=title]", TITLE).await?;
    w.fill("[name=contact]", "nobody.at.all@example.org").await?;
    w.fill("[name=company]", "Harbour Kitchens").await?;
    w.fill("[name=amount]", "4 200").await?;
    w.click("main form button").await?;
    w.says("main form", "Nobody is found by that").await?;
    ensure!(w.attr("[name=title]", "value").await? == TITLE, "what was typed stays");
    w.fill("[name=contact]", "").await?;
    w.click("main form button").await?;
    w.arrives("/deals/del_").await?;
    w.says("h1", TITLE).await?;
    w.says(".record-side", "Harbour Kitchens").await
}

pub(crate) async fn board(w: &Window) -> anyhow::Result<()> {
    w.go("/deals?view=board").await?;
    w.says(&lane("New"), TITLE).await?;
    let sum = w.text(&format!("{} .lane-sum", lane("In talks"))).await?;
    w.drag(&card(TITLE), &lane("In talks")).await?;
    w.says(&lane("In talks"), TITLE).await?;
    w.says_not(&lane("New"), TITLE).await?;
    w.says_not(&format!("{} .lane-sum", lane("In talks")), &sum).await?;
    w.go("/deals?view=board").await?;
    w.says(&lane("In talks"), TITLE).await?;
    w.js(STROKE, json!(TITLE)).await?;
    w.says(&lane("Offer sent"), TITLE).await?;
    w.drag(&card(TITLE), &lane("Lost")).await?;
    w.says("h1", TITLE).await?;
    w.says("main", "Why was it lost?").await?;
    w.click("[name=lost][value=price]").await?;
    w.click("main form button.primary").await?;
    w.arrives("/deals?view=board").await?;
    w.says(&lane("Lost"), TITLE).await
}

pub(crate) async fn list(w: &Window) -> anyhow::Result<()> {
    w.go("/deals").await?;
    w.click(".filters details:nth-of-type(2) > summary").await?;
    w.js("document.querySelector('[name=ff]').value = 'title'; document.querySelector('[name=fo]').value = 'has'; return 1", Value::Null).await?;
    w.fill("[name=fv]", "harbour fair").await?;
    w.click(".filters .add").await?;
    w.arrives("/deals?f=title.has.harbour").await?;
    ensure!(w.count("table.list tbody tr").await? == 1, "one deal fits");
    w.click(".filters details:first-of-type > summary").await?;
    w.fill("#f-view", "Harbour").await?;
    w.click(".filters .save").await?;
    w.says(".filters details:first-of-type > summary", "Harbour").await?;
    w.go("/deals").await?;
    w.click(".filters details:first-of-type > summary").await?;
    w.click(".filters details:first-of-type .menu-list a:nth-of-type(2)").await?;
    w.arrives("/deals?f=title.has.harbour").await?;
    w.says("table.list tbody", TITLE).await?;
    // The record beside the list, and back.
    w.js("document.querySelector('table.list tbody a[data-peek]').click(); return 1", Value::Null).await?;
    w.says("#panel", "Harbour Kitchens").await?;
    w.click("#panel [data-close]").await?;
    ensure!(w.at().await?.starts_with("/deals?f="), "the list stays");
    w.js(CTRL_K, Value::Null).await?;
    w.fill("dialog.palette input", "harbour").await?;
    w.says("dialog.palette", TITLE).await?;
    w.says("dialog.palette", "Organisations").await
}

pub(crate) async fn day(w: &Window) -> anyhow::Result<()> {
    w.go("/day").await?;
    w.fill("[name=text]", "Count the ice boxes").await?;
    w.click("form.quick button").await?;
    w.says("[aria-label=Today]", "Count the ice boxes").await?;
    w.click("[aria-label='Done: Count the ice boxes']").await?;
    w.arrives("/day").await?;
    w.says_not(".day", "Count the ice boxes").await?;
    w.go("/tasks?f=state.is.done").await?;
    w.says("table.list tbody", "Count the ice boxes").await
}

/// The same without JavaScript: the form in each card.
pub(crate) async fn plain(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/deals?view=board").await?;
    ensure!(w.count("html.js").await? == 0, "no script runs here");
    let card = format!("{} article", lane("New"));
    let name = w.attr(&card, "aria-label").await?;
    let css = format!("{card} select[name=stage] option:nth-child(2)");
    w.click(&css).await?;
    w.click(&format!("{card} .move button")).await?;
    w.arrives("/deals?view=board").await?;
    w.says(&lane("In talks"), &name).await
}
