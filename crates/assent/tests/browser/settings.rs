//! What the company lays down: a notice changes, law takes two people, a party is confirmed, somebody is invited.

use anyhow::ensure;

use crate::desk::OFFICER;
use crate::window::Window;

pub(crate) const ADMIN: &str = "henrike.voss@example.org";

/// The newsletter's notice gets new words; those who agreed are counted, and asked again.
pub(crate) async fn notice(officer: &Window) -> anyhow::Result<()> {
    officer.sign_in(OFFICER).await?;
    officer.go("/settings/notices").await?;
    let mut newsletter = None;
    for row in 1..=officer.count("table.list tbody tr").await? {
        let row = format!("table.list tbody tr:nth-child({row})");
        if officer.text(&format!("{row} td")).await? == "Newsletter" {
            newsletter = Some(officer.attr(&format!("{row} th a"), "href").await?);
        }
    }
    let path = newsletter.ok_or_else(|| anyhow::anyhow!("there is no notice for the newsletter"))?;
    officer.go(&format!("{path}/edit")).await?;
    officer.fill("[name=title-0]", "Tips and news, once a month").await?;
    officer.says("[data-reads-for='0']", "reading ease").await?;
    officer.click("button[value=preview]").await?;
    officer.says(".checked", "The en words have changed").await?;
    officer.says(".checked fieldset", "say yes to it today").await?;
    officer.says(".preview h2", "Tips and news, once a month").await?;
    officer.click("[name=material][value=yes]").await?;
    officer.click("button[value=publish]").await?;
    officer.arrives(&format!("{path}?done=published")).await?;
    officer.says(".flash", "Published").await?;
    officer.click(&format!("a[href='{path}/v/1']")).await?;
    officer.says(".notice.warn", "This is an old version").await
}

/// One drafts, sees what it would change, and cannot approve it; another can.
pub(crate) async fn mandate(officer: &Window, admin: &Window) -> anyhow::Result<()> {
    let draft = drafted(officer, "quiet-news").await?;
    officer.says(".flash", "It changes nothing until somebody else approves it").await?;
    officer.says(".checked", "Newsletter: write to the person would be closed").await?;
    ensure!(
        officer.count("[name=answer][value=yes]").await? == 0,
        "one's own draft has no button to approve"
    );
    admin.sign_in(ADMIN).await?;
    admin.go(&draft).await?;
    admin.click("[name=answer][value=yes]").await?;
    admin.says(".flash", "Approved by two people").await?;
    admin.go("/settings/history").await?;
    admin.says(".line", "Ngozi Adeyemi, approved by Henrike Voss").await
}

/// Proposes a law that forbids the newsletter. Tells where the draft is.
pub(crate) async fn drafted(officer: &Window, key: &str) -> anyhow::Result<String> {
    officer.go("/settings/mandates/new").await?;
    for (name, text) in [
        ("key", key),
        ("instrument", "Code of the trade"),
        ("article", "Art. 5"),
        ("url", "https://example.org/code"),
        ("jurisdiction", "eu"),
        ("sentence", "Nobody writes to you about news."),
    ] {
        officer.fill(&format!("[name={name}]"), text).await?;
    }
    for (name, value) in [("purpose", "marketing.newsletter"), ("category", "contact")] {
        officer.click(&format!("details:has([name={name}]) > summary")).await?;
        officer.click(&format!("[name={name}][value='{value}']")).await?;
    }
    officer.click("[name=use][value=Message]").await?;
    officer.click("main form.law-form button.primary").await?;
    officer.arrives("/settings/drafts/").await?;
    officer.here().await
}

/// A description is confirmed; somebody is invited, chooses a password and comes in.
pub(crate) async fn staff(admin: &Window, newcomer: &Window) -> anyhow::Result<()> {
    admin.go("/settings").await?;
    admin.says(".notice.bad", "Lastyard").await?;
    admin.click(".notice.bad a").await?;
    let party = admin.at().await?;
    admin.go("/settings/parties").await?;
    admin.click(&format!("form[action='{party}/confirm'] button")).await?;
    admin.says(".flash", "Confirmed as of today").await?;
    admin.go("/settings").await?;
    ensure!(!admin.text("main").await?.contains("Lastyard"), "it is confirmed");

    let link = invited(admin, "Ida Lund", "ida.lund@example.org").await?;
    newcomer.go(&link).await?;
    newcomer.fill("[name=password]", "twelve letters").await?;
    newcomer.fill("[name=again]", "twelve letters").await?;
    newcomer.click("main form button").await?;
    newcomer.arrives("/people").await?;
    newcomer.says(".rail-user summary", "Ida Lund").await
}

/// Invites somebody to support; the page that is open then shows the link, which it tells.
pub(crate) async fn invited(admin: &Window, name: &str, email: &str) -> anyhow::Result<String> {
    admin.go("/settings/staff").await?;
    let form = "form[action='/settings/staff/new']";
    admin.fill(&format!("{form} [name=name]"), name).await?;
    admin.fill(&format!("{form} [name=email]"), email).await?;
    admin.click(&format!("{form} [name=role][value=support]")).await?;
    admin.click(&format!("{form} button.primary")).await?;
    admin.text(".notice code").await
}

/// A passkey is added and lets in without a password; another session is ended from here.
pub(crate) async fn passkey(w: &Window, elsewhere: &Window) -> anyhow::Result<()> {
    let device = w.device().await?;
    elsewhere.sign_in(crate::desk::MARKETING).await?;
    w.sign_in(crate::desk::MARKETING).await?;
    w.go("/you").await?;
    w.fill("[name=label]", "My laptop").await?;
    w.click("form[data-passkey] button").await?;
    w.says(".flash", "The passkey is added").await?;
    w.says("main", "My laptop").await?;
    w.click("form[data-passkey] button").await?;
    w.says("[data-passkey-said]", "This device has a passkey for you already").await?;
    // A new way in ends what was open elsewhere.
    elsewhere.go("/people").await?;
    elsewhere.arrives("/sign-in").await?;
    elsewhere.sign_in(crate::desk::MARKETING).await?;
    w.go("/you").await?;
    w.click("form[action='/you/sessions'] button").await?;
    w.says(".flash", "Signed out there").await?;
    elsewhere.go("/people").await?;
    elsewhere.arrives("/sign-in").await?;
    w.click("details.rail-user summary").await?;
    w.click("form[action='/sign-out'] button").await?;
    w.arrives("/sign-in").await?;
    w.click("form[data-passkey] button").await?;
    w.arrives("/people").await?;
    w.says(".rail-user summary", "Chiara Fontana").await?;
    // A device that does not know its owner opens nothing.
    w.known_by(&device, false).await?;
    w.click("details.rail-user summary").await?;
    w.click("form[action='/sign-out'] button").await?;
    w.arrives("/sign-in").await?;
    w.click("form[data-passkey] button").await?;
    w.says("[data-passkey-said]", "The passkey was not used").await
}
