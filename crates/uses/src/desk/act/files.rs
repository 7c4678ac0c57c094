//! Files of a person: facts whose value is a name, with a content that opens as the fact does.

use std::collections::BTreeMap;

use assent_gate::{Answer, Dossier, FileMark, NewFile, OpenFile};
use assent_kernel::mandate::Mask;
use assent_kernel::uses::kind::View;
use assent_kernel::{CategoryKey, FactId, Matter, NonEmpty, PersonId, Reason, Verdict};
use assent_web::media::{self, Media};
use assent_web::{Ctx, Problem, Staff};

use super::record::foreseen;
use super::write::may_write;
use crate::desk::model::keys;
use crate::far::far;
use crate::seen::cell::{Cell, cell};

/// As what a file can be kept, what fits most first.
const KINDS: [&str; 9] = [
    "note.free-text",
    "contract",
    "purchase.order",
    "purchase.invoice",
    "purchase.product",
    "communication.email-content",
    "communication.call-note",
    "communication.ticket",
    "health.dental",
];

/// What came of asking for a file.
pub enum Taken {
    /// It is open: what it is called, what it is, and its content.
    Open(String, Media, Vec<u8>),
    /// It is closed.
    Closed(Option<Reason>),
}

/// Which facts of a record are names of files, and what each is where the answer opens it.
pub async fn marks(
    ctx: &Ctx,
    dossier: &Dossier,
    answer: Option<&Answer<View>>,
) -> Result<BTreeMap<FactId, FileMark>, Problem> {
    Ok(ctx.gate.files(dossier, answer.and_then(Answer::permit)).await?)
}

/// As what a file can be kept for the purpose at hand, foreseen; nothing when it can be none.
pub async fn kinds(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<Vec<CategoryKey>, Problem> {
    let wanted = keys(&KINDS).into_iter();
    let ruling = foreseen(ctx, staff, dossier, wanted, staff.purpose.clone()).await?;
    let whole = |(matter, verdict): &(Matter, Verdict)| match (matter, verdict.open()) {
        (Matter::Kind(key), Some(open)) if open.mask == Mask::Full => Some(key.clone()),
        (Matter::Kind(_) | Matter::Held(_), _) => None,
    };
    Ok(ruling.iter().flat_map(|ruling| ruling.verdicts.iter().filter_map(whole)).collect())
}

/// The kind that a form names; what it does not name is a note.
pub fn kind_of(text: &str) -> Result<CategoryKey, Problem> {
    let wanted = if text.is_empty() { KINDS[0] } else { text };
    let known = KINDS.contains(&wanted).then(|| CategoryKey::new(wanted).ok()).flatten();
    known.ok_or_else(|| Problem::invalid("No file is kept as that kind."))
}

/// Keeps a file. What may not be seen for the purpose at hand is not written under it.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    category: CategoryKey,
    (name, media, content): (&str, Media, Vec<u8>),
) -> Result<Result<FactId, Reason>, Problem> {
    let dossier = super::to_change(ctx, staff, id).await?;
    if let Err(reason) = may_write(ctx, staff, &dossier, &category).await? {
        return Ok(Err(reason));
    }
    let file = NewFile {
        category,
        name: media::clean(name),
        kind: media.key().to_owned(),
        content,
        source: format!("a file, from {}", staff.role.label()),
    };
    match ctx.gate.keep_file(&dossier, file, staff.asker(), ctx.now()).await {
        Ok((fact, _)) => Ok(Ok(fact)),
        Err(assent_gate::GateError::NotKept(reason)) => Ok(Err(reason)),
        Err(other) => Err(other.into()),
    }
}

/// Opens a file for the purpose at hand. To open one is to look at it: it is asked for and written down by itself,
/// whether it is shown or saved.
pub async fn take(ctx: &Ctx, staff: &Staff, id: PersonId, fact: FactId) -> Result<Taken, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let held = dossier.fact(fact).ok_or_else(super::nobody)?;
    let here = marks(ctx, &dossier, None).await?.contains_key(&fact);
    if !here || far(ctx, staff, std::iter::once(id)).await?.contains(&fact) {
        return Err(super::nobody());
    }
    let question = ctx.question(View, staff, &dossier, NonEmpty::one(Matter::Held(fact))).await?;
    let answer = ctx.gate.ask(question, &dossier).await?;
    match (answer.permit(), cell(&answer, held)) {
        (Some(permit), Cell::Open(seen)) if seen.whole => {
            let OpenFile { kind, content } = ctx.gate.open_file(permit, &dossier, fact).await?;
            Ok(Taken::Open(seen.text, Media::parse(&kind), content))
        }
        (_, cell) => Ok(Taken::Closed(cell.closed().cloned())),
    }
}
