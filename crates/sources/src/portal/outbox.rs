//! The local outbox: where letters lie when this installation sends none. For administrators and the data protection officer.

use askama::Template;
use assent_kernel::{Role, Timestamp};
use assent_web::catalogue::kept;
use assent_web::ctx::Post;
use assent_web::{Ctx, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

/// The most letters that are told to have been given up.
const GIVEN_UP: u32 = 50;

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/outbox", get(outbox))
}

#[derive(Template)]
#[template(path = "portal/outbox.html")]
struct Outbox {
    shell: Shell,
    local: bool,
    letters: Vec<Shown>,
    /// Of when, and why it never left.
    given_up: Vec<(String, String)>,
}

struct Shown {
    to: String,
    subject: String,
    at: String,
    body: Vec<Piece>,
}

/// A stretch of a letter: text, or a link.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    link: bool,
}

async fn outbox(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin, Role::Dpo])?;
    let local = ctx.settings.post == Post::Local;
    let letters = if local {
        ctx.gate.show_letters(&staff.people(), staff.asker(), 100, ctx.now()).await?
    } else {
        Vec::new()
    };
    let letters = letters.into_iter().map(|letter| Shown {
        at: when(letter.at, ctx.now()),
        body: pieces(&letter.body, &ctx.settings.base_url),
        to: letter.to,
        subject: letter.subject,
    });
    let letters = letters.collect();
    let given_up = ctx.gate.given_up(staff.company.id, GIVEN_UP).await?.into_iter();
    let given_up = given_up.map(|(_, at, why)| (when(at, ctx.now()), kept(&why))).collect();
    Ok(html::page(&Outbox { shell: staff.shell(&ctx, say("Outbox")).await?, local, letters, given_up }))
}

fn when(at: Timestamp, now: Timestamp) -> String {
    text::relative(at.micros(), now.micros())
}

/// Links to this installation can be followed; everything else stays text.
fn pieces(body: &str, base_url: &str) -> Vec<Piece> {
    let link = |word: &str| word.strip_prefix(base_url).is_some_and(|rest| rest.starts_with('/'));
    let mut out: Vec<Piece> = Vec::new();
    for word in body.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let space = word.get(bare.len()..).unwrap_or_default();
        match out.last_mut() {
            Some(last) if !link(bare) && !last.link => last.text.push_str(word),
            _ if link(bare) => {
                out.push(Piece { text: bare.to_owned(), link: true });
                out.push(Piece { text: space.to_owned(), link: false });
            }
            _ => out.push(Piece { text: word.to_owned(), link: false }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_links() {
        let all = pieces("see\nhttp://here/my/link/x now http://elsewhere/", "http://here");
        let links: Vec<&str> = all.iter().filter(|p| p.link).map(|p| p.text.as_str()).collect();
        assert_eq!(links, ["http://here/my/link/x"]);
        let text: String = all.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(text, "see\nhttp://here/my/link/x now http://elsewhere/");
    }
}
