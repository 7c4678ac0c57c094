//! Sentences with something in them: counts, uses, roles, what happened. In English and German side by side.

use assent_kernel::{Role, Timestamp, Use};

use super::act::QUIETS;
use super::text::Text;

impl Text {
    /// "What Halden Home knows about you".
    pub(super) fn knows(self, company: &str) -> String {
        if self.german {
            format!("Was {company} über Sie weiß")
        } else {
            format!("What {company} knows about you")
        }
    }
    /// A use on many people, told to one of them.
    pub(super) fn among(self, people: u64) -> String {
        if self.german {
            format!("Ein Vorgang über {people} Menschen auf einmal; Sie waren dabei.")
        } else {
            format!("One use on {people} people at once; you were one of them.")
        }
    }
    /// "3 things, …" under the heading.
    pub(super) fn held_lead(self, count: usize) -> String {
        match (self.german, count) {
            (false, 0) => "Nothing is held about you.".into(),
            (true, 0) => "Über Sie ist nichts gespeichert.".into(),
            (false, 1) => {
                "One thing is held about you. It stands below with where it came from and who may use it."
                    .into()
            }
            (true, 1) => {
                "Eine Angabe über Sie ist gespeichert. Sie steht unten mit Herkunft und erlaubter Nutzung."
                    .into()
            }
            (false, n) => format!(
                "{n} things are held about you. Each stands below with where it came from and who may use it."
            ),
            (true, n) => format!(
                "{n} Angaben über Sie sind gespeichert. Jede steht unten mit Herkunft und erlaubter Nutzung."
            ),
        }
    }
    /// Since when an item is here, whether it was removed, and that its values belong together.
    pub(super) fn thing_since(self, since: Timestamp, gone: Option<Timestamp>, values: usize) -> String {
        let here = format!("{} {}.", self.pick("Here since", "Hier seit"), self.date(since));
        let gone = gone.map(|at| match self.german {
            true => format!(" Das Unternehmen hat es am {} entfernt.", self.date(at)),
            false => format!(" The company removed it on {}.", self.date(at)),
        });
        let (removed, gone) = (gone.is_some(), gone.unwrap_or_default());
        let values = match (values, removed) {
            (0, _) => self.pick(" Nothing is known of it.", " Darüber ist nichts bekannt."),
            (_, true) => self.pick(
                " What was known of it is still held; you can remove it.",
                " Was darüber bekannt war, ist noch gespeichert; Sie können es entfernen.",
            ),
            (1, false) => "",
            (_, false) => self.pick(" These values belong together.", " Diese Angaben gehören zusammen."),
        };
        format!("{here}{gone}{values}")
    }
    /// The times for which nobody may ask again, in days and in words.
    pub(super) const fn quiets(self) -> [(u32, &'static str); 4] {
        let [quarter, half, year, years] = QUIETS;
        [
            (quarter, self.pick("3 months", "3 Monate")),
            (half, self.pick("6 months", "6 Monate")),
            (year, self.pick("1 year", "1 Jahr")),
            (years, self.pick("5 years", "5 Jahre")),
        ]
    }
    /// "Marketing at Halden Home asked on 3 May 2026."
    pub(super) fn asked_on(self, who: &str, date: &str) -> String {
        if self.german { format!("{who} fragte am {date}.") } else { format!("{who} asked on {date}.") }
    }
    /// "You answered on 4 May 2026."
    pub(super) fn answered_on(self, date: &str) -> String {
        if self.german {
            format!("Sie haben am {date} geantwortet.")
        } else {
            format!("You answered on {date}.")
        }
    }
    /// "Nobody may ask again until 4 November 2026."
    pub(super) fn quiet_until(self, date: &str) -> String {
        if self.german {
            format!("Bis {date} darf niemand wieder fragen.")
        } else {
            format!("Nobody may ask again until {date}.")
        }
    }
    /// How often somebody wanted to ask again all the same.
    pub(super) fn asked_again(self, times: u32, date: &str) -> String {
        match (self.german, times) {
            (false, 1) => format!("Once somebody wanted to ask again, on {date}. It was refused."),
            (true, 1) => format!("Einmal wollte jemand wieder fragen, am {date}. Es wurde abgelehnt."),
            (false, n) => format!("{n} times somebody wanted to ask again, last on {date}. It was refused."),
            (true, n) => {
                format!("{n}-mal wollte jemand wieder fragen, zuletzt am {date}. Es wurde abgelehnt.")
            }
        }
    }
    /// "Your yes to “Newsletter”".
    pub(super) fn your_yes_to(self, purpose: &str) -> String {
        if self.german {
            format!("Ihr Ja zu „{purpose}“")
        } else {
            format!("Your yes to “{purpose}”")
        }
    }
    /// "“Do not ask me” about “Newsletter”".
    pub(super) fn quiet_about(self, purpose: &str) -> String {
        if self.german {
            format!("„Nicht mehr fragen“ zu „{purpose}“")
        } else {
            format!("“Don't ask again” about “{purpose}”")
        }
    }
    /// How often something was used, when last and by whom.
    pub(super) fn used_times(self, times: usize, more: bool, last: &str, by: &str) -> String {
        match (self.german, times, more) {
            (false, 1, false) => format!("Used once, on {last}. By: {by}."),
            (true, 1, false) => format!("Einmal genutzt, am {last}. Von: {by}."),
            (false, n, false) => format!("Used {n} times, last on {last}. By: {by}."),
            (true, n, false) => format!("{n}-mal genutzt, zuletzt am {last}. Von: {by}."),
            (false, n, true) => format!("Used {n} times lately, last on {last}. By: {by}."),
            (true, n, true) => format!("In letzter Zeit {n}-mal genutzt, zuletzt am {last}. Von: {by}."),
        }
    }
    /// How a use is told, in the past.
    pub(super) const fn did(self, one: Use) -> &'static str {
        match one {
            Use::View => self.pick("looked at", "angesehen"),
            Use::List => self.pick("listed", "aufgelistet"),
            Use::Export => self.pick("copied to a file", "in eine Datei kopiert"),
            Use::Message => self.pick("wrote to you with", "Ihnen geschrieben mit"),
            Use::Share => self.pick("passed on", "weitergegeben"),
            Use::Combine => self.pick("combined with others' data", "mit fremden Daten verbunden"),
            Use::Enrich => self.pick("completed from elsewhere", "aus anderer Quelle ergänzt"),
            Use::Cleanse => self.pick("corrected", "berichtigt"),
            Use::Contribute => self.pick("listed in the exchange", "in den Austausch gestellt"),
            Use::Learn => self.pick("learned from", "daraus gelernt"),
            Use::Capture => self.pick("collected", "erfasst"),
            Use::LookUp => self.pick("looked up", "nachgeschlagen"),
        }
    }
    /// How each use is told, in the order of their codes, for the script that reads a receipt by itself.
    pub(super) fn all_did(self) -> String {
        Use::ALL.iter().map(|one| self.did(*one)).collect::<Vec<_>>().join("|")
    }
    /// How a use is told when it was refused.
    pub(super) const fn wanted(self, one: Use) -> &'static str {
        match one {
            Use::View => self.pick("wanted to look at", "wollte ansehen"),
            Use::List => self.pick("wanted to list", "wollte auflisten"),
            Use::Export => self.pick("wanted to copy to a file", "wollte in eine Datei kopieren"),
            Use::Message => self.pick("wanted to write to you with", "wollte Ihnen schreiben mit"),
            Use::Share => self.pick("wanted to pass on", "wollte weitergeben"),
            Use::Combine => {
                self.pick("wanted to combine with others' data", "wollte mit fremden Daten verbinden")
            }
            Use::Enrich => {
                self.pick("wanted to complete from elsewhere", "wollte aus anderer Quelle ergänzen")
            }
            Use::Cleanse => self.pick("wanted to correct", "wollte berichtigen"),
            Use::Contribute => self.pick("wanted to list in the exchange", "wollte in den Austausch stellen"),
            Use::Learn => self.pick("wanted to learn from", "wollte lernen aus"),
            Use::Capture => self.pick("wanted to collect", "wollte erfassen"),
            Use::LookUp => self.pick("wanted to look up", "wollte nachschlagen"),
        }
    }
    /// What may be done: "see it".
    pub(super) const fn may(self, one: Use) -> &'static str {
        match one {
            Use::View => self.pick("see it", "ansehen"),
            Use::List => self.pick("show it in lists", "in Listen zeigen"),
            Use::Export => self.pick("copy it to a file", "in eine Datei kopieren"),
            Use::Message => self.pick("write to you", "Ihnen schreiben"),
            Use::Share => self.pick("pass it on to those named", "an die Genannten weitergeben"),
            Use::Combine => self.pick("combine it with others' data", "mit fremden Daten verbinden"),
            Use::Enrich => self.pick("complete it from elsewhere", "aus anderer Quelle ergänzen"),
            Use::Cleanse => self.pick("correct it", "berichtigen"),
            Use::Contribute => self.pick("list it in the exchange", "in den Austausch stellen"),
            Use::Learn => self.pick("learn from it", "daraus lernen"),
            Use::Capture => self.pick("collect it", "erfassen"),
            Use::LookUp => self.pick("look it up on networks", "in Netzwerken nachschlagen"),
        }
    }
    /// Who acted, by the hat they wore.
    pub(super) fn role(self, key: &str, company: &str) -> String {
        let role = Role::parse(key);
        let word = match role {
            Some(Role::Person) => return self.pick("You", "Sie").to_owned(),
            Some(Role::Sales) => self.pick("Sales", "Verkauf"),
            Some(Role::Marketing) => self.pick("Marketing", "Marketing"),
            Some(Role::Support) => self.pick("Support", "Support"),
            Some(Role::Billing) => self.pick("Billing", "Buchhaltung"),
            Some(Role::Dpo) => self.pick("The data protection officer", "Datenschutz"),
            Some(Role::Product) => self.pick("The product team", "Produktteam"),
            Some(Role::Auditor) => self.pick("An auditor", "Prüfung"),
            Some(Role::Admin) => self.pick("Administration", "Verwaltung"),
            Some(Role::System) | None => self.pick("The program", "Das Programm"),
        };
        if self.german { format!("{word} bei {company}") } else { format!("{word} at {company}") }
    }
    /// "No “Stop fraud”", the title of a stop for one purpose.
    pub(super) fn stop_purpose(self, purpose: &str) -> String {
        if self.german { format!("Nicht für „{purpose}“") } else { format!("Not for “{purpose}”") }
    }
    /// "They were told by letter on 3 May 2026."
    pub(super) fn told_by_letter(self, day: &str) -> String {
        if self.german {
            format!("Am {day} mit einem Brief verständigt.")
        } else {
            format!("Told by letter on {day}.")
        }
    }
    /// "The company told them on 3 May 2026."
    pub(super) fn told_by_hand(self, day: &str) -> String {
        if self.german {
            format!("Das Unternehmen sagt: am {day} verständigt.")
        } else {
            format!("The company says that it told them on {day}.")
        }
    }
    /// A person, by the hand of a program of theirs.
    pub(super) fn by_program(self, name: &str) -> String {
        if self.german {
            format!("Sie, durch Ihr Programm „{name}“")
        } else {
            format!("You, by your program “{name}”")
        }
    }
    /// Something a person said, or something done to their facts, as a sentence.
    pub(super) fn happened(
        self,
        outcome: &str,
        who: &str,
        purpose: &str,
        things: &str,
        note: &str,
    ) -> String {
        let (how, scope) = note.split_once(' ').unwrap_or((note, ""));
        let how = self.said_how(how);
        let about = |en: &str, de: &str| {
            if self.german {
                format!("{who}: {de} „{purpose}“{how}.")
            } else {
                format!("{who}: {en} “{purpose}”{how}.")
            }
        };
        match outcome {
            "GIVEN" => about("yes to", "Ja zu"),
            "REFUSED" => about("no to", "Nein zu"),
            "WITHDRAWN" => about("no longer yes to", "nicht mehr Ja zu"),
            "OBJECTED" if scope == "purpose" => about("stop", "Stopp für"),
            "LIFTED" if scope == "purpose" => about("allowed again", "wieder erlaubt"),
            "OBJECTED" => format!("{who}: {}{how}.", self.stop_of(scope)),
            "RESTRICTED" => format!(
                "{who}: {}{how}.",
                self.pick("keep it, but use it for nothing", "behalten, aber für nichts nutzen")
            ),
            "LIFTED" => format!(
                "{who}: {}: {}{how}.",
                self.pick("allowed again", "wieder erlaubt"),
                self.stop_of(scope)
            ),
            "RELEASED" => format!(
                "{who}: {}{how}.",
                self.pick("what was kept may be used again", "was aufbewahrt war, darf wieder genutzt werden")
            ),
            "RETENTION_OVER" => format!(
                "{who}: {}",
                self.pick(
                    "the time that a law demanded is over; what it kept was erased.",
                    "die Zeit, die ein Gesetz verlangte, ist vorbei; was es aufbewahrte, wurde gelöscht."
                )
            ),
            "IMPORT_UNDONE" => format!(
                "{who}: {}",
                self.pick(
                    "an import was taken back; what came with it was erased.",
                    "ein Import wurde zurückgenommen; was mit ihm kam, wurde gelöscht."
                )
            ),
            "LETTER_SHOWN" => format!(
                "{who}: {}",
                self.pick(
                    "looked at letters to you in the outbox.",
                    "hat Briefe an Sie im Postausgang angesehen."
                )
            ),
            "JOINED" => format!(
                "{who}: {}",
                self.pick(
                    "takes this record and another for the same person. What either refused is refused for both.",
                    "hält diesen Datensatz und einen anderen für dieselbe Person. Was für einen abgelehnt ist, gilt für beide."
                )
            ),
            "SPLIT" => format!(
                "{who}: {}",
                self.pick(
                    "no longer takes this record and another for the same person.",
                    "hält diesen Datensatz und einen anderen nicht mehr für dieselbe Person."
                )
            ),
            "EMERGENCY_ASKED" | "EMERGENCY_APPROVED" | "EMERGENCY_REFUSED" => {
                let did = match outcome {
                    "EMERGENCY_ASKED" => self.pick("asked to open in an emergency", "wollte im Notfall öffnen"),
                    "EMERGENCY_APPROVED" => self.pick(
                        "agreed, as the second person, to open in an emergency",
                        "hat als zweite Person zugestimmt, im Notfall zu öffnen",
                    ),
                    _ => self.pick("refused to open in an emergency", "hat abgelehnt, im Notfall zu öffnen"),
                };
                format!("{who} – {did}: {things} ({note})")
            }
            "DELETED" => format!(
                "{who}: {}",
                self.pick(
                    "deleted your record. Nobody finds or uses it; it can be brought back for a while.",
                    "hat Ihren Datensatz gelöscht. Niemand findet oder nutzt ihn; eine Weile lässt er sich zurückholen."
                )
            ),
            "BROUGHT_BACK" => format!(
                "{who}: {}",
                self.pick(
                    "brought your record back. What you said, and what ended, stays so.",
                    "hat Ihren Datensatz zurückgeholt. Was Sie gesagt haben und was endete, bleibt so."
                )
            ),
            "CONTRACT" => {
                format!("{who}: {}", self.pick("a contract was noted.", "ein Vertrag wurde vermerkt."))
            }
            "PROGRAM_MADE" => {
                format!("{who}: {} {}.", self.pick("a program may act for you now:", "ein Programm darf jetzt für Sie handeln:"), note)
            }
            "PROGRAM_ENDED" => {
                format!("{who}: {} {}.", self.pick("a program may act for you no more:", "ein Programm darf nicht mehr für Sie handeln:"), note)
            }
            "FORGOTTEN" => format!("{who} – {}: {things}", self.pick("removed", "entfernt")),
            "DONE" if !things.is_empty() => {
                let source =
                    if note.is_empty() { String::new() } else { format!(" ({}: {note})", self.from()) };
                format!("{who} – {}: {things}{source}", self.pick("stored", "gespeichert"))
            }
            _ => format!("{who}: {}", self.pick("a change was noted.", "eine Änderung wurde vermerkt.")),
        }
    }
    /// "On 3 March 2026 Siobhan Keane looked at your e-mail address."
    pub(super) fn emergency_looked(self, day: &str, who: &str, kinds: &str) -> String {
        if self.german {
            format!("Am {day} hat {who} das angesehen: {kinds}.")
        } else {
            format!("On {day} {who} looked at: {kinds}.")
        }
    }
    /// The same, when nobody looked.
    pub(super) fn emergency_asked(self, day: &str, who: &str, kinds: &str, waits: bool) -> String {
        let end = match (self.german, waits) {
            (true, true) => "Noch hat niemand zugestimmt.",
            (true, false) => "Niemand hat etwas angesehen.",
            (false, true) => "Nobody has agreed yet.",
            (false, false) => "Nobody looked.",
        };
        if self.german {
            format!("Am {day} wollte {who} das öffnen: {kinds}. {end}")
        } else {
            format!("On {day} {who} asked to open: {kinds}. {end}")
        }
    }
    /// Why, for which case, and who agreed.
    pub(super) fn emergency_because(self, reason: &str, case: &str, second: &str, answered: bool) -> String {
        let by = match (self.german, answered) {
            (_, false) => String::new(),
            (true, true) => format!(" Entschieden von: {second}."),
            (false, true) => format!(" Decided by: {second}."),
        };
        if self.german {
            format!("Grund: {reason} Fall: {case}.{by}")
        } else {
            format!("Because: {reason} Case: {case}.{by}")
        }
    }
    /// That a company deleted somebody, and what follows.
    pub(super) fn deleted(self, company: &str, at: Timestamp, until: Timestamp) -> String {
        let (at, until) = (self.date(at), self.date(until));
        if self.german {
            format!(
                "{company} hat Ihren Datensatz am {at} gelöscht. Niemand dort findet oder nutzt ihn. Bis zum {until} \
                 lässt er sich zurückholen; danach wird alles endgültig vernichtet. Sie können auch sofort löschen:"
            )
        } else {
            format!(
                "{company} deleted your record on {at}. Nobody there finds or uses it. Until {until} it can be brought \
                 back; then everything is destroyed for good. You can have that at once:"
            )
        }
    }
    /// How something was said; nothing where it is not known.
    const fn said_how(self, word: &str) -> &'static str {
        match word.as_bytes() {
            b"portal" => self.pick(", on this page", ", auf dieser Seite"),
            b"one-click" => self.pick(", by a link in a letter", ", über einen Link in einem Brief"),
            b"signal" => self.pick(", said by your browser", ", gesagt von Ihrem Browser"),
            b"agent" => self.pick(", said by your agent", ", gesagt von Ihrem Agenten"),
            b"imported" => self.pick(", as it came with an import", ", wie es mit einem Import kam"),
            b"attested" => self.pick(", put down by staff", ", von Mitarbeitenden eingetragen"),
            _ => "",
        }
    }
    /// Which stop.
    const fn stop_of(self, scope: &str) -> &'static str {
        match scope.as_bytes() {
            b"direct-marketing" => self.pick("no advertising", "keine Werbung"),
            b"profiling" => self.pick("no profiling", "kein Profil"),
            b"sale-share" => self.pick("no selling and sharing", "kein Verkauf, keine Weitergabe"),
            _ => self.pick("stop", "Stopp"),
        }
    }
    /// A source, as the person reads it.
    pub(super) fn source(self, source: &str) -> String {
        if source == "the person" { self.said_by_you().to_owned() } else { source.to_owned() }
    }
}

/// Each sentence of this file with something in it, in both languages, for whoever measures them.
#[cfg(test)]
pub(super) fn samples() -> Vec<(String, String)> {
    let at = Timestamp::from_micros(1_795_000_000_000_000);
    let day = "3 May 2026";
    let told: Vec<fn(Text, Timestamp, &str) -> String> = vec![
        |t, _, _| t.knows("Halden"),
        |t, _, _| t.among(7),
        |t, _, _| t.held_lead(0),
        |t, _, _| t.held_lead(1),
        |t, _, _| t.held_lead(7),
        |t, at, _| t.thing_since(at, None, 2),
        |t, at, _| t.thing_since(at, Some(at), 2),
        |t, _, day| t.asked_on("Support", day),
        |t, _, day| t.answered_on(day),
        |t, _, day| t.quiet_until(day),
        |t, _, day| t.asked_again(1, day),
        |t, _, day| t.asked_again(3, day),
        |t, _, day| t.used_times(3, false, day, "Support"),
        |t, _, day| t.told_by_letter(day),
        |t, _, day| t.told_by_hand(day),
        |t, _, _| t.by_program("Butler"),
        |t, _, day| t.emergency_looked(day, "Nora", "name"),
        |t, _, day| t.emergency_asked(day, "Nora", "name", false),
        |t, _, _| t.emergency_because("She fell.", "T-1", "Sam", true),
        |t, at, _| t.deleted("Halden", at, at),
    ];
    let happened = [
        "GIVEN",
        "REFUSED",
        "WITHDRAWN",
        "OBJECTED",
        "RESTRICTED",
        "LIFTED",
        "RELEASED",
        "RETENTION_OVER",
        "IMPORT_UNDONE",
        "LETTER_SHOWN",
        "JOINED",
        "SPLIT",
        "EMERGENCY_ASKED",
        "EMERGENCY_APPROVED",
        "EMERGENCY_REFUSED",
        "DELETED",
        "BROUGHT_BACK",
        "CONTRACT",
        "PROGRAM_MADE",
        "PROGRAM_ENDED",
        "FORGOTTEN",
        "DONE",
    ];
    let both = |tell: &dyn Fn(Text) -> String| (tell(Text { german: false }), tell(Text { german: true }));
    let mut out: Vec<_> = told.iter().map(|tell| both(&|t| tell(t, at, day))).collect();
    out.extend(happened.iter().map(|one| both(&|t| t.happened(one, "Nora", "Tips", "name", "portal"))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is written down about a person beside uses, as the gate's own source names it.
    const SOURCES: [&str; 7] = [
        include_str!("../../../gate/src/record.rs"),
        include_str!("../../../gate/src/joined.rs"),
        include_str!("../../../gate/src/post.rs"),
        include_str!("../../../gate/src/keep.rs"),
        include_str!("../../../gate/src/own_keys.rs"),
        include_str!("../../../gate/src/sweep.rs"),
        include_str!("../../../gate/src/undo.rs"),
    ];

    #[test]
    fn everything_that_is_written_down_has_a_sentence() {
        let outcome =
            |word: &&str| word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let mut all: Vec<&str> = SOURCES.iter().flat_map(|text| text.split('"')).filter(outcome).collect();
        all.sort();
        all.dedup();
        assert!(all.len() >= 14, "{all:?}");
        for german in [false, true] {
            let t = Text { german };
            let unknown = t.happened("?", "X", "P", "", "");
            for one in &all {
                assert_ne!(t.happened(one, "X", "P", "", ""), unknown, "{one}");
            }
            for scope in ["direct-marketing", "profiling", "sale-share"] {
                assert_ne!(t.stop_of(scope), t.stop_of(""));
            }
            for how in ["portal", "one-click", "signal", "agent", "imported", "attested"] {
                assert!(t.happened("REFUSED", "X", "P", "", how).contains(t.said_how(how)));
                assert!(!t.said_how(how).is_empty(), "{how}");
            }
        }
    }
}
