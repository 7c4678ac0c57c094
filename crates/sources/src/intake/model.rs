//! The nouns of an import: where it stands, what it does with rows, what became of them.

use std::collections::BTreeMap;

use assent_kernel::{Asker, CompanyId, ImportId, PurposeKey, Region, StaffId, Timestamp};
use assent_store::LONGEST_CLAIM;
use assent_store::work::Reach;
use serde::{Deserialize, Serialize};

use super::read::{Encoding, Format, Layout, Mapping, Sample};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file is on its way.
    Uploading,
    /// Somebody says what the columns mean, and on what terms the people came.
    Draft,
    /// The file is read without keeping anything.
    Trying,
    /// Rows come in.
    Running,
    /// Somebody stopped it, or an error did.
    Stopped,
    /// Every row was read.
    Done,
    /// Everybody it brought is being erased.
    Undoing,
    /// Everybody it brought is erased, but who acted for themselves.
    Undone,
}

const STATES: [(State, &str, &str); 8] = [
    (State::Uploading, "uploading", "Upload"),
    (State::Draft, "draft", "Not started"),
    (State::Trying, "trying", "Trying"),
    (State::Running, "running", "Running"),
    (State::Stopped, "stopped", "Stopped"),
    (State::Done, "done", "Done"),
    (State::Undoing, "undoing", "Undoing"),
    (State::Undone, "undone", "Undone"),
];

impl State {
    /// The key under which it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        STATES.iter().find(|line| line.0 == self).map_or("", |line| line.1)
    }
    /// The word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        STATES.iter().find(|line| line.0 == self).map_or("", |line| line.2)
    }
    /// The state of that key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        STATES.iter().find(|line| line.1 == key).map(|line| line.0)
    }
    /// True while a node works on it.
    #[must_use]
    pub fn works(self) -> bool {
        matches!(self, Self::Trying | Self::Running | Self::Undoing)
    }
}

/// What these people's terms stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// Columns of the file say so, row by row.
    Columns,
    /// A contract of one kind with all of them.
    Contract,
    /// Nothing is known: they come into quarantine.
    #[default]
    Nothing,
}

/// How rows are treated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// What the terms stand on.
    pub stand: Stand,
    /// The kind of the contracts: of all people, or of those whose row names a contract.
    pub contract: Option<String>,
    /// Since when the contracts run; `None` = since the import.
    pub since: Option<Timestamp>,
    /// What the words of the consent column mean: the purpose for each, in [`fold`](assent_gate::fold)ed form.
    pub purposes: BTreeMap<String, PurposeKey>,
    /// A row that names a source but no version of the text stands for the text of today.
    pub unversioned: bool,
    /// The country of phone numbers that name none, as two letters.
    pub country: Option<String>,
}

/// Why rows were treated in a certain way: a sentence, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally(pub BTreeMap<String, (String, u64)>);

impl Tally {
    /// Counts one more under a code.
    pub fn add(&mut self, code: &str, sentence: &str) {
        self.0.entry(code.to_owned()).or_insert_with(|| (sentence.to_owned(), 0)).1 += 1;
    }
    /// Counts all of another.
    pub fn take(&mut self, other: &Self) {
        for (code, (sentence, count)) in &other.0 {
            self.0.entry(code.clone()).or_insert_with(|| (sentence.clone(), 0)).1 += count;
        }
    }
    /// Sentence and number, most first.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, u64)> {
        let mut lines: Vec<(&str, u64)> = self.0.values().map(|(text, n)| (text.as_str(), *n)).collect();
        lines.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        lines
    }
}

/// What became of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Rows of people who are here already, in the file or before.
    pub duplicates: u64,
    /// People taken whose terms are not known.
    pub quarantined: u64,
    /// Values that may not be kept here.
    pub left_out: u64,
    /// Why rows were rejected or skipped.
    pub why: Tally,
    /// What was noticed about rows that were taken.
    pub noticed: Tally,
}

impl Counts {
    /// People taken.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.rows.saturating_sub(self.rejected).saturating_sub(self.duplicates)
    }
    /// Counts all of another.
    pub fn take(&mut self, other: &Self) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.duplicates += other.duplicates;
        self.quarantined += other.quarantined;
        self.left_out += other.left_out;
        self.why.take(&other.why);
        self.noticed.take(&other.noticed);
    }
}

/// Whose people are meant, as it is kept with an import: those of some owners, and perhaps those of nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    owners: Vec<StaffId>,
    nobodys: bool,
}

impl Within {
    /// As it is kept.
    pub fn of(reach: &Reach) -> Option<Self> {
        reach.owners().map(|(owners, nobodys)| Self { owners: owners.to_vec(), nobodys })
    }
    /// As it is asked with.
    pub fn reach(kept: Option<&Self>) -> Reach {
        kept.map_or_else(Reach::all, |within| Reach::of(&within.owners, within.nobodys))
    }
}

/// All that an import remembers. No value of a person is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The name of the file.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Who imports, or undoes.
    pub asker: Asker,
    /// True when the total is an estimate.
    #[serde(default)]
    pub estimated: bool,
    /// How its characters are written.
    pub encoding: Encoding,
    /// How it is read.
    pub layout: Layout,
    /// What its columns mean.
    pub mapping: Mapping,
    /// Somebody confirmed the mapping.
    #[serde(default)]
    pub mapped: bool,
    /// How rows are treated, once somebody said so.
    #[serde(default)]
    pub rules: Option<Rules>,
    /// What became of the rows.
    #[serde(default)]
    pub counts: Counts,
    /// What would become of them, from a reading without keeping.
    #[serde(default)]
    pub tried: Option<Counts>,
    /// The day by which dates are judged: the one on which it was started.
    #[serde(default = "Body::never")]
    pub started_at: Timestamp,
    /// When the node at work began, and how many rows were done then: for the speed.
    #[serde(default)]
    pub pace: Option<(Timestamp, u64)>,
    /// When it was done.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// People erased by undoing it, and people who stay because they acted for themselves.
    #[serde(default)]
    pub undone: (u64, u64),
    /// Whose people whoever undoes it may erase; everybody's when nothing is said.
    #[serde(default)]
    pub within: Option<Within>,
    /// Why it stopped by itself.
    #[serde(default)]
    pub error: Option<String>,
    /// The file is not here: it was read where the command ran.
    #[serde(default)]
    pub local: bool,
    /// A mark of that file, by which a command finds its import again.
    #[serde(default)]
    pub file: Option<String>,
    /// A mark of all else that the command said: what broke off is taken up by one that says the same.
    #[serde(default)]
    pub said: String,
    /// How much of the file of rejected rows counts: what a command wrote behind that broke off before it was done.
    #[serde(default)]
    pub rejects: u64,
    /// A mark of so much of that file: another, or one that somebody changed, is not written on.
    #[serde(default)]
    pub rejects_mark: String,
    /// The sealed files are gone.
    #[serde(default)]
    pub cleared: bool,
}

impl Body {
    const fn never() -> Timestamp {
        Timestamp::MIN
    }

    /// Of a file that nobody has looked at yet.
    #[must_use]
    pub fn new(name: &str, asker: Asker) -> Self {
        Self {
            name: name.to_owned(),
            size: 0,
            asker,
            estimated: false,
            encoding: Encoding::Utf8,
            layout: Layout { format: Format::VCard, headers: Vec::new() },
            mapping: Mapping::default(),
            mapped: false,
            rules: None,
            counts: Counts::default(),
            tried: None,
            started_at: Self::never(),
            pace: None,
            finished_at: None,
            undone: (0, 0),
            within: None,
            error: None,
            local: false,
            file: None,
            said: String::new(),
            rejects: 0,
            rejects_mark: String::new(),
            cleared: false,
        }
    }

    /// Takes over what the beginning of the file tells.
    pub fn look(&mut self, sample: &Sample, size: u64) {
        self.size = size;
        self.estimated = sample.estimated;
        self.encoding = sample.encoding;
        self.layout = sample.layout.clone();
        self.mapping = sample.mapping.clone();
    }
}

/// One import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// Whose.
    pub company: CompanyId,
    /// Where the people are kept.
    pub region: Region,
    /// Who uploaded the file.
    pub staff: StaffId,
    /// When.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Rows, as far as known.
    pub total: u64,
    /// Until when a node has it; also the number by which that node proves it still has it.
    pub claimed_until: Option<Timestamp>,
    /// The rest.
    pub body: Body,
}

impl Import {
    /// True when no node works on it although one should: it stopped without a word.
    #[must_use]
    pub fn lapsed(&self, at: Timestamp) -> bool {
        self.state.works() && !self.is_held(at)
    }
    /// True when it was stopped but the node at work has not let go yet.
    #[must_use]
    pub fn stopping(&self, at: Timestamp) -> bool {
        self.state == State::Stopped && self.is_held(at)
    }
    /// True while a node has it; a claim that runs on for longer than any was made by a clock that was wrong.
    fn is_held(&self, at: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| at < until && until <= at.plus(LONGEST_CLAIM))
    }
    /// People taken so far.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.body.counts.taken()
    }
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub done: u64,
    /// Rows in all, as far as known.
    pub total: u64,
    /// What became of them.
    pub counts: Counts,
}

/// A row, or a value of one, that somebody should look at; written to the file of rejected rows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The row's number.
    pub row: u64,
    /// The line of the file.
    pub line: u64,
    /// The column, by name; empty when it is about the whole row.
    pub column: String,
    /// What is the matter.
    pub reason: String,
    /// The row as it came.
    pub fields: Vec<String>,
}

impl std::fmt::Debug for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reject(row {})", self.row)
    }
}
