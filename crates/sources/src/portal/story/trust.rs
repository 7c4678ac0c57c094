//! Files of one's own; what a person sees once they are deleted; what was opened in an emergency.

use assent_gate::{NewFile, Second, Whose};
use assent_kernel::{Asker, Role, Span, StaffId};
use axum::http::{StatusCode, header};

use super::world::*;

const PDF: &[u8] = b"%PDF-1.7 a paper about Mia";

async fn a_file_is_seen_taken_and_removed(engine: Engine) {
    let world = world(engine).await;
    let dossier = world.ctx.gate.look_one(&Whose::everybody(world.company), world.mia).await.unwrap();
    let file = NewFile {
        category: key("contract"),
        name: "Repair.pdf".into(),
        kind: "pdf".into(),
        content: PDF.to_vec(),
        source: "a file, from support".into(),
    };
    let staff = Asker::Staff(StaffId::from_bytes([5; 16]), Role::Support);
    let (fact, _) = world.ctx.gate.keep_file(&dossier, file, staff, world.ctx.now()).await.unwrap();
    let mia = world.enter("mia@example.org").await;
    let there = format!("/me/file/{fact}");
    for page in [mia.ok("/me").await, mia.ok(&format!("/me/fact/{fact}")).await, mia.ok("/me/export").await] {
        assert!(page.contains("Repair.pdf") && page.contains(&there) && page.contains("26 bytes"), "{page}");
    }
    let taken = mia.send("GET", &there, String::new(), &[]).await;
    assert_eq!(taken.status(), StatusCode::OK);
    assert!(taken.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().contains("Repair.pdf"));
    assert_eq!(taken.headers()[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(text(taken).await.as_bytes(), PDF);
    assert!(mia.ok("/me/export.json").await.contains(&there));
    let ole = world.enter("ole@example.org").await;
    assert_eq!(ole.get(&there).await.0, StatusCode::NOT_FOUND, "another's is nobody's");
    let email = dossier.facts().find(|held| held.category().to_string() == "contact.email").unwrap().id();
    assert_eq!(mia.get(&format!("/me/file/{email}")).await.0, StatusCode::NOT_FOUND, "no file");
    let removed = mia.post(&format!("/me/fact/{fact}"), &[("act", "remove")]).await;
    assert_eq!(removed.status(), StatusCode::SEE_OTHER);
    assert_eq!(mia.get(&there).await.0, StatusCode::NOT_FOUND);
}

async fn who_is_deleted_still_comes_in_and_steers(engine: Engine) {
    let world = world(engine).await;
    let by = StaffId::from_bytes([5; 16]);
    let asker = Asker::Staff(by, Role::Support);
    let now = world.ctx.now();
    world
        .ctx
        .gate
        .delete(&Whose::everybody(world.company), world.mia, (by, asker), Span::days(30), now)
        .await
        .unwrap();
    let mia = world.enter("mia@example.org").await;
    let page = mia.ok("/me").await;
    assert!(page.contains("deleted your record on") && page.contains("mia@example.org"), "{page}");
    let uses = mia.ok("/me/uses").await;
    assert!(uses.contains("Nobody finds or uses it"), "{uses}");
    let yes = mia.post("/me/terms/marketing.newsletter", &[("answer", "yes"), ("version", "1")]).await;
    assert_eq!(yes.status(), StatusCode::SEE_OTHER, "{}", text(yes).await);
    assert!(
        world.ctx.gate.look_one(&Whose::everybody(world.company), world.mia).await.is_err(),
        "a yes brings nobody back"
    );
    mia.ok("/me/export.json").await;
    let erased = mia.post("/me/erase", &[]).await;
    assert_eq!(erased.status(), StatusCode::OK);
    assert!(world.ctx.gate.deleted(&Whose::everybody(world.company), 10).await.unwrap().is_empty());
}

async fn without_a_law_no_emergency_reaches_the_person(engine: Engine) {
    let world = world(engine).await;
    let dossier = world.ctx.gate.look_one(&Whose::everybody(world.company), world.mia).await.unwrap();
    let new = assent_gate::NewEmergency {
        purpose: purpose("service.support"),
        kinds: vec![key("contact.email")],
        case: "1".into(),
        reason: "because".into(),
        who: "Nora".into(),
    };
    let me = (StaffId::from_bytes([5; 16]), Role::Support);
    let asked = world.ctx.gate.ask_emergency(&dossier, me, new, world.ctx.now()).await.unwrap();
    assert_eq!(asked.unwrap_err().code(), "NO_MANDATE");
    let id = assent_kernel::RequestId::from_bytes([1; 16]);
    let yes = Second { staff: me.0, role: Role::Dpo, name: "D".into(), yes: Some(Span::minutes(5)) };
    assert!(
        world
            .ctx
            .gate
            .settle_emergency(&Whose::everybody(world.company), id, yes, world.ctx.now())
            .await
            .is_err()
    );
    let mia = world.enter("mia@example.org").await;
    assert!(!mia.ok("/me").await.contains("Opened in an emergency"));
}

assent_testkit::on_both!(
    a_file_is_seen_taken_and_removed,
    who_is_deleted_still_comes_in_and_steers,
    without_a_law_no_emergency_reaches_the_person,
);
