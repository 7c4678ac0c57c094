//! One item: what stands in its fields, whom it belongs to.

use askama::Template;
use assent_store::work::items::{Item, ItemId};
use assent_web::fields::{self, Field};
use assent_web::objects;
use assent_web::parts::{Act, Group, Kv, Shown, Tabs, Timeline};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::beside::beside;
use crate::around::beside::Beside;
use crate::around::item::Sort;
use crate::around::note::Composer;
use crate::around::{self, More, Of, Part, address, removed_notes, task};
use crate::filled::{Filled, one};
use crate::frame::{self, Colleagues, words};
use crate::inline::Pen;
use crate::lists::origin::Origin;
use crate::seen::words::Words;
use crate::texts::Opened;
use crate::things::act;
use crate::{organised, undo};

#[derive(Template)]
#[template(path = "things/record.html")]
struct Page {
    shell: Shell,
    /// The list: what it is called, and where it is.
    list: (String, String),
    /// Where it is changed.
    edit: String,
    label: String,
    closed: String,
    group: Group,
    tabs: Tabs,
    open: Open,
    one: String,
    removed: bool,
    gone: Option<Act>,
    remove: Option<Act>,
    /// Whether it is theirs to change; if not, what is said.
    may: bool,
    only: String,
    beside: Beside,
    /// Leads to the notes that were removed, or back.
    notes: Option<(String, String)>,
    more: More,
}

/// The open tab.
enum Open {
    Timeline(Composer, Timeline),
    Tasks(task::Tasks),
    /// Some of what was typed, and what is said where there is none.
    Typed(Composer, Timeline, &'static str),
}

/// The tabs: as they stand in an address, and what they are called.
const TABS: [(&str, &str); 4] =
    [("", "Timeline"), ("tasks", "Tasks"), ("notes", "Notes"), ("files", "Files")];

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
    let part = Part::read(&asked, asked.get("tab"));
    let around = around::read(&ctx, &staff, Of::Item(item.id), part).await?;
    let (filled, opened) = act::look_around(&ctx, &staff, &item, &around).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let title = sort.title(&item, &filled, &opened, &words);
    let mut shell = frame::shell(&ctx, &staff, &title.label).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &asked).await?;
    let (href, from) = (sort.href(&item), Origin::read(&asked));
    // Whoever does something here comes back here, and to the list from here.
    let here = from.on(&href);
    let may = act::may_change(&staff, &item);
    let pen = |key: &str| Pen::new(&href, key, "", &here);
    let mut lines = lines(&sort, &item, (&filled, &opened), &words, may.then_some(&pen));
    if let Some(whom) = whom(&ctx, &staff, &item, &filled, (&opened, &words)).await? {
        lines.insert(0, whom);
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let owner = colleagues.named(item.owner).map_or(Shown::Unknown, Shown::Plain);
    let owner = Kv::new(say("Owner"), owner);
    lines.push(if may { owner.edit(pen(super::value::OWNER).href) } else { owner });
    lines.push(Kv::new(say("Here since"), Shown::Plain(text::date(item.created_at.micros()))));
    let button = |label: &str, verb: &str, class| Act {
        label: say(label).into(),
        action: format!("{href}/{verb}"),
        csrf: shell.csrf.clone(),
        fields: vec![("back", here.clone())],
        class,
        ..Act::default()
    };
    let gone = item.gone_at.is_some();
    let around = around.with_acts((&href, &here), &shell.csrf, &staff, may);
    let removed = asked.get("notes") == "removed";
    let at = Around { around: &around, opened: &opened, words: &words, colleagues: &colleagues };
    let (at_tab, tabs) = tabs(&staff, &around, asked.get("tab"), |tab| from.on(&format!("{href}{tab}")));
    let tasks = from.on(&format!("{href}?tab=tasks"));
    let composer = Composer {
        action: format!("{href}/note"),
        csrf: shell.csrf.clone(),
        back: here.clone(),
        hint: if item.person.is_some() {
            say("The person can read it, and their terms decide who else may.")
        } else {
            say("About a person? Write it on their record: there their terms decide.")
        },
        keeps: may,
    };
    Ok(html::page(&Page {
        open: at.open(&ctx, &staff, (at_tab, removed), (item.id, &shell.csrf, tasks), composer),
        beside: beside(&ctx, &staff, &from, (&sort, &item)).await?,
        notes: removed_notes(&here, removed, around.gone),
        more: around.more(&from.on(&address(&href, at_tab, removed)), part),
        list: (objects::plural(&sort.object).to_owned(), from.list(&objects::href(&sort.object.key))),
        edit: from.on(&format!("{href}/edit")),
        group: Group { title: String::new(), lines },
        tabs,
        removed: gone,
        gone: (may && gone).then(|| button("Bring back", "restore", "primary")),
        remove: (may && !gone).then(|| button("Remove", "remove", "quiet")),
        only: staff.only_looks(Object::Things),
        may,
        one: text::within(objects::singular(&sort.object)),
        label: title.label,
        closed: title.closed,
        shell,
    }))
}

/// The tabs that a role has, each at its address; and which is open.
fn tabs(
    staff: &Staff,
    around: &around::Around,
    asked: &str,
    href: impl Fn(&str) -> String,
) -> (&'static str, Tabs) {
    let had = TABS.into_iter().filter(|(key, _)| *key != "tasks" || staff.has(Object::Tasks));
    let had: Vec<(&str, &str)> = had.collect();
    let at = had.iter().position(|(key, _)| *key == asked).unwrap_or(0);
    let tab = |(key, label): &(&str, &str)| {
        let to = if key.is_empty() { href("") } else { href(&format!("?tab={key}")) };
        (say(label).to_owned(), to, (*key == "tasks").then(|| around.open_tasks()))
    };
    let tabs = Tabs { label: say("Record").into(), tabs: had.iter().map(tab).collect(), at, swap: "#main" };
    (had.get(at).map_or("", |(key, _)| *key), tabs)
}

/// What lies around an item, with what tells it.
struct Around<'a> {
    around: &'a around::Around,
    opened: &'a Opened,
    words: &'a Words<'a>,
    colleagues: &'a Colleagues,
}

impl Around<'_> {
    fn open(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        (tab, removed): (&str, bool),
        (item, csrf, tasks): (ItemId, &str, String),
        composer: Composer,
    ) -> Open {
        let Self { around, opened, words, colleagues } = *self;
        let timeline = |events| Timeline { events, now: ctx.now().micros() };
        match tab {
            "tasks" => Open::Tasks(task::Tasks {
                lines: around
                    .tasks
                    .iter()
                    .map(|one| task::line(staff, one, opened, words, colleagues))
                    .collect(),
                csrf: csrf.to_owned(),
                back: tasks,
                new: format!("/tasks/new?item={item}"),
                none: say("Nothing to do for it."),
            }),
            "notes" => {
                Open::Typed(composer, timeline(around.notes(opened, words, colleagues)), say("No notes yet."))
            }
            "files" => {
                Open::Typed(composer, timeline(around.files(opened, words, colleagues)), say("No files yet."))
            }
            _ if removed => Open::Timeline(composer, timeline(around.removed(opened, words, colleagues))),
            _ => Open::Timeline(composer, timeline(around.events(opened, words, colleagues))),
        }
    }
}

/// Its fields; one that is no longer offered as long as something stands in it.
fn lines(
    sort: &Sort,
    item: &Item,
    (filled, opened): (&Filled, &Opened),
    words: &Words<'_>,
    pen: Option<&impl Fn(&str) -> Pen>,
) -> Vec<Kv> {
    let stands = |field: &&Field| field.gone_at.is_none() || filled.stands(field, opened, words);
    let line = |field: &Field| {
        let id = format!("f-{}-{}", item.id, field.name);
        let line = Kv::new(fields::name(field).to_owned(), filled.in_record(field, opened, words, id));
        match pen.and_then(|pen| one::pen(field, (filled, opened), words, pen)) {
            Some(pen) => line.edit(pen.href),
            None => line,
        }
    };
    sort.fields.iter().filter(stands).map(line).collect()
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
