//! What somebody says about the terms of an import, on the page or through a program; read once, the same way.

use std::collections::BTreeMap;

use assent_gate::fold;
use assent_kernel::{Policy, PurposeKey, TreeKey as _};

use super::act;
use super::form;
use super::model::{Rules, Stand};
use super::plan::midnight;
use super::read::country;

/// As it was typed.
pub(super) struct Said {
    pub(super) stand: String,
    pub(super) contract: String,
    pub(super) since: String,
    pub(super) country: String,
    /// Words of the consent column with the purposes they mean; an empty purpose means none.
    pub(super) words: Vec<(String, String)>,
    pub(super) unversioned: bool,
}

/// What it says about the terms, or what is missing.
pub(super) fn rules(said: &Said, policy: &Policy) -> Result<Rules, &'static str> {
    let stand = form::stand(&said.stand).ok_or("Say what these people's terms stand on.")?;
    let kinds = act::contract_kinds(policy);
    let contract = Some(said.contract.clone()).filter(|kind| !kind.is_empty());
    if contract.as_ref().is_some_and(|kind| !kinds.contains(kind)) {
        return Err("There is no contract of that kind.");
    }
    if stand == Stand::Contract && contract.is_none() {
        return Err("Choose the kind of contract with these people.");
    }
    let since = match said.since.as_str() {
        "" => None,
        text => Some(midnight(text.parse().map_err(|_| "Write the day as 2024-12-31.")?)),
    };
    let country = match said.country.as_str() {
        "" => None,
        text => Some(country::parse(text).ok_or("This is no country we know: use two letters, such as DE.")?),
    };
    let offered = act::purposes(policy);
    let mut purposes: BTreeMap<String, PurposeKey> = act::plain_words(policy).into_iter().collect();
    for (word, wanted) in &said.words {
        match offered.iter().find(|(key, _)| key.as_str() == wanted) {
            Some((key, _)) => purposes.insert(fold(word), key.clone()),
            None => purposes.remove(&fold(word)),
        };
    }
    let unversioned = said.unversioned;
    Ok(Rules { stand, contract, since, purposes, unversioned, country: country.map(str::to_owned) })
}
