//! Without JavaScript everything still works.

use anyhow::ensure;

use crate::desk::SUPPORT;
use crate::journey;
use crate::window::Window;

/// He was asked for the newsletter and said no.
const KWAME: &str = "kwame.mensah@example.org";

pub(crate) async fn all(w: &Window, officer: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    ensure!(w.count("html.js").await? == 0, "no script runs here");
    ensure!(officer.count("html.js").await? == 1, "control: it does in the other window");
    w.says("details.pill summary", "Support").await?;
    w.click("details.pill summary").await?;
    w.click("details.pill button[value='rights.inform']").await?;
    w.says("details.pill summary", "Tell you and ask you").await?;
    w.says_not("details.pill summary", "Support").await?;

    journey::enter(w, officer, KWAME).await?;
    w.go("/me/terms").await?;
    ensure!(w.count("main article a").await? > 2, "the purposes are listed");
    w.go("/me/terms/marketing.newsletter").await?;
    w.click("main [name=answer][value=yes]").await?;
    w.arrives("/me?done=given").await?;
    let css = "form[action='/me/terms/marketing.newsletter'] [name=answer][value=withdraw]";
    ensure!(w.count(css).await? == 1, "the yes stands");
    w.click(css).await?;
    w.arrives("/me?done=withdrawn").await?;
    ensure!(w.count(css).await? == 0, "the yes is over");
    Ok(())
}
