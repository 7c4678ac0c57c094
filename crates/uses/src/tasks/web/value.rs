//! The small form for one value of a task, and saving it. What is to be done is changed by whoever may open it.

use assent_store::work::Text;
use assent_store::work::tasks::Task;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::form::refused;
use super::own;
use crate::filled::Filled;
use crate::frame::{self, Colleagues};
use crate::inline::{Small, is_stale, only};
use crate::lists::own::HEAD;
use crate::tasks::act::{self, Seen};
use crate::tasks::model::Typed;
use crate::texts;
use crate::undo::{self, Undo};

/// The values that can be changed by themselves: word, field of the form.
pub const FIELDS: [&str; 4] = ["text", "due", "remind", "who"];

/// A task with what is open of it.
struct Now {
    task: Task,
    seen: Seen,
    field: &'static str,
    before: Typed,
    colleagues: Colleagues,
    home: String,
}

impl Now {
    async fn read(
        ctx: &Ctx,
        staff: &Staff,
        (id, field): (&str, &str),
    ) -> Result<Result<Self, Response>, Problem> {
        let field = FIELDS.into_iter().find(|one| *one == field).ok_or_else(act::nowhere)?;
        let task = act::one(ctx, staff, act::id(id)?).await?;
        act::must_change(staff, &task)?;
        let home = format!("/tasks/{}", task.id);
        let mut text = String::new();
        let asked = std::iter::once(&task.text).filter(|_| field == "text");
        let seen = Seen { filled: Filled::default(), opened: texts::viewed(ctx, staff, asked).await? };
        if field == "text" {
            match seen.text(&task) {
                Some(open) => text = open,
                None => {
                    let reason = seen.closed(&task)?;
                    return Ok(Err(refused(ctx, staff, reason.as_ref(), home, "").await?));
                }
            }
        }
        let before = Typed::of(&task, text);
        let colleagues = frame::colleagues(ctx, staff).await?;
        Ok(Ok(Self { task, seen, field, before, colleagues, home }))
    }

    /// How the task and its text stand, when that was asked for.
    fn tag(&self) -> String {
        let about = self.task.text.person().filter(|_| self.field == "text");
        self.seen.opened.tag((self.task.ver, about), std::iter::once(&self.task.text))
    }

    async fn small(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        typed: &Typed,
        (back, checked): (&str, bool),
    ) -> Result<(Small, bool), Problem> {
        let (all, _) = typed.fields(&self.colleagues, checked);
        let (fields, fine) = only(all, &[self.field]);
        let title = fields.first().map(|field| field.label.clone()).unwrap_or_default();
        let shell = frame::shell(ctx, staff, &title).await?;
        let action = format!("{}/value/{}", self.home, self.field);
        Ok((Small::new(shell, action, back, self.tag(), fields), fine))
    }

    /// The task as typed in, with one value from the form.
    fn with(&self, sent: &Fields) -> Typed {
        let mut typed = self.before.clone();
        let value = sent.get(self.field).to_owned();
        match self.field {
            "text" => typed.text = value,
            "due" => typed.due = value,
            "remind" => typed.remind = value,
            _ => typed.who = value,
        }
        typed
    }

    fn value(&self) -> String {
        match self.field {
            "text" => self.before.text.clone(),
            "due" => self.before.due.clone(),
            "remind" => self.before.remind.clone(),
            _ => self.before.who.clone(),
        }
    }

    /// How to put back what is there now; nothing for what is a person's own.
    fn undo(&self) -> Option<Undo> {
        if self.field == "text" && !matches!(self.task.text, Text::Own(_)) {
            return None;
        }
        let ver = self.task.ver.saturating_add(1).to_string();
        let action = format!("{}/value/{}", self.home, self.field);
        Some(Undo::new(action, vec![(self.field, self.value()), ("ver", ver)]))
    }
}

pub async fn form(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    if field.starts_with(HEAD) {
        return own::form(&ctx, &staff, (&id, &field), &asked).await;
    }
    let now = match Now::read(&ctx, &staff, (&id, &field)).await? {
        Ok(now) => now,
        Err(closed) => return Ok(closed),
    };
    let back = frame::own(asked.get("back")).unwrap_or(&now.home);
    Ok(now.small(&ctx, &staff, &now.before, (back, false)).await?.0.page())
}

pub async fn save(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    if field.starts_with(HEAD) {
        return own::save(&ctx, &staff, (&id, &field), &sent).await;
    }
    let now = match Now::read(&ctx, &staff, (&id, &field)).await? {
        Ok(now) => now,
        Err(closed) => return Ok(closed),
    };
    let back = frame::own(sent.get("back")).unwrap_or(&now.home).to_owned();
    let typed = now.with(&sent);
    let (small, fine) = now.small(&ctx, &staff, &typed, (&back, true)).await?;
    if !fine {
        return Ok(small.unfinished());
    }
    if is_stale(&sent, now.tag()) {
        let told = match now.field {
            "who" => now.colleagues.named(now.task.assignee).unwrap_or_default(),
            _ => now.value(),
        };
        return Ok(small.moved(&told));
    }
    let (task, text) = ((&now.task, &now.seen), (now.before.text.as_str(), &typed));
    let done = act::change(&ctx, &staff, task, text, &now.colleagues).await?;
    match done {
        Ok(()) => {
            let owners = [now.colleagues.kept(&typed.who, now.task.assignee)?, Some(now.task.made_by)];
            if !staff.may_see(Object::Tasks, &owners) {
                return Ok(act::saved(&staff, &owners, &back, "changed"));
            }
            // What is not theirs to change any more is not theirs to put back.
            let undo = now.undo().filter(|_| staff.changes(Object::Tasks, &owners));
            undo::to(&ctx, &staff, &back, "changed", undo).await
        }
        Err(reason) => refused(&ctx, &staff, Some(&reason), back, &typed.text).await,
    }
}
