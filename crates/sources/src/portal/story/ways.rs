//! Ways in: a device is added and removed by whoever has just come in; an address that changes ends what was open; and
//! an erasure is told as it was, whoever reads the keys meanwhile.

use assent_kernel::Span;
use assent_store::{Db, Place};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::world::*;

/// What a browser sends with a new passkey, for the challenge it was given.
fn made(challenge: &str) -> [(&'static str, String); 3] {
    let client = format!(
        r#"{{"type":"webauthn.create","challenge":"{challenge}","origin":"http://test.example","crossOrigin":false}}"#
    );
    let mut data = Sha256::digest(b"test.example").to_vec();
    data.extend([0x45, 0, 0, 0, 0]);
    data.extend([0; 16]);
    data.extend([0, 16]);
    data.extend([9; 16]);
    data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
    data.extend([1; 32]);
    data.extend([0x22, 0x58, 0x20]);
    data.extend([2; 32]);
    let (client, data) = (URL_SAFE_NO_PAD.encode(client), URL_SAFE_NO_PAD.encode(data));
    [("client", client), ("data", data), ("label", "My phone".into())]
}

async fn a_device_is_added_and_removed_by_whoever_just_came_in(engine: Engine) {
    let world = world(engine).await;
    let (mia, elsewhere) = (world.enter("mia@example.org").await, world.enter("mia@example.org").await);
    let asked = mia.post("/me/passkeys/ask", &[]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    let asked: serde_json::Value = serde_json::from_str(&text(asked).await).unwrap();
    let made = made(asked["challenge"].as_str().unwrap());
    let fields: Vec<(&str, &str)> = made.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let added = mia.post("/me/passkeys", &fields).await;
    assert_eq!(added.status(), StatusCode::SEE_OTHER, "{}", text(added).await);
    assert_eq!(elsewhere.get("/me").await.0, StatusCode::SEE_OTHER, "whoever was in before is out");
    let letters = world.letters("mia@example.org").await;
    assert!(letters.iter().any(|one| one.subject == "Halden Home: a device opens your page now"));
    // A browser that was left open changes no way in.
    world.ctx.clock.advance(Span::minutes(16).micros());
    assert_eq!(mia.post("/me/passkeys/ask", &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(mia.post("/me/passkeys", &fields).await.status(), StatusCode::FORBIDDEN);
    let page = mia.ok("/me/sign-in").await;
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let remove = [("id", id.as_str())];
    assert_eq!(mia.post("/me/passkeys/remove", &remove).await.status(), StatusCode::FORBIDDEN);
    let again = world.enter("mia@example.org").await;
    assert_eq!(again.post("/me/passkeys/remove", &remove).await.status(), StatusCode::SEE_OTHER);
    assert!(!again.ok("/me/sign-in").await.contains("My phone"));
    assert_eq!(mia.get("/me").await.0, StatusCode::SEE_OTHER, "whoever came in with it is out");
}

async fn an_address_that_changes_ends_what_it_opened(engine: Engine) {
    for act in ["save", "remove"] {
        let world = world(engine).await;
        let answer = world.ask(1).await;
        let (mia, elsewhere) = (world.enter("mia@example.org").await, world.enter("mia@example.org").await);
        let link = world.link("mia@example.org").await.unwrap();
        let dossier =
            world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
        let fact = async |kind: &str, fields: &[(&str, &str)]| {
            let id = dossier.facts().find(|held| *held.category() == key(kind)).unwrap().id();
            mia.post(&format!("/me/fact/{id}"), fields).await.status()
        };
        // A name changes and nobody is sent away; an address does.
        assert_eq!(fact("name.given", &[("act", "save"), ("value", "Mia-Eve")]).await, StatusCode::SEE_OTHER);
        assert_eq!(elsewhere.get("/me").await.0, StatusCode::OK);
        assert_eq!(
            fact("contact.email", &[("act", act), ("value", "mia@new.example")]).await,
            StatusCode::SEE_OTHER
        );
        assert_eq!(elsewhere.get("/me").await.0, StatusCode::SEE_OTHER, "{act}");
        assert_eq!(world.stranger().get(&answer).await.0, StatusCode::NOT_FOUND, "{act}");
        let late = world.stranger().send("POST", &link, String::new(), &[]).await;
        assert_eq!(late.status(), StatusCode::NOT_FOUND, "{act}");
        mia.ok("/me").await;
    }
}

async fn an_erasure_is_certified_while_somebody_reads_the_keys(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    // A copy of the keyring is being made, as far as it tells the file.
    let (end, until) = std::sync::mpsc::channel::<()>();
    let reading = (engine == Engine::Sqlite).then(|| {
        let keys = Db::open(Place::File(world._dir.path().join("keys.db"))).unwrap();
        let (begun, begins) = std::sync::mpsc::channel();
        let read = tokio::spawn(async move {
            let read = keys.read(move |tx| {
                tx.first("SELECT count(*) FROM person_key", &[], |row| row.int(0))?;
                begun.send(()).unwrap();
                Ok(until.recv())
            });
            drop(read.await);
        });
        (read, begins)
    });
    if let Some((_, begins)) = &reading {
        while begins.try_recv().is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    let done = mia.post("/me/erase", &[]).await;
    assert_eq!(done.status(), StatusCode::OK);
    let page = text(done).await;
    assert!(page.contains("c2sp.org/tlog-proof") && page.contains("id=\"way-back\""), "{page}");
    let waits = "The last copies go as soon as nobody reads them";
    assert_eq!(page.contains(waits), reading.is_some(), "{page}");
    assert_eq!(page.contains("Not even from backups"), reading.is_none());
    drop(end);
    if let Some((read, _)) = reading {
        read.await.unwrap();
    }
    // As the worker does: again, as long as the reader's file is not let go yet.
    let mut tries = 0;
    while let Err(error) = world.ctx.gate.finish_erasures(world.ctx.now()).await {
        tries += 1;
        assert!(tries < 100, "{error}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // The way back outlives what was finished later.
    let way = page.split("id=\"way-back\"").nth(1).unwrap().split("http://test.example").nth(1).unwrap();
    let way = way.split('<').next().unwrap().trim();
    let entered = world.stranger().send("POST", way, String::new(), &[]).await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
}

assent_testkit::on_both!(
    a_device_is_added_and_removed_by_whoever_just_came_in,
    an_address_that_changes_ends_what_it_opened,
    an_erasure_is_certified_while_somebody_reads_the_keys,
);
