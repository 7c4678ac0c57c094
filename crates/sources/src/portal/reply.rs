//! What a person answers to a notice, wherever they stand: on their page, or at the link of a letter.

use assent_gate::{Act, GateError};
use assent_kernel::grant::Evidence;
use assent_kernel::notice::Notice;
use assent_store::requests::Asked;
use assent_web::{Ctx, Fields, Problem};

use super::act::{self, Own};
use super::form::{self, Reply};
use super::model::Names;

/// Records the answer. The word for what was done, or the sentence that stands beside the form.
pub(super) async fn take(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    notice: &Notice,
    fields: &Fields,
    evidence: Evidence,
) -> Result<Result<&'static str, String>, Problem> {
    let Some(reply) = Reply::parse(fields.get("answer")) else {
        return Ok(Err(names.t.choose_answer().to_owned()));
    };
    let about = notice.purpose.clone();
    match reply {
        Reply::Yes | Reply::Limited => give(ctx, own, names, notice, (reply, fields), evidence).await,
        Reply::No => {
            act::say(ctx, own, Act::Refuse(about.clone()), evidence).await?;
            act::answered(ctx, own, about, Asked::Refused).await?;
            Ok(Ok("refused"))
        }
        Reply::NotAgain => {
            act::say(ctx, own, Act::Refuse(about), evidence).await?;
            act::not_again(ctx, own, notice, fields.get("quiet")).await?;
            Ok(Ok("quiet"))
        }
        Reply::Withdraw => {
            act::say(ctx, own, Act::Withdraw(about), evidence).await?;
            Ok(Ok("withdrawn"))
        }
    }
}

async fn give(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    notice: &Notice,
    (reply, fields): (Reply, &Fields),
    evidence: Evidence,
) -> Result<Result<&'static str, String>, Problem> {
    let t = names.t;
    if own.dossier.person().minor {
        return Ok(Err(t.guardian().to_owned()));
    }
    let offered = ctx.gate.offered(notice, &own.standing.policy, own.now);
    let giving = match form::giving(names, notice, &offered, reply, fields, own.now) {
        Ok(giving) => giving,
        Err(sentence) => return Ok(Err(sentence.to_owned())),
    };
    match act::say(ctx, own, Act::Give(Box::new(giving)), evidence).await {
        Ok(()) => {
            act::answered(ctx, own, notice.purpose.clone(), Asked::Given).await?;
            Ok(Ok("given"))
        }
        Err(GateError::Input(_)) => Ok(Err(t.more_than_asked().to_owned())),
        Err(error) => Err(error.into()),
    }
}
