//! C2SP tlog-policy: which logs are known, which witnesses, and how many of them must have cosigned.

use std::collections::{BTreeMap, BTreeSet};

use super::LedgerError;
use super::note::{Checkpoint, ED25519, Note, Vkey};

/// Most logs, witnesses and groups each.
pub const MAX_NAMES: usize = 64;
/// Longest policy file in bytes.
pub const MAX_POLICY: usize = 256 * 1024;

/// How many seconds a witness's clock may be ahead where freshness is asked for.
pub const MAX_AHEAD: u64 = 300;

/// How old a head may be: judged by the newest witness time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The present, in unix seconds.
    pub now: u64,
    /// Greatest age in seconds.
    pub max_age: u64,
}

impl Freshness {
    /// Whether a cosignature of this unix second counts: not too old, and not from the future.
    fn allows(&self, time: u64) -> bool {
        time.saturating_add(self.max_age) >= self.now && time <= self.now.saturating_add(MAX_AHEAD)
    }
}

/// A member of the name space of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Witness(Box<Vkey>),
    Group { least: usize, members: Vec<String> },
}

/// A policy: any one of the logs must have signed, and the quorum must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Vkey>,
    members: BTreeMap<String, Member>,
    quorum: Option<String>,
}

/// A head that a policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedHead {
    /// What the log states.
    pub checkpoint: Checkpoint,
    /// Witnesses of the policy that cosigned it (name in the policy, unix seconds), in name order.
    pub witnesses: Vec<(String, u64)>,
}

impl Policy {
    /// The policy that trusts one log key and asks for no witness.
    pub fn for_log(key: Vkey) -> Self {
        Self { logs: vec![key], members: BTreeMap::new(), quorum: None }
    }

    /// The logs it knows.
    pub fn logs(&self) -> &[Vkey] {
        &self.logs
    }

    /// Reads a policy file.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        if text.len() > MAX_POLICY || text.contains(|c: char| c.is_ascii_control() && c != '\n' && c != '\t')
        {
            return Err(LedgerError::Malformed("policy length or control character"));
        }
        let mut reading = Reading::default();
        for line in text.split('\n') {
            let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
            match words.next() {
                None => {}
                Some(word) if word.starts_with('#') => {}
                Some("log") => reading.log(&words.collect::<Vec<_>>())?,
                Some("witness") => reading.witness(&words.collect::<Vec<_>>())?,
                Some("group") => reading.group(&words.collect::<Vec<_>>())?,
                Some("quorum") => reading.quorum(&words.collect::<Vec<_>>())?,
                Some(_) => return Err(LedgerError::Malformed("policy line")),
            }
        }
        let quorum = reading.quorum.ok_or(LedgerError::Malformed("policy without quorum"))?;
        Ok(Self { logs: reading.logs, members: reading.members, quorum: Some(quorum).filter(|q| q != NONE) })
    }

    /// The head, if a known log signed it under its own name; asks for no witness.
    pub fn signed(&self, note: &Note) -> Result<Checkpoint, LedgerError> {
        let checkpoint = note.checkpoint()?;
        let mut signed = false;
        for key in self.logs.iter().filter(|key| key.name() == checkpoint.origin) {
            signed |= note.verify_log(key)?;
        }
        if signed { Ok(checkpoint) } else { Err(LedgerError::LogSignature) }
    }

    /// Accepts a head: signed by a known log under its own name, cosigned by the quorum, fresh if asked.
    pub fn accept(&self, note: &Note, fresh: Option<Freshness>) -> Result<AcceptedHead, LedgerError> {
        let checkpoint = self.signed(note)?;
        let mut witnesses = BTreeMap::new();
        for (name, member) in &self.members {
            if let Member::Witness(key) = member
                && let Some(time) = note.verify_witness(key)?
            {
                witnesses.insert(name.clone(), time);
            }
        }
        if self.quorum.as_ref().is_some_and(|name| !self.witnessed(name, &witnesses)) {
            return Err(LedgerError::Quorum);
        }
        if fresh.is_some_and(|f| !witnesses.values().any(|time| f.allows(*time))) {
            return Err(LedgerError::Stale);
        }
        Ok(AcceptedHead { checkpoint, witnesses: witnesses.into_iter().collect() })
    }

    /// Groups name only what stands before them and each name is a member once, so this ends quickly.
    fn witnessed(&self, name: &str, seen: &BTreeMap<String, u64>) -> bool {
        match self.members.get(name) {
            None => false,
            Some(Member::Witness(_)) => seen.contains_key(name),
            Some(Member::Group { least, members }) => {
                members.iter().filter(|member| self.witnessed(member, seen)).count() >= *least
            }
        }
    }
}

const NONE: &str = "none";

/// A policy file half read.
#[derive(Default)]
struct Reading {
    logs: Vec<Vkey>,
    keys: BTreeSet<(bool, Vec<u8>)>,
    members: BTreeMap<String, Member>,
    grouped: BTreeSet<String>,
    quorum: Option<String>,
}

impl Reading {
    fn log(&mut self, words: &[&str]) -> Result<(), LedgerError> {
        let ([key] | [key, _]) = words else { return Err(LedgerError::Malformed("policy log line")) };
        let key = Vkey::parse(key)?;
        let wrong = key.kind() == super::note::COSIGNATURE || self.logs.len() >= MAX_NAMES;
        if wrong || !self.keys.insert((true, key.key().to_vec())) {
            return Err(LedgerError::Malformed("policy log key twice or of wrong type"));
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, words: &[&str]) -> Result<(), LedgerError> {
        let ([name, key] | [name, key, _]) = words else {
            return Err(LedgerError::Malformed("policy witness line"));
        };
        let key = Vkey::parse(key)?;
        if key.kind() == ED25519 || !self.keys.insert((false, key.key().to_vec())) {
            return Err(LedgerError::Malformed("policy witness key twice or of wrong type"));
        }
        self.define(name, Member::Witness(Box::new(key)))
    }

    fn group(&mut self, words: &[&str]) -> Result<(), LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("policy group line");
        let [name, rule, members @ ..] = words else { return Err(BAD) };
        let least = match *rule {
            "all" => members.len(),
            "any" => 1,
            number => usize::try_from(super::note::decimal(number)?).map_err(|_| BAD)?,
        };
        if least == 0 || least > members.len() {
            return Err(BAD);
        }
        for member in members {
            if !self.members.contains_key(*member) || !self.grouped.insert((*member).to_owned()) {
                return Err(LedgerError::Malformed("policy group member unknown or used twice"));
            }
        }
        self.define(name, Member::Group { least, members: members.iter().map(|m| (*m).to_owned()).collect() })
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), LedgerError> {
        if name == NONE || self.members.len() >= MAX_NAMES * 2 || self.members.contains_key(name) {
            return Err(LedgerError::Malformed("policy name taken"));
        }
        self.members.insert(name.to_owned(), member);
        Ok(())
    }

    fn quorum(&mut self, words: &[&str]) -> Result<(), LedgerError> {
        let ([name], None) = (words, &self.quorum) else {
            return Err(LedgerError::Malformed("policy quorum line"));
        };
        if *name != NONE && !self.members.contains_key(*name) {
            return Err(LedgerError::Malformed("policy quorum names nobody"));
        }
        self.quorum = Some((*name).to_owned());
        Ok(())
    }
}
