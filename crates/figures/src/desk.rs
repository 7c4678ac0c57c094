//! Pages of the whole program over HTTP, for a company with 100 000 people and a million activities.

mod company;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use assent_kernel::{Role, Span, StaffId};
use assent_store::access::{self, Door};
use assent_testkit::{Engine, House, START, eu, purpose};
use assent_web::session::{self, STAFF_SESSION};
use assent_web::{Clock, Ctx, Post, Settings};

use crate::report::{Bar, Figure, Section, cpu, percentiles, time};

/// The most requests for one page, and the longest that is waited for all of them.
const MOST: usize = 100;
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) fn run(runtime: &tokio::runtime::Runtime) -> anyhow::Result<Figure> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let (house, made) = runtime.block_on(async {
        let house = House::new(Engine::Sqlite).await?;
        let made = company::build(&house).await?;
        anyhow::Ok((house, made))
    })?;
    let (address, cookies) = runtime.block_on(served(&house))?;
    let mut browser = Browser::new(address, cookies)?;
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (what, paths) in pages(&made) {
        // The first one opens statements and fills caches.
        browser.get(&paths(0))?;
        let (mut waits, mut bytes, before, begun) = (Vec::new(), 0, cpu(), Instant::now());
        for n in 1..=MOST {
            let begun = Instant::now();
            bytes = browser.get(&paths(n))?.max(bytes);
            waits.push(begun.elapsed());
            if waits.len() >= 5 && waits.iter().sum::<Duration>() > LONGEST {
                break;
            }
        }
        let each = (cpu() - before) / u32::try_from(waits.len())?;
        eprintln!("{what}: {} requests, {:?}", waits.len(), begun.elapsed());
        let asked = waits.len();
        let (p50, p99) = percentiles(&mut waits);
        bars.push(Bar::ours(what, p50.as_secs_f64() * 1e3, time(p50)));
        rows.push(vec![
            what.into(),
            time(p50),
            time(p99),
            time(each),
            format!("{} KiB", bytes / 1024),
            asked.to_string(),
        ]);
    }
    bars.push(Bar::other("a tenth of a second", 100.0, "100 ms"));
    let about = format!(
        "SQLite, the whole program over HTTP, one browser. {}. Each page is asked for as a member of staff sees it: session, \
         menu with what waits, every value decided for support and its use recorded durably before it is shown. Times are from \
         the request to the last byte; CPU is that of server and browser together. Load of the machine when it began: {load}.",
        made.told()
    );
    Ok(Section {
        title: "Pages among 100 000 people and 1 000 000 activities",
        about,
        columns: vec!["page", "p50", "p99", "CPU a page", "size", "requests"],
        rows,
    }
    .drawn("half of the pages are within, milliseconds", bars))
}

/// A page by its name, and the address of its nth request.
type Page<'a> = (&'static str, Box<dyn Fn(usize) -> String + 'a>);

fn pages(made: &company::Made) -> Vec<Page<'_>> {
    let person = |n: usize| made.people[n * 7_919 % made.people.len()];
    let fixed = |path: &'static str| -> Box<dyn Fn(usize) -> String> { Box::new(move |_| path.to_owned()) };
    vec![
        ("people, any page", Box::new(move |n| format!("/people?show=all&after={}", person(n)))),
        ("a person's record", Box::new(move |n| format!("/people/{}", person(n)))),
        ("a person's notes", Box::new(move |n| format!("/people/{}?tab=notes", person(n)))),
        ("search everything", Box::new(move |n| format!("/find?q={}", company::words(n)))),
        ("search by words of a note", Box::new(move |n| format!("/find?q={}", company::words_of_note(n)))),
        ("search by a word of every note", fixed("/find?q=about")),
        ("search people by two words", Box::new(move |n| format!("/people?q={}", company::words(n)))),
        ("deals, table", fixed("/deals")),
        ("deals, two rules", fixed("/deals?f=state.is.open&f=amount.from.1000&sort=-amount")),
        ("deals, board", fixed("/deals?view=board")),
        ("a deal", Box::new(move |n| format!("/deals/{}", made.deals[n * 101 % made.deals.len()]))),
        ("deals by words of their titles", fixed("/deals?q=offer+12")),
        ("tasks", fixed("/tasks?f=state.is.open")),
        ("tasks by words of their texts", fixed("/tasks?q=brush+12")),
        ("my day", fixed("/day")),
        ("dashboard", fixed("/dashboard")),
        ("people who may be listed", fixed("/people?group=may")),
        // Nobody fits, so that it looks at as many as one page may.
        ("people by a rule, 5 000 asked", fixed("/people?show=all&f=city.is.Kiel")),
    ]
}

/// Serves the program and signs somebody in.
async fn served(house: &House) -> anyhow::Result<(SocketAddr, String)> {
    let at = START.plus(Span::minutes(10));
    let settings = Settings {
        base_url: "http://localhost".into(),
        post: Post::Local,
        data_dir: house.folder(),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    let ctx = Ctx {
        gate: house.gate.clone(),
        clock: Clock::fixed(at.micros()),
        settings: Arc::new(settings),
        rooms: assent::house::ROOMS,
    };
    house.gate.remember(house.company, at, |_, _| ()).await?;
    let gate = house.gate.clone();
    tokio::spawn(async move { gate.follow(eu(), move || at).await });
    let row = access::Staff {
        id: company::staff(0),
        company: house.company,
        email: "siobhan@example.org".into(),
        name: "Siobhán Keane".into(),
        roles: Role::Support.key().into(),
        password: None,
        disabled: false,
    };
    let id: StaffId = row.id;
    house.gate.home().write(move |tx| access::add_staff(tx, &row, START)).await?;
    let begun =
        session::begin(&ctx, house.company, Door::Staff, id.to_bytes(), Role::Support.key(), STAFF_SESSION);
    let failed = |_| anyhow::anyhow!("no session");
    let first = |cookie: String| cookie.split(';').next().unwrap_or_default().to_owned();
    let session = first(begun.await.map_err(failed)?.1);
    let wanted = first(session::remember_purpose(&ctx, &purpose("service.support")).1);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, assent::house::router(ctx)).await });
    Ok((address, format!("{session}; {wanted}")))
}

/// A browser that asks for one page after another on one connection.
struct Browser {
    connection: BufReader<TcpStream>,
    cookies: String,
}

impl Browser {
    fn new(address: SocketAddr, cookies: String) -> anyhow::Result<Self> {
        let connection = TcpStream::connect(address)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { connection: BufReader::new(connection), cookies })
    }

    /// Asks for a page and reads it whole; tells how large it is.
    fn get(&mut self, path: &str) -> anyhow::Result<usize> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nAccept: text/html\r\n\r\n",
            self.cookies
        );
        self.connection.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.connection.read_line(&mut line)?;
        anyhow::ensure!(line.contains(" 200 "), "{path}: {line}");
        let mut size = None;
        loop {
            line.clear();
            self.connection.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header")?;
            if name.eq_ignore_ascii_case("content-length") {
                size = Some(value.trim().parse::<usize>()?);
            }
        }
        let mut body = vec![0; size.context("no length")?];
        self.connection.read_exact(&mut body)?;
        Ok(body.len())
    }
}
