//! What ends soon: a yes, a contract, what a law keeps, a "do not ask again". Nothing needs doing; it is only told.

use assent_kernel::grant::Said;
use assent_kernel::{Span, Timestamp};
use assent_store::requests::{Asked, Request};

use super::act::Own;
use super::model::Names;

/// How far ahead is looked.
const AHEAD: Span = Span::days(60);

/// Something that ends.
pub(super) struct Ends {
    pub(super) what: String,
    pub(super) when: String,
    /// What happens then.
    pub(super) then: &'static str,
    /// Where it can be changed; empty when it cannot.
    pub(super) href: String,
}

/// Everything that ends within the next weeks, the nearest first.
pub(super) fn ends(names: &Names<'_>, own: &Own, requests: &[Request]) -> Vec<Ends> {
    let (t, person, now) = (names.t, own.dossier.person(), own.now);
    let mut all: Vec<(Timestamp, Ends)> = Vec::new();
    let mut add = |at: Timestamp, what: String, then: &'static str, href: String| {
        if now < at && at <= now.plus(AHEAD) {
            all.push((at, Ends { what, when: t.date(at), then, href }));
        }
    };
    for answer in person.answers.values() {
        if let Said::Yes(grant) = &answer.said
            && names.lapsed(person, grant, now).is_none()
        {
            let href = format!("/me/terms/{}", answer.purpose);
            add(grant.terms.until, t.your_yes_to(&names.purpose(&answer.purpose)), t.ends_yes(), href);
        }
    }
    for contract in &person.contracts {
        add(contract.until, t.ends_contract().to_owned(), t.ends_contract_then(), String::new());
    }
    for held in own.dossier.facts() {
        if let Some((_, until)) = names.held_by_law(held.fact(), now) {
            add(until, names.category(held.category()), t.ends_law(), format!("/me/fact/{}", held.id()));
        }
    }
    for one in requests.iter().filter(|one| one.state == Asked::NotAgain) {
        if let Some(until) = one.quiet_until {
            add(until, t.quiet_about(&names.purpose(&one.purpose)), t.ends_quiet(), "/me/requests".into());
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, one)| one).collect()
}
