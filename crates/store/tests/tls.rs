//! A PostgreSQL server that speaks TLS, with a certificate of its own: asked for, checked, refused, never left out.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use assent_store::{Db, Place};

/// A server of this test's own, gone when it is.
struct Server {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

fn as_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

fn done(command: &mut Command) -> anyhow::Result<()> {
    // Into a file, not a pipe: the server that is started would hold the pipe open.
    let told = tempfile::NamedTempFile::new()?;
    let status = command.stdout(Stdio::null()).stderr(told.reopen()?).status()?;
    ensure!(status.success(), "{command:?}: {}", std::fs::read_to_string(told.path())?);
    Ok(())
}

fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.map(|version| version.path().join("bin")).chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").is_file())
}

/// A folder that the server's user may write to.
fn folder() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    if as_root() {
        done(Command::new("chown").arg("postgres:postgres").arg(folder.path()))?;
    }
    Ok(folder)
}

fn run_in(folder: &Path, program: &Path, args: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(if as_root() { Path::new("setpriv") } else { program });
    if as_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    }
    done(command.args(args).current_dir(folder))
}

/// A certificate for `localhost`, signed by nobody but itself.
fn certify(folder: &Path) -> anyhow::Result<()> {
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
               -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
               -keyout server.key -out server.crt";
    run_in(folder, Path::new("openssl"), &new.split_whitespace().collect::<Vec<_>>())?;
    run_in(folder, Path::new("chmod"), &["600", "server.key"])
}

impl Server {
    fn start(tls: bool) -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { programs, folder: folder()?, port };
        let here = server.folder.path().display();
        server.run(
            "initdb",
            &["-D", "data", "-U", "assent", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"],
        )?;
        let mut options =
            format!("-p {port} -k {here} -c listen_addresses=localhost -c shared_buffers=16MB -c fsync=off");
        if tls {
            certify(server.folder.path())?;
            options +=
                &format!(" -c ssl=on -c ssl_cert_file={here}/server.crt -c ssl_key_file={here}/server.key");
        }
        server.run("pg_ctl", &["-D", "data", "-o", &options, "-l", "log", "-w", "start"])?;
        Ok(server)
    }

    fn run(&self, program: &str, args: &[&str]) -> anyhow::Result<()> {
        run_in(self.folder.path(), &self.programs.join(program), args)
    }

    fn url(&self, host: &str, query: &str) -> String {
        format!("postgres://assent@{host}:{}/postgres{query}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.run("pg_ctl", &["-D", "data", "-m", "immediate", "-w", "stop"]);
    }
}

/// Whether a connection is encrypted, or why there is none.
async fn encrypted(url: String) -> Result<bool, String> {
    const ASK: &str = "SELECT CAST(count(*) AS BIGINT) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    let db = Db::open(Place::Server(url)).map_err(|error| error.to_string())?;
    let found =
        db.read(|tx| tx.first(ASK, &[], |row| row.int(0))).await.map_err(|error| error.to_string())?;
    Ok(found == Some(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_what_the_url_says() -> anyhow::Result<()> {
    let server = Server::start(true)?;
    let full = |folder: &Path| format!("?sslmode=verify-full&sslrootcert={}/server.crt", folder.display());
    let right = full(server.folder.path());
    assert_eq!(encrypted(server.url("localhost", "")).await, Ok(false));
    assert_eq!(encrypted(server.url("localhost", "?sslmode=disable")).await, Ok(false));
    assert_eq!(encrypted(server.url("localhost", "?sslmode=require&connect_timeout=3")).await, Ok(true));
    assert_eq!(encrypted(server.url("localhost", &right)).await, Ok(true));
    // The right certificate under another name, and another's certificate under the right name.
    assert!(encrypted(server.url("127.0.0.1", &right)).await.is_err());
    let other = folder()?;
    certify(other.path())?;
    assert!(encrypted(server.url("localhost", &full(other.path()))).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_honoured_is_refused() -> anyhow::Result<()> {
    let server = Server::start(false)?;
    assert_eq!(encrypted(server.url("localhost", "")).await, Ok(false));
    assert!(encrypted(server.url("localhost", "?sslmode=require")).await.is_err(), "this server has no TLS");
    for (query, word) in [
        ("?sslmode=prefer", "disable, require or verify-full"),
        ("?sslmode=allow", "disable, require or verify-full"),
        ("?sslmode=verify-ca", "disable, require or verify-full"),
        ("?sslmode=REQUIRE", "disable, require or verify-full"),
        ("?sslmode=", "disable, require or verify-full"),
        ("?sslmode=require&sslmode=disable", "twice"),
        ("?sslmode=verify-full", "needs `sslrootcert=FILE`"),
        ("?sslmode=require&sslrootcert=/x", "is for"),
        ("?sslmode=verify-full&sslrootcert=/nowhere", "cannot be read"),
        ("?sslmode=verify-full&sslrootcert=/dev/null", "holds no certificate"),
        ("?sslcert=/x&sslmode=require", "`sslcert` is not known"),
        ("?sslnegotiation=direct", "is not known"),
    ] {
        let told = encrypted(server.url("localhost", query)).await.unwrap_err();
        assert!(told.contains(word), "{query}: {told}");
    }
    Ok(())
}
