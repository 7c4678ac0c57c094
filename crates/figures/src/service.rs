//! Decisions over HTTP beside a bare echo of the same framework, and beside another decision server.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use assent_gate::Act;
use assent_kernel::grant::Evidence;
use assent_kernel::{Asker, PersonId, Role, Span, StaffId};
use assent_store::callers::{self, Caller};
use assent_testkit::{Engine, House, START, eu, purpose};
use assent_web::{Clock, Ctx, Post, Settings, session};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::report::{Bar, Figure, Section};

const PEOPLE: u64 = 1_000;
/// People of one batch.
const BATCH: usize = 100;
/// How long each is asked, and how often in turn.
const SECONDS: u64 = 4;
const TURNS: usize = 3;
/// The other server, as it stands in the npm registry.
const CERBOS: &str = "cerbos@0.51.0";

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let folder = tempfile::tempdir()?;
    let (ctx, people, key) = runtime.block_on(world())?;
    let rooms = assent_web::api::routes(&[&assent_uses::decide::Decide]).with_state(ctx);
    let decide = serve(rooms)?;
    let echo = serve(Router::new().route("/v1/decide", post(echo)))?;
    let body = json!({ "question": question(), "person": people[7] }).to_string();
    let batch = json!({ "question": question(), "people": &people[..BATCH] }).to_string();
    let ask = |name: &str, path: &str, body: &str| script(folder.path(), name, path, body, &key);
    let (one, many) = (ask("one", "/v1/decide", &body)?, ask("many", "/v1/decide:batch", &batch)?);
    let other = unlike(ask("other", "/v1/decide", &body)?, SPACES)?;
    let new = unlike(ask("new", "/v1/decide", &body)?, TICKETS)?;
    let mut runs: [Vec<Run>; 5] = Default::default();
    for _ in 0..TURNS {
        runs[0].push(load(&echo, &one)?);
        runs[1].push(load(&decide, &one)?);
        runs[2].push(load(&decide, &many)?);
        runs[3].push(load(&decide, &other)?);
        runs[4].push(load(&decide, &new)?);
    }
    let [bare, single, batched, again, unread] = runs.map(median);
    let share = |a: &Run, b: &Run| format!("{:.0} %", a.cpu.as_secs_f64() / b.cpu.as_secs_f64() * 100.0);
    let mut rows = vec![
        row("bare echo: JSON in, JSON out", &bare, 1, "–".into()),
        row("`POST /v1/decide`, a question as it was put before", &single, 1, share(&bare, &single)),
        row(
            "`POST /v1/decide`, a question put before, each time written in another way",
            &again,
            1,
            share(&bare, &again),
        ),
        row("`POST /v1/decide`, questions in turn, more than are kept", &unread, 1, share(&bare, &unread)),
        row(&format!("`POST /v1/decide:batch`, {BATCH} people"), &batched, BATCH, "–".into()),
    ];
    let times = |run: &Run| run.cpu.as_secs_f64() / bare.cpu.as_secs_f64();
    let told = |run: &Run| format!("{:.2} ×", times(run));
    let mut bars = vec![
        Bar::other("bare echo", 1.0, "1"),
        Bar::ours("one person", times(&single), told(&single)),
        Bar::ours("one person, written in another way", times(&again), told(&again)),
        Bar::ours("one person, 4096 questions in turn", times(&unread), told(&unread)),
        Bar::ours(format!("{BATCH} people in one request"), times(&batched), told(&batched)),
    ];
    match cerbos(folder.path()) {
        Ok(run) => {
            rows.push(row(&format!("Cerbos ({CERBOS}), GOMAXPROCS=1"), &run, 1, share(&bare, &run)));
            bars.push(Bar::other("Cerbos, one person", times(&run), told(&run)));
        }
        Err(error) => eprintln!("no other server beside it: {error:#}"),
    }
    Ok(Section {
        title: "Decisions as a service",
        about: format!(
            "One server thread, asked over HTTP by `wrk -t1 -c32`, {TURNS} turns of {SECONDS} s each, the median by CPU. \
             Each request carries a key that is checked, a question, and a person. A question that a program put before is \
             not looked up again, however it is written (here: with other spaces each time); beside it 4096 questions in turn, more than are kept, that each name \
             a ticket of their own. The echo is the same framework with a typed body in and out and nothing between. Of the echo: the echo's CPU a \
             request over this one's. Cerbos gets six grants in each request and finds the one that counts (CEL `exists`)."
        ),
        columns: vec!["what", "requests", "decisions a second of CPU", "CPU a request", "of the echo"],
        rows,
    }
    .drawn("CPU time of a request, of the bare echo", bars))
}

fn question() -> serde_json::Value {
    json!({ "use": "Message", "purpose": "marketing.newsletter", "categories": ["contact.email"] })
}

async fn world() -> anyhow::Result<(Ctx, Vec<PersonId>, String)> {
    let house = House::new(Engine::Sqlite).await?;
    let at = START.plus(Span::minutes(1));
    let mut people = Vec::new();
    for n in 1..=PEOPLE {
        let id = house.person(n, &[("contact.email", "mia@example.org")], START).await?;
        if n % 3 != 0 {
            let yes = Act::Give(Box::new(house.yes(at).await?));
            house.gate.record(house.company, id, yes, Asker::Person, Evidence::Portal, at).await?;
        }
        people.push(id);
    }
    house.gate.remember(house.company, at, |_, _| ()).await?;
    let token = [7; 32];
    let caller = Caller {
        id: StaffId::from_bytes([7; 16]),
        company: house.company,
        name: "wrk".into(),
        role: Role::Marketing,
        purpose: Some(purpose("marketing.newsletter")),
        created_at: START,
        until: START.plus(assent_store::callers::LASTS),
        ended_at: None,
        made_by: None,
    };
    let digest = session::digest(&token);
    house.gate.home().write(move |tx| callers::add(tx, &digest, &caller)).await?;
    let gate = house.gate.clone();
    tokio::spawn(async move { gate.follow(eu(), move || at).await });
    let settings = Settings {
        base_url: "http://localhost".into(),
        post: Post::Local,
        data_dir: house.folder(),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    let clock = Clock::fixed(at.micros());
    let ctx = Ctx { gate: house.gate.clone(), clock, settings: Arc::new(settings), rooms: &[] };
    // The files stay as long as this process.
    std::mem::forget(house);
    Ok((ctx, people, session::key_of(&token)))
}

#[derive(Deserialize)]
struct EchoedQuestion {
    #[serde(rename = "use")]
    what: String,
    purpose: String,
    categories: Vec<String>,
}
#[derive(Deserialize)]
struct Echoed {
    question: EchoedQuestion,
    person: String,
}
#[derive(Serialize)]
struct Echo {
    permitted: bool,
    code: String,
    until: String,
}

async fn echo(Json(body): Json<Echoed>) -> Json<Echo> {
    let permitted = !body.person.is_empty() && !body.question.categories.is_empty();
    Json(Echo { permitted, code: body.question.what, until: body.question.purpose })
}

/// A server on a thread of its own.
struct Server {
    address: SocketAddr,
    /// Where the kernel says how long its thread has run.
    thread: String,
}

fn serve(router: Router) -> anyhow::Result<Server> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            let thread = std::fs::read_link("/proc/thread-self")?.to_string_lossy().into_owned();
            tell.send((listener.local_addr()?, thread))?;
            axum::serve(listener, router).await?;
            Ok(())
        })
    });
    let (address, thread) = told.recv()?;
    Ok(Server { address, thread: format!("/proc/{thread}/schedstat") })
}

/// The script by which `wrk` asks.
fn script(
    folder: &Path,
    name: &str,
    path: &str,
    body: &str,
    key: &str,
) -> anyhow::Result<(String, std::path::PathBuf)> {
    let text = format!(
        "wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = 'application/json'\n\
         wrk.headers['Authorization'] = 'Bearer {key}'\n\
         done = function(s) io.stderr:write(string.format('%d %d\\n', s.requests, s.errors.status)) end\n"
    );
    let file = folder.join(format!("{name}.lua"));
    std::fs::write(&file, text)?;
    Ok((path.to_owned(), file))
}

/// Spaces that no two of a few thousand requests have alike.
const SPACES: &str = "local spaces, rest = '', n\n\
    for _ = 1, 13 do spaces = spaces .. (rest % 2 == 0 and ' ' or '\\t'); rest = math.floor(rest / 2) end\n\
    local more = spaces\n";
/// A ticket of its own for each.
const TICKETS: &str = "local more = string.format('\"context\":{\"ticket\":\"%d\"},', n)\n";

/// The same, with a question that is another in each of a few thousand requests.
fn unlike(
    (path, file): (String, std::path::PathBuf),
    more: &str,
) -> anyhow::Result<(String, std::path::PathBuf)> {
    let more = format!(
        "local all, at = {{}}, 0\n\
        init = function()\n\
          for n = 1, 4096 do\n\
            {more}\
            local body = wrk.body:gsub('\"question\":{{', '\"question\":{{' .. more, 1)\n\
            all[n] = wrk.format(nil, nil, nil, body)\n\
          end\n\
        end\n\
        request = function() at = at % 4096 + 1; return all[at] end\n"
    );
    let text = std::fs::read_to_string(&file)?;
    anyhow::ensure!(text.contains("\"question\":{"), "the body has no question");
    std::fs::write(&file, text + &more)?;
    Ok((path, file))
}

/// What one turn showed.
#[derive(Clone, Default)]
struct Run {
    requests: u64,
    took: Duration,
    /// CPU a request.
    cpu: Duration,
}

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by_key(|run| run.cpu);
    runs.get(runs.len() / 2).cloned().unwrap_or_default()
}

fn wrk(address: SocketAddr, script: &(String, std::path::PathBuf)) -> anyhow::Result<(u64, Duration)> {
    let begun = Instant::now();
    let out = Command::new("wrk")
        .args(["-t1", "-c32", &format!("-d{SECONDS}s"), "-s"])
        .arg(&script.1)
        .arg(format!("http://{address}{}", script.0))
        .output()
        .context("wrk is needed: apt-get install wrk")?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let (requests, wrong) = said.trim().split_once(' ').context("wrk said nothing")?;
    anyhow::ensure!(wrong == "0", "{wrong} answers were errors");
    Ok((requests.parse()?, begun.elapsed()))
}

fn load(server: &Server, script: &(String, std::path::PathBuf)) -> anyhow::Result<Run> {
    let cpu = || -> anyhow::Result<u64> {
        let text = std::fs::read_to_string(&server.thread)?;
        Ok(text.split_whitespace().next().context("schedstat")?.parse()?)
    };
    let before = cpu()?;
    let (requests, took) = wrk(server.address, script)?;
    let used = cpu()? - before;
    Ok(Run { requests, took, cpu: Duration::from_nanos(used / requests.max(1)) })
}

fn row(what: &str, run: &Run, each: usize, share: String) -> Vec<String> {
    let decisions = each as f64 / run.cpu.as_secs_f64();
    vec![
        what.to_owned(),
        format!("{:.1} k/s", run.requests as f64 / run.took.as_secs_f64() / 1e3),
        format!("{:.2} M", decisions / 1e6),
        format!("{:.1} µs", run.cpu.as_secs_f64() * 1e6),
        share,
    ]
}

/// A server that ends with this, and whatever it started: `npx` starts a shell, and that the server.
struct Stopped(Child);
impl Drop for Stopped {
    fn drop(&mut self) {
        let all = below(self.0.id()).into_iter().map(|pid| pid.to_string());
        let _ = Command::new("kill").args(all).status();
        let _ = self.0.wait();
    }
}

const POLICY: &str = r#"apiVersion: api.cerbos.dev/v1
resourcePolicy:
  version: default
  resource: person
  rules:
    - actions: ["message"]
      effect: EFFECT_ALLOW
      roles: ["marketing"]
      condition:
        match:
          expr: >
            R.attr.grants.exists(g, g.purpose == P.attr.purpose && g.recipient == P.attr.recipient &&
              "contact.email" in g.categories && g.until > P.attr.now)
"#;

/// The same question put to another decision server from the npm registry.
fn cerbos(folder: &Path) -> anyhow::Result<Run> {
    let here = folder.join("cerbos");
    std::fs::create_dir_all(here.join("policies"))?;
    std::fs::write(here.join("policies/person.yaml"), POLICY)?;
    let config = "server:\n  httpListenAddr: \"127.0.0.1:3592\"\n  grpcListenAddr: \"127.0.0.1:3593\"\nstorage:\n  driver: disk\n  \
                  disk:\n    directory: policies\ntelemetry:\n  disabled: true\n";
    std::fs::write(here.join("conf.yaml"), config)?;
    let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", CERBOS];
    let installed = Command::new("npm").args(install).current_dir(&here).status()?;
    anyhow::ensure!(installed.success(), "npm install {CERBOS}");
    let address: SocketAddr = "127.0.0.1:3592".parse()?;
    anyhow::ensure!(std::net::TcpStream::connect(address).is_err(), "another server listens on {address}");
    let server = Command::new("npx")
        .args(["cerbos", "server", "--config=conf.yaml", "--log-level=error"])
        .env("GOMAXPROCS", "1")
        .current_dir(&here)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let server = Stopped(server);
    let begun = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "it does not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    let grant = |n: u32, purpose: &str| json!({ "purpose": purpose, "recipient": "home", "categories": ["contact.email", "name"], "until": 1_800_000_000 + n });
    let grants: Vec<_> =
        (0..5).map(|n| grant(n, "service.support")).chain([grant(9, "marketing.newsletter")]).collect();
    let body = json!({
        "principal": { "id": "wrk", "roles": ["marketing"], "attr": { "purpose": "marketing.newsletter", "recipient": "home", "now": 1_790_000_000 } },
        "resources": [{ "actions": ["message"], "resource": { "kind": "person", "id": "7", "attr": { "grants": grants } } }]
    });
    let script = script(folder, "cerbos", "/api/check/resources", &body.to_string(), "none")?;
    let cpu = || ticks_below(server.0.id());
    let before = cpu();
    let (requests, took) = wrk(address, &script)?;
    let used = cpu() - before;
    let each = used.as_nanos() / u128::from(requests.max(1));
    Ok(Run { requests, took, cpu: Duration::from_nanos(u64::try_from(each)?) })
}

/// CPU time of a process and of those it started.
fn ticks_below(root: u32) -> Duration {
    let stat = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ticks = |pid: &u32| {
        let text = stat(*pid);
        let after = text.rsplit_once(')').map_or("", |(_, rest)| rest).to_owned();
        after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum::<u64>()
    };
    Duration::from_millis(below(root).iter().map(ticks).sum::<u64>() * 10)
}

/// A process and all that it started, by any of its threads.
fn below(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut at = 0;
    while let Some(parent) = all.get(at).copied() {
        let threads = std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
        for thread in threads {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        at += 1;
    }
    all
}
