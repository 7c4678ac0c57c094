//! Columns: the same facts as the table's lines, turned by ninety degrees, so that counting does not visit people.
//!
//! People who said the same thing about a purpose and are of one class are a *group*: whether it opens is decided once
//! for all of them, and how many of its yeses still live is a binary search, at any instant. A clause that only one
//! person has is *loose*: such rows stand as slices of bits, one for each category and region, 64 people to a step.

use crate::class::ClassId;
use crate::clause::Clauses;
use crate::loose::Loose;
use crate::pack::{Kind, Minute, QuickMap, Word};
use crate::sketch::{MOST_WORDS, Sketch};
use crate::table::Known;

/// One person in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) end: Minute,
    pub(crate) number: u32,
}

/// People with the same word and class: sorted by their end but for those who came since, less those who went since.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    sorted: Vec<Member>,
    /// The end of every 64th of the sorted: to find an instant, these few are read, and then 64 members in a row.
    marks: Vec<Minute>,
    came: Vec<Member>,
    went: Vec<Member>,
}

impl Group {
    fn come_or_go(&mut self, member: Member, comes: bool) {
        if comes { self.come(member) } else { self.go(member) }
    }
    fn come(&mut self, member: Member) {
        self.came.push(member);
        // While a group is loaded it grows by its own length, so that all the sorting together stays n log n.
        if self.came.len() > 1024.max(self.sorted.len()) {
            self.tidy();
        }
    }
    fn go(&mut self, member: Member) {
        if let Some(at) = self.came.iter().rev().take(16).position(|one| *one == member) {
            self.came.swap_remove(self.came.len() - 1 - at);
            return;
        }
        self.went.push(member);
        if self.went.len() > 1024.max(self.sorted.len() / 8) {
            self.tidy();
        }
    }
    /// Sorts in who came, and leaves out who went.
    pub(crate) fn tidy(&mut self) {
        self.sorted.append(&mut self.came);
        self.sorted.sort_unstable();
        leave_out(&mut self.sorted, std::mem::take(&mut self.went));
        self.marks = self.sorted.iter().step_by(STEP).map(|one| one.end).collect();
    }
    /// How many of the sorted have ended at a minute.
    fn ended(&self, now: Minute) -> usize {
        let Some(before) = ended_before(&self.marks, now) else { return 0 };
        let last = self.sorted.iter().skip(before).take(STEP);
        before + last.filter(|one| one.end <= now).count()
    }
    pub(crate) fn len(&self) -> usize {
        self.sorted.len() + self.came.len() - self.went.len()
    }
    /// How many live at a minute.
    pub(crate) fn live(&self, now: Minute) -> usize {
        let lives = |some: &[Member]| some.iter().filter(|one| now < one.end).count();
        let sorted = self.sorted.len() - self.ended(now);
        sorted + lives(&self.came) - lives(&self.went)
    }
    /// Touches the marks, so that those of several groups come from memory together.
    pub(crate) fn touch_marks(&self) -> u32 {
        self.marks.iter().step_by(LINE / size_of::<Minute>()).fold(0, |near, end| near ^ end.number())
    }
    /// Touches the members around a minute.
    pub(crate) fn touch_members(&self, now: Minute) -> u32 {
        let from = ended_before(&self.marks, now).unwrap_or(0);
        let around = self.sorted.iter().skip(from).take(STEP).step_by(LINE / size_of::<Member>());
        around.fold(0, |near, one| near ^ one.number)
    }
    /// The people who live at a minute.
    pub(crate) fn members(&self, now: Minute, out: &mut Vec<u32>) {
        let sorted = self.sorted.get(self.ended(now)..).unwrap_or_default();
        if self.came.is_empty() && self.went.is_empty() {
            return out.extend(sorted.iter().map(|one| one.number));
        }
        let lives = |some: &[Member]| some.iter().filter(|one| now < one.end).copied().collect::<Vec<_>>();
        let mut all = [sorted, &lives(&self.came)].concat();
        all.sort_unstable();
        leave_out(&mut all, lives(&self.went));
        out.extend(all.iter().map(|one| one.number));
    }
    fn bytes(&self) -> usize {
        (self.sorted.capacity() + self.came.capacity() + self.went.capacity()) * size_of::<Member>()
            + self.marks.capacity() * size_of::<Minute>()
    }
}

/// Bytes that come from memory at once.
pub(crate) const LINE: usize = 64;

/// How many groups, or segments of loose rows, are touched before the first of them is looked at: memory answers many
/// questions at once as fast as one.
pub(crate) const TOGETHER: usize = 16;

/// How many lie between two marks.
pub(crate) const STEP: usize = 64;

/// Where to look on: the place of the last mark that has ended; nothing when none has.
pub(crate) fn ended_before(marks: &[Minute], now: Minute) -> Option<usize> {
    // A few dozen at most, mostly: counting all of them is faster than halving, which is guessed wrong each time.
    let ended = match marks.len() {
        0..256 => marks.iter().filter(|end| **end <= now).count(),
        _ => marks.partition_point(|end| *end <= now),
    };
    ended.checked_sub(1).map(|last| last * STEP)
}

/// Takes each of those who went out of a sorted list, once.
fn leave_out(sorted: &mut Vec<Member>, mut went: Vec<Member>) {
    went.sort_unstable();
    let mut went = went.into_iter().peekable();
    sorted.retain(|one| went.next_if_eq(one).is_none());
}

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
    pub(crate) groups: QuickMap<(u64, ClassId), Group>,
    pub(crate) closed: QuickMap<(u64, ClassId), usize>,
    pub(crate) loose: Loose,
    /// For each class, how many people have a word here.
    pub(crate) said: Vec<usize>,
}

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
    /// For each clause, how many ever held it: none, one, more.
    holders: Vec<u8>,
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
            holders: Vec::new(),
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
        let running = self.contracts.entry((word.purpose() as u64, seen.class)).or_default();
        running.ends.come_or_go(Member { end: word.end(), number }, comes);
        running.begins.come_or_go(Member { end: word.from(), number }, comes);
    }

    fn word(&mut self, number: u32, class: ClassId, word: Word, comes: bool, clauses: &Clauses) {
        if word.is_contract() {
            return;
        }
        if let Some(column) = self.purposes.get_mut(word.purpose()) {
            count(&mut column.said, class, comes);
        }
        match word.kind() {
            Kind::Yes => self.yes(Member { end: word.end(), number }, class, word, comes, clauses),
            Kind::Other | Kind::No | Kind::NoLonger => {
                let Some(column) = self.purposes.get_mut(word.purpose()) else { return };
                let people = column.closed.entry((word.form(), class)).or_default();
                *people = if comes { *people + 1 } else { people.saturating_sub(1) };
            }
        }
    }

    fn yes(&mut self, member: Member, class: ClassId, word: Word, comes: bool, clauses: &Clauses) {
        let holders = self.holders(word.clause());
        if comes && holders == 1 {
            self.gather(word.clause());
        }
        let Some(column) = self.purposes.get_mut(word.purpose()) else { return };
        // The first to hold a clause stands loose, until a second one comes.
        if comes && holders == 0 {
            column.loose.add(member, class, word, clauses);
        } else if comes || holders != 1 || !column.loose.take(word.clause(), clauses) {
            column.groups.entry((word.form(), class)).or_default().come_or_go(member, comes);
        }
        // Holders are not counted down: a clause that ever had two stays a group, and nobody moves back and forth.
        if comes && let Some(holders) = self.holders.get_mut(word.clause()) {
            *holders = holders.saturating_add(1);
        }
    }

    fn holders(&mut self, clause: usize) -> u8 {
        if self.holders.len() <= clause {
            self.holders.resize(clause + 1, 0);
        }
        self.holders.get(clause).copied().unwrap_or(0)
    }

    /// The one loose holder of a clause, under whatever purpose, becomes a group.
    fn gather(&mut self, clause: usize) {
        for column in &mut self.purposes {
            if let Some((member, class, form)) = column.loose.gather(clause) {
                column.groups.entry((form, class)).or_default().come_or_go(member, true);
                return;
            }
        }
    }

    /// Sorts everything: after loading.
    pub(crate) fn tidy(&mut self, clauses: &Clauses) {
        self.purposes.iter_mut().flat_map(|column| column.groups.values_mut()).for_each(Group::tidy);
        self.contracts.values_mut().flat_map(|c| [&mut c.ends, &mut c.begins]).for_each(Group::tidy);
        self.purposes.iter_mut().for_each(|column| column.loose.tidy(clauses));
    }

    pub(crate) fn bytes(&self) -> usize {
        let of =
            |column: &Column| column.groups.values().map(Group::bytes).sum::<usize>() + column.loose.bytes();
        let contracts = self.contracts.values().map(|c| c.ends.bytes() + c.begins.bytes());
        self.purposes.iter().map(of).sum::<usize>() + contracts.sum::<usize>() + self.holders.capacity()
    }
}
