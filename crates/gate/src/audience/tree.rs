//! The lines of a batch in their order: the parts they are stored in, and the tree over them.

use std::collections::HashSet;

use assent_kernel::PersonId;
use assent_kernel::ledger::among::{CHUNK, TAG, chunk_digest, set_hash};
use assent_kernel::ledger::merkle::root_of;
use assent_kernel::ledger::{Hash, LedgerError, TileId, TileReader, Tree};
use assent_store::batches::{self, Part, SEALED_PARTS, TAG_PARTS};
use assent_store::{StoreError, Tx};

use crate::seal::random;

/// A line, and whose it is; that stays in memory.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) tag: u64,
    pub(super) hash: Hash,
    pub(super) person: PersonId,
    pub(super) epoch: u64,
    pub(super) mark: (i64, i64),
    pub(super) permitted: bool,
    pub(super) form: u16,
    /// Where the sealed part lies among all.
    pub(super) from: usize,
    pub(super) length: u16,
}

/// What is left of the lines once their parts are stored: enough to finish the tree.
pub(super) struct Roots {
    people: u64,
    full: Vec<Hash>,
    /// The hashes of the last chunk, if it is not full.
    last: Vec<Hash>,
    digests: Vec<Hash>,
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("a use on many people: {what}"))
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A tag as the store sorts it.
pub(super) const fn sortable(tag: u64) -> i64 {
    (tag ^ (1 << 63)).cast_signed()
}

/// The parts of one chunk of lines.
pub(super) fn parts(chunk: usize, lines: &[Line], sealed: &[u8], roots: &mut Roots) -> Vec<Part> {
    let tags: Vec<u8> = lines.iter().flat_map(|line| line.tag.to_be_bytes()).collect();
    let hashes: Vec<Hash> = lines.iter().map(|line| line.hash).collect();
    let mut bodies = Vec::new();
    for line in lines {
        let own = sealed.get(line.from..line.from + usize::from(line.length)).unwrap_or_default();
        bodies.extend_from_slice(&line.length.to_be_bytes());
        bodies.extend_from_slice(own);
    }
    roots.people += lines.len() as u64;
    roots.digests.push(chunk_digest(&tags));
    if lines.len() == CHUNK {
        roots.full.push(root_of(&hashes));
    } else {
        roots.last.clone_from(&hashes);
    }
    let first = lines.first().map_or(0, |line| sortable(line.tag));
    let which = u32::try_from(chunk).unwrap_or(u32::MAX).to_be_bytes();
    let n = number(chunk);
    vec![
        Part { level: TAG_PARTS, n: first, body: which.into_iter().chain(tags).collect() },
        Part { level: SEALED_PARTS, n, body: bodies },
        Part { level: 0, n, body: hashes.as_flattened().to_vec() },
    ]
}

/// Where a tag stands in a part of tags: the line's place.
pub(super) fn place(part: &[u8], tag: u64) -> Option<u64> {
    let (chunk, tags) = part.split_first_chunk::<4>()?;
    let at = tags.chunks_exact(TAG).position(|one| *one == tag.to_be_bytes())?;
    Some(u64::from(u32::from_be_bytes(*chunk)) * CHUNK as u64 + at as u64)
}

/// Where in a part of sealed bytes those of a line lie.
fn within(part: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    for n in 0..=at {
        let length = part.get(from..)?.first_chunk::<2>().map(|two| u16::from_be_bytes(*two))?;
        let own = from + 2..from + 2 + usize::from(length);
        if n == at {
            return part.get(own.clone()).map(|_| own);
        }
        from = own.end;
    }
    None
}

fn split(place: u64) -> (i64, usize) {
    let chunk = CHUNK as u64;
    (i64::try_from(place / chunk).unwrap_or(i64::MAX), usize::try_from(place % chunk).unwrap_or(usize::MAX))
}

/// What is sealed for the line at a place; empty when it was left blank.
pub(super) fn own(tx: &mut Tx<'_>, batch: [u8; 16], place: u64) -> Result<Vec<u8>, StoreError> {
    let (chunk, at) = split(place);
    let part = batches::part(tx, batch, SEALED_PARTS, chunk)?.ok_or_else(|| damaged("a part is gone"))?;
    let range = within(&part, at).ok_or_else(|| damaged("a part does not read"))?;
    Ok(part.get(range).unwrap_or_default().to_vec())
}

enum Reading {
    Store(StoreError),
    Ledger(LedgerError),
}
impl From<LedgerError> for Reading {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// The hash stored for the line at a place, and the path from it to the root.
pub(super) fn path(
    tx: &mut Tx<'_>,
    batch: [u8; 16],
    place: u64,
    people: u64,
) -> Result<(Hash, Vec<Hash>), StoreError> {
    let tile = |id: &TileId| match id.kind {
        assent_kernel::ledger::tile::TileKind::Hashes(level) => {
            let found = batches::part(tx, batch, level.into(), i64::try_from(id.index).unwrap_or(i64::MAX));
            found.map_err(Reading::Store)?.ok_or_else(|| Reading::Store(damaged("a part is gone")))
        }
        assent_kernel::ledger::tile::TileKind::Entries => Err(Reading::Ledger(LedgerError::Inclusion)),
    };
    let mut tree = TileReader::new(people, tile);
    let found = tree.node(0, place).and_then(|hash| Ok((hash, tree.inclusion(place)?)));
    found.map_err(|error| match error {
        Reading::Store(error) => error,
        Reading::Ledger(error) => damaged(&error.to_string()),
    })
}

impl Roots {
    pub(super) const fn new() -> Self {
        Self { people: 0, full: Vec::new(), last: Vec::new(), digests: Vec::new() }
    }

    pub(super) const fn people(&self) -> u64 {
        self.people
    }

    /// Who was asked about.
    pub(super) fn asked(&self) -> Hash {
        set_hash(&self.digests)
    }

    /// The root over all lines.
    pub(super) fn root(&self) -> Result<Hash, StoreError> {
        let frontier = |leaves: &[Hash]| {
            let mut tree = Tree::new();
            leaves.iter().for_each(|leaf| tree.append(*leaf));
            tree.frontier().to_vec()
        };
        let stack = [frontier(&self.full), frontier(&self.last)].concat();
        Tree::from_parts(self.people, stack)
            .map(|tree| tree.root())
            .map_err(|error| damaged(&error.to_string()))
    }

    /// The tiles above the chunks.
    pub(super) fn tiles(&self) -> Vec<Part> {
        let mut out = Vec::new();
        let (mut nodes, mut level) = (self.full.clone(), 1);
        while !nodes.is_empty() {
            let tile = |(n, some): (usize, &[Hash])| Part {
                level,
                n: number(n),
                body: some.as_flattened().to_vec(),
            };
            out.extend(nodes.chunks(CHUNK).enumerate().map(tile));
            nodes = nodes.chunks_exact(CHUNK).map(root_of).collect();
            level += 1;
        }
        out
    }

    /// Leaves the lines at these places blank: a random hash, and nothing of the person's.
    pub(super) fn blank(
        &mut self,
        tx: &mut Tx<'_>,
        batch: [u8; 16],
        places: &[u64],
    ) -> Result<(), StoreError> {
        let gone = || damaged("a part is gone");
        let mut chunks: HashSet<i64> = HashSet::new();
        for place in places {
            let (n, at) = split(*place);
            let mut hashes = batches::part(tx, batch, 0, n)?.ok_or_else(gone)?;
            let noise: Hash = random().map_err(|_| damaged("the system has no random bytes"))?;
            hashes.get_mut(at * 32..at * 32 + 32).ok_or_else(gone)?.copy_from_slice(&noise);
            batches::replace(tx, batch, &Part { level: 0, n, body: hashes })?;
            let mut sealed = batches::part(tx, batch, SEALED_PARTS, n)?.ok_or_else(gone)?;
            let own = within(&sealed, at).ok_or_else(gone)?;
            sealed.splice(own.start - 2..own.end, [0, 0]);
            batches::replace(tx, batch, &Part { level: SEALED_PARTS, n, body: sealed })?;
            chunks.insert(n);
        }
        for n in chunks {
            let hashes = batches::part(tx, batch, 0, n)?.ok_or_else(gone)?;
            let hashes: Vec<Hash> = hashes.chunks_exact(32).filter_map(|one| one.try_into().ok()).collect();
            let full = usize::try_from(n).ok().and_then(|n| self.full.get_mut(n));
            match full {
                Some(root) => *root = root_of(&hashes),
                None => self.last = hashes,
            }
        }
        Ok(())
    }
}
