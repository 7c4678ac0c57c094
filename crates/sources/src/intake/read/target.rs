//! What a column can mean.

use serde::{Deserialize, Serialize};

macro_rules! targets {
    ($($name:ident, $title:literal, $category:expr;)*) => {
        /// What a column of contacts means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[expect(missing_docs, reason = "each name is its meaning; the title beside it is what a person reads")]
        pub enum Target { $($name,)* }

        impl Target {
            /// Every target, in the order they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name shown to a person.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The category of personal data its values are facts of; none where they are none.
            pub fn category(self) -> Option<&'static str> {
                match self { $(Self::$name => $category,)* }
            }
        }
    };
}

targets! {
    GivenName, "First name", Some("name.given");
    FamilyName, "Last name", Some("name.family");
    FullName, "Full name", Some("name.full");
    Email, "E-mail", Some("contact.email");
    EmailWork, "Work e-mail", Some("contact.email.work");
    Phone, "Phone", Some("contact.phone");
    PhoneMobile, "Mobile phone", Some("contact.phone.mobile");
    Street, "Street", Some("contact.address.street");
    City, "City", Some("contact.address.city");
    PostalCode, "Postal code", Some("contact.address.postal-code");
    State, "State or region", Some("contact.address.state");
    Country, "Country", Some("contact.address.country");
    Company, "Company", Some("work.employer");
    JobTitle, "Job title", Some("work.title");
    BirthDate, "Birth date", Some("personal.birth-date");
    Gender, "Gender", Some("personal.gender");
    Language, "Language", Some("personal.language");
    Website, "Website", Some("contact.website");
    Note, "Note", Some("note.free-text");
    Tags, "Tags", Some("segment.tag");
    ExternalId, "Id in the old system", Some("identifier.external");
    Owner, "Owner", None;
    ConsentPurpose, "Consent: purpose", None;
    ConsentDate, "Consent: given on", None;
    ConsentSource, "Consent: where it was given", None;
    ConsentTextVersion, "Consent: version of the text", None;
    ConsentUntil, "Consent: until", None;
    ContractRef, "Contract", None;
    ContractUntil, "Contract: until", None;
    OptOut, "Opted out", None;
    Own, "A field of your own", None;
    Ignore, "Do not import", None;
}

impl Target {
    /// Whether several columns, or several values in one cell, may be of this target.
    pub fn takes_many(self) -> bool {
        matches!(
            self,
            Self::Email
                | Self::EmailWork
                | Self::Phone
                | Self::PhoneMobile
                | Self::Website
                | Self::Note
                | Self::Tags
                | Self::ConsentPurpose
                | Self::OptOut
                | Self::Own
                | Self::Ignore
        )
    }

    /// Whether its value can tell one person from another.
    pub fn identifies(self) -> bool {
        matches!(
            self,
            Self::FullName
                | Self::FamilyName
                | Self::Email
                | Self::EmailWork
                | Self::Phone
                | Self::PhoneMobile
                | Self::ExternalId
        )
    }

    /// Whether its values are dates.
    pub fn is_date(self) -> bool {
        matches!(self, Self::BirthDate | Self::ConsentDate | Self::ConsentUntil | Self::ContractUntil)
    }
}
