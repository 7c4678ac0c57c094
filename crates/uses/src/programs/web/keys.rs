//! Keys of programs.

use askama::Template;
use assent_kernel::{PurposeKey, Role, Span, StaffId};
use assent_store::callers;
use assent_web::catalogue::lang;
use assent_web::parts::{Field, Input};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, session, shipped, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::frame;
use crate::programs::act;

#[derive(Template)]
#[template(path = "programs/keys.html")]
struct Page {
    shell: Shell,
    /// A key that was made a moment ago.
    made: String,
    lines: Vec<Line>,
    fields: Vec<Field>,
}

struct Line {
    id: String,
    name: String,
    role: &'static str,
    purpose: String,
    since: String,
    /// Who made it and answers for it.
    maker: String,
    until: String,
    /// What is said of one that works no more.
    over: &'static str,
    /// False while whoever made it may not do any more what it does.
    stands: bool,
    soon: bool,
}

/// How long before its end a key is marked.
const SOON: Span = Span::days(30);
/// For how long a key can be made.
const LASTS: [(u32, &str); 4] = [(30, "a month"), (91, "three months"), (365, "a year"), (730, "two years")];

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    (said, made): (&str, String),
    typed: (&str, &str, String),
) -> Result<Page, Problem> {
    let shell = super::shell(ctx, staff, "Programs", said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purposes = &standing.policy.purposes;
    let (now, colleagues) = (ctx.now(), frame::colleagues(ctx, staff).await?);
    let label = |key: &PurposeKey| {
        purposes.get(key).map_or_else(|| key.to_string(), |one| shipped::purpose(one, lang()).to_owned())
    };
    let line = |callers::Known { caller: one, stands, .. }: callers::Known| Line {
        id: one.id.to_string(),
        role: say(one.role.label()),
        purpose: one.purpose.as_ref().map_or_else(|| say("any of the role").to_owned(), label),
        since: text::date(one.created_at.micros()),
        maker: colleagues.named(one.made_by).unwrap_or_else(|| say("the command line").into()),
        until: text::date(one.until.micros()),
        over: match one.ended_at {
            Some(_) => say("ended"),
            None if one.is_over(now) => say("ran out"),
            None => "",
        },
        stands,
        soon: one.until <= now.plus(SOON),
        name: one.name,
    };
    let (name, choice, error) = typed;
    // A role and a purpose go together, so they are chosen together.
    let mut choices = vec![(String::new(), say("Choose …").to_owned())];
    // The widest comes last.
    for role in Role::WORN.iter().copied().rev() {
        for key in session::purposes_of(&standing.policy, role) {
            choices
                .push((format!("{} {key}", role.key()), format!("{}: {}", say(role.label()), label(&key))));
        }
        choices
            .push((role.key().to_owned(), say!("{role}: any purpose of the role", role = say(role.label()))));
    }
    let fields = vec![
        Field {
            required: true,
            autocomplete: "off",
            hint: say("Colleagues and customers' data protection see what it did under this name.").into(),
            ..Field::line(say("What it is called"), "name", name)
        },
        Field {
            error,
            input: Input::Select(choices),
            ..Field::line(say("In which role, and for what"), "choice", choice)
        },
        Field {
            input: Input::Select(
                LASTS.iter().map(|(days, label)| (days.to_string(), say(label).into())).collect(),
            ),
            hint: say("Then it is refused. Make a new one in time, and end the old one when nobody uses it.")
                .into(),
            ..Field::line(say("For how long"), "days", "365")
        },
    ];
    let lines = act::keys(ctx, staff).await?.into_iter().map(line).collect();
    Ok(Page { shell, made, lines, fields })
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = super::said(query);
    Ok(html::page(&page(&ctx, &staff, (&said, String::new()), ("", "", String::new())).await?))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(crate::programs::ROLES)?;
    let (name, choice) = (sent.get("name"), sent.get("choice"));
    let (role, purpose) = choice.split_once(' ').unwrap_or((choice, ""));
    let role = Role::worn(role);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let wanted = PurposeKey::new(purpose).ok();
    let fits = |role: Role| {
        let works = session::purposes_of(&standing.policy, role);
        purpose.is_empty() || wanted.as_ref().is_some_and(|key| works.contains(key))
    };
    let fine = !name.is_empty() && name.chars().count() <= 80 && !name.chars().any(char::is_control);
    let Some(role) = role.filter(|role| fine && fits(*role)) else {
        let error = say(if fine { "Choose one." } else { "It needs a name of at most 80 letters." });
        let again = page(&ctx, &staff, ("", String::new()), (name, choice, error.into())).await?;
        return Ok(frame::unfinished(html::page(&again)));
    };
    let days = sent.get("days").parse().ok().filter(|days| LASTS.iter().any(|one| one.0 == *days));
    let lasts = days.map_or(callers::LASTS, Span::days);
    let key = act::make_key(&ctx, &staff, name.to_owned(), role, wanted, lasts).await?;
    // Shown in the answer itself: it is kept nowhere.
    Ok(html::page(&page(&ctx, &staff, ("", key), ("", "", String::new())).await?))
}

pub async fn end(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(crate::programs::ROLES)?;
    let id: StaffId = id.parse().map_err(|_| Problem::not_found("There is no key here by that id."))?;
    act::end_key(&ctx, &staff, id).await?;
    Ok(frame::to("/programs", "ended"))
}
