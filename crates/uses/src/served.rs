//! Letters that a right of the person demands.

use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, Context, PurposeKey, Question, To};
use assent_web::{Ctx, Problem};

use crate::seen::keys;

/// Asks to write to somebody because they have a right to be told; nothing when nothing of these kinds is known. Whoever
/// said "use it for nothing" is told all the same.
pub async fn ask(ctx: &Ctx, dossier: &Dossier, kinds: &[&str]) -> Result<Option<Answer<Message>>, Problem> {
    let Some(matters) = dossier.of_categories(&keys(kinds)) else { return Ok(None) };
    let question = Question {
        what: Message,
        person: dossier.id(),
        asker: Asker::System,
        purpose: PurposeKey::new("rights.serve").map_err(|error| Problem::internal(&error))?,
        matters,
        to: To::Person,
        region: dossier.region().clone(),
        at: ctx.now(),
        context: Context { claim: true, ..Context::default() },
    };
    Ok(Some(ctx.gate.ask(question, dossier).await?))
}
