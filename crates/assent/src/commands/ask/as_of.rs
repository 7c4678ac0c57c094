//! `decide --at`: the answer of an instant that is over, and the entries that prove it.

use anyhow::Context as _;
use assent_gate::{AsOf, Dossier, Gate, GateError, Whose};
use assent_kernel::{CategoryKey, Matter, PersonId, Timestamp};
use assent_store::home::Company;
use assent_web::text;
use serde_json::json;

use super::{Decide, REFUSED, headline, kinds, question, told};
use crate::commands::Terminal;

pub(super) async fn decide(
    terminal: &Terminal,
    gate: &Gate,
    company: &Company,
    (person, args): (PersonId, &Decide),
    (at, now): (Timestamp, Timestamp),
) -> anyhow::Result<u8> {
    // Who was erased, or never was, may be asked about too.
    let dossier = match gate.look_one(&Whose::everybody(company.id), person).await {
        Ok(dossier) => Some(dossier),
        Err(GateError::NoPerson) => None,
        Err(other) => return Err(other.into()),
    };
    let categories =
        if args.categories.is_empty() { of_today(dossier.as_ref()) } else { args.categories.clone() };
    let matters = kinds(&categories).context("say about which kinds of facts: --categories")?;
    let (standing, _) = gate.policy_in_force(company.id, at).await?;
    let region = dossier.map_or_else(|| company.region.clone(), |dossier| dossier.region().clone());
    let question = question(args, person, &standing.policy, matters, region, at)?;
    let answer = gate.as_of(company.id, &question, now).await?;
    let category = |matter: &Matter| match matter {
        Matter::Held(id) => id.to_string(),
        Matter::Kind(category) => category.to_string(),
    };
    let (mut lines, facts) = told(&answer.ruling, &question.purpose, &standing.policy, category);
    let permits = answer.ruling.first_closed().is_none();
    lines.insert(0, headline(&answer.ruling, &format!(" as of {} UTC", text::date_time(at.micros()))));
    lines.extend(proof(&answer));
    let said = json!({
        "at": text::iso(at.micros()), "permitted": permits, "facts": facts,
        "policy": { "version": standing.policy.version, "digest": answer.standing.digest_text(), "since": text::iso(answer.since.micros()) },
        "proof": answer.proof.iter().map(|one| json!({ "entry": one.seq, "index": one.index })).collect::<Vec<_>>(),
        "as_known_today": answer.as_known_today.iter().map(|one| one.sentence()).collect::<Vec<_>>(),
    });
    terminal.say(&said, &lines.join("\n"));
    Ok(if permits { 0 } else { REFUSED })
}

/// The kinds of facts that are held today: what was held then is not recorded.
fn of_today(dossier: Option<&Dossier>) -> Vec<CategoryKey> {
    let facts = dossier.into_iter().flat_map(|dossier| dossier.facts());
    let mut all: Vec<CategoryKey> = facts.map(|held| held.category().clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn proof(answer: &AsOf) -> Vec<String> {
    let policy = format!(
        "policy  version {} ({}), since {} UTC",
        answer.standing.policy.version,
        answer.standing.digest_text(),
        text::date_time(answer.since.micros())
    );
    let entry = |one: &assent_gate::Proving| match one.index {
        Some(index) => format!("proof   entry {} of this person, number {index} in the ledger", one.seq),
        None => format!("proof   entry {} of this person, not in the signed ledger yet", one.seq),
    };
    let note = |one: &assent_gate::AsKnownToday| format!("note    {}", one.sentence());
    let entries = answer.proof.iter().map(entry);
    std::iter::once(policy).chain(entries).chain(answer.as_known_today.iter().map(note)).collect()
}
