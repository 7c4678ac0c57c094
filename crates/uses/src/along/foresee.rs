//! How much of the rows would come along, told before anything does: nothing is recorded or released.

use std::collections::BTreeMap;

use assent_web::parts::{Permitted, Reason as Line};
use assent_web::{Ctx, Problem, Staff, say};

use super::{AT_ONCE, Goes, Sort, values};
use crate::lists::Column;
use crate::seen::words::Words;
use crate::texts::{self, Foreseen};

/// What is open of one column that is about people, and why the rest is not.
struct Count {
    what: &'static str,
    open: u64,
    total: u64,
    reasons: BTreeMap<String, u64>,
}

impl Count {
    fn add(&mut self, foreseen: &Foreseen, words: &Words<'_>) {
        self.total = self.total.saturating_add(1);
        match foreseen {
            Foreseen::Open => self.open = self.open.saturating_add(1),
            Foreseen::Closed(reason) => {
                let slot = self.reasons.entry(words.sentence(Some(reason))).or_default();
                *slot = slot.saturating_add(1);
            }
        }
    }

    fn told(self) -> Permitted {
        let line = |(label, count)| Line { label, count, step: None };
        let mut reasons: Vec<Line> = self.reasons.into_iter().map(line).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        Permitted { permitted: self.open, total: self.total, what: say(self.what).into(), reasons }
    }
}

/// For each column that is about people how many of its values would come along. What is the company's own comes always.
pub(super) async fn foresee<R: Goes>(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    rows: &[R],
    columns: &[&Column],
) -> Result<Vec<Permitted>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = crate::frame::words(ctx, staff, &standing.policy);
    let count = |(_, what)| Count { what, open: 0, total: 0, reasons: BTreeMap::new() };
    let mut texts = sort.text.map(count);
    let mut whom = sort.whom.filter(|_| sort.names(columns)).map(count);
    let mut more = count(("", "values of your own fields"));
    for some in rows.chunks(AT_ONCE) {
        let own: Vec<_> = some.iter().flat_map(|row| values(row, columns)).collect();
        for value in texts::foreseen_values(ctx, staff, &own, &words).await? {
            more.add(&value, &words);
        }
        let all: Vec<_> = some.iter().filter_map(|row| row.text().map(|(_, text)| text)).collect();
        for (text, names) in texts::foreseen(ctx, staff, &all, sort.names(columns)).await? {
            if let Some(count) = &mut texts {
                count.add(&text, &words);
            }
            if let (Some(count), Some(name)) = (&mut whom, &names) {
                count.add(name, &words);
            }
        }
    }
    let counted = [texts, whom, Some(more)].into_iter().flatten().filter(|count| count.total > 0);
    Ok(counted.map(Count::told).collect())
}
