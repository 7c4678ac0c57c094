//! Columns: the same facts as the table's lines, turned by ninety degrees, so that counting does not visit people.
//!
//! People who said the same thing about a purpose and are of one class are a *group*: whether it opens is decided once
//! for all of them, and how many of its yeses still live is a binary search, at any instant. A clause that only one
//! person has is *loose*: such rows stand as slices of bits, one for each class, category and region, 64 people to a
//! step.
//!
//! What changes is first written down, in order: a few that are *late* are judged one by one when somebody counts, and
//! many are sorted in together.

use crate::class::ClassId;
use crate::clause::Clauses;
use crate::group::{Group, Groups, Member, Place, TOGETHER};
use crate::holder::{Holder, Holders, Stand};
use crate::loose::Loose;
use crate::pack::{Kind, Minute, QuickMap, Word};
use crate::row::Known;
use crate::sketch::{MOST_WORDS, Sketch};

/// Contracts of one kind, by their end and by their beginning: as many run as have not ended, less those that have not
/// begun.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running {
    ends: Group,
    begins: Group,
}

impl Running {
    pub(crate) fn count(&self, now: Minute) -> usize {
        self.ends.live(now).saturating_sub(self.begins.live(now))
    }
    pub(crate) fn members(&self, now: Minute) -> Vec<u32> {
        let (mut running, mut later) = (Vec::new(), Vec::new());
        self.ends.members(now, &mut running);
        self.begins.members(now, &mut later);
        later.sort_unstable();
        running.retain(|number| later.binary_search(number).is_err());
        running
    }
}

/// What people of one purpose said: yeses as groups by word and class, and as loose rows; all else only counted, for
/// it opens nothing and never ends.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) groups: Groups,
    pub(crate) closed: QuickMap<(u64, ClassId), usize>,
    pub(crate) loose: Loose,
    /// For each class, how many people have a word here.
    pub(crate) said: Vec<usize>,
    /// Yeses that are not in groups and loose yet; the number of people with a word counts them already.
    pub(crate) late: Vec<Late>,
}

/// A yes that came or went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Late {
    pub(crate) word: Word,
    pub(crate) number: u32,
    pub(crate) class: ClassId,
    pub(crate) comes: bool,
}

/// The most of a purpose that are late: as many as are judged one by one in a few microseconds.
const MOST_LATE: usize = 1024;

/// All columns.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) purposes: Vec<Column>,
    /// For each kind of contract and class, those who have one of it and none of another kind.
    pub(crate) contracts: QuickMap<(u64, ClassId), Running>,
    /// For each class, how many people; odd people are one class.
    pub(crate) people: Vec<usize>,
    /// People who must be looked at one by one where a purpose stands on no yes: with contracts of several kinds, or
    /// a wish about a purpose.
    pub(crate) joint: QuickMap<u32, ClassId>,
    holders: Holders,
}

fn count(counts: &mut Vec<usize>, class: ClassId, up: bool) {
    if counts.len() <= class.index() {
        counts.resize(class.index() + 1, 0);
    }
    if let Some(slot) = counts.get_mut(class.index()) {
        *slot = if up { *slot + 1 } else { slot.saturating_sub(1) };
    }
}

/// A person as the columns see them; words that are nothing fill up the rest.
struct Seen {
    class: ClassId,
    words: [Word; MOST_WORDS],
}

impl Seen {
    fn new(class: ClassId, words: impl Iterator<Item = Word>) -> Self {
        let mut all = [Word::default(); MOST_WORDS];
        all.iter_mut().zip(words).for_each(|(slot, word)| *slot = word);
        Self { class, words: all }
    }
    fn words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().take_while(|word| **word != Word::default())
    }
    fn is_joint(&self) -> bool {
        let contracts = self.words().filter(|word| word.is_contract()).count();
        contracts > 1 || self.words().any(|word| word.kind() == Kind::Other && !word.is_contract())
    }
}

impl Columns {
    pub(crate) fn new(purposes: usize) -> Self {
        Self {
            purposes: (0..purposes).map(|_| Column::default()).collect(),
            contracts: QuickMap::default(),
            people: Vec::new(),
            joint: QuickMap::default(),
            holders: Holders::default(),
        }
    }

    /// Somebody changes: from what the table knew to what they are now. What stayed is not touched.
    pub(crate) fn change(
        &mut self,
        number: u32,
        old: Option<Known<'_>>,
        new: Option<&Sketch>,
        clauses: &Clauses,
    ) {
        let old = old.map(|known| Seen::new(known.class(), known.words()));
        let new = new.map(|sketch| Seen::new(sketch.class, sketch.words.iter().copied()));
        let stays = matches!((&old, &new), (Some(old), Some(new)) if old.class == new.class);
        let in_both = |word: &Word, other: Option<&Seen>| {
            stays && other.is_some_and(|other| other.words.contains(word))
        };
        for (seen, other, comes) in [(&old, &new, false), (&new, &old, true)] {
            let Some(seen) = seen else { continue };
            for word in seen.words().filter(|word| !in_both(word, other.as_ref())) {
                self.word(number, seen.class, *word, comes, clauses);
            }
            self.whole(number, seen, comes);
        }
    }

    /// What is counted about the whole person.
    fn whole(&mut self, number: u32, seen: &Seen, comes: bool) {
        count(&mut self.people, seen.class, comes);
        if seen.is_joint() {
            if comes {
                self.joint.insert(number, seen.class);
            } else {
                self.joint.remove(&number);
            }
            return;
        }
        let Some(word) = seen.words().find(|word| word.is_contract()) else { return };
        let running = self.contracts.entry((word.contract_kind() as u64, seen.class)).or_default();
        running.ends.come_or_go(Member { end: word.end(), number }, comes);
        running.begins.come_or_go(Member { end: word.from(), number }, comes);
    }

    fn word(&mut self, number: u32, class: ClassId, word: Word, comes: bool, clauses: &Clauses) {
        if word.is_contract() {
            return;
        }
        let Some(column) = self.purposes.get_mut(word.purpose()) else { return };
        count(&mut column.said, class, comes);
        match word.kind() {
            Kind::Yes => column.late.push(Late { word, number, class, comes }),
            Kind::Other | Kind::No | Kind::NoLonger => {
                let people = column.closed.entry((word.form(), class)).or_default();
                *people = if comes { *people + 1 } else { people.saturating_sub(1) };
            }
        }
        if column.late.len() >= MOST_LATE {
            self.settle(word.purpose(), clauses);
        }
    }

    /// Sorts in what is late about a purpose.
    fn settle(&mut self, purpose: usize, clauses: &Clauses) {
        let Some(column) = self.purposes.get_mut(purpose) else { return };
        let mut late = std::mem::take(&mut column.late);
        for some in late.chunks(TOGETHER) {
            let places = self.fetch(purpose, some);
            for (one, place) in some.iter().zip(places) {
                self.yes(*one, place, clauses);
            }
        }
        late.clear();
        if let Some(column) = self.purposes.get_mut(purpose) {
            column.late = late;
        }
    }

    /// Asks for what sorting in some yeses needs, so that it comes from memory together; tells the groups they are of.
    fn fetch(&self, purpose: usize, some: &[Late]) -> [Option<Place>; TOGETHER] {
        let mut places = [None; TOGETHER];
        let Some(column) = self.purposes.get(purpose) else { return places };
        some.iter().for_each(|one| self.holders.fetch(one.word.clause()));
        for (place, one) in places.iter_mut().zip(some) {
            match self.holders.of(one.word.clause()) {
                Holder::Nobody => {}
                Holder::Alone(stand) => column.loose.fetch(stand),
                Holder::Many => *place = column.groups.place((one.word.form(), one.class)),
            }
        }
        places.iter().flatten().for_each(|place| column.groups.fetch(*place));
        places.iter().flatten().for_each(|place| column.groups.fetch_ends(*place));
        places
    }

    fn yes(&mut self, late: Late, place: Option<Place>, clauses: &Clauses) {
        let Late { word, number, class, comes } = late;
        let member = Member { end: word.end(), number };
        let holder = self.holders.of(word.clause());
        if comes && let Holder::Alone(stand) = holder {
            self.gather(stand, word.clause(), clauses);
        }
        let Some(column) = self.purposes.get_mut(word.purpose()) else { return };
        let books = (clauses, &mut self.holders);
        match holder {
            // The first to hold a clause stands loose, until a second one comes.
            Holder::Nobody if comes => column.loose.add(member, class, word, books),
            Holder::Alone(stand) if !comes => column.loose.take(stand, word.clause(), class, books),
            Holder::Nobody | Holder::Alone(_) | Holder::Many => {
                let place = place.unwrap_or_else(|| column.groups.place_for((word.form(), class)));
                column.groups.come_or_go(place, member, comes);
            }
        }
    }

    /// The one loose holder of a clause, under whatever purpose, becomes a group.
    fn gather(&mut self, stand: Stand, clause: usize, clauses: &Clauses) {
        for column in &mut self.purposes {
            if let Some((member, class, word)) = column.loose.holder(stand, clause) {
                column.loose.take(stand, clause, class, (clauses, &mut self.holders));
                let place = column.groups.place_for((word.form(), class));
                column.groups.come_or_go(place, member, true);
                return;
            }
        }
    }

    /// Sorts everything: after loading.
    pub(crate) fn tidy(&mut self, clauses: &Clauses) {
        (0..self.purposes.len()).for_each(|purpose| self.settle(purpose, clauses));
        self.purposes.iter_mut().for_each(|column| column.groups.tidy());
        self.contracts.values_mut().flat_map(|c| [&mut c.ends, &mut c.begins]).for_each(Group::tidy);
        self.slice_anew(clauses);
    }

    /// Sorts and slices loose rows anew: also when the regions among the bits of clauses are others.
    pub(crate) fn slice_anew(&mut self, clauses: &Clauses) {
        self.purposes.iter_mut().for_each(|column| column.loose.tidy(clauses, &mut self.holders));
    }

    pub(crate) fn bytes(&self) -> usize {
        let of = |column: &Column| {
            column.groups.bytes() + column.loose.bytes() + column.late.capacity() * size_of::<Late>()
        };
        let contracts = self.contracts.values().map(|c| c.ends.bytes() + c.begins.bytes());
        self.purposes.iter().map(of).sum::<usize>() + contracts.sum::<usize>() + self.holders.bytes()
    }
}
