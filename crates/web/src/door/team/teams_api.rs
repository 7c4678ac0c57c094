//! Teams and the reach of roles, for programs.

use assent_kernel::{Role, StaffId};
use assent_store::reach::{self, Object, Rule, Scope, Team};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{act, teams};
use crate::api::shape::must;
use crate::api::{Call, Operation, Reply, Shape};
use crate::problem::Problem;
use crate::reach::ROLES;

const CHAPTER: &str = "Staff";
const STF: &str = "stf_01jx6sk9c0000000000000000a";
const TAG: &str = "q1Yx0oV2nJf7l1YwZ0eK9A";
const MOVED: &str = "Somebody changed it at this very moment.";
const BESIDE: &str = "None: for that role there are no such objects at all; not of people. Own: the owner's. Team: also of whoever shares a team with them, and what has no owner. Changing never reaches \
    further than seeing. The terms of people decide every value all the same.";

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let members = || Shape::id("stf").list(10_000);
    let team = Shape::Record(vec![
        must("key", Shape::any_text(40), "Its short key."),
        must("name", Shape::any_text(120), "What it is called."),
        must("members", members(), "Who is in it."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Team");
    let op =
        |id, method, path, run| Operation::new(id, method, path, run).for_roles(act::MAY).about_the_house();
    let rule = json!({ "role": "sales", "object": "deals", "see": "team", "change": "own" });
    vec![
        op("listTeams", Method::GET, "/v1/teams", |call| Box::pin(list(call)))
            .says(CHAPTER, "List the teams", "By name, with who is in them.")
            .gives(
                200,
                Shape::Record(vec![must("data", team.list(10_000), "They.")]),
                json!({ "data": [{ "key": "north", "name": "North", "members": [STF], "etag": TAG }] }),
            ),
        op("putTeam", Method::PUT, "/v1/teams/{key}", |call| Box::pin(put(call)))
            .says(
                CHAPTER,
                "Make a team, or change it",
                "The whole of it. To change one that is there takes its `etag` as If-Match.",
            )
            .takes(
                Shape::Record(vec![
                    must("name", Shape::text(120), "What it is called."),
                    must("members", members(), "Who is in it."),
                ]),
                json!({ "name": "North", "members": [STF] }),
            )
            .gives_nothing()
            .may_match()
            .or(428, "It is there already: send its `etag` as If-Match.")
            .or(409, MOVED),
        op("dropTeam", Method::DELETE, "/v1/teams/{key}", |call| Box::pin(drop(call)))
            .says(CHAPTER, "Dissolve a team", "Nobody loses what is theirs.")
            .gives_nothing(),
        op("listReach", Method::GET, "/v1/reach", |call| Box::pin(list_reach(call)))
            .says(CHAPTER, "How far each role reaches", BESIDE)
            .gives(
                200,
                Shape::Record(vec![must("data", rule_shape().list(1_000), "Every role and object.")]),
                json!({ "data": [rule] }),
            )
            .with_tag(),
        op("setReach", Method::PUT, "/v1/reach", |call| Box::pin(set_reach(call)))
            .says(CHAPTER, "Lay down how far roles reach", BESIDE)
            .takes(
                Shape::Record(vec![must(
                    "rules",
                    rule_shape().list(1_000),
                    "What is to hold; the rest stays.",
                )]),
                json!({ "rules": [rule] }),
            )
            .gives_nothing()
            .may_match()
            .or(409, MOVED),
    ]
}

fn rule_shape() -> Shape {
    let scope = || Shape::Word(Scope::ALL.map(Scope::key).to_vec());
    Shape::Record(vec![
        must("role", Shape::Word(ROLES.iter().map(|role| role.key()).collect()), "Which role."),
        must("object", Shape::Word(Object::ALL.map(Object::key).to_vec()), "Among what."),
        must("see", scope(), "Whose it sees."),
        must("change", scope(), "Whose it changes; cut to what it sees."),
    ])
    .named("Reach")
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let company = call.staff()?.company.id;
    let all = call.ctx.gate.home().read(move |tx| reach::teams(tx, company)).await?;
    let told = |one: &Team| json!({ "key": one.key, "name": one.name, "members": one.members, "etag": teams::tag_of(one) });
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<Value>>() }))
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    members: Vec<StaffId>,
}

async fn put(call: &Call) -> Result<Reply, Problem> {
    let sent = call.body::<Sent>()?;
    let team = Team { key: call.name("key").to_owned(), name: sent.name, members: sent.members };
    let company = call.staff()?.company.id;
    let all = call.ctx.gate.home().read(move |tx| reach::teams(tx, company)).await?;
    let there = all.iter().find(|one| one.key == team.key).map(teams::tag_of);
    // What is read here is asked for again in the transaction that writes.
    let tag = there.clone().unwrap_or_default();
    call.matches(&tag)?;
    if there.is_some() && !call.sends_tag() {
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "if-match", "Say which version you saw")
            .detail("The team is there already: read it, and send its `etag` as If-Match."));
    }
    teams::put(&call.ctx, call.staff()?, team, Some(tag)).await?;
    Ok(Reply::done())
}

async fn drop(call: &Call) -> Result<Reply, Problem> {
    teams::drop(&call.ctx, call.staff()?, call.name("key")).await?;
    Ok(Reply::done())
}

async fn list_reach(call: &Call) -> Result<Reply, Problem> {
    let all = teams::reach_of_roles(&call.ctx, call.staff()?).await?;
    let told = |one: &Rule| {
        json!({
            "role": one.role.key(), "object": one.object.key(), "see": one.see.key(), "change": one.change.key(),
        })
    };
    let data = json!({ "data": all.iter().map(told).collect::<Vec<Value>>() });
    Ok(Reply::of(&data)?.tagged(teams::tag_of_reach(&all)))
}

#[derive(Deserialize)]
struct SentRule {
    role: String,
    object: String,
    see: String,
    change: String,
}

#[derive(Deserialize)]
struct SentRules {
    rules: Vec<SentRule>,
}

impl SentRule {
    fn read(&self) -> Option<Rule> {
        let scope = Scope::parse;
        let (role, object) = (Role::parse(&self.role)?, Object::parse(&self.object)?);
        Some(Rule::new(role, object, scope(&self.see)?, scope(&self.change)?))
    }
}

async fn set_reach(call: &Call) -> Result<Reply, Problem> {
    let sent = call.body::<SentRules>()?;
    let rules: Option<Vec<Rule>> = sent.rules.iter().map(SentRule::read).collect();
    let rules = rules.ok_or_else(|| Problem::bad_request("A role, an object or a scope is unknown."))?;
    let tag = teams::tag_of_reach(&teams::reach_of_roles(&call.ctx, call.staff()?).await?);
    call.matches(&tag)?;
    teams::set_reach(&call.ctx, call.staff()?, rules, call.sends_tag().then_some(tag)).await?;
    Ok(Reply::done())
}
