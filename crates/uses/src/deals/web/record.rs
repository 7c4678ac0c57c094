//! The record of a deal.

use askama::Template;
use assent_store::work::Text;
use assent_store::work::deals::{Ending, Lost};
use assent_web::fields::{self, Field as Own};
use assent_web::parts::{Act, Shown, Tabs, Timeline};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::beside::beside;
use super::words;
use crate::around::beside::Beside;
use crate::around::deal::{stage_of, title};
use crate::around::note::Composer;
use crate::around::{self, More, Of, Part, address, removed_notes, task};
use crate::deals::act::{self, pipelines};
use crate::deals::model::value::Which;
use crate::deals::model::worth;
use crate::filled::one;
use crate::inline::Pen;
use crate::lists::origin::Origin;
use crate::seen::short_date;
use crate::{filled, frame, organised, texts, undo};

#[derive(Template)]
#[template(path = "deals/record.html")]
struct Page {
    shell: Shell,
    href: String,
    /// The same, in the list that it was opened from.
    here: String,
    list: String,
    edit: String,
    label: String,
    closed: String,
    /// The stages of its pipeline: id, name, whether it is there, whether it is behind.
    stages: Vec<(String, String, bool, bool)>,
    chance: i64,
    lines: Vec<(String, Shown, Option<Pen>)>,
    pen: Option<Pen>,
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
}

/// The tabs: as they stand in an address, and what they are called.
const TABS: [(&str, &str); 4] =
    [("", "Timeline"), ("tasks", "Tasks"), ("notes", "Notes"), ("files", "Files")];

pub async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    let part = Part::read(&fields, fields.get("tab"));
    let around = around::read(&ctx, &staff, Of::Deal(deal.id), part).await?;
    let ways = pipelines::all(&ctx, &staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(&ctx, &staff, &standing.policy);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let filled = filled::of(&ctx, &staff, deal.id.to_bytes()).await?;
    let all = around.texts().chain([&deal.title]).chain(filled.texts());
    let opened = texts::viewed(&ctx, &staff, all).await?;
    let firms = organised::told(&ctx, &staff, deal.organisation.into_iter()).await?;
    let may = act::may_change(&staff, &deal);
    let heading = title(&deal, &opened, &words);
    let mut shell = frame::shell(&ctx, &staff, &heading.label).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &fields).await?;
    let (href, from) = (format!("/deals/{}", deal.id), Origin::read(&fields));
    // Whoever does something here comes back here, and to the list from here.
    let here = from.on(&href);
    let pen = |which: Which| Pen::new(&href, which.key(), text::within(say(which.label())), &here);
    let stage = stage_of(&deal, &ways);
    let plain = |text: String| if text.is_empty() { Shown::Unknown } else { Shown::Plain(text) };
    let mut lines = vec![
        ("Amount", plain(worth(&deal))),
        (
            "Contact",
            match opened.contact(&deal.title, &words, "contact".into()) {
                Some(contact) => contact.shown(),
                None if deal.title.person().is_some() => {
                    Shown::locked(opened.why_not(&deal.title, &words), None)
                }
                None => Shown::Unknown,
            },
        ),
        (
            "Organisation",
            match deal.organisation {
                Some(id) => firms.get(&id).map_or(Shown::Unknown, |firm| firm.shown(id)),
                None => Shown::Unknown,
            },
        ),
        ("Agreed by", plain(deal.close_on.map(short_date).unwrap_or_default())),
        ("Owner", plain(colleagues.named(deal.owner).unwrap_or_default())),
        ("Here since", plain(text::date(deal.created_at.micros()))),
        ("In its stage since", plain(text::date(deal.staged_at.micros()))),
    ];
    if let Some(why) = deal.lost {
        lines.insert(0, ("Lost because", plain(say(Lost::label(why)).to_owned())));
    }
    let around = around.with_acts((&href, &here), &shell.csrf, &staff, may);
    let tasks = staff.has(Object::Tasks);
    let has = |key: &str| tasks || key != "tasks";
    let had: Vec<(&str, &str)> = TABS.into_iter().filter(|(key, _)| has(key)).collect();
    let at = had.iter().position(|(key, _)| *key == fields.get("tab")).unwrap_or(0);
    let tab = had.get(at).map_or("", |(key, _)| *key);
    let (removed, gone_notes) = (fields.get("notes") == "removed", around.gone);
    let now = ctx.now().micros();
    let about = deal.title.person();
    let composer = || Composer {
        action: format!("{href}/note"),
        csrf: shell.csrf.clone(),
        back: here.clone(),
        hint: if about.is_some() {
            say("The contact can read it, and their terms decide who else may.")
        } else {
            ""
        },
        keeps: may,
    };
    let timeline = |events| Timeline { events, now };
    let open = match tab {
        "tasks" => Open::Tasks(task::Tasks {
            lines: around
                .tasks
                .iter()
                .map(|one| task::line(&staff, one, &opened, &words, &colleagues))
                .collect(),
            csrf: shell.csrf.clone(),
            back: from.on(&format!("{href}?tab=tasks")),
            new: format!("/tasks/new?deal={}", deal.id),
            none: say("Nothing to do for this deal."),
        }),
        "notes" => {
            let events = around.notes(&opened, &words, &colleagues);
            Open::Typed(composer(), timeline(events), say("No notes yet."))
        }
        "files" => {
            let events = around.files(&opened, &words, &colleagues);
            Open::Typed(composer(), timeline(events), say("No files yet."))
        }
        _ if removed => Open::Timeline(composer(), timeline(around.removed(&opened, &words, &colleagues))),
        _ => Open::Timeline(composer(), timeline(around.events(&opened, &words, &colleagues))),
    };
    let tabs = had.iter().map(|(key, label)| {
        let to = if key.is_empty() { here.clone() } else { from.on(&format!("{href}?tab={key}")) };
        (say(label).to_owned(), to, (*key == "tasks").then(|| around.open_tasks()))
    });
    let act = |label: &str, verb: &str, class| Act {
        label: say(label).into(),
        action: format!("{href}/{verb}"),
        csrf: shell.csrf.clone(),
        fields: vec![("back", here.clone())],
        class,
        ..Act::default()
    };
    let way = ways.iter().find(|way| way.id == deal.pipeline);
    let place = stage.map_or(0, |stage| stage.place);
    let going = stage.is_none_or(|stage| stage.ending != Ending::Lost);
    let stages = way.iter().flat_map(|way| &way.stages).map(|one| {
        let here = one.id == deal.stage;
        (one.id.to_string(), one.name.clone(), here, going && one.place < place)
    });
    let beside = beside(&ctx, &staff, &from, &deal).await?;
    let own = act::fields(&ctx, &staff).await?;
    let stands = |field: &&Own| field.gone_at.is_none() || filled.stands(field, &opened, &words);
    let own = own.iter().filter(stands).map(|field| {
        let shown = filled.in_record(field, &opened, &words, format!("f-{}", field.name));
        let label = text::within(fields::name(field));
        let with = |key: &str| Pen::new(&href, key, label, &here);
        let pen = may.then(|| one::pen(field, (&filled, &opened), &words, with)).flatten();
        (fields::name(field).to_owned(), shown, pen)
    });
    Ok(html::page(&Page {
        beside,
        stages: stages.collect(),
        chance: stage.map_or(0, |stage| stage.chance),
        lines: (lines.into_iter())
            .map(|(name, shown)| (say(name).to_owned(), shown, of_line(name).filter(|_| may).map(pen)))
            .chain(own)
            .collect(),
        pen: (may && heading.closed.is_empty() && deal.title != Text::Gone).then(|| pen(Which::Title)),
        tabs: Tabs { label: say("Record").into(), tabs: tabs.collect(), at, swap: "#main" },
        removed: deal.gone_at.is_some(),
        gone: (may && deal.gone_at.is_some()).then(|| act("Bring back", "restore", "primary")),
        remove: (may && deal.gone_at.is_none()).then(|| act("Remove", "remove", "quiet")),
        may,
        only: staff.only_looks(Object::Deals),
        notes: removed_notes(&here, removed, gone_notes),
        more: around.more(&from.on(&address(&href, tab, removed)), part),
        label: heading.label,
        closed: heading.closed,
        open,
        list: from.list("/deals"),
        edit: from.on(&format!("{href}/edit")),
        here,
        href,
        shell,
    }))
}

/// Which value a line shows, when it can be changed by itself.
fn of_line(name: &str) -> Option<Which> {
    Which::ALL.into_iter().find(|which| *which != Which::Title && which.label() == name)
}
