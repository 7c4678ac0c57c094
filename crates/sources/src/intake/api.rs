//! Imports, for programs: the same steps as the pages. A file is text in the call; what it holds is shown to nobody but the
//! key that sent it, and only where a row could not be taken.

use assent_kernel::{ImportId, Region, TreeKey as _};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape, cut, page_fields};
use axum::body::Bytes;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{self, Wrong};
use super::model::Import;
use super::read::rejects::ADDED;
use super::read::{Mapping, Target};
use super::terms::{self, Said};
use super::{ROLES, form};
use shapes::{example, meaning, order, shape, told};

mod shapes;

const CHAPTER: &str = "Imports";
const IMPORT: &str = "/v1/imports/{id}";
const IMP: &str = "imp_01jx6sk9c0000000000000000m";
/// The largest call with a file, in bytes. Larger files come by the page or by `assent import`.
const LARGEST: usize = 32 << 20;

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![list_imports(), make_import(), get_import(), plan_import(), rejected_rows()];
    all.extend(steps());
    all
}

fn list_imports() -> Operation {
    Operation::new("listImports", Method::GET, "/v1/imports", |call| Box::pin(list(call)))
        .says(CHAPTER, "List imports", "Newest first.")
        .for_roles(ROLES)
        .asks(page_fields())
        .gives(200, shape().page_of(), json!({ "data": [example()], "next": null }))
}

fn make_import() -> Operation {
    Operation::new("createImport", Method::POST, "/v1/imports", |call| Box::pin(make(call)))
        .says(
            CHAPTER,
            "Send a file",
            "CSV of any kind, or vCard, up to 32 MiB; larger ones come by the page or by `assent import`. It becomes a draft: \
             read it to see what its columns were taken for, say what they mean and on what terms these people come, then run it.",
        )
        .for_roles(ROLES)
        .takes_much(
            Shape::Record(vec![
                must("name", Shape::text(200), "The name of the file."),
                must("text", Shape::any_text(LARGEST), "What it holds."),
                may("region", Shape::text(40), "Where its people are kept; the company's own region when left out."),
            ]),
            json!({ "name": "contacts.csv", "text": "Name,E-mail\nAiko Ito,aiko.ito@example.org\n" }),
            LARGEST,
        )
        .gives(201, Shape::Record(vec![must("id", Shape::id("imp"), "Which.")]), json!({ "id": IMP }))
}

fn get_import() -> Operation {
    Operation::new("getImport", Method::GET, IMPORT, |call| Box::pin(one(call)))
        .says(CHAPTER, "How far an import is", "Numbers and names of columns; no value of anybody.")
        .for_roles(ROLES)
        .gives(200, shape(), example())
}

fn plan_import() -> Operation {
    let column = Shape::Record(vec![
        must("column", Shape::any_text(10_000), "The name of the column in the file."),
        may("means", meaning(), "What it means."),
        may("dates", order(), "The order of day and month in it."),
    ]);
    let word = Shape::Record(vec![
        must("word", Shape::text(200), "A word of the consent column."),
        must("purpose", Shape::key().or_null(), "The purpose it means; null not to take this consent over."),
    ]);
    let terms = Shape::Record(vec![
        must(
            "stand",
            Shape::Word(vec!["columns", "contract", "nothing"]),
            "On what: columns of the file, row by row; a contract with all of them; or nothing that is known.",
        ),
        may("contract", Shape::text(100), "The kind of contract."),
        may("since", Shape::day(), "Since when the contracts run; today when left out."),
        may("country", Shape::text(60), "The country of phone numbers that name none, such as DE."),
        may("words", word.list(200), "What the words of the consent column mean."),
        may(
            "unversioned",
            Shape::Flag,
            "True when a consent without a version stands for the text of today.",
        ),
    ]);
    Operation::new("planImport", Method::POST, "/v1/imports/{id}/plan", |call| Box::pin(plan(call)))
        .says(
            CHAPTER,
            "Say what its columns mean, and on what terms its people come",
            "What is left out stays as it was guessed or said. Whoever comes on nothing is in quarantine.",
        )
        .for_roles(ROLES)
        .takes(
            Shape::Record(vec![
                may("columns", column.list(5_000), "What columns mean; those left out stay."),
                may("terms", terms, "On what terms its people come."),
            ]),
            json!({ "columns": [{ "column": "Tel", "means": "phone" }], "terms": { "stand": "nothing" } }),
        )
        .gives_nothing()
        .or(
            409,
            "It has begun, or was moved on meanwhile; or a call with this Idempotency-Key is still at work.",
        )
}

fn rejected_rows() -> Operation {
    let row = Shape::Record(vec![
        must("row", Shape::any_text(40), "Its number in the file."),
        must("line", Shape::any_text(40), "The line it begins in."),
        must("column", Shape::any_text(10_000), "In which column."),
        must("reason", Shape::any_text(10_000), "What is wrong."),
        must("cells", Shape::any_text(1 << 20).list(10_000), "The row as it came."),
    ]);
    Operation::new("listRejected", Method::GET, "/v1/imports/{id}/rejected", |call| Box::pin(rejected(call)))
        .says(CHAPTER, "Rows that were not taken", "With the reason for each, to the key that sent the file, for thirty days.")
        .for_roles(ROLES)
        .asks(page_fields())
        .gives(200, row.page_of(), json!({ "data": [{
            "row": "7", "line": "8", "column": "E-mail", "reason": "needs one @", "cells": ["Aiko Ito", "aiko.ito"],
        }], "next": null }))
}

fn steps() -> Vec<Operation> {
    let step = |id, path, run, line, more| {
        Operation::new(id, Method::POST, path, run)
            .says(CHAPTER, line, more)
            .for_roles(ROLES)
            .gives_nothing()
            .or(409, "It does not stand where that can be done; or a call with this Idempotency-Key is still at work.")
    };
    vec![
        step(
            "runImport",
            "/v1/imports/{id}/run",
            |call| Box::pin(start(call)),
            "Run it, or try it without keeping anything",
            "It goes on in the background: read it, or be told by a webhook (`import.finished`).",
        )
        .takes(
            Shape::Record(vec![must("keep", Shape::Flag, "False reads the file without keeping anything.")]),
            json!({ "keep": true }),
        ),
        step(
            "stopImport",
            "/v1/imports/{id}/stop",
            |call| Box::pin(stop(call)),
            "Stop it",
            "After the batch at hand.",
        ),
        step(
            "resumeImport",
            "/v1/imports/{id}/resume",
            |call| Box::pin(resume(call)),
            "Take it up again",
            "",
        ),
        step(
            "undoImport",
            "/v1/imports/{id}/undo",
            |call| Box::pin(undo(call)),
            "Undo it",
            "Erases everybody who came with it, but who acted for themselves.",
        ),
        step(
            "discardImport",
            "/v1/imports/{id}/discard",
            |call| Box::pin(discard(call)),
            "Throw a draft away",
            "With the file.",
        ),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (most, before) = (call.limit(), call.after()?.map(|cursor| cursor.id()).transpose()?);
    let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
    let mut all = act::some(&call.ctx, call.staff()?, before, one_more).await?;
    let next = cut(&mut all, most, |one| one.id.to_string());
    Reply::page(&all.iter().map(|one| told(call, one)).collect::<Vec<_>>(), next)
}

async fn found(call: &Call) -> Result<Import, Problem> {
    act::one(&call.ctx, call.staff()?, call.name("id")).await
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    Reply::of(&told(call, &found(call).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    name: String,
    text: String,
    region: Option<String>,
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.read::<Sent>()?);
    if sent.name.trim().is_empty() {
        return Err(Problem::invalid("/name: the file needs one."));
    }
    let region = match &sent.region {
        None => staff.company.region.clone(),
        Some(text) => region(call, text)?,
    };
    let incoming = act::receive(ctx, staff, region, &sent.name).await?;
    incoming.put(Bytes::from(sent.text)).await;
    let id: ImportId = incoming.finish(ctx).await.map_err(|wrong| match wrong {
        Wrong::File(sentence) => Problem::invalid(format!("/text: {sentence}")),
        Wrong::Other(problem) => problem,
    })?;
    Reply::made(id, format!("/v1/imports/{id}"))
}

fn region(call: &Call, text: &str) -> Result<Region, Problem> {
    let found = call.ctx.gate.regions().find(|one| one.as_str() == text).cloned();
    found.ok_or_else(|| Problem::invalid("/region: there is no store for that region."))
}

#[derive(Deserialize)]
struct Plan {
    columns: Option<Vec<PlanColumn>>,
    terms: Option<PlanTerms>,
}

#[derive(Deserialize)]
struct PlanColumn {
    column: String,
    means: Option<Target>,
    dates: Option<String>,
}

#[derive(Deserialize)]
struct PlanTerms {
    stand: String,
    #[serde(default)]
    contract: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    words: Vec<PlanWord>,
    #[serde(default)]
    unversioned: bool,
}

#[derive(Deserialize)]
struct PlanWord {
    word: String,
    purpose: Option<String>,
}

async fn plan(call: &Call) -> Result<Reply, Problem> {
    let (ctx, plan, import) = (&call.ctx, call.body::<Plan>()?, found(call).await?);
    let standing = ctx.gate.policy(call.staff()?.company.id).await?;
    let rules = match plan.terms {
        None => None,
        Some(said) => {
            let said = said.said();
            let wrong = |sentence| Problem::invalid(format!("/terms: {sentence}"));
            Some(terms::rules(&said, &standing.policy).map_err(wrong)?)
        }
    };
    let mapping = mapping(&import.body.mapping, plan.columns.unwrap_or_default())?;
    let problems = act::map(ctx, import, mapping).await?;
    if !problems.is_empty() {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(Problem::invalid(format!("/columns: {}", all.join(" "))));
    }
    if let Some(rules) = rules {
        act::agree(ctx, found(call).await?, rules).await?;
    }
    Ok(Reply::done())
}

impl PlanTerms {
    fn said(self) -> Said {
        let word = |one: PlanWord| (one.word, one.purpose.unwrap_or_default());
        Said {
            stand: self.stand,
            contract: self.contract,
            since: self.since,
            country: self.country,
            words: self.words.into_iter().map(word).collect(),
            unversioned: self.unversioned,
        }
    }
}

/// The mapping with what the call changes.
fn mapping(before: &Mapping, said: Vec<PlanColumn>) -> Result<Mapping, Problem> {
    let mut after = before.clone();
    for (n, one) in said.into_iter().enumerate() {
        let unknown = || Problem::invalid(format!("/columns/{n}: the file has no such column."));
        let column = after.columns.iter_mut().find(|column| column.header == one.column);
        let column = column.ok_or_else(unknown)?;
        if let Some(target) = one.means {
            (column.target, column.confidence) = (target, 100);
            "said by a program".clone_into(&mut column.why);
        }
        let order = form::ORDERS.iter().find(|line| Some(line.1) == one.dates.as_deref());
        column.order = order.map_or(column.order, |line| line.0);
    }
    Ok(after)
}

#[derive(Deserialize)]
struct Start {
    keep: bool,
}

async fn start(call: &Call) -> Result<Reply, Problem> {
    let keep = call.body::<Start>()?.keep;
    act::must_see_everybody(call.staff()?)?;
    act::start(&call.ctx, found(call).await?, keep).await?;
    Ok(Reply::done())
}

async fn stop(call: &Call) -> Result<Reply, Problem> {
    act::stop(&call.ctx, &found(call).await?).await?;
    Ok(Reply::done())
}

async fn resume(call: &Call) -> Result<Reply, Problem> {
    act::must_see_everybody(call.staff()?)?;
    act::resume(&call.ctx, found(call).await?).await?;
    Ok(Reply::done())
}

async fn undo(call: &Call) -> Result<Reply, Problem> {
    act::undo(&call.ctx, call.staff()?, found(call).await?).await?;
    Ok(Reply::done())
}

async fn discard(call: &Call) -> Result<Reply, Problem> {
    act::discard(&call.ctx, &found(call).await?).await?;
    Ok(Reply::done())
}

async fn rejected(call: &Call) -> Result<Reply, Problem> {
    let (first, most) =
        (call.after()?.map(|cursor| cursor.id::<usize>()).transpose()?.unwrap_or(0), call.limit());
    let import = found(call).await?;
    let file = act::rejected(&call.ctx, call.staff()?, &import).await?;
    let columns = import.body.layout.headers.len();
    let read = move || rows(file, columns, first, most.saturating_add(1));
    let mut data = tokio::task::spawn_blocking(read).await.map_err(|error| Problem::internal(&error))??;
    let more = data.len() > most;
    data.truncate(most);
    let next = more.then(|| Cursor::written(first.saturating_add(most)));
    Reply::page(&data, next)
}

/// Some rows of the file of rejected rows: behind the columns of the file stand where it was and what is wrong.
fn rows(file: impl std::io::Read, columns: usize, first: usize, most: usize) -> Result<Vec<Value>, Problem> {
    let mut file =
        csv::ReaderBuilder::new().flexible(true).has_headers(true).from_reader(std::io::BufReader::new(file));
    let wrong = |error: csv::Error| Problem::internal(&error);
    let mut out = Vec::new();
    for row in file.records().skip(first).take(most) {
        let row = row.map_err(wrong)?;
        let added = |n: usize| row.get(columns.saturating_add(n)).unwrap_or_default();
        let [number, line, column, reason] = [0, 1, 2, 3].map(added);
        let surplus = row.iter().skip(columns.saturating_add(ADDED.len()));
        let cells: Vec<&str> = row.iter().take(columns).chain(surplus).collect();
        out.push(json!({ "row": number, "line": line, "column": column, "reason": reason, "cells": cells }));
    }
    Ok(out)
}
