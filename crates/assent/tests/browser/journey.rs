//! The main journey: somebody comes without terms, is asked, says a limited yes, and takes it back.

use anyhow::{Context as _, ensure};

use crate::desk::{MARKETING, OFFICER};
use crate::intake::FILE;
use crate::window::Window;

/// Somebody of the imported file without terms.
pub(crate) struct Known {
    /// Their record.
    pub(crate) record: String,
    pub(crate) email: String,
    pub(crate) family: String,
}

const GIVEN: &str = "Bärbel";
const MASKED: &str = "B… N…";

/// Their line of the file: no consent, no contract, a valid address.
fn of_the_file() -> anyhow::Result<(String, String)> {
    let text = std::fs::read_to_string(FILE)?;
    let line = text.lines().find(|line| line.contains(GIVEN)).context("the file has her")?;
    let cells: Vec<&str> = line.split(',').collect();
    let (Some(family), Some(email)) = (cells.get(2), cells.get(3)) else { anyhow::bail!("a short line") };
    Ok(((*family).to_owned(), (*email).to_owned()))
}

/// As the officer: their row is masked, in the list and on the record.
pub(crate) async fn masked(w: &Window) -> anyhow::Result<Known> {
    let (family, email) = of_the_file()?;
    w.sign_in(OFFICER).await?;
    let mut next = Some("/people?show=quarantined".to_owned());
    while let Some(page) = next.take() {
        w.go(&page).await?;
        for row in 1..=w.count("table.list tbody tr").await? {
            let css = format!("table.list tbody tr:nth-child({row})");
            let text = w.text(&css).await?;
            if text.contains(MASKED) && text.contains("b…@e….net") {
                let record = w.attr(&format!("{css} th a"), "href").await?;
                w.go(&record).await?;
                w.says("main", "no terms yet").await?;
                w.says(".record-side", "b…@e….net").await?;
                w.says(".record-side", "Conditional").await?;
                let source = w.source().await?;
                ensure!(!source.contains(&family) && !source.contains(&email), "the source is masked too");
                return Ok(Known { record, email, family });
            }
        }
        if w.count("a[rel=next]").await? > 0 {
            next = Some(w.attr("a[rel=next]", "href").await?);
        }
    }
    anyhow::bail!("{MASKED} is not in the list of those without terms")
}

/// As marketing: closed; one click asks; the letter is in the outbox. The page stays open.
pub(crate) async fn ask(w: &Window, officer: &Window, known: &Known) -> anyhow::Result<()> {
    w.sign_in(MARKETING).await?;
    w.go(&known.record).await?;
    w.says(".flash", "Nobody has asked this person").await?;
    w.says(".flash form[action$='/ask'] button", "Ask").await?;
    w.click(".flash form[action$='/ask'] button").await?;
    w.says("main .flash[role=status]", "").await?;
    officer.go("/outbox").await?;
    let letter = letter(officer, &known.email).await?;
    ensure!(letter.contains("/my/halden"), "the letter leads to the portal: {letter}");
    let body = letter.lines().nth(2).unwrap_or_default();
    ensure!(
        body.starts_with("Was Sie davon haben") || body.starts_with("What you get"),
        "benefit first: {letter}"
    );
    Ok(())
}

/// The newest letter to an address.
async fn letter(officer: &Window, email: &str) -> anyhow::Result<String> {
    let letters = officer.texts(".outbox article").await?;
    letters.into_iter().find(|one| one.contains(email)).with_context(|| format!("no letter to {email}"))
}

/// The link of the newest letter that leads in.
async fn way_in(officer: &Window, email: &str) -> anyhow::Result<Option<String>> {
    officer.go("/outbox").await?;
    let newest = letter(officer, email).await.unwrap_or_default();
    Ok(newest.split_whitespace().find(|word| word.contains("/my/link/")).map(str::to_owned))
}

/// The person asks for a letter, and it comes. Tells the link in it.
pub(crate) async fn asked_in(w: &Window, officer: &Window, email: &str) -> anyhow::Result<String> {
    let before = way_in(officer, email).await?;
    w.go("/my/halden").await?;
    w.fill("[name=email]", email).await?;
    w.click("main form button").await?;
    w.says("main [role=status]", "").await?;
    let mut link = None;
    for _ in 0..50 {
        link = way_in(officer, email).await?.filter(|link| before.as_ref() != Some(link));
        if link.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    link.with_context(|| format!("no link for {email} in the outbox"))
}

/// The person signs in by the letter.
pub(crate) async fn enter(w: &Window, officer: &Window, email: &str) -> anyhow::Result<()> {
    let link = asked_in(w, officer, email).await?;
    w.go(&link).await?;
    w.click("main form button").await?;
    w.arrives("/me").await?;
    w.says("main", "Halden Home").await
}

/// A limited yes opens the page that the staff has open already, at its next click; a withdrawal closes it again.
pub(crate) async fn yes_and_no(w: &Window, staff: &Window) -> anyhow::Result<()> {
    let (_, email) = of_the_file()?;
    w.go("/me").await?;
    let card = w.text("#asks article").await?;
    let benefit = w.text("#asks article .benefit").await?;
    ensure!(benefit.len() > 20, "the benefit is said: {benefit}");
    let at = |text: &str| card.find(text).unwrap_or(usize::MAX);
    let facts = w.text("#asks article dl.facts dt").await?;
    ensure!(at(&benefit) < at(&facts), "the benefit stands first: {card}");
    ensure!(w.count("#asks article .choice > *").await? == 3, "yes, less and no stand side by side");
    w.picture("readme portal").await?;

    w.click("#asks article .choice a").await?;
    w.says("#limit", "").await?;
    w.click("#limit [name=kind][value='name.given']").await?;
    w.click("#limit [name=answer][value=limited]").await?;
    w.arrives("/me?done=given").await?;
    w.says("#agreed", "").await?;
    ensure!(w.count("#agreed article").await? == 1, "one thing is agreed");

    staff.click("nav.tabs a[href*='tab=notes']").await?;
    staff.says(".record-side", &email).await?;
    staff.says_not("main", "no terms yet").await?;
    let given = staff.texts(".record-side dl.kv > div").await?;
    let given = given.into_iter().find(|line| line.starts_with("Given name")).unwrap_or_default();
    ensure!(!given.contains(GIVEN) && !given.is_empty(), "the name was left out of the yes: {given}");

    w.click("#agreed [name=answer][value=withdraw]").await?;
    w.arrives("/me?done=withdrawn").await?;
    staff.click("nav.tabs a[href*='tab=terms']").await?;
    staff.says_not("#main", &email).await?;
    staff.says(".record-side", "Closed").await?;
    ensure!(!staff.source().await?.contains(&email), "nor in the source");
    Ok(())
}
