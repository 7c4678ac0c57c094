//! What of a list may be handed to colleagues: never what names somebody, in the rules, in the search or in its name.

use assent_web::catalogue::{Lang, lang};
use assent_web::{Problem, say};

use super::rule::Rule;
use super::{Column, Kind, MOST_RULES};

const fn text(key: &'static str, label: &'static str) -> Column {
    Column::other(key, label, Kind::Text)
}
const fn day(key: &'static str, label: &'static str) -> Column {
    Column::other(key, label, Kind::Day)
}

/// The columns of each list that are about nobody. A column that does not stand here is personal.
const ABOUT_NOBODY: &[(&str, &[Column])] = &[
    (
        "deals",
        &[
            text("stage", "Stage"),
            Column::other("amount", "Amount", Kind::Money),
            text("company", "Organisation"),
            day("close", "Close"),
            text("owner", "Owner"),
            text("state", "State"),
            text("lost", "Lost because"),
            day("since", "Since"),
            day("moved", "Moved"),
        ],
    ),
    ("tasks", &[day("due", "Due"), text("who", "Who"), text("state", "State"), day("since", "Since")]),
    (
        "organisations",
        &[
            text("name", "Name"),
            text("trade", "Trade"),
            text("city", "City"),
            text("website", "Website"),
            text("owner", "Owner"),
            day("since", "Since"),
        ],
    ),
    ("people", &[day("since", "Known since")]),
    // Every object's: `things.contract`.
    ("things", &[text("owner", "Owner"), day("since", "Since")]),
];
/// What else of a list's state is handed on; anything else that stands in it is left out.
const HANDED_ON: [&str; 7] = ["any", "sort", "col", "view", "pipeline", "show", "order"];

/// The name and the state under which colleagues see a list. The name is made of the rules: what somebody types could
/// be a name.
/// `own` are the columns of the company's own fields that are about nobody.
pub fn shared(list: &str, query: &str, own: &[Column]) -> Result<(String, String), Problem> {
    let of = |wanted: &str| ABOUT_NOBODY.iter().find(|(name, _)| *name == wanted);
    let columns = of(list).or_else(|| of(list.split('.').next()?)).map_or(&[][..], |(_, columns)| columns);
    let columns = [columns, own].concat();
    let plain = |value: &str| {
        value.len() <= 60 && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let (mut told, mut any) = (Vec::new(), false);
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "q" if !value.trim().is_empty() => {
                return Err(Problem::invalid(
                    "What you look for may name somebody. Clear it, or keep the view to yourself.",
                ));
            }
            "f" if told.len() < MOST_RULES => {
                let rule = Rule::read(&value, &columns).ok_or_else(personal)?;
                told.push(rule.told());
                out.append_pair("f", &rule.to_string());
            }
            other if HANDED_ON.contains(&other) && plain(&value) => {
                any |= other == "any";
                out.append_pair(other, &value);
            }
            _ => {}
        }
    }
    let name =
        if told.is_empty() { "Everything".into() } else { told.join(if any { " or " } else { " and " }) };
    Ok((name, out.finish()))
}

/// What a shared view is called after its rules, for whoever does not read English; nothing where its name is as good.
pub fn called(query: &str, columns: &[Column]) -> Option<String> {
    if lang() == Lang::English {
        return None;
    }
    let (mut told, mut any) = (Vec::new(), false);
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "f" => told.push(Rule::read(&value, columns)?.said()),
            key => any |= key == "any",
        }
    }
    let joined = format!(" {} ", say(if any { "or" } else { "and" }));
    Some(if told.is_empty() { say("Everything").to_owned() } else { told.join(&joined) })
}

fn personal() -> Problem {
    Problem::invalid(
        "A rule of this list is about people, and a name is not for everybody. Take that rule away, or keep the view \
         to yourself.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_somebody_is_not_shared() {
        for (list, query) in [
            ("deals", "q=mia"),
            ("deals", "f=contact.is.Mia+Ito"),
            ("deals", "f=title.has.laube"),
            ("tasks", "f=about.is.Mia+Ito"),
            ("people", "f=name.is.Mia"),
            ("people", "f=allergy.is.nuts"),
            ("deals", "f=stage.is.New&f=contact.set."),
        ] {
            assert!(shared(list, query, &[]).is_err(), "{list} {query}");
        }
        let (name, state) =
            shared("deals", "f=stage.is.Offer+sent&f=amount.from.1000&sort=-close&note=Mia+Ito", &[])
                .unwrap();
        assert_eq!(name, "Stage is Offer sent and Amount from 1000");
        assert_eq!(state, "f=stage.is.Offer+sent&f=amount.from.1000&sort=-close");
        assert_eq!(shared("people", "", &[]).unwrap().0, "Everything");
    }
}
