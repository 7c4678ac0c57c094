//! chromedriver, and windows of chromium.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::window::Window;

/// A port that nobody listens on.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until somebody listens, for at most so many seconds.
pub(crate) async fn listening(port: u16, seconds: u32) -> bool {
    for _ in 0..seconds * 20 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// A running chromedriver; its browsers go with it.
pub(crate) struct Driver {
    child: Child,
    port: u16,
    homes: tempfile::TempDir,
}

impl Driver {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let port = free_port()?;
        let homes = tempfile::tempdir()?;
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver cannot be started (Debian: apt-get install chromium chromium-driver)")?;
        let driver = Self { child, port, homes };
        anyhow::ensure!(listening(port, 20).await, "chromedriver did not come up");
        Ok(driver)
    }

    /// A new browser with cookies of its own.
    pub(crate) async fn window(&self, base: &str) -> anyhow::Result<Window> {
        self.open(base, json!({})).await
    }

    /// The same with every script switched off.
    pub(crate) async fn without_javascript(&self, base: &str) -> anyhow::Result<Window> {
        self.open(base, json!({ "profile.managed_default_content_settings.javascript": 2 })).await
    }

    async fn open(&self, base: &str, prefs: Value) -> anyhow::Result<Window> {
        let home = tempfile::tempdir_in(self.homes.path())?.keep();
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1280,1000",
        ];
        let mut args: Vec<String> = args.map(str::to_owned).to_vec();
        args.push(format!("--user-data-dir={}", home.display()));
        let mut prefs = prefs;
        prefs["intl.accept_languages"] = json!("en-GB,en");
        let options = json!({ "args": args, "prefs": prefs });
        // The page for programs has twenty thousand elements: a busy machine looks at them for longer than the usual half minute.
        let patience = json!({ "script": 300_000 });
        let wanted = json!({
            "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" }, "timeouts": patience,
        });
        let Value::Object(wanted) = wanted else { anyhow::bail!("capabilities are an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let client = builder.connect(&format!("http://127.0.0.1:{}", self.port)).await;
        Window::new(client.context("chromium does not start")?, base).await
    }

    /// Asks chromedriver to close every browser and leave.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        )?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let asked = self.shut_down().is_ok();
        for _ in 0..if asked { 100 } else { 0 } {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
