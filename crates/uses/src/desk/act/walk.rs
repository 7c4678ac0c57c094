//! Who fits rules, among however many people: the directory is walked in its order, and whoever is met is asked about by
//! what the rules look at and by nothing else. One request looks at so many people; the next goes on where it stopped.

use std::collections::HashMap;

use assent_gate::{Dossier, Whose};
use assent_kernel::{ImportId, PersonId};
use assent_store::home;
use assent_web::{Ctx, Problem, Staff};

use super::rows::{ask_about, read};
use crate::desk::model::list::{Row, Show, Wanted};

/// The most people that one request looks at.
pub const MOST_LOOKED: usize = 5_000;
/// So many are asked about in one commit.
const AT_ONCE: usize = 250;
/// So many for each one that is wanted, to begin with: who was not needed was not asked about.
const FOR_EACH: usize = 8;

/// Somebody who fits.
pub struct Fit {
    /// What the rules and the order look at.
    pub row: Row,
    /// Where in the directory they were met.
    pub place: PersonId,
    /// How many had been looked at then, with them, as far as that is told.
    pub nth: usize,
}

/// What a walk came to.
#[derive(Default)]
pub struct Walk {
    /// Who fits, in the order in which they were met.
    pub fits: Vec<Fit>,
    /// How many were looked at, as far as that is told: to whom an exact rule leads, nobody is told, because it would tell how
    /// many of them are closed.
    pub looked: usize,
    /// Who was met first.
    pub first: Option<PersonId>,
    /// Who was met last.
    pub last: Option<PersonId>,
    /// True when nobody is left this way.
    pub whole: bool,
}

/// Walks until so many fit, nobody is left or so many were looked at as may be: in this order, after somebody.
pub async fn walk(
    ctx: &Ctx,
    staff: &Staff,
    (wanted, show): (&Wanted, Show),
    (order, from): (home::Order, Option<PersonId>),
    most: usize,
) -> Result<Walk, Problem> {
    let (way, whose) = (Way::of(ctx, staff, wanted, show).await?, wanted.whose(staff));
    let told = matches!(way, Way::Everybody(..));
    let (mut walk, mut looked) = (Walk { last: from, ..Walk::default() }, 0usize);
    let mut at_once = most.saturating_mul(FOR_EACH).min(AT_ONCE);
    while !walk.whole && walk.fits.len() < most && looked < MOST_LOOKED {
        let ids = way.next(ctx, &whose, order, walk.last, at_once).await?;
        let mut fitting = way.fitting(ctx, staff, (wanted, &whose), &ids).await?;
        walk.whole = ids.len() < at_once;
        at_once = at_once.saturating_mul(2).min(AT_ONCE);
        for place in ids {
            looked = looked.saturating_add(1);
            walk.looked = if told { looked } else { 0 };
            walk.first = walk.first.or(Some(place).filter(|_| told));
            walk.last = Some(place);
            let nth = walk.looked;
            walk.fits.extend(fitting.remove(&place).map(|row| Fit { row, place, nth }));
        }
    }
    if !told {
        // To whom a rule leads but who does not fit, no page begins or ends at: its address would name them.
        walk.first = walk.fits.first().map(|fit| fit.place);
        walk.last = walk.fits.last().map_or(from, |fit| Some(fit.place));
    }
    Ok(walk)
}

/// Where a walk meets somebody, to go on from there.
pub async fn place_of(
    ctx: &Ctx,
    staff: &Staff,
    (wanted, show): (&Wanted, Show),
    id: PersonId,
) -> Result<PersonId, Problem> {
    let way = Way::of(ctx, staff, wanted, show).await?;
    let found = ctx.gate.look_whole(&wanted.whose(staff), &[id]).await?;
    let records = found.iter().find(|records| records.first().map(Dossier::id) == Some(id));
    Ok(records.and_then(|records| way.place(records)).unwrap_or(id))
}

/// Whom a walk meets.
enum Way {
    /// Everybody of the list.
    Everybody(Show, Option<ImportId>),
    /// Those to whom an exact rule leads, in the order of the directory: more than fit, never fewer; and fewer than one request
    /// may look at.
    Led(Show, Vec<PersonId>),
}

impl Way {
    async fn of(ctx: &Ctx, staff: &Staff, wanted: &Wanted, show: Show) -> Result<Self, Problem> {
        let everybody = Self::Everybody(show, wanted.import);
        let Some(text) = wanted.leads().filter(|_| wanted.import.is_none()) else { return Ok(everybody) };
        let company = staff.company.id;
        let query = ctx.gate.query(company, text).await?;
        let most = u32::try_from(MOST_LOOKED).unwrap_or(u32::MAX);
        let led = ctx.gate.find(&wanted.whose(staff), &query, None, most).await?;
        Ok(if led.len() < MOST_LOOKED { Self::Led(show, led) } else { everybody })
    }

    /// Whom it meets next.
    async fn next(
        &self,
        ctx: &Ctx,
        whose: &Whose,
        order: home::Order,
        from: Option<PersonId>,
        most: usize,
    ) -> Result<Vec<PersonId>, Problem> {
        match self {
            Self::Everybody(show, import) => {
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                read(ctx, whose, (*show, *import), order, from, most).await
            }
            Self::Led(_, all) => Ok(match order {
                home::Order::Oldest => {
                    all.iter().filter(|id| from.is_none_or(|from| **id > from)).take(most).copied().collect()
                }
                home::Order::Newest => {
                    let before = all.iter().rev().filter(|id| from.is_none_or(|from| **id < from));
                    before.take(most).copied().collect()
                }
            }),
        }
    }

    /// Where somebody of several records is met: where the record stands that stands for all, else at the oldest of
    /// those that are met at all.
    fn place(&self, records: &[Dossier]) -> Option<PersonId> {
        let first = records.first()?.id();
        match self {
            Self::Everybody(..) => Some(first),
            Self::Led(_, all) if all.binary_search(&first).is_ok() => Some(first),
            Self::Led(_, all) => {
                records.iter().map(Dossier::id).filter(|id| all.binary_search(id).is_ok()).min()
            }
        }
    }

    /// Who of these fits, by where they are met. Only who is met here is asked about.
    async fn fitting(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        (wanted, whose): (&Wanted, &Whose),
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, Row>, Problem> {
        let kinds = wanted.looks_at();
        let mut people = ctx.gate.look_whole(whose, ids).await?;
        people.retain(|records| self.place(records).is_some_and(|place| ids.contains(&place)));
        if let Self::Led(show, _) = self {
            // Who is not listed here is not asked about: what is asked is written down in their log.
            let first = |records: &Vec<Dossier>| records.first().map(Dossier::id);
            let here = shown(ctx, staff, *show, people.iter().filter_map(first).collect()).await?;
            people.retain(|records| first(records).is_some_and(|id| here.contains(&id)));
        }
        let places: Vec<Option<PersonId>> = people.iter().map(|records| self.place(records)).collect();
        let asked = ask_about(ctx, staff, people, &kinds).await?;
        let fits = places.into_iter().zip(&asked).filter_map(|(place, records)| {
            let row = Row::new(records, &kinds, false, None)?;
            Some((place?, row)).filter(|(_, row)| wanted.takes(row, ctx.now()))
        });
        Ok(fits.collect())
    }
}

/// Those of these whom a list shows. Who is read from the directory was told apart there.
async fn shown(ctx: &Ctx, staff: &Staff, show: Show, ids: Vec<PersonId>) -> Result<Vec<PersonId>, Problem> {
    let company = staff.company.id;
    let listed = ctx.gate.home().read(move |tx| home::places(tx, company, &ids)).await?;
    Ok(listed.into_iter().filter(|one| show.has(one.quarantined)).map(|one| one.person).collect())
}
