//! Who of everybody may be used for something: counted exactly, with the reason for everybody who may not; or cut, as
//! a list that names the version it was cut at. Each person is decided again at the moment of use.

use std::collections::BTreeMap;

use assent_kernel::{PersonId, Reason, reason::Remedy};

use crate::ask::{Asking, Books};
use crate::class::{Careful, ClassId};
use crate::group::{Groups, Seen, TOGETHER};
use crate::index::Index;
use crate::law::{Code, EXPIRED};
use crate::pack::{Minute, Word};
use crate::sift::Tally;
use crate::verdict::Verdict;

/// How many people, by outcome. Together they are everybody in the index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// May be used.
    pub permitted: usize,
    /// May not, by reason; a yes that ran out is one reason, whenever it did.
    pub refused: BTreeMap<&'static str, (Reason, usize)>,
    /// Of the refused, those whom asking could open it for.
    pub askable: usize,
    /// The version of the index.
    pub version: u64,
}

impl Counts {
    /// Both together: people of two indexes.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.permitted += other.permitted;
        self.askable += other.askable;
        self.version = self.version.max(other.version);
        for (code, (reason, people)) in other.refused {
            self.refused.entry(code).or_insert((reason, 0)).1 += people;
        }
        self
    }
}

/// Who may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The people, in the order of the index.
    pub people: Vec<PersonId>,
    /// Everybody, counted.
    pub counts: Counts,
}

/// Codes counted, and numbers collected when they are wanted.
struct Sums {
    /// For each code, how many.
    codes: Vec<isize>,
    permitted: isize,
    numbers: Option<Vec<u32>>,
    /// Numbers that were collected although they went.
    gone: Vec<u32>,
}

impl Tally for Sums {
    fn wants_numbers(&self) -> bool {
        self.numbers.is_some()
    }
    fn count(&mut self, code: Code, people: usize) {
        self.add(code, isize::try_from(people).unwrap_or(isize::MAX));
    }
    fn open(&mut self, number: u32) {
        self.permitted += 1;
        if let Some(numbers) = &mut self.numbers {
            numbers.push(number);
        }
    }
}

impl Sums {
    fn new(collect: bool) -> Self {
        Self { codes: Vec::new(), permitted: 0, numbers: collect.then(Vec::new), gone: Vec::new() }
    }
    fn add(&mut self, code: Code, people: isize) {
        let code = usize::from(code);
        if self.codes.len() <= code {
            self.codes.resize(code + 1, 0);
        }
        if let Some(sum) = self.codes.get_mut(code) {
            *sum += people;
        }
    }
    /// Somebody who came or went late.
    fn late(&mut self, verdict: Verdict, number: u32, comes: bool) {
        self.add(verdict.code(), if comes { 1 } else { -1 });
        if verdict.is_open()
            && let Some(numbers) = &mut self.numbers
        {
            if comes { numbers.push(number) } else { self.gone.push(number) }
        }
    }
    /// Who was collected, in order, without those who went.
    fn collected(&mut self) -> Vec<u32> {
        let mut numbers = self.numbers.take().unwrap_or_default();
        numbers.sort_unstable();
        self.gone.sort_unstable();
        let mut gone = self.gone.drain(..).peekable();
        if gone.peek().is_some() {
            numbers.retain(|number| gone.next_if_eq(number).is_none());
        }
        numbers
    }
    fn decided(&mut self, verdict: Verdict, people: usize) {
        if people > 0 {
            self.count(verdict.code(), people);
        }
    }
    fn group(&mut self, group: Seen<'_>, now: Minute) {
        let live = group.live(now);
        self.count(0, live);
        self.count(EXPIRED, group.len() - live);
        if let Some(numbers) = &mut self.numbers {
            group.members(now, numbers);
        }
    }
    fn one(&mut self, verdict: Verdict, number: u32) {
        if verdict.is_open() { self.open(number) } else { self.decided(verdict, 1) }
    }
}

/// A question whose purpose stands on a yes, put to everybody.
struct ByYes<'a> {
    asking: &'a Asking,
    books: &'a Books,
    careful: Careful,
    /// What is decided of each form while its yeses live, if nothing about the whole person closes it.
    forms: Vec<Verdict>,
}

impl<'a> ByYes<'a> {
    fn new(asking: &'a Asking, books: &'a Books, groups: &Groups) -> Self {
        let weighed = |form: &u64| asking.weigh(Word(*form).endless(), books);
        Self {
            forms: groups.forms().iter().map(weighed).collect(),
            careful: asking.careful(books),
            asking,
            books,
        }
    }

    fn group(&self, group: Seen<'_>, sums: &mut Sums) {
        let (asking, class) = (self.asking, group.head.class);
        if !self.careful.has(class)
            && let Some(verdict) = self.forms.get(group.head.form)
        {
            return living(*verdict, asking.now, group, sums);
        }
        let person = asking.person(class, group.word.newer(), self.books);
        if !person.is_open() {
            return sums.decided(person, group.len());
        }
        // As if it never ended: who has ended is counted beside.
        match asking.said(class, group.word.endless(), self.books) {
            verdict if verdict.is_open() || asking.ends_first(verdict, group.word, self.books) => {
                living(verdict, asking.now, group, sums);
            }
            verdict => sums.decided(verdict, group.len()),
        }
    }

    fn groups(&self, groups: &Groups, sums: &mut Sums) {
        let mut unknown = Vec::new();
        for group in groups.iter() {
            // How many have ended is known of most; the others come from memory together.
            if group.is_known(self.asking.now) { self.group(group, sums) } else { unknown.push(group) }
        }
        for some in unknown.chunks(TOGETHER) {
            let marks = some.iter().fold(0, |near, group| near ^ group.touch_marks());
            let members = some.iter().fold(0, |near, group| near ^ group.touch_members(self.asking.now));
            std::hint::black_box(marks ^ members);
            some.iter().for_each(|group| self.group(*group, sums));
        }
    }
}

/// A group whose living yeses are decided so.
fn living(verdict: Verdict, now: Minute, group: Seen<'_>, sums: &mut Sums) {
    if verdict.is_open() {
        return sums.group(group, now);
    }
    let live = group.live(now);
    sums.decided(verdict, live);
    sums.count(EXPIRED, group.len() - live);
}

impl Index {
    /// Counts who may be used, and why the others may not.
    #[must_use]
    pub fn count(&self, asking: &Asking) -> Counts {
        self.counts(asking, self.sum(asking, false))
    }

    /// Cuts the list of those who may be used.
    #[must_use]
    pub fn cut(&self, asking: &Asking) -> Audience {
        let mut sums = self.sum(asking, true);
        let people = sums.collected();
        let people = people.into_iter().filter_map(|number| self.person(number)).collect();
        Audience { people, counts: self.counts(asking, sums) }
    }

    fn counts(&self, asking: &Asking, sums: Sums) -> Counts {
        let open = sums.permitted + sums.codes.first().copied().unwrap_or(0);
        let people = |n: isize| usize::try_from(n).unwrap_or(0);
        let mut counts = Counts { permitted: people(open), version: self.version(), ..Counts::default() };
        let closed = (0..).zip(sums.codes).skip(1).map(|(code, n)| (code, people(n)));
        for (code, people) in closed.filter(|(_, people)| *people > 0) {
            let verdict =
                if code == EXPIRED { Verdict::expired(Minute::FIRST) } else { Verdict::closed(code) };
            let Some(reason) = self.reason(asking, verdict) else { continue };
            if matches!(reason.remedy(), Remedy::AskPerson | Remedy::AskGuardian) {
                counts.askable += people;
            }
            counts.refused.entry(reason.code()).or_insert((reason, 0)).1 += people;
        }
        counts
    }

    fn sum(&self, asking: &Asking, collect: bool) -> Sums {
        let (books, mut sums) = (self.books(), Sums::new(collect));
        self.odd_ones(asking, &mut sums);
        if asking.consent {
            self.by_yes(asking, books, &mut sums);
        } else {
            self.by_class(asking, books, &mut sums);
        }
        sums
    }

    /// Odd people, one by one.
    fn odd_ones(&self, asking: &Asking, sums: &mut Sums) {
        for (id, _) in self.odd.iter() {
            let verdict = self.decide(asking, *id);
            match self.number(*id) {
                Some(number) => sums.one(verdict, number),
                None => sums.decided(verdict, 1),
            }
        }
    }

    /// Everybody else, for a purpose that stands on a yes.
    fn by_yes(&self, asking: &Asking, books: &Books, sums: &mut Sums) {
        let columns = self.columns();
        let Some(column) = columns.purposes.get(asking.purpose) else { return };
        let by_yes = ByYes::new(asking, books, &column.groups);
        by_yes.groups(&column.groups, sums);
        for ((form, class), people) in &column.closed {
            let word = Word(*form);
            let person = asking.person(*class, word.newer(), books);
            let verdict = if person.is_open() { asking.said(*class, word, books) } else { person };
            sums.decided(verdict, *people);
        }
        column.loose.judge(asking, &by_yes.careful, books, sums);
        for late in &column.late {
            sums.late(asking.judge(late.class, late.word, books), late.number, late.comes);
        }
        // Who said nothing about the purpose.
        for (n, people) in columns.people.iter().enumerate().skip(1) {
            let said = column.said.get(n).copied().unwrap_or(0);
            let class = ClassId::from_bits(n as u64);
            let person = asking.person(class, false, books);
            let verdict = if person.is_open() { asking.said(class, Word::default(), books) } else { person };
            sums.decided(verdict, people - said);
        }
    }

    /// Everybody else, for a purpose that stands on no yes.
    fn by_class(&self, asking: &Asking, books: &Books, sums: &mut Sums) {
        let columns = self.columns();
        let mut left: Vec<usize> = columns.people.clone();
        let mut apart: Vec<u32> = Vec::new();
        for (number, class) in &columns.joint {
            if let Some(slot) = left.get_mut(class.index()) {
                *slot -= 1;
            }
            if let Some(id) = self.person(*number) {
                sums.one(self.decide(asking, id), *number);
            }
            apart.push(*number);
        }
        for ((kind, class), running) in &columns.contracts {
            let verdict = asking.class_verdict(*class, 1 << (kind & 63), (false, false), books);
            let people = running.count(asking.now);
            if let Some(slot) = left.get_mut(class.index()) {
                *slot -= people;
            }
            if sums.numbers.is_some() {
                let members = running.members(asking.now);
                members.iter().for_each(|number| sums.one(verdict, *number));
                apart.extend(members);
            } else {
                sums.decided(verdict, people);
            }
        }
        self.rest(asking, books, (&left, apart), sums);
    }

    /// People without a running contract, class by class.
    fn rest(&self, asking: &Asking, books: &Books, (left, mut apart): (&[usize], Vec<u32>), sums: &mut Sums) {
        let plain = |n: usize| asking.class_verdict(ClassId::from_bits(n as u64), 0, (false, false), books);
        let verdicts: Vec<Option<Verdict>> =
            left.iter().enumerate().map(|(n, people)| (n > 0 && *people > 0).then(|| plain(n))).collect();
        for (verdict, people) in verdicts.iter().zip(left) {
            match verdict {
                Some(verdict) if !verdict.is_open() => sums.decided(*verdict, *people),
                Some(verdict) if sums.numbers.is_none() => sums.decided(*verdict, *people),
                Some(_) | None => {}
            }
        }
        if sums.numbers.is_none() {
            return;
        }
        apart.sort_unstable();
        for (number, known) in self.table().iter() {
            let open = verdicts.get(known.class().index()).copied().flatten().is_some_and(Verdict::is_open);
            if open && apart.binary_search(&number).is_err() {
                sums.open(number);
            }
        }
    }
}
