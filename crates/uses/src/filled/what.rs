//! What of the rows of a list is opened: what heads them, and what stands in their fields, only where something needs it.

use assent_store::work::Text;
use assent_web::fields::Field;
use assent_web::{Ctx, Problem, Staff};

use super::Filled;
use crate::texts::{self, Opened};

/// Whether what heads rows is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// It is not.
    Closed,
    /// It is, without the names of those it is about: whoever needs no more must not have asked for them.
    Alone,
    /// It is, and whom it is about is named beside it.
    Named,
}

impl Heading {
    /// What is needed where the texts are, and the names beside them are.
    pub const fn needed(texts: bool, names: bool) -> Self {
        match (texts, names) {
            (false, _) => Self::Closed,
            (true, false) => Self::Alone,
            (true, true) => Self::Named,
        }
    }
}

/// What of rows is opened.
pub struct What {
    /// What heads them.
    pub heads: Heading,
    /// What stands in these fields.
    pub own: Vec<Field>,
}

impl What {
    /// Whether anything is.
    pub fn is_any(&self) -> bool {
        self.heads != Heading::Closed || !self.own.is_empty()
    }
}

/// Opens what is wanted of these rows, as far as it was not asked for already: what heads each, and what stands in it.
pub async fn open<'a>(
    ctx: &Ctx,
    staff: &Staff,
    rows: impl Iterator<Item = (&'a Text, &'a Filled)>,
    (what, opened): (&What, Option<Opened>),
) -> Result<Opened, Problem> {
    let names: Vec<String> = what.own.iter().map(|field| field.name.clone()).collect();
    let new = |text: &&Text| opened.as_ref().is_none_or(|opened| !opened.was_asked(text));
    // Whom it is about is told beside what heads it, and by nothing else; whose head was asked for already was named then,
    // if names are wanted at all: whoever finds rows says so for those that are shown.
    let (mut named, mut alone) = (Vec::new(), Vec::new());
    for (head, filled) in rows {
        let head = Some(head).filter(|_| what.heads != Heading::Closed).filter(&new);
        let all = if head.is_some() && what.heads == Heading::Named { &mut named } else { &mut alone };
        all.extend(head.into_iter().chain(filled.texts_of(&names).filter(&new)));
    }
    let more = match (named.is_empty(), alone.is_empty()) {
        (true, _) => texts::listed_alone(ctx, staff, alone.into_iter()).await?,
        (false, true) => texts::listed(ctx, staff, named.into_iter()).await?,
        (false, false) => {
            let more = texts::listed(ctx, staff, named.into_iter()).await?;
            more.and(texts::listed_alone(ctx, staff, alone.into_iter()).await?)
        }
    };
    Ok(match opened {
        Some(opened) => opened.and(more),
        None => more,
    })
}
