//! The checks from outside: files on disk, the command line, its exit codes.

mod sample;

use std::fs;
use std::path::{Path, PathBuf};

use assent_kernel::ledger::Policy;
use assent_verify::{Verdict, check_export, run};

/// A log on disk that goes away with the test.
fn log(old: u64, size: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    sample::write(dir.path(), old, size).unwrap();
    dir
}

/// Runs the command line and returns exit code and output.
fn verify(args: &[&str]) -> (i32, String) {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let mut out = Vec::new();
    let code = run(&args, sample::WITNESSED + 100, &mut out, &mut |_, _| {});
    (code, String::from_utf8(out).unwrap())
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

/// Every file below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(dir).unwrap().map(|item| item.unwrap().path());
    items.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_good_receipt_speaks_plainly() {
    let dir = log(3, 9);
    let policy = path(dir.path(), "assent-ledger.txt");
    let (code, said) = verify(&[&path(dir.path(), "receipts/4.tlog-proof"), "--policy", &policy]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "Entry 4 of 9",
        "staff_anna (marketer)",
        "EmailAddress",
        "marketing.newsletter",
        "MailCo (IE)",
        "grant_4",
        "Witnessed by 3",
        "2026-09-21 14:09:20 UTC",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("Caution"));
    let (code, said) = verify(&[&path(dir.path(), "receipts/4.tlog-proof"), "--policy", &policy, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &json["verdict"], &json["detail"]["actor"]), (0, &"good".into(), &"staff_anna".into()));
}

#[test]
fn a_receipt_of_a_line_among_many_says_so_and_nothing_of_the_others() {
    let dir = log(3, 40);
    let policy = path(dir.path(), "assent-ledger.txt");
    let proof = path(dir.path(), "receipts/15-among.tlog-proof");
    let (code, said) = verify(&[&proof, "--policy", &policy]);
    assert_eq!(code, 0, "{said}");
    for part in ["Entry 15 of 40", "staff_anna", "one of 5 people in one use; yours is line 3", "MailCo (IE)"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("Caution"), "{said}");
    let (_, said) = verify(&[&proof, "--policy", &policy, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["among"]["people"], &json["among"]["permitted"]), (&5.into(), &5.into()), "{said}");
    let mine = json["detail"]["facts"][0].as_str().unwrap();
    let text = fs::read_to_string(&proof).unwrap();
    for (line, _, detail) in sample::lines(15).unwrap() {
        let detail = assent_kernel::ledger::Detail::decode(&detail).unwrap();
        let own = detail.facts[0] == mine;
        let receipt = assent_kernel::ledger::Receipt::decode(&text).unwrap();
        assert_eq!(receipt.entry == line.encode(), own);
        assert_eq!(said.contains(&detail.facts[0]), own, "a receipt tells of nobody else");
    }
    // Another line of the same entry, another entry, another place: not in the tree.
    let exit = |change: &dyn Fn(&mut assent_kernel::ledger::Receipt)| {
        let mut receipt = assent_kernel::ledger::Receipt::decode(&text).unwrap();
        change(&mut receipt);
        fs::write(dir.path().join("changed"), receipt.encode()).unwrap();
        verify(&[&path(dir.path(), "changed"), "--policy", &policy]).0
    };
    assert_eq!(exit(&|_| ()), 0);
    assert_eq!(exit(&|r| r.entry = sample::lines(15).unwrap()[0].0.encode()), 5);
    assert_eq!(exit(&|r| r.among.as_mut().unwrap().place = 1), 5);
    assert_eq!(exit(&|r| r.among.as_mut().unwrap().batch = sample::entry(31).unwrap().0.encode()), 5);
    assert_eq!(exit(&|r| r.among = None), 5);
    assert_eq!(exit(&|r| r.opened.as_mut().unwrap().0.r[0] ^= 1), 6);
}

#[test]
fn verify_exit_codes_table() {
    let dir = log(3, 9);
    let at = |name: &str| path(dir.path(), name);
    let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let receipt = fs::read_to_string(at("receipts/4.tlog-proof")).unwrap();
    let policy = fs::read_to_string(at("assent-ledger.txt")).unwrap();
    put("all.txt", &policy.replace("most 2", "most 3"));
    put("cut.tlog-proof", &receipt[..receipt.len() - 1]);
    put(
        "unwitnessed.tlog-proof",
        &(receipt.lines().take_while(|l| !l.starts_with("— witness3")).collect::<Vec<_>>().join("\n") + "\n"),
    );
    put("unsigned.tlog-proof", &receipt.replace(&format!("— {}", sample::ORIGIN), "— other.example"));
    put("moved.tlog-proof", &receipt.replace("index 4\n", "index 5\n"));
    put("other.json", &serde_json::json!({"detail": sample::detail(5)}).to_string());
    put("same.json", &serde_json::json!({"detail": sample::detail(4)}).to_string());
    put("bad.json", "{}");
    let fork = sample::head(9, [7; 32], 3, 1).unwrap();
    put("fork.checkpoint", &fork.to_string());
    put("later.checkpoint", &sample::head(12, [7; 32], 0, 1).unwrap().to_string());
    put("earlier.checkpoint", &sample::head(4, [7; 32], 0, 1).unwrap().to_string());
    let good = at("receipts/4.tlog-proof");
    let (policy, all, log) = (at("assent-ledger.txt"), at("all.txt"), dir.path().to_str().unwrap());
    let table: &[(Verdict, &[&str])] = &[
        (Verdict::Good, &[&good, "--policy", &policy]),
        (Verdict::Good, &[&good, "--policy", &all, "--max-age", "100"]),
        (Verdict::Good, &[&good, "--policy", &at("log.vkey")]),
        (Verdict::Good, &[&good, "--policy", &policy, "--detail", &at("same.json")]),
        (Verdict::Good, &[&good, "--policy", &policy, "--since", &at("checkpoint")]),
        (Verdict::Good, &[&good, "--policy", &policy, "--since", &at("checkpoint.old"), "--log", log]),
        (Verdict::Good, &["export", log]),
        (Verdict::Good, &["export", log, "--policy", &all, "--since", &at("checkpoint.old"), "--json"]),
        (Verdict::Malformed, &[]),
        (Verdict::Malformed, &[&good]),
        (Verdict::Malformed, &[&good, "--policy"]),
        (Verdict::Malformed, &[&good, "--policy", &policy, "--other"]),
        (Verdict::Malformed, &[&at("missing"), "--policy", &policy]),
        (Verdict::Malformed, &[&good, "--policy", &good]),
        (Verdict::Malformed, &[&at("cut.tlog-proof"), "--policy", &policy]),
        (Verdict::Malformed, &[&good, "--policy", &policy, "--detail", &at("bad.json")]),
        (Verdict::Malformed, &["export", &at("receipts")]),
        (Verdict::LogSignature, &[&at("unsigned.tlog-proof"), "--policy", &policy]),
        (Verdict::Quorum, &[&at("unwitnessed.tlog-proof"), "--policy", &all]),
        (Verdict::Inclusion, &[&at("moved.tlog-proof"), "--policy", &policy]),
        (Verdict::Opening, &[&good, "--policy", &policy, "--detail", &at("other.json")]),
        (Verdict::Inconsistent, &[&good, "--policy", &policy, "--since", &at("fork.checkpoint")]),
        (Verdict::Inconsistent, &[&good, "--policy", &policy, "--since", &at("checkpoint.old")]),
        (
            Verdict::Inconsistent,
            &[&good, "--policy", &policy, "--since", &at("earlier.checkpoint"), "--log", log],
        ),
        (Verdict::Inconsistent, &["export", log, "--since", &at("earlier.checkpoint")]),
        (Verdict::Inconsistent, &["export", log, "--since", &at("later.checkpoint")]),
        (Verdict::Stale, &[&good, "--policy", &policy, "--since", &at("later.checkpoint")]),
        (Verdict::Stale, &[&good, "--policy", &policy, "--max-age", "99"]),
        (Verdict::Stale, &["export", log, "--max-age", "99"]),
    ];
    for (verdict, args) in table {
        let (code, said) = verify(args);
        assert_eq!(code, verdict.exit_code(), "{args:?}: {said}");
    }
    let numbers: Vec<i32> = [
        Verdict::Good,
        Verdict::Malformed,
        Verdict::LogSignature,
        Verdict::Quorum,
        Verdict::Inclusion,
        Verdict::Opening,
        Verdict::Inconsistent,
        Verdict::Stale,
    ]
    .map(Verdict::exit_code)
    .into();
    assert_eq!(numbers, [0, 2, 3, 4, 5, 6, 7, 8]);
}

/// Flips bits through every file of an export; `step` bytes apart.
fn every_flip_is_found(dir: &Path, step: usize) {
    let policy = Policy::parse(&sample::policy(3).unwrap()).unwrap();
    check_export(dir, Some(&policy), None).unwrap();
    let checked = |path: &PathBuf| path.starts_with(dir.join("tile")) || path.ends_with("checkpoint");
    for file in files(dir).iter().filter(|file| checked(file)) {
        let good = fs::read(file).unwrap();
        for at in (0..good.len()).step_by(step) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(file, bad).unwrap();
            assert!(check_export(dir, Some(&policy), None).is_err(), "{} byte {at}", file.display());
        }
        fs::write(file, [good.as_slice(), b"\n"].concat()).unwrap();
        assert!(check_export(dir, Some(&policy), None).is_err(), "{} longer", file.display());
        fs::write(file, &good).unwrap();
    }
}

#[test]
fn ledger_edit_breaks_every_later_head() {
    every_flip_is_found(log(2, 5).path(), 1);
    every_flip_is_found(log(100, 300).path(), 611);
}

#[test]
fn missing_and_unexpected_files_are_found() {
    let dir = log(100, 300);
    let base = dir.path();
    let good = check_export(base, None, None).unwrap();
    assert!(good.own_policy && good.kinds.values().sum::<u64>() == 300);
    for extra in ["tile/0/002", "tile/entries/note.txt", "tile/0/000.p/300", "tile/1/000.p/2"] {
        fs::create_dir_all(base.join(extra).parent().unwrap()).unwrap();
        fs::write(base.join(extra), [0; 64]).unwrap();
        assert_eq!(check_export(base, None, None).unwrap_err().verdict, Verdict::Malformed, "{extra}");
        fs::remove_file(base.join(extra)).unwrap();
    }
    check_export(base, None, None).unwrap();
    for missing in
        ["tile/0/000", "tile/entries/000", "tile/0/001.p/44", "tile/entries/001.p/44", "checkpoint"]
    {
        let bytes = fs::read(base.join(missing)).unwrap();
        fs::remove_file(base.join(missing)).unwrap();
        assert_eq!(check_export(base, None, None).unwrap_err().verdict, Verdict::Malformed, "{missing}");
        fs::write(base.join(missing), bytes).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn links_and_odd_names_are_refused() {
    let dir = log(2, 5);
    let tile = dir.path().join("tile/0/000.p/5");
    fs::rename(&tile, dir.path().join("aside")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("aside"), &tile).unwrap();
    assert_eq!(check_export(dir.path(), None, None).unwrap_err().verdict, Verdict::Malformed);
    fs::rename(dir.path().join("aside"), &tile).unwrap();
    fs::write(dir.path().join("tile/0/\u{1b}[2J"), b"").unwrap();
    assert!(!check_export(dir.path(), None, None).unwrap_err().what.contains('\u{1b}'));
}

#[test]
fn old_receipt_survives_or_exposes() {
    let dir = log(100, 300);
    let old =
        assent_kernel::ledger::Note::parse(&fs::read_to_string(dir.path().join("checkpoint.old")).unwrap());
    let receipt = sample::receipt(dir.path(), 7, 100, &old.unwrap()).unwrap().encode();
    let file = dir.path().join("old.tlog-proof");
    fs::write(&file, receipt).unwrap();
    let policy = path(dir.path(), "assent-ledger.txt");
    assert_eq!(verify(&[file.to_str().unwrap(), "--policy", &policy]).0, 0);
    let newer = path(dir.path(), "checkpoint");
    assert_eq!(verify(&[file.to_str().unwrap(), "--policy", &policy, "--since", &newer]).0, 8);
}
