//! A consent record in JSON-LD: what a person agreed to, in the terms of the W3C Data Privacy Vocabulary 2.3 and the
//! structure of ISO/IEC TS 27560. One `dpv:hasProcess` for each yes, one `dpv:hasConsentStatus` for each answer. No value.

use assent_kernel::category::Class;
use assent_kernel::grant::{Answer, Evidence, Grant, Said};
use assent_kernel::party::{Party, PartyKind};
use assent_kernel::{PersonId, Timestamp, Use};
use assent_web::text;
use serde_json::{Value, json};

use super::act::Own;
use super::model::Names;
use super::show;
use super::text::Text;

/// Where the record is made: what stands in it beside the answers.
pub(super) struct Made<'a> {
    /// The company, as people know it.
    pub(super) company: &'a str,
    /// Its page for this person.
    pub(super) contact: String,
    /// The country whose law applies, two letters.
    pub(super) country: &'a str,
    /// The reader's language.
    pub(super) lang: &'a str,
    /// Our own address.
    pub(super) base_url: &'a str,
}

/// The record of a person's answers.
pub(super) fn of(own: &Own, made: &Made<'_>) -> Value {
    let (company, lang) = (made.company, made.lang);
    let names = show::names(own, company, Text::of(lang));
    let person = own.dossier.person();
    let answers: Vec<&Answer> = person.answers.values().collect();
    let yes = answers.iter().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some((*answer, &**grant)),
        Said::No | Said::NoLonger => None,
    });
    let yes: Vec<(&Answer, &Grant)> = yes.collect();
    json!({
        "@context": context(),
        "@id": format!("urn:assent:consent-record:{}", person.id),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": [{ "@id": "https://w3id.org/dpv/schema/dpv-27560#record" }, { "@id": "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr" }],
        "dct:identifier": person.id.to_string(),
        "dct:created": text::iso(own.now.micros()),
        "dct:language": names.t.lang(),
        "dpv:hasDataSubject": { "@id": format!("urn:assent:person:{}", person.id), "@type": "dpv:DataSubject" },
        "dpv:hasDataController": { "@id": party_id(own.standing.policy.home) },
        "dpv:hasJurisdiction": { "@id": format!("loc:{}", made.country) },
        "dpv:hasNotice": yes.iter().map(|(_, grant)| notice(&names, grant)).collect::<Vec<_>>(),
        "dpv:hasProcess": yes.iter().map(|(answer, grant)| process(&names, answer, grant, made)).collect::<Vec<_>>(),
        "dpv:hasEntity": entities(&names, &yes, &made.contact),
        "dpv:hasConsentStatus": answers.iter().map(|answer| status(answer, person.id, own.now)).collect::<Vec<_>>(),
    })
}

/// Names for the vocabularies, in the file itself: nothing is fetched to read it.
fn context() -> Value {
    json!({
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "loc": "https://w3id.org/dpv/loc#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "dct": "http://purl.org/dc/terms/",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "asn": "urn:assent:term:",
        "dct:created": { "@type": "xsd:dateTime" },
        "dct:date": { "@type": "xsd:dateTime" },
        "dpv:isIndicatedAtTime": { "@type": "xsd:dateTime" },
        "schema:url": { "@type": "@id" },
    })
}

fn party_id(id: assent_kernel::PartyId) -> String {
    format!("urn:assent:party:{id}")
}

fn notice(names: &Names<'_>, grant: &Grant) -> Value {
    let current = names.policy.notices.get(&grant.notice).filter(|n| n.version == grant.notice_version);
    let words = current.and_then(|notice| notice.wording(names.t.lang()));
    json!({
        "@id": notice_id(grant),
        "@type": "dpv:ConsentNotice",
        "dct:date": current.map(|notice| text::iso(notice.published_at.micros())),
        "dct:title": words.map(|words| words.title.clone()),
        "asn:benefitStatement": words.map(|words| words.benefit.clone()),
        "asn:noticeSha256": words.map(|words| hex(&words.digest())),
    })
}

fn notice_id(grant: &Grant) -> String {
    format!("urn:assent:notice:{}:{}", grant.notice, grant.notice_version)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn ids<'a>(all: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    all.into_iter().filter(|id| !id.is_empty()).map(|id| json!({ "@id": id })).collect()
}

fn process(names: &Names<'_>, answer: &Answer, grant: &Grant, made: &Made<'_>) -> Value {
    let terms = &grant.terms;
    let purposes = terms.purposes.iter().map(|key| {
        let dpv = names.policy.purposes.get(key).map_or("dpv:Purpose", |p| p.dpv.as_str());
        json!({ "@id": format!("urn:assent:purpose:{key}"), "@type": dpv, "skos:prefLabel": names.purpose(key) })
    });
    let data = terms.categories.iter().map(|key| {
        let kind = names.policy.categories.get(key);
        let special = kind.is_some_and(|c| matches!(c.class, Class::Special | Class::Criminal));
        json!({
            "@id": format!("urn:assent:category:{key}"),
            "@type": if special { "dpv:SpecialCategoryPersonalData" } else { "dpv:PersonalData" },
            "dct:identifier": key.to_string(),
            "skos:broader": { "@id": kind.map_or("dpv:PersonalData", |c| c.dpv.as_str()) },
            "skos:prefLabel": names.category(key),
            "dpv:hasNecessity": { "@id": "dpv:Optional" },
        })
    });
    let place = |key| json!({ "@id": format!("urn:assent:region:{key}"), "@type": "dpv:Location", "skos:prefLabel": names.region(key) });
    let places: Vec<Value> = terms.zones.iter().flat_map(|(regions, _)| regions.iter()).map(place).collect();
    let recipients: Vec<String> =
        names.parties(&terms.recipients).iter().map(|party| party_id(party.id)).collect();
    let operations: std::collections::BTreeSet<&str> = terms.uses.iter().map(operation).collect();
    json!({
        "@id": format!("urn:assent:grant:{}", grant.id),
        "@type": "dpv:Process",
        "dct:identifier": grant.id.to_string(),
        "dpv:hasPurpose": purposes.collect::<Vec<_>>(),
        "dpv:hasPersonalData": data.collect::<Vec<_>>(),
        "dpv:hasProcessing": ids(operations),
        "dpv:hasLegalBasis": ids(bases(grant)),
        "dpv:hasNotice": { "@id": notice_id(grant) },
        "dpv:hasRecipient": ids(recipients.iter().map(String::as_str)),
        "dpv:hasStorageCondition": [{
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": { "@value": text::iso(terms.until.micros()), "@type": "xsd:dateTime" },
        }, { "@type": "dpv:StorageLocation", "dpv:hasLocation": places }],
        "dpv:hasProcessingCondition": { "@type": "dpv:ProcessingLocation", "dpv:hasLocation": places },
        "dpv:hasConsentControl": [{
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": { "@id": format!("{}/me/terms/{}", made.base_url, answer.purpose) },
        }],
        "dpv:hasRight": ids(["eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A20", "eu-gdpr:A77"]),
    })
}

fn bases(grant: &Grant) -> [&'static str; 2] {
    if grant.terms.explicit {
        ["dpv:ExplicitlyExpressedConsent", "eu-gdpr:A6-1-a-explicit-consent"]
    } else {
        ["dpv:ExpressedConsent", "eu-gdpr:A6-1-a-non-explicit-consent"]
    }
}

const fn operation(one: Use) -> &'static str {
    match one {
        Use::View => "dpv:Consult",
        Use::List => "dpv:Use",
        Use::Export => "dpv:Export",
        Use::Message => "dpv:Use",
        Use::Share => "dpv:Share",
        Use::Combine => "dpv:Combine",
        Use::Enrich => "dpv:Obtain",
        Use::Cleanse => "dpv:Modify",
        Use::Contribute => "dpv:DiscloseByTransmission",
        Use::Learn => "dpv:Analyse",
        Use::Capture => "dpv:Collect",
        Use::LookUp => "dpv:Retrieve",
    }
}

fn entities(names: &Names<'_>, yes: &[(&Answer, &Grant)], contact: &str) -> Vec<Value> {
    let mut all: std::collections::BTreeMap<String, &Party> = Default::default();
    let home = names.policy.parties.get(&names.policy.home);
    let others = yes.iter().flat_map(|(_, grant)| names.parties(&grant.terms.recipients));
    for party in home.into_iter().chain(others) {
        all.insert(party_id(party.id), party);
    }
    let entity = |(id, party): (String, &Party)| {
        let url = (party.id == names.policy.home).then_some(contact);
        json!({ "@id": id, "@type": role(party), "dpv:hasName": party.name, "dpv:hasIdentifier": party.code, "schema:url": url })
    };
    all.into_iter().map(entity).collect()
}

const fn role(party: &Party) -> &'static str {
    match party.kind {
        PartyKind::Controller => "dpv:DataController",
        PartyKind::Processor if party.engaged_by.is_some() => "dpv:DataSubProcessor",
        PartyKind::Processor => "dpv:DataProcessor",
        PartyKind::Partner | PartyKind::Human => "dpv:ThirdParty",
    }
}

fn status(answer: &Answer, person: PersonId, now: Timestamp) -> Value {
    let (state, grant) = match &answer.said {
        Said::Yes(grant) if grant.terms.until <= now => ("dpv:ConsentExpired", Some(grant)),
        Said::Yes(grant) => ("dpv:ConsentGiven", Some(grant)),
        Said::No => ("dpv:ConsentRefused", None),
        Said::NoLonger => ("dpv:ConsentWithdrawn", None),
    };
    json!({
        "@type": state,
        "dpv:isIndicatedAtTime": text::iso(answer.at.micros()),
        "dpv:isIndicatedBy": { "@id": format!("urn:assent:person:{person}") },
        // How a no was said stands in the ledger alone; here nothing is said that is not known.
        "dpv:hasIndicationMethod": grant.map(|grant| evidence(grant.evidence)),
        "dpv:hasDuration": grant.map(|grant| json!({ "@value": text::iso(grant.terms.until.micros()), "@type": "xsd:dateTime" })),
        "asn:purpose": { "@id": format!("urn:assent:purpose:{}", answer.purpose) },
        "asn:grant": grant.map(|grant| json!({ "@id": format!("urn:assent:grant:{}", grant.id) })),
    })
}

const fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Portal => "portal",
        Evidence::OneClick => "one-click",
        Evidence::Signal => "signal",
        Evidence::Agent => "agent",
        Evidence::Imported => "imported",
        Evidence::Attested => "attested",
    }
}
