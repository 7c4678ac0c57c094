//! Letters leave by SMTP: what the server answers is heeded, a server that hangs holds up nothing for long, and whatever a
//! letter holds, it goes to one address with the headers it was given.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use assent_gate::{Act, Letter, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, JobId, MailId, PersonId, Role, Span};
use assent_store::access::Door;
use assent_store::mail::State;
use assent_testkit::{Engine, House, START, category, on_both};
use assent_web::{Clock, Ctx, Post, Settings, session};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail server of our own: it answers as it is told to and remembers what it was sent.
#[derive(Clone, Default)]
struct Server {
    taken: Arc<Mutex<Vec<Taken>>>,
    /// What it says to RCPT from now on.
    answer: Arc<Mutex<String>>,
    /// How long it looks through a letter that it has, in seconds.
    looks: Arc<AtomicU64>,
}

/// What came over one connection.
#[derive(Clone, Default, Debug)]
struct Taken {
    recipients: Vec<String>,
    letter: String,
}

impl Server {
    async fn start() -> anyhow::Result<(Self, String)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let place = listener.local_addr()?.to_string();
        let server = Self::default();
        server.says("250 fine");
        let all = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let one = all.clone();
                tokio::spawn(async move { one.talk(stream).await });
            }
        });
        Ok((server, place))
    }

    fn says(&self, answer: &str) {
        *self.answer.lock().unwrap() = answer.to_owned();
    }

    fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    async fn talk(self, stream: TcpStream) -> anyhow::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        let mut taken = Taken::default();
        write.write_all(b"220 here\r\n").await?;
        loop {
            let line = raw(&mut lines).await?;
            let word = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
            let answer = match word.as_str() {
                "EHLO" => "250-here\r\n250 8BITMIME".to_owned(),
                "RCPT" => {
                    taken.recipients.push(line.trim().to_owned());
                    self.answer.lock().unwrap().clone()
                }
                "DATA" => {
                    write.write_all(b"354 go\r\n").await?;
                    taken.letter = body(&mut lines).await?;
                    self.taken.lock().unwrap().push(std::mem::take(&mut taken));
                    tokio::time::sleep(Duration::from_secs(self.looks.load(Ordering::SeqCst))).await;
                    "250 taken".to_owned()
                }
                "QUIT" => return Ok(write.write_all(b"221 bye\r\n").await?),
                _ => "250 fine".to_owned(),
            };
            if answer == "hang" {
                std::future::pending::<()>().await;
            }
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

/// One line, and its end must be a line's end.
async fn raw(lines: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> anyhow::Result<String> {
    let mut line = Vec::new();
    anyhow::ensure!(lines.read_until(b'\n', &mut line).await? > 0, "gone");
    Ok(String::from_utf8(line)?)
}

/// A letter up to the point that stands alone, with the points that were put before others taken away.
async fn body(lines: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> anyhow::Result<String> {
    let mut all = String::new();
    loop {
        match raw(lines).await?.as_str() {
            ".\r\n" => return Ok(all),
            line => all.push_str(line.strip_prefix('.').unwrap_or(line)),
        }
    }
}

struct Sending {
    house: House,
    ctx: Ctx,
    worker: tokio::task::JoinHandle<()>,
    /// Told to end when it is dropped.
    _end: tokio::sync::watch::Sender<bool>,
    server: Server,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Sending {
    async fn new(engine: Engine) -> anyhow::Result<Self> {
        let (house, (server, place)) = (House::new(engine).await?, Server::start().await?);
        let settings = Settings {
            base_url: "http://test.example".into(),
            post: Post::Smtp { server: place, from: "Halden Home <service@example.org>".into() },
            data_dir: house.folder(),
            country: "DE".into(),
            network: assent_web::Network::default(),
            limits: assent_web::Limits::default(),
        };
        let clock = Clock::fixed(START.plus(Span::minutes(10)).micros());
        let rooms = assent::house::ROOMS;
        let ctx = Ctx { gate: house.gate.clone(), clock, settings: Arc::new(settings), rooms };
        let (end, ending) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(assent::worker::run(ctx.clone(), ending));
        Ok(Self { house, ctx, worker, _end: end, server })
    }

    /// Writes a letter to somebody with that address, who said yes to it.
    async fn write(&self, n: u64, to: &str, subject: &str, body: &str) -> anyhow::Result<MailId> {
        let (house, at) = (&self.house, self.ctx.now());
        let who: PersonId = house.person(n, &[("contact.email", to)], at).await?;
        let yes = Act::Give(Box::new(house.yes(at).await?));
        house.gate.record(house.company, who, yes, Asker::Person, Evidence::Portal, at).await?;
        let dossier = house.gate.look_one(&Whose::everybody(house.company), who).await?;
        let matters = dossier.of_categories(&[category("contact.email")]).context("no address")?;
        let question = house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
        let answer = house.gate.ask(question, &dossier).await?;
        let held = dossier.facts().next().context("no fact")?;
        let letter = Letter { subject: subject.into(), body: body.into() };
        Ok(house.gate.post(answer.permit().context("refused")?, &dossier, held, letter, at).await?)
    }

    /// Where a letter stands, and why.
    async fn state(&self, letter: MailId) -> anyhow::Result<(State, String)> {
        let company = self.house.company;
        let db = self.house.gate.region_db(&assent_testkit::eu())?;
        let rows = db.read(move |tx| assent_store::mail::list(tx, company, 100)).await?;
        let row = rows.into_iter().find(|row| row.id == letter).context("no such letter")?;
        let gone = self.house.gate.given_up(company, 100).await?;
        let why = gone.into_iter().find(|(id, ..)| *id == letter).map(|(.., why)| why);
        Ok((row.state, why.unwrap_or_default()))
    }

    /// Waits until it stands there.
    async fn comes_to(&self, letter: MailId, wanted: State) -> anyhow::Result<String> {
        for _ in 0..200 {
            let (state, why) = self.state(letter).await?;
            if state == wanted {
                return Ok(why);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("it is {:?}", self.state(letter).await?)
    }

    /// The only letter that came since `before`.
    fn one_since(&self, before: usize) -> Taken {
        let all = self.server.taken();
        assert_eq!(all.len(), before + 1);
        all[before].clone()
    }
}

async fn what_the_server_answers_is_heeded(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    let good = sending.write(1, "mia@example.org", "News", "A new brush.").await.unwrap();
    sending.comes_to(good, State::Sent).await.unwrap();
    let came = sending.one_since(0);
    assert_eq!(came.recipients, ["RCPT TO:<mia@example.org>"]);
    assert!(
        came.letter.contains("Subject: News\r\n") && came.letter.ends_with("A new brush.\r\n"),
        "{came:?}"
    );
    // Later, perhaps: it is tried again when the claim is over, and not before.
    sending.server.says("451 not now");
    let later = sending.write(2, "bo@example.org", "News", "A new brush.").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(sending.state(later).await.unwrap().0, State::Waiting);
    sending.server.says("250 fine");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(sending.server.taken().len(), 1, "nobody hammers a server that said later");
    sending.ctx.clock.advance(Span::minutes(6).micros());
    sending.comes_to(later, State::Sent).await.unwrap();
    sending.one_since(1);
    // Never: it is given up, and why is told without the address.
    sending.server.says("550 no such person as cy@example.org");
    let never = sending.write(3, "cy@example.org", "News", "A new brush.").await.unwrap();
    let why = sending.comes_to(never, State::Failed).await.unwrap();
    assert!(why.contains("550") && !why.contains("cy@"), "{why}");
    sending.ctx.clock.advance(Span::minutes(60).micros());
    sending.server.says("250 fine");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(sending.server.taken().len(), 2, "what was given up is not tried again");
}

async fn a_letter_has_the_headers_it_was_given(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    let long = "x".repeat(5_000);
    let subjects = [
        "News\r\nBcc: evil@example.com",
        "News\nBcc: evil@example.com\n\nHello",
        "News\rBcc: evil@example.com",
        "News\0Bcc: evil@example.com",
        "Grüße aus Zürich – 田中 \u{202e}",
        long.as_str(),
        "=?utf-8?q?News=0D=0ABcc:_evil@example.com?=",
    ];
    let bodies = [
        "Hello\r\n.\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<evil@example.com>\r\nDATA\r\n",
        ".\n..\n.hidden\r\n.\r.\n",
        "Tschüß\0\u{7}\n田中",
        long.as_str(),
    ];
    let mut n = 0;
    for (at, subject) in subjects.iter().enumerate() {
        let body = bodies[at % bodies.len()];
        n += 1;
        let letter = sending.write(n, "mia@example.org", subject, body).await.unwrap();
        sending.comes_to(letter, State::Sent).await.unwrap();
        let came = sending.one_since(usize::try_from(n).unwrap() - 1);
        assert_eq!(came.recipients, ["RCPT TO:<mia@example.org>"], "{subject:?}");
        let (head, _) = came.letter.split_once("\r\n\r\n").unwrap();
        // A line that begins with a blank goes on with the one before.
        let names: Vec<String> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap().to_lowercase())
            .collect();
        for name in &names {
            let known = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type"];
            let fine = known.contains(&name.as_str()) || name == "content-transfer-encoding";
            assert!(fine, "{name:?} in the head of {subject:?}: {head}");
        }
        assert_eq!(names.iter().filter(|name| *name == "to").count(), 1);
        assert!(head.is_ascii() && !head.replace("\r\n", "").contains(['\r', '\n', '\0']), "{head:?}");
        assert!(came.letter.split("\r\n").all(|line| line.len() <= 998), "lines that every server takes");
    }
    // Addresses that are none go nowhere, and are given up.
    for address in [
        "mia@example.org\r\nRCPT TO:<evil@example.com>",
        "mia@example.org, evil@example.com",
        "<evil@example.com>\0",
        "no address",
        "mia@exa mple.org",
    ] {
        n += 1;
        let letter = sending.write(n, address, "News", "Hello").await.unwrap();
        let why =
            sending.comes_to(letter, State::Failed).await.with_context(|| format!("{address:?}")).unwrap();
        assert!(why.contains("address"), "{address:?}: {why}");
    }
    assert_eq!(sending.server.taken().len(), subjects.len());
}

/// A server that says nothing any more costs one letter half a minute, and the others and the rest of the work come after.
async fn a_server_that_hangs_is_left(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    sending.server.says("hang");
    let letter = sending.write(1, "mia@example.org", "News", "A new brush.").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    sending.server.says("250 fine");
    let second = sending.write(2, "bo@example.org", "News", "A new brush.").await.unwrap();
    let begun = std::time::Instant::now();
    while sending.state(second).await.unwrap().0 != State::Sent {
        assert!(begun.elapsed() < Duration::from_secs(60), "it hangs for ever");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(sending.state(letter).await.unwrap().0, State::Waiting);
    sending.ctx.clock.advance(Span::minutes(6).micros());
    sending.comes_to(letter, State::Sent).await.unwrap();
}

/// A server that scans what it has for longer than half a minute gets it once.
async fn a_server_that_looks_through_a_letter_gets_it_once(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    sending.server.looks.store(35, Ordering::SeqCst);
    let letter = sending.write(1, "mia@example.org", "News", "A new brush.").await.unwrap();
    tokio::time::sleep(Duration::from_secs(33)).await;
    assert_eq!(sending.state(letter).await.unwrap().0, State::Waiting);
    sending.comes_to(letter, State::Sent).await.unwrap();
    sending.ctx.clock.advance(Span::minutes(6).micros());
    tokio::time::sleep(Duration::from_secs(1)).await;
    sending.one_since(0);
}

/// The key under which attempts of somebody are counted.
fn somebody() -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, b"somebody").as_ref()[..16].to_vec()
}

/// How often a letter was tried.
const TRIES: &str = "SELECT tries FROM mail WHERE id = $1";

/// What nobody takes is tried more and more seldom, and given up after about three days.
async fn a_letter_that_nobody_takes_is_given_up(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    sending.server.says("451 not now");
    let begun = sending.ctx.now();
    let letter = sending.write(1, "mia@example.org", "News", "A new brush.").await.unwrap();
    let db = sending.house.gate.region_db(&assent_testkit::eu()).unwrap().clone();
    let mut waits = Vec::new();
    for tries in 1..=17 {
        let mut waited = 0;
        // Minute by minute at first, hour by hour later: it is not tried before its time.
        while db.read(move |tx| tx.first(TRIES, &[letter.into()], |row| row.int(0))).await.unwrap()
            < Some(tries)
        {
            let step = if tries < 5 { Span::minutes(5) } else { Span::hours(1) };
            if tries > 1 {
                sending.ctx.clock.advance(step.micros());
                waited += step.micros() / 60_000_000;
            }
            tokio::time::sleep(Duration::from_millis(450)).await;
        }
        waits.push(waited);
        assert_eq!(sending.state(letter).await.unwrap().0, State::Waiting, "{waits:?}");
    }
    assert!(waits[1] < 20 && waits[16] >= 300 && waits.is_sorted_by(|a, b| *a <= b + 60), "{waits:?}");
    sending.ctx.clock.advance(Span::hours(7).micros());
    let why = sending.comes_to(letter, State::Failed).await.unwrap();
    assert!(why.contains("three days"), "{why}");
    let days = (sending.ctx.now().micros() - begun.micros()) / Span::days(1).micros();
    assert!((2..=5).contains(&days), "{days} days");
}

/// By a clock that is wrong by years nothing leaves, nobody signs in, nothing is put off; once it is mended, all goes on.
async fn by_a_wrong_clock_nothing_is_begun(engine: Engine) {
    let sending = Sending::new(engine).await.unwrap();
    let (ctx, house) = (&sending.ctx, &sending.house);
    let right = ctx.now();
    sending.server.says("451 not now");
    let letter = sending.write(1, "mia@example.org", "News", "A new brush.").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    house.gate.watch_clock(right, move || right).await.unwrap();
    let ten_years = Span::days(3_650).micros();
    ctx.clock.advance(ten_years);
    // A round that began by the right clock is done by then: it would still do what is queued meanwhile.
    tokio::time::sleep(Duration::from_secs(1)).await;
    sending.server.says("250 fine");
    let job = JobId::from_bytes([7; 16]);
    let queue = move |tx: &mut assent_store::Tx<'_>| {
        // One that no room knows how to do: it fails, and is put off.
        assent_store::outbox::add(tx, job, "webhook", b"no hook", right)
    };
    house.gate.home().write(queue).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(sending.server.taken().is_empty());
    let begin =
        session::begin(ctx, house.company, Door::Staff, [1; 16], "support", session::STAFF_SESSION).await;
    assert_eq!(begin.unwrap_err().status.as_u16(), 503);
    assert_eq!(session::limit(ctx, "somebody", 1, Span::minutes(15)).await.unwrap_err().status.as_u16(), 503);
    let tried = "SELECT tries FROM job WHERE id = $1";
    let tries = async || {
        let read = move |tx: &mut assent_store::Tx<'_>| tx.first(tried, &[job.into()], |row| row.int(0));
        house.gate.home().read(read).await.unwrap()
    };
    assert_eq!(tries().await, Some(0));
    // A claim, and attempts, that a clock of before left in the future hold nobody back.
    let far = ctx.now();
    let stray = move |tx: &mut assent_store::Tx<'_>| {
        tx.exec("UPDATE job SET claimed_until = $1", &[far.into()])?;
        tx.exec("INSERT INTO attempt (key, at) VALUES ($1, $2)", &[(&somebody()).into(), far.into()])
            .map(|_| ())
    };
    house.gate.home().write(stray).await.unwrap();
    ctx.clock.advance(Span::minutes(6).micros() - ten_years);
    sending.comes_to(letter, State::Sent).await.unwrap();
    session::begin(ctx, house.company, Door::Staff, [1; 16], "support", session::STAFF_SESSION)
        .await
        .unwrap();
    session::limit(ctx, "somebody", 1, Span::minutes(15)).await.unwrap();
    assert_eq!(tries().await, Some(1), "it was tried, and waits for minutes");
}

on_both!(
    what_the_server_answers_is_heeded,
    a_letter_has_the_headers_it_was_given,
    a_server_that_hangs_is_left,
    a_server_that_looks_through_a_letter_gets_it_once,
    a_letter_that_nobody_takes_is_given_up,
    by_a_wrong_clock_nothing_is_begun,
);
