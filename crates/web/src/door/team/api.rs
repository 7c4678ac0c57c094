//! The staff, for programs: told, invited, given roles, shut out and let in.

use assent_kernel::{Role, StaffId};
use assent_store::access;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::act;
use crate::api::shape::must;
use crate::api::{Call, Operation, Reply, Shape};
use crate::problem::Problem;

const CHAPTER: &str = "Staff";
const STF: &str = "stf_01jx6sk9c0000000000000000a";
const LINK: &str = "A program is told no link: an administrator makes one on the page “Staff” and hands it on. Nobody becomes an \
    administrator or a data protection officer by a key.";

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let roles = || Shape::Word(Role::WORN.iter().map(|role| role.key()).collect()).list(20);
    let one = Shape::Record(vec![
        must("id", Shape::id("stf"), "Who."),
        must("name", Shape::any_text(200), "What they are called."),
        must("email", Shape::any_text(200), "Their address."),
        must("roles", roles(), "What they work as."),
        must("shut_out", Shape::Flag, "True when they do not come in any more."),
        must("waits", Shape::Flag, "True when they have not taken up their invitation."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change their roles or their door."),
    ])
    .named("Colleague");
    let op =
        |id, method, path, run| Operation::new(id, method, path, run).for_roles(act::MAY).about_the_house();
    vec![
        op("listStaff", Method::GET, "/v1/staff", |call| Box::pin(list(call)))
            .says(CHAPTER, "List the staff", "With their roles, and who is shut out.")
            .gives(
                200,
                Shape::Record(vec![must("data", one.list(10_000), "They.")]),
                json!({ "data": [{
                    "id": STF, "name": "Tomas Lindqvist", "email": "tomas@example.org", "roles": ["sales"], "shut_out": false, "waits": false, "etag": "5f0c8d2ab91e7d34",
                }] }),
            ),
        op("inviteStaff", Method::POST, "/v1/staff", |call| Box::pin(invite(call)))
            .says(CHAPTER, "Invite somebody", LINK)
            .takes(
                Shape::Record(vec![
                    must("name", Shape::text(120), "Who."),
                    must("email", Shape::text(120), "Their address."),
                    must("roles", roles(), "What they work as."),
                ]),
                json!({ "name": "Tomas Lindqvist", "email": "tomas@example.org", "roles": ["sales"] }),
            )
            .gives(
                201,
                Shape::Record(vec![must("id", Shape::id("stf"), "Who.")]),
                json!({ "id": STF }),
            ),
        op("setRoles", Method::PUT, "/v1/staff/{id}/roles", |call| Box::pin(set_roles(call)))
            .says(CHAPTER, "Give somebody other roles", "Nobody's own roles change by a key of theirs, and no key makes an administrator or a data protection officer.")
            .takes(Shape::Record(vec![must("roles", roles(), "What they work as from now on.")]), json!({ "roles": ["sales", "support"] }))
            .gives_nothing()
            .may_match(),
        op("setDoor", Method::PUT, "/v1/staff/{id}/door", |call| Box::pin(set_door(call)))
            .says(CHAPTER, "Shut somebody out, or let them in again", "Their sessions end at once, and keys that they made are refused. No key lets an administrator or a data protection officer in again.")
            .takes(Shape::Record(vec![must("shut_out", Shape::Flag, "Whether they are shut out.")]), json!({ "shut_out": true }))
            .gives_nothing()
            .may_match(),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let company = call.staff()?.company.id;
    let all = call.ctx.gate.home().read(move |tx| access::staff(tx, company)).await?;
    let told = |one: &access::Staff| {
        let roles: Vec<&str> = one.roles.split(',').filter(|key| !key.is_empty()).collect();
        json!({
            "id": one.id, "name": one.name, "email": one.email, "roles": roles, "shut_out": one.disabled, "waits": one.password.is_none(),
            "etag": act::tag_of(one),
        })
    };
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<Value>>() }))
}

#[derive(Deserialize)]
struct New {
    name: String,
    email: String,
    roles: Vec<String>,
}

fn named(roles: &[String]) -> String {
    act::chosen(roles.iter().map(String::as_str))
}

async fn invite(call: &Call) -> Result<Reply, Problem> {
    let new = call.body::<New>()?;
    let who = (act::clean(new.name.trim()), act::clean(new.email.trim()), named(&new.roles));
    let made: Result<(StaffId, String), &str> = act::invite(&call.ctx, call.staff()?, who).await?;
    let (id, _) = made.map_err(Problem::invalid)?;
    Reply::made(id, "/v1/staff".into())
}

#[derive(Deserialize)]
struct Roles {
    roles: Vec<String>,
}

async fn set_roles(call: &Call) -> Result<Reply, Problem> {
    let roles = named(&call.body::<Roles>()?.roles);
    let other = act::found(&call.ctx, call.staff()?, call.name("id")).await?;
    call.matches(&act::tag_of(&other))?;
    act::set_roles(&call.ctx, call.staff()?, other, roles).await?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Shut {
    shut_out: bool,
}

async fn set_door(call: &Call) -> Result<Reply, Problem> {
    let shut = call.body::<Shut>()?.shut_out;
    let other = act::found(&call.ctx, call.staff()?, call.name("id")).await?;
    call.matches(&act::tag_of(&other))?;
    act::set_door(&call.ctx, call.staff()?, other, shut).await?;
    Ok(Reply::done())
}
