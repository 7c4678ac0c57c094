//! People who do not exist: names in many scripts, homes in real cities, addresses and numbers set aside for examples.

use std::collections::HashSet;

use assent_gate::fold;
use assent_kernel::Region;

use super::dice::Dice;
use super::world::{Names, PlaceRow, World};

/// What would stand on an envelope.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    pub(crate) street: String,
    pub(crate) postal_code: String,
    pub(crate) city: String,
    pub(crate) country: String,
    pub(crate) region: Option<Region>,
    pub(crate) language: &'static str,
}

impl Identity {
    /// True when they live in the United States.
    pub(crate) fn american(&self) -> bool {
        self.region.as_ref().is_some_and(|region| region.to_string().starts_with("us"))
    }
    pub(crate) fn german(&self) -> bool {
        self.language == "de"
    }
}

/// Hands out people, no address twice.
pub(crate) struct Registry<'a> {
    world: &'a World,
    taken: HashSet<String>,
}

impl<'a> Registry<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, taken: HashSet::new() }
    }

    /// Somebody of whom the name and the region are known.
    pub(crate) fn named(
        &mut self,
        given: &str,
        family: &str,
        email: &str,
        region: &str,
        dice: &mut Dice,
    ) -> Identity {
        self.taken.insert(email.to_owned());
        let place = self.world.place.iter().find(|place| place.region == region);
        let mut one = place.map(|place| self.home(place, dice)).unwrap_or_default();
        one.given = given.to_owned();
        one.family = family.to_owned();
        one.email = email.to_owned();
        one
    }

    /// Somebody by chance.
    pub(crate) fn anybody(&mut self, dice: &mut Dice) -> Identity {
        let world = self.world;
        let Some(place) = dice.weighted(&world.place, |place| place.weight) else {
            return Identity::default();
        };
        let mut one = self.home(place, dice);
        let native = world.names.iter().find(|names| names.culture == culture(&place.region));
        let names = native.filter(|_| dice.chance(65));
        let names = names.or_else(|| dice.weighted(&world.names, |names| names.weight));
        let Some(names) = names else { return one };
        let (given, family) = (dice.index(names.given.len()), dice.index(names.family.len()));
        one.given = names.given.get(given).cloned().unwrap_or_default();
        one.family = names.family.get(family).cloned().unwrap_or_default();
        one.email = self.address(names, given, family, dice);
        one
    }

    fn home(&self, place: &PlaceRow, dice: &mut Dice) -> Identity {
        let (postal_code, city) = dice.pick(&place.cities).cloned().unwrap_or_default();
        let number = dice.between(1, if place.region.starts_with("us") { 980 } else { 120 }).to_string();
        let street = place.format.replace("{street}", dice.text(&place.streets)).replace("{number}", &number);
        let patterns = self.world.phone.get(&place.region);
        let pattern = patterns.map(|all| dice.text(all).to_owned());
        Identity {
            phone: pattern.map(|pattern| dice.digits(&pattern)),
            street,
            postal_code,
            city,
            country: country(&place.region).to_owned(),
            region: Region::new(&place.region).ok(),
            language: language(&place.region),
            ..Identity::default()
        }
    }

    fn address(&mut self, names: &Names, given: usize, family: usize, dice: &mut Dice) -> String {
        let latin = |all: &'_ [String], own: &'_ [String], i: usize| {
            let name = all.get(i).or_else(|| own.get(i)).cloned().unwrap_or_default();
            plain(&if names.culture == "german" { umlauts(&name) } else { name })
        };
        let (given, family) = (
            latin(&names.romanised_given, &names.given, given),
            latin(&names.romanised_family, &names.family, family),
        );
        let local = if names.order == "family-first" {
            format!("{family}.{given}")
        } else {
            format!("{given}.{family}")
        };
        let domain = dice.text(&self.world.mail.domains).to_owned();
        let mut email = format!("{local}@{domain}");
        let mut n = 2;
        while !self.taken.insert(email.clone()) {
            email = format!("{local}{n}@{domain}");
            n += 1;
        }
        email
    }
}

fn umlauts(name: &str) -> String {
    let lower = name.to_lowercase();
    lower.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss")
}

/// Lower-case letters and hyphens only.
fn plain(name: &str) -> String {
    let folded = fold(name).replace(['đ', 'ð'], "d").replace('þ', "th");
    let words = folded
        .split(|c: char| c.is_whitespace() || c == '-')
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn culture(region: &str) -> &'static str {
    match region {
        "eu.de" | "eu.at" => "german",
        "eu.ie" => "irish",
        "eu.fr" => "french",
        "eu.es" => "spanish",
        "eu.it" => "italian",
        "eu.pl" => "polish",
        "eu.gr" => "greek",
        "eu.se" | "eu.fi" => "nordic",
        "eu.nl" | "eu.cz" | "eu.pt" => "dutch-czech-portuguese",
        _ => "anglo-american",
    }
}

fn language(region: &str) -> &'static str {
    match region {
        "eu.de" | "eu.at" => "de",
        "eu.fr" => "fr",
        "eu.es" => "es",
        "eu.it" => "it",
        "eu.pl" => "pl",
        "eu.gr" => "el",
        "eu.se" => "sv",
        "eu.fi" => "fi",
        "eu.nl" => "nl",
        "eu.cz" => "cs",
        "eu.pt" => "pt",
        _ => "en",
    }
}

fn country(region: &str) -> &'static str {
    match region {
        "eu.de" => "Germany",
        "eu.ie" => "Ireland",
        "eu.at" => "Austria",
        "eu.fr" => "France",
        "eu.es" => "Spain",
        "eu.it" => "Italy",
        "eu.nl" => "Netherlands",
        "eu.pl" => "Poland",
        "eu.gr" => "Greece",
        "eu.se" => "Sweden",
        "eu.fi" => "Finland",
        "eu.cz" => "Czechia",
        "eu.pt" => "Portugal",
        _ => "United States",
    }
}
