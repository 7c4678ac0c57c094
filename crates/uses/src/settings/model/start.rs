//! The first steps of a company: what they are called, why, and where they are taken.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Whoever administers signs in with more than a password.
    SafeSignIn,
    /// Letters leave the house.
    Letters,
    /// What people are asked is in the company's own words.
    Notices,
    /// Who else receives data is described.
    Parties,
    /// Somebody else works here.
    Colleagues,
    /// There are people.
    People,
    /// Somebody was asked.
    Asked,
}

impl Step {
    /// All of them, in the order in which they make sense.
    pub const ALL: [Self; 7] = [
        Self::SafeSignIn,
        Self::Colleagues,
        Self::Letters,
        Self::Notices,
        Self::Parties,
        Self::People,
        Self::Asked,
    ];

    /// What there is to do.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SafeSignIn => "Make your own sign-in safe",
            Self::Letters => "Let letters leave",
            Self::Notices => "Say in your own words what you ask people for",
            Self::Parties => "Describe who else receives data",
            Self::Colleagues => "Invite a colleague",
            Self::People => "Bring people in",
            Self::Asked => "Ask the first person",
        }
    }

    /// Why.
    pub const fn why(self) -> &'static str {
        match self {
            Self::SafeSignIn => "A password alone can be stolen. Add a passkey, or the code of an app.",
            Self::Letters => {
                "People come in by a link in a letter. Until a mail server is set, letters wait on the outbox page."
            }
            Self::Notices => {
                "A yes counts for the words that were read. Yours say what the person gets from it, and are better than ours."
            }
            Self::Parties => {
                "Nobody receives anything who is not described: where they work, and whom they engage in turn."
            }
            Self::Colleagues => "What is law takes two people: one drafts it, another approves it.",
            Self::People => {
                "Take them over from a file, or put one down. Without terms they are kept, but closed."
            }
            Self::Asked => {
                "Open somebody’s page, choose what you work for, and ask. The answer opens what is closed."
            }
        }
    }

    /// Where it is done: the words of the link, and the page.
    pub const fn way(self) -> (&'static str, &'static str) {
        match self {
            Self::SafeSignIn => ("Your sign-in", "/you"),
            Self::Letters => ("The outbox", "/outbox"),
            Self::Notices => ("Notices", "/settings/notices"),
            Self::Parties => ("Parties", "/settings/parties"),
            Self::Colleagues => ("Staff", "/settings/staff"),
            Self::People => ("Import", "/import"),
            Self::Asked => ("People", "/people"),
        }
    }

    /// A company can do without: nobody else may receive anything.
    pub const fn optional(self) -> bool {
        match self {
            Self::Parties => true,
            Self::SafeSignIn
            | Self::Letters
            | Self::Notices
            | Self::Colleagues
            | Self::People
            | Self::Asked => false,
        }
    }
}

/// Each step, and whether it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(pub [(Step, bool); 7]);

impl Steps {
    /// How many are done.
    pub fn done(&self) -> usize {
        self.0.iter().filter(|(_, done)| *done).count()
    }

    /// Whether all are done that a company needs.
    pub fn enough(&self) -> bool {
        self.0.iter().all(|(step, done)| *done || step.optional())
    }
}
