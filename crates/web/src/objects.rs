//! Kinds of things that a company made: read wherever they are shown.

use assent_kernel::CompanyId;
pub use assent_store::objects::{Belongs, Object};

use crate::ctx::Ctx;
use crate::problem::Problem;

/// Where the lists of all of them are: the line of the menu that stands for them.
pub const HERE: &str = "/things";

/// The objects of a company, in order; those too that are out of use.
///
/// # Errors
/// What the store said.
pub async fn all(ctx: &Ctx, company: CompanyId) -> Result<Vec<Object>, Problem> {
    let read = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::all(tx, company);
    Ok(ctx.gate.home().read(read).await?)
}

/// The objects that are in use.
///
/// # Errors
/// What the store said.
pub async fn in_use(ctx: &Ctx, company: CompanyId) -> Result<Vec<Object>, Problem> {
    let mut all = all(ctx, company).await?;
    all.retain(|one| one.gone_at.is_none());
    Ok(all)
}

/// The object of that key, in use or not.
///
/// # Errors
/// When there is none.
pub async fn one(ctx: &Ctx, company: CompanyId, key: &str) -> Result<Object, Problem> {
    let found = all(ctx, company).await?.into_iter().find(|one| one.key == key);
    found.ok_or_else(|| Problem::not_found("There is no such object here."))
}

/// Where the items of an object are.
#[must_use]
pub fn href(key: &str) -> String {
    format!("{HERE}/{key}")
}

/// Whom its items belong to, in words.
#[must_use]
pub const fn belongs(to: Belongs) -> &'static str {
    match to {
        Belongs::Person => "a person",
        Belongs::Organisation => "a company you deal with",
        Belongs::Nobody => "nobody",
    }
}
