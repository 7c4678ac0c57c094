//! Taking it along: everything in one JSON file, the values as a table, the contacts as a card, the answers as a record.

use std::collections::HashMap;

use askama::Template;
use assent_gate::{After, Answer, UseLine};
use assent_kernel::grant::Said;
use assent_kernel::{FactId, UseKind};
use assent_web::file::{self, attachment, escaped};
use assent_web::objects::{self, Owned};
use assent_web::{Ctx, Person, Problem, Shell, filters, html, text};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use assent_store::factors::Factor;
use assent_store::home::Company;
use assent_store::own_keys::{May, OwnKey};
use assent_store::requests::{self, Asked, Request};
use assent_web::door::person_key;

use super::act::{self, Own, Wanted};
use super::model::Names;
use super::reasons;
use super::record;
use super::show;
use super::text::Text;
use super::things;
use super::web::shell;

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/me/export", get(page))
        .route("/me/export.json", get(as_json))
        .route("/me/export.csv", get(as_csv))
        .route("/me/export.vcf", get(as_vcard))
        .route("/me/consent-record.json", get(consent_record))
}

#[derive(Template)]
#[template(path = "portal/export.html")]
struct Page {
    shell: Shell,
    t: Text,
    files: [(&'static str, &'static str, &'static str); 4],
    /// Files that are held: where each is, what it is called, how large it is.
    mine: Vec<(String, String, String)>,
}

async fn page(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let answer = act::view(&ctx, &own).await?;
    let names = show::names(&own, &person.company.name, t);
    let mine = rows(&names, &own, &answer, &[]).into_iter();
    let mine = mine.filter_map(|row| {
        Some((format!("/me/file/{}", row.id), row.value, assent_web::media::size(row.file?)))
    });
    Ok(html::page(&Page {
        mine: mine.collect(),
        shell: shell(&person, t, t.export_title(), "/me/export", ""),
        t,
        files: [
            ("/me/export.json", t.export_json(), t.export_json_text()),
            ("/me/export.csv", t.export_csv(), t.export_csv_text()),
            ("/me/export.vcf", t.export_vcf(), t.export_vcf_text()),
            ("/me/consent-record.json", t.export_record(), t.export_record_text()),
        ],
    }))
}

fn pretty(value: &Value) -> Result<String, Problem> {
    serde_json::to_string_pretty(value).map_err(|error| Problem::internal(&error))
}

/// A value on its way out, with what belongs to it.
#[derive(Default)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) category: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) confirmed: String,
    pub(super) region: String,
    pub(super) stands_on: String,
    pub(super) used_for: String,
    /// The item in which it stands, its object, and since when it is here; empty when it stands in none.
    pub(super) item: [String; 3],
    /// How large the file is that this is the name of.
    pub(super) file: Option<u64>,
    /// Why a value does not stand here: the reason's code and its sentence.
    pub(super) closed: Option<(String, String)>,
}

/// An item as it stands beside each of its values.
fn item_of(one: &Owned) -> [String; 3] {
    [one.id.to_string(), one.called.clone(), text::iso(one.since.micros())]
}

fn rows<U: UseKind>(names: &Names<'_>, own: &Own, answer: &Answer<U>, owned: &[Owned]) -> Vec<Row> {
    let items = objects::by_fact(owned);
    own.dossier.facts().map(|held| row(names, own, answer, &items, held)).collect()
}

/// A value on its way out.
pub(super) fn row<U: UseKind>(
    names: &Names<'_>,
    own: &Own,
    answer: &Answer<U>,
    items: &HashMap<FactId, &Owned>,
    held: &assent_gate::Held<String>,
) -> Row {
    let (person, fact) = (own.dossier.person(), held.fact());
    // What is closed is in the file too, as a line with its reason: nothing is left out unsaid.
    let (value, closed) = match answer.open(held) {
        Ok(open) => (open.into_inner(), None),
        Err(why) => {
            (String::new(), Some(why.0.map_or_else(Default::default, |r| said_closed(r.code(), names.t))))
        }
    };
    let open_for = names.open_for(person, fact, own.now);
    Row {
        id: fact.id.to_string(),
        category: fact.category.to_string(),
        label: names.category(&fact.category),
        value,
        source: names.t.source(&fact.source),
        confirmed: text::iso(fact.confirmed_at.micros()),
        region: fact.region.to_string(),
        stands_on: names.stands_on(person, fact, own.now),
        used_for: open_for.join("; "),
        item: items.get(&fact.id).map(|one| item_of(one)).unwrap_or_default(),
        file: own.files.get(&fact.id).copied(),
        closed,
    }
}

fn said_closed(code: &str, t: Text) -> (String, String) {
    (code.to_owned(), reasons::sentence(code, t.german).to_owned())
}

async fn as_json(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    let body = whole(&ctx, &own, &names).await?;
    Ok(attachment("application/json", "my-data.json", pretty(&body)?))
}

/// Everything in one file.
pub(super) async fn whole(ctx: &Ctx, own: &Own, names: &Names<'_>) -> Result<Value, Problem> {
    let answer = act::take(ctx, own).await?;
    let (uses, more) = match answer.permit() {
        Some(permit) => {
            act::uses(ctx, permit, own, Wanted::Everything, After::default(), act::MOST_USES).await?
        }
        None => (Vec::new(), None),
    };
    let (requests, devices) = (act::requests(ctx, own).await?, person_key::of(ctx, own.dossier.id()).await?);
    let owned = things::of(ctx, own).await?;
    let programs = act::programs(ctx, own, names.t).await?;
    let known = own.dossier.person();
    Ok(json!({
        "company": names.company,
        "person": known.id.to_string(),
        "made_at": text::iso(own.now.micros()),
        "known_since": text::iso(own.dossier.created_at().micros()),
        "kept_in": own.dossier.region().to_string(),
        "facts": rows(names, own, &answer, &owned).into_iter().map(fact).collect::<Vec<_>>(),
        "items": owned.iter().map(|one| things::item(own, one)).collect::<Vec<_>>(),
        "answers": known.answers.values().map(|one| said(names, one)).collect::<Vec<_>>(),
        "objections": known.objections,
        "restrictions": known.restrictions,
        "contracts": known.contracts.iter().map(contract).collect::<Vec<_>>(),
        "requests": requests.iter().map(|one| request(names, one)).collect::<Vec<_>>(),
        "ways_in": devices.iter().map(device).collect::<Vec<_>>(),
        "programs": programs.iter().map(program).collect::<Vec<_>>(),
        // Of a list that is longer than a file should be, this says so.
        "complete": answer.permit().is_some() && more.is_none() && requests.len() < requests::MOST,
        "uses": uses.iter().map(|line| used(names, line)).collect::<Vec<_>>(),
    }))
}

fn program((name, key): &(String, OwnKey)) -> Value {
    json!({
        "name": name, "may": may(key.may), "since": text::iso(key.made_at.micros()),
        "until": text::iso(key.until.micros()), "last_used_at": key.used_at.map(|at| text::iso(at.micros())),
    })
}

/// What a program may do, in a word.
pub(super) const fn may(may: May) -> &'static str {
    match may {
        May::Read => "read",
        May::Answer => "answer",
    }
}

/// A request and what became of it.
pub(super) fn request(names: &Names<'_>, one: &Request) -> Value {
    let state = match one.state {
        Asked::Open => "open",
        Asked::Given => "yes",
        Asked::Refused => "no",
        Asked::NotAgain => "not-again",
    };
    let by = (!one.is_unasked()).then(|| names.t.role(&one.role, names.company));
    json!({
        "id": one.id.to_string(), "purpose": one.purpose.to_string(), "label": names.purpose(&one.purpose), "asked_by": by,
        "asked_at": text::iso(one.at.micros()), "answer": state,
        "answered_at": one.answered_at.map(|at| text::iso(at.micros())),
        "nobody_may_ask_until": one.quiet_until.map(|at| text::iso(at.micros())),
        "asked_again_all_the_same": one.again,
    })
}

fn device(one: &Factor) -> Value {
    json!({
        "kind": "passkey", "name": one.label, "since": text::iso(one.made_at.micros()),
        "last_used_at": one.used_at.map(|at| text::iso(at.micros())),
    })
}

/// A value with what belongs to it.
pub(super) fn fact(row: Row) -> Value {
    let file = row.file.map(|size| json!({ "size": size, "at": format!("/me/file/{}", row.id) }));
    let closed = row.closed.map(|(code, sentence)| json!({ "code": code, "sentence": sentence }));
    let [item, ..] = row.item;
    json!({
        "file": file, "item": Some(item).filter(|item| !item.is_empty()),
        "id": row.id, "category": row.category, "label": row.label,
        "value": closed.is_none().then_some(row.value), "closed": closed, "source": row.source,
        "confirmed_at": row.confirmed, "region": row.region, "stands_on": row.stands_on, "may_be_used_for": row.used_for,
    })
}

fn contract(one: &assent_kernel::person::Contract) -> Value {
    json!({ "kind": one.kind, "from": text::iso(one.from.micros()), "until": text::iso(one.until.micros()) })
}

fn said(names: &Names<'_>, answer: &assent_kernel::grant::Answer) -> Value {
    let (word, grant) = match &answer.said {
        Said::Yes(grant) => ("yes", Some(grant)),
        Said::No => ("no", None),
        Said::NoLonger => ("no-longer", None),
    };
    json!({
        "purpose": answer.purpose.to_string(),
        "label": names.purpose(&answer.purpose),
        "said": word,
        "at": text::iso(answer.at.micros()),
        "in_words": names.answer(answer),
        "until": grant.map(|g| text::iso(g.terms.until.micros())),
        "notice": grant.map(|g| format!("{}@{}", g.notice, g.notice_version)),
        "terms": grant.map(|g| &g.terms),
    })
}

/// A line of the list of uses.
pub(super) fn used(names: &Names<'_>, line: &UseLine) -> Value {
    let detail = &line.detail;
    let what = assent_kernel::Use::ALL.get(usize::from(detail.use_code)).map(|one| one.name());
    json!({
        "number": line.id.to_string(), "in_words": show::what(names, detail, act::refused(line)), "among": line.among, "at": text::iso(detail.at), "use": what, "purpose": detail.purpose,
        "by": names.who(detail), "categories": detail.categories, "facts": detail.facts,
        "recipient": detail.recipient, "reached": detail.chain, "outcome": detail.outcome, "warrant": detail.warrant,
    })
}

async fn as_csv(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    Ok(attachment("text/csv; charset=utf-8", "my-data.csv", csv(&ctx, &own, &names).await?))
}

/// The values as a table.
pub(super) async fn csv(ctx: &Ctx, own: &Own, names: &Names<'_>) -> Result<String, Problem> {
    let answer = act::take(ctx, own).await?;
    let owned = things::of(ctx, own).await?;
    let mut rows = rows(names, own, &answer, &owned);
    // What they have and nothing is known of stands there too, by itself.
    rows.extend(things::empty(own, &owned).map(|one| Row { item: item_of(one), ..Row::default() }));
    Ok(table(&rows))
}

fn table(rows: &[Row]) -> String {
    let head = [
        "category",
        "label",
        "value",
        "source",
        "confirmed_at",
        "kept_in",
        "stands_on",
        "may_be_used_for",
        "closed",
        "item",
        "item_called",
        "item_since",
    ];
    let mut out = file::row(head);
    for row in rows {
        let [item, called, since] = &row.item;
        out += &file::row([
            row.category.as_str(),
            &row.label,
            &row.value,
            &row.source,
            &row.confirmed,
            &row.region,
            &row.stands_on,
            &row.used_for,
            row.closed.as_ref().map_or("", |(_, sentence)| sentence),
            item,
            called,
            since,
        ]);
    }
    out
}

async fn as_vcard(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    Ok(attachment("text/vcard; charset=utf-8", "me.vcf", vcard(&ctx, &own, &names).await?))
}

/// Name and contacts as a card.
pub(super) async fn vcard(ctx: &Ctx, own: &Own, names: &Names<'_>) -> Result<String, Problem> {
    let answer = act::take(ctx, own).await?;
    let owned = things::of(ctx, own).await?;
    // What is told of a thing of theirs says nothing of how they are reached.
    let theirs = |row: &Row| row.closed.is_none() && row.item.iter().all(String::is_empty);
    let open: Vec<Row> = rows(names, own, &answer, &owned).into_iter().filter(theirs).collect();
    Ok(card(&open))
}

/// A vCard 4.0 (RFC 6350) of the name and the ways to reach the person.
fn card(rows: &[Row]) -> String {
    let all = |key: &str| -> Vec<String> {
        let below = format!("{key}.");
        let of = |row: &&Row| row.category == key || row.category.starts_with(&below);
        rows.iter().filter(of).map(|row| escaped(&row.value)).collect()
    };
    let first = |key: &str| all(key).into_iter().next().unwrap_or_default();
    let (given, family) = (first("name.given"), first("name.family"));
    let full = match (first("name.full"), format!("{given} {family}").trim().to_owned()) {
        (full, _) if !full.is_empty() => full,
        (_, joined) if !joined.is_empty() => joined,
        _ => first("contact.email"),
    };
    let mut lines = vec![format!("FN:{full}")];
    if !given.is_empty() || !family.is_empty() {
        lines.push(format!("N:{family};{given};;;"));
    }
    let simple = [
        ("EMAIL", "contact.email"),
        ("TEL", "contact.phone"),
        ("URL", "contact.website"),
        ("LANG", "personal.language"),
        ("ORG", "work.employer"),
        ("TITLE", "work.title"),
        ("BDAY", "personal.birth-date"),
    ];
    for (name, key) in simple {
        lines.extend(all(key).into_iter().map(|value| format!("{name}:{value}")));
    }
    let part = |key: &str| first(&format!("contact.address.{key}"));
    let whole = rows.iter().filter(|row| row.category == "contact.address").map(|row| escaped(&row.value));
    lines.extend(whole.map(|value| format!("ADR:;;{value};;;;")));
    let parts = ["street", "city", "state", "postal-code", "country"].map(part);
    if parts.iter().any(|part| !part.is_empty()) {
        lines.push(format!("ADR:;;{}", parts.join(";")));
    }
    file::card(&lines)
}

async fn consent_record(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let record = consent(&ctx, &own, &person.company, &person.lang).await?;
    Ok(attachment("application/ld+json", "consent-record.json", pretty(&record)?))
}

/// The answers as a consent record.
pub(super) async fn consent(ctx: &Ctx, own: &Own, company: &Company, lang: &str) -> Result<Value, Problem> {
    // Reading one's own answers is a use like any other: it is asked and written down.
    let Answer::Permit(_) = act::take(ctx, own).await? else {
        return Err(Problem::forbidden("Your answers may not be given out at the moment.")
            .german("Ihre Antworten dürfen im Moment nicht herausgegeben werden."));
    };
    let settings = &ctx.settings;
    let made = record::Made {
        company: &company.name,
        contact: format!("{}/my/{}", settings.base_url, company.code),
        country: &settings.country,
        lang,
        base_url: &settings.base_url,
    };
    Ok(record::of(own, &made))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(category: &str, value: &str) -> Row {
        Row { category: category.into(), value: value.into(), ..Row::default() }
    }

    #[test]
    fn a_card_names_and_escapes() {
        let card = card(&[
            row("name.given", "Mia;Eve"),
            row("name.family", "Ito"),
            row("contact.email", "m@example.org"),
        ]);
        assert!(card.contains("FN:Mia\\;Eve Ito\r\n") && card.contains("N:Ito;Mia\\;Eve;;;\r\n"));
        assert!(card.contains("EMAIL:m@example.org\r\n") && card.ends_with("END:VCARD\r\n"));
    }
}
