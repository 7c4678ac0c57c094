//! The routes, from the one list: each call is met, checked, counted and answered here, the same way everywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use assent_kernel::{PurposeKey, Timestamp};
use axum::Router;
use axum::body::{Body as Raw, to_bytes};
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use serde_json::{Map, Value};

use super::call::{Call, From, Reply};
use super::operation::{Access, Body, Operation};
use super::quota::{Asked, Left, Quota};
use super::shape::{Field, Shape};
use super::{guide, once, openapi};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::room::Room;
use crate::session::{Caller, Program, Staff};

/// The header that says for which purpose a key without one calls.
pub(super) const PURPOSE: &str = "assent-purpose";
/// The largest header that is read.
const LONGEST: usize = 200;

struct Served {
    operation: Operation,
    quota: Arc<Quota>,
}

/// The routes of every room, the document and the page.
pub fn routes(rooms: &[&'static dyn Room]) -> Router<Ctx> {
    routes_within(rooms, Quota::default())
}

/// The same, with another quota.
pub fn routes_within(rooms: &[&'static dyn Room], quota: Quota) -> Router<Ctx> {
    let quota = Arc::new(quota);
    let mut paths: BTreeMap<&'static str, Vec<Operation>> = BTreeMap::new();
    let all = operations(rooms);
    let guide: Arc<str> = guide::page(&all).into();
    for operation in all {
        paths.entry(operation.path).or_default().push(operation);
    }
    let explained = move |headers: HeaderMap| std::future::ready(guide::answer(&guide, &headers));
    let mut router = Router::new().route("/v1", get(explained));
    for (path, operations) in paths {
        router = router.route(path, methods(operations, &quota));
    }
    router
}

/// Every operation of these rooms, and the two that belong to none.
pub(super) fn operations(rooms: &[&'static dyn Room]) -> Vec<Operation> {
    let mut all: Vec<Operation> = rooms.iter().flat_map(|room| room.api()).collect();
    let told = openapi::told(&all);
    all.extend(told);
    all
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET)
}

fn methods(operations: Vec<Operation>, quota: &Arc<Quota>) -> MethodRouter<Ctx> {
    let mut allowed: Vec<String> = operations.iter().map(|one| one.method.to_string()).collect();
    if allowed.iter().any(|one| one == "GET") {
        allowed.push("HEAD".into());
    }
    let allowed = allowed.join(", ");
    let mut router = MethodRouter::new();
    for operation in operations {
        let wanted = filter(&operation.method);
        let served = Arc::new(Served { operation, quota: Arc::clone(quota) });
        let handler = move |State(ctx): State<Ctx>, request: Request| {
            let served = Arc::clone(&served);
            async move { serve(ctx, &served, request).await }
        };
        router = router.merge(on(wanted, handler));
    }
    router.fallback(move || std::future::ready(not_allowed(&allowed)))
}

fn not_allowed(allowed: &str) -> Response {
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "That cannot be done here")
        .detail(format!("Allowed here: {allowed}."));
    with(problem.into_response(), header::ALLOW, allowed)
}

fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn serve(ctx: Ctx, served: &Served, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let operation = &served.operation;
    let from = match from(&ctx, operation, &mut parts).await {
        Ok(from) => from,
        Err(problem) => {
            return with(problem.into_response(), header::WWW_AUTHENTICATE, "Bearer realm=\"assent\"");
        }
    };
    let clock = ctx.clock.clone();
    let counted = from.counted().filter(|_| operation.limited);
    let counted = counted.map(|who| (who, served.quota.count(who, ctx.now())));
    let over = counted.as_ref().map(|(_, (left, _))| *left).filter(|left| !left.within);
    let mut response = match over {
        Some(left) => too_often(left).into_response(),
        None => {
            let asked = counted.as_ref().map(|(_, (_, asked))| asked.clone());
            match answer(ctx, operation, (from, asked), &mut parts, body).await {
                Ok(response) => response,
                Err(problem) => refused(&problem),
            }
        }
    };
    if let Some((who, (left, _))) = counted {
        served.quota.after(who, Timestamp::from_micros(clock.now()), left).say(response.headers_mut());
    }
    response
}

fn refused(problem: &Problem) -> Response {
    let waits = problem.status == StatusCode::SERVICE_UNAVAILABLE || problem.code == once::AT_WORK;
    let response = problem.clone().into_response();
    if waits { with(response, header::RETRY_AFTER, "1") } else { response }
}

fn too_often(left: Left) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "That was too often").detail(format!(
        "A key may call {} times a minute, a person's programs together too, and less often when much is asked about people \
         or read of what was done. Wait {} seconds.",
        left.most, left.wait
    ))
}

async fn from(ctx: &Ctx, operation: &Operation, parts: &mut Parts) -> Result<From, Problem> {
    match operation.access {
        Access::Anyone => Ok(From::Anyone),
        Access::Key | Access::Staff(_) => Caller::from_request_parts(parts, ctx).await.map(From::Caller),
        Access::Own(_) => {
            Box::pin(Program::from_request_parts(parts, ctx)).await.map(Box::new).map(From::Own)
        }
    }
}

/// The colleague as whom a key asks. A key that does not reach an operation is refused.
async fn staff(
    ctx: &Ctx,
    operation: &Operation,
    (from, asked): (&From, Option<Asked>),
    parts: &Parts,
) -> Result<Option<Box<Staff>>, Problem> {
    match (from, operation.access) {
        (From::Caller(caller), Access::Staff(roles)) => {
            let staff = Staff::of_caller(ctx, caller, purpose(&parts.headers)?).await?;
            let staff = staff.at(operation.path, asked.unwrap_or_default())?;
            staff.must_be(roles)?;
            if let Some(purpose) = caller.purpose.as_ref().filter(|_| operation.house) {
                return Err(Problem::forbidden(format!(
                    "This key is for the purpose {purpose} alone. What the company lays down takes a key for any purpose of its role."
                )));
            }
            Ok(Some(Box::new(staff)))
        }
        (From::Own(program), Access::Own(may)) => program.must_be_let(may).map(|()| None),
        (From::Anyone | From::Caller(_) | From::Own(_), _) => Ok(None),
    }
}

/// What few calls wait for stands in a box of its own: a call is moved as a whole, and most are small.
async fn answer(
    ctx: Ctx,
    operation: &Operation,
    (from, asked): (From, Option<Asked>),
    parts: &mut Parts,
    body: Raw,
) -> Result<Response, Problem> {
    acceptable(&parts.headers)?;
    let staff = match operation.access {
        Access::Anyone | Access::Key => None,
        Access::Staff(_) | Access::Own(_) => {
            Box::pin(staff(&ctx, operation, (&from, asked.clone()), parts)).await?
        }
    };
    let path = path_of(parts).await?;
    let query = query_of(operation, parts.uri.query().unwrap_or_default())?;
    let (bytes, body) = match &operation.body {
        Some(told) => read(told, &parts.headers, body).await?,
        None => (axum::body::Bytes::new(), Value::Null),
    };
    let tag = line(&parts.headers, &header::IF_MATCH)?;
    if tag == Some("") && operation.heeded && !operation.matched {
        return Err(Problem::bad_request(
            "The header if-match is empty: send the ETag you read, or leave it out.",
        ));
    }
    let tag = tag.filter(|tag| !tag.is_empty()).map(str::to_owned);
    if operation.matched && tag.is_none() {
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "if-match", "Send If-Match")
            .detail("Read it first, and send the ETag you get, so that nobody's change is lost."));
    }
    let call = Call { ctx, from, staff, path, query, body, bytes, tag, counts: asked.unwrap_or_default() };
    let reply = if operation.once {
        Box::pin(once::run(operation, call, parts)).await?
    } else {
        (operation.run)(&call).await?
    };
    debug_assert!(as_told(operation, &reply), "{} answers something else than it tells", operation.id);
    Ok(respond(parts, reply))
}

/// Whether an answer has the shape that was told: looked at in every run that is no release.
fn as_told(operation: &Operation, reply: &Reply) -> bool {
    if reply.status != operation.status {
        return operation.statuses().iter().any(|(status, _)| *status == reply.status);
    }
    match &operation.answer {
        None => reply.body.is_empty(),
        Some(shape) => match serde_json::from_slice(&reply.body).map(|value| Shape::check(shape, &value)) {
            Ok(Ok(())) => true,
            Ok(Err(wrong)) => {
                tracing::error!(operation = operation.id, wrong, "an answer is not as told");
                false
            }
            Err(_) => false,
        },
    }
}

/// Only JSON is offered.
fn acceptable(headers: &HeaderMap) -> Result<(), Problem> {
    let mut lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    let fits = |one: &str| {
        let (kind, rest) = one.split_once(';').unwrap_or((one, ""));
        let refused =
            rest.split(';').any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        !refused
            && matches!(
                kind.trim(),
                "*/*" | "application/*" | "application/json" | "application/problem+json"
            )
    };
    if lines.flat_map(|line| line.split(',')).any(fits) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "accept", "Only JSON is offered")
        .detail("Send `Accept: application/json`, or none."))
}

fn line<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| text.len() <= LONGEST);
    text.map(Some).ok_or_else(|| Problem::bad_request(format!("The header {name} cannot be read.")))
}

/// The purpose a key without one wants to work for.
fn purpose(headers: &HeaderMap) -> Result<Option<PurposeKey>, Problem> {
    let Some(text) = line(headers, &HeaderName::from_static(PURPOSE))? else { return Ok(None) };
    let wrong = |_| Problem::bad_request("The header Assent-Purpose names no purpose.");
    PurposeKey::new(text).map(Some).map_err(wrong)
}

async fn path_of(parts: &mut Parts) -> Result<BTreeMap<String, String>, Problem> {
    let wrong = || Problem::not_found("The path cannot be read.");
    let names = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| wrong())?;
    let read = |(name, value): (&str, &str)| {
        // Not every database takes what cannot be shown.
        let value = urlencoded(value).filter(|value| !value.contains(char::is_control)).ok_or_else(wrong)?;
        Ok((name.to_owned(), value))
    };
    names.iter().map(read).collect()
}

/// Reads `%41` as `A`; ids hold nothing else, so what cannot be read is nobody's id.
fn urlencoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let escaped = text.replace('+', "%2B");
    let (name, _) = form_urlencoded::parse(escaped.as_bytes()).next()?;
    (!name.contains('\u{fffd}')).then(|| name.into_owned())
}

fn fits(field: &Field, value: &Value) -> Result<(), Problem> {
    field.shape.check(value).map_err(|why| {
        let why = why.strip_prefix("the body: ").unwrap_or(&why).to_owned();
        Problem::invalid(format!("{}: {why}", field.name))
    })
}

/// What an address says: a name stands there once, but for a list, whose name stands before each of its values.
fn query_of(operation: &Operation, query: &str) -> Result<Map<String, Value>, Problem> {
    let mut out = Map::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let Some(field) = operation.query.iter().find(|field| field.name == name) else {
            let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(Problem::invalid(format!("There is no parameter `{name}` here.")));
        };
        if let Shape::List(one, _) = &field.shape {
            let list = out.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().into_iter().for_each(|list| list.push(one.from_text(&text)));
            fits(field, list)?;
            continue;
        }
        let value = field.shape.from_text(&text);
        fits(field, &value)?;
        if out.insert(field.name.to_owned(), value).is_some() {
            return Err(Problem::invalid(format!("`{}` is there twice.", field.name)));
        }
    }
    match operation.query.iter().find(|field| field.needed && !out.contains_key(field.name)) {
        Some(field) => Err(Problem::invalid(format!("`{}` is missing.", field.name))),
        None => Ok(out),
    }
}

async fn read(told: &Body, headers: &HeaderMap, body: Raw) -> Result<(axum::body::Bytes, Value), Problem> {
    let kind = line(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["application/json", "application/merge-patch+json"].iter().any(|one| kind.eq_ignore_ascii_case(one))
    {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", "Send JSON")
            .detail("Send `Content-Type: application/json`."));
    }
    let too_large = |_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large")
            .detail(format!("At most {} bytes are read here.", told.most))
    };
    let bytes = to_bytes(body, told.most).await.map_err(too_large)?;
    if !told.checked {
        return Ok((bytes, Value::Null));
    }
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|_| Problem::bad_request("The body is no JSON."))?;
    told.shape.check(&value).map_err(Problem::invalid)?;
    Ok((bytes, value))
}

fn respond(parts: &Parts, reply: Reply) -> Response {
    let mut response = Response::new(Raw::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    if reply.status != 204 {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut put = |name: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    };
    if let Some(tag) = reply.tag {
        put(header::ETAG, format!("\"{tag}\""));
    }
    if let Some(place) = reply.place {
        put(header::LOCATION, place);
    }
    if let Some(next) = reply.next {
        put(header::LINK, format!("<{}>; rel=\"next\"", following(parts, &next)));
    }
    response
}

/// The same address with another `after`.
fn following(parts: &Parts, next: &str) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    let query = parts.uri.query().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "after") {
        out.append_pair(&name, &value);
    }
    out.append_pair("after", next);
    format!("{}?{}", parts.uri.path(), out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &'static str) -> bool {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))]);
        acceptable(&headers).is_ok()
    }

    #[test]
    fn only_json_is_offered() {
        assert!(acceptable(&HeaderMap::new()).is_ok());
        for fine in ["*/*", "application/json", "text/html, application/json;q=0.5", "application/*"] {
            assert!(accepts(fine), "{fine}");
        }
        for wrong in ["text/html", "application/xml", "application/json;q=0"] {
            assert!(!accepts(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let (parts, ()) =
            axum::http::Request::get("/v1/deals?limit=5&after=old").body(()).unwrap().into_parts();
        assert_eq!(following(&parts, "new"), "/v1/deals?limit=5&after=new");
    }
}
