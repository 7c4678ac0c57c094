//! Ids under blind tokens.

use std::collections::HashSet;

use crate::db::Tx;
use crate::dialect::hex_list;
use crate::error::Result;

/// So many are read at once.
const AT_ONCE: usize = 500;

/// Two statements over one table of tokens: the ids under a token of a company after an id (or before it, the greatest
/// first), and which of a list of ids are there.
pub(crate) struct Blind {
    /// `$1` company, `$2` token, `$3` after, `$4` how many; in order.
    pub(crate) under: &'static str,
    /// `$1` company, `$2` token, `$3` the list of ids.
    pub(crate) among: &'static str,
}

impl Blind {
    /// The ids under every one of these tokens, after one, at most `most`. One token is walked; as soon as another one leaves
    /// less than half of a page, that is walked on instead, so the walk is soon that of the rarest.
    pub(crate) fn all(
        &self,
        tx: &mut Tx<'_>,
        company: &[u8; 16],
        tokens: &[i64],
        after: [u8; 16],
        most: u32,
    ) -> Result<Vec<[u8; 16]>> {
        let Some((first, others)) = tokens.split_first() else { return Ok(Vec::new()) };
        let (mut walked, mut others) = (*first, others.to_vec());
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (mut from, mut found) = (after, Vec::new());
        loop {
            let args = [company.into(), walked.into(), (&from).into(), (AT_ONCE as i64).into()];
            let page: Vec<[u8; 16]> = tx.rows(self.under, &args, |row| row.fixed(0))?;
            let next = page.last().copied().filter(|_| page.len() == AT_ONCE);
            let mut left = page;
            for other in &mut others {
                let before = left.len();
                self.retain(tx, company, *other, &mut left)?;
                if left.len() < before / 2 {
                    std::mem::swap(&mut walked, other);
                }
            }
            found.extend(left);
            match next {
                Some(last) if found.len() < most => from = last,
                Some(_) | None => {
                    found.truncate(most);
                    return Ok(found);
                }
            }
        }
    }

    /// Those of some ids that are under a token.
    pub(crate) fn of_these(
        &self,
        tx: &mut Tx<'_>,
        company: &[u8; 16],
        token: i64,
        ids: &[[u8; 16]],
    ) -> Result<Vec<[u8; 16]>> {
        let mut found = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let mut some = some.to_vec();
            self.retain(tx, company, token, &mut some)?;
            found.extend(some);
        }
        Ok(found)
    }

    /// Keeps those that are under a token, in their order.
    fn retain(&self, tx: &mut Tx<'_>, company: &[u8; 16], token: i64, ids: &mut Vec<[u8; 16]>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = hex_list(ids.iter());
        let args = [company.into(), token.into(), list.as_str().into()];
        let there: HashSet<[u8; 16]> = tx.rows(self.among, &args, |row| row.fixed(0))?.into_iter().collect();
        ids.retain(|id| there.contains(id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use assent_kernel::CompanyId;

    use crate::db::tests::region;
    use crate::work::{by_words, newest_by_words, of_word, set_words};

    #[tokio::test]
    async fn a_rare_thing_is_found_behind_many() {
        let (_folder, db) = region("blind").await;
        let (company, other) = (CompanyId::from_bytes([1; 16]), CompanyId::from_bytes([2; 16]));
        let thing = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            id
        };
        db.write(move |tx| {
            for n in 1..=1_700 {
                let rare: &[i64] = if n == 1_650 { &[7, 9] } else { &[7] };
                set_words(tx, company, thing(n), rare)?;
            }
            set_words(tx, other, thing(9_999), &[7, 9])
        })
        .await
        .unwrap();
        let found = db.read(move |tx| {
            let both = [by_words(tx, company, &[7, 9], 10)?, by_words(tx, company, &[9, 7], 10)?];
            let many = [by_words(tx, company, &[7], 5_000)?.len(), by_words(tx, company, &[7], 600)?.len()];
            Ok((both, many, by_words(tx, company, &[], 10)?, by_words(tx, company, &[8], 10)?))
        });
        let (both, many, none, unknown) = found.await.unwrap();
        assert_eq!(both, [vec![thing(1_650)], vec![thing(1_650)]]);
        assert_eq!(many, [1_700, 600]);
        assert!(none.is_empty() && unknown.is_empty());
    }

    /// A thing stands under every number that divides it, so what stands under several is told without looking.
    #[tokio::test]
    async fn whatever_stands_under_all_is_found_in_order_whichever_is_walked() {
        let (_folder, db) = region("walk").await;
        let company = CompanyId::from_bytes([1; 16]);
        let thing = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            id
        };
        db.write(move |tx| {
            for n in 1..=4_000 {
                let under: Vec<i64> =
                    [1, 2, 3, 7, 900].into_iter().filter(|token| i64::from(n) % token == 0).collect();
                set_words(tx, company, thing(n), &under)?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let (all, sevens) = db
            .read(move |tx| {
                let all: Vec<[u8; 16]> = (1..=4_000).map(thing).collect();
                Ok((of_word(tx, company, 1, &all)?.len(), of_word(tx, company, 7, &all)?))
            })
            .await
            .unwrap();
        assert_eq!(all, 4_000);
        assert_eq!(sevens, (1..=4_000).filter(|n| n % 7 == 0).map(thing).collect::<Vec<_>>());
        for tokens in
            [vec![1, 2], vec![2, 1, 3], vec![1, 2, 3, 7], vec![7, 3, 2, 1], vec![1, 2, 900], vec![900, 7]]
        {
            let fits: Vec<u32> =
                (1..=4_000).filter(|n| tokens.iter().all(|token| i64::from(*n) % token == 0)).collect();
            let (mut oldest, mut newest) = (Vec::new(), Vec::new());
            let all = tokens.clone();
            db.read(move |tx| {
                oldest.extend(by_words(tx, company, &all, 10_000)?);
                let mut before = None;
                loop {
                    let page = newest_by_words(tx, company, &all, before, 90)?;
                    newest.extend_from_slice(&page);
                    if page.len() < 90 {
                        return Ok((oldest, newest));
                    }
                    before = page.last().copied();
                }
            })
            .await
            .map(|(oldest, newest)| {
                assert_eq!(oldest, fits.iter().map(|n| thing(*n)).collect::<Vec<_>>(), "{tokens:?}");
                assert_eq!(newest, fits.iter().rev().map(|n| thing(*n)).collect::<Vec<_>>(), "{tokens:?}");
            })
            .unwrap();
        }
    }
}
