//! What a company lays down, for programs: read here, changed by the same verbs as the pages. A key counts as whoever made it, so law
//! takes two people whatever is between.

mod fields;
mod history;
mod law;
mod mandates;
mod notices;
mod objects;
mod parties;
mod purposes;
mod retention;
mod sent;

use assent_kernel::notice::Notice;
use assent_kernel::party::Party;
use assent_kernel::purpose::Purpose;
use assent_kernel::{KeySet, Role, Timestamp, TreeKey, UseSet};
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::{Problem, text};
use axum::http::Method;
use serde_json::{Value, json};

use crate::frame;
use crate::settings::model::SECOND;
use crate::settings::model::party::Form;

const CHAPTER: &str = "What the company lays down";
/// Who reads whom the company passes data to, and on which law: as on the pages, and those who audit.
const READERS: &[Role] = &[Role::Admin, Role::Dpo, Role::Auditor];
const PTY: &str = "pty_01jx6sk9c0000000000000000q";

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let all = |shape: Shape| Shape::Record(vec![must("data", shape.list(10_000), "All of them.")]);
    let one = |example: Value| json!({ "data": [example] });
    let mut out = vec![
        Operation::new("listPurposes", Method::GET, "/v1/purposes", |call| Box::pin(purposes(call)))
            .says(CHAPTER, "Purposes", "Why data is used, each on exactly one ground.")
            .for_roles(frame::ROLES)
            .gives(200, all(purpose_shape()), one(json!({
                "purpose": "service.support", "label": "Support", "label_de": null, "sentence": "We help you with what you bought.", "sentence_de": null, "etag": "7",
                "basis": "contract", "uses": ["View", "List"], "roles": ["support"], "direct_marketing": false, "longest_days": 730,
            }))),
        Operation::new("listCategories", Method::GET, "/v1/categories", |call| Box::pin(categories(call)))
            .says(CHAPTER, "Kinds of values", "What `category` can be.")
            .for_roles(frame::ROLES)
            .gives(200, all(category_shape()), one(json!({ "category": "contact.email", "label": "E-mail address", "label_de": null, "class": "ordinary", "retention": "R3" }))),
        Operation::new("listNotices", Method::GET, "/v1/notices", |call| Box::pin(notices(call)))
            .says(CHAPTER, "Notices", "What people are asked, in the version of today, in every language.")
            .for_roles(frame::ROLES)
            .gives(200, all(notice_shape()), one(notice_example())),
        Operation::new("listColleagues", Method::GET, "/v1/colleagues", |call| Box::pin(colleagues(call)))
            .says(CHAPTER, "Colleagues", "Who may own a deal or do a task.")
            .for_roles(frame::ROLES)
            .gives(
                200,
                all(Shape::Record(vec![
                    must("id", Shape::id("stf"), "Who."),
                    must("name", Shape::any_text(200), "What they are called."),
                ])),
                one(json!({ "id": "stf_01jx6sk9c0000000000000000a", "name": "Tomas Lindqvist" })),
            ),
        Operation::new("listParties", Method::GET, "/v1/parties", |call| Box::pin(parties(call)))
            .says(CHAPTER, "Parties", "Who may receive: the company, those who work for it in every tier, partners; each with four places.")
            .for_roles(READERS)
            .gives(200, all(party_shape()), one(json!({
                "id": PTY, "code": "postlane", "name": "Postlane", "kind": "processor", "engaged_by": null, "store": ["eu.ie"],
                "process": ["eu.ie"], "access": ["eu.ie"], "control": ["eu.ie"], "agreement": "DPA 2026-04", "standing": "active",
                "adequacy": null, "clauses": null, "binding_rules": null, "from": null,
                "described_at": "2026-05-01T12:00:00Z", "etag": "7",
            }))),
        Operation::new("listMandates", Method::GET, "/v1/mandates", |call| Box::pin(mandates::list(call)))
            .says(CHAPTER, "Mandates", "Laws, rules of the industry and contracts that forbid, permit or demand.")
            .for_roles(READERS)
            .gives(200, all(mandates::shape()), one(mandates::example())),
    ];
    out.extend(purposes::operations());
    out.extend(notices::operations());
    out.extend(parties::operations());
    out.extend(law::operations());
    out.extend(fields::operations());
    out.extend(history::operations());
    out.extend(retention::operations());
    out.extend(objects::operations());
    out.extend(assent_web::door::staff_operations());
    out
}

fn keys() -> Shape {
    Shape::text(200).list(10_000)
}

fn uses_shape() -> Shape {
    Shape::Word(assent_kernel::Use::ALL.iter().map(|one| one.name()).collect()).list(20)
}

fn purpose_shape() -> Shape {
    Shape::Record(vec![
        must("purpose", Shape::key(), "Its place in the tree."),
        must("label", Shape::any_text(200), "What it is called."),
        must("label_de", Shape::any_text(200).or_null(), "The same in German, where the company said it."),
        must("sentence", Shape::any_text(2_000), "What it is for."),
        must(
            "sentence_de",
            Shape::any_text(2_000).or_null(),
            "The same in German, where the company said it.",
        ),
        must("basis", Shape::text(60), "The one ground it stands on."),
        must("uses", uses_shape(), "What may be done under it at all."),
        must("roles", Shape::text(40).list(20), "Who works for it."),
        must("direct_marketing", Shape::Flag, "True when an objection to marketing closes it."),
        must("longest_days", Shape::Number(0, 1_000_000_000), "The longest life of a yes to it, in days."),
        must("etag", Shape::text(40), "Hand it back as If-Match to add one below it."),
    ])
    .named("Purpose")
}

fn category_shape() -> Shape {
    Shape::Record(vec![
        must("category", Shape::key(), "Its place in the tree."),
        must("label", Shape::any_text(200), "What it is called."),
        must("label_de", Shape::any_text(200).or_null(), "The same in German, where the company said it."),
        must(
            "class",
            Shape::text(40),
            "How sensitive it is; `special` and `criminal` need a yes in so many words.",
        ),
        must(
            "retention",
            Shape::text(4),
            "Its class of retention: how long values are whole, and when they go.",
        ),
    ])
    .named("Category")
}

fn notice_shape() -> Shape {
    let wording = Shape::Record(vec![
        must("lang", Shape::text(10), "The language."),
        must("title", Shape::any_text(2_000), "The request as a heading."),
        must("benefit", Shape::any_text(20_000), "What the person gets."),
        must("text", Shape::any_text(100_000), "What is done."),
        must("risks", Shape::any_text(20_000), "What could go wrong."),
        must("if_no", Shape::any_text(20_000), "What happens if the answer is no."),
    ]);
    Shape::Record(vec![
        must("id", Shape::id("ntc"), "Which."),
        must("version", Shape::Number(1, i64::from(u32::MAX)), "Its version."),
        must("purpose", Shape::key(), "What it asks for."),
        must("categories", keys(), "Which kinds of values."),
        must("uses", uses_shape(), "Which uses."),
        must(
            "recipients",
            mandates::scope_shape().list(100),
            "Who would receive: every one of these must agree; the company always may.",
        ),
        must("lasts_days", Shape::Number(0, 1_000_000_000), "For how long, in days."),
        must("published_at", Shape::time(), "Since when."),
        must(
            "oldest_valid",
            Shape::Number(0, i64::from(u32::MAX)),
            "The oldest version whose answers still count.",
        ),
        must("zones", mandates::zone_shape().list(100), "Where: every one of these must agree."),
        must(
            "sent",
            notices::sent_shape().or_null(),
            "The same as it is sent; null when that cannot say all of it: then there is no other version by a program.",
        ),
        must("wordings", wording.list(100), "The words, one for each language."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Notice")
}

fn notice_example() -> Value {
    json!({
        "id": "ntc_01jx6sk9c0000000000000000r", "version": 2, "purpose": "marketing.newsletter", "categories": ["contact.email"],
        "uses": ["Message"], "recipients": [{ "parties": [PTY], "kinds": [], "depth": 1 }], "lasts_days": 730,
        "published_at": "2026-05-01T12:00:00Z", "oldest_valid": 2, "zones": [{ "regions": ["eu"], "transfers": [] }],
        "sent": notices::sent_example(), "etag": "7", "wordings": [{
            "lang": "en", "title": "May we write to you?", "benefit": "You hear of repairs first.", "text": "We write once a month.",
            "risks": "Postlane sees your address.", "if_no": "Nothing changes.",
        }],
    })
}

fn party_shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("pty"), "Who."),
        must("code", Shape::text(100), "As the ledger names it."),
        must("name", Shape::any_text(400), "As people know it."),
        must("kind", Shape::text(40), "What it is to the company."),
        must(
            "engaged_by",
            Shape::id("pty").or_null(),
            "Who engaged it; null for the company itself and those it engaged.",
        ),
        must("store", keys(), "Where it stores."),
        must("process", keys(), "Where it works on it."),
        must("access", keys(), "From where it is reached."),
        must("control", keys(), "Whose law it answers to."),
        must("agreement", Shape::any_text(400), "The contract it works under; empty for none."),
        must(
            "adequacy",
            Shape::day().or_null(),
            "Until when an adequacy decision carries data there; 9999-12-31 for no end.",
        ),
        must("clauses", Shape::day().or_null(), "Until when standard clauses do."),
        must("binding_rules", Shape::day().or_null(), "Until when binding rules do."),
        must("standing", Shape::Word(vec!["proposed", "active", "suspended", "ended"]), "Where it stands."),
        must("from", Shape::day().or_null(), "From which day on, when it is proposed."),
        must("described_at", Shape::time(), "When its description was confirmed."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Party")
}

fn time(at: Timestamp) -> String {
    text::iso(at.micros())
}

fn days(span: assent_kernel::Span) -> i64 {
    span.micros() / 86_400_000_000
}

fn listed<K: TreeKey + Ord + ToString>(keys: &KeySet<K>) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn used(uses: UseSet) -> Vec<&'static str> {
    uses.iter().map(assent_kernel::Use::name).collect()
}

async fn policy(call: &Call) -> Result<std::sync::Arc<assent_gate::Standing>, Problem> {
    Ok(call.ctx.gate.policy(call.staff()?.company.id).await?)
}

fn all(data: &[Value]) -> Result<Reply, Problem> {
    Reply::of(&json!({ "data": data }))
}

async fn purposes(call: &Call) -> Result<Reply, Problem> {
    let standing = policy(call).await?;
    let etag = standing.policy.version.to_string();
    let told = |one: &Purpose| {
        let roles: Vec<&str> = one.roles.iter().map(Role::key).collect();
        json!({
            "purpose": one.key.as_str(), "label": one.label, "label_de": one.labels.get(SECOND),
            "sentence": one.sentence, "sentence_de": one.sentences.get(SECOND), "basis": one.basis, "uses": used(one.uses),
            "roles": roles, "direct_marketing": one.direct_marketing, "longest_days": days(one.longest), "etag": etag,
        })
    };
    all(&standing.policy.purposes.values().map(told).collect::<Vec<_>>())
}

async fn categories(call: &Call) -> Result<Reply, Problem> {
    let standing = policy(call).await?;
    let told = standing
        .policy
        .categories
        .iter()
        .map(|(key, one)| json!({
            "category": key.as_str(), "label": one.label, "label_de": one.labels.get(SECOND), "class": one.class, "retention": format!("{:?}", one.retention),
        }));
    all(&told.collect::<Vec<_>>())
}

async fn notices(call: &Call) -> Result<Reply, Problem> {
    let standing = policy(call).await?;
    let told = |one: &Notice| {
        let oldest = standing.policy.oldest_valid.get(&one.id).copied().unwrap_or_default();
        json!({
            "id": one.id, "version": one.version, "purpose": one.purpose.as_str(), "categories": listed(&one.categories),
            "uses": used(one.uses), "recipients": mandates::told_scopes(&one.recipients),
            "lasts_days": days(one.lasts), "published_at": time(one.published_at), "oldest_valid": oldest, "wordings": one.wordings,
            "zones": mandates::told_zones(&one.zones), "sent": notices::told_sent(one), "etag": standing.policy.version.to_string(),
        })
    };
    all(&standing.policy.notices.values().map(told).collect::<Vec<_>>())
}

async fn colleagues(call: &Call) -> Result<Reply, Problem> {
    let colleagues = frame::colleagues(&call.ctx, call.staff()?).await?;
    all(&colleagues.each().map(|(id, name)| json!({ "id": id, "name": name })).collect::<Vec<_>>())
}

async fn parties(call: &Call) -> Result<Reply, Problem> {
    let now = policy(call).await?;
    let etag = now.policy.version.to_string();
    let told = |one: &Party| {
        let form = Form::of(one);
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let [adequacy, clauses, binding_rules] = form.transfers.each_ref().map(some);
        let places = &one.places;
        json!({
            "id": one.id, "code": one.code, "name": one.name, "kind": one.kind, "engaged_by": one.engaged_by,
            "store": listed(&places.store), "process": listed(&places.process), "access": listed(&places.access),
            "control": listed(&places.control), "agreement": form.agreement, "adequacy": adequacy, "clauses": clauses,
            "binding_rules": binding_rules, "standing": form.standing, "from": some(&form.from), "described_at": time(one.described_at), "etag": etag,
        })
    };
    all(&now.policy.parties.values().map(told).collect::<Vec<_>>())
}
