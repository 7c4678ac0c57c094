//! How hard a text is to read: Flesch's reading ease for English, Amstad's form of it for German. A hint, not a verdict.

use crate::say;

/// What a text is like for its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Most children of twelve read it.
    Easy,
    /// Most adults read it.
    Fair,
    /// It needs training.
    Hard,
}

/// A text, measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Words in a sentence, on average.
    pub words: f64,
    /// Reading ease, 0 to 100; only for languages that we have a formula for.
    pub ease: Option<f64>,
}

/// Measures a text; nothing when it has no word.
#[must_use]
pub fn measure(lang: &str, text: &str) -> Option<Reading> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| word.chars().any(char::is_alphabetic)).collect();
    if words.is_empty() {
        return None;
    }
    let ends = text.split(['.', '!', '?', ':', ';', '\n']);
    let sentences = ends.filter(|part| part.chars().any(char::is_alphabetic)).count().max(1);
    let syllables: usize = words.iter().map(|word| syllables(lang, word)).sum();
    let (n, per) = (number(words.len()), number(words.len()) / number(sentences));
    let each = number(syllables) / n;
    let ease = match lang {
        "en" => Some(206.835 - 1.015 * per - 84.6 * each),
        "de" => Some(180.0 - per - 58.5 * each),
        _ => None,
    };
    Some(Reading { words: per, ease: ease.map(|ease| ease.clamp(0.0, 100.0)) })
}

fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Groups of vowels; in English a silent e at the end does not count.
fn syllables(lang: &str, word: &str) -> usize {
    let word = word.to_lowercase();
    let vowel = |c: char| "aeiouyäöüàâéèêëîïôûùáíóúåøæœ".contains(c);
    let (mut count, mut before) = (0usize, false);
    for c in word.chars() {
        let now = vowel(c);
        count = count.saturating_add(usize::from(now && !before));
        before = now;
    }
    let silent = lang == "en" && count > 1 && word.ends_with('e') && !word.ends_with("le");
    count.saturating_sub(usize::from(silent)).max(1)
}

impl Reading {
    /// How it reads.
    #[must_use]
    pub fn level(self) -> Level {
        match self.ease {
            Some(ease) if ease >= 60.0 => Level::Easy,
            Some(ease) if ease >= 40.0 => Level::Fair,
            Some(_) => Level::Hard,
            None if self.words <= 15.0 => Level::Easy,
            None if self.words <= 22.0 => Level::Fair,
            None => Level::Hard,
        }
    }

    /// One sentence for whoever writes the text.
    #[must_use]
    pub fn sentence(self) -> String {
        let n = format!("{:.0}", self.words);
        let measured = match self.ease {
            Some(ease) => {
                let ease = format!("{ease:.0}");
                say!("reading ease {ease} of 100, {n} words in a sentence", ease = ease, n = n)
            }
            None => say!("{n} words in a sentence; we have no formula for this language", n = n),
        };
        let told = say(match self.level() {
            Level::Easy => "Easy",
            Level::Fair => "Readable for most adults; shorter words and sentences reach more people",
            Level::Hard => "Hard: many people will not read this. Use shorter words and sentences",
        });
        format!("{told} ({measured}).")
    }

    /// The tag's colour.
    #[must_use]
    pub fn tone(self) -> &'static str {
        match self.level() {
            Level::Easy => "good",
            Level::Fair => "",
            Level::Hard => "warn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_easy_and_lawyers_are_hard() {
        let easy = measure("en", "We send you news. You can stop it at any time. Your brush works the same.")
            .unwrap();
        let hard = measure(
            "en",
            "Notwithstanding anticipated contractual considerations, personalised communications regarding \
             complementary merchandise necessitate authorisation.",
        )
        .unwrap();
        assert_eq!((easy.level(), hard.level()), (Level::Easy, Level::Hard));
        assert!(easy.ease > hard.ease);
    }

    #[test]
    fn german_has_a_scale_of_its_own() {
        let easy = measure("de", "Wir schicken Ihnen Post. Sie können das jederzeit beenden.").unwrap();
        let hard = measure(
            "de",
            "Datenschutzgrundverordnungskonforme Einwilligungserklärungen ermöglichen zielgruppenorientierte \
             Kommunikationsmaßnahmen unterschiedlicher Konzernunternehmen.",
        )
        .unwrap();
        assert!(easy.level() != Level::Hard, "{}", easy.sentence());
        assert_eq!(hard.level(), Level::Hard);
    }

    #[test]
    fn a_known_sentence_has_its_known_score() {
        // 6 words, 1 sentence, 6 syllables: 206.835 - 6.09 - 84.6 = 116.1, held at 100.
        assert_eq!(measure("en", "The cat sat on the mat.").unwrap().ease, Some(100.0));
        // 4 words, 1 sentence, 9 syllables: 206.835 - 4.06 - 190.35 = 12.4.
        let ease = measure("en", "Reading difficulty varies considerably.").unwrap().ease.unwrap();
        assert!(ease < 30.0, "{ease}");
    }

    #[test]
    fn other_languages_are_measured_by_their_sentences_and_nothing_is_nothing() {
        let told = measure("fr", "Nous vous écrivons.").unwrap();
        assert!(told.ease.is_none() && told.sentence().contains("no formula"));
        assert_eq!(measure("en", " … 123 "), None);
    }
}
