//! `decide`: ask from the terminal. Nothing is recorded and nothing released: it tells what an ask would answer.

mod as_of;

use anyhow::{Context as _, anyhow};
use assent_gate::{Gate, Whose};
use assent_kernel::{
    Asker, CategoryKey, Context, Matter, NonEmpty, PartyId, PersonId, Policy, PurposeKey, Question, Region,
    Role, Ruling, Timestamp, To, Use, Verdict, Warrant, mandate::Mask,
};
use assent_store::home::Company;
use assent_web::{Clock, text};
use serde_json::json;

use super::{Terminal, Usage};

/// Refused: exit code 3.
const REFUSED: u8 = 3;

/// Arguments of `decide`.
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// The company's code; not needed when there is only one.
    #[arg(long)]
    company: Option<String>,
    /// Whose facts: a person's id or e-mail address.
    person: String,
    /// Which use: view, list, export, message, share, combine, enrich, cleanse, contribute, learn, capture, look-up.
    what: String,
    /// For which purpose, such as `marketing.newsletter`.
    purpose: String,
    /// As of when, such as `2026-03-03` or `2026-03-03T10:00` (UTC): what would have been answered then, and what proves it.
    #[arg(long)]
    at: Option<String>,
    /// In which role.
    #[arg(long, default_value = "sales")]
    role: String,
    /// To whom: a party's code, or `person`; the company itself when left out.
    #[arg(long)]
    to: Option<String>,
    /// In which region; the one where the facts are when left out.
    #[arg(long)]
    region: Option<Region>,
    /// Only these kinds of facts (by category); everything that is held when left out. Open when all of them are.
    #[arg(long, value_delimiter = ',')]
    categories: Vec<CategoryKey>,
}

/// The company of that code, or the only one there is.
pub(crate) async fn company(gate: &Gate, code: Option<&str>) -> anyhow::Result<std::sync::Arc<Company>> {
    let all = gate.companies().await?;
    let found = match code {
        Some(code) => all.iter().find(|one| one.code == code),
        None if all.len() == 1 => all.first(),
        None => {
            let codes: Vec<&str> = all.iter().map(|one| one.code.as_str()).collect();
            return Err(Usage(format!("say which company: --company {}", codes.join(" | "))).into());
        }
    };
    found.cloned().ok_or_else(|| Usage(format!("there is no company `{}`", code.unwrap_or_default())).into())
}

/// The person by id or address.
pub(crate) async fn person(gate: &Gate, company: &Company, text: &str) -> anyhow::Result<PersonId> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let found = gate.find_email(company.id, text).await?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(anyhow!("nobody here has that id or address")),
        _ => Err(anyhow!("several people have that address: use an id")),
    }
}

pub(crate) async fn decide(terminal: &Terminal, args: Decide) -> anyhow::Result<u8> {
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let id = person(&gate, &company, &args.person).await?;
    let now = Timestamp::from_micros(clock.now());
    if let Some(at) = &args.at {
        let at = Timestamp::from_micros(
            text::instant(at)
                .ok_or_else(|| Usage(format!("`{at}` is no time: write 2026-03-03 or 2026-03-03T10:00")))?,
        );
        return as_of::decide(terminal, &gate, &company, (id, &args), (at, now)).await;
    }
    let dossier = gate.look_one(&Whose::everybody(company.id), id).await?;
    let standing = gate.policy(company.id).await?;
    let matters = if args.categories.is_empty() {
        dossier.everything().context("nothing is held about this person")?
    } else {
        dossier.of_categories(&args.categories).map_or_else(|| kinds(&args.categories), Ok)?
    };
    let region = dossier.region().clone();
    let question = question(&args, id, &standing.policy, matters, region, now)?;
    let ruling = gate.foresee(&question, &dossier).await?;
    let category = |matter: &Matter| match matter {
        Matter::Held(id) => dossier.fact(*id).map_or_else(String::new, |held| held.category().to_string()),
        Matter::Kind(category) => category.to_string(),
    };
    let (mut text, lines) = told(&ruling, &question.purpose, &standing.policy, category);
    let permits = ruling.first_closed().is_none();
    text.insert(0, headline(&ruling, ""));
    terminal.say(&json!({ "permitted": permits, "facts": lines }), &text.join("\n"));
    Ok(if permits { 0 } else { REFUSED })
}

/// The question that the arguments ask.
fn question(
    args: &Decide,
    person: PersonId,
    policy: &Policy,
    matters: NonEmpty<Matter>,
    region: Region,
    at: Timestamp,
) -> anyhow::Result<Question<Use>> {
    let role = Role::parse(&args.role).ok_or_else(|| Usage(format!("there is no role `{}`", args.role)))?;
    Ok(Question {
        what: named_use(&args.what)?,
        person,
        asker: Asker::of_role(role),
        purpose: PurposeKey::new(&args.purpose)?,
        matters,
        to: recipient(policy, args.to.as_deref())?,
        region: args.region.clone().unwrap_or(region),
        at,
        context: Context::default(),
    })
}

/// The answer in a word: open when everything is, as for programs.
fn headline(ruling: &Ruling, when: &str) -> String {
    match (ruling.first_closed(), ruling.permits()) {
        (None, _) => format!("Permitted{when}:"),
        (Some(_), true) => format!("Refused{when} as a whole, for a part is closed:"),
        (Some(_), false) => format!("Refused{when}:"),
    }
}

/// A ruling in words and as JSON, a line for each fact.
fn told(
    ruling: &Ruling,
    purpose: &PurposeKey,
    policy: &Policy,
    category: impl Fn(&Matter) -> String,
) -> (Vec<String>, Vec<serde_json::Value>) {
    let (mut text, mut lines) = (Vec::new(), Vec::new());
    for (matter, verdict) in ruling.verdicts.iter() {
        let category = category(matter);
        match verdict {
            Verdict::Open(open) => {
                let until = assent_web::text::date(open.until.micros());
                let on = match &open.warrant {
                    Warrant::Grant(id) => id.to_string(),
                    Warrant::Mandate(id) => {
                        policy.mandates.get(id).map_or_else(|| id.to_string(), |m| m.key.clone())
                    }
                };
                let part = if open.mask == Mask::Partial { ", in part" } else { "" };
                text.push(format!("open    {category}  until {until}, on {on}{part}"));
                lines.push(json!({ "category": category, "open": open }));
            }
            Verdict::Closed(reason) => {
                let sentence = reason.sentence(purpose, policy);
                text.push(format!("closed  {category}  {}: {sentence}", reason.code()));
                lines.push(json!({ "category": category, "closed": reason, "sentence": sentence, "remedy": reason.remedy() }));
            }
        }
    }
    (text, lines)
}

fn kinds(categories: &[CategoryKey]) -> anyhow::Result<NonEmpty<Matter>> {
    let all: Vec<Matter> = categories.iter().cloned().map(Matter::Kind).collect();
    Ok(NonEmpty::try_from(all)?)
}

fn named_use(text: &str) -> anyhow::Result<Use> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_'], "");
    let found = Use::ALL.iter().find(|one| plain(one.name()) == plain(text));
    found.copied().ok_or_else(|| Usage(format!("there is no use `{text}`")).into())
}

fn recipient(policy: &Policy, to: Option<&str>) -> anyhow::Result<To> {
    let party = |id: PartyId| Ok(To::Party(id));
    match to {
        None => party(policy.home),
        Some("person") => Ok(To::Person),
        Some(code) => {
            party(policy.party(code).ok_or_else(|| Usage(format!("there is no party `{code}`")))?.id)
        }
    }
}
