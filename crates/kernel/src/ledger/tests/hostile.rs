//! Input meant to break a parser: cut short, nested, claiming huge lengths, or plain noise.

use proptest::prelude::*;

use super::cbor::Reader;
use super::proof::Proof;
use super::*;

#[test]
fn cbor_that_is_not_canonical_is_refused() {
    let uint =
        |bytes: &[u8]| Reader::new(bytes, 99).and_then(|mut r| r.uint().and_then(|n| r.finish().map(|()| n)));
    assert_eq!(uint(&[0x18, 24]), Ok(24));
    assert_eq!(uint(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Ok(u64::MAX));
    for bad in [
        &[0x18, 23][..],
        &[0x19, 0, 24],
        &[0x1a, 0, 0, 1, 0],
        &[0x1b, 0, 0, 0, 0, 1, 0, 0, 0],
        &[0x1c],
        &[0x1f],
        &[0x20],
        &[0xc1, 0],
        &[0xf4],
        &[0xf9, 0, 0],
        &[0x18],
        &[],
        &[0, 0],
    ] {
        assert!(uint(bad).is_err(), "{bad:?}");
    }
    let int = |bytes: &[u8]| Reader::new(bytes, 99).and_then(|mut r| r.int());
    assert_eq!(int(&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Ok(i64::MIN));
    assert!(int(&[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0]).is_err());
}

#[test]
fn huge_lengths_and_deep_nesting_cost_nothing() {
    let huge = [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(Reader::new(&huge, 99).unwrap().bytes(usize::MAX).is_err());
    let array = [0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(Reader::new(&array, 99).unwrap().array(256).is_err());
    assert!(Entry::decode(&[0x81; 512]).is_err());
    assert!(Entry::decode(&vec![0xac; 1 << 20]).is_err());
    assert!(Detail::decode(&[0x9f; 8192]).is_err());
    let claim = [&[0xae, 1, 1, 2, 0, 3, 0, 4, 0x60, 5, 0x99, 1, 0][..], &[0x60; 255]].concat();
    assert!(Detail::decode(&claim).is_err());
}

#[test]
fn notes_and_proofs_are_bounded_and_strict() {
    let (_, note) = log(2);
    let text = note.to_string();
    assert_eq!(Note::parse(&text).unwrap(), note);
    let line = text.lines().last().unwrap();
    let many = |n: usize| format!("{}\n{}", note.text, format!("{line}\n").repeat(n));
    assert!(Note::parse(&many(16)).is_ok() && Note::parse(&many(17)).is_err());
    for bad in [
        "",
        "\n\n",
        "a\n\n",
        "a\n\n— b\n",
        "a\n\n— b AAAA\n",
        "a\n\n— b+c AAAAAAA=\n",
        "a\n\n- b AAAAAAA=\n",
        "a\r\n\n— b AAAAAAA=\n",
        "a\n\n— b AAAAAAB=\n",
        "a\n\n— b AAAAAAA\n",
        "a\n\n— b AAAAAAA=",
    ] {
        assert!(Note::parse(bad).is_err(), "{bad:?}");
    }
    assert!(Note::parse(&format!("{}\n\n— b AAAAAAA=\n", "a".repeat(5000))).is_err());
    let proof = |head: &str| Proof::parse(&format!("{head}\n\n{text}")).is_ok();
    let hash = note::base64(&[1; 32]);
    assert!(proof(&format!("{}\nindex 0\n{hash}", proof::HEADER)));
    assert!(!proof(&format!("{}\nindex 0\n{}", proof::HEADER, vec![hash; 65].join("\n"))));
    for bad in [
        "index 00",
        "index 01",
        "index -1",
        "index",
        "index 18446744073709551616",
        "extra !\nindex 0",
        "index 0\nAAAA",
        "index 0\nextra AAAA",
        "index +1",
    ] {
        assert!(!proof(&format!("{}\n{bad}", proof::HEADER)), "{bad}");
    }
    assert!(!proof("c2sp.org/tlog-proof@v2\nindex 0"));
}

#[test]
fn checkpoints_have_one_form() {
    let root = note::base64(&[2; 32]);
    let reads = |text: &str| Checkpoint::parse(text).is_ok_and(|c| c.text() == text);
    assert!(reads(&format!("o\n7\n{root}\n")) && reads(&format!("o\n{}\n{root}\n", u64::MAX)));
    for bad in [
        format!("o\n07\n{root}\n"),
        format!("\n7\n{root}\n"),
        format!("o\n7\n{root}"),
        "o\n7\nAAAA\n".into(),
        format!("o\n7\n{root}\nextension\n"),
        format!("o\n7\n{root}\n\n"),
        format!("o\n-7\n{root}\n"),
    ] {
        assert!(Checkpoint::parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn verifier_keys_have_one_form() {
    let good = Vkey::log(ORIGIN, &[3; 32]).unwrap().to_string();
    assert_eq!(Vkey::parse(&good).unwrap().to_string(), good);
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        assert!(String::from_utf8(bytes).ok().is_none_or(|text| Vkey::parse(&text).is_err()), "byte {at}");
    }
    for bad in ["", "a", "a+b", "a++", "+00000000+AQ==", "a b+00000000+AQ=="] {
        assert!(Vkey::parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600), cut in any::<usize>()) {
        let _ = (Entry::decode(&bytes), Detail::decode(&bytes));
        let noise = String::from_utf8_lossy(&bytes);
        let _ = (Note::parse(&noise), Proof::parse(&noise), Policy::parse(&noise), Vkey::parse(&noise));
        let _ = (TileId::parse(&noise), Receipt::decode(&noise), Checkpoint::parse(&noise));
        let good = receipt(0, 2).encode();
        let at = cut % good.len();
        if good.is_char_boundary(at) {
            // Cut after a signature line it is still a receipt, of fewer witnesses than are asked for.
            let policy = Policy::parse(&policy_text()).unwrap();
            prop_assert!(Receipt::decode(&good[..at]).and_then(|cut| cut.verify(&policy, None)).is_err());
            let _ = Receipt::decode(&format!("{}{noise}{}", &good[..at], &good[at..]));
        }
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), bytes);
        }
    }

    /// No string a caller puts into a detail reaches the entry (T6).
    #[test]
    fn no_personal_string_in_any_leaf(name in "[A-Za-z]{6,20}", n in any::<u64>()) {
        let secret = Detail { actor: name.clone(), recipient: name.clone(), note: name.clone(), ..detail(n) };
        let bytes = secret.encode().unwrap();
        let (mut entry, opening, _) = entry(n);
        entry.commit = opening.commit(&bytes);
        entry.actor = opening.actor_token(&name);
        entry.recipient = Recipient::Person(opening.recipient_token(&name));
        let leaf = entry.encode();
        prop_assert!(!leaf.windows(name.len()).any(|window| window == name.as_bytes()));
        prop_assert_eq!(opening.open(&entry, &bytes).unwrap(), secret);
    }
}
