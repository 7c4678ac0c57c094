//! Why a value cannot be taken, and what was noticed about one that can. Each has a code that never changes and a
//! sentence that says what to do.

use serde::Serialize;

macro_rules! told {
    ($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $name:ident, $code:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[expect(missing_docs, reason = "the sentence beside each name says it")]
        pub enum $kind { $($name,)* }

        impl $kind {
            /// A short name that never changes.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What is the matter and what to do, in one or two sentences.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.sentence())
            }
        }
    };
}

told! {
    /// Why a value cannot be taken.
    Reason {
        TooLong, "value.too-long", "The value is too long for this field. Shorten it or map the column to Note.";
        Garbled, "value.garbled", "Some letters were lost before the file came here. Export it again as UTF-8.";
        EmailNoAt, "email.no-at", "An e-mail address needs one @. Correct it.";
        EmailName, "email.name", "The part before the @ is not valid: look for a space, a comma or a doubled dot.";
        EmailDomain, "email.domain", "The part after the @ is no domain, such as example.org. Correct it.";
        EmailTooLong, "email.too-long", "No e-mail address is this long: 64 characters before the @, 254 in all.";
        NumberDamaged, "number.damaged", "A spreadsheet turned this number into a form like 4.9E+11 and its last \
            digits are lost. Format the column as text, fill it again and export it.";
        PhoneLetters, "phone.letters", "A phone number holds digits only. Remove the words or map the column to Note.";
        PhoneNoCountry, "phone.no-country", "The number has no country code. Write it as +49…, or choose a default \
            country for the import.";
        PhoneUnknownCountry, "phone.unknown-country", "No country has this code. Check the digits after the +.";
        PhoneTooShort, "phone.too-short", "The number has too few digits. Add the area code.";
        PhoneTooLong, "phone.too-long", "The number has more than 15 digits. Check whether two numbers run together.";
        CountryUnknown, "country.unknown", "This is no country we know. Use its name or its two-letter code.";
        DateUnknown, "date.unknown", "This is no date we know. Write it as 2024-12-31.";
        DateImpossible, "date.impossible", "There is no such day. Correct it.";
        DateAmbiguous, "date.ambiguous", "Day and month could be either way round. Choose the order for this column, \
            or write dates as 2024-12-31.";
        DateMixed, "date.mixed", "This column has dates with the day first and others with the month first. Write \
            them as 2024-12-31.";
        DateShortYear, "date.short-year", "The year has two digits only. Write it with four.";
        DateNoYear, "date.no-year", "The year is missing. Add it, or leave the date out.";
        DateFuture, "date.future", "This day has not come yet. Correct it.";
        DateTooOld, "date.too-old", "No one living was born, and no consent given, before 1900. Correct the year.";
        GenderUnknown, "gender.unknown", "We know female, male, other and unknown. Use one of them.";
        LanguageUnknown, "language.unknown", "We do not know this language. Use its two-letter code, such as de.";
        WebsiteUnknown, "website.unknown", "This is no web address. Write it as https://example.org.";
        PostalCodeUnknown, "postal-code.unknown", "A postal code has 2 to 12 letters and digits. Correct it.";
        FieldUnfit, "field.unfit", "This does not fit the field: its kind, or what can be chosen. Correct it, or do not import \
            the column.";
        NotYesNo, "opt-out.not-yes-no", "Write yes or no, so that no one is written to who asked not to be.";
    }
}

told! {
    /// What was noticed about a value that was taken.
    Remark {
        Formula, "value.formula", "It begins like a formula of a spreadsheet. It is kept as plain text.";
        Stripped, "value.stripped", "Invisible characters were removed.";
        ExcelDate, "date.excel", "It was a day number of Excel and became a date.";
        CountryAssumed, "phone.country-assumed", "The country code was added from the default country.";
        ZeroRestored, "phone.zero-restored", "The number had no leading zero; we took it as a number of the country.";
        ExtensionDropped, "phone.extension", "The extension was left out.";
        ZeroMayBeLost, "postal-code.zero", "A spreadsheet may have dropped a leading zero. Check it.";
        SchemeAdded, "website.scheme", "https:// was added.";
    }
}
