//! An import from a file that lies where the command runs: the same engine, the same rules, a bar on the terminal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use assent_gate::fold;
use assent_kernel::{Asker, CompanyId, ImportId, PurposeKey, Region, Span, StaffId};
use assent_web::Ctx;
use assent_web::fields::{self, Thing};
use serde::Deserialize;

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
    /// What the columns mean, beyond what is guessed.
    pub mapping: MapFile,
    /// The kind of contract with these people.
    pub contract: Option<String>,
    /// The country of phone numbers that name none.
    pub country: Option<String>,
    /// Where rows to look at are written; `None` = beside the file.
    pub rejected: Option<PathBuf>,
}

/// The file given with `--mapping`: only what differs from the guess.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// What became of the rows.
    pub counts: Counts,
    /// Where the rows to look at are, if there are any.
    pub rejected: Option<PathBuf>,
}

/// Imports a local file. Problems with the mapping are errors that say which column to map.
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
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let rejected =
        order.rejected.clone().unwrap_or_else(|| path.with_file_name(format!("{name}.rejected.csv")));
    let out = File::create(&rejected).with_context(|| format!("cannot write {}", rejected.display()))?;
    let (id, file) = (import.id, open()?);
    let counts = import_file(ctx, import, file, !order.dry_run, BufWriter::new(out), progress).await?;
    let any = counts.rejected + counts.duplicates + counts.left_out > 0 || !counts.noticed.0.is_empty();
    if !any {
        std::fs::remove_file(&rejected)?;
    }
    Ok(Finished { import: (!order.dry_run).then_some(id), counts, rejected: any.then_some(rejected) })
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
        claimed_until: Some(at.plus(CLAIM)),
        body,
    })
}

/// How long a command has its import without saying so again.
const CLAIM: Span = Span::minutes(1);

/// Imports whatever can be read, under an import that is not stored yet; rows to look at go to `rejected`. Without
/// `keep` nothing is kept, not even the import.
///
/// # Errors
/// What is wrong with the file or the stores; what came in before stays, and can be undone.
pub async fn import_file<R: Read + Send + 'static, W: Write>(
    ctx: &Ctx,
    mut import: Import,
    read: R,
    keep: bool,
    rejected: W,
    mut progress: impl FnMut(&Progress),
) -> anyhow::Result<Counts> {
    if keep {
        let (one, until, at) = (import.clone(), ctx.now().plus(CLAIM), ctx.now());
        let add = move |tx: &mut assent_store::Tx<'_>| {
            store::add(tx, &one)?;
            store::claim(tx, &one, until, at)
        };
        ctx.gate.home().write(add).await?;
        import.claimed_until = Some(until);
    }
    let mut out = Rejects::new(rejected, &import.body.layout.headers)?;
    let mut engine = Engine::start(ctx, run::plan(&import), read, 0, keep).await?;
    while let Some(step) = engine.next().await? {
        import.body.counts.take(&step.counts);
        import.total = import.total.max(import.body.counts.rows);
        files::write(&mut out, &step.rejects)?;
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
