//! What was found, as a section of `docs/FIGURES.md` and a picture.

use std::path::Path;

use assent_report::{Bar, Section, bars, write as write_section};

use crate::peers::Peer;
use crate::single::Figures;

const PICTURE: &str = "docs/pictures/law.svg";

fn nanos(ns: f64) -> String {
    match ns {
        ns if ns < 1_000.0 => format!("{ns:.0} ns"),
        ns => format!("{:.1} µs", ns / 1_000.0),
    }
}

/// Writes both.
pub fn write(people: usize, found: &Figures, peers: &[Peer]) -> anyhow::Result<()> {
    let mut all = vec![
        Bar { label: "Assent, in batches".into(), value: found.batch, words: nanos(found.batch), ours: true },
        Bar {
            label: "Assent, one by one, in the cache".into(),
            value: found.hot,
            words: nanos(found.hot),
            ours: true,
        },
        Bar {
            label: "one random load from memory".into(),
            value: found.load,
            words: nanos(found.load),
            ours: false,
        },
        Bar {
            label: "Assent, one by one, cold".into(),
            value: found.cold,
            words: nanos(found.cold),
            ours: true,
        },
    ];
    all.extend(peers.iter().map(|peer| Bar {
        label: peer.name.split(',').next().unwrap_or_default().to_owned()
            + if peer.name.contains("no mandates") { ", no mandates" } else { "" },
        value: peer.each,
        words: format!("{}, {:.0} ×", nanos(peer.each), peer.each / found.cold),
        ours: false,
    }));
    std::fs::write(PICTURE, bars("One decision", "CPU time of one thread", &all)?)?;
    write_section(Path::new("docs/FIGURES.md"), "law", &section(people, found, peers))
}

fn section(people: usize, found: &Figures, peers: &[Peer]) -> Section {
    let row = |what: &str, ratio: String, value: String| vec![what.to_owned(), ratio, value];
    let times = |ns: f64| format!("{:.2} × the load", ns / found.load);
    let rate = format!("{:.1} M/s", 1e3 / found.batch);
    let mut rows = vec![
        row("one random load that waits for the one before", "1".into(), nanos(found.load)),
        row(
            "**one decision** that waits for the one before, cold",
            format!("**{}**", times(found.cold)),
            nanos(found.cold),
        ),
        row("one after another without waiting, cold", times(found.apart), nanos(found.apart)),
        row("10,000 people in the cache, without waiting", times(found.hot), nanos(found.hot)),
        row(
            "10,000 people in the cache, each waiting for the one before",
            times(found.hot_after),
            nanos(found.hot_after),
        ),
        row("in batches (`decide_all`)", times(found.batch), format!("{} = {rate}", nanos(found.batch))),
    ];
    for peer in peers {
        let ratio = format!("**{:.0} ×** the cold decision", peer.each / found.cold);
        rows.push(row(peer.name, ratio, format!("{} ({} answers alike)", nanos(peer.each), peer.compared)));
    }
    let (sizes, each) = (found.sizes, |bytes: usize| bytes as f64 / people as f64);
    rows.push(row(
        "memory that a decision reads, a person",
        String::new(),
        format!(
            "{:.0} bytes: lines {:.0}, clauses {:.0}; beside it ids {:.0}, columns {:.0}",
            each(sizes.lines + sizes.clauses),
            each(sizes.lines),
            each(sizes.clauses),
            each(sizes.ids),
            each(sizes.columns)
        ),
    ));
    Section {
        title: "One decision, beside other engines",
        about: about(people, found),
        columns: vec!["what", "ratio", "measured"],
        rows,
    }
}

fn about(people: usize, found: &Figures) -> String {
    format!(
        "![One decision beside other engines](pictures/law.svg)\n\n{people} people with 6.2 yeses each (4–10) to 16 \
purposes, 2,000 standard texts and 15 % changed by the person ({} different clauses), 64 recipients, 16 regions, 24 \
categories, 20 prohibitions; 2,048 different questions (128 about the 10,000 in the cache), looked up once, 70 % of the requests aimed at something the \
person agreed to, {:.0} % open. CPU time of one thread, medians. The random load goes through as much memory as the \
index, in pages of the same size (huge ones, where the system has some). The other engines have 20,000 people instead, requests made ready before the \
clock starts, sets as bits where they have bits; casbin has one person at a time. Every answer of theirs is compared with \
the index, and the index with the kernel, reasons included: all alike.",
        found.sizes.distinct, found.open
    )
}
