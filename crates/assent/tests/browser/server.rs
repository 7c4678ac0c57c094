//! The real binary.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use crate::book::pictures;
use crate::driver::{free_port, listening};

const BINARY: &str = env!("CARGO_BIN_EXE_assent");

/// The demo, served.
pub(crate) struct Server {
    child: Child,
    folder: tempfile::TempDir,
    pub(crate) base: String,
}

impl Server {
    pub(crate) async fn start(name: &str) -> anyhow::Result<Self> {
        let (port, folder) = (free_port()?, tempfile::tempdir()?);
        std::fs::create_dir_all(pictures())?;
        let log = File::create(pictures().join(format!("server-{name}.log")))?;
        let child = Command::new(BINARY)
            .args(["demo", "--people", "120", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .arg("--keep")
            .arg(folder.path().join("data"))
            .current_dir(folder.path())
            .env_remove("ASSENT_CONFIG")
            // Passkeys belong to a name, never to a bare address.
            .env("ASSENT_BASE_URL", format!("http://localhost:{port}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("the binary does not start")?;
        let server = Self { child, folder, base: format!("http://localhost:{port}") };
        anyhow::ensure!(
            listening(port, 120).await,
            "the demo does not listen: see target/e2e/server-{name}.log"
        );
        Ok(server)
    }

    /// A place beside the data.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The files of the data folder that hold these bytes.
    pub(crate) fn files_with(&self, needle: &str) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        all_files(&self.folder.path().join("data"), &mut files)?;
        anyhow::ensure!(files.len() > 2, "the data folder has only {} files", files.len());
        let mut found = Vec::new();
        for file in files {
            if holds(&std::fs::read(&file)?, needle) {
                found.push(file);
            }
        }
        Ok(found)
    }
}

/// Whether some bytes hold a word.
pub(crate) fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|piece| piece == needle.as_bytes())
}

fn all_files(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            all_files(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Runs `assent verify` on a receipt: exit code and what it said.
pub(crate) fn verify(receipt: &Path, policy: &Path) -> anyhow::Result<(Option<i32>, String)> {
    let mut command = Command::new(BINARY);
    command.arg("verify").arg(receipt).arg("--policy").arg(policy).env_remove("ASSENT_CONFIG");
    let done = command.stdin(Stdio::null()).output()?;
    let mut said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&done.stderr));
    Ok((done.status.code(), said))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
