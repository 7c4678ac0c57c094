//! Parties are told of erasures: the words of the letter, and seeing to it that it is written.

use assent_gate::Letter;
use assent_kernel::Timestamp;
use assent_store::told::Telling;

use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::text::date_en as date;

/// Sees to it that whoever received something of somebody who was erased is told.
///
/// # Errors
/// What the stores said; the rest is done at the next call.
pub async fn tell(ctx: &Ctx, at: Timestamp) -> Result<(), Problem> {
    Ok(ctx.gate.tell_recipients(letter, at).await?)
}

/// Where somebody who was erased sees who was told.
#[must_use]
pub fn link(base_url: &str, token: &[u8; 32]) -> String {
    format!("{base_url}/my/erased/{}", crate::session::written(token))
}

/// It names nobody: the id by which the programs of both know the person, what was passed on, and the last day.
fn letter(company: &str, one: &Telling) -> Letter {
    Letter {
        subject: format!("{company}: somebody's data was erased"),
        body: format!(
            "Hello,\n\non {} {company} erased what it knew about a person, and tells you because you received something \
             about them (GDPR Art. 19).\n\nPerson: {}\nWhat you received: {}\nLast on: {}\n\n\
             Please erase it too, unless a law demands that you keep it, and pass this on to whoever received it from you. \
             What a law makes {company} keep is not meant: if you hold that for {company}, go on holding it.\n",
            date(one.erased_at.micros()),
            one.person,
            one.kinds.replace(' ', ", "),
            date(one.last_at.micros()),
        ),
    }
}
