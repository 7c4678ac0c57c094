//! A browser's window, and what a reader does with it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{
    InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::book::pictures;

/// How long a page may take to show what it should.
const PATIENCE: Duration = Duration::from_secs(10);
/// Everybody's password in the demo.
const PASSWORD: &str = "demo-demo-demo";

/// A window.
pub(crate) struct Window {
    client: Client,
    pub(crate) base: String,
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Own {
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }
    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Window {
    pub(crate) async fn new(client: Client, base: &str) -> anyhow::Result<Self> {
        Ok(Self { client, base: base.to_owned() })
    }

    pub(crate) async fn go(&self, path: &str) -> anyhow::Result<()> {
        let address = if path.starts_with("http") || path.starts_with("about:") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.client.goto(&address).await.with_context(|| format!("going to {path}"))
    }

    /// Where it is: the path with its query.
    pub(crate) async fn at(&self) -> anyhow::Result<String> {
        let url = self.client.current_url().await?;
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// Where it is: the path alone.
    pub(crate) async fn here(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    pub(crate) async fn address(&self) -> String {
        self.at().await.unwrap_or_else(|error| error.to_string())
    }

    async fn find(&self, css: &str) -> anyhow::Result<Element> {
        let start = Instant::now();
        loop {
            match self.client.find(Locator::Css(css)).await {
                Ok(found) => return Ok(found),
                Err(error) if start.elapsed() > PATIENCE => {
                    return Err(error).with_context(|| format!("there is no `{css}`"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    pub(crate) async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.find(css).await?.click().await.with_context(|| format!("clicking `{css}`"))
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(css).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("filling `{css}`"))
    }

    /// Chooses a file of this machine.
    pub(crate) async fn attach(&self, css: &str, file: &str) -> anyhow::Result<()> {
        self.find(css).await?.send_keys(file).await.with_context(|| format!("attaching to `{css}`"))
    }

    pub(crate) async fn text(&self, css: &str) -> anyhow::Result<String> {
        Ok(self.find(css).await?.text().await?)
    }

    pub(crate) async fn texts(&self, css: &str) -> anyhow::Result<Vec<String>> {
        let mut texts = Vec::new();
        for one in self.client.find_all(Locator::Css(css)).await? {
            texts.push(one.text().await?);
        }
        Ok(texts)
    }

    pub(crate) async fn count(&self, css: &str) -> anyhow::Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    pub(crate) async fn attr(&self, css: &str, name: &str) -> anyhow::Result<String> {
        let value = self.find(css).await?.attr(name).await?;
        value.with_context(|| format!("`{css}` has no {name}"))
    }

    pub(crate) async fn source(&self) -> anyhow::Result<String> {
        Ok(self.client.source().await?)
    }

    /// Waits until an element says something.
    pub(crate) async fn says(&self, css: &str, words: &str) -> anyhow::Result<()> {
        let last = self.wait(css, |text| text.contains(words)).await;
        last.map_err(|last| anyhow::anyhow!("`{css}` does not say “{words}”, but: {}", short(&last)))
    }

    /// Waits until an element does not say something.
    pub(crate) async fn says_not(&self, css: &str, words: &str) -> anyhow::Result<()> {
        let last = self.wait(css, |text| !text.contains(words)).await;
        last.map_err(|last| anyhow::anyhow!("`{css}` still says “{words}”: {}", short(&last)))
    }

    async fn wait(&self, css: &str, good: impl Fn(&str) -> bool) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let text = match self.client.find(Locator::Css(css)).await {
                Ok(found) => found.text().await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            match text {
                Ok(text) if good(&text) && self.whole().await => return Ok(()),
                Ok(text) | Err(text) if start.elapsed() > PATIENCE => return Err(text),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Whether the page has come to its end; what runs here is the driver's, also where a page's scripts may not.
    async fn whole(&self) -> bool {
        let state = self.client.execute("return document.readyState", Vec::new()).await;
        state.is_ok_and(|state| state == "complete")
    }

    /// Waits until the address begins so.
    pub(crate) async fn arrives(&self, path: &str) -> anyhow::Result<()> {
        let start = Instant::now();
        while !(self.at().await?.starts_with(path) && self.whole().await) {
            if start.elapsed() > PATIENCE {
                bail!("it should be at {path}, and is at {}", self.at().await?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The status that the open page was answered with.
    pub(crate) async fn status(&self) -> anyhow::Result<u64> {
        let script = "return performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0";
        Ok(self.client.execute(script, Vec::new()).await?.as_u64().unwrap_or(0))
    }

    /// Presses keys where focus is, as a hand would: one after the other.
    pub(crate) async fn press(&self, keys: &str) -> anyhow::Result<()> {
        let mut strokes = KeyActions::new("keyboard".into());
        for key in keys.chars() {
            strokes = strokes.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        }
        self.client.perform_actions(strokes).await.with_context(|| format!("pressing {keys:?}"))
    }

    /// Presses a key while another is held.
    pub(crate) async fn press_with(&self, held: Key, key: char) -> anyhow::Result<()> {
        let held = char::from(held);
        let strokes = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(strokes).await.context("pressing two keys")
    }

    /// Waits until no part of the page is being fetched anew.
    pub(crate) async fn calm(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        while self.count("[aria-busy=true]").await? > 0 {
            ensure!(start.elapsed() < PATIENCE, "a part of the page does not come");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Takes something with the pointer and lets it go in the middle of something else.
    pub(crate) async fn drag(&self, from: &str, to: &str) -> anyhow::Result<()> {
        self.calm().await?;
        let (from, to) = (self.find(from).await?, self.find(to).await?);
        let over = |element, x| PointerAction::MoveToElement {
            element,
            duration: Some(Duration::from_millis(80)),
            x,
            y: 0.0,
        };
        let hand = MouseActions::new("hand".into())
            .then(over(from.clone(), 0.0))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(over(from, 12.0))
            .then(over(to.clone(), 0.0))
            .then(over(to, 4.0))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(hand).await.context("dragging")
    }

    /// Runs a script of the test with one argument.
    pub(crate) async fn js(&self, script: &str, given: Value) -> anyhow::Result<Value> {
        self.client.execute(script, vec![given]).await.context("a script of the test")
    }

    /// Runs a script of the test that answers later.
    pub(crate) async fn js_later(&self, script: &str, given: Value) -> anyhow::Result<Value> {
        self.client.execute_async(script, vec![given]).await.context("a script of the test")
    }

    /// Fetches with the session of this window, as a click on a download would: status and text.
    pub(crate) async fn fetch(&self, path: &str) -> anyhow::Result<String> {
        let script = "const done = arguments[arguments.length - 1];\
            fetch(arguments[0], {credentials: 'same-origin'})\
            .then(async (a) => done([a.status, await a.text()]), (e) => done([0, String(e)]));";
        let answer = self.client.execute_async(script, vec![json!(path)]).await?;
        let (status, text) = (answer[0].as_i64(), answer[1].as_str().unwrap_or_default());
        ensure!(status == Some(200), "{path} answers {status:?}: {}", short(text));
        Ok(text.to_owned())
    }

    /// A command of Chrome's DevTools.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> anyhow::Result<()> {
        let body = json!({ "cmd": command, "params": params });
        self.client
            .issue_cmd(Own { path: "goog/cdp/execute".into(), body })
            .await
            .map(|_| ())
            .context("devtools")
    }

    /// The page as it looks, small in bytes.
    pub(crate) async fn looks(&self) -> anyhow::Result<Vec<u8>> {
        let params = json!({ "format": "webp", "quality": 82 });
        let body = json!({ "cmd": "Page.captureScreenshot", "params": params });
        let taken = self.client.issue_cmd(Own { path: "goog/cdp/execute".into(), body }).await?;
        STANDARD.decode(taken["data"].as_str().context("a picture")?).context("a picture is base64")
    }

    /// A device with a place for passkeys, whose owner it knows (WebAuthn §11.2). Tells its name.
    pub(crate) async fn device(&self) -> anyhow::Result<String> {
        let body = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true });
        let made = self.client.issue_cmd(Own { path: "webauthn/authenticator".into(), body }).await?;
        Ok(made.as_str().context("a device has a name")?.to_owned())
    }

    /// Whether a device knows who holds it.
    pub(crate) async fn known_by(&self, device: &str, known: bool) -> anyhow::Result<()> {
        let path = format!("webauthn/authenticator/{device}/uv");
        self.client.issue_cmd(Own { path, body: json!({ "isUserVerified": known }) }).await?;
        Ok(())
    }

    /// What the console said since the last time, without answers that are meant to be errors.
    pub(crate) async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let log =
            self.client.issue_cmd(Own { path: "se/log".into(), body: json!({ "type": "browser" }) }).await?;
        let lines = log.as_array().cloned().unwrap_or_default();
        let severe = lines.iter().filter(|line| line["level"] == "SEVERE" && line["source"] != "network");
        Ok(severe.map(|line| line["message"].to_string()).collect())
    }

    /// Takes a picture; the name becomes the file's.
    pub(crate) async fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = pictures().join(format!("{}.png", name.replace(' ', "-").replace(',', "")));
        std::fs::write(&path, self.client.screenshot().await?)?;
        Ok(path)
    }

    /// Signs a member of staff in, whoever was before.
    pub(crate) async fn sign_in(&self, email: &str) -> anyhow::Result<()> {
        self.go("/sign-in").await?;
        self.client.delete_all_cookies().await?;
        self.go("/sign-in").await?;
        self.knock(email).await?;
        self.arrives("/people").await
    }

    /// Types address and password at the staff's door, and presses the button.
    pub(crate) async fn knock(&self, email: &str) -> anyhow::Result<()> {
        self.fill("[name=email]", email).await?;
        self.fill("[name=password]", PASSWORD).await?;
        self.click("main form button").await
    }

    /// A member of staff leaves.
    pub(crate) async fn sign_out(&self) -> anyhow::Result<()> {
        self.go("/people").await?;
        self.click(".rail-user summary").await?;
        self.click("form[action='/sign-out'] button").await?;
        self.arrives("/sign-in").await
    }
}

fn short(text: &str) -> String {
    text.chars().take(600).collect()
}
