//! One field of a company changed by itself, where its value stands.

use assent_kernel::PersonId;
use assent_web::fields::{self, Field};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, say};

use super::{Filled, Typed, checked, closed_to};
use crate::frame;
use crate::inline::{Pen, Small};
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
}

impl Now<'_> {
    /// What stands there, as the form shows it; empty when nothing does.
    pub fn text(&self) -> String {
        self.filled.plain(&self.field.name, self.opened).unwrap_or_default()
    }

    /// The same as it is read.
    pub fn shown(&self) -> String {
        fields::shown(self.field, &self.text()).into_owned()
    }

    /// Another one after every change, also by the person themselves.
    pub fn tag(&self, ver: i64) -> String {
        self.opened.tag((ver, self.about), self.filled.fact(&self.field.name).into_iter())
    }

    /// What was typed, as it is to be kept; or what is wrong with it.
    pub fn typed(&self, sent: &Fields) -> (String, Result<Typed, String>) {
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
    pub async fn closed(&self, ctx: &Ctx, staff: &Staff) -> Result<Option<String>, Problem> {
        let standing = ctx.gate.policy(staff.company.id).await?;
        let words = frame::words(ctx, staff, &standing.policy);
        let (only, old) = (std::slice::from_ref(self.field), (self.filled, self.opened));
        let closed = closed_to(ctx, staff, self.about, only, old, &words).await?.remove(&self.field.name);
        Ok(closed.map(|why| {
            if why.is_empty() {
                say("One of these fields cannot be filled in by you for this purpose.").to_owned()
            } else {
                why
            }
        }))
    }

    /// The small form.
    pub fn small(&self, shell: Shell, (action, back): (String, &str), tag: String, typed: &str) -> Small {
        let input = fields::input(self.field, own::key(self.field), typed, String::new());
        Small::new(shell, action, back, tag, vec![input])
    }
}
