//! How a page is looked at: light and dark, wide and narrow, nothing sticks out, everything has its name, no complaint.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::axe::Axe;
use crate::window::Window;

const WIDE: u32 = 1280;
const WIDTHS: [u32; 2] = [WIDE, 360];
/// Below this a window is a phone's.
const NARROW: u32 = 600;
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
    size(w, (width, if width < NARROW { 740 } else { 860 })).await?;
    // Colours on their way from one theme to the other are no colours to judge.
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme },
        { "name": "prefers-reduced-motion", "value": "reduce" }] });
    w.devtools("Emulation.setEmulatedMedia", media).await
}

/// How wide and high the window is from now on.
pub(crate) async fn size(w: &Window, (width, height): (u32, u32)) -> anyhow::Result<()> {
    let mobile = width < NARROW;
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
    w.devtools("Emulation.setDeviceMetricsOverride", metrics).await
}

/// What finds, what was found, and where it has looked.
pub(crate) struct Eye {
    axe: Axe,
    wrong: Vec<String>,
    /// The addresses it was at.
    pub(crate) seen: Vec<String>,
}

impl Eye {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self { axe: Axe::fetch()?, wrong: Vec::new(), seen: Vec::new() })
    }

    /// Goes to a page and looks at it in every light and width.
    pub(crate) async fn page(&mut self, w: &Window, path: &str) -> anyhow::Result<()> {
        w.complaints().await?;
        screen(w, WIDE, "light").await?;
        w.go(path).await?;
        self.here(w, path).await
    }

    /// The same for each.
    pub(crate) async fn pages(&mut self, w: &Window, paths: &[&str]) -> anyhow::Result<()> {
        for path in paths {
            self.page(w, path).await?;
        }
        Ok(())
    }

    /// The same for what hangs below one address.
    pub(crate) async fn below(&mut self, w: &Window, top: &str, rests: &[&str]) -> anyhow::Result<()> {
        for rest in rests {
            self.page(w, &format!("{top}{rest}")).await?;
        }
        Ok(())
    }

    /// The first that a list leads to.
    pub(crate) async fn first(&mut self, w: &Window, list: &str, css: &str) -> anyhow::Result<String> {
        let one = first(w, list, css).await?;
        self.page(w, &one).await?;
        Ok(one)
    }

    /// Goes to a page that says no, and looks at it.
    pub(crate) async fn refusal(&mut self, w: &Window, path: &str) -> anyhow::Result<()> {
        w.go(path).await?;
        let status = w.status().await?;
        ensure!(status >= 400, "{path} should say no, and answers with {status}");
        self.look(w, path).await
    }

    /// Looks at the page that is open as it stands, which an act led to; `what` says what that is.
    pub(crate) async fn here(&mut self, w: &Window, what: &str) -> anyhow::Result<()> {
        let status = w.status().await?;
        if status < 400 {
            self.seen.push(w.at().await?);
        } else {
            self.wrong.push(format!("{what} is answered with {status}"));
        }
        self.look(w, what).await
    }

    async fn look(&mut self, w: &Window, what: &str) -> anyhow::Result<()> {
        self.axe.enter(w).await?;
        let mut backs: Vec<Value> = Vec::new();
        for width in WIDTHS {
            for theme in THEMES {
                screen(w, width, theme).await?;
                let seen = w.js(LOOK, json!(width)).await?;
                let found = seen["wrong"].as_array().cloned().unwrap_or_default();
                self.wrong.extend(found.iter().map(|one| format!("{what} at {width}, {theme}: {one}")));
                backs.push(seen["back"].clone());
                let found = Axe::violations(w).await?;
                self.wrong.extend(found.iter().map(|one| format!("{what} at {width}, {theme}: axe: {one}")));
            }
        }
        if backs.first() == backs.get(1) {
            self.wrong.push(format!("{what}: light and dark are the same"));
        }
        self.wrong.extend(w.complaints().await?.into_iter().map(|one| format!("{what}: {one}")));
        screen(w, WIDE, "light").await
    }

    /// Nothing is wrong with what was looked at since the last time.
    pub(crate) fn good(&mut self) -> anyhow::Result<()> {
        let wrong = std::mem::take(&mut self.wrong);
        ensure!(wrong.is_empty(), "{} things:\n      {}", wrong.len(), wrong.join("\n      "));
        Ok(())
    }
}

/// Where the first link of a list leads.
pub(crate) async fn first(w: &Window, list: &str, css: &str) -> anyhow::Result<String> {
    w.go(list).await?;
    w.attr(css, "href").await
}

/// An address without what comes after its path: a record by itself, not in the list that it was opened from.
pub(crate) fn alone(href: &str) -> String {
    href.split('?').next().unwrap_or_default().to_owned()
}

/// A script that the page's own rules must stop, and a line too long for the page: both have to be noticed.
pub(crate) async fn control(w: &Window) -> anyhow::Result<()> {
    let axe = Axe::fetch()?;
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
    screen(w, WIDE, "light").await
}
