//! The list, one person, a new one.

use std::collections::BTreeSet;

use assent_gate::{Dossier, LONGEST_CONTRACT};
use assent_kernel::{CategoryKey, PersonId, PurposeKey, Timestamp, TreeKey as _};
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape};
use assent_web::fields::{self, Thing};
use assent_web::reach::Object;
use assent_web::{Problem, text};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, FCT, PER, act, words};
use crate::desk::ROLES;
use crate::desk::act::{list, owner, record, some, write};
use crate::desk::model::columns::Columns;
use crate::desk::model::forms::{self, Typed};
use crate::desk::model::list::{Row, Wanted};
use crate::desk::model::rules::is_like;
use crate::frame;
use crate::lists::call;
use crate::seen::words::Words;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    vec![list_people(), read_person(), make_person(), change_person()]
}

fn row_shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("name", spoken::said_shape(), "What they are called."),
        must("email", spoken::said_shape(), "E-mail address."),
        must("phone", spoken::said_shape(), "Phone number."),
        must("company", spoken::said_shape(), "Where they work."),
        must("place", spoken::said_shape(), "City, or country."),
        must("since", Shape::time(), "Since when they are known here."),
        must("quarantined", Shape::Flag, "True when nothing tells on what terms they came."),
        must("owner", Shape::id("stf").or_null(), "Who looks after them."),
        must("asked_at", Shape::time().or_null(), "Since when a request for the purpose at hand waits."),
    ])
    .named("PersonInList")
}

fn list_people() -> Operation {
    let mut query = spoken::page_fields();
    query.extend([
        may("email", Shape::text(254), "A whole e-mail address."),
        may("phone", Shape::text(40), "A whole phone number."),
        may("name", Shape::text(200), "The beginnings of words of a name or an employer."),
        may(
            "show",
            Shape::Word(vec!["terms", "all", "quarantined"]),
            "Whom: with terms, everybody, or apart.",
        ),
        may("owner", Shape::id("stf"), "Those whom this colleague looks after."),
    ]);
    query.extend(call::fields());
    let example = json!({ "data": [{
        "id": PER, "name": spoken::open_example("Aiko Ito"), "email": spoken::open_example("aiko@example.org"),
        "phone": spoken::closed_example(), "company": null, "place": spoken::open_example("Lübeck"),
        "since": "2026-03-01T09:00:00Z", "quarantined": false, "owner": null, "asked_at": null,
    }], "next": null });
    Operation::new("listPeople", Method::GET, "/v1/people", |call| Box::pin(many(call)))
        .says(
            CHAPTER,
            "List or find people",
            "Newest first. What is looked for is looked for blind; whoever matches only by something that is closed is left out. \
             Rules ask everybody whom they meet for what they look at and nothing else, up to 5 000 people a call, so a page may \
             have fewer than `limit`, or none: go on with `next` until it is null. Ordered by a column up to 500 people who fit.",
        )
        .for_roles(ROLES)
        .asks(query)
        .gives(200, row_shape().page_of(), example)
}

async fn many(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let asked: Vec<&str> =
        ["email", "phone", "name"].into_iter().filter(|name| call.asked(name).is_some()).collect();
    let q = match asked.as_slice() {
        [] => String::new(),
        [name] => looked_for(name, call.asked(name).unwrap_or_default().trim())?,
        _ => return Err(Problem::invalid("Look for one thing at a time: email, phone or name.")),
    };
    if !asked.is_empty() && (call.asked("q").is_some() || call.asked("view").is_some()) {
        return Err(Problem::invalid("Look for one thing at a time: email, phone, name, q or a view."));
    }
    let columns = list::columns(ctx, staff).await?;
    let beside = ["show", "owner"].map(|name| (name, call.asked(name).unwrap_or_default()));
    let said = call::said(call, "people", columns.all(), &beside).await?;
    let q = if q.is_empty() { said.get("q").to_owned() } else { q };
    let wanted = Wanted {
        group: None,
        import: None,
        q,
        after: call.after()?.map(|cursor| cursor.id()).transpose()?,
        ..Wanted::read(&said, columns)
    };
    // What a view does not say is as on its page.
    let show = match call.asked("view") {
        Some(_) => Some(list::usual(ctx, staff, &wanted).await?),
        None => wanted.show,
    };
    let wanted = Wanted { show, ..wanted };
    let (rows, more) = some::some(ctx, staff, &wanted, call.limit()).await?;
    let next = more.map(Cursor::written);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let data: Vec<Value> = rows.iter().map(|row| told(row, &wanted.columns, &words)).collect();
    Reply::page(&data, next)
}

/// What is looked for, when it is what it says it is: a name that looks like an address is none.
fn looked_for(name: &str, text: &str) -> Result<String, Problem> {
    if is_like(name, text) {
        Ok(text.to_owned())
    } else {
        Err(Problem::invalid(format!("`{name}` holds none.")))
    }
}

fn told(row: &Row, columns: &Columns, words: &Words<'_>) -> Value {
    let [email, phone, company, place] =
        ["email", "phone", "company", "city"].map(|key| spoken::said(&row.cell(columns, key), words));
    json!({
        "id": row.id, "name": spoken::said(&row.name, words), "email": email, "phone": phone, "company": company,
        "place": place, "since": spoken::time(row.since), "quarantined": row.quarantined,
        "owner": row.owner, "asked_at": row.waiting.map(spoken::time),
    })
}

fn read_person() -> Operation {
    let shape = Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("since", Shape::time(), "Since when they are known here."),
        must("region", Shape::text(40), "Where their values are kept."),
        must("quarantined", Shape::Flag, "True when nothing tells on what terms they came."),
        must("owner", Shape::id("stf").or_null(), "Who looks after them."),
        must("facts", spoken::fact_shape().list(10_000), "Every value that is held, open or closed."),
        must(
            "elsewhere",
            Shape::Number(0, i64::MAX),
            "How many values stand in deals, tasks and items of colleagues that the role does not see.",
        ),
    ])
    .named("Person");
    let with = |id: &str, category: &str, said: Value| {
        let mut out = json!({
            "id": id, "record": PER, "category": category, "confirmed_at": "2026-03-01T09:00:00Z",
            "source": "import Customers", "etag": "64bcb9bf2c000",
        });
        if let (Some(map), Value::Object(said)) = (out.as_object_mut(), said) {
            map.extend(said);
        }
        out
    };
    let example = json!({
        "id": PER, "since": "2026-03-01T09:00:00Z", "region": "eu", "quarantined": false, "owner": null,
        "facts": [
            with(FCT, "contact.email", spoken::open_example("aiko@example.org")),
            with(FCT, "contact.phone", spoken::closed_example()),
        ],
        "elsewhere": 0,
    });
    Operation::new("getPerson", Method::GET, "/v1/people/{id}", |call| Box::pin(one(call)))
        .says(
            CHAPTER,
            "Read a person",
            "Everything that is held, each value decided for the key's role and purpose. Of several records that were \
             joined, the one that stands for all is told, with the values of each and which record they belong to.",
        )
        .for_roles(ROLES)
        .gives(200, shape, example)
        .with_tag()
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let record = record::record(ctx, staff, act::person(call.name("id"))?).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let values = record.values();
    let named = values.iter().filter(|value| !words.hides(&value.fact.category, &value.cell));
    let facts: Vec<Value> =
        named.map(|value| spoken::fact(value, record.holder(value.fact.id).id(), &words)).collect();
    let (id, first) = (record.dossier.id(), &record.dossier);
    let told = json!({
        "id": id, "since": spoken::time(first.created_at()), "region": first.region().as_str(),
        "quarantined": act::quarantined(ctx, staff, id).await?, "owner": first.owner(), "facts": facts,
        "elsewhere": record.far.len(),
    });
    Ok(Reply::of(&told)?.tagged(tag(first)))
}

/// What the tag of a person stands for: what can be changed of them beside their values, which have tags of their own.
fn tag(first: &Dossier) -> String {
    first.owner().map_or_else(|| "nobody".into(), |owner| owner.to_string())
}

fn change_person() -> Operation {
    let owner = may("owner", Shape::id("stf").or_null(), "Who looks after them: every record of theirs.");
    Operation::new("changePerson", Method::PATCH, "/v1/people/{id}", |call| Box::pin(change(call)))
        .says(
            CHAPTER,
            "Hand a person over",
            "What is left out stays as it is. Values are changed one by one.",
        )
        .for_roles(ROLES)
        .takes(Shape::Record(vec![owner]).named("PersonChanges"), json!({ "owner": null }))
        .gives_nothing()
        .must_match()
        .or(409, "Somebody changed it at this very moment.")
}

#[derive(Deserialize)]
struct Change {
    owner: Option<String>,
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Change>()?);
    let records = owner::to_give(ctx, staff, act::person(call.name("id"))?).await?;
    call.matches(&records.first().map(tag).unwrap_or_default())?;
    // What was told can be sent back, also when it is a program or somebody who has left.
    let now = records.first().and_then(Dossier::owner).map(|owner| owner.to_string());
    if call.sent("owner") && sent.owner != now {
        let to = spoken::colleague(sent.owner.as_deref(), &frame::colleagues(ctx, staff).await?)?;
        owner::give(ctx, staff, &records, to).await?;
    }
    Ok(Reply::done())
}

fn make_person() -> Operation {
    let value = Shape::Record(vec![
        must("category", Shape::key(), "What kind of value it is."),
        must("value", Shape::text(10_000), "The value."),
    ]);
    let contract = Shape::Record(vec![
        must("kind", Shape::key(), "What kind of contract; the mandates know which."),
        must("from", Shape::day(), "Since when it runs."),
        must("until", Shape::day(), "Until when it runs."),
    ]);
    let said = Shape::Record(vec![
        must("purpose", Shape::key(), "For which purpose they said yes."),
        must(
            "notice_version",
            Shape::Number(1, 1_000_000),
            "Which version of the notice they saw: this is the evidence.",
        ),
        must("given_on", Shape::day(), "On which day."),
    ]);
    Operation::new("createPerson", Method::POST, "/v1/people", |call| Box::pin(make(call)))
        .says(
            CHAPTER,
            "Put a new person down",
            "On a contract, on a yes that somebody can show, or on nothing: then they are apart, and may only be told and asked.",
        )
        .for_roles(ROLES)
        .takes(
            Shape::Record(vec![
                must("facts", value.list(50), "What is known of them; at least one."),
                may("contracts", contract.list(10), "Contracts with them."),
                may("answers", said.list(20), "What they said yes to elsewhere, as an import would bring it; to purposes of the key alone. They are told."),
                may("owner", Shape::id("stf").or_null(), "Who looks after them. Left out: whoever the key works for where its role does not change everybody’s, else nobody."),
                may("twin", Shape::Flag, "True to put them down although somebody has this address already."),
            ]),
            json!({
                "facts": [
                    { "category": "name.full", "value": "Aiko Ito" },
                    { "category": "contact.email", "value": "aiko.ito@example.org" },
                ],
                "contracts": [{ "kind": "household-customer", "from": "2026-05-01", "until": "2028-05-01" }],
            }),
        )
        .gives(
            201,
            Shape::Record(vec![
                must("id", Shape::id("per"), "Who."),
                must("left_out", Shape::Number(0, 50), "How many values may not be kept and were left out."),
            ]),
            json!({ "id": PER, "left_out": 0 }),
        )
        .or(409, "Somebody has this address already, or a call with this Idempotency-Key is still at work.")
}

#[derive(Deserialize)]
struct New {
    facts: Vec<NewValue>,
    #[serde(default)]
    contracts: Vec<NewContract>,
    #[serde(default)]
    answers: Vec<NewAnswer>,
    owner: Option<String>,
    #[serde(default)]
    twin: bool,
}

#[derive(Deserialize)]
struct NewValue {
    category: String,
    value: String,
}

#[derive(Deserialize)]
struct NewContract {
    kind: String,
    from: String,
    until: String,
}

#[derive(Deserialize)]
struct NewAnswer {
    purpose: String,
    notice_version: u32,
    given_on: String,
}

fn day(text: &str, place: &str) -> Result<Timestamp, Problem> {
    forms::day(text).ok_or_else(|| Problem::invalid(format!("{place}: that day lies too far back.")))
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, new) = (&call.ctx, call.staff()?, call.body::<New>()?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mut values = Vec::new();
    let own = fields::all(ctx, staff.company.id, Thing::Person).await?;
    let apart = fields::apart(ctx, staff.company.id).await?;
    for (n, one) in new.facts.iter().enumerate() {
        values.push(value(one, (&own, &apart), &standing.policy, &format!("/facts/{n}"))?);
    }
    if values.is_empty() {
        return Err(Problem::invalid("/facts: at least one value belongs here."));
    }
    let kinds = forms::contract_kinds(&standing.policy, staff.role);
    let mut contracts = Vec::new();
    for (n, one) in new.contracts.into_iter().enumerate() {
        let place = format!("/contracts/{n}");
        let (from, until) = (day(&one.from, &place)?, day(&one.until, &place)?);
        if !kinds.contains(&one.kind) {
            return Err(Problem::invalid(format!("{place}: this role works for no contract of that kind.")));
        }
        if until <= from {
            return Err(Problem::invalid(format!("{place}: the end lies before the beginning.")));
        }
        if until > from.plus(LONGEST_CONTRACT) {
            return Err(Problem::invalid(format!("{place}: put it down for ten years at most.")));
        }
        contracts.push((one.kind, from, until));
    }
    let mut answers = Vec::new();
    for (n, one) in new.answers.iter().enumerate() {
        let place = format!("/answers/{n}");
        let purpose = PurposeKey::new(&one.purpose)
            .map_err(|_| Problem::invalid(format!("{place}: there is no such purpose.")))?;
        // A key states a yes only to what it works for itself.
        spoken::works_for(call, &standing.policy, &purpose)?;
        let given = day(&one.given_on, &place)?;
        answers.push(write::said_before(ctx, staff, &purpose, one.notice_version, given).await?);
    }
    if !new.twin {
        refuse_twins(call, &values).await?;
    }
    let named = spoken::colleague(new.owner.as_deref(), &frame::colleagues(ctx, staff).await?)?;
    let owner = if call.sent("owner") { named } else { staff.keeper(Object::People) };
    let (id, left) = write::admit_on(ctx, staff, values, (contracts, answers), owner).await?;
    owner::tell(ctx, staff, id, named).await;
    let body = json!({ "id": id, "left_out": left });
    Reply::made(id, format!("/v1/people/{id}"))?.holding(&body)
}

fn value(
    one: &NewValue,
    own: (&[fields::Field], &BTreeSet<CategoryKey>),
    policy: &assent_kernel::Policy,
    place: &str,
) -> Result<(CategoryKey, String), Problem> {
    let category = CategoryKey::new(&one.category).ok().filter(|key| policy.categories.contains_key(key));
    let category =
        category.ok_or_else(|| Problem::invalid(format!("{place}: there is no such category.")))?;
    let value = forms::addable(own, &category, one.value.trim());
    let value = value.map_err(|wrong| Problem::invalid(format!("{place}: {wrong}")))?;
    Ok((category, value))
}

async fn refuse_twins(call: &Call, values: &[(CategoryKey, String)]) -> Result<(), Problem> {
    let first = |key: &str| {
        let found = values.iter().find(|(category, _)| category.as_str().starts_with(key));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let typed = Typed::reached_by(first("contact.email"), first("contact.phone"));
    let (email, phone) = write::twins(&call.ctx, call.staff()?, &typed).await?;
    let closed = email.closed || phone.closed;
    let mut all = [email.open, phone.open].concat();
    all.sort_unstable();
    all.dedup();
    if all.is_empty() && !closed {
        return Ok(());
    }
    let twin = Problem::new(StatusCode::CONFLICT, "twin", "Somebody may be here already with this address");
    if all.is_empty() {
        return Err(twin.detail(
            "Who it is, is closed for this key, and they see that it was tried. Send `twin: true` to put another down.",
        ));
    }
    let ids: Vec<String> = all.iter().take(10).map(PersonId::to_string).collect();
    let many = text::plural(u64::try_from(all.len()).unwrap_or(u64::MAX), "person has", "people have");
    Err(twin.detail(format!("{many} it: {}. Send `twin: true` to put another down.", ids.join(", "))))
}
