//! An import from a file that lies where the command runs: the same engine, the same rules, a bar on the terminal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use assent_gate::fold;
use assent_kernel::{Asker, CompanyId, ImportId, PurposeKey, Region, StaffId};
use assent_web::fields::{self, Thing};
use assent_web::{Ctx, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::engine::Engine;
use super::files;
use super::model::{Body, Counts, Import, Progress, Rules, Stand, State};
use super::read::{Rejects, Sample, Target, country, date};
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
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let rejected =
        order.rejected.clone().unwrap_or_else(|| path.with_file_name(format!("{name}.rejected.csv")));
    let out = rejects(&rejected, &import).with_context(|| format!("cannot write {}", rejected.display()))?;
    let (id, file) = (import.id, open()?);
    let counts = pour(ctx, import, file, !order.dry_run, out, progress).await?;
    let any = counts.rejected + counts.duplicates + counts.left_out > 0 || !counts.noticed.0.is_empty();
    if !any {
        std::fs::remove_file(&rejected)?;
    }
    Ok(Finished { import: (!order.dry_run).then_some(id), before, counts, rejected: any.then_some(rejected) })
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

/// The file of rejected rows: a new one, or the one that is there up to where it counts.
fn rejects(path: &Path, import: &Import) -> anyhow::Result<Rejects<BufWriter<File>>> {
    let (headers, kept) = (&import.body.layout.headers, import.body.rejects);
    let there = File::options().write(true).open(path).ok().filter(|_| kept > 0);
    match there.filter(|file| file.metadata().is_ok_and(|known| known.len() >= kept)) {
        Some(mut file) => {
            file.set_len(kept)?;
            file.seek(SeekFrom::End(0))?;
            Ok(Rejects::further(BufWriter::new(file), headers, kept))
        }
        None => Ok(Rejects::new(BufWriter::new(File::create(path)?), headers)?),
    }
}

/// How often it is looked whether whoever held an import is gone, and how long at most: longer than it is held.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 60;

/// The import that the same command began and did not end, or a new one.
async fn begin(ctx: &Ctx, order: &Order, mut new: Import, file: File) -> anyhow::Result<Import> {
    let (company, mark) = (order.company, mark(ctx, order, file).await?);
    let wanted = mark.clone();
    let found = ctx.gate.home().read(move |tx| store::newest_of(tx, company, &wanted)).await?;
    match found.as_ref().map(|found| found.state) {
        Some(State::Running | State::Stopped) => {}
        Some(State::Done) if !order.again => anyhow::bail!(already(found.as_ref())),
        Some(State::Done | State::Undone) | None => {
            new.body.file = Some(mark);
            return added(ctx, new).await;
        }
        Some(State::Uploading | State::Draft | State::Trying | State::Undoing) => {
            anyhow::bail!("this import is being undone; try again when that is over")
        }
    }
    take_up(ctx, found.unwrap_or(new)).await
}

fn already(found: Option<&Import>) -> String {
    let day = found
        .and_then(|import| import.body.finished_at)
        .map_or_else(String::new, |at| format!(" on {}", text::date(at.micros())));
    let people = found.map_or(0, Import::taken);
    format!(
        "this file came in{day} already, with {people} people: --again imports it once more, and whoever has no e-mail \
         address in it then stands here twice"
    )
}

/// A mark of a file and of what the command says about it. It is made with the company's key, for a file with one
/// person could be guessed from its digest.
async fn mark(ctx: &Ctx, order: &Order, mut file: File) -> anyhow::Result<String> {
    let digest = tokio::task::spawn_blocking(move || -> std::io::Result<[u8; 32]> {
        let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(hash.finalize().into()),
                n => hash.update(piece.get(..n).unwrap_or_default()),
            }
        }
    });
    let digest = digest.await??;
    let said = json!([digest, order.mapping, order.contract, order.country, order.region]);
    Ok(ctx.gate.own(order.company).await?.mark(&said.to_string()))
}

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
        import =
            now.filter(|now| now.claimed_until == held).context("another command imports this file now")?;
    }
    anyhow::bail!("another command imports this file now")
}

/// Writes a new import down, held by this command.
async fn added(ctx: &Ctx, mut import: Import) -> anyhow::Result<Import> {
    let one = import.clone();
    ctx.gate.home().write(move |tx| store::add(tx, &one)).await?;
    anyhow::ensure!(run::claim(ctx, &mut import).await?, "another command imports this file now");
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
    let import = if keep { added(ctx, import).await? } else { import };
    let out = Rejects::new(rejected, &import.body.layout.headers)?;
    pour(ctx, import, read, keep, out, progress).await
}

/// Reads on from where the import is, to the end.
async fn pour<R: Read + Send + 'static, W: Write>(
    ctx: &Ctx,
    mut import: Import,
    read: R,
    keep: bool,
    mut out: Rejects<W>,
    mut progress: impl FnMut(&Progress),
) -> anyhow::Result<Counts> {
    let done = import.body.counts.rows;
    let mut engine = Engine::start(ctx, run::plan(&import), read, done, keep).await?;
    while let Some(step) = engine.next().await? {
        import.body.counts.take(&step.counts);
        import.total = import.total.max(import.body.counts.rows);
        files::write(&mut out, &step.rejects)?;
        import.body.rejects = out.flush()?;
        if keep {
            anyhow::ensure!(run::advance(ctx, &mut import, step.offset).await?, "the import was taken away");
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
        ctx.gate.home().write(move |tx| store::end(tx, &one, State::Done)).await?;
    }
    Ok(import.body.counts)
}
