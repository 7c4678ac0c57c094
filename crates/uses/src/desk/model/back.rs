//! Back where on the time line of a person is told.

use std::fmt;
use std::str::FromStr;

use assent_gate::{After, NoLine};
use assent_web::Fields;

/// The most records of one human that a text may name places in.
const MOST: usize = 100;

/// Uses from a place in the list of each of a human's records on, all else from before a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The places among the uses: of the record first, then of those that were joined into it.
    pub after: Vec<After>,
    /// The time, in microseconds.
    pub until: i64,
}

impl Default for Back {
    fn default() -> Self {
        Self { after: Vec::new(), until: i64::MAX }
    }
}

impl Back {
    /// What an address says.
    pub fn read(asked: &Fields) -> Self {
        match asked.get("from").parse() {
            Ok(from) => from,
            Err(_) => Self { after: asked.get("after").parse().into_iter().collect(), ..Self::default() },
        }
    }

    /// The place in the list of one of the records; the newest of one of which nothing was told yet.
    pub fn of(&self, at: usize) -> After {
        self.after.get(at).copied().unwrap_or_default()
    }

    /// The place in the list of the record itself.
    pub fn first(&self) -> After {
        self.of(0)
    }
}

impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.until)?;
        self.after.iter().try_for_each(|after| write!(f, ".{after}"))
    }
}

impl FromStr for Back {
    type Err = NoLine;
    fn from_str(text: &str) -> Result<Self, NoLine> {
        let mut parts = text.split('.').take(MOST);
        let until = parts.next().and_then(|until| until.parse().ok()).ok_or(NoLine)?;
        Ok(Self { until, after: parts.map(str::parse).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_goes_there_and_back() {
        for text in ["12", "-5.3-4", "12.3-4.-.17-"] {
            assert_eq!(text.parse::<Back>().map(|back| back.to_string()).ok().as_deref(), Some(text));
        }
        for text in ["", "x", "12.x", "12..", ".3-4"] {
            assert!(text.parse::<Back>().is_err(), "{text}");
        }
    }
}
