//! Whose rows are meant: everybody's, or those of some owners. Every statement that reads work or people takes one.

use std::sync::Arc;

use assent_kernel::StaffId;

use crate::value::Value;

/// Whose rows are meant. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    mode: i64,
    owners: Arc<[StaffId]>,
    list: Arc<str>,
}

/// So many owners are read one by one.
const FEW: usize = 32;
/// Everybody's, nobody's too.
const ALL: i64 = 0;
/// Those of some, and those of nobody.
const SOME_AND_NOBODY: i64 = 1;
/// Those of some.
const SOME: i64 = 2;

impl Reach {
    /// Everybody's.
    #[must_use]
    pub fn all() -> Self {
        Self { mode: ALL, owners: Arc::default(), list: Arc::from("[]") }
    }

    /// Those of these owners; those without an owner too, when `nobodys`.
    #[must_use]
    pub fn of(owners: &[StaffId], nobodys: bool) -> Self {
        let raw: Vec<[u8; 16]> = owners.iter().map(|id| id.to_bytes()).collect();
        let list = crate::dialect::hex_list(&raw);
        Self { mode: if nobodys { SOME_AND_NOBODY } else { SOME }, owners: owners.into(), list: list.into() }
    }

    /// True when it cuts nothing.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.mode == ALL
    }

    /// The owners who are meant, and whether what is nobody's is; nothing when everybody's is.
    #[must_use]
    pub fn owners(&self) -> Option<(&[StaffId], bool)> {
        (self.mode != ALL).then_some((&*self.owners, self.mode == SOME_AND_NOBODY))
    }

    /// True when nothing is meant, whoever it belongs to.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.mode == SOME && self.owners.is_empty()
    }

    /// Whether a row of this owner is meant.
    #[must_use]
    pub fn has(&self, owner: Option<StaffId>) -> bool {
        match (self.mode, owner) {
            (ALL, _) => true,
            (_, Some(owner)) => self.owners.contains(&owner),
            (mode, None) => mode == SOME_AND_NOBODY,
        }
    }

    /// The owners, when theirs alone are meant and they are few: each is then read by the index of owners, instead of
    /// walking everybody's until enough are theirs.
    pub(crate) fn few(&self) -> Option<&[StaffId]> {
        (self.mode == SOME && self.owners.len() <= FEW).then_some(&*self.owners)
    }

    /// The owners, and whether what is nobody's is meant too, when not everybody's is and they are few: then each is counted
    /// by the index of owners.
    pub(super) fn apart(&self) -> Option<(&[StaffId], bool)> {
        (self.mode != ALL && self.owners.len() <= FEW)
            .then_some((&*self.owners, self.mode == SOME_AND_NOBODY))
    }

    pub(crate) fn mode(&self) -> Value<'_> {
        self.mode.into()
    }
    pub(crate) fn list(&self) -> Value<'_> {
        (&*self.list).into()
    }
}

#[cfg(test)]
mod tests {
    use assent_kernel::{CompanyId, DealId, PipelineId, StageId, TaskId, Timestamp};

    use super::*;
    use crate::work::deals::{self, Deal};
    use crate::work::tasks::{self, Task};
    use crate::work::{Text, organisations};

    fn deal(n: u8, owner: Option<StaffId>) -> Deal {
        Deal {
            id: DealId::from_bytes([n; 16]),
            pipeline: PipelineId::from_bytes([1; 16]),
            stage: StageId::from_bytes([1; 16]),
            organisation: None,
            title: Text::Own(vec![1]),
            cents: None,
            currency: "EUR".into(),
            close_on: None,
            owner,
            lost: None,
            created_at: Timestamp::from_micros(1),
            staged_at: Timestamp::from_micros(1),
            gone_at: None,
            ver: 1,
        }
    }

    fn task(n: u8, assignee: Option<StaffId>, made_by: StaffId) -> Task {
        Task {
            id: TaskId::from_bytes([n; 16]),
            text: Text::Own(vec![1]),
            organisation: None,
            deal: None,
            item: None,
            due_on: None,
            remind_at: None,
            assignee,
            made_by,
            created_at: Timestamp::from_micros(1),
            done_at: None,
            gone_at: None,
            ver: 1,
        }
    }

    /// Whoever looked before it was handed away writes nothing after.
    #[tokio::test]
    async fn what_was_handed_away_meanwhile_is_not_written() {
        let (_folder, db) = crate::db::tests::region("reach").await;
        let company = CompanyId::from_bytes([1; 16]);
        let [me, other] = [1, 2].map(|n| StaffId::from_bytes([n; 16]));
        let (mine, now) = (Reach::of(&[me], false), Some(Timestamp::from_micros(5)));
        let team = Reach::of(&[me], true);
        db.write(move |tx| {
            for (n, owner) in [(1, Some(me)), (2, Some(other)), (3, None)] {
                deals::add(tx, company, &deal(n, owner))?;
            }
            for (n, who, by) in
                [(1, Some(me), other), (2, Some(other), other), (3, Some(other), me), (4, None, other)]
            {
                tasks::add(tx, company, &task(n, who, by))?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let told = db.write(move |tx| {
            let mut told = Vec::new();
            for n in [1, 2, 3] {
                let id = (DealId::from_bytes([n; 16]), 0);
                let removed = deals::set_gone(tx, company, &mine, id, now)?;
                // What is removed is brought back, what is not is removed: nothing becomes what it is.
                let then = if removed { None } else { now };
                told.push((removed, deals::set_gone(tx, company, &team, id, then)?));
            }
            for n in [1, 2, 3, 4] {
                let id = (TaskId::from_bytes([n; 16]), 0);
                told.push((
                    tasks::set_done(tx, company, &mine, id, now)?,
                    tasks::set_gone(tx, company, &team, id, now)?,
                ));
            }
            let third = (DealId::from_bytes([3; 16]), 0);
            let twice = deals::set_gone(tx, company, &team, third, now)?;
            let first = (DealId::from_bytes([1; 16]), 1);
            // As it was read first; it was removed and brought back since.
            let stale = deals::set_owner(tx, company, first, Some(other))?;
            let counted = [deals::owned(tx, company, other, 9)?, tasks::owned(tx, company, other, 9)?];
            Ok((told, stale || twice, counted, organisations::owned(tx, company, other, 9)?))
        });
        let (told, late, counted, none) = told.await.unwrap();
        let (yes, no, nobodys) = ((true, true), (false, false), (false, true));
        assert_eq!(told, [yes, no, nobodys, yes, no, yes, nobodys]);
        assert!(!late, "neither what was read before, nor what is so already");
        assert_eq!((counted, none), ([1, 1], 0));
    }

    #[test]
    fn what_is_nobodys_is_meant_where_it_is_said() {
        let [me, other] = [1, 2].map(|n| StaffId::from_bytes([n; 16]));
        for (reach, mine, theirs, nobodys) in [
            (Reach::all(), true, true, true),
            (Reach::of(&[me], true), true, false, true),
            (Reach::of(&[me], false), true, false, false),
            (Reach::of(&[], false), false, false, false),
        ] {
            let told = [Some(me), Some(other), None].map(|owner| reach.has(owner));
            assert_eq!(told, [mine, theirs, nobodys], "{reach:?}");
        }
    }
}
