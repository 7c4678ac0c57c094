//! Names that the program ships, in two languages. A company may call things otherwise: then its own word stands.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use assent_kernel::category::Category;
use assent_kernel::data::{self, Lang as Column};
use assent_kernel::purpose::Purpose;
use assent_kernel::{Also, CategoryKey, Mandate, MandateId, PurposeKey, Region, TreeKey as _};

use crate::catalogue::Lang;

/// The shipped names, English and German.
struct Shipped {
    purposes: [BTreeMap<PurposeKey, Purpose>; 2],
    categories: [BTreeMap<CategoryKey, Category>; 2],
    mandates: [BTreeMap<MandateId, Mandate>; 2],
    regions: BTreeMap<Region, String>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let both = [Column::En, Column::De];
    Shipped {
        purposes: both.map(|lang| data::purposes(lang).unwrap_or_default()),
        categories: both.map(|lang| data::categories(lang).unwrap_or_default()),
        mandates: both.map(|lang| data::mandates(lang).unwrap_or_default()),
        regions: data::regions().unwrap_or_default(),
    }
});

/// What a company calls something: as it says it in the language wanted, or in that language where it kept the shipped words.
fn name<'a>((own, also): (&'a str, &'a Also), [en, de]: [Option<&'a str>; 2], lang: Lang) -> &'a str {
    if let Some(words) = also.get(lang.code()) {
        return words;
    }
    let kept = [en, de].contains(&Some(own));
    let wanted = match lang {
        Lang::English => en,
        Lang::German => de,
    };
    wanted.filter(|text| kept && !text.is_empty()).unwrap_or(own)
}

/// What a purpose is called.
pub fn purpose(one: &Purpose, lang: Lang) -> &str {
    let shipped = SHIPPED.purposes.each_ref().map(|all| all.get(&one.key).map(|p| p.label.as_str()));
    name((&one.label, &one.labels), shipped, lang)
}

/// What a purpose is for.
pub fn purpose_sentence(one: &Purpose, lang: Lang) -> &str {
    let shipped = SHIPPED.purposes.each_ref().map(|all| all.get(&one.key).map(|p| p.sentence.as_str()));
    name((&one.sentence, &one.sentences), shipped, lang)
}

/// What a kind of fact is called.
pub fn category(one: &Category, lang: Lang) -> &str {
    let shipped = SHIPPED.categories.each_ref().map(|all| all.get(&one.key).map(|c| c.label.as_str()));
    name((&one.label, &one.labels), shipped, lang)
}

/// What a mandate says to the person.
pub fn mandate(one: &Mandate, lang: Lang) -> &str {
    let shipped = SHIPPED.mandates.each_ref().map(|all| all.get(&one.id).map(|m| m.sentence.as_str()));
    name((&one.sentence, &one.sentences), shipped, lang)
}

/// What a region is called.
pub fn region(key: &Region, lang: Lang) -> String {
    let german = || REGIONS.iter().find(|(one, _)| *one == key.as_str()).map(|(_, name)| (*name).to_owned());
    let known = if lang == Lang::German { german() } else { None };
    known.or_else(|| SHIPPED.regions.get(key).cloned()).unwrap_or_else(|| key.to_string())
}

/// German names of the shipped regions.
const REGIONS: &[(&str, &str)] = &[
    ("eu", "Europäische Union"),
    ("eu.de", "Deutschland"),
    ("eu.ie", "Irland"),
    ("eu.fr", "Frankreich"),
    ("eu.es", "Spanien"),
    ("eu.it", "Italien"),
    ("eu.nl", "Niederlande"),
    ("eu.at", "Österreich"),
    ("eu.be", "Belgien"),
    ("eu.bg", "Bulgarien"),
    ("eu.hr", "Kroatien"),
    ("eu.cy", "Zypern"),
    ("eu.cz", "Tschechien"),
    ("eu.dk", "Dänemark"),
    ("eu.ee", "Estland"),
    ("eu.fi", "Finnland"),
    ("eu.gr", "Griechenland"),
    ("eu.hu", "Ungarn"),
    ("eu.lv", "Lettland"),
    ("eu.lt", "Litauen"),
    ("eu.lu", "Luxemburg"),
    ("eu.mt", "Malta"),
    ("eu.pl", "Polen"),
    ("eu.pt", "Portugal"),
    ("eu.ro", "Rumänien"),
    ("eu.sk", "Slowakei"),
    ("eu.si", "Slowenien"),
    ("eu.se", "Schweden"),
    ("eea", "EWR außerhalb der EU"),
    ("eea.is", "Island"),
    ("eea.li", "Liechtenstein"),
    ("eea.no", "Norwegen"),
    ("uk", "Vereinigtes Königreich"),
    ("ch", "Schweiz"),
    ("us", "Vereinigte Staaten"),
    ("us.ca", "Kalifornien"),
    ("us.ny", "New York"),
    ("us.va", "Virginia"),
    ("us.or", "Oregon"),
    ("us.tx", "Texas"),
    ("ca", "Kanada"),
    ("jp", "Japan"),
    ("in", "Indien"),
    ("br", "Brasilien"),
    ("au", "Australien"),
    ("kr", "Südkorea"),
    ("nz", "Neuseeland"),
    ("il", "Israel"),
    ("sg", "Singapur"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_has_a_name_in_both_languages_and_a_companys_own_word_stands() {
        for key in SHIPPED.regions.keys() {
            assert!(REGIONS.iter().any(|(one, _)| *one == key.as_str()), "{key}");
        }
        let [en, de] =
            SHIPPED.purposes.each_ref().map(|all| all.get(&PurposeKey::new("sales").unwrap()).unwrap());
        assert_eq!((purpose(en, Lang::German), purpose(de, Lang::English)), ("Verkauf", "Sales"));
        let own = Purpose { label: "Selling".into(), ..en.clone() };
        assert_eq!(purpose(&own, Lang::German), "Selling");
        let both = Purpose { labels: Also::of("de", "Verkaufen"), ..own };
        assert_eq!((purpose(&both, Lang::German), purpose(&both, Lang::English)), ("Verkaufen", "Selling"));
        assert_eq!(region(&Region::new("eu.de").unwrap(), Lang::German), "Deutschland");
        assert_eq!(region(&Region::new("eu.de").unwrap(), Lang::English), "Germany");
    }
}
