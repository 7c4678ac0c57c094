//! `serve`, `demo`, `check-config`, `rooms`.

use std::net::SocketAddr;
use std::path::PathBuf;

use assent_gate::RootKey;
use assent_web::Clock;
use serde_json::json;

use super::{Terminal, say};
use crate::house::ROOMS;
use crate::progress::Bar;
use crate::serve::{announce, listen};
use crate::{demo, serve as server};

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The name of the first company, when there is none yet.
    #[arg(long, default_value = "My company")]
    company_name: String,
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Where to listen.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// How many customers the company has.
    #[arg(long, default_value_t = 2_000)]
    people: usize,
    /// Keep the made-up data in this folder instead of one that goes when the demo ends.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Make the data and leave, without serving.
    #[arg(long)]
    no_serve: bool,
}

pub(crate) async fn serve(mut terminal: Terminal, args: Serve) -> anyhow::Result<u8> {
    if let Some(listen) = args.listen {
        terminal.config.listen = listen;
    }
    server::serve(&terminal.config, &args.company_name).await?;
    Ok(0)
}

pub(crate) async fn demo(mut terminal: Terminal, args: Demo) -> anyhow::Result<u8> {
    if let Some(listen) = args.listen {
        terminal.config.listen = listen;
    }
    let passing = args.keep.is_none();
    let folder =
        args.keep.unwrap_or_else(|| std::env::temp_dir().join(format!("assent-demo-{}", std::process::id())));
    terminal.config = terminal.config.made_up(folder.clone());
    let clock = Clock::System;
    let gate = terminal.config.open_or_make(&clock).await?;
    let ctx = terminal.config.ctx(gate, clock);
    let bar = Bar::new("Making a company", terminal.json);
    let tour = demo::build(&ctx.gate, ctx.now(), args.people, |what, done, total| {
        bar.label(what);
        bar.at(done, total);
    })
    .await?;
    bar.done();
    announce(&tour.told(&terminal.config.base_url()));
    let until = if passing { ", and goes when this ends" } else { "" };
    announce(&format!("Everything of it lies in {}{until}.", folder.display()));
    if !args.no_serve {
        listen(&terminal.config, ctx).await?;
    }
    if passing {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(0)
}

/// Arguments of `new-key`.
#[derive(Debug, clap::Args)]
pub(crate) struct NewKey {
    /// The file to make; one that is there already is left alone.
    file: PathBuf,
}

pub(crate) fn new_key(as_json: bool, args: &NewKey) -> anyhow::Result<u8> {
    RootKey::new_file(&args.file)?;
    let said = format!(
        "{} is made: name it as `key_file`. Without it nothing opens: keep a copy apart from data and keyrings.",
        args.file.display()
    );
    say(as_json, &json!({ "key_file": args.file }), &said);
    Ok(0)
}

pub(crate) fn check_config(terminal: &Terminal) -> anyhow::Result<u8> {
    let text = toml::to_string_pretty(&Shown::of(terminal))?;
    terminal.say(&serde_json::to_value(Shown::of(terminal))?, &text);
    Ok(0)
}

/// The settings in force, without the passwords that URLs may hold.
#[derive(Default, serde::Serialize)]
struct Shown {
    data_dir: PathBuf,
    listen: String,
    base_url: String,
    ledger_host: String,
    key_file: PathBuf,
    home: String,
    country: String,
    proxies: Vec<String>,
    private_hosts: Vec<String>,
    calls_per_minute: u32,
    file_mib: u32,
    deleted_days: u32,
    emergency_minutes: u32,
    mail: String,
    mail_from: String,
    regions: Vec<[String; 3]>,
}

impl Shown {
    fn of(terminal: &Terminal) -> Self {
        let config = &terminal.config;
        let stores = config.stores();
        let region = |one: &assent_gate::RegionPlaces| {
            [one.region.to_string(), format!("{:?}", one.data), format!("{:?}", one.keys)]
        };
        Self {
            data_dir: config.data_dir.clone(),
            listen: config.listen.to_string(),
            base_url: config.base_url(),
            ledger_host: config.ledger_host.clone(),
            key_file: config.key_path(),
            home: format!("{:?}", stores.home),
            country: config.country.clone(),
            proxies: config.proxies.iter().map(ToString::to_string).collect(),
            private_hosts: config.private_hosts.clone(),
            calls_per_minute: config.calls_per_minute,
            file_mib: config.file_mib,
            deleted_days: config.deleted_days,
            emergency_minutes: config.emergency_minutes,
            mail: config.mail.smtp.clone().unwrap_or_else(|| "local outbox".into()),
            mail_from: config.mail.from.clone().unwrap_or_default(),
            regions: stores.regions.iter().map(region).collect(),
        }
    }
}

pub(crate) fn rooms(terminal: &Terminal) -> anyhow::Result<u8> {
    let cards: Vec<_> = ROOMS.iter().map(|room| room.card()).collect();
    let asks =
        |card: &assent_web::Card| card.asks.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    let json: Vec<_> =
        cards.iter().map(|c| json!({ "name": c.name, "sentence": c.sentence, "asks": asks(c) })).collect();
    let text: Vec<String> =
        cards.iter().map(|c| format!("{:<8} {} [{}]", c.name, c.sentence, asks(c))).collect();
    terminal.say(&json!(json), &text.join("\n"));
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_shown() {
        let source = include_str!("../config.rs");
        let fields = |of: &str| {
            let body = source.split(&format!("struct {of} {{")).nth(1).unwrap().split("\n}").next().unwrap();
            let name =
                |line: &str| Some(line.trim().strip_prefix("pub(crate) ")?.split_once(':')?.0.to_owned());
            body.lines().filter_map(name).collect::<Vec<_>>()
        };
        let shown = serde_json::to_value(Shown::default()).unwrap();
        let all = fields("Config");
        assert!(all.len() > 10 && fields("Mail") == ["smtp", "from"], "{all:?}");
        for one in all {
            assert!(shown.get(&one).is_some(), "{one} is not shown by check-config");
        }
        assert!(shown.get("mail_from").is_some());
    }
}
