//! What colleagues said: where to look, not what is there.

use askama::Template;
use assent_store::work::mentions::Why;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::frame::{self, INBOX};
use crate::tasks::act;

#[derive(Template)]
#[template(path = "tasks/inbox.html")]
struct Page {
    shell: Shell,
    words: Vec<Word>,
    unread: bool,
}

struct Word {
    icon: &'static str,
    what: String,
    /// Where it is; nothing when that is out of reach.
    href: Option<String>,
    when: String,
    new: bool,
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let all = act::inbox::words(&ctx, &staff, staff.id).await?;
    let now = ctx.now().micros();
    let word = |(one, leads): (assent_store::work::mentions::Mention, bool)| {
        let who = colleagues.name(one.made_by);
        let (icon, what) = match one.why {
            Why::Named => ("note", say!("{who} named you in a note", who = who)),
            Why::Task => ("check", say!("{who} gave you a task", who = who)),
            Why::Deal => ("deals", say!("{who} gave you a deal", who = who)),
            Why::Person => ("people", say!("{who} gave you a person to look after", who = who)),
            Why::Hook => ("x", say("A webhook was turned off: its receiver did not answer").to_owned()),
        };
        Word {
            icon,
            what,
            href: leads.then_some(one.href),
            when: text::relative(one.at.micros(), now),
            new: one.read_at.is_none(),
        }
    };
    let words: Vec<Word> = all.into_iter().map(word).collect();
    let mut shell = frame::shell(&ctx, &staff, say("Inbox")).await?;
    shell.flash = frame::flash(fields.get("said"));
    Ok(html::page(&Page { unread: words.iter().any(|one| one.new), words, shell }))
}

pub async fn read(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    act::inbox::all_read(&ctx, &staff, staff.id).await?;
    Ok(frame::to(INBOX, "all-read"))
}
