//! `backup`, `restore`, `doctor`.

use std::path::PathBuf;

use super::Terminal;

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The folder for the data.
    #[arg(long)]
    data_to: PathBuf,
    /// The folder for the keyrings: another place, kept for at most 30 days.
    #[arg(long)]
    keys_to: PathBuf,
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The folder of the data.
    #[arg(long)]
    data_from: PathBuf,
}

pub(crate) async fn backup(_: &Terminal, args: Backup) -> anyhow::Result<u8> {
    let _ = (args.data_to, args.keys_to);
    anyhow::bail!("not wired yet")
}

pub(crate) async fn restore(_: &Terminal, args: Restore) -> anyhow::Result<u8> {
    let _ = args.data_from;
    anyhow::bail!("not wired yet")
}

pub(crate) async fn doctor(_: &Terminal) -> anyhow::Result<u8> {
    anyhow::bail!("not wired yet")
}
