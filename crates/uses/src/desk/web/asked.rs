//! What came of asking many people.

use std::collections::BTreeMap;

use askama::Template;
use assent_kernel::{PurposeKey, TreeKey};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::desk::act::ask::Outcome;
use crate::desk::model::said::{self, Why};

#[derive(Template)]
#[template(path = "desk/asked.html")]
struct Asked {
    shell: Shell,
    label: String,
    sent: String,
    letters: &'static str,
    not: Vec<(String, String)>,
    back: String,
}

/// The address of the page that tells what came of asking many: counts and kinds of reasons, no people.
pub fn href(outcomes: &[Outcome], purpose: &PurposeKey, back: &str) -> String {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut sent = 0u64;
    for outcome in outcomes {
        match outcome {
            Ok(()) => sent = sent.saturating_add(1),
            Err(why) => {
                let slot = kinds.entry(why.kind()).or_default();
                *slot = slot.saturating_add(1);
            }
        }
    }
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.append_pair("of", purpose.as_str()).append_pair("sent", &sent.to_string());
    for (kind, count) in kinds {
        out.append_pair("not", &format!("{count}:{kind}"));
    }
    out.append_pair("back", &said::unsaid(back));
    format!("/people/asked?{}", out.finish())
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purpose = PurposeKey::new(fields.get("of")).map_err(|e| Problem::bad_request(e.to_string()))?;
    let told = |one: &str| {
        let (count, kind) = one.split_once(':')?;
        Some((text::count(count.parse().ok()?), Why::read(kind)?.sentence(&purpose, &standing.policy)))
    };
    let sent: u64 = fields.get("sent").parse().unwrap_or(0);
    let not = fields.all("not").take(50).filter_map(told).collect();
    let label = super::words(&ctx, &staff, &standing.policy).label(&purpose);
    Ok(html::page(&Asked {
        shell: super::shell(&ctx, &staff, say("Asked")).await?,
        label,
        sent: text::count(sent),
        letters: say(if sent == 1 { "letter sent." } else { "letters sent." }),
        not,
        back: said::own(fields.get("back")).unwrap_or("/people").to_owned(),
    }))
}
