//! Rules over a list of people: what a rule may be about, and who fits it.

use assent_kernel::Timestamp;
use assent_kernel::mandate::Mask;

use super::cell::Cell;
use super::list::{Row, Wanted};
use crate::lists::{self, Column, Kind, Listed, Rule, Value as Rated};

/// The columns that a rule may be about. What is personal fits a rule only when it is open whole.
pub const COLUMNS: &[Column] = &[
    Column { key: "name", label: "Name", kind: Kind::Text, usual: true },
    Column { key: "email", label: "E-mail", kind: Kind::Text, usual: true },
    Column { key: "phone", label: "Phone", kind: Kind::Text, usual: true },
    Column { key: "company", label: "Company", kind: Kind::Text, usual: true },
    Column { key: "city", label: "City", kind: Kind::Text, usual: true },
    Column { key: "since", label: "Known since", kind: Kind::Day, usual: true },
];

impl Listed for Row {
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn value(&self, column: &str) -> Rated {
        let whole = |cell: &Cell| {
            Rated::Text(cell.seen().filter(|seen| seen.open.mask == Mask::Full).map(|seen| seen.text.clone()))
        };
        let [email, phone, company, city] = &self.cells;
        match column {
            "name" => whole(&self.name),
            "email" => whole(email),
            "phone" => whole(phone),
            "company" => whole(company),
            "city" => whole(city),
            "since" => Rated::Number(Some(self.since.micros())),
            _ => Rated::Text(None),
        }
    }
}

impl Wanted {
    /// The state of the list as its bar of rules knows it.
    pub fn list(path: &'static str, fields: &assent_web::Fields) -> lists::Wanted {
        lists::Wanted::read(path, COLUMNS, &["order", "show"], fields)
    }

    /// Whether somebody fits the rules.
    pub fn takes(&self, row: &Row, now: Timestamp) -> bool {
        let holds = |rule: &Rule| rule.holds(&row.value(rule.field), now);
        match (self.rules.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => self.rules.iter().any(holds),
            (false, false) => self.rules.iter().all(holds),
        }
    }
}
