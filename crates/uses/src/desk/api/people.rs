//! The list, one person, a new one, an erasure.

use assent_gate::LONGEST_CONTRACT;
use assent_kernel::{CategoryKey, PersonId, PurposeKey, TreeKey as _};
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Cursor, Operation, Reply, Shape};
use assent_web::{Problem, text};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, FCT, PER, act, words};
use crate::desk::act::{list, record, write};
use crate::desk::model::cell;
use crate::desk::model::forms::{self, Typed};
use crate::desk::model::list::{Order, Row, Show, Wanted};
use crate::desk::{ERASERS, ROLES};
use crate::seen::words::Words;
use crate::spoken;

pub(super) fn operations() -> Vec<Operation> {
    vec![list_people(), read_person(), make_person(), erase_person()]
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
    ]);
    let example = json!({ "data": [{
        "id": PER, "name": spoken::open_example("Aiko Ito"), "email": spoken::open_example("aiko@example.org"),
        "phone": spoken::closed_example(), "company": null, "place": spoken::open_example("Lübeck"),
        "since": "2026-03-01T09:00:00Z", "quarantined": false, "asked_at": null,
    }], "next": null });
    Operation::new("listPeople", Method::GET, "/v1/people", |call| Box::pin(many(call)))
        .says(
            CHAPTER,
            "List or find people",
            "Newest first. What is looked for is looked for blind; whoever matches only by something that is closed is left out.",
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
    let wanted = Wanted {
        q,
        order: Order::Newest,
        show: Show::ALL.into_iter().find(|show| Some(show.key()) == call.asked("show")),
        import: None,
        after: call.after()?.map(|cursor| cursor.id()).transpose()?,
        before: None,
        rules: Vec::new(),
        any: false,
    };
    let (rows, more) = list::some(ctx, staff, &wanted, call.limit()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let next = rows.last().filter(|_| more).map(|row| Cursor::written(row.id));
    let data: Vec<Value> = rows.iter().map(|row| told(row, &words)).collect();
    Reply::page(&data, next)
}

/// What is looked for, when it is what it says it is: a name that looks like an address is none.
fn looked_for(name: &str, text: &str) -> Result<String, Problem> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits = match name {
        "email" => text.contains('@') && !text.starts_with('@'),
        "phone" => digits >= 6 && text.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c)),
        _ => !text.contains('@') && text.chars().any(char::is_alphabetic),
    };
    if fits { Ok(text.to_owned()) } else { Err(Problem::invalid(format!("`{name}` holds none."))) }
}

fn told(row: &Row, words: &Words<'_>) -> Value {
    let [email, phone, company, place] = row.cells.each_ref().map(|cell| spoken::said(cell, words));
    json!({
        "id": row.id, "name": spoken::said(&row.name, words), "email": email, "phone": phone, "company": company,
        "place": place, "since": spoken::time(row.since), "quarantined": row.quarantined,
        "asked_at": row.waiting.map(spoken::time),
    })
}

fn read_person() -> Operation {
    let shape = Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("since", Shape::time(), "Since when they are known here."),
        must("region", Shape::text(40), "Where their values are kept."),
        must("quarantined", Shape::Flag, "True when nothing tells on what terms they came."),
        must("facts", spoken::fact_shape().list(10_000), "Every value that is held, open or closed."),
    ])
    .named("Person");
    let with = |id: &str, category: &str, said: Value| {
        let mut out = json!({
            "id": id, "category": category, "confirmed_at": "2026-03-01T09:00:00Z", "source": "import Customers",
            "etag": "64bcb9bf2c000",
        });
        if let (Some(map), Value::Object(said)) = (out.as_object_mut(), said) {
            map.extend(said);
        }
        out
    };
    let example = json!({
        "id": PER, "since": "2026-03-01T09:00:00Z", "region": "eu", "quarantined": false,
        "facts": [
            with(FCT, "contact.email", spoken::open_example("aiko@example.org")),
            with(FCT, "contact.phone", spoken::closed_example()),
        ],
    });
    Operation::new("getPerson", Method::GET, "/v1/people/{id}", |call| Box::pin(one(call)))
        .says(
            CHAPTER,
            "Read a person",
            "Everything that is held, each value decided for the key's role and purpose.",
        )
        .for_roles(ROLES)
        .gives(200, shape, example)
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let record = record::record(ctx, staff, act::person(call.name("id"))?).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let values = cell::values(record.answer.as_ref(), &record.dossier, |_| true);
    let named = values.iter().filter(|value| !words.hides(&value.fact.category, &value.cell));
    let facts: Vec<Value> = named.map(|value| spoken::fact(value, &words)).collect();
    Reply::of(&json!({
        "id": record.dossier.id(), "since": spoken::time(record.dossier.created_at()),
        "region": record.dossier.region().as_str(), "quarantined": record.quarantined, "facts": facts,
    }))
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
                may("answers", said.list(20), "What they said yes to elsewhere, as an import would bring it."),
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

fn day(text: &str, place: &str) -> Result<assent_kernel::Timestamp, Problem> {
    forms::day(text).ok_or_else(|| Problem::invalid(format!("{place}: that day lies too far back.")))
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, new) = (&call.ctx, call.staff()?, call.body::<New>()?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let mut values = Vec::new();
    for (n, one) in new.facts.iter().enumerate() {
        values.push(value(one, &standing.policy, &format!("/facts/{n}"))?);
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
        let given = day(&one.given_on, &place)?;
        answers.push(write::said_before(ctx, staff, &purpose, one.notice_version, given).await?);
    }
    if !new.twin {
        refuse_twins(call, &values).await?;
    }
    let (id, left) = write::admit_on(ctx, staff, values, contracts, answers).await?;
    let body = json!({ "id": id, "left_out": left });
    Reply::made(id, format!("/v1/people/{id}"))?.holding(&body)
}

fn value(
    one: &NewValue,
    policy: &assent_kernel::Policy,
    place: &str,
) -> Result<(CategoryKey, String), Problem> {
    let category = CategoryKey::new(&one.category).ok().filter(|key| policy.categories.contains_key(key));
    let category =
        category.ok_or_else(|| Problem::invalid(format!("{place}: there is no such category.")))?;
    let text = one.value.trim();
    let wrong = forms::wrong(&category, text);
    if wrong.is_empty() {
        Ok((category, text.to_owned()))
    } else {
        Err(Problem::invalid(format!("{place}: {wrong}")))
    }
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

fn erase_person() -> Operation {
    let kept = Shape::Record(vec![
        must("category", Shape::text(200), "What kind of value."),
        must("demanded_by", Shape::text(1000), "The law that demands it."),
        must("until", Shape::time(), "Until when."),
    ]);
    Operation::new("erasePerson", Method::POST, "/v1/people/{id}/erasure", |call| Box::pin(erase(call)))
        .says(
            CHAPTER,
            "Erase a person",
            "Destroys the person's key: their values go dark at once, in backups too. What a law demands is kept and named. \
             It cannot be taken back, so `confirm` repeats the id.",
        )
        .for_roles(ERASERS)
        .takes(
            Shape::Record(vec![
                must("confirm", Shape::id("per"), "The person's id once more."),
                may("never_write", Shape::Flag, "True to remember, blind, that nobody may write to their addresses again."),
            ]),
            json!({ "confirm": PER, "never_write": true }),
        )
        .gives(
            200,
            Shape::Record(vec![must("data", Shape::Record(vec![
                must("at", Shape::time(), "When."),
                must("erased", Shape::Number(0, 1_000_000), "How many values are gone."),
                must("kept", kept.list(10_000), "What a law demands."),
                must(
                    "unrecoverable_from",
                    Shape::time().or_null(),
                    "From when on no copy of the keys brings anything back; null while the last copies wait to go by themselves.",
                ),
                must("receipt", Shape::text(1_000_000), "The proof, as a .tlog-proof."),
            ])
            .named("Certificate").list(100), "One for each record that counted as this person.")]),
            json!({ "data": [{
                "at": "2026-05-01T12:00:00Z", "erased": 7, "kept": [], "unrecoverable_from": "2026-05-31T12:00:00Z",
                "receipt": "c2sp.org/tlog-proof@v1\n…",
            }] }),
        )
}

#[derive(Deserialize)]
struct Erasing {
    confirm: PersonId,
    #[serde(default)]
    never_write: bool,
}

async fn erase(call: &Call) -> Result<Reply, Problem> {
    let id = act::person(call.name("id"))?;
    let asked = call.body::<Erasing>()?;
    if asked.confirm != id {
        return Err(Problem::invalid("/confirm: that is not the person of the address."));
    }
    let done = write::erase(&call.ctx, call.staff()?, id, asked.never_write).await?;
    let certificate = |done: &assent_gate::Certificate| {
        let kept = done.kept.iter().map(|kept| {
            json!({ "category": kept.category, "demanded_by": kept.cite, "until": spoken::time(kept.until) })
        });
        json!({
            "at": spoken::time(done.at), "erased": done.erased, "kept": kept.collect::<Vec<_>>(),
            "unrecoverable_from": done.unrecoverable_from.map(spoken::time), "receipt": done.receipt,
        })
    };
    Reply::of(&json!({ "data": done.iter().map(certificate).collect::<Vec<_>>() }))
}
