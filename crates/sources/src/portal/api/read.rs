//! What a person's program reads. Each value is asked for at the gate, like on the person's own page.

use assent_gate::{After, Held};
use assent_kernel::grant::Said;
use assent_kernel::notice::Notice;
use assent_kernel::{FactId, Matter, NonEmpty, Timestamp};
use assent_store::requests::Request;
use assent_web::api::{Call, Cursor, Reply};
use assent_web::media::Media;
use assent_web::{Problem, objects, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::act::{self, Own, Wanted};
use super::super::form::{Tick, Ticks};
use super::super::model::Names;
use super::super::{export, fact, laws, receipt, received, stops, terms, things};
use super::{names, own};

fn data(all: &[Value]) -> Result<Reply, Problem> {
    Reply::of(&json!({ "data": all }))
}

fn iso(at: Timestamp) -> String {
    text::iso(at.micros())
}

pub(super) async fn me(call: &Call) -> Result<Reply, Problem> {
    let (program, own) = (call.program()?, own(call).await?);
    Reply::of(&json!({
        "person": own.dossier.id().to_string(), "company": program.company.name,
        "program": own.dossier.program_name(&program.key)?, "may": export::may(program.key.may),
        "until": iso(program.key.until), "known_since": iso(own.dossier.created_at()),
        "kept_in": own.dossier.region().to_string(), "values": own.dossier.facts().count(),
        "deleted_until": own.deleted.as_ref().map(|one| iso(one.until)),
    }))
}

/// Some of the values, asked for and told.
async fn values(call: &Call, own: &Own, wanted: &[&Held<String>]) -> Result<Vec<Value>, Problem> {
    let matters: Vec<Matter> = wanted.iter().map(|held| Matter::Held(held.id())).collect();
    let Ok(matters) = NonEmpty::try_from(matters) else { return Ok(Vec::new()) };
    let answer = act::view_these(&call.ctx, own, matters).await?;
    let owned = things::of(&call.ctx, own).await?;
    let names = names(call, own)?;
    let items = objects::by_fact(&owned);
    let row = |held: &&Held<String>| export::fact(export::row(&names, own, &answer, &items, held));
    Ok(wanted.iter().map(row).collect())
}

pub(super) async fn facts(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let after: Option<FactId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let later = |held: &&Held<String>| after.is_none_or(|after| held.id() > after);
    let mut page: Vec<&Held<String>> =
        own.dossier.facts().filter(later).take(call.limit().saturating_add(1)).collect();
    let more = page.len() > call.limit();
    page.truncate(call.limit());
    let next = page.last().filter(|_| more).map(|held| Cursor::written(held.id()));
    Reply::page(&values(call, &own, &page).await?, next)
}

pub(super) async fn fact(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let id = fact::fact(&own, call.name("id"))?;
    let held = own.dossier.fact(id).ok_or(assent_gate::GateError::NoPerson)?;
    let told = values(call, &own, &[held]).await?.pop().unwrap_or_default();
    Ok(Reply::of(&told)?.tagged(held.version()))
}

pub(super) async fn file(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let id = fact::fact(&own, call.name("id"))?;
    if !own.files.contains_key(&id) {
        return Err(Problem::not_found("That value names no file."));
    }
    let (name, file) = act::take_file(&call.ctx, &own, id).await?;
    let media = Media::parse(&file.kind);
    Reply::of(
        &json!({ "name": media.named(&name), "type": media.mime(), "content": STANDARD.encode(&file.content) }),
    )
}

pub(super) async fn items(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let owned = things::of(&call.ctx, &own).await?;
    data(&owned.iter().map(|one| things::item(&own, one)).collect::<Vec<_>>())
}

fn named((key, label): &(String, String)) -> Value {
    json!({ "key": key, "label": label })
}

pub(super) async fn kinds(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let all = fact::addable(&call.ctx, &own, &names(call, &own)?).await?;
    data(&all.iter().map(named).collect::<Vec<_>>())
}

fn choices(all: &[Tick]) -> Vec<Value> {
    all.iter().map(|one| json!({ "key": one.value, "label": one.label, "given": one.on })).collect()
}

/// One purpose: its notice, what it offers, what was said.
fn purpose(call: &Call, names: &Names<'_>, own: &Own, notice: &Notice, asked: &[Request]) -> Value {
    let (known, t) = (own.dossier.person(), names.t);
    let offered = call.ctx.gate.offered(notice, &own.standing.policy, own.now);
    let answer = known.answers.get(&notice.purpose);
    let (word, grant) = match answer.map(|answer| &answer.said) {
        Some(Said::Yes(grant)) => (Some("yes"), Some(grant)),
        Some(Said::No) => (Some("no"), None),
        Some(Said::NoLonger) => (Some("no-longer"), None),
        None => (None, None),
    };
    let lapsed = grant.and_then(|grant| names.lapsed(known, grant, own.now));
    let live = grant.filter(|_| lapsed.is_none());
    let ask = terms::told(&call.ctx, names, own, notice, asked);
    let ticks = Ticks::of(names, &offered, live.map(|g| &g.terms), live.and_then(|g| g.uses_left));
    let more = ask.facts.iter().map(|(key, label)| json!({ "key": key, "label": label }));
    json!({
        "purpose": notice.purpose.to_string(), "label": names.purpose(&notice.purpose),
        "sentence": names.purpose_sentence(&notice.purpose), "version": ask.version, "title": ask.title,
        "benefit": ask.benefit, "if_no": ask.if_no, "whole_yes": ask.sentence, "more": more.collect::<Vec<_>>(),
        "clearly": ask.explicit, "asked": ask.asked, "said": word,
        "stands": answer.map_or_else(|| t.never_asked().to_owned(), |answer| names.answer(answer)),
        "lapsed": lapsed.unwrap_or_default(), "until": iso(offered.until), "kinds": choices(&ticks.kinds),
        "may": choices(&ticks.may), "parties": choices(&ticks.parties), "regions": choices(&ticks.regions),
    })
}

pub(super) async fn all_terms(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let names = names(call, &own)?;
    let open = act::open(&own, &act::requests(&call.ctx, &own).await?);
    let notices = own.standing.policy.notices.values();
    data(&notices.map(|notice| purpose(call, &names, &own, notice, &open)).collect::<Vec<_>>())
}

pub(super) async fn terms(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let open = act::open(&own, &act::requests(&call.ctx, &own).await?);
    let notice = terms::notice(&own, call.name("purpose"))?;
    Reply::of(&purpose(call, &names(call, &own)?, &own, notice, &open))
}

pub(super) async fn stops(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let all = stops::all(&names(call, &own)?, own.dossier.person(), false);
    let told = |one: &stops::Stop| {
        json!({
            "stop": one.key, "purpose": (!one.purpose.is_empty()).then_some(&one.purpose), "title": one.title,
            "since": one.at.map(iso),
        })
    };
    data(&all.iter().map(told).collect::<Vec<_>>())
}

pub(super) async fn requests(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let names = names(call, &own)?;
    let all = act::requests(&call.ctx, &own).await?;
    data(&all.iter().map(|one| export::request(&names, one)).collect::<Vec<_>>())
}

pub(super) async fn uses(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let names = names(call, &own)?;
    let wrong = |_| Problem::invalid("`after` is a cursor of another list.");
    let after: After =
        call.after()?.map(|cursor| cursor.0.parse().map_err(wrong)).transpose()?.unwrap_or_default();
    let wanted = Wanted::of(call.asked("show").unwrap_or_default());
    let answer = act::view(&call.ctx, &own).await?;
    let (lines, next) = match answer.permit() {
        Some(permit) => act::uses(&call.ctx, permit, &own, wanted, after, call.limit()).await?,
        None => (Vec::new(), None),
    };
    let told: Vec<Value> = lines.iter().map(|line| export::used(&names, line)).collect();
    Reply::page(&told, next.map(Cursor::written))
}

pub(super) async fn receipt(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let line = receipt::line(call.name("number"))?;
    Reply::of(&json!({ "receipt": receipt::receipt(&call.ctx, &own, line).await? }))
}

pub(super) async fn laws(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let all = laws::laws(&names(call, &own)?, own.dossier.person(), own.now);
    let told = |law: &laws::Law| {
        json!({
            "sentence": law.sentence, "cite": law.cite, "url": law.url, "forbids": law.forbids, "contract": law.contract,
        })
    };
    data(&all.iter().map(told).collect::<Vec<_>>())
}

pub(super) async fn erasure(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let names = names(call, &own)?;
    let (goes, stays) = laws::erasure(&names, &own);
    let received = received::received(&names, &act::all_uses(&call.ctx, &own).await?);
    Reply::of(&json!({
        "goes": goes.iter().map(|(label, count)| json!({ "label": label, "count": count })).collect::<Vec<_>>(),
        "stays": stays.iter().map(|(label, law, until)| json!({ "label": label, "law": law, "until": until })).collect::<Vec<_>>(),
        "received": received.iter().map(|one| json!({ "name": one.name, "last": one.last })).collect::<Vec<_>>(),
    }))
}

pub(super) async fn export(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    Reply::of(&export::whole(&call.ctx, &own, &names(call, &own)?).await?)
}

pub(super) async fn table(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let text = export::csv(&call.ctx, &own, &names(call, &own)?).await?;
    Reply::of(&json!({ "name": "my-data.csv", "type": "text/csv; charset=utf-8", "text": text }))
}

pub(super) async fn card(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let text = export::vcard(&call.ctx, &own, &names(call, &own)?).await?;
    Reply::of(&json!({ "name": "me.vcf", "type": "text/vcard; charset=utf-8", "text": text }))
}

pub(super) async fn consent(call: &Call) -> Result<Reply, Problem> {
    let (own, program) = (own(call).await?, call.program()?);
    Reply::of(&export::consent(&call.ctx, &own, &program.company, &program.lang).await?)
}
