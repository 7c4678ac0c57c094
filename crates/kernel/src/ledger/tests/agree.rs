//! Receipts that are genuine and receipts that are not, as one file that the page's own script is held to as well
//! (`tests/interop/page.mjs`): both must say the same of each.

use super::merkle::leaf_hash;
use super::*;
use crate::ledger::cbor::Writer;
use crate::ledger::note::SignatureLine;
use crate::ledger::proof::Proof;

/// A receipt with the key to check it with, and what it is found to be.
struct Case(&'static str, String, String, &'static str);

fn bare() -> String {
    Vkey::log(ORIGIN, key(1).verifying_key().as_bytes()).unwrap().to_string()
}

/// A head over one entry, signed by the log.
fn head(leaf: &[u8]) -> Note {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 1, root: leaf_hash(leaf) };
    let signer = key(1);
    let log = Vkey::log(ORIGIN, signer.verifying_key().as_bytes()).unwrap();
    Note::sign(&checkpoint, &log, by(&signer))
}

/// The receipt of these bytes as the only entry of a log.
fn alone(entry: Vec<u8>, opened: (Opening, Vec<u8>)) -> String {
    Receipt { index: 0, hashes: Vec::new(), note: head(&entry), entry, among: None, opened: Some(opened) }
        .encode()
}

/// An entry and its detail, changed before they are sealed, so that everything fits but what they say.
fn sealed(entry_as: &dyn Fn(&mut Entry), detail_as: &dyn Fn(&mut Detail)) -> String {
    let (mut public, opening, _) = entry(1);
    let mut told = detail(1);
    detail_as(&mut told);
    let told = told.encode().unwrap();
    public.commit = opening.commit(&told);
    entry_as(&mut public);
    alone(public.encode(), (opening, told))
}

/// An entry whose bytes are no entry's.
fn malformed(change: &dyn Fn(&mut Vec<u8>)) -> String {
    let (public, opening, told) = entry(1);
    let mut bytes = public.encode();
    change(&mut bytes);
    alone(bytes, (opening, told))
}

/// A detail whose bytes are no detail's, committed to all the same.
fn miswritten(change: &dyn Fn(&mut Vec<u8>)) -> String {
    let (mut public, opening, _) = entry(1);
    let mut told =
        Detail { recipient: "MailCoX".into(), note: "n".repeat(200), ..detail(1) }.encode().unwrap();
    change(&mut told);
    public.commit = opening.commit(&told);
    alone(public.encode(), (opening, told))
}

fn put(bytes: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    bytes.splice(at..at + old.len(), new.iter().copied());
}

/// A line among two people's; `place` and both entries may be changed before they are signed.
fn among(place: i64, batch_as: &dyn Fn(&mut Entry), line_as: &dyn Fn(&mut Entry)) -> String {
    let (like, opening, _) = entry(1);
    let told = Detail { seq: 0, ..detail(1) }.encode().unwrap();
    let mut line = Entry { kind: Kind::Use, commit: opening.commit(&told), ..like.clone() };
    line_as(&mut line);
    let (line, other) = (line.encode(), [4; 32]);
    let root = merkle::root_of(&[leaf_hash(&line), other]);
    let set = Set { people: 2, permitted: 2, asked: [1; 32], root };
    let mut batch = Entry { kind: Kind::Batch, set: Some(set), ..entry(2).0 };
    batch_as(&mut batch);
    let batch = batch.encode();
    let mut w = Writer::new();
    w.array(7).uint(receipt::AMONG).bytes(&batch).int(place).array(1).bytes(&other);
    w.bytes(&line).bytes(&opening.r).bytes(&told);
    Proof { extra: Some(w.finish()), index: 0, hashes: Vec::new(), note: head(&batch) }.encode()
}

fn cases() -> Vec<Case> {
    let nothing: &dyn Fn(&mut Entry) = &|_| {};
    let policy = |more: &str| format!("log {}\n{more}", bare());
    let other = Vkey::log(ORIGIN, key(9).verifying_key().as_bytes()).unwrap();
    let good = sealed(nothing, &|_| {});
    let refused = |what, text| Case(what, bare(), text, "refused");
    let mut out = vec![
        Case("an entry in a log of nine", bare(), receipt(5, 9).encode(), "genuine"),
        Case("a line among two", bare(), among(0, nothing, nothing), "genuine"),
        Case("a policy without witnesses", policy("quorum none\n"), good.clone(), "genuine"),
        Case(
            "the second of two keys",
            format!("log {other}\n{}", policy("quorum none\n")),
            good.clone(),
            "genuine",
        ),
        Case(
            "an act",
            bare(),
            sealed(nothing, &|d| (d.use_code, d.outcome) = (255, "GIVEN".into())),
            "genuine",
        ),
        Case(
            "a use that was refused",
            bare(),
            sealed(&|e| e.decision = Decision::Deny, &|d| d.outcome = "WITHDRAWN".into()),
            "genuine",
        ),
        Case("a policy that asks for witnesses", policy_text(), receipt(5, 9).encode(), "witnesses"),
        Case("another log's key", other.to_string(), good.clone(), "refused"),
        Case("a policy without a quorum", policy(""), good.clone(), "refused"),
        Case("a policy with an unknown line", policy("trust me\nquorum none\n"), good.clone(), "refused"),
        refused("permitted outside, refused inside", sealed(nothing, &|d| d.outcome = "WITHDRAWN".into())),
        refused("refused outside, permitted inside", sealed(&|e| e.decision = Decision::Deny, &|_| {})),
        refused("another chain inside", sealed(nothing, &|d| drop(d.chain.pop()))),
        refused("another purpose inside", sealed(nothing, &|d| d.purpose = "service.support".into())),
        refused("another minute inside", sealed(nothing, &|d| d.at += 60_000_000)),
        refused("another region inside", sealed(nothing, &|d| d.region = "us".into())),
        refused("another actor inside", sealed(nothing, &|d| d.actor = "staff_2".into())),
        refused(
            "a line to another recipient",
            among(0, nothing, &|e| e.recipient = Recipient::Organisation(Code::new("other").unwrap())),
        ),
        refused("a line to nobody", among(0, nothing, &|e| e.recipient = Recipient::None)),
        refused("a line under another policy", among(0, nothing, &|e| e.policy = [7; 16])),
        refused("a line that is not in its place", among(1, nothing, nothing)),
        refused("a place below nothing", among(-1, nothing, nothing)),
        refused("more permitted than people", among(0, &|e| e.set.as_mut().unwrap().permitted = 3, nothing)),
        refused("a kind that is none", malformed(&|b| b[4] = 17)),
        refused("a decision that is none", malformed(&|b| put(b, &[0x04, 0x01, 0x05], &[0x04, 0x03, 0x05]))),
        refused("a purpose in capitals", malformed(&|b| put(b, b"marketing", b"Marketing"))),
        refused("a purpose that is a sentence", malformed(&|b| put(b, b"marketing", b"market ng"))),
        refused(
            "a short nonce",
            malformed(&|b| {
                put(b, &[0x07, 0x50], &[0x07, 0x4f]);
                b.pop();
            }),
        ),
        refused("something after the entry", malformed(&|b| b.push(0))),
        refused("a hidden character inside", miswritten(&|b| put(b, b"MailCoX", "Mail\u{202e}".as_bytes()))),
        refused(
            "a note that is too long",
            miswritten(&|b| put(b, &[0x78, 200, b'n'], &[0x78, 201, b'n', b'n'])),
        ),
        refused("a cut file", good[..good.len() - 9].to_owned()),
    ];
    let mut many = Receipt::decode(&good).unwrap();
    let line = many.note.signatures[0].clone();
    many.note.signatures.resize(17, SignatureLine { name: "other".into(), ..line });
    out.push(refused("seventeen signatures", many.encode()));
    out
}

fn verdict(key: &str, text: &str) -> &'static str {
    let policy = match Vkey::parse(key) {
        Ok(key) => Policy::for_log(key),
        Err(_) => match Policy::parse(key) {
            Ok(policy) => policy,
            Err(_) => return "refused",
        },
    };
    match Receipt::decode(text).and_then(|receipt| receipt.verify(&policy, None)) {
        Ok(found) if found.contradiction().is_none() && found.head.witnesses.is_empty() => "genuine",
        Ok(found) if found.contradiction().is_none() => "witnesses",
        Ok(_) | Err(_) => "refused",
    }
}

#[test]
fn every_receipt_of_the_file_is_found_to_be_what_it_is() {
    let cases = cases();
    for Case(what, key, text, expected) in &cases {
        assert_eq!(verdict(key, text), *expected, "{what}");
    }
    let told = |Case(what, key, receipt, verdict): &Case| serde_json::json!({ "what": what, "key": key, "receipt": receipt, "verdict": verdict });
    let all = serde_json::to_string_pretty(&cases.iter().map(told).collect::<Vec<_>>()).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop/receipts.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &all).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == all,
        "run with UPDATE_GOLDEN=1 if it is right"
    );
}
