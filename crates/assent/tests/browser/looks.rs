//! Every page, light and dark, wide and narrow: nothing sticks out, everything has its name, no complaint.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::axe::Axe;
use crate::desk::{self, OFFICER, SUPPORT};
use crate::journey;
use crate::window::Window;

const WIDTHS: [u32; 2] = [1280, 360];
const THEMES: [&str; 2] = ["light", "dark"];

/// What is wrong with a page, as a list of sentences.
const LOOK: &str = r#"
const wrong = [], root = document.documentElement, width = arguments[0];
if (root.scrollWidth > width) {
  const out = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    if (!box.width || box.right <= width + 1) return false;
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return false;
    return true;
  });
  wrong.push(`sticks out by ${root.scrollWidth - width}: ` +
    out.slice(0, 3).map((one) => one.outerHTML.slice(0, 90)).join(" | "));
}
if (document.querySelectorAll("h1").length !== 1) wrong.push(`${document.querySelectorAll("h1").length} h1`);
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
if (twice.length) wrong.push(`ids twice: ${[...new Set(twice)].slice(0, 5)}`);
const named = (one) => one.getAttribute("aria-label")?.trim() || one.getAttribute("aria-labelledby") ||
  [...(one.labels || [])].some((label) => label.textContent.trim());
for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
  if (!named(one)) wrong.push(`no label: ${one.outerHTML.slice(0, 90)}`);
for (const one of document.querySelectorAll("button, a[href], summary"))
  if (!one.textContent.trim() && !one.getAttribute("aria-label") && !one.title && !one.querySelector("img[alt]"))
    wrong.push(`no name: ${one.outerHTML.slice(0, 90)}`);
for (const one of document.querySelectorAll("img:not([alt])")) wrong.push(`no alt: ${one.outerHTML.slice(0, 90)}`);
if (!root.lang) wrong.push("no language");
return { wrong, back: getComputedStyle(document.body).backgroundColor };
"#;

pub(crate) async fn screen(w: &Window, width: u32, theme: &str) -> anyhow::Result<()> {
    let narrow = width < 600;
    let height = if narrow { 740 } else { 860 };
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": narrow });
    w.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
    // Colours on their way from one theme to the other are no colours to judge.
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme },
        { "name": "prefers-reduced-motion", "value": "reduce" }] });
    w.devtools("Emulation.setEmulatedMedia", media).await
}

/// What was found, and what finds it.
struct Eye {
    axe: Axe,
    wrong: Vec<String>,
}

/// Looks at one page in every light and width.
async fn look(w: &Window, path: &str, eye: &mut Eye) -> anyhow::Result<()> {
    let wrong = &mut eye.wrong;
    w.complaints().await?;
    w.go(path).await?;
    eye.axe.enter(w).await?;
    let mut backs: Vec<Value> = Vec::new();
    for width in WIDTHS {
        for theme in THEMES {
            screen(w, width, theme).await?;
            let seen = w.js(LOOK, json!(width)).await?;
            let found = seen["wrong"].as_array().cloned().unwrap_or_default();
            wrong.extend(found.iter().map(|one| format!("{path} at {width}, {theme}: {one}")));
            backs.push(seen["back"].clone());
            let found = Axe::violations(w).await?;
            wrong.extend(found.iter().map(|one| format!("{path} at {width}, {theme}: axe: {one}")));
        }
    }
    if backs.first() == backs.get(1) {
        wrong.push(format!("{path}: light and dark are the same"));
    }
    wrong.extend(w.complaints().await?.into_iter().map(|one| format!("{path}: {one}")));
    Ok(())
}

async fn shot(w: &Window, path: &str, width: u32, theme: &str, name: &str) -> anyhow::Result<()> {
    screen(w, width, theme).await?;
    w.go(path).await?;
    w.picture(&format!("readme {name}")).await.map(|_| ())
}

async fn first(w: &Window, at: &str, css: &str) -> anyhow::Result<String> {
    w.go(at).await?;
    w.attr(css, "href").await
}

/// A script that the page's own rules must stop, and a line too long for the page: both have to be noticed.
async fn control(w: &Window, axe: &Axe) -> anyhow::Result<()> {
    w.go("/sign-in").await?;
    screen(w, 360, "light").await?;
    axe.enter(w).await?;
    let clean = Axe::violations(w).await?;
    let spoil = "const script = document.createElement('script'); script.textContent = 'window.ran = 1';\
        document.body.append(script);\
        const long = document.createElement('input'); long.style.width = '999px'; document.body.append(long);";
    w.js(spoil, Value::Null).await?;
    let wrong = w.js(LOOK, json!(360)).await?["wrong"].to_string();
    let found = Axe::violations(w).await?;
    ensure!(found.len() > clean.len(), "control: axe sees {found:?}");
    ensure!(wrong.contains("sticks out") && wrong.contains("no label"), "control: the look sees {wrong}");
    ensure!(w.js("return window.ran ?? 0", Value::Null).await? == json!(0), "control: an inline script ran");
    let said = w.complaints().await?;
    ensure!(
        said.iter().any(|one| one.contains("Content Security Policy")),
        "control: the console says {said:?}"
    );
    Ok(())
}

pub(crate) async fn all(w: &Window, officer: &Window) -> anyhow::Result<()> {
    let axe = Axe::fetch()?;
    control(w, &axe).await?;
    let mut eye = Eye { axe, wrong: Vec::new() };
    for path in
        ["/sign-in", "/my", "/my/halden", "/my/link/nothing", "/check-receipt", "/ledger", "/nothing-here"]
    {
        look(w, path, &mut eye).await?;
    }
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    staff(w, &yui, &mut eye).await?;
    shot(w, "/people", 1280, "light", "people").await?;
    shot(w, &yui, 1280, "light", "record").await?;
    shot(w, &yui, 1280, "dark", "record dark").await?;
    w.sign_in(desk::SALES).await?;
    look(w, &yui, &mut eye).await?;
    shot(w, &yui, 1280, "light", "record closed").await?;
    work(w, &mut eye).await?;
    w.sign_in(OFFICER).await?;
    for path in ["/people?show=quarantined", "/outbox", "/ledger", &format!("{yui}/erase")] {
        look(w, path, &mut eye).await?;
    }
    for rest in ["", "/notices", "/notices/new", "/parties", "/parties/new", "/mandates", "/mandates/new"] {
        look(w, &format!("/settings{rest}"), &mut eye).await?;
    }
    for path in ["/settings/purposes", "/settings/roles", "/settings/retention", "/settings/history", "/you"]
    {
        look(w, path, &mut eye).await?;
    }
    for (list, css) in [("notices", "tbody a"), ("parties", ".tree a"), ("mandates", ".line a")] {
        let one = first(w, &format!("/settings/{list}"), css).await?;
        look(w, &one, &mut eye).await?;
    }
    w.sign_in(crate::settings::ADMIN).await?;
    for path in
        ["/settings/staff", "/settings/sign-in", "/programs", "/programs/hooks", "/v1", "/deals/pipelines"]
    {
        look(w, path, &mut eye).await?;
    }
    w.sign_in(OFFICER).await?;
    for path in ["/people/doubles", "/people/export", "/deals?show=lost", "/import"] {
        look(w, path, &mut eye).await?;
    }
    w.sign_in(OFFICER).await?;
    let import = first(w, "/import", "table.list tbody a").await;
    match import {
        Ok(import) => look(w, &import, &mut eye).await?,
        Err(_) => eye.wrong.push("there is no import to look at".to_owned()),
    }
    screen(w, 1280, "light").await?;
    journey::enter(w, officer, "aoife.byrne@example.org").await?;
    person(w, &mut eye).await?;
    shot(w, "/me", 1280, "light", "portal overview").await?;
    shot(w, "/me", 360, "dark", "portal phone").await?;
    shot(w, "/me/uses", 1280, "light", "portal uses").await?;
    let wrong = eye.wrong;
    ensure!(wrong.is_empty(), "{} things:\n      {}", wrong.len(), wrong.join("\n      "));
    Ok(())
}

async fn staff(w: &Window, yui: &str, eye: &mut Eye) -> anyhow::Result<()> {
    for path in ["/people", "/people?q=ito", "/people?q=nobody-at-all", "/people/new", "/import"] {
        look(w, path, eye).await?;
    }
    for rest in ["", "?tab=tasks", "?tab=deals", "?tab=notes", "?tab=terms", "?tab=uses", "/fact"] {
        look(w, &format!("{yui}{rest}"), eye).await?;
    }
    let edit = first(w, yui, ".record-side a.edit").await?;
    look(w, &edit, eye).await
}

async fn work(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    for path in
        ["/day", "/tasks", "/tasks/new", "/inbox", "/organisations", "/organisations/new", "/deals/new"]
    {
        look(w, path, eye).await?;
    }
    for path in ["/deals", "/deals?view=board", "/deals?f=title.is.nothing", "/deals?show=removed"] {
        look(w, path, eye).await?;
    }
    let deal = first(w, "/deals?f=company.set.", "table.list tbody th a").await?;
    look(w, &deal, eye).await?;
    let organisation = first(w, "/organisations", "table.list tbody th a").await?;
    for rest in ["", "?tab=tasks", "?tab=notes", "?tab=deals", "?tab=people", "/edit"] {
        look(w, &format!("{organisation}{rest}"), eye).await?;
    }
    shot(w, "/deals?view=board", 1280, "light", "deals").await
}

async fn person(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    for path in
        ["/me", "/me/requests", "/me/terms", "/me/uses", "/me/export", "/me/erase", "/me/add", "/me/sign-in"]
    {
        look(w, path, eye).await?;
    }
    look(w, "/me/terms/marketing.newsletter?limit=1", eye).await?;
    let check = first(w, "/me/uses", "a[href^='/me/receipt/'][href$='/check']").await?;
    look(w, &check, eye).await?;
    let fact = first(w, "/me", "#held .known a").await?;
    look(w, &fact, eye).await
}
