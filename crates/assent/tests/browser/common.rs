//! What staff do most and no other step shows: put somebody down, change a value, write a note, ask, filter, take along, join
//! and take apart, undo an import, make a key, erase. Each is told twice, with and without JavaScript.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::book::Book;
use crate::desk::{self, BILLING, MARKETING, OFFICER, SALES, SUPPORT};
use crate::intake::FILE;
use crate::settings::ADMIN;
use crate::window::Window;

/// Every step, in a window with scripts or in one without.
pub(crate) async fn all(book: &mut Book, w: &Window, scripts: bool) {
    let how = if scripts { "js" } else { "plain" };
    let name = |what: &str| format!("s {how}: {what}");
    let made = book.step(&name("put a person down"), w, made(w, how)).await;
    if let Some(person) = &made {
        book.step(&name("change a value"), w, changed(w, person)).await;
        book.step(&name("write a note"), w, noted(w, person)).await;
        book.step(&name("put a task down"), w, task(w, person)).await;
    }
    book.step(&name("find somebody, filter, save and drop a view"), w, filtered(w, how)).await;
    book.step(&name("ask somebody, once"), w, asked(w, scripts)).await;
    book.step(&name("take a list along"), w, taken(w, scripts)).await;
    book.step(&name("put an organisation down"), w, company(w, how)).await;
    book.step(&name("change a deal's stage, and its title"), w, deal(w, how)).await;
    book.step(&name("undo an import"), w, undone(w)).await;
    book.step(&name("make a key for a program, and end it"), w, key(w, how)).await;
    book.step(&name("wear another role"), w, role(w)).await;
    book.step(&name("look at the ledger"), w, ledger(w)).await;
    if let Some(person) = &made {
        book.step(&name("erase somebody"), w, erased(w, person)).await;
    }
    book.step(&name("leave"), w, left(w)).await;
}

/// Sets a field as a hand would; what runs here is the driver's, also where a page's scripts may not.
pub(crate) async fn set(w: &Window, css: &str, value: &str) -> anyhow::Result<()> {
    let script =
        "const field = document.querySelector(arguments[0][0]); field.value = arguments[0][1]; return 1";
    w.says(&format!(":has(> {css})"), "").await?;
    w.js(script, json!([css, value])).await.map(|_| ())
}

async fn made(w: &Window, how: &str) -> anyhow::Result<String> {
    w.sign_in(SUPPORT).await?;
    put_down(w, &format!("Nils Oduya {how}"), &format!("nils.oduya.{how}@example.org")).await
}

/// Puts somebody down, by whoever is signed in. Tells their record.
pub(crate) async fn put_down(w: &Window, name: &str, email: &str) -> anyhow::Result<String> {
    w.go("/people/new").await?;
    w.fill("[name=name]", name).await?;
    w.fill("[name=email]", email).await?;
    set(w, "[name=stands]", "household-customer").await?;
    set(w, "[name=from]", "2026-01-01").await?;
    set(w, "[name=until]", "2035-12-31").await?;
    w.fill("[name=reference]", "H-2026-18").await?;
    w.click("main form button.primary").await?;
    w.arrives("/people/per_").await?;
    w.says("h1", name).await?;
    w.here().await
}

async fn changed(w: &Window, person: &str) -> anyhow::Result<()> {
    w.go(person).await?;
    let script = "const row = [...document.querySelectorAll('.record-side dl.kv > div')]\
        .find((one) => one.querySelector('dt').textContent.includes('name') && one.querySelector('a[href*=\"/fact/\"]'));\
        return row && row.querySelector('a[href*=\"/fact/\"]').getAttribute('href')";
    let link = w.js(script, Value::Null).await?;
    let link = link.as_str().context("a link that changes the name")?.to_owned();
    w.go(&link).await?;
    w.fill("main [name=value]", "Nils Peter Oduya").await?;
    w.click("main form button.primary").await?;
    w.arrives(person).await?;
    w.says("h1", "Nils Peter Oduya").await
}

async fn noted(w: &Window, person: &str) -> anyhow::Result<()> {
    w.go(&format!("{person}?tab=notes")).await?;
    w.fill("#f-note", "Prefers to be called after six.").await?;
    w.click("form.composer button").await?;
    w.arrives(person).await?;
    w.says("main", "Prefers to be called after six.").await
}

async fn task(w: &Window, person: &str) -> anyhow::Result<()> {
    let id = person.rsplit('/').next().unwrap_or_default();
    w.go(&format!("/tasks/new?person={id}")).await?;
    w.fill("[name=text]", "Send the spare brush").await?;
    w.click("main form button.primary").await?;
    w.go(&format!("{person}?tab=tasks")).await?;
    w.says("main", "Send the spare brush").await
}

async fn filtered(w: &Window, how: &str) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    ensure!(yui.starts_with("/people/per_"), "she is found");
    w.go("/people").await?;
    w.click(".filters details:has([name=ff]) > summary").await?;
    set(w, "[name=ff]", "email").await?;
    set(w, "[name=fo]", "has").await?;
    w.fill("[name=fv]", "yui.ito").await?;
    w.click(".filters .add").await?;
    w.arrives("/people?f=email.has.yui").await?;
    w.says("table.list tbody", "Yui Ito").await?;
    let found = w.count("table.list tbody tr").await?;
    ensure!(found <= 2, "the rule narrows: {found}");
    let view = format!("Ito {how}");
    w.click(".filters details:has(#f-view) > summary").await?;
    w.fill("#f-view", &view).await?;
    w.click(".filters .save").await?;
    w.says(".filters details:has(#f-view) > summary", &view).await?;
    w.click(".filters details:has(#f-view) > summary").await?;
    w.click("form[action$='/drop'] button").await?;
    w.arrives("/people").await?;
    for _ in 0..50 {
        if !w.source().await?.contains(&view) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("the view is still there")
}

/// Two people who were never asked: one for each way.
async fn asked(w: &Window, scripts: bool) -> anyhow::Result<()> {
    let who = if scripts { "pádraig" } else { "aoife" };
    w.sign_in(SUPPORT).await?;
    w.go(&format!("/people?q={who}")).await?;
    let record = w.attr("table.list tbody tr th a", "href").await?;
    w.sign_in(SALES).await?;
    w.go(&record).await?;
    let ask = "form[action$='/ask'] button";
    w.says("main", "").await?;
    ensure!(w.count(ask).await? > 0, "they can be asked");
    w.click(ask).await?;
    w.says("main [role=status]", "").await?;
    w.go(&record).await?;
    w.says("main", "sked").await?;
    ensure!(w.count(&format!(".flash {ask}")).await? == 0, "and not twice");
    Ok(())
}

/// Support may look and take nothing along; billing takes what an invoice needs.
async fn taken(w: &Window, scripts: bool) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    w.go("/people/export?q=ito").await?;
    w.says("main", "carries in the file").await?;
    let file = "form[action='/people/export/file']";
    ensure!(w.count(file).await? == 0, "nothing may be taken along for support");
    w.sign_in(BILLING).await?;
    w.go("/people/export?q=ito").await?;
    if scripts {
        let script = "const done = arguments[arguments.length - 1];\
            const form = new URLSearchParams(new FormData(document.querySelector('form[action=\"/people/export/file\"]')));\
            form.set('form', 'csv');\
            fetch('/people/export/file', {method: 'POST', body: form})\
            .then(async (a) => done([a.status, await a.text()]), (e) => done([0, String(e)]));";
        let answer = w.js_later(script, Value::Null).await?;
        let text = answer[1].as_str().unwrap_or_default();
        ensure!(answer[0] == 200 && text.contains("yui.ito@example.org"), "a table: {answer}");
    }
    w.click(&format!("{file} button[value=csv]")).await?;
    w.says("main", "carries in the file").await
}

async fn company(w: &Window, how: &str) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    w.go("/organisations/new").await?;
    w.fill("[name=name]", &format!("Quay Bakery {how}")).await?;
    w.click("main form button.primary").await?;
    w.arrives("/organisations/org_").await?;
    w.says("h1", "Quay Bakery").await
}

async fn deal(w: &Window, how: &str) -> anyhow::Result<()> {
    let title = format!("Ovens for the quay, {how}");
    w.go("/deals/new").await?;
    w.fill("[name=title]", &title).await?;
    w.fill("[name=company]", &format!("Quay Bakery {how}")).await?;
    w.fill("[name=amount]", "900").await?;
    w.click("main form button.primary").await?;
    w.arrives("/deals/del_").await?;
    w.says("h1", &title).await?;
    let deal = w.at().await?;
    let deal = deal.split('?').next().unwrap_or_default().to_owned();
    w.go(&format!("{deal}/edit")).await?;
    w.fill("[name=title]", &format!("{title}, and trays")).await?;
    w.click("main form button.primary").await?;
    w.arrives("/deals/del_").await?;
    w.says("h1", "and trays").await?;
    w.says("form.stages [aria-current=step]", "New").await?;
    w.click("form.stages button:nth-of-type(2)").await?;
    w.says("form.stages [aria-current=step]", "In talks").await?;
    w.says(".timeline", "In talks").await
}

async fn undone(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    let name = std::env::temp_dir().join(format!("assent-undo-{}.csv", std::process::id()));
    std::fs::write(&name, "Name,E-mail\nPia Undone,pia.undone@example.org\n")?;
    w.go("/import").await?;
    w.attach("#f-file", &name.display().to_string()).await?;
    w.click("form[enctype] button").await?;
    w.arrives("/import/imp_").await?;
    std::fs::remove_file(&name)?;
    w.click("form[action$='/mapping'] button").await?;
    w.says("main h2", "2 of 3").await?;
    w.click("[name=stand][value=nothing]").await?;
    w.click("form[action$='/terms'] button.primary").await?;
    w.click("form[action$='/start'] button").await?;
    w.says("main", "Undo this import").await?;
    w.click("form[action$='/undo'] button").await?;
    w.says("main", "1 person erased").await?;
    ensure!(std::path::Path::new(FILE).exists(), "the demo's own file stays");
    Ok(())
}

async fn key(w: &Window, how: &str) -> anyhow::Result<()> {
    let name = format!("till {how}");
    w.sign_in(ADMIN).await?;
    wear(w, "admin").await?;
    key_made(w, &name).await?;
    w.go("/programs").await?;
    ensure!(!w.source().await?.contains("assent_key_"), "it is shown once");
    let script = "const card = [...document.querySelectorAll('li.card')].find((one) => one.querySelector('b').textContent === arguments[0]);\
        card.querySelector('form button').id = 'the-end'; return card.textContent";
    let said = w.js(script, json!(name)).await?;
    ensure!(said.as_str().is_some_and(|said| said.contains("until")), "its end is told: {said}");
    w.click("#the-end").await?;
    w.arrives("/programs").await?;
    w.says("main .tree", "ended").await
}

/// Makes a key for a program; the page that is open then shows it.
pub(crate) async fn key_made(w: &Window, name: &str) -> anyhow::Result<()> {
    w.go("/programs").await?;
    w.fill("[name=name]", name).await?;
    set(w, "[name=choice]", "support service.support").await?;
    w.click("main form[action='/programs'] button.primary").await?;
    w.says("main [role=status]", "assent_key_").await
}

/// Makes a webhook; the page that is open then shows its secret. Tells where it is.
pub(crate) async fn hook(w: &Window, url: &str) -> anyhow::Result<String> {
    w.go("/programs/hooks").await?;
    w.fill("[name=url]", url).await?;
    w.click("[name=event][value='deal.changed']").await?;
    w.click("main form[action='/programs/hooks'] button.primary").await?;
    w.says("main [role=status]", "whsec_").await?;
    let action = w.attr("main form[action$='/secret']", "action").await?;
    Ok(action.trim_end_matches("/secret").to_owned())
}

/// Asks to open two kinds for somebody's life. Tells where that stands.
pub(crate) async fn emergency(w: &Window, person: &str) -> anyhow::Result<String> {
    w.go(&format!("{person}/emergency")).await?;
    w.click("#f-reason option:nth-child(2)").await?;
    w.fill("#f-more", "She called and cannot breathe.").await?;
    w.fill("#f-case", "C-4711").await?;
    w.click("[name=kind]").await?;
    w.click("main form.form button.primary").await?;
    w.arrives("/emergencies/").await?;
    w.says("main", "A second person has until").await?;
    w.here().await
}

async fn wear(w: &Window, role: &str) -> anyhow::Result<()> {
    w.go(&format!("/work/role?as={role}")).await?;
    w.click("main form button").await?;
    w.arrives("/people").await
}

async fn role(w: &Window) -> anyhow::Result<()> {
    w.sign_in(OFFICER).await?;
    w.says(".rail-user summary", "data protection").await?;
    w.sign_in(MARKETING).await?;
    w.go("/work/role?as=admin").await?;
    w.click("main form button").await?;
    w.says("main", "You do not have that role.").await
}

async fn ledger(w: &Window) -> anyhow::Result<()> {
    w.sign_in(OFFICER).await?;
    w.go("/ledger").await?;
    w.says("main", "Halden Home").await?;
    let origin = w.text("main section dl.kv div:nth-of-type(3) code").await?;
    let href = w.attr("main a[href$='/checkpoint']", "href").await?;
    w.go(&href).await?;
    w.says("body", &origin).await
}

async fn erased(w: &Window, person: &str) -> anyhow::Result<()> {
    w.sign_in(OFFICER).await?;
    w.go(&format!("{person}/erase")).await?;
    w.says("main", "cannot be undone").await?;
    w.click("main form button.danger").await?;
    w.says("main .receipt", "Certificate of erasure").await?;
    ensure!(w.text("#f-receipt").await?.starts_with("c2sp.org/tlog-proof"), "with its receipt");
    w.go(person).await?;
    w.says("body", "404").await
}

async fn left(w: &Window) -> anyhow::Result<()> {
    w.sign_out().await?;
    w.go("/people").await?;
    w.arrives("/sign-in").await
}
