//! Who received something of somebody is told that it was erased: by a letter where they said where to, by hand otherwise; and
//! whoever was erased sees who was told, and when.

use assent_kernel::uses::kind::Message;
use assent_kernel::{Span, StaffId};
use axum::http::StatusCode;

use super::world::*;

/// Mia says yes, Postlane receives her address, and she has everything erased. The certificate.
async fn erased(world: &World) -> String {
    let mia = world.enter("mia@example.org").await;
    mia.post("/me/terms/marketing.newsletter", &[("answer", "yes"), ("version", "1")]).await;
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "PERMIT");
    let page = mia.post("/me/erase", &[]).await;
    assert_eq!(page.status(), StatusCode::OK);
    text(page).await
}

fn link(certificate: &str) -> String {
    let at = certificate.find("/my/erased/").expect("a link to see later who was told");
    certificate[at..].split(['\n', '<']).next().unwrap().trim().to_owned()
}

async fn a_party_without_an_address_is_told_by_hand(engine: Engine) {
    let world = world(engine).await;
    let certificate = erased(&world).await;
    assert!(certificate.contains("Postlane (Ireland)"));
    assert!(certificate.contains("Not told yet. The company has to tell them by hand."), "{certificate}");
    let link = link(&certificate);
    let stranger = world.stranger();
    let page = stranger.ok(&link).await;
    assert!(page.contains("Postlane") && page.contains("Not told yet") && !page.contains("Mia"), "{page}");
    let gate = &world.ctx.gate;
    // The helper of a party received it too.
    let mut open = gate.to_be_told(world.company, 10).await.unwrap();
    open.sort_by(|a, b| b.party.cmp(&a.party));
    assert_eq!((open.len(), gate.to_tell_by_hand(world.company, 10).await.unwrap()), (2, 2));
    let codes: Vec<&str> = open.iter().map(|one| one.party.as_str()).collect();
    assert_eq!(codes, ["postlane", "nightdesk"]);
    assert!(open[0].person == world.mia && open[0].kinds.contains("contact.email"));
    world.ctx.clock.advance(Span::days(2).micros());
    let (staff, at) = (StaffId::from_bytes([5; 16]), world.ctx.now());
    let strange = assent_kernel::CompanyId::from_bytes([77; 16]);
    assert!(!gate.told_by_hand(strange, open[0].id, staff, at).await.unwrap(), "another company's");
    assert!(gate.told_by_hand(world.company, open[0].id, staff, at).await.unwrap());
    assert!(!gate.told_by_hand(world.company, open[0].id, staff, at).await.unwrap(), "once");
    assert_eq!(gate.to_be_told(world.company, 10).await.unwrap().len(), 1);
    assert!(stranger.ok(&link).await.contains("The company says that it told them on"));
    let german = stranger.send("GET", &link, String::new(), &[("accept-language", "de")]).await;
    assert!(text(german).await.contains("Das Unternehmen sagt: am "));
    for none in ["/my/erased/x", "/my/erased/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(stranger.get(none).await.0, StatusCode::NOT_FOUND);
    }
}

async fn a_party_with_an_address_gets_a_letter(engine: Engine) {
    let world = world(engine).await;
    let (gate, at) = (&world.ctx.gate, world.ctx.now());
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    let link = {
        let certificate = erased(&world).await;
        assert!(certificate.contains("A letter to them is written and waits to leave."), "{certificate}");
        link(&certificate)
    };
    // Seen to twice, it is written once.
    assent_web::told::tell(&world.ctx, world.ctx.now()).await.unwrap();
    let mut found = Vec::new();
    while let Some(letter) = gate.claim_letter(world.company, at).await.unwrap() {
        gate.sent(letter.id, None).await.unwrap();
        found.push(letter);
    }
    let told: Vec<_> = found.iter().filter(|one| one.to == "privacy@postlane.example").collect();
    assert_eq!(told.len(), 1);
    let body = &told[0].body;
    assert!(body.contains(&world.mia.to_string()) && body.contains("contact.email"), "{body}");
    assert!(!body.contains("mia@example.org") && !body.contains("Mia"), "it names nobody: {body}");
    assert!(world.stranger().ok(&link).await.contains("Told by letter on"));
    let left = gate.to_be_told(world.company, 10).await.unwrap();
    assert_eq!((left.len(), left[0].party.as_str()), (1, "nightdesk"));
}

async fn a_letter_that_never_leaves_is_somebodys_task(engine: Engine) {
    let world = world(engine).await;
    let (gate, at) = (&world.ctx.gate, world.ctx.now());
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    let link = link(&erased(&world).await);
    while let Some(letter) = gate.claim_letter(world.company, at).await.unwrap() {
        gate.sent(letter.id, Some("no such mailbox")).await.unwrap();
    }
    assert_eq!(gate.to_tell_by_hand(world.company, 10).await.unwrap(), 2);
    assert!(world.stranger().ok(&link).await.contains("Not told yet"));
    gate.set_party_contact(world.company, party(2), None).await.unwrap();
    assert_eq!(gate.party_contact(world.company, party(2)).await.unwrap(), None);
    // Of whom nobody received anything, nobody is told.
    let ole = world.enter("ole@example.org").await;
    let page = text(ole.post("/me/erase", &[]).await).await;
    assert!(!page.contains("/my/erased/"), "{page}");
}

assent_testkit::on_both!(
    a_party_without_an_address_is_told_by_hand,
    a_party_with_an_address_gets_a_letter,
    a_letter_that_never_leaves_is_somebodys_task,
);
