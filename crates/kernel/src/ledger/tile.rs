//! C2SP tlog-tiles: how the tree and its entries lie in files of 256, and how they grow.
//!
//! [`Edge`] is the right edge of the log held in memory: it takes entries and yields the tiles that changed.
//! [`TileReader`] reads proofs back out of tiles wherever they are kept. Neither touches a file.

use std::collections::BTreeMap;

use super::LedgerError;
use super::merkle::{self, Hash, Tree, leaf_hash, root_of};

/// Hashes or entries in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Subtree hashes at this level: level 0 holds leaf hashes.
    Hashes(u8),
    /// Length-prefixed entries.
    Entries,
}

/// The name of one tile or entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// What it holds.
    pub kind: TileKind,
    /// Its index within its level.
    pub index: u64,
    /// How many items it holds, 1 to 256; below 256 it is partial.
    pub width: u16,
}

impl TileId {
    /// The path below the log's prefix, such as `tile/0/x001/234.p/5`.
    pub fn path(&self) -> String {
        let kind = match self.kind {
            TileKind::Hashes(level) => level.to_string(),
            TileKind::Entries => "entries".to_owned(),
        };
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        let partial = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{kind}/{groups}{partial}")
    }

    /// Whether it holds 256 items.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// Reads a path; exactly what [`TileId::path`] writes.
    pub fn parse(path: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("tile path");
        let (kind, rest) = path.strip_prefix("tile/").and_then(|p| p.split_once('/')).ok_or(BAD)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(level.parse().ok().filter(|l| *l < 64).ok_or(BAD)?),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => {
                (groups, width.parse().ok().filter(|w| (1..256).contains(w)).ok_or(BAD)?)
            }
            None => (rest, 256u16),
        };
        let digits: String = groups.chars().filter(|c| !matches!(c, 'x' | '/')).collect();
        let id = Self { kind, index: digits.parse().map_err(|_| BAD)?, width };
        if id.path() == path { Ok(id) } else { Err(BAD) }
    }

    /// The tile with this kind and index as it stands in a log of `size` entries; none if it has no items yet.
    pub fn in_log(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let held = match kind {
            TileKind::Hashes(level) => at_level(size, level),
            TileKind::Entries => size,
        };
        let width = held.saturating_sub(index.checked_mul(TILE_WIDTH)?).min(TILE_WIDTH);
        u16::try_from(width).ok().filter(|w| *w > 0).map(|width| Self { kind, index, width })
    }
}

/// How many hashes level `level` has in a log of `size` entries.
fn at_level(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0)
}

/// Splits the bytes of a hash tile.
pub fn parse_hashes(id: &TileId, bytes: &[u8]) -> Result<Vec<Hash>, LedgerError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() != usize::from(id.width) {
        return Err(LedgerError::Malformed("tile of another length"));
    }
    Ok(hashes.to_vec())
}

/// Splits the bytes of an entry bundle; each entry is prefixed by its length (u16, big-endian).
pub fn parse_bundle<'a>(id: &TileId, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, LedgerError> {
    const BAD: LedgerError = LedgerError::Malformed("entry bundle cut short or too long");
    let mut entries = Vec::with_capacity(usize::from(id.width));
    let mut rest = bytes;
    while entries.len() < usize::from(id.width) {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(BAD)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(BAD)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BAD) }
}

/// A tile to be written: its name and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileData {
    /// Its name.
    pub id: TileId,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The right edge of a log: the partial tile of each level and the partial bundle.
///
/// Clone it before an append that is yet to be made durable, and keep the clone if storing fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
    bundle: Vec<u8>,
}

impl Edge {
    /// The edge of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the edge of a log of `size` entries from its partial tiles; the caller compares [`Edge::root`].
    pub fn load<E: From<LedgerError>>(
        size: u64,
        mut get: impl FnMut(&TileId) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let mut edge = Self { size, ..Self::default() };
        for level in 0..8 {
            let held = at_level(size, level);
            if held == 0 {
                break;
            }
            edge.levels.push(match TileId::in_log(TileKind::Hashes(level), held / TILE_WIDTH, size) {
                Some(id) => parse_hashes(&id, &get(&id)?)?,
                None => Vec::new(),
            });
        }
        if let Some(id) = TileId::in_log(TileKind::Entries, size / TILE_WIDTH, size) {
            edge.bundle = get(&id)?;
            let leaves: Vec<Hash> = parse_bundle(&id, &edge.bundle)?.into_iter().map(leaf_hash).collect();
            if edge.levels.first() != Some(&leaves) {
                return Err(LedgerError::Inclusion.into());
            }
        }
        Ok(edge)
    }

    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all entries.
    pub fn root(&self) -> Hash {
        self.tree().root()
    }

    /// The frontier of the whole tree.
    pub fn tree(&self) -> Tree {
        let mut stack = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while let Some(bit) = rest.len().checked_ilog2() {
                let (full, after) = rest.split_at(1usize.wrapping_shl(bit));
                stack.push(root_of(full));
                rest = after;
            }
        }
        Tree::from_parts(self.size, stack).unwrap_or_default()
    }

    /// Adds entries in order and returns every tile and bundle that is new or changed. The first entry gets
    /// index [`Edge::size`] as it was before.
    pub fn append<B: AsRef<[u8]>>(&mut self, entries: &[B]) -> Result<Vec<TileData>, LedgerError> {
        if entries.iter().any(|entry| entry.as_ref().len() > usize::from(u16::MAX)) {
            return Err(LedgerError::Malformed("entry longer than 65535 bytes"));
        }
        let before = self.size;
        let mut changed = Vec::new();
        for entry in entries {
            self.push_entry(entry.as_ref(), &mut changed);
        }
        self.push_partials(before, &mut changed);
        Ok(changed)
    }

    fn push_entry(&mut self, entry: &[u8], changed: &mut Vec<TileData>) {
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes();
        self.bundle.extend_from_slice(&length);
        self.bundle.extend_from_slice(entry);
        self.size = self.size.saturating_add(1);
        let mut hash = leaf_hash(entry);
        for level in 0..8u8 {
            let place = usize::from(level);
            if self.levels.len() <= place {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(place) else { return };
            hashes.push(hash);
            if (hashes.len() as u64) < TILE_WIDTH {
                break;
            }
            let full = std::mem::take(hashes);
            hash = root_of(&full);
            changed.push(self.tile(TileKind::Hashes(level), full.as_flattened().to_vec(), true));
        }
        if self.size.is_multiple_of(TILE_WIDTH) {
            let bytes = std::mem::take(&mut self.bundle);
            changed.push(self.tile(TileKind::Entries, bytes, true));
        }
    }

    fn tile(&self, kind: TileKind, bytes: Vec<u8>, full: bool) -> TileData {
        let held = match kind {
            TileKind::Hashes(level) => at_level(self.size, level),
            TileKind::Entries => self.size,
        };
        let (index, width) = if full {
            ((held / TILE_WIDTH).saturating_sub(1), 256)
        } else {
            (held / TILE_WIDTH, held % TILE_WIDTH)
        };
        TileData { id: TileId { kind, index, width: u16::try_from(width).unwrap_or(u16::MAX) }, bytes }
    }

    fn push_partials(&self, before: u64, changed: &mut Vec<TileData>) {
        for (level, hashes) in (0u8..).zip(&self.levels) {
            if at_level(before, level) != at_level(self.size, level) && !hashes.is_empty() {
                changed.push(self.tile(TileKind::Hashes(level), hashes.as_flattened().to_vec(), false));
            }
        }
        if before != self.size && !self.bundle.is_empty() {
            changed.push(self.tile(TileKind::Entries, self.bundle.clone(), false));
        }
    }
}

/// Makes proofs for a log of a given size from its tiles, each read once.
pub struct TileReader<G> {
    size: u64,
    get: G,
    seen: BTreeMap<TileId, Vec<Hash>>,
}

impl<G, E> TileReader<G>
where
    G: FnMut(&TileId) -> Result<Vec<u8>, E>,
    E: From<LedgerError>,
{
    /// A reader of the log as it was at `size` entries; `get` returns the bytes of a tile.
    pub fn new(size: u64, get: G) -> Self {
        Self { size, get, seen: BTreeMap::new() }
    }

    /// The hash of the full subtree over leaves `index << height .. (index + 1) << height`.
    pub fn node(&mut self, height: u32, index: u64) -> Result<Hash, E> {
        const BAD: LedgerError = LedgerError::Malformed("node outside the tree");
        let level = u8::try_from(height / 8).map_err(|_| BAD)?;
        let width = 1u64.wrapping_shl(height % 8);
        let first = index.checked_mul(width).ok_or(BAD)?;
        let id = TileId::in_log(TileKind::Hashes(level), first / TILE_WIDTH, self.size).ok_or(BAD)?;
        if !self.seen.contains_key(&id) {
            let hashes = parse_hashes(&id, &(self.get)(&id)?)?;
            self.seen.insert(id, hashes);
        }
        let from = usize::try_from(first % TILE_WIDTH).map_err(|_| BAD)?;
        let to = from.saturating_add(usize::try_from(width).map_err(|_| BAD)?);
        let hashes = self.seen.get(&id).and_then(|hashes| hashes.get(from..to)).ok_or(BAD)?;
        Ok(root_of(hashes))
    }

    /// The inclusion proof of the entry at `index`.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, E> {
        merkle::prove_inclusion(index, self.size, |height, at| self.node(height, at))
    }

    /// The proof that this log extends itself as it was at `old` entries.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Hash>, E> {
        merkle::prove_consistency(old, self.size, |height, at| self.node(height, at))
    }
}
