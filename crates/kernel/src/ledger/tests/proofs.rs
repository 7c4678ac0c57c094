//! Receipts and policies: what is accepted, what is refused and how.

use super::*;

fn policy() -> Policy {
    Policy::parse(&policy_text()).unwrap()
}

#[test]
fn a_receipt_shows_who_used_what() {
    let text = receipt(5, 9).encode();
    let verified = Receipt::decode(&text).unwrap().verify(&policy(), None).unwrap();
    assert_eq!((verified.index, verified.head.checkpoint.size), (5, 9));
    assert_eq!(verified.detail, Some(detail(5)));
    let witnesses: Vec<_> = ["w2", "w3", "w4"].map(|name| (name.to_owned(), 1000)).into();
    assert_eq!(verified.head.witnesses, witnesses);
    assert_eq!(Receipt::decode(&text).unwrap().encode(), text);
}

#[test]
fn every_flipped_bit_of_a_receipt_is_found() {
    let text = receipt(1, 3).encode();
    let policy = policy();
    let good = Receipt::decode(&text).unwrap().verify(&policy, None).unwrap();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let read = String::from_utf8(bytes).ok().and_then(|text| Receipt::decode(&text).ok());
            let verified = read.map(|receipt| receipt.verify(&policy, None));
            assert!(!matches!(verified, Some(Ok(_))), "byte {at} bit {bit}");
        }
    }
    assert_eq!(good.index, 1);
}

#[test]
fn size_of_a_receipt_stays_small() {
    let bare = Receipt { opened: None, ..receipt(5, 9) };
    assert!(bare.encode().len() < 1200);
    assert_eq!(bare.verify(&policy(), None).unwrap().detail, None);
    assert!(receipt(100, 300).encode().len() < 1900);
}

#[test]
fn each_fault_has_its_own_answer() {
    let good = receipt(5, 9);
    let faulty = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = good.clone();
        change(&mut receipt);
        receipt.verify(&policy(), None).err()
    };
    assert_eq!(faulty(&|_| ()), None);
    assert_eq!(faulty(&|r| r.index = 4), Some(LedgerError::Inclusion));
    assert_eq!(faulty(&|r| r.hashes.clear()), Some(LedgerError::Inclusion));
    assert_eq!(faulty(&|r| r.entry = entry(4).0.encode()), Some(LedgerError::Inclusion));
    assert_eq!(faulty(&|r| drop(r.note.signatures.remove(0))), Some(LedgerError::LogSignature));
    assert_eq!(faulty(&|r| drop(r.note.signatures.pop())), Some(LedgerError::Quorum));
    assert_eq!(faulty(&|r| r.note.signatures[1].bytes[3] ^= 1), Some(LedgerError::Quorum));
    assert_eq!(faulty(&|r| r.note.signatures[1].bytes.truncate(5)), Some(LedgerError::Quorum));
    assert_eq!(faulty(&|r| r.opened = Some((entry(4).1, entry(5).2))), Some(LedgerError::Opening));
    assert_eq!(faulty(&|r| r.opened = Some((entry(5).1, entry(4).2))), Some(LedgerError::Opening));
    assert_eq!(faulty(&|r| r.note.text.push_str("more\n")), Some(LedgerError::Malformed("checkpoint")));
}

#[test]
fn a_detail_that_contradicts_its_entry_is_said() {
    let verified = receipt(5, 9).verify(&policy(), None).unwrap();
    assert_eq!(verified.contradiction(), None);
    let told = |change: &dyn Fn(&mut Detail)| {
        let mut other = verified.clone();
        other.detail.as_mut().map(change);
        other.contradiction()
    };
    assert_eq!(told(&|d| d.purpose = "care".into()), Some("purpose"));
    assert_eq!(told(&|d| d.at += 60_000_000), Some("time"));
    assert_eq!(told(&|d| d.at = -1), Some("time"));
    assert_eq!(told(&|d| d.outcome = "WITHDRAWN".into()), Some("outcome"));
    assert_eq!(told(&|d| drop(d.chain.pop())), Some("chain"));
    let denied = |outcome: &str, use_code| {
        let mut other = verified.clone();
        other.entry.decision = Decision::Deny;
        let told = other.detail.as_mut().unwrap();
        (told.outcome, told.use_code) = (outcome.into(), use_code);
        other.contradiction()
    };
    assert_eq!(denied("PERMIT", 3), Some("outcome"));
    assert_eq!((denied("WITHDRAWN", 3), denied("DONE", 255)), (None, None));
}

#[test]
fn freshness_is_judged_by_witness_time() {
    let receipt = receipt(0, 1);
    let fresh = |now, max_age| receipt.verify(&policy(), Some(Freshness { now, max_age })).err();
    assert_eq!((fresh(1000, 0), fresh(1060, 60)), (None, None));
    assert_eq!(fresh(1061, 60), Some(LedgerError::Stale));
    assert_eq!((fresh(700, 60), fresh(699, 60)), (None, Some(LedgerError::Stale)), "a clock ahead");
    let log_only = Policy::for_log(Vkey::log(ORIGIN, key(1).verifying_key().as_bytes()).unwrap());
    assert_eq!(receipt.verify(&log_only, Some(Freshness { now: 0, max_age: 9 })), Err(LedgerError::Stale));
}

#[test]
fn a_log_signs_only_under_its_own_name() {
    let other = Policy::for_log(Vkey::log("other.example", key(1).verifying_key().as_bytes()).unwrap());
    assert_eq!(receipt(0, 1).verify(&other, None), Err(LedgerError::LogSignature));
}

#[test]
fn groups_count_their_members() {
    let (_, note) = log(2);
    let keys = policy_text()
        .lines()
        .filter(|l| !l.starts_with("group") && !l.starts_with("quorum"))
        .fold(String::new(), |text, line| text + line + "\n");
    let absent = Vkey::witness("w9.example", key(9).verifying_key().as_bytes()).unwrap();
    let keys = format!("{keys}witness w9 {absent} https://w9.example/\n");
    let accepts =
        |rules: &str| Policy::parse(&format!("{keys}{rules}")).map(|p| p.accept(&note, None).is_ok());
    assert_eq!(accepts("quorum none\n"), Ok(true));
    assert_eq!(accepts("quorum w2\n"), Ok(true));
    assert_eq!(accepts("quorum w9\n"), Ok(false));
    assert_eq!(accepts("group g 2 w2 w3 w9\nquorum g\n"), Ok(true));
    assert_eq!(accepts("group g 3 w2 w3 w9\nquorum g\n"), Ok(false));
    assert_eq!(accepts("group g any w9 w2\ngroup h all g w3\n\tquorum  h \n"), Ok(true));
    assert_eq!(accepts("group g all w9 w2\ngroup h any g w3\nquorum h\n"), Ok(true));
    for bad in [
        "",
        "quorum g\n",
        "quorum none\nquorum none\n",
        "group g 0 w2\nquorum g\n",
        "group g 2 w2\nquorum g\n",
        "group g any\nquorum g\n",
        "group g any w2 w2\nquorum g\n",
        "group g any g\nquorum g\n",
        "group g any none\nquorum g\n",
        "group none any w2\nquorum none\n",
        "group w2 any w3\nquorum w2\n",
        "group g any w2\ngroup h any w2\nquorum g\n",
        "group g 01 w2\nquorum g\n",
        "witness x y\nquorum none\n",
        "nonsense\nquorum none\n",
        "quorum none\r\n",
        "log x+y+z\nquorum none\n",
    ] {
        assert!(accepts(bad).is_err(), "{bad}");
    }
    let twice = format!("{keys}{}quorum none\n", keys.lines().nth(1).unwrap().to_owned() + "\n");
    assert!(Policy::parse(&twice).is_err());
}

#[test]
fn keys_serve_only_their_own_role() {
    let log = Vkey::log(ORIGIN, key(1).verifying_key().as_bytes()).unwrap();
    let witness = Vkey::witness("w2.example", key(2).verifying_key().as_bytes()).unwrap();
    assert!(Policy::parse(&format!("log {log}\nwitness w {witness}\nquorum w\n")).is_ok());
    assert!(Policy::parse(&format!("log {witness}\nquorum none\n")).is_err());
    assert!(Policy::parse(&format!("log {log}\nwitness w {log}\nquorum w\n")).is_err());
}
