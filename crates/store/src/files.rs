//! Files: sealed pieces, apart from every row that a list reads. A person's file hangs on a fact of theirs and goes with
//! it; a company's own hangs on what was done with a deal or an organisation. The bytes mean nothing here.

use assent_kernel::{CompanyId, PersonId};

use crate::db::Tx;
use crate::error::Result;

const ADD: &str = "INSERT INTO file (id, company, person, size, head) VALUES ($1, $2, $3, $4, $5)";
const ADD_PIECE: &str = "INSERT INTO file_piece (id, n, sealed) VALUES ($1, $2, $3)";
const OF_PERSON: &str = "SELECT id, size, head FROM file WHERE person = $1 AND company = $2 ORDER BY id";
const AMONG: &str = "SELECT id FROM file WHERE company = $1 AND id {hex 2}";
const ONE: &str = "SELECT id, size, head FROM file WHERE id = $1 AND company = $2";
const PIECES: &str = "SELECT sealed FROM file_piece WHERE id = $1 ORDER BY n";
const DROP: &str = "DELETE FROM file WHERE id = $1";
const DROP_PIECES: &str = "DELETE FROM file_piece WHERE id = $1";
const DROP_OF_PERSON: &str = "DELETE FROM file WHERE person = $1";
const DROP_PIECES_OF_PERSON: &str =
    "DELETE FROM file_piece WHERE id IN (SELECT id FROM file WHERE person = $1)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ADD_PIECE,
    OF_PERSON,
    AMONG,
    ONE,
    PIECES,
    DROP,
    DROP_PIECES,
    DROP_OF_PERSON,
    DROP_PIECES_OF_PERSON,
];

/// A file without its pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The fact, or the activity, that it hangs on.
    pub id: [u8; 16],
    /// How many bytes it has, open.
    pub size: i64,
    /// What kind it is and what its content must be, sealed.
    pub head: Vec<u8>,
}

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The file.
    pub file: File,
    /// Its content, sealed piece by piece.
    pub pieces: Vec<Vec<u8>>,
}

/// Adds a file, about a person or about nobody.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, person: Option<PersonId>, one: &Incoming) -> Result<()> {
    let Incoming { file, pieces } = one;
    let row = [file.id.into(), company.into(), person.into(), file.size.into(), (&file.head).into()];
    tx.exec(ADD, &row)?;
    for (n, sealed) in (0i64..).zip(pieces) {
        tx.exec(ADD_PIECE, &[file.id.into(), n.into(), sealed.into()])?;
    }
    Ok(())
}

/// The files of a person.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<File>> {
    tx.rows(OF_PERSON, &[person.into(), company.into()], |row| {
        Ok(File { id: row.fixed(0)?, size: row.int(1)?, head: row.blob(2)? })
    })
}

/// Which of these facts or activities a file hangs on.
///
/// # Errors
/// What the engine said.
pub fn among(tx: &mut Tx<'_>, company: CompanyId, ids: &[[u8; 16]]) -> Result<Vec<[u8; 16]>> {
    let list = crate::hex_list(ids);
    tx.rows(AMONG, &[company.into(), list.as_str().into()], |row| row.fixed(0))
}

/// One file with its pieces.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, id: [u8; 16]) -> Result<Option<Incoming>> {
    let found = tx.first(ONE, &[id.into(), company.into()], |row| {
        Ok(File { id: row.fixed(0)?, size: row.int(1)?, head: row.blob(2)? })
    })?;
    let Some(file) = found else { return Ok(None) };
    let pieces = tx.rows(PIECES, &[id.into()], |row| row.blob(0))?;
    Ok(Some(Incoming { file, pieces }))
}

/// Drops one file.
///
/// # Errors
/// What the engine said.
pub fn drop_one(tx: &mut Tx<'_>, id: [u8; 16]) -> Result<()> {
    [DROP_PIECES, DROP].into_iter().try_for_each(|sql| tx.exec(sql, &[id.into()]).map(|_| ()))
}

/// Drops every file of a person.
///
/// # Errors
/// What the engine said.
pub fn drop_of_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let all = [DROP_PIECES_OF_PERSON, DROP_OF_PERSON];
    all.into_iter().try_for_each(|sql| tx.exec(sql, &[person.into()]).map(|_| ()))
}
