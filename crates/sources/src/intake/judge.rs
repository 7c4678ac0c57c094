//! From a row to a newcomer, or to the reason why not. It knows the law's words, no database and no web.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use assent_gate::{Gate, GateError, LONGEST_CONTRACT, NewFact, Newcomer, Standing, fold};
use assent_kernel::grant::{Answer, Objection, ObjectionScope, Said};
use assent_kernel::notice::Notice;
use assent_kernel::person::Contract;
use assent_kernel::{CategoryKey, ContractId, PurposeKey, Region, Span, data};
use assent_web::fields::Field;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::model::{Reject, Stand};
use super::note::Note;
use super::plan::{Plan, after, day, midnight, number, place_code};
use super::read::date::Order;
use super::read::{Context, Remark, Row, RowError, Target, Value, country, value};

/// Below this age a guardian must agree (GDPR Art. 8).
const OF_AGE: i64 = 16;

/// A row that can be taken, if nobody has its e-mail yet.
#[derive(Debug)]
pub struct Candidate {
    /// Its number.
    pub row: u64,
    /// Its line.
    pub line: u64,
    /// As the gate takes it.
    pub newcomer: Newcomer,
    /// Its addresses.
    pub emails: Vec<String>,
    /// Why its terms were not taken over.
    pub notes: Vec<Note>,
    /// What was noticed about its values.
    pub remarks: Vec<Remark>,
    /// The row as it came.
    pub fields: Fields,
}

/// A row as it came. `Debug` shows how many fields it has.
pub struct Fields(pub Vec<String>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fields({})", self.0.len())
    }
}

/// What becomes of a row.
#[derive(Debug)]
pub enum Verdict {
    /// It can be taken.
    Take(Box<Candidate>),
    /// It cannot: why, and for the file of rejected rows.
    Reject(Note, Reject),
    /// The same person stands further up.
    Twice(Reject),
}

/// Judges rows, one after another, from the first on: duplicates are found by what went before.
pub struct Judge {
    gate: Gate,
    standing: Arc<Standing>,
    plan: Arc<Plan>,
    columns: Vec<(Target, Order, Option<CategoryKey>, Option<Field>)>,
    places: HashMap<String, Region>,
    today: Date,
    /// Keyed hashes of who was seen, with the row. The key lives as long as this judge.
    seen: HashMap<u64, u64>,
    hasher: RandomState,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Judge({})", self.plan.import)
    }
}

/// What a row says.
#[derive(Default)]
struct Found {
    facts: Vec<NewFact>,
    emails: Vec<String>,
    phones: Vec<String>,
    names: Vec<String>,
    identified: bool,
    country: Option<String>,
    state: Option<String>,
    born: Option<Date>,
    purposes: Vec<String>,
    given: Option<Date>,
    proven_by: bool,
    version: Option<String>,
    until: Option<Date>,
    contract: bool,
    contract_until: Option<Date>,
    opted_out: bool,
    remarks: Vec<Remark>,
}

impl Judge {
    /// A judge for an import.
    ///
    /// # Errors
    /// [`GateError::Input`] when the mapping does not fit the company's categories.
    pub fn new(gate: Gate, standing: Arc<Standing>, plan: Arc<Plan>) -> Result<Self, GateError> {
        let column = |one: &super::read::map::Column| {
            let own = one.own.clone().filter(|_| one.target == Target::Own);
            let category = one.target.category().map(CategoryKey::new).transpose();
            let bad = |_| GateError::Input(format!("“{}” has no category here.", one.target.title()));
            let category = category.map_err(bad)?.or_else(|| own.as_ref()?.category.clone());
            Ok((used(one.target, plan.rules.stand), one.order, category, own))
        };
        let columns = plan.mapping.columns.iter().map(column).collect::<Result<_, GateError>>()?;
        let regions = data::regions().map_err(|error| GateError::Input(error.to_string()))?;
        let places = regions.into_keys().map(|region| (place_code(&region), region)).collect();
        let today = day(plan.at);
        let (seen, hasher) = (HashMap::new(), RandomState::new());
        Ok(Self { gate, standing, plan, columns, places, today, seen, hasher })
    }

    /// A row that could not be read.
    #[must_use]
    pub fn unread(&self, error: RowError) -> (Note, Reject) {
        let column = error.column.map(|n| self.header(n.saturating_sub(1)).unwrap_or(n.to_string()));
        let (code, reason) = (error.fault.code(), capital(&error.fault.to_string()));
        let reject = Reject {
            row: error.row,
            line: error.line,
            column: column.unwrap_or_default(),
            reason: reason.clone(),
            fields: error.fields,
        };
        (Note { code, sentence: reason.into() }, reject)
    }

    fn header(&self, index: usize) -> Option<String> {
        self.plan.layout.headers.get(index).cloned()
    }

    /// What becomes of a row.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the system has no random bytes.
    pub fn row(&mut self, row: Row) -> Result<Verdict, GateError> {
        let number = row.number;
        let reject = |column: String, reason: String, fields| Reject {
            row: number,
            line: row.line,
            column,
            reason,
            fields,
        };
        let found = match self.read(&row.fields) {
            Ok(found) => found,
            Err((index, note)) => {
                let (column, reason) = (self.header(index).unwrap_or_default(), note.sentence.to_string());
                return Ok(Verdict::Reject(note, reject(column, reason, row.fields)));
            }
        };
        if !found.identified {
            let reason = Note::NOBODY.sentence.to_string();
            return Ok(Verdict::Reject(Note::NOBODY, reject(String::new(), reason, row.fields)));
        }
        if let Some(first) = self.seen_before(&found, number) {
            let reason =
                format!("The same person stands in row {first}: same e-mail, or same phone and name.");
            return Ok(Verdict::Twice(reject(String::new(), reason, row.fields)));
        }
        let fields = Fields(row.fields);
        Ok(Verdict::Take(Box::new(self.candidate(found, number, row.line, fields)?)))
    }

    /// A contract lasts ten years at most; a far end in a file would open somebody for a lifetime.
    fn too_long(&self, until: &Value) -> bool {
        let from = self.plan.rules.since.unwrap_or(self.plan.at);
        until.text.parse().is_ok_and(|until| after(until) > from.plus(LONGEST_CONTRACT).plus(Span::days(1)))
    }

    fn read(&self, fields: &[String]) -> Result<Found, (usize, Note)> {
        let cells = || self.columns.iter().zip(fields).enumerate();
        let mut found = Found::default();
        let home = cells().filter(|(_, ((target, ..), _))| *target == Target::Country);
        let home = home.filter_map(|(_, (_, cell))| country::parse(value::clean(cell).0.as_str())).next();
        for (index, ((target, order, category, own), cell)) in cells() {
            let context = Context {
                country: home.or(self.plan.rules.country.as_deref()),
                order: *order,
                today: self.today,
                own: own.as_ref(),
            };
            for read in value::read(*target, cell, &context) {
                let value = read.map_err(|reason| (index, Note::about(reason)))?;
                if *target == Target::ContractUntil && self.too_long(&value) {
                    return Err((index, Note::TOO_LONG));
                }
                found.add(*target, category.as_ref(), value);
            }
        }
        Ok(found)
    }

    /// The row in which the same person was seen; else this row is remembered.
    fn seen_before(&mut self, found: &Found, row: u64) -> Option<u64> {
        let mut keys: Vec<u64> = found.emails.iter().map(|e| self.hasher.hash_one(("e", fold(e)))).collect();
        if !found.names.is_empty() {
            let name = fold(&found.names.join(" "));
            keys.extend(found.phones.iter().map(|phone| self.hasher.hash_one(("p", phone, &name))));
        }
        let first = keys.iter().find_map(|key| self.seen.get(key)).copied();
        if first.is_none() {
            self.seen.extend(keys.into_iter().map(|key| (key, row)));
        }
        first
    }

    fn candidate(&self, found: Found, row: u64, line: u64, fields: Fields) -> Result<Candidate, GateError> {
        let mut notes = Vec::new();
        let answers = self.answers(&found, &mut notes)?;
        let contracts = self.contracts(&found, &mut notes)?;
        let objection =
            Objection { scope: ObjectionScope::DirectMarketing, at: self.plan.at, overridden: None };
        let newcomer = Newcomer {
            id: self.plan.person(row),
            residence: self.residence(&found),
            minor: found.born.is_some_and(|born| self.is_minor(born)),
            contracts,
            answers,
            objections: if found.opted_out { vec![objection] } else { Vec::new() },
            facts: found.facts,
        };
        Ok(Candidate { row, line, newcomer, emails: found.emails, notes, remarks: found.remarks, fields })
    }

    fn is_minor(&self, born: Date) -> bool {
        born.checked_add(OF_AGE.years()).is_ok_and(|of_age| of_age > self.today)
    }

    fn residence(&self, found: &Found) -> Option<Region> {
        let code = found.country.as_deref()?.to_ascii_lowercase();
        let state = found.state.as_deref().map(|state| format!("{code}.{}", state.to_ascii_lowercase()));
        state.and_then(|state| self.places.get(&state)).or_else(|| self.places.get(&code)).cloned()
    }

    fn answers(&self, found: &Found, notes: &mut Vec<Note>) -> Result<Vec<Answer>, GateError> {
        if self.plan.rules.stand != Stand::Columns {
            return Ok(Vec::new());
        }
        let mut answers: BTreeMap<PurposeKey, Answer> = BTreeMap::new();
        for text in &found.purposes {
            for purpose in self.purposes(text) {
                match self.answer(purpose, found)? {
                    Ok(answer) => {
                        answers.entry(answer.purpose.clone()).or_insert(answer);
                    }
                    Err(note) => notes.push(note),
                }
            }
        }
        Ok(answers.into_values().collect())
    }

    /// The purposes that the words of a consent column stand for; `None` for words that stand for nothing.
    fn purposes(&self, text: &str) -> Vec<Option<&PurposeKey>> {
        let known = |text: &str| self.plan.rules.purposes.get(&fold(text.trim()));
        if known(text).is_some() {
            return vec![known(text)];
        }
        text.split([';', ',', '|', '\n']).filter(|part| !part.trim().is_empty()).map(known).collect()
    }

    fn answer(&self, purpose: Option<&PurposeKey>, found: &Found) -> Result<Result<Answer, Note>, GateError> {
        let policy = &self.standing.policy;
        let Some(notice) = purpose.and_then(|purpose| policy.notice_for(purpose)) else {
            return Ok(Err(Note::NO_PURPOSE));
        };
        let Some(given) = found.given else { return Ok(Err(Note::NO_DATE)) };
        let Some(version) = self.version(found, notice) else {
            let proven = found.proven_by || found.version.is_some();
            return Ok(Err(if proven { Note::NO_VERSION } else { Note::NO_PROOF }));
        };
        let mut answer = self.gate.imported_grant(notice, version, policy, midnight(given))?;
        if let (Said::Yes(grant), Some(until)) = (&mut answer.said, found.until) {
            grant.terms.until = grant.terms.until.min(after(until));
        }
        Ok(Ok(answer))
    }

    /// The version of the text that was shown, if it is one whose grants still count.
    fn version(&self, found: &Found, notice: &Notice) -> Option<u32> {
        let oldest = self.standing.policy.oldest_valid.get(&notice.id).copied().unwrap_or(1);
        let version = match &found.version {
            Some(text) => number(text)?,
            None if found.proven_by && self.plan.rules.unversioned => notice.version,
            None => return None,
        };
        (oldest..=notice.version).contains(&version).then_some(version)
    }

    fn contracts(&self, found: &Found, notes: &mut Vec<Note>) -> Result<Vec<Contract>, GateError> {
        let rules = &self.plan.rules;
        let wanted = match rules.stand {
            Stand::Columns => found.contract,
            Stand::Contract => true,
            Stand::Nothing => false,
        };
        if !wanted {
            return Ok(Vec::new());
        }
        let Some(kind) = rules.contract.clone() else {
            notes.push(Note::NO_KIND);
            return Ok(Vec::new());
        };
        let from = rules.since.unwrap_or(self.plan.at);
        let until = found.contract_until.map_or_else(|| from.plus(LONGEST_CONTRACT), after);
        Ok(vec![Contract { id: self.gate.fresh(self.plan.at, ContractId::new)?, kind, from, until }])
    }
}

impl Found {
    fn add(&mut self, target: Target, category: Option<&CategoryKey>, value: Value) {
        let text = value.text;
        self.remarks.extend(value.remarks);
        self.identified |= target.identifies();
        match target {
            Target::Email | Target::EmailWork if self.emails.contains(&text) => return,
            Target::Email | Target::EmailWork => self.emails.push(text.clone()),
            Target::Phone | Target::PhoneMobile if self.phones.contains(&text) => return,
            Target::Phone | Target::PhoneMobile => self.phones.push(text.clone()),
            Target::GivenName | Target::FamilyName | Target::FullName => self.names.push(text.clone()),
            Target::Country => self.country = Some(text.clone()),
            Target::State => self.state = Some(text.clone()),
            Target::BirthDate => self.born = text.parse().ok(),
            Target::ConsentPurpose => self.purposes.push(text.clone()),
            Target::ConsentDate => self.given = text.parse().ok(),
            Target::ConsentSource => self.proven_by = true,
            Target::ConsentTextVersion => self.version = Some(text.clone()),
            Target::ConsentUntil => self.until = text.parse().ok(),
            Target::ContractRef => self.contract = true,
            Target::ContractUntil => self.contract_until = text.parse().ok(),
            Target::OptOut => self.opted_out |= text == "yes",
            _ => {}
        }
        if let Some(category) = category {
            self.facts.push(NewFact { category: category.clone(), value: text, anchors: Vec::new() });
        }
    }
}

/// A sentence, although it began in the middle of one.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A column that does not count under these rules is not read at all.
fn used(target: Target, stand: Stand) -> Target {
    let counts = match target {
        Target::ConsentPurpose
        | Target::ConsentDate
        | Target::ConsentSource
        | Target::ConsentTextVersion
        | Target::ConsentUntil
        | Target::ContractRef => stand == Stand::Columns,
        Target::ContractUntil => stand != Stand::Nothing,
        Target::Owner => false,
        _ => true,
    };
    if counts { target } else { Target::Ignore }
}
