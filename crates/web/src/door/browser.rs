//! What kind of browser somebody came with, in words their owner recognises; no more of it is kept.

use axum::http::{HeaderMap, header};

/// "Firefox on Linux".
pub(super) fn kind(headers: &HeaderMap) -> String {
    let told = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let find = |all: &[(&'static str, &'static str)]| {
        all.iter().find(|(mark, _)| told.contains(mark)).map(|(_, name)| *name)
    };
    // Each names its ancestors too: the youngest first.
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_browser_is_named_and_nothing_else_is_kept() {
        let with = |text| HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(text))]);
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(kind(&with(chrome)), "Chrome on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1";
        assert_eq!(kind(&with(phone)), "Safari on iPhone");
        assert_eq!(kind(&with("<script>")), "");
        assert_eq!(kind(&HeaderMap::new()), "");
    }
}
