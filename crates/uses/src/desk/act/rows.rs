//! People as rows: read from the directory, looked up with all their records, asked about.

use std::collections::{HashMap, HashSet};

use assent_gate::{Answer, Dossier, Whose};
use assent_kernel::uses::kind::List;
use assent_kernel::{CategoryKey, ImportId, PersonId, Region, Timestamp};
use assent_store::home::{self, Listed};
use assent_store::{Tx, requests};
use assent_web::{Ctx, Problem, Staff};

use crate::desk::model::list::{Row, Show, Wanted};
use crate::lists::Value;

/// Somebody: each of their records, the one that stands for all first, with the answer about it; none when there was
/// nothing to ask about.
type Asked = Vec<(Dossier, Option<Answer<List>>)>;

/// These people of the directory, in an order, after somebody.
pub async fn read(
    ctx: &Ctx,
    whose: &Whose,
    (show, import): (Show, Option<ImportId>),
    order: home::Order,
    from: Option<PersonId>,
    most: u32,
) -> Result<Vec<PersonId>, Problem> {
    let whose = whose.clone();
    let read = move |tx: &mut Tx<'_>| {
        let (company, reach) = (whose.company(), whose.reach());
        match (import, show.mark()) {
            (Some(import), mark) => {
                home::page_of_import(tx, (company, reach, import), order, from, most, mark)
            }
            (None, None) => home::page(tx, (company, reach), order, from, most),
            (None, Some(mark)) => home::page_apart(tx, (company, reach), order, from, most, mark),
        }
    };
    let read: Vec<Listed> = ctx.gate.home().read(read).await?;
    Ok(read.into_iter().map(|one| one.person).collect())
}

/// People with what stands in a column as far as it may be listed: of their records, the one that stands for all.
pub async fn rated(
    ctx: &Ctx,
    staff: &Staff,
    ids: Vec<PersonId>,
    (wanted, column): (&Wanted, &str),
) -> Result<Vec<(PersonId, Value)>, Problem> {
    let kinds = wanted.looks_at();
    let asked = asked(ctx, staff, &ids, &kinds).await?;
    let rows = asked.iter().filter_map(|records| Row::new(records, &kinds, false, None));
    Ok(rows.filter(|row| ids.contains(&row.id)).map(|row| row.rated(&wanted.columns, column)).collect())
}

/// Looks people up, with all their records, and asks about facts of these kinds, to list them.
async fn asked(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    kinds: &[CategoryKey],
) -> Result<Vec<Asked>, Problem> {
    ask_about(ctx, staff, ctx.gate.look_whole(&staff.people(), ids).await?, kinds).await
}

/// Asks about facts of these kinds of people who were looked up, to list them.
pub async fn ask_about(
    ctx: &Ctx,
    staff: &Staff,
    people: Vec<Vec<Dossier>>,
    kinds: &[CategoryKey],
) -> Result<Vec<Asked>, Problem> {
    let mut questions = Vec::with_capacity(people.len());
    for dossier in people.iter().flatten() {
        if let Some(matters) = dossier.of_categories(kinds) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    let answers = ctx.gate.ask_many(questions).await?;
    let mut answers: HashMap<PersonId, Answer<List>> = who.into_iter().zip(answers).collect();
    let mut answered = |dossier: Dossier| {
        let answer = answers.remove(&dossier.id());
        (dossier, answer)
    };
    Ok(people.into_iter().map(|records| records.into_iter().map(&mut answered).collect()).collect())
}

/// Rows of people. Whom a search led to is shown by what may be listed of the very record that it led to; otherwise
/// somebody with several records is shown where the one stands that stands for all.
pub async fn rows(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    kinds: &[CategoryKey],
    q: Option<&str>,
) -> Result<Vec<Row>, Problem> {
    let mut asked = asked(ctx, staff, ids, kinds).await?;
    let meant: HashSet<PersonId> = ids.iter().copied().collect();
    asked.retain(|records| match q {
        Some(q) => records.iter().any(|one| {
            let alone = Row::new(std::slice::from_ref(one), kinds, false, None);
            meant.contains(&one.0.id()) && alone.is_some_and(|row| row.shows(q))
        }),
        None => records.first().is_some_and(|(first, _)| meant.contains(&first.id())),
    });
    let (company, firsts) =
        (staff.company.id, asked.iter().flatten().map(|(one, _)| one.id()).collect::<Vec<_>>());
    let listed = ctx.gate.home().read(move |tx| home::places(tx, company, &firsts)).await?;
    let apart: HashSet<PersonId> =
        listed.iter().filter(|one| one.quarantined).map(|one| one.person).collect();
    let waiting = waiting(ctx, staff, &asked).await?;
    let row = |records: &Asked| {
        let quarantined = records.iter().all(|(one, _)| apart.contains(&one.id()));
        let waits = records.iter().find_map(|(one, _)| waiting.get(&one.id()).copied());
        Row::new(records, kinds, quarantined, waits)
    };
    Ok(asked.iter().filter_map(row).collect())
}

/// Who was asked about the purpose at hand and has not answered.
async fn waiting(ctx: &Ctx, staff: &Staff, asked: &[Asked]) -> Result<HashMap<PersonId, Timestamp>, Problem> {
    let mut by_region: HashMap<&Region, Vec<PersonId>> = HashMap::new();
    for (dossier, _) in asked.iter().flatten() {
        by_region.entry(dossier.region()).or_default().push(dossier.id());
    }
    let mut out = HashMap::new();
    for (region, people) in by_region {
        let (company, purpose) = (staff.company.id, staff.purpose.clone());
        let read = move |tx: &mut Tx<'_>| requests::open_about(tx, company, &purpose, &people);
        out.extend(ctx.gate.region_db(region)?.read(read).await?);
    }
    Ok(out)
}

/// Rows in the order of these ids.
pub fn in_order(rows: Vec<Row>, ids: &[PersonId]) -> Vec<Row> {
    let mut by_id: HashMap<PersonId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}
