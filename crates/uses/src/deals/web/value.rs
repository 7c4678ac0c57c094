//! The small form for one value of a deal, and saving it.

use assent_kernel::OrganisationId;
use assent_store::work::Text;
use assent_store::work::deals::Deal;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::own;
use crate::around::refused;
use crate::deals::act::{self, Seen, value as acts};
use crate::deals::model::value::{Value, Which};
use crate::deals::model::{Typed, With};
use crate::filled::Filled;
use crate::frame::{self, Colleagues};
use crate::inline::{Small, is_stale, only};
use crate::lists::own::HEAD;
use crate::undo::{self, Undo};
use crate::{organised, texts};

/// A deal with one of its values, as far as it may be changed.
struct Now {
    deal: Deal,
    seen: Seen,
    which: Which,
    title: String,
    company: organised::Told,
    colleagues: Colleagues,
    home: String,
}

impl Now {
    /// What is there; a page that says why when it is closed.
    async fn read(
        ctx: &Ctx,
        staff: &Staff,
        (id, field): (&str, &str),
    ) -> Result<Result<Self, Response>, Problem> {
        let which = Which::read(field).ok_or_else(act::nowhere)?;
        let deal = act::one(ctx, staff, act::id(id)?).await?;
        act::must_change(staff, &deal)?;
        let home = format!("/deals/{}", deal.id);
        let mut title = String::new();
        let asked = std::iter::once(&deal.title).filter(|_| which == Which::Title);
        let opened = texts::viewed(ctx, staff, asked).await?;
        if which == Which::Title && deal.title != Text::Gone {
            match opened.plain(deal.id.to_bytes(), &deal.title) {
                Some(text) => title = text,
                None => {
                    opened.must_reach(&deal.title)?;
                    let reason = opened.cell(&deal.title).and_then(|(_, cell)| cell.closed().cloned());
                    let reason = reason.unwrap_or(assent_kernel::Reason::UnknownFact);
                    return Ok(Err(refused::refused(ctx, staff, &reason, home, "").await?));
                }
            }
        }
        let mut told = organised::told(ctx, staff, deal.organisation.into_iter()).await?;
        let company = deal.organisation.and_then(|id| told.remove(&id)).unwrap_or_default();
        let colleagues = frame::colleagues(ctx, staff).await?;
        let seen = Seen { filled: Filled::default(), opened };
        Ok(Ok(Self { deal, seen, which, title, company, colleagues, home }))
    }

    /// The form, filled with what was typed.
    async fn small(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        typed: &Typed,
        (back, checked): (&str, bool),
    ) -> Result<(Small, bool), Problem> {
        let (fields, _) = typed.fields(&[], &self.colleagues, checked, false);
        let (mut fields, fine) = only(fields, self.which.names());
        if let Some(first) = fields.first_mut() {
            first.label = say(self.which.label()).into();
        }
        let shell = frame::shell(ctx, staff, say(self.which.label())).await?;
        let action = format!("{}/value/{}", self.home, self.which.key());
        Ok((Small::new(shell, action, back, self.tag(), fields), fine))
    }

    /// How the deal and its title stand, when it was asked for.
    fn tag(&self) -> String {
        let about = self.deal.title.person().filter(|_| self.which == Which::Title);
        self.seen.opened.tag((self.deal.ver, about), std::iter::once(&self.deal.title))
    }

    fn typed(&self) -> Typed {
        Typed::of(&self.deal, self.title.clone(), String::new(), self.company.name.clone())
    }

    /// How to put back what is there now; nothing for what is a person's own.
    fn undo(&self) -> Option<Undo> {
        let before = self.typed();
        let fields = match self.which {
            Which::Title if matches!(self.deal.title, Text::Own(_)) => vec![("title", before.title)],
            Which::Title => return None,
            Which::Amount => vec![("amount", before.amount), ("currency", before.currency)],
            // One that is out of reach is not put back: only whoever sees it says that a deal is with it.
            Which::Company if self.deal.organisation.is_some() && !self.company.seen => return None,
            Which::Company => {
                let id = self.deal.organisation.map(|id| id.to_string()).unwrap_or_default();
                vec![("organisation", id)]
            }
            Which::Close => vec![("close", before.close)],
            Which::Owner => vec![("owner", before.owner)],
        };
        // Only while nobody has changed it again.
        let ver = ("ver", self.deal.ver.saturating_add(1).to_string());
        let action = format!("{}/value/{}", self.home, self.which.key());
        Some(Undo::new(action, fields.into_iter().chain([ver]).collect()))
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
    Ok(now.small(&ctx, &staff, &now.typed(), (back, false)).await?.0.page())
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
    let typed = Typed::read(&sent);
    let (small, fine) = now.small(&ctx, &staff, &typed, (&back, true)).await?;
    if !fine {
        return Ok(small.unfinished());
    }
    if is_stale(&sent, now.tag()) {
        let told = now.which.now(&now.deal, &now.title, &now.company.name, &now.colleagues);
        return Ok(small.moved(&told));
    }
    let undo = now.undo();
    let value = match now.which {
        Which::Title => return retitle(&ctx, &staff, &now, &typed, &back).await,
        Which::Amount => Value::Amount(typed.cents(), typed.currency.clone()),
        Which::Company => match organisation(&ctx, &staff, &now, &sent, &typed).await? {
            Ok(id) => Value::Company(id),
            Err(why) => return Ok(small.wrong("company", why)),
        },
        Which::Close => Value::Close(typed.close_on(ctx.now())),
        Which::Owner => Value::Owner(now.colleagues.kept(&typed.owner, now.deal.owner)?),
    };
    let owner = if let Value::Owner(owner) = value { owner } else { now.deal.owner };
    acts::set(&ctx, &staff, &now.deal, value).await?;
    if !staff.may_see(Object::Deals, &[owner]) {
        return Ok(act::saved(&staff, owner, &back, "changed"));
    }
    // What is not theirs to change any more is not theirs to put back.
    undo::to(&ctx, &staff, &back, "changed", undo.filter(|_| staff.changes(Object::Deals, &[owner]))).await
}

/// The organisation by its id, as an undo names it, or by its name; a new name makes a new one. Why not, in a sentence.
async fn organisation(
    ctx: &Ctx,
    staff: &Staff,
    now: &Now,
    sent: &Fields,
    typed: &Typed,
) -> Result<Result<Option<OrganisationId>, String>, Problem> {
    if !sent.has("organisation") {
        let alone = Typed { company: typed.company.clone(), ..Typed::default() };
        let with = act::with(ctx, staff, &alone, now.deal.organisation).await?;
        return Ok(with.map(|with| with.organisation).map_err(|(_, why)| why));
    }
    match sent.get("organisation") {
        "" => Ok(Ok(None)),
        text => {
            let id = text.parse().map_err(|_| organised::nowhere())?;
            Ok(Ok(Some(organised::one(ctx, staff, id).await?.row.id)))
        }
    }
}

async fn retitle(
    ctx: &Ctx,
    staff: &Staff,
    now: &Now,
    typed: &Typed,
    back: &str,
) -> Result<Response, Problem> {
    let with = With { person: now.deal.title.person(), organisation: now.deal.organisation };
    let whole = Typed { title: typed.title.clone(), ..now.typed() };
    let deal = (&now.deal, &now.seen);
    match act::change(ctx, staff, deal, &whole, with, now.deal.owner).await? {
        Ok(()) => undo::to(ctx, staff, back, "changed", now.undo()).await,
        Err(reason) => refused::refused(ctx, staff, &reason, back.to_owned(), &typed.title).await,
    }
}
