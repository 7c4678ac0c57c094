//! The small form for one value of an item, and saving it: a field, or who looks after it.

use assent_kernel::StaffId;
use assent_store::work::items::Item;
use assent_web::fields::Field;
use assent_web::objects;
use assent_web::parts::{self, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::item::Sort;
use crate::around::refused::refused;
use crate::filled::{self, Filled, Typed, one};
use crate::inline::{Small, is_stale};
use crate::texts::Opened;
use crate::things::act;
use crate::{frame, texts};

/// The word for who looks after it.
pub const OWNER: &str = "owner";

/// An item that is theirs to change, with what stands in one of its fields; nothing else of it is opened.
struct Now {
    sort: Sort,
    item: Item,
    filled: Filled,
    opened: Opened,
    /// The field; none for who looks after it.
    field: Option<Field>,
    home: String,
}

impl Now {
    async fn read(ctx: &Ctx, staff: &Staff, (key, id, word): (&str, &str, &str)) -> Result<Self, Problem> {
        let sort = act::sort(ctx, staff, key).await?;
        let item = act::one(ctx, staff, &sort, id).await?;
        act::must_change(staff, &item)?;
        let filled = filled::of(ctx, staff, item.id.to_bytes()).await?;
        let field = one::named(&sort.fields, word).cloned();
        if field.is_none() && word != OWNER {
            return Err(act::nowhere());
        }
        let fact = field.as_ref().and_then(|field| filled.fact(&field.name));
        let opened = texts::viewed(ctx, staff, fact.into_iter()).await?;
        let home = sort.href(&item);
        Ok(Self { sort, item, filled, opened, field, home })
    }

    fn one(&self) -> Option<one::Now<'_>> {
        let (about, filled, opened) = (self.item.person, &self.filled, &self.opened);
        let (home, ver) = (self.home.as_str(), self.item.ver);
        self.field.as_ref().map(|field| one::Now { field, about, filled, opened, home, ver })
    }

    /// The small form for who looks after it.
    async fn small(&self, ctx: &Ctx, staff: &Staff, (back, typed): (&str, &str)) -> Result<Small, Problem> {
        let (action, label) = (format!("{}/value/{OWNER}", self.home), say("Owner"));
        let shell = frame::shell(ctx, staff, label).await?;
        let choices = frame::colleagues(ctx, staff).await?.choices_now(say("Nobody"), typed);
        let field = parts::Field { input: Input::Select(choices), ..parts::Field::line(label, OWNER, typed) };
        Ok(Small::new(shell, action, back, self.item.ver, vec![field]))
    }

    /// Puts what was typed, or who was chosen, in its place.
    async fn set(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        (owner, typed): (Option<StaffId>, &Typed),
    ) -> Result<Result<(), filled::Closed>, Problem> {
        act::change(ctx, staff, &self.sort, (&self.item, owner, (&self.filled, &self.opened)), typed).await
    }
}

pub async fn form(
    State(ctx): State<Ctx>,
    Path((key, id, word)): Path<(String, String, String)>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let now = Now::read(&ctx, &staff, (&key, &id, &word)).await?;
    let back = frame::back(&asked, &now.home);
    if let Some(one) = now.one() {
        return one.form(&ctx, &staff, back).await;
    }
    let owner = now.item.owner.map(|id| id.to_string()).unwrap_or_default();
    Ok(now.small(&ctx, &staff, (back, &owner)).await?.page())
}

pub async fn save(
    State(ctx): State<Ctx>,
    Path((key, id, word)): Path<(String, String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let now = Now::read(&ctx, &staff, (&key, &id, &word)).await?;
    let back = frame::back(&sent, &now.home);
    match now.one() {
        Some(one) => save_field(&ctx, &staff, (&now, one), &sent, back).await,
        None => hand(&ctx, &staff, &now, &sent, back).await,
    }
}

async fn save_field(
    ctx: &Ctx,
    staff: &Staff,
    (now, one): (&Now, one::Now<'_>),
    sent: &Fields,
    back: &str,
) -> Result<Response, Problem> {
    let (text, kept) = match one.sent(ctx, staff, (sent, back)).await? {
        Ok(sent) => sent,
        Err(page) => return Ok(page),
    };
    let done = now.set(ctx, staff, (now.item.owner, &kept)).await?;
    one::saved(ctx, staff, done, (back, &text)).await
}

/// Hands it to whoever was chosen.
async fn hand(ctx: &Ctx, staff: &Staff, now: &Now, sent: &Fields, back: &str) -> Result<Response, Problem> {
    let colleagues = frame::colleagues(ctx, staff).await?;
    let owner = colleagues.kept(sent.get(OWNER), now.item.owner)?;
    if is_stale(sent, now.item.ver) {
        let small = now.small(ctx, staff, (back, sent.get(OWNER))).await?;
        return Ok(small.moved(&colleagues.named(now.item.owner).unwrap_or_default()));
    }
    match now.set(ctx, staff, (owner, &Typed::new())).await? {
        Ok(()) => {
            let list = objects::href(&now.sort.object.key);
            Ok(frame::saved(staff, (Object::Things, &[owner]), (back, &list), "changed"))
        }
        Err(closed) => refused(ctx, staff, &closed.reason, back.to_owned(), "").await,
    }
}
