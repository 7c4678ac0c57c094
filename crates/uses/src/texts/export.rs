//! Texts that leave: foreseen without a trace, and asked for as an export.

use std::collections::{HashMap, HashSet};

use assent_gate::{Dossier, Held};
use assent_kernel::uses::kind::Export;
use assent_kernel::{FactId, Matter, NonEmpty, PersonId, Reason, Verdict};
use assent_store::work::Text;
use assent_web::{Ctx, Problem, Staff};

use super::Opened;
use crate::seen::cell::{self, Cell};
use crate::seen::under;
use crate::seen::words::Words;

/// What would come of a value if it were taken along.
#[derive(Debug, Clone)]
pub enum Foreseen {
    /// It would come along.
    Open,
    /// It would not, and why.
    Closed(Reason),
}

/// What the law would say of each of these facts.
async fn verdicts(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    facts: Vec<FactId>,
) -> Result<HashMap<FactId, Foreseen>, Problem> {
    let matters: Vec<Matter> = facts.iter().map(|fact| Matter::Held(*fact)).collect();
    let Ok(matters) = NonEmpty::try_from(matters) else { return Ok(HashMap::new()) };
    let question = ctx.question(Export, staff, dossier, matters).await?;
    let ruling = ctx.gate.foresee(&question, dossier).await?;
    let said = ruling.verdicts.iter().map(|(_, verdict)| match verdict {
        Verdict::Open(_) => Foreseen::Open,
        Verdict::Closed(reason) => Foreseen::Closed(reason.clone()),
    });
    Ok(facts.into_iter().zip(said).collect())
}

fn names(dossier: &Dossier) -> Vec<&Held<String>> {
    dossier.facts().filter(|held| under(held.category(), "name")).collect()
}

/// The facts that are asked for of somebody: the texts, and what says their name where one of these texts would come along
/// beside which they are named. Nobody is named beside one that is closed, so the name is not asked for either.
pub(super) async fn asked(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    texts: &[FactId],
    heads: &HashSet<FactId>,
) -> Result<Vec<FactId>, Problem> {
    let mut out = texts.to_vec();
    out.sort_unstable();
    out.dedup();
    let said = verdicts(ctx, staff, dossier, out.clone()).await?;
    if said.iter().any(|(fact, one)| heads.contains(fact) && matches!(one, Foreseen::Open)) {
        out.extend(called(ctx, staff, dossier).await?);
    }
    Ok(out)
}

/// The facts that somebody's name would be made of if it were taken along; all of them where none is open, to say why.
async fn called(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<FactId>, Problem> {
    let names = names(dossier);
    let said = verdicts(ctx, staff, dossier, names.iter().map(|held| held.id()).collect()).await?;
    let is_open = |held: &&Held<String>| matches!(said.get(&held.id()), Some(Foreseen::Open));
    let made = cell::called(&names, |held| held.category(), is_open);
    let mut out: Vec<FactId> = made.iter().map(|held| held.id()).collect();
    if !made.into_iter().any(is_open) {
        let open = names.iter().find(|held| is_open(held));
        out = open.map_or_else(|| names.iter().map(|held| held.id()).collect(), |held| vec![held.id()]);
    }
    Ok(out)
}

/// What would come along of somebody's texts and of their name.
struct Person {
    texts: HashMap<FactId, Foreseen>,
    /// None where no name is known.
    name: Option<Foreseen>,
}

async fn of_person(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    texts: &[FactId],
    named: bool,
) -> Result<Person, Problem> {
    let texts: Vec<FactId> = texts.iter().copied().filter(|fact| dossier.fact(*fact).is_some()).collect();
    let texts = verdicts(ctx, staff, dossier, texts).await?;
    let names = names(dossier).into_iter().filter(|_| named).map(Held::id).collect();
    let names = verdicts(ctx, staff, dossier, names).await?;
    let name = names.into_values().reduce(|best, other| match (best, other) {
        (Foreseen::Open, _) | (_, Foreseen::Open) => Foreseen::Open,
        (Foreseen::Closed(a), Foreseen::Closed(b)) => Foreseen::Closed(a.max(b)),
    });
    Ok(Person { texts, name })
}

/// For each text that is there: what would come of it, and of the name of whom it is about. Nothing is recorded.
pub async fn foreseen(
    ctx: &Ctx,
    staff: &Staff,
    texts: &[&Text],
    named: bool,
) -> Result<Vec<(Foreseen, Option<Foreseen>)>, Problem> {
    let wanted = super::wanted(texts.iter().copied());
    let ids: Vec<PersonId> = wanted.keys().copied().collect();
    let mut people: HashMap<PersonId, Person> = HashMap::new();
    for dossier in &ctx.gate.look(&staff.people(), &ids).await? {
        let mine = wanted.get(&dossier.id()).map_or(&[][..], Vec::as_slice);
        people.insert(dossier.id(), of_person(ctx, staff, dossier, mine, named).await?);
    }
    let one = |text: &&Text| match text {
        Text::Gone => None,
        Text::Own(_) => Some((Foreseen::Open, None)),
        Text::OfPerson(person, fact) => {
            let closed = || Foreseen::Closed(Reason::UnknownFact);
            let known = people.get(person);
            let text = known.and_then(|one| one.texts.get(fact)).cloned().unwrap_or_else(closed);
            let name = match &text {
                Foreseen::Open => known.and_then(|one| one.name.clone()),
                Foreseen::Closed(_) => Some(text.clone()).filter(|_| named),
            };
            Some((text, name))
        }
    };
    Ok(texts.iter().filter_map(one).collect())
}

/// What would come of each of these values. Nothing is recorded; one that is closed and of a kind that is not even named
/// is left out.
pub async fn foreseen_values(
    ctx: &Ctx,
    staff: &Staff,
    texts: &[&Text],
    words: &Words<'_>,
) -> Result<Vec<Foreseen>, Problem> {
    let wanted = super::wanted(texts.iter().copied());
    let ids: Vec<PersonId> = wanted.keys().copied().collect();
    let mut out = Vec::with_capacity(texts.len());
    for dossier in &ctx.gate.look(&staff.people(), &ids).await? {
        let mine = wanted.get(&dossier.id()).map_or(&[][..], Vec::as_slice);
        let facts: Vec<FactId> = mine.iter().copied().filter(|fact| dossier.fact(*fact).is_some()).collect();
        for (fact, said) in verdicts(ctx, staff, dossier, facts).await? {
            let hidden = dossier.fact(fact).is_none_or(|held| words.hides(held.category(), &Cell::Unknown));
            if matches!(said, Foreseen::Open) || !hidden {
                out.push(said);
            }
        }
    }
    Ok(out)
}

impl Opened {
    /// What came of asking for a value, as far as it may be told that it is there.
    pub fn told(&self, text: &Text, words: &Words<'_>) -> Cell {
        let Some((about, cell)) = self.cell(text) else { return Cell::Unknown };
        let Text::OfPerson(_, fact) = text else { return Cell::Unknown };
        let kind = about.person.facts.get(fact).map(|fact| &fact.category);
        if kind.is_none_or(|kind| words.hides(kind, cell)) { Cell::Unknown } else { cell.clone() }
    }

    /// What the person is called whom a text is about: closed with the text, for work that is closed hangs on nobody.
    pub fn whom(&self, text: &Text) -> Cell {
        match self.cell(text) {
            Some((about, Cell::Open(_))) => about.name.clone(),
            Some((_, cell)) => cell.clone(),
            None => Cell::Closed(None),
        }
    }
}
