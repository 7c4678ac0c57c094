//! Which role may do what for which purpose, how far it reaches among work, and how long facts are whole.

use askama::Template;
use assent_kernel::{Role, TreeKey};
use assent_web::parts::Tabs;
use assent_web::reach::{Object, Rule, Scope};
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, door, filters, html, say};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Said, done, frame};
use crate::settings::model::words::{self, use_word};

const HERE: &str = "/settings/roles";

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route(HERE, get(roles)).route("/settings/roles/reach", post(set_reach))
}

#[derive(Template)]
#[template(path = "settings/roles.html")]
struct Roles {
    shell: Shell,
    tabs: Tabs,
    roles: Vec<&'static str>,
    rows: Vec<Row>,
    objects: Vec<&'static str>,
    reaches: Vec<(&'static str, Vec<Reach>)>,
    /// How it stood when the page was made.
    tag: String,
    /// Whether whoever is here may change it.
    may: bool,
}

/// How far a role reaches among one kind of work: two choices, each with its name, what stands before it, what it says
/// to those who only hear it, and where it stands.
struct Reach {
    choices: [(String, &'static str, String, Scope); 2],
    /// How far it may reach.
    scopes: &'static [Scope],
}

impl Reach {
    fn of(rule: &Rule) -> Self {
        let (role, object) = (rule.role, rule.object);
        let choice = |what: &'static str, scope: Scope| {
            let label = say!(
                "{role}: {object} {does}",
                role = say(role.label()),
                object = say(object.label()),
                does = say(what)
            );
            (name(what, rule), say(what), label, scope)
        };
        Self {
            choices: [choice("sees", rule.see), choice("changes", rule.change)],
            scopes: Scope::of(object),
        }
    }
}

/// The name of a choice in the form.
fn name(what: &str, rule: &Rule) -> String {
    format!("{what}.{}.{}", rule.role.key(), rule.object.key())
}

struct Row {
    label: String,
    deep: usize,
    uses: String,
    cells: Vec<bool>,
}

/// The columns of the picture: the program and the person are no staff, but they work for purposes too.
const COLUMNS: &[Role] = Role::ALL;

async fn roles(State(ctx): State<Ctx>, Query(said): Query<Said>, staff: Staff) -> Result<Response, Problem> {
    Ok(html::page(&page(&ctx, &staff, &said).await?))
}

async fn page(ctx: &Ctx, staff: &Staff, said: &Said) -> Result<Roles, Problem> {
    let (shell, tabs) = frame(ctx, staff, HERE, say("Roles"), said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let row = |one: &assent_kernel::purpose::Purpose| Row {
        label: words::purpose(one).to_owned(),
        deep: one.key.as_str().matches('.').count().min(3),
        uses: one.uses.iter().map(use_word).collect::<Vec<_>>().join(", "),
        cells: COLUMNS.iter().map(|role| one.roles.has(*role)).collect(),
    };
    let rows = standing.policy.purposes.values().map(row).collect();
    let all = door::reach_of_roles(ctx, staff).await?;
    let reaches = all
        .chunks(Object::ALL.len())
        .filter_map(|mine| Some((say(mine.first()?.role.label()), mine.iter().map(Reach::of).collect())));
    Ok(Roles {
        shell,
        tabs,
        tag: door::tag_of_reach(&all),
        roles: COLUMNS.iter().map(|role| say(role.label())).collect(),
        rows,
        objects: Object::ALL.map(|object| say(object.label())).to_vec(),
        reaches: reaches.collect(),
        may: staff.is(&[Role::Admin]),
    })
}

async fn set_reach(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    let all = door::reach_of_roles(&ctx, &staff).await?;
    let rules: Option<Vec<Rule>> = all.iter().map(|rule| chosen(rule, &sent)).collect();
    let rules = rules
        .ok_or_else(|| Problem::bad_request("A choice is missing: none, own, the team’s or everybody’s?"))?;
    match door::set_reach(&ctx, &staff, rules, Some(sent.get("tag").to_owned())).await {
        Err(problem) if problem.status == StatusCode::CONFLICT => moved(&ctx, &staff).await,
        set => set.map(|()| done(HERE, "saved")),
    }
}

/// The page as it stands now, for whoever would have undone unread what somebody else laid down.
async fn moved(ctx: &Ctx, staff: &Staff) -> Result<Response, Problem> {
    let mut shown = page(ctx, staff, &Said::default()).await?;
    shown.shell.flash = Some(Flash { tone: Tone::Warn, text: say(door::MOVED).into(), undo: None });
    let mut answer = html::page(&shown);
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
}

/// What a form says of one role and one kind of work.
fn chosen(rule: &Rule, sent: &Fields) -> Option<Rule> {
    let [see, change] = ["sees", "changes"].map(|what| Scope::parse(sent.get(&name(what, rule))));
    Some(Rule::new(rule.role, rule.object, see?, change?))
}
