//! Looking people up by the words of their names and deals, as far as those may be listed. Whoever matches only by something
//! that is closed is left out without a trace.

use assent_gate::{Answer, Dossier};
use assent_kernel::PersonId;
use assent_kernel::uses::kind::List;
use assent_web::{Ctx, Problem, Staff};

use crate::lists::rule::words;
use crate::seen::cell::{self, Value};
use crate::seen::{DEAL, keys, under};

/// The most people that a query is followed to.
const MOST: u32 = 40;
/// Somebody who was found, with what may be listed.
pub struct Found {
    /// Who.
    pub id: PersonId,
    values: Vec<Value>,
}

/// Who is led to by these words, with what may be listed of names and titles of deals.
pub async fn asked(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<Found>, Problem> {
    let company = staff.company.id;
    let query = ctx.gate.query(company, text).await?;
    let ids = ctx.gate.find(company, &query, None, MOST).await?;
    let dossiers = ctx.gate.look(company, &ids).await?;
    let kinds = keys(&["name", DEAL]);
    let mut questions = Vec::new();
    for dossier in &dossiers {
        if let Some(matters) = dossier.of_categories(&kinds) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<&Dossier> = questions.iter().map(|(_, dossier)| *dossier).collect();
    let answers: Vec<Answer<List>> = ctx.gate.ask_many(questions).await?;
    let found = |(dossier, answer): (&Dossier, Answer<List>)| {
        let wanted = |category: &assent_kernel::CategoryKey| under(category, "name") || under(category, DEAL);
        Found { id: dossier.id(), values: cell::values(Some(&answer), dossier, wanted) }
    };
    Ok(who.into_iter().zip(answers).map(found).collect())
}

/// True when every word that is looked for begins a word of a text.
pub fn holds(text: &str, wanted: &[String]) -> bool {
    let known = words(text);
    wanted.iter().all(|word| known.iter().any(|one| one.starts_with(word.as_str())))
}

impl Found {
    /// What they are called, when that is open whole.
    pub fn name(&self) -> Option<String> {
        cell::name(&self.values).seen().filter(|seen| seen.whole).map(|seen| seen.text.clone())
    }
}

/// People whose open name holds these words.
pub async fn people_named(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<PersonId>, Problem> {
    let wanted = words(text);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = asked(ctx, staff, text).await?;
    Ok(found
        .iter()
        .filter(|one| one.name().is_some_and(|name| holds(&name, &wanted)))
        .map(|one| one.id)
        .collect())
}
