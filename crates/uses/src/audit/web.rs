//! Heads, tiles, keys; and the page.

use std::sync::Arc;

use askama::Template;
use assent_gate::{LogHead, LogName};
use assent_kernel::{Region, TreeKey};
use assent_store::home::Company;
use assent_web::{Ctx, Problem, Shell, Staff, filters, page, say, shell, text};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/ledger", get(all))
        .route("/ledger/lines", get(super::lines::show))
        .route("/ledger/{company}/{region}/checkpoint", get(checkpoint))
        .route("/ledger/{company}/{region}/assent-ledger.txt", get(key))
        .route("/ledger/{company}/{region}/tile/{*path}", get(tile))
}

#[derive(Template)]
#[template(path = "audit/ledger.html")]
struct Ledger {
    shell: Shell,
    logs: Vec<Line>,
}

struct Line {
    company: String,
    region: String,
    base: String,
    signed: String,
    head: LogHead,
}

async fn all(State(ctx): State<Ctx>, staff: Option<Staff>, headers: HeaderMap) -> Result<Response, Problem> {
    let shell = match &staff {
        Some(staff) => staff.shell(&ctx, say("Ledger")).await?,
        None => Shell {
            title: say("Ledger").into(),
            company: "Assent".into(),
            theme: shell::Theme::of(&headers),
            ..Shell::default()
        },
    };
    let mut logs = Vec::new();
    // Who else is here, and how much they use, is nobody's business: a stranger finds a ledger by its address.
    if let Some(company) = staff.map(|staff| staff.company) {
        let regions: Vec<Region> = ctx.gate.regions().cloned().collect();
        for region in regions {
            let name = LogName { company: company.id, region: region.clone() };
            let head = ctx.gate.log_head(&name).await?;
            let base = format!("/ledger/{}/{region}", company.code);
            logs.push(Line {
                company: company.name.clone(),
                region: region.to_string(),
                base,
                signed: text::date_time(head.signed_at.micros()),
                head,
            });
        }
    }
    Ok(page(&Ledger { shell, logs }))
}

async fn named(ctx: &Ctx, company: &str, region: &str) -> Result<LogName, Problem> {
    let unknown = || Problem::not_found("There is no ledger of that name.");
    let region = Region::new(region).map_err(|_| unknown())?;
    let companies: Vec<Arc<Company>> = ctx.gate.companies().await?;
    let found = companies.iter().find(|one| one.code == company).ok_or_else(unknown)?;
    if ctx.gate.regions().any(|known| known.as_str() == region.as_str()) {
        Ok(LogName { company: found.id, region })
    } else {
        Err(unknown())
    }
}

fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn checkpoint(
    State(ctx): State<Ctx>,
    Path((company, region)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let head = ctx.gate.log_head(&named(&ctx, &company, &region).await?).await?;
    head.checkpoint
        .map(plain)
        .ok_or_else(|| Problem::not_found("Nothing has been written to this ledger yet."))
}

async fn key(
    State(ctx): State<Ctx>,
    Path((company, region)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let head = ctx.gate.log_head(&named(&ctx, &company, &region).await?).await?;
    Ok(plain(format!("log {}\nquorum none\n", head.vkey)))
}

async fn tile(
    State(ctx): State<Ctx>,
    Path((company, region, path)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let name = named(&ctx, &company, &region).await?;
    let bytes = ctx.gate.log_tile(&name, &format!("tile/{path}")).await?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("There is no such tile."))?;
    // A tile of a given width never changes.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
