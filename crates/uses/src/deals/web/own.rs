//! One of the company's own fields of a deal, changed by itself.

use assent_store::work::deals::Deal;
use assent_web::fields::{self, Field};
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::response::Response;

use crate::around::refused::{self, refused};
use crate::deals::act::{self, Seen, value as acts};
use crate::filled::{self, one};
use crate::inline::is_stale;
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
        one::Now { field: &self.field, about, filled, opened }
    }

    async fn small(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        (back, typed): (&str, &str),
    ) -> Result<crate::inline::Small, Problem> {
        let shell = frame::shell(ctx, staff, fields::name(&self.field)).await?;
        let action = format!("{}/value/{}", self.home, crate::lists::own::key(&self.field));
        Ok(self.now().small(shell, (action, back), self.now().tag(self.deal.ver), typed))
    }
}

/// The small form.
pub async fn form(ctx: &Ctx, staff: &Staff, what: (&str, &str), asked: &Fields) -> Result<Response, Problem> {
    let own = Own::read(ctx, staff, what).await?;
    let back = frame::back(asked, &own.home);
    if let Some(why) = own.now().closed(ctx, staff).await? {
        return refused::closed(ctx, staff, why, back.to_owned(), "").await;
    }
    Ok(own.small(ctx, staff, (back, &own.now().text())).await?.page())
}

/// Saving it.
pub async fn save(ctx: &Ctx, staff: &Staff, what: (&str, &str), sent: &Fields) -> Result<Response, Problem> {
    let own = Own::read(ctx, staff, what).await?;
    let back = frame::back(sent, &own.home);
    let (text, kept) = own.now().typed(sent);
    if let Some(why) = own.now().closed(ctx, staff).await? {
        return refused::closed(ctx, staff, why, back.to_owned(), &text).await;
    }
    let small = own.small(ctx, staff, (back, &text)).await?;
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => return Ok(small.wrong(&crate::lists::own::key(&own.field), why)),
    };
    if is_stale(sent, own.now().tag(own.deal.ver)) {
        return Ok(small.moved(&own.now().shown()));
    }
    match acts::set_own(ctx, staff, (&own.deal, &own.seen), &kept).await? {
        Ok(()) => Ok(frame::to(back, "changed")),
        Err(closed) => refused(ctx, staff, &closed.reason, back.to_owned(), &text).await,
    }
}
