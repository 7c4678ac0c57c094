//! What a stranger hands to the verifier.

use assent_kernel::ledger::note::SignatureLine;
use assent_kernel::ledger::tile::{parse_bundle, parse_hashes};
use assent_kernel::ledger::{Checkpoint, Detail, Entry, Note, Policy, Receipt, TileId, Vkey};

pub(crate) fn entry(data: &[u8]) {
    if let Ok(read) = Entry::decode(data) {
        assert_eq!(read.encode(), data, "there is one form only");
    }
    if let Ok(read) = Detail::decode(data) {
        assert_eq!(read.encode().unwrap(), data, "there is one form only");
    }
}

pub(crate) fn note(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(read) = Note::parse(text) {
        assert_eq!(read.to_string(), text);
        let _ = read.checkpoint();
    }
    if let Ok(read) = Checkpoint::parse(text) {
        assert_eq!(read.text(), text);
    }
    if let Ok(read) = SignatureLine::parse(text) {
        assert_eq!(read.to_string(), text);
    }
    if let Ok(read) = Vkey::parse(text) {
        assert_eq!(read.to_string(), text);
    }
}

pub(crate) fn tile(data: &[u8]) {
    let (name, body) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len()));
    let Ok(name) = std::str::from_utf8(name) else { return };
    let Ok(id) = TileId::parse(name) else { return };
    assert_eq!(id.path(), name);
    let body = body.get(1..).unwrap_or_default();
    let _ = parse_hashes(&id, body);
    if let Ok(entries) = parse_bundle(&id, body) {
        assert_eq!(entries.len(), usize::from(id.width));
        assert_eq!(entries.iter().map(|entry| entry.len() + 2).sum::<usize>(), body.len());
    }
}

pub(crate) fn receipt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(read) = Receipt::decode(text) {
        assert_eq!(read.encode(), text, "there is one form only");
    }
    let _ = Policy::parse(text);
}
