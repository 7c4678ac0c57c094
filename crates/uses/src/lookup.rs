//! Looking people up by the words of their names and deals, as far as those may be listed. Whoever matches only by something
//! that is closed is left out without a trace.

use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::List;
use assent_kernel::{PersonId, Span};
use assent_web::{Ctx, Problem, Staff, say, session};

use crate::lists::rule::words;
use crate::seen::cell::{self, Seen, Value};
use crate::seen::found::shows;
use crate::seen::{DEAL, keys, under};

/// The most people whom a query leads to.
const MOST: usize = 40;
/// So many are asked about at once, and so often: past that, whoever is open comes too late.
const AT_ONCE: u32 = 40;
const MOST_PAGES: u32 = 12;

/// Somebody who was found, with what may be listed.
pub struct Found {
    /// Who.
    pub id: PersonId,
    values: Vec<Value>,
}

/// Who is led to by these words, with what may be listed of names and titles of deals. Whoever is closed takes nobody's
/// place: it is read on until enough are open.
pub async fn asked(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<Found>, Problem> {
    let company = staff.company.id;
    let query = ctx.gate.query(company, text).await?;
    let (mut out, mut after) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let ids = ctx.gate.find(&staff.people(), &query, after, AT_ONCE).await?;
        after = ids.last().copied();
        let some = listed(ctx, staff, &ids).await?;
        out.extend(some.into_iter().filter(Found::opens));
        if u32::try_from(ids.len()).unwrap_or(0) < AT_ONCE || out.len() >= MOST {
            break;
        }
    }
    out.truncate(MOST);
    Ok(out)
}

async fn listed(ctx: &Ctx, staff: &Staff, ids: &[PersonId]) -> Result<Vec<Found>, Problem> {
    let dossiers = ctx.gate.look(&staff.people(), ids).await?;
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

/// The most people with one address that are asked about.
const MOST_ALIKE: u32 = 20;
/// So often an hour one member of staff may look whether an address is here.
const MOST_GUESSES: i64 = 120;

/// Who is here with one address or number.
pub struct Alike {
    /// Those by whom it may be seen.
    pub open: Vec<PersonId>,
    /// True when there are others: who they are is told by nothing.
    pub closed: bool,
}

/// Who is here with exactly this address or number, of the kind `contact.email` or `contact.phone`. Looking is a use:
/// each of them is asked about, and they see it.
pub async fn alike(ctx: &Ctx, staff: &Staff, kind: &str, value: &str) -> Result<Alike, Problem> {
    session::limit(ctx, &format!("alike {}", staff.id), MOST_GUESSES, Span::hours(1)).await?;
    let company = staff.company.id;
    let query = ctx.gate.query(company, value).await?;
    let ids = ctx.gate.find(&staff.people(), &query, None, MOST_ALIKE).await?;
    let dossiers = ctx.gate.look(&staff.people(), &ids).await?;
    let mut questions = Vec::with_capacity(dossiers.len());
    for dossier in &dossiers {
        if let Some(matters) = dossier.of_categories(&keys(&[kind])) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<&Dossier> = questions.iter().map(|(_, dossier)| *dossier).collect();
    let mut out = Alike { open: Vec::new(), closed: false };
    for (dossier, answer) in who.into_iter().zip(ctx.gate.ask_many(questions).await?) {
        let values = cell::values(Some(&answer), dossier, |category| under(category, kind));
        let open: Vec<Seen> = values.iter().filter_map(|value| value.cell.seen().cloned()).collect();
        if shows(&open, value) { out.open.push(dossier.id()) } else { out.closed = true }
    }
    Ok(out)
}

/// True when every word that is looked for begins a word of a text.
pub fn holds(text: &str, wanted: &[String]) -> bool {
    let known = words(text);
    wanted.iter().all(|word| known.iter().any(|one| one.starts_with(word.as_str())))
}

impl Found {
    /// True when anything of them may be listed.
    fn opens(&self) -> bool {
        self.values.iter().any(|value| value.cell.seen().is_some())
    }
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

/// The person of that id, address or name. A name counts only as far as it may be listed.
pub async fn contact(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Result<PersonId, String>, Problem> {
    if let Ok(id) = text.parse::<PersonId>() {
        let known = ctx.gate.look(&staff.people(), &[id]).await?;
        return Ok(known
            .first()
            .map(|one| one.id())
            .ok_or_else(|| say("There is nobody by that id.").into()));
    }
    let found = if text.contains('@') {
        // Whose address it is that is closed is told as little as that it is nobody's.
        alike(ctx, staff, "contact.email", text).await?.open
    } else {
        people_named(ctx, staff, text).await?
    };
    Ok(match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            Err(say("Nobody is found by that. Type a whole e-mail address, or a name that may be listed.")
                .into())
        }
        many => Err(say!("{n} people are found by that. Type the e-mail address.", n = many.len())),
    })
}
