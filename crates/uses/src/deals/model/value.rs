//! One value of a deal, changed by itself.

use assent_kernel::{OrganisationId, StaffId, Timestamp};
use assent_store::work::deals::Deal;

use super::worth;
use crate::frame::Colleagues;

/// Which value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What it is called.
    Title,
    /// How much it is worth, and of which currency.
    Amount,
    /// With which organisation.
    Company,
    /// The day on which it should be agreed.
    Close,
    /// Who looks after it.
    Owner,
}

/// What stands there from now on. All of it is structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// How much it is worth, in hundredths, and of which currency.
    Amount(Option<i64>, String),
    /// With which organisation.
    Company(Option<OrganisationId>),
    /// The day on which it should be agreed.
    Close(Option<Timestamp>),
    /// Who looks after it.
    Owner(Option<StaffId>),
}

impl Which {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Title, Self::Amount, Self::Company, Self::Close, Self::Owner];

    /// The word in an address; also the column of the list.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Amount => "amount",
            Self::Company => "company",
            Self::Close => "close",
            Self::Owner => "owner",
        }
    }
    /// Reads the word.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == text)
    }
    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Title => "What it is about",
            Self::Amount => "Amount",
            Self::Company => "Organisation",
            Self::Close => "Agreed by",
            Self::Owner => "Owner",
        }
    }
    /// The fields of its form.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Title => &["title"],
            Self::Amount => &["amount", "currency"],
            Self::Company => &["company"],
            Self::Close => &["close"],
            Self::Owner => &["owner"],
        }
    }
    /// What stands there now, in words; a title is told by whoever may open it.
    pub fn now(self, deal: &Deal, title: &str, company: &str, colleagues: &Colleagues) -> String {
        match self {
            Self::Title => title.to_owned(),
            Self::Amount => worth(deal),
            Self::Company => company.to_owned(),
            Self::Close => deal.close_on.map(crate::seen::short_date).unwrap_or_default(),
            Self::Owner => colleagues.named(deal.owner).unwrap_or_default(),
        }
    }
}
