//! Columns: the same facts as the table's lines, turned by ninety degrees, so that counting does not visit people.
//!
//! People who said the same thing about a purpose and are of one class are a *group*: whether it opens is decided once
//! for all of them, and how many of its yeses still live is a binary search, at any instant. A clause that only one
//! person has is *loose*: such rows stand as slices of bits, one for each category and region, 64 people to a step.

use std::collections::HashMap;

use crate::class::ClassId;
use crate::clause::Clauses;
use crate::loose::Loose;
use crate::pack::{Kind, Minute, Word};
use crate::sketch::Sketch;
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
    }
    pub(crate) fn len(&self) -> usize {
        self.sorted.len() + self.came.len() - self.went.len()
    }
    /// How many live at a minute.
    pub(crate) fn live(&self, now: Minute) -> usize {
        let lives = |some: &[Member]| some.iter().filter(|one| now < one.end).count();
        let sorted = self.sorted.len() - self.sorted.partition_point(|one| one.end <= now);
        sorted + lives(&self.came) - lives(&self.went)
    }
    /// The people who live at a minute.
    pub(crate) fn members(&self, now: Minute, out: &mut Vec<u32>) {
        let from = self.sorted.partition_point(|one| one.end <= now);
        let sorted = self.sorted.get(from..).unwrap_or_default();
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
    }
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

/// What people of one purpose said: groups by word and class, and loose rows.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) groups: HashMap<(u64, ClassId), Group>,
    pub(crate) loose: Loose,
    /// For each class, how many people have a word here.
    pub(crate) said: Vec<usize>,
}

/// All columns.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) purposes: Vec<Column>,
    /// For each kind of contract and class, those who have one of it and none of another kind.
    pub(crate) contracts: HashMap<(usize, ClassId), Running>,
    /// For each class, how many people; odd people are one class.
    pub(crate) people: Vec<usize>,
    /// People who must be looked at one by one where a purpose stands on no yes: with contracts of several kinds, or
    /// a wish about a purpose.
    pub(crate) joint: HashMap<u32, ClassId>,
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

/// A person as the columns see them.
struct Seen {
    class: ClassId,
    words: Vec<Word>,
}

impl Seen {
    fn is_joint(&self) -> bool {
        let contracts = self.words.iter().filter(|word| word.is_contract()).count();
        contracts > 1 || self.words.iter().any(|word| word.kind() == Kind::Other && !word.is_contract())
    }
}

impl Columns {
    pub(crate) fn new(purposes: usize) -> Self {
        Self {
            purposes: (0..purposes).map(|_| Column::default()).collect(),
            contracts: HashMap::new(),
            people: Vec::new(),
            joint: HashMap::new(),
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
        let old = old.map(|known| Seen { class: known.class(), words: known.words().collect() });
        let new = new.map(|sketch| Seen { class: sketch.class, words: sketch.words.clone() });
        let stays = matches!((&old, &new), (Some(old), Some(new)) if old.class == new.class);
        let in_both = |word: &Word, other: Option<&Seen>| {
            stays && other.is_some_and(|other| other.words.contains(word))
        };
        for (seen, other, comes) in [(&old, &new, false), (&new, &old, true)] {
            let Some(seen) = seen else { continue };
            for word in seen.words.iter().filter(|word| !in_both(word, other.as_ref())) {
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
        let Some(word) = seen.words.iter().find(|word| word.is_contract()) else { return };
        let running = self.contracts.entry((word.purpose(), seen.class)).or_default();
        running.ends.come_or_go(Member { end: word.end(), number }, comes);
        running.begins.come_or_go(Member { end: word.from(), number }, comes);
    }

    fn word(&mut self, number: u32, class: ClassId, word: Word, comes: bool, clauses: &Clauses) {
        if word.is_contract() {
            return;
        }
        let yes = word.kind() == Kind::Yes;
        let holders = if yes { self.holders(word.clause()) } else { 0 };
        if comes && holders == 1 {
            self.gather(word.clause());
        }
        let Some(column) = self.purposes.get_mut(word.purpose()) else { return };
        count(&mut column.said, class, comes);
        let member = Member { end: if yes { word.end() } else { Minute::FOREVER }, number };
        // The first to hold a clause stands loose, until a second one comes.
        if yes && comes && holders == 0 {
            column.loose.add(member, class, word, clauses);
        } else if comes || !(yes && column.loose.take(word.clause(), clauses)) {
            column.groups.entry((word.form(), class)).or_default().come_or_go(member, comes);
        }
        // Holders are not counted down: a clause that ever had two stays a group, and nobody moves back and forth.
        if yes
            && comes
            && let Some(holders) = self.holders.get_mut(word.clause())
        {
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
