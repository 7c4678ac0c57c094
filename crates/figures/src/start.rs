//! Start-up time, idle memory, size of the binary.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::report::{Figure, Section, percentiles, time};

const STARTS: usize = 9;

pub(crate) fn run(_: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let binary = std::env::current_exe()?.with_file_name("assent");
    let folder = tempfile::tempdir()?;
    let mut fresh = vec![serve(&binary, &folder.path().join("first"))?.0];
    let mut again = Vec::new();
    let mut memory = 0;
    for n in 0..STARTS {
        fresh.push(serve(&binary, &folder.path().join(format!("fresh{n}")))?.0);
        let (took, kib) = serve(&binary, &folder.path().join("first"))?;
        again.push(took);
        memory = memory.max(kib);
    }
    let size = std::fs::metadata(&binary)?.len();
    Ok(Section {
        title: "Starting",
        about: "`assent serve` until it listens, with nothing there (makes folder, keys, databases, a company) and with \
                everything there; memory two seconds later; the size of the one file."
            .into(),
        columns: vec!["first start p50", "start p50", "idle memory", "binary"],
        rows: vec![vec![
            time(percentiles(&mut fresh).0),
            time(percentiles(&mut again).0),
            format!("{:.1} MiB", memory as f64 / 1024.0),
            format!("{:.1} MiB", size as f64 / 1024.0 / 1024.0),
        ]],
    }
    .plain())
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts a server and tells how long it took to listen, and its memory (KiB) two seconds later.
fn serve(binary: &PathBuf, data: &std::path::Path) -> anyhow::Result<(Duration, u64)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let begun = Instant::now();
    let child = Command::new(binary)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut child = Stopped(child);
    let out = child.0.stdout.take().ok_or_else(|| anyhow::anyhow!("no output"))?;
    for line in BufReader::new(out).lines() {
        if line?.starts_with("Listening") {
            break;
        }
    }
    let took = begun.elapsed();
    std::thread::sleep(Duration::from_secs(2));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.0.id()))?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().trim_end_matches(" kB").parse().ok());
    Ok((took, kib.unwrap_or(0)))
}
