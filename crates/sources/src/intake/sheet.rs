//! The file of rows to look at that a command leaves beside the file that it reads: anew with each import, and written
//! on when what broke off is taken up, unless somebody made or changed it meanwhile.

use std::fs::File;
use std::io::{BufWriter, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::cli::Order;
use super::model::{Counts, Import};
use super::read::{Rejects, Written};

/// The file of rows to look at.
pub(super) struct Sheet {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What writes it.
    pub(super) out: Rejects<BufWriter<File>>,
    /// Rows of before that are not in it.
    pub(super) missing: u64,
}

/// The most files of rows to look at beside one file.
const MOST_SHEETS: u32 = 100;

impl Sheet {
    /// A new one, or the one that an import left that broke off. One that is not as it was left, or a stranger's by the
    /// same name, stays as it is: what follows goes to the next name.
    pub(super) fn of(
        order: &Order,
        import: &Import,
        mark: impl Fn([u8; 32]) -> String,
    ) -> anyhow::Result<Self> {
        let (body, first) = (&import.body, sheet_name(order, 1));
        let cannot = |path: &Path| format!("cannot write {}", path.display());
        let begun = |path: PathBuf, file: std::io::Result<File>, missing: u64| {
            let file = BufWriter::new(file.with_context(|| cannot(&path))?);
            let out = Rejects::new(file, &body.layout.headers).with_context(|| cannot(&path))?;
            anyhow::Ok(Self { path, out, missing })
        };
        if body.rejects == 0 {
            let file = File::create(&first);
            return begun(first, file, 0);
        }
        for path in (1..=MOST_SHEETS).map(|n| sheet_name(order, n)) {
            if !path.exists() {
                let file = File::create_new(&path);
                return begun(path, file, to_look_at(&body.counts));
            }
            let left = left_as_it_was(&path, body.rejects).with_context(|| cannot(&path))?;
            if let Some((file, written)) = left.filter(|(_, left)| mark(left.digest()) == body.rejects_mark) {
                file.set_len(body.rejects).with_context(|| cannot(&path))?;
                let out = Rejects::further(BufWriter::new(file), &body.layout.headers, written);
                return Ok(Self { path, out, missing: 0 });
            }
        }
        anyhow::bail!("there are too many files like {}", first.display())
    }
}

/// Where rows to look at go; reading without keeping has a file of its own.
fn sheet_name(order: &Order, n: u32) -> PathBuf {
    let path = order.rejected.as_ref().unwrap_or(&order.file);
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let kind = if order.dry_run { "dry-run.rejected" } else { "rejected" };
    match (&order.rejected, n) {
        (Some(path), 1) => path.clone(),
        (Some(path), n) => path.with_file_name(format!("{name}-{n}.csv")),
        (None, 1) => path.with_file_name(format!("{name}.{kind}.csv")),
        (None, n) => path.with_file_name(format!("{name}.{kind}-{n}.csv")),
    }
}

/// A file read up to so many bytes, and what they are; nothing when it has fewer.
fn left_as_it_was(path: &Path, bytes: u64) -> std::io::Result<Option<(File, Written)>> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let (mut written, mut piece) = (Written::default(), vec![0; 1 << 16]);
    while written.bytes < bytes {
        let most = usize::try_from(bytes - written.bytes).unwrap_or(usize::MAX).min(piece.len());
        match file.read(piece.get_mut(..most).unwrap_or_default())? {
            0 => return Ok(None),
            n => written.take(piece.get(..n).unwrap_or_default()),
        }
    }
    Ok(Some((file, written)))
}

/// A digest as text.
pub(super) fn hex(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Rows that stand in such a file.
pub(super) fn to_look_at(counts: &Counts) -> u64 {
    counts.rejected.saturating_add(counts.duplicates).saturating_add(counts.left_out)
}
