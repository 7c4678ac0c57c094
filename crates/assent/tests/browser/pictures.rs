//! The pictures of the README, taken from the running program when `ASSENT_PICTURES=1` asks for them (`cargo xtask pictures`).

use anyhow::ensure;

use crate::book::Book;
use crate::desk::{self, OFFICER, SALES, SUPPORT};
use crate::journey;
use crate::looks::screen;
use crate::window::Window;

/// Where they lie.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pictures");
/// The largest that one may be, in bytes.
const LARGEST: usize = 100 * 1024;
const YUI: &str = "yui.ito@example.org";

/// Takes them all, if they are asked for.
pub(crate) async fn readme(book: &mut Book, staff: &Window, person: &Window, officer: &Window) {
    if std::env::var("ASSENT_PICTURES").as_deref() == Ok("1") {
        book.step("pictures of the desk", staff, desk(staff)).await;
        book.step("pictures of the portal", person, portal(person, officer)).await;
    }
}

async fn desk(w: &Window) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    both(w, "/people?show=all", "people").await?;
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
        let taken = w.looks().await?;
        ensure!(taken.len() <= LARGEST, "{name}, {theme}, has {} bytes", taken.len());
        std::fs::write(format!("{FOLDER}/{name}-{theme}.webp"), taken)?;
    }
    screen(w, 1280, "light").await
}
