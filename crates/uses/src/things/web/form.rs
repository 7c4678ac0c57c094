//! A new item, and changes to one.

use askama::Template;
use assent_store::work::items::Item;
use assent_web::objects::{self, Belongs};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::item::Sort;
use crate::filled::{self, Closed, Filled, More, Part, Typed};
use crate::frame::{self, words};
use crate::lists::origin::Origin;
use crate::organised;
use crate::texts::{self, Opened};
use crate::things::act::{self, With};
use crate::things::model::{Form, WHOM};

#[derive(Template)]
#[template(path = "things/form.html")]
struct Page {
    shell: Shell,
    /// The list: what it is called, and where it is.
    list: (String, String),
    action: String,
    back: String,
    error: String,
    /// How it stood when the form was made; empty for a new one.
    tag: String,
    fields: Vec<Field>,
    /// The fields that the form holds.
    asked: Vec<String>,
    /// Fields that are closed, with the sentence why.
    closed: Vec<(String, String)>,
    /// Names to choose from.
    companies: Vec<String>,
    personal: bool,
}

/// The most names that are offered while typing.
const MOST_OFFERED: usize = 300;

/// What is wrong with a form, or why it was not kept.
#[derive(Default)]
struct Wrong {
    whom: String,
    fields: Typed,
    form: String,
}

/// A new item, or one that is changed.
#[derive(Clone, Copy)]
enum At<'a> {
    New(With),
    Old(&'a Item, &'a Filled, &'a Opened),
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    (at, from): (At<'_>, &Origin),
    (form, wrong): (&Form, &Wrong),
) -> Result<Page, Problem> {
    let (home, one) = (objects::href(&sort.object.key), text::within(objects::singular(&sort.object)));
    let colleagues = frame::colleagues(ctx, staff).await?;
    let none = (Filled::default(), texts::sealed(ctx, staff, std::iter::empty()).await?);
    let (about, old) = match at {
        At::New(with) => (with.person, (&none.0, &none.1)),
        At::Old(item, filled, opened) => (item.person, (filled, opened)),
    };
    let more = More { own: &sort.fields, about, old, wrong: wrong.fields.clone() };
    let Part { inputs, asked, closed, unsaid } = filled::part(ctx, staff, &more, &form.typed).await?;
    let mut fields = inputs;
    let now = match at {
        At::New(_) => None,
        At::Old(item, ..) => item.owner,
    };
    fields.push(Field {
        input: Input::Select(colleagues.choices_now(say("Nobody"), &form.owner)),
        error: colleagues.wrong(&form.owner, now),
        ..Field::line(say("Who looks after it"), "owner", form.owner.clone())
    });
    let (title, action, back, tag) = match at {
        At::New(_) => (say!("New {one}", one = one), format!("{home}/new"), home.clone(), String::new()),
        At::Old(item, filled, opened) => {
            let (href, tag) = (sort.href(item), filled.tag((item.ver, item.person), opened));
            (say!("Change {name}", name = one), from.on(&format!("{href}/edit")), from.on(&href), tag)
        }
    };
    if let (At::New(_), Some(field)) = (at, whom(sort, form, &wrong.whom)) {
        fields.insert(0, field);
    }
    Ok(Page {
        closed,
        companies: companies(ctx, staff, sort, at).await?,
        shell: frame::shell(ctx, staff, &title).await?,
        list: (objects::plural(&sort.object).to_owned(), home),
        error: filled::above(wrong.form.clone(), unsaid),
        personal: sort.personal(),
        action,
        back,
        tag,
        fields,
        asked,
    })
}

/// The field for whom a new item belongs to.
fn whom(sort: &Sort, form: &Form, wrong: &str) -> Option<Field> {
    let (label, hint) = match sort.object.belongs {
        Belongs::Person => {
            (say("Whom it belongs to"), say("A whole e-mail address, or a name that may be listed"))
        }
        Belongs::Organisation => (say("Which company it belongs to"), ""),
        Belongs::Nobody => return None,
    };
    Some(Field {
        hint: hint.into(),
        error: wrong.to_owned(),
        required: true,
        autocomplete: "off",
        ..Field::line(label, WHOM, form.whom.clone())
    })
}

async fn companies(ctx: &Ctx, staff: &Staff, sort: &Sort, at: At<'_>) -> Result<Vec<String>, Problem> {
    if sort.object.belongs != Belongs::Organisation || matches!(at, At::Old(..)) {
        return Ok(Vec::new());
    }
    let all = organised::all(ctx, staff, false).await?;
    Ok(all.into_iter().take(MOST_OFFERED).map(|one| one.known.name).collect())
}

pub async fn new(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let sort = act::sort(&ctx, &staff, &key).await?;
    // A record leads here: by its id nobody is looked for.
    let person = asked.get("person").parse().ok().filter(|_| sort.personal());
    let whom = match person {
        Some(id) => ctx.gate.look_one(&staff.people(), id).await?.id().to_string(),
        None => match asked.get("organisation").parse() {
            Ok(id) => organised::one(&ctx, &staff, id).await?.known.name,
            Err(_) => String::new(),
        },
    };
    let form = Form { whom, owner: staff.id.to_string(), ..Form::default() };
    let at = At::New(With { person, organisation: None });
    Ok(html::page(&page(&ctx, &staff, &sort, (at, &Origin::default()), (&form, &Wrong::default())).await?))
}

pub async fn make(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let form = Form::read(&sent, &sort);
    let (typed, fields) = filled::checked(&sort.fields, &form.typed, &Typed::new());
    let mut wrong = Wrong { fields, ..Wrong::default() };
    if let Some(first) = sort.offered().next().filter(|_| typed.values().all(String::is_empty)) {
        wrong.fields.entry(first.name.clone()).or_insert_with(|| say("Fill in at least one field.").into());
    }
    let with = match act::with(&ctx, &staff, &sort, &form.whom).await? {
        Ok(with) => with,
        Err(why) => {
            wrong.whom = why;
            With::default()
        }
    };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let fits = colleagues.read(&form.owner).is_ok();
    if wrong.whom.is_empty() && wrong.fields.is_empty() && fits {
        let named = sent.has("owner").then(|| colleagues.read(&form.owner)).transpose()?;
        let owner = named.unwrap_or_else(|| staff.keeper(Object::Things));
        match act::make(&ctx, &staff, &sort, (with, owner), &typed).await? {
            Ok(id) => {
                let home = format!("{}/{id}", objects::href(&sort.object.key));
                return Ok(saved(&staff, &sort, owner, &home, "put-down"));
            }
            Err(closed) => wrong = refused(&ctx, &staff, &sort, &closed).await?,
        }
    }
    let at = (At::New(With::default()), &Origin::default());
    Ok(frame::unfinished(html::page(&page(&ctx, &staff, &sort, at, (&form, &wrong)).await?)))
}

/// What the law said, beside the field that is to blame.
async fn refused(ctx: &Ctx, staff: &Staff, sort: &Sort, closed: &Closed) -> Result<Wrong, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let sentence = format!("{}. {}", words.closed_for(), words.sentence(Some(&closed.reason)));
    let field = closed.field.as_ref().filter(|name| sort.fields.iter().any(|field| field.name == **name));
    Ok(match field {
        Some(name) => Wrong { fields: [(name.clone(), sentence)].into(), ..Wrong::default() },
        None => Wrong { form: sentence, ..Wrong::default() },
    })
}

pub async fn edit(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    from: Origin,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    act::must_change(&staff, &item)?;
    let (filled, opened) = act::look(&ctx, &staff, &item).await?;
    let form = Form {
        whom: String::new(),
        owner: item.owner.map(|id| id.to_string()).unwrap_or_default(),
        typed: filled::plains(&sort.fields, &filled, &opened),
    };
    let at = (At::Old(&item, &filled, &opened), &from);
    Ok(html::page(&page(&ctx, &staff, &sort, at, (&form, &Wrong::default())).await?))
}

pub async fn change(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    act::must_change(&staff, &item)?;
    let mut form = Form::read(&sent, &sort);
    let (filled, opened) = act::look(&ctx, &staff, &item).await?;
    let stood = filled::plains(&sort.fields, &filled, &opened);
    let (typed, fields) = filled::checked(&sort.fields, &form.typed, &stood);
    let mut wrong = Wrong { fields, ..Wrong::default() };
    if crate::inline::is_stale(&sent, filled.tag((item.ver, item.person), &opened)) {
        wrong.form = say(frame::STALE).into();
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let fits = colleagues.kept(&form.owner, item.owner).is_ok();
    if wrong.fields.is_empty() && wrong.form.is_empty() && fits {
        let owner = if sent.has("owner") { colleagues.kept(&form.owner, item.owner)? } else { item.owner };
        match act::change(&ctx, &staff, &sort, (&item, owner, (&filled, &opened)), &typed).await? {
            Ok(()) => return Ok(saved(&staff, &sort, owner, &from.on(&sort.href(&item)), "changed")),
            Err(closed) => wrong = refused(&ctx, &staff, &sort, &closed).await?,
        }
    }
    // What was not on the form that was sent is shown as it stands: nobody empties what they never saw.
    form.typed = stood.into_iter().chain(form.typed).collect();
    if !sent.has("owner") {
        form.owner = item.owner.map(|id| id.to_string()).unwrap_or_default();
    }
    let at = (At::Old(&item, &filled, &opened), &from);
    Ok(frame::unfinished(html::page(&page(&ctx, &staff, &sort, at, (&form, &wrong)).await?)))
}

/// To an item that was saved, or to the list when it was handed out of reach.
fn saved(
    staff: &Staff,
    sort: &Sort,
    owner: Option<assent_kernel::StaffId>,
    page: &str,
    word: &str,
) -> Response {
    let list = objects::href(&sort.object.key);
    frame::saved(staff, (Object::Things, &[owner]), (page, &list), word)
}
