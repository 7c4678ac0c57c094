//! Describing who may receive, and saying that they are still as described.

use assent_kernel::{PartyId, Policy};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sent::{Named, base, changing, keys, known, nothing, settled, ticked};
use super::{CHAPTER, PTY};
use crate::settings::act;
use crate::settings::model::party::Form;
use crate::settings::model::words::KINDS;
use crate::spoken;

fn shape(new: bool) -> Shape {
    let mut all = vec![
        must("name", Shape::text(120), "As people know it."),
        must("kind", Shape::Word(KINDS.map(|(key, _)| key).to_vec()), "What it is to the company."),
        may(
            "engaged_by",
            Shape::id("pty").or_null(),
            "Who engaged it; nobody but the company when left out.",
        ),
        must("store", keys(), "Where it stores."),
        must("process", keys(), "Where it works on it."),
        must("access", keys(), "From where it is reached."),
        must("control", keys(), "Whose law it answers to."),
        may("agreement", Shape::any_text(120), "The contract it works under: a reference."),
        may(
            "adequacy",
            until(),
            "Until when an adequacy decision carries data there; 9999-12-31 for no end.",
        ),
        may("clauses", until(), "Until when standard clauses do."),
        may("binding_rules", until(), "Until when binding rules do."),
        must("standing", Shape::Word(vec!["proposed", "active", "suspended", "ended"]), "Where it stands."),
        may("from", Shape::day().or_null(), "From which day on, when it is proposed."),
    ];
    if new {
        all.insert(0, must("code", Shape::text(40), "As the ledger names it, for good."));
    }
    Shape::Record(all).named(if new { "NewParty" } else { "PartyChanges" })
}

fn until() -> Shape {
    Shape::day().or_null()
}

fn example() -> Value {
    json!({
        "name": "Postlane", "kind": "processor", "store": ["eu.ie"], "process": ["eu.ie"], "access": ["eu.ie"],
        "control": ["eu.ie"], "agreement": "DPA 2026-04", "standing": "active",
    })
}

pub(super) fn operations() -> Vec<Operation> {
    let mut new = example();
    new["code"] = json!("postlane");
    vec![
        changing(Operation::new("addParty", Method::POST, "/v1/parties", |call| Box::pin(add(call))))
            .says(CHAPTER, "Describe somebody who may receive", "A place that nobody described is refused.")
            .takes(shape(true), new)
            .gives(201, spoken::made_shape("pty"), json!({ "id": PTY })),
        changing(Operation::new("changeParty", Method::PUT, "/v1/parties/{id}", |call| {
            Box::pin(change(call))
        }))
        .says(
            CHAPTER,
            "Describe a party anew",
            "The whole description as it should be. A changed chain is written to the ledger.",
        )
        .takes(shape(false), example())
        .gives_nothing()
        .must_match(),
        changing(Operation::new("confirmParty", Method::POST, "/v1/parties/{id}/confirm", |call| {
            Box::pin(confirm(call))
        }))
        .says(
            CHAPTER,
            "Say that a party is still as described",
            "A description that is too old receives nothing.",
        )
        .gives_nothing()
        .may_match(),
    ]
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    code: String,
    name: String,
    kind: String,
    engaged_by: Option<String>,
    store: Vec<String>,
    process: Vec<String>,
    access: Vec<String>,
    control: Vec<String>,
    #[serde(default)]
    agreement: String,
    adequacy: Option<String>,
    clauses: Option<String>,
    binding_rules: Option<String>,
    standing: String,
    from: Option<String>,
}

impl Sent {
    /// The form as somebody would have filled it in; refused when it names what is not here.
    fn form(self, policy: &Policy) -> Result<Form, Problem> {
        let places = [self.store, self.process, self.access, self.control];
        for (place, all) in ["store", "process", "access", "control"].into_iter().zip(&places) {
            known(policy, &Named { place, places: all.clone(), ..Named::default() })?;
        }
        Ok(Form {
            code: self.code,
            name: self.name,
            kind: self.kind,
            engaged_by: self.engaged_by.unwrap_or_default(),
            places: places.map(|one| ticked(&one)),
            agreement: self.agreement,
            transfers: [self.adequacy, self.clauses, self.binding_rules].map(Option::unwrap_or_default),
            standing: self.standing,
            from: self.from.unwrap_or_default(),
            // Where it is told of erasures is laid down on its page.
            contact: String::new(),
        })
    }
}

fn found<'a>(policy: &'a Policy, id: &str) -> Result<&'a PartyId, Problem> {
    let id: Option<PartyId> = id.parse().ok();
    id.and_then(|id| policy.parties.get(&id)).map(|party| &party.id).ok_or_else(|| nothing("party"))
}

async fn put(call: &Call, id: PartyId) -> Result<(), Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let base = base(call).await?;
    let form = sent.form(&ctx.gate.policy(staff.company.id).await?.policy)?;
    settled(act::parties::describe(ctx, staff, (id, base), &form, ctx.now()).await?)
}

async fn add(call: &Call) -> Result<Reply, Problem> {
    let id = call.ctx.gate.fresh(call.ctx.now(), PartyId::new)?;
    put(call, id).await?;
    Reply::made(id, "/v1/parties".into())
}

async fn one(call: &Call) -> Result<PartyId, Problem> {
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    found(&standing.policy, call.name("id")).copied()
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    put(call, one(call).await?).await?;
    Ok(Reply::done())
}

async fn confirm(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (id, base) = (one(call).await?, base(call).await?);
    settled(act::parties::confirm(ctx, staff, (id, base), ctx.now()).await?)?;
    Ok(Reply::done())
}
