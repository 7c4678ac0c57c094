//! Who received something of somebody is told that it was erased: by a letter where they said where to, by hand otherwise; and
//! whoever was erased sees who was told, and when.

use assent_gate::{Act, Admission, Giving, Whose};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::Evidence;
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, CompanyId, ImportId, MailId, PersonId, Span, StaffId};
use assent_store::farewell;
use assent_testkit::batch;
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
    let strange = CompanyId::from_bytes([77; 16]);
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

/// Every letter that can leave now.
async fn leave(world: &World) -> Vec<String> {
    let (gate, mut to) = (&world.ctx.gate, Vec::new());
    while let Some(letter) = gate.claim_letter(world.company, world.ctx.now()).await.unwrap() {
        gate.sent(letter.id, None).await.unwrap();
        to.push(letter.to);
    }
    to.retain(|to| to == "privacy@postlane.example");
    to
}

async fn tell(world: &World) {
    assent_web::told::tell(&world.ctx, world.ctx.now()).await.unwrap();
}

/// The letter lies in the home store and what is noted of it in the region's.
async fn a_process_that_is_killed_between_the_two_sends_one_letter(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    let link = link(&erased(&world).await);
    let db = gate.region_db(&region("eu")).unwrap();
    let not_noted = "UPDATE told SET state = 0 WHERE state = 1";
    assert_eq!(db.write(move |tx| tx.exec(not_noted, &[])).await.unwrap(), 1);
    assert_eq!(leave(&world).await.len(), 1);
    assert!(world.stranger().ok(&link).await.contains("Told by letter on"));
    tell(&world).await;
    assert_eq!(leave(&world).await, [""; 0], "told twice");
}

/// What lies in the outbox, to be put there once more.
async fn outbox(world: &World) -> farewell::Farewell {
    let all = "SELECT id, person, at, sealed FROM farewell";
    let read = world.ctx.gate.home().read(move |tx| {
        tx.rows(all, &[], |row| {
            Ok(farewell::Farewell {
                id: MailId::from_bytes(row.fixed(0)?),
                person: PersonId::from_bytes(row.fixed(1)?),
                at: row.time(2)?,
                sealed: row.blob(3)?,
            })
        })
    });
    let mut all = read.await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn two_nodes_send_one_letter(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    erased(&world).await;
    let (company, again) = (world.company, outbox(&world).await);
    assert_eq!(leave(&world).await.len(), 1);
    // The other node had looked before, and writes its letter now.
    gate.home().write(move |tx| farewell::add(tx, company, &again)).await.unwrap();
    assert_eq!(leave(&world).await, [""; 0], "told twice");
}

async fn who_was_told_by_hand_gets_no_letter(engine: Engine) {
    let world = world(engine).await;
    let (gate, staff) = (&world.ctx.gate, StaffId::from_bytes([5; 16]));
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    let link = link(&erased(&world).await);
    let open = gate.to_be_told(world.company, 10).await.unwrap();
    let waits = open.iter().find(|one| one.party == "postlane").unwrap();
    let (company, again) = (world.company, outbox(&world).await);
    assert!(gate.told_by_hand(world.company, waits.id, staff, world.ctx.now()).await.unwrap());
    assert_eq!(leave(&world).await, [""; 0], "the letter is dropped");
    gate.home().write(move |tx| farewell::add(tx, company, &again)).await.unwrap();
    assert_eq!(leave(&world).await, [""; 0], "and one that is written beside it does not leave");
    assert!(world.stranger().ok(&link).await.contains("The company says that it told them on"));
}

async fn a_letter_that_nobody_takes_is_given_up_and_never_leaves(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    erased(&world).await;
    world.ctx.clock.advance(Span::days(31).micros());
    tell(&world).await;
    assert_eq!(gate.to_tell_by_hand(world.company, 10).await.unwrap(), 2);
    assert_eq!(leave(&world).await, [""; 0]);
}

/// Three years show that a party was told; whom nobody told yet stays to be told.
async fn what_was_told_has_an_end(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    gate.set_party_contact(world.company, party(2), Some("privacy@postlane.example")).await.unwrap();
    let link = link(&erased(&world).await);
    assert_eq!(leave(&world).await.len(), 1);
    let after = |days| world.ctx.now().plus(Span::days(days));
    gate.tidy_told(after(3 * 365 - 1)).await.unwrap();
    assert!(world.stranger().ok(&link).await.contains("Postlane"));
    gate.tidy_told(after(3 * 365 + 1)).await.unwrap();
    let left = world.stranger().ok(&link).await;
    assert!(!left.contains("Told by letter on") && left.contains("Not told yet"), "{left}");
    // From when it was told, however late that was.
    let open = gate.to_be_told(world.company, 10).await.unwrap().remove(0);
    let staff = StaffId::from_bytes([5; 16]);
    assert!(gate.told_by_hand(world.company, open.id, staff, after(4 * 365)).await.unwrap());
    gate.tidy_told(after(4 * 365 + 1)).await.unwrap();
    assert!(world.stranger().ok(&link).await.contains("The company says that it told them on"));
}

/// One whose company is not here any more keeps no other from being told.
async fn one_that_cannot_be_told_holds_up_no_other(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    erased(&world).await;
    let db = gate.region_db(&region("eu")).unwrap();
    let fresh = "UPDATE told SET state = 0";
    let lost = "UPDATE told SET company = $1 WHERE party = 'nightdesk'";
    let nowhere = CompanyId::from_bytes([1; 16]);
    db.write(move |tx| tx.exec(fresh, &[]).and_then(|_| tx.exec(lost, &[nowhere.into()]))).await.unwrap();
    assert!(assent_web::told::tell(&world.ctx, world.ctx.now()).await.is_err(), "what went wrong is told");
    assert_eq!(gate.to_tell_by_hand(world.company, 10).await.unwrap(), 1);
}

/// The law binds the company, and whoever it passed the value on to would obey. When the law's time is over they are told.
async fn what_a_law_keeps_is_not_asked_back(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    let standing = gate.policy(world.company).await.unwrap();
    let invoices = standing.policy.mandate("ao-147-invoices").unwrap().id;
    let mut una = newcomer(21, "Una", "una@example.org", None);
    let kept = vec![Anchor { mandate: invoices, until: NOW.plus(Span::days(900)) }];
    let mut anchored = 0;
    for fact in una.facts.iter_mut().filter(|fact| fact.category == key("contact.email")) {
        fact.anchors = kept.clone();
        anchored += 1;
    }
    assert_eq!(anchored, 1);
    gate.admit(batch(world.company, vec![una]), NOW).await.unwrap();
    let own = world.enter("una@example.org").await;
    own.post("/me/terms/marketing.newsletter", &[("answer", "yes"), ("version", "1")]).await;
    let who = PersonId::from_bytes([21; 16]);
    assert_eq!(world.may(Message, who, "marketing.newsletter", party(2)).await, "PERMIT");
    let page = text(own.post("/me/erase", &[]).await).await;
    assert!(gate.to_be_told(world.company, 10).await.unwrap().is_empty(), "all that they got is kept");
    assert!(page.contains("Told when the time for which a law keeps it is over."), "{page}");
    world.ctx.clock.advance(Span::days(899).micros());
    gate.sweep(world.ctx.now()).await.unwrap();
    tell(&world).await;
    assert!(gate.to_be_told(world.company, 10).await.unwrap().is_empty(), "it is kept still");
    world.ctx.clock.advance(Span::days(31).micros());
    while gate.sweep(world.ctx.now()).await.unwrap() > 0 {}
    let open = gate.to_be_told(world.company, 10).await.unwrap();
    assert_eq!(open.len(), 2, "the party and its helper");
    assert!(open.iter().all(|one| one.person == who && one.kinds == "contact.email"), "{open:?}");
    assert!(open.iter().all(|one| one.erased_at == world.ctx.now()), "{open:?}");
    tell(&world).await;
    assert!(world.stranger().ok(&link(&page)).await.contains("Not told yet"));
}

/// Una and Bo come in with an import; Postlane receives Una's address.
async fn imported(world: &World, import: ImportId) -> (PersonId, PersonId) {
    let (gate, company) = (&world.ctx.gate, world.company);
    let two = [newcomer(21, "Una", "una@example.org", None), newcomer(22, "Bo", "bo@example.org", None)];
    let (una, bo) = (two[0].id, two[1].id);
    gate.admit(Admission { import: Some(import), ..batch(company, two.into()) }, NOW).await.unwrap();
    let (standing, at) = (gate.policy(company).await.unwrap(), world.ctx.now());
    let notice = standing.policy.notices.values().find(|one| one.purpose == purpose("marketing.newsletter"));
    let notice = notice.unwrap();
    let yes = Giving {
        purpose: notice.purpose.clone(),
        terms: gate.offered(notice, &standing.policy, at),
        notice: notice.id,
        notice_version: 1,
        lang: "en".into(),
        uses: None,
    };
    gate.record(company, una, Act::Give(Box::new(yes)), Asker::System, Evidence::Imported, at).await.unwrap();
    assert_eq!(world.may(Message, una, "marketing.newsletter", party(2)).await, "PERMIT");
    (una, bo)
}

/// A line that does not read keeps nobody from being erased.
async fn an_import_is_undone_whatever_does_not_read(engine: Engine) {
    let world = world(engine).await;
    let (gate, company) = (&world.ctx.gate, world.company);
    let import = ImportId::from_bytes([6; 16]);
    let (una, _) = imported(&world, import).await;
    gate.integrate_all(world.ctx.now()).await.unwrap();
    let db = gate.region_db(&region("eu")).unwrap();
    let damage = "UPDATE use_detail SET sealed = $2 WHERE person = $1";
    let damaged = db.write(move |tx| tx.exec(damage, &[una.into(), (&vec![0_u8; 40]).into()])).await.unwrap();
    assert!(damaged > 0);
    let at = world.ctx.now();
    let done = gate.undo_import(&Whose::everybody(company), import, Asker::System, at).await.unwrap();
    assert_eq!(done, (2, 0));
    assert!(gate.to_be_told(company, 10).await.unwrap().is_empty(), "who received something is not known");
}

/// Whoever came with an import that is undone is erased like everybody else.
async fn undoing_an_import_tells_them_too(engine: Engine) {
    let world = world(engine).await;
    let (gate, company) = (&world.ctx.gate, world.company);
    let import = ImportId::from_bytes([6; 16]);
    let (una, bo) = imported(&world, import).await;
    let at = world.ctx.now();
    let done = gate.undo_import(&Whose::everybody(company), import, Asker::System, at).await.unwrap();
    assert_eq!(done, (2, 0));
    let open = gate.to_be_told(company, 10).await.unwrap();
    let told: Vec<_> = open.iter().map(|one| (one.person, one.party.as_str())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&(una, "postlane")) && told.contains(&(una, "nightdesk")), "{told:?}");
    assert!(told.iter().all(|(who, _)| *who != bo), "of whom nobody received anything, nobody is told");
}

/// Whatever moment of an erasure a use falls into: what was permitted is told.
async fn a_use_during_an_erasure_is_told(engine: Engine) {
    let world = world(engine).await;
    let (gate, company, at) = (&world.ctx.gate, world.company, world.ctx.now());
    let standing = gate.policy(company).await.unwrap();
    let notice = standing.policy.notices.values().find(|one| one.purpose == purpose("marketing.newsletter"));
    let (notice, mut missed) = (notice.unwrap(), Vec::new());
    for n in 0..40_u8 {
        let una = newcomer(100 + n, "Una", &format!("una{n}@example.org"), None);
        let id = una.id;
        gate.admit(batch(company, vec![una]), at).await.unwrap();
        let yes = Giving {
            purpose: notice.purpose.clone(),
            terms: gate.offered(notice, &standing.policy, at),
            notice: notice.id,
            notice_version: 1,
            lang: "en".into(),
            uses: None,
        };
        gate.record(company, id, Act::Give(Box::new(yes)), Asker::Person, Evidence::Portal, at)
            .await
            .unwrap();
        let dossier = gate.look_one(&Whose::everybody(company), id).await.unwrap();
        let used = async {
            tokio::time::sleep(std::time::Duration::from_micros(u64::from(n) * 500)).await;
            world.may_still(Message, &dossier, "marketing.newsletter", party(2)).await
        };
        let (used, erased) = tokio::join!(used, gate.erase(company, id, Asker::Person, false, at));
        erased.unwrap();
        let told = gate.to_be_told(company, 1000).await.unwrap().iter().any(|one| one.person == id);
        missed.extend((used && !told).then_some(n));
    }
    assert!(missed.is_empty(), "used and never told: {missed:?}");
}

assent_testkit::on_both!(
    a_use_during_an_erasure_is_told,
    undoing_an_import_tells_them_too,
    an_import_is_undone_whatever_does_not_read,
    a_process_that_is_killed_between_the_two_sends_one_letter,
    two_nodes_send_one_letter,
    who_was_told_by_hand_gets_no_letter,
    a_letter_that_nobody_takes_is_given_up_and_never_leaves,
    what_was_told_has_an_end,
    one_that_cannot_be_told_holds_up_no_other,
    what_a_law_keeps_is_not_asked_back,
    a_party_without_an_address_is_told_by_hand,
    a_party_with_an_address_gets_a_letter,
    a_letter_that_never_leaves_is_somebodys_task,
);
