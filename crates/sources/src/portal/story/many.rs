//! A use on many people at once, as each of them sees it.

use assent_kernel::uses::kind::Message;
use axum::http::StatusCode;

use super::NEWS;
use super::world::*;

assent_testkit::on_both!(a_use_on_many_is_told_to_each_of_them);

async fn a_use_on_many_is_told_to_each_of_them(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    world.use_both(Message, "marketing.newsletter", party(2)).await;
    let uses = mia.ok("/me/uses?show=permitted").await;
    assert!(uses.contains("One use on 2 people at once; you were one of them."), "{uses}");
    let ole = world.enter("ole@example.org").await;
    let refused = ole.ok("/me/uses?show=refused").await;
    assert!(refused.contains("One use on 2 people at once") && !refused.contains("mia@"), "{refused}");
    let line = uses.split("/me/receipt/m").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = mia.ok(&format!("/me/receipt/m{line}/check")).await;
    assert!(page.contains("Yes. Everything fits together.") && !page.contains("tag bad"), "{page}");
    assert!(page.contains("One use on 2 people at once"));
    let receipt = mia.ok(&format!("/me/receipt/m{line}")).await;
    let name = assent_gate::LogName { company: world.company, region: region("eu") };
    let head = world.ctx.gate.log_head(&name).await.unwrap();
    assert_eq!(super::super::receipt::verify(&receipt, &head.vkey).unwrap().among.unwrap().people, 2);
    assert!(mia.ok("/me/export.json").await.contains("\"among\": 2"));
    for none in ["m99", "mx", "x", "999"] {
        assert_eq!(mia.get(&format!("/me/receipt/{none}")).await.0, StatusCode::NOT_FOUND, "{none}");
    }
}
