//! What somebody got from it: uses that were permitted, by purpose, each with the benefit its notice promised. And what
//! was agreed to and has not been used at all.

use std::collections::{BTreeMap, BTreeSet};

use assent_gate::UseLine;
use assent_kernel::grant::Said;
use assent_kernel::{Person, PurposeKey, Timestamp};

use super::act;
use super::model::Names;
use super::show;

/// One purpose and what came of it.
pub(super) struct Gain {
    pub(super) title: String,
    /// What the notice promises; empty when a contract or a law stands behind it instead.
    pub(super) benefit: String,
    pub(super) sentence: String,
    /// How often, when last, by whom.
    pub(super) used: String,
    pub(super) went: String,
}

#[derive(Default)]
struct Sum {
    times: usize,
    last: i64,
    by: BTreeSet<String>,
    went: BTreeSet<String>,
}

/// The gains, the most used first. `more` says that there are uses older than those looked at.
pub(super) fn gains(
    names: &Names<'_>,
    person: &Person,
    lines: &[UseLine],
    more: bool,
    now: Timestamp,
) -> Vec<Gain> {
    let mut sums: BTreeMap<PurposeKey, Sum> = BTreeMap::new();
    for line in lines.iter().filter(|line| counts(line)) {
        let Ok(key) = PurposeKey::new(&line.detail.purpose) else { continue };
        let sum = sums.entry(key).or_default();
        sum.times = sum.times.saturating_add(1);
        sum.last = sum.last.max(line.detail.at);
        sum.by.insert(names.t.role(&line.detail.role, names.company));
        let went = show::went(names, &line.detail);
        if !went.is_empty() {
            sum.went.insert(went);
        }
    }
    for answer in person.answers.values() {
        if let Said::Yes(grant) = &answer.said
            && names.lapsed(person, grant, now).is_none()
        {
            sums.entry(answer.purpose.clone()).or_default();
        }
    }
    let mut all: Vec<(PurposeKey, Sum)> = sums.into_iter().collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse((sum.times, sum.last)));
    all.into_iter().map(|(key, sum)| gain(names, &key, sum, more)).collect()
}

/// A use by others, not refused; a person's own rights are no service to them.
fn counts(line: &UseLine) -> bool {
    let own = line.detail.role == "person" || line.detail.purpose.starts_with("rights");
    line.detail.use_code != act::NO_USE && !own && !act::refused(line)
}

fn gain(names: &Names<'_>, key: &PurposeKey, sum: Sum, more: bool) -> Gain {
    let words = names.policy.notice_for(key).and_then(|notice| notice.wording(names.t.lang()));
    let by: Vec<String> = sum.by.into_iter().collect();
    let went: Vec<String> = sum.went.into_iter().collect();
    let last = names.t.date(Timestamp::from_micros(sum.last));
    Gain {
        title: names.purpose(key),
        benefit: words.map_or_else(String::new, |words| words.benefit.clone()),
        sentence: names.purpose_sentence(key),
        used: if sum.times == 0 {
            names.t.not_used_yet().to_owned()
        } else {
            names.t.used_times(sum.times, more, &last, &names.t.list(&by))
        },
        went: went.join("; "),
    }
}
