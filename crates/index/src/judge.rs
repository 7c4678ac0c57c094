//! Deciding: the order is the law's, and each step's outcome is a bit, so that the processor guesses no step's.

use assent_kernel::To;
use assent_kernel::party::Recipients;

use crate::ask::{Asking, Books};
use crate::class::{Careful, ClassId, Flags};
use crate::clause::Clause;
use crate::law::{Code, Of};
use crate::pack::{Kind, Minute, Word};
use crate::row::Known;
use crate::verdict::{STEPS, Verdict};

/// Steps that what was said can fail, in the order in which they are looked at.
const SAID: u32 = 1;
const EXPIRED: u32 = 1 << 1;
const NOTICE: u32 = 1 << 2;
const USE: u32 = 1 << 3;
const HUMAN: u32 = 1 << 4;
const CATEGORY: u32 = 1 << 5;
const EXPLICIT: u32 = 1 << 6;
const RECIPIENT: u32 = 1 << 7;
const PLACE: u32 = 1 << 8;

const fn when(so: bool, step: u32) -> u32 {
    if so { step } else { 0 }
}

impl Asking {
    /// Decides for somebody the table knows.
    #[inline]
    pub(crate) fn decide(&self, known: &Known<'_>, books: &Books) -> Verdict {
        let (class, word) = (known.class(), known.find(self.about));
        if self.consent { self.judge(class, word, books) } else { self.other(known, class, word, books) }
    }

    /// Decides for somebody of a class by their word about the purpose, which stands on a yes.
    #[inline]
    pub(crate) fn judge(&self, class: ClassId, word: Word, books: &Books) -> Verdict {
        let of = books.law.classes.get(class.index()).copied().unwrap_or(Of::UNKNOWN);
        if self.special | !of.flags.is_empty() {
            return self.judge_with_care(class, word, books);
        }
        let hit = self.forbidden(of);
        if hit != 0 {
            return Verdict::closed(self.prohibition(hit, books));
        }
        self.weigh(word, books)
    }

    /// True when something else than the word may close it.
    #[inline]
    const fn needs_care(&self, of: Of) -> bool {
        self.special | (self.forbidden(of) != 0) | !of.flags.is_empty()
    }

    /// The classes whose people need care.
    pub(crate) fn careful(&self, books: &Books) -> Careful {
        Careful::new(&books.law.classes, |of| self.needs_care(*of))
    }

    /// Decides when something else than the word may close it.
    #[cold]
    fn judge_with_care(&self, class: ClassId, word: Word, books: &Books) -> Verdict {
        let person = self.person(class, word.newer(), books);
        if person.is_open() { self.said(class, word, books) } else { person }
    }

    /// The clause that a decision about somebody would look at, fetched before it is needed.
    #[inline]
    pub(crate) fn fetch(&self, word: Word, books: &Books) {
        books.clauses.fetch(word.clause());
    }

    /// The prohibitions that somebody of a class meets.
    #[inline]
    const fn forbidden(&self, of: Of) -> u64 {
        (self.forbids.0 | self.forbids.1 & of.resident) & of.bound
    }

    /// Steps 0 to 3 but for what hangs on one purpose's answer: open when none of it closes.
    #[inline]
    pub(crate) fn person(&self, class: ClassId, newer: bool, books: &Books) -> Verdict {
        let codes = books.codes;
        if self.early != 0 {
            return Verdict::closed(self.early);
        }
        let of = books.law.classes.get(class.index()).copied().unwrap_or(Of::UNKNOWN);
        let hit = self.forbidden(of);
        if hit != 0 {
            return Verdict::closed(self.prohibition(hit, books));
        }
        let flags = of.flags;
        if flags.is_empty() {
            return Verdict::open(Minute::FOREVER);
        }
        let t = &self.traits;
        let held = flags.any(Flags::RESTRICTED) && !t.passes_restricted && !newer;
        if held || (flags.any(Flags::RETAINED) && !t.passes_retained) {
            return Verdict::closed(codes.restricted);
        }
        if (flags.any(Flags::NO_MARKETING) && t.marketing) || (flags.any(Flags::NO_PROFILING) && t.profiling)
        {
            return Verdict::closed(codes.objected);
        }
        Verdict::open(Minute::FOREVER)
    }

    /// What closes a yes before anybody looks whether it has run out.
    pub(crate) fn before_end(&self, class: ClassId, word: Word, clause: Clause<'_>, books: &Books) -> Code {
        let person = self.person(class, word.newer(), books);
        if person.code() != 0 {
            return person.code();
        }
        let flags = books.classes.get(class).flags;
        let out =
            self.traits.shares && flags.any(Flags::NO_SALE) && !(word.named() && self.is_named(word, books));
        if out || self.traits.gpc {
            books.codes.opted_out
        } else if flags.any(Flags::MINOR) && !clause.guardian() {
            books.codes.guardian
        } else {
            0
        }
    }

    /// True when a closed verdict about a living yes comes after the look at its end.
    pub(crate) fn ends_first(&self, verdict: Verdict, word: Word, books: &Books) -> bool {
        let early = [books.codes.objected, books.codes.opted_out, books.codes.guardian];
        word.kind() == Kind::Yes && !early.contains(&verdict.code())
    }

    /// Steps 3 to 6 for what was said about the purpose.
    pub(crate) fn said(&self, class: ClassId, word: Word, books: &Books) -> Verdict {
        let (t, codes) = (&self.traits, books.codes);
        if word.is_objected() {
            return Verdict::closed(codes.objected);
        }
        let flags = books.classes.get(class).flags;
        if t.shares {
            let out = flags.any(Flags::NO_SALE) && !(word.named() && self.is_named(word, books));
            if out || t.gpc {
                return Verdict::closed(codes.opted_out);
            }
        }
        let guardian = || books.clauses.get(word.clause()).is_some_and(Clause::guardian);
        if word.kind() == Kind::Yes && flags.any(Flags::MINOR) && !guardian() {
            return Verdict::closed(codes.guardian);
        }
        self.weigh(word, books)
    }

    fn is_named(&self, word: Word, books: &Books) -> bool {
        let To::Party(recipient) = self.asked.question.to else { return true };
        let set = books.clauses.get(word.clause()).and_then(|c| books.clauses.recipients.get(c.recipients()));
        word.kind() == Kind::Yes && set.is_some_and(|set: &Recipients| set.names(recipient))
    }

    /// What was said: whether it was a yes, whether that lives, and steps 4 to 6.
    ///
    /// What is no yes is weighed like one and then not told: whether somebody said yes is anybody's guess.
    #[inline]
    pub(crate) fn weigh(&self, word: Word, books: &Books) -> Verdict {
        let spoken = books.codes.spoken(word);
        let clause = books.clauses.get(word.clause()).unwrap_or(Clause::framed(0));
        let end = word.end();
        let failed = when(spoken != 0, SAID) | when(self.now >= end, EXPIRED) | self.failed(clause, books);
        let code = spoken | self.told(failed, clause, books);
        // An open verdict tells until when, an expired one since when.
        let ends = (failed & (SAID | EXPIRED) == EXPIRED) | (code == 0);
        Verdict::new(code, if ends { end } else { Minute::FIRST })
    }

    /// Whether a clause whose yes lives covers the question; the reason's code when it does not.
    pub(crate) fn covers(&self, clause: Clause<'_>, books: &Books) -> Code {
        self.told(self.failed(clause, books), clause, books)
    }

    /// The steps that a clause may fail. Every condition is looked at, without a jump in between.
    #[inline]
    fn failed(&self, clause: Clause<'_>, books: &Books) -> u32 {
        let counts = books.law.notices.get(usize::from(clause.notice())).copied().unwrap_or(false);
        let said_so = clause.explicit();
        let [mask, masks @ ..] = &books.clauses.mask;
        let lacking = self.first & !clause.first();
        let (mut categories, mut regions) = (lacking & mask, lacking & !mask);
        let [_, needed @ ..] = &self.needed;
        for ((wanted, have), mask) in needed.iter().zip(clause.rest()).zip(masks) {
            categories |= wanted & !have & mask;
            regions |= wanted & !have & !mask;
        }
        when(!counts, NOTICE)
            | when(!clause.has_use(self.use_bit()), USE)
            | when(self.automated & !said_so, HUMAN)
            | when(categories != 0, CATEGORY)
            | when(self.explicit & !said_so, EXPLICIT)
            | when(!self.passes(clause.recipients()), RECIPIENT)
            | when((regions != 0) | !self.sure, PLACE)
    }

    /// True when a set of recipients is known to pass step 5.
    #[inline]
    fn passes(&self, number: u16) -> bool {
        let word = self.passes.get(usize::from(number / 64)).copied().unwrap_or(0);
        word >> (number % 64) & 1 == 1
    }

    /// What is told of the steps that failed: the first.
    #[inline]
    fn told(&self, failed: u32, clause: Clause<'_>, books: &Books) -> Code {
        let first = (failed | 1 << STEPS).trailing_zeros();
        if (1 << first) & (RECIPIENT | PLACE) != 0 {
            return self.beyond(clause, books);
        }
        books.codes.steps.get(first as usize).copied().unwrap_or(Code::MAX)
    }

    /// Steps 5 and 6 where their bits did not pass.
    fn beyond(&self, clause: Clause<'_>, books: &Books) -> Code {
        match self.recipient(clause, books) {
            0 if self.sure && clause.has_plain_zones() => self.missing(clause).unwrap_or(0),
            0 => self.place(clause.zones(), books),
            code => code,
        }
    }

    /// What is told of the first region that plain zones have not.
    fn missing(&self, clause: Clause<'_>) -> Option<Code> {
        self.asked.going.missing.iter().find(|(bit, _)| !clause.has(*bit)).map(|(_, code)| *code)
    }

    /// What is looked at before categories: the text, the use, whether a machine decides.
    pub(crate) fn before_categories(&self, clause: Clause<'_>, books: &Books) -> Code {
        self.told(self.failed(clause, books) & (NOTICE | USE | HUMAN), clause, books)
    }

    /// What is looked at after categories: whether it was said in so many words, and to whom.
    pub(crate) fn after_categories(&self, clause: Clause<'_>, books: &Books) -> Code {
        match self.told(self.failed(clause, books) & EXPLICIT, clause, books) {
            0 => self.recipient(clause, books),
            code => code,
        }
    }

    /// Step 5.
    fn recipient(&self, clause: Clause<'_>, books: &Books) -> Code {
        if self.passes(clause.recipients()) {
            return 0;
        }
        books.law.recipient(clause.recipients(), &books.clauses, &self.asked.going, &self.asked.chain)
    }

    /// Step 6 for zones.
    pub(crate) fn place(&self, zones: u16, books: &Books) -> Code {
        books.law.place(zones, &books.clauses, &self.asked.going)
    }

    /// The first prohibition among some that a wanted category meets.
    #[inline]
    fn prohibition(&self, hit: u64, books: &Books) -> Code {
        books.law.forbids.refusal(self.each.all().iter().map(|of_category| hit & of_category))
    }
}
