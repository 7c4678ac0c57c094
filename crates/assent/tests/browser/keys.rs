//! Keys: each one that a page's own list names is pressed, and does what the list says; and work is done by keyboard alone.

use anyhow::{Context as _, bail, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::book::Book;
use crate::desk::{SALES, SUPPORT};
use crate::window::Window;

/// Pages of every kind that has keys.
const PAGES: [&str; 8] = [
    "/people",
    "/deals",
    "/deals?view=board",
    "/tasks",
    "/organisations",
    "/things/device",
    "/day",
    "/find?q=it",
];

pub(crate) async fn all(book: &mut Book, w: &Window) {
    book.step("k every key that a page tells of does what it says", w, each(w)).await;
    book.step("k what is not told does not lead away", w, untold(w)).await;
    book.step("k a task is made by keyboard alone", w, by_hand(w)).await;
}

async fn each(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    let mut pages: Vec<String> = PAGES.iter().map(|one| (*one).to_owned()).collect();
    for list in ["/people?show=all", "/deals", "/organisations", "/things/device"] {
        w.go(list).await?;
        pages.push(w.attr("table.list tbody tr:nth-child(2) th a", "href").await?);
    }
    let mut pressed = 0;
    for page in &pages {
        for (key, what) in told(w, page).await? {
            w.go(page).await?;
            press(w, page, (&key, &what)).await.with_context(|| format!("{page}: {key}, {what}"))?;
            pressed += 1;
        }
    }
    ensure!(pressed > 120, "only {pressed} keys were pressed");
    Ok(())
}

/// What the list of keys says on a page, which `?` opens and Escape closes.
async fn told(w: &Window, page: &str) -> anyhow::Result<Vec<(String, String)>> {
    w.go(page).await?;
    w.press("?").await?;
    w.says("#keys-help", "Ctrl K").await?;
    let script = "return [...document.querySelectorAll('#keys-help dt')].map((one) => [one.textContent, one.nextSibling.textContent])";
    let list: Vec<(String, String)> = serde_json::from_value(w.js(script, Value::Null).await?)?;
    ensure!(list.len() > 8, "{page} tells of {} keys", list.len());
    w.press(&String::from(char::from(Key::Escape))).await?;
    ensure!(w.count("#keys-help[open]").await? == 0, "Escape closes the list");
    Ok(list)
}

/// Presses a key and sees that it did what it says.
async fn press(w: &Window, page: &str, (key, what): (&str, &str)) -> anyhow::Result<()> {
    let row = "const all = [...document.querySelectorAll('table.list tbody tr, [data-rows] > *')].filter((one) => one.querySelector('a'));\
        const at = document.activeElement.closest('tr, [data-rows] > *'); return at === (all";
    match key {
        "Ctrl K" => {
            w.press_with(Key::Control, 'k').await?;
            ensure!(w.count("dialog.palette[open]").await? == 1, "the palette opens");
        }
        "/" => {
            w.press("/").await?;
            focused(w, "return document.activeElement.matches('[data-search]')").await?;
        }
        "J" => {
            w.press("jj").await?;
            focused(w, &format!("{row}.at(1) ?? all[0])")).await?;
        }
        "K" => {
            w.press("jjk").await?;
            focused(w, &format!("{row}[0])")).await?;
            w.press("k").await?;
            focused(w, &format!("{row}[0])")).await?;
        }
        "Enter" => {
            w.press("j").await?;
            let to = w.js("return document.activeElement.getAttribute('href')", Value::Null).await?;
            w.press(&String::from(char::from(Key::Enter))).await?;
            w.arrives(to.as_str().context("a row leads somewhere")?).await?;
        }
        "Space" => {
            w.press("j ").await?;
            w.says("#panel", "Open").await?;
            ensure!(w.at().await? == page, "the list stays");
        }
        "X" => {
            w.press("jx").await?;
            ensure!(w.count("table.list tbody input:checked").await? == 1, "the row is ticked");
        }
        "E" if what.starts_with("Change values") => {
            w.press("j").await?;
            let any = "const card = document.querySelector('[data-card] h3 a');\
                const row = [...document.querySelectorAll('table.list tbody tr')].find((one) => one.querySelector('a[data-inline]'));\
                (card || row.querySelector('th a')).focus(); return 1";
            w.js(any, Value::Null).await?;
            w.press("e").await?;
            focused(w, "return document.activeElement.matches('a[data-inline]')").await?;
        }
        "E" if what.starts_with("Go to the first") => {
            w.press("e").await?;
            focused(w, "return document.activeElement.matches('.record-side a[data-inline]')").await?;
        }
        "Shift ← →" => card(w).await?,
        "[" => {
            let to = w.attr("[data-back]", "href").await?;
            w.press("[").await?;
            w.arrives(&to).await?;
        }
        "Esc" => {
            w.press_with(Key::Control, 'k').await?;
            w.press(&String::from(char::from(Key::Escape))).await?;
            ensure!(w.count("dialog[open]").await? == 0, "it closes");
        }
        "?" => {}
        linked => {
            let strokes = linked.replace(" then ", "").to_lowercase();
            ensure!(strokes.len() <= 2, "nobody knows how to press {linked}");
            link(w, &strokes, what).await?;
        }
    }
    Ok(())
}

/// A key of a link or a menu leads where it leads, or opens it.
async fn link(w: &Window, strokes: &str, what: &str) -> anyhow::Result<()> {
    let script = "const one = [...document.querySelectorAll('[data-key]')].find((node) =>\
        (node.dataset.label || node.textContent.trim()) === arguments[0]);\
        return one ? [one.localName, one.getAttribute('href')] : null";
    let found = w.js(script, json!(what)).await?;
    w.press(strokes).await?;
    match (found[0].as_str(), found[1].as_str()) {
        (Some("a"), Some(href)) => w.arrives(href).await,
        (Some("summary"), _) => {
            focused(w, "return Boolean(document.activeElement.closest('details[open]'))").await
        }
        other => bail!("nothing on the page has it: {other:?}"),
    }
}

async fn focused(w: &Window, script: &str) -> anyhow::Result<()> {
    let there = w.js(script, Value::Null).await?;
    let at = w.js("return document.activeElement.outerHTML.slice(0, 120)", Value::Null).await?;
    ensure!(there == json!(true), "focus is at {at}");
    Ok(())
}

/// A card goes one lane to the right, and back.
async fn card(w: &Window) -> anyhow::Result<()> {
    let focus = "const link = document.querySelector('[data-stage]:first-child [data-card] h3 a'); link.focus();\
        return link.closest('[data-card]').getAttribute('aria-label')";
    let name = w.js(focus, Value::Null).await?;
    let name = name.as_str().context("a card has a name")?;
    for (key, lane) in [(Key::Right, 2), (Key::Left, 1)] {
        w.press_with(Key::Shift, char::from(key)).await?;
        w.says(&format!("[data-stage]:nth-child({lane})"), name).await?;
        let again = "[...document.querySelectorAll('[data-card]')].find((one) => one.getAttribute('aria-label') === arguments[0])\
            .querySelector('h3 a').focus(); return 1";
        w.calm().await?;
        w.js(again, json!(name)).await?;
    }
    Ok(())
}

/// Where nothing can be shown beside the list, Space leads nowhere; and what a key has nothing to act on it leaves alone.
async fn untold(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    for page in ["/tasks", "/things/device", "/dashboard"] {
        for strokes in ["j ", "jx", "je", "e", "x", "gq", "z"] {
            w.go(page).await?;
            w.press(strokes).await?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            ensure!(w.here().await? == page, "{strokes:?} on {page} leads to {}", w.at().await?);
        }
    }
    Ok(())
}

/// From the list of tasks to a new one and back: Tab, letters and Enter, no pointer.
async fn by_hand(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SALES).await?;
    let (tab, enter) = (char::from(Key::Tab), char::from(Key::Enter));
    w.press(&String::from(tab)).await?;
    focused(w, "return document.activeElement.matches('a.skip')").await?;
    w.press(&String::from(enter)).await?;
    w.press("gt").await?;
    w.arrives("/tasks").await?;
    w.press("c").await?;
    w.arrives("/tasks/new").await?;
    tab_to(w, "main [name=text]").await?;
    w.press("Paint the railing").await?;
    w.press(&String::from(enter)).await?;
    w.arrives("/").await?;
    w.says("main [role=status]", "").await?;
    w.go("/tasks").await?;
    w.press("f").await?;
    focused(w, "return document.activeElement.matches('[name=ff]')").await?;
    w.press(&String::from(char::from(Key::Escape))).await?;
    w.press_with(Key::Control, 'k').await?;
    w.press("railing").await?;
    w.says("dialog.palette", "Paint the railing").await?;
    w.press(&String::from(char::from(Key::Escape))).await?;
    w.press("gp").await?;
    w.arrives("/people").await?;
    // Whatever Tab comes to shows where it is.
    let seen = "const one = document.activeElement, look = getComputedStyle(one); const box = one.getBoundingClientRect();\
        return one === document.body || (look.outlineStyle !== 'none' && box.width > 0)";
    for _ in 0..40 {
        w.press(&String::from(tab)).await?;
        focused(w, seen).await?;
    }
    Ok(())
}

/// Goes on by Tab until it stands there.
async fn tab_to(w: &Window, css: &str) -> anyhow::Result<()> {
    for _ in 0..120 {
        let there = w.js("return document.activeElement.matches(arguments[0])", json!(css)).await?;
        if there == json!(true) {
            return Ok(());
        }
        w.press(&String::from(char::from(Key::Tab))).await?;
    }
    bail!("Tab does not come to `{css}`")
}
