//! Coming in through an account of somebody else's program, in a browser: staff by the administrator's provider, a person
//! with an account that she connected. `tests/interop/oidc.sh` starts the provider and the demo, and sets both up.

use anyhow::ensure;

use crate::book::Book;
use crate::desk::OFFICER;
use crate::driver::Driver;
use crate::journey;
use crate::window::Window;

const PERSON: &str = "yui.ito@example.org";
const WAY: &str = "a[href^='/my/halden/with/example']";

/// Both doors, of the demo that listens at `base`.
pub(crate) async fn both(book: &mut Book, driver: &Driver, base: &str) -> anyhow::Result<()> {
    for scripts in [true, false] {
        let how = if scripts { "js" } else { "plain" };
        let fresh =
            async || if scripts { driver.window(base).await } else { driver.without_javascript(base).await };
        let (w, officer) = (fresh().await?, driver.window(base).await?);
        book.step(&format!("oidc {how}: staff come in"), &w, staff(&w)).await;
        let (w, again) = (fresh().await?, fresh().await?);
        let work = person(&w, &again, &officer);
        book.step(&format!("oidc {how}: a person connects an account and comes in with it"), &w, work).await;
        let w = fresh().await?;
        book.step(&format!("oidc {how}: an account that nobody connected opens nothing"), &w, stranger(&w))
            .await;
    }
    Ok(())
}

/// At the provider, whose pages are not ours: says who it is, and agrees.
async fn says_who(w: &Window, who: &str) -> anyhow::Result<()> {
    w.fill("[name=login]", who).await?;
    w.fill("[name=password]", "x").await?;
    w.click("form button[type=submit]").await?;
    w.says("form", "").await?;
    w.click("form button[type=submit]").await
}

async fn staff(w: &Window) -> anyhow::Result<()> {
    const DOOR: &str = "a[href='/sign-in/with/halden']";
    w.go("/sign-in").await?;
    w.says(DOOR, "Halden account").await?;
    w.click(DOOR).await?;
    says_who(w, "nora").await?;
    w.arrives("/people").await?;
    w.says(".rail-user", "Nora New").await?;
    w.click(".rail-user summary").await?;
    w.click("form[action='/sign-out'] button").await?;
    w.arrives("/sign-in").await?;
    w.go("/people").await?;
    ensure!(w.here().await? == "/sign-in", "whoever left is out, whatever the provider remembers");
    // The provider knows them still, so no more is asked.
    w.click(DOOR).await?;
    w.arrives("/people").await
}

async fn person(w: &Window, again: &Window, officer: &Window) -> anyhow::Result<()> {
    officer.sign_in(OFFICER).await?;
    journey::enter(w, officer, PERSON).await?;
    w.go("/me/sign-in").await?;
    w.click(WAY).await?;
    says_who(w, "yui").await?;
    w.arrives("/me/sign-in").await?;
    w.says("main [role=status]", "").await?;
    again.go("/my/halden").await?;
    again.click(WAY).await?;
    says_who(again, "yui").await?;
    again.arrives("/me").await?;
    again.says("main", "Halden Home").await?;
    w.go("/me/sign-in").await?;
    w.click("form[action='/me/accounts/remove'] button").await?;
    w.says("main [role=status]", "").await?;
    again.go("/my/halden").await?;
    again.click(WAY).await?;
    again.arrives("/my/halden?said=account").await
}

async fn stranger(w: &Window) -> anyhow::Result<()> {
    w.go("/my/halden").await?;
    w.click(WAY).await?;
    says_who(w, "stranger").await?;
    w.arrives("/my/halden?said=account").await?;
    w.go("/me").await?;
    ensure!(w.here().await? != "/me", "nobody is in");
    Ok(())
}
