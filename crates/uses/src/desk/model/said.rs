//! What the last act did: a short word in the address, a sentence on the page.

use assent_kernel::{Policy, PurposeKey, Reason, Timestamp};
use assent_web::shell::{Flash, Tone};
use assent_web::{say, text};

use super::words::{in_words, label};
use crate::frame;

/// Why nobody was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// No notice asks for this purpose.
    NoNotice,
    /// The person said: not again, until then.
    Quiet(Timestamp),
    /// Asked then, and not answered yet.
    Open(Timestamp),
    /// Answered with no a short while ago.
    Lately(Timestamp),
    /// Everything the notice asks for is open already.
    Given,
    /// No letter can reach them: there is no address, or nobody may write to it. Which of them is not told.
    NoAddress,
    /// There is nobody by that id.
    Gone,
    /// It is closed, and asking would not open it; by its code.
    Closed(String),
}

/// A word after a refusal's dot: what its code was.
fn code_of(reason: &Reason) -> String {
    reason.code().to_owned()
}

impl From<&Reason> for Why {
    fn from(reason: &Reason) -> Self {
        Self::Closed(code_of(reason))
    }
}

impl Why {
    /// The word in an address.
    pub fn key(&self) -> String {
        match self {
            Self::NoNotice => "no-notice".into(),
            Self::Quiet(at) => format!("quiet.{}", at.micros()),
            Self::Open(at) => format!("open.{}", at.micros()),
            Self::Lately(at) => format!("lately.{}", at.micros()),
            Self::Given => "given".into(),
            Self::NoAddress => "no-address".into(),
            Self::Gone => "gone".into(),
            Self::Closed(code) => format!("closed.{code}"),
        }
    }

    /// The same without its date, to count by.
    pub fn kind(&self) -> String {
        match self {
            Self::Closed(_) => self.key(),
            _ => self.key().split('.').next().unwrap_or_default().to_owned(),
        }
    }

    /// Reads the word.
    pub fn read(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once('.').unwrap_or((text, ""));
        let at = || Timestamp::from_micros(rest.parse().unwrap_or(0));
        Some(match word {
            "no-notice" => Self::NoNotice,
            "quiet" => Self::Quiet(at()),
            "open" => Self::Open(at()),
            "lately" => Self::Lately(at()),
            "given" => Self::Given,
            "no-address" => Self::NoAddress,
            "gone" => Self::Gone,
            "closed" => Self::Closed(rest.chars().take(40).collect()),
            _ => return None,
        })
    }

    /// The sentence.
    pub fn sentence(&self, purpose: &PurposeKey, policy: &Policy) -> String {
        let what = label(policy, purpose);
        let day = |at: &Timestamp| (at.micros() > 0).then(|| text::date(at.micros()));
        match self {
            Self::NoNotice => {
                say!(
                    "There is no notice that asks for “{what}” yet, so nobody can be asked for it.",
                    what = what
                )
            }
            Self::Quiet(at) => match day(at) {
                Some(day) => {
                    say!(
                        "This person wishes not to be asked about “{what}” again until {day}.",
                        what = what,
                        day = day
                    )
                }
                None => say!("This person wishes not to be asked about “{what}” again.", what = what),
            },
            Self::Open(at) => match day(at) {
                Some(day) => {
                    say!("Asked about “{what}” already on {day}; no answer yet.", what = what, day = day)
                }
                None => say!("Asked about “{what}” already; no answer yet.", what = what),
            },
            Self::Lately(at) => match day(at) {
                Some(day) => say!(
                    "This person said no to “{what}” a short while ago, on {day}. Give them some time.",
                    what = what,
                    day = day
                ),
                None => {
                    say!(
                        "This person said no to “{what}” a short while ago. Give them some time.",
                        what = what
                    )
                }
            },
            Self::Given => {
                say!("This person allows everything that “{what}” asks for; nothing to ask.", what = what)
            }
            Self::NoAddress => say("No letter can reach this person, so nobody can ask.").into(),
            Self::Gone => say("There is nobody here by that id any more.").into(),
            Self::Closed(code) => reason(code).map_or_else(
                || say("Asking would not open it.").into(),
                |reason| in_words(&reason, purpose, policy),
            ),
        }
    }
}

/// The reason of a code, where the code alone makes one.
pub fn reason(code: &str) -> Option<Reason> {
    serde_json::from_value(serde_json::json!({ "code": code })).ok()
}

/// What is said once on the next page.
pub fn flash(word: &str, purpose: &PurposeKey, policy: &Policy) -> Option<Flash> {
    let what = label(policy, purpose);
    let good = match word {
        "asked" => say!("Asked about “{what}”. The answer shows here as soon as it is given.", what = what),
        "changed" => say("Changed. The new value stands under the same terms as the old one.").into(),
        "added" => say("Kept, and written down.").into(),
        "removed" => say("Removed, and written down.").into(),
        "noted" => say("The note is kept.").into(),
        "given" => say("Handed over.").into(),
        "handed" => say("Handed over: your role does not see this person any more.").into(),
        "restored" => say("Brought back. What this person said, and what ended meanwhile, stays so.").into(),
        "filed" => say("The file is kept, and written down.").into(),
        "joined" => say("Joined. Both records count as one person; “Take apart” undoes it.").into(),
        "apart" => say("Taken apart. Both records are what they were.").into(),
        "admitted" => {
            say("Kept. Nothing else happens before this person has answered or a contract runs.").into()
        }
        "admitted-part" => {
            return Some(Flash {
                tone: Tone::Warn,
                text: say("Kept, but for what may not be kept about this person.").into(),
                undo: None,
            });
        }
        "no-file" | "empty-file" | "large-file" => {
            let text = match word {
                "no-file" => "Choose a file first.",
                "empty-file" => "That file is empty. Nothing was kept.",
                _ => "That file is too large. Nothing was kept.",
            };
            return Some(Flash { tone: Tone::Warn, text: say(text).into(), undo: None });
        }
        "none-chosen" => {
            return Some(Flash {
                tone: Tone::Warn,
                text: say("Tick the people you want to ask, then try again.").into(),
                undo: None,
            });
        }
        "nothing-given" => {
            return Some(Flash {
                tone: Tone::Warn,
                text: say("Tick the people and choose a colleague, then try again.").into(),
                undo: None,
            });
        }
        "first" | "last" => return frame::ends(word),
        other if other.starts_with("noted.") => return frame::unseen(other),
        other if other.starts_with("given.") => return handed_over(other),
        other => {
            let text = Why::read(other)?.sentence(purpose, policy);
            return Some(Flash { tone: Tone::Warn, text, undo: None });
        }
    };
    Some(Flash { tone: Tone::Good, text: good, undo: None })
}

/// How many were handed over, and how many were not for which reason.
fn handed_over(word: &str) -> Option<Flash> {
    let mut counts = word.strip_prefix("given.")?.splitn(3, '.');
    let (given, left): (u64, u64) = (counts.next()?.parse().ok()?, counts.next()?.parse().ok()?);
    let late: u64 = counts.next().map_or(Ok(0), str::parse).ok()?;
    let mut text = say!("{people} handed over.", people = text::plural(given, say("person"), say("people")));
    if left > 0 {
        let left = say!("{n} left as they are: they are not yours to give.", n = text::count(left));
        text = format!("{text} {left}");
    }
    if late > 0 {
        let late = say!(
            "{n} left as they are: somebody else was faster, or they are not here any more.",
            n = text::count(late)
        );
        text = format!("{text} {late}");
    }
    Some(Flash { tone: if left + late > 0 { Tone::Warn } else { Tone::Good }, text, undo: None })
}

/// An address with the word of what was done; an older word is taken out.
pub fn saying(path: &str, word: &str) -> String {
    let path = unsaid(path);
    let glue = if path.contains('?') { '&' } else { '?' };
    format!("{path}{glue}said={word}")
}

/// An address without the word of what was done.
pub fn unsaid(path: &str) -> String {
    let Some((page, query)) = path.split_once('?') else { return path.to_owned() };
    let rest: Vec<&str> =
        query.split('&').filter(|one| !one.starts_with("said=") && !one.starts_with("of=")).collect();
    if rest.is_empty() || query.is_empty() { page.to_owned() } else { format!("{page}?{}", rest.join("&")) }
}

/// Only a page of the desk: nobody can be led away.
pub fn own(path: &str) -> Option<&str> {
    let ours = path == "/people" || path.starts_with("/people?") || path.starts_with("/people/");
    let clean = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'"');
    (ours && clean && path.len() < 2000).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_its_address() {
        let at = Timestamp::from_micros(1_789_000_000_000_000);
        for why in [Why::NoNotice, Why::Quiet(at), Why::Open(at), Why::Gone, Why::Closed("OBJECTED".into())] {
            assert_eq!(Why::read(&why.key()), Some(why));
        }
        assert_eq!(Why::Open(at).kind(), "open");
        assert_eq!(Why::read("<script>"), None);
    }

    #[test]
    fn what_was_done_is_said_once() {
        assert_eq!(saying("/people?q=a&said=asked", "open.1"), "/people?q=a&said=open.1");
        assert_eq!(saying("/people", "asked"), "/people?said=asked");
        assert_eq!(unsaid("/people/x?said=asked"), "/people/x");
        assert_eq!(own("//evil.example"), None);
        assert_eq!(own("/people\r\nX: y"), None);
        assert_eq!(own("/people/per_1?tab=terms"), Some("/people/per_1?tab=terms"));
    }

    #[test]
    fn a_code_is_a_reason_again_where_it_can_be() {
        assert_eq!(reason("NEVER_ASKED"), Some(Reason::NeverAsked));
        assert_eq!(reason("EXPIRED"), None);
    }
}
