//! The bytes that must never change, and the one form each thing has.

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn opening_matches_vectors_made_with_python_hmac() {
    let nonce: [u8; 16] = std::array::from_fn(|i| i as u8);
    let opening = Opening::new(&SALT, &nonce);
    assert_eq!(hex(&opening.r), "1b3b127eafc0f864b62154c338a7d526edd7288fc1472600a93c809887085aad");
    assert_eq!(
        hex(&opening.commit(b"detail")),
        "2ccbc9c976f52199efde50a4d6df23e79a6ae03db7eb989a137eaeeae893472e"
    );
    assert_eq!(hex(&opening.actor_token("staff_1")), "ad93d142890e6e82a050731802ffe3ab");
    assert_eq!(hex(&opening.terms_token(&[9; 32])), "1182f81dde2eb80061ce5507380f6156");
    assert_ne!(opening.recipient_token("staff_1"), opening.actor_token("staff_1"));
    assert_eq!(format!("{opening:?}"), "Opening");
}

#[test]
fn padding_is_injective_and_hides_length() {
    assert_eq!(opening::pad(b"").len(), 256);
    assert_eq!(opening::pad(&[1; 252]).len(), 256);
    assert_eq!(opening::pad(&[1; 253]).len(), 512);
    assert_ne!(opening::pad(b"a"), opening::pad(b"a\0"));
}

#[test]
fn entry_bytes_never_change() {
    let (entry, ..) = entry(1);
    let entry = Entry { refs: Refs { chain_hash: [6; 16], ..entry.refs }, ..entry };
    let bytes = entry.encode();
    assert_eq!(Entry::decode(&bytes).unwrap(), entry);
    // The same entry encoded by a few lines of Python, with hmac and hashlib.
    assert_eq!(
        hex(&merkle::leaf_hash(&bytes)),
        "daf7e7279fc9401eb91433c89e38a18238ce1fc1e5be71c998b13ce53ef23705"
    );
    assert!(bytes.len() <= entry::MAX_ENTRY);
}

#[test]
fn longest_entry_fits() {
    let long = |n: usize| "a".repeat(n);
    let (mut entry, ..) = entry(1);
    entry.purpose = Code::new(&long(64)).unwrap();
    entry.region = Code::new(&long(24)).unwrap();
    entry.recipient = Recipient::Organisation(Code::new(&long(40)).unwrap());
    entry.minute = u32::MAX;
    let bytes = entry.encode();
    assert!(bytes.len() <= entry::MAX_ENTRY);
    assert_eq!(Entry::decode(&bytes).unwrap(), entry);
}

#[test]
fn every_changed_bit_of_an_entry_is_another_entry_or_none() {
    let (entry, ..) = entry(1);
    let bytes = entry.encode();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            if let Ok(read) = Entry::decode(&other) {
                assert_eq!(read.encode(), other);
                assert_ne!(read, entry);
            }
        }
        assert!(Entry::decode(&bytes[..at]).is_err());
    }
    assert!(Entry::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn every_kind_and_decision_round_trips() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_code(kind.code().into()), Some(*kind));
    }
    assert_eq!((Kind::ALL.len(), Kind::from_code(0), Kind::from_code(17)), (16, None, None));
    assert_eq!((Decision::ALL.len(), Decision::from_code(3)), (3, None));
}

#[test]
fn codes_hold_no_free_text() {
    for bad in ["", "Anna", "anna@example.org", "a b", "ä", &"a".repeat(65)] {
        assert!(PurposeCode::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn detail_round_trips_and_is_bounded() {
    let good = detail(4);
    assert_eq!(Detail::decode(&good.encode().unwrap()).unwrap(), good);
    let early = Detail { at: -1, ..detail(1) };
    assert_eq!(Detail::decode(&early.encode().unwrap()).unwrap().at, -1);
    assert!(Detail { note: "x".repeat(201), ..detail(1) }.encode().is_err());
    assert!(Detail { note: "ä".repeat(200), ..detail(1) }.encode().is_ok());
    assert!(Detail { role: "\u{1b}[2J".into(), ..detail(1) }.encode().is_err());
    assert!(Detail { role: "a\u{202e}b".into(), ..detail(1) }.encode().is_err());
    assert!(Detail { facts: vec!["f".into(); 257], ..detail(1) }.encode().is_err());
    assert!(Detail { facts: vec!["f".repeat(100); 100], ..detail(1) }.encode().is_err());
}

#[test]
fn go_sumdb_note_vector_verifies() {
    let vkey = Vkey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    assert_eq!(vkey.to_string(), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\n\
                — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = Note::parse(text).unwrap();
    assert_eq!(note.verify_log(&vkey), Ok(true));
    assert_eq!(note.to_string(), text);
    let forged = Note { text: note.text.replace("answer", "Answer"), ..note };
    assert_eq!(forged.verify_log(&vkey), Err(LedgerError::LogSignature));
}

#[test]
fn unknown_signature_types_are_carried_and_ignored() {
    let (_, mut note) = log(3);
    let bytes = vec![1; 2428];
    note.signatures.push(note::SignatureLine { name: "pq.example".into(), id: [1, 2, 3, 4], bytes });
    let policy = Policy::parse(&policy_text()).unwrap();
    assert_eq!(policy.accept(&Note::parse(&note.to_string()).unwrap(), None).unwrap().witnesses.len(), 3);
}
