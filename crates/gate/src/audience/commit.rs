//! Making a use on many durable: parts first, then, in one commit that holds everybody's terms, the entry.

use std::collections::HashSet;

use assent_kernel::ledger::among::CHUNK;
use assent_kernel::ledger::cbor::{Reader, Writer};
use assent_kernel::ledger::detail::MAX_DETAIL;
use assent_kernel::ledger::{Decision, Detail, Kind, Set};
use assent_kernel::{CompanyId, PersonId, Reason, Timestamp, UseKind};
use assent_store::batches::{self, NewBatch, Part, Since};
use assent_store::{StoreError, Tx, ledger, people};

use crate::draft::{self, Draft};
use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::region::RegionStore;
use crate::seal::seal;
use crate::start::Gate;

use super::tree::{self, Line, Roots};
use super::{Batch, Gathered, Ground, One, Used};

/// Chunks of lines that share a commit.
const CHUNKS_AT_ONCE: usize = 64;
/// Parts that nothing came of are dropped when they are older than this.
const ABANDONED: assent_kernel::Span = assent_kernel::Span::hours(6);

/// A use that is durable in one region.
pub(super) struct Done {
    pub(super) batch: Option<Batch>,
    pub(super) said: Vec<(bool, Option<Reason>)>,
    pub(super) ones: Vec<One>,
    pub(super) apart: Vec<PersonId>,
}

/// Everything that the last commit needs.
struct Last {
    id: [u8; 16],
    company: CompanyId,
    policy: u64,
    log: String,
    at: Timestamp,
    since: Since,
    roots: Roots,
    /// Where everybody's line is, by person.
    places: Vec<(PersonId, u64, bool)>,
    permitted: u64,
    draft: Draft,
    forms: Vec<u8>,
    system: PersonKey,
}

/// What came of the last commit.
struct Committed {
    queued: i64,
    permitted: u64,
    moved: Vec<PersonId>,
}

impl Gate {
    /// Makes the lines count; nothing when the policy moved, or changes of terms since are not known any more.
    pub(super) async fn commit<U: UseKind>(
        &self,
        store: &RegionStore,
        used: &Used<U>,
        ground: &Ground<U>,
        gathered: Gathered,
        since: Since,
        note: &str,
    ) -> Result<Option<Done>> {
        let Gathered { lines, sealed, mut apart } = gathered;
        let forms = ground.forms.all()?;
        let said = forms.iter().map(|(form, closed)| {
            let permitted = Detail::decode(form).is_ok_and(|detail| detail.outcome == "PERMIT");
            (permitted, closed.clone())
        });
        let said: Vec<(bool, Option<Reason>)> = said.collect();
        if lines.is_empty() {
            return Ok(Some(Done { batch: None, said, ones: Vec::new(), apart }));
        }
        let (id, at) = (ground.id, ground.question.at);
        let log = store.log(&self.company(used.company).await?.code);
        let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
        let roots = store_parts(store, id, at, &lines, &sealed).await?;
        let numbered = (0u64..).zip(&lines);
        let mut places: Vec<_> = numbered.map(|(place, line)| (line.person, place, line.permitted)).collect();
        places.sort_unstable_by_key(|(person, _, _)| *person);
        let one = |line: &Line| {
            let Line { person, epoch, mark, form, .. } = *line;
            One { person, epoch, mark, said: form.into() }
        };
        let mut ones: Vec<One> = lines.iter().map(one).collect();
        let permitted = lines.iter().filter(|line| line.permitted).count() as u64;
        drop((lines, sealed));
        let people = roots.people();
        let forms: Vec<Vec<u8>> = forms.into_iter().map(|(form, _)| form).collect();
        let last = Last {
            id,
            company: used.company,
            policy: ground.standing.policy.version,
            log,
            at,
            since,
            roots,
            places,
            permitted,
            draft: of_batch::<U>(ground, people, note),
            forms: encode_forms(&forms),
            system,
        };
        match store.data.write(move |tx| last.write(tx)).await {
            Ok(Some(done)) => {
                let moved: HashSet<PersonId> = done.moved.iter().copied().collect();
                ones.retain(|one| !moved.contains(&one.person));
                apart.extend(done.moved);
                let (region, permitted) = (store.region.clone(), done.permitted);
                let batch = Batch { region, people, permitted, queued: done.queued };
                Ok(Some(Done { batch: Some(batch), said, ones, apart }))
            }
            other => {
                store.data.write_aside(move |tx| batches::abandon(tx, id)).await?;
                other.map(|_| None).map_err(GateError::from)
            }
        }
    }

    /// Drops the parts of uses on many that were begun some hours ago and never recorded: the process ended between.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn drop_abandoned(&self, at: Timestamp) -> Result<()> {
        for store in self.0.regions.values() {
            let old = store.data.read(move |tx| batches::abandoned(tx, at.minus(ABANDONED))).await?;
            for id in old {
                store.data.write_aside(move |tx| batches::abandon(tx, id)).await?;
            }
        }
        Ok(())
    }
}

/// Stores the lines in parts, some in each commit.
async fn store_parts(
    store: &RegionStore,
    id: [u8; 16],
    at: Timestamp,
    lines: &[Line],
    sealed: &[u8],
) -> Result<Roots> {
    store.data.write_aside(move |tx| batches::begin(tx, id, at)).await?;
    let mut roots = Roots::new();
    let mut waiting: Vec<Part> = Vec::new();
    for (chunk, some) in lines.chunks(CHUNK).enumerate() {
        waiting.extend(tree::parts(chunk, some, sealed, &mut roots));
        if waiting.len() >= 3 * CHUNKS_AT_ONCE {
            let parts = std::mem::take(&mut waiting);
            store.data.write_aside(move |tx| batches::add_parts(tx, id, &parts)).await?;
        }
    }
    store.data.write_aside(move |tx| batches::add_parts(tx, id, &waiting)).await?;
    Ok(roots)
}

/// The entry's halves, but for what only the last commit knows.
fn of_batch<U: UseKind>(ground: &Ground<U>, people: u64, note: &str) -> Draft {
    let (question, policy) = (&ground.question, &ground.standing.policy);
    let to = draft::sent(question.to, policy);
    Draft {
        kind: Kind::Batch,
        decision: Decision::Deny,
        region: question.region.clone(),
        policy: ground.standing.digest,
        detail: Detail {
            at: question.at.micros(),
            use_code: U::USE as u8,
            purpose: question.purpose.to_string(),
            categories: ground.kinds.iter().map(ToString::to_string).collect(),
            recipient: draft::recipient_name(&to, policy),
            actor: draft::actor(question.asker),
            role: question.asker.role().key().to_owned(),
            outcome: "BATCH".into(),
            note: format!("{people} lines; {note}").chars().filter(|c| !c.is_control()).take(200).collect(),
            region: question.region.to_string(),
            context: question.context.words().into_iter().map(str::to_owned).collect(),
            ..Detail::default()
        },
        to,
        chain: Vec::new(),
    }
}

/// The forms of a batch, in order.
fn encode_forms(forms: &[Vec<u8>]) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(forms.len());
    for form in forms {
        w.bytes(form);
    }
    w.finish()
}

/// Reads the forms of a batch from what its log's key opened.
pub(super) fn decode_forms(bytes: &[u8]) -> Result<Vec<Detail>> {
    let mut r = Reader::new(bytes, usize::MAX)?;
    let count = r.array(usize::from(u16::MAX))?;
    let forms = (0..count).map(|_| Ok(Detail::decode(r.bytes(MAX_DETAIL)?)?)).collect::<Result<_>>()?;
    r.finish()?;
    Ok(forms)
}

/// Where what a batch's own key seals belongs.
pub(super) fn forms_place(id: [u8; 16]) -> Vec<u8> {
    [b"batch/".as_slice(), &id].concat()
}

impl Last {
    /// The commit: nothing of it remains when it tells nothing.
    fn write(mut self, tx: &mut Tx<'_>) -> std::result::Result<Option<Committed>, StoreError> {
        let damaged = |_| StoreError::Damaged("an entry cannot be written".into());
        // The policy first and then everybody's terms: whoever changes a policy takes them in this order too. It is held:
        // one that is about to commit would be waited for below, and be in force before this is.
        if people::hold_policy_version(tx, self.company)? != self.policy {
            return Ok(None);
        }
        let Some(changed) = batches::hold_all(tx, &self.since)? else { return Ok(None) };
        let moved = self.leave_blank(tx, changed)?;
        let set = Set {
            people: self.roots.people(),
            permitted: self.permitted,
            asked: self.roots.asked(),
            root: self.roots.root()?,
        };
        self.draft.decision = if set.permitted > 0 { Decision::Allow } else { Decision::Deny };
        let salt = self.system.salt();
        let line = self.draft.line_as(salt.bytes(), self.id, 0, Some(set)).map_err(damaged)?;
        let own = [line.opening.as_slice(), &self.forms].concat();
        let length = u32::try_from(line.opening.len()).unwrap_or(u32::MAX).to_be_bytes();
        let own = [length.as_slice(), &own].concat();
        let sealed = seal(self.system.detail().bytes(), &forms_place(self.id), &own).map_err(damaged)?;
        batches::add_parts(tx, self.id, &self.roots.tiles())?;
        let queued = ledger::queue_one(tx, &self.log, self.at, &ledger::Line::system(line.leaf))?;
        let (id, log, at) = (self.id, self.log.as_str(), self.at);
        let new = NewBatch { id, log, at, people: set.people, queued, sealed: &sealed };
        if !batches::add(tx, &new)? {
            return Err(StoreError::Moved);
        }
        Ok(Some(Committed { queued, permitted: self.permitted, moved }))
    }

    /// Leaves the lines of those whose terms moved blank, and tells who they are.
    fn leave_blank(
        &mut self,
        tx: &mut Tx<'_>,
        changed: Vec<PersonId>,
    ) -> std::result::Result<Vec<PersonId>, StoreError> {
        let changed: HashSet<PersonId> = changed.into_iter().collect();
        let (mut moved, mut places) = (Vec::new(), Vec::new());
        for person in changed {
            let found = self.places.binary_search_by_key(&person, |(one, _, _)| *one).ok();
            let Some((_, place, permitted)) = found.and_then(|at| self.places.get(at)) else { continue };
            moved.push(person);
            places.push(*place);
            self.permitted -= u64::from(*permitted);
        }
        self.roots.blank(tx, self.id, &places)?;
        Ok(moved)
    }
}
