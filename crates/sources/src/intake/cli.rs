//! An import from a file that lies where the command runs: the same engine, the same rules, a bar on the terminal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use assent_gate::fold;
use assent_kernel::{Asker, CompanyId, ImportId, PurposeKey, Region, StaffId};
use assent_store::StoreError;
use assent_web::fields::{self, Thing};
use assent_web::{Ctx, text};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::engine::Engine;
use super::files;
use super::model::{Body, Counts, Import, Progress, Rules, Stand, State};
use super::read::{Rejects, Sample, Target, Written, country, date};
use super::sheet::{Sheet, hex, to_look_at};
use super::{act, run, store};

/// What the command was told.
#[derive(Debug, Clone)]
pub struct Order {
    /// The file.
    pub file: PathBuf,
    /// Whose people they become.
    pub company: CompanyId,
    /// Where they are kept; `None` = in the company's region.
    pub region: Option<Region>,
    /// Who imports.
    pub asker: Asker,
    /// Read without keeping.
    pub dry_run: bool,
    /// Import a file once more that came in already.
    pub again: bool,
    /// What the columns mean, beyond what is guessed.
    pub mapping: MapFile,
    /// The kind of contract with these people.
    pub contract: Option<String>,
    /// The country of phone numbers that name none.
    pub country: Option<String>,
    /// Where rows to look at are written; `None` = beside the file.
    pub rejected: Option<PathBuf>,
}

impl Order {
    /// Imports a file as it is guessed, without terms.
    #[must_use]
    pub fn plain(file: PathBuf, company: CompanyId) -> Self {
        Self {
            file,
            company,
            region: None,
            asker: Asker::System,
            dry_run: false,
            again: false,
            mapping: MapFile::default(),
            contract: None,
            country: None,
            rejected: None,
        }
    }
}

/// The file given with `--mapping`: only what differs from the guess.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapFile {
    /// Column to meaning: `{"Tel": "phone"}`.
    pub columns: BTreeMap<String, Target>,
    /// Column to the order of day and month: `{"Signed": "day-first"}`.
    pub orders: BTreeMap<String, date::Order>,
    /// Words of the consent column to purposes: `{"Offers": "sales.offer"}`.
    pub purposes: BTreeMap<String, PurposeKey>,
    /// A row that names a source but no version of the text stands for the text of today.
    pub unversioned: bool,
}

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Which import; `None` when nothing was kept.
    pub import: Option<ImportId>,
    /// Rows that were in already, when it was taken up where it broke off.
    pub before: u64,
    /// What became of the rows.
    pub counts: Counts,
    /// Where the rows to look at are, if there are any.
    pub rejected: Option<PathBuf>,
    /// Rows to look at that are not in it: the file that held them is no longer there as it was left.
    pub missing: u64,
}

/// Imports a local file. Problems with the mapping are errors that say which column to map. What the same command began
/// and did not end is taken up where it broke off; what it ended is not imported twice without being told to.
///
/// # Errors
/// What is wrong with the file, the mapping or the stores.
pub async fn run_import_cli(
    ctx: &Ctx,
    order: &Order,
    progress: impl FnMut(&Progress),
) -> anyhow::Result<Finished> {
    let path = &order.file;
    let open = || File::open(path).with_context(|| format!("cannot open {}", path.display()));
    let size = open()?.metadata().map(|meta| meta.len()).unwrap_or_default();
    let sample = Sample::take(open()?, Some(size))?;
    let import = planned(ctx, order, &sample, size).await?;
    let import = if order.dry_run { import } else { begin(ctx, order, import, open()?).await? };
    let before = import.body.counts.rows;
    let own = ctx.gate.own(order.company).await?;
    let sheet = Sheet::of(order, &import, |digest| own.mark(&hex(digest)))?;
    let (id, file, missing) = (import.id, open()?, sheet.missing);
    let counts = pour(ctx, import, file, !order.dry_run, sheet.out, progress).await?;
    let any = to_look_at(&counts) > 0 || !counts.noticed.0.is_empty();
    if !any {
        std::fs::remove_file(&sheet.path)?;
    }
    let (import, rejected) = ((!order.dry_run).then_some(id), any.then_some(sheet.path));
    Ok(Finished { import, before, counts, rejected, missing })
}

/// The import that an order describes.
async fn planned(ctx: &Ctx, order: &Order, sample: &Sample, size: u64) -> anyhow::Result<Import> {
    let company = ctx.gate.company(order.company).await?;
    let standing = ctx.gate.policy(order.company).await?;
    let at = ctx.now();
    let name = order.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut body = Body::new(&name, order.asker);
    body.look(sample, size);
    let own = fields::offered(ctx, order.company, Thing::Person).await;
    body.mapping.own(&own.map_err(|problem| anyhow::anyhow!("{problem:?}"))?);
    for column in &mut body.mapping.columns {
        if let Some(target) = order.mapping.columns.get(&column.header) {
            (column.target, column.own) = (*target, None);
        }
        column.order = order.mapping.orders.get(&column.header).copied().unwrap_or(column.order);
    }
    let unknown = order.mapping.columns.keys().find(|name| !body.layout.headers.contains(name));
    if let Some(name) = unknown {
        anyhow::bail!("the file has no column “{name}”; it has: {}", body.layout.headers.join(", "));
    }
    let problems: Vec<String> =
        body.mapping.problems(&body.layout.headers).iter().map(ToString::to_string).collect();
    anyhow::ensure!(problems.is_empty(), "{}", problems.join("\n"));
    let kinds = act::contract_kinds(&standing.policy);
    if let Some(kind) = &order.contract {
        anyhow::ensure!(
            kinds.contains(kind),
            "no contract of kind “{kind}”; there are: {}",
            kinds.join(", ")
        );
    }
    let named = |wanted: Target| body.mapping.columns.iter().any(|one| one.target == wanted);
    let stand = if named(Target::ConsentPurpose) || named(Target::ContractRef) {
        Stand::Columns
    } else if order.contract.is_some() {
        Stand::Contract
    } else {
        Stand::Nothing
    };
    let wanted = order.country.as_deref().or(Some(ctx.settings.country.as_str()).filter(|c| !c.is_empty()));
    let country = wanted.map(|text| country::parse(text).with_context(|| format!("no country “{text}”")));
    let mut purposes: BTreeMap<String, PurposeKey> = act::plain_words(&standing.policy).into_iter().collect();
    purposes.extend(order.mapping.purposes.iter().map(|(word, key)| (fold(word), key.clone())));
    body.rules = Some(Rules {
        stand,
        contract: order.contract.clone(),
        since: None,
        purposes,
        unversioned: order.mapping.unversioned,
        country: country.transpose()?.map(str::to_owned),
    });
    (body.mapped, body.local, body.started_at) = (true, true, at);
    let staff = match order.asker {
        Asker::Staff(id, _) => id,
        Asker::Person | Asker::System => StaffId::from_bytes([0; 16]),
    };
    Ok(Import {
        id: ctx.gate.fresh(at, ImportId::new)?,
        company: order.company,
        region: order.region.clone().unwrap_or_else(|| company.region.clone()),
        staff,
        created_at: at,
        state: State::Running,
        total: sample.rows,
        claimed_until: None,
        body,
    })
}

/// How often it is looked whether whoever held an import is gone, and how long at most: longer than it is held.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 60;

/// The import that the same command began and did not end, or a new one. It is looked for and begun in one step, so that
/// two commands at once begin one.
async fn begin(ctx: &Ctx, order: &Order, mut new: Import, file: File) -> anyhow::Result<Import> {
    let (mark, old) = marks(ctx, order, file).await?;
    (new.body.file, new.body.said) = (Some(mark), said(ctx, order).await?);
    for _ in 0..2 {
        let (one, old, again) = (new.clone(), old.clone(), order.again);
        match ctx.gate.home().write(move |tx| store::known_or_added(tx, &one, &old, again)).await {
            Ok(None) => return held(ctx, new).await,
            Ok(Some(known)) => {
                may_be_taken_up(&known, &new.body.said)?;
                return take_up(ctx, known).await;
            }
            // Another command was a moment sooner: now its import is found.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!(TAKEN)
}

/// Refuses what is at its end, or what another command said otherwise.
fn may_be_taken_up(known: &Import, said: &str) -> anyhow::Result<()> {
    let same = known.body.said == said;
    match known.state {
        State::Running | State::Stopped if same => Ok(()),
        State::Running | State::Stopped => anyhow::bail!(
            "this file was begun {} with other options, and {} people of it are in: say the same again to take it up, \
             or undo that import first, on the page Import",
            text::date(known.created_at.micros()),
            known.taken()
        ),
        State::Done => anyhow::bail!(already(known, same)),
        State::Undoing | State::Undone => {
            anyhow::bail!("this import is being undone; try again when that is over")
        }
        State::Uploading | State::Draft | State::Trying => {
            anyhow::bail!("this file waits on the page Import: go on there, or drop it there")
        }
    }
}

fn already(known: &Import, same: bool) -> String {
    let at = known.body.finished_at.unwrap_or(known.created_at);
    let otherwise = if same { "" } else { " and with other options" };
    format!(
        "this file came in on {} already, with {} people{otherwise}: undo that import first, on the page Import; or --again \
         imports it once more, and whoever has no e-mail address in it then stands here twice",
        text::date(at.micros()),
        known.taken()
    )
}

/// A mark of a file, and the one that it had together with all that the command said: up to the step home_0003 a file was
/// known by that. They are made with the company's key, for a file with one person could be guessed from its digest.
async fn marks(ctx: &Ctx, order: &Order, mut file: File) -> anyhow::Result<(String, String)> {
    let digest = tokio::task::spawn_blocking(move || -> std::io::Result<[u8; 32]> {
        let (mut all, mut piece) = (Written::default(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(all.digest()),
                n => all.take(piece.get(..n).unwrap_or_default()),
            }
        }
    });
    let (digest, own) = (digest.await??, ctx.gate.own(order.company).await?);
    let old = json!([digest, order.mapping, order.contract, order.country, order.region]);
    Ok((own.mark(&hex(digest)), own.mark(&old.to_string())))
}

/// A mark of all that the command said about the file.
async fn said(ctx: &Ctx, order: &Order) -> anyhow::Result<String> {
    let said = json!([order.mapping, order.contract, order.country, order.region]);
    Ok(ctx.gate.own(order.company).await?.mark(&said.to_string()))
}

const TAKEN: &str = "another command imports this file now";

/// Takes an import up that broke off. Whoever held it may have ended a moment ago, so that is waited for.
async fn take_up(ctx: &Ctx, mut import: Import) -> anyhow::Result<Import> {
    let held = import.claimed_until;
    for _ in 0..LOOKS {
        let (from, at) = (import.state, ctx.now());
        let one = Import { state: State::Running, ..import.clone() };
        let ours = ctx.gate.home().write(move |tx| store::change(tx, from, &one, at)).await?;
        import.state = State::Running;
        if ours && run::claim(ctx, &mut import).await? {
            return Ok(import);
        }
        tokio::time::sleep(LOOK).await;
        let id = import.id;
        let now = ctx.gate.home().read(move |tx| store::one(tx, id)).await?;
        import = now.filter(|now| now.claimed_until == held).context(TAKEN)?;
    }
    anyhow::bail!(TAKEN)
}

/// A new import, held by this command.
async fn held(ctx: &Ctx, mut import: Import) -> anyhow::Result<Import> {
    anyhow::ensure!(run::claim(ctx, &mut import).await?, TAKEN);
    Ok(import)
}

/// Imports whatever can be read, under an import that is not stored yet; rows to look at go to `rejected`. Without
/// `keep` nothing is kept, not even the import.
///
/// # Errors
/// What is wrong with the file or the stores; what came in before stays, and can be undone.
pub async fn import_file<R: Read + Send + 'static, W: Write>(
    ctx: &Ctx,
    import: Import,
    read: R,
    keep: bool,
    rejected: W,
    progress: impl FnMut(&Progress),
) -> anyhow::Result<Counts> {
    let import = if keep {
        let one = import.clone();
        ctx.gate.home().write(move |tx| store::add(tx, &one)).await?;
        held(ctx, import).await?
    } else {
        import
    };
    let out = Rejects::new(rejected, &import.body.layout.headers)?;
    pour(ctx, import, read, keep, out, progress).await
}

const AWAY: &str = "the import was stopped, or another command took it up";

/// Reads on from where the import is, to the end.
async fn pour<R: Read + Send + 'static, W: Write>(
    ctx: &Ctx,
    mut import: Import,
    read: R,
    keep: bool,
    mut out: Rejects<W>,
    mut progress: impl FnMut(&Progress),
) -> anyhow::Result<Counts> {
    let (done, own) = (import.body.counts.rows, ctx.gate.own(import.company).await?);
    let mut engine = Engine::start(ctx, run::plan(&import), read, done, keep).await?;
    while let Some(step) = engine.next().await? {
        import.body.counts.take(&step.counts);
        import.total = import.total.max(import.body.counts.rows);
        files::write(&mut out, &step.rejects)?;
        let written = out.flush()?;
        (import.body.rejects, import.body.rejects_mark) = (written.bytes, own.mark(&hex(written.digest())));
        if keep {
            anyhow::ensure!(run::advance(ctx, &mut import, step.offset).await?, AWAY);
        }
        let counts = import.body.counts.clone();
        progress(&Progress { done: counts.rows, total: import.total, counts });
    }
    out.finish()?.flush()?;
    if keep {
        import.total = import.body.counts.rows;
        import.body.estimated = false;
        import.body.finished_at = Some(ctx.now());
        let one = import.clone();
        let ended = ctx.gate.home().write(move |tx| store::end(tx, &one, State::Done)).await?;
        anyhow::ensure!(ended, AWAY);
    }
    Ok(import.body.counts)
}
