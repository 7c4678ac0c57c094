//! Rules over a list of people: who fits them.

use assent_kernel::Timestamp;

use super::list::{Row, Wanted};
use crate::lists::{self, Column, Op, Rule};

impl Wanted {
    /// The state of the list as its bar knows it.
    pub fn list(columns: &[Column], fields: &assent_web::Fields) -> lists::Wanted {
        lists::Wanted::read("/people", columns, &["order", "show", "owner"], fields)
    }

    /// Whether somebody fits the rules.
    pub fn takes(&self, row: &Row, now: Timestamp) -> bool {
        let holds = |rule: &Rule| rule.holds(&row.value(&self.columns, &rule.field), now);
        match (self.rules.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => self.rules.iter().any(holds),
            (false, false) => self.rules.iter().all(holds),
        }
    }

    /// What must be found blind of whoever fits: a rule that is exact on an address, a number or a name names its tokens.
    /// Nothing when no such rule must hold.
    pub fn leads(&self) -> Option<&str> {
        if self.any && self.rules.len() > 1 {
            return None;
        }
        let exact = |column: &str| {
            let mut rules = self.rules.iter().filter(|rule| rule.op == Op::Is && rule.field == column);
            rules.find(|rule| is_like(column, &rule.value)).map(|rule| rule.value.as_str())
        };
        ["email", "phone", "name"].into_iter().find_map(exact)
    }
}

/// Whether a text is what it says it is, so that it is looked for as that: a name that looks like an address is none.
pub fn is_like(what: &str, text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match what {
        "email" => text.contains('@') && !text.starts_with('@'),
        "phone" => digits >= 6 && text.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c)),
        _ => !text.contains('@') && text.chars().any(char::is_alphabetic),
    }
}
