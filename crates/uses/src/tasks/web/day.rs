//! My day: what is overdue, what is for today, what comes next.

use askama::Template;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::around::task::{Line, Tasks, line};
use crate::frame::{self, MY_DAY};
use crate::tasks::act::list::to_do;
use crate::tasks::model::Part;
use crate::{texts, undo};

#[derive(Template)]
#[template(path = "tasks/day.html")]
struct Page {
    shell: Shell,
    today: String,
    parts: Vec<(&'static str, usize, Tasks)>,
    /// What may be seen of people for the purpose at hand changes what is shown.
    closed: usize,
}

impl Page {
    fn closed_tasks(&self) -> String {
        let n = text::count(u64::try_from(self.closed).unwrap_or(0));
        if self.closed == 1 {
            return say!(
                "{n} task is about a person who is closed for the purpose at hand. Work for another purpose above, or ask them.",
                n = n
            );
        }
        say!(
            "{n} tasks are about a person who is closed for the purpose at hand. Work for another purpose above, or ask them.",
            n = n
        )
    }
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let all = to_do(&ctx, &staff, staff.id).await?;
    let opened = texts::listed(&ctx, &staff, all.iter().map(|task| &task.text)).await?;
    let mut shell = frame::shell(&ctx, &staff, say("My day")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &fields).await?;
    let now = ctx.now();
    let mut parts = Vec::new();
    let mut closed = 0usize;
    for part in Part::ALL {
        let mine = all.iter().filter(|task| Part::of(task, now) == part);
        // Whose they are is plain on this page.
        let lines: Vec<Line> = mine
            .map(|task| Line { who: String::new(), ..line(&staff, task, &opened, &words, &colleagues) })
            .collect();
        closed = closed.saturating_add(lines.iter().filter(|line| !line.title.closed.is_empty()).count());
        let tasks = Tasks {
            csrf: shell.csrf.clone(),
            back: MY_DAY.into(),
            new: String::new(),
            none: if part == Part::Today { say("Nothing is due today.") } else { "" },
            lines,
        };
        if !tasks.lines.is_empty() || part == Part::Today {
            parts.push((say(part.label()), tasks.lines.len(), tasks));
        }
    }
    Ok(html::page(&Page { today: text::date(now.micros()), parts, closed, shell }))
}
