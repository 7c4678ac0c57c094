//! Erasing somebody: what follows is said first, and the certificate after.

use askama::Template;
use assent_gate::Certificate;
use assent_web::catalogue::lang;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, shipped, text};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::desk::act;
use crate::desk::act::write;
use crate::desk::model::nameless;

#[derive(Template)]
#[template(path = "desk/erase.html")]
struct Confirm {
    shell: Shell,
    person: String,
    facts: String,
    records: u64,
    several: bool,
    kept: Vec<Keeping>,
}

#[derive(Template)]
#[template(path = "desk/erased.html")]
struct Done {
    shell: Shell,
    erased: String,
    kept: Vec<Keeping>,
    when: String,
    gone_from: String,
    receipt: String,
}

/// Something a law keeps.
struct Keeping {
    what: String,
    rule: String,
    until: String,
}

impl Keeping {
    fn sentence(&self) -> String {
        say!("{what}: {rule}, until {until}", what = self.what, rule = self.rule, until = self.until)
    }
}

fn values(n: u64) -> String {
    text::plural(n, say("value"), say("values"))
}

pub async fn confirm(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(super::super::ERASERS)?;
    let id = act::person(&id)?;
    let records = ctx.gate.look_all(&staff.people(), id).await?;
    act::must_change(&staff, records.first().ok_or_else(act::nobody)?)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let mut demanded = Vec::new();
    for one in &records {
        demanded.extend(write::demanded(&ctx, &staff, one).await?);
    }
    let kept = demanded.into_iter();
    let title = say!("Erase {name}", name = nameless(id));
    Ok(html::page(&Confirm {
        shell: super::shell(&ctx, &staff, &title).await?,
        person: format!("/people/{id}"),
        facts: values(
            u64::try_from(records.iter().map(|one| one.facts().count()).sum::<usize>()).unwrap_or(0),
        ),
        several: records.len() > 1,
        records: u64::try_from(records.len()).unwrap_or(1),
        kept: kept
            .map(|(category, rule, until)| Keeping {
                what: words.category(&category),
                rule,
                until: text::date(until.micros()),
            })
            .collect(),
    }))
}

pub async fn erase(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(super::super::ERASERS)?;
    let id = act::person(&id)?;
    let done = write::erase(&ctx, &staff, id, fields.has("never-write")).await?;
    let shell = super::shell(&ctx, &staff, say("Erased")).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    Ok(html::page(&certificate(shell, &done, &standing.policy)))
}

fn certificate(mut shell: Shell, all: &[Certificate], policy: &assent_kernel::Policy) -> Done {
    // The page of somebody who is gone is no place to come back to.
    if let Some(pill) = &mut shell.purpose {
        pill.return_to = "/people".into();
    }
    let newest =
        |of: fn(&Certificate) -> assent_kernel::Timestamp| all.iter().map(|one| of(one).micros()).max();
    let label = |text: &str| {
        let key = assent_kernel::CategoryKey::new(text).ok();
        let known = key.and_then(|key| policy.categories.get(&key));
        known.map_or_else(|| text.to_owned(), |category| shipped::category(category, lang()).to_owned())
    };
    Done {
        shell,
        erased: values(u64::try_from(all.iter().map(|done| done.erased).sum::<usize>()).unwrap_or(0)),
        kept: all
            .iter()
            .flat_map(|done| &done.kept)
            .map(|kept| Keeping {
                what: label(&kept.category),
                rule: kept.cite.clone(),
                until: text::date(kept.until.micros()),
            })
            .collect(),
        when: newest(|done| done.at).map(text::date_time).unwrap_or_default(),
        gone_from: match all.iter().map(|done| done.unrecoverable_from).collect::<Option<Vec<_>>>() {
            Some(times) => times.into_iter().max().map(|at| text::date(at.micros())).unwrap_or_default(),
            None => String::new(),
        },
        receipt: all.iter().map(|done| done.receipt.as_str()).collect::<Vec<_>>().join("\n"),
    }
}
