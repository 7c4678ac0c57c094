//! Letters of what colleagues said: that somebody was named in a note, or given a task. They tell who and that, never what:
//! that is asked for when one looks.

use std::collections::{HashMap, HashSet};

use assent_gate::Letter;
use assent_kernel::{CompanyId, Region, Span, StaffId, Timestamp};
use assent_store::access::{self, Told};
use assent_store::home::Company;
use assent_store::work::mentions::{self, Why};
use assent_store::{Tx, callers};
use assent_web::{Ctx, Problem};

use crate::frame::INBOX;

/// For how long a word waits before a letter tells of it: whoever is at work reads it meanwhile, and what another node writes
/// with a clock that lags is not passed over.
const WAITS: Span = Span::minutes(2);
/// The shortest pause between two letters to one.
const PAUSE: Span = Span::minutes(15);
/// What was said longer ago than this is told by no letter.
const OLDEST: Span = Span::days(1);
/// The most lines of one letter.
const MOST_LINES: usize = 10;

/// Writes the letters of every company that are due.
pub async fn write(ctx: &Ctx, at: Timestamp) -> Result<(), Problem> {
    let mut first = Ok(());
    for company in ctx.gate.companies().await? {
        first = first.and(write_of(ctx, &company, at).await);
    }
    first
}

async fn write_of(ctx: &Ctx, company: &Company, at: Timestamp) -> Result<(), Problem> {
    let (id, until) = (company.id, at.minus(WAITS));
    let store = ctx.gate.region_db(&company.region)?;
    let span = (at.minus(OLDEST), until);
    let untold: HashSet<StaffId> =
        store.read(move |tx| mentions::untold(tx, id, span)).await?.into_iter().collect();
    if untold.is_empty() {
        return Ok(());
    }
    let all = ctx.gate.home().read(move |tx| access::want_letters(tx, id)).await?;
    let due = |one: &Told| untold.contains(&one.id) && one.until.plus(PAUSE) <= until;
    for one in all.into_iter().filter(due) {
        write_to(ctx, company, (&one, until), at).await?;
    }
    Ok(())
}

/// Writes to one of them, if they have not read meanwhile what they were not told of.
async fn write_to(
    ctx: &Ctx,
    company: &Company,
    (one, until): (&Told, Timestamp),
    at: Timestamp,
) -> Result<(), Problem> {
    let (id, to, region): (CompanyId, StaffId, &Region) = (company.id, one.id, &company.region);
    let span = (one.until.max(at.minus(OLDEST)), until);
    let said = ctx.gate.region_db(region)?.read(move |tx| mentions::untold_of(tx, id, to, span)).await?;
    if said.is_empty() {
        return Ok(());
    }
    let names = names(ctx, id).await?;
    let letter = letter(company, &ctx.settings.base_url, &said, &names);
    ctx.gate.post_to_staff(id, one, until, &letter, at).await?;
    Ok(())
}

/// What staff and programs of a company are called.
async fn names(ctx: &Ctx, company: CompanyId) -> Result<HashMap<StaffId, String>, Problem> {
    let read = move |tx: &mut Tx<'_>| Ok((access::staff(tx, company)?, callers::of(tx, company)?));
    let (staff, programs) = ctx.gate.home().read(read).await?;
    let staff = staff.into_iter().map(|one| (one.id, one.name));
    Ok(staff.chain(programs.into_iter().map(|one| (one.id, one.name))).collect())
}

/// A letter in both languages: nobody noted which one they read.
fn letter(
    company: &Company,
    base: &str,
    said: &[(StaffId, Why)],
    names: &HashMap<StaffId, String>,
) -> Letter {
    let lines = |nobody: &str, line: fn(&str, Why) -> Option<String>| {
        let mut told = Vec::new();
        for (who, why) in said {
            let name = names.get(who).map_or(nobody, String::as_str);
            told.extend(line(name, *why).filter(|one| !told.contains(one)));
        }
        told.truncate(MOST_LINES);
        told.join("\n")
    };
    let english = lines("Somebody", |who, why| match why {
        Why::Named => Some(format!("{who} named you in a note.")),
        Why::Task => Some(format!("{who} gave you a task.")),
        Why::Deal | Why::Hook | Why::Person => None,
    });
    let german = lines("Jemand", |who, why| match why {
        Why::Named => Some(format!("{who} hat Sie in einer Notiz genannt.")),
        Why::Task => Some(format!("{who} hat Ihnen eine Aufgabe gegeben.")),
        Why::Deal | Why::Hook | Why::Person => None,
    });
    let (inbox, you) = (format!("{base}{INBOX}"), format!("{base}/you"));
    Letter {
        subject: format!("{}: something new in your inbox / Neues in Ihrem Eingang", company.name),
        body: format!(
            "{english}\n\nOpen your inbox: {inbox}\n\nAt most one such letter comes in 15 minutes. You can turn them off: \
             {you}\n\n--\n\n{german}\n\nÖffnen Sie Ihren Eingang: {inbox}\n\nHöchstens ein solcher Brief kommt in 15 Minuten. \
             Sie können sie abstellen: {you}\n"
        ),
    }
}
