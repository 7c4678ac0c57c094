//! Leaks: closed values on pages, planted values in files and in the ledger's leaves. What the program logs: `logs.rs`.

use assent_kernel::TreeKey;
use assent_testkit::{Engine, START};

use crate::world::World;

/// As sales, whose purpose nobody allowed: no value of hers is anywhere in any page about her.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_value_is_in_no_page() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let yui = world.person(world.halden, "yui.ito@example.org").await?;
    let mut sales = world.staff(&world.with_role(world.halden, "sales").await?).await;
    let mut pages = String::new();
    for path in [
        format!("/people/{yui}"),
        format!("/people/{yui}?tab=notes"),
        format!("/people/{yui}?tab=terms"),
        format!("/people/{yui}?tab=uses"),
        "/people?q=ito".to_owned(),
        "/people?sort=name".to_owned(),
    ] {
        pages.push_str(&world.get(&mut sales, &path).await.text);
    }
    for secret in ["Yui", "Itō", "yui.ito@example.org"] {
        assert!(!pages.contains(secret), "{secret}");
    }
    // What was typed into the search box is shown again; what it leads to is closed.
    let by_address = world.get(&mut sales, "/people?q=yui.ito%40example.org").await.text;
    assert!(!by_address.contains("Yui") && !by_address.contains("Itō"));
    let mut support = world.staff(&world.with_role(world.halden, "support").await?).await;
    let open = world.get(&mut support, &format!("/people/{yui}")).await.text;
    assert!(open.contains("Yui"), "the control: support may see her");
    Ok(())
}

/// Nothing that was ever held lies open in any file of the installation.
#[tokio::test(flavor = "multi_thread")]
async fn raw_grep_of_the_files_finds_no_value() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 120).await?;
    world.ctx.gate.integrate_all(START).await?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(world.folder.path())? {
        files.push((entry.as_ref().unwrap().path(), std::fs::read(entry?.path())?));
    }
    assert!(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 500_000);
    let secrets =
        ["yui.ito", "aoife.byrne", "Lüders", "Dąbrowska", "Hämäläinen", "Şahin", "Galway", "+4930231"];
    for secret in secrets {
        for (path, bytes) in &files {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
    let control = files.iter().any(|(_, bytes)| bytes.windows(15).any(|window| window == b"contact.address"));
    assert!(control, "the control: what is not personal is found");
    Ok(())
}

/// The whole log, as anybody may read it, holds no value, no address and no person's id.
#[tokio::test(flavor = "multi_thread")]
async fn no_personal_string_is_in_any_leaf() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let name = assent_gate::LogName { company: world.halden, region: assent_testkit::eu() };
    world.ctx.gate.integrate(&name, START).await?;
    let folder = tempfile::tempdir()?;
    world.ctx.gate.export_log(&name, folder.path(), |_, _| {}).await?;
    let yui = world.person(world.halden, "yui.ito@example.org").await?;
    let ids = [yui.to_bytes().to_vec(), yui.to_string().into_bytes()];
    let mut count = 0;
    for file in walk(folder.path())? {
        let bytes = std::fs::read(file)?;
        count += bytes.len();
        for secret in ["yui", "example.org", "per_", "stf_", "fct_"]
            .map(str::as_bytes)
            .iter()
            .copied()
            .chain(ids.iter().map(Vec::as_slice))
        {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
    assert!(count > 10_000 && eu_is_named(folder.path())?, "the control: what is public is there");
    Ok(())
}

fn eu_is_named(folder: &std::path::Path) -> anyhow::Result<bool> {
    let text = std::fs::read_to_string(folder.join("checkpoint"))?;
    Ok(text.contains(assent_testkit::eu().as_str()))
}

fn walk(folder: &std::path::Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { out.extend(walk(&path)?) } else { out.push(path) }
    }
    Ok(out)
}
