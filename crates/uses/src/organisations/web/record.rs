//! The record of an organisation.

use askama::Template;
use assent_web::fields::{self, Field as Own, Thing};
use assent_web::parts::{Act, Shown, Tabs, Timeline};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::beside::beside;
use super::words;
use crate::around::beside::Beside;
use crate::around::item::{self, Items, Whose};
use crate::around::note::Composer;
use crate::around::{More, Part, address, deal, removed_notes, task};
use crate::frame;
use crate::inline::Pen;
use crate::lists::{self, origin::Origin};
use crate::organisations::act;
use crate::organised::{self, One};
use crate::seen::title::Title;
use crate::texts;
use crate::undo;

/// What stands on the left: a name, a value, and the pen that changes it.
pub struct Line {
    name: String,
    value: String,
    pen: Option<Pen>,
    /// Where it leads, when it is a web address.
    link: Option<String>,
}

#[derive(Template)]
#[template(path = "organisations/record.html")]
struct Page {
    /// Whether there are deals for whoever looks.
    deals: bool,
    shell: Shell,
    id: String,
    /// The list that it was opened from.
    list: String,
    edit: String,
    name: String,
    since: String,
    website: Option<String>,
    lines: Vec<Line>,
    tabs: Tabs,
    open: Open,
    removed: bool,
    gone: Option<Act>,
    remove: Option<Act>,
    /// Whether it is theirs to change; if not, what is said.
    may: bool,
    only: String,
    beside: Beside,
    /// Leads to the notes that were removed, or back.
    notes: Option<(String, String)>,
    /// Leads to what was done before.
    more: More,
}

/// The open tab.
enum Open {
    Timeline(Composer, Timeline),
    Tasks(task::Tasks),
    /// Some of what was typed, and what is said where there is none.
    Typed(Composer, Timeline, &'static str),
    Deals(deal::Deals),
    People(Vec<(Title, Shown)>),
    Things(Items),
}

const TABS: [(&str, &str); 7] = [
    ("", "Timeline"),
    ("tasks", "Tasks"),
    ("notes", "Notes"),
    ("deals", "Deals"),
    ("people", "People"),
    ("things", "Items"),
    ("files", "Files"),
];

pub async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let id = act::id(&id)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let one = organised::one(&ctx, &staff, id).await?;
    let part = Part::read(&asked, asked.get("tab"));
    let around = act::around(&ctx, &staff, id, part).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let mut shell = frame::shell(&ctx, &staff, &one.known.name).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &asked).await?;
    let own = fields::all(&ctx, staff.company.id, Thing::Organisation).await?;
    let (href, from) = (format!("/organisations/{id}"), Origin::read(&asked));
    // Whoever does something here comes back here, and to the list from here.
    let here = from.on(&href);
    let may = organised::may_change(&staff, &one.row);
    let around = around.with_acts((&href, &here), &shell.csrf, &staff, may);
    let (removed, gone_notes) = (asked.get("notes") == "removed", around.gone);
    let had = |n: usize| match n {
        1 => staff.has(Object::Tasks),
        3 => staff.has(Object::Deals),
        5 => staff.has(Object::Things),
        _ => true,
    };
    let at = TABS.iter().position(|(key, _)| *key == asked.get("tab")).filter(|n| had(*n)).unwrap_or(0);
    let composer = || Composer {
        action: format!("{href}/note"),
        csrf: shell.csrf.clone(),
        back: here.clone(),
        hint: say("About a person? Write it on their record: there their terms decide."),
        keeps: may,
    };
    let now = ctx.now().micros();
    let whose = Whose::Organisation(id, one.known.name.clone());
    let opened = texts::viewed(&ctx, &staff, around.texts()).await?;
    let open = match at {
        1 => Open::Tasks(task::Tasks {
            lines: around
                .tasks
                .iter()
                .map(|one| task::line(&staff, one, &opened, &words, &colleagues))
                .collect(),
            csrf: shell.csrf.clone(),
            back: from.on(&format!("{href}?tab=tasks")),
            new: format!("/tasks/new?organisation={id}"),
            none: say("Nothing to do for this organisation."),
        }),
        2 => Open::Typed(
            composer(),
            Timeline { events: around.notes(&opened, &words, &colleagues), now },
            say("No notes yet."),
        ),
        6 => Open::Typed(
            composer(),
            Timeline { events: around.files(&opened, &words, &colleagues), now },
            say("No files yet."),
        ),
        3 => Open::Deals(deal::Deals {
            lines: around
                .deals
                .iter()
                .map(|one| deal::line(one, &opened, &words, &colleagues, &around.pipelines))
                .collect(),
            new: format!("/deals/new?organisation={id}"),
        }),
        5 => Open::Things(item::of(&ctx, &staff, &whose, &opened, &words).await?),
        4 => Open::People(people(&ctx, &staff, &one, &words).await?),
        _ => Open::Timeline(
            composer(),
            Timeline {
                events: if removed {
                    around.removed(&opened, &words, &colleagues)
                } else {
                    around.with_deals(&opened, &words, &colleagues)
                },
                now,
            },
        ),
    };
    let things = item::tally(&ctx, &staff, &whose, &opened).await?;
    let before = (0..at).filter(|n| had(*n)).count();
    let tabs = TABS.iter().enumerate().filter(|(n, _)| had(*n)).filter_map(|(n, (key, label))| {
        let to = if key.is_empty() { here.clone() } else { from.on(&format!("{href}?tab={key}")) };
        let count = match n {
            1 => Some(around.open_tasks()),
            3 => u64::try_from(around.deals.len()).ok(),
            5 => return things.map(|tally| tally.tab(say(label), to)),
            _ => None,
        };
        Some((say(label).to_owned(), to, count))
    });
    let act = |label: &str, verb: &str, class| Act {
        label: say(label).into(),
        action: format!("{href}/{verb}"),
        csrf: shell.csrf.clone(),
        fields: vec![("back", here.clone())],
        class,
        ..Act::default()
    };
    let gone = one.row.gone_at.is_some();
    let beside = beside(&ctx, &staff, &from, &one).await?;
    Ok(html::page(&Page {
        notes: removed_notes(&here, removed, gone_notes),
        more: around.more(&from.on(&address(&href, asked.get("tab"), removed)), part),
        beside,
        id: id.to_string(),
        deals: staff.has(Object::Deals),
        since: text::date(one.row.created_at.micros()),
        website: Some(one.known.website.clone()).filter(|page| !page.is_empty()),
        lines: lines(may, &one, &own, &colleagues, &here),
        tabs: Tabs { label: say("Record").into(), tabs: tabs.collect(), at: before, swap: "#main" },
        removed: gone,
        gone: (may && gone).then(|| act("Bring back", "restore", "primary")),
        remove: (may && !gone).then(|| act("Remove", "remove", "quiet")),
        may,
        only: staff.only_looks(Object::Organisations),
        name: one.known.name.clone(),
        open,
        list: from.list("/organisations"),
        edit: from.on(&format!("{href}/edit")),
        shell,
    }))
}

fn lines(may: bool, one: &One, own: &[Own], colleagues: &frame::Colleagues, here: &str) -> Vec<Line> {
    let home = format!("/organisations/{}", one.row.id);
    let line = |name: &str, value: &str| Line {
        name: name.to_owned(),
        value: value.to_owned(),
        pen: None,
        link: None,
    };
    let changed = |name: &str, value: &str, field| {
        let pen = may.then(|| Pen::new(&home, field, text::within(name), here));
        Line { pen, ..line(name, value) }
    };
    let mut all = vec![
        changed(say("Name"), &one.known.name, "name"),
        changed(say("Trade"), &one.known.trade, "trade"),
        changed(say("City"), &one.known.city, "city"),
        changed(say("Website"), &one.known.website, "website"),
        changed(say("Owner"), &colleagues.named(one.row.owner).unwrap_or_default(), "owner"),
    ];
    // What stands in a field that is no longer offered stays.
    let shown =
        own.iter().filter(|field| field.gone_at.is_none() || one.known.more.contains_key(&field.name));
    all.extend(shown.map(|field| {
        let value = one.known.more.get(&field.name).map_or("", String::as_str);
        let link = fields::read(field, value).ok().filter(|_| field.kind == fields::Kind::Link);
        let offered = may && field.gone_at.is_none();
        let pen = offered
            .then(|| Pen::new(&home, &lists::own::key(field), text::within(fields::name(field)), here));
        Line { link, pen, ..line(fields::name(field), &fields::shown(field, value)) }
    }));
    all
}

async fn people(
    ctx: &Ctx,
    staff: &Staff,
    one: &One,
    words: &crate::seen::words::Words<'_>,
) -> Result<Vec<(Title, Shown)>, Problem> {
    let workers = act::workers(ctx, staff, &one.known.name).await?;
    let row = |one: &act::Worker| {
        let href = format!("/people/{}", one.id);
        let unnamed = crate::seen::nameless(one.id);
        let title = Title::of(&one.name, &one.person, words, (format!("w-{}", one.id), unnamed, href));
        (title, words.in_list(format!("j-{}", one.id), &one.person, &one.job))
    };
    Ok(workers.iter().map(row).collect())
}
