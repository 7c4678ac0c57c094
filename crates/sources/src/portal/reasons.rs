//! Why something was refused, by its stable code, as the list of uses tells it to the person in either language.

/// The sentence of a code; an unknown code is shown as it is.
pub(super) fn sentence(code: &str, german: bool) -> &str {
    let found = REASONS.iter().find(|(one, _, _)| *one == code);
    found.map_or(code, |(_, en, de)| if german { de } else { en })
}

/// Every sentence, in both languages.
#[cfg(test)]
pub(super) fn both() -> impl Iterator<Item = (String, String)> {
    REASONS.iter().map(|(_, en, de)| ((*en).to_owned(), (*de).to_owned()))
}

const REASONS: &[(&str, &str, &str)] = &[
    ("EMPTY_REQUEST", "The request named nothing.", "Die Anfrage nannte nichts."),
    ("UNKNOWN_PERSON", "There is nobody by that id.", "Unter dieser Kennung gibt es niemanden."),
    ("UNKNOWN_PURPOSE", "There is no such purpose.", "Diesen Zweck gibt es nicht."),
    ("UNKNOWN_REGION", "There is no such region.", "Diese Region gibt es nicht."),
    ("UNKNOWN_PARTY", "There is no such recipient.", "Diesen Empfänger gibt es nicht."),
    ("CLOCK_WENT_BACK", "A clock ran backwards.", "Eine Uhr lief rückwärts."),
    ("USE_OUTSIDE_PURPOSE", "The purpose does not include this.", "Der Zweck umfasst das nicht."),
    (
        "ROLE_OUTSIDE_PURPOSE",
        "This team does not work for that purpose.",
        "Dieses Team arbeitet nicht für diesen Zweck.",
    ),
    ("UNKNOWN_FACT", "It is not held any more.", "Es ist nicht mehr gespeichert."),
    ("UNKNOWN_CATEGORY", "There is no such kind of data.", "Diese Art von Daten gibt es nicht."),
    ("FORBIDDEN_BY", "A law or a contract forbids it.", "Ein Gesetz oder ein Vertrag verbietet es."),
    (
        "RESTRICTED",
        "You asked to keep it and use it for nothing.",
        "Sie wollten, dass es bleibt und für nichts genutzt wird.",
    ),
    ("OBJECTED", "You said stop.", "Sie haben Stopp gesagt."),
    (
        "OPTED_OUT",
        "You do not want it sold or shared.",
        "Sie möchten nicht, dass es verkauft oder weitergegeben wird.",
    ),
    (
        "LEGITIMATE_INTEREST_OFF",
        "The company may not do this on its own judgement.",
        "Das Unternehmen darf das nicht nach eigenem Ermessen.",
    ),
    (
        "NEVER_ASKED",
        "You were never asked, and silence is no.",
        "Sie wurden nie gefragt, und Schweigen heißt Nein.",
    ),
    ("REFUSED", "You said no.", "Sie haben Nein gesagt."),
    ("WITHDRAWN", "You took your yes back.", "Sie haben Ihr Ja zurückgenommen."),
    (
        "NEEDS_GUARDIAN",
        "A parent or guardian must say yes first.",
        "Erst muss ein Elternteil oder Vormund Ja sagen.",
    ),
    ("EXPIRED", "Your yes had run out.", "Ihr Ja war abgelaufen."),
    ("USED_UP", "Your yes was for fewer times.", "Ihr Ja galt für weniger Male."),
    ("NOTICE_OUTDATED", "Your yes was to an older text.", "Ihr Ja galt einem älteren Text."),
    ("USE_NOT_GRANTED", "Your yes does not cover this.", "Ihr Ja umfasst das nicht."),
    (
        "HUMAN_REQUIRED",
        "A machine may not decide this alone.",
        "Eine Maschine darf das nicht allein entscheiden.",
    ),
    (
        "CATEGORY_NOT_GRANTED",
        "Your yes does not cover this kind of data.",
        "Ihr Ja umfasst diese Art von Daten nicht.",
    ),
    (
        "NEEDS_EXPLICIT",
        "These data need a yes in so many words.",
        "Diese Daten brauchen ein ausdrückliches Ja.",
    ),
    ("NO_ACTIVE_CONTRACT", "No contract with you runs.", "Es läuft kein Vertrag mit Ihnen."),
    ("NOT_NECESSARY", "Your contract does not need it.", "Ihr Vertrag braucht es nicht."),
    ("NO_MANDATE", "No law or contract allows it.", "Kein Gesetz und kein Vertrag erlaubt es."),
    (
        "ROLE_OUTSIDE_MANDATE",
        "This team is not meant by the law or contract.",
        "Dieses Team ist im Gesetz oder Vertrag nicht gemeint.",
    ),
    ("NEEDS_TICKET", "A reason on record was missing.", "Es fehlte ein festgehaltener Anlass."),
    (
        "RETENTION_OVER",
        "It has been kept for as long as it may be used.",
        "Die Zeit, in der es genutzt werden darf, ist vorbei.",
    ),
    ("CHAIN_BROKEN", "It is not clear who would receive it.", "Es ist nicht klar, wer es bekäme."),
    (
        "PARTY_NOT_ACTIVE",
        "A company on the way may not receive anything now.",
        "Ein Unternehmen auf dem Weg darf zurzeit nichts bekommen.",
    ),
    (
        "NO_AGREEMENT",
        "A company on the way has no contract.",
        "Ein Unternehmen auf dem Weg hat keinen Vertrag.",
    ),
    (
        "DESCRIPTION_STALE",
        "A company on the way has not said for 90 days where it holds data.",
        "Ein Unternehmen auf dem Weg hat seit 90 Tagen nicht gesagt, wo es Daten hält.",
    ),
    (
        "RECIPIENT_NOT_NAMED",
        "You did not name a company on the way.",
        "Sie haben ein Unternehmen auf dem Weg nicht genannt.",
    ),
    (
        "TIER_TOO_DEEP",
        "A helper of a helper would see it, and you did not agree to that.",
        "Ein Helfer eines Helfers bekäme es, und dazu haben Sie nicht Ja gesagt.",
    ),
    (
        "REGION_NOT_GRANTED",
        "It would be used in a place you did not agree to.",
        "Es würde an einem Ort genutzt, zu dem Sie nicht Ja gesagt haben.",
    ),
    (
        "HOP_OUTSIDE_REGION",
        "A company on the way works in a place you did not agree to.",
        "Ein Unternehmen auf dem Weg arbeitet an einem Ort, zu dem Sie nicht Ja gesagt haben.",
    ),
    (
        "PLACE_NOT_DESCRIBED",
        "A company on the way has not said where it holds data.",
        "Ein Unternehmen auf dem Weg hat nicht gesagt, wo es Daten hält.",
    ),
    (
        "NO_TRANSFER_TOOL",
        "Nothing valid covers sending it abroad.",
        "Nichts Gültiges deckt die Übermittlung ins Ausland.",
    ),
    (
        "PROVENANCE_DENIES",
        "It came with terms of its own, and they do not allow it.",
        "Es kam mit eigenen Zusagen, und die erlauben es nicht.",
    ),
    (
        "PARENT_DENIES",
        "It was worked out from something that is closed.",
        "Es wurde aus etwas errechnet, das geschlossen ist.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_law_has_a_sentence() {
        let source = include_str!("../../../kernel/src/reason.rs");
        let codes: Vec<&str> = source
            .lines()
            .filter_map(|line| line.trim().strip_suffix("\",")?.split_once("=> \"").map(|(_, code)| code))
            .collect();
        let codes: Vec<&&str> =
            codes.iter().filter(|code| code.chars().all(|c| c.is_ascii_uppercase() || c == '_')).collect();
        assert!(codes.len() >= 44, "{}", codes.len());
        for code in codes {
            assert_ne!(sentence(code, false), *code);
            assert_ne!(sentence(code, true), sentence(code, false));
        }
    }
}
