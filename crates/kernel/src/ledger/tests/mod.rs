//! The ledger's tests: vectors made elsewhere, naive models, and input meant to break it.

mod agree;
mod forms;
mod hostile;
mod many;
mod proofs;
mod trees;

use ed25519_dalek::{Signer, SigningKey};

use super::*;

/// A key from a seed byte, and how it signs.
pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The signature closure of a key.
pub(super) fn by(key: &SigningKey) -> impl Fn(&[u8]) -> [u8; 64] + '_ {
    |message| key.sign(message).to_bytes()
}

/// The salt key of the person the test entries are about.
pub(super) const SALT: [u8; 32] = [7; 32];

/// The detail of the `n`th test entry.
pub(super) fn detail(n: u64) -> Detail {
    Detail {
        seq: n,
        at: 1_790_000_000_000_000,
        use_code: 3,
        purpose: "marketing.newsletter".into(),
        categories: vec!["email".into()],
        facts: vec![format!("fact_{n}")],
        recipient: "MailCo".into(),
        chain: vec!["MailCo".into(), "LogCo".into()],
        actor: "staff_1".into(),
        role: "marketer".into(),
        outcome: "PERMIT".into(),
        warrant: "grant_1".into(),
        notice: "newsletter@2".into(),
        note: String::new(),
        region: "eu".into(),
        context: vec!["gpc".into()],
    }
}

/// The `n`th test entry with its opening and encoded detail.
pub(super) fn entry(n: u64) -> (Entry, Opening, Vec<u8>) {
    let mut nonce = [0u8; 16];
    nonce[..8].copy_from_slice(&n.to_be_bytes());
    let opening = Opening::new(&SALT, &nonce);
    let chain_hash = Refs::chain_hash(&detail(n).chain);
    let detail = detail(n).encode().unwrap();
    let entry = Entry {
        kind: Kind::Share,
        minute: 29_833_333,
        decision: Decision::Allow,
        purpose: Code::new("marketing.newsletter").unwrap(),
        region: Code::new("eu").unwrap(),
        nonce,
        actor: opening.actor_token("staff_1"),
        recipient: Recipient::Organisation(Code::new("mailco").unwrap()),
        commit: opening.commit(&detail),
        policy: [5; 16],
        refs: Refs { terms_ref: opening.terms_token(&[9; 32]), chain_hash },
        set: None,
    };
    (entry, opening, detail)
}

/// The origin of the test log.
pub(super) const ORIGIN: &str = "assent.example/ledger/acme/eu";

/// A policy file: this log, three witnesses, all of them asked for.
pub(super) fn policy_text() -> String {
    let log = Vkey::log(ORIGIN, key(1).verifying_key().as_bytes()).unwrap();
    let witness = |n: u8| {
        let name = format!("w{n}.example");
        format!("witness w{n} {}\n", Vkey::witness(&name, key(n).verifying_key().as_bytes()).unwrap())
    };
    format!(
        "# test\nlog {log}\n{}{}{}group all3 all w2 w3 w4\nquorum all3\n",
        witness(2),
        witness(3),
        witness(4)
    )
}

/// A log of `size` test entries: its tiles, and the head signed and cosigned at second 1000.
pub(super) fn log(size: u64) -> (std::collections::BTreeMap<TileId, Vec<u8>>, Note) {
    let mut edge = Edge::new();
    let entries: Vec<_> = (0..size).map(|n| entry(n).0.encode()).collect();
    let tiles = edge.append(&entries).unwrap().into_iter().map(|tile| (tile.id, tile.bytes)).collect();
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: edge.root() };
    let signer = key(1);
    let log_key = Vkey::log(ORIGIN, signer.verifying_key().as_bytes()).unwrap();
    let mut note = Note::sign(&checkpoint, &log_key, by(&signer));
    for n in 2..5 {
        let witness = key(n);
        let name = format!("w{n}.example");
        let vkey = Vkey::witness(&name, witness.verifying_key().as_bytes()).unwrap();
        note.signatures.push(note.cosign(&vkey, 1000, by(&witness)));
    }
    (tiles, note)
}

/// The receipt of one entry of a test log.
pub(super) fn receipt(index: u64, size: u64) -> Receipt {
    let (tiles, note) = log(size);
    let missing = LedgerError::Malformed("no such tile");
    let mut reader = TileReader::new(size, |id: &TileId| tiles.get(id).cloned().ok_or(missing));
    let hashes = reader.inclusion(index).unwrap();
    let (entry, opening, detail) = entry(index);
    Receipt { index, hashes, note, entry: entry.encode(), among: None, opened: Some((opening, detail)) }
}
