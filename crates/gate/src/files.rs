//! Files: sealed like facts, in pieces, under the key of the fact that names them. The name is the fact's value, so a file
//! is decided, told, exported, forgotten and erased like any other fact; the content opens with a permit for that fact.
//!
//! A file is anchored to no law, so nothing of it outlives its person.

use std::collections::BTreeMap;
use std::fmt;

use assent_kernel::mandate::Mask;
use assent_kernel::{Asker, CategoryKey, FactId, Timestamp, UseKind};
use assent_store::files::{self, File, Incoming};
use sha2::{Digest as _, Sha256};

use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::keep::{Keeping, With};
use crate::keys::Key;
use crate::own::Own;
use crate::permit::{Permit, Recorded};
use crate::seal::{open, seal};
use crate::start::Gate;

/// Plain bytes in one piece.
const PIECE: usize = 256 * 1024;
/// The most bytes of one file, whatever the settings say.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// The most files of one person.
const MOST: usize = 500;
/// The longest word for a kind.
const LONGEST_KIND: usize = 40;

/// A file on its way in. `Debug` shows no name and no content.
#[derive(Clone)]
pub struct NewFile {
    /// As what kind of fact it is kept.
    pub category: CategoryKey,
    /// What it is called: the value of the fact.
    pub name: String,
    /// What its content is, in a word.
    pub kind: String,
    /// Its content.
    pub content: Vec<u8>,
    /// Where it comes from, in words.
    pub source: String,
}

impl fmt::Debug for NewFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewFile({}, {} bytes)", self.category, self.content.len())
    }
}

/// What is told of a file without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMark {
    /// How many bytes it has.
    pub size: u64,
    /// What its content is; nothing where the fact is closed.
    pub kind: Option<String>,
}

/// A file, open. `Debug` shows no content.
#[derive(Clone)]
pub struct OpenFile {
    /// What its content is, in a word.
    pub kind: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenFile({} bytes)", self.content.len())
    }
}

impl Gate {
    /// Keeps a file about a person: a fact whose value is its name, and the content under that fact's key.
    ///
    /// # Errors
    /// As [`Gate::keep`]; [`GateError::Input`] when it is empty, too large or one too many.
    pub async fn keep_file(
        &self,
        dossier: &Dossier,
        file: NewFile,
        asker: Asker,
        at: Timestamp,
    ) -> Result<(FactId, Recorded)> {
        check(&file.kind, &file.content)?;
        if self.rows_of(dossier).await?.len() >= MOST {
            return Err(GateError::Input(format!("at most {MOST} files are kept about one person")));
        }
        let NewFile { category, name, kind, content, source } = file;
        let keeping = Keeping {
            category,
            value: name,
            source,
            warrant: None,
            anchors: Vec::new(),
            carried: None,
            replaces: None,
        };
        let (ids, recorded) = self
            .keep_with(dossier, vec![keeping], With { beside: &[], file: Some((&kind, &content)) }, asker, at)
            .await?;
        ids.first().map(|id| (*id, recorded)).ok_or(GateError::Unreadable)
    }

    /// Which facts of a person are names of files. What kind each is, is told where the permit opens the fact.
    ///
    /// # Errors
    /// What the store said.
    pub async fn files<U: UseKind>(
        &self,
        dossier: &Dossier,
        permit: Option<&Permit<U>>,
    ) -> Result<BTreeMap<FactId, FileMark>> {
        let permit = permit.filter(|permit| permit.person() == dossier.person.id);
        let mark = |file: File| {
            let fact = FactId::from_bytes(file.id);
            let opens = permit.and_then(|permit| Some((permit, permit.opened(fact)?)));
            let kind = opens.and_then(|(permit, _)| {
                let key = of_fact(&permit.key.fact(fact));
                Head::open(&key, file.id, &file.head).ok().map(|head| head.kind)
            });
            (fact, FileMark { size: u64::try_from(file.size).unwrap_or(0), kind })
        };
        Ok(self.rows_of(dossier).await?.into_iter().map(mark).collect())
    }

    async fn rows_of(&self, dossier: &Dossier) -> Result<Vec<File>> {
        let (company, person) = (dossier.person.company, dossier.person.id);
        let store = self.region(&dossier.region)?;
        Ok(store.data.read(move |tx| files::of_person(tx, company, person)).await?)
    }

    /// Opens a file, if this permit opens the whole fact that names it.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when it does not, or when that fact names no file; [`GateError::Unreadable`] when the
    /// content is not what was kept.
    pub async fn open_file<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        fact: FactId,
    ) -> Result<OpenFile> {
        let whole = permit.opened(fact).is_some_and(|open| open.mask == Mask::Full);
        if !whole || permit.person() != dossier.person.id {
            return Err(GateError::NoPerson);
        }
        let (company, id) = (dossier.person.company, fact.to_bytes());
        let store = self.region(&dossier.region)?;
        let found = store.data.read(move |tx| files::one(tx, company, id)).await?;
        opened(&of_fact(&permit.key.fact(fact)), &found.ok_or(GateError::NoPerson)?)
    }
}

impl Own {
    fn file_key(&self) -> Key {
        self.key.below("assent/own-file/v1")
    }

    /// Seals a file of the company's own, of the record with this id.
    ///
    /// # Errors
    /// [`GateError::Input`] when it is empty or too large.
    pub fn seal_file(&self, of: [u8; 16], kind: &str, content: &[u8]) -> Result<Incoming> {
        check(kind, content)?;
        sealed(&self.file_key(), of, kind, content)
    }

    /// Opens a file of the company's own.
    ///
    /// # Errors
    /// [`GateError::Unreadable`] when it is another's, or damaged.
    pub fn open_file(&self, file: &Incoming) -> Result<OpenFile> {
        opened(&self.file_key(), file)
    }
}

/// The key of a file's content, below the key of its fact.
fn of_fact(fact: &Key) -> Key {
    fact.below("assent/file/v1")
}

fn check(kind: &str, content: &[u8]) -> Result<()> {
    if content.is_empty() {
        return Err(GateError::Input("the file is empty".into()));
    }
    if content.len() > LARGEST || kind.is_empty() || kind.len() > LONGEST_KIND {
        return Err(GateError::Input(format!("a file may have at most {} MiB", LARGEST / 1024 / 1024)));
    }
    Ok(())
}

/// Seals the file that hangs on a fact.
pub(crate) fn of_person(fact_key: &Key, fact: FactId, kind: &str, content: &[u8]) -> Result<Incoming> {
    sealed(&of_fact(fact_key), fact.to_bytes(), kind, content)
}

/// What a file is, and what its content must be: so that pieces cut off or swapped are noticed.
struct Head {
    digest: [u8; 32],
    kind: String,
}

impl Head {
    fn seal(&self, key: &Key, id: [u8; 16]) -> Result<Vec<u8>> {
        let plain = [self.digest.as_slice(), self.kind.as_bytes()].concat();
        seal(key.bytes(), &place(id, None), &plain)
    }
    fn open(key: &Key, id: [u8; 16], sealed: &[u8]) -> Result<Self> {
        let plain = open(key.bytes(), &place(id, None), sealed)?;
        let (digest, kind) = plain.split_first_chunk::<32>().ok_or(GateError::Unreadable)?;
        let kind = String::from_utf8(kind.to_vec()).map_err(|_| GateError::Unreadable)?;
        Ok(Self { digest: *digest, kind })
    }
}

/// Where a piece belongs: moved elsewhere it does not open.
fn place(id: [u8; 16], n: Option<u64>) -> Vec<u8> {
    let n = n.map_or_else(|| "head".to_owned(), |n| n.to_string());
    [b"file/".as_slice(), &id, b"/", n.as_bytes()].concat()
}

fn sealed(key: &Key, id: [u8; 16], kind: &str, content: &[u8]) -> Result<Incoming> {
    let pieces = (0u64..).zip(content.chunks(PIECE));
    let pieces = pieces.map(|(n, piece)| seal(key.bytes(), &place(id, Some(n)), piece));
    let pieces = pieces.collect::<Result<Vec<_>>>()?;
    let head = Head { digest: Sha256::digest(content).into(), kind: kind.to_owned() }.seal(key, id)?;
    let size = i64::try_from(content.len()).map_err(|_| GateError::Unreadable)?;
    Ok(Incoming { file: File { id, size, head }, pieces })
}

fn opened(key: &Key, file: &Incoming) -> Result<OpenFile> {
    let id = file.file.id;
    let head = Head::open(key, id, &file.file.head)?;
    let mut content = Vec::with_capacity(usize::try_from(file.file.size).unwrap_or(0).min(LARGEST));
    for (n, piece) in (0u64..).zip(&file.pieces) {
        content.extend(open(key.bytes(), &place(id, Some(n)), piece)?);
    }
    let digest: [u8; 32] = Sha256::digest(&content).into();
    if digest != head.digest {
        return Err(GateError::Unreadable);
    }
    Ok(OpenFile { kind: head.kind, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        crate::keys::RootKey::for_tests([5; 32]).below_for_tests("file")
    }

    #[test]
    fn a_file_comes_back_whole_or_not_at_all() {
        for size in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 9] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let file = sealed(&key(), [1; 16], "pdf", &content).unwrap();
            let back = opened(&key(), &file).unwrap();
            assert!(back.content == content && back.kind == "pdf");
            let shown = file.pieces.concat();
            assert!(!shown.windows(16).any(|w| w == &content[..16.min(size)]) || size < 16);
        }
    }

    #[test]
    fn pieces_that_are_cut_off_swapped_or_anothers_are_noticed() {
        let content: Vec<u8> = (0..3 * PIECE).map(|i| (i % 97) as u8).collect();
        let file = sealed(&key(), [1; 16], "pdf", &content).unwrap();
        let mut cut = file.clone();
        cut.pieces.pop();
        let mut swapped = file.clone();
        swapped.pieces.swap(0, 1);
        let other = Incoming { file: File { id: [2; 16], ..file.file.clone() }, ..file.clone() };
        for bad in [cut, swapped, other] {
            assert!(opened(&key(), &bad).is_err());
        }
        assert!(sealed(&key(), [1; 16], "pdf", &content).is_ok());
    }
}
