//! Ids under blind tokens.

use crate::db::Tx;
use crate::error::Result;

/// So many are read at once.
const AT_ONCE: usize = 500;

/// Two statements over one table of tokens: the ids under a token of a company after an id (or before it, the greatest
/// first), and whether an id is there.
pub(crate) struct Blind {
    /// `$1` company, `$2` token, `$3` after, `$4` how many; in order.
    pub(crate) under: &'static str,
    /// `$1` company, `$2` token, `$3` the id.
    pub(crate) has: &'static str,
}

impl Blind {
    /// The ids under every one of these tokens, after one, at most `most`: the first token is walked, so it should be
    /// the rarest.
    pub(crate) fn all(
        &self,
        tx: &mut Tx<'_>,
        company: &[u8; 16],
        tokens: &[i64],
        after: [u8; 16],
        most: u32,
    ) -> Result<Vec<[u8; 16]>> {
        let Some((first, others)) = tokens.split_first() else { return Ok(Vec::new()) };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (mut from, mut found) = (after, Vec::new());
        loop {
            let args = [company.into(), (*first).into(), (&from).into(), (AT_ONCE as i64).into()];
            let page: Vec<[u8; 16]> = tx.rows(self.under, &args, |row| row.fixed(0))?;
            for id in &page {
                if found.len() >= most {
                    return Ok(found);
                }
                if self.has_all(tx, company, others, id)? {
                    found.push(*id);
                }
            }
            match page.last() {
                Some(last) if page.len() == AT_ONCE => from = *last,
                _ => return Ok(found),
            }
        }
    }

    fn has_all(&self, tx: &mut Tx<'_>, company: &[u8; 16], tokens: &[i64], id: &[u8; 16]) -> Result<bool> {
        for token in tokens {
            let args = [company.into(), (*token).into(), id.into()];
            if tx.first(self.has, &args, |_| Ok(()))?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use assent_kernel::CompanyId;

    use crate::db::tests::region;
    use crate::work::{by_words, set_words};

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
}
