//! Tasks as they stand on a record, in the list and on the page of the day.

use askama::Template;
use assent_kernel::{StaffId, Timestamp};
use assent_store::work::tasks::Task;
use assent_web::reach::Object;
use assent_web::{Staff, filters, say, text};

use crate::frame::Colleagues;
use crate::seen::title::Title;
use crate::seen::unnamed;
use crate::seen::words::Words;
use crate::texts::Opened;

/// One task.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which.
    pub id: String,
    /// What is to be done, or the lock.
    pub title: Title,
    /// Whom it is about.
    pub about: Option<Title>,
    /// Until when, in words.
    pub due: String,
    /// True when that is over.
    pub late: bool,
    /// Who does it.
    pub who: String,
    /// True when it is done.
    pub done: bool,
    /// True when it may be ticked off, or opened again.
    pub ticks: bool,
}

/// Tasks with a button each.
#[derive(Debug, Clone, Template)]
#[template(path = "around/tasks.html")]
pub struct Tasks {
    /// The tasks.
    pub lines: Vec<Line>,
    /// The session's token.
    pub csrf: String,
    /// The page to come back to.
    pub back: String,
    /// Where a new one is made.
    pub new: String,
    /// What is said when there are none.
    pub none: &'static str,
}

impl askama::filters::HtmlSafe for Tasks {}

/// All who count as the owner of a task: whoever does it, and whoever wrote it down.
pub fn owners(task: &Task) -> [Option<StaffId>; 2] {
    [task.assignee, Some(task.made_by)]
}

/// A task in words.
pub fn line(staff: &Staff, task: &Task, opened: &Opened, words: &Words<'_>, colleagues: &Colleagues) -> Line {
    let id = task.id.to_string();
    let mark = (format!("k-{id}"), unnamed(say("Task"), task.id), format!("/tasks/{id}"));
    let day = assent_kernel::Span::days(1).micros();
    let late = task.done_at.is_none()
        && task.due_on.is_some_and(|due| due.micros().div_euclid(day) < words.now.micros().div_euclid(day));
    Line {
        title: opened.title(task.id.to_bytes(), &task.text, words, mark),
        about: opened.contact(&task.text, words, format!("kp-{id}")),
        due: task.due_on.map(|due| told(due, words.now)).unwrap_or_default(),
        late,
        who: colleagues.named(task.assignee).unwrap_or_default(),
        done: task.done_at.is_some(),
        ticks: staff.changes(Object::Tasks, &owners(task)),
        id,
    }
}

/// A day in words, near ones by their distance.
pub fn told(day: Timestamp, now: Timestamp) -> String {
    let length = assent_kernel::Span::days(1).micros();
    match day.micros().div_euclid(length).saturating_sub(now.micros().div_euclid(length)) {
        0 => say("today").into(),
        1 => say("tomorrow").into(),
        -1 => say("yesterday").into(),
        _ => crate::seen::short_date(day),
    }
}

/// A day as a date field wants it.
pub fn field(day: Option<Timestamp>) -> String {
    day.map(|day| text::iso(day.micros()).chars().take(10).collect()).unwrap_or_default()
}
