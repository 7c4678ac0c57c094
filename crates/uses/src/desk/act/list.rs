//! The list: who is on the page, and what of them may be listed for the purpose at hand.

use std::collections::{HashMap, HashSet};

use assent_gate::{Answer, Dossier, Whose};
use assent_kernel::uses::kind::List;
use assent_kernel::{CategoryKey, ImportId, PersonId, Region, Timestamp};
use assent_store::home::{self, Listed};
use assent_store::{Tx, requests};
use assent_web::{Ctx, Problem, Staff};

use crate::desk::model::cell;
use crate::desk::model::list::{
    MOST_COUNTED, MOST_FOUND, MOST_SORTED, Order, PAGE, Row, Show, Wanted, Window, by_name, cut, opened, page,
};
use crate::desk::model::{keys, under};
use crate::frame::{self, Colleagues};
use crate::groups;

/// Somebody: each of their records, the one that stands for all first, with the answer about it; none when there was
/// nothing to ask about.
type Asked = Vec<(Dossier, Option<Answer<List>>)>;

/// So many are asked about at once while somebody is looked for, and so often.
const AT_ONCE: u32 = 100;
const MOST_PAGES: u32 = 20;

/// One page of the list.
pub struct Listing {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// What lies around them.
    pub window: Window,
    /// True when the whole list is short enough to be sorted by name.
    pub sortable: bool,
    /// Whom it shows.
    pub show: Show,
    /// How many people came without terms.
    pub quarantined: usize,
    /// How many people there are at all, counted up to a bound.
    pub everybody: usize,
    /// True when the group that is wanted has so few people that it is not told.
    pub few: bool,
}

/// Reads a page of the list.
pub async fn listing(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<Listing, Problem> {
    let (whose, import) = (wanted.whose(staff), wanted.import);
    let most = MOST_COUNTED.saturating_add(1);
    let count = move |tx: &mut Tx<'_>| match import {
        Some(import) => home::count_of_import(tx, (whose.company(), whose.reach(), import), most),
        None => home::count(tx, (whose.company(), whose.reach()), most),
    };
    let (everybody, quarantined) = ctx.gate.home().read(count).await?;
    let (everybody, quarantined) = (size(everybody), size(quarantined));
    if !wanted.q.is_empty() {
        let (window, rows) = found(ctx, staff, wanted).await?;
        return Ok(Listing {
            rows,
            window,
            sortable: true,
            show: wanted.shown(0),
            quarantined,
            everybody,
            few: false,
        });
    }
    if let Some(group) = &wanted.group {
        let members = groups::members(ctx, staff, group).await?;
        let (few, mut ids) = (members.is_none(), members.unwrap_or_default());
        if wanted.order == Order::Oldest {
            ids.reverse();
        }
        let window = cut(&ids, wanted);
        let rows = in_order(rows(ctx, staff, &window.ids, wanted, None).await?, &window.ids);
        return Ok(Listing { rows, window, sortable: false, show: Show::All, quarantined, everybody, few });
    }
    let known = everybody.saturating_sub(quarantined);
    let show = wanted.shown(known);
    let whole = match show {
        Show::Known => known,
        Show::All => everybody,
        Show::Quarantined => quarantined,
    };
    let sortable = whole <= MOST_SORTED;
    if !wanted.rules.is_empty() {
        // Each value has to be asked for before a rule may look at it.
        let ids = if sortable { everyone(ctx, staff, wanted, show).await? } else { Vec::new() };
        let all = rows(ctx, staff, &ids, wanted, None).await?;
        let fitting = all.into_iter().filter(|row| wanted.takes(row, ctx.now())).collect();
        let (window, rows) = ordered(fitting, wanted, false);
        return Ok(Listing { rows, window, sortable, show, quarantined, everybody, few: false });
    }
    let window = if wanted.order == Order::Name && sortable {
        cut(&by_names(ctx, staff, everyone(ctx, staff, wanted, show).await?).await?, wanted)
    } else {
        from_store(ctx, staff, wanted, show, whole).await?
    };
    let rows = rows(ctx, staff, &window.ids, wanted, None).await?;
    Ok(Listing { rows, window, sortable, show, quarantined, everybody, few: false })
}

/// Everybody of a list, whoever is on which page, up to one more than `most`.
pub async fn everybody(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    most: usize,
) -> Result<Vec<PersonId>, Problem> {
    let first = Wanted { after: None, before: None, ..wanted.clone() };
    if !first.q.is_empty() || !first.rules.is_empty() {
        let mut out = Vec::new();
        let mut next = first.clone();
        while out.len() <= most {
            let page = listing(ctx, staff, &next).await?;
            out.extend(page.rows.iter().map(|row| row.id));
            match page.window.ids.last().filter(|_| page.window.after) {
                Some(last) => next = Wanted { after: Some(*last), ..first.clone() },
                None => break,
            }
        }
        return Ok(out);
    }
    if let Some(group) = &first.group {
        let all = groups::members(ctx, staff, group).await?.unwrap_or_default();
        return Ok(all.into_iter().take(most.saturating_add(1)).collect());
    }
    let show = listing(ctx, staff, &first).await?.show;
    let most = u32::try_from(most).unwrap_or(u32::MAX).saturating_add(1);
    read(ctx, &first.whose(staff), (show, first.import), home::Order::Newest, None, most).await
}

fn size(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

fn in_order(rows: Vec<Row>, ids: &[PersonId]) -> Vec<Row> {
    let mut by_id: HashMap<PersonId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

/// A page straight from the directory.
async fn from_store(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    show: Show,
    whole: usize,
) -> Result<Window, Problem> {
    let back = wanted.after.is_none() && wanted.before.is_some();
    let order = match (wanted.order, back) {
        (Order::Oldest, false) | (Order::Newest | Order::Name, true) => home::Order::Oldest,
        (Order::Oldest, true) | (Order::Newest | Order::Name, false) => home::Order::Newest,
    };
    let from = wanted.after.or(wanted.before);
    let most = u32::try_from(PAGE).unwrap_or(50).saturating_add(1);
    let ids = read(ctx, &wanted.whose(staff), (show, wanted.import), order, from, most).await?;
    let counted = usize::try_from(MOST_COUNTED).unwrap_or(usize::MAX);
    let window = page(ids, back, from.is_none());
    Ok(Window { total: whole.min(counted), more: whole > counted, ..window })
}

async fn read(
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

/// Everybody of a list that is short enough to be sorted.
async fn everyone(ctx: &Ctx, staff: &Staff, wanted: &Wanted, show: Show) -> Result<Vec<PersonId>, Problem> {
    let most = u32::try_from(MOST_SORTED).unwrap_or(500);
    read(ctx, &wanted.whose(staff), (show, wanted.import), home::Order::Oldest, None, most).await
}

/// A page of what was looked for. Whoever matches only by something that is closed is left out without a trace:
/// otherwise a name could be found out letter by letter.
async fn found(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<(Window, Vec<Row>), Problem> {
    let (all, more) = everyone_found(ctx, staff, wanted).await?;
    Ok(ordered(all, wanted, more))
}

async fn everyone_found(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<(Vec<Row>, bool), Problem> {
    let company = staff.company.id;
    let query = ctx.gate.query(company, &wanted.q).await?;
    let (mut all, mut after) = (Vec::new(), None);
    // Whoever is closed takes nobody's place: it is read on until enough are open.
    let mut whole = false;
    for _ in 0..MOST_PAGES {
        let ids = ctx.gate.find(company, &query, after, AT_ONCE).await?;
        after = ids.last().copied();
        let some = rows(ctx, staff, &ids, wanted, Some(&wanted.q)).await?.into_iter();
        let some = some.filter(|row| {
            wanted.shown(0).has(row.quarantined) && wanted.has_owner(row) && wanted.takes(row, ctx.now())
        });
        // Somebody with several records may have been found by another of them.
        let new: Vec<Row> = some.filter(|row| all.iter().all(|had: &Row| had.id != row.id)).collect();
        all.extend(new);
        whole = u32::try_from(ids.len()).unwrap_or(0) < AT_ONCE;
        if whole || all.len() >= MOST_FOUND {
            break;
        }
    }
    let more = !whole || all.len() > MOST_FOUND;
    all.truncate(MOST_FOUND);
    Ok((all, more))
}

/// At most so many, who came last first, from one person on; and after whom the next page begins, when there are more.
/// For programs.
pub async fn some(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    most: usize,
) -> Result<(Vec<Row>, Option<PersonId>), Problem> {
    if wanted.q.is_empty() {
        let (show, one_more) = (wanted.show.unwrap_or(Show::All), most.saturating_add(1));
        let one_more = u32::try_from(one_more).unwrap_or(u32::MAX);
        let order = home::Order::Newest;
        let mut ids =
            read(ctx, &wanted.whose(staff), (show, wanted.import), order, wanted.after, one_more).await?;
        let more = ids.len() > most;
        ids.truncate(most);
        // Whoever was joined into somebody else is no row of their own, and no end either.
        let next = ids.last().copied().filter(|_| more);
        return Ok((rows(ctx, staff, &ids, wanted, None).await?, next));
    }
    let (mut all, cut_short) = everyone_found(ctx, staff, wanted).await?;
    all.sort_by_key(|row| std::cmp::Reverse(row.id));
    all.retain(|row| wanted.after.is_none_or(|after| row.id < after));
    if all.is_empty() && cut_short && wanted.after.is_some() {
        return Err(Problem::invalid(
            "Too many fit, and no more of them are told: look for more of the name.",
        ));
    }
    let more = all.len() > most || cut_short;
    all.truncate(most);
    let next = all.last().map(|row| row.id).filter(|_| more);
    Ok((all, next))
}

/// A page of rows that are known whole, in the order that is wanted.
fn ordered(all: Vec<Row>, wanted: &Wanted, more: bool) -> (Window, Vec<Row>) {
    let mut ids: Vec<PersonId> = all.iter().map(|row| row.id).collect();
    match wanted.order {
        Order::Name => ids = by_name(all.iter().map(Row::named).collect()),
        Order::Newest => ids.reverse(),
        Order::Oldest => {}
    }
    let window = Window { more: more && !ids.is_empty(), ..cut(&ids, wanted) };
    let mut by_id: HashMap<PersonId, Row> = all.into_iter().map(|row| (row.id, row)).collect();
    let rows = window.ids.iter().filter_map(|id| by_id.remove(id)).collect();
    (window, rows)
}

/// Sorts by the names that may be listed.
async fn by_names(ctx: &Ctx, staff: &Staff, ids: Vec<PersonId>) -> Result<Vec<PersonId>, Problem> {
    let named = asked(ctx, staff, &ids, &keys(&["name"])).await?;
    let name = |records: &Asked| {
        let values = opened(records, |category| under(category, "name"));
        let first = records.first()?.0.id();
        Some((first, cell::name(&values).seen().map(|seen| seen.text.clone())))
    };
    Ok(by_name(named.iter().filter_map(name).filter(|(id, _)| ids.contains(id)).collect()))
}

/// Looks people up, with all their records, and asks about facts of these kinds, to list them.
async fn asked(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    kinds: &[CategoryKey],
) -> Result<Vec<Asked>, Problem> {
    let people = ctx.gate.look_whole(&staff.people(), ids).await?;
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
async fn rows(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    wanted: &Wanted,
    q: Option<&str>,
) -> Result<Vec<Row>, Problem> {
    let kinds = wanted.asked();
    let mut asked = asked(ctx, staff, ids, &kinds).await?;
    let meant: HashSet<PersonId> = ids.iter().copied().collect();
    asked.retain(|records| match q {
        Some(q) => records.iter().any(|one| {
            let alone = Row::new(std::slice::from_ref(one), &kinds, false, None);
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
    let colleagues =
        if wanted.names_owners() { frame::colleagues(ctx, staff).await? } else { Colleagues::default() };
    let row = |records: &Asked| {
        let quarantined = records.iter().all(|(one, _)| apart.contains(&one.id()));
        let waits = records.iter().find_map(|(one, _)| waiting.get(&one.id()).copied());
        let mut row = Row::new(records, &kinds, quarantined, waits)?;
        row.owner_name = colleagues.named(row.owner).unwrap_or_default();
        Some(row)
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
