//! Logs: at the most talkative level, on both engines, nothing that anybody typed about a person is in what the program says.

use anyhow::{Context as _, ensure};
use assent_testkit::Engine;
use serde_json::json;

use crate::process::{Here, Serving};

/// Planted wherever a person's data, a secret or a search goes in.
const PLANTED: [&str; 9] = [
    "Quetzalina",
    "Zwiebelfisch",
    "quetzalina.z@canary.example",
    "+49 151 77700021",
    "Kanarienweg",
    "canary-password-of-mine",
    "notecanary",
    "wrongcanary",
    "searchcanary",
];

fn told(engine: Engine) -> anyhow::Result<()> {
    let here = installed(engine)?;
    let mut log = String::new();
    let [name, family, email, phone, street, password, _, wrong, _] = PLANTED;
    let serving = Serving::start(&here, &["serve"])?;
    let link = serving.said()?.split_whitespace().find(|word| word.contains("/invite/")).map(str::to_owned);
    let link = link.context("no link")?;
    let token = link.rsplit('/').next().unwrap_or_default().to_owned();
    let form = format!("password={password}&again={password}");
    let cookie = serving.post(&format!("/invite/{token}"), "", &form)?.cookie();
    ensure!(!cookie.is_empty());
    let csv = format!(
        "First Name,Last Name,Email,Phone,Street\n{name},{family},{email},{phone},{street} 1\n{wrong},,no-{wrong}\n"
    );
    std::fs::write(here.path("people.csv"), csv)?;
    for (code, args) in [
        (0, &["import", "people.csv", "--contract", "household-customer"][..]),
        (
            0,
            &[
                "decide",
                email,
                "view",
                "service.support",
                "--role",
                "support",
                "--categories",
                "contact.email",
            ],
        ),
        (1, &["decide", wrong, "view", "service.support", "--role", "support"]),
        (1, &["erase", wrong, "--yes"]),
        (0, &["doctor"]),
    ] {
        let (ended, _, err) = here.run(args)?;
        ensure!(ended == Some(code), "{args:?}: {err}");
        log.push_str(&err);
    }
    let key = here.json(0, &["key", "new", "shop", "--role", "support"])?;
    let key = key["key"].as_str().context("no key")?.to_owned();
    calls(&serving, &key)?;
    pages(&serving, &cookie)?;
    let (ended, said) = serving.stop()?;
    ensure!(ended.success());
    log.push_str(&said);
    // The control: it does talk, of the letter to her too.
    ensure!(log.contains("WARN") && log.contains("a letter waits"), "{log}");
    let session = cookie.split_once('=').map_or("", |(_, value)| value);
    // The link itself is said once, to whoever started it, and lies behind.
    let quiet = log.replacen(&link, "", 1);
    for secret in PLANTED.iter().copied().chain([key.as_str(), session, token.as_str()]) {
        let lines: Vec<&str> = quiet.lines().filter(|line| line.contains(secret)).collect();
        ensure!(lines.is_empty(), "{secret} is in the log: {:?}", lines.first());
    }
    Ok(())
}

fn installed(engine: Engine) -> anyhow::Result<Here> {
    let mut here = Here::new()?;
    if engine == Engine::Postgres {
        here.on_server()?;
        here.json(0, &["new-key", "root.key"])?;
        here.set("ASSENT_KEY_FILE", "root.key");
    }
    here.set("ASSENT_LOG", "trace");
    // Nobody is there: what it says of letters is heard too.
    here.set("ASSENT_SMTP", "127.0.0.1:9");
    here.set("ASSENT_MAIL_FROM", "service@example.org");
    Ok(here)
}

/// What programs send: good, bad, and broken. What becomes of it is told elsewhere; here it matters that it was sent.
fn calls(serving: &Serving, key: &str) -> anyhow::Result<()> {
    let [name, family, email, phone, _, _, note, wrong, search] = PLANTED;
    let facts = json!([
        { "category": "name.full", "value": format!("{name} {family}") },
        { "category": "contact.email", "value": email },
        { "category": "contact.phone", "value": phone },
    ]);
    let made = serving.call("POST /v1/people", key, &json!({ "facts": facts, "twin": true }).to_string())?;
    ensure!(made.status == 201, "{} {}", made.status, made.body);
    let id =
        serde_json::from_str::<serde_json::Value>(&made.body)?["id"].as_str().context("no id")?.to_owned();
    let person = format!("/v1/people/{id}");
    let bad = json!({ "facts": [{ "category": "contact.email", "value": wrong }] });
    let file = json!({ "name": "x.csv", "text": format!("{note}\n{search}") });
    for (line, body) in [
        (format!("GET {person}"), String::new()),
        (format!("POST {person}/notes"), json!({ "text": format!("{note} about her") }).to_string()),
        ("POST /v1/people".to_owned(), format!("{{\"facts\": [{{\"category\": \"{wrong}\"")),
        ("POST /v1/people".to_owned(), bad.to_string()),
        ("POST /v1/imports".to_owned(), file.to_string()),
        (format!("GET /v1/{wrong}"), String::new()),
        (format!("GET /v1/people?q={search}"), String::new()),
    ] {
        let answer = serving.call(&line, key, &body)?;
        ensure!(answer.status < 500, "{line}: {} {}", answer.status, answer.body);
    }
    ensure!(serving.call(&format!("GET {person}"), wrong, "")?.status < 500);
    Ok(())
}

/// What people do in a browser.
fn pages(serving: &Serving, cookie: &str) -> anyhow::Result<()> {
    let [name, _, email, .., wrong, search] = PLANTED;
    let list = serving.get("/people", cookie)?;
    let csrf = list.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let csrf = csrf.context("no form")?.to_owned();
    for path in [
        format!("/people?q={search}"),
        format!("/people?q={name}"),
        format!("/people/{wrong}"),
        format!("/{wrong}"),
    ] {
        ensure!(serving.get(&path, cookie)?.status < 500, "{path}");
    }
    let address = email.replace('@', "%40");
    for (path, form) in [
        ("/people/new", format!("csrf={csrf}&given={name}&email={wrong}")),
        ("/people/export/file", format!("csrf={csrf}&purpose={wrong}")),
        ("/people/new", format!("csrf={wrong}&given={name}")),
        ("/sign-in", format!("email={address}&password={wrong}")),
        ("/my/company", format!("email={address}")),
        ("/my/company", format!("email={wrong}%00%0d%0a")),
    ] {
        ensure!(serving.post(path, cookie, &form)?.status < 500, "{path}");
    }
    // Head, body and form that are none.
    serving.send(&format!("GET /{wrong}\u{1}"), &[("x-odd", wrong)], wrong).ok();
    serving.send("POST /people/new", &[("content-type", wrong), ("cookie", wrong)], wrong)?;
    // The letter to the portal is written after the page has answered.
    std::thread::sleep(std::time::Duration::from_secs(2));
    Ok(())
}

#[test]
fn nothing_personal_is_said_beside_files() -> anyhow::Result<()> {
    told(Engine::Sqlite)
}

#[test]
fn nothing_personal_is_said_beside_a_server() -> anyhow::Result<()> {
    told(Engine::Postgres)
}
