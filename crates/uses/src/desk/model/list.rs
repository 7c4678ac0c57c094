//! A list of people: what is wanted, which part of it, and one row of it.

use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::List;
use assent_kernel::{CategoryKey, ImportId, Person, PersonId, Reason, StaffId, Timestamp, TreeKey as _};

use assent_web::say;

use super::cell::{self, Cell, Seen, Value};
use super::columns::{Columns, OWNER};
use super::nameless;
use super::order::Order;
use crate::groups::Group;
use crate::lists::{Rule, Value as Rated};
use crate::seen::found::shows;

/// People on one page.
pub const PAGE: usize = 50;
/// The most people that can be ordered by what stands in a column: each one's value has to be asked for.
pub const MOST_SORTED: usize = 500;
/// The most people that are counted one by one.
pub const MOST_COUNTED: u32 = 10_000;
/// The most people that one search shows.
pub const MOST_FOUND: usize = 500;

/// Whom a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Those with terms or a contract.
    Known,
    /// Everybody.
    All,
    /// Those who came without terms and were not asked yet.
    Quarantined,
}

impl Show {
    /// Every one, in the order of their tabs.
    pub const ALL: [Self; 3] = [Self::Known, Self::All, Self::Quarantined];

    /// The word in an address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Known => "terms",
            Self::All => "all",
            Self::Quarantined => "quarantined",
        }
    }

    /// The mark that everybody here has; none when it does not matter.
    pub const fn mark(self) -> Option<bool> {
        match self {
            Self::Known => Some(false),
            Self::All => None,
            Self::Quarantined => Some(true),
        }
    }

    /// True when somebody belongs here.
    pub fn has(self, quarantined: bool) -> bool {
        self.mark().is_none_or(|mark| mark == quarantined)
    }
}

/// What is wanted of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What to look for; empty for everybody.
    pub q: String,
    /// In which order.
    pub order: Order,
    /// Whom to show; when it is not said, those with terms, and everybody when there are none or when looking for
    /// somebody.
    pub show: Option<Show>,
    /// Only those who came with this import; not while somebody is looked for.
    pub import: Option<ImportId>,
    /// Only those whom this colleague looks after.
    pub owner: Option<StaffId>,
    /// The page after this person.
    pub after: Option<PersonId>,
    /// The page before this person.
    pub before: Option<PersonId>,
    /// How many people were looked at for the pages before, when rules are asked; zero when that is not known.
    pub seen: usize,
    /// The rules.
    pub rules: Vec<Rule>,
    /// True when one rule is enough; else all must hold.
    pub any: bool,
    /// Only those of this group, when nothing else narrows.
    pub group: Option<Group>,
    /// The columns.
    pub columns: Columns,
}

impl Wanted {
    /// Reads it from the fields of an address; what it does not know counts as not said.
    pub fn read(fields: &assent_web::Fields, columns: Columns) -> Self {
        let columns = columns.chosen_by(fields);
        let list = Self::list(columns.all(), fields);
        let q: String = fields.get("q").chars().take(200).collect();
        Self {
            group: Group::read(fields.get("group")).filter(|_| {
                let narrower = ["import", "owner"].into_iter().any(|name| !fields.get(name).is_empty());
                q.is_empty() && list.rules.is_empty() && !narrower
            }),
            import: fields.get("import").parse().ok().filter(|_| q.is_empty()),
            owner: fields.get("owner").parse().ok(),
            order: Order::read(list.sort, fields.get("order")),
            rules: list.rules,
            any: list.any,
            q,
            show: Show::ALL.into_iter().find(|show| show.key() == fields.get("show")),
            after: fields.get("after").parse().ok(),
            before: fields.get("before").parse().ok(),
            seen: fields.get("seen").parse().unwrap_or(0),
            columns,
        }
    }

    /// The kinds of facts that are asked for at once: of what is shown, looked for, ruled and ordered.
    pub fn asked(&self) -> Vec<CategoryKey> {
        self.columns.asked(self.judged(), !self.q.is_empty())
    }

    /// The kinds of facts that a page shows.
    pub fn shows(&self) -> Vec<CategoryKey> {
        self.columns.asked(std::iter::empty(), false)
    }

    /// The kinds of facts that rules and order look at, and nothing else.
    pub fn looks_at(&self) -> Vec<CategoryKey> {
        self.columns.under(self.judged())
    }

    fn judged(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.field.as_ref()).chain(self.order.column())
    }

    /// The first page.
    pub fn first(&self) -> Self {
        Self { after: None, before: None, seen: 0, ..self.clone() }
    }

    /// The first page of this list, in another order.
    pub fn ordered(&self, order: Order) -> Self {
        Self { order, ..self.first() }
    }

    /// The first page of this list, by a column; the other way round when it is ordered so already.
    pub fn ordered_by(&self, key: &str) -> Self {
        let down = self.order == Order::By(key.to_owned().into(), false);
        self.ordered(Order::By(key.to_owned().into(), down))
    }

    /// The first page of this list, of others.
    pub fn showing(&self, show: Show) -> Self {
        Self { show: Some(show), group: None, ..self.first() }
    }

    /// Whom to show, said or not, when so many have terms.
    pub fn shown(&self, known: usize) -> Show {
        let narrow = self.import.is_some() || self.owner.is_some() || self.group.is_some();
        let usual = if self.q.is_empty() && !narrow && known > 0 { Show::Known } else { Show::All };
        self.show.unwrap_or(usual)
    }

    /// The same without what was looked for.
    pub fn cleared(&self) -> Self {
        Self { q: String::new(), import: None, owner: None, group: None, ..self.first() }
    }

    /// Its address.
    pub fn href(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() {
            out.append_pair("q", &self.q);
        }
        if let Some((name, value)) = self.order.pair() {
            out.append_pair(name, &value);
        }
        if let Some(show) = self.show {
            out.append_pair("show", show.key());
        }
        if let Some(import) = self.import {
            out.append_pair("import", &import.to_string());
        }
        if let Some(owner) = self.owner {
            out.append_pair("owner", &owner.to_string());
        }
        if let Some(group) = &self.group {
            out.append_pair("group", &group.key());
        }
        if self.any {
            out.append_pair("any", "1");
        }
        for rule in &self.rules {
            out.append_pair("f", &rule.to_string());
        }
        for key in &self.columns.chosen {
            out.append_pair("col", key);
        }
        if let Some(id) = self.after {
            out.append_pair("after", &id.to_string());
            if self.seen > 0 {
                out.append_pair("seen", &self.seen.to_string());
            }
        } else if let Some(id) = self.before {
            out.append_pair("before", &id.to_string());
        }
        let query = out.finish();
        if query.is_empty() { "/people".into() } else { format!("/people?{query}") }
    }
}

/// One row.
pub struct Row {
    /// Who.
    pub id: PersonId,
    /// What the law knows of them.
    pub person: Person,
    /// What they are called.
    pub name: Cell,
    /// What was asked for.
    asked: Vec<CategoryKey>,
    /// What came of it.
    values: Vec<Value>,
    /// Since when they are known here.
    pub since: Timestamp,
    /// Who looks after them.
    pub owner: Option<StaffId>,
    /// True when nothing tells on what terms they came.
    pub quarantined: bool,
    /// Since when a request for the purpose at hand waits for an answer.
    pub waiting: Option<Timestamp>,
    /// Why nothing is open, when nothing is.
    pub refused: Option<Reason>,
    /// Until when the first thing that is open is open.
    pub until: Option<Timestamp>,
    /// True when something that is open is only open in part, or something beside it is closed.
    pub partly: bool,
}

impl Row {
    /// A row from what was asked about somebody's records, the one that stands for all first; nothing without any.
    pub fn new(
        records: &[(Dossier, Option<Answer<List>>)],
        asked: &[CategoryKey],
        quarantined: bool,
        waiting: Option<Timestamp>,
    ) -> Option<Self> {
        let (dossier, _) = records.first()?;
        let values = opened(records, |category| asked.iter().any(|upper| upper.covers(category)));
        let opens = || values.iter().filter_map(|value| value.cell.seen());
        let answers = || records.iter().filter_map(|(_, answer)| answer.as_ref());
        let all_refused = answers().all(|answer| answer.permit().is_none());
        Some(Self {
            id: dossier.id(),
            person: dossier.person().clone(),
            name: cell::name(&values),
            since: dossier.created_at(),
            owner: dossier.owner(),
            quarantined,
            waiting,
            refused: answers().filter(|_| all_refused).find_map(|answer| answer.ruling().refusal().cloned()),
            until: opens().map(|seen| seen.open.until).min(),
            partly: opens().any(|seen| !seen.whole) || opens().count() < values.len(),
            asked: asked.to_vec(),
            values,
        })
    }

    /// What stands as the heading of the row.
    pub fn label(&self) -> String {
        self.name.seen().map_or_else(|| nameless(self.id), |seen| seen.text.clone())
    }

    /// What stands in a column.
    pub fn cell(&self, columns: &Columns, key: &str) -> Cell {
        columns.cell(key, &self.values)
    }

    /// The kinds that were asked for of what is held.
    pub fn kinds(&self) -> impl Iterator<Item = &CategoryKey> {
        let asked = |key: &&CategoryKey| self.asked.iter().any(|upper| upper.covers(key));
        self.person.facts.values().map(|fact| &fact.category).filter(asked)
    }

    /// What stands in a column as rules and orders see it.
    pub fn value(&self, columns: &Columns, key: &str) -> Rated {
        match key {
            "since" => Rated::Number(Some(self.since.micros())),
            OWNER => Rated::Text(Some(columns.owners().ruled(self.owner))),
            key => columns.rated(key, &self.cell(columns, key)),
        }
    }

    /// Who, and what stands in a column as an order sees it.
    pub fn rated(&self, columns: &Columns, key: &str) -> (PersonId, Rated) {
        (self.id, self.value(columns, key))
    }

    /// True when nothing was held that could have been asked about.
    pub fn empty(&self) -> bool {
        self.refused.is_none() && self.until.is_none()
    }

    /// True when what was looked for may be seen.
    pub fn shows(&self, q: &str) -> bool {
        let open: Vec<Seen> = self.values.iter().filter_map(|value| value.cell.seen()).cloned().collect();
        shows(&open, q)
    }
}

/// What was opened of all records of somebody; of several values of a kind, what was chosen to stand first does.
pub fn opened(
    records: &[(Dossier, Option<Answer<List>>)],
    wanted: impl Fn(&CategoryKey) -> bool + Copy,
) -> Vec<Value> {
    let one = |(dossier, answer): &(Dossier, Option<Answer<List>>)| {
        let values = cell::values(answer.as_ref(), dossier, wanted).into_iter();
        values.map(|value| (!dossier.is_first(value.fact.id), value)).collect::<Vec<_>>()
    };
    let mut all: Vec<(bool, Value)> = records.iter().flat_map(one).collect();
    all.sort_by_key(|(later, _)| *later);
    all.into_iter().map(|(_, value)| value).collect()
}

/// How many people, in words: `1 040 people`, `10 000+ people`.
pub fn counted(total: usize, more: bool) -> String {
    let n = u64::try_from(total).unwrap_or(u64::MAX);
    if more {
        say!("{n}+ people", n = assent_web::text::count(n))
    } else {
        assent_web::text::plural(n, say("person"), say("people"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            rules: Vec::new(),
            any: false,
            group: None,
            q: String::new(),
            order: Order::Newest,
            show: None,
            import: None,
            owner: None,
            after: None,
            before: None,
            seen: 0,
            columns: Columns::new(Vec::new()),
        }
    }

    #[test]
    fn an_address_says_what_is_wanted() {
        let order = Order::By("name".into(), true);
        let asked = Wanted { q: "a b&c".into(), order, show: Some(Show::Quarantined), ..wanted() };
        assert_eq!(asked.href(), "/people?q=a+b%26c&sort=-name&show=quarantined");
        assert_eq!(wanted().href(), "/people");
        let read = Wanted::read(
            &assent_web::Fields::parse(b"q=a+b%26c&sort=-name&show=quarantined&after=x"),
            Columns::new(Vec::new()),
        );
        assert_eq!(read, asked);
    }

    #[test]
    fn an_import_is_part_of_the_address_until_somebody_is_looked_for() {
        let import = ImportId::from_bytes([3; 16]);
        let asked = Wanted { import: Some(import), ..wanted() };
        assert_eq!(asked.href(), format!("/people?import={import}"));
        let read = |q: &str| {
            let fields = assent_web::Fields::parse(format!("{q}&import={import}").as_bytes());
            Wanted::read(&fields, Columns::new(Vec::new()))
        };
        assert_eq!((read("").import, read("q=mia").import), (Some(import), None));
        assert_eq!((asked.shown(7), asked.cleared().href().as_str()), (Show::All, "/people"));
    }

    #[test]
    fn counts_are_capped_aloud() {
        assert_eq!(counted(1, false), "1 person");
        assert_eq!(counted(10_000, true), "10\u{202f}000+ people");
    }
}
