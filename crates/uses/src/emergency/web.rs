//! Pages of emergencies and cases: parse, act, render. No decisions.

use askama::Template;
use assent_gate::Emergency;
use assent_kernel::{CategoryKey, PersonId, PurposeKey};
use assent_store::emergencies::State as Became;
use assent_web::parts::{Group, Kv};
use assent_web::session::purposes_by_case;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, catalogue, filters, html, say, text};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::act;
use crate::frame::{self, Colleagues, ROLES, words};
use crate::seen::cell::{self, Value};
use crate::seen::nameless;
use crate::seen::words::Words;

/// Reasons to choose among.
const REASONS: [&str; 5] = [
    "Somebody's life or health is in danger",
    "A child is in danger",
    "Fire, gas, water or electricity at home",
    "A dangerous product is in use",
    "Somebody who needs help cannot be reached",
];
/// The longest case, in letters.
const LONGEST: usize = 60;
/// What is said of a case that is missing or too long.
const THE_CASE: (&str, &str) = ("The case is missing.", "The case is longer than {most} letters.");
/// The same of what happened.
const WHAT_HAPPENED: (&str, &str) =
    ("What happened is missing.", "What happened is longer than {most} letters.");

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/people/{id}/emergency", get(form).post(ask))
        .route("/people/{id}/case", get(case_form).post(case))
        .route("/emergencies", get(list))
        .route("/emergencies/{id}", get(show).post(answer))
}

#[derive(Template)]
#[template(path = "emergency/ask.html")]
struct Ask {
    shell: Shell,
    person: String,
    kinds: Vec<(String, String)>,
    reasons: [&'static str; 5],
    minutes: u32,
    cited: String,
    /// Why nothing can be opened.
    closed: Option<String>,
    error: String,
    case: String,
    more: String,
}

#[derive(Template)]
#[template(path = "emergency/list.html")]
struct List {
    shell: Shell,
    lines: Vec<Line>,
}

/// One of the list.
struct Line {
    href: String,
    when: String,
    who: String,
    whom: String,
    what: String,
    became: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "emergency/one.html")]
struct One {
    shell: Shell,
    href: String,
    person: Option<String>,
    line: Line,
    reason: String,
    case: String,
    second: String,
    /// True for whoever may answer now.
    may_answer: bool,
    /// What it opens now, and until when.
    open: Option<(Vec<Group>, String)>,
    waits: Option<String>,
    minutes: u32,
}

#[derive(Template)]
#[template(path = "emergency/case.html")]
struct Case {
    shell: Shell,
    person: String,
    purposes: Vec<(String, String)>,
    chosen: String,
    case: String,
    error: String,
    groups: Option<Vec<Group>>,
    refused: Option<String>,
}

fn person(text: &str) -> Result<PersonId, Problem> {
    text.parse().map_err(|_| act::nothing())
}

fn wrong(text: &str, most: usize, (missing, long): (&str, &str)) -> String {
    match text.chars().count() {
        0 => say(missing).to_owned(),
        n if n > most => catalogue::filled(long, &[("most", &most)]),
        _ => String::new(),
    }
}

async fn asking(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Ask, Problem> {
    let offered = act::offered(ctx, staff, id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let closed = match &offered.kinds {
        Ok(_) => None,
        Err(_) if offered.purpose.is_none() => Some(
            say("Your company has laid down no rule for emergencies that your role may use. Without a law that two people \
                 approved, nothing opens.")
            .to_owned(),
        ),
        Err(reason) => Some(words.sentence(Some(reason))),
    };
    let mandates = standing.policy.mandates.values();
    let cited = offered.purpose.as_ref().and_then(|key| {
        let mut mine = mandates.filter(|one| one.purposes.iter().any(|of| of == key));
        mine.next().map(|one| format!("{}, {}", one.cite.article, one.cite.instrument))
    });
    let kinds = offered.kinds.unwrap_or_default();
    Ok(Ask {
        shell: frame::shell(ctx, staff, say("Open in an emergency")).await?,
        person: format!("/people/{id}"),
        kinds: kinds.iter().map(|key| (key.to_string(), words.category(key))).collect(),
        reasons: REASONS,
        minutes: ctx.settings.limits.emergency_minutes,
        cited: cited.unwrap_or_default(),
        closed,
        error: String::new(),
        case: String::new(),
        more: String::new(),
    })
}

async fn form(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let page = asking(&ctx, &staff, person(&id)?).await?;
    let refused = page.closed.is_some();
    let page = html::page(&page);
    Ok(if refused { (StatusCode::FORBIDDEN, page).into_response() } else { page })
}

async fn ask(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let id = person(&id)?;
    let kinds: Vec<CategoryKey> =
        fields.all("kind").take(100).filter_map(|text| CategoryKey::new(text).ok()).collect();
    let chosen = REASONS.iter().find(|one| **one == fields.get("reason"));
    let (case, more) = (fields.get("case"), fields.get("more"));
    let mut error = wrong(case, LONGEST, THE_CASE);
    if error.is_empty() {
        error = wrong(more, 200, WHAT_HAPPENED);
    }
    if error.is_empty() && (kinds.is_empty() || chosen.is_none()) {
        error = say("Choose a reason, and what has to be opened.").into();
    }
    if error.is_empty() {
        let reason = format!("{}. {more}", chosen.copied().unwrap_or_default());
        match act::ask(&ctx, &staff, id, kinds, (case.to_owned(), reason)).await? {
            Ok(request) => return Ok(Redirect::to(&format!("/emergencies/{request}")).into_response()),
            Err(reason) => {
                let standing = ctx.gate.policy(staff.company.id).await?;
                error = words(&ctx, &staff, &standing.policy).sentence(Some(&reason));
            }
        }
    }
    let page = asking(&ctx, &staff, id).await?;
    let status = if page.closed.is_some() { StatusCode::FORBIDDEN } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Ask { error, case: case.to_owned(), more: more.to_owned(), ..page };
    Ok((status, html::page(&page)).into_response())
}

fn line(one: &Emergency, colleagues: &Colleagues, words: &Words<'_>) -> Line {
    let (became, tone) = match one.state {
        Became::Asked if one.waits(words.now) => ("waits for a second person", "warn"),
        Became::Asked => ("nobody answered in time", ""),
        Became::Approved if one.runs(words.now) => ("open now", "warn"),
        Became::Approved if one.looked_at.is_some() => ("was looked at; over", ""),
        Became::Approved => ("over, nobody looked", ""),
        Became::Refused => ("refused", "bad"),
    };
    let kinds: Vec<String> = one.kinds.iter().map(|key| words.category(key)).collect();
    Line {
        href: format!("/emergencies/{}", one.id),
        when: text::date_time(one.asked_at.micros()),
        who: colleagues.name(one.staff),
        whom: one.person.map_or_else(|| say("somebody who was erased").to_owned(), nameless),
        what: kinds.join(", "),
        became: say(became).to_owned(),
        tone,
    }
}

async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let all = act::all(&ctx, &staff).await?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let lines = all.iter().map(|one| line(one, &colleagues, &words)).collect();
    Ok(html::page(&List { shell: frame::shell(&ctx, &staff, say("Emergencies")).await?, lines }))
}

async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(_): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let one = act::one(&ctx, &staff, &id).await?;
    let looked = act::look(&ctx, &staff, &one).await?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words { purpose: &one.purpose, ..words(&ctx, &staff, &standing.policy) };
    let now = ctx.now();
    let typed = one.typed.clone().unwrap_or_default();
    let until = one.until.map(|until| text::date_time(until.micros())).unwrap_or_default();
    let open = looked.map(|looked| (groups(&looked.values, &looked.dossier, &words), until));
    let mine = one.staff == staff.id;
    Ok(html::page(&One {
        shell: frame::shell(&ctx, &staff, say("Emergency")).await?,
        href: format!("/emergencies/{}", one.id),
        person: one.person.map(|id| format!("/people/{id}")),
        line: line(&one, &colleagues, &words),
        reason: typed.reason,
        case: typed.case,
        second: typed.second,
        may_answer: !mine && staff.is(assent_gate::SECONDS) && one.waits(now),
        waits: (mine && one.waits(now)).then(|| {
            let end = one.asked_at.plus(assent_gate::ANSWERED_WITHIN);
            text::date_time(end.micros())
        }),
        minutes: ctx.settings.limits.emergency_minutes,
        open,
    }))
}

/// Values as groups of lines: open ones with their terms, closed ones with why.
fn groups(values: &[Value], dossier: &assent_gate::Dossier, words: &Words<'_>) -> Vec<Group> {
    let line = |value: &Value| {
        let id = format!("e-{}", value.fact.id);
        let shown = words.in_record(id, dossier.person(), value, None, None, None);
        Kv::new(words.category(&value.fact.category), shown)
    };
    vec![Group { title: say("Open~state").into(), lines: values.iter().map(line).collect() }]
}

async fn answer(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let one = act::one(&ctx, &staff, &id).await?;
    let yes = match fields.get("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::invalid("Say yes or no.")),
    };
    act::answer(&ctx, &staff, one.id, yes).await?;
    Ok(Redirect::to(&format!("/emergencies/{}", one.id)).into_response())
}

async fn case_page(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Case, Problem> {
    // A foreign id leads nowhere, whatever is typed.
    ctx.gate.look_one(&staff.people(), id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let purposes = purposes_by_case(&standing.policy, staff.role);
    Ok(Case {
        shell: frame::shell(ctx, staff, say("Look with a case")).await?,
        person: format!("/people/{id}"),
        purposes: purposes.iter().map(|key| (key.to_string(), words.label(key))).collect(),
        chosen: String::new(),
        case: String::new(),
        error: String::new(),
        groups: None,
        refused: None,
    })
}

async fn case_form(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    Ok(html::page(&case_page(&ctx, &staff, person(&id)?).await?))
}

/// What a case opens is shown once, as the answer to the form: it is asked for anew each time.
async fn case(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let id = person(&id)?;
    let page = case_page(&ctx, &staff, id).await?;
    let (case, chosen) = (fields.get("case").to_owned(), fields.get("purpose").to_owned());
    let known = page.purposes.iter().any(|(key, _)| *key == chosen);
    let purpose = PurposeKey::new(&chosen).ok().filter(|_| known);
    let error = wrong(&case, LONGEST, THE_CASE);
    let page = Case { case: case.clone(), chosen, ..page };
    let (Some(purpose), true) = (purpose, error.is_empty()) else {
        let error = if error.is_empty() { say("Choose what the case is about.").into() } else { error };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&Case { error, ..page })).into_response());
    };
    let (dossier, answer, _) = act::look_with_case(&ctx, &staff, id, purpose.clone(), &case).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words { purpose: &purpose, ..words(&ctx, &staff, &standing.policy) };
    if answer.permit().is_none() {
        let refused = Some(words.sentence(answer.ruling().refusal()));
        return Ok((StatusCode::FORBIDDEN, html::page(&Case { refused, ..page })).into_response());
    }
    let mut values = cell::values(Some(&answer), &dossier, |_| true);
    values.retain(|value| value.cell.seen().is_some());
    Ok(html::page(&Case { groups: Some(groups(&values, &dossier, &words)), ..page }))
}
