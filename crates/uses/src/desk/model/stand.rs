//! Where each purpose stands with a person: given until then, never asked, taken back. No value is involved.

use assent_kernel::grant::{Answer, Said};
use assent_kernel::purpose::{Basis, Purpose};
use assent_kernel::{Person, Policy, PurposeKey, Ruling, Timestamp, TreeKey, Warrant};
use assent_store::requests::{Asked, Request};
use assent_web::parts::State;
use assent_web::text;

use super::words::{cited, until};

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
        format!("{sentence} Opens {opens} of {all} values.")
    };
    Stand {
        purpose: purpose.key.clone(),
        label: purpose.label.clone(),
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
    let waiting = asked.map(|one| format!(" Asked on {}; no answer yet.", text::date(one.at.micros())));
    let more = waiting.clone().unwrap_or_default();
    let Some(answer) = answer else {
        let word = if waiting.is_some() { "asked" } else { "never asked" };
        return (State::Shut, word.into(), more.trim().to_owned());
    };
    let on = text::date(answer.at.micros());
    match &answer.said {
        Said::No => (State::Shut, "said no".into(), format!("Said no on {on}.{more}")),
        Said::NoLonger => (State::Shut, "taken back".into(), format!("Took the yes back on {on}.{more}")),
        Said::Yes(grant) if grant.terms.until <= now => {
            let end = text::date(grant.terms.until.micros());
            (State::Shut, "run out".into(), format!("Given on {on}, ran out on {end}.{more}"))
        }
        Said::Yes(grant) => {
            let end = text::date(grant.terms.until.micros());
            let left = match grant.uses_left {
                Some(0) => return (State::Shut, "used up".into(), format!("Given on {on}, used up.{more}")),
                Some(n) => format!(", for {} more", text::plural(n.into(), "use", "uses")),
                None => String::new(),
            };
            (State::Open, format!("until {end}"), format!("Given on {on}, until {end}{left}.{more}"))
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
        let end = if open.until == Timestamp::MAX {
            String::new()
        } else {
            ", until ".to_owned() + &until(open.until)
        };
        let part = if masked { "; only a part of each value" } else { "" };
        return (state, "in force".into(), format!("{rule}{part}{end}."));
    }
    let reason = ruling.and_then(Ruling::refusal);
    let sentence = reason
        .map_or_else(|| "Nothing is seen under it.".into(), |reason| reason.sentence(&purpose.key, policy));
    (State::Shut, "closed".into(), sentence)
}
