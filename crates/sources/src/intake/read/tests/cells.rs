use jiff::civil::Date;

use crate::intake::read::date::Order;
use crate::intake::read::map::Problem;
use crate::intake::read::*;

fn context(order: Order) -> Context<'static> {
    Context { country: Some("DE"), order, today: Date::constant(2026, 1, 1), own: None }
}

fn one(target: Target, cell: &str) -> Result<String, Reason> {
    let mut read = value::read(target, cell, &context(Order::DayFirst));
    assert_eq!(read.len(), 1, "{cell}");
    read.remove(0).map(|value| value.text)
}

fn check(target: Target, table: &[(&str, Result<&str, Reason>)]) {
    for (cell, expected) in table {
        assert_eq!(one(target, cell), expected.map(str::to_owned), "{cell:?}");
    }
}

#[test]
fn emails() {
    check(
        Target::Email,
        &[
            ("  Anna.M@EXAMPLE.org ", Ok("Anna.M@example.org")),
            ("mailto:a@x.de?subject=hi", Ok("a@x.de")),
            ("\"Doe, Jane\" <jane@x.de>", Ok("jane@x.de")),
            ("info@bücher.example", Ok("info@bücher.example")),
            ("a\u{200b}@x.de", Ok("a@x.de")),
            ("a+b@x.de", Ok("a+b@x.de")),
            ("a.x.de", Err(Reason::EmailNoAt)),
            ("a@@x.de", Err(Reason::EmailNoAt)),
            ("a b@x.de", Err(Reason::EmailName)),
            ("a..b@x.de", Err(Reason::EmailName)),
            ("a@x", Err(Reason::EmailDomain)),
            ("a@x,de", Err(Reason::EmailDomain)),
            ("a@-x.de", Err(Reason::EmailDomain)),
            ("a@1.2.3.4", Err(Reason::EmailDomain)),
            ("M\u{fffd}ller@x.de", Err(Reason::Garbled)),
        ],
    );
    assert_eq!(one(Target::Email, &format!("{}@x.de", "a".repeat(65))), Err(Reason::EmailTooLong));
    assert_eq!(value::read(Target::Email, "a@x.de ::: b@x.de; c@x.de", &context(Order::Unclear)).len(), 3);
}

#[test]
fn phones() {
    check(
        Target::Phone,
        &[
            ("0171 / 123 45-67", Ok("+491711234567")),
            ("+49 (0)171 1234567", Ok("+491711234567")),
            ("0049 171 1234567", Ok("+491711234567")),
            ("491711234567", Ok("+491711234567")),
            ("1711234567", Ok("+491711234567")),
            ("1711234567.0", Ok("+491711234567")),
            ("+39 06 1234567", Ok("+39061234567")),
            ("+1 (555) 555-5555 ext. 12", Ok("+15555555555")),
            ("tel:+1-555-555-5555", Ok("+15555555555")),
            ("'+49171123456", Ok("+49171123456")),
            ("4.91712E+11", Err(Reason::NumberDamaged)),
            ("4,91712E+11", Err(Reason::NumberDamaged)),
            ("call me", Err(Reason::PhoneLetters)),
            ("+999 123456", Err(Reason::PhoneUnknownCountry)),
            ("112", Err(Reason::PhoneTooShort)),
            ("0171 1234567 0171 1234567", Err(Reason::PhoneTooLong)),
        ],
    );
    assert_eq!(phone::parse("0171 1234567", None), Err(Reason::PhoneNoCountry));
    assert_eq!(phone::parse("(212) 555-1234", Some("US")).unwrap().0, "+12125551234");
    assert_eq!(phone::parse("1 212 555 1234", Some("US")).unwrap().0, "+12125551234");
    assert_eq!(phone::parse("06 12345678", Some("IT")).unwrap().0, "+390612345678");
}

#[test]
fn dates() {
    check(
        Target::BirthDate,
        &[
            ("1980-04-12", Ok("1980-04-12")),
            ("1980-04-12T10:00:00Z", Ok("1980-04-12")),
            ("19800412", Ok("1980-04-12")),
            ("12.4.1980", Ok("1980-04-12")),
            ("12/04/1980 00:00", Ok("1980-04-12")),
            ("1980/04/12", Ok("1980-04-12")),
            ("12. März 1980", Ok("1980-03-12")),
            ("March 12th, 1980", Ok("1980-03-12")),
            ("12 de marzo de 1980", Ok("1980-03-12")),
            ("1er août 1980", Ok("1980-08-01")),
            ("29323", Ok("1980-04-12")),
            ("31.02.1980", Err(Reason::DateImpossible)),
            ("12.04.80", Err(Reason::DateShortYear)),
            ("--04-12", Err(Reason::DateNoYear)),
            ("1980", Err(Reason::DateUnknown)),
            ("soon", Err(Reason::DateUnknown)),
            ("2999-01-01", Err(Reason::DateFuture)),
            ("1799-01-01", Err(Reason::DateTooOld)),
        ],
    );
    assert_eq!(date::order(["03/04/2024", "13/04/2024"]), Order::DayFirst);
    assert_eq!(date::order(["03/04/2024", "04/13/2024"]), Order::MonthFirst);
    assert_eq!(date::order(["13/04/2024", "04/13/2024"]), Order::Mixed);
    assert_eq!(date::parse("03/04/2024", Order::Unclear), Err(Reason::DateAmbiguous));
    assert_eq!(date::parse("04/13/2024", Order::Unclear).unwrap().0.to_string(), "2024-04-13");
}

#[test]
fn the_rest() {
    for name in ["Germany", "DEUTSCHLAND", "allemagne", "Alemania", "de", "DEU"] {
        assert_eq!(one(Target::Country, name).as_deref(), Ok("DE"));
    }
    check(
        Target::Country,
        &[("Österreich", Ok("AT")), ("USA", Ok("US")), ("Atlantis", Err(Reason::CountryUnknown))],
    );
    check(Target::Website, &[("x.de/a", Ok("https://x.de/a")), ("ftp://x.de", Err(Reason::WebsiteUnknown))]);
    check(
        Target::OptOut,
        &[("Ja", Ok("yes")), ("0", Ok("no")), ("2024-01-01", Ok("yes")), ("hm", Err(Reason::NotYesNo))],
    );
    check(
        Target::Language,
        &[("Deutsch", Ok("de")), ("pt_BR", Ok("pt-BR")), ("??", Err(Reason::LanguageUnknown))],
    );
    check(
        Target::Gender,
        &[("Frau", Ok("female")), ("divers", Ok("other")), ("?", Err(Reason::GenderUnknown))],
    );
    check(Target::GivenName, &[("Zoe\u{308}", Ok("Zo\u{eb}")), ("a\0b\u{202e}", Ok("ab"))]);
    assert_eq!(one(Target::GivenName, &"x".repeat(201)), Err(Reason::TooLong));
    let value = value::read(Target::Note, "=1+1", &context(Order::Unclear)).remove(0).unwrap();
    assert_eq!((value.text.as_str(), value.remarks), ("=1+1", vec![Remark::Formula]));
    let value = value::read(Target::PostalCode, "1067", &context(Order::Unclear)).remove(0).unwrap();
    assert_eq!(value.remarks, [Remark::ZeroMayBeLost]);
    assert!(value::read(Target::Note, " \u{feff} ", &context(Order::Unclear)).is_empty());
}

fn guess(header: &str, rows: &[&str]) -> Mapping {
    let text = [header].iter().chain(rows).copied().collect::<Vec<_>>().join("\n");
    Sample::take(text.as_bytes(), None).unwrap().mapping
}

#[test]
fn exports_of_other_systems_are_known() {
    use Target::*;
    let table: &[(&str, &[Target])] = &[
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Company Name,Job Title",
            &[ExternalId, GivenName, FamilyName, Email, Phone, Owner, Company, JobTitle],
        ),
        (
            "Id,FirstName,LastName,MailingStreet,MailingCity,MailingPostalCode,MobilePhone,HasOptedOutOfEmail,Birthdate",
            &[ExternalId, GivenName, FamilyName, Street, City, PostalCode, PhoneMobile, OptOut, BirthDate],
        ),
        (
            "Person - Name,Person - Email - Work,Person - Phone - Mobile,Person - Organization,Person - Owner",
            &[FullName, EmailWork, PhoneMobile, Company, Owner],
        ),
        (
            "Given Name,Family Name,Group Membership,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Organization 1 - Name,Website 1 - Value",
            &[GivenName, FamilyName, Tags, Email, Email, Phone, Company, Website],
        ),
        (
            "First Name,E-mail Address,E-mail 2 Address,Business Phone,Mobile Phone,Home Postal Code,Home Country/Region,Web Page",
            &[GivenName, Email, Email, Phone, PhoneMobile, PostalCode, Country, Website],
        ),
        (
            "firstName,lastName,emailAddress,phoneNumber,accountName,assignedUserName,addressStreet,addressPostalCode",
            &[GivenName, FamilyName, Email, Phone, Company, Owner, Street, PostalCode],
        ),
        (
            "Name / First Name,Name / Last Name,Emails / Primary Email,Phones / Primary Phone Number,Job Title",
            &[GivenName, FamilyName, Email, Phone, JobTitle],
        ),
        (
            "Email Address,First Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LEID,TAGS",
            &[Email, GivenName, ConsentDate, Ignore, Ignore, ExternalId, Tags],
        ),
        (
            "Prénom,Nom,Adresse e-mail,Téléphone,Code postal,Ville,Pays,Date de naissance",
            &[GivenName, FamilyName, Email, Phone, PostalCode, City, Country, BirthDate],
        ),
        (
            "Nombre,Apellidos,Correo electrónico,Móvil,Código postal,País",
            &[GivenName, FamilyName, Email, PhoneMobile, PostalCode, Country],
        ),
    ];
    for (header, targets) in table {
        let mapping = guess(header, &[]);
        let found: Vec<Target> = mapping.columns.iter().map(|column| column.target).collect();
        assert_eq!(&found, targets, "{header}");
    }
}

#[test]
fn content_tells_where_names_do_not() {
    let mapping = guess("a,b,c,d", &["x@y.de,+49 171 1234567,Germany,5", "z@y.de,0171 2345678,France,6"]);
    let found: Vec<Target> = mapping.columns.iter().map(|column| column.target).collect();
    assert_eq!(found, [Target::Email, Target::Phone, Target::Country, Target::Ignore]);
    let mapping = guess("Adresse;Owner", &["x@y.de;boss@z.de"]);
    assert_eq!(mapping.columns[0].target, Target::Email);
    assert_eq!(mapping.columns[1].target, Target::Owner);
    let wrong = guess("Name,Email", &["A,12", "B,13"]);
    assert_eq!((wrong.columns[1].target, wrong.columns[1].confidence), (Target::Email, 40));
}

#[test]
fn a_mapping_is_checked_and_travels() {
    let names: Vec<String> = ["Name", "Birthday"].map(str::to_owned).to_vec();
    let mut mapping = guess("Name,Birthday", &["A,03/04/1980", "B,05/06/1981"]);
    assert_eq!(mapping.problems(&names), [Problem::OrderUnclear("Birthday".into())]);
    mapping.columns[1].order = Order::DayFirst;
    assert_eq!(mapping.problems(&names), []);
    mapping.columns[0].target = Target::BirthDate;
    assert_eq!(mapping.problems(&names).len(), 2);
    mapping.columns[0].target = Target::ConsentDate;
    assert!(mapping.problems(&names).contains(&Problem::ConsentWithoutPurpose));
    assert_eq!(mapping.problems(&[]).first(), Some(&Problem::OtherFile));
    let text = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&text).unwrap(), mapping);
    let layout = Layout { format: Format::Csv { delimiter: b';', header: true }, headers: names };
    assert_eq!(serde_json::from_str::<Layout>(&serde_json::to_string(&layout).unwrap()).unwrap(), layout);
}
