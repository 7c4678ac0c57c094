//! Finding people without plaintext at rest: blind tokens, keyed hashes of what a person could be looked for by.
//!
//! E-mail addresses, their domains and phone numbers are found whole; words of names by their beginning. Case and
//! accents do not count; other scripts work as they are. What was written down at length is cut in [`texts`].

mod texts;

pub use texts::Holding;

use assent_kernel::{CategoryKey, CompanyId, PersonId, TreeKey};
use assent_store::home;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::Result;
use crate::keys::Key;
use crate::start::Gate;
use crate::whose::Whose;

/// Beginnings of a word that can be looked for: from 2 letters to this many; longer ones only whole.
const LONGEST_BEGINNING: usize = 8;
/// Words of one value that are made findable: as many as the longest task has.
const MOST_WORDS: usize = 250;

/// So many are looked through at once for those who are meant.
const STEP: u32 = 1000;

/// A token nobody can read back: a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blind(pub(crate) i64);

impl Blind {
    /// True for a whole address, number or identifier, which belongs to one human; not for a word or a domain.
    pub(crate) const fn is_exact(self) -> bool {
        self.0 & 1 == 1
    }
}

/// True for kinds of facts by which two records may be known as one human.
pub(crate) fn same(category: &str) -> bool {
    ["contact.email", "contact.phone", "identifier"].iter().any(|kind| category.starts_with(kind))
}

/// Something to look for, already cut into tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<Blind>);

impl Query {
    /// Whoever has exactly this address.
    pub(crate) fn of_email(key: &Key, email: &str) -> Self {
        Self(vec![Maker(key).email(email)])
    }
}

/// Lower case, no accents, compatibility forms resolved: what is compared.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    plain
        .replace('ß', "ss")
        .replace('ø', "o")
        .replace('ł', "l")
        .replace('æ', "ae")
        .replace('œ', "oe")
        .replace('ı', "i")
}

/// The shortest beginning under which a word is found, in letters: one letter of another script may be a whole word.
fn shortest(word: &str) -> usize {
    if word.chars().next().is_some_and(|first| first.is_ascii()) { 2 } else { 1 }
}

/// The longest beginning of a word under which it is found; none when it is too short for any.
fn beginning(word: &str) -> Option<String> {
    let letters = word.chars().count();
    (letters >= shortest(word)).then(|| word.chars().take(LONGEST_BEGINNING).collect())
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The beginnings under which a word is found, and the word itself.
fn beginnings(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut out: Vec<String> = (shortest(word)..=LONGEST_BEGINNING.min(letters.len()))
        .map(|n| letters.iter().take(n).collect())
        .collect();
    if letters.len() > LONGEST_BEGINNING || out.is_empty() {
        out.push(word.to_owned());
    }
    out
}

struct Maker<'a>(&'a Key);

impl Maker<'_> {
    fn token(&self, kind: &str, text: &str) -> Blind {
        Blind(self.0.token(&[kind.as_bytes(), b"\0", text.as_bytes()]) & !1)
    }
    /// A token of a whole address, number or identifier: it is odd, so that those whom two people share can be found
    /// without looking at any other.
    fn exact(&self, kind: &str, text: &str) -> Blind {
        Blind(self.token(kind, text).0 | 1)
    }
    fn email(&self, address: &str) -> Blind {
        self.exact("email", &fold(address))
    }
}

/// The tokens of one value.
pub(crate) fn tokens(key: &Key, category: &CategoryKey, value: &str) -> Vec<Blind> {
    let maker = Maker(key);
    let name = category.as_str();
    if name.starts_with("contact.email") {
        let domain = value.rsplit_once('@').map(|(_, domain)| maker.token("domain", &fold(domain)));
        return domain.into_iter().chain([maker.email(value)]).collect();
    }
    if name.starts_with("contact.phone") {
        return vec![maker.exact("phone", &digits(value))];
    }
    if name.starts_with("name") || name == "work.employer" || name == "note.deal" {
        let all = words(value).flat_map(|word| beginnings(&word));
        return all.map(|beginning| maker.token("word", &beginning)).collect();
    }
    if name == "note.task" {
        // Apart from names: who is looked for by name is not somebody who is to be asked about it.
        return words(value)
            .flat_map(|word| beginnings(&word))
            .map(|one| maker.token("task", &one))
            .collect();
    }
    if name.starts_with("identifier") {
        return vec![maker.exact("id", &fold(value))];
    }
    texts::tokens(&maker, category, value)
}

/// What a company's own texts are about: each kind is looked for apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The name of an organisation.
    Organisation,
    /// The title of a deal.
    Deal,
    /// A task.
    Task,
    /// A note beside an organisation or a deal.
    Note,
    /// The name of a file beside them.
    File,
    /// What stands in an item of an object that the company made.
    Item,
}

impl Work {
    const fn kind(self) -> &'static str {
        match self {
            Self::Organisation => "own organisation",
            Self::Deal => "own deal",
            Self::Task => "own task",
            Self::Note => "own note",
            Self::File => "own file",
            Self::Item => "own item",
        }
    }
    /// True when such texts may be long: fewer beginnings of each word are kept.
    const fn is_long(self) -> bool {
        match self {
            Self::Organisation | Self::Deal | Self::Task => false,
            Self::Note | Self::File | Self::Item => true,
        }
    }
    /// The kinds of tokens under which people stand about whom such a text is.
    const fn of_people(self) -> &'static [&'static str] {
        match self {
            // Notes, files and items of people are found by themselves: they are facts.
            Self::Organisation | Self::Note | Self::File | Self::Item => &[],
            Self::Deal => &["word"],
            Self::Task => &["word", "task"],
        }
    }
}

/// The tokens of a company's own text: every beginning to keep, or the words as they were typed to look for.
pub(crate) fn own_words(key: &Key, work: Work, text: &str, keep: bool) -> Vec<i64> {
    let maker = Maker(key);
    if work.is_long() {
        return texts::own(&maker, work, text, keep);
    }
    let cut = |word: String| if keep { beginnings(&word) } else { vec![word] };
    let mut all: Vec<i64> = words(text).flat_map(cut).map(|word| maker.token(work.kind(), &word).0).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The token of a company's own texts that hold a word with this beginning; none when it is too short.
pub(crate) fn own_beginning(key: &Key, work: Work, word: &str) -> Option<i64> {
    let word = if work.is_long() { texts::asked(word) } else { beginning(word) };
    word.map(|word| Maker(key).token(work.kind(), &word).0)
}

/// A keyed digest: whoever has no key cannot tell what it was made of.
pub(crate) fn own_mark(key: &Key, text: &str) -> i64 {
    Maker(key).token("mark", text).0
}

/// The token by which an address stays suppressed, whoever it belongs to.
pub(crate) fn address(key: &Key, email: &str) -> Blind {
    Maker(key).token("never-write", &fold(email))
}

fn parse(key: &Key, text: &str) -> Vec<Blind> {
    let maker = Maker(key);
    let text = text.trim();
    if let Some((local, domain)) = text.rsplit_once('@') {
        return vec![if local.is_empty() { maker.token("domain", &fold(domain)) } else { maker.email(text) }];
    }
    let number = digits(text);
    if number.len() >= 6 && text.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c)) {
        return vec![maker.exact("phone", &number)];
    }
    let word = |word: String| {
        let letters = word.chars().count();
        maker.token("word", &if letters > LONGEST_BEGINNING { word } else { word.chars().collect() })
    };
    // The longest word first: the fewest people begin with it.
    let mut all: Vec<String> = words(text).collect();
    all.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    all.into_iter().map(word).collect()
}

impl Gate {
    /// Cuts a search text into tokens of a company.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn query(&self, company: CompanyId, text: &str) -> Result<Query> {
        let key = self.blind_key(company).await?;
        Ok(Query(parse(&key, text)))
    }

    /// People that a query leads to, after a person, at most `most`. Only ids: whoever wants to see more has to ask.
    /// Whoever is not meant takes nobody's place.
    ///
    /// # Errors
    /// What the store said.
    pub async fn find(
        &self,
        whose: &Whose,
        query: &Query,
        after: Option<PersonId>,
        most: u32,
    ) -> Result<Vec<PersonId>> {
        let company = whose.company();
        let tokens: Vec<i64> = query.0.iter().map(|blind| blind.0).collect();
        if whose.reach().is_all() {
            return Ok(self
                .0
                .home
                .read(move |tx| home::by_tokens(tx, company, &tokens, after, most))
                .await?);
        }
        let (mut out, mut after, wanted) = (Vec::new(), after, usize::try_from(most).unwrap_or(usize::MAX));
        loop {
            let (tokens, from) = (tokens.clone(), after);
            let read = move |tx: &mut assent_store::Tx<'_>| home::by_tokens(tx, company, &tokens, from, STEP);
            let some = self.0.home.read(read).await?;
            after = some.last().copied();
            out.extend(self.within(whose, &some).await?);
            if out.len() >= wanted || some.len() < STEP as usize {
                out.truncate(wanted);
                return Ok(out);
            }
        }
    }

    /// People about whom a text of this kind may hold a word that begins so, or who are called so: more than that,
    /// never fewer. None when the word is too short to lead anywhere, or leads to more than `most`.
    ///
    /// # Errors
    /// What the store said.
    pub async fn led(
        &self,
        company: CompanyId,
        work: Work,
        word: &str,
        most: u32,
    ) -> Result<Option<Vec<PersonId>>> {
        let tokens = self.tokens_of_people(company, work, word).await?;
        if tokens.is_empty() {
            return Ok(None);
        }
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let mut out = Vec::new();
            for token in tokens {
                out.extend(home::by_tokens(tx, company, &[token], None, most.saturating_add(1))?);
            }
            Ok(out)
        };
        let people = self.0.home.read(read).await?;
        Ok((people.len() <= usize::try_from(most).unwrap_or(usize::MAX)).then_some(people))
    }

    /// Those of some people about whom a text of this kind may hold a word that begins so, or who are called so.
    ///
    /// # Errors
    /// What the store said.
    pub async fn led_of(
        &self,
        company: CompanyId,
        work: Work,
        word: &str,
        people: Vec<PersonId>,
    ) -> Result<Vec<PersonId>> {
        let tokens = self.tokens_of_people(company, work, word).await?;
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let mut out = Vec::new();
            for token in tokens {
                out.extend(home::of_token(tx, company, token, &people)?);
            }
            Ok(out)
        };
        Ok(self.0.home.read(read).await?)
    }

    /// The tokens under which people stand about whom a text of this kind holds a word; none when it is too short.
    async fn tokens_of_people(&self, company: CompanyId, work: Work, word: &str) -> Result<Vec<i64>> {
        let Some(word) = beginning(word) else { return Ok(Vec::new()) };
        let key = self.blind_key(company).await?;
        Ok(work.of_people().iter().map(|kind| Maker(&key).token(kind, &word).0).collect())
    }

    /// People of a company with exactly this e-mail address.
    ///
    /// # Errors
    /// What the store said.
    pub async fn find_email(&self, company: CompanyId, email: &str) -> Result<Vec<PersonId>> {
        let key = self.blind_key(company).await?;
        self.find(&Whose::everybody(company), &Query::of_email(&key, email), None, 100).await
    }

    /// For each address the person of this company who has it, if there is one: one reading of the directory for all.
    ///
    /// # Errors
    /// What the store said.
    pub async fn known(&self, company: CompanyId, emails: &[String]) -> Result<Vec<Option<PersonId>>> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.blind_key(company).await?;
        let tokens: Vec<i64> = emails.iter().map(|email| Maker(&key).email(email).0).collect();
        Ok(self.0.home.read(move |tx| home::first_by_each(tx, company, &tokens)).await?)
    }

    pub(crate) async fn blind_key(&self, company: CompanyId) -> Result<Key> {
        let home = self.company(company).await?.region.clone();
        self.region(&home)?.blind(company).await
    }

    /// Since when nobody of this company may write to an address.
    ///
    /// # Errors
    /// What the store said.
    pub async fn never_write(&self, company: CompanyId, email: &str) -> Result<bool> {
        let blind = self.blind_key(company).await?;
        self.is_suppressed(company, &blind, std::iter::once(email)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_and_accents_and_keeps_other_scripts() {
        for (text, folded) in [
            ("Müller", "muller"),
            ("Łukasz", "lukasz"),
            ("İpek", "ipek"),
            ("田中", "田中"),
            ("Ｍｉａ", "mia"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn a_word_is_found_by_its_beginning_and_whole() {
        let all = beginnings("konstantinopel");
        assert!(all.contains(&"ko".to_owned()) && all.contains(&"konstant".to_owned()));
        assert!(all.contains(&"konstantinopel".to_owned()) && !all.contains(&"konstanti".to_owned()));
        assert_eq!(beginnings("中"), ["中"]);
    }
}
