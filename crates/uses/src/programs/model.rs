//! Nouns: where a program listens, what it was told, when it is told again.

use assent_kernel::{CompanyId, HookId, Span, Timestamp};
use assent_store::events::Kind;

/// The most of a company.
pub const MOST: usize = 50;
/// For how long messages bear two signatures after a secret was changed.
pub const OVERLAP: Span = Span::hours(24);
/// How long after each failure a message is sent again, as the specification lays down.
pub const AGAIN: [Span; 9] = [
    Span::minutes(0),
    Span::minutes(5),
    Span::minutes(30),
    Span::hours(2),
    Span::hours(5),
    Span::hours(10),
    Span::hours(14),
    Span::hours(20),
    Span::hours(24),
];

/// When a message is sent again after so many tries; never after the last.
pub fn again(tries: usize, at: Timestamp) -> Option<Timestamp> {
    let wait = AGAIN.get(tries.checked_sub(1)?)?;
    // The first pause is five seconds; spans are told in minutes.
    Some(if tries == 1 {
        Timestamp::from_micros(at.micros().saturating_add(5_000_000))
    } else {
        at.plus(*wait)
    })
}

/// Where a program listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Which.
    pub id: HookId,
    /// Whose.
    pub company: CompanyId,
    /// Where.
    pub url: String,
    /// What it wants to be told.
    pub events: Vec<Kind>,
    /// True when an administrator allowed a private address.
    pub private: bool,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// The secret before, sealed, and until when it still signs.
    pub before: Option<(Vec<u8>, Timestamp)>,
    /// Since when.
    pub made_at: Timestamp,
    /// Since when it is off, and why.
    pub off: Option<(Timestamp, String)>,
    /// Counts its changes.
    pub ver: i64,
}

/// One message to one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// To whom.
    pub hook: HookId,
    /// The message's id: the same whenever it is sent.
    pub id: String,
    /// What happened.
    pub kind: Kind,
    /// The id of what it is about.
    pub thing: String,
    /// When it happened.
    pub at: Timestamp,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next; nothing when it is done or given up.
    pub next_at: Option<Timestamp>,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// When it arrived.
    pub done_at: Option<Timestamp>,
    /// What the receiver said last, or why it said nothing.
    pub said: String,
}

impl Delivery {
    /// Where it stands, in a word.
    pub const fn state(&self) -> &'static str {
        match (self.done_at, self.next_at) {
            (Some(_), _) => "delivered",
            (None, Some(_)) => "waiting",
            (None, None) => "given-up",
        }
    }

    /// The message: what happened, when, to what. No value of anybody.
    pub fn body(&self) -> String {
        serde_json::json!({
            "type": self.kind.key(),
            "timestamp": assent_web::text::iso(self.at.micros()),
            "data": { "id": self.thing },
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sent_again_as_the_specification_says() {
        let at = Timestamp::from_micros(0);
        let waits: Vec<i64> = (1..=9).map(|tries| again(tries, at).unwrap().micros() / 1_000_000).collect();
        let hours = [2, 5, 10, 14, 20, 24].map(|hour| hour * 3600);
        assert_eq!(waits, [&[5, 300, 1800], hours.as_slice()].concat());
        assert_eq!((again(0, at), again(10, at)), (None, None));
    }
}
