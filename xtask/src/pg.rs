//! A PostgreSQL server of our own for the tests: a fresh cluster on a free port of loopback, gone when we are.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Where `initdb` and `pg_ctl` are.
pub(crate) fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    found.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

/// A running server.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Server {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let folder = std::env::temp_dir().join(format!("assent-pg-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { programs, folder, port };
        if as_other() {
            own("chown", &server.folder)?;
        }
        eprintln!("\n== PostgreSQL on port {port}");
        let data = server.data();
        server.run(
            "initdb",
            &["-D", &data, "-U", "assent", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"],
        )?;
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=900 -c shared_buffers=256MB",
            server.folder.display()
        );
        let log = server.folder.join("log").display().to_string();
        server.run("pg_ctl", &["-D", &data, "-o", &options, "-l", &log, "-w", "start"])?;
        crate::wait_for("PostgreSQL", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://assent@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, args: &[&str]) -> anyhow::Result<()> {
        let path = self.programs.join(program);
        let mut command = if as_other() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(&path);
            command
        } else {
            Command::new(&path)
        };
        let status = command.args(args).current_dir(&self.folder).stdout(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { bail!("{program} failed") }
    }
}

/// PostgreSQL refuses to run as root.
fn as_other() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

fn own(program: &str, folder: &Path) -> anyhow::Result<()> {
    let status = Command::new(program).arg("postgres:postgres").arg(folder).status()?;
    if status.success() { Ok(()) } else { bail!("{program} failed") }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]).ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
