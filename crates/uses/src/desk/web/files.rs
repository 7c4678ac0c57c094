//! The tab of files: what there is, keeping one more, taking one out.

use assent_gate::FileMark;
use assent_kernel::{FactId, Reason};
use assent_web::media::{self, Media};
use assent_web::parts::{Act, Shown};
use assent_web::session::{Attached, NoUpload};
use assent_web::{Ctx, Problem, Shell, Staff, catalogue, say, text};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::desk::act;
use crate::desk::act::files::{self, Taken};
use crate::desk::act::record::Record;
use crate::desk::model::cell::Value;
use crate::desk::model::words::{Words, source};

/// The files of a record.
pub struct Files {
    /// As what one more can be kept: key and name.
    pub kinds: Vec<(String, String)>,
    /// The most bytes, as people read it.
    pub most: String,
    /// The files, newest first.
    pub lines: Vec<Line>,
}

/// One file.
pub struct Line {
    /// Its name with its terms, or the lock.
    pub shown: Shown,
    /// What it is, how large, from where and since when.
    pub about: String,
    /// Where it is taken out.
    pub href: Option<String>,
    /// True when it can be shown small.
    pub picture: bool,
    /// Where it is called something else.
    pub rename: Option<String>,
    /// Takes it away.
    pub remove: Option<Act>,
}

/// Fills the tab.
pub async fn tab(
    ctx: &Ctx,
    staff: &Staff,
    record: &Record,
    values: &[Value],
    words: &Words<'_>,
    shell: &Shell,
) -> Result<Files, Problem> {
    let kinds = files::kinds(ctx, staff, &record.dossier).await?;
    let mut named: Vec<(&Value, &FileMark)> =
        values.iter().filter_map(|value| Some((value, record.files.get(&value.fact.id)?))).collect();
    named.sort_by_key(|(value, _)| std::cmp::Reverse(value.fact.confirmed_at));
    Ok(Files {
        kinds: kinds.iter().map(|key| (key.to_string(), words.category(key))).collect(),
        most: media::size(u64::try_from(ctx.settings.limits.file_bytes).unwrap_or(u64::MAX)),
        lines: named.into_iter().map(|(value, mark)| line(record, value, mark, words, shell)).collect(),
    })
}

fn line(record: &Record, value: &Value, mark: &FileMark, words: &Words<'_>, shell: &Shell) -> Line {
    let fact = value.fact.id;
    let holder = record.holder(fact);
    let (id, person) = (holder.id(), holder.person());
    let whole = value.cell.seen().is_some_and(|seen| seen.whole);
    let ask = super::ask_act(shell, id, words.purpose, say("Ask").into());
    let kind = mark.kind.as_deref().map(Media::parse);
    let about = match (kind, whole) {
        (Some(kind), true) => format!(
            "{}, {} · {} · {}, {}",
            catalogue::kept(kind.label()),
            media::size(mark.size),
            words.category(&value.fact.category),
            source(&value.fact.source),
            text::relative(value.fact.confirmed_at.micros(), words.now.micros())
        ),
        (_, _) => String::new(),
    };
    Line {
        shown: words.in_record(format!("f-{fact}"), person, value, None, None, Some(ask)),
        about,
        href: whole.then(|| format!("/people/{id}/files/{fact}")),
        picture: whole && kind.is_some_and(Media::is_picture),
        rename: record.may_change.then(|| format!("/people/{id}/fact/{fact}")),
        remove: record.may_change.then(|| Act {
            label: say("Remove").into(),
            action: format!("/people/{id}/fact/{fact}/remove"),
            csrf: shell.csrf.clone(),
            class: "quiet",
            fields: vec![("back", format!("/people/{id}?tab=files"))],
            ..Act::default()
        }),
    }
}

/// Keeps a file.
pub async fn keep(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Attached(staff, fields, file): Attached<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let there = format!("/people/{id}?tab=files");
    let category = files::kind_of(fields.get("category"))?;
    let file = match file {
        Ok(file) => file,
        Err(NoUpload::Missing) => return Ok(super::back(&there, "no-file")),
        Err(NoUpload::Empty) => return Ok(super::back(&there, "empty-file")),
        Err(NoUpload::TooLarge) => return Ok(super::back(&there, "large-file")),
    };
    let media = match Media::of(&file.content) {
        Ok(media) => media,
        Err(why) => return Err(Problem::invalid(why.to_string())),
    };
    match files::keep(&ctx, &staff, id, category.clone(), (&file.name, media, file.content)).await? {
        Ok(_) => Ok(super::back(&there, "filed")),
        Err(reason) => Err(closed(&ctx, &staff, Some(&reason)).await?),
    }
}

/// Hands a file out, to be saved.
pub async fn take(
    State(ctx): State<Ctx>,
    Path((id, fact)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let fact: FactId = fact.parse().map_err(|_| act::nobody())?;
    match files::take(&ctx, &staff, id, fact).await? {
        Taken::Open(name, media, content) => Ok(media::download(&name, media, content)),
        Taken::Closed(reason) => Err(closed(&ctx, &staff, reason.as_ref()).await?),
    }
}

async fn closed(ctx: &Ctx, staff: &Staff, reason: Option<&Reason>) -> Result<Problem, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    Ok(Problem::forbidden(format!("{}. {}", words.closed_for(), words.sentence(reason))).said())
}
