//! What of a list's rules a store can judge by itself: it then reads no row that cannot fit. The rules are asked all the
//! same.

use assent_kernel::{StageId, Timestamp};
use assent_store::work::deals::{Lost, Narrow, Pipeline, Stage};

use super::state;
use crate::lists::{Rule, Value, Wanted};

/// How far rules narrow the deals of one pipeline, or of all.
pub fn narrow(wanted: &Wanted, way: Option<&Pipeline>, pipelines: &[Pipeline], now: Timestamp) -> Narrow {
    let ruled = |field: &str| wanted.rules.iter().filter(|rule| !wanted.any && rule.field == field).collect();
    let (names, states, lost): (Vec<&Rule>, Vec<&Rule>, Vec<&Rule>) =
        (ruled("stage"), ruled("state"), ruled("lost"));
    let holds = |rules: &[&Rule], text: &str| {
        rules.iter().all(|rule| rule.holds(&Value::Text(Some(text.to_owned())), now))
    };
    let fits = |stage: &&Stage| {
        way.is_none_or(|way| way.id == stage.pipeline)
            && holds(&names, &stage.name)
            && holds(&states, state(stage.ending))
    };
    let stages: Vec<StageId> =
        pipelines.iter().flat_map(|one| &one.stages).filter(fits).map(|stage| stage.id).collect();
    let some = way.is_some() || !names.is_empty() || !states.is_empty();
    let mut reasons = Lost::ALL.into_iter().filter(|one| holds(&lost, one.label()));
    let only = match (reasons.next(), reasons.next()) {
        (Some(one), None) if !holds(&lost, "") => Some(one),
        _ => None,
    };
    Narrow {
        // A deal whose stage is not known fits a rule that holds of nothing.
        stages: (some && !(holds(&names, "") && holds(&states, "") && way.is_none())).then_some(stages),
        lost: only,
        close: wanted.days("close", now),
        moved: wanted.days("moved", now),
    }
}
