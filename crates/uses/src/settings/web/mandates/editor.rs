//! The form of a mandate.

use askama::Template;
use assent_kernel::{Mandate, Policy};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Problem, Shell, Staff, filters, say};

use super::super::{Said, frame};
use super::HERE;
use crate::settings::model::mandate::{BINDS, EFFECTS, Form, LEVELS, WHENS};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{self, Words, any_word};
use crate::settings::model::{Errors, WHERE_READ};

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
    let title = old.map_or_else(|| say("New mandate").to_owned(), |old| say!("Change {key}", key = old.key));
    let (shell, tabs) = frame(ctx, staff, HERE, &title, &Said::default()).await?;
    let words = Words::new(policy, &staff.company.name);
    let kinds = words::KINDS.map(|(key, kind)| (key, any_word(kind).to_owned()));
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
            say("Something has to be put right; it stands beside the field.").into()
        },
        rule: rule(form, errors, old.is_none()),
        asked: vec![
            Ticks::new("purpose", say("For which purposes"), words.all_purposes(), &form.purposes)
                .tree()
                .hint(say("None ticked, in a rule that forbids: every purpose."))
                .error(errors.at("purpose")),
            Ticks::new("category", say("Which kinds of data"), words.all_categories(), &form.categories)
                .tree()
                .error(errors.at("category")),
            Ticks::new("use", say("Which uses"), words::all_uses(), &form.uses).error(errors.at("use")),
        ],
        scope: vec![select("when", say("When it applies"), &WHENS, &form.when, errors)],
        regions: Ticks::new("region", say("Those regions"), words.all_regions(), &form.regions)
            .tree()
            .error(errors.at("region")),
        opening: vec![
            Ticks::new("role", say("Which roles may work under it"), words::all_roles(), &form.roles)
                .error(errors.at("role")),
            Ticks::new("kind", say("Who else may receive"), kinds, &form.kinds)
                .hint(say("Nobody ticked: only your own company.")),
        ],
        more: vec![
            Field {
                input: Input::Line("number"),
                error: errors.at("depth"),
                ..Field::line(say("Tiers of sub-processors below them"), "depth", form.depth.clone())
            },
            Field {
                input: Input::Check,
                ..Field::line(
                    say("Show only a part of each value"),
                    "masked",
                    if form.masked { "on" } else { "" },
                )
            },
            Field {
                input: Input::Line("number"),
                error: errors.at("keeps"),
                hint: say("In days, for facts anchored to it.").into(),
                ..Field::line(say("Keep for"), "keeps", form.keeps.clone())
            },
        ],
        term: term(form, errors),
    })
}

fn select(name: &'static str, label: &str, options: &[(&str, &str)], value: &str, errors: &Errors) -> Field {
    Field {
        input: Input::Select(options.iter().map(|(key, label)| ((*key).into(), say(label).into())).collect()),
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
            say("Short name"),
            "key",
            &form.key,
            say("For good: refusals and the ledger show it. Such as county-us-only."),
        ));
    }
    out.push(select("effect", say("What it does"), &effects, &form.effect, errors));
    out.push(select("level", say("Where it comes from"), &levels, &form.level, errors));
    out.push(line(
        say("Law, rule or contract"),
        "instrument",
        &form.instrument,
        say("Such as Regulation (EU) 2016/679 (GDPR)."),
    ));
    out.push(line(say("Article or clause"), "article", &form.article, ""));
    out.push(line(say("Where to read it"), "url", &form.url, say("An address that begins with https://.")));
    out.push(line(say("Whose law"), "jurisdiction", &form.jurisdiction, say("Such as eu, us, us.ca.")));
    out.push(Field {
        input: Input::Text,
        ..line(
            say("One sentence to the person"),
            "sentence",
            &form.sentence,
            say("Plain words. It stands where something is closed."),
        )
    });
    out.push(Field {
        input: Input::Text,
        required: false,
        ..line(say("The sentence in German"), "sentence_de", &form.sentence_de, say(WHERE_READ))
    });
    out
}

fn term(form: &Form, errors: &Errors) -> Vec<Field> {
    vec![
        select("binds", say("Which facts it reaches"), &BINDS, &form.binds, errors),
        Field {
            error: errors.at("contract"),
            hint: say("Only for contracts. Such as household-customer.").into(),
            ..Field::line(say("Kind of contract"), "contract", form.contract.clone())
        },
        Field {
            input: Input::Line("date"),
            error: errors.at("from"),
            required: true,
            ..Field::line(say("In force from"), "from", form.from.clone())
        },
        Field {
            input: Input::Line("date"),
            error: errors.at("until"),
            hint: say("Empty: without an end.").into(),
            ..Field::line(say("In force until"), "until", form.until.clone())
        },
    ]
}
