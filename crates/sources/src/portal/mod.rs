//! The customer's own page: what is known about me, from where, on what terms; who used it and why; give, limit,
//! withdraw, correct, take it along, erase. Nobody enters by a password: a link to an address that is already known
//! leads in. Every value shown here was asked for at the gate, like everybody else's use.

mod act;
mod api;
mod door;
mod ending;
mod export;
mod fact;
mod form;
mod gains;
mod inbox;
mod laws;
mod mailed;
mod model;
mod outbox;
mod programs;
mod reasons;
mod receipt;
mod received;
mod record;
mod reply;
mod show;
mod stops;
#[cfg(test)]
mod story;
mod terms;
mod text;
mod things;
mod ways_in;
mod web;
mod words;

use assent_kernel::{Role, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;
use axum::http::{HeaderValue, header::HeaderName};
use axum::response::Response;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Portal;

impl Room for Portal {
    fn card(&self) -> Card {
        Card {
            name: "Portal",
            sentence: "A person sees what is known about them, who used it and why, and steers it.",
            who: Who::Person,
            asks: &[Use::View, Use::Export, Use::Message],
            ways: &[Way {
                label: "Outbox",
                href: "/outbox",
                icon: "mail",
                key: "g o",
                heading: "Installation",
                roles: &[Role::Admin, Role::Dpo],
                makes: &[],
            }],
        }
    }

    fn routes(&self) -> Router<Ctx> {
        let all = web::routes().merge(terms::routes()).merge(fact::routes()).merge(receipt::routes());
        let all = all.merge(export::routes()).merge(door::routes()).merge(outbox::routes());
        let all = all.merge(inbox::routes()).merge(mailed::routes()).merge(ways_in::routes());
        let all = all.merge(programs::routes());
        all.layer(axum::middleware::map_response(unlisted))
    }
    fn api(&self) -> Vec<Operation> {
        api::operations()
    }
}

/// No search engine has any business on these pages.
async fn unlisted(mut response: Response) -> Response {
    let name = HeaderName::from_static("x-robots-tag");
    response.headers_mut().insert(name, HeaderValue::from_static("noindex, nofollow"));
    response
}
