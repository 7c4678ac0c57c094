//! Serving: open, make a first company when there is none, listen, work in the background, leave tidily.

use std::time::Duration;

use anyhow::Context as _;
use assent_gate::Gate;
use assent_kernel::{CompanyId, Role, StaffId, Timestamp};
use assent_store::access::{self, Door};
use assent_store::home::Company;
use assent_web::{Clock, Ctx, door, session};

use crate::config::Config;
use crate::{house, listen, policy, worker};

/// How long what is at hand may take when it is time to end.
const AT_HAND: Duration = Duration::from_secs(20);

/// Serves until it is told to stop.
pub(crate) async fn serve(config: &Config, name: &str) -> anyhow::Result<()> {
    let clock = Clock::System;
    let gate = config.open_or_make(&clock).await?;
    let ctx = config.ctx(gate, clock);
    if let Some(link) = first_company(&ctx, name).await? {
        announce(&format!(
            "Welcome. Choose the first administrator's password here (works once, for 7 days):\n  {link}"
        ));
    }
    listen(config, ctx).await
}

/// Listens with an opened installation.
pub(crate) async fn listen(config: &Config, ctx: Ctx) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is it running already?", config.listen))?;
    let stop = told_to_stop()?;
    announce(&format!("Listening on {}", config.base_url()));
    let (end, ending) = tokio::sync::watch::channel(false);
    let mut working = tokio::spawn(worker::run(ctx.clone(), ending));
    let quota = assent_web::api::Quota::new(config.calls_per_minute);
    let app = house::router_within(ctx.clone(), quota);
    listen::serve(listener, app, listen::HEAD, stop).await;
    end.send_replace(true);
    // What is at hand is ended, a letter above all: one that is cut off may come twice.
    if tokio::time::timeout(AT_HAND, &mut working).await.is_err() {
        tracing::warn!("some work did not end in time; it is taken up again at the next start");
        working.abort();
    }
    ctx.gate.integrate_all(ctx.now()).await?;
    Ok(())
}

/// Says a line to whoever reads; a reader that has left is no failure.
pub(crate) fn announce(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Listens for being told to stop, from now on: whoever reads that it serves may say so at once.
#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

/// Makes a company and its administrator when there is none; hands out the administrator's link.
async fn first_company(ctx: &Ctx, name: &str) -> anyhow::Result<Option<String>> {
    if !ctx.gate.companies().await?.is_empty() {
        return Ok(None);
    }
    let at = ctx.now();
    let id = ctx.gate.fresh(at, CompanyId::new)?;
    let region = ctx.gate.regions().next().cloned().context("no region is configured")?;
    let home = policy::home_party(&ctx.gate, "company", name, &region, at)?;
    let mut policy = policy::base_policy(id, home)?;
    for notice in policy::starter_notices(&ctx.gate, &region, at)? {
        policy.oldest_valid.insert(notice.id, notice.version);
        policy.notices.insert(notice.id, notice);
    }
    let company = Company { id, code: "company".into(), name: name.to_owned(), region, created_at: at };
    ctx.gate.found(company, policy).await?;
    // Whoever starts alone wears every hat, one at a time.
    let hats = [Role::Admin, Role::Sales, Role::Support, Role::Marketing, Role::Billing, Role::Dpo];
    let link = invite(&ctx.gate, id, "admin@localhost", "Administrator", &hats, &ctx.settings.base_url, at);
    link.await.map(Some)
}

/// Adds a member of staff and makes their one-time link.
pub(crate) async fn invite(
    gate: &Gate,
    company: CompanyId,
    email: &str,
    name: &str,
    roles: &[Role],
    base_url: &str,
    at: Timestamp,
) -> anyhow::Result<String> {
    let id = gate.fresh(at, StaffId::new)?;
    let roles: Vec<&str> = roles.iter().map(|role| role.key()).collect();
    let staff = access::Staff {
        id,
        company,
        email: email.to_lowercase(),
        name: name.to_owned(),
        roles: roles.join(","),
        password: None,
        disabled: false,
    };
    let token = gate.secret()?;
    let digest = session::digest(&token);
    let until = at.plus(door::INVITATION);
    gate.home()
        .write(move |tx| {
            access::add_staff(tx, &staff, at)?;
            access::add_link(tx, &digest, company, Door::Invite, &id.to_bytes(), at, until)
        })
        .await?;
    Ok(format!("{base_url}/invite/{}", session::written(&token)))
}
