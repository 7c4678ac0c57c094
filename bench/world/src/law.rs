//! The company's policy: in bits, as the other engines are given it, and as the kernel's own values.

use std::collections::BTreeMap;

use assent_kernel::category::{Category, Class, Retention};
use assent_kernel::mandate::{self, Binds, Citation, Effect, Level, Mandate, Mask};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing};
use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::{
    CategoryKey, CompanyId, KeySet, MandateId, NoticeId, PartyId, Policy, PurposeKey, Region, Role, RoleSet,
    Span, StaffId, Timestamp, Use, UseSet, Zones,
};

use crate::{CATEGORIES, Dice, PURPOSES, RECIPIENTS, REGIONS};

/// When everything is asked.
pub const NOW: Timestamp = Timestamp::from_micros(1_790_000_040_000_000);

/// A prohibition in bits.
#[derive(Debug, Clone, Copy)]
pub struct Forbidden {
    /// For which purposes.
    pub purposes: u64,
    /// Which uses.
    pub uses: u64,
    /// Of which categories.
    pub categories: u64,
    /// When.
    pub when: When,
}

/// When a prohibition applies.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Always.
    Always,
    /// When anything lies outside these regions.
    Outside(u64),
    /// When one of these recipients receives.
    To(PartyKind),
    /// When the person lives in one of these.
    Residents(u64),
}

/// The policy.
#[derive(Debug, Clone)]
pub struct Law {
    /// The kind of each recipient.
    pub kinds: Vec<PartyKind>,
    /// Where each recipient is.
    pub places: Vec<usize>,
    /// The prohibitions.
    pub forbidden: Vec<Forbidden>,
    /// For each purpose, the oldest version of its text that still counts.
    pub oldest: Vec<u32>,
}

/// Sixteen bytes from a number.
pub(crate) fn bytes(n: usize) -> [u8; 16] {
    (n as u128 + 1).to_be_bytes()
}
/// The recipient of a number.
pub(crate) fn party(n: usize) -> PartyId {
    PartyId::from_bytes(bytes(n))
}
pub(crate) fn purpose(n: usize) -> PurposeKey {
    PurposeKey::new(&format!("p{n:02}")).expect("a key")
}
pub(crate) fn category(n: usize) -> CategoryKey {
    CategoryKey::new(&format!("c{n:02}")).expect("a key")
}
pub(crate) fn region(n: usize) -> Region {
    Region::new(&format!("r{n:02}")).expect("a key")
}
pub(crate) fn notice(purpose: usize) -> NoticeId {
    NoticeId::from_bytes(bytes(purpose))
}
/// The numbers of the bits that are set.
pub(crate) fn numbers(bits: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |n| bits >> n & 1 == 1)
}
pub(crate) fn regions(bits: u64) -> KeySet<Region> {
    numbers(bits).map(region).collect()
}
pub(crate) fn categories(bits: u64) -> KeySet<CategoryKey> {
    numbers(bits).map(category).collect()
}
pub(crate) fn uses(bits: u64) -> UseSet {
    Use::ALL.iter().copied().filter(|one| bits >> *one as u64 & 1 == 1).collect()
}

const EVERY_USE: u64 = (1 << 12) - 1;
/// The half of the residences that "mandated" is closed to.
const BARRED: u64 = 0x5555;

impl Law {
    /// The one law of these measurements.
    #[must_use]
    pub fn new() -> Self {
        let dice = &mut Dice::seeded(1);
        let kind = |n: usize| match n {
            0 => PartyKind::Controller,
            1..40 => PartyKind::Processor,
            40..56 => PartyKind::Partner,
            _ => PartyKind::Human,
        };
        Self {
            kinds: (0..RECIPIENTS).map(kind).collect(),
            places: (0..RECIPIENTS).map(|n| if n == 0 { 0 } else { dice.below(REGIONS) }).collect(),
            forbidden: (0..20).map(|n| forbidden(n, dice)).collect(),
            oldest: (0..PURPOSES).map(|n| if n % 4 == 3 { 2 } else { 1 }).collect(),
        }
    }

    /// The regions that facts reach on the way to a recipient, used in a region.
    #[must_use]
    pub fn reached(&self, to: usize, region: usize) -> u64 {
        1 << region | 1 << self.places[to]
    }

    /// As the kernel's value.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            company: CompanyId::from_bytes(bytes(0)),
            home: party(0),
            version: 1,
            purposes: (0..PURPOSES).map(|n| (purpose(n), purpose_row(n))).collect(),
            categories: (0..CATEGORIES).map(|n| (category(n), category_row(n))).collect(),
            regions: regions((1 << REGIONS) - 1),
            notices: BTreeMap::new(),
            oldest_valid: (0..PURPOSES).map(|n| (notice(n), self.oldest[n])).collect(),
            parties: (0..RECIPIENTS).map(|n| (party(n), self.party_row(n))).collect(),
            mandates: (0..).zip(&self.forbidden).map(|(n, f)| mandate_row(n, f)).collect(),
            legitimate_interest: false,
        }
    }

    fn party_row(&self, n: usize) -> Party {
        let here = || regions(1 << self.places[n]);
        Party {
            id: party(n),
            code: format!("party-{n}"),
            name: format!("Party {n}"),
            kind: self.kinds[n],
            engaged_by: None,
            places: Places { store: here(), process: here(), access: here(), control: here() },
            agreement: Some("agreement".to_owned()),
            transfers: Vec::new(),
            standing: Standing::Active,
            // So that audiences can be counted at instants years apart under one policy.
            described_at: NOW.plus(Span::days(3_650)),
        }
    }
}

impl Default for Law {
    fn default() -> Self {
        Self::new()
    }
}

fn forbidden(n: usize, dice: &mut Dice) -> Forbidden {
    // The last one closes purpose 1 for the residents of every second region, whatever is done.
    if n == 19 {
        let categories = (1 << CATEGORIES) - 1;
        return Forbidden { purposes: 2, uses: EVERY_USE, categories, when: When::Residents(BARRED) };
    }
    let when = match n % 4 {
        0 => When::Always,
        1 => When::Outside(dice.some(12, REGIONS)),
        2 => When::To([PartyKind::Partner, PartyKind::Human, PartyKind::Processor][n % 3]),
        _ => When::Residents(dice.some(4, REGIONS)),
    };
    // The hot pairs of the audience measurement are about purposes 0 to 3 and uses 0 to 3: those meet the last only.
    Forbidden {
        purposes: dice.some(5, PURPOSES - 4) << 4,
        uses: dice.some(5, 12),
        categories: dice.some(3, CATEGORIES),
        when,
    }
}

fn purpose_row(n: usize) -> Purpose {
    Purpose {
        key: purpose(n),
        version: 1,
        dpv: "dpv:Purpose".to_owned(),
        basis: Basis::Consent,
        uses: uses(EVERY_USE),
        longest: Span::days(36_500),
        direct_marketing: n.is_multiple_of(2),
        automation: Automation::None,
        roles: Role::ALL.iter().copied().collect::<RoleSet>(),
        label: format!("Purpose {n}"),
        labels: assent_kernel::Also::default(),
        sentence: "What it is for.".to_owned(),
        sentences: assent_kernel::Also::default(),
    }
}

fn category_row(n: usize) -> Category {
    let key = category(n);
    Category {
        key,
        dpv: "pd:X".to_owned(),
        class: Class::Ordinary,
        retention: Retention::R2,
        label: format!("{n}"),
        labels: assent_kernel::Also::default(),
    }
}

fn mandate_row(n: usize, f: &Forbidden) -> (MandateId, Mandate) {
    let id = MandateId::from_bytes(bytes(n));
    let when = match f.when {
        When::Always => mandate::When::Always,
        When::Outside(inside) => mandate::When::OutsideRegions(regions(inside)),
        When::To(kind) => mandate::When::RecipientKind(kind),
        When::Residents(homes) => mandate::When::ResidentOf(regions(homes)),
    };
    let cite = Citation {
        instrument: "Law".to_owned(),
        article: "Art. 1".to_owned(),
        url: String::new(),
        jurisdiction: "r00".to_owned(),
    };
    let row = Mandate {
        id,
        key: format!("mandate-{n:02}"),
        version: 1,
        effect: Effect::Forbid,
        level: Level::Law,
        cite,
        purposes: numbers(f.purposes).map(purpose).collect(),
        categories: categories(f.categories),
        uses: uses(f.uses),
        roles: RoleSet::NONE,
        recipients: Recipients::company_only(),
        zones: Zones::inside(KeySet::none()),
        when,
        binds: Binds::Every,
        mask: Mask::Full,
        keeps: None,
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        approved_by: vec![StaffId::from_bytes(bytes(1)), StaffId::from_bytes(bytes(2))],
        sentence: "It is forbidden.".to_owned(),
        sentences: assent_kernel::Also::default(),
    };
    (id, row)
}
