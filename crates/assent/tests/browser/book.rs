//! What happened, step by step.

use std::fmt::Write as _;
use std::future::Future;
use std::path::PathBuf;
use std::time::Instant;

use crate::window::Window;

/// Where pictures go.
pub(crate) fn pictures() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.parent().map_or_else(|| target.clone(), PathBuf::from).join("e2e")
}

/// The steps that failed.
pub(crate) struct Book {
    failed: String,
}

impl Book {
    pub(crate) fn new() -> anyhow::Result<Self> {
        std::fs::create_dir_all(pictures())?;
        Ok(Self { failed: String::new() })
    }

    /// Does a step; when it fails, says where, and takes a picture of that window.
    pub(crate) async fn step<T>(
        &mut self,
        name: &str,
        window: &Window,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> Option<T> {
        let start = Instant::now();
        match work.await {
            Ok(done) => {
                eprintln!("  ok      {name} ({:.1} s)", start.elapsed().as_secs_f32());
                Some(done)
            }
            Err(error) => {
                let address = window.address().await;
                let picture = window.picture(name).await;
                let picture =
                    picture.map_or_else(|error| error.to_string(), |path| path.display().to_string());
                eprintln!("  FAILED  {name}: {error:#}");
                let _ = writeln!(self.failed, "{name}: {error:#}\n    at {address}, picture: {picture}");
                None
            }
        }
    }

    /// A step that cannot be reached.
    pub(crate) fn skip<T>(&mut self, name: &str) -> Option<T> {
        eprintln!("  skipped {name}");
        None
    }

    pub(crate) fn close(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.failed.is_empty(), "these steps failed:\n{}", self.failed);
        Ok(())
    }
}
