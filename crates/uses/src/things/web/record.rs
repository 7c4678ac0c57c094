//! One item: what stands in its fields, whom it belongs to.

use askama::Template;
use assent_store::work::items::Item;
use assent_web::fields::{self, Field};
use assent_web::objects;
use assent_web::parts::{Act, Group, Kv, Shown};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::item::Sort;
use crate::filled::Filled;
use crate::frame::{self, words};
use crate::seen::words::Words;
use crate::texts::Opened;
use crate::things::act;
use crate::{organised, undo};

#[derive(Template)]
#[template(path = "things/record.html")]
struct Page {
    shell: Shell,
    href: String,
    /// The list: what it is called, and where it is.
    list: (String, String),
    label: String,
    closed: String,
    group: Group,
    one: String,
    removed: bool,
    gone: Option<Act>,
    remove: Option<Act>,
    /// Whether it is theirs to change; if not, what is said.
    may: bool,
    only: String,
}

pub async fn show(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    let (filled, opened) = act::look(&ctx, &staff, &item).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let title = sort.title(&item, &filled, &opened, &words);
    let mut shell = frame::shell(&ctx, &staff, &title.label).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &asked).await?;
    let mut lines = lines(&sort, &item, &filled, &opened, &words);
    if let Some(whom) = whom(&ctx, &staff, &item, &filled, (&opened, &words)).await? {
        lines.insert(0, whom);
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let owner = colleagues.named(item.owner).map_or(Shown::Unknown, Shown::Plain);
    lines.push(Kv::new(say("Owner"), owner));
    lines.push(Kv::new(say("Here since"), Shown::Plain(text::date(item.created_at.micros()))));
    let href = sort.href(&item);
    let button = |label: &str, verb: &str, class| Act {
        label: say(label).into(),
        action: format!("{href}/{verb}"),
        csrf: shell.csrf.clone(),
        class,
        ..Act::default()
    };
    let (gone, may) = (item.gone_at.is_some(), act::may_change(&staff, &item));
    Ok(html::page(&Page {
        list: (objects::plural(&sort.object).to_owned(), objects::href(&sort.object.key)),
        group: Group { title: String::new(), lines },
        removed: gone,
        gone: (may && gone).then(|| button("Bring back", "restore", "primary")),
        remove: (may && !gone).then(|| button("Remove", "remove", "quiet")),
        only: staff.only_looks(Object::Things),
        may,
        one: text::within(objects::singular(&sort.object)),
        label: title.label,
        closed: title.closed,
        href,
        shell,
    }))
}

/// Its fields; one that is no longer offered as long as something stands in it.
fn lines(sort: &Sort, item: &Item, filled: &Filled, opened: &Opened, words: &Words<'_>) -> Vec<Kv> {
    let stands = |field: &&Field| field.gone_at.is_none() || filled.stands(field, opened, words);
    let there = sort.fields.iter().filter(stands);
    there
        .map(|field| {
            let id = format!("f-{}-{}", item.id, field.name);
            Kv::new(fields::name(field).to_owned(), filled.in_record(field, opened, words, id))
        })
        .collect()
}

/// Whom it belongs to, leading there. What hangs on a person is told only with something of it.
async fn whom(
    ctx: &Ctx,
    staff: &Staff,
    item: &Item,
    filled: &Filled,
    (opened, words): (&Opened, &Words<'_>),
) -> Result<Option<Kv>, Problem> {
    if let Some(id) = item.organisation {
        // Its name is told with the item, also when the organisation itself is out of reach.
        let firm = organised::told(ctx, staff, std::iter::once(id)).await?.remove(&id).unwrap_or_default();
        return Ok(Some(Kv::new(say("Company"), firm.shown(id))));
    }
    if item.person.is_none() {
        return Ok(None);
    }
    let open = filled.open(opened);
    let contact = open.and_then(|text| opened.contact(text, words, "whom".into()));
    let shown = contact.map_or_else(|| Shown::locked(words.closed_for(), None), |title| title.shown());
    Ok(Some(Kv::new(say("Person"), shown)))
}
