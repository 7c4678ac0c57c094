mod written;

use std::collections::{BTreeSet, HashSet};

use super::*;

fn names(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_sentence_is_there_once_in_both_languages_and_fits_anywhere() {
    let mut seen = HashSet::new();
    for (file, text) in FILES {
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).count();
        assert_eq!(lines, pairs(text).count() * 2, "{file}: each English line has its German one below it");
        for (english, german) in pairs(text) {
            assert!(*file == "scripts" || seen.insert(english), "{file}: twice in the catalogue: {english}");
            assert!(!german.trim().is_empty(), "{file}: {english}");
            assert_eq!(names(english), names(german), "{file}: {english}");
            for mark in ['[', ']'] {
                let count = |text: &str| text.matches(mark).count();
                assert_eq!(count(english), count(german), "{file}: {english}");
            }
            assert!(!german.contains('~') && !german.contains('<'), "{file}: {german}");
        }
    }
}

#[tokio::test]
async fn a_sentence_is_said_in_the_language_of_the_page() {
    assert_eq!(say("Save"), "Save");
    assert_eq!(say("About~emergency"), "About");
    let (word, count) =
        speaking(Lang::German, async { (say("Save"), say!("{n} {unit} ago", n = 3, unit = say("min"))) })
            .await;
    assert_eq!((word, count.as_str()), ("Speichern", "vor 3 Min."));
    assert_eq!(scripts(), "{}");
    assert!(speaking(Lang::German, async { scripts() }).await.contains("\"Keys\":\"Tasten\""));
}

#[test]
fn what_is_put_in_cannot_become_markup() {
    let said = Said("{who} read [the <notice>].".replace('<', "&lt;").replace('>', "&gt;"));
    let said = said.put("who", &"<b>\"Mia\"</b>").element("<a href=\"/x\">", "</a>");
    assert_eq!(
        said.to_string(),
        "&lt;b&gt;&#34;Mia&#34;&lt;/b&gt; read <a href=\"/x\">the &lt;notice&gt;</a>."
    );
}

#[test]
#[should_panic(expected = "not in the catalogue")]
fn a_sentence_that_nobody_wrote_down_stops_a_test() {
    say("A sentence that stands in no file.");
}

#[tokio::test]
async fn what_was_kept_in_english_is_read_back() {
    let told =
        "row 3, line 5: it has 2 fields where 4 are expected. Add the missing ones, or quote a line break.";
    assert_eq!(kept(told), told);
    let [row, word, unknown] =
        speaking(Lang::German, async { [kept(told), kept("Shut out."), kept("Nobody wrote this down.")] })
            .await;
    assert_eq!(
        row,
        "Zeile 3 (in der Datei: 5): sie hat 2 Felder statt 4. Ergänzen Sie die fehlenden, oder setzen Sie einen \
         Zeilenumbruch in Anführungszeichen."
    );
    assert_eq!((word.as_str(), unknown.as_str()), ("Ausgesperrt.", "Nobody wrote this down."));
}

#[test]
fn both_languages_are_said_whoever_reads() {
    let both = both(|| say!("{n} {unit} ago", n = 3, unit = say("min")));
    assert_eq!((both.english.as_str(), both.german.as_str()), ("3 min ago", "vor 3 Min."));
}
