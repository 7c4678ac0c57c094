//! Staff: the door, the list, a record that opens for one purpose and is closed for another.

use anyhow::ensure;

use crate::looks::alone;
use crate::window::Window;

pub(crate) const SUPPORT: &str = "siobhan.keane@example.org";
pub(crate) const SALES: &str = "tomas.lindqvist@example.org";
pub(crate) const MARKETING: &str = "chiara.fontana@example.org";
pub(crate) const BILLING: &str = "gudrun.ebert@example.org";
pub(crate) const OFFICER: &str = "ngozi.adeyemi@example.org";

pub(crate) async fn sign_in(w: &Window) -> anyhow::Result<()> {
    w.go("/people").await?;
    w.arrives("/sign-in").await?;
    w.fill("[name=email]", SUPPORT).await?;
    w.fill("[name=password]", "not-the-password").await?;
    w.click("main form button").await?;
    w.says("[role=alert]", "do not belong together").await?;
    ensure!(w.attr("[name=email]", "value").await? == SUPPORT, "the address stays in its field");
    ensure!(w.attr("[name=password]", "type").await? == "password", "the password is hidden");
    w.go("/people").await?;
    w.arrives("/sign-in").await?;
    w.sign_in(SUPPORT).await?;
    w.says(".rail-user summary", "Siobhán Keane").await?;
    w.says(".rail-user summary", "support").await
}

pub(crate) async fn list(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    w.says("h1", "People").await?;
    ensure!(w.count("table.list tbody tr").await? > 10, "the list has people");
    w.says("details.permitted summary", "permitted").await?;
    ensure!(!w.text("details.permitted").await?.contains("asked"), "the reasons are folded");
    w.click("details.permitted summary").await?;
    ensure!(w.count("details.permitted[open] .reasons li").await? > 0, "“why?” opens reasons");
    let reason = w.text("details.permitted[open] .reasons li").await?;
    ensure!(
        reason.chars().any(|c| c.is_ascii_digit()) && reason.len() > 20,
        "a count and a sentence: {reason}"
    );
    w.fill(".filters [name=q]", "ito").await?;
    w.click(".filters form button").await?;
    w.arrives("/people?q=ito").await?;
    w.says("table.list tbody", "Yui Ito").await?;
    w.says("table.list tbody", "yui.ito@example.org").await
}

/// The address of Yui Ito's record, as the support finds it.
pub(crate) async fn yui(w: &Window) -> anyhow::Result<String> {
    w.go("/people?q=ito").await?;
    for link in 1..=w.count("table.list tbody tr").await? {
        let css = format!("table.list tbody tr:nth-child({link}) th a");
        if w.text(&css).await? == "Yui Ito" {
            return Ok(alone(&w.attr(&css, "href").await?));
        }
    }
    anyhow::bail!("Yui Ito is not found")
}

pub(crate) async fn record(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let record = yui(w).await?;
    w.go(&record).await?;
    w.says("h1", "Yui Ito").await?;
    w.says(".record-side", "yui.ito@example.org").await?;
    let values = w.texts(".record-side dl.kv .value > .text").await?;
    ensure!(values.len() > 8, "values are visible: {values:?}");
    ensure!(w.source().await?.contains("yui.ito@example.org"), "the source has them (control)");

    w.sign_in(SALES).await?;
    w.go(&record).await?;
    w.says(".flash", "Nobody has asked this person").await?;
    w.says(".record-side", "Closed").await?;
    ensure!(w.count(".record-side dl.kv .value").await? == 0, "no value is open");
    let source = w.source().await?;
    for value in values.iter().filter(|value| value.chars().count() > 3) {
        ensure!(!source.contains(value.as_str()), "“{value}” is in the source of a closed page");
    }
    ensure!(
        !source.contains(">Yui<") && !source.contains(">Ito<"),
        "her name is in the source of a closed page"
    );
    Ok(())
}

/// Yui comes a second time: the page tells, both stand side by side, they count as one, and are taken apart again.
pub(crate) async fn twice(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let first = yui(w).await?;
    w.go("/people/new").await?;
    w.fill("[name=name]", "Y. Itoh").await?;
    w.fill("[name=email]", "yui.ito@example.org").await?;
    let choose = "document.querySelector('[name=stands]').value = 'household-customer'; return 1";
    w.js(choose, serde_json::Value::Null).await?;
    let days = "document.querySelector('[name=from]').value = '2026-01-01'; \
                document.querySelector('[name=until]').value = '2036-01-01'; return 1";
    w.js(days, serde_json::Value::Null).await?;
    w.fill("[name=reference]", "H-2026-17").await?;
    w.click("main form button.primary").await?;
    w.says("main form", "already has this e-mail address").await?;
    w.click("main form button[name=anyway]").await?;
    w.arrives("/people/per_").await?;
    w.says("main", "Maybe here twice").await?;
    w.click("main .flash a[href*='/join/']").await?;
    w.says("main", "What closes").await?;
    w.click("main form a[href*='/join/']").await?;
    w.arrives(&format!("{first}/join/")).await?;
    w.says("main table", "Yui Ito").await?;
    w.says("main table", "Y. Itoh").await?;
    w.picture("join").await?;
    w.click("main form button.primary").await?;
    w.arrives(&first).await?;
    w.says(".record-side", "counts as the same since").await?;
    w.says(".record-side", "Y. Itoh").await?;
    w.click(".record-side form[action$='/split'] button").await?;
    w.says("main [role=status]", "Taken apart").await?;
    w.says_not(".record-side", "Y. Itoh").await
}
