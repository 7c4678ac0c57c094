//! What staff do around people and work, one deed a step, with and without JavaScript: undo, delete and bring back, change in
//! place, change many, choose columns, keep a file, make a field and an object, name a colleague, follow a number.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::book::Book;
use crate::common::{self, set};
use crate::desk::{self, MARKETING, OFFICER, SALES, SUPPORT};
use crate::pages;
use crate::settings::ADMIN;
use crate::window::Window;

/// Every step, in a window with scripts or in one without; another window is a colleague's.
pub(crate) async fn all(book: &mut Book, w: &Window, colleague: &Window, scripts: bool) {
    let how = if scripts { "js" } else { "plain" };
    let name = |what: &str| format!("d {how}: {what}");
    book.step(&name("undo an edit"), w, undone(w, how)).await;
    book.step(&name("delete a person, bring them back"), w, person_back(w, how)).await;
    book.step(&name("remove a deal and a note, bring them back"), w, deal_back(w, how)).await;
    book.step(&name("change a value by its pen"), w, pen(w, scripts)).await;
    book.step(&name("change many deals"), w, many(w)).await;
    book.step(&name("ask many people, and see why not all"), w, ask_many(w, scripts)).await;
    book.step(&name("choose columns"), w, columns(w)).await;
    book.step(&name("keep a file, and take it"), w, file(w, scripts)).await;
    book.step(&name("make a field, and fill it in"), w, field(w, how)).await;
    book.step(&name("make an object, and fill one in"), w, object(w, how)).await;
    book.step(&name("name a colleague, who finds it"), w, mention(w, colleague, how)).await;
    book.step(&name("a number leads to its rows"), w, number(w)).await;
    book.step(&name("open in an emergency, with a second person"), w, emergency(w, colleague)).await;
    book.step(&name("make a webhook, and remove it"), w, webhook(w, how)).await;
    book.step(&name("search everything"), w, search(w)).await;
    book.step(&name("sign in with a code of an app"), w, code(w)).await;
}

/// A choice is made as a hand would, also where a page's scripts may not run: the option that says this.
async fn choose(w: &Window, css: &str, says: &str) -> anyhow::Result<()> {
    let script = "const [css, says] = arguments[0]; const field = document.querySelector(css);\
        const one = field && [...field.options].find((option) => option.textContent.includes(says));\
        if (one) field.value = one.value; return Boolean(one)";
    let found = w.js(script, json!([css, says])).await?;
    ensure!(found == json!(true), "`{css}` has no choice that says “{says}”");
    Ok(())
}

/// A deal of one's own, with nobody. Tells where it is.
async fn a_deal(w: &Window, title: &str) -> anyhow::Result<String> {
    w.sign_in(SALES).await?;
    w.go("/deals/new").await?;
    w.fill("[name=title]", title).await?;
    w.fill("[name=amount]", "500").await?;
    w.click("main form button.primary").await?;
    w.arrives("/deals/del_").await?;
    w.here().await
}

async fn undone(w: &Window, how: &str) -> anyhow::Result<()> {
    let deal = a_deal(w, &format!("Signs for the pier, {how}")).await?;
    w.go(&format!("{deal}/value/amount")).await?;
    w.fill("main [name=amount]", "750").await?;
    w.click("main form.form button.primary").await?;
    w.says("main [role=status]", "Changed").await?;
    w.go(&deal).await?;
    w.says(".record-side", "750").await?;
    w.go(&format!("{deal}/value/amount?back={deal}")).await?;
    w.fill("main [name=amount]", "900").await?;
    w.click("main form.form button.primary").await?;
    w.says(".record-side", "900").await?;
    w.click(".flash form button").await?;
    w.says_not(".record-side", "900").await?;
    w.says(".record-side", "750").await
}

async fn person_back(w: &Window, how: &str) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let name = format!("Comes Back {how}");
    let record = common::put_down(w, &name, &format!("comes.back.{how}@example.org")).await?;
    w.click("form[action$='/delete'] button").await?;
    w.says("main [role=status]", "Deleted").await?;
    w.go(&format!("/people?q=comes+back+{how}")).await?;
    ensure!(!w.source().await?.contains(&record), "nobody finds them");
    w.go("/people/deleted").await?;
    w.says("main table", &name).await?;
    w.click(&format!("form[action='{record}/restore'] button")).await?;
    w.arrives(&record).await?;
    w.says("h1", &name).await?;
    // The same by the way back that stands beside what was done.
    w.click("form[action$='/delete'] button").await?;
    w.says("main [role=status]", "Deleted").await?;
    w.click(".flash form button").await?;
    w.arrives(&record).await?;
    w.says("h1", &name).await
}

async fn deal_back(w: &Window, how: &str) -> anyhow::Result<()> {
    let title = format!("Lamps for the quay, {how}");
    let deal = a_deal(w, &title).await?;
    w.click("form[action$='/remove'] button").await?;
    w.says("main [role=status]", "Removed").await?;
    w.go("/deals?show=removed").await?;
    w.says("table.list tbody", &title).await?;
    w.go(&deal).await?;
    w.click("form[action$='/restore'] button").await?;
    w.says("main [role=status]", "Brought back").await?;
    w.fill("#f-note", "They want brass.").await?;
    w.click("form.composer[action$='/note'] button").await?;
    w.says(".timeline", "They want brass.").await?;
    w.click("form[action*='/note/'][action$='/remove'] button").await?;
    w.says("main [role=status]", "The note is removed").await?;
    ensure!(!w.text(".timeline").await?.contains("They want brass."), "it is not shown");
    w.click("form[action*='/note/'][action$='/restore'] button").await?;
    w.says(".timeline", "They want brass.").await
}

/// With scripts the form opens where the value stands; without them it is a page of its own.
async fn pen(w: &Window, scripts: bool) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/organisations").await?;
    let pen = "table.list tbody tr:nth-child(1) a[data-inline][href*='/value/city']";
    let open = "document.querySelector(arguments[0]).click(); return 1";
    w.js(open, json!(pen)).await?;
    if scripts {
        w.says("table.list .in-place", "").await?;
        ensure!(
            w.at().await?.starts_with("/organisations?") || w.at().await? == "/organisations",
            "the list stays"
        );
    } else {
        w.arrives("/organisations/org_").await?;
        ensure!(w.count(".in-place").await? == 0, "no script runs here");
    }
    let city = if scripts { "Port Ellen" } else { "Port Askaig" };
    w.fill("form.form [name=city]", city).await?;
    w.click("form.form button.primary").await?;
    w.says("table.list tbody tr:nth-child(1)", city).await
}

async fn many(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/deals?f=company.unset.").await?;
    ensure!(w.count("table.list tbody tr").await? >= 2, "two deals are there");
    let label = "table.list tbody tr:nth-child(1) input[type=checkbox]";
    for row in [1, 2] {
        w.click(&format!("table.list tbody tr:nth-child({row}) input[type=checkbox]")).await?;
    }
    let id = w.attr(label, "value").await?;
    choose(w, "#bulk [name=stage]", "Offer sent").await?;
    w.click("#bulk button.primary").await?;
    w.says("main [role=status]", "2 changed").await?;
    w.go(&format!("/deals/{id}")).await?;
    w.says("form.stages [aria-current=step]", "Offer sent").await
}

/// Those who were asked and those who could not be are counted, each reason by itself.
async fn ask_many(w: &Window, scripts: bool) -> anyhow::Result<()> {
    w.sign_in(MARKETING).await?;
    w.go("/people?show=all").await?;
    let counted = w.text("details.permitted summary").await?;
    ensure!(counted.contains(" of ") && counted.contains("permitted – why?"), "it says how many: {counted}");
    w.click("details.permitted summary").await?;
    ensure!(w.count("details.permitted[open] .reasons li").await? > 0, "and why");
    for row in if scripts { [1, 2] } else { [3, 4] } {
        w.click(&format!("table.list tbody tr:nth-child({row}) input[type=checkbox]")).await?;
    }
    w.click("#bulk button.primary").await?;
    w.arrives("/people/asked").await?;
    let said = w.text("main").await?;
    ensure!(said.chars().any(|c| c.is_ascii_digit()), "it says how many: {said}");
    Ok(())
}

async fn columns(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/deals").await?;
    let before = w.texts("table.list thead th").await?;
    w.click(".filters details:has(.columns) > summary").await?;
    w.click(".columns [name=col]:checked").await?;
    w.click(".columns button").await?;
    w.arrives("/deals?").await?;
    let after = w.texts("table.list thead th").await?;
    ensure!(after.len() + 1 == before.len(), "one is gone: {before:?}, {after:?}");
    Ok(())
}

async fn file(w: &Window, scripts: bool) -> anyhow::Result<()> {
    const WORDS: &str = "The stairs are on the left.\n";
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    let how = if scripts { "js" } else { "plain" };
    let path = std::env::temp_dir().join(format!("way-up-{how}-{}.txt", std::process::id()));
    let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
    std::fs::write(&path, WORDS)?;
    w.go(&format!("{yui}?tab=files")).await?;
    w.attach("#f-file", &path.display().to_string()).await?;
    w.click("form[action$='/files'] button").await?;
    w.says("main", &name).await?;
    std::fs::remove_file(&path)?;
    let script = "return [...document.querySelectorAll('.file')].find((one) => one.textContent.includes(arguments[0]))\
        ?.querySelector('a[download]')?.getAttribute('href')";
    let href = w.js(script, json!(name)).await?;
    let taken = w.fetch(href.as_str().context("a link to the file")?).await?;
    ensure!(taken == WORDS, "what was kept is what is taken: {taken}");
    Ok(())
}

/// A field of people: made by an administrator, filled in by support, read on the record.
async fn field(w: &Window, how: &str) -> anyhow::Result<()> {
    let label = format!("Tile colour {how}");
    w.sign_in(ADMIN).await?;
    w.go("/settings/fields/person").await?;
    w.fill("[name=label]", &label).await?;
    set(w, "[name=kind]", "text").await?;
    set(w, "[name=category]", "purchase.product").await?;
    w.click("form.law-form button.primary").await?;
    w.arrives("/settings/fields").await?;
    w.says("main", &label).await?;
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    w.go(&format!("{yui}/fact")).await?;
    let script = "return [...document.querySelectorAll('main a.btn')].find((one) => one.textContent === arguments[0])\
        ?.getAttribute('href')";
    let own = w.js(script, json!(label)).await?;
    w.go(own.as_str().context("the form offers the field")?).await?;
    w.fill("main [name=value]", "sea green").await?;
    w.click("main form.form button.primary").await?;
    w.arrives(&yui).await?;
    w.says(".record-side", &label).await?;
    w.says(".record-side", "sea green").await
}

/// Shops: with a field, one of them, and its line in the menu.
async fn object(w: &Window, how: &str) -> anyhow::Result<()> {
    let (one, many) = (format!("Kiosk {how}"), format!("Kiosks {how}"));
    w.sign_in(ADMIN).await?;
    w.go("/settings/objects/new").await?;
    w.fill("[name=singular]", &one).await?;
    w.fill("[name=plural]", &many).await?;
    w.fill("[name=key]", &format!("kiosk-{how}")).await?;
    choose(w, "[name=belongs]", "Nobody").await?;
    w.click("form.law-form button.primary").await?;
    w.says("main", "Fields").await?;
    w.go(&format!("/settings/fields/object.kiosk-{how}")).await?;
    w.fill("[name=label]", "Street").await?;
    set(w, "[name=kind]", "text").await?;
    w.click("form.law-form button.primary").await?;
    w.says("main", "Street").await?;
    w.sign_in(SALES).await?;
    w.says(".rail-nav", &many).await?;
    w.go(&format!("/things/kiosk-{how}/new")).await?;
    w.fill("main form.form input[type=text]", "Harbour Street 4").await?;
    w.click("main form.form button.primary").await?;
    w.arrives(&format!("/things/kiosk-{how}")).await?;
    w.says("main", "Harbour Street 4").await
}

async fn mention(w: &Window, colleague: &Window, how: &str) -> anyhow::Result<()> {
    let title = format!("Awnings, {how}");
    let deal = a_deal(w, &title).await?;
    w.fill("#f-note", "@Siobhán Keane do you know their landlord?").await?;
    w.click("form.composer[action$='/note'] button").await?;
    w.says(".timeline", "landlord").await?;
    colleague.sign_in(SUPPORT).await?;
    colleague.says(".rail-item[href='/inbox'] .count", "").await?;
    colleague.go("/inbox").await?;
    colleague.says("[data-rows] li:first-child", "Tomas Lindqvist").await?;
    ensure!(
        colleague.attr("[data-rows] li:first-child a[data-row]", "href").await?.starts_with(&deal),
        "it leads there"
    );
    colleague.click("form[action='/inbox'] button").await?;
    colleague.says("main [role=status]", "All read").await
}

/// Each number of deals, tasks and people that the page makes a link of leads to as many rows.
async fn number(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/dashboard").await?;
    let script = "return [...document.querySelectorAll('a[data-rows]')].map((one) => [one.getAttribute('href'), Number(one.dataset.rows)])\
        .filter(([href, n]) => n > 0 && n <= 40 && !href.startsWith('/ledger'))";
    let links = w.js(script, Value::Null).await?;
    let links = links.as_array().context("links")?;
    ensure!(links.len() > 3, "numbers are links: {links:?}");
    for link in links.iter().step_by(links.len().div_ceil(6)) {
        let (href, told) = (link[0].as_str().context("an address")?, link[1].as_u64().context("a number")?);
        w.go(href).await?;
        let mut rows = w.count("table.list tbody tr").await?;
        while w.count("a[rel=next]").await? > 0 {
            let next = w.attr("a[rel=next]", "href").await?;
            w.go(&next).await?;
            rows += w.count("table.list tbody tr").await?;
        }
        ensure!(u64::try_from(rows)? == told, "{href} has {rows} rows, and the dashboard says {told}");
    }
    Ok(())
}

async fn emergency(w: &Window, second: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    let one = common::emergency(w, &yui).await?;
    ensure!(w.count("[name=answer][value=yes]").await? == 0, "nobody approves their own");
    second.sign_in(OFFICER).await?;
    second.go(&one).await?;
    second.click("[name=answer][value=yes]").await?;
    second.says("dl.pairs", "Second person").await?;
    w.go(&one).await?;
    w.says("main .flash.warn", "The person has been told").await?;
    ensure!(w.count("main dl.kv .value").await? > 0, "what was asked for is open");
    second.go(&one).await?;
    ensure!(second.count("main dl.kv .value").await? == 0, "and open for nobody else");
    Ok(())
}

async fn webhook(w: &Window, how: &str) -> anyhow::Result<()> {
    w.sign_in(ADMIN).await?;
    let url = format!("https://example.org/told/{how}");
    let hook = common::hook(w, &url).await?;
    w.go(&hook).await?;
    ensure!(!w.source().await?.contains("whsec_"), "its secret is shown once");
    w.go("/programs/hooks").await?;
    w.says("main", &url).await?;
    w.go(&hook).await?;
    w.click(&format!("form[action='{hook}/remove'] button")).await?;
    w.arrives("/programs/hooks").await?;
    w.says_not("main .tree", &url).await
}

/// From the box in the menu to people, organisations, deals and tasks on one page.
async fn search(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    w.fill(".rail-search [name=q]", "ito\u{e007}").await?;
    w.arrives("/find?q=ito").await?;
    w.says("main [aria-label=People]", "Yui Ito").await?;
    w.sign_in(SALES).await?;
    w.go("/find?q=kitchen").await?;
    ensure!(!w.text("main section").await?.is_empty(), "work is found too");
    w.click("main section a[data-row]").await?;
    ensure!(!w.at().await?.starts_with("/find"), "it leads there");
    Ok(())
}

/// Codes are turned on, asked for after the password, and turned off again.
async fn code(w: &Window) -> anyhow::Result<()> {
    w.sign_in(MARKETING).await?;
    w.go("/you").await?;
    w.click("form[action='/you/codes'] button").await?;
    let secret = w.text("code.secret").await?;
    pages::confirm(w, &secret).await?;
    let spare = w.texts("ol.recovery code").await?;
    w.sign_out().await?;
    w.knock(MARKETING).await?;
    w.arrives("/sign-in/code").await?;
    w.fill("[name=code]", "000 000").await?;
    w.click("main form button").await?;
    w.says("main [role=alert]", "").await?;
    // The code of now was used to turn them on, and none counts twice.
    let next = pages::code(&secret, Duration::from_secs(30))?;
    w.fill("[name=code]", &next).await?;
    w.click("main form button").await?;
    w.arrives("/people").await?;
    w.go("/you").await?;
    w.fill("[name=code]", spare.first().context("recovery codes")?).await?;
    w.click("button[formaction='/you/codes/remove']").await?;
    w.says("main form[action='/you/codes']", "Turn codes on").await
}
