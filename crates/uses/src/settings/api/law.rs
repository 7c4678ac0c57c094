//! Proposing law and deciding what others proposed. A key counts as whoever made it: the same one never approves their own.

use assent_kernel::{Mandate, MandateId, Policy, Timestamp};
use assent_store::policies::Draft;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Field, Operation, Reply, Shape, moved};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sent::{Named, changing, keys, known, nothing, roles, ticked, wrong};
use super::{CHAPTER, mandates, time, uses_shape};
use crate::settings::act::law::{self, Proposal};
use crate::settings::model::mandate::{BINDS, EFFECTS, Form, LEVELS, WHENS};
use crate::settings::model::words::KINDS;
use crate::spoken;

const DRF: &str = "drf_01jx6sk9c0000000000000000s";
const TWO: &str = "It changes nothing until somebody else approves it.";

/// What is sent of a mandate, and told of it.
pub(super) fn facts(new: bool) -> Vec<Field> {
    let word = |all: Vec<&'static str>| Shape::Word(all);
    let cite = Shape::Record(vec![
        must("instrument", Shape::text(120), "The law, the rule or the contract."),
        must("article", Shape::text(60), "The article or clause."),
        must("url", Shape::text(300), "Where it can be read."),
        must("jurisdiction", Shape::text(24), "Whose law it is, such as eu or us."),
    ]);
    let mut all = vec![
        must("effect", word(EFFECTS.iter().map(|one| one.0).collect()), "What it does."),
        must("level", word(LEVELS.iter().map(|one| one.0).collect()), "Where it comes from."),
        must("cite", cite, "The text it stands on."),
        must("sentence", Shape::text(300), "In one plain sentence to the person."),
        may("sentence_de", Shape::text(300).or_null(), "The sentence in German."),
        must("purposes", keys(), "For which purposes; none means all for one that forbids."),
        must("categories", keys(), "For which kinds of values."),
        must("uses", uses_shape(), "For which uses."),
        may("roles", roles(), "Who works under it, when it opens something."),
        may(
            "kinds",
            word(KINDS.map(|(key, _)| key).to_vec()).list(10),
            "To whom beside the company, when it opens something.",
        ),
        may("depth", Shape::Number(0, 3), "With how many tiers of helpers below."),
        must("when", word(WHENS.map(|(key, _)| key).to_vec()), "When it applies."),
        may("regions", keys(), "The regions that this is about."),
        must("binds", word(BINDS.map(|(key, _)| key).to_vec()), "Which values it reaches."),
        may("contract", Shape::text(40).or_null(), "The kind of contract, when it is bound to one."),
        may("masked", Shape::Flag, "True when only a part of each value is shown."),
        may(
            "keeps_days",
            Shape::Number(1, 36_500).or_null(),
            "For how long it demands that values are kept, in days.",
        ),
        must("from", Shape::day(), "From which day on."),
        may("until", Shape::day().or_null(), "Until which day; null for no end."),
    ];
    if new {
        all.insert(0, must("key", Shape::text(40), "Its short name, for good."));
    }
    all
}

fn mandate(new: bool) -> Shape {
    Shape::Record(facts(new)).named(if new { "NewMandate" } else { "MandateChanges" })
}

fn example() -> Value {
    json!({
        "effect": "forbid", "level": "contract", "cite": {
            "instrument": "Agreement with the county", "article": "§ 4", "url": "https://example.org/agreement", "jurisdiction": "us",
        },
        "sentence": "Your data stays in the United States.", "purposes": ["service.support"], "categories": ["contact"],
        "uses": ["Share"], "when": "outside", "regions": ["us"], "binds": "every", "from": "2026-06-01", "until": null,
    })
}

pub(super) fn operations() -> Vec<Operation> {
    let mut new = example();
    new["key"] = json!("county-us-only");
    let draft = || spoken::made_shape("drf");
    let made = || json!({ "id": DRF });
    vec![
        changing(Operation::new("proposeMandate", Method::POST, "/v1/mandates", |call| Box::pin(propose(call))))
            .says(CHAPTER, "Propose a mandate", TWO)
            .takes(mandate(true), new)
            .gives(201, draft(), made()),
        changing(Operation::new("proposeChange", Method::POST, "/v1/mandates/{key}/changes", |call| Box::pin(alter(call))))
            .says(CHAPTER, "Propose a change of a mandate", "The whole mandate as it should be, with its `etag`. It changes nothing until somebody else approves it.")
            .takes(mandate(false), example())
            .gives(201, draft(), made())
            .must_match(),
        changing(Operation::new("proposeEnd", Method::POST, "/v1/mandates/{key}/end", |call| Box::pin(end(call))))
            .says(CHAPTER, "Propose that a mandate ends", TWO)
            .gives(201, draft(), made())
            .may_match(),
        changing(Operation::new("proposeInterest", Method::POST, "/v1/legitimate-interest", |call| Box::pin(interest(call))))
            .says(CHAPTER, "Propose that legitimate interest is on or off", TWO)
            .takes(Shape::Record(vec![must("on", Shape::Flag, "What it should be.")]), json!({ "on": false }))
            .gives(201, draft(), made())
            .or(409, "It is so already, or a call with this Idempotency-Key is still at work."),
        changing(Operation::new("listDrafts", Method::GET, "/v1/drafts", |call| Box::pin(list(call))))
            .says(CHAPTER, "What was proposed", "Newest first, with who decided it.")
            .gives(200, Shape::Record(vec![must("data", draft_shape().list(10_000), "The drafts.")]), json!({ "data": [draft_example()] })),
        changing(Operation::new("decideDraft", Method::POST, "/v1/drafts/{id}/decision", |call| Box::pin(decide(call))))
            .says(
                CHAPTER,
                "Approve or decline what was proposed",
                "Approving takes somebody else than who proposed it, each with an account that stands for a day. A key counts as \
                 whoever made it.",
            )
            .takes(Shape::Record(vec![must("approve", Shape::Flag, "True makes it law.")]), json!({ "approve": true }))
            .gives_nothing()
            .or(409, "It is decided already, or no longer fits; or a call with this Idempotency-Key is still at work."),
    ]
}

fn draft_shape() -> Shape {
    let decided = Shape::Record(vec![
        must("at", Shape::time(), "When."),
        must("by", Shape::id("stf"), "By whom."),
        must("approved", Shape::Flag, "True when it became law."),
    ]);
    Shape::Record(vec![
        must("id", Shape::id("drf"), "Which."),
        must("title", Shape::any_text(400), "What it would do."),
        must("by", Shape::id("stf"), "Who proposed it."),
        must("at", Shape::time(), "When."),
        must("decided", decided.or_null(), "When and by whom it was decided; null while it waits."),
        must(
            "mandate",
            mandates::shape().or_null(),
            "The mandate as it would be, or the one that would end.",
        ),
        must("ends_at", Shape::time().or_null(), "When that would end, if it would."),
        must(
            "legitimate_interest",
            Shape::Flag.or_null(),
            "What legitimate interest would be, when it is about that.",
        ),
    ])
    .named("Draft")
}

fn draft_example() -> Value {
    json!({
        "id": DRF, "title": "Add county-us-only", "by": "stf_01jx6sk9c0000000000000000a", "at": "2026-05-01T12:00:00Z",
        "decided": null, "mandate": mandates::example(), "ends_at": null, "legitimate_interest": null,
    })
}

#[derive(Deserialize)]
struct Cite {
    instrument: String,
    article: String,
    url: String,
    jurisdiction: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    key: String,
    effect: String,
    level: String,
    cite: Cite,
    sentence: String,
    sentence_de: Option<String>,
    purposes: Vec<String>,
    categories: Vec<String>,
    uses: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    depth: u8,
    when: String,
    #[serde(default)]
    regions: Vec<String>,
    binds: String,
    contract: Option<String>,
    #[serde(default)]
    masked: bool,
    keeps_days: Option<u32>,
    from: String,
    until: Option<String>,
}

impl Sent {
    /// The form as somebody would have filled it in; refused when it names what is not here.
    fn form(self, policy: &Policy) -> Result<Form, Problem> {
        let names = Named {
            categories: self.categories.clone(),
            purposes: self.purposes.clone(),
            regions: self.regions.clone(),
            ..Named::default()
        };
        known(policy, &names)?;
        Ok(Form {
            key: self.key,
            effect: self.effect,
            level: self.level,
            instrument: self.cite.instrument,
            article: self.cite.article,
            url: self.cite.url,
            jurisdiction: self.cite.jurisdiction,
            sentence: self.sentence,
            sentence_de: self.sentence_de.unwrap_or_default(),
            purposes: ticked(&self.purposes),
            categories: ticked(&self.categories),
            uses: ticked(&self.uses),
            roles: ticked(&self.roles),
            kinds: ticked(&self.kinds),
            depth: self.depth.to_string(),
            when: self.when,
            regions: ticked(&self.regions),
            binds: self.binds,
            contract: self.contract.unwrap_or_default(),
            masked: self.masked,
            keeps: self.keeps_days.map(|days| days.to_string()).unwrap_or_default(),
            from: self.from,
            until: self.until.unwrap_or_default(),
        })
    }
}

fn found<'a>(policy: &'a Policy, key: &str) -> Result<&'a Mandate, Problem> {
    policy.mandate(key).ok_or_else(|| nothing("mandate"))
}

fn made(id: assent_kernel::DraftId) -> Result<Reply, Problem> {
    Reply::made(id, "/v1/drafts".into())
}

/// Writes down what was sent, as a new mandate or in the place of one.
async fn put(call: &Call, id: MandateId, old: Option<&Mandate>) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let form = sent.form(&standing.policy)?;
    let mandate = form.parse(&standing.policy, old, id, ctx.now()).map_err(|errors| wrong(&errors))?;
    made(law::propose(ctx, staff, &Proposal::Mandate(Box::new(mandate))).await?)
}

async fn propose(call: &Call) -> Result<Reply, Problem> {
    let id = call.ctx.gate.fresh(call.ctx.now(), MandateId::new)?;
    put(call, id, None).await
}

async fn alter(call: &Call) -> Result<Reply, Problem> {
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    let old = law::own(found(&standing.policy, call.name("key"))?)?;
    as_seen(call, old)?;
    if Form::of(old, &standing.policy).is_none() {
        return Err(Problem::invalid(
            "This mandate has a form that cannot be sent whole, so a change would leave something out. It can be ended.",
        ));
    }
    put(call, old.id, Some(old)).await
}

/// 412 when the mandate is not as the program last saw it.
fn as_seen(call: &Call, mandate: &Mandate) -> Result<(), Problem> {
    let moved_on = call.seen()?.is_some_and(|seen| seen != u64::from(mandate.version));
    if moved_on { Err(moved()) } else { Ok(()) }
}

async fn end(call: &Call) -> Result<Reply, Problem> {
    let standing = call.ctx.gate.reload_policy(call.staff()?.company.id).await?;
    let old = found(&standing.policy, call.name("key"))?;
    as_seen(call, old)?;
    made(law::propose_end(&call.ctx, call.staff()?, old).await?)
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

async fn interest(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, switch) = (&call.ctx, call.staff()?, call.body::<Switch>()?);
    if ctx.gate.reload_policy(staff.company.id).await?.policy.legitimate_interest == switch.on {
        return Err(Problem::conflict("It is so already."));
    }
    made(law::propose(ctx, staff, &Proposal::Interest(switch.on)).await?)
}

fn told((draft, proposal): &(Draft, Proposal), policy: &Policy, now: Timestamp) -> Value {
    let (meant, ends) = match proposal {
        Proposal::Mandate(new) => (Some(&**new), None),
        Proposal::End(id, at) => (policy.mandates.get(id), Some(time(*at))),
        Proposal::Interest(_) => (None, None),
    };
    let interest = match proposal {
        Proposal::Interest(on) => Some(*on),
        Proposal::Mandate(_) | Proposal::End(..) => None,
    };
    let decided =
        draft.decided.map(|(at, by, approved)| json!({ "at": time(at), "by": by, "approved": approved }));
    json!({
        "id": draft.id, "title": proposal.title(policy), "by": draft.by, "at": time(draft.at), "decided": decided,
        "mandate": meant.map(|one| mandates::told(one, policy, now)), "ends_at": ends, "legitimate_interest": interest,
    })
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let all = law::drafts(ctx, staff).await?;
    super::all(&all.iter().map(|one| told(one, &standing.policy, ctx.now())).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Decision {
    approve: bool,
}

async fn decide(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, decision) = (&call.ctx, call.staff()?, call.body::<Decision>()?);
    let (draft, proposal) = law::draft(ctx, staff, call.name("id")).await?;
    if decision.approve {
        law::approve(ctx, staff, &draft, &proposal).await?;
    } else {
        law::decline(ctx, staff, &draft).await?;
    }
    Ok(Reply::done())
}
