//! Writes a demo log the way an export looks: two heads, three witnesses, receipts and the keys.

use std::fs;
use std::path::Path;

use assent_kernel::ledger::among::{TAG, chunk_digest, set_hash};
use assent_kernel::ledger::merkle::leaf_hash;
use assent_kernel::ledger::{
    Among, Checkpoint, Code, Decision, Detail, Edge, Entry, Hash, Kind, Note, Opening, Receipt, Recipient,
    Refs, Set, TileId, TileReader, Vkey, nonce_among,
};
use ed25519_dalek::{Signer, SigningKey};

/// The log's name.
pub const ORIGIN: &str = "assent.example/ledger/acme/eu";
/// When the witnesses of the newer head cosigned, in unix seconds.
pub const WITNESSED: u64 = 1_790_000_100;

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The log's verifier key.
pub fn log_key() -> Done<Vkey> {
    Ok(Vkey::log(ORIGIN, signing_key(1).verifying_key().as_bytes())?)
}

fn witness_key(seed: u8) -> Done<Vkey> {
    let name = format!("witness{seed}.example");
    Ok(Vkey::witness(&name, signing_key(seed).verifying_key().as_bytes())?)
}

/// A policy that asks `least` of the three witnesses.
pub fn policy(least: u8) -> Done<String> {
    let mut text = format!("log {}\n", log_key()?);
    for seed in 2..5 {
        text += &format!("witness w{seed} {}\n", witness_key(seed)?);
    }
    Ok(text + &format!("group most {least} w2 w3 w4\nquorum most\n"))
}

/// A head of the demo log, signed by it and cosigned by `witnesses` of the three.
pub fn head(size: u64, root: Hash, witnesses: u8, time: u64) -> Done<Note> {
    let key = signing_key(1);
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
    let mut note = Note::sign(&checkpoint, &log_key()?, |message| key.sign(message).to_bytes());
    for seed in 2..(2 + witnesses) {
        let key = signing_key(seed);
        note.signatures.push(note.cosign(&witness_key(seed)?, time, |message| key.sign(message).to_bytes()));
    }
    Ok(note)
}

/// The detail of entry `n`.
pub fn detail(n: u64) -> Detail {
    Detail {
        seq: n / 7 + 1,
        at: 1_790_000_000_000_000 - i64::try_from(n).unwrap_or(0) * 60_000_000,
        use_code: 4,
        purpose: "marketing.newsletter".into(),
        categories: vec!["EmailAddress".into()],
        facts: vec![format!("fact_{n}")],
        recipient: "MailCo".into(),
        chain: vec!["MailCo (IE)".into()],
        actor: "staff_anna".into(),
        role: "marketer".into(),
        outcome: "PERMIT".into(),
        warrant: format!("grant_{n}"),
        notice: "newsletter@2".into(),
        note: String::new(),
        region: "eu".into(),
        context: Vec::new(),
    }
}

/// How many people each use on many has here.
pub const PEOPLE: u8 = 5;

/// An entry with what opens it.
type Opened = (Entry, Opening, Vec<u8>);

fn built(kind: Kind, nonce: [u8; 16], k_salt: &[u8; 32], detail: &Detail) -> Done<Opened> {
    let opening = Opening::new(k_salt, &nonce);
    let sealed = detail.encode()?;
    let entry = Entry {
        kind,
        minute: u32::try_from(detail.at / 60_000_000)?,
        decision: Decision::Allow,
        purpose: Code::new("marketing.newsletter")?,
        region: Code::new("eu")?,
        nonce,
        actor: opening.actor_token("staff_anna"),
        recipient: Recipient::Organisation(Code::new("mailco")?),
        commit: opening.commit(&sealed),
        policy: [5; 16],
        refs: Refs { terms_ref: opening.terms_token(&[9; 32]), chain_hash: Refs::chain_hash(&detail.chain) },
        set: None,
    };
    Ok((entry, opening, sealed))
}

/// Entry `n` with what opens it; every sixteenth is a use on many people.
pub fn entry(n: u64) -> Done<Opened> {
    let [nonce @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = leaf_hash(&n.to_be_bytes());
    let at = usize::try_from(n)? % Kind::ALL.len();
    let kind = Kind::ALL.get(at).copied().unwrap_or(Kind::Use);
    let (mut entry, opening, sealed) = built(kind, nonce, &[42; 32], &detail(n))?;
    if kind == Kind::Batch {
        let lines = lines(n)?;
        let tags: Vec<u8> =
            lines.iter().flat_map(|(line, ..)| line.nonce.iter().take(TAG).copied()).collect();
        let (asked, people) = (set_hash(&[chunk_digest(&tags)]), u64::from(PEOPLE));
        entry.set = Some(Set { people, permitted: people, asked, root: tree(&lines)?.0.root() });
    }
    Ok((entry, opening, sealed))
}

/// The lines of a use on many people, in their order.
pub fn lines(n: u64) -> Done<Vec<Opened>> {
    let [nonce @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = leaf_hash(&n.to_be_bytes());
    let one = |person: u8| {
        let k_salt = [person; 32];
        let detail = Detail { seq: 0, facts: vec![format!("fact_of_{person}")], ..detail(n) };
        built(Kind::Use, nonce_among(&k_salt, &nonce), &k_salt, &detail)
    };
    let mut lines = (0..PEOPLE).map(one).collect::<Done<Vec<_>>>()?;
    lines.sort_by_key(|(line, ..)| line.nonce);
    Ok(lines)
}

fn tree(lines: &[Opened]) -> Done<(Edge, std::collections::BTreeMap<TileId, Vec<u8>>)> {
    let mut edge = Edge::new();
    let lines: Vec<Vec<u8>> = lines.iter().map(|(line, ..)| line.encode()).collect();
    let tiles = edge.append(&lines)?.into_iter().map(|tile| (tile.id, tile.bytes)).collect();
    Ok((edge, tiles))
}

/// The receipt of the line at `place` of the use on many people that is entry `index`.
pub fn receipt_among(dir: &Path, index: u64, place: u64, size: u64, note: &Note) -> Done<Receipt> {
    let whole = receipt(dir, index, size, note)?;
    let lines = lines(index)?;
    let (_, tiles) = tree(&lines)?;
    let get = |id: &TileId| -> Done<Vec<u8>> { Ok(tiles.get(id).cloned().ok_or("no such tile")?) };
    let path = TileReader::new(lines.len() as u64, get).inclusion(place)?;
    let (line, opening, sealed) = lines.into_iter().nth(usize::try_from(place)?).ok_or("no such line")?;
    let among = Some(Among { batch: whole.entry, place, path });
    Ok(Receipt { entry: line.encode(), among, opened: Some((opening, sealed)), ..whole })
}

fn put(dir: &Path, path: &str, bytes: impl AsRef<[u8]>) -> Done {
    let file = dir.join(path);
    fs::create_dir_all(file.parent().unwrap_or(dir))?;
    Ok(fs::write(file, bytes)?)
}

fn append(dir: &Path, edge: &mut Edge, to: u64) -> Done {
    let entries = (edge.size()..to).map(|n| Ok(entry(n)?.0.encode())).collect::<Done<Vec<_>>>()?;
    edge.append(&entries)?.iter().try_for_each(|tile| put(dir, &tile.id.path(), &tile.bytes))
}

/// The receipt of entry `index` under the head `note` of `size` entries, from the tiles in `dir`.
pub fn receipt(dir: &Path, index: u64, size: u64, note: &Note) -> Done<Receipt> {
    let get = |id: &TileId| -> Done<Vec<u8>> { Ok(fs::read(dir.join(id.path()))?) };
    let hashes = TileReader::new(size, get).inclusion(index)?;
    let (entry, opening, sealed) = entry(index)?;
    let (note, entry, opened) = (note.clone(), entry.encode(), Some((opening, sealed)));
    Ok(Receipt { index, hashes, note, entry, among: None, opened })
}

/// Writes a log of `size` entries that had a head at `old`, with receipts of a few entries.
pub fn write(dir: &Path, old: u64, size: u64) -> Done {
    let mut edge = Edge::new();
    append(dir, &mut edge, old)?;
    put(dir, "checkpoint.old", head(old, edge.root(), 3, WITNESSED - 60)?.to_string())?;
    append(dir, &mut edge, size)?;
    let note = head(size, edge.root(), 3, WITNESSED)?;
    put(dir, "checkpoint", note.to_string())?;
    put(dir, "assent-ledger.txt", policy(2)?)?;
    put(dir, "log.vkey", format!("{}\n", log_key()?))?;
    for index in [0, 1, old.saturating_sub(1), old, size / 2, size - 1] {
        let text = receipt(dir, index, size, &note)?.encode();
        put(dir, &format!("receipts/{index}.tlog-proof"), text)?;
    }
    if size > 15 {
        let text = receipt_among(dir, 15, 2, size, &note)?.encode();
        put(dir, "receipts/15-among.tlog-proof", text)?;
    }
    Ok(())
}
