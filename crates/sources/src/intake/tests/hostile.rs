//! Files that mean harm, or mean nothing: a reason for each row, and never a panic.

use super::house::*;
use crate::intake::model::{Rules, State};
use crate::intake::read::{Sample, Unreadable};
use crate::intake::run;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_contact_file_is_refused_by_name() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"PK\x03\x04rest of a spreadsheet", "not a text file"),
        (b"%PDF-1.7 rest", "not a text file"),
    ] {
        let error: Unreadable = Sample::take(bytes, None).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

async fn every_row_of_a_bad_file_has_a_reason(engine: Engine) {
    let world = world(engine).await;
    let long = "x".repeat(70_000);
    let mut bytes = b"First Name,Last Name,Email,Note\n".to_vec();
    bytes.extend(b"=cmd(),Formula,f@example.org,=1+1\n");
    bytes.extend(b"J\xfcrgen,Latin,l@example.org,\n");
    bytes.extend(format!("Long,Field,x@example.org,{long}\n").bytes());
    bytes.extend(b"Nobody,,,\n");
    bytes.extend(b"Two,People,a@example.org;b@example.org,ok\n");
    bytes.extend(b"Same,Again,B@Example.org,ok\n");
    bytes.extend(b"Open,Quote,q@example.org,\"never\nGood,Row,g@example.org,\n");
    let id = upload(&world, &bytes, Rules::default(), State::Running).await;
    run::work(&world.ctx, id).await.unwrap();
    let done = get(&world, id).await;
    assert_eq!(done.state, State::Done, "{:?}", done.body.error);
    let counts = done.body.counts;
    let why: Vec<&str> = counts.why.0.keys().map(String::as_str).collect();
    // A file with bytes that are no UTF-8 from the start is read as Windows-1252: its umlaut is none the worse.
    assert_eq!(why, ["duplicate.file", "row.field-too-long", "row.nobody", "row.open-quote"]);
    assert_eq!((counts.rows, counts.taken()), (8, 4));
    assert!(rejected(&world, id).await.contains("'=cmd()") || counts.noticed.0.contains_key("value.formula"));
}

async fn a_contract_for_a_lifetime_is_refused_by_row_and_column(engine: Engine) {
    let world = world(engine).await;
    let csv = b"First Name,Last Name,Email,Contract Ref,Contract Until\n\
        Ada,Long,ada@example.org,A-1,2099-12-31\nBea,Short,bea@example.org,B-1,2028-12-31\n";
    let id = upload(&world, csv, rules(&world).await, State::Running).await;
    run::work(&world.ctx, id).await.unwrap();
    let done = get(&world, id).await;
    let counts = &done.body.counts;
    assert_eq!((counts.taken(), counts.why.0["contract.too-long"].1), (1, 1), "{:?}", counts.why);
    let file = rejected(&world, id).await;
    assert!(file.contains("Contract Until") && file.contains("ten years"), "{file}");
}

async fn cards_come_in_too(engine: Engine) {
    let world = world(engine).await;
    let cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Anna;;;\r\nFN:Anna Müller\r\nEMAIL:anna@example.org\r\n\
        TEL;type=CELL:+49 171 1234567\r\nADR;type=HOME:;;Weg 1;Bonn;NRW;53111;Germany\r\nBDAY:2015-04-12\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nEMAIL:ANNA@example.org\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nFN:Cut off\r\n";
    let done = import(&world, cards.as_bytes(), Rules::default()).await;
    assert_eq!((done.body.counts.rows, done.taken(), done.body.counts.duplicates), (3, 1, 1));
    assert_eq!(done.body.counts.why.0["card.no-end"].1, 1);
    let (anna, quarantined) = people(&world).await[0];
    assert!(quarantined);
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.house.company), anna).await.unwrap();
    assert_eq!(dossier.person().residence.as_ref().map(ToString::to_string).as_deref(), Some("eu.de"));
    assert!(dossier.person().minor, "who is eleven has a guardian");
    assert!(dossier.facts().any(|held| held.category().to_string() == "contact.phone.mobile"));
}

async fn a_file_that_is_cut_stops_with_a_reason_and_keeps_what_came(engine: Engine) {
    let world = world(engine).await;
    let id = upload(&world, DEMO, rules(&world).await, State::Running).await;
    let path = world.ctx.settings.data_dir.join("imports").join(id.to_string()).join("file.sealed");
    let sealed = std::fs::read(&path).unwrap();
    std::fs::write(&path, &sealed[..sealed.len() - 30]).unwrap();
    run::work(&world.ctx, id).await.unwrap();
    let stopped = get(&world, id).await;
    assert_eq!(stopped.state, State::Stopped);
    assert!(stopped.body.error.unwrap().contains("could not be read"));
}

assent_testkit::on_both!(
    every_row_of_a_bad_file_has_a_reason,
    a_contract_for_a_lifetime_is_refused_by_row_and_column,
    cards_come_in_too,
    a_file_that_is_cut_stops_with_a_reason_and_keeps_what_came,
);
