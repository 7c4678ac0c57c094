//! How often a key may call: so many calls a minute on each node, said in every answer. A person's own programs are counted
//! together, however many keys they have. What a call asks about people weighs too, for each question is a use that is written
//! down; and so does what it reads of the ledger.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use assent_kernel::{PersonId, StaffId, Timestamp};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The length of a window, in microseconds.
const WINDOW: i64 = 60_000_000;
/// The most that are counted at a time, companies' keys and people apart; past them counting begins anew.
const MOST_COUNTED: usize = 10_000;

/// So many questions about people, or lines that are read, weigh as much as a call.
const AS_A_CALL: u32 = 250;

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// A company's program.
    Key(StaffId),
    /// A person, whichever of their programs calls.
    Person(PersonId),
}

/// How many questions about people a key asked in a window, and how many lines it read.
#[derive(Debug, Clone, Default)]
pub struct Asked(Arc<AtomicU32>);

impl Asked {
    /// Counts a question.
    pub fn one(&self) {
        self.many(1);
    }
    /// Counts lines that were read.
    pub fn many(&self, lines: usize) {
        self.0.fetch_add(u32::try_from(lines).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
    fn as_calls(&self) -> u32 {
        self.0.load(Ordering::Relaxed) / AS_A_CALL
    }
}

/// What a key used of a window.
#[derive(Debug, Default)]
struct Used {
    window: i64,
    calls: u32,
    asked: Asked,
}

impl Used {
    fn weight(&self) -> u32 {
        self.calls.saturating_add(self.asked.as_calls())
    }
}

/// Counts calls, and what they ask.
#[derive(Debug)]
pub struct Quota {
    most: u32,
    keys: Counts<StaffId>,
    people: Counts<PersonId>,
}

type Counts<K> = Mutex<HashMap<K, Used>>;

/// What one of them used of a window. A lock that broke counts nothing: a wrong count must not shut anybody out.
fn counted<K: Copy + Eq + Hash, T>(
    all: &Counts<K>,
    who: K,
    window: i64,
    then: impl FnOnce(&mut Used) -> T,
) -> Option<T> {
    let mut all = all.lock().ok()?;
    if all.len() >= MOST_COUNTED && !all.contains_key(&who) {
        all.retain(|_, used| used.window == window);
        if all.len() >= MOST_COUNTED {
            all.clear();
        }
    }
    let used = all.entry(who).or_default();
    if used.window != window {
        *used = Used { window, ..Used::default() };
    }
    Some(then(used))
}

impl Default for Quota {
    fn default() -> Self {
        Self::new(1200)
    }
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) most: u32,
    pub(super) left: u32,
    /// Seconds until everything is left again.
    pub(super) wait: i64,
    pub(super) within: bool,
}

impl Quota {
    /// So many calls a minute.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self { most, keys: Mutex::default(), people: Mutex::default() }
    }

    /// Counts a call, unless nothing is left; and what it asks is counted by what comes back.
    pub(super) fn count(&self, who: Who, at: Timestamp) -> (Left, Asked) {
        self.at(who, at, |used, most| {
            let within = used.weight() < most;
            used.calls = used.calls.saturating_add(u32::from(within));
            (Left { within, ..self.left_of(used, at) }, used.asked.clone())
        })
        .unwrap_or_else(|| {
            (Left { most: self.most, left: self.most, wait: wait(at), within: true }, Asked::default())
        })
    }

    /// Where a key stands after a call.
    pub(super) fn after(&self, who: Who, at: Timestamp, before: Left) -> Left {
        self.at(who, at, |used, _| Left { within: before.within, ..self.left_of(used, at) }).unwrap_or(before)
    }

    fn left_of(&self, used: &Used, at: Timestamp) -> Left {
        Left { most: self.most, left: self.most.saturating_sub(used.weight()), wait: wait(at), within: true }
    }

    fn at<T>(&self, who: Who, at: Timestamp, then: impl FnOnce(&mut Used, u32) -> T) -> Option<T> {
        let window = at.micros().div_euclid(WINDOW);
        let then = |used: &mut Used| then(used, self.most);
        match who {
            Who::Key(key) => counted(&self.keys, key, window, then),
            Who::Person(person) => counted(&self.people, person, window, then),
        }
    }
}

/// Seconds until the window at hand is over.
fn wait(at: Timestamp) -> i64 {
    (WINDOW.saturating_sub(at.micros().rem_euclid(WINDOW)) / 1_000_000).max(1)
}

impl Left {
    /// Says it in the headers.
    pub(super) fn say(self, headers: &mut HeaderMap) {
        let mut put = |name: &'static str, text: String| {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("ratelimit-policy", format!("\"key\";q={};w=60", self.most));
        put("ratelimit", format!("\"key\";r={};t={}", self.left, self.wait));
        if !self.within {
            put("retry-after", self.wait.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Who {
        Who::Key(StaffId::from_bytes([n; 16]))
    }

    #[test]
    fn a_window_ends_and_keys_are_apart() {
        let quota = Quota::new(2);
        let (one, other) = (key(1), key(2));
        let at = Timestamp::from_micros(WINDOW * 7 + 15_000_000);
        assert_eq!(quota.count(one, at).0, Left { most: 2, left: 1, wait: 45, within: true });
        assert!(quota.count(one, at).0.within);
        let over = quota.count(one, at).0;
        assert_eq!((over.within, over.left), (false, 0));
        assert!(quota.count(other, at).0.within);
        assert!(quota.count(one, Timestamp::from_micros(WINDOW * 8)).0.within);
        let mut headers = HeaderMap::new();
        over.say(&mut headers);
        assert!(headers["ratelimit"] == "\"key\";r=0;t=45" && headers["retry-after"] == "45");
    }

    #[test]
    fn what_a_call_asks_weighs_too() {
        let quota = Quota::new(4);
        let (who, at) = (key(1), Timestamp::from_micros(WINDOW * 7));
        let (left, asked) = quota.count(who, at);
        for _ in 0..AS_A_CALL * 2 {
            asked.one();
        }
        assert_eq!((left.left, quota.after(who, at, left).left), (3, 1));
        assert!(quota.count(who, at).0.within);
        let (over, _) = quota.count(who, at);
        assert!(!over.within && !quota.after(who, at, over).within);
        // What is still at work when the minute is over weighs on none.
        let next = Timestamp::from_micros(WINDOW * 8);
        let (fresh, _) = quota.count(who, next);
        (0..AS_A_CALL).for_each(|_| asked.one());
        assert_eq!(quota.after(who, next, fresh).left, 3);
    }

    #[test]
    fn many_people_leave_the_companies_counts_alone() {
        let (quota, at) = (Quota::new(5), Timestamp::from_micros(WINDOW * 7));
        let person = |n: usize| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            Who::Person(PersonId::from_bytes(bytes))
        };
        quota.count(key(1), at);
        for n in 0..MOST_COUNTED + 2 {
            quota.count(person(n), at);
        }
        assert_eq!(quota.count(key(1), at).0.left, 3);
        // Whose minute is over makes room before anybody's count is lost.
        let quota = Quota::new(5);
        (0..MOST_COUNTED - 1).for_each(|n| drop(quota.count(person(n), at)));
        let next = Timestamp::from_micros(WINDOW * 8);
        quota.count(person(MOST_COUNTED), next);
        quota.count(person(MOST_COUNTED + 1), next);
        assert_eq!(quota.count(person(MOST_COUNTED), next).0.left, 3);
    }
}
