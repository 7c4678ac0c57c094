//! Groups: people who said the same thing about a purpose and are of one class.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::class::ClassId;
use crate::near;
use crate::pack::{Minute, QuickMap, Word};

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
    pub(crate) fn come_or_go(&mut self, member: Member, comes: bool) {
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
    /// The ends before and after so many of the sorted.
    fn around(&self, ended: usize) -> (Minute, Minute) {
        let end = |at: usize| self.sorted.get(at).map(|one| one.end);
        (ended.checked_sub(1).and_then(end).unwrap_or(Minute::FIRST), end(ended).unwrap_or(Minute::FOREVER))
    }
    pub(crate) fn len(&self) -> usize {
        self.sorted.len() + self.came.len() - self.went.len()
    }
    /// How many live at a minute.
    pub(crate) fn live(&self, now: Minute) -> usize {
        self.sorted.len() - self.ended(now) + self.came(now) - self.went(now)
    }
    fn came(&self, now: Minute) -> usize {
        self.came.iter().filter(|one| now < one.end).count()
    }
    fn went(&self, now: Minute) -> usize {
        self.went.iter().filter(|one| now < one.end).count()
    }
    /// Touches the marks, so that those of several groups come from memory together.
    pub(crate) fn touch_marks(&self) -> u32 {
        self.marks.iter().step_by(LINE / size_of::<Minute>()).fold(0, |near, end| near ^ end.number())
    }
    /// Asks for what says where those stand who came and who went.
    fn fetch(&self) {
        near::fetch(&self.came);
        near::fetch(&self.went);
    }
    /// Asks for where those stand who came and who went last.
    fn fetch_ends(&self) {
        self.came.last().inspect(|one| near::fetch(*one));
        self.went.last().inspect(|one| near::fetch(*one));
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
    pub(crate) fn bytes(&self) -> usize {
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

/// How many in a sorted list have ended, and for which minutes that is so: while the clock moves on, most groups stand
/// still, and are counted without a look at their members. `from 26 | minutes 10 | ended 28`
#[derive(Debug, Default)]
pub(crate) struct Cursor(AtomicU64);

const ENDED: u64 = (1 << 28) - 1;
const MINUTES: u64 = (1 << 10) - 1;

impl Cursor {
    /// How many have ended at a minute, if it is known.
    #[inline]
    pub(crate) fn get(&self, now: Minute) -> Option<usize> {
        let word = self.0.load(Ordering::Relaxed);
        let since = u64::from(now.number()).wrapping_sub(word >> 38);
        (since < (word >> 28 & MINUTES)).then_some((word & ENDED) as usize)
    }
    /// Remembers what is so at a minute: the last that ended did so at `around.0`, the next will at `around.1`.
    pub(crate) fn set(&self, now: Minute, ended: usize, around: (Minute, Minute)) {
        let now = u64::from(now.number());
        let from = u64::from(around.0.number()).max(now.saturating_sub(MINUTES / 2));
        let minutes = u64::from(around.1.number()).saturating_sub(from).min(MINUTES);
        if ended as u64 <= ENDED && from <= now {
            self.0.store(from << 38 | minutes << 28 | ended as u64, Ordering::Relaxed);
        }
    }
    pub(crate) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// What counting reads of a group first; those of a purpose lie in a row.
#[derive(Debug)]
pub(crate) struct Head {
    /// The number of its form.
    pub(crate) form: usize,
    cursor: Cursor,
    sorted: u32,
    pub(crate) class: ClassId,
    /// Some came or went since the group was sorted.
    unsettled: bool,
}

/// Where a group stands among those of its purpose: there it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(usize);

/// The groups of a purpose.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    places: QuickMap<(u64, ClassId), Place>,
    forms: Forms,
    heads: Vec<Head>,
    groups: Vec<Group>,
}

/// Words without their ends, by number: what is said of each is looked at once for the groups of all classes.
#[derive(Debug, Default)]
struct Forms {
    all: Vec<u64>,
    known: QuickMap<u64, usize>,
}

impl Forms {
    fn number(&mut self, form: u64) -> usize {
        *self.known.entry(form).or_insert_with(|| {
            self.all.push(form);
            self.all.len() - 1
        })
    }
}

/// A group and its head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// The word of all its members, but for its end.
    pub(crate) word: Word,
    pub(crate) head: &'a Head,
    group: &'a Group,
}

impl Seen<'_> {
    /// True when how many have ended is known without a look at the members.
    pub(crate) fn is_known(&self, now: Minute) -> bool {
        self.head.cursor.get(now).is_some()
    }
    /// Touches what counting those who live at a minute reads: the marks first.
    pub(crate) fn touch_marks(&self) -> u32 {
        self.group.touch_marks()
    }
    /// Then the members.
    pub(crate) fn touch_members(&self, now: Minute) -> u32 {
        self.group.touch_members(now)
    }
    pub(crate) fn len(&self) -> usize {
        if self.head.unsettled { self.group.len() } else { self.head.sorted as usize }
    }
    pub(crate) fn live(&self, now: Minute) -> usize {
        let ended = self.head.cursor.get(now).unwrap_or_else(|| {
            let ended = self.group.ended(now);
            self.head.cursor.set(now, ended, self.group.around(ended));
            ended
        });
        let live = self.head.sorted as usize - ended;
        if self.head.unsettled { live + self.group.came(now) - self.group.went(now) } else { live }
    }
    pub(crate) fn members(&self, now: Minute, out: &mut Vec<u32>) {
        self.group.members(now, out);
    }
}

impl Groups {
    /// Where a group stands, if there is one.
    pub(crate) fn place(&self, key: (u64, ClassId)) -> Option<Place> {
        self.places.get(&key).copied()
    }
    /// Where a group stands, a new one if need be.
    pub(crate) fn place_for(&mut self, key: (u64, ClassId)) -> Place {
        let (heads, groups, forms) = (&mut self.heads, &mut self.groups, &mut self.forms);
        *self.places.entry(key).or_insert_with(|| {
            let (form, class) = key;
            let form = forms.number(form);
            heads.push(Head { form, class, cursor: Cursor::default(), sorted: 0, unsettled: false });
            groups.push(Group::default());
            Place(groups.len() - 1)
        })
    }
    pub(crate) fn come_or_go(&mut self, place: Place, member: Member, comes: bool) {
        if let (Some(head), Some(group)) = (self.heads.get_mut(place.0), self.groups.get_mut(place.0)) {
            group.come_or_go(member, comes);
            head.look(group);
        }
    }
    /// Asks for what [`Groups::come_or_go`] reads of a group before it is needed.
    pub(crate) fn fetch(&self, place: Place) {
        self.heads.get(place.0).inspect(|head| near::fetch(*head));
        self.groups.get(place.0).inspect(|group| group.fetch());
    }
    /// Asks for where those stand who came and went last.
    pub(crate) fn fetch_ends(&self, place: Place) {
        self.groups.get(place.0).inspect(|group| group.fetch_ends());
    }
    pub(crate) fn tidy(&mut self) {
        for (head, group) in self.heads.iter_mut().zip(&mut self.groups) {
            group.tidy();
            head.look(group);
        }
    }
    /// The forms that groups have, by number.
    pub(crate) fn forms(&self) -> &[u64] {
        &self.forms.all
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = Seen<'_>> {
        let form = |head: &Head| self.forms.all.get(head.form).copied().unwrap_or(0);
        let all = self.heads.iter().zip(&self.groups);
        all.map(move |(head, group)| Seen { word: Word(form(head)), head, group })
    }
    pub(crate) fn bytes(&self) -> usize {
        self.groups.iter().map(Group::bytes).sum::<usize>()
            + self.heads.capacity() * size_of::<Head>()
            + self.groups.capacity() * size_of::<Group>()
            + self.places.capacity() * 32
            + self.forms.all.capacity() * 8
            + self.forms.known.capacity() * 16
    }
}

impl Head {
    fn look(&mut self, group: &Group) {
        self.unsettled = !group.came.is_empty() || !group.went.is_empty();
        // Sorting leaves nobody who came or went: until then the sorted are the same.
        if !self.unsettled {
            self.cursor.forget();
        }
        // People have numbers of 32 bits.
        self.sorted = group.sorted.len() as u32;
    }
}

/// Takes each of those who went out of a sorted list, once.
fn leave_out(sorted: &mut Vec<Member>, mut went: Vec<Member>) {
    went.sort_unstable();
    let mut went = went.into_iter().peekable();
    sorted.retain(|one| went.next_if_eq(one).is_none());
}
