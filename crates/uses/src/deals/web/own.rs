//! One of the company's own fields of a deal, changed by itself.

use assent_store::work::deals::Deal;
use assent_web::fields::Field;
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::response::Response;

use crate::deals::act::{self, Seen, value as acts};
use crate::filled::{self, one};
use crate::{frame, texts};

/// A deal with one of its own fields.
struct Own {
    deal: Deal,
    seen: Seen,
    field: Field,
    home: String,
}

impl Own {
    /// What is there of a deal that is theirs to change; nothing else of it is opened.
    async fn read(ctx: &Ctx, staff: &Staff, (id, word): (&str, &str)) -> Result<Self, Problem> {
        let deal = act::one(ctx, staff, act::id(id)?).await?;
        act::must_change(staff, &deal)?;
        let (all, filled) =
            (act::fields(ctx, staff).await?, filled::of(ctx, staff, deal.id.to_bytes()).await?);
        let field = one::named(&all, word).ok_or_else(act::nowhere)?.clone();
        let opened = texts::viewed(ctx, staff, filled.fact(&field.name).into_iter()).await?;
        let home = format!("/deals/{}", deal.id);
        Ok(Self { deal, seen: Seen { filled, opened }, field, home })
    }

    fn now(&self) -> one::Now<'_> {
        let (about, Seen { filled, opened }) = (self.deal.title.person(), &self.seen);
        one::Now { field: &self.field, about, filled, opened, home: &self.home, ver: self.deal.ver }
    }
}

/// The small form.
pub async fn form(ctx: &Ctx, staff: &Staff, what: (&str, &str), asked: &Fields) -> Result<Response, Problem> {
    let own = Own::read(ctx, staff, what).await?;
    own.now().form(ctx, staff, frame::back(asked, &own.home)).await
}

/// Saving it.
pub async fn save(ctx: &Ctx, staff: &Staff, what: (&str, &str), sent: &Fields) -> Result<Response, Problem> {
    let own = Own::read(ctx, staff, what).await?;
    let back = frame::back(sent, &own.home);
    let (text, kept) = match own.now().sent(ctx, staff, (sent, back)).await? {
        Ok(sent) => sent,
        Err(page) => return Ok(page),
    };
    let done = acts::set_own(ctx, staff, (&own.deal, &own.seen), &kept).await?;
    one::saved(ctx, staff, done, (back, &text)).await
}
