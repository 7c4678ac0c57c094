//! The tree against the naive definition of RFC 6962, and tiles against the examples of the C2SP text.

use proptest::prelude::*;

use super::merkle::{self, empty_root, leaf_hash, node_hash, verify_consistency, verify_inclusion};
use super::tile::{TileKind, parse_bundle};
use super::*;

/// MTH(D[n]) as RFC 6962 §2.1 writes it.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// Full subtrees straight from the leaves.
fn node_of(leaves: &[Hash]) -> impl Fn(u32, u64) -> Result<Hash, LedgerError> + '_ {
    |height, index| Ok(naive_root(&leaves[(index << height) as usize..((index + 1) << height) as usize]))
}

#[test]
fn known_roots() {
    let hex = |h: Hash| h.iter().map(|b| format!("{b:02x}")).collect::<String>();
    // RFC 6962 test vectors as in Certificate Transparency's own tests.
    assert_eq!(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    let inputs: [&[u8]; 3] = [&[], &[0], &[0x10]];
    let tree = inputs.iter().fold(Tree::new(), |mut tree, leaf| {
        tree.append(leaf_hash(leaf));
        tree
    });
    assert_eq!(hex(tree.root()), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}

#[test]
fn every_proof_of_every_small_tree() {
    let all = leaves(70);
    for size in 1..=all.len() as u64 {
        let held = &all[..size as usize];
        let root = naive_root(held);
        assert_eq!(merkle::root_of(held), root);
        for index in 0..size {
            let proof = merkle::prove_inclusion(index, size, node_of(held)).unwrap();
            let leaf = &held[index as usize];
            assert_eq!(verify_inclusion(index, size, leaf, &proof, &root), Ok(()));
            let wrong = (index + 1) % size;
            assert!(size == 1 || verify_inclusion(wrong, size, leaf, &proof, &root).is_err());
            assert!(verify_inclusion(index, size, &[0; 32], &proof, &root).is_err());
        }
        for old in 0..=size {
            let old_root = naive_root(&held[..old as usize]);
            let proof = merkle::prove_consistency(old, size, node_of(held)).unwrap();
            assert_eq!(verify_consistency((old, &old_root), (size, &root), &proof), Ok(()), "{old} {size}");
            assert!(verify_consistency((old, &[1; 32]), (size, &root), &proof).is_err());
            assert!(verify_consistency((old, &old_root), (size, &[1; 32]), &proof).is_err() || old == 0);
        }
    }
}

#[test]
fn longer_shorter_and_changed_proofs_are_refused() {
    let all = leaves(100);
    let root = naive_root(&all);
    let proof = merkle::prove_inclusion(37, 100, node_of(&all)).unwrap();
    let longer = [proof.clone(), vec![[0; 32]]].concat();
    assert!(verify_inclusion(37, 100, &all[37], &longer, &root).is_err());
    assert!(verify_inclusion(37, 100, &all[37], &proof[1..], &root).is_err());
    assert!(verify_inclusion(100, 100, &all[37], &proof, &root).is_err());
    assert!(verify_inclusion(0, 0, &all[37], &[], &root).is_err());
    let old_root = naive_root(&all[..37]);
    let proof = merkle::prove_consistency(37, 100, node_of(&all)).unwrap();
    for at in 0..proof.len() {
        let mut changed = proof.clone();
        changed[at][0] ^= 1;
        assert!(verify_consistency((37, &old_root), (100, &root), &changed).is_err());
    }
    assert!(verify_consistency((37, &old_root), (100, &root), &proof[1..]).is_err());
    assert!(verify_consistency((37, &old_root), (100, &root), &[]).is_err());
    assert!(verify_consistency((100, &root), (37, &old_root), &proof).is_err());
}

#[test]
fn tile_paths_are_those_of_c2sp() {
    let id = |kind, index, width| TileId { kind, index, width };
    assert_eq!(id(TileKind::Hashes(0), 1_234_067, 256).path(), "tile/0/x001/x234/067");
    assert_eq!(id(TileKind::Entries, 273, 112).path(), "tile/entries/273.p/112");
    for bad in [
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/x001",
        "tile/0/001/x002",
        "tile/8/0/000",
        "tile/0/000.p/01",
        "tile/0/../001",
        "tile/0/x000/001",
        "tile/+1/001",
    ] {
        assert!(TileId::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn seventy_thousand_entries_have_the_tiles_the_text_names() {
    let of = |level, index| TileId::in_log(TileKind::Hashes(level), index, 70_000).map(|id| id.width);
    assert_eq!((of(0, 272), of(0, 273), of(0, 274)), (Some(256), Some(112), None));
    assert_eq!((of(1, 0), of(1, 1), of(2, 0), of(3, 0)), (Some(256), Some(17), Some(1), None));
    assert_eq!(TileId::in_log(TileKind::Hashes(1), 0, 256).map(|id| id.width), Some(1));
}

#[test]
fn oversized_entries_are_refused_and_leave_the_edge_alone() {
    let mut edge = Edge::new();
    assert!(edge.append(&[vec![0; 3], vec![0; 65_536]]).is_err());
    assert_eq!(edge, Edge::new());
}

#[test]
fn a_tampered_bundle_does_not_load() {
    let mut edge = Edge::new();
    let tiles = edge.append(&[b"one", b"two"]).unwrap();
    let get = |id: &TileId| {
        let tile = tiles.iter().find(|tile| tile.id == *id).ok_or(LedgerError::Inclusion)?;
        let mut bytes = tile.bytes.clone();
        bytes[2] ^= u8::from(id.kind == TileKind::Entries);
        Ok::<_, LedgerError>(bytes)
    };
    assert_eq!(Edge::load(2, get), Err(LedgerError::Inclusion));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However a log is cut into commits, its tiles are the same, it loads again, and every proof holds.
    #[test]
    fn commits_of_any_size_make_one_log(steps in prop::collection::vec(0u64..400, 1..8), pick in any::<u64>()) {
        let mut edge = Edge::new();
        let mut stored = std::collections::BTreeMap::new();
        let mut roots = vec![(0, empty_root())];
        for step in steps {
            let entries: Vec<_> = (edge.size()..edge.size() + step).map(|i| i.to_be_bytes()).collect();
            for tile in edge.append(&entries).unwrap() {
                prop_assert_eq!(TileId::parse(&tile.id.path()), Ok(tile.id));
                prop_assert_eq!(TileId::in_log(tile.id.kind, tile.id.index, edge.size()), Some(tile.id));
                stored.insert(tile.id, tile.bytes);
            }
            roots.push((edge.size(), edge.root()));
        }
        let (size, all) = (edge.size(), leaves(edge.size()));
        prop_assert_eq!(edge.root(), naive_root(&all));
        prop_assert_eq!(edge.tree().root(), merkle::root_of(&all));
        let get = |id: &TileId| stored.get(id).cloned().ok_or(LedgerError::Malformed("no such tile"));
        prop_assert_eq!(&Edge::load(size, get).unwrap(), &edge);
        for (old, root) in &roots {
            let proof = TileReader::new(size, get).consistency(*old).unwrap();
            prop_assert_eq!(verify_consistency((*old, root), (size, &edge.root()), &proof), Ok(()));
        }
        if size > 0 {
            let index = pick % size;
            let proof = TileReader::new(size, get).inclusion(index).unwrap();
            prop_assert_eq!(verify_inclusion(index, size, &all[index as usize], &proof, &edge.root()), Ok(()));
            let id = TileId::in_log(TileKind::Entries, index / 256, size).unwrap();
            let bytes = get(&id).unwrap();
            prop_assert_eq!(parse_bundle(&id, &bytes).unwrap()[(index % 256) as usize], index.to_be_bytes());
        }
    }
}
