//! A use on many people: the entry's set, a line's path, and that nothing in a receipt can be changed unseen.

use super::among::{CHUNK, TAG, chunk_digest, set_hash};
use super::merkle::{leaf_hash, root_of};
use super::*;

fn salt(person: u64) -> [u8; 32] {
    let mut salt = [3; 32];
    salt[..8].copy_from_slice(&person.to_be_bytes());
    salt
}

/// The lines of so many people in the order of their nonces, each with its opening and detail.
fn lines(people: u64, batch: &[u8; 16]) -> Vec<(Entry, Opening, Vec<u8>)> {
    let one = |person| {
        let nonce = nonce_among(&salt(person), batch);
        let opening = Opening::new(&salt(person), &nonce);
        let detail = Detail { seq: 0, at: 29_833_333 * 60_000_000, ..detail(person) }.encode().unwrap();
        let (actor, commit) = (opening.actor_token("staff_1"), opening.commit(&detail));
        let (like, ..) = entry(1);
        (Entry { kind: Kind::Use, nonce, actor, commit, ..like }, opening, detail)
    };
    let mut lines: Vec<_> = (0..people).map(one).collect();
    lines.sort_by_key(|(line, ..)| line.nonce);
    lines
}

/// The entry over them.
fn batch(lines: &[(Entry, Opening, Vec<u8>)]) -> Entry {
    let leaves: Vec<Hash> = lines.iter().map(|(line, ..)| leaf_hash(&line.encode())).collect();
    let tags: Vec<u8> = lines.iter().flat_map(|(line, ..)| line.nonce[..TAG].to_vec()).collect();
    let chunks: Vec<Hash> = tags.chunks(CHUNK * TAG).map(chunk_digest).collect();
    let people = lines.len() as u64;
    let set = Set { people, permitted: people, asked: set_hash(&chunks), root: root_of(&leaves) };
    Entry { kind: Kind::Batch, set: Some(set), ..entry(9).0 }
}

/// The receipt of one line, in a log whose only entry is the batch.
fn receipt_of(place: u64, lines: &[(Entry, Opening, Vec<u8>)]) -> Receipt {
    let leaves: Vec<Hash> = lines.iter().map(|(line, ..)| leaf_hash(&line.encode())).collect();
    let node = |height: u32, at: u64| -> Result<Hash, LedgerError> {
        Ok(root_of(&leaves[(at << height) as usize..((at + 1) << height) as usize]))
    };
    let path = merkle::prove_inclusion(place, leaves.len() as u64, node).unwrap();
    let batch = batch(lines).encode();
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 1, root: leaf_hash(&batch) };
    let signer = key(1);
    let log_key = Vkey::log(ORIGIN, signer.verifying_key().as_bytes()).unwrap();
    let note = Note::sign(&checkpoint, &log_key, by(&signer));
    let (line, opening, detail) = &lines[place as usize];
    let opened = Some((opening.clone(), detail.clone()));
    let among = Some(Among { batch, place, path });
    Receipt { index: 0, hashes: Vec::new(), note, entry: line.encode(), among, opened }
}

fn policy() -> Policy {
    Policy::for_log(Vkey::log(ORIGIN, key(1).verifying_key().as_bytes()).unwrap())
}

#[test]
fn a_line_among_many_is_proven_in_trees_of_any_size() {
    for people in [1, 2, 3, 255, 256, 257, 700] {
        let lines = lines(people, &[8; 16]);
        for place in [0, people / 2, people - 1] {
            let receipt = receipt_of(place, &lines);
            let text = receipt.encode();
            assert_eq!(Receipt::decode(&text).unwrap(), receipt);
            let verified = receipt.verify(&policy(), None).unwrap();
            let part = verified.among.clone().unwrap();
            assert_eq!((part.people, part.place, verified.contradiction()), (people, place, None));
            assert_eq!(verified.entry, lines[place as usize].0);
            let elsewhere = Among { place: (place + 1) % people, ..receipt.among.clone().unwrap() };
            let moved = Receipt { among: Some(elsewhere), ..receipt };
            assert_eq!(moved.verify(&policy(), None).is_ok(), people == 1);
        }
    }
}

#[test]
fn every_flipped_bit_of_a_receipt_among_many_is_found() {
    let text = receipt_of(1, &lines(3, &[8; 16])).encode();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let read = String::from_utf8(bytes).ok().and_then(|text| Receipt::decode(&text).ok());
            assert!(!matches!(read.map(|r| r.verify(&policy(), None)), Some(Ok(_))), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_batch_has_people_and_nothing_else_has() {
    let good = batch(&lines(3, &[8; 16]));
    let set = good.set.unwrap();
    let bytes = good.encode();
    assert_eq!(Entry::decode(&bytes).unwrap(), good);
    let with = |set: Set| Entry { set: Some(set), ..good.clone() };
    for bad in [
        Entry { set: None, ..good.clone() },
        Entry { kind: Kind::Use, ..good.clone() },
        with(Set { people: 0, permitted: 0, ..set }),
        with(Set { permitted: 4, ..set }),
        with(Set { permitted: 0, ..set }),
        Entry { decision: Decision::Deny, ..good.clone() },
    ] {
        assert!(Entry::decode(&bad.encode()).is_err(), "{bad:?}");
    }
    let nobody = Entry { decision: Decision::Deny, ..with(Set { permitted: 0, ..set }) };
    assert_eq!(Entry::decode(&nobody.encode()).unwrap(), nobody);
    let longest = Entry {
        purpose: Code::new(&"a".repeat(64)).unwrap(),
        region: Code::new(&"a".repeat(24)).unwrap(),
        recipient: Recipient::Organisation(Code::new(&"a".repeat(40)).unwrap()),
        minute: u32::MAX,
        ..with(Set { people: u64::MAX, permitted: u64::MAX, ..set })
    };
    assert!(longest.encode().len() <= entry::MAX_ENTRY);
    assert_eq!(Entry::decode(&longest.encode()).unwrap(), longest);
}

#[test]
fn what_a_line_says_otherwise_than_its_batch_is_told() {
    let mut lines = lines(3, &[8; 16]);
    lines[0].0.purpose = Code::new("service.support").unwrap();
    lines[1].0.policy = [6; 16];
    for (place, what) in [(0, "purpose"), (1, "policy")] {
        let verified = receipt_of(place, &lines).verify(&policy(), None).unwrap();
        assert_eq!(verified.contradiction(), Some(what));
    }
    // A batch among the lines of a batch is none.
    let whole = batch(&lines);
    let nested = vec![(whole, lines[0].1.clone(), lines[0].2.clone())];
    assert!(matches!(receipt_of(0, &nested).verify(&policy(), None), Err(LedgerError::Malformed(_))));
}

#[test]
fn without_the_key_a_line_is_not_found() {
    let batch = [8; 16];
    assert_eq!(nonce_among(&salt(1), &batch), nonce_among(&salt(1), &batch));
    assert_ne!(nonce_among(&salt(1), &batch), nonce_among(&salt(2), &batch));
    assert_ne!(nonce_among(&salt(1), &batch), nonce_among(&salt(1), &[9; 16]));
    assert_ne!(set_hash(&[[1; 32], [2; 32]]), set_hash(&[[2; 32], [1; 32]]));
}
