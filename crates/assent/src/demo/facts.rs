//! What is known about the people of the demo world: contact, purchases, invoices, notes, cases, ideas.

use assent_gate::NewFact;
use assent_kernel::fact::Anchor;
use assent_kernel::{CategoryKey, MandateId, Span, Timestamp, TreeKey as _};
use assent_web::text;

use super::calendar::{end_of_year_plus, year};
use super::dice::Dice;
use super::fields::{BRUSH, TOOTHBRUSH};
use super::names::Identity;
use super::world::{Product, World};

/// How long invoices are kept after the end of their year: § 147 Abs. 3 AO.
const INVOICE_YEARS: i64 = 8;

/// Gathers the facts of one person.
pub(crate) struct Facts<'a> {
    world: &'a World,
    one: &'a Identity,
    invoices: Option<MandateId>,
    all: Vec<NewFact>,
}

impl<'a> Facts<'a> {
    /// Nothing yet; invoices hang on that mandate.
    pub(crate) fn new(world: &'a World, one: &'a Identity, invoices: Option<MandateId>) -> Self {
        Self { world, one, invoices, all: Vec::new() }
    }
    /// All of them.
    pub(crate) fn done(self) -> Vec<NewFact> {
        self.all
    }
    /// One more; a category that does not exist is left out, as is a value of nothing.
    pub(crate) fn add(&mut self, category: &str, value: impl Into<String>) {
        self.anchored(category, value, Vec::new());
    }
    fn anchored(&mut self, category: &str, value: impl Into<String>, anchors: Vec<Anchor>) {
        let value = value.into();
        if let Ok(category) = CategoryKey::new(category)
            && !value.is_empty()
        {
            self.all.push(NewFact { category, value, anchors });
        }
    }

    /// Who they are and how they are reached.
    pub(crate) fn contact(&mut self, whole: bool, dice: &mut Dice) {
        let one = self.one;
        self.add("name.given", one.given.as_str());
        self.add("name.family", one.family.as_str());
        self.add("contact.email", one.email.as_str());
        if let Some(phone) = one.phone.as_ref().filter(|_| dice.chance(75)) {
            self.add("contact.phone", phone.as_str());
        }
        if whole {
            self.add("contact.address.street", one.street.as_str());
            self.add("contact.address.postal-code", one.postal_code.as_str());
        }
        self.add("contact.address.city", one.city.as_str());
        self.add("contact.address.country", one.country.as_str());
        self.add("personal.language", one.language);
    }

    /// What an old list knew.
    pub(crate) fn imported(&mut self, row: usize, dice: &mut Dice) {
        let whole = dice.chance(60);
        self.contact(whole, dice);
        self.add("identifier.external", format!("{}", 500_000 + row * 17));
        if dice.chance(15) {
            let work =
                ["Harbour Kitchens", "Linden School", "Blue Door Bakery", "Northside Flats", "Studio Anker"];
            let title = ["Buyer", "Head of office", "Caretaker", "Owner"];
            self.add("work.employer", dice.pick(&work).copied().unwrap_or_default());
            self.add("work.title", dice.pick(&title).copied().unwrap_or_default());
        }
        if dice.chance(20) {
            self.note(dice);
        }
    }

    /// What a customer bought, and what hangs on it.
    pub(crate) fn customer(
        &mut self,
        account: &str,
        since: Timestamp,
        at: Timestamp,
        kind: &str,
        dice: &mut Dice,
    ) {
        self.add("identifier.account", account);
        self.add("contract", format!("Household customer since {}", text::date(since.micros())));
        let digits = dice.digits("####");
        let method = if self.one.american() {
            format!("Card ending {digits}")
        } else {
            format!("SEPA, ending {digits}")
        };
        self.add("payment.method", method);
        let days =
            u32::try_from(at.micros().saturating_sub(since.micros()) / Span::days(1).micros()).unwrap_or(0);
        for n in 0..dice.between(1, 3) {
            let bought = at.minus(Span::days(dice.between(0, days)));
            self.purchase(n == 0, kind, bought, dice);
        }
        if dice.chance(35) {
            self.note(dice);
        }
        if dice.chance(20) {
            self.add("communication.ticket", dice.text(&self.world.text.ticket));
        }
        if dice.chance(25) {
            self.add("segment.tag", dice.text(&self.world.text.tag));
        }
    }

    /// A purchase with its order and its invoice.
    pub(crate) fn purchase(&mut self, first: bool, kind: &str, at: Timestamp, dice: &mut Dice) {
        let fitting: Vec<&Product> =
            self.world.product.iter().filter(|p| !first || kind.is_empty() || p.kind == kind).collect();
        let Some(product) = dice.pick(&fitting).copied() else { return };
        let number = dice.digits("#####");
        let (sign, cents) = if self.one.american() { ("USD", product.usd) } else { ("EUR", product.eur) };
        let day = text::date(at.micros());
        let piece = if self.one.german() { "geliefert am" } else { "delivered" };
        self.add("purchase.product", product.name.as_str());
        let brush = self.all.iter().any(|fact| fact.category.as_str() == BRUSH);
        if product.kind == TOOTHBRUSH && !brush {
            self.add(BRUSH, product.name.as_str());
        }
        self.add(
            "purchase.order",
            format!("Order {}-{number}: 1 x {} ({})", year(at), product.name, product.sku),
        );
        let invoice = format!(
            "Invoice {}-{number} of {day}: 1 x {}, {piece} {day}, {sign} {}.{:02}",
            year(at),
            product.name,
            cents / 100,
            cents % 100
        );
        let until = end_of_year_plus(at, INVOICE_YEARS);
        let anchors = self.invoices.map(|mandate| Anchor { mandate, until }).into_iter().collect();
        self.anchored("purchase.invoice", invoice, anchors);
        if let Some(serial) = &product.serial {
            let serial =
                serial.replace("{6}", &dice.digits("######")).replace("{7}", &dice.digits("#######"));
            self.add("identifier.device", serial);
        }
    }

    fn note(&mut self, dice: &mut Dice) {
        let texts = &self.world.text;
        self.add("note.free-text", dice.text(if self.one.german() { &texts.note_de } else { &texts.note }));
    }

    /// Something they wished for.
    pub(crate) fn idea(&mut self, dice: &mut Dice) {
        let texts = &self.world.text;
        self.add("opinion", dice.text(if self.one.german() { &texts.idea_de } else { &texts.idea }));
    }

    /// Something they like.
    pub(crate) fn interest(&mut self, dice: &mut Dice) {
        self.add("interest", dice.text(&self.world.text.interest));
    }

    /// One page about a month of brushing, for a dentist.
    pub(crate) fn brushing_summary(&mut self, dice: &mut Dice) {
        let spots = ["lower left, inside", "upper right, back", "behind the lower front teeth", "none"];
        let spot = dice.pick(&spots).copied().unwrap_or_default();
        let (times, seconds) = (dice.between(38, 61), dice.between(74, 141));
        self.add(
            "health.brushing-summary",
            format!(
                "Last month: {times} brushings, {seconds} seconds each on average, missed spots: {spot}."
            ),
        );
    }
}
