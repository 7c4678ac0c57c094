//! Looking at a notice before it is published, publishing it, and publishing another version.

use assent_kernel::notice::Notice;
use assent_kernel::{NoticeId, Policy};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Field, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sent::{Named, base, changing, keys, known, nothing, settled, ticked, wrong};
use super::{CHAPTER, PTY, uses_shape};
use crate::settings::act;
use crate::settings::model::notice::{Form, MOST_LANGUAGES, Typed, differences};
use crate::settings::model::words::{KINDS, TRANSFERS, Words};

const NTC: &str = "ntc_01jx6sk9c0000000000000000r";
const AGAIN: &str = "True when those who agreed before must be asked again.";

fn fields() -> Vec<Field> {
    let words = |all: &[&'static str]| Shape::Word(all.to_vec()).list(10);
    let wording = Shape::Record(vec![
        must("lang", Shape::text(2), "The language, in two letters."),
        must("title", Shape::text(120), "The request in one line."),
        must("benefit", Shape::text(2_000), "What the person gets."),
        must("text", Shape::text(2_000), "What is done, in plain words."),
        may("risks", Shape::any_text(2_000), "What could go wrong."),
        must("if_no", Shape::text(2_000), "What happens if the answer is no."),
    ]);
    vec![
        must("categories", keys(), "Which kinds of values."),
        must("uses", uses_shape(), "Which uses."),
        may("parties", Shape::id("pty").list(100), "Who would receive beside the company, by name."),
        may("kinds", words(&KINDS.map(|(key, _)| key)), "Everybody of these kinds."),
        may("depth", Shape::Number(0, 3), "With how many tiers of helpers below; none when left out."),
        must("regions", keys(), "Where."),
        may("transfers", words(&TRANSFERS.map(|(key, _)| key)), "By which instruments out of there."),
        must("lasts_days", Shape::Number(1, 100_000), "For how long, in days."),
        must("wordings", wording.list(MOST_LANGUAGES), "The words, one for each language."),
    ]
}

/// A notice as it is sent, without the one thing that is said of a new one.
pub(super) fn sent_shape() -> Shape {
    Shape::Record(fields()).named("NoticeSent")
}

pub(super) fn sent_example() -> Value {
    let mut one = example("kinds", json!([]));
    one["transfers"] = json!([]);
    one
}

/// A notice by the names it is sent by; nothing when they cannot say all of it.
pub(super) fn told_sent(notice: &Notice) -> Option<Value> {
    let form = Form::of(notice)?;
    let wording = |one: &Typed| {
        json!({
            "lang": one.lang, "title": one.title, "benefit": one.benefit, "text": one.text, "risks": one.risks, "if_no": one.if_no,
        })
    };
    Some(json!({
        "categories": form.categories, "uses": form.uses, "parties": form.parties, "kinds": form.kinds,
        "depth": form.depth.parse::<u8>().unwrap_or_default(), "regions": form.regions, "transfers": form.transfers,
        "lasts_days": super::days(notice.lasts), "wordings": form.words.iter().map(wording).collect::<Vec<_>>(),
    }))
}

fn with(first: Field, name: &'static str) -> Shape {
    let mut all = vec![first];
    all.extend(fields());
    Shape::Record(all).named(name)
}

fn example(name: &str, value: Value) -> Value {
    let mut one = json!({
        "categories": ["contact.email"], "uses": ["Message"], "parties": [PTY], "depth": 1, "regions": ["eu"],
        "lasts_days": 730, "wordings": [{
            "lang": "en", "title": "May we write to you?", "benefit": "You hear of repairs first.",
            "text": "We write once a month.", "if_no": "Nothing changes.",
        }],
    });
    one[name] = value;
    one
}

pub(super) fn operations() -> Vec<Operation> {
    let new =
        || with(must("purpose", Shape::key(), "What it asks for; it must stand on a yes."), "NewNotice");
    let next = || with(must("material", Shape::Flag, AGAIN), "NextNotice");
    let seen = Shape::Record(vec![
        must("version", Shape::Number(1, i64::from(u32::MAX)), "The version it would be."),
        must(
            "differences",
            Shape::any_text(20_000).list(200),
            "What is different from the version before, in sentences.",
        ),
        must("standing", Shape::Number(0, i64::MAX), "How many people say yes today."),
    ]);
    let made = Shape::Record(vec![
        must("id", Shape::id("ntc"), "Which."),
        must("version", Shape::Number(1, i64::from(u32::MAX)), "The version that holds from now on."),
        must(
            "asked_again",
            Shape::Number(0, i64::MAX),
            "How many people said yes before and must be asked again.",
        ),
    ]);
    vec![
        changing(Operation::new("checkNotice", Method::POST, "/v1/notices/{id}/check", |call| {
            Box::pin(check(call))
        }))
        .says(
            CHAPTER,
            "Look at another version of a notice",
            "What would be different, and how many people it concerns. Nothing changes.",
        )
        .harmless()
        .takes(next(), example("material", json!(true)))
        .gives(
            200,
            seen,
            json!({ "version": 3, "differences": ["New uses: view."], "standing": 412 }),
        ),
        changing(Operation::new("publishNotice", Method::POST, "/v1/notices", |call| {
            Box::pin(publish(call))
        }))
        .says(CHAPTER, "Publish a notice", "For a purpose that has none yet.")
        .takes(new(), example("purpose", json!("marketing.newsletter")))
        .gives(201, made.clone(), json!({ "id": NTC, "version": 1, "asked_again": 0 })),
        changing(Operation::new("publishVersion", Method::POST, "/v1/notices/{id}/versions", |call| {
            Box::pin(version(call))
        }))
        .says(
            CHAPTER,
            "Publish another version of a notice",
            "The whole notice as it should be; the version before stays readable.",
        )
        .takes(next(), example("material", json!(true)))
        .gives(201, made, json!({ "id": NTC, "version": 3, "asked_again": 412 }))
        .must_match(),
    ]
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    purpose: String,
    material: Option<bool>,
    categories: Vec<String>,
    uses: Vec<String>,
    #[serde(default)]
    parties: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    depth: u8,
    regions: Vec<String>,
    #[serde(default)]
    transfers: Vec<String>,
    lasts_days: u32,
    wordings: Vec<Worded>,
}

#[derive(Deserialize)]
struct Worded {
    lang: String,
    title: String,
    benefit: String,
    text: String,
    #[serde(default)]
    risks: String,
    if_no: String,
}

impl Sent {
    /// The form as somebody would have filled it in; refused when it names what is not here.
    fn form(self, policy: &Policy) -> Result<Form, Problem> {
        let names =
            Named { categories: self.categories.clone(), regions: self.regions.clone(), ..Named::default() };
        known(policy, &names)?;
        let typed = |one: Worded| Typed {
            lang: one.lang,
            title: one.title,
            benefit: one.benefit,
            text: one.text,
            risks: one.risks,
            if_no: one.if_no,
        };
        Ok(Form {
            purpose: self.purpose,
            categories: ticked(&self.categories),
            uses: ticked(&self.uses),
            parties: ticked(&self.parties),
            kinds: ticked(&self.kinds),
            depth: self.depth.to_string(),
            regions: ticked(&self.regions),
            transfers: ticked(&self.transfers),
            days: self.lasts_days.to_string(),
            words: self.wordings.into_iter().map(typed).collect(),
            material: self.material.map_or("", |yes| if yes { "yes" } else { "no" }).into(),
        })
    }
}

fn found<'a>(policy: &'a Policy, id: &str) -> Result<&'a Notice, Problem> {
    let id: Option<NoticeId> = id.parse().ok();
    id.and_then(|id| policy.notices.get(&id)).ok_or_else(|| nothing("notice"))
}

async fn check(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let standing = ctx.gate.reload_policy(staff.company.id).await?;
    let old = found(&standing.policy, call.name("id"))?;
    let form = sent.form(&standing.policy)?;
    let new = form.parse(&standing.policy, Some(old), old.id, ctx.now()).map_err(|errors| wrong(&errors))?;
    let words = Words::new(&standing.policy, &staff.company.name);
    Reply::of(&json!({
        "version": new.version, "differences": differences(&words, old, &new),
        "standing": act::standing(ctx, staff, old.id).await?,
    }))
}

async fn publish(call: &Call) -> Result<Reply, Problem> {
    let id = call.ctx.gate.fresh(call.ctx.now(), NoticeId::new)?;
    put(call, id, call.body::<Sent>()?).await
}

async fn version(call: &Call) -> Result<Reply, Problem> {
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    let old = found(&standing.policy, call.name("id"))?;
    if Form::of(old).is_none() {
        return Err(Problem::invalid(
            "This notice has a form that cannot be sent whole, so another version would leave something out.",
        ));
    }
    let id = old.id;
    put(call, id, call.body::<Sent>()?).await
}

/// Publishes, and tells who must be asked again: those who said yes to the versions before, when that counts no more.
async fn put(call: &Call, id: NoticeId, sent: Sent) -> Result<Reply, Problem> {
    let (ctx, staff, again) = (&call.ctx, call.staff()?, sent.material == Some(true));
    let base = base(call).await?;
    let form = sent.form(&ctx.gate.policy(staff.company.id).await?.policy)?;
    let said_yes = act::standing(ctx, staff, id).await?;
    settled(act::notices::publish(ctx, staff, (id, base), &form, ctx.now()).await?)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let version = standing.policy.notices.get(&id).map_or(1, |notice| notice.version);
    let asked_again = if again { said_yes } else { 0 };
    let body = json!({ "id": id, "version": version, "asked_again": asked_again });
    Reply::made(id, "/v1/notices".into())?.holding(&body)
}
