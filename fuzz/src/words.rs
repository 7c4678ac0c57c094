//! Ids, keys of trees, a company's policy, and what a browser sends.

use std::fmt::Display;
use std::str::FromStr;

use assent_kernel::{
    CategoryKey, CompanyId, FactId, GrantId, ImportId, MailId, NoticeId, PersonId, PurposeKey, Region,
    TreeKey,
};
use assent_web::session::{self, Fields};
use axum::http::{header, HeaderMap, HeaderValue};

fn id<T: FromStr + Display>(text: &str) {
    if let Ok(read) = text.parse::<T>() {
        assert_eq!(read.to_string(), text);
    }
}

fn key<K: TreeKey, E>(text: &str, new: fn(&str) -> Result<K, E>) {
    if let Ok(read) = new(text) {
        assert_eq!(read.as_str(), text);
    }
}

pub(crate) fn ids(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    id::<PersonId>(text);
    id::<CompanyId>(text);
    id::<FactId>(text);
    id::<GrantId>(text);
    id::<NoticeId>(text);
    id::<ImportId>(text);
    id::<MailId>(text);
    key(text, PurposeKey::new);
    key(text, CategoryKey::new);
    key(text, Region::new);
}

pub(crate) fn policy(data: &[u8]) {
    if let Ok(read) = serde_json::from_slice::<assent_kernel::Policy>(data) {
        let written = serde_json::to_string(&read).unwrap();
        let again: assent_kernel::Policy = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), written);
    }
}

pub(crate) fn version(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(read) = text.parse::<assent_gate::Version>() {
        let again: assent_gate::Version = read.to_string().parse().unwrap();
        assert_eq!(again, read);
        assert!(again.covers(&read));
    }
}

pub(crate) fn session(data: &[u8]) {
    let fields = Fields::parse(data);
    let _ = (fields.get("csrf"), fields.has("answer"), fields.all("kind").count());
    if let Ok(text) = std::str::from_utf8(data) {
        if let Some(token) = session::read(text) {
            assert_eq!(session::written(&token), text);
        }
    }
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(data) {
        headers.insert(header::COOKIE, value.clone());
        headers.insert(header::ACCEPT_LANGUAGE, value);
        assert!(["de", "en"].contains(&session::language(&headers).as_str()));
    }
}
