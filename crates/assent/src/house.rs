//! The one list of rooms. Routes, menu, jobs and the checks of every statement derive from it.

use assent_sources::{intake::Intake, portal::Portal};
use assent_uses::{
    Lists,
    audit::Audit,
    dashboard::Dashboard,
    deals::Deals,
    decide::Decide,
    desk::Desk,
    emergency::Emergencies,
    filed::Filed,
    find::Find,
    organisations::Organisations,
    programs::Programs,
    settings::{Settings, first_page},
    tasks::Tasks,
    things::Things,
};
use assent_web::{Ctx, Problem, Room, above, api, assets, catalogue, door, headers, patience, problem};
use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;

/// Every room.
pub static ROOMS: &[&dyn Room] = &[
    &Tasks,
    &Dashboard,
    &Desk,
    &Organisations,
    &Deals,
    &Things,
    &Intake,
    &Portal,
    &Settings,
    &Programs,
    &Audit,
    &Emergencies,
    &Filed,
    &Decide,
    &Lists,
    &Find,
];

/// The whole program as one router.
pub fn router(ctx: Ctx) -> Router {
    router_within(ctx, api::Quota::default())
}

/// The same, with a quota for the keys of programs.
pub fn router_within(ctx: Ctx, quota: api::Quota) -> Router {
    let rooms = ROOMS.iter().fold(Router::new(), |all, room| all.merge(room.routes()));
    rooms
        .merge(api::routes_within(ROOMS, quota))
        .merge(door::routes())
        .route("/", get(first_page))
        .route("/healthz", get(health))
        .merge(assets::routes())
        .fallback(problem::nowhere)
        .layer(from_fn(patience::limited))
        .layer(from_fn(problem::dress))
        .layer(from_fn(above::led))
        .layer(from_fn(catalogue::spoken))
        .layer(from_fn(headers::secure))
        .with_state(ctx)
}

/// Whether every store answers: for load balancers.
async fn health(State(ctx): State<Ctx>) -> Result<impl IntoResponse, Problem> {
    ctx.gate.read_floors().await?;
    ctx.gate.companies().await?;
    Ok("ok\n")
}

#[cfg(test)]
mod tests {
    use super::ROOMS;

    #[test]
    fn every_example_of_the_interface_fits_what_it_shows() {
        let operations: Vec<_> = ROOMS.iter().flat_map(|room| room.api()).collect();
        assert!(operations.len() > 50);
        for one in operations {
            if let Some(body) = one.body {
                assert_eq!(body.shape.check(&body.example), Ok(()), "what {} takes", one.id);
            }
            if let Some(answer) = one.answer {
                assert_eq!(answer.check(&one.example), Ok(()), "what {} gives", one.id);
            }
        }
    }
}
