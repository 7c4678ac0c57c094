//! Who received something about a person, as the ledger has it: whom the company has to tell when it is put right or
//! erased (GDPR Art. 19).

use std::collections::BTreeMap;

use assent_gate::UseLine;
use assent_kernel::Timestamp;

use super::act;
use super::model::Names;

/// A party that received something.
pub(super) struct Received {
    pub(super) name: String,
    pub(super) last: String,
}

/// Everybody outside the company that a permitted use reached, the last one first.
pub(super) fn received(names: &Names<'_>, lines: &[UseLine]) -> Vec<Received> {
    let home = names.policy.parties.get(&names.policy.home).map(|party| party.code.as_str());
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let used = lines.iter().filter(|line| line.detail.use_code != act::NO_USE && !act::refused(line));
    for line in used {
        for code in line.detail.chain.iter().filter(|code| Some(code.as_str()) != home) {
            let at = last.entry(code).or_insert(line.detail.at);
            *at = line.detail.at.max(*at);
        }
    }
    let mut all: Vec<(i64, &str)> = last.into_iter().map(|(code, at)| (at, code)).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let told = |(at, code): (i64, &str)| Received {
        name: names.policy.party(code).map_or_else(|| code.to_owned(), |party| names.party(party)),
        last: names.t.date(Timestamp::from_micros(at)),
    };
    all.into_iter().map(told).collect()
}
