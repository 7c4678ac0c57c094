//! Where programs are told what happens.

use askama::Template;
use assent_store::events::Kind;
use assent_web::catalogue::kept;
use assent_web::parts::Field;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::frame;
use crate::programs::act;
use crate::programs::model::{Delivery, Hook};

#[derive(Template)]
#[template(path = "programs/hooks.html")]
struct List {
    shell: Shell,
    lines: Vec<Line>,
    form: Form,
}

struct Line {
    href: String,
    url: String,
    events: String,
    off: bool,
}

/// What is typed about a place.
struct Form {
    url: Field,
    events: Vec<(&'static str, &'static str, bool)>,
    error: String,
    private: bool,
}

#[derive(Template)]
#[template(path = "programs/hook.html")]
struct One {
    shell: Shell,
    home: String,
    /// A secret that was made a moment ago.
    secret: String,
    off: Option<String>,
    overlap: String,
    form: Form,
    log: Vec<Sent>,
}

struct Sent {
    id: String,
    what: &'static str,
    thing: String,
    when: String,
    state: &'static str,
    tone: &'static str,
    said: String,
    again: bool,
}

fn form(url: &str, chosen: &[Kind], private: bool, (wrong, error): (String, &str)) -> Form {
    Form {
        url: Field {
            required: true,
            error: wrong,
            autocomplete: "off",
            hint: say("https, on the open internet.").into(),
            ..Field::line(say("Where to"), "url", url)
        },
        events: Kind::ALL.map(|kind| (kind.key(), say(kind.sentence()), chosen.contains(&kind))).to_vec(),
        error: error.to_owned(),
        private,
    }
}

fn typed(sent: &Fields) -> (String, Vec<Kind>, bool) {
    let events = sent.all("event").filter_map(Kind::parse).collect();
    (sent.get("url").to_owned(), events, sent.has("private"))
}

/// What is wrong with what was typed; nothing when nothing is.
fn wrong(ctx: &Ctx, url: &str, events: &[Kind], private: bool) -> Option<(String, &'static str)> {
    let (wrong, none) = (act::wrong(ctx, url, private), events.is_empty());
    (none || !wrong.is_empty()).then_some((kept(&wrong), if none { say("Choose at least one.") } else { "" }))
}

async fn list(ctx: &Ctx, staff: &Staff, said: &str, form: Form) -> Result<List, Problem> {
    let shell = super::shell(ctx, staff, "Webhooks", said).await?;
    let line = |hook: &Hook| Line {
        href: format!("/programs/hooks/{}", hook.id),
        url: hook.url.clone(),
        events: hook.events.iter().map(|kind| kind.key()).collect::<Vec<_>>().join(" · "),
        off: hook.off.is_some(),
    };
    let lines = act::all(ctx, staff).await?.iter().map(line).collect();
    Ok(List { shell, lines, form })
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let empty = form("", &[], false, (String::new(), ""));
    Ok(html::page(&list(&ctx, &staff, &super::said(query), empty).await?))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(crate::programs::ROLES)?;
    let (url, events, private) = typed(&sent);
    if let Some(wrong) = wrong(&ctx, &url, &events, private) {
        let again = form(&url, &events, private, wrong);
        return Ok(frame::unfinished(html::page(&list(&ctx, &staff, "", again).await?)));
    }
    let (id, secret) = act::make(&ctx, &staff, url, events, private).await?;
    let hook = act::one(&ctx, &staff, id).await?;
    Ok(html::page(&page(&ctx, &staff, &hook, ("", secret), (String::new(), "")).await?))
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    hook: &Hook,
    (said, secret): (&str, String),
    wrong: (String, &str),
) -> Result<One, Problem> {
    let shell = super::shell(ctx, staff, "Webhook", said).await?;
    let now = ctx.now();
    let overlap = hook.before.as_ref().map(|(_, until)| *until).filter(|until| now < *until);
    let sent = |one: &Delivery| Sent {
        id: one.id.clone(),
        what: one.kind.key(),
        thing: one.thing.clone(),
        when: text::relative(one.at.micros(), now.micros()),
        state: say(one.state()),
        tone: match one.state() {
            "delivered" => "good",
            "waiting" => "warn",
            _ => "bad",
        },
        said: match one.tries {
            ..=1 => kept(&one.said),
            n => say!("{what} (try {n})", what = kept(&one.said), n = n),
        },
        again: one.next_at.is_none(),
    };
    Ok(One {
        shell,
        home: format!("/programs/hooks/{}", hook.id),
        secret,
        off: hook.off.as_ref().map(|(at, why)| {
            say!("Off since {when}: {why}.", when = text::date_time(at.micros()), why = kept(why))
        }),
        overlap: overlap.map(|until| text::date_time(until.micros())).unwrap_or_default(),
        form: form(&hook.url, &hook.events, hook.private, wrong),
        log: act::deliveries(ctx, hook).await?.iter().map(sent).collect(),
    })
}

async fn found(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Hook, Problem> {
    staff.must_be(crate::programs::ROLES)?;
    act::one(ctx, staff, act::id(id)?).await
}

pub async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let hook = found(&ctx, &staff, &id).await?;
    let said = super::said(query);
    Ok(html::page(&page(&ctx, &staff, &hook, (&said, String::new()), (String::new(), "")).await?))
}

pub async fn change(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    let hook = found(&ctx, &staff, &id).await?;
    let home = format!("/programs/hooks/{}", hook.id);
    let off = match sent.get("on") {
        "1" => None,
        "0" => Some((ctx.now(), "turned off by hand".to_owned())),
        _ => {
            let (url, events, private) = typed(&sent);
            if let Some(wrong) = wrong(&ctx, &url, &events, private) {
                let shown = Hook { url, events, private, ..hook };
                let page = page(&ctx, &staff, &shown, ("", String::new()), wrong).await?;
                return Ok(frame::unfinished(html::page(&page)));
            }
            act::change(&ctx, Hook { url, events, private, ..hook }).await?;
            return Ok(frame::to(&home, "changed"));
        }
    };
    act::change(&ctx, Hook { off, ..hook }).await?;
    Ok(frame::to(&home, "changed"))
}

pub async fn rotate(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    let hook = found(&ctx, &staff, &id).await?;
    let secret = act::rotate(&ctx, hook.clone()).await?;
    let hook = act::one(&ctx, &staff, hook.id).await?;
    Ok(html::page(&page(&ctx, &staff, &hook, ("", secret), (String::new(), "")).await?))
}

pub async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    act::remove(&ctx, &found(&ctx, &staff, &id).await?).await?;
    Ok(frame::to("/programs/hooks", "removed"))
}

pub async fn again(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    let hook = found(&ctx, &staff, &id).await?;
    act::again(&ctx, &hook, sent.get("message")).await?;
    Ok(frame::to(&format!("/programs/hooks/{}", hook.id), "again"))
}
