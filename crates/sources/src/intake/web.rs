//! The pages of an import: parse, act, render.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Read as _;
use std::time::Duration;

use assent_gate::StashReader;
use assent_kernel::{Region, TreeKey as _};
use assent_web::fields::{self, Thing};
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Fields, Here as _, Posted, Problem, Staff, catalogue, page, say};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::stream::{self, Stream};
use serde_json::json;

use super::act::{self, Wrong};
use super::form::{self, Map, TermsPage};
use super::model::{Import, State as At};
use super::plan::day;
use super::read::map::Problem as Unfit;
use super::read::{Mapping, Target};
use super::terms::{self, Said};
use super::view::{self, Done, List, Ready, Work};
use super::{ROLES, files};

/// Room for what surrounds the file in a form.
const AROUND: usize = 64 * 1024;

/// The routes of the room.
pub(super) fn routes() -> Router<Ctx> {
    let largest = usize::try_from(act::LARGEST).unwrap_or(usize::MAX).saturating_add(AROUND);
    Router::new()
        .route("/import", get(list).post(upload).layer(DefaultBodyLimit::max(largest)))
        .route("/import/{id}", get(show))
        .route("/import/{id}/mapping", post(map))
        .route("/import/{id}/terms", post(agree))
        .route("/import/{id}/{step}", post(step))
        .route("/import/{id}/events", get(events))
        .route("/import/{id}/rejected.csv", get(rejected))
}

fn to(import: &Import) -> Response {
    Redirect::to(&format!("/import/{}", import.id)).into_response()
}

async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    listed(&ctx, &staff, String::new()).await
}

async fn listed(ctx: &Ctx, staff: &Staff, error: String) -> Result<Response, Problem> {
    let imports = act::list(ctx, staff).await?;
    let shell = staff.shell(ctx, say("Import")).await?;
    let regions = regions(ctx, staff).iter().map(|region| region.as_str().to_owned()).collect();
    let mut list = List::new(shell, &imports, regions, ctx.now());
    let wrong = !error.is_empty();
    list.error = error;
    let mut answer = page(&list);
    if wrong {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// Where people can be kept: the company's own region first.
fn regions(ctx: &Ctx, staff: &Staff) -> Vec<Region> {
    let home = staff.company.region.clone();
    let others = ctx.gate.regions().filter(|region| **region != home).cloned();
    std::iter::once(home.clone()).chain(others).collect()
}

async fn upload(State(ctx): State<Ctx>, staff: Staff, form: Multipart) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    match taken(&ctx, &staff, form).await {
        Ok(import) => Ok(Redirect::to(&format!("/import/{import}")).into_response()),
        Err(Wrong::File(sentence)) => listed(&ctx, &staff, sentence).await,
        Err(Wrong::Other(problem)) => Err(problem),
    }
}

fn cut(_: axum::extract::multipart::MultipartError) -> Wrong {
    let sentence = "The upload broke off, or the file is larger than 2 GB. Choose it again, or split it.";
    Wrong::File(say(sentence).to_owned())
}

/// The token comes first, then the region, then the file: nothing is kept before the token is checked.
async fn taken(ctx: &Ctx, staff: &Staff, mut form: Multipart) -> Result<assent_kernel::ImportId, Wrong> {
    let mut checked = false;
    let mut region = staff.company.region.clone();
    while let Some(field) = form.next_field().await.map_err(cut)? {
        match field.name() {
            Some("csrf") => checked = staff.checks(field.text().await.map_err(cut)?.trim()),
            Some("region") => {
                let wanted = field.text().await.map_err(cut)?;
                let all = regions(ctx, staff).into_iter();
                let found = all.into_iter().find(|one| one.as_str() == wanted.trim());
                region = found.ok_or_else(|| Problem::invalid("There is no store for that region."))?;
            }
            Some("file") if checked => return store(ctx, staff, region, field).await,
            Some("file") => {
                return Err(Problem::forbidden(
                    "This form is no longer valid: it did not come from a page of your session. Go back and try again.",
                )
                .into());
            }
            _ => {}
        }
    }
    Err(Wrong::File(say("Choose a file first.").to_owned()))
}

async fn store(
    ctx: &Ctx,
    staff: &Staff,
    region: Region,
    mut field: Field<'_>,
) -> Result<assent_kernel::ImportId, Wrong> {
    let name = field.file_name().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(Wrong::File(say("Choose a file first.").to_owned()));
    }
    let incoming = act::receive(ctx, staff, region, &name).await?;
    loop {
        let goes_on = match field.chunk().await {
            Ok(Some(piece)) => incoming.put(piece).await,
            Ok(None) => false,
            Err(error) => {
                incoming.abandon(ctx).await?;
                return Err(cut(error));
            }
        };
        if !goes_on {
            return incoming.finish(ctx).await;
        }
    }
}

async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let import = act::one(&ctx, &staff, &id).await?;
    let step = query.get("step").map(String::as_str);
    match import.state {
        At::Draft if !import.body.mapped || step == Some("mapping") => {
            mapping_page(&ctx, &staff, &import, &[]).await
        }
        At::Draft => match import.body.rules.clone().filter(|_| step != Some("terms")) {
            None => terms_page(&ctx, &staff, &import, "").await,
            Some(rules) => {
                Ok(page(&Ready::new(staff.shell(&ctx, &import.body.name).await?, &import, &rules)))
            }
        },
        At::Done | At::Undone => {
            let rejected = act::has_rejected(&ctx, &staff, &import).await?;
            Ok(page(&Done::new(staff.shell(&ctx, &import.body.name).await?, &import, rejected)))
        }
        At::Uploading => {
            let mut shell = staff.shell(&ctx, &import.body.name).await?;
            let text = say("This upload broke off. Throw it away and choose the file again.").to_owned();
            shell.flash = Some(Flash { tone: Tone::Warn, text, undo: None });
            Ok(page(&Map::new(shell, &import, None, &[], &[], day(ctx.now()))))
        }
        At::Trying | At::Running | At::Stopped | At::Undoing => {
            let here = files::is_here(&ctx, import.id);
            Ok(page(&Work::new(staff.shell(&ctx, &import.body.name).await?, &import, here, ctx.now())))
        }
    }
}

async fn mapping_page(
    ctx: &Ctx,
    staff: &Staff,
    import: &Import,
    problems: &[Unfit],
) -> Result<Response, Problem> {
    let sample = act::sample(ctx, staff, import).await?;
    let shell = staff.shell(ctx, &import.body.name).await?;
    let own = fields::offered(ctx, staff.company.id, Thing::Person).await?;
    let mut answer = page(&Map::new(shell, import, sample.as_ref(), problems, &own, day(ctx.now())));
    if !problems.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

async fn terms_page(ctx: &Ctx, staff: &Staff, import: &Import, error: &str) -> Result<Response, Problem> {
    let words = act::words(ctx, staff, import).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mut terms = TermsPage::new(
        staff.shell(ctx, &import.body.name).await?,
        import,
        &standing.policy,
        &words,
        &ctx.settings.country,
    );
    error.clone_into(&mut terms.error);
    let mut answer = page(&terms);
    if !error.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

async fn map(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    let import = act::one(&ctx, &staff, &id).await?;
    let own = fields::offered(&ctx, staff.company.id, Thing::Person).await?;
    let mapping = mapping(&import.body.mapping, &sent, &own)?;
    let problems = act::map(&ctx, import, mapping).await?;
    let import = act::one(&ctx, &staff, &id).await?;
    if problems.is_empty() { Ok(to(&import)) } else { mapping_page(&ctx, &staff, &import, &problems).await }
}

/// The mapping with what the form changed.
fn mapping(before: &Mapping, sent: &Fields, own: &[fields::Field]) -> Result<Mapping, Problem> {
    let mut after = before.clone();
    for (index, column) in after.columns.iter_mut().enumerate() {
        let (target, order) = (format!("t{index}"), format!("o{index}"));
        let wanted = sent.get(&target);
        let field = own.iter().find(|field| form::own_key(field) == wanted);
        if let Some(field) = field {
            if column.own.as_ref().is_none_or(|now| now.name != field.name) {
                column.means(field, 100, "chosen by you");
            }
        } else if sent.has(&target) {
            let found =
                Target::ALL.iter().copied().find(|one| form::key(*one) == wanted && *one != Target::Own);
            let found = found.ok_or_else(|| Problem::invalid("A column cannot mean that."))?;
            if found != column.target {
                (column.target, column.confidence, column.own) = (found, 100, None);
                "chosen by you".clone_into(&mut column.why);
            }
        }
        if sent.has(&order) {
            let found = form::ORDERS.iter().find(|one| one.1 == sent.get(&order));
            column.order = found.map_or(column.order, |one| one.0);
        }
    }
    Ok(after)
}

async fn agree(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    let import = act::one(&ctx, &staff, &id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    match terms::rules(&said(&fields), &standing.policy) {
        Ok(rules) => {
            act::agree(&ctx, import.clone(), rules).await?;
            Ok(to(&import))
        }
        Err(sentence) => terms_page(&ctx, &staff, &import, say(sentence)).await,
    }
}

/// What the form says about the terms.
fn said(fields: &Fields) -> Said {
    let words = fields.all("word").zip(fields.all("purpose"));
    Said {
        stand: fields.get("stand").to_owned(),
        contract: fields.get("contract").to_owned(),
        since: fields.get("since").to_owned(),
        country: fields.get("country").to_owned(),
        words: words.map(|(word, purpose)| (word.to_owned(), purpose.to_owned())).collect(),
        unversioned: fields.has("unversioned"),
    }
}

/// Everything that is one button: try, start, stop, resume, undo, discard.
async fn step(
    State(ctx): State<Ctx>,
    Path((id, step)): Path<(String, String)>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    let import = act::one(&ctx, &staff, &id).await?;
    let back = to(&import);
    if matches!(step.as_str(), "try" | "start" | "resume") {
        act::must_see_everybody(&staff)?;
    }
    match step.as_str() {
        "try" => act::start(&ctx, import, false).await?,
        "start" => act::start(&ctx, import, true).await?,
        "stop" => act::stop(&ctx, &import).await?,
        "resume" => act::resume(&ctx, import).await?,
        "undo" => act::undo(&ctx, &staff, import).await?,
        "discard" => {
            act::discard(&ctx, &import).await?;
            return Ok(Redirect::to("/import").into_response());
        }
        _ => return Err(Problem::not_found("An import has no such step.")),
    }
    Ok(back)
}

/// How far it is, twice a second, until it is over.
async fn events(
    State(ctx): State<Ctx>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    act::one(&ctx, &staff, &id).await?;
    // What is told is told after the answer has begun, so the language goes along.
    let lang = catalogue::lang();
    let news = stream::unfold(Some((ctx, staff, id)), move |open| {
        catalogue::speaking(lang, async move {
            let (ctx, staff, id) = open?;
            tokio::time::sleep(Duration::from_millis(500)).await;
            let import = act::one(&ctx, &staff, &id).await.ok()?;
            let now = ctx.now();
            let finished = import.lapsed(now) || !(import.state.works() || import.stopping(now));
            let (done, total) = view::done_of(&import);
            let pace = view::pace(&import, now);
            let label = view::label(&import, now);
            let text = if pace.is_empty() { label } else { format!("{label} · {pace}") };
            let href = format!("/import/{id}");
            let event =
                json!({"done": done, "total": total, "text": text, "finished": finished, "href": href});
            let event = Event::default().data(event.to_string());
            Some((Ok(event), (!finished).then_some((ctx, staff, id))))
        })
    });
    Ok(Sse::new(news))
}

async fn rejected(State(ctx): State<Ctx>, staff: Staff, Path(id): Path<String>) -> Result<Response, Problem> {
    let import = act::one(&ctx, &staff, &id).await?;
    let file = act::rejected(&ctx, &staff, &import).await?;
    let plain: String =
        import.body.name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let disposition = format!("attachment; filename=\"{plain}-to-look-at.csv\"");
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let mut answer = Body::from_stream(pieces(file)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// A sealed file, piece by piece, read on a thread that may wait.
fn pieces(mut file: StashReader) -> impl Stream<Item = std::io::Result<Bytes>> {
    let (send, receive) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; 64 * 1024];
            let read = file.read(&mut piece);
            let over = !matches!(read, Ok(n) if n > 0);
            let piece = read.map(|n| {
                piece.truncate(n);
                Bytes::from(piece)
            });
            if send.blocking_send(piece).is_err() || over {
                return;
            }
        }
    });
    stream::unfold(receive, |mut receive| async move { receive.recv().await.map(|piece| (piece, receive)) })
}
