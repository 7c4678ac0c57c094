//! How often a key may call: so many calls a minute on each node, said in every answer.

use std::collections::HashMap;
use std::sync::Mutex;

use assent_kernel::{StaffId, Timestamp};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The length of a window, in microseconds.
const WINDOW: i64 = 60_000_000;
/// The most keys that are counted at a time; past them counting begins anew.
const MOST_KEYS: usize = 10_000;

/// Counts calls.
#[derive(Debug)]
pub struct Quota {
    most: u32,
    used: Mutex<HashMap<StaffId, (i64, u32)>>,
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
        Self { most, used: Mutex::new(HashMap::new()) }
    }

    /// Counts a call.
    pub(super) fn count(&self, who: StaffId, at: Timestamp) -> Left {
        let window = at.micros().div_euclid(WINDOW);
        let wait = (WINDOW.saturating_sub(at.micros().rem_euclid(WINDOW)) / 1_000_000).max(1);
        // A lock that broke counts nothing: a wrong count must not shut anybody out.
        let Ok(mut used) = self.used.lock() else {
            return Left { most: self.most, left: self.most, wait, within: true };
        };
        if used.len() >= MOST_KEYS {
            used.clear();
        }
        let slot = used.entry(who).or_insert((window, 0));
        if slot.0 != window {
            *slot = (window, 0);
        }
        let within = slot.1 < self.most;
        slot.1 = slot.1.saturating_add(u32::from(within));
        Left { most: self.most, left: self.most.saturating_sub(slot.1), wait, within }
    }
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

    #[test]
    fn a_window_ends_and_keys_are_apart() {
        let quota = Quota::new(2);
        let (one, other) = (StaffId::from_bytes([1; 16]), StaffId::from_bytes([2; 16]));
        let at = Timestamp::from_micros(WINDOW * 7 + 15_000_000);
        assert_eq!(quota.count(one, at), Left { most: 2, left: 1, wait: 45, within: true });
        assert!(quota.count(one, at).within);
        let over = quota.count(one, at);
        assert_eq!((over.within, over.left), (false, 0));
        assert!(quota.count(other, at).within);
        assert!(quota.count(one, Timestamp::from_micros(WINDOW * 8)).within);
        let mut headers = HeaderMap::new();
        over.say(&mut headers);
        assert!(headers["ratelimit"] == "\"key\";r=0;t=45" && headers["retry-after"] == "45");
    }
}
