//! Parse, act, answer in JSON.

use assent_kernel::Use;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde_json::json;

use super::act;
use super::model::{Audience, MOST_PEOPLE, MOST_USED, Many, One, Using, heard};

/// The largest body: the ids of the largest batch, and some room.
const MOST_BYTES: usize = MOST_PEOPLE * 40;
const MOST_BYTES_USED: usize = MOST_USED * 40;
const CHAPTER: &str = "Deciding";

pub(super) fn operations() -> Vec<Operation> {
    let question =
        json!({ "use": "Message", "purpose": "marketing.newsletter", "categories": ["contact.email"] });
    let person = "per_01jx6sk9c0000000000000000a";
    let about = "Answered from memory; a refusal is an answer (200). With `record` the question is decided at the door and \
                 written down before the answer, and an open answer is a permit.";
    vec![
        Operation::new("decide", Method::POST, "/v1/decide", |call| Box::pin(one(call)))
            .says(CHAPTER, "Ask about one person", about)
            .takes_much(
                Shape::Record(vec![
                    must("question", asked(), "What is asked."),
                    must("person", Shape::id("per"), "About whom."),
                    may("record", Shape::Flag, "Write the use down before answering."),
                ]),
                json!({ "question": question, "person": person }),
                MOST_BYTES,
            )
            .gives(200, answer(), json!({
                "permitted": false, "code": "NEVER_ASKED", "remedy": "ask-person",
                "sentence": "Nobody has asked this person about “Newsletter” yet.",
            }))
            .or(404, "There is nobody of yours by that id, and the use was to be recorded.")
            .harmless()
            .unlimited(),
        Operation::new("decideMany", Method::POST, "/v1/decide:batch", |call| Box::pin(many(call)))
            .says(CHAPTER, "Ask about many people", "A code for each, in order, and each reason once.")
            .takes_much(
                Shape::Record(vec![
                    must("question", asked(), "What is asked."),
                    must("people", Shape::id("per").list(MOST_PEOPLE), "About whom."),
                ]),
                json!({ "question": question, "people": [person] }),
                MOST_BYTES,
            )
            .gives(200, answers(), json!({
                "permitted": 0, "codes": ["NEVER_ASKED"], "version": "eu=42:",
                "reasons": [{ "code": "NEVER_ASKED", "sentence": "Nobody has asked this person about “Newsletter” yet.", "remedy": "ask-person" }],
            }))
            .harmless()
            .unlimited(),
        Operation::new("countAudience", Method::POST, "/v1/audience", |call| Box::pin(audience(call)))
            .says(CHAPTER, "Ask about everybody", "How many are permitted, how many could be asked, and how many are refused, by reason.")
            .takes_much(
                Shape::Record(vec![
                    must("question", asked(), "What is asked."),
                    may("list", Shape::Flag, "Also list who is permitted."),
                ]),
                json!({ "question": question }),
                MOST_BYTES,
            )
            .gives(200, counted(), json!({ "permitted": 312, "askable": 640, "refused": [], "version": "eu=42:" }))
            .harmless()
            .unlimited(),
        Operation::new("useAudience", Method::POST, "/v1/audience:use", |call| Box::pin(used(call)))
            .says(CHAPTER, "Use an audience", "Everybody is decided again at the door, and the whole use is one entry a region, written before the answer. Sent again, it is decided and written again: no answer about anybody is kept.")
            .takes_much(
                Shape::Record(vec![
                    must("question", asked(), "What is asked."),
                    may("people", Shape::id("per").list(MOST_USED).or_null(), "Who; everybody for whom it is open now when left out."),
                    may("version", Shape::text(80).or_null(), "What your audience was cut from; it is kept with the entry."),
                ]),
                json!({ "question": question, "people": [person], "version": "crm-2026-05-01" }),
                MOST_BYTES_USED,
            )
            .gives(200, used_then(), json!({
                "permitted": 1, "codes": ["PERMIT"], "refused": [], "unknown": 0,
                "entries": [{ "region": "eu", "people": 1, "permitted": 1 }], "alone": 0,
            }))
            .harmless(),
    ]
}

fn asked() -> Shape {
    let uses = Use::ALL.iter().map(|one| one.name()).collect();
    let context = Shape::Record(vec![
        may("gpc", Shape::Flag, "The browser says that nothing may be sold or shared."),
        may("claim", Shape::Flag, "It is about a legal claim."),
        may("automated", Shape::Flag, "No human decides."),
        may("ticket", Shape::text(200).or_null(), "The case at hand."),
    ]);
    Shape::Record(vec![
        must("use", Shape::Word(uses), "What is done."),
        must("purpose", Shape::key(), "For which purpose."),
        must("categories", Shape::key().list(64), "With which kinds of facts; every one must be open."),
        may(
            "to",
            Shape::text(200).or_null(),
            "A party's code, or `person`; the company itself when left out.",
        ),
        may(
            "region",
            Shape::text(200).or_null(),
            "Where it is used; where the company is at home when left out.",
        ),
        may("context", context, "What else the law looks at."),
        may("at", Shape::text(40).or_null(), "As of when; for one person, and not to be recorded."),
        may("least", Shape::text(2000).or_null(), "A version that the answer must have seen."),
    ])
    .named("Question")
}

fn number() -> Shape {
    Shape::Number(0, i64::MAX)
}

fn remedy() -> Shape {
    Shape::text(60)
}

fn answer() -> Shape {
    let policy = Shape::Record(vec![
        must("version", number(), "Its version."),
        must("digest", Shape::text(64), "As the entries of that time name it."),
        must("since", Shape::time(), "Since when it was in force."),
    ]);
    let entry = Shape::Record(vec![
        must("entry", number(), "Its number among the person's."),
        may("index", number(), "Its index in the ledger."),
    ]);
    let then = Shape::Record(vec![
        must("at", Shape::time(), "The instant."),
        must("policy", policy, "The policy of then."),
        must("proof", entry.list(100_000), "The entries that prove the answer."),
        must("as_known_today", Shape::text(400).list(20), "What has no history."),
    ]);
    Shape::Record(vec![
        must("permitted", Shape::Flag, "True when everything that was asked for is open."),
        must("code", Shape::text(60), "`PERMIT`, or the stable code of the reason."),
        may("sentence", Shape::text(2000), "The reason in words."),
        may("remedy", remedy(), "What would make it allowed."),
        may("until", Shape::time(), "Until when it holds if nothing changes."),
        may("version", Shape::text(2000), "What the node had seen, by region, when it answered from memory."),
        may("entry", number(), "The number of the entry, when it was written down."),
        may("as_of", then, "What an answer about the past stands on."),
    ])
    .named("Answer")
}

fn explained() -> Shape {
    Shape::Record(vec![
        must("code", Shape::text(60), "The stable code."),
        must("sentence", Shape::text(2000), "The reason in words."),
        must("remedy", remedy(), "What would make it allowed."),
        may("people", number(), "How many."),
    ])
    .named("Explained")
}

fn answers() -> Shape {
    Shape::Record(vec![
        must("permitted", number(), "How many are permitted."),
        must("codes", Shape::text(60).list(MOST_PEOPLE), "A code for each, in order."),
        must("reasons", explained().list(100_000), "What the codes mean."),
        must("version", Shape::text(400), "What this node had seen: hand it back as `least`."),
    ])
}

fn counted() -> Shape {
    Shape::Record(vec![
        must("permitted", number(), "How many are permitted."),
        must("askable", number(), "For how many asking could open it."),
        must("refused", explained().list(100_000), "How many are refused, by reason."),
        may("people", Shape::id("per").list(100_000_000), "Who is permitted."),
        must("version", Shape::text(400), "What this node had seen: hand it back as `least`."),
    ])
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, caller) = (&call.ctx, call.caller()?);
    let again = if caller.sees_everybody() { heard(call.sent_bytes()) } else { None };
    if let Some((said, person)) = &again
        && let Some(ready) = ctx.gate.ready(caller.known(), said)?
    {
        return Reply::of(&act::ready(ctx, &ready, *person).await?);
    }
    // Few questions are read whole: what that takes stands in a box of its own, because a call is moved as a whole.
    Box::pin(one_anew(call, again.map(|(said, _)| said))).await
}

/// The same, for a question that was not put before, or of which more is wanted than an answer.
async fn one_anew(call: &Call, again: Option<Vec<u8>>) -> Result<Reply, Problem> {
    let (ctx, caller, asked) = (&call.ctx, call.caller()?, call.read::<One>()?);
    asked.question.claim_is_recorded(asked.record)?;
    let person = act::meant_one(&ctx.gate, caller, asked.person).await?;
    if let Some(at) = asked.question.instant()? {
        if asked.record {
            return Err(Problem::invalid(
                "A use in the past cannot be recorded: leave out `record` or `at`.",
            ));
        }
        return Reply::of(&act::as_of(ctx, caller, asked.question, person, at).await?);
    }
    let ground = act::ground(ctx, caller, asked.question).await?;
    if asked.record {
        return Reply::of(&act::recorded(&ctx.gate, caller, &ground, person).await?);
    }
    let answer = act::one(&ctx.gate, caller, &ground, person).await?;
    if let Some(said) = again {
        ground.keep(&ctx.gate, caller, &said)?;
    }
    Reply::of(&answer)
}

async fn many(call: &Call) -> Result<Reply, Problem> {
    let (ctx, caller, asked) = (&call.ctx, call.caller()?, call.read::<Many>()?);
    if asked.people.is_empty() || asked.people.len() > MOST_PEOPLE {
        return Err(Problem::invalid(format!("Name between 1 and {MOST_PEOPLE} people.")));
    }
    asked.question.today_only()?;
    asked.question.claim_is_recorded(false)?;
    let ground = act::ground(ctx, caller, asked.question).await?;
    let people = act::meant(&ctx.gate, caller, asked.people).await?;
    Reply::of(&act::many(&ctx.gate, caller, &ground, &people).await?)
}

async fn audience(call: &Call) -> Result<Reply, Problem> {
    let (ctx, caller, asked) = (&call.ctx, call.caller()?, call.read::<Audience>()?);
    asked.question.today_only()?;
    asked.question.claim_is_recorded(false)?;
    let ground = act::ground(ctx, caller, asked.question).await?;
    Reply::of(&act::audience(&ctx.gate, caller, &ground, asked.list).await?)
}

fn used_then() -> Shape {
    let entry = Shape::Record(vec![
        must("region", Shape::text(200), "In whose ledger."),
        must("people", number(), "How many people it is about."),
        must("permitted", number(), "For how many it is open."),
    ]);
    Shape::Record(vec![
        must("permitted", number(), "How many may be used."),
        may(
            "codes",
            Shape::text(60).list(MOST_USED),
            "One for each who was named, in order; only for `PERMIT` it may be done.",
        ),
        may("people", Shape::id("per").list(usize::MAX), "Who may be used, when nobody was named."),
        must("refused", explained().list(1000), "The reasons of the others, with how many."),
        must("unknown", number(), "How many are nobody here."),
        must("entries", entry.list(1000), "The entries, one a region."),
        must("alone", number(), "How many have an entry of their own."),
    ])
    .named("Used")
}

async fn used(call: &Call) -> Result<Reply, Problem> {
    let (ctx, caller, asked) = (&call.ctx, call.caller()?, call.read::<Using>()?);
    if asked.people.as_ref().is_some_and(|people| people.is_empty() || people.len() > MOST_USED) {
        return Err(Problem::invalid(format!(
            "Name between 1 and {MOST_USED} people, or leave `people` out: then it is everybody for whom it is open."
        )));
    }
    asked.question.today_only()?;
    asked.question.claim_is_recorded(true)?;
    let version = asked.version();
    let ground = act::ground(ctx, caller, asked.question).await?;
    let people = match asked.people {
        Some(people) => Some(act::meant(&ctx.gate, caller, people).await?),
        None => None,
    };
    Reply::of(&act::used(&ctx.gate, caller, &ground, people, version?).await?)
}
