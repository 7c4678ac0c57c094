//! The same rows for other engines: a file for each column, numbers as they lie in memory.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use bench_world::{Who, World};

const NAMES: [&str; 9] =
    ["person", "purpose", "home", "version", "uses", "regions", "categories", "until", "recipients"];

/// Minutes, as every engine here counts time.
pub fn minutes(at: assent_kernel::Timestamp) -> u32 {
    u32::try_from(at.micros() / 60_000_000).unwrap_or(u32::MAX)
}

/// Writes a row for each yes of so many people.
pub fn export(folder: &Path, people: usize) -> anyhow::Result<()> {
    let world = World::new();
    let open = |name: &&str| Ok(BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?));
    let mut files = NAMES.iter().map(open).collect::<std::io::Result<Vec<_>>>()?;
    for n in 0..people {
        rows(&mut files, n, &world.who(n))?;
    }
    files.iter_mut().try_for_each(|file| file.flush())?;
    Ok(())
}

fn rows(files: &mut [BufWriter<File>], n: usize, who: &Who) -> anyhow::Result<()> {
    let [person, purpose, home, version, uses, regions, categories, until, recipients] = files else {
        anyhow::bail!("a file for each column")
    };
    for yes in &who.said {
        let t = &yes.text;
        person.write_all(&(n as u32).to_le_bytes())?;
        purpose.write_all(&[t.purpose as u8])?;
        home.write_all(&[who.home as u8])?;
        version.write_all(&[t.version as u8])?;
        uses.write_all(&(t.uses as u16).to_le_bytes())?;
        regions.write_all(&(t.regions as u16).to_le_bytes())?;
        categories.write_all(&(t.categories as u32).to_le_bytes())?;
        until.write_all(&minutes(yes.until).to_le_bytes())?;
        recipients.write_all(&t.recipients.to_le_bytes())?;
    }
    Ok(())
}
