//! Nouns: a task as typed in, a row of the list, the three parts of a day.

pub mod narrow;

use std::borrow::Cow;
use std::collections::BTreeMap;

use assent_kernel::{Span, Timestamp};
use assent_store::work::Text;
use assent_store::work::tasks::Task;
use assent_web::fields::Field as Own;
use assent_web::parts::{Field, Input};
use assent_web::{Fields, say};

use crate::along::{self, Goes, Sort};
use crate::around::task::field;
use crate::filled::{self, Filled, Fills};
use crate::frame::Colleagues;
use crate::lists::rule::day;
use crate::lists::{Column, Kind, Listed, Value, Wanted, own};
use crate::texts;

/// The longest text, in characters.
pub const LONGEST: usize = 500;

/// The columns of every list.
const COLUMNS: &[Column] = &[
    Column::usual("text", "Task", Kind::Text),
    Column::usual("about", "About", Kind::Text),
    Column::usual("due", "Due", Kind::Day),
    Column::usual("who", "Who", Kind::Text),
    Column::usual("state", "State", Kind::Text),
    Column::other("since", "Since", Kind::Day),
];
/// Tasks as rows that can be taken along.
pub const ALONG: Sort = Sort {
    path: Cow::Borrowed("/tasks"),
    label: Cow::Borrowed("Tasks"),
    one: Cow::Borrowed("task"),
    text: Some(("text", "texts")),
    whom: Some(("about", "names")),
    own: true,
    beside: None,
};
/// The columns of the list, with those of the company's own fields.
pub fn columns(own: &[Own]) -> Vec<Column> {
    COLUMNS.iter().cloned().chain(own.iter().map(own::column)).collect()
}
/// What an address wants of the list.
pub fn wanted(fields: &Fields, columns: &[Column]) -> Wanted {
    Wanted::read("/tasks", columns, &["show"], fields)
}

/// The columns that a search looks at.
pub const SEARCHED: &[&str] = &["text", "about"];

/// A row of the list: a task with everything that is open of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The task.
    pub task: Task,
    /// What is to be done, when that is open whole.
    pub text: Option<String>,
    /// Whom it is about, when that is open whole.
    pub about: Option<String>,
    /// Who does it, as rules keep it.
    pub who: String,
    /// What stands in the fields of the company.
    pub filled: Filled,
    /// The same as rules see it, as far as it is open, by their columns.
    pub own: BTreeMap<String, Value>,
}

impl Row {
    /// A row of which nothing is open yet.
    pub fn new(task: Task, colleagues: &Colleagues) -> Self {
        let who = colleagues.ruled(task.assignee);
        Self { text: None, about: None, who, filled: Filled::default(), own: BTreeMap::new(), task }
    }
}

impl Listed for Row {
    fn id(&self) -> String {
        self.task.id.to_string()
    }
    fn value(&self, column: &str) -> Value {
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        match column {
            "text" => Value::Text(self.text.clone()),
            // Without a person there is nothing that could be closed.
            "about" if self.task.text.person().is_none() => text(""),
            "about" => Value::Text(self.about.clone()),
            "who" => text(&self.who),
            "state" => text(if self.task.done_at.is_some() { "done" } else { "open" }),
            "due" => Value::Number(self.task.due_on.map(Timestamp::micros)),
            "since" => Value::Number(Some(self.task.created_at.micros())),
            other => self.own.get(other).cloned().unwrap_or(Value::Text(None)),
        }
    }
}

impl Fills for Row {
    fn thing(&self) -> [u8; 16] {
        self.task.id.to_bytes()
    }
    fn filled(&mut self) -> &mut Filled {
        &mut self.filled
    }
}

impl Goes for Row {
    fn text(&self) -> Option<([u8; 16], &Text)> {
        Some((self.task.id.to_bytes(), &self.task.text))
    }
    fn value_of(&self, column: &str) -> Option<&Text> {
        self.filled.fact(column.strip_prefix(own::HEAD)?)
    }
    fn plain(&self, column: &Column) -> String {
        match column.key.strip_prefix(own::HEAD) {
            Some(name) => self.filled.of_nobody(name).to_owned(),
            None => along::plain(&self.value(&column.key), column.kind),
        }
    }
}

/// A part of somebody's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Should have been done.
    Late,
    /// Is due today, or wants to be remembered now.
    Today,
    /// Comes within a week.
    Next,
    /// Comes later, or whenever.
    Later,
}

impl Part {
    /// Every one, in order.
    pub const ALL: [Self; 4] = [Self::Late, Self::Today, Self::Next, Self::Later];

    /// Where an open task belongs.
    pub fn of(task: &Task, now: Timestamp) -> Self {
        let day = |at: Timestamp| at.micros().div_euclid(Span::days(1).micros());
        if task.due_on.is_some_and(|due| day(due) < day(now)) {
            return Self::Late;
        }
        let reminded = task.remind_at.is_some_and(|at| at <= now);
        match task.due_on.map(|due| day(due).saturating_sub(day(now))) {
            Some(0) => Self::Today,
            _ if reminded => Self::Today,
            Some(1..=7) => Self::Next,
            Some(_) | None => Self::Later,
        }
    }
    /// Its heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Late => "Overdue",
            Self::Today => "Today",
            Self::Next => "Next seven days",
            Self::Later => "Later",
        }
    }
}

/// A task as typed in.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// What is to be done.
    pub text: String,
    /// Until when.
    pub due: String,
    /// When to be reminded.
    pub remind: String,
    /// Who does it.
    pub who: String,
    /// What is to stand in the fields of the company; what is not said stays.
    pub more: filled::Typed,
}

impl Typed {
    /// Reads what was sent.
    pub fn read(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        Self {
            text: get("text"),
            due: get("due"),
            remind: get("remind"),
            who: get("who"),
            more: filled::Typed::new(),
        }
    }
    /// A task as it would be typed in.
    pub fn of(task: &Task, text: String) -> Self {
        let who = task.assignee.map(|id| id.to_string()).unwrap_or_default();
        let more = filled::Typed::new();
        Self { text, due: field(task.due_on), remind: field(task.remind_at), who, more }
    }
    /// Until when.
    pub fn due_on(&self, now: Timestamp) -> Option<Timestamp> {
        day(&self.due, now)
    }
    /// When to be reminded: in the morning of a day.
    pub fn remind_at(&self, now: Timestamp) -> Option<Timestamp> {
        day(&self.remind, now).map(|day| day.plus(Span::hours(7)))
    }

    fn error(&self, name: &str) -> String {
        let text = match name {
            "text" => return texts::wrong(&self.text, LONGEST),
            "due" => &self.due,
            _ => &self.remind,
        };
        let fine = text.is_empty() || day(text, Timestamp::from_micros(0)).is_some();
        if fine { String::new() } else { say("That is not a day.").into() }
    }

    /// The fields, with what is wrong when `checked`; true when nothing is.
    pub fn fields(&self, colleagues: &Colleagues, checked: bool) -> (Vec<Field>, bool) {
        let line = |label: &str, name: &'static str, value: &str, kind: &'static str| Field {
            error: if checked { self.error(name) } else { String::new() },
            input: Input::Line(kind),
            autocomplete: "off",
            ..Field::line(label, name, value)
        };
        let all = vec![
            Field { required: true, ..line(say("What is to be done"), "text", &self.text, "text") },
            line(say("Until"), "due", &self.due, "date"),
            Field {
                hint: say("It comes up on “My day” on that morning.").into(),
                ..line(say("Remind on"), "remind", &self.remind, "date")
            },
            Field {
                input: Input::Select(colleagues.choices_now(say("Nobody yet"), &self.who)),
                ..Field::line(say("Who does it"), "who", &*self.who)
            },
        ];
        let fine = all.iter().all(|field| field.error.is_empty());
        (all, fine)
    }
}
