//! The person's own: a receipt that anybody can check, everything to take along, and the end.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::axe;
use crate::desk::OFFICER;
use crate::intake::FILE;
use crate::journey::Known;
use crate::server::{Server, holds, verify};
use crate::window::Window;

pub(crate) async fn receipt(w: &Window, server: &Server) -> anyhow::Result<()> {
    w.go("/me/uses").await?;
    let href = w.attr("a[href^='/me/receipt/']:not([href$='/check'])", "href").await?;
    let text = w.fetch(&href).await?;
    w.go(&format!("{href}/check")).await?;
    ensure!(w.count("main .known .tag.bad").await? == 0, "the page's own check is good");
    let policy = w.fetch(&w.attr("a[href$='assent-ledger.txt']", "href").await?).await?;
    let (receipt, key) = (server.beside("receipt.tlog-proof"), server.beside("assent-ledger.txt"));
    std::fs::write(&receipt, &text)?;
    std::fs::write(&key, policy)?;
    let (code, said) = verify(&receipt, &key)?;
    ensure!(code == Some(0), "the receipt is good, and verify says {code:?}: {said}");
    ensure!(text.lines().count() > 8, "a receipt has its lines: {text}");
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let middle = at + line.len() / 2;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let mut bytes = text.clone().into_bytes();
        let byte = bytes.get_mut(middle).context("inside")?;
        *byte = if *byte == b'A' { b'B' } else { b'A' };
        std::fs::write(&receipt, bytes)?;
        let (code, said) = verify(&receipt, &key)?;
        ensure!(
            code.is_some_and(|code| code != 0),
            "a changed byte in “{line}” goes unseen ({code:?}): {said}"
        );
    }
    Ok(())
}

pub(crate) async fn export(w: &Window) -> anyhow::Result<()> {
    w.go("/me").await?;
    let mut shown = w.texts("#held .known .row > b").await?;
    ensure!(!shown.is_empty(), "values are shown");
    let all: Value = serde_json::from_str(&w.fetch("/me/export.json").await?)?;
    let facts = all["facts"].as_array().context("the export has facts")?;
    let mut taken: Vec<String> = facts.iter().filter_map(|fact| fact["value"].as_str()).map(plain).collect();
    shown = shown.iter().map(|value| plain(value)).collect();
    shown.sort();
    taken.sort();
    ensure!(shown == taken, "shown and taken differ:\n{shown:?}\n{taken:?}");
    let record: Value = serde_json::from_str(&w.fetch("/me/consent-record.json").await?)?;
    ensure!(
        record.is_object() && record.get("@context").is_some(),
        "the consent record is JSON-LD: {record}"
    );
    Ok(())
}

/// The browser runs white space together.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) async fn erase(
    w: &Window,
    officer: &Window,
    server: &Server,
    known: &Known,
) -> anyhow::Result<()> {
    let words = [known.email.as_str(), known.family.as_str()];
    let file = std::fs::read(FILE)?;
    for word in words {
        ensure!(holds(&file, word), "control: “{word}” is in the file that was imported");
    }
    let found = server.files_with(OFFICER)?;
    ensure!(!found.is_empty(), "control: the addresses of staff lie open, and the search finds them");
    w.go("/me/erase").await?;
    ensure!(w.count("main ul li").await? > 0, "what goes is said first");
    w.click("form[action='/me/erase'] button").await?;
    w.says("main label[for=receipt]", "").await?;
    axe::clean(w).await?;
    let certificate = w.text("#receipt").await?;
    ensure!(certificate.starts_with("c2sp.org/tlog-proof"), "a certificate: {certificate}");
    w.go("/me").await?;
    w.arrives("/my").await?;
    officer.go(&known.record).await?;
    officer.says("body", "404").await?;
    officer.go("/outbox").await?;
    ensure!(!officer.source().await?.contains(&known.email), "letters to them are gone");
    for word in words {
        let found = server.files_with(word)?;
        ensure!(found.is_empty(), "“{word}” is in {found:?}");
    }
    Ok(())
}
