//! Groups of people for the purpose at hand: counted from the memory of terms, which decides each before anything is
//! added up; listed by the same decisions. Few people are no group: they are told neither as a number nor as what is
//! left when others are subtracted.

mod counted;
mod hide;

use std::collections::{BTreeMap, HashSet};

use assent_gate::Outcome;
use assent_kernel::{
    Context, Matter, NonEmpty, PersonId, Policy, Question, Reason, Region, Remedy, Span, Timestamp, To, Use,
};
use assent_store::Tx;
use assent_store::home::since::{self, Week};
use assent_store::people::joined;
use assent_store::requests::{self, Asked};
use assent_web::{Ctx, Problem, Staff, say};

pub use counted::standing;
pub use hide::hide;

use crate::seen::keys;
use crate::seen::words::because;

/// What ends within this ends soon.
pub const SOON: Span = Span::days(30);
/// Answers of this time are told.
pub const LATELY: Span = Span::days(30);
/// The most records that were joined into others, in one region.
const MOST_JOINED: u32 = 100_000;

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// Whose terms allow that they are listed.
    May,
    /// Who are closed, and could be asked.
    Ask,
    /// Who are closed, and asking would open nothing.
    Not,
    /// Who are closed for this reason.
    Closed(String),
    /// Who are open, and will not be for long.
    Ends,
    /// Who were asked and have not answered.
    Waiting,
    /// Who were asked and said yes lately.
    Yes,
    /// Who were asked and said no lately.
    No,
    /// Who came in a week, with a file or one by one.
    Came(Week, bool),
}

impl Group {
    /// The word in an address.
    pub fn key(&self) -> String {
        match self {
            Self::May => "may".into(),
            Self::Ask => "ask".into(),
            Self::Not => "not".into(),
            Self::Closed(code) => format!("closed.{code}"),
            Self::Ends => "ends".into(),
            Self::Waiting => "waiting".into(),
            Self::Yes => "yes".into(),
            Self::No => "no".into(),
            Self::Came(week, file) => format!("{}.{}", if *file { "file" } else { "single" }, week.0),
        }
    }

    /// Reads the word.
    pub fn read(text: &str) -> Option<Self> {
        let week = |text: &str| text.parse().ok().filter(|n: &i64| (0..10_000).contains(n)).map(Week);
        Some(match text.split_once('.').unwrap_or((text, "")) {
            ("may", _) => Self::May,
            ("ask", _) => Self::Ask,
            ("not", _) => Self::Not,
            ("closed", code) => Self::Closed(plain(code)?),
            ("ends", _) => Self::Ends,
            ("waiting", _) => Self::Waiting,
            ("yes", _) => Self::Yes,
            ("no", _) => Self::No,
            ("file", n) => Self::Came(week(n)?, true),
            ("single", n) => Self::Came(week(n)?, false),
            _ => return None,
        })
    }

    /// The list of people that has exactly these.
    pub fn href(&self) -> String {
        format!("/people?group={}", self.key())
    }

    /// Who they are, in words.
    pub fn told(&self) -> String {
        match self {
            Self::May => say("may be listed for the purpose at hand").into(),
            Self::Ask => say("closed for the purpose at hand; could be asked").into(),
            Self::Not => say("closed for the purpose at hand; asking would open nothing").into(),
            Self::Closed(code) => {
                let why = reason(code).map_or_else(|| say("another reason"), |reason| because(&reason));
                say!("closed for the purpose at hand: {why}", why = why)
            }
            Self::Ends => say!("open, but not for longer than {n} days", n = SOON.micros() / 86_400_000_000),
            Self::Waiting => say("asked for the purpose at hand, no answer yet").into(),
            Self::Yes => say("said yes to the purpose at hand lately").into(),
            Self::No => say("said no to the purpose at hand lately").into(),
            Self::Came(week, file) => {
                let day = assent_web::text::date(week.begins().micros());
                if *file {
                    say!("came with a file in the week of {day}", day = day)
                } else {
                    say!("came one by one in the week of {day}", day = day)
                }
            }
        }
    }
}

/// The code of a reason, as far as it may be one.
fn plain(code: &str) -> Option<String> {
    let fits = code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    (fits && !code.is_empty() && code.len() <= 40).then(|| code.to_owned())
}

/// A reason by its code, where the code alone makes one.
fn reason(code: &str) -> Option<Reason> {
    serde_json::from_value(serde_json::json!({ "code": code })).ok()
}

/// True when asking the person could open it.
pub fn askable(reason: &Reason) -> bool {
    matches!(reason.remedy(), Remedy::AskPerson | Remedy::AskGuardian)
}

/// How everybody stands for the purpose at hand.
#[derive(Debug, Default)]
pub struct Standing {
    /// How many may be listed.
    pub may: u64,
    /// Of these, how many not for long.
    pub ends: u64,
    /// Why the others may not, and how many; those who could be asked first, then by number.
    pub closed: Vec<(Reason, u64)>,
}

impl Standing {
    /// How many could be asked, or could not.
    pub fn closed(&self, ask: bool) -> u64 {
        self.closed.iter().filter(|(reason, _)| askable(reason) == ask).map(|(_, n)| n).sum()
    }
    /// The three great groups as they may be told: may, ask, not.
    pub fn great(&self) -> [Option<u64>; 3] {
        let all = [self.may, self.closed(true), self.closed(false)];
        let mut told = hide(&all).into_iter();
        all.map(|n| told.next().unwrap_or(false).then_some(n))
    }
    /// How many are closed for each reason, as it may be told.
    pub fn reasons(&self) -> Vec<(&Reason, Option<u64>)> {
        let [_, ask, not] = self.great();
        let part = |ask: bool, whole: Option<u64>| {
            let mine: Vec<&(Reason, u64)> =
                self.closed.iter().filter(|(reason, _)| askable(reason) == ask).collect();
            let numbers: Vec<u64> = mine.iter().map(|(_, n)| *n).collect();
            let mut out = Vec::with_capacity(mine.len());
            for ((reason, n), told) in mine.into_iter().zip(hide(&numbers)) {
                out.push((reason, (told && whole.is_some()).then_some(*n)));
            }
            out
        };
        part(true, ask).into_iter().chain(part(false, not)).collect()
    }
    /// How many end soon, as it may be told: neither they nor those who stay may be few.
    pub fn ends(&self) -> Option<u64> {
        let [may, _, _] = self.great();
        let stay = self.may.saturating_sub(self.ends);
        may.filter(|_| hide(&[self.ends, stay]).first().copied().unwrap_or(false)).map(|_| self.ends)
    }
}

/// What is asked about everybody: whether they may be listed by name, for the purpose at hand.
fn question(ctx: &Ctx, staff: &Staff, policy: &Policy) -> Result<Question<Use>, Problem> {
    let kinds = keys(&["name.full"]).into_iter().map(Matter::Kind).collect::<Vec<_>>();
    Ok(Question {
        what: Use::List,
        person: PersonId::from_bytes([0; 16]),
        asker: staff.asker(),
        purpose: staff.purpose.clone(),
        matters: NonEmpty::try_from(kinds).map_err(|_| Problem::invalid("There is nothing to ask about."))?,
        to: To::Party(policy.home),
        region: staff.company.region.clone(),
        at: ctx.now(),
        context: Context::default(),
    })
}

/// Records that were joined into others: a list shows one row for each human.
async fn seconds(ctx: &Ctx, staff: &Staff) -> Result<HashSet<PersonId>, Problem> {
    let company = staff.company.id;
    let mut all = HashSet::new();
    for region in ctx.gate.regions().cloned().collect::<Vec<Region>>() {
        let start = PersonId::from_bytes([0; 16]);
        let read = move |tx: &mut Tx<'_>| joined::page(tx, company, start, MOST_JOINED);
        let some = ctx.gate.region_db(&region)?.read(read).await?;
        all.extend(some.into_iter().map(|(person, _, _)| person));
    }
    Ok(all)
}

/// Everybody within reach, in any order.
async fn within_reach(ctx: &Ctx, staff: &Staff) -> Result<Vec<PersonId>, Problem> {
    let whose = staff.people();
    let read = move |tx: &mut Tx<'_>| since::everybody(tx, (whose.company(), whose.reach()));
    Ok(ctx.gate.home().read(read).await?)
}

fn ends_soon(outcome: &Outcome, now: Timestamp) -> bool {
    matches!(outcome, Outcome::Open(until) if *until <= now.plus(SOON))
}

/// Who was asked about the purpose at hand: who waits, who said yes, who said no lately.
pub async fn asked(ctx: &Ctx, staff: &Staff) -> Result<[Vec<PersonId>; 3], Problem> {
    let (company, since) = (staff.company.id, ctx.now().minus(LATELY));
    let apart = seconds(ctx, staff).await?;
    let mut all: [HashSet<PersonId>; 3] = Default::default();
    for region in ctx.gate.regions().cloned().collect::<Vec<Region>>() {
        let purpose = staff.purpose.clone();
        let read = move |tx: &mut Tx<'_>| requests::about(tx, company, &purpose, since);
        let [waiting, yes, no] = &mut all;
        for (person, state) in ctx.gate.region_db(&region)?.read(read).await? {
            let to = match state {
                Asked::Open => &mut *waiting,
                Asked::Given => &mut *yes,
                Asked::Refused | Asked::NotAgain => &mut *no,
            };
            if !apart.contains(&person) {
                to.insert(person);
            }
        }
    }
    let [waiting, yes, no] = all.map(|people| people.into_iter().collect::<Vec<_>>());
    let whose = staff.people();
    Ok([
        ctx.gate.within(&whose, &waiting).await?,
        ctx.gate.within(&whose, &yes).await?,
        ctx.gate.within(&whose, &no).await?,
    ])
}

/// How many people came since a week: by week, with a file and one by one.
pub async fn weeks(ctx: &Ctx, staff: &Staff, since: Week) -> Result<BTreeMap<(Week, bool), u64>, Problem> {
    let whose = staff.people();
    let twice: Vec<PersonId> = seconds(ctx, staff).await?.into_iter().collect();
    let read = move |tx: &mut Tx<'_>| {
        let of = (whose.company(), whose.reach());
        Ok((since::weeks(tx, of, since)?, since::weeks_of(tx, of, &twice)?))
    };
    let (all, twice) = ctx.gate.home().read(read).await?;
    let mut weeks: BTreeMap<(Week, bool), u64> =
        all.into_iter().map(|(week, file, n)| ((week, file), n)).collect();
    for (week, file, n) in twice {
        weeks.entry((week, file)).and_modify(|all| *all = all.saturating_sub(n));
    }
    Ok(weeks)
}

/// Who belongs to a group, who came last first; nothing when it is too small to be told.
pub async fn members(ctx: &Ctx, staff: &Staff, group: &Group) -> Result<Option<Vec<PersonId>>, Problem> {
    let mut all = match group {
        Group::May | Group::Ask | Group::Not | Group::Closed(_) | Group::Ends => {
            match told(&standing(ctx, staff).await?.ok_or_else(no_answer)?, group) {
                Some(_) => decided(ctx, staff, group).await?,
                None => return Ok(None),
            }
        }
        Group::Waiting | Group::Yes | Group::No => {
            let [waiting, yes, no] = asked(ctx, staff).await?;
            if *group == Group::Waiting {
                waiting
            } else if *group == Group::Yes {
                yes
            } else {
                no
            }
        }
        Group::Came(week, file) => {
            let (whose, week, file) = (staff.people(), *week, *file);
            let read = move |tx: &mut Tx<'_>| since::came(tx, (whose.company(), whose.reach()), week, file);
            ctx.gate.home().read(read).await?
        }
    };
    let apart = seconds(ctx, staff).await?;
    all.retain(|person| !apart.contains(person));
    if hide(&[u64::try_from(all.len()).unwrap_or(0)]) == [false] {
        return Ok(None);
    }
    all.sort_unstable_by_key(|person| std::cmp::Reverse(*person));
    Ok(Some(all))
}

fn no_answer() -> Problem {
    Problem::conflict("This node is still reading everybody's terms. Please try again in a moment.")
}

/// How many belong to a group that the memory of terms tells, when that may be told.
fn told(standing: &Standing, group: &Group) -> Option<u64> {
    let [may, ask, not] = standing.great();
    match group {
        Group::May => may,
        Group::Ask => ask,
        Group::Not => not,
        Group::Ends => standing.ends(),
        Group::Closed(code) => {
            let mine = |(reason, n): (&Reason, Option<u64>)| (reason.code() == code).then_some(n).flatten();
            standing.reasons().into_iter().find_map(mine)
        }
        Group::Waiting | Group::Yes | Group::No | Group::Came(..) => None,
    }
}

/// Who stands so, each decided.
async fn decided(ctx: &Ctx, staff: &Staff, group: &Group) -> Result<Vec<PersonId>, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let policy = ctx.gate.policy(company).await?;
    let question = question(ctx, staff, &policy.policy)?;
    let people = match group {
        Group::May | Group::Ends if staff.people().reach().is_all() => {
            ctx.gate.cut(company, &question, None)?.people
        }
        _ => within_reach(ctx, staff).await?,
    };
    let decided = ctx.gate.decide(company, &question, &people, None)?;
    let closed = |n: u16| decided.reasons.get(usize::from(n));
    let belongs = |outcome: &Outcome| match (group, outcome) {
        (Group::Ends, outcome) => ends_soon(outcome, now),
        (Group::Ask, Outcome::Closed(n)) => closed(*n).is_some_and(askable),
        (Group::Not, Outcome::Closed(n)) => closed(*n).is_some_and(|reason| !askable(reason)),
        (Group::Closed(code), Outcome::Closed(n)) => closed(*n).is_some_and(|reason| reason.code() == code),
        (Group::May, Outcome::Open(_)) => true,
        _ => false,
    };
    let all = people.iter().zip(&decided.outcomes);
    Ok(all.filter(|(_, outcome)| belongs(outcome)).map(|(person, _)| *person).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_as_it_is_written() {
        let all = [
            Group::May,
            Group::Ask,
            Group::Not,
            Group::Closed("NEVER_ASKED".into()),
            Group::Ends,
            Group::Waiting,
            Group::Yes,
            Group::No,
            Group::Came(Week(2939), true),
            Group::Came(Week(2939), false),
        ];
        for group in all {
            assert_eq!(Group::read(&group.key()), Some(group.clone()));
            assert!(!group.told().is_empty());
        }
        for bad in ["", "x", "closed.", "closed.<b>", "file.x", "file.-1", "single.99999999"] {
            assert_eq!(Group::read(bad), None, "{bad}");
        }
    }
}
