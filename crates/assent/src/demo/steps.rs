//! What happens in the demo world, in the order of time: the ledger never runs backwards.

use std::collections::BTreeMap;

use assent_gate::Newcomer;
use assent_kernel::{Region, Span, Timestamp};

use super::cast::{Member, Planned};
use super::law::{COUNTY_SIGNED, NEWSLETTER_CHANGED};
use super::world::World;

/// The most people who come in at once.
const BATCH: usize = 500;
/// How many days of daily work are in the ledger.
const WORK_DAYS: u32 = 20;

/// Something that happens.
pub(crate) enum Step {
    /// People come in.
    Admit {
        company: &'static str,
        region: Region,
        source: String,
        members: Vec<Member>,
        people: Vec<Newcomer>,
    },
    /// The newsletter's notice changes.
    Newsletter,
    /// The county signs.
    County,
    /// Some take the newsletter back.
    Withdraw,
    /// Some object, opt out, ask for a stop.
    Wishes,
    /// A working day: views by support, sales and billing.
    Work(u32),
    /// The newsletter goes out, where it may.
    Campaign,
    /// An insurer asks for brushing data.
    Insurer,
    /// Dentists get their page.
    Dentist,
    /// Repairs and parcels.
    Errands,
    /// People of an import are told.
    Inform,
    /// People look at their own data.
    Portal,
    /// One customer is erased.
    Erase,
    /// Devices send.
    Readings,
}

impl Step {
    /// How much work it is, in people.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Self::Admit { people, .. } => people.len() as u64,
            _ => 20,
        }
    }
}

/// Everything that happens, by time.
pub(crate) fn of(planned: Vec<Planned>, world: &World, at: Timestamp) -> Vec<(Timestamp, Step)> {
    let ago = |days: u32, hours: u32| at.minus(Span::days(days)).minus(Span::hours(hours));
    let mut all: Vec<(Timestamp, Step)> = admissions(planned);
    let withdrawn = world.mixture.iter().flat_map(|mixture| &mixture.grants);
    let withdrawn = withdrawn.filter_map(|row| row.withdrawn_days_ago).next().unwrap_or(14);
    all.extend([
        (ago(NEWSLETTER_CHANGED, 0), Step::Newsletter),
        (ago(COUNTY_SIGNED, 0), Step::County),
        (ago(withdrawn, 0), Step::Withdraw),
        (ago(13, 2), Step::Wishes),
        (ago(9, 3), Step::Campaign),
        (ago(8, 5), Step::Insurer),
        (ago(7, 1), Step::Dentist),
        (ago(6, 4), Step::Errands),
        (ago(3, 9), Step::Inform),
        (ago(3, 2), Step::Erase),
        (ago(1, 6), Step::Portal),
        (ago(0, 20), Step::Readings),
    ]);
    all.extend((1..=WORK_DAYS).map(|day| (ago(day, 7), Step::Work(day))));
    all.sort_by_key(|(time, _)| *time);
    all
}

fn admissions(planned: Vec<Planned>) -> Vec<(Timestamp, Step)> {
    let mut groups: BTreeMap<_, Vec<(Member, Newcomer)>> = BTreeMap::new();
    for one in planned {
        let key = (one.member.admitted, one.member.company, one.region, one.source);
        groups.entry(key).or_default().push((one.member, one.newcomer));
    }
    let mut all = Vec::new();
    for ((time, company, region, source), mut group) in groups {
        while !group.is_empty() {
            let rest = group.split_off(group.len().min(BATCH));
            let (members, people) = group.into_iter().unzip();
            all.push((
                time,
                Step::Admit { company, region: region.clone(), source: source.clone(), members, people },
            ));
            group = rest;
        }
    }
    all
}
