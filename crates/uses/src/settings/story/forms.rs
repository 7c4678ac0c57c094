//! Forms as a browser sends them, with changes.

const TEXT: [(&str, &str); 6] = [
    ("lang-0", "en"),
    ("title-0", "News"),
    ("benefit-0", "You hear of new brushes first."),
    ("text-0", "We write to you about once a month."),
    ("risks-0", "One more mail in your inbox."),
    ("if-no-0", "Your brush works the same."),
];

/// The newsletter's notice as a form, with changes.
pub fn notice<'a>(base: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let asked = [
        ("category", "contact.email"),
        ("category", "name"),
        ("use", "View"),
        ("use", "List"),
        ("use", "Message"),
        ("region", "eu"),
        ("days", "365"),
        ("depth", "0"),
        ("base", base),
    ];
    asked
        .into_iter()
        .chain(TEXT)
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
        .chain(more.iter().copied())
        .collect()
}

/// A party as a form, with changes.
pub fn party<'a>(base: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("name", "Postlane"),
        ("code", "postlane"),
        ("kind", "processor"),
        ("engaged-by", ""),
        ("store", "eu.ie"),
        ("process", "eu.ie"),
        ("access", "eu.ie"),
        ("control", "eu.ie"),
        ("agreement", "DPA-1"),
        ("standing", "active"),
        ("base", base),
    ];
    all.into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
        .chain(more.iter().copied())
        .collect()
}

/// A mandate as a form, with changes.
pub fn mandate<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("key", "no-mail-in-may"),
        ("effect", "forbid"),
        ("level", "industry"),
        ("instrument", "Code of the trade"),
        ("article", "Art. 5"),
        ("url", "https://example.org/code"),
        ("jurisdiction", "eu"),
        ("sentence", "Nobody writes to you about brushes."),
        ("purpose", "marketing"),
        ("category", "contact"),
        ("use", "Message"),
        ("when", "always"),
        ("binds", "every"),
        ("from", "2026-05-01"),
        ("until", ""),
    ];
    all.into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
        .chain(more.iter().copied())
        .collect()
}
