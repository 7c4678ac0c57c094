//! A notice as a form: what was typed, what is wrong with it, and the notice it makes.

use std::collections::BTreeSet;

use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Recipients, Scope, Standing, Transfer};
use assent_kernel::purpose::Purpose;
use assent_kernel::{
    CategoryKey, KeySet, NoticeId, PartyId, Policy, PurposeKey, Region, Span, Timestamp, Use, Zone, Zones,
};
use assent_web::catalogue::lang;
use assent_web::{Fields, say};

use super::words::{self, KINDS, TRANSFERS, Words};
use super::{Errors, bounded};

/// The most languages a notice has here; as many blocks can be filled in.
pub const MOST_LANGUAGES: usize = 6;
const LONGEST_TITLE: usize = 120;
const LONGEST_TEXT: usize = 2_000;

/// One language as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub lang: String,
    pub title: String,
    pub benefit: String,
    pub text: String,
    pub risks: String,
    pub if_no: String,
}

/// A notice as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub purpose: String,
    pub categories: BTreeSet<String>,
    pub uses: BTreeSet<String>,
    pub parties: BTreeSet<String>,
    pub kinds: BTreeSet<String>,
    pub depth: String,
    pub regions: BTreeSet<String>,
    pub transfers: BTreeSet<String>,
    pub days: String,
    pub words: Vec<Typed>,
    /// `yes`, `no`, or not said yet.
    pub material: String,
}

fn all(fields: &Fields, name: &str) -> BTreeSet<String> {
    fields.all(name).map(str::to_owned).collect()
}

impl Form {
    /// A new notice: English, at home, for a year.
    pub fn fresh(home: &Region) -> Self {
        Self {
            uses: BTreeSet::from(["View".to_owned()]),
            depth: "0".into(),
            regions: BTreeSet::from([home.to_string()]),
            days: "365".into(),
            words: vec![Typed { lang: "en".into(), ..Typed::default() }],
            ..Self::default()
        }
    }

    /// A notice as it stands; nothing when it is of a form that this page cannot show whole.
    pub fn of(notice: &Notice) -> Option<Self> {
        let (mut scopes, mut zones) = (notice.recipients.scopes(), notice.zones.iter());
        let (scope, (regions, by)) = (scopes.next()?, zones.next()?);
        if scopes.next().is_some() || zones.next().is_some() || notice.wordings.len() > MOST_LANGUAGES {
            return None;
        }
        let kinds = KINDS.iter().filter(|(_, kind)| scope.kinds.contains(kind));
        let by = TRANSFERS.iter().filter(|(_, transfer)| by.contains(transfer));
        let typed = |words: &Wording| Typed {
            lang: words.lang.clone(),
            title: words.title.clone(),
            benefit: words.benefit.clone(),
            text: words.text.clone(),
            risks: words.risks.clone(),
            if_no: words.if_no.clone(),
        };
        Some(Self {
            purpose: notice.purpose.to_string(),
            categories: super::ticks::values(&notice.categories),
            uses: notice.uses.iter().map(|one| one.name().to_owned()).collect(),
            parties: scope.parties.iter().map(ToString::to_string).collect(),
            kinds: kinds.map(|(key, _)| (*key).to_owned()).collect(),
            depth: scope.depth.to_string(),
            regions: super::ticks::values(regions),
            transfers: by.map(|(key, _)| (*key).to_owned()).collect(),
            days: super::days(notice.lasts).to_string(),
            words: notice.wordings.iter().map(typed).collect(),
            material: String::new(),
        })
    }

    /// What was sent. A block of words without any word is no language.
    pub fn read(fields: &Fields) -> Self {
        let word = |name: &str, i: usize| fields.get(&format!("{name}-{i}")).to_owned();
        let typed = (0..MOST_LANGUAGES).map(|i| Typed {
            lang: word("lang", i).to_lowercase(),
            title: word("title", i),
            benefit: word("benefit", i),
            text: word("text", i),
            risks: word("risks", i),
            if_no: word("if-no", i),
        });
        let filled = |one: &Typed| {
            ![&one.title, &one.benefit, &one.text, &one.risks, &one.if_no].iter().all(|text| text.is_empty())
        };
        Self {
            purpose: fields.get("purpose").to_owned(),
            categories: all(fields, "category"),
            uses: all(fields, "use"),
            parties: all(fields, "party"),
            kinds: all(fields, "kind"),
            depth: fields.get("depth").to_owned(),
            regions: all(fields, "region"),
            transfers: all(fields, "transfer"),
            days: fields.get("days").to_owned(),
            words: typed.filter(filled).collect(),
            material: fields.get("material").to_owned(),
        }
    }

    /// The notice it makes, or what is wrong with it.
    pub fn parse(
        &self,
        policy: &Policy,
        old: Option<&Notice>,
        id: NoticeId,
        at: Timestamp,
    ) -> Result<Notice, Errors> {
        let mut errors = Errors::default();
        let purpose = self.purpose(policy, old, &mut errors);
        let categories = self.categories(policy, &mut errors);
        let uses: assent_kernel::UseSet = self.uses.iter().filter_map(|name| Use::parse(name)).collect();
        if uses.is_empty() {
            errors.add("use", say("Choose at least one use: a notice that asks for nothing is no notice."));
        }
        if let Some(purpose) = purpose.filter(|purpose| !purpose.uses.has_all(uses)) {
            let allowed = super::words::uses(purpose.uses);
            errors.add(
                "use",
                say!(
                    "“{purpose}” is only for this: {uses}.",
                    purpose = words::purpose(purpose),
                    uses = allowed
                ),
            );
        }
        let recipients = self.recipients(policy, uses.has(Use::Share), &mut errors);
        let zones = self.zones(policy, &mut errors);
        let lasts = self.lasts(purpose, &mut errors);
        let wordings = self.wordings(&mut errors);
        let Some(purpose) = purpose else { return Err(errors) };
        let version = old.map_or(0, |old| old.version).saturating_add(1);
        let notice = Notice {
            id,
            version,
            material: old.is_none() || self.material == "yes",
            purpose: purpose.key.clone(),
            categories,
            uses,
            recipients,
            zones,
            lasts,
            published_at: at,
            wordings,
        };
        if old.is_some_and(|old| same(old, &notice)) {
            errors.add("form", say("Nothing is different from the version that holds now."));
        }
        errors.or(())?;
        notice.check().map_err(|bad| {
            let mut errors = Errors::default();
            errors.add("form", format!("{bad}."));
            errors
        })
    }

    fn purpose<'a>(
        &self,
        policy: &'a Policy,
        old: Option<&Notice>,
        errors: &mut Errors,
    ) -> Option<&'a Purpose> {
        let key = old.map_or_else(|| PurposeKey::new(&self.purpose).ok(), |old| Some(old.purpose.clone()));
        let Some(found) = key.and_then(|key| policy.purposes.get(&key)) else {
            errors.add("purpose", say("Choose what it is for."));
            return None;
        };
        if !found.basis.needs_grant() {
            let basis = super::words::basis_word(found.basis);
            let what = say!(
                "“{purpose}” does not stand on a yes but on this: {ground}. It needs no notice.",
                purpose = words::purpose(found),
                ground = basis
            );
            errors.add("purpose", what);
        } else if old.is_none() && policy.notice_for(&found.key).is_some() {
            let what = say!(
                "There is a notice for “{purpose}” already: change that one.",
                purpose = words::purpose(found)
            );
            errors.add("purpose", what);
        }
        Some(found)
    }

    fn categories(&self, policy: &Policy, errors: &mut Errors) -> KeySet<CategoryKey> {
        let keys = self.categories.iter().filter_map(|text| CategoryKey::new(text).ok());
        let known: KeySet<CategoryKey> = keys.filter(|key| policy.categories.contains_key(key)).collect();
        if known.is_empty() {
            errors.add("category", say("Choose at least one kind of data."));
        }
        known
    }

    fn recipients(&self, policy: &Policy, shares: bool, errors: &mut Errors) -> Recipients {
        let ids: BTreeSet<PartyId> = self.parties.iter().filter_map(|text| text.parse().ok()).collect();
        for id in &ids {
            match policy.parties.get(id) {
                None => errors.add("party", say("One of them is not a party of this company.")),
                Some(party) if party.standing == Standing::Ended => {
                    errors.add("party", say!("The work with {party} has ended.", party = party.name));
                }
                Some(_) => {}
            }
        }
        let kinds: BTreeSet<_> =
            KINDS.iter().filter(|(key, _)| self.kinds.contains(*key)).map(|(_, kind)| *kind).collect();
        let depth = self.depth.parse::<u8>().ok().filter(|n| *n <= 3).unwrap_or_else(|| {
            errors.add("depth", say("Choose how deep."));
            0
        });
        let nobody = ids.is_empty() && kinds.is_empty();
        if shares && nobody {
            errors.add("party", say("It asks to pass data on, but to nobody. Choose who receives."));
        }
        if nobody && depth > 0 {
            errors.add("depth", say("Nobody outside receives, so there is nobody below them either."));
        }
        Recipients::of(Scope { parties: ids, kinds, depth })
    }

    fn zones(&self, policy: &Policy, errors: &mut Errors) -> Zones {
        let keys = self.regions.iter().filter_map(|text| Region::new(text).ok());
        let regions: KeySet<Region> = keys.filter(|key| policy.regions.covers(key)).collect();
        let transfers: BTreeSet<Transfer> =
            TRANSFERS.iter().filter(|(key, _)| self.transfers.contains(*key)).map(|(_, by)| *by).collect();
        let home = policy.parties.get(&policy.home);
        let outside = home.and_then(|home| {
            home.places.all().into_iter().find(|(_, set)| !regions.covers_all(set)).map(|(place, _)| place)
        });
        if regions.is_empty() {
            errors.add("region", say("Choose at least one place: otherwise nothing may happen anywhere."));
        } else if let (Some(place), Some(home)) = (outside, home) {
            let words = Words::new(policy, &home.name);
            let set = place_set(home, place);
            let there = words.regions(set);
            errors.add(
                "region",
                say!(
                    "{company} itself {does} {there}. Without it nothing could be done at all.",
                    company = home.name,
                    does = say(place.word()),
                    there = there
                ),
            );
        }
        Zones::of(Zone { regions, transfers })
    }

    fn lasts(&self, purpose: Option<&Purpose>, errors: &mut Errors) -> Span {
        let most = purpose.map_or(0, |purpose| super::days(purpose.longest));
        let days = self.days.parse::<u32>().ok().filter(|days| *days > 0);
        match days {
            None => errors.add("days", say("Say for how many days, at least 1.")),
            Some(days) if purpose.is_some() && i64::from(days) > most => {
                errors.add("days", say!("This purpose allows at most {n} days.", n = most));
            }
            Some(_) => {}
        }
        Span::days(days.unwrap_or(1))
    }

    fn wordings(&self, errors: &mut Errors) -> Vec<Wording> {
        if self.words.is_empty() {
            errors.add("title-0", say("Write the notice in at least one language."));
        }
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for (i, typed) in self.words.iter().enumerate() {
            let two = typed.lang.len() == 2 && typed.lang.bytes().all(|b| b.is_ascii_lowercase());
            if !two {
                errors.add(format!("lang-{i}"), say("Two letters, such as en or de."));
            } else if !seen.insert(typed.lang.clone()) {
                errors.add(format!("lang-{i}"), say("This language is there already."));
            }
            let mut text = |name: &str, value: &str, most: usize, empty: &str| {
                let clean = bounded(value, most);
                match clean.as_deref() {
                    None => errors.add(format!("{name}-{i}"), say!("At most {n} characters.", n = most)),
                    Some("") if !empty.is_empty() => errors.add(format!("{name}-{i}"), say(empty)),
                    Some(_) => {}
                }
                clean.unwrap_or_default()
            };
            out.push(Wording {
                lang: typed.lang.clone(),
                title: text("title", &typed.title, LONGEST_TITLE, "Ask in one line."),
                benefit: text(
                    "benefit",
                    &typed.benefit,
                    LONGEST_TEXT,
                    "Say what the person gets. Without a benefit, do not ask.",
                ),
                text: text("text", &typed.text, LONGEST_TEXT, "Say what is done, in plain words."),
                risks: text("risks", &typed.risks, LONGEST_TEXT, ""),
                if_no: text("if-no", &typed.if_no, LONGEST_TEXT, "Say what happens if the answer is no."),
            });
        }
        out
    }
}

fn place_set(party: &assent_kernel::party::Party, place: assent_kernel::party::Place) -> &KeySet<Region> {
    use assent_kernel::party::Place;
    match place {
        Place::Store => &party.places.store,
        Place::Process => &party.places.process,
        Place::Access => &party.places.access,
        Place::Control => &party.places.control,
    }
}

/// What a notice is called in the history, which is in English.
pub fn title(notice: &Notice) -> String {
    title_in(notice, "en")
}

/// What a notice is called in lists, in the language of whoever reads them.
pub fn title_here(notice: &Notice) -> String {
    title_in(notice, lang().code())
}

fn title_in(notice: &Notice, lang: &str) -> String {
    notice.wording(lang).map_or_else(|| notice.purpose.to_string(), |words| words.title.clone())
}

/// Whether two versions say and ask the same.
fn same(old: &Notice, new: &Notice) -> bool {
    let bare =
        |one: &Notice| Notice { version: 0, material: false, published_at: Timestamp::MIN, ..one.clone() };
    bare(old) == bare(new)
}

/// What is different from the version before, as sentences.
pub fn differences(words: &Words<'_>, old: &Notice, new: &Notice) -> Vec<String> {
    let mut out = Vec::new();
    let more: KeySet<CategoryKey> =
        new.categories.iter().filter(|key| !old.categories.covers(key)).cloned().collect();
    let less: KeySet<CategoryKey> =
        old.categories.iter().filter(|key| !new.categories.covers(key)).cloned().collect();
    if !more.is_empty() {
        out.push(say!("It asks for more: {kinds}.", kinds = words.categories(&more)));
    }
    if !less.is_empty() {
        out.push(say!("It no longer asks for: {kinds}.", kinds = words.categories(&less)));
    }
    let uses = |a: &Notice, b: &Notice| -> Vec<String> {
        a.uses
            .iter()
            .filter(|one| !b.uses.has(*one))
            .map(|one| super::words::use_word(one).to_owned())
            .collect()
    };
    let (added, dropped) = (uses(new, old), uses(old, new));
    if !added.is_empty() {
        out.push(say!("New uses: {uses}.", uses = super::words::list(&added)));
    }
    if !dropped.is_empty() {
        out.push(say!("No longer: {uses}.", uses = super::words::list(&dropped)));
    }
    if old.recipients != new.recipients {
        let (was, is) = (words.recipients(&old.recipients), words.recipients(&new.recipients));
        out.push(say!("Who receives: {is} (before: {was}).", is = is, was = was));
    }
    if old.zones != new.zones {
        let (was, is) = (words.zones(&old.zones), words.zones(&new.zones));
        out.push(say!("Where: {is} (before: {was}).", is = is, was = was));
    }
    if old.lasts != new.lasts {
        let (was, is) = (super::words::span(old.lasts), super::words::span(new.lasts));
        out.push(say!("For how long: {is} (before: {was}).", is = is, was = was));
    }
    for wording in &new.wordings {
        match old.wordings.iter().find(|one| one.lang == wording.lang) {
            None => out.push(say!("A new language: {lang}.", lang = wording.lang)),
            Some(before) if before != wording => {
                out.push(say!("The {lang} words have changed.", lang = wording.lang))
            }
            Some(_) => {}
        }
    }
    for gone in old.wordings.iter().filter(|old| new.wordings.iter().all(|one| one.lang != old.lang)) {
        out.push(say!("No longer in {lang}.", lang = gone.lang));
    }
    out
}
