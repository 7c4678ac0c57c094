//! What staff do with an import: upload, map, say on what terms, try, start, stop, take up again, undo.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use assent_gate::{GateError, fold};
use assent_kernel::mandate::Binds;
use assent_kernel::purpose::Basis;
use assent_kernel::{ImportId, Policy, PurposeKey, Region, TreeKey as _};
use assent_store::home;
use assent_web::catalogue::{Lang, both, kept, lang};
use assent_web::fields::{self, Thing};
use assent_web::reach::{Object, Reach};
use assent_web::{Ctx, Problem, Staff, shipped};
use axum::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::files::{self, Files};
use super::model::{Body, Import, Rules, State, Within};
use super::read::map::Problem as Unfit;
use super::read::{Contacts, Mapping, Sample, Target, Unreadable};
use super::run::{self, KEPT};
use super::{ROLES, store};

/// The largest file, in bytes.
pub(super) const LARGEST: u64 = 2 << 30;
/// Imports that a list shows.
const LISTED: u32 = 50;
/// Rows that are read to find the words of a consent column, and the most words that are shown.
const WORDS_FROM: usize = 10_000;
const MOST_WORDS: usize = 40;
/// How long a short import is waited for, so that its result comes at once.
const SHORT: Duration = Duration::from_millis(1500);

/// A file on its way in.
pub(super) struct Incoming {
    import: Import,
    files: Files,
    pieces: mpsc::Sender<Bytes>,
    written: JoinHandle<Result<u64, GateError>>,
}

/// Why an upload ended.
pub(super) enum Wrong {
    /// The file is not one of contacts: a sentence for whoever chose it.
    File(String),
    /// Everything else.
    Other(Problem),
}

impl<E: Into<Problem>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Makes room for a file.
pub(super) async fn receive(
    ctx: &Ctx,
    staff: &Staff,
    region: Region,
    name: &str,
) -> Result<Incoming, Problem> {
    staff.must_be(ROLES)?;
    let at = ctx.now();
    let import = Import {
        id: ctx.gate.fresh(at, ImportId::new)?,
        company: staff.company.id,
        region,
        staff: staff.id,
        created_at: at,
        state: State::Uploading,
        total: 0,
        claimed_until: None,
        body: Body::new(&file_name(name), staff.asker()),
    };
    let files = Files::of(ctx, &import.region, import.id).await?;
    let one = import.clone();
    ctx.gate.home().write(move |tx| store::add(tx, &one)).await?;
    run::look_later(ctx, import.id, at.plus(KEPT)).await?;
    let mut file = files.upload().create()?;
    let (pieces, mut arriving) = mpsc::channel::<Bytes>(8);
    let written = spawn_blocking(move || {
        let cannot = |error: std::io::Error| GateError::Input(format!("The file could not be kept: {error}"));
        let mut size: u64 = 0;
        while let Some(piece) = arriving.blocking_recv() {
            size = size.saturating_add(piece.len() as u64);
            file.write_all(&piece).map_err(cannot)?;
        }
        file.finish().map_err(cannot)?;
        Ok(size)
    });
    Ok(Incoming { import, files, pieces, written })
}

/// The last part of a path, without anything that does not belong into a name.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && *c != '"').take(80).collect();
    if clean.trim().is_empty() { "contacts".to_owned() } else { clean }
}

impl Incoming {
    /// Takes a piece of the file. False when it could not be written; [`Incoming::finish`] says why.
    pub(super) async fn put(&self, piece: Bytes) -> bool {
        self.pieces.send(piece).await.is_ok()
    }

    /// Forgets what came so far.
    pub(super) async fn abandon(self, ctx: &Ctx) -> Result<(), Problem> {
        drop(self.pieces);
        let _ = self.written.await;
        forget(ctx, &self.import).await
    }

    /// Looks at the beginning of the whole file.
    pub(super) async fn finish(self, ctx: &Ctx) -> Result<ImportId, Wrong> {
        let Self { mut import, files, pieces, written } = self;
        drop(pieces);
        let size = written.await.map_err(|error| Problem::internal(&error))??;
        match look(&files, size).await? {
            Ok(sample) => {
                import.body.look(&sample, size);
                import.body.mapping.own(&fields::offered(ctx, import.company, Thing::Person).await?);
                import.total = sample.rows;
                import.state = State::Draft;
                change(ctx, State::Uploading, &import).await?;
                Ok(import.id)
            }
            Err(unreadable) => {
                forget(ctx, &import).await?;
                Err(Wrong::File(kept(&unreadable.to_string())))
            }
        }
    }
}

async fn look(files: &Files, size: u64) -> Result<Result<Sample, Unreadable>, Problem> {
    let file = files.upload().open()?;
    spawn_blocking(move || Sample::take(file, Some(size))).await.map_err(|error| Problem::internal(&error))
}

async fn forget(ctx: &Ctx, import: &Import) -> Result<(), Problem> {
    files::clear(ctx, &import.region, import.id).await?;
    let id = import.id;
    Ok(ctx.gate.home().write(move |tx| store::drop(tx, id)).await?)
}

/// Moves an import on; somebody else may have done so meanwhile.
async fn change(ctx: &Ctx, from: State, import: &Import) -> Result<(), Problem> {
    let (one, at) = (import.clone(), ctx.now());
    if ctx.gate.home().write(move |tx| store::change(tx, from, &one, at)).await? {
        return Ok(());
    }
    Err(Problem::conflict("This import was moved on by somebody else meanwhile. Please look again."))
}

/// The newest imports of a company, newest first.
pub(super) async fn list(ctx: &Ctx, staff: &Staff) -> Result<Vec<Import>, Problem> {
    some(ctx, staff, None, LISTED).await
}

/// The imports of a company before one of them, newest first.
pub(super) async fn some(
    ctx: &Ctx,
    staff: &Staff,
    before: Option<ImportId>,
    most: u32,
) -> Result<Vec<Import>, Problem> {
    staff.must_be(ROLES)?;
    let company = staff.company.id;
    Ok(ctx.gate.home().read(move |tx| store::all(tx, company, before, most)).await?)
}

/// One import of the company of whoever asks.
pub(super) async fn one(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Import, Problem> {
    staff.must_be(ROLES)?;
    let nothing = || Problem::not_found("There is no import by that id.");
    let id: ImportId = id.parse().map_err(|_| nothing())?;
    let found = ctx.gate.home().read(move |tx| store::one(tx, id)).await?;
    found.filter(|import| import.company == staff.company.id).ok_or_else(nothing)
}

/// The beginning of the file: only for whoever uploaded it, and only until the import begins.
pub(super) async fn sample(ctx: &Ctx, staff: &Staff, import: &Import) -> Result<Option<Sample>, Problem> {
    let mine = import.staff == staff.id && import.state == State::Draft && files::is_here(ctx, import.id);
    if !mine {
        return Ok(None);
    }
    let files = Files::of(ctx, &import.region, import.id).await?;
    look(&files, import.body.size).await?.map(Some).map_err(|error| unread(&error))
}

fn unread(error: &Unreadable) -> Problem {
    Problem::invalid(both(|| kept(&error.to_string())))
}

/// The words in the consent columns, from the beginning of the file.
pub(super) async fn words(ctx: &Ctx, staff: &Staff, import: &Import) -> Result<Vec<String>, Problem> {
    let columns = import.body.mapping.columns.iter().enumerate();
    let columns: Vec<usize> =
        columns.filter(|(_, one)| one.target == Target::ConsentPurpose).map(|(index, _)| index).collect();
    if columns.is_empty() || import.staff != staff.id || !files::is_here(ctx, import.id) {
        return Ok(Vec::new());
    }
    let file = Files::of(ctx, &import.region, import.id).await?.upload().open()?;
    let layout = import.body.layout.clone();
    let read = move || -> Result<BTreeSet<String>, Unreadable> {
        let mut words = BTreeSet::new();
        for row in Contacts::open(file, &layout, None)?.take(WORDS_FROM).flatten() {
            let cells = columns.iter().filter_map(|index| row.fields.get(*index));
            let cells = cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty() && cell.len() <= 80);
            words.extend(cells.map(str::to_owned));
            if words.len() >= MOST_WORDS {
                break;
            }
        }
        Ok(words)
    };
    let words = spawn_blocking(read).await.map_err(|error| Problem::internal(&error))?;
    Ok(words.map_err(|error| unread(&error))?.into_iter().collect())
}

/// What a consent in a file may be for: purposes that rest on a plain yes, and for which there is a notice.
pub(super) fn purposes(policy: &Policy) -> Vec<(PurposeKey, String)> {
    let open = |key: &PurposeKey| policy.purposes.get(key).filter(|p| p.basis == Basis::Consent);
    let keys: BTreeSet<&PurposeKey> = policy.notices.values().map(|notice| &notice.purpose).collect();
    let told = |key: &PurposeKey| Some((key.clone(), shipped::purpose(open(key)?, lang()).to_owned()));
    keys.into_iter().filter_map(told).collect()
}

/// Words that mean a purpose without anybody saying so: its key, what it is called in any language, and the last part of its
/// key.
pub(super) fn plain_words(policy: &Policy) -> Vec<(String, PurposeKey)> {
    let all = purposes(policy);
    let mut words = Vec::new();
    for (key, _) in &all {
        let last = key.as_str().rsplit('.').next().unwrap_or_default();
        let unique = all.iter().filter(|(other, _)| other.as_str().ends_with(last)).count() == 1;
        let last = if unique { last } else { key.as_str() };
        words.extend([key.as_str(), last].map(|word| (fold(word), key.clone())));
        let Some(one) = policy.purposes.get(key) else { continue };
        let called =
            [one.label.as_str(), shipped::purpose(one, Lang::English), shipped::purpose(one, Lang::German)];
        words.extend(called.map(|word| (fold(word), key.clone())));
    }
    words
}

/// The kinds of contract that a company's rules name.
pub(super) fn contract_kinds(policy: &Policy) -> Vec<String> {
    let kinds = policy.mandates.values().filter_map(|mandate| match &mandate.binds {
        Binds::Contract(kind) => Some(kind.clone()),
        Binds::Every | Binds::Anchored => None,
    });
    kinds.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Sets what the columns mean. What keeps the mapping from being used comes back.
pub(super) async fn map(ctx: &Ctx, mut import: Import, mapping: Mapping) -> Result<Vec<Unfit>, Problem> {
    let problems = mapping.problems(&import.body.layout.headers);
    import.body.mapping = mapping;
    import.body.mapped = problems.is_empty();
    import.body.tried = None;
    change(ctx, State::Draft, &import).await?;
    Ok(problems)
}

/// Sets what the terms stand on.
pub(super) async fn agree(ctx: &Ctx, mut import: Import, rules: Rules) -> Result<(), Problem> {
    import.body.rules = Some(rules);
    import.body.tried = None;
    change(ctx, State::Draft, &import).await
}

async fn go(ctx: &Ctx, from: State, import: &Import) -> Result<(), Problem> {
    change(ctx, from, import).await?;
    let work = run::begin(ctx, import.id).await?;
    // A short one is over before the page is asked for.
    let _ = tokio::time::timeout(SHORT, work).await;
    Ok(())
}

/// Refuses whoever does not see everybody: what is here already is left out and told, and so an import would tell of every
/// address in a file whether it is here.
pub(super) fn must_see_everybody(staff: &Staff) -> Result<(), Problem> {
    if staff.sees(Object::People).is_all() {
        return Ok(());
    }
    Err(Problem::forbidden(
        "An import tells who is here already, so it takes a role that sees all people. Somebody who has one can start it.",
    ))
}

/// Reads the file without keeping anything, or for good.
pub(super) async fn start(ctx: &Ctx, mut import: Import, keep: bool) -> Result<(), Problem> {
    if !import.body.mapped || import.body.rules.is_none() {
        return Err(Problem::conflict(
            "First say what the columns mean, and on what terms these people come.",
        ));
    }
    import.state = if keep { State::Running } else { State::Trying };
    import.body.started_at = ctx.now();
    import.body.error = None;
    go(ctx, State::Draft, &import).await
}

/// Stops a running import after the batch at hand.
pub(super) async fn stop(ctx: &Ctx, import: &Import) -> Result<(), Problem> {
    let (company, id) = (import.company, import.id);
    ctx.gate.home().write(move |tx| store::stop(tx, company, id)).await?;
    Ok(())
}

/// Takes up an import where it stopped: by somebody, by an error, or without a word.
pub(super) async fn resume(ctx: &Ctx, mut import: Import) -> Result<(), Problem> {
    let from = import.state;
    if import.state == State::Stopped {
        import.state = State::Running;
    }
    if !import.state.works() {
        return Err(Problem::conflict("This import is not one that stopped half-way."));
    }
    if import.state != State::Undoing && !files::is_here(ctx, import.id) {
        return Err(Problem::conflict(
            "The file is not on this computer: take the import up where it was uploaded.",
        ));
    }
    go(ctx, from, &import).await
}

/// Erases everybody who came with it, but who acted for themselves.
pub(super) async fn undo(ctx: &Ctx, staff: &Staff, mut import: Import) -> Result<(), Problem> {
    let from = import.state;
    let lapsed = import.body.local && import.lapsed(ctx.now());
    if !matches!(from, State::Done | State::Stopped) && !lapsed {
        return Err(Problem::conflict("Only an import that is done or stopped can be undone."));
    }
    must_change_all(ctx, staff, import.id).await?;
    import.state = State::Undoing;
    import.body.asker = staff.asker();
    import.body.within = Within::of(&staff.changing(Object::People));
    import.body.error = None;
    go(ctx, from, &import).await
}

/// Refuses to erase people who are somebody else's by now.
async fn must_change_all(ctx: &Ctx, staff: &Staff, import: ImportId) -> Result<(), Problem> {
    let (company, mine) = (staff.company.id, staff.changing(Object::People));
    let count = move |tx: &mut assent_store::Tx<'_>| {
        let (all, _) = home::count_of_import(tx, (company, &Reach::all(), import), u32::MAX)?;
        let (mine, _) = home::count_of_import(tx, (company, &mine, import), u32::MAX)?;
        Ok(mine == all)
    };
    if ctx.gate.home().read(count).await? {
        return Ok(());
    }
    Err(Problem::forbidden(
        "Some of these people are looked after by others, so your role may not erase them. Somebody whose role changes all \
         people undoes it.",
    ))
}

/// Throws away an upload that never became an import.
pub(super) async fn discard(ctx: &Ctx, import: &Import) -> Result<(), Problem> {
    if !matches!(import.state, State::Uploading | State::Draft) {
        return Err(Problem::conflict("This import has begun: stop and undo it instead."));
    }
    forget(ctx, import).await
}

/// The rejected rows: only for whoever uploaded the file.
pub(super) async fn rejected(
    ctx: &Ctx,
    staff: &Staff,
    import: &Import,
) -> Result<assent_gate::StashReader, Problem> {
    if import.staff != staff.id {
        return Err(Problem::forbidden("Only who uploaded the file may see the rows that were not taken."));
    }
    if !has_rejected(ctx, staff, import).await? {
        return Err(Problem::not_found("There are no rejected rows."));
    }
    Ok(Files::of(ctx, &import.region, import.id).await?.rejected()?)
}

/// Whether there is a file of rejected rows for whoever asks.
pub(super) async fn has_rejected(ctx: &Ctx, staff: &Staff, import: &Import) -> Result<bool, Problem> {
    let mine =
        import.staff == staff.id && import.state == State::Done && !import.body.local && !import.body.cleared;
    Ok(mine && Files::of(ctx, &import.region, import.id).await?.has_rejected())
}
