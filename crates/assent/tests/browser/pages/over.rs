//! What lies over a page: Ctrl+K, the list of keys, the panel beside a list, menus, the card of terms.

use fantoccini::key::Key;
use serde_json::Value;

use crate::desk::SUPPORT;
use crate::looks::Eye;
use crate::window::Window;

pub(crate) async fn all(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(SUPPORT).await?;
    w.go("/people?q=ito").await?;
    w.press_with(Key::Control, 'k').await?;
    w.fill("dialog.palette input", "ito").await?;
    w.says("dialog.palette", "Yui Ito").await?;
    eye.here(w, "Ctrl+K").await?;
    w.go("/people").await?;
    w.press("?").await?;
    w.says("#keys-help", "Next row").await?;
    eye.here(w, "the list of keys").await?;
    w.go("/people?q=ito").await?;
    w.press("j ").await?;
    w.says("#panel", "Open").await?;
    eye.here(w, "the panel beside a list").await?;
    for menu in [
        "details.rail-user",
        ".filters details.menu:has([name=ff])",
        ".filters details.menu:has(.columns)",
        "details.pill",
    ] {
        w.go("/deals").await?;
        w.js("document.querySelector(arguments[0]).open = true; return 1", menu.into()).await?;
        eye.here(w, &format!("the menu {menu}")).await?;
    }
    w.go("/people?q=ito").await?;
    w.js("document.querySelector('main [popovertarget]').click(); return 1", Value::Null).await?;
    eye.here(w, "the card of terms").await?;
    w.go("/people").await?;
    w.js("document.querySelector('details.permitted').open = true; return 1", Value::Null).await?;
    eye.here(w, "why not all").await?;
    eye.good()
}
