//! The form of a mandate.

use askama::Template;
use assent_kernel::{Mandate, Policy};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Problem, Shell, Staff, filters};

use super::super::{Said, frame};
use super::HERE;
use crate::settings::model::Errors;
use crate::settings::model::mandate::{BINDS, EFFECTS, Form, LEVELS, WHENS};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{self, Words, kind_word};

#[derive(Template)]
#[template(path = "settings/mandate_form.html")]
pub(super) struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    /// The version that was read; none of a new one.
    version: u32,
    error: String,
    rule: Vec<Field>,
    asked: Vec<Ticks>,
    scope: Vec<Field>,
    regions: Ticks,
    opening: Vec<Ticks>,
    more: Vec<Field>,
    term: Vec<Field>,
}

pub(super) async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    policy: &Policy,
    old: Option<&Mandate>,
    (form, errors): (&Form, &Errors),
) -> Result<Editor, Problem> {
    let title = old.map_or_else(|| "New mandate".to_owned(), |old| format!("Change {}", old.key));
    let (shell, tabs) = frame(ctx, staff, HERE, &title, &Said::default()).await?;
    let words = Words::new(policy, &staff.company.name);
    let kinds = words::KINDS.map(|(key, kind)| (key, format!("any {}", kind_word(kind))));
    Ok(Editor {
        shell,
        tabs,
        action: old.map_or_else(|| format!("{HERE}/new"), |old| format!("{HERE}/{}/edit", old.id)),
        version: old.map_or(0, |old| old.version),
        error: if !errors.at("form").is_empty() {
            errors.at("form")
        } else if errors.is_empty() {
            String::new()
        } else {
            "Something has to be put right; it stands beside the field.".into()
        },
        rule: rule(form, errors, old.is_none()),
        asked: vec![
            Ticks::new("purpose", "For which purposes", words.all_purposes(), &form.purposes)
                .tree()
                .hint("None ticked, in a rule that forbids: every purpose.")
                .error(errors.at("purpose")),
            Ticks::new("category", "Which kinds of data", words.all_categories(), &form.categories)
                .tree()
                .error(errors.at("category")),
            Ticks::new("use", "Which uses", words::all_uses(), &form.uses).error(errors.at("use")),
        ],
        scope: vec![select("when", "When it applies", &WHENS, &form.when, errors)],
        regions: Ticks::new("region", "Those regions", words.all_regions(), &form.regions)
            .tree()
            .error(errors.at("region")),
        opening: vec![
            Ticks::new("role", "Which roles may work under it", words::all_roles(), &form.roles)
                .error(errors.at("role")),
            Ticks::new("kind", "Who else may receive", kinds, &form.kinds)
                .hint("Nobody ticked: only your own company."),
        ],
        more: vec![
            Field {
                input: Input::Line("number"),
                error: errors.at("depth"),
                ..Field::line("Tiers of sub-processors below them", "depth", form.depth.clone())
            },
            Field {
                input: Input::Check,
                ..Field::line("Show only a part of each value", "masked", if form.masked { "on" } else { "" })
            },
            Field {
                input: Input::Line("number"),
                error: errors.at("keeps"),
                hint: "In days, for facts anchored to it.".into(),
                ..Field::line("Keep for", "keeps", form.keeps.clone())
            },
        ],
        term: term(form, errors),
    })
}

fn select(name: &'static str, label: &str, options: &[(&str, &str)], value: &str, errors: &Errors) -> Field {
    Field {
        input: Input::Select(options.iter().map(|(key, label)| ((*key).into(), (*label).into())).collect()),
        error: errors.at(name),
        ..Field::line(label, name, value)
    }
}

fn rule(form: &Form, errors: &Errors, new: bool) -> Vec<Field> {
    let line = |label: &str, name: &'static str, value: &String, hint: &str| Field {
        error: errors.at(name),
        hint: hint.into(),
        required: true,
        ..Field::line(label, name, value.clone())
    };
    let effects = EFFECTS.map(|(key, label, _)| (key, label));
    let levels = LEVELS.map(|(key, label, _)| (key, label));
    let mut out = Vec::new();
    if new {
        out.push(line(
            "Short name",
            "key",
            &form.key,
            "For good: refusals and the ledger show it. Such as county-us-only.",
        ));
    }
    out.push(select("effect", "What it does", &effects, &form.effect, errors));
    out.push(select("level", "Where it comes from", &levels, &form.level, errors));
    out.push(line(
        "Law, rule or contract",
        "instrument",
        &form.instrument,
        "Such as Regulation (EU) 2016/679 (GDPR).",
    ));
    out.push(line("Article or clause", "article", &form.article, ""));
    out.push(line("Where to read it", "url", &form.url, "An address that begins with https://."));
    out.push(line("Whose law", "jurisdiction", &form.jurisdiction, "Such as eu, us, us.ca."));
    out.push(Field {
        input: Input::Text,
        ..line(
            "One sentence to the person",
            "sentence",
            &form.sentence,
            "Plain words. It stands where something is closed.",
        )
    });
    out
}

fn term(form: &Form, errors: &Errors) -> Vec<Field> {
    vec![
        select("binds", "Which facts it reaches", &BINDS, &form.binds, errors),
        Field {
            error: errors.at("contract"),
            hint: "Only for contracts. Such as household-customer.".into(),
            ..Field::line("Kind of contract", "contract", form.contract.clone())
        },
        Field {
            input: Input::Line("date"),
            error: errors.at("from"),
            required: true,
            ..Field::line("In force from", "from", form.from.clone())
        },
        Field {
            input: Input::Line("date"),
            error: errors.at("until"),
            hint: "Empty: without an end.".into(),
            ..Field::line("In force until", "until", form.until.clone())
        },
    ]
}
