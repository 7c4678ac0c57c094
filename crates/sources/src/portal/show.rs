//! From what is known and decided to what a page shows. Pure but for the values, which an answer has opened.

use assent_gate::{Answer, Held, LineId, UseLine, program_of};
use assent_kernel::grant::Said;
use assent_kernel::ledger::Detail;
use assent_kernel::notice::Notice;
use assent_kernel::{CategoryKey, Person, PurposeKey, Timestamp, TreeKey, Use, UseKind, Warrant};
use assent_web::media;
use assent_web::objects::{self, Owned};
use assent_web::parts::{Chip, State};

use super::act::{self, NO_USE, Own};
use super::model::{self, Names};
use super::reasons;
use super::text::Text;

/// A notice on a page, benefit first.
pub(super) struct Ask {
    /// Where the answer goes.
    pub(super) action: String,
    /// Who asked and when, in a sentence; empty when nobody did.
    pub(super) asked: String,
    /// What a whole yes would mean, in one sentence.
    pub(super) sentence: String,
    pub(super) purpose: String,
    pub(super) title: String,
    pub(super) benefit: String,
    pub(super) if_no: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) version: u32,
    pub(super) explicit: bool,
    pub(super) guardian: bool,
}

/// A yes that was given.
pub(super) struct Agreed {
    pub(super) purpose: String,
    pub(super) title: String,
    pub(super) since: String,
    pub(super) sentence: String,
    pub(super) lapsed: String,
    pub(super) notice: bool,
}

/// A value with everything that belongs to it.
pub(super) struct Known {
    pub(super) label: String,
    /// What stands there, as it is read.
    pub(super) value: String,
    /// The same as it is kept and typed.
    pub(super) kept: String,
    pub(super) closed: String,
    pub(super) source: String,
    pub(super) since: String,
    pub(super) chip: Chip,
    pub(super) stands: String,
    pub(super) used_for: String,
    pub(super) carried: bool,
    pub(super) href: String,
    /// Where the file is that this is the name of, and how large it is.
    pub(super) file: Option<(String, String)>,
}

/// Values of one kind.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) known: Vec<Known>,
}

/// One line of the list of uses.
pub(super) struct Used {
    pub(super) what: String,
    pub(super) why: String,
    pub(super) because: String,
    pub(super) went: String,
    pub(super) went_label: &'static str,
    pub(super) when: String,
    pub(super) iso: String,
    pub(super) tone: &'static str,
    pub(super) word: &'static str,
    pub(super) reason: String,
    pub(super) seq: LineId,
    /// Of a use on many people, how many.
    pub(super) among: String,
    /// The case that staff named for it.
    pub(super) case: String,
}

/// The names in the reader's language.
pub(super) fn names<'a>(own: &'a Own, company: &'a str, t: Text) -> Names<'a> {
    Names { t, policy: &own.standing.policy, company }
}

/// A notice, told.
pub(super) fn ask(
    names: &Names<'_>,
    notice: &Notice,
    offered: &assent_kernel::Terms,
    person: &Person,
) -> Ask {
    let t = names.t;
    let words = notice.wording(t.lang());
    let text = |pick: fn(&assent_kernel::notice::Wording) -> &String| {
        words.map_or_else(String::new, |w| pick(w).clone())
    };
    let facts = [
        (t.what(), text(|w| &w.text)),
        (t.why(), names.purpose_sentence(&notice.purpose)),
        (t.kinds(), names.categories(notice.categories.iter())),
        (t.may_title(), names.uses(notice.uses)),
        (t.who(), names.recipients(&notice.recipients)),
        (t.place(), names.places(offered)),
        (t.long(), format!("{} {}", t.until(), t.date(offered.until))),
        (t.risks(), text(|w| &w.risks)),
    ];
    Ask {
        action: format!("/me/terms/{}", notice.purpose),
        asked: String::new(),
        sentence: names.terms(offered, None),
        purpose: notice.purpose.to_string(),
        title: text(|w| &w.title),
        benefit: text(|w| &w.benefit),
        if_no: text(|w| &w.if_no),
        facts: facts.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
        version: notice.version,
        explicit: names.needs_explicit(notice),
        guardian: person.minor,
    }
}

/// The notices that wait for an answer: those of open requests, and those whose text has changed since a yes.
pub(super) fn waiting<'a>(
    names: &Names<'a>,
    person: &Person,
    requests: &[assent_store::requests::Request],
) -> Vec<&'a Notice> {
    let policy = names.policy;
    let asked = requests.iter().filter_map(|one| policy.notices.get(&one.notice));
    let outdated = person.answers.values().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => {
            let oldest = policy.oldest_valid.get(&grant.notice).copied()?;
            policy.notices.get(&grant.notice).filter(|_| grant.notice_version < oldest)
        }
        Said::No | Said::NoLonger => None,
    });
    let mut seen = std::collections::BTreeSet::new();
    asked.chain(outdated).filter(|notice| seen.insert(notice.id)).collect()
}

/// Everything the person said yes to, newest first.
pub(super) fn agreed(names: &Names<'_>, person: &Person, now: Timestamp) -> Vec<Agreed> {
    let mut all: Vec<_> = person.answers.values().collect();
    all.sort_by_key(|answer| std::cmp::Reverse(answer.at));
    let yes = all.into_iter().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some((answer, grant)),
        Said::No | Said::NoLonger => None,
    });
    yes.map(|(answer, grant)| Agreed {
        purpose: answer.purpose.to_string(),
        title: names.purpose(&answer.purpose),
        since: names.t.date(answer.at),
        sentence: names.answer(answer),
        lapsed: names.lapsed(person, grant, now).unwrap_or_default().to_owned(),
        notice: names.policy.notice_for(&answer.purpose).is_some(),
    })
    .collect()
}

/// The order in which kinds of values are shown; others follow.
const ORDER: [&str; 10] = [
    "name",
    "contact",
    "personal",
    "work",
    "identifier",
    "purchase",
    "contract",
    "payment",
    "device",
    "preference",
];

/// What is held and stands in no item of theirs, by kind.
pub(super) fn groups<U: UseKind>(
    names: &Names<'_>,
    own: &Own,
    answer: &Answer<U>,
    owned: &[Owned],
) -> Vec<Group> {
    let mut by_root: std::collections::BTreeMap<(usize, String), Vec<&Held<String>>> = Default::default();
    let owned = objects::by_fact(owned);
    let alone = |held: &&Held<String>| !owned.contains_key(&held.id());
    for held in own.dossier.facts().filter(alone) {
        let root = held.category().as_str().split('.').next().unwrap_or_default().to_owned();
        let place = ORDER.iter().position(|one| *one == root).unwrap_or(ORDER.len());
        by_root.entry((place, root)).or_default().push(held);
    }
    let group = |((_, root), held): ((usize, String), Vec<&Held<String>>)| Group {
        title: CategoryKey::new(&root).map_or(root, |key| names.category(&key)),
        known: held.into_iter().map(|held| known(names, own, answer, held)).collect(),
    };
    by_root.into_iter().map(group).collect()
}

/// One value.
pub(super) fn known<U: UseKind>(
    names: &Names<'_>,
    own: &Own,
    answer: &Answer<U>,
    held: &Held<String>,
) -> Known {
    let (t, fact, person) = (names.t, held.fact(), own.dossier.person());
    let (value, closed) = match answer.open(held) {
        Ok(open) => (open.into_inner(), String::new()),
        Err(why) => (
            String::new(),
            why.0.map_or_else(String::new, |r| reasons::sentence(r.code(), t.german).to_owned()),
        ),
    };
    let open_for = names.open_for(person, fact, own.now);
    Known {
        label: names.category(&fact.category),
        value: own.read_as(&fact.category, value.clone()),
        kept: value,
        closed,
        source: t.source(&fact.source),
        since: t.date(fact.confirmed_at),
        chip: chip(names, person, fact, &open_for, own.now),
        stands: names.stands_on(person, fact, own.now),
        used_for: if open_for.is_empty() { t.used_for_nothing().to_owned() } else { t.list(&open_for) },
        carried: fact.carried.is_some(),
        href: format!("/me/fact/{}", fact.id),
        file: own.files.get(&fact.id).map(|size| (format!("/me/file/{}", fact.id), media::size(*size))),
    }
}

fn chip(
    names: &Names<'_>,
    person: &Person,
    fact: &assent_kernel::Fact,
    open_for: &[String],
    now: Timestamp,
) -> Chip {
    let t = names.t;
    let shut = |label: &str| Chip { state: State::Shut, label: label.to_owned() };
    let law = names.held_by_law(fact, now);
    if law.is_some_and(|(mandate, _)| open_for.len() <= mandate.purposes.len()) {
        return shut(t.chip_law());
    }
    if model::restricted(person, fact, now).is_some() {
        return shut(t.chip_restricted());
    }
    if names.contracts(person, fact, now).next().is_some() {
        return Chip { state: State::Open, label: t.chip_contract().to_owned() };
    }
    let duty = |id| names.policy.mandates.get(&id).is_some_and(model::is_duty);
    until(names, person, fact, now).unwrap_or_else(|| match fact.warrant {
        Some(Warrant::Mandate(id)) if duty(id) => shut(t.chip_quarantine()),
        Some(Warrant::Mandate(_) | Warrant::Grant(_)) | None => shut(t.chip_going()),
    })
}

/// "until 1 May 2027", by the latest yes that covers it.
fn until(names: &Names<'_>, person: &Person, fact: &assent_kernel::Fact, now: Timestamp) -> Option<Chip> {
    let yes = person.answers.values().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some(grant),
        Said::No | Said::NoLonger => None,
    });
    let live =
        yes.filter(|g| g.terms.categories.covers(&fact.category) && names.lapsed(person, g, now).is_none());
    let until = live.map(|grant| grant.terms.until).max()?;
    Some(Chip { state: State::Part, label: format!("{} {}", names.t.until(), names.t.date(until)) })
}

/// One line of the list of uses, told.
pub(super) fn used(names: &Names<'_>, person: &Person, line: &UseLine) -> Used {
    let (t, detail) = (names.t, &line.detail);
    let act = detail.use_code == NO_USE;
    let refused = act::refused(line);
    let (tone, word) = match (act, refused) {
        (true, _) => ("", t.recorded()),
        (false, true) => ("bad", t.refused()),
        (false, false) => ("good", t.permitted()),
    };
    let at = Timestamp::from_micros(detail.at);
    Used {
        what: what(names, detail, refused),
        why: if act { String::new() } else { purpose(names, &detail.purpose) },
        because: if act || refused { String::new() } else { names.warrants(person, &detail.warrant) },
        went: if act { String::new() } else { went(names, detail) },
        went_label: if refused { t.would_go_to() } else { t.went_to() },
        when: t.date_time(at),
        iso: assent_web::text::iso(detail.at),
        tone,
        word,
        reason: if refused { reasons::sentence(&detail.outcome, t.german).to_owned() } else { String::new() },
        seq: line.id,
        among: line.among.map(|people| t.among(people)).unwrap_or_default(),
        case: if !act && detail.context.iter().any(|word| word == "ticket") {
            detail.note.clone()
        } else {
            String::new()
        },
    }
}

fn purpose(names: &Names<'_>, key: &str) -> String {
    PurposeKey::new(key).map_or_else(|_| key.to_owned(), |key| names.purpose(&key))
}

/// What happened, in a sentence.
pub(super) fn what(names: &Names<'_>, detail: &Detail, refused: bool) -> String {
    let t = names.t;
    let who = names.who(detail);
    let keys: Vec<CategoryKey> =
        detail.categories.iter().filter_map(|key| CategoryKey::new(key).ok()).collect();
    let things = names.categories(keys.iter());
    let Some(one) = Use::ALL.get(usize::from(detail.use_code)) else {
        let things = if keys.is_empty() { String::new() } else { things };
        return t.happened(
            &detail.outcome,
            &who,
            &purpose(names, &detail.purpose),
            &things,
            &t.source(if program_of(detail).is_some() {
                detail.note.trim_start_matches("agent")
            } else {
                &detail.note
            }),
        );
    };
    let did = if refused { t.wanted(*one) } else { t.did(*one) };
    if t.german { format!("{who} – {did}: {things}") } else { format!("{who} {did}: {things}") }
}

/// What was opened, or asked to be, in an emergency: what happened, and because of what.
pub(super) fn emergency(
    names: &Names<'_>,
    one: &assent_gate::Emergency,
    now: Timestamp,
) -> Option<(String, String)> {
    let typed = one.typed.as_ref()?;
    let kinds = names.categories(one.kinds.iter());
    let (t, waits) = (names.t, one.waits(now));
    let what = match one.looked_at {
        Some(at) => t.emergency_looked(&t.date(at), &typed.who, &kinds),
        None => t.emergency_asked(&t.date(one.asked_at), &typed.who, &kinds, waits),
    };
    Some((what, t.emergency_because(&typed.reason, &typed.case, &typed.second, one.second.is_some())))
}

/// Who else received it, by name.
pub(super) fn went(names: &Names<'_>, detail: &Detail) -> String {
    let home = names.policy.parties.get(&names.policy.home).map(|party| party.code.as_str());
    let name =
        |code: &String| names.policy.party(code).map_or_else(|| code.clone(), |party| names.party(party));
    let parties: Vec<String> =
        detail.chain.iter().filter(|code| Some(code.as_str()) != home).map(name).collect();
    if parties.is_empty() { String::new() } else { names.t.list(&parties) }
}
