//! The editor of a notice: what it shows, and what publishing would mean.

use askama::Template;
use assent_kernel::Policy;
use assent_kernel::notice::Notice;
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Problem, Shell, Staff, filters, say, text};

use super::super::{Said, frame};
use super::{HERE, Shown, preview, title_here};
use crate::settings::act;
use crate::settings::model::notice::{Form, MOST_LANGUAGES, Typed, differences};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{self, Words, any_word, transfer_word};
use crate::settings::model::{Errors, simulate};
use assent_web::reading::{self, Reading};

#[derive(Template)]
#[template(path = "settings/notice_form.html")]
pub(super) struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    back: String,
    base: u64,
    error: String,
    purpose: Option<Field>,
    asked: Vec<Ticks>,
    depth: Field,
    days: Field,
    blocks: Vec<Block>,
    /// What publishing would mean, once it was looked at.
    checked: Option<Checked>,
    again: Option<Again>,
}

/// One language of the editor.
struct Block {
    i: usize,
    typed: Typed,
    open: bool,
    reading: Option<Reading>,
    errors: [String; 6],
}

struct Checked {
    shown: Vec<Shown>,
    differences: Vec<String>,
    closed: Vec<String>,
    version: u32,
}

/// The question whether people must be asked again.
struct Again {
    people: String,
    chosen: String,
    error: String,
}

/// What the editor shows.
pub(super) struct Draft<'a> {
    pub(super) old: Option<&'a Notice>,
    pub(super) form: Form,
    pub(super) errors: Errors,
    pub(super) base: u64,
    pub(super) fresh: Option<Notice>,
}

pub(super) async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    policy: &Policy,
    draft: Draft<'_>,
) -> Result<Editor, Problem> {
    let name = draft
        .old
        .map_or_else(|| say("New notice").to_owned(), |old| say!("Change: {title}", title = title_here(old)));
    let (shell, tabs) = frame(ctx, staff, HERE, &name, &Said::default()).await?;
    let words = Words::new(policy, &staff.company.name);
    let (form, errors) = (&draft.form, &draft.errors);
    let people = match draft.old {
        Some(old) => Some(act::standing(ctx, staff, old.id).await?),
        None => None,
    };
    let checked = draft.fresh.as_ref().map(|fresh| Checked {
        shown: preview(&words, fresh),
        differences: draft.old.map(|old| differences(&words, old, fresh)).unwrap_or_default(),
        closed: simulate::closed_to(policy, fresh, ctx.now(), &words),
        version: fresh.version,
    });
    let back = draft.old.map_or_else(|| HERE.to_owned(), |old| format!("{HERE}/{}", old.id));
    let action = draft.old.map_or_else(|| format!("{HERE}/new"), |old| format!("{HERE}/{}/edit", old.id));
    Ok(Editor {
        shell,
        tabs,
        action,
        back,
        base: draft.base,
        error: if errors.is_empty() { String::new() } else { summary(errors) },
        purpose: draft.old.is_none().then(|| purpose_field(policy, form, errors)),
        asked: asked(&words, form, errors),
        depth: depth_field(form, errors),
        days: Field {
            input: Input::Line("number"),
            error: errors.at("days"),
            hint: say("In days. A yes ends by itself after that.").into(),
            required: true,
            ..Field::line(say("For how long"), "days", form.days.clone())
        },
        blocks: blocks(form, errors),
        checked,
        again: people.map(|people| Again {
            people: if people == 1 {
                say!("{n} person says yes to it today.", n = 1)
            } else {
                say!("{n} people say yes to it today.", n = text::count(people))
            },
            chosen: form.material.clone(),
            error: errors.at("material"),
        }),
    })
}

fn summary(errors: &Errors) -> String {
    let general = errors.at("form");
    if general.is_empty() {
        let n = u64::try_from(errors.len()).unwrap_or(0);
        if n == 1 {
            say!("{n} thing to put right; it stands beside the field.", n = 1)
        } else {
            say!("{n} things to put right; it stands beside the field.", n = text::count(n))
        }
    } else {
        general
    }
}

fn purpose_field(policy: &Policy, form: &Form, errors: &Errors) -> Field {
    let open = policy
        .purposes
        .values()
        .filter(|one| one.basis.needs_grant() && policy.notice_for(&one.key).is_none());
    let mut options = vec![(String::new(), say("Choose").to_owned())];
    options.extend(open.map(|one| (one.key.to_string(), words::purpose(one).to_owned())));
    Field {
        input: Input::Select(options),
        error: errors.at("purpose"),
        hint: say("Only purposes that stand on a yes and have no notice yet.").into(),
        required: true,
        ..Field::line(say("What for"), "purpose", form.purpose.clone())
    }
}

fn asked(words: &Words<'_>, form: &Form, errors: &Errors) -> Vec<Ticks> {
    let parties = words.policy.parties.values().filter(|party| party.id != words.policy.home);
    let parties = parties.map(|party| (party.id.to_string(), party.name.clone()));
    let kinds = words::KINDS.map(|(key, kind)| (key, any_word(kind).to_owned()));
    let transfers = words::TRANSFERS.map(|(key, by)| (key, transfer_word(by).to_owned()));
    vec![
        Ticks::new("category", say("Which kinds of data"), words.all_categories(), &form.categories)
            .tree()
            .hint(say("A kind includes everything below it."))
            .error(errors.at("category")),
        Ticks::new("use", say("What may be done"), words::all_uses(), &form.uses).error(errors.at("use")),
        Ticks::new("party", say("Who receives, by name"), parties, &form.parties)
            .hint(say("Nobody ticked: only your own company."))
            .error(errors.at("party")),
        Ticks::new("kind", say("Who receives, by kind"), kinds, &form.kinds),
        Ticks::new("region", say("Where it may be"), words.all_regions(), &form.regions)
            .tree()
            .error(errors.at("region")),
        Ticks::new("transfer", say("And elsewhere, by"), transfers, &form.transfers),
    ]
}

fn depth_field(form: &Form, errors: &Errors) -> Field {
    let options = [
        ("0", "none of those they engage"),
        ("1", "those they engage themselves"),
        ("2", "two tiers deep"),
        ("3", "three tiers deep"),
    ];
    Field {
        input: Input::Select(options.map(|(key, label)| (key.into(), say(label).into())).to_vec()),
        error: errors.at("depth"),
        ..Field::line(say("And of their sub-processors"), "depth", form.depth.clone())
    }
}

fn blocks(form: &Form, errors: &Errors) -> Vec<Block> {
    let filled = form.words.len();
    let block = |i: usize| {
        let typed = form.words.get(i).cloned().unwrap_or_default();
        let parts = [&typed.title, &typed.benefit, &typed.text, &typed.risks, &typed.if_no];
        let whole = parts.map(|part| format!("{part}\n")).concat();
        let names = ["lang", "title", "benefit", "text", "risks", "if-no"];
        Block {
            i,
            open: i < filled.max(1),
            reading: reading::measure(&typed.lang, &whole),
            errors: names.map(|name| errors.at(&format!("{name}-{i}"))),
            typed,
        }
    };
    // One more than there are, to add a language without a script.
    (0..MOST_LANGUAGES.min(filled.saturating_add(1).max(1))).map(block).collect()
}

/// What is wrong at one field of a language.
#[derive(Template)]
#[template(
    source = "{% if !what.is_empty() %}<span class=\"error\">{{ assent_web::icon(\"x\") }}<span>{{ what }}</span></span>{% endif %}",
    ext = "html"
)]
struct Wrong<'a> {
    what: &'a str,
}

impl Editor {
    fn wrong(&self, block: &Block, field: usize) -> assent_web::Html {
        let what = block.errors.get(field).map_or("", String::as_str);
        assent_web::Html::of(&Wrong { what })
    }
}
