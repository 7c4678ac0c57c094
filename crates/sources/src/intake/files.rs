//! The sealed files of an import, in a folder of its own: the upload, and the rejected rows.
//!
//! `file.sealed` is what was uploaded. While rows come in, each batch with something to look at leaves
//! `rejected-<first row>.sealed`, written before the batch counts as done: a batch that is taken up again replaces its
//! own. At the end they become one CSV, `rejected.sealed`. All lie under one key, which dies with them.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use assent_gate::{GateError, Stash, StashReader};
use assent_kernel::{ImportId, Region};
use assent_web::Ctx;

use super::model::{Import, Reject};
use super::read::Rejects;

const UPLOAD: &str = "file.sealed";
const REJECTED: &str = "rejected.sealed";
const PIECE: &str = "rejected-";

/// The folder of one import.
#[derive(Debug, Clone)]
pub(super) struct Files {
    upload: Stash,
    folder: PathBuf,
}

fn folder(ctx: &Ctx, import: ImportId) -> PathBuf {
    ctx.settings.data_dir.join("imports").join(import.to_string())
}

fn failed(error: impl std::fmt::Display) -> GateError {
    GateError::Input(format!("A file of the import cannot be used: {error}"))
}

/// Whether the uploaded file lies on this node.
pub(super) fn is_here(ctx: &Ctx, import: ImportId) -> bool {
    folder(ctx, import).join(UPLOAD).exists()
}

/// Destroys the key of an import's files, and the files.
pub(super) async fn clear(ctx: &Ctx, region: &Region, import: ImportId) -> Result<(), GateError> {
    ctx.gate.drop_stash(region, import).await?;
    match fs::remove_dir_all(folder(ctx, import)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

impl Files {
    /// The folder of an import.
    pub(super) async fn of(ctx: &Ctx, region: &Region, import: ImportId) -> Result<Self, GateError> {
        let folder = folder(ctx, import);
        let upload = ctx.gate.stash(region, import, &folder.join(UPLOAD)).await?;
        Ok(Self { upload, folder })
    }

    /// The uploaded file.
    pub(super) fn upload(&self) -> &Stash {
        &self.upload
    }

    /// The rejected rows, as one CSV.
    pub(super) fn rejected(&self) -> Result<StashReader, GateError> {
        self.upload.beside(REJECTED).open()
    }

    /// Whether there are any.
    pub(super) fn has_rejected(&self) -> bool {
        self.folder.join(REJECTED).exists()
    }

    /// Leaves what is to be looked at in a batch.
    pub(super) fn leave(&self, first: u64, rejects: &[Reject]) -> Result<(), GateError> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut file = self.upload.beside(&format!("{PIECE}{first:015}.sealed")).create()?;
        serde_json::to_writer(&mut file, rejects).map_err(failed)?;
        file.finish().map_err(failed)
    }

    fn pieces(&self) -> Result<Vec<String>, GateError> {
        let names = fs::read_dir(&self.folder).map_err(failed)?.flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(PIECE)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Makes one file of what the batches left; `None` when they left nothing.
    pub(super) fn gather(&self, import: &Import) -> Result<(), GateError> {
        let pieces = self.pieces()?;
        if pieces.is_empty() {
            return Ok(());
        }
        let out = BufWriter::new(self.upload.beside(REJECTED).create()?);
        let mut out = Rejects::new(out, &import.body.layout.headers).map_err(failed)?;
        for name in pieces {
            let mut text = Vec::new();
            self.upload.beside(&name).open()?.read_to_end(&mut text).map_err(failed)?;
            let rejects: Vec<Reject> = serde_json::from_slice(&text).map_err(failed)?;
            write(&mut out, &rejects).map_err(failed)?;
        }
        let file = out.finish().map_err(failed)?.into_inner().map_err(failed)?;
        file.finish().map_err(failed)
    }

    /// Removes everything but the one file of rejected rows.
    pub(super) fn tidy(&self) -> Result<(), GateError> {
        let pieces = self.pieces()?;
        for name in pieces.iter().map(String::as_str).chain([UPLOAD]) {
            match fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes rows to look at.
pub(super) fn write<W: Write>(out: &mut Rejects<W>, rejects: &[Reject]) -> Result<(), csv::Error> {
    rejects.iter().try_for_each(|one| out.write(&one.fields, one.row, one.line, &one.column, &one.reason))
}
