//! A party as a form, and the tree of who engaged whom.

use std::collections::BTreeSet;

use assent_kernel::ledger::OrganisationCode;
use assent_kernel::party::{LONGEST_CHAIN, Party, PartyKind, Places, Standing, Transfer};
use assent_kernel::{KeySet, PartyId, Policy, Region, Timestamp};
use assent_web::{Fields, say};

use super::ticks::values;
use super::words::{KINDS, TRANSFERS};
use super::{Errors, bounded, day, day_text};

/// The four places: the name of the field, and what is asked.
pub const PLACES: [(&str, &str); 4] = [
    ("store", "Where it stores data"),
    ("process", "Where it works on data"),
    ("access", "From where people reach the data"),
    ("control", "Whose law it answers to"),
];

/// A party as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub engaged_by: String,
    pub places: [BTreeSet<String>; 4],
    pub agreement: String,
    /// Until when each instrument carries data there, in the order of [`TRANSFERS`].
    pub transfers: [String; 3],
    pub standing: String,
    pub from: String,
    /// Where it is told that somebody was erased: kept beside the policy, under the company's key.
    pub contact: String,
}

/// The day that stands for "without an end".
const NEVER: &str = "9999-12-31";

fn end_text(at: Timestamp) -> String {
    if at == Timestamp::MAX { NEVER.into() } else { day_text(at) }
}

fn end(text: &str) -> Option<Timestamp> {
    if text == NEVER { Some(Timestamp::MAX) } else { day(text) }
}

/// True for what a letter can be sent to, as far as can be told.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
    parts.is_some()
        && text.len() <= 254
        && !text.contains(char::is_whitespace)
        && text.matches('@').count() == 1
}

impl Form {
    /// A new processor.
    pub fn fresh() -> Self {
        Self { kind: "processor".into(), standing: "active".into(), ..Self::default() }
    }

    /// A party as it stands.
    pub fn of(party: &Party) -> Self {
        let places = &party.places;
        let until = |by: Transfer| {
            let ends = party.transfers.iter().filter(|(one, _)| *one == by).map(|(_, at)| *at);
            ends.max().map_or_else(String::new, end_text)
        };
        let (standing, from) = match party.standing {
            Standing::Proposed(at) => ("proposed", end_text(at)),
            Standing::Active => ("active", String::new()),
            Standing::Suspended => ("suspended", String::new()),
            Standing::Ended => ("ended", String::new()),
        };
        let kind = KINDS.iter().find(|(_, kind)| *kind == party.kind).map_or("", |(key, _)| key);
        Self {
            code: party.code.clone(),
            name: party.name.clone(),
            kind: kind.into(),
            engaged_by: party.engaged_by.map_or_else(String::new, |id| id.to_string()),
            places: [
                values(&places.store),
                values(&places.process),
                values(&places.access),
                values(&places.control),
            ],
            agreement: party.agreement.clone().unwrap_or_default(),
            transfers: TRANSFERS.map(|(_, by)| until(by)),
            standing: standing.into(),
            from,
            contact: String::new(),
        }
    }

    /// What was sent.
    pub fn read(fields: &Fields) -> Self {
        Self {
            code: fields.get("code").to_owned(),
            name: fields.get("name").to_owned(),
            kind: fields.get("kind").to_owned(),
            engaged_by: fields.get("engaged-by").to_owned(),
            places: PLACES.map(|(name, _)| fields.all(name).map(str::to_owned).collect()),
            agreement: fields.get("agreement").to_owned(),
            transfers: TRANSFERS.map(|(key, _)| fields.get(key).to_owned()),
            standing: fields.get("standing").to_owned(),
            from: fields.get("from").to_owned(),
            contact: fields.get("contact").to_owned(),
        }
    }

    /// The party it makes, or what is wrong with it.
    pub fn parse(
        &self,
        policy: &Policy,
        old: Option<&Party>,
        id: PartyId,
        at: Timestamp,
    ) -> Result<Party, Errors> {
        let mut errors = Errors::default();
        let home = id == policy.home;
        let code = self.code(policy, old, id, &mut errors);
        let name = bounded(&self.name, 120).filter(|name| !name.is_empty()).unwrap_or_else(|| {
            errors.add("name", say("Say what people call it, in at most 120 characters."));
            String::new()
        });
        if !self.contact.is_empty() && !is_address(&self.contact) {
            errors.add("contact", say("That is no e-mail address. It looks like privacy@example.org."));
        }
        let kind = if home { Some(PartyKind::Controller) } else { kind(&self.kind) };
        let kind = kind.unwrap_or_else(|| {
            errors.add("kind", say("Choose what it is to you."));
            PartyKind::Partner
        });
        let engaged_by = if home { None } else { self.engaged_by(policy, id, &mut errors) };
        let places = self.places(policy, &mut errors);
        let agreement = bounded(&self.agreement, 120).unwrap_or_else(|| {
            errors.add("agreement", say("At most 120 characters: a reference, not the contract."));
            String::new()
        });
        let standing = if home { Standing::Active } else { self.standing(old, at, &mut errors) };
        let receives = matches!(standing, Standing::Active | Standing::Proposed(_));
        if receives && kind != PartyKind::Controller && agreement.is_empty() {
            errors.add("agreement", say("Without a contract nothing may be passed on to it (GDPR Art. 28). Name the contract, or suspend it."));
        }
        let transfers = self.transfers(at, &mut errors);
        // The company's own form asks for neither contract nor instruments.
        let (agreement, transfers) = match old.filter(|_| home) {
            Some(old) => (old.agreement.clone().unwrap_or_default(), old.transfers.clone()),
            None => (agreement, transfers),
        };
        errors.or(Party {
            id,
            code,
            name,
            kind,
            engaged_by,
            places,
            agreement: (!agreement.is_empty()).then_some(agreement),
            transfers,
            standing,
            described_at: at,
        })
    }

    fn code(&self, policy: &Policy, old: Option<&Party>, id: PartyId, errors: &mut Errors) -> String {
        // The ledger shows the code: what was written under it must not point elsewhere later.
        if let Some(old) = old {
            return old.code.clone();
        }
        match OrganisationCode::new(&self.code) {
            Err(_) => errors.add("code", say("Lower-case letters, digits, dots and dashes, at most 40.")),
            Ok(_) if policy.party(&self.code).is_some_and(|other| other.id != id) => {
                errors.add("code", say("There is a party of that code already."));
            }
            Ok(_) => {}
        }
        self.code.clone()
    }

    fn engaged_by(&self, policy: &Policy, id: PartyId, errors: &mut Errors) -> Option<PartyId> {
        if self.engaged_by.is_empty() {
            return None;
        }
        let by = self.engaged_by.parse::<PartyId>().ok().and_then(|by| policy.parties.get(&by));
        let Some(by) = by.filter(|by| by.id != policy.home) else {
            errors.add("engaged-by", say("Choose who engaged it."));
            return None;
        };
        if by.standing == Standing::Ended {
            errors.add("engaged-by", say!("The work with {party} has ended.", party = by.name));
        }
        let mut line = vec![id, by.id];
        let mut last = by;
        while let Some(next) = last.engaged_by {
            if line.contains(&next) || by.id == id {
                errors.add(
                    "engaged-by",
                    say("That would be a circle: it would work for somebody who works for it."),
                );
                return None;
            }
            line.push(next);
            let Some(found) = policy.parties.get(&next) else { break };
            last = found;
        }
        if by.id == id {
            errors.add("engaged-by", say("It cannot engage itself."));
        }
        if line.len() >= LONGEST_CHAIN {
            errors.add(
                "engaged-by",
                say!("A chain of more than {n} is refused by every decision.", n = LONGEST_CHAIN),
            );
        }
        Some(by.id)
    }

    fn places(&self, policy: &Policy, errors: &mut Errors) -> Places {
        let mut read = |i: usize| -> KeySet<Region> {
            let chosen = self.places.get(i).into_iter().flatten();
            let keys = chosen.filter_map(|text| Region::new(text).ok());
            let set: KeySet<Region> = keys.filter(|key| policy.regions.covers(key)).collect();
            if set.is_empty() {
                let name = PLACES.get(i).map_or("", |(name, _)| name);
                errors.add(name, say("Choose at least one: a place nobody described is refused."));
            }
            set
        };
        Places { store: read(0), process: read(1), access: read(2), control: read(3) }
    }

    fn standing(&self, old: Option<&Party>, at: Timestamp, errors: &mut Errors) -> Standing {
        match self.standing.as_str() {
            "active" => Standing::Active,
            "suspended" => Standing::Suspended,
            "ended" if old.is_none() => {
                errors.add("standing", say("Work that has not begun cannot have ended."));
                Standing::Ended
            }
            "ended" => Standing::Ended,
            "proposed" => {
                let from = end(&self.from);
                let kept = old.is_some_and(|old| Some(old.standing) == from.map(Standing::Proposed));
                if !kept && from.is_none_or(|from| from <= at) {
                    errors.add("from", say("Say from which day on; it must lie ahead."));
                }
                Standing::Proposed(from.unwrap_or(Timestamp::MAX))
            }
            _ => {
                errors.add("standing", say("Choose how it stands."));
                Standing::Suspended
            }
        }
    }

    fn transfers(&self, at: Timestamp, errors: &mut Errors) -> Vec<(Transfer, Timestamp)> {
        let mut out = Vec::new();
        for ((key, by), text) in TRANSFERS.iter().zip(&self.transfers).filter(|(_, text)| !text.is_empty()) {
            match end(text) {
                Some(until) if until > at => out.push((*by, until)),
                Some(_) => {
                    errors.add(*key, say("That day is over. Leave it empty if it carries nothing any more."))
                }
                None => errors.add(*key, say("Write the day as year-month-day.")),
            }
        }
        out
    }
}

fn kind(key: &str) -> Option<PartyKind> {
    KINDS.iter().find(|(one, _)| *one == key).map(|(_, kind)| *kind)
}

/// Whether something other than the day of the description is different: then the chain has changed.
pub fn chain_differs(old: &Party, new: &Party) -> bool {
    let bare = |one: &Party| Party { described_at: Timestamp::MIN, name: String::new(), ..one.clone() };
    bare(old) != bare(new)
}

/// The parties in the order of the tree, each with its depth: the company first, then those it engaged.
pub fn tree(policy: &Policy) -> Vec<(usize, &Party)> {
    let mut out: Vec<(usize, &Party)> =
        policy.parties.get(&policy.home).map(|home| (0, home)).into_iter().collect();
    let mut seen = BTreeSet::from([policy.home]);
    walk(policy, None, 1, &mut seen, &mut out);
    // Whoever hangs in a broken chain is shown all the same.
    out.extend(policy.parties.values().filter(|party| !seen.contains(&party.id)).map(|party| (1, party)));
    out
}

fn walk<'a>(
    policy: &'a Policy,
    by: Option<PartyId>,
    depth: usize,
    seen: &mut BTreeSet<PartyId>,
    out: &mut Vec<(usize, &'a Party)>,
) {
    let mut engaged: Vec<&Party> = policy.parties.values().filter(|party| party.engaged_by == by).collect();
    engaged.sort_by(|a, b| a.name.cmp(&b.name));
    for party in engaged {
        if seen.insert(party.id) {
            out.push((depth, party));
            walk(policy, Some(party.id), depth.saturating_add(1), seen, out);
        }
    }
}
