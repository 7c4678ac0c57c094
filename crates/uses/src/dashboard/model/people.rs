//! People in figures: decided first, then counted; few are not told.

use std::collections::BTreeMap;

use assent_kernel::Timestamp;
use assent_store::home::since::Week;
use assent_web::chart::{Bar, Cell, Figure};
use assent_web::{say, text};

use super::WEEKS;
use crate::groups::{Group, LATELY, SOON, Standing, hide};
use crate::seen::words::because;

/// What was counted of people.
pub struct People {
    /// How everybody stands; nothing while this node has no memory of terms.
    pub standing: Option<Standing>,
    /// Who waits, said yes, said no.
    pub asked: [u64; 3],
    /// Who came, by week, with a file or one by one.
    pub weeks: BTreeMap<(Week, bool), u64>,
}

/// A number of people with its list, as far as it may be told.
fn told(n: Option<u64>, group: &Group) -> Cell {
    n.map_or(Cell::Few, |n| super::rows(n, group.href()))
}

fn bar(label: impl Into<String>, n: Option<u64>) -> Bar {
    Bar { label: label.into(), words: n.map_or(say("not told").into(), text::count), value: n, part: None }
}

fn lately() -> i64 {
    LATELY.micros() / assent_kernel::Span::days(1).micros()
}

/// A number alone, as far as it may be told.
fn alone(n: u64) -> Option<u64> {
    (hide(&[n]) == [true]).then_some(n)
}

/// What people allow for the purpose at hand.
pub fn standing(people: &People, purpose: &str) -> Figure {
    let figure = Figure {
        id: "people",
        title: say!("People for “{purpose}”", purpose = purpose),
        about: say("Each is decided before anybody is counted: may they be listed by name for this purpose?")
            .into(),
        columns: vec![say("How they stand").into(), say("People").into()],
        none: say("This node is still reading everybody's terms. Load the page again in a moment."),
        ..Figure::default()
    };
    let Some(standing) = &people.standing else { return figure };
    let [may, ask, not] = standing.great();
    let great = [
        ("May be listed", may, Group::May),
        ("Could be asked", ask, Group::Ask),
        ("Closed", not, Group::Not),
    ];
    let mut rows: Vec<(String, Vec<Cell>)> = Vec::new();
    for (label, n, group) in &great {
        rows.push((say(label).to_owned(), vec![told(*n, group)]));
        if *group == Group::May && standing.may > 0 {
            let days = SOON.micros() / assent_kernel::Span::days(1).micros();
            rows.push((
                say!("… ending within {days} days", days = days),
                vec![told(standing.ends(), &Group::Ends)],
            ));
        }
    }
    for (reason, n) in standing.reasons() {
        let group = Group::Closed(reason.code().to_owned());
        rows.push((say!("Closed: {why}", why = because(reason)), vec![told(n, &group)]));
    }
    Figure { bars: great.iter().map(|(label, n, _)| bar(say(label), *n)).collect(), rows, ..figure }
}

/// What came of asking for the purpose at hand.
pub fn asked(people: &People) -> Figure {
    let lines = [("Wait for an answer", Group::Waiting), ("Said yes", Group::Yes), ("Said no", Group::No)];
    let all: Vec<(&str, Group, Option<u64>)> =
        lines.into_iter().zip(people.asked).map(|((label, group), n)| (label, group, alone(n))).collect();
    let nobody = people.asked.iter().all(|n| *n == 0);
    Figure {
        id: "asked",
        title: say("Asked for this purpose").into(),
        about: say!("Who has not answered, and who answered in the last {days} days.", days = lately()),
        bars: all.iter().map(|(label, _, n)| bar(say(label), *n)).collect(),
        columns: vec![say("Answer").into(), say("People").into()],
        rows: if nobody {
            Vec::new()
        } else {
            all.iter().map(|(label, group, n)| (say(label).to_owned(), vec![told(*n, group)])).collect()
        },
        none: say("Nobody was asked lately."),
        ..Figure::default()
    }
}

/// Who came in the last weeks, and how.
pub fn newcomers(people: &People, now: Timestamp) -> Figure {
    let this = Week::of(now);
    let weeks: Vec<Week> = (0..WEEKS).map(|n| this.plus(-n)).collect();
    let of = |week: Week, file: bool| people.weeks.get(&(week, file)).copied().unwrap_or(0);
    let label = |week: Week| text::date(week.begins().micros());
    let row = |week: &Week| {
        let cell = |file: bool| told(alone(of(*week, file)), &Group::Came(*week, file));
        (label(*week), vec![cell(true), cell(false)])
    };
    let drawn = |week: &Week| {
        let both = [of(*week, true), of(*week, false)].map(alone);
        let whole = both[0].zip(both[1]).map(|(a, b)| a.saturating_add(b));
        bar(label(*week), whole)
    };
    let nobody = weeks.iter().all(|week| of(*week, true) == 0 && of(*week, false) == 0);
    Figure {
        id: "newcomers",
        title: say("New people by week").into(),
        about: say("Weeks begin on Monday.").into(),
        bars: weeks.iter().map(drawn).collect(),
        columns: vec![say("Week of").into(), say("With a file").into(), say("One by one").into()],
        rows: if nobody { Vec::new() } else { weeks.iter().map(row).collect() },
        none: say("Nobody came in the last weeks."),
        ..Figure::default()
    }
}
