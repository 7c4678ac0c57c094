//! What programs send and get, parsed at the door.

use std::borrow::Cow;

use assent_gate::Version;
use assent_kernel::{
    CategoryKey, Context, Matter, NonEmpty, PersonId, Policy, PurposeKey, Question, Reason, Region,
    Timestamp, To, Use,
};
use assent_web::{Problem, session::Caller, text};
use serde::{Deserialize, Serialize};

/// The most people of one batch.
pub(super) const MOST_PEOPLE: usize = 100_000;
/// The most people of one recorded use.
pub(super) const MOST_USED: usize = 1_000_000;
/// The most categories of one question.
const MOST_CATEGORIES: usize = 64;

/// A question without a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(rename = "use")]
    what: Use,
    purpose: PurposeKey,
    categories: Vec<CategoryKey>,
    /// A party's code, or `person`; the company itself when left out.
    #[serde(default)]
    to: Option<String>,
    /// Where it is used; where the company is at home when left out.
    #[serde(default)]
    region: Option<Region>,
    #[serde(default)]
    context: Context,
    /// As of when: what would have been answered then. For one person, and not to be recorded.
    #[serde(default)]
    at: Option<String>,
    /// A version that the answer must have seen.
    #[serde(default)]
    least: Option<String>,
}

impl Asked {
    /// The instant that is asked about, if it is not now.
    pub(super) fn instant(&self) -> Result<Option<Timestamp>, Problem> {
        let Some(at) = &self.at else { return Ok(None) };
        let wrong = || Problem::invalid("`at` is no time: write 2026-03-03 or 2026-03-03T10:00 (UTC).");
        text::instant(at).map(|at| Some(Timestamp::from_micros(at))).ok_or_else(wrong)
    }
    /// The version that the answer must have seen.
    pub(super) fn least(&self) -> Result<Option<Version>, Problem> {
        let wrong = |_| Problem::invalid("`least` is no version: hand back a `version` as you got it.");
        self.least.as_deref().map(str::parse).transpose().map_err(wrong)
    }
    /// Refuses a claim that leaves no trace: it lifts a restriction, so it is written down, with what stands behind it.
    pub(super) fn claim_is_recorded(&self, record: bool) -> Result<(), Problem> {
        let ticket = self.context.ticket.as_deref().is_some_and(|ticket| !ticket.trim().is_empty());
        if self.context.claim && !(record && ticket) {
            return Err(Problem::invalid(
                "`claim` lifts a restriction, so it is for a use that is written down: POST /v1/decide with \
                 `\"record\": true` and a `ticket`.",
            ));
        }
        Ok(())
    }
    /// Refuses a question about the past where only today is answered.
    pub(super) fn today_only(&self) -> Result<(), Problem> {
        match &self.at {
            None => Ok(()),
            Some(_) => Err(Problem::invalid("`at` works for one person at a time: use POST /v1/decide.")),
        }
    }
    /// The question, for whoever it will be about.
    pub(super) fn question(
        self,
        caller: &Caller,
        policy: &Policy,
        home: &Region,
        at: Timestamp,
    ) -> Result<Question<Use>, Problem> {
        caller.works_for(&self.purpose)?;
        if self.categories.len() > MOST_CATEGORIES {
            return Err(Problem::invalid(format!("Ask about at most {MOST_CATEGORIES} categories at once.")));
        }
        let kinds: Vec<Matter> = self.categories.into_iter().map(Matter::Kind).collect();
        let empty = |_| Problem::invalid("Name at least one category: an empty request is refused.");
        let to = match self.to.as_deref() {
            None => To::Party(policy.home),
            Some("person") => To::Person,
            Some(code) => {
                let unknown = || {
                    Problem::invalid(format!(
                        "There is no party `{}`.",
                        code.chars().take(40).collect::<String>()
                    ))
                };
                To::Party(policy.party(code).ok_or_else(unknown)?.id)
            }
        };
        Ok(Question {
            what: self.what,
            person: PersonId::from_bytes([0; 16]),
            asker: caller.asker(),
            purpose: self.purpose,
            matters: NonEmpty::try_from(kinds).map_err(empty)?,
            to,
            region: self.region.unwrap_or_else(|| home.clone()),
            at,
            context: self.context,
        })
    }
}

/// `POST /v1/decide`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    pub(super) question: Asked,
    pub(super) person: PersonId,
    /// Write the use down before answering; then an open answer is a permit.
    #[serde(default)]
    pub(super) record: bool,
}

/// The same, when nothing is to be written down, with hardly anything copied and nothing looked up: for a question that was put before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again<'a> {
    #[serde(borrow)]
    question: Heard<'a>,
    person: PersonId,
    #[serde(default)]
    record: bool,
}

/// The fields of [`Asked`] as they came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard<'a> {
    #[serde(rename = "use")]
    what: Use,
    #[serde(borrow)]
    purpose: Name<'a>,
    #[serde(borrow)]
    categories: Vec<Name<'a>>,
    #[serde(borrow, default)]
    to: Option<Name<'a>>,
    #[serde(borrow, default)]
    region: Option<Name<'a>>,
    #[serde(default)]
    context: Context,
    #[serde(borrow, default)]
    at: Option<Name<'a>>,
    #[serde(borrow, default)]
    least: Option<Name<'a>>,
}

#[derive(Debug, Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What is asked, and about whom; nothing when it is not right, is about the past or is to be written down, and so must be
/// read whole. Two questions are told as the same bytes only when each field of both is the same.
pub(super) fn heard(bytes: &[u8]) -> Option<(Vec<u8>, PersonId)> {
    let Again { question, person, record } = serde_json::from_slice(bytes).ok()?;
    let said = question.said()?;
    (!record).then_some((said, person))
}

/// About as long as what most questions say.
const USUAL_QUESTION: usize = 128;

impl Heard<'_> {
    fn said(&self) -> Option<Vec<u8>> {
        let Self { what, purpose, categories, to, region, context, at, least } = self;
        let Context { gpc, claim, automated, ticket } = context;
        if at.is_some() {
            return None;
        }
        let mut out = Vec::with_capacity(USUAL_QUESTION);
        out.extend([*gpc, *claim, *automated].map(u8::from));
        let mut put = |part: Option<&str>| {
            // As long as it is, so that no two lists of parts are the same bytes; none is longer than any.
            let length = part.map_or(Some(u32::MAX), |part| u32::try_from(part.len()).ok())?;
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(part.unwrap_or_default().as_bytes());
            Some(())
        };
        put(Some(what.name()))?;
        put(Some(&purpose.0))?;
        for part in [to, region, least] {
            put(part.as_ref().map(|part| &*part.0))?;
        }
        put(ticket.as_deref())?;
        categories.iter().try_for_each(|one| put(Some(&one.0)))?;
        Some(out)
    }
}

/// `POST /v1/decide:batch`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Many {
    pub(super) question: Asked,
    pub(super) people: Vec<PersonId>,
}

/// `POST /v1/audience`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audience {
    pub(super) question: Asked,
    /// Also list who is permitted.
    #[serde(default)]
    pub(super) list: bool,
}

/// `POST /v1/audience:use`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Using {
    pub(super) question: Asked,
    /// Who; everybody for whom it is open now when left out.
    #[serde(default)]
    pub(super) people: Option<Vec<PersonId>>,
    /// The version the audience was cut at; it is kept with the entry.
    #[serde(default)]
    pub(super) version: Option<String>,
}

/// The longest version that is kept with an entry.
const LONGEST_VERSION: usize = 80;

impl Using {
    /// The version as it is kept: of a node's memory, or whatever the system that holds the audience calls it.
    pub(super) fn version(&self) -> Result<Option<String>, Problem> {
        let plain = |c: char| c.is_ascii_graphic();
        match &self.version {
            Some(version)
                if version.is_empty() || version.len() > LONGEST_VERSION || !version.chars().all(plain) =>
            {
                Err(Problem::invalid(
                    "`version` has at least one and at most 80 letters, digits and signs, without spaces.",
                ))
            }
            other => Ok(other.clone()),
        }
    }
}

/// A use of an audience that was recorded.
#[derive(Debug, Serialize)]
pub(super) struct UsedThen {
    /// How many may be used.
    pub(super) permitted: usize,
    /// One for each who was named, in order; only for `PERMIT` it may be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) codes: Option<Vec<&'static str>>,
    /// Who may be used, when nobody was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) people: Option<Vec<PersonId>>,
    /// The reasons of the others, with how many.
    pub(super) refused: Vec<Explained>,
    /// How many are nobody here.
    pub(super) unknown: usize,
    /// The entries in the ledgers, one a region.
    pub(super) entries: Vec<UsedEntry>,
    /// How many have an entry of their own.
    pub(super) alone: usize,
}

/// An entry over many people.
#[derive(Debug, Serialize)]
pub(super) struct UsedEntry {
    pub(super) region: String,
    pub(super) people: u64,
    pub(super) permitted: u64,
}

impl UsedThen {
    /// Nobody was used.
    pub(super) const fn nobody() -> Self {
        Self {
            permitted: 0,
            codes: None,
            people: None,
            refused: Vec::new(),
            unknown: 0,
            entries: Vec::new(),
            alone: 0,
        }
    }
}

impl UsedEntry {
    pub(super) fn of(batch: &assent_gate::Batch) -> Self {
        Self { region: batch.region.to_string(), people: batch.people, permitted: batch.permitted }
    }
}

/// An answer about one person.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) permitted: bool,
    /// `PERMIT`, or the stable code of the reason.
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sentence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<assent_kernel::Remedy>,
    /// Until when a permit holds if nothing changes; none when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
    /// The number of the entry among the person's, when it was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entry: Option<u64>,
    /// What an answer about the past stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<AsOfThen>,
    /// What this node had seen, by region, when it answered from memory: hand it back as `least`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

/// What an answer about the past stands on: the policy of then, and the numbers of the entries that prove it.
#[derive(Debug, Serialize)]
pub(super) struct AsOfThen {
    pub(super) at: String,
    pub(super) policy: PolicyThen,
    pub(super) proof: Vec<Entry>,
    /// What has no history, one sentence each.
    pub(super) as_known_today: Vec<&'static str>,
}

/// A version of the policy.
#[derive(Debug, Serialize)]
pub(super) struct PolicyThen {
    version: u64,
    /// As the entries of that time name it.
    digest: String,
    since: String,
}

/// An entry by its numbers.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    entry: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
}

impl AsOfThen {
    pub(super) fn new(told: &assent_gate::AsOf, at: Timestamp) -> Self {
        Self {
            at: text::iso(at.micros()),
            policy: PolicyThen {
                version: told.standing.policy.version,
                digest: told.standing.digest_text(),
                since: text::iso(told.since.micros()),
            },
            proof: told.proof.iter().map(|one| Entry { entry: one.seq, index: one.index }).collect(),
            as_known_today: told.as_known_today.iter().map(|one| one.sentence()).collect(),
        }
    }
}

impl Answer {
    pub(super) fn open(until: Timestamp) -> Self {
        let until = (until < Timestamp::MAX.whole_minute()).then(|| text::iso(until.micros()));
        Self {
            permitted: true,
            code: "PERMIT",
            sentence: None,
            remedy: None,
            until,
            entry: None,
            as_of: None,
            version: None,
        }
    }
    /// What this node's memory said: until when it is open, or why it is closed.
    pub(super) fn from_memory(
        decided: Result<Timestamp, Reason>,
        purpose: &PurposeKey,
        policy: &Policy,
        version: String,
    ) -> Self {
        let answer = match decided {
            Ok(until) => Self::open(until),
            Err(reason) => Self::closed(&reason, purpose, policy),
        };
        Self { version: Some(version), ..answer }
    }
    pub(super) fn closed(reason: &Reason, purpose: &PurposeKey, policy: &Policy) -> Self {
        Self {
            permitted: false,
            code: reason.code(),
            sentence: Some(reason.sentence(purpose, policy)),
            remedy: Some(reason.remedy()),
            until: None,
            entry: None,
            as_of: None,
            version: None,
        }
    }
}

/// Answers about many: a code for each person, in order, and what the codes mean.
#[derive(Debug, Serialize)]
pub(super) struct Answers {
    pub(super) permitted: usize,
    pub(super) codes: Vec<&'static str>,
    pub(super) reasons: Vec<Explained>,
    /// What this node has seen, by region: hand it back as `least`.
    pub(super) version: String,
}

/// A reason in words.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    pub(super) code: &'static str,
    pub(super) sentence: String,
    pub(super) remedy: assent_kernel::Remedy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) people: Option<usize>,
}

impl Explained {
    pub(super) fn new(reason: &Reason, purpose: &PurposeKey, policy: &Policy, people: Option<usize>) -> Self {
        Self {
            code: reason.code(),
            sentence: reason.sentence(purpose, policy),
            remedy: reason.remedy(),
            people,
        }
    }
}

/// Counts, and the list if it was wanted.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) permitted: usize,
    pub(super) askable: usize,
    pub(super) refused: Vec<Explained>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) people: Option<Vec<PersonId>>,
    pub(super) version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &str = "per_01jx6sk9c0000000000000000a";

    fn said(question: &str) -> Option<Vec<u8>> {
        heard(format!("{{\"question\":{question},\"person\":\"{PERSON}\"}}").as_bytes()).map(|(said, _)| said)
    }

    #[test]
    fn a_question_is_known_however_it_is_written() {
        let plain = said(r#"{"use":"Message","purpose":"a.b","categories":["c.d"]}"#);
        assert!(plain.is_some());
        for same in [
            r#"{ "categories" : ["c.d"], "purpose":"\u0061.b","use":"Message" }"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"to":null,"context":{"gpc":false}}"#,
        ] {
            assert_eq!(said(same), plain, "{same}");
        }
    }

    #[test]
    fn no_two_questions_are_the_same_bytes() {
        let all = [
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"]}"#,
            r#"{"use":"View","purpose":"a.b","categories":["c.d"]}"#,
            r#"{"use":"Message","purpose":"a.bc","categories":["c.d"]}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d","e"]}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.de"]}"#,
            r#"{"use":"Message","purpose":"a.b","categories":[]}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"to":"x"}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"to":""}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"region":"x"}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"least":"x"}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"context":{"ticket":"x"}}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"context":{"gpc":true}}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"context":{"claim":true}}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"context":{"automated":true}}"#,
        ];
        let mut told: Vec<_> = all.iter().map(|one| said(one).expect(one)).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), all.len());
    }

    #[test]
    fn what_must_be_read_whole_is_not_known_again() {
        for other in [
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"at":"2026-05-01"}"#,
            r#"{"use":"Message","purpose":"a.b","categories":["c.d"],"more":1}"#,
            r#"{"use":"Message","purpose":"a.b","purpose":"a.b","categories":["c.d"]}"#,
            r#"{"use":"Shout","purpose":"a.b","categories":["c.d"]}"#,
        ] {
            assert_eq!(said(other), None, "{other}");
        }
        let recorded = format!(
            r#"{{"question":{{"use":"Message","purpose":"a.b","categories":["c.d"]}},"person":"{PERSON}","record":true}}"#
        );
        assert!(heard(recorded.as_bytes()).is_none());
    }
}
