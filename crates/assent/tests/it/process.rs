//! The real program as a process: run to its end, or served, spoken to, told to stop, killed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use assent_store::Place;
use assent_testkit::{Engine, places};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_assent");

/// What a browser wants.
const HTML: (&str, &str) = ("accept", "text/html");
/// How long something may take that takes a moment.
const PATIENCE: u32 = 120;

/// Runs the program with nothing of this computer's settings but those.
pub(crate) fn assent(args: &[&str], settings: &[(&str, &str)]) -> anyhow::Result<Output> {
    Ok(Command::new(BINARY).args(args).env_clear().envs(settings.iter().copied()).output()?)
}

/// What it says, and how it ends.
pub(crate) fn said(output: &Output) -> (Option<i32>, String) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), format!("{out}{err}"))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// Looks again and again until it is so.
pub(crate) fn wait_for(what: &str, so: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    for _ in 0..PATIENCE * 10 {
        if so()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("{what}: not in {PATIENCE} seconds")
}

/// A folder to work in, with the settings that hold there.
pub(crate) struct Here {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Vec<(String, String)>,
}

impl Here {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, settings: Vec::new() })
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// From now on the stores are fresh ones on a server; tells the URLs of home store, data and keyring.
    pub(crate) fn on_server(&mut self) -> anyhow::Result<[String; 3]> {
        let stores = places(Engine::Postgres, self.folder.path())?;
        let region = stores.regions.first().context("no region")?;
        let url = |place: &Place| match place {
            Place::Server(url) => Ok(url.clone()),
            Place::File(_) => Err(anyhow::anyhow!("no server")),
        };
        let all = [url(&stores.home)?, url(&region.data)?, url(&region.keys)?];
        let [home, data, keys] = &all;
        let settings =
            format!("home = '{home}'\n[[regions]]\nregion = 'eu'\ndata = '{data}'\nkeys = '{keys}'\n");
        std::fs::write(self.path("assent.toml"), settings)?;
        self.set("ASSENT_CONFIG", "assent.toml");
        Ok(all)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, about to run here.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut program = Command::new(BINARY);
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        program.args(args).env_clear().envs(settings).current_dir(self.folder.path()).stdin(Stdio::null());
        program
    }

    /// Runs it to its end: exit code, what it answered and what it said beside that.
    pub(crate) fn run(&self, args: &[&str]) -> anyhow::Result<(Option<i32>, String, String)> {
        let done = self.program(args).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((done.status.code(), text(&done.stdout), text(&done.stderr)))
    }

    /// Runs it with `--json`; it must end with that code, and its answer comes back.
    pub(crate) fn json(&self, code: i32, args: &[&str]) -> anyhow::Result<serde_json::Value> {
        let (ended, out, err) = self.run(&[&["--json"][..], args].concat())?;
        ensure!(ended == Some(code), "{args:?} ended with {ended:?}: {out}{err}");
        let told = if code == 0 || !out.is_empty() { &out } else { &err };
        serde_json::from_str(told.trim()).with_context(|| format!("{args:?} said {out}{err}"))
    }
}

/// The program, serving.
pub(crate) struct Serving {
    child: Child,
    log: PathBuf,
    port: u16,
}

/// An answer, as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The cookie it sets.
    pub(crate) fn cookie(&self) -> String {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:"));
        let value = line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim());
        value.split(';').next().unwrap_or_default().to_owned()
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Serving {
    /// Starts `serve` or `demo`, and waits until it listens.
    pub(crate) fn start(here: &Here, args: &[&str]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let log = here.path(&format!("serving-{port}.log"));
        let out = File::create(&log)?;
        let listen = format!("127.0.0.1:{port}");
        let mut program = here.program(&[args, &["--listen", &listen]].concat());
        let child = program.stdout(out.try_clone()?).stderr(out).spawn()?;
        let mut serving = Self { child, log, port };
        for _ in 0..PATIENCE * 10 {
            if serving.said()?.contains("Listening on") {
                return Ok(serving);
            }
            if let Some(ended) = serving.child.try_wait()? {
                anyhow::bail!("it ended with {ended}: {}", serving.said()?);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        anyhow::bail!("it does not listen: {}", serving.said()?)
    }

    /// All that it said so far.
    pub(crate) fn said(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// One request, one answer.
    pub(crate) fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> anyhow::Result<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    /// A form, sent as a browser sends it.
    pub(crate) fn post(&self, path: &str, cookie: &str, form: &str) -> anyhow::Result<Answer> {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(&format!("POST {path}"), &[kind, HTML, ("cookie", cookie)], form)
    }

    pub(crate) fn get(&self, path: &str, cookie: &str) -> anyhow::Result<Answer> {
        self.send(&format!("GET {path}"), &[HTML, ("cookie", cookie)], "")
    }

    /// A program's call, with its key.
    pub(crate) fn call(&self, line: &str, key: &str, body: &str) -> anyhow::Result<Answer> {
        let bearer = format!("Bearer {key}");
        self.send(line, &[("content-type", "application/json"), ("authorization", &bearer)], body)
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<(ExitStatus, String)> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(told.success());
        let ended = self.child.wait()?;
        Ok((ended, self.said()?))
    }

    /// Kills it in the middle of whatever it does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
