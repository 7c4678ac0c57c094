//! Where each purpose stands with a person: given until then, never asked, taken back. No value is involved.

use assent_kernel::grant::{Answer, Said};
use assent_kernel::purpose::{Basis, Purpose};
use assent_kernel::{Person, Policy, PurposeKey, Ruling, Timestamp, TreeKey, Warrant};
use assent_store::requests::{Asked, Request};
use assent_web::parts::State;
use assent_web::{say, text};

use super::words::{cited, in_words, label, until};

/// Where one purpose stands.
pub struct Stand {
    /// Which.
    pub purpose: PurposeKey,
    /// In words.
    pub label: String,
    /// What it stands on.
    pub ground: Ground,
    /// Open, in part, or closed.
    pub state: State,
    /// One or two words.
    pub word: String,
    /// One sentence.
    pub sentence: String,
    /// True when asking would change something.
    pub ask: bool,
}

/// What a purpose stands on, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The person's yes.
    Yes,
    /// A contract.
    Contract,
    /// A law.
    Law,
}

impl Stand {
    /// What stands comes first, then what waits, then the rest.
    pub fn rank(&self) -> (Ground, u8, String) {
        let place = match self.state {
            State::Open => 0,
            State::Part => 1,
            State::Shut if !self.sentence.is_empty() => 2,
            State::Shut => 3,
        };
        (self.ground, place, self.label.clone())
    }
}

impl Ground {
    /// The heading over the purposes of this ground.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Yes => "The person decides",
            Self::Contract => "A contract needs it",
            Self::Law => "A law demands or allows it",
        }
    }
    fn of(basis: Basis) -> Self {
        match basis {
            Basis::Consent | Basis::ConsentExplicit => Self::Yes,
            Basis::Contract => Self::Contract,
            Basis::LegalObligation | Basis::Vital | Basis::PublicTask | Basis::LegitimateInterest => {
                Self::Law
            }
        }
    }
}

/// Where a purpose stands, from what the person said and what a view would be answered.
pub fn stand(
    purpose: &Purpose,
    person: &Person,
    policy: &Policy,
    ruling: Option<&Ruling>,
    requests: &[Request],
    now: Timestamp,
) -> Stand {
    let ground = Ground::of(purpose.basis);
    let opens = ruling.map_or(0, |r| r.verdicts.iter().filter(|(_, v)| v.open().is_some()).count());
    let asked = requests.iter().find(|one| one.purpose == purpose.key && one.state == Asked::Open);
    let (state, word, sentence) = match ground {
        Ground::Yes => answered(newest(purpose, person), asked, now),
        Ground::Contract | Ground::Law => ruled(purpose, policy, ruling),
    };
    let state = if state == State::Open && ruling.is_some() && opens == 0 { State::Part } else { state };
    let all = ruling.map_or(0, |r| r.verdicts.len());
    let sentence = if state == State::Shut || all == 0 {
        sentence
    } else {
        format!("{sentence} {}", say!("Opens {n} of {all} values.", n = opens, all = all))
    };
    Stand {
        purpose: purpose.key.clone(),
        label: label(policy, &purpose.key),
        ground,
        state,
        word,
        sentence,
        ask: ground == Ground::Yes && state != State::Open && asked.is_none(),
    }
}

/// The newest thing said about a purpose or one above it.
fn newest<'a>(purpose: &Purpose, person: &'a Person) -> Option<&'a Answer> {
    let about = person.answers.values().filter(|answer| answer.purpose.covers(&purpose.key));
    about.max_by_key(|answer| answer.at)
}

fn answered(answer: Option<&Answer>, asked: Option<&Request>, now: Timestamp) -> (State, String, String) {
    let waiting = asked
        .map(|one| format!(" {}", say!("Asked on {day}; no answer yet.", day = text::date(one.at.micros()))));
    let more = waiting.clone().unwrap_or_default();
    let Some(answer) = answer else {
        let word = say(if waiting.is_some() { "asked" } else { "never asked" });
        return (State::Shut, word.into(), more.trim().to_owned());
    };
    let on = text::date(answer.at.micros());
    match &answer.said {
        Said::No => (State::Shut, say("said no").into(), say!("Said no on {day}.", day = on) + &more),
        Said::NoLonger => {
            (State::Shut, say("taken back").into(), say!("Took the yes back on {day}.", day = on) + &more)
        }
        Said::Yes(grant) if grant.terms.until <= now => {
            let end = text::date(grant.terms.until.micros());
            (
                State::Shut,
                say("run out").into(),
                say!("Given on {day}, ran out on {end}.", day = on, end = end) + &more,
            )
        }
        Said::Yes(grant) => {
            let end = text::date(grant.terms.until.micros());
            let said = match grant.uses_left {
                Some(0) => {
                    let said = say!("Given on {day}, used up.", day = on);
                    return (State::Shut, say("used up").into(), said + &more);
                }
                Some(n) => {
                    let uses = text::plural(n.into(), say("use"), say("uses"));
                    say!("Given on {day}, until {end}, for {uses} more.", day = on, end = end, uses = uses)
                }
                None => say!("Given on {day}, until {end}.", day = on, end = end),
            };
            (State::Open, say!("until {day}", day = end), said + &more)
        }
    }
}

fn ruled(purpose: &Purpose, policy: &Policy, ruling: Option<&Ruling>) -> (State, String, String) {
    let open = ruling.and_then(|r| r.verdicts.iter().find_map(|(_, verdict)| verdict.open()));
    if let Some(open) = open {
        let rule = match open.warrant {
            Warrant::Mandate(id) => policy.mandates.get(&id).map(cited).unwrap_or_default(),
            Warrant::Grant(_) => String::new(),
        };
        let masked = open.mask == assent_kernel::mandate::Mask::Partial;
        let state = if masked { State::Part } else { State::Open };
        let end = (open.until != Timestamp::MAX).then(|| say!(", until {day}", day = until(open.until)));
        let part = if masked { say("; only a part of each value") } else { "" };
        return (state, say("in force").into(), format!("{rule}{part}{}.", end.unwrap_or_default()));
    }
    let reason = ruling.and_then(Ruling::refusal);
    let sentence = reason.map_or_else(
        || say("Nothing is seen under it.").into(),
        |reason| in_words(reason, &purpose.key, policy),
    );
    (State::Shut, say("closed").into(), sentence)
}
