//! What a person's program says and changes for them: the verbs of the person's own pages, with the program's name in
//! every line that they leave.

use assent_kernel::grant::Evidence;
use assent_kernel::{CategoryKey, FactId, RequestId, Timestamp};
use assent_web::api::{Call, Reply};
use assent_web::{Fields, Problem};
use serde::Deserialize;

use super::super::act::{self, Own};
use super::super::form::{self, Reply as Said, Tick, Ticks};
use super::super::model::Names;
use super::super::{fact, stops, terms};
use super::{names, own};

/// Whoever changes the address that lets the person in, comes in as them: that stays with the person.
fn no_way_in(category: &CategoryKey) -> Result<(), Problem> {
    if !fact::leads_in(category) {
        return Ok(());
    }
    Err(Problem::forbidden("An address that lets the person in is changed by themselves, on their own page."))
}

fn done(what: Result<(), String>) -> Result<Reply, Problem> {
    what.map(|()| Reply::done()).map_err(Problem::invalid)
}

/// A value of theirs that a program may change, as it was last seen.
fn changed(call: &Call, own: &Own) -> Result<FactId, Problem> {
    let id = fact::fact(own, call.name("id"))?;
    let held = own.dossier.fact(id).ok_or(assent_gate::GateError::NoPerson)?;
    no_way_in(held.category())?;
    call.matches(&held.version())?;
    Ok(id)
}

#[derive(Deserialize)]
struct Added {
    category: String,
    value: String,
}

pub(super) async fn add(call: &Call) -> Result<Reply, Problem> {
    let (own, sent) = (own(call).await?, call.body::<Added>()?);
    if let Ok(category) = CategoryKey::new(&sent.category) {
        no_way_in(&category)?;
    }
    done(fact::put(&call.ctx, &own, &names(call, &own)?, &sent.category, sent.value.trim()).await?)
}

#[derive(Deserialize)]
struct Put {
    value: String,
}

pub(super) async fn put(call: &Call) -> Result<Reply, Problem> {
    let (own, sent) = (own(call).await?, call.body::<Put>()?);
    let id = changed(call, &own)?;
    done(fact::put_right(&call.ctx, &own, &names(call, &own)?, id, sent.value.trim().to_owned()).await?)
}

pub(super) async fn remove(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let id = changed(call, &own)?;
    done(fact::remove(&call.ctx, &own, &names(call, &own)?, id).await?)
}

#[derive(Deserialize)]
struct Answer {
    answer: String,
    version: Option<u32>,
    kinds: Option<Vec<String>>,
    may: Option<Vec<String>>,
    parties: Option<Vec<String>>,
    regions: Option<Vec<String>>,
    until: Option<String>,
    uses: Option<u32>,
    quiet_days: Option<u32>,
}

impl Answer {
    /// True when anything of it makes a yes less.
    fn says_less(&self) -> bool {
        let lists = [&self.kinds, &self.may, &self.parties, &self.regions];
        lists.iter().any(|list| list.is_some()) || self.until.is_some() || self.uses.is_some()
    }
}

/// The form that says the same; what is left out of a limited yes stays as it is offered.
fn form_of(sent: Answer, offered: Option<&Ticks>) -> Fields {
    let mut out = vec![("answer".to_owned(), sent.answer)];
    let mut add = |name: &str, value: Option<String>| out.extend(value.map(|value| (name.to_owned(), value)));
    add("version", sent.version.map(|version| version.to_string()));
    add("uses", sent.uses.map(|uses| uses.to_string()));
    add("quiet", sent.quiet_days.map(|days| days.to_string()));
    // Its shape was checked before: what is there is a time.
    let until = sent.until.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let until = until.map(|until| form::until(Timestamp::from_micros(until.as_microsecond())));
    add("span", Some(until.unwrap_or_else(|| "full".to_owned())));
    let none: &[Tick] = &[];
    let of = |pick: fn(&Ticks) -> &Vec<Tick>| offered.map_or(none, |ticks| pick(ticks));
    for (name, chosen, all) in [
        ("kind", sent.kinds, of(|ticks| &ticks.kinds)),
        ("may", sent.may, of(|ticks| &ticks.may)),
        ("party", sent.parties, of(|ticks| &ticks.parties)),
        ("region", sent.regions, of(|ticks| &ticks.regions)),
    ] {
        let chosen = chosen.unwrap_or_else(|| all.iter().map(|tick| tick.value.clone()).collect());
        if name == "may" {
            // The form's word that it asked at all: without it, nothing chosen would mean everything.
            add(name, Some("asked".into()));
        }
        chosen.into_iter().for_each(|value| add(name, Some(value)));
    }
    Fields::of(out)
}

/// What a notice offers, ticked as a whole. A yes to what is specially protected is said by the person themselves.
fn offered(call: &Call, own: &Own, names: &Names<'_>, answer: &str) -> Result<Option<Ticks>, Problem> {
    let Ok(notice) = terms::notice(own, call.name("purpose")) else { return Ok(None) };
    let yes = match Said::parse(answer) {
        Some(Said::Yes | Said::Limited) => true,
        Some(Said::No | Said::NotAgain | Said::Withdraw) | None => false,
    };
    if yes && names.needs_explicit(notice) {
        return Err(Problem::forbidden(
            "A yes to what is specially protected is given by the person themselves, on their own page.",
        ));
    }
    let offered = call.ctx.gate.offered(notice, &own.standing.policy, own.now);
    Ok(Some(Ticks::of(names, &offered, None, None)))
}

pub(super) async fn answer(call: &Call) -> Result<Reply, Problem> {
    let (own, sent) = (own(call).await?, call.body::<Answer>()?);
    if sent.answer != "limited" && sent.says_less() {
        return Err(Problem::invalid("What is to be less stands beside the answer `limited` alone."));
    }
    if sent.regions.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::invalid("Name at least one place, or leave `regions` out."));
    }
    let names = names(call, &own)?;
    let offered = offered(call, &own, &names, &sent.answer)?;
    let form = form_of(sent, offered.as_ref());
    let said = terms::reply_to(&call.ctx, &own, &names, call.name("purpose"), &form, Evidence::Agent).await?;
    done(said.map(|_| ()))
}

async fn change(call: &Call, what: (&str, &str), lift: bool) -> Result<Reply, Problem> {
    let own = own(call).await?;
    stops::change(&call.ctx, &own, what, lift, Evidence::Agent).await?;
    Ok(Reply::done())
}

pub(super) async fn stop(call: &Call) -> Result<Reply, Problem> {
    change(call, (call.name("stop"), ""), false).await
}

pub(super) async fn lift(call: &Call) -> Result<Reply, Problem> {
    change(call, (call.name("stop"), ""), true).await
}

pub(super) async fn object(call: &Call) -> Result<Reply, Problem> {
    change(call, ("purpose", call.name("purpose")), false).await
}

pub(super) async fn lift_objection(call: &Call) -> Result<Reply, Problem> {
    change(call, ("purpose", call.name("purpose")), true).await
}

pub(super) async fn again(call: &Call) -> Result<Reply, Problem> {
    let own = own(call).await?;
    let nothing = || Problem::not_found("There is no such request to this person, or they may ask already.");
    let id: RequestId = call.name("id").parse().map_err(|_| nothing())?;
    if act::end_quiet(&call.ctx, &own, id).await? { Ok(Reply::done()) } else { Err(nothing()) }
}
