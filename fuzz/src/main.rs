//! One program for every parser: `ASSENT_FUZZ` names which. Run by `cargo xtask fuzz NAME SECONDS`.
//!
//! A parser may refuse anything, but it must come back: without a panic, without an overflow, without growing beyond its
//! bounds. What it accepts it must write back as it was, where there is a way back.

#![no_main]

mod files;
mod ledger;
mod words;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

/// Every parser that meets bytes of others. `cargo xtask fuzz` reads the names here.
const TARGETS: &[(&str, Target)] = &[
    ("csv", files::csv),
    ("vcard", files::vcard),
    ("mapping", files::mapping),
    ("values", files::values),
    ("dates", files::dates),
    ("entry", ledger::entry),
    ("note", ledger::note),
    ("tile", ledger::tile),
    ("receipt", ledger::receipt),
    ("ids", words::ids),
    ("policy", words::policy),
    ("session", words::session),
    ("version", words::version),
];

fn chosen() -> Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let name = std::env::var("ASSENT_FUZZ").unwrap_or_default();
        let found = TARGETS.iter().find(|(one, _)| *one == name);
        found.unwrap_or_else(|| panic!("ASSENT_FUZZ names no parser: `{name}`")).1
    })
}

fuzz_target!(|data: &[u8]| chosen()(data));
