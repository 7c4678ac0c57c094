//! The trees and mandates shipped with the program, as data: `data/*.tsv`, with W3C DPV 2.3 terms.
//!
//! Companies add children; they do not edit what is shipped. Changing a shipped file is a new release.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::also::Also;
use crate::category::{Category, Class, Retention};
use crate::id::{MandateId, StaffId};
use crate::key::{BadKey, CategoryKey, KeySet, PurposeKey, Region, TreeKey};
use crate::mandate::{Binds, Citation, Effect, Level, Mandate, Mask, When};
use crate::party::{PartyKind, Recipients, Scope};
use crate::purpose::{Automation, Basis, Purpose};
use crate::role::{Role, RoleSet};
use crate::time::{Span, Timestamp};
use crate::uses::{Use, UseSet};
use crate::zone::Zones;

const CATEGORIES: &str = include_str!("../data/categories.tsv");
const PURPOSES: &str = include_str!("../data/purposes.tsv");
const REGIONS: &str = include_str!("../data/regions.tsv");
const MANDATES: &str = include_str!("../data/mandates.tsv");

/// What is wrong with a shipped or added data file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct BadData {
    file: &'static str,
    line: usize,
    what: String,
}

/// The languages the shipped labels exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// German.
    De,
}

/// One row of a file, its fields by column name.
struct Row<'a> {
    file: &'static str,
    line: usize,
    fields: BTreeMap<&'a str, &'a str>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.fields.get(column).copied().unwrap_or_default()
    }
    fn bad(&self, what: impl std::fmt::Display) -> BadData {
        BadData { file: self.file, line: self.line, what: what.to_string() }
    }
    fn list(&self, column: &str) -> Vec<String> {
        self.text(column).split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }
    fn keys<K: TreeKey>(
        &self,
        column: &str,
        new: fn(&str) -> Result<K, BadKey>,
    ) -> Result<KeySet<K>, BadData> {
        self.list(column).iter().map(|text| new(text)).collect::<Result<_, _>>().map_err(|e| self.bad(e))
    }
    fn number(&self, column: &str) -> Result<u32, BadData> {
        self.text(column).parse().map_err(|_| self.bad(format!("{column} is not a number")))
    }
    fn uses(&self) -> Result<UseSet, BadData> {
        if self.text("uses") == "*" {
            return Ok(Use::ALL.iter().copied().collect());
        }
        let parse = |name: &String| Use::parse(name).ok_or_else(|| self.bad(format!("no use `{name}`")));
        self.list("uses").iter().map(parse).collect()
    }
    fn roles(&self) -> Result<RoleSet, BadData> {
        if self.text("roles") == "*" {
            return Ok(Role::ALL.iter().copied().collect());
        }
        let parse = |name: &String| Role::parse(name).ok_or_else(|| self.bad(format!("no role `{name}`")));
        self.list("roles").iter().map(parse).collect()
    }
    fn choose<T: Copy>(&self, column: &str, among: &[(&str, T)]) -> Result<T, BadData> {
        let text = self.text(column);
        let found = among.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        found.ok_or_else(|| self.bad(format!("{column} cannot be `{text}`")))
    }
    fn label(&self, column: &str, lang: Lang) -> String {
        match lang {
            Lang::En => self.text(column).to_owned(),
            Lang::De => self.text(&format!("{column}_de")).to_owned(),
        }
    }
}

fn rows(file: &'static str, text: &'static str) -> Vec<Row<'static>> {
    let mut lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((_, header)) = lines.next() else { return Vec::new() };
    let columns: Vec<&str> = header.split('\t').collect();
    let row = |(line, text): (usize, &'static str)| Row {
        file,
        line: line.saturating_add(1),
        fields: columns.iter().copied().zip(text.split('\t')).collect(),
    };
    lines.map(row).collect()
}

/// A region as it stands in an English sentence: "the European Union", "Ireland".
#[must_use]
pub fn region_in_words(key: &Region) -> Option<String> {
    let mut known = REGIONS.lines().map(|line| line.split('\t'));
    let label =
        known.find_map(|mut columns| (columns.next() == Some(key.as_str())).then(|| columns.next()))??;
    let article =
        ["European ", "EEA ", "United ", "Netherlands"].iter().any(|start| label.starts_with(start));
    Some(if article { format!("the {label}") } else { label.to_owned() })
}

/// The shipped tree of regions with their names.
///
/// # Errors
/// [`BadData`] when a row cannot be read.
pub fn regions() -> Result<BTreeMap<Region, String>, BadData> {
    let read = |row: &Row<'_>| {
        let key = Region::new(row.text("key")).map_err(|e| row.bad(e))?;
        Ok((key, row.text("label").to_owned()))
    };
    rows("regions.tsv", REGIONS).iter().map(read).collect()
}

/// The shipped tree of categories.
///
/// # Errors
/// [`BadData`] when a row cannot be read.
pub fn categories(lang: Lang) -> Result<BTreeMap<CategoryKey, Category>, BadData> {
    rows("categories.tsv", CATEGORIES).iter().map(|row| category(row, lang)).collect()
}

fn category(row: &Row<'_>, lang: Lang) -> Result<(CategoryKey, Category), BadData> {
    use Retention::{R0, R1, R2, R3, R4, R5, R6, R7};
    let key = CategoryKey::new(row.text("key")).map_err(|e| row.bad(e))?;
    let class = row.choose(
        "class",
        &[
            ("ordinary", Class::Ordinary),
            ("sensitive", Class::Sensitive),
            ("special", Class::Special),
            ("criminal", Class::Criminal),
        ],
    )?;
    let retention = row.choose(
        "retention",
        &[("R0", R0), ("R1", R1), ("R2", R2), ("R3", R3), ("R4", R4), ("R5", R5), ("R6", R6), ("R7", R7)],
    )?;
    let dpv = row.text("dpv").to_owned();
    Ok((
        key.clone(),
        Category { key, dpv, class, retention, label: row.label("label", lang), labels: Also::default() },
    ))
}

/// The shipped tree of purposes.
///
/// # Errors
/// [`BadData`] when a row cannot be read.
pub fn purposes(lang: Lang) -> Result<BTreeMap<PurposeKey, Purpose>, BadData> {
    rows("purposes.tsv", PURPOSES).iter().map(|row| purpose(row, lang)).collect()
}

fn purpose(row: &Row<'_>, lang: Lang) -> Result<(PurposeKey, Purpose), BadData> {
    let key = PurposeKey::new(row.text("key")).map_err(|e| row.bad(e))?;
    let basis = row.choose(
        "basis",
        &[
            ("consent", Basis::Consent),
            ("consent-explicit", Basis::ConsentExplicit),
            ("contract", Basis::Contract),
            ("legal-obligation", Basis::LegalObligation),
            ("vital", Basis::Vital),
            ("public-task", Basis::PublicTask),
            ("legitimate-interest", Basis::LegitimateInterest),
        ],
    )?;
    let automation = row.choose(
        "automated",
        &[("none", Automation::None), ("assist", Automation::Assist), ("decide", Automation::Decide)],
    )?;
    let purpose = Purpose {
        key: key.clone(),
        version: 1,
        dpv: row.text("dpv").to_owned(),
        basis,
        uses: row.uses()?,
        longest: Span::days(row.number("max_days")?),
        direct_marketing: row.text("marketing") == "1",
        automation,
        roles: row.roles()?,
        label: row.label("label", lang),
        labels: Also::default(),
        sentence: row.label("sentence", lang),
        sentences: Also::default(),
    };
    Ok((key, purpose))
}

/// The two reviewers of the shipped mandates: an installation starts with their approval of the persons' rights.
#[must_use]
pub fn shipped_approvals() -> Vec<StaffId> {
    ["assent/shipped/editor", "assent/shipped/reviewer"]
        .iter()
        .map(|s| StaffId::from_bytes(short(s)))
        .collect()
}

/// The shipped mandates, approved as shipped.
///
/// # Errors
/// [`BadData`] when a row cannot be read.
pub fn mandates(lang: Lang) -> Result<BTreeMap<MandateId, Mandate>, BadData> {
    let roots: KeySet<CategoryKey> = categories(lang)?.into_keys().collect();
    let places: KeySet<Region> = regions()?.into_keys().collect();
    let read = |row: &Row<'_>| mandate(row, &roots, &places, lang).map(|m| (m.id, m));
    rows("mandates.tsv", MANDATES).iter().map(read).collect()
}

fn mandate(
    row: &Row<'_>,
    roots: &KeySet<CategoryKey>,
    places: &KeySet<Region>,
    lang: Lang,
) -> Result<Mandate, BadData> {
    let key = row.text("key").to_owned();
    let all_purposes = row.text("purposes") == "*";
    let purposes = if all_purposes { KeySet::none() } else { row.keys("purposes", PurposeKey::new)? };
    let all = row.text("categories") == "*";
    let categories = if all { roots.clone() } else { row.keys("categories", CategoryKey::new)? };
    let level = row.choose(
        "level",
        &[("law", Level::Law), ("industry", Level::Industry), ("contract", Level::Contract)],
    )?;
    let days = row.number("retain_days")?;
    Ok(Mandate {
        id: MandateId::from_bytes(short(&format!("assent/mandate/{key}"))),
        version: 1,
        effect: row.choose(
            "effect",
            &[("permit", Effect::Permit), ("require", Effect::Require), ("forbid", Effect::Forbid)],
        )?,
        level,
        cite: citation(row),
        purposes,
        categories,
        uses: row.uses()?,
        roles: row.roles()?,
        recipients: helpers(),
        zones: Zones::inside(places.clone()),
        when: whose(row)?,
        binds: binds(row)?,
        mask: row.choose("mask", &[("none", Mask::Full), ("partial", Mask::Partial)])?,
        keeps: (days > 0).then(|| Span::days(days)),
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        approved_by: shipped_approvals(),
        sentence: row.label("sentence", lang),
        sentences: Also::default(),
        key,
    })
}

/// Laws of the United States protect their residents; the others here bind the company wherever its customers live.
fn whose(row: &Row<'_>) -> Result<When, BadData> {
    let place = row.text("jurisdiction");
    if place != "us" && !place.starts_with("us.") {
        return Ok(When::Always);
    }
    let region = Region::new(place).map_err(|e| row.bad(e))?;
    Ok(When::ResidentOf([region].into_iter().collect()))
}

fn citation(row: &Row<'_>) -> Citation {
    Citation {
        instrument: row.text("instrument").to_owned(),
        article: row.text("article").to_owned(),
        url: row.text("url").to_owned(),
        jurisdiction: row.text("jurisdiction").to_owned(),
    }
}

fn binds(row: &Row<'_>) -> Result<Binds, BadData> {
    match row.text("contract_kind") {
        "" => row
            .choose("binds", &[("every", false), ("anchored", true)])
            .map(|anchored| if anchored { Binds::Anchored } else { Binds::Every }),
        kind => Ok(Binds::Contract(kind.to_owned())),
    }
}

/// The company, and processors that work on its orders, two tiers deep.
fn helpers() -> Recipients {
    Recipients::of(Scope { parties: [].into(), kinds: [PartyKind::Processor].into(), depth: 2 })
}

fn short(text: &str) -> [u8; 16] {
    let full: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut out = [0; 16];
    for (slot, byte) in out.iter_mut().zip(full) {
        *slot = byte;
    }
    out
}
