//! What the people of the demo world said: yeses within a notice, some narrowed, some old; and noes.

use anyhow::Context as _;
use assent_gate::Gate;
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Said};
use assent_kernel::notice::Notice;
use assent_kernel::{CategoryKey, GrantId, KeySet, Region, Span, Timestamp, TreeKey, Use, Zones};

use super::dice::Dice;
use super::law::{House, keys};
use super::world::GrantRow;

/// How a person answers.
pub(crate) struct Voice<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) house: &'a House,
    pub(crate) at: Timestamp,
    /// The answers are so many percent as old as the file says.
    pub(crate) age: u32,
    /// And so many days older.
    pub(crate) older: u32,
    /// True for those whose terms are exactly as the file says.
    pub(crate) exact: bool,
    /// True for those who live in the US: some want their data to stay there.
    pub(crate) american: bool,
    pub(crate) giver: Giver,
    /// True for those whose yes to a counted use is for once.
    pub(crate) last_use: bool,
}

impl Voice<'_> {
    /// Their answer to a notice; a file's notice with two purposes makes two.
    pub(crate) fn answers(&self, row: &GrantRow, dice: &mut Dice) -> anyhow::Result<Vec<Answer>> {
        let days = (row.days_ago * self.age / 100).saturating_add(self.older);
        let given_at = self.at.minus(Span::days(days)).minus(Span::minutes(dice.between(0, 600)));
        let second = format!("{}/", row.notice);
        let meant =
            self.house.notices.iter().filter(|(name, _)| **name == row.notice || name.starts_with(&second));
        let mut all = Vec::new();
        for (_, versions) in meant {
            let published = |notice: &&Notice| notice.published_at <= given_at;
            let notice = versions.iter().rfind(published).or_else(|| versions.first());
            let notice = notice.with_context(|| format!("no notice {}", row.notice))?;
            all.push(self.answer(notice, row, given_at, dice)?);
        }
        anyhow::ensure!(!all.is_empty(), "no notice {}", row.notice);
        Ok(all)
    }

    fn answer(
        &self,
        notice: &Notice,
        row: &GrantRow,
        at: Timestamp,
        dice: &mut Dice,
    ) -> anyhow::Result<Answer> {
        let purpose = notice.purpose.clone();
        if row.state.as_deref() == Some("refused") {
            return Ok(Answer { purpose, said: Said::No, at });
        }
        let mut terms = self.gate.offered(notice, &self.house.policy, at);
        if let Some(regions) = &row.regions {
            terms.zones = terms.zones.meet(&Zones::inside(keys(regions, Region::new)?));
        }
        let home =
            self.american && matches!(row.notice.as_str(), "newsletter" | "offers") && row.regions.is_none();
        if !self.exact && home && dice.chance(25) {
            terms.zones = terms.zones.meet(&Zones::inside(keys(&["us".to_owned()], Region::new)?));
        }
        if !self.exact && dice.chance(15) {
            terms.categories = fewer(&terms.categories, dice);
        }
        if !self.exact && dice.chance(8) {
            // "Only until": the yes of the careful, cut to the end of this month or the next.
            terms.until = terms.until.min(self.at.plus(Span::days(dice.between(5, 60))));
        }
        if !self.exact && matches!(row.notice.as_str(), "personal-contact" | "offers") && dice.chance(20) {
            // "You may know, but do not write."
            terms.uses = terms.uses.iter().filter(|one| *one != Use::Message).collect();
        }
        let grant = Grant {
            id: GrantId::new(at, dice.ten()),
            terms,
            notice: notice.id,
            notice_version: notice.version,
            giver: self.giver,
            evidence: Evidence::Portal,
            uses_left: row.uses_left.map(|uses| if self.last_use { 1 } else { uses }),
        };
        Ok(Answer { purpose, said: Said::Yes(Box::new(grant)), at })
    }
}

/// One category less, as long as one is left. Health is what such a notice is for: it stays.
fn fewer(all: &KeySet<CategoryKey>, dice: &mut Dice) -> KeySet<CategoryKey> {
    let spare: Vec<&CategoryKey> = all.iter().filter(|key| !key.as_str().starts_with("health")).collect();
    let dropped = dice.pick(&spare).copied().filter(|_| all.len() > 1);
    all.iter().filter(|key| Some(*key) != dropped).cloned().collect()
}
