//! Checking an exported log: a directory in C2SP form (`checkpoint`, `tile/…`, `tile/entries/…`).
//!
//! Every hash is made again from the entries. A tile that differs by one byte, an entry in another form, a
//! missing or an unexpected file is found.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use assent_kernel::ledger::merkle::verify_consistency;
use assent_kernel::ledger::policy::AcceptedHead;
use assent_kernel::ledger::tile::{TileData, TileId, TileKind, parse_bundle};
use assent_kernel::ledger::{Checkpoint, Edge, Entry, Freshness, LedgerError, Note, Policy, TileReader};

use crate::receipt::read_policy;
use crate::verdict::Failure;

/// The policy that an export may carry with it; trusting it trusts the export.
pub const POLICY_FILE: &str = "assent-ledger.txt";

/// Longest file read: a bundle of 256 entries of the greatest length the format allows.
const MAX_FILE: u64 = 256 * (2 + 65_535);
/// Deepest directory below `tile`: a level and seven groups of three digits, and the width.
const MAX_DEPTH: usize = 10;

/// What an export was found to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// The signed head.
    pub head: AcceptedHead,
    /// How many entries of each kind (its word).
    pub kinds: BTreeMap<&'static str, u64>,
    /// How many files were compared.
    pub files: u64,
    /// Whether the keys came from the export itself: then it shows only that the export agrees with itself.
    pub own_policy: bool,
}

/// Checks every byte of an exported log against its signed head.
pub fn check_export(
    dir: &Path,
    policy: Option<&Policy>,
    fresh: Option<Freshness>,
) -> Result<ExportReport, Failure> {
    check_export_telling(dir, policy, fresh, &mut |_, _| {})
}

/// The same; tells how many entries of how many are read.
pub fn check_export_telling(
    dir: &Path,
    policy: Option<&Policy>,
    fresh: Option<Freshness>,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<ExportReport, Failure> {
    let own = match policy {
        Some(_) => None,
        None => Some(read_policy(&read_text(dir, POLICY_FILE)?).map_err(|e| Failure::at(POLICY_FILE, e))?),
    };
    let policy = policy.or(own.as_ref()).ok_or_else(|| Failure::malformed("no policy"))?;
    let note = Note::parse(&read_text(dir, "checkpoint")?).map_err(|e| Failure::at("checkpoint", e))?;
    let head = policy.accept(&note, fresh).map_err(|e| Failure::at("checkpoint", e))?;
    let mut rebuilt =
        Rebuilt { dir, size: head.checkpoint.size, edge: Edge::new(), kinds: BTreeMap::new(), files: 0 };
    rebuilt.read_all(tell)?;
    if rebuilt.edge.root() != head.checkpoint.root {
        return Err(Failure::at("checkpoint root", LedgerError::Inclusion));
    }
    let mut walk = Walk { dir, size: head.checkpoint.size, files: 0 };
    walk.folder("tile", 0)?;
    Ok(ExportReport { kinds: rebuilt.kinds, files: walk.files, own_policy: own.is_some(), head })
}

/// Shows from the tiles in `dir` that the log at `new` extends the log at `old`; both heads are already trusted.
pub fn check_consistency(dir: &Path, old: &Checkpoint, new: &Checkpoint) -> Result<(), Failure> {
    let inconsistent = || Failure::at("older checkpoint", LedgerError::Inconsistent);
    if old.origin != new.origin || old.size > new.size {
        return Err(inconsistent());
    }
    let proof = TileReader::new(new.size, |id: &TileId| tile_or_wider(dir, id)).consistency(old.size)?;
    verify_consistency((old.size, &old.root), (new.size, &new.root), &proof).map_err(|_| inconsistent())
}

struct Rebuilt<'a> {
    dir: &'a Path,
    size: u64,
    edge: Edge,
    kinds: BTreeMap<&'static str, u64>,
    files: u64,
}

impl Rebuilt<'_> {
    fn read_all(&mut self, tell: &mut dyn FnMut(u64, u64)) -> Result<(), Failure> {
        let size = self.size;
        let mut bundles = (0u64..).map_while(|index| TileId::in_log(TileKind::Entries, index, size));
        bundles.try_for_each(|id| {
            self.bundle(&id)?;
            tell(self.edge.size(), size);
            Ok(())
        })
    }

    fn bundle(&mut self, id: &TileId) -> Result<(), Failure> {
        let path = id.path();
        let bytes = read(self.dir, &path)?;
        let entries = parse_bundle(id, &bytes).map_err(|e| Failure::at(&path, e))?;
        for entry in &entries {
            let kind = Entry::decode(entry).map_err(|e| Failure::at(&path, e))?.kind;
            let count = self.kinds.entry(kind.word()).or_default();
            *count = count.saturating_add(1);
        }
        let tiles = self.edge.append(&entries).map_err(|e| Failure::at(&path, e))?;
        tiles.iter().try_for_each(|tile| self.compare(tile))
    }

    /// Compares a rebuilt tile with the file, if a log of this size has it.
    fn compare(&mut self, tile: &TileData) -> Result<(), Failure> {
        if TileId::in_log(tile.id.kind, tile.id.index, self.size) != Some(tile.id) {
            return Ok(());
        }
        self.files = self.files.saturating_add(1);
        let path = tile.id.path();
        if read(self.dir, &path)? == tile.bytes {
            Ok(())
        } else {
            Err(Failure::at(&path, LedgerError::Inclusion))
        }
    }
}

/// Looks for files a log of this size does not have: only older partial tiles may remain, and they must be
/// beginnings of what took their place.
struct Walk<'a> {
    dir: &'a Path,
    size: u64,
    files: u64,
}

impl Walk<'_> {
    fn folder(&mut self, below: &str, depth: usize) -> Result<(), Failure> {
        let listing = match std::fs::read_dir(self.dir.join(below)) {
            Err(e) if e.kind() == ErrorKind::NotFound && self.size == 0 => return Ok(()),
            listing => listing.map_err(|e| Failure::malformed(format!("{below}: {e}")))?,
        };
        for item in listing {
            let item = item.map_err(|e| Failure::malformed(format!("{below}: {e}")))?;
            let name = item.file_name();
            let path = format!("{below}/{}", name.to_string_lossy());
            let kind = item.file_type().map_err(|e| Failure::malformed(format!("{path}: {e}")))?;
            match (kind.is_dir() && depth < MAX_DEPTH, kind.is_file()) {
                (true, _) => self.folder(&path, depth.saturating_add(1))?,
                (false, true) => self.file(&path)?,
                (false, false) => return Err(Failure::malformed(format!("{path}: not a plain file"))),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), Failure> {
        let id = TileId::parse(path).map_err(|e| Failure::at(path, e))?;
        let now = TileId::in_log(id.kind, id.index, self.size).filter(|now| now.width >= id.width);
        let now = now.ok_or_else(|| Failure::malformed(format!("{path}: not part of a log of this size")))?;
        self.files = self.files.saturating_add(1);
        if now != id && !read(self.dir, &now.path())?.starts_with(&self.part(path, &id)?) {
            return Err(Failure::at(path, LedgerError::Inclusion));
        }
        Ok(())
    }

    /// The bytes of an older partial tile, complete in itself.
    fn part(&self, path: &str, id: &TileId) -> Result<Vec<u8>, Failure> {
        let bytes = read(self.dir, path)?;
        let whole = match id.kind {
            TileKind::Entries => parse_bundle(id, &bytes).map(|_| ()),
            TileKind::Hashes(_) => assent_kernel::ledger::tile::parse_hashes(id, &bytes).map(|_| ()),
        };
        whole.map(|()| bytes).map_err(|e| Failure::at(path, e))
    }
}

/// A tile, or the beginning of the full tile that took its place.
fn tile_or_wider(dir: &Path, id: &TileId) -> Result<Vec<u8>, Failure> {
    if id.is_full() || dir.join(id.path()).exists() {
        return read(dir, &id.path());
    }
    let mut bytes = read(dir, &TileId { width: 256, ..*id }.path())?;
    bytes.truncate(usize::from(id.width).saturating_mul(32));
    Ok(bytes)
}

/// A file of an export, which must be a plain one: no link out of it, no pipe that never ends.
fn read(dir: &Path, path: &str) -> Result<Vec<u8>, Failure> {
    match dir.join(path).symlink_metadata() {
        Ok(known) if !known.is_file() => Err(Failure::malformed(format!("{path}: not a plain file"))),
        _ => read_any(dir, path),
    }
}

fn read_any(dir: &Path, path: &str) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::malformed(format!("{path}: {e}"));
    let mut bytes = Vec::new();
    File::open(dir.join(path)).map_err(failed)?.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A text file of bounded length.
pub(crate) fn read_text(dir: &Path, path: &str) -> Result<String, Failure> {
    String::from_utf8(read_any(dir, path)?).map_err(|_| Failure::malformed(format!("{path}: not UTF-8")))
}
