//! The columns of people: those that everybody has, and one for each field that the company made. What a column shows are
//! facts of some kinds, and only the kinds of the columns that are shown are asked for.

use assent_kernel::mandate::Mask;
use assent_kernel::{CategoryKey, StaffId, TreeKey as _};
use assent_web::Fields;
use assent_web::fields::Field;

use super::cell::{self, Cell, Value};
use super::keys;
use crate::frame::Colleagues;
use crate::lists::{self, Column, Kind, Value as Rated, Word, own};

/// The column of who looks after somebody: no fact of theirs.
pub const OWNER: &str = "owner";

/// The columns that every company has. What is personal fits a rule only when it is open whole.
const ALWAYS: &[Column] = &[
    Column::usual("name", "Name", Kind::Text),
    Column::usual("email", "E-mail", Kind::Text),
    Column::usual("phone", "Phone", Kind::Text),
    Column::usual("company", "Employer", Kind::Text),
    Column::usual("city", "City", Kind::Text),
    Column::usual("since", "Known since", Kind::Day),
    Column::other("job", "Job title", Kind::Text),
    Column::other(OWNER, "Looked after by", Kind::Text),
    Column::other("country", "Country", Kind::Text),
    Column::other("language", "Language", Kind::Text),
];
/// What a search looks at.
const SEARCHED: [&str; 4] = ["name", "email", "phone", "company"];

/// The kinds of facts that a column of every company shows, the best first.
fn kinds_of(key: &str) -> &'static [&'static str] {
    match key {
        "name" => &["name"],
        "email" => &["contact.email"],
        "phone" => &["contact.phone"],
        "company" => &["work.employer"],
        "city" => &["contact.address.city", "contact.address.country"],
        "job" => &["work.title"],
        "country" => &["contact.address.country"],
        "language" => &["personal.language"],
        _ => &[],
    }
}

/// The columns of a list of people, with those that were chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    all: Vec<Column>,
    fields: Vec<Field>,
    owners: Colleagues,
    /// Those that were chosen, in order; none when nothing was said.
    pub chosen: Vec<Word>,
}

impl Columns {
    /// The columns of a company with these fields.
    pub fn new(fields: Vec<Field>) -> Self {
        Self {
            all: ALWAYS.iter().cloned().chain(fields.iter().map(own::column)).collect(),
            fields,
            owners: Colleagues::default(),
            chosen: Vec::new(),
        }
    }

    /// The same, where these look after people.
    pub fn owned_by(self, owners: Colleagues) -> Self {
        Self { owners, ..self }
    }

    /// Who may look after people.
    pub const fn owners(&self) -> &Colleagues {
        &self.owners
    }

    /// What whoever looks after somebody is called, in the language of whoever reads; nothing when it is nobody.
    pub fn owner(&self, id: Option<StaffId>) -> String {
        self.owners.named(id).unwrap_or_default()
    }

    /// The same, with those that an address chooses.
    pub fn chosen_by(self, fields: &Fields) -> Self {
        let chosen = lists::Wanted::read("", &self.all, &[], fields).columns;
        Self { chosen, ..self }
    }

    /// Every column.
    pub fn all(&self) -> &[Column] {
        &self.all
    }

    /// The columns beside the name, in the order in which they are shown.
    pub fn shown(&self) -> Vec<&Column> {
        lists::shown(&self.chosen, &self.all)
    }

    /// The field that a column shows, of those that the company made.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| own::key(field) == key)
    }

    /// The kinds of facts that a column shows, the best first.
    pub fn kinds(&self, key: &str) -> Vec<CategoryKey> {
        match self.field(key) {
            Some(field) => field.category.clone().into_iter().collect(),
            None => keys(kinds_of(key)),
        }
    }

    /// What is asked for: the name, what is shown, and what the rules and a search look at.
    pub fn asked<'a>(&'a self, ruled: impl Iterator<Item = &'a str>, searched: bool) -> Vec<CategoryKey> {
        let shown = self.shown();
        let shown = shown.iter().map(|column| column.key.as_ref());
        let searched = SEARCHED.into_iter().filter(|_| searched);
        self.under(std::iter::once("name").chain(shown).chain(ruled).chain(searched))
    }

    /// The kinds of facts that these columns show, each once.
    pub fn under<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Vec<CategoryKey> {
        let mut out: Vec<CategoryKey> = keys.flat_map(|key| self.kinds(key)).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What stands in a column for somebody of whom these values were asked for.
    pub fn cell(&self, key: &str, values: &[Value]) -> Cell {
        if key == "name" {
            return cell::name(values);
        }
        let mut best = Cell::Unknown;
        for kind in self.kinds(key) {
            let this = cell::first(values, kind.as_str());
            best = match (best, this) {
                (Cell::Unknown, this) | (Cell::Closed(_), this @ Cell::Open(_)) => this,
                (best, _) => best,
            };
        }
        best
    }

    /// A cell as rules and orders see it: nothing, unless it is open whole.
    pub fn rated(&self, key: &str, cell: &Cell) -> Rated {
        let whole = cell.seen().filter(|seen| seen.open.mask == Mask::Full).map(|seen| seen.text.as_str());
        let Some(text) = whole else { return Rated::Text(None) };
        self.field(key).map_or_else(|| Rated::Text(Some(text.to_owned())), |field| own::value(field, text))
    }

    /// The columns of a file: their names, and the kinds of facts in them. Those that are shown, when they were chosen.
    pub fn filed(&self) -> Vec<(String, CategoryKey)> {
        const USUAL: [&str; 6] = ["name", "email", "phone", "company", "city", "country"];
        let shown = self.shown();
        let chosen = std::iter::once("name").chain(shown.iter().map(|column| column.key.as_ref()));
        let names: Vec<&str> = if self.chosen.is_empty() { USUAL.to_vec() } else { chosen.collect() };
        let first = |key: &str| Some((self.told(key), self.kinds(key).into_iter().next()?));
        names.into_iter().filter_map(first).collect()
    }

    /// What a column is called in a file.
    fn told(&self, key: &str) -> String {
        self.field(key).map_or_else(|| key.to_owned(), |field| field.name.clone())
    }

    /// The fields that the company made.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use assent_web::fields::Kind as What;

    use super::*;

    fn brush() -> Columns {
        Columns::new(vec![Field {
            name: "brush-model".into(),
            label: "Brush model".into(),
            labels: assent_kernel::Also::default(),
            kind: What::One,
            category: CategoryKey::new("purchase.product.brush-model").ok(),
            choices: vec!["Clean 2".into()],
            choices_also: assent_kernel::Also::default(),
            place: 1,
            gone_at: None,
        }])
    }

    fn asked(query: &str, ruled: &[&str], searched: bool) -> Vec<String> {
        let columns = brush().chosen_by(&Fields::parse(query.as_bytes()));
        columns.asked(ruled.iter().copied(), searched).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_not_shown_is_not_asked_for() {
        assert_eq!(asked("col=own-brush-model", &[], false), ["name", "purchase.product.brush-model"]);
        assert_eq!(asked("col=name", &["email"], false), ["contact.email", "name"]);
        let usual = asked("", &[], false);
        assert_eq!(usual.len(), 6, "{usual:?}");
        assert_eq!(asked("col=name", &[], true).len(), 4);
    }

    #[test]
    fn a_file_has_the_columns_that_were_chosen() {
        let filed = |query: &str| {
            let columns = brush().chosen_by(&Fields::parse(query.as_bytes()));
            columns.filed().into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(filed(""), "name email phone company city country");
        assert_eq!(filed("col=own-brush-model&col=since&col=phone"), "name brush-model phone");
    }
}
