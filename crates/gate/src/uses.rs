//! Who used what: the sealed details of a person's entries, and receipts to take away.

use std::collections::BTreeSet;
use std::fmt;
use std::iter::Peekable;
use std::str::FromStr;

use assent_kernel::ledger::tile::{TileId, TileKind, parse_bundle};
use assent_kernel::ledger::{Detail, Entry, LedgerError, Note, Opening, Receipt};
use assent_kernel::{Matter, PersonId, PurposeKey, Role, Timestamp, TreeKey as _, UseKind};
use assent_store::{StoreError, ledger};

use crate::append::detail_place;
use crate::audience::read;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::integrate::{self, inclusion};
use crate::permit::Permit;
use crate::region::RegionStore;
use crate::seal::open;
use crate::start::Gate;

/// Which line of a person's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineId {
    /// An entry about them alone, by its number among theirs.
    Own(u64),
    /// Their line in a use on many people, by the number of that use.
    Among(u64),
}

/// Where a list goes on: after these lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct After {
    own: Option<u64>,
    among: Option<u64>,
}

/// A text that names no line, or no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such line")]
pub struct NoLine;

impl From<u64> for LineId {
    fn from(seq: u64) -> Self {
        Self::Own(seq)
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(seq) => write!(f, "{seq}"),
            Self::Among(n) => write!(f, "m{n}"),
        }
    }
}

impl FromStr for LineId {
    type Err = NoLine;
    fn from_str(text: &str) -> std::result::Result<Self, NoLine> {
        match text.strip_prefix('m') {
            Some(n) => n.parse().map(Self::Among).map_err(|_| NoLine),
            None => text.parse().map(Self::Own).map_err(|_| NoLine),
        }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
        write!(f, "{}-{}", number(self.own), number(self.among))
    }
}

impl FromStr for After {
    type Err = NoLine;
    fn from_str(text: &str) -> std::result::Result<Self, NoLine> {
        let number = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| NoLine),
        };
        let (own, among) = text.split_once('-').ok_or(NoLine)?;
        Ok(Self { own: number(own)?, among: number(among)? })
    }
}

impl After {
    /// The place after one more line.
    #[must_use]
    pub const fn and(self, line: LineId) -> Self {
        match line {
            LineId::Own(seq) => Self { own: Some(seq), ..self },
            LineId::Among(n) => Self { among: Some(n), ..self },
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct UseLine {
    /// Which line it is.
    pub id: LineId,
    /// Its index in the log, once it has one; of a use on many people that entry's.
    pub index: Option<u64>,
    /// In a use on many people, how many lines that has.
    pub among: Option<u64>,
    /// What happened, in the sealed half's words.
    pub detail: Detail,
}

fn number(n: Option<u64>) -> i64 {
    n.and_then(|n| i64::try_from(n).ok()).unwrap_or(i64::MAX)
}

impl Gate {
    /// What was done with a person's facts, newest first, from a place in the list on. Reading it is a use itself: it
    /// takes a permit for that person. The whole of it is for the person and for those who answer for it
    /// ([`Reach::All`]); any other permit shows what was done for its own purpose, and of that the kinds of facts that it
    /// opens.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when the permit is for somebody else; what the store said.
    pub async fn uses<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        after: After,
        most: u32,
    ) -> Result<Vec<UseLine>> {
        Ok(self.uses_page(permit, dossier, after, most).await?.0)
    }

    /// The same, with where the next page begins when there may be more; what may not be shown is no end of the list.
    ///
    /// # Errors
    /// As [`Gate::uses`].
    pub async fn uses_page<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        after: After,
        most: u32,
    ) -> Result<(Vec<UseLine>, Option<After>)> {
        own(permit, dossier)?;
        self.page_within(dossier, &Reach::of(permit, dossier), after, most).await
    }

    /// Every line about a person that has its index, for what the door itself has to know of them; so many at most.
    /// Whoever calls sees to it that every line has.
    pub(crate) async fn all_lines(&self, dossier: &Dossier, most: usize) -> Result<Vec<UseLine>> {
        const AT_ONCE: u32 = 500;
        let store = self.region(&dossier.region)?;
        let log = store.log(&self.company(dossier.person.company).await?.code);
        let (mut all, mut after) = (Vec::new(), After::default());
        while all.len() < most {
            let (lines, next) = page_of(store, &log, (dossier, &Reach::All), after, AT_ONCE).await?;
            all.extend(lines);
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        Ok(all)
    }

    async fn page_within(
        &self,
        dossier: &Dossier,
        reach: &Reach,
        after: After,
        most: u32,
    ) -> Result<(Vec<UseLine>, Option<After>)> {
        let store = self.region(&dossier.region)?;
        let log = store.log(&self.company(dossier.person.company).await?.code);
        integrate::gather(store, &log).await?;
        page_of(store, &log, (dossier, reach), after, most).await
    }

    /// The receipt of one line about a person: entry, opening and proof in one text. It holds the whole line, so it
    /// takes a permit that shows all of them.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when the permit is for somebody else or does not reach so far, or there is no such
    /// line; what the store said.
    pub async fn receipt<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        line: impl Into<LineId>,
        at: Timestamp,
    ) -> Result<String> {
        let person = own(permit, dossier)?;
        if !matches!(Reach::of(permit, dossier), Reach::All) {
            return Err(GateError::NoPerson);
        }
        let store = self.region(&dossier.region)?;
        let log = store.log(&self.company(dossier.person.company).await?.code);
        integrate::gather(store, &log).await?;
        let seq = match line.into() {
            LineId::Own(seq) => seq,
            LineId::Among(n) => return receipt_among(store, &log, dossier, n, at).await,
        };
        let after = i64::try_from(seq).unwrap_or(i64::MAX).saturating_add(1);
        let rows = store.data.read(move |tx| ledger::details(tx, person, after, 1)).await?;
        let row = rows
            .into_iter()
            .next()
            .filter(|row| u64::try_from(row.seq) == Ok(seq))
            .ok_or(GateError::NoPerson)?;
        let opened = opened(dossier, row.seq, &row.sealed)?;
        Ok(receipt_of(store, &log, Which::At(row.index), Some(opened), at).await?.encode())
    }
}

/// Lines about a person from a place in their list on, and where the next page begins when there may be more.
async fn page_of(
    store: &RegionStore,
    log: &str,
    (dossier, reach): (&Dossier, &Reach),
    after: After,
    most: u32,
) -> Result<(Vec<UseLine>, Option<After>)> {
    let Read { lines, place, oldest } =
        own_lines(store, (dossier.person.id, dossier), reach, number(after.own), most).await?;
    // Beyond the oldest that was read nothing is told yet, so no batch older than it is looked through.
    let from = oldest.unwrap_or(dossier.created_at);
    let before = number(after.among);
    let (among, last, more) = lines_among(store, log, (dossier, reach), (before, from), most).await?;
    let read = After {
        own: place.and_then(|place| u64::try_from(place).ok()).or(after.own),
        among: last.or(after.among),
    };
    let mut all: Vec<UseLine> = merged(lines.into_iter().peekable(), among.into_iter().peekable()).collect();
    if all.len() > most as usize {
        all.truncate(most as usize);
        let told = all.iter().fold(after, |after, line| after.and(line.id));
        return Ok((all, Some(told)));
    }
    Ok((all, (oldest.is_some() || more).then_some(read)))
}

/// Both in their own order, the newer first.
fn merged(
    mut own: Peekable<impl Iterator<Item = UseLine>>,
    mut among: Peekable<impl Iterator<Item = UseLine>>,
) -> impl Iterator<Item = UseLine> {
    std::iter::from_fn(move || match (own.peek(), among.peek()) {
        (Some(one), Some(other)) if one.detail.at < other.detail.at => among.next(),
        (Some(_), _) => own.next(),
        (None, _) => among.next(),
    })
}

async fn receipt_among(
    store: &RegionStore,
    log: &str,
    dossier: &Dossier,
    n: u64,
    at: Timestamp,
) -> Result<String> {
    let found = read::line(store, log, dossier, n).await?;
    let whole = receipt_of(store, log, Which::At(found.index), None, at).await?;
    let (entry, among, opened) = read::proof(store, dossier, &found, whole.entry).await?;
    Ok(Receipt { entry, among: Some(among), opened: Some(opened), ..whole }.encode())
}

fn own<U: UseKind>(permit: &Permit<U>, dossier: &Dossier) -> Result<PersonId> {
    if permit.person() == dossier.person.id { Ok(dossier.person.id) } else { Err(GateError::NoPerson) }
}

/// The most pages that are read to fill one, when lines are left out.
const MOST_PAGES: u32 = 400;
/// How many lines such a page has at least.
const READ_AT_ONCE: u32 = 256;

/// How far a permit reaches into what was done.
enum Reach {
    /// Every line: for the person, and for those who answer to them and to the authority.
    All,
    /// What was done for this purpose, with these kinds of facts.
    Own(PurposeKey, BTreeSet<String>, BTreeSet<String>),
}

impl Reach {
    fn of<U: UseKind>(permit: &Permit<U>, dossier: &Dossier) -> Self {
        let rights = permit.purpose.as_str().starts_with("rights.");
        match permit.role {
            Role::Person => return Self::All,
            Role::Dpo | Role::Auditor if rights => return Self::All,
            Role::Dpo | Role::Auditor | Role::System | Role::Admin | Role::Sales | Role::Support => {}
            Role::Marketing | Role::Billing | Role::Product => {}
        }
        let held = permit.open.keys().filter_map(|id| dossier.facts.get(id));
        let kinds = permit.ruling.verdicts.iter().filter_map(|(matter, verdict)| match matter {
            Matter::Kind(kind) if verdict.open().is_some() => Some(kind.to_string()),
            Matter::Kind(_) | Matter::Held(_) => None,
        });
        let kinds = held.map(|held| held.fact.category.to_string()).chain(kinds).collect();
        Self::Own(permit.purpose.clone(), kinds, permit.open.keys().map(ToString::to_string).collect())
    }

    /// How many lines are read at once to show so many.
    fn page(&self, most: u32) -> u32 {
        match self {
            Self::All => most,
            Self::Own(..) => most.max(READ_AT_ONCE),
        }
    }

    /// A line as far as it may be shown; nothing when nothing of it may be.
    fn shown(&self, mut line: Detail) -> Option<Detail> {
        let Self::Own(purpose, kinds, facts) = self else { return Some(line) };
        line.categories.retain(|kind| kinds.contains(kind));
        line.facts.retain(|fact| facts.contains(fact));
        // What was typed there is told with the fact that it is about, or not at all.
        line.note.clear();
        (line.purpose == purpose.as_str() && !line.categories.is_empty()).then_some(line)
    }
}

/// Lines as they were read.
struct Read {
    /// Those that may be shown.
    lines: Vec<UseLine>,
    /// The last that was read, shown or not.
    place: Option<i64>,
    /// When that was written; nothing when there is none older.
    oldest: Option<Timestamp>,
}

/// The lines that are a person's alone, before one of them, as far as they may be shown.
async fn own_lines(
    store: &RegionStore,
    (person, dossier): (PersonId, &Dossier),
    reach: &Reach,
    mut before: i64,
    most: u32,
) -> Result<Read> {
    let wanted = usize::try_from(most).unwrap_or(usize::MAX);
    let page = reach.page(most);
    let mut read = Read { lines: Vec::new(), place: None, oldest: None };
    for _ in 0..MOST_PAGES {
        let rows = store.data.read(move |tx| ledger::details(tx, person, before, page)).await?;
        let last = rows.len() < usize::try_from(page).unwrap_or(usize::MAX);
        for row in rows {
            before = row.seq;
            let (_, detail) = opened(dossier, row.seq, &row.sealed)?;
            let detail = Detail::decode(&detail)?;
            (read.place, read.oldest) = (Some(row.seq), Some(Timestamp::from_micros(detail.at)));
            let Some(detail) = reach.shown(detail) else { continue };
            let id = LineId::Own(u64::try_from(row.seq).unwrap_or(0));
            read.lines.push(UseLine { id, index: Some(row.index), among: None, detail });
            if read.lines.len() >= wanted {
                return Ok(read);
            }
        }
        if last {
            read.oldest = None;
            break;
        }
    }
    Ok(read)
}

/// A person's lines in uses on many, before one of them and not older than a time, as far as they may be shown; the
/// last that was read, and whether there may be more.
async fn lines_among(
    store: &RegionStore,
    log: &str,
    (dossier, reach): (&Dossier, &Reach),
    (mut before, from): (i64, Timestamp),
    most: u32,
) -> Result<(Vec<UseLine>, Option<u64>, bool)> {
    let wanted = usize::try_from(most).unwrap_or(usize::MAX);
    let page = reach.page(most);
    let (mut out, mut last) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let found = read::lines(store, log, dossier, before, from, page).await?;
        let end = found.len() < usize::try_from(page).unwrap_or(usize::MAX);
        for one in found {
            (before, last) = (number(Some(one.n)), Some(one.n));
            let Some(detail) = reach.shown(one.detail) else { continue };
            let (id, index) = (LineId::Among(one.n), Some(one.index));
            out.push(UseLine { id, index, among: Some(one.people), detail });
            if out.len() >= wanted {
                return Ok((out, last, true));
            }
        }
        if end {
            return Ok((out, last, false));
        }
    }
    Ok((out, last, true))
}

/// The secret and the detail of an entry.
fn opened(dossier: &Dossier, seq: i64, sealed: &[u8]) -> Result<(Opening, Vec<u8>)> {
    let plain = open(dossier.key.detail().bytes(), &detail_place(dossier.person.id, seq), sealed)?;
    let (nonce, detail) = plain.split_first_chunk::<16>().ok_or(GateError::Unreadable)?;
    Ok((Opening::new(dossier.key.salt().bytes(), nonce), detail.to_vec()))
}

/// How often a receipt waits for a head that covers its entry: another may be signing at this moment.
const MOST_WAITS: u32 = 40;
/// The pause between.
const WAIT: std::time::Duration = std::time::Duration::from_millis(50);

/// An entry of a log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// The one with this index.
    At(u64),
    /// The one that was queued under this number.
    Queued(i64),
}

/// A receipt of an entry under the newest signed head.
pub(crate) async fn receipt_of(
    store: &RegionStore,
    log: &str,
    which: Which,
    opened: Option<(Opening, Vec<u8>)>,
    at: Timestamp,
) -> Result<Receipt> {
    for _ in 0..MOST_WAITS {
        integrate::integrate(store, log, at).await?;
        let name = log.to_owned();
        let found = store.data.read(move |tx| proven(tx, &name, which)).await?;
        if let Some((index, hashes, entry, checkpoint)) = found {
            Entry::decode(&entry)?;
            let note = Note::parse(&checkpoint)?;
            return Ok(Receipt { index, hashes, note, entry, among: None, opened });
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(GateError::Busy)
}

/// Index, proof, entry and signed head.
type Proven = (u64, Vec<[u8; 32]>, Vec<u8>, String);

/// What proves an entry, once a signed head covers it.
fn proven(
    tx: &mut assent_store::Tx<'_>,
    log: &str,
    which: Which,
) -> std::result::Result<Option<Proven>, StoreError> {
    let index = match which {
        Which::At(index) => Some(index),
        Which::Queued(queued) => ledger::index_of(tx, queued)?,
    };
    let Some(index) = index else { return Ok(None) };
    let head = ledger::head(tx, log, false)?.ok_or(StoreError::Moved)?;
    let Some(checkpoint) = head.checkpoint.filter(|_| index < head.signed_size) else { return Ok(None) };
    let hashes = inclusion(tx, log, index, head.signed_size)?;
    let entry = entry(tx, log, index, head.size)?;
    Ok(Some((index, hashes, entry, checkpoint)))
}

fn entry(
    tx: &mut assent_store::Tx<'_>,
    log: &str,
    index: u64,
    size: u64,
) -> std::result::Result<Vec<u8>, StoreError> {
    let damaged = |error: LedgerError| StoreError::Damaged(format!("the ledger: {error}"));
    let missing = || damaged(LedgerError::Inclusion);
    let id = TileId::in_log(TileKind::Entries, index / 256, size).ok_or_else(missing)?;
    let bytes = integrate::tile(tx, log, &id)?.ok_or_else(missing)?;
    let entries = parse_bundle(&id, &bytes).map_err(damaged)?;
    let at = usize::try_from(index % 256).unwrap_or(usize::MAX);
    entries.get(at).map(|entry| entry.to_vec()).ok_or_else(missing)
}
