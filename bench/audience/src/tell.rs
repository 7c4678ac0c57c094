//! What was found, as a section of `docs/FIGURES.md` and a picture.

use std::path::Path;

use assent_report::{Bar, Section, bars, write as write_section};

use crate::engines::Peer;
use crate::ours::{Counted, Ours};

const PICTURE: &str = "docs/pictures/audience.svg";

fn millis(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// Writes both.
pub fn write(large: &Ours, small: &Ours, peers: &[Peer]) -> anyhow::Result<()> {
    let heavy = large.counted.iter().find(|one| one.name == "heavy").map_or(f64::NAN, |one| one.count);
    let label = "Assent, with reasons".to_owned();
    let mut all = vec![Bar { label, value: heavy, words: millis(heavy), ours: true }];
    all.extend(peers.iter().filter(|peer| peer.question == "heavy" && peer.among == large.people).map(
        |peer| Bar {
            label: peer.engine.replace("sorted by purpose and end", "sorted"),
            value: peer.millis,
            words: format!("{}, {:.0} ×", millis(peer.millis), peer.millis / heavy),
            ours: false,
        },
    ));
    let title = format!("How many of {} million people may be used (heavy)", large.people / 1_000_000);
    std::fs::write(PICTURE, bars(&title, "CPU time of one thread", &all)?)?;
    write_section(Path::new("docs/FIGURES.md"), "audience", &section(large, small, peers))
}

fn each(ours: &Ours, show: impl Fn(&Counted) -> String) -> Vec<String> {
    ours.counted.iter().map(show).collect()
}

fn section(large: &Ours, small: &Ours, peers: &[Peer]) -> Section {
    let row = |head: String, cells: Vec<String>| std::iter::once(head).chain(cells).collect::<Vec<_>>();
    let mut rows = vec![
        row(
            "may be used; reasons for the others".into(),
            each(large, |one| format!("{}; {}", one.people, one.reasons)),
        ),
        row(
            "**counted, with the reason for everybody else**".into(),
            each(large, |one| format!("**{}**", millis(one.count))),
        ),
        row(
            "the same at a minute, a year later, that nobody asked about yet".into(),
            each(large, |one| millis(one.later)),
        ),
        row("the list of ids cut".into(), each(large, |one| millis(one.cut))),
    ];
    let mut engines: Vec<(&str, usize)> =
        peers.iter().map(|peer| (peer.engine.as_str(), peer.among)).collect();
    engines.dedup();
    for (engine, among) in engines {
        let ours = if among == large.people { large } else { small };
        let cell = |one: &Counted| {
            let mine =
                |peer: &&Peer| peer.engine == engine && peer.question == one.name && peer.among == among;
            let found = peers.iter().find(mine).map_or(f64::NAN, |peer| peer.millis);
            format!("{:.0} × ({})", found / one.count, millis(found))
        };
        let fewer = if among == large.people { String::new() } else { format!(" ({among} people)") };
        rows.push(row(format!("{engine}{fewer}"), each(ours, cell)));
    }
    let columns = vec!["", "heavy", "medium", "light", "mandated"];
    Section {
        title: "An audience counted, beside engines for counting",
        about: about(large, small),
        columns,
        rows,
    }
}

fn about(large: &Ours, small: &Ours) -> String {
    let at = |part: usize| large.any.get((large.any.len() - 1) * part / 100).copied().unwrap_or(f64::NAN);
    let (same, changed) = large.kept;
    let size = |bytes: usize| bytes as f64 / large.people as f64;
    format!(
        "![An audience counted, beside engines for counting](pictures/audience.svg)\n\n{} people of the same kind as under \
*One decision*, 6.2 yeses each. Heavy: purpose 0, which 78 of 100 answered, two categories, to the company. Medium: \
purpose 2, 52 of 100, three categories. Light: purpose 3, 2 of 100, one category, to a processor. Mandated: purpose 1, \
closed by a mandate to the residents of eight of sixteen regions. Medians of CPU time; PostgreSQL wall time; two threads \
of DuckDB as half of the CPU time of both. The others count who may be used; the index also counts everybody else by \
reason. Every count was the same everywhere, and the same as everybody decided one by one.\n\nQuestions of all 16 \
purposes: half within {}, the slowest of 64 {}. Somebody who withdraws one yes is put in within {:.0} ns; somebody who \
did not change {:.0} ns: the columns' part is {:.0} ns ({:.0} ns among {} people), and the heavy count takes {} after \
20,000 of them. Memory for a person: lines {:.0}, \
clauses {:.0}, ids {:.0}, columns {:.0} bytes.",
        large.people,
        millis(at(50)),
        millis(at(100)),
        changed,
        same,
        changed - same,
        small.kept.1 - small.kept.0,
        small.people,
        millis(large.after),
        size(large.sizes.lines),
        size(large.sizes.clauses),
        size(large.sizes.ids),
        size(large.sizes.columns)
    )
}
