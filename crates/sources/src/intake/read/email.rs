//! E-mail addresses: found in what people and systems write, checked, and written one way.

use super::reason::Reason;

/// The address in `mailto:…`, `Name <…>` or a bare address, with its domain in small letters.
pub fn parse(text: &str) -> Result<String, Reason> {
    let text = text.trim();
    let text = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(at), Some(text)) => text.get(at + 1..).unwrap_or_default(),
        _ => text,
    };
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    };
    let text = text.split('?').next().unwrap_or_default().trim();
    let (name, domain) = text.rsplit_once('@').ok_or(Reason::EmailNoAt)?;
    if name.len() > 64 || text.len() > 254 {
        return Err(Reason::EmailTooLong);
    }
    if name.contains('@') {
        return Err(Reason::EmailNoAt);
    }
    if !is_name(name) {
        return Err(Reason::EmailName);
    }
    let domain = domain.trim_end_matches('.').to_lowercase();
    if is_domain(&domain) { Ok(format!("{name}@{domain}")) } else { Err(Reason::EmailDomain) }
}

fn is_name(name: &str) -> bool {
    let letter = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
    name.split('.').all(|part| !part.is_empty() && part.chars().all(letter))
}

/// Whether a name is a domain with at least one dot, as people write it: `bücher.example` is one.
pub(super) fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(label)
        && top.chars().count() > 1
        && !top.chars().all(|letter| letter.is_ascii_digit())
}
