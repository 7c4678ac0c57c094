//! What is decided: a code and an end. Text is made elsewhere.

use assent_kernel::Reason;

use crate::law::{Code, EXPIRED, Law};
use crate::pack::{Minute, Word};

/// A decision: whether every kind of fact that was asked for may be used, and if not, why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    code: Code,
    end: Minute,
}

impl Verdict {
    pub(crate) const fn new(code: Code, end: Minute) -> Self {
        Self { code, end }
    }
    pub(crate) const fn open(end: Minute) -> Self {
        Self { code: 0, end }
    }
    pub(crate) const fn closed(code: Code) -> Self {
        Self { code, end: Minute::FIRST }
    }
    pub(crate) const fn expired(end: Minute) -> Self {
        Self { code: EXPIRED, end }
    }
    /// True when it may be used.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.code == 0
    }
    pub(crate) const fn code(self) -> Code {
        self.code
    }
    /// Until when an open verdict holds if nothing changes; when the yes of an expired one ran out.
    #[must_use]
    pub const fn end(self) -> Minute {
        self.end
    }
}

/// Codes of the reasons that a fast decision gives, numbered once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codes {
    pub(crate) restricted: Code,
    pub(crate) objected: Code,
    pub(crate) opted_out: Code,
    pub(crate) never: Code,
    pub(crate) refused: Code,
    pub(crate) withdrawn: Code,
    pub(crate) guardian: Code,
    pub(crate) notice: Code,
    pub(crate) not_use: Code,
    pub(crate) human: Code,
    pub(crate) category: Code,
    pub(crate) explicit: Code,
    pub(crate) unknown: Code,
    /// What [`Asking::weigh`](crate::Asking) tells, by what fails first; the last is that nothing does. What is told of
    /// the first, that there is no yes, is `spoken`.
    pub(crate) steps: [Code; STEPS + 1],
    /// What is told of words that are no yes.
    spoken: [Code; 8],
}

/// How many things can fail.
pub(crate) const STEPS: usize = 9;

impl Codes {
    pub(crate) fn new(law: &Law) -> Self {
        let mut codes = Self {
            steps: [0; STEPS + 1],
            spoken: [0; 8],
            restricted: law.code(&Reason::Restricted),
            objected: law.code(&Reason::Objected),
            opted_out: law.code(&Reason::OptedOut),
            never: law.code(&Reason::NeverAsked),
            refused: law.code(&Reason::Refused),
            withdrawn: law.code(&Reason::Withdrawn),
            guardian: law.code(&Reason::NeedsGuardian),
            notice: law.code(&Reason::NoticeOutdated),
            not_use: law.code(&Reason::UseNotGranted),
            human: law.code(&Reason::HumanRequired),
            category: law.code(&Reason::CategoryNotGranted),
            explicit: law.code(&Reason::NeedsExplicit),
            unknown: law.code(&Reason::UnknownPerson),
        };
        let told = [0, EXPIRED, codes.notice, codes.not_use, codes.human, codes.category, codes.explicit];
        codes.steps.iter_mut().zip(told).for_each(|(step, code)| *step = code);
        codes.spoken = [
            codes.never,
            0,
            codes.refused,
            codes.withdrawn,
            codes.objected,
            0,
            codes.refused,
            codes.withdrawn,
        ];
        codes
    }

    #[inline]
    pub(crate) fn spoken(&self, word: Word) -> Code {
        self.spoken.get(word.spoken()).copied().unwrap_or(Code::MAX)
    }
}
