//! A file comes in: upload, columns, terms, a try, the import.

use anyhow::ensure;

use crate::desk::SALES;
use crate::window::Window;

/// The file that comes with the demo.
pub(crate) const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/contacts-export.csv");

pub(crate) async fn import(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/import").await?;
    w.attach("#f-file", FILE).await?;
    w.click("form[enctype] button").await?;
    w.arrives("/import/imp_").await?;
    w.says("main h2", "1 of 3").await?;
    w.says("main", "60 contacts").await?;
    ensure!(w.count("table.list select option:checked").await? >= 24, "each column was guessed");
    w.picture("readme import").await?;
    w.click("form[action$='/mapping'] button").await?;
    w.says("main h2", "2 of 3").await?;
    w.click("[name=stand][value=columns]").await?;
    w.click("[name=contract] option[value='household-customer']").await?;
    w.click("form[action$='/terms'] button.primary").await?;
    w.says("main h2", "3 of 3").await?;
    w.click("form[action$='/try'] button").await?;
    w.says("main", "What would happen").await?;
    let tried = w.texts("main .figure").await?;
    ensure!(tried == ["55", "24", "2", "3"], "a try says what would come: {tried:?}");
    w.click("form[action$='/start'] button").await?;
    w.says("main", "To the people").await?;
    let done = w.texts("main .figure").await?;
    ensure!(tried == done, "what was tried is what came: {tried:?}, {done:?}");
    w.says("main", "needs one @").await
}
