//! Every page of both sides is looked at. An address that answers with a page and that nobody was at fails the test, so
//! that a new page cannot be forgotten.

#[path = "pages/door.rs"]
mod door;
pub(crate) use door::{code, confirm};
#[path = "pages/law.rs"]
mod law;
#[path = "pages/over.rs"]
mod over;
#[path = "pages/person.rs"]
mod person;
#[path = "pages/staff.rs"]
mod staff;

use std::collections::BTreeSet;

use anyhow::ensure;

use crate::book::Book;
use crate::looks::{self, Eye};
use crate::routes::{self, Route};
use crate::window::Window;

/// Addresses that answer with no page of ours, and what they are.
const NO_PAGES: &[(&str, &str)] = &[
    ("/", "leads to the people"),
    ("/.well-known/gpc.json", "a file"),
    ("/assets/{hash}/{name}", "a file"),
    ("/deals/{id}/beside", "leads to another record"),
    ("/files/{id}", "a file"),
    ("/healthz", "for load balancers"),
    ("/import/{id}/events", "a stream"),
    ("/import/{id}/rejected.csv", "a file"),
    ("/ledger/{company}/{region}/assent-ledger.txt", "a file"),
    ("/ledger/{company}/{region}/checkpoint", "a file"),
    ("/ledger/{company}/{region}/tile/{*path}", "a file"),
    ("/me/consent-record.json", "a file"),
    ("/me/export.csv", "a file"),
    ("/me/export.json", "a file"),
    ("/me/export.vcf", "a file"),
    ("/me/file/{id}", "a file"),
    ("/me/receipt/{seq}", "a file"),
    ("/my/{code}/back/{name}", "leads on from somebody else's door"),
    ("/my/{code}/with/{name}", "leads to somebody else's door"),
    ("/people/{id}/beside", "leads to another record"),
    ("/people/{id}/files/{fact}", "a file"),
    ("/people/{id}/receipt/{seq}", "a file"),
    ("/sign-in/back/{company}", "leads on from somebody else's door"),
    ("/sign-in/with/{company}", "leads to somebody else's door"),
    ("/things/{key}/{id}/beside", "leads to another record"),
];

/// Who looks: a window of staff, one of whoever reads the letters, one of a person.
pub(crate) struct Windows {
    pub(crate) staff: Window,
    pub(crate) officer: Window,
    pub(crate) person: Window,
}

/// Every page, told in the book.
pub(crate) async fn all(book: &mut Book, with: &Windows) -> anyhow::Result<()> {
    let mut eye = Eye::new()?;
    let (staff, officer, person) = (&with.staff, &with.officer, &with.person);
    book.step("looks: what must be noticed is noticed", staff, looks::control(staff)).await;
    book.step("looks: doors", staff, door::outside(staff, &mut eye)).await;
    book.step("looks: people", staff, staff::people(staff, &mut eye)).await;
    book.step("looks: emergencies", staff, staff::emergencies(staff, &mut eye)).await;
    book.step("looks: objects and dashboard", staff, staff::objects(staff, &mut eye)).await;
    book.step("looks: deals, tasks, organisations", staff, staff::work(staff, &mut eye)).await;
    book.step("looks: imports", staff, staff::imports(staff, &mut eye)).await;
    book.step("looks: what lies over a page", staff, over::all(staff, &mut eye)).await;
    book.step("looks: the officer's", staff, law::officer(staff, &mut eye)).await;
    book.step("looks: the law", staff, law::settings(staff, &mut eye)).await;
    book.step("looks: the house", staff, law::house(staff, &mut eye)).await;
    book.step("looks: ways in", staff, door::inside(staff, person, &mut eye)).await;
    book.step("looks: the person's door", person, person::door((person, officer), &mut eye)).await;
    book.step("looks: the person's pages", person, person::pages(person, &mut eye)).await;
    book.step("looks: in German", person, person::german(person, &mut eye)).await;
    book.step("looks: out of a letter", person, person::letter((person, officer, staff), &mut eye)).await;
    book.step("looks: the end", person, person::end(person, &mut eye)).await;
    book.step("looks: no page is forgotten", staff, async { none_forgotten(&eye.seen) }).await;
    Ok(())
}

/// Every address that answers with a page was looked at, and what is told to be none is there and none.
fn none_forgotten(seen: &[String]) -> anyhow::Result<()> {
    let pages: Vec<Route> = routes::all()?.into_iter().filter(|one| one.reads).collect();
    let at: BTreeSet<&str> = seen.iter().filter_map(|path| of(path, &pages)).collect();
    let excused = |path: &str| NO_PAGES.iter().any(|(one, _)| *one == path);
    let forgotten: Vec<&str> = pages
        .iter()
        .map(|one| one.path.as_str())
        .filter(|path| !at.contains(path) && !excused(path))
        .collect();
    ensure!(forgotten.is_empty(), "nobody looks at {forgotten:#?}");
    let there = |path: &str| pages.iter().any(|one| one.path == path);
    let stale: Vec<&str> =
        NO_PAGES.iter().map(|(path, _)| *path).filter(|path| !there(path) || at.contains(path)).collect();
    ensure!(stale.is_empty(), "these are not there, or are pages after all: {stale:?}");
    Ok(())
}

/// The address that a path is at: of those that fit, the one with the most words of its own.
fn of<'a>(path: &str, pages: &'a [Route]) -> Option<&'a str> {
    let path: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let fits = |one: &&Route| {
        let parts: Vec<&str> = one.path.split('/').collect();
        parts.len() == path.len()
            && parts.iter().zip(&path).all(|(own, here)| own.starts_with('{') || own == here)
    };
    let own_words = |one: &&Route| one.path.split('/').filter(|part| !part.starts_with('{')).count();
    pages.iter().filter(fits).max_by_key(own_words).map(|one| one.path.as_str())
}
