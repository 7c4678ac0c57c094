//! `key`: programs that may call. A key is shown once; only its digest is kept.

use anyhow::anyhow;
use assent_kernel::{PurposeKey, Span, StaffId, Timestamp};
use assent_store::callers::{self, Caller};
use assent_web::{Clock, session, text};
use serde_json::json;

use super::ask::company;
use super::{Terminal, Usage, worn};

/// Arguments of `key`.
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// The company's code; not needed when there is only one.
    #[arg(long, global = true)]
    company: Option<String>,
    #[command(subcommand)]
    what: What,
}

/// What is done with keys.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key for a program and print it, once.
    New {
        /// A name that staff know the program by.
        name: String,
        /// The role it asks in.
        #[arg(long)]
        role: String,
        /// The one purpose it may ask for; any that the role works for when left out.
        #[arg(long)]
        purpose: Option<PurposeKey>,
        /// For how many days it works; then it takes a new one.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=730))]
        days: u32,
    },
    /// List the programs that may call.
    List,
    /// End a program's key; every node refuses it within a second.
    End {
        /// The program's id, as listed.
        id: StaffId,
    },
}

pub(crate) async fn key(terminal: &Terminal, args: Key) -> anyhow::Result<u8> {
    let clock = Clock::System;
    let gate = terminal.config.open(&clock).await?;
    let company = company(&gate, args.company.as_deref()).await?;
    let (id, at) = (company.id, Timestamp::from_micros(clock.now()));
    match args.what {
        What::New { name, role, purpose, days } => {
            let role = worn(&role)?;
            if let Some(purpose) = &purpose {
                let standing = gate.policy(id).await?;
                let row = standing.policy.purposes.get(purpose);
                let row = row.ok_or_else(|| Usage(format!("there is no purpose `{purpose}`")))?;
                if !row.roles.has(role) {
                    return Err(Usage(format!("{} does not work for {purpose}", role.label())).into());
                }
            }
            let token = gate.secret()?;
            let caller = gate.fresh(at, StaffId::new)?;
            let until = at.plus(Span::days(days));
            let row = Caller {
                id: caller,
                company: id,
                name,
                role,
                purpose,
                created_at: at,
                until,
                ended_at: None,
                made_by: None,
            };
            let digest = session::digest(&token);
            gate.home().write(move |tx| callers::add(tx, &digest, &row)).await?;
            let key = session::key_of(&token);
            let ends = text::date(until.micros());
            let said = json!({ "id": caller, "key": key, "until": text::iso(until.micros()) });
            terminal.say(
                &said,
                &format!(
                    "{key}\nIt is shown this once, and works until {ends}. To end it: assent key end {caller}"
                ),
            );
        }
        What::List => {
            let all = gate.home().read(move |tx| callers::of(tx, id)).await?;
            let line = |one: &Caller| {
                let purpose =
                    one.purpose.as_ref().map_or_else(|| "any purpose".to_owned(), ToString::to_string);
                let (since, until) = (text::date(one.created_at.micros()), text::date(one.until.micros()));
                let ended = match one.ended_at {
                    Some(_) => "ended".to_owned(),
                    None if one.is_over(at) => format!("ran out on {until}"),
                    None => format!("until {until}"),
                };
                format!("{}  {}  {}  {purpose}  since {since}  {ended}", one.id, one.name, one.role.key())
            };
            let lines: Vec<String> = all.iter().map(line).collect();
            let said: Vec<_> = all
                .iter()
                .map(|one| json!({ "id": one.id, "name": one.name, "role": one.role, "purpose": one.purpose, "until": text::iso(one.until.micros()), "ended": one.is_over(at) }))
                .collect();
            let none = "No program has a key.".to_owned();
            terminal.say(&json!(said), &if lines.is_empty() { none } else { lines.join("\n") });
        }
        What::End { id: caller } => {
            if !gate.home().write(move |tx| callers::end(tx, id, caller, at)).await? {
                return Err(anyhow!("no program of that id has a key here"));
            }
            terminal.say(&json!({ "ended": caller }), "Its key is ended.");
        }
    }
    Ok(0)
}
