//! How much was used each day, from the ledger's own lines. They name nobody, so small numbers tell of nobody.

use assent_gate::DayCount;
use assent_kernel::Timestamp;
use assent_web::chart::{Bar, Cell, Figure};
use assent_web::{say, text};

use super::rows;
use crate::seen::short_date;
use crate::used::{self, DEEDS, Deed};

/// How many days are told.
pub const DAYS: i64 = 30;

/// Uses of each day, allowed and refused, by what was done. The newest day stands first in the table.
pub fn by_day(counts: &[DayCount], now: Timestamp) -> Figure {
    let today = used::day(now);
    let days: Vec<i64> = (today.saturating_add(1).saturating_sub(DAYS)..=today).collect();
    let of = |day: i64| counts.iter().filter(move |one| one.day == day);
    let sum = |day: i64| of(day).map(|one| one.n).sum::<u64>();
    let refused = |day: i64| of(day).filter(|one| !one.allowed()).map(|one| one.n).sum::<u64>();
    let bar = |day: &i64| Bar {
        label: short_date(used::at(*day)),
        words: say!("{n} uses, {no} refused", n = text::count(sum(*day)), no = text::count(refused(*day))),
        value: Some(sum(*day)),
        part: Some(refused(*day)),
    };
    let row = |day: &i64| (short_date(used::at(*day)), cells(*day, &of(*day).collect::<Vec<_>>()));
    let any = counts.iter().any(|one| one.n > 0);
    let columns = ["Day", "Allowed", "Refused"].into_iter().chain(DEEDS.map(Deed::label));
    Figure {
        id: "uses",
        title: say("Uses in the last 30 days").into(),
        about: say("Every line of the ledger counts once, also one that speaks of many people; the stronger part was refused. A line names nobody, and each number leads to \
                its lines.").into(),
        bars: days.iter().map(bar).collect(),
        upright: true,
        columns: columns.map(|head| say(head).to_owned()).collect(),
        rows: if any { days.iter().rev().filter(|day| sum(**day) > 0).map(row).collect() } else { Vec::new() },
        none: say("Nothing was used in these days."),
    }
}

fn cells(day: i64, counts: &[&DayCount]) -> Vec<Cell> {
    let sum = |fits: &dyn Fn(&DayCount) -> bool| {
        counts.iter().filter(|one| fits(one)).map(|one| one.n).sum::<u64>()
    };
    let decided = [true, false].map(|allowed| {
        let n = sum(&|one| one.allowed() == allowed);
        rows(n, used::href(day, None, Some(allowed), None))
    });
    let done = DEEDS.map(|deed| {
        let n = sum(&|one| deed.kinds().contains(&one.kind));
        rows(n, used::href(day, Some(deed), None, None))
    });
    decided.into_iter().chain(done).collect()
}
