//! End to end: the real binary, a real browser, the story that the product is for.
//!
//! It runs when `ASSENT_TEST_BROWSER=1` (`cargo xtask test` sets it) and needs chromium and chromedriver. Each test has a
//! server of its own; a step that fails is named, leaves a picture in `target/e2e`, and lets the steps go on that do not need it.

#[path = "browser/axe.rs"]
mod axe;
#[path = "browser/book.rs"]
mod book;
#[path = "browser/common.rs"]
mod common;
#[path = "browser/deeds.rs"]
mod deeds;
#[path = "browser/desk.rs"]
mod desk;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/intake.rs"]
mod intake;
#[path = "browser/journey.rs"]
mod journey;
#[path = "browser/keys.rs"]
mod keys;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/pictures.rs"]
mod pictures;
#[path = "browser/plain.rs"]
mod plain;
#[path = "browser/portal.rs"]
mod portal;
#[path = "browser/provider.rs"]
mod provider;
#[path = "browser/rights.rs"]
mod rights;
#[path = "it/routes.rs"]
mod routes;
#[path = "browser/server.rs"]
mod server;
#[path = "browser/settings.rs"]
mod settings;
#[path = "browser/window.rs"]
mod window;
#[path = "browser/work.rs"]
mod work;

use std::io::Write as _;

use book::Book;
use driver::Driver;
use pages::Windows;
use server::Server;

/// Whether a browser is wanted; says so when a test does not run.
fn wanted(what: &str) -> anyhow::Result<bool> {
    let wanted = std::env::var("ASSENT_TEST_BROWSER").as_deref() == Ok("1");
    if !wanted {
        // Written past the harness, which would swallow it: a test that did not run must not look like one that did.
        let why = "ASSENT_TEST_BROWSER=1 is not set (`cargo xtask test` sets it)";
        writeln!(std::io::stderr(), "NOT RUN: {what} in a browser; {why}")?;
    }
    Ok(wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_in_a_browser() -> anyhow::Result<()> {
    if !wanted("every page")? {
        return Ok(());
    }
    let driver = Driver::start().await?;
    let server = Server::start("pages").await?;
    let mut book = Book::new()?;
    let with = Windows {
        staff: driver.window(&server.base).await?,
        officer: driver.window(&server.base).await?,
        person: driver.window(&server.base).await?,
    };
    pages::all(&mut book, &with).await?;
    drop(server);
    book.close()
}

/// Of a demo that nobody has touched, so that they show nothing of the other tests.
#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_of_the_readme() -> anyhow::Result<()> {
    if std::env::var("ASSENT_PICTURES").as_deref() != Ok("1") {
        return Ok(());
    }
    let driver = Driver::start().await?;
    let server = Server::start("pictures").await?;
    let mut book = Book::new()?;
    let (staff, officer) = (driver.window(&server.base).await?, driver.window(&server.base).await?);
    let person = driver.window(&server.base).await?;
    pictures::readme(&mut book, &staff, &person, &officer).await;
    drop(server);
    book.close()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/interop/oidc.sh runs it, beside the provider that it starts"]
async fn through_a_foreign_provider() -> anyhow::Result<()> {
    let base = std::env::var("ASSENT_TEST_PROVIDED")?;
    let driver = Driver::start().await?;
    let mut book = Book::new()?;
    provider::both(&mut book, &driver, &base).await?;
    book.close()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_do_in_a_browser() -> anyhow::Result<()> {
    if !wanted("what staff do")? {
        return Ok(());
    }
    let driver = Driver::start().await?;
    let server = Server::start("staff").await?;
    let mut book = Book::new()?;
    let (staff, colleague) = (driver.window(&server.base).await?, driver.window(&server.base).await?);
    let plain = driver.without_javascript(&server.base).await?;
    deeds::all(&mut book, &staff, &colleague, true).await;
    deeds::all(&mut book, &plain, &colleague, false).await;
    keys::all(&mut book, &staff).await;
    drop(server);
    book.close()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_in_a_browser() -> anyhow::Result<()> {
    if !wanted("the story")? {
        return Ok(());
    }
    let driver = Driver::start().await?;
    let server = Server::start("story").await?;
    let mut book = Book::new()?;
    let (staff, officer) = (driver.window(&server.base).await?, driver.window(&server.base).await?);
    let person = driver.window(&server.base).await?;

    book.step("00 the officer signs in", &officer, officer.sign_in(desk::OFFICER)).await;
    book.step("01 sign in", &staff, desk::sign_in(&staff)).await;
    book.step("02 list of people", &staff, desk::list(&staff)).await;
    book.step("03 record opens and closes", &staff, desk::record(&staff)).await;
    book.step("03 two records of one person", &staff, desk::twice(&staff)).await;
    let imported = book.step("04 import a file", &staff, intake::import(&staff)).await;
    let masked = journey::masked(&officer);
    let known = match imported {
        Some(()) => book.step("05 quarantine is masked", &officer, masked).await,
        None => book.skip("05 quarantine is masked"),
    };
    let told = match &known {
        Some(known) => {
            book.step("06 ask, and a letter leaves", &staff, journey::ask(&staff, &officer, known)).await
        }
        None => book.skip("06 ask, and a letter leaves"),
    };
    if let (Some(known), Some(())) = (&known, told) {
        let enter = journey::enter(&person, &officer, &known.email);
        if book.step("07 the person enters", &person, enter).await.is_some() {
            let answers = journey::yes_and_no(&person, &staff);
            book.step("08 a limited yes opens, a withdrawal closes", &person, answers).await;
            portal::everything(&mut book, &driver, (&person, &officer), (&known.email, &server)).await;
            // A new way in ended what was open elsewhere.
            book.step("09 the person enters again", &person, journey::enter(&person, &officer, &known.email))
                .await;
            book.step("09 receipt", &person, rights::receipt(&person, &server)).await;
            book.step("10 take it along", &person, rights::export(&person)).await;
            book.step("11 erase", &person, rights::erase(&person, &officer, &server, known)).await;
        }
    } else {
        book.skip::<()>("07 to 11, which follow from it");
    }
    let plain = driver.without_javascript(&server.base).await?;
    book.step("12 without JavaScript", &plain, plain::all(&plain, &officer)).await;
    portal::newcomer(&mut book, (&person, &staff, &officer), true).await;
    portal::newcomer(&mut book, (&plain, &staff, &officer), false).await;
    if book.step("13 a notice is changed", &officer, settings::notice(&officer)).await.is_some() {
        book.step("14 law takes two people", &officer, settings::mandate(&officer, &staff)).await;
        book.step("15 staff and parties", &staff, settings::staff(&staff, &person)).await;
    }
    book.step("16 passkey and sessions", &person, settings::passkey(&person, &staff)).await;
    if book.step("17 a deal is made", &staff, work::deal(&staff)).await.is_some() {
        book.step("18 it is dragged, and lost for a reason", &staff, work::board(&staff)).await;
        book.step("19 filter, view, peek, Ctrl+K", &staff, work::list(&staff)).await;
    }
    book.step("20 my day", &staff, work::day(&staff)).await;
    book.step("21 a board without JavaScript", &plain, work::plain(&plain)).await;
    common::all(&mut book, &staff, true).await;
    common::all(&mut book, &plain, false).await;
    drop(server);
    book.close()
}
