//! Files that must wait: an upload, rejected rows. Sealed in pieces under a key of their own; destroy the key and they are noise.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use assent_kernel::{ImportId, Region};
use assent_store::keyring;

use crate::error::{GateError, Result};
use crate::keys::Key;
use crate::seal::{open, seal};
use crate::start::Gate;

/// Plain bytes in one piece.
const PIECE: usize = 256 * 1024;

/// A place for one sealed file of an import.
#[derive(Debug, Clone)]
pub struct Stash {
    key: Key,
    path: PathBuf,
}

/// Writes a stash; call [`StashWriter::finish`] or the last piece is missing.
#[derive(Debug)]
pub struct StashWriter {
    key: Key,
    file: BufWriter<File>,
    piece: Vec<u8>,
    number: u64,
}

/// Reads a stash.
#[derive(Debug)]
pub struct StashReader {
    key: Key,
    file: BufReader<File>,
    piece: io::Cursor<Vec<u8>>,
    number: u64,
}

impl Gate {
    /// The sealed file `path` of an import, whose key lives in the keyring of a region.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn stash(&self, region: &Region, import: ImportId, path: &Path) -> Result<Stash> {
        let key = self.region(region)?.keys.named(&format!("stash/{import}")).await?;
        Ok(Stash { key, path: path.to_path_buf() })
    }

    /// Destroys the key of an import's sealed files.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn drop_stash(&self, region: &Region, import: ImportId) -> Result<()> {
        let name = format!("stash/{import}");
        Ok(self.region(region)?.keys.db().write(move |tx| keyring::drop_wrapped(tx, &name)).await?)
    }
}

fn file(path: &Path, error: &io::Error) -> GateError {
    GateError::Input(format!("cannot use {}: {error}", path.display()))
}

impl Stash {
    /// Another sealed file of the same import, beside this one.
    #[must_use]
    pub fn beside(&self, name: &str) -> Self {
        Self { key: self.key.clone(), path: self.path.with_file_name(name) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to write it; what was there is replaced.
    ///
    /// # Errors
    /// What the file system said.
    pub fn create(&self) -> Result<StashWriter> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| file(&self.path, &e))?;
        }
        let opened = File::create(&self.path).map_err(|e| file(&self.path, &e))?;
        let piece = Vec::with_capacity(PIECE);
        Ok(StashWriter { key: self.key.clone(), file: BufWriter::new(opened), piece, number: 0 })
    }

    /// Begins to read it.
    ///
    /// # Errors
    /// What the file system said.
    pub fn open(&self) -> Result<StashReader> {
        let opened = File::open(&self.path).map_err(|e| file(&self.path, &e))?;
        let piece = io::Cursor::new(Vec::new());
        Ok(StashReader { key: self.key.clone(), file: BufReader::new(opened), piece, number: 0 })
    }
}

fn place(number: u64) -> Vec<u8> {
    format!("stash/{number}").into_bytes()
}

impl StashWriter {
    fn put(&mut self) -> io::Result<()> {
        let sealed = seal(self.key.bytes(), &place(self.number), &self.piece).map_err(io::Error::other)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(&sealed)?;
        self.piece.clear();
        self.number = self.number.saturating_add(1);
        Ok(())
    }

    /// Writes the last piece and an empty one that says that it was the last; returns once it is on disk.
    ///
    /// # Errors
    /// What the file system said.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.piece.is_empty() {
            self.put()?;
        }
        self.put()?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

impl Write for StashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE.saturating_sub(self.piece.len()).min(bytes.len());
        self.piece.extend_from_slice(bytes.get(..room).unwrap_or_default());
        if self.piece.len() >= PIECE {
            self.put()?;
        }
        Ok(room)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StashReader {
    fn next_piece(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
        if length > PIECE.saturating_add(64) {
            return Err(io::Error::other("a piece of a sealed file is too long"));
        }
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed)?;
        let plain = open(self.key.bytes(), &place(self.number), &sealed).map_err(io::Error::other)?;
        self.number = self.number.saturating_add(1);
        Ok(plain)
    }
}

impl Read for StashReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.piece.get_ref().len() as u64 > self.piece.position();
        // An empty piece says that the last one was the last.
        let ended = self.number > 0 && self.piece.get_ref().is_empty();
        if !left && !ended {
            self.piece = io::Cursor::new(self.next_piece()?);
        }
        self.piece.read(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stash(name: &str) -> Stash {
        let key = crate::keys::RootKey::for_tests([3; 32]).below_for_tests("stash");
        Stash { key, path: std::env::temp_dir().join(format!("assent-stash-{}-{name}", std::process::id())) }
    }

    #[test]
    fn what_is_written_is_read_and_a_cut_file_is_an_error() {
        for size in [0usize, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let stash = stash(&size.to_string());
            let plain: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let mut writer = stash.create().unwrap();
            writer.write_all(&plain).unwrap();
            writer.finish().unwrap();
            let mut back = Vec::new();
            stash.open().unwrap().read_to_end(&mut back).unwrap();
            assert!(back == plain, "{size} bytes come back");
            let sealed = std::fs::read(&stash.path).unwrap();
            std::fs::write(&stash.path, &sealed[..sealed.len() - 5]).unwrap();
            assert!(stash.open().unwrap().read_to_end(&mut Vec::new()).is_err());
            std::fs::remove_file(&stash.path).unwrap();
        }
    }
}
