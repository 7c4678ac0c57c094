//! What a node has seen of every region, as one text that is handed back.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use assent_kernel::Region;
use assent_store::changes::{BadVersion, Seen};

/// The most regions a version may name; more is no version of ours.
const MOST_REGIONS: usize = 64;

/// What a node has seen of each region's changes: `eu=12:3,5;us=7:`. Whoever hands it back is answered by no node that
/// has seen less of any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(BTreeMap<Region, Seen>);

impl Version {
    /// What was seen of one region, if it is named.
    #[must_use]
    pub fn of(&self, region: &Region) -> Option<&Seen> {
        self.0.get(region)
    }
    /// True when whatever `other` has seen, in each region that it names, is seen here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(region, theirs)| self.of(region).is_some_and(|mine| mine.covers(theirs)))
    }
    /// The regions that are named.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.0.keys()
    }
}

impl FromIterator<(Region, Seen)> for Version {
    fn from_iter<I: IntoIterator<Item = (Region, Seen)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(n, (region, seen))| write_part(f, n, region, seen))
    }
}

/// Writes what was seen of one region, the `n`th that is named.
pub(super) fn write_part(out: &mut impl fmt::Write, n: usize, region: &Region, seen: &Seen) -> fmt::Result {
    let comma = if n == 0 { "" } else { ";" };
    write!(out, "{comma}{region}={seen}")
}

impl FromStr for Version {
    type Err = BadVersion;
    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let mut all = BTreeMap::new();
        for part in text.split(';') {
            let (region, seen) = part.split_once('=').ok_or(BadVersion)?;
            let region = Region::new(region).map_err(|_| BadVersion)?;
            if all.len() == MOST_REGIONS || all.insert(region, seen.parse()?).is_some() {
                return Err(BadVersion);
            }
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_several_regions_come_back_and_nonsense_does_not() {
        let version: Version = "eu.de=12:3,5;us=7:".parse().unwrap();
        assert_eq!(version.to_string(), "eu.de=12:3,5;us=7:");
        let mut text = String::new();
        version
            .0
            .iter()
            .enumerate()
            .try_for_each(|(n, (region, seen))| write_part(&mut text, n, region, seen))
            .unwrap();
        assert_eq!(text, version.to_string());
        let newer: Version = "eu.de=13:;us=7:;za=1:".parse().unwrap();
        assert!(newer.covers(&version) && !version.covers(&newer));
        assert!(version.of(&Region::new("us").unwrap()).is_some_and(|seen| seen.to_string() == "7:"));
        let many = (0..65).map(|n| format!("r{n}=1:")).collect::<Vec<_>>().join(";");
        for bad in ["", "7:", "eu", "eu=", "EU=7:", "eu=7:;", "eu=7:;eu=8:", &many] {
            assert_eq!(bad.parse::<Version>(), Err(BadVersion), "{bad}");
        }
    }
}
