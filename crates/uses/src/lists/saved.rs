//! Saved views: a name for the state of a list. Both may name somebody, so both are sealed.

use assent_gate::Own;
use assent_kernel::ViewId;
use assent_store::StoreError;
use assent_store::work::views::{self, Saved};
use assent_web::fields::{self, Thing};
use assent_web::objects::{self, Belongs, Object};
use assent_web::{Ctx, Problem, Staff};

use super::Column;

/// The longest name of a view, in characters.
pub const LONGEST_NAME: usize = 60;
/// The longest state, in bytes.
const LONGEST_STATE: usize = 4000;

/// A saved view, open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Which.
    pub id: ViewId,
    /// What it is called.
    pub name: String,
    /// The state of the list, as the end of an address.
    pub query: String,
    /// True when colleagues see it.
    pub shared: bool,
    /// True when it is one's own.
    pub mine: bool,
    /// Counts its changes.
    pub ver: i64,
}

/// Nothing by that id: never was, dropped, somebody else's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is no view of yours by that id.")
}

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<ViewId, Problem> {
    text.parse().map_err(|_| nowhere())
}

/// The views of a list that a member of staff sees.
pub async fn of_list(ctx: &Ctx, staff: &Staff, list: &str) -> Result<Vec<View>, Problem> {
    let (company, who, list) = (staff.company.id, staff.id, list.to_owned());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows = store.read(move |tx| views::of_list(tx, company, &list, who)).await?;
    let own = ctx.gate.own(company).await?;
    Ok(rows.iter().filter_map(|row| opened(&own, row, staff)).collect())
}

fn opened(own: &Own, row: &Saved, staff: &Staff) -> Option<View> {
    let text = own.open(row.id.to_bytes(), &row.own).ok()?;
    let (name, query) = text.split_once('\n')?;
    Some(View {
        id: row.id,
        name: name.to_owned(),
        query: query.to_owned(),
        shared: row.shared,
        mine: row.staff == staff.id,
        ver: row.ver,
    })
}

/// A view that a member of staff sees, with the name of its list.
pub async fn one(ctx: &Ctx, staff: &Staff, id: ViewId) -> Result<(String, View), Problem> {
    let (company, who) = (staff.company.id, staff.id);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let found = store.read(move |tx| views::one(tx, company, id, who)).await?;
    let (list, row) = found.ok_or_else(nowhere)?;
    let own = ctx.gate.own(company).await?;
    Ok((list, opened(&own, &row, staff).ok_or_else(nowhere)?))
}

/// Saves the state of a list under a name; for colleagues only what is about nobody, under a name made of its rules.
pub async fn save(
    ctx: &Ctx,
    staff: &Staff,
    list: &str,
    name: &str,
    query: &str,
    shared: bool,
) -> Result<ViewId, Problem> {
    let text = told(ctx, staff, list, name, query, shared).await?;
    let id = ctx.gate.fresh(ctx.now(), ViewId::new)?;
    let sealed = ctx.gate.own(staff.company.id).await?.seal(id.to_bytes(), &text)?;
    let row = Saved { id, staff: staff.id, shared, own: sealed, ver: 1 };
    let (company, list) = (staff.company.id, list.to_owned());
    let store = ctx.gate.region_db(&staff.company.region)?;
    store.write(move |tx| views::add(tx, company, &list, &row)).await?;
    Ok(id)
}

/// Saves another state in the place of a view of one's own that is as it was read, under another name when one is said.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    (list, view): (&str, &View),
    name: &str,
    query: &str,
) -> Result<(), Problem> {
    if !view.mine {
        return Err(nowhere());
    }
    let name = if name.trim().is_empty() { &view.name } else { name };
    let text = told(ctx, staff, list, name, query, view.shared).await?;
    let (company, who, id, ver) = (staff.company.id, staff.id, view.id, view.ver);
    let sealed = ctx.gate.own(company).await?.seal(id.to_bytes(), &text)?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| views::change(tx, company, (id, ver), who, &sealed)).await?;
    if there { Ok(()) } else { Err(StoreError::Moved.into()) }
}

/// Name and state as they are kept; for colleagues only what is about nobody, under a name made of its rules.
async fn told(
    ctx: &Ctx,
    staff: &Staff,
    list: &str,
    name: &str,
    query: &str,
    shared: bool,
) -> Result<String, Problem> {
    let handed_on =
        if shared { Some(super::shared::shared(list, query, &own(ctx, staff, list).await?)?) } else { None };
    let (name, query) = handed_on.as_ref().map_or((name, query), |(name, query)| (name, query));
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() {
        return Err(Problem::invalid("Give the view a name."));
    }
    if query.len() > LONGEST_STATE || query.contains('\n') {
        return Err(Problem::invalid("This list has too many rules to be saved."));
    }
    Ok(format!("{name}\n{query}"))
}

/// What stands before the key of an object in the name of its list.
const OBJECT: &str = "things.";

/// The name of the list of an object, for its views.
pub fn list_of(object: &Object) -> String {
    format!("{OBJECT}{}", object.key)
}

/// The object whose list this is, if it is one's.
pub async fn object_of(ctx: &Ctx, staff: &Staff, list: &str) -> Result<Option<Object>, Problem> {
    match list.strip_prefix(OBJECT) {
        Some(key) => objects::one(ctx, staff.company.id, key).await.map(Some),
        None => Ok(None),
    }
}

/// The columns of the company's own fields that are about nobody.
async fn own(ctx: &Ctx, staff: &Staff, list: &str) -> Result<Vec<Column>, Problem> {
    let object = object_of(ctx, staff, list).await?;
    let thing = match &object {
        Some(one) if one.belongs != Belongs::Person => Thing::Object(one.key.clone()),
        None if list == "organisations" => Thing::Organisation,
        Some(_) | None => return Ok(Vec::new()),
    };
    let fields = fields::offered(ctx, staff.company.id, thing).await?;
    // The name that is kept is in one language, whoever keeps it.
    let column =
        |field: &fields::Field| Column { label: field.label.clone().into(), ..super::own::column(field) };
    Ok(fields.iter().map(column).collect())
}

/// Drops a view of one's own.
pub async fn forget(ctx: &Ctx, staff: &Staff, id: ViewId) -> Result<(), Problem> {
    let (company, who) = (staff.company.id, staff.id);
    let store = ctx.gate.region_db(&staff.company.region)?;
    if store.write(move |tx| views::drop(tx, company, id, who)).await? { Ok(()) } else { Err(nowhere()) }
}
