//! The pictures of the README, taken from the running program when `ASSENT_PICTURES=1` asks for them (`cargo xtask pictures`).

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::book::Book;
use crate::desk::{self, OFFICER, SALES, SUPPORT};
use crate::journey;
use crate::looks::{screen, size};
use crate::window::Window;

/// Where they lie.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pictures");
/// The largest that one may be, in bytes.
const LARGEST: usize = 100 * 1024;
const YUI: &str = "yui.ito@example.org";

/// Takes them all.
pub(crate) async fn readme(book: &mut Book, staff: &Window, person: &Window, officer: &Window) {
    book.step("pictures of one person twice", staff, twice(staff)).await;
    book.step("pictures of the desk", staff, desk(staff)).await;
    book.step("pictures of the portal", person, portal(person, officer)).await;
}

/// Puts two pictures of pages beside each other, each under its words.
const BESIDE: &str = r##"
const [theme, pages] = arguments[0];
const dark = theme === "dark";
document.body.style.cssText = `margin: 0; padding: 12px; display: flex; gap: 12px; background: ${dark ? "#0d0c0b" : "#e8e6e1"};
  color: ${dark ? "#eeebe6" : "#1c1a17"}; font: 600 16px/24px system-ui`;
for (const [words, bytes] of pages) {
  const figure = document.createElement("figure"), image = new Image();
  figure.style.cssText = "margin: 0; flex: 1";
  image.style.cssText = "width: 100%; height: 424px; object-fit: cover; object-position: top left; border-radius: 8px";
  image.src = `data:image/webp;base64,${bytes}`;
  const caption = document.createElement("figcaption");
  caption.textContent = words;
  figure.append(image, caption);
  document.body.append(figure);
}
const done = arguments[arguments.length - 1];
Promise.all([...document.images].map((one) => one.decode())).then(() => done(document.images.length));
"##;

/// The same person for two purposes, side by side.
async fn twice(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    let yui = desk::yui(w).await?;
    for theme in ["light", "dark"] {
        let mut pages = Vec::new();
        for (who, words) in [(SUPPORT, "Working for support"), (SALES, "The same person, working for sales")]
        {
            w.sign_in(who).await?;
            screen(w, 1000, theme).await?;
            w.go(&yui).await?;
            w.says("h1", "").await?;
            pages.push((words, STANDARD.encode(w.looks().await?)));
        }
        size(w, (1280, 472)).await?;
        w.go("about:blank").await?;
        let there = w.js_later(BESIDE, json!([theme, pages])).await?;
        ensure!(there == json!(2), "two pictures beside each other: {there}");
        keep(w, &format!("two-purposes-{theme}")).await?;
    }
    screen(w, 1280, "light").await
}

async fn desk(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    both(w, "/people", "people").await?;
    let yui = desk::yui(w).await?;
    both(w, &yui, "record").await?;
    w.sign_in(SALES).await?;
    both(w, "/deals?view=board", "deals").await?;
    // Whoever is asked sees it first on her page.
    w.go(&yui).await?;
    let ask = ".flash form[action$='/ask'] button";
    if w.count(ask).await? > 0 {
        w.click(ask).await?;
        w.says("main [role=status]", "").await?;
    }
    Ok(())
}

async fn portal(w: &Window, officer: &Window) -> anyhow::Result<()> {
    officer.sign_in(OFFICER).await?;
    journey::enter(w, officer, YUI).await?;
    both(w, "/me", "portal").await
}

/// A page in the light and in the dark.
async fn both(w: &Window, path: &str, name: &str) -> anyhow::Result<()> {
    for theme in ["light", "dark"] {
        screen(w, 1280, theme).await?;
        w.go(path).await?;
        w.says("h1", "").await?;
        keep(w, &format!("{name}-{theme}")).await?;
    }
    screen(w, 1280, "light").await
}

/// The page that is open becomes the picture of that name.
async fn keep(w: &Window, name: &str) -> anyhow::Result<()> {
    let taken = w.looks().await?;
    ensure!(taken.len() <= LARGEST, "{name} has {} bytes", taken.len());
    std::fs::write(format!("{FOLDER}/{name}.webp"), taken)?;
    Ok(())
}
