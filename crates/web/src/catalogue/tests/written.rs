//! Nothing that staff read stands beside the catalogue, and nothing stands in the catalogue that nobody says.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// What is not read by staff: the pages of people, which have texts of their own, and the guide for programs.
const OTHERS: [&str; 2] = ["sources/src/portal", "web/src/api"];
/// What is the same in every language.
const SAME: [&str; 2] = ["English", "Deutsch"];
/// Attributes that are read.
const READ: [&str; 6] = ["title", "placeholder", "aria-label", "alt", "data-label", "data-go"];

/// Every file below the crates that ends like this.
fn files(ends: &[&str]) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    let mut out = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
                out.push(path);
            }
        }
    }
    out
}

/// A text without what stands between these marks.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut parts = text.split(open);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + "\u{1}" + part.split_once(close).map_or("", |(_, rest)| rest))
}

/// What a template says by itself: between its tags, and in attributes that are read.
fn said(template: &str) -> Vec<String> {
    let marks = [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<code", "</code>"), ("<kbd", "</kbd>")];
    let plain = marks.iter().fold(template.to_owned(), |text, (open, close)| without(&text, open, close));
    let mut out: Vec<String> =
        plain.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).to_owned()).collect();
    for tag in plain.split('<').filter_map(|part| part.split_once('>')).map(|(tag, _)| tag) {
        for name in READ {
            let mark = format!(" {name}=\"");
            out.extend(tag.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    let pieces = out.iter().flat_map(|text| text.split('\u{1}')).map(str::trim);
    pieces
        .filter(|text| text.chars().any(char::is_alphabetic) && !SAME.contains(text))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_page_says_nothing_beside_the_catalogue() {
    assert_eq!(
        said("<p title=\"{{ \"A\"|t }}\">{{ \"{n} left\"|t|put(\"n\", n) }} · English</p>"),
        ["· English"]
    );
    assert_eq!(said("<p title=\"Left\">{% if n == 1 %}one{% endif %}<b>two</b></p>"), ["one", "two", "Left"]);
    let skipped = |path: &Path| {
        let path = path.to_string_lossy();
        OTHERS.iter().any(|one| path.contains(&format!("/{one}/")))
    };
    let pages = files(&[".html"]).into_iter().filter(|path| !skipped(path));
    let told = pages.flat_map(|path| {
        let found = said(&fs::read_to_string(&path).unwrap());
        found.into_iter().map(move |text| format!("{}: {text}", path.display()))
    });
    let told: Vec<String> = told.collect();
    assert!(told.is_empty(), "not said by the catalogue:\n{}", told.join("\n"));
}

/// A sentence with its names emptied: they are called otherwise where it is made.
fn nameless(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| match part.split_once('}') {
        Some((name, rest)) if name.len() < 40 && !name.contains(['\n', '"']) => out + "{}" + rest,
        Some(_) | None => out + "{" + part,
    })
}

/// Literals as they are read: a line that goes on is one line.
fn joined(text: &str) -> String {
    let mut parts = text.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.trim_start()).replace("\\\"", "\"")
}

#[test]
fn every_sentence_of_the_catalogue_is_said_somewhere() {
    let all =
        files(&[".rs", ".html", ".js"]).into_iter().filter(|path| !path.ends_with("catalogue/tests.rs"));
    let all: Vec<String> = all.map(|path| nameless(&joined(&fs::read_to_string(path).unwrap()))).collect();
    // What the kernel's tables call things stands between tabs and commas, and a kind of contract is its words.
    let tables = files(&[".tsv"]).into_iter().map(|path| fs::read_to_string(path).unwrap());
    let tables = tables.map(|text| text.replace(['\t', '\n', ','], "\"").replace('-', " "));
    let all = all.into_iter().chain(tables).collect::<Vec<_>>().join("\n");
    let sentences =
        FILES.iter().flat_map(|(file, text)| pairs(text).map(move |(english, _)| (file, english)));
    let orphan = |(_, english): &(&&str, &str)| !all.contains(&format!("\"{}\"", nameless(english)));
    let orphans: Vec<String> =
        sentences.filter(orphan).map(|(file, english)| format!("{file}: {english}")).collect();
    assert!(orphans.is_empty(), "nobody says:\n{}", orphans.join("\n"));
}
