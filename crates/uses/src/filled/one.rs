//! One field of a company changed by itself, where its value stands.

use assent_kernel::PersonId;
use assent_web::fields::{self, Field};
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::response::Response;

use super::form::{closed_to, why_not};
use super::{Closed, Filled, Typed, checked};
use crate::around::refused::{self, refused};
use crate::frame;
use crate::inline::{Pen, Small, is_stale};
use crate::lists::own;
use crate::seen::words::Words;
use crate::texts::Opened;

/// The field that a word of an address names, when it is one of these that are offered.
pub fn named<'a>(all: &'a [Field], word: &str) -> Option<&'a Field> {
    let name = word.strip_prefix(own::HEAD)?;
    all.iter().filter(|field| field.gone_at.is_none()).find(|field| field.name == name)
}

/// The pen beside a field that is offered; none where what stands in it is closed, or open only in part.
pub fn pen(
    field: &Field,
    (filled, opened): (&Filled, &Opened),
    words: &Words<'_>,
    pen: impl FnOnce(&str) -> Pen,
) -> Option<Pen> {
    let open = !filled.stands(field, opened, words) || filled.plain(&field.name, opened).is_some();
    (open && field.gone_at.is_none()).then(|| pen(&own::key(field)))
}

/// A field of something that is about somebody or nobody, as it stands.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// The field.
    pub field: &'a Field,
    /// Whom its values are about.
    pub about: Option<PersonId>,
    /// What stands there.
    pub filled: &'a Filled,
    /// What is open of it.
    pub opened: &'a Opened,
    /// Where it is.
    pub home: &'a str,
    /// Counts the changes of its row.
    pub ver: i64,
}

/// What a small form sent, as it was typed and as it is to be kept; or the page that says why it is not.
pub type Sent = Result<(String, Typed), Response>;

impl Now<'_> {
    /// What stands there, as the form shows it; empty when nothing does.
    fn text(&self) -> String {
        self.filled.plain(&self.field.name, self.opened).unwrap_or_default()
    }

    /// The same as it is read.
    fn shown(&self) -> String {
        fields::shown(self.field, &self.text()).into_owned()
    }

    /// Another one after every change, also by the person themselves.
    fn tag(&self) -> String {
        self.opened.tag((self.ver, self.about), self.filled.fact(&self.field.name).into_iter())
    }

    /// What was typed, as it is to be kept; or what is wrong with it.
    fn typed(&self, sent: &Fields) -> (String, Result<Typed, String>) {
        let text = fields::sent(sent, &own::key(self.field));
        let one = |text: String| Typed::from([(self.field.name.clone(), text)]);
        let only = std::slice::from_ref(self.field);
        let (kept, mut wrong) = checked(only, &one(text.clone()), &one(self.text()));
        let said = match wrong.remove(&self.field.name) {
            Some(why) => Err(why),
            None => Ok(kept),
        };
        (text, said)
    }

    /// Why it may not be filled in by whoever asks, foreseen only; nothing when it may.
    async fn closed(&self, ctx: &Ctx, staff: &Staff) -> Result<Option<String>, Problem> {
        let standing = ctx.gate.policy(staff.company.id).await?;
        let words = frame::words(ctx, staff, &standing.policy);
        let (only, old) = (std::slice::from_ref(self.field), (self.filled, self.opened));
        let closed = closed_to(ctx, staff, self.about, only, old, &words).await?.remove(&self.field.name);
        Ok(closed.map(|why| why_not(&why).to_owned()))
    }

    async fn small(&self, ctx: &Ctx, staff: &Staff, (back, typed): (&str, &str)) -> Result<Small, Problem> {
        let shell = frame::shell(ctx, staff, fields::name(self.field)).await?;
        let input = fields::input(self.field, own::key(self.field), typed, String::new());
        let action = format!("{}/value/{}", self.home, own::key(self.field));
        Ok(Small::new(shell, action, back, self.tag(), vec![input]))
    }

    /// The small form, or a page that says why the field is closed.
    pub async fn form(&self, ctx: &Ctx, staff: &Staff, back: &str) -> Result<Response, Problem> {
        match self.closed(ctx, staff).await? {
            Some(why) => refused::closed(ctx, staff, why, back.to_owned(), "").await,
            None => Ok(self.small(ctx, staff, (back, &self.text())).await?.page()),
        }
    }

    /// What was sent, when it may be kept.
    pub async fn sent(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        (sent, back): (&Fields, &str),
    ) -> Result<Sent, Problem> {
        let (text, kept) = self.typed(sent);
        if let Some(why) = self.closed(ctx, staff).await? {
            return refused::closed(ctx, staff, why, back.to_owned(), &text).await.map(Err);
        }
        let small = self.small(ctx, staff, (back, &text)).await?;
        Ok(match kept {
            Err(why) => Err(small.wrong(&own::key(self.field), why)),
            Ok(_) if is_stale(sent, self.tag()) => Err(small.moved(&self.shown())),
            Ok(kept) => Ok((text, kept)),
        })
    }
}

/// Back to where it was changed, or to a page that says why it was not kept.
pub async fn saved(
    ctx: &Ctx,
    staff: &Staff,
    done: Result<(), Closed>,
    (back, typed): (&str, &str),
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(frame::to(back, "changed")),
        Err(closed) => refused(ctx, staff, &closed.reason, back.to_owned(), typed).await,
    }
}
