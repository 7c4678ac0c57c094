//! An import as programs read it: numbers and names of columns, and no value of anybody.

use std::sync::LazyLock;

use assent_kernel::TreeKey as _;
use assent_web::api::shape::must;
use assent_web::api::{Call, Shape};
use assent_web::text;
use serde_json::{Value, json};

use super::IMP;
use crate::intake::model::{Counts, Import, Tally};
use crate::intake::read::Target;
use crate::intake::{form, view};

/// What a column can mean, by its key.
static MEANINGS: LazyLock<Vec<String>> =
    LazyLock::new(|| Target::ALL.iter().map(|one| form::key(*one)).collect());

pub(super) fn meaning() -> Shape {
    Shape::Word(MEANINGS.iter().map(String::as_str).collect())
}

pub(super) fn order() -> Shape {
    Shape::Word(form::ORDERS.iter().map(|one| one.1).collect())
}

fn counts_shape() -> Shape {
    let number = || Shape::Number(0, i64::MAX);
    let tally = || {
        Shape::Record(vec![
            must("sentence", Shape::any_text(1000), "Why."),
            must("rows", number(), "How many."),
        ])
        .list(200)
    };
    Shape::Record(vec![
        must("rows", number(), "Rows read."),
        must("taken", number(), "People taken."),
        must("rejected", number(), "Rows that could not be taken."),
        must("duplicates", number(), "Rows of people who are here already."),
        must("quarantined", number(), "People taken whose terms are not known."),
        must("left_out", number(), "Values that may not be kept here."),
        must("why", tally(), "Why rows were rejected or skipped."),
        must("noticed", tally(), "What was noticed about rows that were taken."),
    ])
    .named("ImportCounts")
}

pub(super) fn shape() -> Shape {
    let column = Shape::Record(vec![
        must("column", Shape::any_text(10_000), "The name of the column in the file."),
        must("means", meaning(), "What it means, as guessed or as said."),
        must("dates", order(), "The order of day and month in it."),
        must("why", Shape::any_text(1000), "Why, in words."),
    ]);
    let number = || Shape::Number(0, i64::MAX);
    let states = ["uploading", "draft", "trying", "running", "stopped", "done", "undoing", "undone"];
    Shape::Record(vec![
        must("id", Shape::id("imp"), "Which."),
        must("name", Shape::any_text(200), "The name of the file."),
        must("created_at", Shape::time(), "When it came."),
        must("region", Shape::text(40), "Where its people are kept."),
        must("state", Shape::Word(states.to_vec()), "Where it stands."),
        must("working", Shape::Flag, "True while a node works on it."),
        must("done", number(), "How many rows it has come to."),
        must("total", number(), "How many there are, as far as known."),
        must("columns", column.list(5_000), "What the columns mean."),
        must("mapped", Shape::Flag, "True when what the columns mean was said and fits."),
        must(
            "terms",
            Shape::Word(vec!["columns", "contract", "nothing"]).or_null(),
            "On what terms its people come.",
        ),
        must("counts", counts_shape(), "What became of the rows."),
        must("tried", counts_shape().or_null(), "What would become of them, after trying."),
        must("erased", number(), "People erased by undoing it."),
        must("stayed", number(), "People who stay because they acted for themselves."),
        must("error", Shape::any_text(2_000).or_null(), "Why it stopped by itself."),
    ])
    .named("Import")
}

pub(super) fn example() -> Value {
    let counts = |n: u64| {
        json!({
            "rows": n, "taken": n, "rejected": 0, "duplicates": 0, "quarantined": n, "left_out": 0, "why": [], "noticed": [],
        })
    };
    json!({
        "id": IMP, "name": "contacts.csv", "created_at": "2026-05-01T12:00:00Z", "region": "eu", "state": "done",
        "working": false, "done": 1, "total": 1, "mapped": true, "terms": "nothing", "counts": counts(1), "tried": counts(1),
        "columns": [{ "column": "E-mail", "means": "email", "dates": "unclear", "why": "known name" }],
        "erased": 0, "stayed": 0, "error": null,
    })
}

fn told_counts(counts: &Counts) -> Value {
    let lines = |tally: &Tally| {
        let lines = tally.lines().into_iter().take(200);
        lines.map(|(sentence, rows)| json!({ "sentence": sentence, "rows": rows })).collect::<Vec<_>>()
    };
    json!({
        "rows": counts.rows, "taken": counts.taken(), "rejected": counts.rejected, "duplicates": counts.duplicates,
        "quarantined": counts.quarantined, "left_out": counts.left_out, "why": lines(&counts.why),
        "noticed": lines(&counts.noticed),
    })
}

pub(super) fn told(call: &Call, import: &Import) -> Value {
    let (body, at) = (&import.body, call.ctx.now());
    let (done, total) = view::done_of(import);
    let columns = body.mapping.columns.iter().map(|one| {
        let order = form::ORDERS.iter().find(|line| line.0 == one.order).map_or("unclear", |line| line.1);
        json!({ "column": one.header, "means": form::key(one.target), "dates": order, "why": one.why })
    });
    json!({
        "id": import.id, "name": body.name, "created_at": text::iso(import.created_at.micros()),
        "region": import.region.as_str(), "state": import.state.key(),
        "working": (import.state.works() && !import.lapsed(at)) || import.stopping(at), "done": done, "total": total,
        "columns": columns.collect::<Vec<_>>(), "mapped": body.mapped, "terms": body.rules.as_ref().map(|rules| rules.stand),
        "counts": told_counts(&body.counts), "tried": body.tried.as_ref().map(told_counts),
        "erased": body.undone.0, "stayed": body.undone.1, "error": body.error,
    })
}
