//! What people do most on their page, one by one: find out who asks, answer with and without signing in, give and take
//! back, put right, stop, look who used it, check a receipt, take everything along, change the language, leave.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::axe;
use crate::book::Book;
use crate::common;
use crate::desk::{OFFICER, SALES, SUPPORT};
use crate::driver::Driver;
use crate::journey;
use crate::server::Server;
use crate::window::Window;

const NEWS: &str = "form[action='/me/terms/marketing.newsletter']";
const ASK: &str = "form[action$='/ask'] button";
const PHONE: &str = "+49 30 5550 0123";

/// Every step, told in the book.
pub(crate) async fn everything(
    book: &mut Book,
    driver: &Driver,
    (w, officer): (&Window, &Window),
    (email, server): (&str, &Server),
) {
    book.step("p01 see what was asked", w, inbox(w)).await;
    let link = letter(officer, email).await;
    for (how, opened) in
        [("plain", driver.without_javascript(&server.base).await), ("js", driver.window(&server.base).await)]
    {
        let name = format!("p02 p03 {how}: answer out of the letter, and take it back");
        match (&link, opened) {
            (Ok(link), Ok(anybody)) => {
                book.step(&name, &anybody, from_the_letter(&anybody, w, link, email)).await;
            }
            _ => {
                book.skip::<()>(&name);
            }
        }
    }
    alone(book, w, "js").await;
    book.step("p07 yes and no look alike", w, alike(w)).await;
    book.step("p14 the browser itself checks a receipt", w, checked(w)).await;
    book.step("p15 a saved receipt, and one that was changed", w, saved(w, server)).await;
    book.step("p19 the browser's signal is heeded and shown", w, signal(w)).await;
    book.step("p20 leave, and come back by a new link", w, leave(w, officer, email)).await;
    match driver.window(&server.base).await {
        Ok(phone) => {
            let work = device(&phone, officer, email);
            book.step("p21 come in with a device, and take it away", &phone, work).await;
        }
        Err(error) => {
            book.step::<()>("p21 a window for a device", w, async { Err(error) }).await;
        }
    }
}

/// What needs nobody else, with scripts or without.
async fn alone(book: &mut Book, w: &Window, how: &str) {
    let name = |what: &str| format!("p {how} {what}");
    book.step(&name("04 say yes in the list, one click"), w, in_the_list(w, "yes", "given")).await;
    book.step(&name("05 take it back in the list, one click"), w, in_the_list(w, "withdraw", "withdrawn"))
        .await;
    book.step(&name("06 say no in the list, one click"), w, in_the_list(w, "no", "refused")).await;
    book.step(&name("08 put a value right"), w, correct(w)).await;
    book.step(&name("09 add a value"), w, add(w)).await;
    book.step(&name("10 remove a value"), w, remove(w)).await;
    book.step(&name("11 stop advertising, allow it again"), w, stop(w, "marketing")).await;
    book.step(&name("12 stop everything, allow it again"), w, stop(w, "all")).await;
    book.step(&name("13 see what was refused"), w, refused(w)).await;
    book.step(&name("16 take a table and a card along"), w, files(w)).await;
    book.step(&name("17 take the proof of the answers along"), w, record(w)).await;
    book.step(&name("18 read it in German"), w, german(w)).await;
}

/// Somebody whom staff put down and asked: everything on their page, up to the end, in a window with scripts or without.
pub(crate) async fn newcomer(
    book: &mut Book,
    (w, staff, officer): (&Window, &Window, &Window),
    scripts: bool,
) {
    let how = if scripts { "js" } else { "plain" };
    let name = |what: &str| format!("p {how} {what}");
    let email = format!("ottilie.holm.{how}@example.org");
    let Some(record) = book.step(&name("come in"), w, comes(w, staff, officer, &email)).await else { return };
    book.step(&name("not again, until it is allowed again"), w, not_again(w, staff, &record)).await;
    book.step(&name("say yes to less"), w, limited(w)).await;
    alone(book, w, how).await;
    book.step(&name("the signal is heeded"), w, signal(w)).await;
    book.step(&name("leave, and come back"), w, leave(w, officer, &email)).await;
    book.step(&name("erase everything"), w, erased(w, officer, &record)).await;
}

async fn comes(w: &Window, staff: &Window, officer: &Window, email: &str) -> anyhow::Result<String> {
    staff.sign_in(SUPPORT).await?;
    let record = common::put_down(staff, "Ottilie Holm", email).await?;
    staff.sign_in(SALES).await?;
    staff.go(&record).await?;
    staff.click(ASK).await?;
    staff.says("main [role=status]", "").await?;
    officer.sign_in(OFFICER).await?;
    journey::enter(w, officer, email).await?;
    Ok(record)
}

/// Nobody may ask for half a year, is told so, and may when the person says so.
async fn not_again(w: &Window, staff: &Window, record: &str) -> anyhow::Result<()> {
    w.go("/me/requests").await?;
    w.click("#asks [name=answer][value=not-again]").await?;
    w.arrives("/me").await?;
    w.says("main [role=status]", "nobody may ask you again").await?;
    staff.go(record).await?;
    staff.says(".flash", "").await?;
    ensure!(staff.count(&format!(".flash {ASK}")).await? == 0, "nobody can ask");
    w.go("/me/requests").await?;
    w.says("#before", "").await?;
    w.click("form[action='/me/requests/quiet'] button").await?;
    w.arrives("/me/requests?done=may-ask").await?;
    ensure!(w.count("form[action='/me/requests/quiet']").await? == 0, "it is allowed again");
    Ok(())
}

/// One kind is left out, and what is agreed says so.
async fn limited(w: &Window) -> anyhow::Result<()> {
    w.go("/me/terms/marketing.newsletter").await?;
    w.click(".choice a[href*='limit=1']").await?;
    w.says("#limit", "").await?;
    let before = w.count("#limit [name=kind]:checked").await?;
    w.click("#limit [name=kind]:checked").await?;
    w.click("#limit [name=answer][value=limited]").await?;
    w.arrives("/me?done=given").await?;
    w.go("/me/terms/marketing.newsletter?limit=1").await?;
    let after = w.count("#limit [name=kind]:checked").await?;
    ensure!(after + 1 == before, "one kind less: {before}, {after}");
    w.click("#limit [name=answer][value=withdraw]").await?;
    w.arrives("/me?done=withdrawn").await
}

async fn erased(w: &Window, officer: &Window, record: &str) -> anyhow::Result<()> {
    w.go("/me/erase").await?;
    w.click("form[action='/me/erase'] button").await?;
    w.says("main label[for=receipt]", "").await?;
    ensure!(w.text("#receipt").await?.starts_with("c2sp.org/tlog-proof"), "with its receipt");
    w.go("/me").await?;
    w.arrives("/my").await?;
    officer.go(record).await?;
    officer.says("body", "404").await
}

async fn inbox(w: &Window) -> anyhow::Result<()> {
    w.go("/me").await?;
    w.click(".top nav a[href='/me/requests']").await?;
    w.says("#before", "Marketing at Halden Home asked on").await?;
    w.says("#before", "You answered on").await
}

/// The link in the newest letter that asks.
pub(crate) async fn letter(officer: &Window, email: &str) -> anyhow::Result<String> {
    officer.go("/outbox").await?;
    let letters = officer.texts(".outbox article").await?;
    let asks = letters.into_iter().find(|one| one.contains(email) && one.contains("/my/answer/"));
    let asks = asks.with_context(|| format!("no letter to {email} has an answer link"))?;
    let link = asks.split_whitespace().find(|word| word.contains("/my/answer/"));
    Ok(link.context("a link")?.to_owned())
}

/// In a window where nobody is signed in and no script runs.
async fn from_the_letter(anybody: &Window, w: &Window, link: &str, email: &str) -> anyhow::Result<()> {
    w.go(link).await?;
    axe::clean(w).await?;
    anybody.go(link).await?;
    anybody.says("main", "without signing in").await?;
    ensure!(!anybody.source().await?.contains(email), "the page names nobody");
    let before = anybody.count("main [name=answer][value=yes]").await?;
    ensure!(before == 1 && anybody.count("main [name=answer][value=no]").await? == 1, "yes and no");
    anybody.click("main [name=answer][value=yes]").await?;
    anybody.says("main [role=status]", "Recorded: yes").await?;
    w.go("/me").await?;
    ensure!(w.count("#agreed article").await? == 1, "the yes stands");
    anybody.click("main [name=answer][value=withdraw]").await?;
    anybody.says("main [role=status]", "Withdrawn").await?;
    w.go("/me").await?;
    ensure!(w.count("#agreed article").await? == 0, "the yes is taken back");
    anybody.go("/me").await?;
    anybody.arrives("/my").await
}

async fn in_the_list(w: &Window, answer: &str, done: &str) -> anyhow::Result<()> {
    w.go("/me/terms").await?;
    w.click(&format!("{NEWS} [name=answer][value={answer}]")).await?;
    w.arrives(&format!("/me?done={done}")).await?;
    ensure!(w.count("#agreed article").await? == usize::from(answer == "yes"), "{answer} is what stands");
    Ok(())
}

/// Same size, same colours, nothing chosen beforehand.
async fn alike(w: &Window) -> anyhow::Result<()> {
    let script = "return [...document.querySelectorAll(arguments[0] + ' .choice > *')].map((one) => {\
        const box = one.getBoundingClientRect(), look = getComputedStyle(one);\
        return [Math.round(box.width), Math.round(box.height), look.backgroundColor, look.color, look.fontWeight].join(' ');\
        })";
    w.go("/me/terms/marketing.newsletter").await?;
    let seen = w.js(script, json!(NEWS)).await?;
    let seen = seen.as_array().context("a list")?;
    ensure!(seen.len() == 3 && seen.iter().all(|one| Some(one) == seen.first()), "they differ: {seen:?}");
    ensure!(w.count(&format!("{NEWS} :checked:not(option)")).await? == 0, "nothing is ticked beforehand");
    Ok(())
}

async fn correct(w: &Window) -> anyhow::Result<()> {
    w.go("/me").await?;
    w.click("#held a[aria-label^='Change:'][aria-label$='name' i]").await?;
    w.fill("#f-value", "Bärbel-Eve").await?;
    w.click("main [name=act][value=save]").await?;
    w.arrives("/me?done=saved").await?;
    w.says("#held", "Bärbel-Eve").await
}

async fn add(w: &Window) -> anyhow::Result<()> {
    w.go("/me").await?;
    w.click("#held + p a, #held a[href='/me/add']").await?;
    w.click("#f-kind option[value='contact.phone']").await?;
    w.fill("#f-value", PHONE).await?;
    w.click("main form button").await?;
    w.arrives("/me?done=saved").await?;
    w.says("#held", PHONE).await
}

async fn remove(w: &Window) -> anyhow::Result<()> {
    let script = "const row = [...document.querySelectorAll('#held .known')].find((one) => one.textContent.includes(arguments[0]));\
        row.querySelector('a').click();";
    w.go("/me").await?;
    w.js(script, json!(PHONE)).await?;
    w.click("main [name=act][value=remove]").await?;
    w.arrives("/me?done=removed").await?;
    w.says_not("#held", PHONE).await
}

async fn stop(w: &Window, what: &str) -> anyhow::Result<()> {
    let button = |act: &str| format!("#stop form:has([value='{what}']) [name=act][value={act}]");
    w.go("/me").await?;
    w.click(&button("stop")).await?;
    w.arrives("/me?done=stopped").await?;
    w.says("#stop", "Stopped since").await?;
    w.click(&button("lift")).await?;
    w.arrives("/me?done=lifted").await?;
    ensure!(w.count(&button("stop")).await? == 1, "as many clicks back as there");
    Ok(())
}

async fn refused(w: &Window) -> anyhow::Result<()> {
    w.go("/me/uses").await?;
    w.click("nav.tabs a[href*='show=refused']").await?;
    w.says("nav.tabs [aria-current]", "Refused").await?;
    ensure!(w.count("main .use .tag.bad").await? > 0, "something was refused");
    ensure!(w.count("main .use .tag.good").await? == 0, "and nothing else is shown");
    Ok(())
}

async fn checked(w: &Window) -> anyhow::Result<()> {
    w.go("/me/uses").await?;
    w.click("a[href^='/me/receipt/'][href$='/check']").await?;
    w.says("#own-check [role=status]", "Your browser says: genuine.").await?;
    ensure!(w.count("#own-check .tag.good").await? == 4, "all four, the signature too");
    w.says("#own-check [data-says=place]", "eu").await?;
    ensure!(!w.text("#own-check [data-says=use]").await?.is_empty(), "and it tells what it opened");
    Ok(())
}

async fn saved(w: &Window, server: &Server) -> anyhow::Result<()> {
    w.go("/me/uses").await?;
    let href = w.attr("a[href^='/me/receipt/']:not([href$='/check'])", "href").await?;
    let text = w.fetch(&href).await?;
    w.go(&format!("{href}/check")).await?;
    let policy = w.fetch(&w.attr("a[href$='assent-ledger.txt']", "href").await?).await?;
    let (receipt, key) = (server.beside("saved.tlog-proof"), server.beside("saved-key.txt"));
    let name = |path: &std::path::Path| path.display().to_string();
    std::fs::write(&key, &policy)?;
    // A letter of the head's signature.
    let middle = text.len() - 30;
    let changed: String = text
        .char_indices()
        .map(|(at, c)| if at == middle { if c == 'A' { 'B' } else { 'A' } } else { c })
        .collect();
    for (text, said) in [(policy, "no whole receipt"), (changed, "does not fit"), (text, "genuine")] {
        std::fs::write(&receipt, text)?;
        w.go("/check-receipt").await?;
        w.attach("#f-receipt", &name(&receipt)).await?;
        w.attach("#f-key", &name(&key)).await?;
        w.click("#own-check button").await?;
        w.says("#own-check [role=status]", said).await?;
    }
    Ok(())
}

async fn files(w: &Window) -> anyhow::Result<()> {
    w.go("/me/export").await?;
    ensure!(w.count("main a[href^='/me/']").await? >= 4, "four files");
    let table = w.fetch("/me/export.csv").await?;
    ensure!(table.starts_with("\"category\",") && table.contains("Bärbel-Eve"), "a table: {table}");
    let card = w.fetch("/me/export.vcf").await?;
    ensure!(
        card.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n") && card.contains("Bärbel-Eve"),
        "a card: {card}"
    );
    Ok(())
}

async fn record(w: &Window) -> anyhow::Result<()> {
    let record: Value = serde_json::from_str(&w.fetch("/me/consent-record.json").await?)?;
    let said = record["dpv:hasConsentStatus"].as_array().context("statuses")?;
    ensure!(!said.is_empty() && record["@type"] == "dpv:ConsentRecord", "a record: {record}");
    ensure!(!record.to_string().contains("Bärbel"), "it holds no value");
    Ok(())
}

/// What the browser says of itself from now on.
pub(crate) async fn headers(w: &Window, headers: Value) -> anyhow::Result<()> {
    w.devtools("Network.enable", json!({})).await?;
    w.devtools("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await
}

async fn german(w: &Window) -> anyhow::Result<()> {
    headers(w, json!({ "Accept-Language": "de" })).await?;
    for (path, words) in [
        ("/me", "Was Sie davon hatten"),
        ("/me/requests", "Wer Sie fragt"),
        ("/me/terms", "Was Sie entscheiden können"),
        ("/me/uses", "Wer es genutzt hat"),
        ("/me/export", "Mitnehmen"),
        ("/me/erase", "Alles löschen"),
    ] {
        w.go(path).await?;
        w.says("main", words).await?;
        ensure!(w.attr("html", "lang").await? == "de", "{path} says its language");
    }
    headers(w, json!({})).await
}

async fn signal(w: &Window) -> anyhow::Result<()> {
    headers(w, json!({ "Sec-GPC": "1" })).await?;
    w.go("/me").await?;
    w.says("main [role=status]", "do not sell or share").await?;
    w.says("#stop", "Global Privacy Control").await?;
    let file: Value = serde_json::from_str(&w.fetch("/.well-known/gpc.json").await?)?;
    ensure!(file["gpc"] == json!(true), "the site says so too: {file}");
    headers(w, json!({})).await?;
    w.go("/me").await?;
    w.says("#stop", "Stopped since").await
}

async fn leave(w: &Window, officer: &Window, email: &str) -> anyhow::Result<()> {
    sign_out(w).await?;
    w.go("/me").await?;
    w.arrives("/my").await?;
    journey::enter(w, officer, email).await
}

async fn sign_out(w: &Window) -> anyhow::Result<()> {
    w.go("/me").await?;
    w.click("details.menu summary").await?;
    w.click("form[action='/me/sign-out'] button").await?;
    w.arrives("/my").await
}

async fn device(w: &Window, officer: &Window, email: &str) -> anyhow::Result<()> {
    let device = w.device().await?;
    journey::enter(w, officer, email).await?;
    w.go("/me/sign-in").await?;
    w.fill("[name=label]", "My phone").await?;
    w.click("form[data-passkey=create] button").await?;
    w.says("main [role=status]", "This device opens your page").await?;
    w.says("main article", "My phone").await?;
    axe::clean(w).await?;
    w.click("form[data-passkey=create] button").await?;
    w.says("[data-passkey-said]", "This device opens your page already").await?;
    sign_out(w).await?;
    w.go("/my/halden").await?;
    w.click("form[data-passkey=get] button").await?;
    w.arrives("/me").await?;
    w.says("main", "Halden Home").await?;
    // A person's key opens no door of the staff.
    sign_out(w).await?;
    w.go("/sign-in").await?;
    w.click("form[data-passkey=get] button").await?;
    w.says("main", "does not open this door").await?;
    // Who holds the device must be known to it.
    w.known_by(&device, false).await?;
    w.go("/my/halden").await?;
    w.click("form[data-passkey=get] button").await?;
    w.says("[data-passkey-said]", "The passkey was not used").await?;
    w.known_by(&device, true).await?;
    journey::enter(w, officer, email).await?;
    w.go("/me/sign-in").await?;
    w.click("form[action='/me/passkeys/remove'] button").await?;
    w.says("main [role=status]", "Removed").await?;
    sign_out(w).await?;
    w.go("/my/halden").await?;
    w.click("form[data-passkey=get] button").await?;
    w.says("main", "does not open this door").await
}
