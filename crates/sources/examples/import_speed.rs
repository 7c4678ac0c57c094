//! How fast rows come in: `cargo run --release -p assent-sources --example import_speed -- 100000`.
//! Ten columns with a value in each, no duplicates, into a fresh SQLite installation in a temporary folder.

use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

use assent_kernel::{Asker, ImportId, Role};
use assent_sources::intake::import_file;
use assent_sources::intake::model::{Body, Import, Rules, Stand, State};
use assent_sources::intake::read::Sample;
use assent_testkit::{Engine, House, eu};
use assent_web::{Clock, Ctx, Post, Settings};

fn file(rows: u64) -> String {
    let mut text =
        "First Name,Last Name,Email,Phone,Street,City,Postal Code,Country,Company,Job Title\n".to_owned();
    for n in 0..rows {
        let (a, b) = (n % 997, n / 7 % 4999);
        let _ = writeln!(
            text,
            "Vorname{a},Nachname{b},person{n}@example.org,+49 30 {:07},Lindenweg {a},Berlin,10115,Germany,Firma {b} GmbH,Einkauf",
            1_000_000 + n
        );
    }
    text
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let rows: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let keep = std::env::args().nth(2).as_deref() != Some("dry");
    let house = House::new(Engine::Sqlite).await?;
    let settings = Settings {
        base_url: String::new(),
        post: Post::Local,
        data_dir: house.folder(),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    let ctx =
        Ctx { gate: house.gate.clone(), clock: Clock::System, settings: Arc::new(settings), rooms: &[] };
    let text = file(rows);
    let sample = Sample::take(text.as_bytes(), Some(text.len() as u64))?;
    let at = ctx.now();
    let mut body = Body::new("speed.csv", Asker::Staff(house.staff, Role::Admin));
    body.look(&sample, text.len() as u64);
    body.started_at = at;
    body.rules = Some(Rules {
        stand: Stand::Contract,
        contract: Some("household-customer".into()),
        ..Rules::default()
    });
    let import = Import {
        id: ctx.gate.fresh(at, ImportId::new)?,
        company: house.company,
        region: eu(),
        staff: house.staff,
        created_at: at,
        state: State::Running,
        total: sample.rows,
        claimed_until: None,
        body,
    };
    let begun = Instant::now();
    let mut last = (begun, 0);
    let counts = import_file(&ctx, import, Cursor::new(text.into_bytes()), keep, std::io::sink(), |at| {
        if at.done >= last.1 + rows / 10 {
            let took = last.0.elapsed().as_secs_f64();
            eprintln!("{:>9} rows, {:>7.0} rows/s", at.done, (at.done - last.1) as f64 / took);
            last = (Instant::now(), at.done);
        }
    })
    .await?;
    let took = begun.elapsed().as_secs_f64();
    for entry in std::fs::read_dir(house.folder())?.flatten() {
        let size = entry.metadata()?.len() / rows.max(1);
        eprintln!("{:>24} {size} bytes a row", entry.file_name().to_string_lossy());
    }
    eprintln!(
        "{} taken of {} in {took:.1} s: {:.0} rows/s",
        counts.taken(),
        counts.rows,
        counts.rows as f64 / took
    );
    Ok(())
}
