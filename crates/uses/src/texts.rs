//! What staff type around people, kept where it belongs and opened as the terms say: a text about a person is a fact of
//! theirs; a text about nobody is sealed under the company's key. Shared by the rooms, as the gate is.

mod export;

use std::collections::{BTreeMap, HashMap, HashSet};

use assent_gate::{Answer, Dossier, Gate, GateError, Held, Keeping, Own, Whose, Work};
use assent_kernel::uses::kind::{Export, List, View};
use assent_kernel::{CategoryKey, FactId, Matter, NonEmpty, Person, PersonId, Reason, UseKind};
use assent_store::StoreError;
use assent_store::home::Company;
use assent_store::work::{Text, forget_person};
use assent_web::{Ctx, Problem, Staff, say};

use crate::frame;
use crate::lists::rule::words;
use crate::seen::cell::{self, Cell, Value};
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::seen::{nameless, under};

pub use export::{Foreseen, foreseen, foreseen_values};

/// What came of keeping a text: where it lies, or why it may not be kept.
pub type Kept = Result<Text, Reason>;

/// Keeps a text of the record with this id.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    id: [u8; 16],
    kind: &str,
    about: Option<PersonId>,
    text: &str,
) -> Result<Kept, Problem> {
    let Some(person) = about else {
        return Ok(Ok(Text::Own(ctx.gate.own(staff.company.id).await?.seal(id, text)?)));
    };
    of_person(ctx, staff, kind, person, text, None).await
}

/// What is said to whoever would carry a text about a person over to somebody else.
pub const CARRIED: &str = "What stood here is about the person before and goes with them. Type a new text.";

/// True when a text about one person would become the company's own, or another person's: nothing of it is carried
/// over, not even with a word more or less.
pub fn carried(old: &Text, about: Option<PersonId>, before: &str, text: &str) -> bool {
    let Some(person) = old.person() else { return false };
    let (before, now) = (words(before), words(text));
    let within = |a: &[String], b: &[String]| a.iter().all(|word| b.contains(word));
    about != Some(person) && (within(&before, &now) || within(&now, &before))
}

/// Keeps another text for the place of one, which stays as long as nothing leads to the new one: [`written`] drops one
/// of the two. About the same person it stands on what the old one stood on, and is kept no longer.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    id: [u8; 16],
    kind: &str,
    old: &Text,
    about: Option<PersonId>,
    text: &str,
) -> Result<Kept, Problem> {
    match (old, about) {
        (Text::OfPerson(before, fact), Some(person)) if *before == person => {
            of_person(ctx, staff, kind, person, text, Some(*fact)).await
        }
        (Text::OfPerson(..) | Text::Own(_) | Text::Gone, _) => keep(ctx, staff, id, kind, about, text).await,
    }
}

/// After a row was to lead from an old text to a new one: forgets the old one when it does, and the new one when
/// somebody else was first. When nobody can tell, both stay, and their person sees both.
pub async fn written(
    ctx: &Ctx,
    staff: &Staff,
    (old, new): (&Text, &Text),
    row: Result<(), StoreError>,
) -> Result<(), Problem> {
    let over = match &row {
        Ok(()) => Some(old),
        Err(StoreError::Moved) => Some(new),
        Err(_) => None,
    };
    if let Some(over) = over.filter(|_| old != new) {
        frame::afterwards("forgetting a text", forget(ctx, staff, over).await);
    }
    Ok(row?)
}

async fn of_person(
    ctx: &Ctx,
    staff: &Staff,
    kind: &str,
    person: PersonId,
    text: &str,
    beside: Option<FactId>,
) -> Result<Kept, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), person).await?;
    let category = CategoryKey::new(kind).map_err(|error| Problem::internal(&error))?;
    // Only what may be seen for the purpose at hand is written under it.
    let matters = NonEmpty::one(Matter::Kind(category.clone()));
    let question = ctx.question(View, staff, &dossier, matters).await?;
    if let Answer::Refusal(refusal) = ctx.gate.ask(question, &dossier).await? {
        return Ok(Err(refusal.ruling.refusal().cloned().unwrap_or(Reason::EmptyRequest)));
    }
    let keeping = Keeping {
        category,
        value: text.to_owned(),
        source: format!("typed in by {}", staff.role.label()),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    let beside = beside.filter(|fact| dossier.fact(*fact).is_some());
    match ctx.gate.keep_beside(&dossier, vec![(keeping, beside)], staff.asker(), ctx.now()).await {
        Ok((facts, _)) => facts
            .first()
            .map(|fact| Ok(Text::OfPerson(person, *fact)))
            .ok_or_else(|| Problem::internal(&"no fact")),
        Err(GateError::NotKept(reason)) => Ok(Err(reason)),
        Err(other) => Err(other.into()),
    }
}

/// Looks again after work was tied to somebody: who was erased meanwhile is forgotten here too.
pub async fn settle(gate: &Gate, home: &Company, person: Option<PersonId>) -> Result<(), Problem> {
    let Some(person) = person else { return Ok(()) };
    if gate.look_even_deleted(&Whose::everybody(home.id), &[person]).await?.is_empty() {
        let (store, company) = (gate.region_db(&home.region)?, home.id);
        store.write(move |tx| forget_person(tx, company, person)).await?;
    }
    Ok(())
}

/// The tokens a text is found by: only when it is the company's own; a person's value has tokens of its own.
pub async fn tokens(
    ctx: &Ctx,
    staff: &Staff,
    work: Work,
    text: &Text,
    typed: &str,
) -> Result<Vec<i64>, Problem> {
    Ok(match text {
        Text::Own(_) => ctx.gate.own(staff.company.id).await?.tokens(work, typed),
        Text::OfPerson(..) | Text::Gone => Vec::new(),
    })
}

/// Drops a text that nothing leads to any more.
pub async fn forget(ctx: &Ctx, staff: &Staff, old: &Text) -> Result<(), Problem> {
    let Text::OfPerson(person, fact) = old else { return Ok(()) };
    let mut tries = 0;
    loop {
        // What nothing leads to goes, whoever looks after them.
        let known = ctx.gate.look(&Whose::everybody(staff.company.id), &[*person]).await?;
        let Some(dossier) = known.first().filter(|dossier| dossier.fact(*fact).is_some()) else {
            return Ok(());
        };
        match ctx.gate.forget(dossier, *fact, staff.asker(), ctx.now()).await {
            // Their terms moved at the same moment: once more.
            Err(GateError::Busy | GateError::Store(StoreError::Moved)) if tries < 3 => tries += 1,
            done => return Ok(done.map(|_| ())?),
        }
    }
}

/// Somebody whom texts are about: their name, and the texts, as far as they are open.
pub struct About {
    /// What the law knows of them.
    pub person: Person,
    /// What they are called.
    pub name: Cell,
    facts: HashMap<FactId, Cell>,
    versions: HashMap<FactId, String>,
}

impl About {
    /// What came of asking somebody for these facts; nothing is open of those that were not asked for.
    fn of(dossier: &Dossier, facts: &[FactId], values: Vec<Value>) -> Self {
        let held = dossier.facts().filter(|held| facts.contains(&held.id()));
        Self {
            person: dossier.person().clone(),
            name: cell::name(&values),
            versions: held.map(|held| (held.id(), held.version())).collect(),
            facts: values.into_iter().map(|value| (value.fact.id, value.cell)).collect(),
        }
    }
}

/// What is said of a text about somebody who is beyond reach.
pub const BEYOND: &str = "Not among the people your role looks after";

/// Texts, as far as they are open.
pub struct Opened {
    people: HashMap<PersonId, About>,
    own: Own,
    /// People whom texts are about, and who are beyond reach.
    beyond: HashSet<PersonId>,
}

impl Opened {
    /// Both together.
    pub fn and(mut self, more: Self) -> Self {
        self.beyond.extend(more.beyond);
        for (person, about) in more.people {
            match self.people.entry(person) {
                std::collections::hash_map::Entry::Vacant(none) => {
                    none.insert(about);
                }
                std::collections::hash_map::Entry::Occupied(mut had) => {
                    let had = had.get_mut();
                    // Once they were asked without their name.
                    if matches!(had.name, Cell::Unknown) {
                        had.name = about.name;
                    }
                    had.facts.extend(about.facts);
                    had.versions.extend(about.versions);
                }
            }
        }
        self
    }
}

/// Somebody whom texts are about, sealed, and which of their facts the texts are.
type Looked = (Dossier, Vec<FactId>);

/// The facts that texts are, by the people they are about.
fn wanted<'a>(texts: impl Iterator<Item = &'a Text>) -> BTreeMap<PersonId, Vec<FactId>> {
    let mut out: BTreeMap<PersonId, Vec<FactId>> = BTreeMap::new();
    for text in texts {
        if let Text::OfPerson(person, fact) = text {
            out.entry(*person).or_default().push(*fact);
        }
    }
    out
}

/// Whom texts are about: those within reach, looked up, and who the others are.
struct Around {
    looked: Vec<Looked>,
    beyond: HashSet<PersonId>,
}

async fn look<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Around, Problem> {
    let mut wanted = wanted(texts);
    let ids: Vec<PersonId> = wanted.keys().copied().collect();
    let whose = staff.people();
    let dossiers = ctx.gate.look(&whose, &ids).await?;
    // Of what is no longer held nothing is asked.
    let with = |dossier: Dossier| {
        let mut facts = wanted.remove(&dossier.id()).unwrap_or_default();
        facts.retain(|fact| dossier.fact(*fact).is_some());
        (dossier, facts)
    };
    let looked: Vec<Looked> = dossiers.into_iter().map(with).collect();
    // Whoever was not found may be deleted, too, and then within reach.
    let missing: Vec<PersonId> = wanted.into_keys().collect();
    let here = ctx.gate.within(&whose, &missing).await?;
    Ok(Around { looked, beyond: missing.into_iter().filter(|id| !here.contains(id)).collect() })
}

/// The same with the names of people beside the texts.
fn named(Around { looked, beyond }: Around) -> Around {
    let with = |(dossier, facts): Looked| {
        let mine = |held: &&Held<String>| under(held.category(), "name") || facts.contains(&held.id());
        let facts = dossier.facts().filter(mine).map(Held::id).collect();
        (dossier, facts)
    };
    Around { looked: looked.into_iter().map(with).collect(), beyond }
}

/// Looks at texts and opens none: enough to tell whether they are as they were.
pub async fn sealed<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Opened, Problem> {
    let Around { looked, beyond } = look(ctx, staff, texts).await?;
    let one = |(dossier, facts): Looked| (dossier.id(), About::of(&dossier, &facts, Vec::new()));
    let people = looked.into_iter().map(one).collect();
    Ok(Opened { people, own: ctx.gate.own(staff.company.id).await?, beyond })
}

/// Opens texts to list them: one question a person, all in one shared commit.
pub async fn listed<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Opened, Problem> {
    open(ctx, staff, List, named(look(ctx, staff, texts).await?)).await
}

/// Opens texts to look at them one by one.
pub async fn viewed<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Opened, Problem> {
    open(ctx, staff, View, named(look(ctx, staff, texts).await?)).await
}

/// The same, without the names of those they are about: for programs, which are told ids, and for whoever shows none.
pub async fn listed_alone<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Opened, Problem> {
    open(ctx, staff, List, look(ctx, staff, texts).await?).await
}

/// The same, one by one.
pub async fn viewed_alone<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = &'a Text>,
) -> Result<Opened, Problem> {
    open(ctx, staff, View, look(ctx, staff, texts).await?).await
}

/// Opens texts to take them along: each with whether the person it is about is named where it comes along.
pub async fn exported<'a>(
    ctx: &Ctx,
    staff: &Staff,
    texts: impl Iterator<Item = (&'a Text, bool)>,
) -> Result<Opened, Problem> {
    let texts: Vec<(&Text, bool)> = texts.collect();
    let heads = wanted(texts.iter().filter(|(_, names)| *names).map(|(text, _)| *text));
    let heads = heads.into_values().flatten().collect();
    let mut all = look(ctx, staff, texts.iter().map(|(text, _)| *text)).await?;
    for (dossier, facts) in &mut all.looked {
        *facts = export::asked(ctx, staff, dossier, facts, &heads).await?;
    }
    open(ctx, staff, Export, all).await
}

async fn open<U: UseKind + Copy>(
    ctx: &Ctx,
    staff: &Staff,
    what: U,
    Around { looked: asked, beyond }: Around,
) -> Result<Opened, Problem> {
    let mut questions = Vec::with_capacity(asked.len());
    for (dossier, facts) in &asked {
        let matters: Vec<Matter> = facts.iter().map(|fact| Matter::Held(*fact)).collect();
        if let Ok(matters) = NonEmpty::try_from(matters) {
            questions.push((ctx.question(what, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    let answers: HashMap<PersonId, Answer<U>> =
        who.into_iter().zip(ctx.gate.ask_many(questions).await?).collect();
    let mut people = HashMap::with_capacity(asked.len());
    for (dossier, facts) in &asked {
        let mine = dossier.facts().filter(|held| facts.contains(&held.id()));
        // Of whom nothing is held that could be asked for, it is known that nothing is.
        let values = match answers.get(&dossier.id()) {
            Some(answer) => mine.map(|held| Value::of(answer, held)).collect(),
            None => Vec::new(),
        };
        people.insert(dossier.id(), About::of(dossier, facts, values));
    }
    Ok(Opened { people, own: ctx.gate.own(staff.company.id).await?, beyond })
}

/// The texts about one person, out of what was asked about all their records already.
pub async fn of_person_seen<'a>(
    ctx: &Ctx,
    staff: &Staff,
    records: impl Iterator<Item = &'a Person>,
    values: &[Value],
) -> Result<Opened, Problem> {
    let of = |person: &Person| {
        let mine = values.iter().filter(|value| person.facts.contains_key(&value.fact.id));
        let facts = mine.map(|value| (value.fact.id, value.cell.clone())).collect();
        let (name, versions) = (cell::name(values), HashMap::new());
        (person.id, About { person: person.clone(), name, facts, versions })
    };
    let (people, own) = (records.map(of).collect(), ctx.gate.own(staff.company.id).await?);
    Ok(Opened { people, own, beyond: HashSet::new() })
}

impl Opened {
    /// What came of opening a person's text.
    pub fn cell(&self, text: &Text) -> Option<(&About, &Cell)> {
        let Text::OfPerson(person, fact) = text else { return None };
        let about = self.people.get(person)?;
        Some((about, about.facts.get(fact).unwrap_or(&Cell::Unknown)))
    }

    /// True when it was asked for already whether a text is open.
    pub fn was_asked(&self, text: &Text) -> bool {
        let Text::OfPerson(person, fact) = text else { return true };
        self.people.get(person).is_some_and(|about| about.facts.contains_key(fact))
    }

    /// Which sealing of a person's text this is; empty when it is not held.
    pub fn version(&self, text: &Text) -> &str {
        let Text::OfPerson(person, fact) = text else { return "" };
        self.people.get(person).and_then(|about| about.versions.get(fact)).map_or("", String::as_str)
    }

    /// How a row and the texts it leads to stand: another tag after every change of either, also by whom they are about.
    /// It is a mark, so that it does not tell how many texts there are.
    pub fn tag<'a>(
        &self,
        (ver, about): (i64, Option<PersonId>),
        texts: impl Iterator<Item = &'a Text>,
    ) -> String {
        if about.is_none() {
            return ver.to_string();
        }
        let all: Vec<&str> = texts.map(|text| self.version(text)).collect();
        format!("{ver}-{}", self.own.mark(&format!("{ver} {}", all.join(" "))))
    }

    /// A text that is open whole; only such a text may be searched, sorted by or changed.
    pub fn plain(&self, id: [u8; 16], text: &Text) -> Option<String> {
        match text {
            Text::Own(sealed) => self.own.open(id, sealed).ok(),
            Text::OfPerson(..) => {
                let (_, cell) = self.cell(text)?;
                cell.seen().filter(|seen| seen.whole).map(|seen| seen.text.clone())
            }
            Text::Gone => None,
        }
    }

    /// What the person is called whom a text is about, when both are open whole.
    pub fn name(&self, text: &Text) -> Option<&str> {
        let (about, cell) = self.cell(text)?;
        let seen = about.name.seen().filter(|_| cell.seen().is_some_and(|seen| seen.whole))?;
        seen.whole.then_some(seen.text.as_str())
    }

    /// A text as a heading that leads somewhere; `unnamed` stands for it when it is closed.
    pub fn title(
        &self,
        id: [u8; 16],
        text: &Text,
        words: &Words<'_>,
        (mark, unnamed, href): (String, String, String),
    ) -> Title {
        match self.cell(text) {
            Some((about, cell)) => Title::of(cell, &about.person, words, (mark, unnamed, href)),
            None if self.is_beyond(text) => Title {
                label: unnamed,
                href,
                closed: say(BEYOND).into(),
                briefly: say("not yours"),
                terms: None,
            },
            None => match self.plain(id, text) {
                Some(open) => Title::own(open, href),
                None => Title::own(unnamed, href),
            },
        }
    }

    /// Refuses to change a text about somebody who is beyond reach.
    ///
    /// # Errors
    /// A page that says so.
    pub fn must_reach(&self, text: &Text) -> Result<(), Problem> {
        if self.is_beyond(text) {
            Err(Problem::forbidden(format!("{}.", say(BEYOND))).said())
        } else {
            Ok(())
        }
    }

    /// True when a text is about somebody who is beyond reach.
    pub fn is_beyond(&self, text: &Text) -> bool {
        text.person().is_some_and(|person| self.beyond.contains(&person))
    }

    /// Why it is not told whom a text is about, in a sentence.
    pub fn why_not(&self, text: &Text, words: &Words<'_>) -> String {
        if self.is_beyond(text) { say(BEYOND).into() } else { words.closed_for() }
    }

    /// True when something of a text is open: only then may it be told whom it is about.
    pub fn tells(&self, text: &Text) -> bool {
        match self.cell(text) {
            Some((_, cell)) => cell.seen().is_some(),
            None => text.person().is_none(),
        }
    }

    /// Whom a text is about, when that may be told.
    pub fn about(&self, text: &Text) -> Option<PersonId> {
        text.person().filter(|_| self.tells(text))
    }

    /// Whom a text is about, as a heading that leads to their record; nothing when it is about nobody, and nothing
    /// when it is closed: work that hangs on a person is theirs.
    pub fn contact(&self, text: &Text, words: &Words<'_>, mark: String) -> Option<Title> {
        let (about, _) = self.cell(text).filter(|_| self.tells(text))?;
        let person = about.person.id;
        let href = format!("/people/{person}");
        Some(Title::of(&about.name, &about.person, words, (mark, nameless(person), href)))
    }
}

/// What is wrong with a text that is typed; empty when nothing is.
pub fn wrong(text: &str, longest: usize) -> String {
    if text.is_empty() {
        return say("Type something, or go back.").into();
    }
    // A form sends two characters for the end of a line, and counts one.
    if text.chars().filter(|c| *c != '\r').count() > longest {
        return say!("That is longer than {n} letters.", n = longest);
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        return say("It holds a character that cannot be shown.").into();
    }
    String::new()
}
