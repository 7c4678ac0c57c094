//! Fields that a company made: what is typed into one is read once, into the text in which it is kept.
//!
//! That text is what everybody reads, the person too: a day is `2026-05-01`, a number has a point, yes is `yes`, what was
//! chosen is said in the words of the choice.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use assent_kernel::{CategoryKey, CompanyId};
pub use assent_store::fields::{Field, Kind, Thing};
use jiff::civil::Date;

use crate::catalogue::lang;
use crate::ctx::Ctx;
use crate::parts;
use crate::problem::Problem;
use crate::say;
use crate::session::Fields;

/// The longest line, in characters.
const LINE: usize = 500;
/// The longest text, in characters.
const TEXT: usize = 10_000;
/// What parts several choices.
const AND: &str = "; ";

/// The fields of a company, in order; those too that are no longer offered.
///
/// # Errors
/// What the store said.
pub async fn all(ctx: &Ctx, company: CompanyId, thing: Thing) -> Result<Vec<Field>, Problem> {
    let read = move |tx: &mut assent_store::Tx<'_>| assent_store::fields::all(tx, company, &thing);
    Ok(ctx.gate.home().read(read).await?)
}

/// The fields that are offered.
///
/// # Errors
/// What the store said.
pub async fn offered(ctx: &Ctx, company: CompanyId, thing: Thing) -> Result<Vec<Field>, Problem> {
    let mut fields = all(ctx, company, thing).await?;
    fields.retain(|field| field.gone_at.is_none());
    Ok(fields)
}

/// The fields whose values are facts of people: their own, and those of what belongs to them.
///
/// # Errors
/// What the store said.
pub async fn personal(ctx: &Ctx, company: CompanyId) -> Result<Vec<(Thing, Field)>, Problem> {
    let read = move |tx: &mut assent_store::Tx<'_>| assent_store::fields::personal(tx, company);
    Ok(ctx.gate.home().read(read).await?)
}

/// The same, whatever they belong to.
///
/// # Errors
/// What the store said.
pub async fn of_people(ctx: &Ctx, company: CompanyId) -> Result<Vec<Field>, Problem> {
    Ok(personal(ctx, company).await?.into_iter().map(|(_, field)| field).collect())
}

/// The fields of every object that the company made, by its key; those too that are no longer offered.
///
/// # Errors
/// What the store said.
pub async fn of_objects(ctx: &Ctx, company: CompanyId) -> Result<HashMap<String, Vec<Field>>, Problem> {
    let read = move |tx: &mut assent_store::Tx<'_>| assent_store::fields::of_objects(tx, company);
    let mut out: HashMap<String, Vec<Field>> = HashMap::new();
    for (thing, field) in ctx.gate.home().read(read).await? {
        if let Thing::Object(key) = thing {
            out.entry(key).or_default().push(field);
        }
    }
    Ok(out)
}

/// The categories of what belongs to people, and is shown and changed there: never by itself.
///
/// # Errors
/// What the store said.
pub async fn apart(ctx: &Ctx, company: CompanyId) -> Result<BTreeSet<CategoryKey>, Problem> {
    let all = personal(ctx, company).await?.into_iter();
    Ok(all.filter(|(thing, _)| *thing != Thing::Person).filter_map(|(_, field)| field.category).collect())
}

/// The field whose values are of this category, if the company made one.
#[must_use]
pub fn of<'a>(fields: &'a [Field], category: &CategoryKey) -> Option<&'a Field> {
    fields.iter().find(|field| field.category.as_ref() == Some(category))
}

/// What a kind is called.
#[must_use]
pub const fn called(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a line of text",
        Kind::Long => "a longer text",
        Kind::Number => "a number",
        Kind::Day => "a day",
        Kind::YesNo => "yes or no",
        Kind::One => "one of a list",
        Kind::Several => "several of a list",
        Kind::Link => "a web address",
    }
}

/// True when it is chosen from a list.
#[must_use]
pub const fn chosen(kind: Kind) -> bool {
    matches!(kind, Kind::One | Kind::Several)
}

/// What a field is called, in the language of whoever reads.
#[must_use]
pub fn name(field: &Field) -> &str {
    field.called(lang().code())
}

/// What stands in a field as people read it: what was chosen, in their language; anything else as it is kept.
#[must_use]
pub fn shown<'a>(field: &'a Field, value: &'a str) -> Cow<'a, str> {
    let told = |one: &'a str| field.choice(lang().code(), one);
    match field.kind {
        Kind::One => Cow::Borrowed(told(value)),
        Kind::Several => Cow::Owned(value.split(AND).map(told).collect::<Vec<_>>().join(AND)),
        Kind::YesNo => Cow::Borrowed(match value {
            "yes" => say("Yes"),
            "no" => say("No"),
            other => other,
        }),
        Kind::Text | Kind::Long | Kind::Number | Kind::Day | Kind::Link => Cow::Borrowed(value),
    }
}

/// Whether what stands in a field is read otherwise than it is kept, in one language or another.
#[must_use]
pub fn read_otherwise(field: &Field) -> bool {
    field.kind == Kind::YesNo || !field.choices_also.is_empty()
}

/// What can be chosen in a field, as people read it.
#[must_use]
pub fn shown_choices(field: &Field) -> String {
    let told = field.choices.iter().map(|one| field.choice(lang().code(), one));
    told.collect::<Vec<_>>().join(", ")
}

/// What a form sent for a field: of several choices all that were ticked.
#[must_use]
pub fn sent(fields: &Fields, name: &str) -> String {
    fields.all(name).filter(|one| !one.is_empty()).collect::<Vec<_>>().join(AND)
}

/// The text in which it is kept, or what is wrong with it.
///
/// # Errors
/// A sentence beside the field.
pub fn read(field: &Field, typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(say("Type a value, or go back.").into());
    }
    match field.kind {
        Kind::Text => text(typed, LINE, false),
        Kind::Long => text(typed, TEXT, true),
        Kind::Number => number(typed).ok_or_else(|| say("That is not a number. It looks like 12.5.").into()),
        Kind::Day => typed
            .parse::<Date>()
            .ok()
            .filter(|day| day.year() > 0)
            .map(|day| day.to_string())
            .ok_or_else(|| say("That is not a day. It looks like 2026-05-01.").into()),
        Kind::YesNo => yes_or_no(typed).map(str::to_owned).ok_or_else(|| say("Type yes or no.").into()),
        Kind::One => choice(field, typed).map(str::to_owned),
        Kind::Several => several(field, typed),
        Kind::Link => link(typed),
    }
}

/// The same over what stands there: that may stay as it is, with choices that are no longer offered.
///
/// # Errors
/// A sentence beside the field.
pub fn read_over(field: &Field, typed: &str, old: &str) -> Result<String, String> {
    if typed == old && !old.is_empty() {
        return Ok(typed.to_owned());
    }
    let mut wider = field.clone();
    wider.choices.extend(left(field, old));
    read(&wider, typed)
}

/// What was chosen once and is no longer offered.
fn left(field: &Field, value: &str) -> Vec<String> {
    let parts = match field.kind {
        Kind::One => vec![value],
        Kind::Several => value.split(AND).collect(),
        Kind::Text | Kind::Long | Kind::Number | Kind::Day | Kind::YesNo | Kind::Link => Vec::new(),
    };
    let old = |one: &&str| !one.is_empty() && !field.choices.iter().any(|other| other == one);
    parts.into_iter().filter(old).map(str::to_owned).collect()
}

fn text(typed: &str, most: usize, lines: bool) -> Result<String, String> {
    if typed.chars().count() > most {
        return Err(say!("That is longer than {n} letters.", n = most));
    }
    if typed.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
        return Err(say("It holds a character that cannot be shown.").into());
    }
    Ok(typed.to_owned())
}

/// A number as people type it, in millionths: `1200`, `1 200`, `-3.5`, `12,5`.
#[must_use]
pub fn millionths(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let (sign, plain) = plain.strip_prefix('-').map_or((1, plain.as_str()), |rest| (-1, rest));
    let (whole, part) = plain.split_once(['.', ',']).unwrap_or((plain, "0"));
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit())
    };
    // “1,000” is a thousand for some and one for others.
    if !digits(whole, 12) || !digits(part, 6) || plain.contains(',') && part.len() == 3 {
        return None;
    }
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part)?.checked_mul(sign)
}

fn number(typed: &str) -> Option<String> {
    let n = millionths(typed)?;
    let (whole, part) = (n.unsigned_abs() / 1_000_000, n.unsigned_abs() % 1_000_000);
    let sign = if n < 0 { "-" } else { "" };
    let part = format!("{part:06}");
    let part = part.trim_end_matches('0');
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

fn yes_or_no(typed: &str) -> Option<&'static str> {
    match typed.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "ja" | "oui" => Some("yes"),
        "no" | "n" | "false" | "0" | "nein" | "non" => Some("no"),
        _ => None,
    }
}

fn choice<'a>(field: &'a Field, typed: &str) -> Result<&'a str, String> {
    let wanted = assent_gate::fold(typed);
    let found = field.choices.iter().find(|one| assent_gate::fold(one) == wanted);
    found
        .map(String::as_str)
        .ok_or_else(|| say!("Choose of these: {choices}.", choices = field.choices.join(", ")))
}

fn several(field: &Field, typed: &str) -> Result<String, String> {
    let parts = typed.split([';', '\n']).map(str::trim).filter(|one| !one.is_empty());
    let mut wanted = parts.map(|one| choice(field, one)).collect::<Result<Vec<_>, _>>()?;
    if wanted.is_empty() {
        return Err(say("Choose at least one.").into());
    }
    wanted.sort_by_key(|one| field.choices.iter().position(|other| other == one));
    wanted.dedup();
    Ok(wanted.join(AND))
}

fn link(typed: &str) -> Result<String, String> {
    let ours = typed.starts_with("https://") || typed.starts_with("http://");
    let whole = url::Url::parse(typed).is_ok_and(|url| url.has_host());
    let clean = !typed.chars().any(|c| c.is_whitespace() || c.is_control());
    if ours && whole && clean && typed.len() <= 2000 {
        Ok(typed.to_owned())
    } else {
        Err(say("A web address begins with https:// and has no spaces.").into())
    }
}

/// The input in which a field is typed, with what was typed and what is wrong with it.
#[must_use]
pub fn input(field: &Field, name: String, value: &str, error: String) -> parts::Field {
    let offered = |one: &String| (one.clone(), field.choice(lang().code(), one).to_owned());
    let choices = |first: &str| {
        let mut all = vec![(String::new(), first.to_owned())];
        all.extend(field.choices.iter().map(offered));
        // What was chosen once stays readable, though it is no longer offered.
        all.extend(
            left(field, value)
                .into_iter()
                .map(|one| (one.clone(), say!("{choice} (no longer offered)", choice = one))),
        );
        all
    };
    let (input, hint) = match field.kind {
        Kind::Text => (parts::Input::Line("text"), ""),
        Kind::Long => (parts::Input::Text, ""),
        Kind::Number => (parts::Input::Line("text"), say("A number, such as 12.5")),
        Kind::Day => (parts::Input::Line("date"), ""),
        Kind::YesNo => {
            let all = [("", "–"), ("yes", say("Yes")), ("no", say("No"))];
            (parts::Input::Select(all.map(|(key, label)| (key.into(), label.into())).to_vec()), "")
        }
        Kind::One => (parts::Input::Select(choices("–")), ""),
        Kind::Several => {
            let gone = left(field, value).into_iter().map(|one| (one.clone(), one));
            (parts::Input::Ticks(field.choices.iter().map(offered).chain(gone).collect()), "")
        }
        Kind::Link => (parts::Input::Line("url"), say("It begins with https://")),
    };
    parts::Field {
        input,
        hint: hint.into(),
        error,
        autocomplete: "off",
        ..parts::Field::line(self::name(field).to_owned(), name, value)
    }
}

#[cfg(test)]
mod tests {
    use assent_kernel::Also;

    use super::*;

    fn field(kind: Kind) -> Field {
        Field {
            name: "x".into(),
            label: "X".into(),
            labels: Also::default(),
            kind,
            category: None,
            choices: vec!["Clean 2".into(), "Clean Pro".into(), "Öko".into()],
            choices_also: Also::of("de", "Sauber 2\nSauber Pro\nÖko"),
            place: 1,
            gone_at: None,
        }
    }

    #[test]
    fn what_is_typed_is_read_once_into_what_is_kept() {
        for (kind, typed, kept) in [
            (Kind::Text, " a  b ", Some("a  b")),
            (Kind::Text, "a\nb", None),
            (Kind::Long, "a\nb", Some("a\nb")),
            (Kind::Long, "a\u{1b}b", None),
            (Kind::Number, "1 200,50", Some("1200.5")),
            (Kind::Number, "-0.000001", Some("-0.000001")),
            (Kind::Number, "1,000", None),
            (Kind::Number, "1e9", None),
            (Kind::Number, "9999999999999", None),
            (Kind::Day, "2026-05-01", Some("2026-05-01")),
            (Kind::Day, "2026-02-30", None),
            (Kind::Day, "-0044-03-15", None),
            (Kind::YesNo, "TRUE", Some("yes")),
            (Kind::YesNo, "maybe", None),
            (Kind::One, "clean pro", Some("Clean Pro")),
            (Kind::One, "oko", Some("Öko")),
            (Kind::One, "Clean 3", None),
            (Kind::Several, "öko; Clean 2;Clean 2", Some("Clean 2; Öko")),
            (Kind::Several, " ; ", None),
            (Kind::Link, "https://example.org/a?b", Some("https://example.org/a?b")),
            (Kind::Link, "javascript:alert(1)", None),
            (Kind::Link, "https://a b", None),
            (Kind::Text, "  ", None),
        ] {
            assert_eq!(read(&field(kind), typed).ok().as_deref(), kept, "{kind:?} {typed:?}");
        }
        assert!(read(&field(Kind::Text), &"x".repeat(LINE + 1)).is_err());
    }

    #[test]
    fn a_choice_that_is_no_longer_offered_stays_readable() {
        let one = input(&field(Kind::One), "v".into(), "Clean 1", String::new()).to_string();
        assert!(one.contains("Clean 1 (no longer offered)") && one.contains("selected"), "{one}");
        let many = input(&field(Kind::Several), "v".into(), "Clean 2; Öko", String::new()).to_string();
        assert_eq!(many.matches(" checked").count(), 2, "{many}");
        let old = input(&field(Kind::Several), "v".into(), "Clean 1; Öko", String::new()).to_string();
        assert_eq!(old.matches(" checked").count(), 2, "{old}");
        for (kind, typed, kept) in [
            (Kind::One, "Clean 1", Some("Clean 1")),
            (Kind::One, "Clean 3", None),
            (Kind::Several, "Clean 2; Clean 1", Some("Clean 2; Clean 1")),
            (Kind::Several, "Clean 3", None),
        ] {
            let old = if kind == Kind::One { "Clean 1" } else { "Clean 1; Öko" };
            assert_eq!(read_over(&field(kind), typed, old).ok().as_deref(), kept, "{typed}");
        }
    }
}
