//! What was decided, in words: the chip and card of an open value, the lock and sentence of a closed one.

use assent_kernel::decide::keep::INFORM;
use assent_kernel::grant::{Answer, Grant, RestrictionGround, Said};
use assent_kernel::party::{PartyKind, Recipients};
use assent_kernel::{
    CategoryKey, GrantId, Mandate, Person, Policy, PurposeKey, Reason, Remedy, Role, Span, Timestamp,
    TreeKey, Warrant, Zones,
};
use assent_web::catalogue::{self, Lang, lang};
use assent_web::parts::{Act, Shown, State, Terms};
use assent_web::{say, shipped, text};

use super::cell::{Cell, Seen, Value};
pub use super::reasons::in_words;

/// What ends sooner than this is open under a condition.
const SOON: Span = Span::days(14);
/// The longest purpose that fits into a chip.
const SHORT: usize = 14;
/// The most regions that a card names one by one.
const MOST_REGIONS: usize = 4;

/// Everything a sentence may need.
pub struct Words<'a> {
    /// What the company laid down.
    pub policy: &'a Policy,
    /// The company's name.
    pub company: &'a str,
    /// The purpose at hand.
    pub purpose: &'a PurposeKey,
    /// The role worn now.
    pub role: Role,
    /// Now.
    pub now: Timestamp,
}

/// What is said above a record, so that its lines can say it briefly.
pub struct Above {
    /// Why most of it is closed.
    pub reason: Reason,
    /// The same in a few words.
    pub briefly: String,
}

/// Where a use was written down: its number, and where its receipt is for those who may take it.
pub struct Entry {
    /// The person's count of uses.
    pub seq: u64,
    /// Where the receipt is.
    pub receipt: Option<String>,
}

/// A purpose, in words.
pub fn label(policy: &Policy, purpose: &PurposeKey) -> String {
    let known = policy.purposes.get(purpose);
    known.map_or_else(|| purpose.to_string(), |one| shipped::purpose(one, lang()).to_owned())
}

/// A kind of fact, in words.
pub fn category_label(policy: &Policy, category: &CategoryKey) -> String {
    let known = policy.categories.get(category);
    known.map_or_else(|| category.to_string(), |one| shipped::category(one, lang()).to_owned())
}

/// A name as it stands within a sentence: English begins it small.
pub fn within(text: &str) -> String {
    if lang() == Lang::German {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

/// Where something comes from: it was written down in English, and is read in the language of whoever reads.
pub fn source(text: &str) -> String {
    if let Some(role) = text.strip_prefix("typed in by ") {
        say!("typed in by {role}", role = catalogue::kept(role))
    } else if let Some(role) = text.strip_prefix("a file, from ") {
        say!("a file, from {role}", role = catalogue::kept(role))
    } else if let Some(file) = text.strip_prefix("import ") {
        say!("import {file}", file = file)
    } else {
        catalogue::kept(text)
    }
}

/// True when a role has to do with a purpose: only then it is told what a person said about it. Whoever watches over
/// the data has to do with all of them.
pub fn concerns(policy: &Policy, role: Role, purpose: &PurposeKey) -> bool {
    role == Role::Dpo || policy.purposes.get(purpose).is_some_and(|one| one.roles.has(role))
}

impl<'a> Words<'a> {
    /// True when the role worn now has to do with a purpose.
    pub fn concerns(&self, purpose: &PurposeKey) -> bool {
        concerns(self.policy, self.role, purpose)
    }

    /// True when a closed value of this kind is not even named.
    pub fn hides(&self, category: &CategoryKey, cell: &Cell) -> bool {
        let special = self.policy.categories.get(category).is_none_or(|one| one.class.needs_explicit());
        special && cell.seen().is_none()
    }

    /// A purpose, in words.
    pub fn label(&self, purpose: &PurposeKey) -> String {
        label(self.policy, purpose)
    }

    /// A category, in words.
    pub fn category(&self, category: &CategoryKey) -> String {
        category_label(self.policy, category)
    }

    /// "Closed for sales".
    pub fn closed_for(&self) -> String {
        say!("Closed for {what}", what = self.at_hand())
    }

    /// "Partly closed for sales".
    pub fn partly_closed_for(&self) -> String {
        say!("Partly closed for {what}", what = self.at_hand())
    }

    /// The purpose at hand within a sentence: "sales", "“Your rights”".
    fn at_hand(&self) -> String {
        let label = self.label(self.purpose);
        if lang() == Lang::German || self.purpose.as_str().starts_with("rights") {
            say!("“{what}”", what = label)
        } else {
            within(&label)
        }
    }

    /// "Closed for sales: nobody has asked".
    pub fn short(&self, person: &Person, reason: &Reason) -> String {
        format!("{}: {}", self.closed_for(), because_of(person, reason))
    }

    /// The whole sentence about somebody.
    pub fn sentence_of(&self, person: &Person, reason: &Reason) -> String {
        if *reason == Reason::Restricted && erased(person) {
            return say("This person was erased. What a law demands is kept, and opens for that law alone.")
                .into();
        }
        self.sentence(Some(reason))
    }

    /// The whole sentence.
    pub fn sentence(&self, reason: Option<&Reason>) -> String {
        match reason {
            Some(Reason::ForbiddenBy { mandate }) => self
                .policy
                .mandate(mandate)
                .map_or_else(|| self.plain(reason), |rule| shipped::mandate(rule, lang()).to_owned()),
            _ => self.plain(reason),
        }
    }

    fn plain(&self, reason: Option<&Reason>) -> String {
        reason.map_or_else(
            || say("It cannot be read; the administrator finds the reason in the program's log.").into(),
            |reason| in_words(reason, self.purpose, self.policy),
        )
    }

    /// True when somebody in this role can ask the person about the purpose at hand.
    pub fn can_ask(&self) -> bool {
        self.can_ask_for(self.purpose)
    }

    /// True when somebody in this role can ask a person about a purpose.
    pub fn can_ask_for(&self, purpose: &PurposeKey) -> bool {
        let inform = PurposeKey::new(INFORM).ok().and_then(|key| self.policy.purposes.get(&key));
        let works = self.policy.purposes.get(purpose).is_some_and(|p| p.roles.has(self.role));
        works && inform.is_some_and(|p| p.roles.has(self.role)) && self.policy.notice_for(purpose).is_some()
    }

    /// True when asking the person could open what is closed for this reason: the notice must ask for its kind.
    pub fn askable(&self, category: &CategoryKey, reason: Option<&Reason>) -> bool {
        let noticed = self.policy.notice_for(self.purpose).is_some_and(|n| n.categories.covers(category));
        noticed && reason.is_some_and(|reason| reason.remedy() == Remedy::AskPerson) && self.can_ask()
    }

    /// How an open value stands.
    pub fn state(&self, seen: &Seen) -> State {
        if seen.whole && seen.open.until > self.now.plus(SOON) { State::Open } else { State::Part }
    }

    /// The chip of an open value, and the card behind it.
    pub fn terms(&self, id: String, person: &Person, seen: &Seen, entry: Option<&Entry>) -> Terms {
        let label = self.label(self.purpose);
        let purpose = match entry {
            Some(entry) => say!("{purpose} · entry {n}", purpose = label, n = text::count(entry.seq)),
            None => label,
        };
        let base = Terms {
            id,
            state: self.state(seen),
            label: self.chip(seen),
            purpose,
            until: until(seen.open.until),
            source: format!("{}, {}", source(&seen.fact.source), text::date(seen.fact.confirmed_at.micros())),
            receipt: entry.and_then(|entry| entry.receipt.clone()),
            ..Terms::default()
        };
        match seen.open.warrant {
            Warrant::Grant(id) => match granted(person, id) {
                Some((answer, grant)) => Terms {
                    who: self.who(&grant.terms.recipients),
                    region: places(&grant.terms.zones),
                    asked_on: self.asked(answer, grant),
                    ..base
                },
                None => base,
            },
            Warrant::Mandate(id) => match self.policy.mandates.get(&id) {
                Some(rule) => Terms {
                    who: self.who(&rule.recipients),
                    region: places(&rule.zones),
                    asked_on: say!("Not asked: {rule}", rule = cited(rule)),
                    ..base
                },
                None => base,
            },
        }
    }

    fn chip(&self, seen: &Seen) -> String {
        if !seen.whole {
            say("in part").into()
        } else if seen.open.until <= self.now.plus(SOON) {
            say!("until {day}", day = text::date(seen.open.until.micros()))
        } else {
            Some(self.label(self.purpose))
                .filter(|label| label.len() <= SHORT)
                .unwrap_or_else(|| say("open~state").into())
        }
    }

    fn asked(&self, answer: &Answer, grant: &Grant) -> String {
        let notice = self.policy.notices.get(&grant.notice);
        let title = notice.and_then(|notice| notice.wording(lang().code()).or_else(|| notice.wording("en")));
        let (day, version) = (text::date(answer.at.micros()), grant.notice_version);
        match title {
            Some(words) => {
                say!("{day}, “{title}”, version {version}", day = day, title = words.title, version = version)
            }
            None => say!("{day}, version {version}", day = day, version = version),
        }
    }

    /// Who may receive, in words.
    pub fn who(&self, recipients: &Recipients) -> String {
        let mut parts = vec![self.company.to_owned()];
        let mut deepest = 0;
        for scope in recipients.scopes() {
            let names = scope.parties.iter().filter_map(|id| self.policy.parties.get(id));
            parts.extend(names.map(|party| party.name.clone()));
            parts.extend(scope.kinds.iter().map(|kind| say(many(*kind)).to_owned()));
            deepest = deepest.max(scope.depth);
        }
        parts.dedup();
        match (parts.len(), deepest) {
            (1, _) => say!("{company} alone", company = self.company),
            (_, 0) => parts.join(", "),
            (_, 1) => say!("{names}, and those they engage", names = parts.join(", ")),
            (_, n) => say!("{names}, and those they engage, {n} tiers down", names = parts.join(", "), n = n),
        }
    }

    /// What stands in a cell of a list.
    pub fn in_list(&self, id: String, person: &Person, cell: &Cell) -> Shown {
        match cell {
            Cell::Unknown => Shown::Unknown,
            Cell::Open(seen) => Shown::value(seen.text.clone(), self.terms(id, person, seen, None)),
            Cell::Closed(reason) => Shown::locked(reason.as_ref().map_or_else(|| say("closed"), brief), None),
        }
    }

    /// What stands in a line of a record. What was said above it already is not said again in full.
    pub fn in_record(
        &self,
        id: String,
        person: &Person,
        value: &Value,
        entry: Option<&Entry>,
        briefly: Option<&str>,
        ask: Option<Act>,
    ) -> Shown {
        match &value.cell {
            Cell::Unknown => Shown::Unknown,
            Cell::Open(seen) => Shown::value(seen.text.clone(), self.terms(id, person, seen, entry)),
            Cell::Closed(reason) => {
                let reason = reason.as_ref();
                let ask = ask.filter(|_| self.askable(&value.fact.category, reason));
                match (briefly, reason) {
                    (Some(why), _) => Shown::locked(say!("Closed: {why}", why = why), ask),
                    (None, Some(reason)) => Shown::locked(self.sentence_of(person, reason), ask),
                    (None, None) => Shown::locked(self.sentence(None), ask),
                }
            }
        }
    }
}

/// True when somebody was erased, and only what a law demands is left.
pub fn erased(person: &Person) -> bool {
    person.restrictions.iter().any(|one| one.ground == RestrictionGround::RetainOnly)
}

/// A reason about somebody, in a few words.
pub fn because_of(person: &Person, reason: &Reason) -> &'static str {
    if *reason == Reason::Restricted && erased(person) {
        say("erased; kept for a law alone")
    } else {
        because(reason)
    }
}

/// The yes of that id.
pub fn granted(person: &Person, id: GrantId) -> Option<(&Answer, &Grant)> {
    person.answers.values().find_map(|answer| match &answer.said {
        Said::Yes(grant) if grant.id == id => Some((answer, &**grant)),
        Said::Yes(_) | Said::No | Said::NoLonger => None,
    })
}

/// A rule, in words.
pub fn cited(rule: &Mandate) -> String {
    format!("{}, {}", rule.cite.instrument, rule.cite.article)
}

/// Until when, in words.
pub fn until(at: Timestamp) -> String {
    if at == Timestamp::MAX { say("as long as the rule holds").into() } else { text::date(at.micros()) }
}

fn many(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Controller => "the company",
        PartyKind::Processor => "companies that work on its orders",
        PartyKind::Partner => "partner companies",
        PartyKind::Human => "named people",
    }
}

fn places(zones: &Zones) -> String {
    let Some((regions, _)) = zones.iter().next() else { return say("nowhere").into() };
    if regions.len() > MOST_REGIONS {
        return say!("any of {n} regions", n = regions.len());
    }
    let all: Vec<String> = regions.iter().map(|region| shipped::region(region, lang())).collect();
    say!("{regions} only", regions = all.join(", "))
}

/// A reason in a word or two, for a cell of a list.
pub fn brief(reason: &Reason) -> &'static str {
    say(match reason {
        Reason::NeverAsked => "not asked",
        Reason::Refused => "said no",
        Reason::Withdrawn => "taken back",
        Reason::Expired { .. } | Reason::UsedUp => "run out",
        Reason::CategoryNotGranted | Reason::UseNotGranted => "not granted",
        Reason::NoActiveContract => "no contract",
        Reason::NotNecessary => "not needed",
        Reason::NoMandate => "no rule",
        Reason::Restricted => "on hold",
        Reason::Objected | Reason::OptedOut => "objected",
        Reason::RetentionOver => "too old",
        Reason::RoleOutsideMandate | Reason::RoleOutsidePurpose => "not your role",
        Reason::ForbiddenBy { .. } => "forbidden",
        Reason::EmptyRequest
        | Reason::UnknownPerson
        | Reason::UnknownPurpose
        | Reason::UnknownCategory
        | Reason::UnknownFact
        | Reason::UnknownParty
        | Reason::UnknownRegion
        | Reason::ClockWentBack
        | Reason::UseOutsidePurpose
        | Reason::LegitimateInterestOff
        | Reason::NeedsGuardian
        | Reason::NoticeOutdated
        | Reason::HumanRequired
        | Reason::NeedsExplicit
        | Reason::NeedsTicket
        | Reason::ChainBroken { .. }
        | Reason::PartyNotActive { .. }
        | Reason::NoAgreement { .. }
        | Reason::DescriptionStale { .. }
        | Reason::RecipientNotNamed { .. }
        | Reason::TierTooDeep { .. }
        | Reason::RegionNotGranted { .. }
        | Reason::HopOutsideRegion { .. }
        | Reason::PlaceNotDescribed { .. }
        | Reason::NoTransferTool { .. }
        | Reason::ProvenanceDenies
        | Reason::ParentDenies { .. } => "closed",
    })
}

/// A reason in a few words.
pub fn because(reason: &Reason) -> &'static str {
    say(match reason {
        Reason::NeverAsked => "nobody has asked",
        Reason::Refused => "said no",
        Reason::Withdrawn => "took the yes back",
        Reason::Expired { .. } => "the yes has run out",
        Reason::UsedUp => "the yes is used up",
        Reason::NoticeOutdated => "the yes was to an older text",
        Reason::CategoryNotGranted => "not part of the yes",
        Reason::UseNotGranted => "the yes is for other uses",
        Reason::NeedsExplicit => "needs a yes in so many words",
        Reason::NeedsGuardian => "a guardian must say yes",
        Reason::NoActiveContract => "no contract runs",
        Reason::NotNecessary => "the contract does not need it",
        Reason::NoMandate => "no rule covers it",
        Reason::RoleOutsideMandate | Reason::RoleOutsidePurpose => "not for your role",
        Reason::UseOutsidePurpose => "lists are not part of it",
        Reason::RetentionOver => "kept for too long",
        Reason::Restricted => "the person put it on hold",
        Reason::Objected => "the person objected",
        Reason::OptedOut => "the person opted out",
        Reason::ForbiddenBy { .. } => "a rule forbids it",
        Reason::LegitimateInterestOff => "no ground for it",
        Reason::HumanRequired => "a human must decide",
        Reason::NeedsTicket => "needs a ticket",
        Reason::RegionNotGranted { .. } | Reason::HopOutsideRegion { .. } => "outside the agreed regions",
        Reason::RecipientNotNamed { .. } | Reason::TierTooDeep { .. } => "a recipient was not agreed to",
        Reason::ChainBroken { .. }
        | Reason::PartyNotActive { .. }
        | Reason::NoAgreement { .. }
        | Reason::DescriptionStale { .. }
        | Reason::PlaceNotDescribed { .. }
        | Reason::NoTransferTool { .. } => "a recipient is not in order",
        Reason::ProvenanceDenies | Reason::ParentDenies { .. } => "closed where it came from",
        Reason::ClockWentBack => "the clock was set back",
        Reason::EmptyRequest
        | Reason::UnknownPerson
        | Reason::UnknownPurpose
        | Reason::UnknownRegion
        | Reason::UnknownParty
        | Reason::UnknownFact
        | Reason::UnknownCategory => "it is not known",
    })
}
