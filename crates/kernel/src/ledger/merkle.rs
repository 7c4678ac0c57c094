//! RFC 6962 Merkle tree: hashes, the frontier that grows it, proofs and their verification (RFC 9162 §2.1).
//!
//! A stored node is named by `(height, index)`: the hash of the full subtree over leaves
//! `index << height .. (index + 1) << height`. Proofs are made from such nodes wherever they are kept.

use sha2::{Digest, Sha256};

use super::LedgerError;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Hash of a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0u8]).chain_update(entry).finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1u8]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of the tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A growing tree of which only the right frontier is kept: one hash per set bit of the size, largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    stack: Vec<Hash>,
}

impl Tree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree from its size and frontier hashes, largest subtree first.
    pub fn from_parts(size: u64, stack: Vec<Hash>) -> Result<Self, LedgerError> {
        if stack.len() != size.count_ones() as usize {
            return Err(LedgerError::Malformed("frontier does not fit the size"));
        }
        Ok(Self { size, stack })
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The frontier hashes, largest subtree first.
    pub fn frontier(&self) -> &[Hash] {
        &self.stack
    }

    /// Adds one leaf by its hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.stack.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.stack.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        let mut from_right = self.stack.iter().rev();
        match from_right.next() {
            None => empty_root(),
            Some(smallest) => from_right.fold(*smallest, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root over leaf hashes.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.append(*leaf));
    tree.root()
}

/// Largest power of two below `len`, for `len >= 2`.
fn split(len: u64) -> u64 {
    let bits = len.saturating_sub(1).checked_ilog2().unwrap_or(0);
    1u64.checked_shl(bits).unwrap_or(0)
}

/// Makes proofs from stored nodes; `node(height, index)` returns the hash of a full subtree.
struct Prover<'a, E> {
    node: &'a mut dyn FnMut(u32, u64) -> Result<Hash, E>,
    proof: Vec<Hash>,
}

impl<E> Prover<'_, E> {
    fn range(&mut self, start: u64, len: u64) -> Result<Hash, E> {
        if len.is_power_of_two() {
            let height = len.trailing_zeros();
            return (self.node)(height, start.checked_shr(height).unwrap_or(0));
        }
        let k = split(len);
        let left = self.range(start, k)?;
        let right = self.range(start.saturating_add(k), len.saturating_sub(k))?;
        Ok(node_hash(&left, &right))
    }

    fn push_range(&mut self, start: u64, len: u64) -> Result<(), E> {
        let hash = self.range(start, len)?;
        self.proof.push(hash);
        Ok(())
    }

    fn path(&mut self, index: u64, start: u64, len: u64) -> Result<(), E> {
        if len < 2 {
            return Ok(());
        }
        let k = split(len);
        let (middle, rest) = (start.saturating_add(k), len.saturating_sub(k));
        if index < middle {
            self.path(index, start, k)?;
            self.push_range(middle, rest)
        } else {
            self.path(index, middle, rest)?;
            self.push_range(start, k)
        }
    }

    fn subproof(&mut self, old: u64, start: u64, len: u64, whole: bool) -> Result<(), E> {
        if old == len {
            return if whole { Ok(()) } else { self.push_range(start, len) };
        }
        let k = split(len);
        let (middle, rest) = (start.saturating_add(k), len.saturating_sub(k));
        if old <= k {
            self.subproof(old, start, k, whole)?;
            self.push_range(middle, rest)
        } else {
            self.subproof(old.saturating_sub(k), middle, rest, false)?;
            self.push_range(start, k)
        }
    }
}

/// The hashes that lead from leaf `index` to the root of a tree of `size` leaves, leaf's sibling first.
pub fn prove_inclusion<E: From<LedgerError>>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if index >= size {
        return Err(LedgerError::Malformed("index beyond the tree").into());
    }
    let mut prover = Prover { node: &mut node, proof: Vec::new() };
    prover.path(index, 0, size)?;
    Ok(prover.proof)
}

/// The hashes that show that the tree of `new` leaves extends the tree of `old` leaves.
pub fn prove_consistency<E: From<LedgerError>>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old > new {
        return Err(LedgerError::Inconsistent.into());
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut prover = Prover { node: &mut node, proof: Vec::new() };
    prover.subproof(old, 0, new, true)?;
    Ok(prover.proof)
}

/// Shifts both right until the low bit of `a` is set or `a` is 0.
fn climb(a: &mut u64, b: &mut u64) {
    while *a & 1 == 0 && *a != 0 {
        step(a, b);
    }
}

fn step(a: &mut u64, b: &mut u64) {
    *a = a.wrapping_shr(1);
    *b = b.wrapping_shr(1);
}

/// Checks that `leaf` stands at `index` in the tree with this size and root (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), LedgerError> {
    if index >= size {
        return Err(LedgerError::Inclusion);
    }
    let (mut at, mut last, mut hash) = (index, size.saturating_sub(1), *leaf);
    for other in proof {
        if last == 0 {
            return Err(LedgerError::Inclusion);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(other, &hash);
            climb(&mut at, &mut last);
        } else {
            hash = node_hash(&hash, other);
        }
        step(&mut at, &mut last);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(LedgerError::Inclusion) }
}

/// Checks that the new tree extends the old one (RFC 9162 §2.1.4.2).
pub fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> Result<(), LedgerError> {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    let holds = match old_size {
        _ if old_size > new_size => false,
        _ if old_size == new_size => proof.is_empty() && old_root == new_root,
        0 => proof.is_empty() && *old_root == empty_root(),
        _ => climb_consistency(old, new, proof),
    };
    if holds { Ok(()) } else { Err(LedgerError::Inconsistent) }
}

fn climb_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    let (mut at, mut last) = (old_size.saturating_sub(1), new_size.saturating_sub(1));
    while at & 1 == 1 {
        step(&mut at, &mut last);
    }
    let (first, rest) = match (old_size.is_power_of_two(), proof.split_first()) {
        (true, _) => (old_root, proof),
        (false, Some((first, rest))) => (first, rest),
        (false, None) => return false,
    };
    let (mut was, mut is) = (*first, *first);
    for other in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            was = node_hash(other, &was);
            is = node_hash(other, &is);
            climb(&mut at, &mut last);
        } else {
            is = node_hash(&is, other);
        }
        step(&mut at, &mut last);
    }
    last == 0 && was == *old_root && is == *new_root
}
