//! The company's own sign-in: its staff come in with an account of its provider.

use std::sync::Arc;

use assent_kernel::{CompanyId, StaffId};
use assent_store::access;
use assent_store::factors;
use assent_store::home::Company;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::enter;
use super::flow::{self, Back, Came, NOBODY, Trip};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{Client, Staff};

/// The place under which the client's secret is sealed.
pub(super) const PLACE: &str = "provider";
/// The name of this door.
const DOOR: &str = "staff";

async fn trip(ctx: &Ctx, code: &str) -> Result<(Arc<Company>, Trip), Problem> {
    let nothing = || Problem::not_found("This company has no sign-in of its own.");
    let all = ctx.gate.companies().await?;
    let found = all.into_iter().find(|one| one.code == code).ok_or_else(nothing)?;
    let id = found.id;
    let provider = ctx.gate.home().read(move |tx| factors::provider(tx, id)).await?;
    let trip = Trip {
        company: id,
        door: DOOR.into(),
        provider: provider.ok_or_else(nothing)?,
        place: PLACE.into(),
        back: back_address(ctx, code),
        scope: "openid email",
    };
    Ok((found, trip))
}

/// Where the provider sends people back to: exactly this.
pub(super) fn back_address(ctx: &Ctx, code: &str) -> String {
    format!("{}/sign-in/back/{code}", ctx.settings.base_url)
}

/// Who wants to go.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Going {
    #[serde(default)]
    pub(super) connect: String,
}

/// Off to the provider. A member of staff who comes by the link on their own page connects their account; anybody else
/// signs in.
pub(super) async fn go(
    State(ctx): State<Ctx>,
    client: Client,
    Path(code): Path<String>,
    Query(going): Query<Going>,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    flow::limit(&ctx, &client).await?;
    let (company, trip) = trip(&ctx, &code).await?;
    let connects = staff.filter(|staff| staff.company.id == company.id && staff.connects(&going.connect));
    if let Some(staff) = &connects {
        staff.must_have_just_signed_in(ctx.now())?;
    }
    flow::go(&ctx, &trip, connects.map_or(NOBODY, |staff| staff.id.to_bytes())).await
}

/// Back from the provider.
pub(super) async fn back(
    State(ctx): State<Ctx>,
    client: Client,
    Path(code): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    flow::limit(&ctx, &client).await?;
    Ok(flow::over(&ctx, come_back(&ctx, &code, &back, &headers, staff).await))
}

async fn come_back(
    ctx: &Ctx,
    code: &str,
    back: &Back,
    headers: &HeaderMap,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    let secret = flow::ours(ctx, headers, DOOR, back)?;
    let (company, trip) = trip(ctx, code).await?;
    let came = flow::arrive(ctx, &trip, back, &secret).await?;
    if came.went != NOBODY {
        let here = staff.as_ref().map_or(NOBODY, |staff| staff.id.to_bytes());
        came.must_be(here)?;
        let staff = staff.ok_or_else(Problem::sign_in)?;
        staff.must_have_just_signed_in(ctx.now())?;
        return connect(ctx, &staff, came.subject).await;
    }
    let Some(found) = known(ctx, company.id, &came).await? else {
        return Err(Problem::forbidden(
            "Nobody here is known by that account. Sign in with your password and connect it on your own page, or ask \
             your administrator.",
        ));
    };
    enter(ctx, headers, &found).await
}

async fn connect(ctx: &Ctx, staff: &Staff, subject: [u8; 32]) -> Result<Response, Problem> {
    let (company, id, at, session) = (staff.company.id, staff.id, ctx.now(), staff.session());
    let bound = ctx.gate.home().write(move |tx| {
        if factors::bind(tx, company, &subject, id, at)? {
            access::drop_others(tx, &id.to_bytes(), &session)?;
        }
        factors::bound(tx, company, &subject)
    });
    if bound.await? == Some(id) {
        return Ok(Redirect::to("/you?done=bound").into_response());
    }
    Err(Problem::conflict("That account belongs to somebody else here."))
}

/// Whoever is bound to the subject; else, the first time, whoever has the address that the provider has verified, was
/// invited, and has no way in yet. Whoever has one connects the account by their own hand: an administrator who sets
/// another provider becomes nobody by it. From then on the address counts for nothing.
async fn known(ctx: &Ctx, company: CompanyId, came: &Came) -> Result<Option<access::Staff>, Problem> {
    let (email, subject, at) = (came.email.clone(), came.subject, ctx.now());
    let find = move |tx: &mut assent_store::Tx<'_>| {
        let bound: Option<StaffId> = factors::bound(tx, company, &subject)?;
        if let Some(id) = bound {
            return access::staff_by_id(tx, id);
        }
        let Some(email) = email else { return Ok(None) };
        let all = access::staff_by_email(tx, &email)?;
        let Some(found) = all.into_iter().find(|one| one.company == company && !one.disabled) else {
            return Ok(None);
        };
        let came = found.password.is_some()
            || !factors::of(tx, found.id)?.is_empty()
            || factors::is_bound(tx, found.id)?;
        if came || !factors::bind(tx, company, &subject, found.id, at)? {
            return Ok(None);
        }
        access::new_way(tx, found.id, at)?;
        Ok(Some(found))
    };
    let found = ctx.gate.home().write(find).await?;
    Ok(found.filter(|one| !one.disabled && one.company == company))
}
