//! The form in which a person says yes, and to how much. What is typed is parsed here, and nothing is added to it.

use std::collections::{BTreeMap, BTreeSet};

use assent_gate::Giving;
use assent_kernel::notice::Notice;
use assent_kernel::party::{Recipients, Scope};
use assent_kernel::{
    CategoryKey, KeySet, PartyId, Region, Span, Terms, Timestamp, TreeKey, Use, UseSet, Zones,
};
use assent_web::Fields;

use super::model::Names;
use super::text::Text;

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// Yes, as described.
    Yes,
    /// Yes, but only what is ticked.
    Limited,
    /// No.
    No,
    /// No, and not again for a while.
    NotAgain,
    /// No longer.
    Withdraw,
}

impl Reply {
    /// Reads the button that was pressed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "yes" => Some(Self::Yes),
            "limited" => Some(Self::Limited),
            "no" => Some(Self::No),
            "not-again" => Some(Self::NotAgain),
            "withdraw" => Some(Self::Withdraw),
            _ => None,
        }
    }
}

/// One thing that can be ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    /// What is sent.
    pub(super) value: String,
    /// What is read.
    pub(super) label: String,
    /// Whether it is ticked.
    pub(super) on: bool,
}

/// Everything a limited yes can leave out.
#[derive(Debug, Clone, Default)]
pub(super) struct Ticks {
    /// Kinds of data.
    pub(super) kinds: Vec<Tick>,
    /// What may be done.
    pub(super) may: Vec<Tick>,
    /// Recipients.
    pub(super) parties: Vec<Tick>,
    /// Places.
    pub(super) regions: Vec<Tick>,
    /// How long: days, `full`, or the end that a yes given before has.
    pub(super) spans: Vec<Tick>,
    /// How often; empty for any number of times.
    pub(super) uses: String,
}

const SPANS: [(&str, Option<u32>); 4] =
    [("30", Some(30)), ("183", Some(183)), ("365", Some(365)), ("full", None)];

fn span_label(t: Text, value: &str) -> &'static str {
    match value {
        "30" => t.month_1(),
        "183" => t.month_6(),
        "365" => t.year_1(),
        _ => t.full_time(),
    }
}

/// Before the end of a yes that was given, among the choices of how long.
const AS_NOW: &str = "until-";

/// How long there is to choose from. A yes that was cut short stays as short unless something else is chosen.
fn spans(t: Text, offered: &Terms, given: Option<&Terms>) -> Vec<Tick> {
    let now = given.map(|terms| terms.until).filter(|until| *until < offered.until);
    let as_now = now.map(|until| Tick {
        value: self::until(until),
        label: format!("{} {}", t.as_now(), t.date(until)),
        on: true,
    });
    let chosen = if as_now.is_some() { "" } else { "full" };
    as_now.into_iter().chain(SPANS.iter().map(|(value, _)| span(t, value, chosen))).collect()
}

/// How an end that is no span is sent.
pub(super) fn until(end: Timestamp) -> String {
    format!("{AS_NOW}{}", end.micros())
}

/// The end that was chosen; never later than what was asked for.
fn end(t: Text, offered: &Terms, chosen: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    if let Some(micros) = chosen.strip_prefix(AS_NOW) {
        let until = micros.parse().ok().map(Timestamp::from_micros).filter(|until| *until > now);
        return until.map(|until| until.min(offered.until)).ok_or(t.choose_span());
    }
    let days = SPANS.iter().find(|(value, _)| *value == chosen).and_then(|(_, days)| *days);
    Ok(days.map_or(offered.until, |days| now.plus(Span::days(days)).min(offered.until)))
}

fn regions(terms: &Terms) -> BTreeSet<Region> {
    terms.zones.iter().flat_map(|(regions, _)| regions.iter().cloned()).collect()
}

impl Ticks {
    /// What a notice offers, ticked as some terms have it (a yes given before), or all of it.
    pub(super) fn of(names: &Names<'_>, offered: &Terms, given: Option<&Terms>, uses: Option<u32>) -> Self {
        let on = given.unwrap_or(offered);
        let named: BTreeSet<PartyId> = names.parties(&on.recipients).into_iter().map(|p| p.id).collect();
        let kept = regions(on);
        Self {
            kinds: ticks(offered.categories.iter(), |key| (names.category(key), on.categories.covers(key))),
            may: offered.uses.iter().map(|one| may(names.t, one, on.uses)).collect(),
            parties: ticks(names.parties(&offered.recipients), |p| (names.party(p), named.contains(&p.id))),
            regions: ticks(regions(offered), |key| (names.region(key), kept.iter().any(|k| k.covers(key)))),
            spans: spans(names.t, offered, given),
            uses: uses.map_or_else(String::new, |n| n.to_string()),
        }
    }
    /// The same, ticked as it was typed.
    pub(super) fn typed(mut self, fields: &Fields) -> Self {
        let sent = |name: &'static str| fields.all(name).map(str::to_owned).collect::<BTreeSet<String>>();
        for (list, name) in [
            (&mut self.kinds, "kind"),
            (&mut self.may, "may"),
            (&mut self.parties, "party"),
            (&mut self.regions, "region"),
        ] {
            let sent = sent(name);
            list.iter_mut().for_each(|tick| tick.on = sent.contains(&tick.value));
        }
        self.spans.iter_mut().for_each(|tick| tick.on = tick.value == fields.get("span"));
        fields.get("uses").clone_into(&mut self.uses);
        self
    }
}

trait Valued {
    fn value(&self) -> String;
}
impl Valued for &CategoryKey {
    fn value(&self) -> String {
        self.to_string()
    }
}
impl Valued for Region {
    fn value(&self) -> String {
        self.to_string()
    }
}
impl Valued for &assent_kernel::party::Party {
    fn value(&self) -> String {
        self.code.clone()
    }
}

fn ticks<T: Valued>(all: impl IntoIterator<Item = T>, show: impl Fn(&T) -> (String, bool)) -> Vec<Tick> {
    let tick = |one: T| {
        let (label, on) = show(&one);
        Tick { value: one.value(), label, on }
    };
    all.into_iter().map(tick).collect()
}

fn may(t: Text, one: Use, kept: UseSet) -> Tick {
    Tick { value: one.name().to_owned(), label: t.may(one).to_owned(), on: kept.has(one) }
}

fn span(t: Text, value: &str, chosen: &str) -> Tick {
    Tick { value: value.to_owned(), label: span_label(t, value).to_owned(), on: value == chosen }
}

/// Reads a yes. Everything it names is checked again by the gate against what the notice asks for.
///
/// # Errors
/// The sentence that stands beside the form.
pub(super) fn giving(
    names: &Names<'_>,
    notice: &Notice,
    offered: &Terms,
    reply: Reply,
    fields: &Fields,
    now: Timestamp,
) -> Result<Giving, &'static str> {
    let t = names.t;
    let confirmed = fields.get("explicit") == "on";
    if names.needs_explicit(notice) && !confirmed {
        return Err(t.explicit_missing());
    }
    let version = fields.get("version").parse().map_err(|_| t.changed_text())?;
    if version != notice.version {
        return Err(t.changed_text());
    }
    let (terms, uses) = match reply {
        Reply::Limited => (limited(names, offered, fields, now)?, uses(t, fields)?),
        Reply::Yes | Reply::No | Reply::NotAgain | Reply::Withdraw => (offered.clone(), None),
    };
    let lang = notice.wording(t.lang()).map_or_else(|| t.lang().to_owned(), |words| words.lang.clone());
    Ok(Giving {
        purpose: notice.purpose.clone(),
        terms: Terms { explicit: confirmed, ..terms },
        notice: notice.id,
        notice_version: version,
        lang,
        uses,
    })
}

fn uses(t: Text, fields: &Fields) -> Result<Option<u32>, &'static str> {
    match fields.get("uses") {
        "" => Ok(None),
        text => text.parse().ok().filter(|n| (1..=1000).contains(n)).map(Some).ok_or(t.bad_uses()),
    }
}

/// The offered terms without what is not ticked. Something ticked that was not offered stays in, for the gate to refuse.
fn limited(
    names: &Names<'_>,
    offered: &Terms,
    fields: &Fields,
    now: Timestamp,
) -> Result<Terms, &'static str> {
    let t = names.t;
    let categories = keys(fields, "kind", CategoryKey::new).ok_or(t.more_than_asked())?;
    if categories.is_empty() {
        return Err(t.choose_kind());
    }
    let until = end(t, offered, fields.get("span"), now)?;
    Ok(Terms {
        categories,
        uses: allowed(t, offered, fields)?,
        recipients: recipients(names, offered, fields)?,
        zones: zones(t, offered, fields)?,
        until,
        ..offered.clone()
    })
}

fn keys<K: TreeKey>(
    fields: &Fields,
    name: &str,
    new: fn(&str) -> Result<K, assent_kernel::key::BadKey>,
) -> Option<KeySet<K>> {
    fields.all(name).map(|text| new(text).ok()).collect()
}

/// What may be done. A form that did not ask for it (`may=asked` is not there) leaves it as it was offered.
fn allowed(t: Text, offered: &Terms, fields: &Fields) -> Result<UseSet, &'static str> {
    let sent: Vec<&str> = fields.all("may").collect();
    if sent.is_empty() {
        return Ok(offered.uses);
    }
    let read = |name: &&str| Use::ALL.iter().copied().find(|one| one.name() == *name);
    let wanted: Option<UseSet> = sent.iter().filter(|name| **name != "asked").map(read).collect();
    let wanted = wanted.filter(|uses| offered.uses.has_all(*uses)).ok_or(t.more_than_asked())?;
    if wanted.is_empty() { Err(t.choose_use()) } else { Ok(wanted) }
}

fn recipients(names: &Names<'_>, offered: &Terms, fields: &Fields) -> Result<Recipients, &'static str> {
    let all: BTreeMap<&str, PartyId> =
        names.parties(&offered.recipients).into_iter().map(|p| (p.code.as_str(), p.id)).collect();
    let chosen: Option<BTreeSet<PartyId>> = fields.all("party").map(|code| all.get(code).copied()).collect();
    let chosen = chosen.ok_or(names.t.more_than_asked())?;
    if chosen.len() == all.len() {
        return Ok(offered.recipients.clone());
    }
    let kept = Scope { parties: chosen, kinds: BTreeSet::new(), depth: 0 };
    Ok(offered.recipients.meet(&Recipients::of(kept)))
}

fn zones(t: Text, offered: &Terms, fields: &Fields) -> Result<Zones, &'static str> {
    let all = regions(offered);
    // A notice with one place offers no choice of places, so the form sends none.
    if all.len() < 2 && !fields.has("region") {
        return Ok(offered.zones.clone());
    }
    let chosen: KeySet<Region> = keys(fields, "region", Region::new).ok_or(t.more_than_asked())?;
    if chosen.is_empty() {
        return Err(t.choose_region());
    }
    if !chosen.iter().all(|region| all.iter().any(|upper| upper.covers(region))) {
        return Err(t.more_than_asked());
    }
    if all.iter().all(|region| chosen.covers(region)) {
        return Ok(offered.zones.clone());
    }
    Ok(offered.zones.meet(&Zones::inside(chosen)))
}
