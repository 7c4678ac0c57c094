//! What of a list's rules a store can judge by itself: it then reads no row that cannot fit. The rules are asked all the
//! same.

use assent_kernel::Timestamp;
use assent_store::work::tasks::Narrow;

use crate::frame::Colleagues;
use crate::lists::{Op, Rule, Value, Wanted};

/// How far rules narrow tasks.
pub fn narrow(wanted: &Wanted, colleagues: &Colleagues, now: Timestamp) -> Narrow {
    let ruled = |field: &str| wanted.rules.iter().filter(|rule| !wanted.any && rule.field == field).collect();
    let (states, whos): (Vec<&Rule>, Vec<&Rule>) = (ruled("state"), ruled("who"));
    let holds = |rules: &[&Rule], text: &str| {
        rules.iter().all(|rule| rule.holds(&Value::Text(Some(text.to_owned())), now))
    };
    // Only a name that one may be known by: whoever has left is known by none.
    let named = whos.iter().any(|rule| rule.op == Op::Is) && !holds(&whos, colleagues.left());
    Narrow {
        open: !states.is_empty() && !holds(&states, "done"),
        due: wanted.days("due", now),
        who: named
            .then(|| colleagues.all().filter(|(_, name)| holds(&whos, name)).map(|(id, _)| id).collect()),
    }
}
