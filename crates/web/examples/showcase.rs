//! The shell and its parts with invented data, to look at: `cargo run -p assent-web --example showcase`,
//! then http://127.0.0.1:8099/. It decides nothing and holds nothing.

// axum's and askama's own words; the pages below read as a room's pages do.
use askama::Template;
use assent_web::parts::{
    Act, Chip, Choice, Column, Empty, Event, Field, Group, Head, Input, Kv, Order, Pager, Permitted,
    Progress, PurposeOption, PurposePill, Reason, Receipt, Shown, State, Step, Tabs, Terms, Timeline, legend,
};
use assent_web::shell::{Flash, Link, Nav, Search, Shell, Theme, Tone, User};
use assent_web::{assets, headers, html, problem};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use axum::{Router, middleware, routing};

const DAY: i64 = 86_400_000_000;
const NOW: i64 = 1_789_000_000_000_000; // 10 September 2026
const ASK: &str = "/ask";

#[derive(Template)]
#[template(path = "showcase/people.html")]
struct People {
    shell: Shell,
    permitted: Permitted,
    head: Head,
    rows: Vec<Row>,
    pager: Pager,
    legend: [Chip; 3],
    peek: Option<Group>,
}

struct Row {
    href: String,
    name: &'static str,
    cells: Vec<Shown>,
    stage: &'static str,
    seen: &'static str,
}

#[derive(Template)]
#[template(path = "showcase/person.html")]
struct Person {
    shell: Shell,
    groups: Vec<Group>,
    tabs: Tabs,
    timeline: Timeline,
}

#[derive(Template)]
#[template(path = "showcase/portal.html")]
struct Portal {
    shell: Shell,
    group: Group,
    choice: Choice,
    timeline: Timeline,
    receipt: Receipt,
}

#[derive(Template)]
#[template(path = "showcase/import.html")]
struct Import {
    shell: Shell,
    empty: Empty,
    progress: Progress,
    fields: Vec<Field>,
}

fn terms(id: impl Into<String>, state: State, label: &str) -> Terms {
    Terms {
        id: id.into(),
        state,
        label: label.into(),
        purpose: "Support, and nothing else".into(),
        who: "Halden Home and Fixwerk (repairs)".into(),
        region: "EU only, every tier".into(),
        until: "1 May 2027".into(),
        source: "Web form, 12 May 2026".into(),
        asked_on: "12 May 2026, notice 4 (English)".into(),
        receipt: Some("/receipt".into()),
    }
}

fn ask(label: &str, class: &'static str) -> Option<Act> {
    Some(Act { label: label.into(), action: ASK.into(), csrf: "showcase".into(), class, ..Act::default() })
}

fn shell(title: &str, headers: &HeaderMap, at: &str) -> Shell {
    let nav = |label: &str, icon, key, href: &str, count, heading| Nav {
        label: label.into(),
        href: href.into(),
        icon,
        key,
        active: href == at,
        count,
        heading,
    };
    let option = |key: &str, label: &str, why: &str| PurposeOption {
        key: key.into(),
        label: label.into(),
        why_not: why.into(),
    };
    Shell {
        title: title.into(),
        company: "Halden Home".into(),
        nav: vec![
            nav("Inbox", "mail", "g i", "/inbox", Some(12), ""),
            nav("People", "people", "g p", "/", None, ""),
            nav("Companies", "companies", "g c", "/companies", None, ""),
            nav("Deals", "deals", "g d", "/deals", None, ""),
            nav("Cases", "chat", "g s", "/cases", Some(3), ""),
            nav("Import", "import", "g m", "/import", None, "Data"),
            nav("Feed map", "map", "g f", "/feeds", None, ""),
            nav("Ledger", "ledger", "g l", "/ledger", None, ""),
            nav("Settings", "settings", "g t", "/settings", None, "Installation"),
        ],
        user: Some(User {
            name: "Nora Lind".into(),
            role: "Support lead".into(),
            links: vec![Link { label: "Your profile".into(), href: "/me".into(), group: "" }],
            sign_out: "/sign-out".into(),
        }),
        purpose: Some(PurposePill {
            action: "/purpose".into(),
            current: "Support".into(),
            options: vec![
                option("support", "Support", ""),
                option("billing", "Billing", ""),
                option("sales", "Sales", "Your role may not work for sales."),
            ],
            return_to: at.into(),
            csrf: "showcase".into(),
        }),
        csrf: "showcase".into(),
        search: Some(Search { action: "/search".into(), value: String::new() }),
        theme: Theme::of(headers),
        palette: vec![Link { label: "Aiko Ito".into(), href: "/person".into(), group: "Recent" }],
        ..Shell::default()
    }
}

const NAMES: [(&str, &str, &str); 24] = [
    ("Aiko Ito", "aiko.ito@example.org", "Rotterdam"),
    ("Amara Diallo", "amara@example.net", "Lyon"),
    ("Benedikt Falk", "b.falk@example.org", "Graz"),
    ("Carmen Ortega", "carmen.o@example.com", "Sevilla"),
    ("Chidi Okafor", "chidi@example.org", "Cork"),
    ("Dana Whitfield", "dana.w@example.com", "Portland"),
    ("Elif Aydin", "elif@example.net", "Bremen"),
    ("Emil Sandberg", "emil.s@example.org", "Malmö"),
    ("Farah Nasser", "farah@example.org", "Brussels"),
    ("Giulia Conti", "g.conti@example.net", "Torino"),
    ("Henrik Aas", "henrik@example.org", "Bergen"),
    ("Ines Carvalho", "ines.c@example.com", "Porto"),
    ("Jakub Nowak", "jakub@example.org", "Łódź"),
    ("Johanna van der Westhuizen-Lindqvist", "johanna.vdwl@example.org", "Groningen"),
    ("Kofi Mensah", "kofi@example.net", "Leeds"),
    ("Lucía Romero", "lucia@example.org", "Valencia"),
    ("Mads Holm", "mads.h@example.com", "Aarhus"),
    ("Mei Tanaka", "mei@example.org", "Düsseldorf"),
    ("Nadia Petrova", "nadia@example.net", "Varna"),
    ("Oskar Lehtonen", "oskar@example.org", "Tampere"),
    ("Priya Raman", "priya@example.com", "Utrecht"),
    ("Ravi Menon", "ravi@example.org", "Dublin"),
    ("Sofia Marino", "sofia@example.net", "Bari"),
    ("Tomás Novák", "tomas@example.org", "Brno"),
];

fn row(i: usize, (name, mail, city): (&'static str, &str, &str)) -> Row {
    let id = |what: &str| format!("t{i}{what}");
    let sentence = || "Closed for support";
    let mail = match i % 5 {
        0 | 3 => Shown::link(mail, format!("mailto:{mail}"), terms(id("m"), State::Open, "Support")),
        1 | 2 => Shown::link(mail, format!("mailto:{mail}"), terms(id("m"), State::Part, "until 1 May 2027")),
        _ => Shown::locked(sentence(), ask("Ask", "")),
    };
    let phone = match i % 7 {
        0 | 1 | 4 => {
            Shown::value(format!("+44 20 7946 0{:03}", 120 + i * 7), terms(id("p"), State::Part, "Repairs"))
        }
        2 | 6 => Shown::Unknown,
        _ => Shown::locked(sentence(), ask("Ask", "")),
    };
    let city = match i % 4 {
        3 => Shown::locked(sentence(), ask("Ask", "")),
        _ => Shown::value(city, terms(id("c"), State::Open, "Support")),
    };
    Row {
        href: "/person".into(),
        name,
        cells: vec![mail, phone, city],
        stage: ["Customer", "Customer", "New", "Repair open"][i % 4],
        seen: ["2 h ago", "yesterday", "3 days ago", "12 May 2026"][i % 4],
    }
}

async fn people(headers: HeaderMap, axum::extract::RawQuery(query): axum::extract::RawQuery) -> Response {
    let mut shell = shell("People", &headers, "/");
    let query = query.unwrap_or_default();
    if query.contains("flash") {
        let undo = ask("Undo", "");
        shell.flash = Some(Flash { tone: Tone::Good, text: "Asked 4 people for support.".into(), undo });
    }
    let reason = |label: &str, count, step: Option<&str>| Reason {
        label: label.into(),
        count,
        step: step.map(|label| Step { label: label.into(), href: "/ask-all".into() }),
    };
    let peek = query.contains("peek").then(|| groups().swap_remove(0));
    html::page(&People {
        shell,
        permitted: Permitted {
            permitted: 312,
            total: 1040,
            what: "people".into(),
            reasons: vec![
                reason(
                    "Came by import without terms; kept apart until they answer",
                    481,
                    Some("Ask 481 people"),
                ),
                reason("Allow billing, not support", 173, Some("Ask 173 people")),
                reason(
                    "Their terms end at the EU border; NightDesk (US) is part of support",
                    61,
                    Some("Change the feed"),
                ),
                reason("Withdrew", 13, None),
            ],
        },
        head: Head {
            columns: vec![
                Column::sorted("Name", "/?sort=-name", Order::Up),
                Column::plain("E-mail"),
                Column::plain("Phone"),
                Column::sorted("City", "/?sort=city", Order::None),
                Column::plain("Stage").class("lo"),
                Column::sorted("Last seen", "/?sort=seen", Order::None).class("lo num"),
            ],
            pick: true,
        },
        rows: NAMES.into_iter().enumerate().map(|(i, one)| row(i, one)).collect(),
        pager: Pager { prev: None, next: Some("/?after=p24".into()) },
        legend: legend(),
        peek,
    })
}

fn groups() -> Vec<Group> {
    let line = |name: &str, shown| Kv::new(name, shown).edit("/edit");
    let until = "until 1 May 2027";
    vec![
        Group {
            title: "Reach".into(),
            lines: vec![
                line(
                    "E-mail",
                    Shown::link(
                        "aiko.ito@example.org",
                        "mailto:aiko.ito@example.org",
                        terms("e", State::Open, "Support"),
                    ),
                ),
                line("Phone", Shown::value("+44 20 7946 0127", terms("p", State::Part, until))),
                Kv::new(
                    "Address",
                    Shown::locked(
                        "Closed for support. Ms Ito allows repairs at home only.",
                        ask("Ask for support", ""),
                    ),
                ),
                line("Language", Shown::value("English, Japanese", terms("l", State::Open, "Support"))),
            ],
        },
        Group {
            title: "Things she owns".into(),
            lines: vec![
                line(
                    "Fridge",
                    Shown::link("Halden Cool 4, HC4-00981", "/device", terms("f", State::Part, "Repairs")),
                ),
                Kv::new(
                    "Brush",
                    Shown::locked("Closed for support. Ms Ito shares brushing with her dentist only.", None),
                ),
                line("Warranty", Shown::Plain("until 30 June 2028".into())),
            ],
        },
        Group {
            title: "Company".into(),
            lines: vec![
                line("Owner", Shown::Plain("Nora Lind".into())),
                line("Birthday", Shown::Unknown),
                Kv::new("Income", Shown::locked("Closed for every purpose.", None)),
            ],
        },
    ]
}

async fn person(headers: HeaderMap) -> Response {
    let event = |icon, tone, what: &str, more: &str, ago, link: Option<&str>| Event {
        icon,
        tone,
        what: what.into(),
        more: more.into(),
        at: NOW - ago,
        link: link.map(|label| ("/receipt".into(), label.into())),
    };
    let tab = |name: &str, href: &str, count| (name.into(), href.into(), count);
    html::page(&Person {
        shell: shell("Aiko Ito", &headers, "/"),
        groups: groups(),
        tabs: Tabs {
            label: "Record".into(),
            tabs: vec![
                tab("Timeline", "/person", None),
                tab("Tasks", "/person?tab=tasks", Some(2)),
                tab("Notes", "/person?tab=notes", Some(5)),
                tab("Mail", "/person?tab=mail", Some(14)),
                tab("Terms", "/person?tab=terms", Some(6)),
                tab("Uses", "/person?tab=uses", Some(41)),
            ],
            at: 0,
            swap: "#main",
        },
        timeline: Timeline {
            events: vec![
                event(
                    "mail",
                    Tone::Plain,
                    "You answered “The door does not close”",
                    "Case 2041, to aiko.ito@example.org",
                    DAY / 12,
                    None,
                ),
                event(
                    "shield",
                    Tone::Good,
                    "Ms Ito allowed support to use her phone",
                    "Until 1 May 2027, EU only",
                    2 * DAY,
                    Some("Receipt"),
                ),
                event(
                    "lock",
                    Tone::Warn,
                    "Sales asked for her address and was refused",
                    "Closed for sales. She allows support until 1 May 2027.",
                    5 * DAY,
                    Some("Why"),
                ),
                event("note", Tone::Plain, "Nora Lind noted: prefers mornings", "", 24 * DAY, None),
                event(
                    "x",
                    Tone::Bad,
                    "SureWell asked for brushing data and was refused",
                    "No warrant. Nothing was sent.",
                    61 * DAY,
                    Some("Why"),
                ),
                event(
                    "import",
                    Tone::Plain,
                    "Came by web form",
                    "12 May 2026, notice 4 (English)",
                    121 * DAY,
                    Some("Receipt"),
                ),
            ],
            now: NOW,
        },
    })
}

async fn portal(headers: HeaderMap) -> Response {
    let mut shell = shell("What Halden Home knows about you", &headers, "/portal");
    let nav = |label: &str, active| Nav {
        label: label.into(),
        href: "/portal".into(),
        active,
        icon: "person",
        ..Nav::default()
    };
    shell.nav = vec![nav("Overview", true), nav("Uses", false), nav("Sharing", false), nav("Export", false)];
    shell.user = Some(User { name: "Aiko Ito".into(), sign_out: "/sign-out".into(), ..User::default() });
    let event = |icon, tone, what: &str, more: &str, ago| Event {
        icon,
        tone,
        what: what.into(),
        more: more.into(),
        at: NOW - ago,
        link: Some(("/receipt".into(), "Receipt".into())),
    };
    html::page(&Portal {
        shell,
        group: Group {
            title: String::new(),
            lines: vec![
                Kv::new("E-mail", Shown::value("aiko.ito@example.org", terms("e", State::Open, "Support")))
                    .edit("/edit"),
                Kv::new(
                    "Phone",
                    Shown::value("+44 20 7946 0127", terms("p", State::Part, "until 1 May 2027")),
                )
                .edit("/edit"),
                Kv::new("Address", Shown::value("Kade 12, Rotterdam", terms("a", State::Part, "Repairs")))
                    .edit("/edit"),
                Kv::new(
                    "Brushing",
                    Shown::value(
                        "Twice a day, 2 min",
                        terms("b", State::Shut, "Closed to all but your dentist"),
                    ),
                ),
            ],
        },
        choice: Choice {
            action: "/answer".into(),
            csrf: "showcase".into(),
            fields: vec![("offer", "o_1".into())],
            yes: "Share".into(),
            no: "Don't share".into(),
            otherwise:
                "If you don't: your brush works the same. You can change this at any time, in one click."
                    .into(),
        },
        timeline: Timeline {
            events: vec![
                event(
                    "person",
                    Tone::Plain,
                    "Nora Lind saw your e-mail to answer your question.",
                    "Support",
                    DAY / 12,
                ),
                event(
                    "mail",
                    Tone::Plain,
                    "Postlane carried a mail to you.",
                    "Support · stored in Ireland",
                    DAY,
                ),
                event(
                    "x",
                    Tone::Bad,
                    "SureWell asked for your brushing and was refused.",
                    "You never allowed it. Nothing was sent.",
                    5 * DAY,
                ),
            ],
            now: NOW,
        },
        receipt: Receipt {
            title: "Your e-mail was used for support".into(),
            lines: vec![
                ("When".into(), "10 September 2026, 00:26".into()),
                ("Who".into(), "Nora Lind, support, Halden Home".into()),
                ("Allowed by".into(), "You, on 12 May 2026 (notice 4)".into()),
                ("Entry".into(), "18 204 · 5f0c9be2a71d".into()),
            ],
            download: Some("/receipt.json".into()),
        },
    })
}

async fn import(headers: HeaderMap) -> Response {
    let step = |label: &str| Step { label: label.into(), href: "/import".into() };
    html::page(&Import {
        shell: shell("Import", &headers, "/import"),
        empty: Empty {
            icon: "people",
            title: "No people yet".into(),
            text: "Bring a file, or load the demo world and look around. Who comes without terms is kept apart until asked.".into(),
            steps: vec![step("Import a CSV"), step("Add by hand")],
            act: ask("Load the demo", ""),
        },
        progress: Progress { label: "Reading contacts.csv".into(), done: 61_200, total: 100_000, live: None },
        fields: vec![
            Field { hint: "Shown in the ledger.".into(), ..Field::line("Where it comes from", "source", "Trade fair, Köln") },
            Field {
                error: "12.31.2026 is not a date. Write it as 31.12.2026.".into(),
                ..Field::line("Collected on", "on", "12.31.2026")
            },
            Field {
                input: Input::Select(vec![("a".into(), "Keep apart and ask".into()), ("b".into(), "Under a contract".into())]),
                ..Field::line("If a row has no terms", "none", "a")
            },
            Field { input: Input::Text, ..Field::line("Note", "note", "Two lines\nof text") },
            Field { input: Input::Check, ..Field::line("Keep the rejected rows in a file", "rejects", "on") },
        ],
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let back = || async { Redirect::to("/?flash") };
    let app = Router::new()
        .route("/", routing::get(people))
        .route("/person", routing::get(person))
        .route("/portal", routing::get(portal))
        .route("/import", routing::get(import))
        .route("/purpose", routing::post(back))
        .route(ASK, routing::post(back))
        .merge(assets::routes())
        .fallback(problem::nowhere)
        .layer(middleware::from_fn(problem::dress))
        .layer(middleware::from_fn(headers::secure));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await?;
    axum::serve(listener, app).await
}
