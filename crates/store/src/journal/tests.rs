//! The journal hurt: cut at every byte, damaged at every byte, used from two sides, refused by the disk.

use std::cell::RefCell;
use std::path::PathBuf;

use assent_kernel::Timestamp;

use super::*;
use crate::db::tx::{Inner, Texts, Tx};
use crate::db::{Db, Place};
use crate::migrate::{Kind, migrate};

struct Bench {
    folder: PathBuf,
    /// The store's mark, as a test moves it.
    mark: RefCell<Mark>,
}

impl Bench {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("assent-journal-{}-{name}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder, mark: RefCell::new(Mark { store: 7, generation: 1, at: 0 }) }
    }
    fn base(&self) -> PathBuf {
        self.folder.join("eu.db")
    }
    fn mark(&self) -> Mark {
        *self.mark.borrow()
    }
    fn open(&self) -> Result<Journal> {
        Journal::open(&self.base(), || Ok(self.mark()))
    }
    fn append(&self, journal: &mut Journal, records: &[Record]) -> Result<()> {
        journal.hold()?;
        let mut frame = Frame::default();
        frame.clear();
        for record in records {
            frame.push(&record.encode()?);
        }
        let done = journal.refresh(self.mark()).and_then(|()| journal.append(&mut frame, self.mark()));
        journal.release();
        done.map(|()| journal.learn(&frame))
    }
    /// Everything after the mark, as the one who absorbs reads it.
    fn read(&self, journal: &Journal) -> Result<(Vec<Record>, Mark)> {
        let conn = rusqlite::Connection::open_in_memory()?;
        conn.execute_batch(
            "CREATE TABLE journal_mark (one INTEGER PRIMARY KEY, store INTEGER, generation INTEGER, at INTEGER)",
        )?;
        let mut texts = Texts::new();
        let mut tx = Tx(Inner::Sqlite(&conn, &mut texts, None));
        new_mark(&mut tx, self.mark().store)?;
        set_mark(&mut tx, self.mark())?;
        unabsorbed(&mut tx, &journal.reach(), usize::MAX)
    }
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(path(&self.base(), 1)).unwrap()
    }
    fn set_bytes(&self, bytes: &[u8]) {
        std::fs::write(path(&self.base(), 1), bytes).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn record(person: u8, seq: i64) -> Record {
    Record {
        person: PersonId::from_bytes([person; 16]),
        seq,
        at: Timestamp::from_micros(seq),
        log: "test.example/ledger/halden/eu".into(),
        leaf: vec![person; 30],
        sealed: vec![seq as u8; 50],
    }
}

fn frames() -> [Vec<Record>; 3] {
    [vec![record(1, 1), record(2, 1)], vec![record(1, 2)], vec![record(3, 1), record(1, 3)]]
}

/// Three frames; tells where each begins and where the last ends.
fn three(bench: &Bench) -> [usize; 4] {
    let mut journal = bench.open().unwrap();
    let mut ends = [0; 4];
    for (n, frame) in frames().iter().enumerate() {
        bench.append(&mut journal, frame).unwrap();
        ends[n + 1] = usize::try_from(journal.tails[1]).unwrap();
    }
    ends
}

#[test]
fn what_was_appended_is_read_by_whoever_opens_next() {
    let bench = Bench::new("next");
    three(&bench);
    let journal = bench.open().unwrap();
    assert_eq!(bench.read(&journal).unwrap().0, frames().concat());
    assert_eq!(journal.newest(PersonId::from_bytes([1; 16])), Some(3));
    assert_eq!(journal.newest(PersonId::from_bytes([9; 16])), None);
}

#[test]
fn a_last_frame_cut_at_any_byte_was_never_acknowledged_and_goes() {
    let bench = Bench::new("torn");
    let ends = three(&bench);
    let mut whole = bench.bytes();
    // The room behind it says nothing and only takes time here.
    whole.truncate(ends[3] + 64);
    let last = ends[2] + HEAD + frame::head(&whole[ends[2]..]).unwrap().length;
    for cut in ends[2]..last {
        let mut torn = whole.clone();
        torn[cut..].fill([0u8, 0xff, b'A'][cut % 3]);
        if torn == whole {
            continue;
        }
        bench.set_bytes(&torn);
        let mut journal = bench.open().unwrap();
        assert_eq!(bench.read(&journal).unwrap().0, frames()[..2].concat(), "cut at {cut}");
        bench.append(&mut journal, &[record(4, 1)]).unwrap();
        let again = bench.open().unwrap();
        let read = bench.read(&again).unwrap().0;
        assert_eq!((read.len(), &read[3]), (4, &record(4, 1)), "cut at {cut}");
        bench.set_bytes(&whole[..cut]);
        assert_eq!(bench.read(&bench.open().unwrap()).unwrap().0.len(), 3, "a file that ends at {cut}");
    }
}

#[test]
fn a_frame_damaged_before_the_last_is_an_error_that_says_where() {
    let bench = Bench::new("damaged");
    let ends = three(&bench);
    let mut whole = bench.bytes();
    whole.truncate(ends[3] + 64);
    for at in 0..ends[2] {
        // Between frames there are a few bytes that mean nothing.
        let begin = if at < ends[1] { 0 } else { ends[1] };
        if at >= begin + HEAD + frame::head(&whole[begin..]).unwrap().length {
            continue;
        }
        let mut bad = whole.clone();
        bad[at] ^= 0x40;
        bench.set_bytes(&bad);
        let said = bench.open().expect_err("damaged").to_string();
        assert!(said.contains("eu.db-uses1"), "{said}");
        let place = format!("at byte {begin} ");
        assert!(
            said.contains(&place) || said.contains("another store") || said.contains("newer"),
            "{at}: {said}"
        );
    }
}

#[test]
fn two_handles_on_one_journal_see_each_other() {
    let bench = Bench::new("two");
    let (mut one, mut other) = (bench.open().unwrap(), bench.open().unwrap());
    for seq in 1..50 {
        bench.append(if seq % 3 == 0 { &mut one } else { &mut other }, &[record(1, seq)]).unwrap();
    }
    one.refresh(bench.mark()).unwrap();
    other.refresh(bench.mark()).unwrap();
    for journal in [&one, &other] {
        let seqs: Vec<i64> = bench.read(journal).unwrap().0.iter().map(|record| record.seq).collect();
        assert_eq!(seqs, (1..50).collect::<Vec<_>>());
        assert_eq!(journal.newest(PersonId::from_bytes([1; 16])), Some(49));
    }
}

#[test]
fn files_take_turns_and_what_was_absorbed_is_not_read_again() {
    let bench = Bench::new("turns");
    let (mut one, mut other) = (bench.open().unwrap(), bench.open().unwrap());
    let big = |seq| Record { sealed: vec![7; 3 * 1024 * 1024], ..record(1, seq) };
    let (mut seq, mut absorbed) = (0, 0);
    for round in 0..24 {
        seq += 1;
        bench.append(if round % 5 == 0 { &mut other } else { &mut one }, &[big(seq)]).unwrap();
        if round % 7 == 6 {
            one.refresh(bench.mark()).unwrap();
            let (records, mark) = bench.read(&one).unwrap();
            assert_eq!(
                records.iter().map(|r| r.seq).collect::<Vec<_>>(),
                (absorbed + 1..=seq).collect::<Vec<_>>()
            );
            absorbed = seq;
            *bench.mark.borrow_mut() = mark;
        }
        if round % 9 == 8 {
            one = bench.open().unwrap();
        }
    }
    assert!(one.generation >= 3, "generation {}", one.generation);
    let length = std::fs::metadata(path(&bench.base(), 0)).unwrap().len();
    assert!(length < 2 * LONG + 16 * 1024 * 1024, "a file is used again: {length}");
    let late = bench.open().unwrap();
    assert_eq!(bench.read(&late).unwrap().0.len(), usize::try_from(seq - absorbed).unwrap());
}

#[test]
fn a_file_that_is_gone_and_a_store_that_was_set_back() {
    let bench = Bench::new("gone");
    let mut journal = bench.open().unwrap();
    bench.append(&mut journal, &[record(1, 1)]).unwrap();
    let (_, mark) = bench.read(&journal).unwrap();
    *bench.mark.borrow_mut() = mark;
    drop(journal);
    std::fs::remove_file(path(&bench.base(), 1)).unwrap();
    let mut journal = bench.open().unwrap();
    assert!(bench.read(&journal).unwrap().0.is_empty());
    bench.append(&mut journal, &[record(1, 2)]).unwrap();
    let (records, after) = bench.read(&bench.open().unwrap()).unwrap();
    assert_eq!((records, after.generation), (vec![record(1, 2)], 2));
    // A mark of long ago, beside the journal of today.
    for (file, generation) in [(0, 8u64), (1, 9)] {
        let mut frame = Frame::default();
        frame.clear();
        frame.push(&record(1, 3).encode().unwrap());
        let spot = Spot { store: 7, generation, at: 0 };
        std::fs::write(path(&bench.base(), file), frame.finish(spot, 0).unwrap()).unwrap();
    }
    assert!(bench.open().unwrap_err().to_string().contains("set back"));
    bench.mark.borrow_mut().store = 8;
    assert!(bench.open().unwrap_err().to_string().contains("another store"));
}

#[test]
fn a_disk_that_refuses_leaves_nothing_and_goes_on_when_it_can() {
    let bench = Bench::new("full");
    let mut journal = bench.open().unwrap();
    bench.append(&mut journal, &[record(1, 1)]).unwrap();
    // A handle that may only read stands in for a disk that refuses to write.
    let read_only = || File::open(path(&bench.base(), 1)).unwrap();
    journal.files[1] = read_only();
    let refused = bench.append(&mut journal, &[record(1, 2)]);
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    assert_eq!(journal.newest(PersonId::from_bytes([1; 16])), Some(1));
    bench.append(&mut journal, &[record(1, 2)]).unwrap();
    // A name that cannot be opened again: refused until it can.
    journal.files[1] = read_only();
    let (name, away) = (path(&bench.base(), 1), bench.folder.join("away"));
    std::fs::rename(&name, &away).unwrap();
    std::fs::create_dir(&name).unwrap();
    assert!(bench.append(&mut journal, &[record(1, 3)]).is_err());
    assert!(bench.append(&mut journal, &[record(1, 3)]).is_err());
    std::fs::remove_dir(&name).unwrap();
    std::fs::rename(&away, &name).unwrap();
    bench.append(&mut journal, &[record(1, 3)]).unwrap();
    let seqs: Vec<i64> = bench.read(&bench.open().unwrap()).unwrap().0.iter().map(|one| one.seq).collect();
    assert_eq!(seqs, [1, 2, 3]);
}

/// Cutting off what a failed write left behind must wait, and another process appends and is told that all is well.
#[test]
fn what_another_process_appended_is_not_cut_off_by_a_late_mend() {
    let bench = Bench::new("late");
    let (mut one, mut other) = (bench.open().unwrap(), bench.open().unwrap());
    bench.append(&mut one, &[record(1, 1)]).unwrap();
    one.files[1] = File::open(path(&bench.base(), 1)).unwrap();
    let (name, away) = (path(&bench.base(), 1), bench.folder.join("away"));
    std::fs::rename(&name, &away).unwrap();
    std::fs::create_dir(&name).unwrap();
    assert!(bench.append(&mut one, &[record(1, 2)]).is_err());
    bench.append(&mut other, &[record(2, 1), record(2, 2)]).unwrap();
    std::fs::remove_dir(&name).unwrap();
    std::fs::rename(&away, &name).unwrap();
    bench.append(&mut one, &[record(1, 2)]).unwrap();
    bench.append(&mut other, &[record(2, 3)]).unwrap();
    let all = [record(1, 1), record(2, 1), record(2, 2), record(1, 2), record(2, 3)];
    assert_eq!(bench.read(&bench.open().unwrap()).unwrap().0, all);
}

/// Another process went on in the other file, and what it wrote there was damaged: whoever comes next refuses as often as
/// it tries, and goes on when it is mended.
#[test]
fn damage_that_was_found_once_is_found_until_it_is_mended() {
    let bench = Bench::new("again");
    let (mut one, mut other) = (bench.open().unwrap(), bench.open().unwrap());
    let long = Record { sealed: vec![7; usize::try_from(LONG).unwrap()], ..record(1, 1) };
    bench.append(&mut other, &[long]).unwrap();
    let mut ends = Vec::new();
    for seq in 2..5 {
        bench.append(&mut other, &[record(1, seq)]).unwrap();
        ends.push(usize::try_from(other.tails[0]).unwrap());
    }
    assert_eq!(other.generation, 2, "it went on in the other file");
    let whole = std::fs::read(path(&bench.base(), 0)).unwrap();
    let mut bad = whole.clone();
    bad[ends[0] + HEAD + 4] ^= 0x40;
    std::fs::write(path(&bench.base(), 0), &bad).unwrap();
    let said: Vec<_> = (0..3).map(|_| one.refresh(bench.mark()).expect_err("damaged").to_string()).collect();
    assert!(
        said[0].contains("eu.db-uses0") && said[0].contains(&format!("at byte {} ", ends[0])),
        "{said:?}"
    );
    assert!(said.iter().all(|again| *again == said[0]), "{said:?}");
    assert!(matches!(bench.append(&mut one, &[record(2, 1)]), Err(StoreError::Damaged(_))));
    assert!(std::fs::read(path(&bench.base(), 0)).unwrap() == bad, "nothing is written beside damage");

    std::fs::write(path(&bench.base(), 0), &whole).unwrap();
    bench.append(&mut one, &[record(2, 1)]).unwrap();
    bench.append(&mut other, &[record(1, 5)]).unwrap();
    let read = bench.read(&bench.open().unwrap()).unwrap().0;
    let told: Vec<_> = read.iter().map(|one| (one.person.to_bytes()[0], one.seq)).collect();
    assert_eq!(told, [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (1, 5)]);
}

/// Another process went on in the same file: what was damaged before this one followed is not written over.
#[test]
fn damage_behind_the_tail_is_not_written_over() {
    let bench = Bench::new("behind");
    let (mut one, mut other) = (bench.open().unwrap(), bench.open().unwrap());
    let before = usize::try_from(other.tails[1]).unwrap();
    (1..4).for_each(|seq| bench.append(&mut other, &[record(1, seq)]).unwrap());
    let file = path(&bench.base(), place(other.generation));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[before + HEAD + 4] ^= 0x40;
    std::fs::write(&file, &bytes).unwrap();
    for _ in 0..2 {
        assert!(matches!(bench.append(&mut one, &[record(2, 1)]), Err(StoreError::Damaged(_))));
    }
    assert!(std::fs::read(&file).unwrap() == bytes, "nothing is written beside damage");
}

/// A region's file with its journal, as the gate opens it.
async fn region(bench: &Bench) -> Db {
    let db = Db::open(Place::File(bench.base())).unwrap();
    migrate(&db, Kind::Region).await.unwrap();
    db.with_journal().await.unwrap()
}

#[tokio::test]
async fn a_crash_between_absorbing_and_marking_absorbs_once() {
    let bench = Bench::new("once");
    let db = region(&bench).await;
    for seq in 1..=3 {
        let record = record(1, seq).encode().unwrap();
        db.append(move |pen| {
            pen.push(&record);
            Ok(())
        })
        .await
        .unwrap();
    }
    let reach = db.append(|pen| Ok(pen.reach())).await.unwrap();
    assert_eq!(db.append(|pen| pen.waiting()).await.unwrap(), 3);
    let absorb = |fails: bool| {
        let (db, reach) = (db.clone(), reach.clone());
        async move {
            db.write_aside(move |tx| {
                let (records, mark) = unabsorbed(tx, &reach, 2)?;
                for one in &records {
                    let line = crate::ledger::Line::system(one.leaf.clone());
                    crate::ledger::queue(tx, &one.log, one.at, &[line])?;
                }
                set_mark(tx, mark)?;
                if fails { Err(StoreError::Moved) } else { Ok(records.len()) }
            })
            .await
        }
    };
    assert!(absorb(true).await.is_err());
    assert_eq!(db.read(crate::ledger::waiting_count).await.unwrap(), 0, "nothing of it remains");
    for expected in [2, 1, 0, 0] {
        assert_eq!(absorb(false).await.unwrap(), expected);
    }
    assert_eq!(db.read(crate::ledger::waiting_count).await.unwrap(), 3);
    // Whoever opens it again finds nothing left to absorb.
    let again = region(&bench).await;
    assert_eq!(again.append(|pen| pen.waiting()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_closure_that_fails_takes_back_its_own_and_nothing_else() {
    let bench = Bench::new("alone");
    let db = region(&bench).await;
    let push = |seq: i64, fails: bool| {
        let record = record(1, seq).encode().unwrap();
        db.append(move |pen| {
            pen.push(&record);
            if fails { Err(StoreError::Moved) } else { Ok(()) }
        })
    };
    let (a, b, c) = tokio::join!(push(1, false), push(2, true), push(2, false));
    assert_eq!((a, b, c), (Ok(()), Err(StoreError::Moved), Ok(())));
    assert_eq!(db.append(|pen| pen.waiting()).await.unwrap(), 2);
}

/// The journal cannot be begun once; the closure that ran in vain must not count for the next number.
#[tokio::test]
async fn an_append_that_cannot_begin_leaves_no_gap() {
    let bench = Bench::new("begin");
    let db = region(&bench).await;
    let who = PersonId::from_bytes([1; 16]);
    db.write(move |tx| {
        let person = assent_kernel::Person::new(who, assent_kernel::CompanyId::from_bytes([1; 16]));
        crate::people::add_all(tx, &[(&person, Timestamp::MAX)], 0, Timestamp::MIN, None).map(drop)
    })
    .await
    .unwrap();
    let next = || {
        db.append(move |pen| {
            let seq = pen.footing(who)?.map_or(0, |now| now.seq) + 1;
            pen.push(&record(1, seq).encode()?);
            Ok(seq)
        })
    };
    assert_eq!(next().await, Ok(1));
    // The other file is another store's for a moment: whoever begins is refused.
    let mut frame = Frame::default();
    frame.clear();
    frame.push(&record(1, 9).encode().unwrap());
    let foreign = frame.finish(Spot { store: 8, generation: 2, at: 0 }, 0).unwrap().to_vec();
    std::fs::write(path(&bench.base(), 0), foreign).unwrap();
    for _ in 0..3 {
        assert!(matches!(next().await, Err(StoreError::Damaged(_))));
    }
    std::fs::write(path(&bench.base(), 0), []).unwrap();
    assert_eq!(next().await, Ok(2));
    assert_eq!(db.append(|pen| pen.waiting()).await.unwrap(), 2);
}
