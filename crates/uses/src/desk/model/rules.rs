//! Rules over a list of people: who fits them.

use assent_kernel::Timestamp;

use super::columns::OWNER;
use super::list::{Row, Wanted};
use crate::lists::{self, Column, Rule, Value};

impl Wanted {
    /// The state of the list as its bar knows it.
    pub fn list(columns: &[Column], fields: &assent_web::Fields) -> lists::Wanted {
        lists::Wanted::read("/people", columns, &["order", "show", "owner"], fields)
    }

    /// Whether somebody fits the rules.
    pub fn takes(&self, row: &Row, now: Timestamp) -> bool {
        let holds = |rule: &Rule| rule.holds(&self.value(row, &rule.field), now);
        match (self.rules.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => self.rules.iter().any(holds),
            (false, false) => self.rules.iter().all(holds),
        }
    }

    fn value(&self, row: &Row, column: &str) -> Value {
        if column == "since" {
            return Value::Number(Some(row.since.micros()));
        }
        if column == OWNER {
            return Value::Text(Some(row.owner_name.clone()));
        }
        self.columns.rated(column, &row.cell(&self.columns, column))
    }
}
