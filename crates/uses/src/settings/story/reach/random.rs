//! Whatever belongs to whom: what a list tells is what the law of reach says, page by page.

use assent_kernel::StaffId;
use assent_testkit::Engine;
use assent_web::reach::Reach;
use serde_json::{Value, json};

use super::{OBJECTS, PATHS, body, world};

/// So many of each kind.
const MANY: usize = 10;

/// A number of 0 to 3, by a plain generator: the same in each run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*seed >> 33) % 4).unwrap()
}

async fn lists_tell_what_reach_says(engine: Engine) {
    let world = world(engine).await;
    let (me, mate) = (world.owners[0].unwrap(), world.owners[1].unwrap());
    let mut seed = 7;
    for (at, (object, (path, field))) in OBJECTS.into_iter().zip(PATHS).enumerate() {
        let mut all: Vec<(String, Option<StaffId>)> = Vec::new();
        for n in 0..MANY {
            let owner = world.owners[next(&mut seed)];
            let mut new = body(object, &format!("Random {object} {n}"));
            new[field] = json!(owner);
            all.push((world.admin.post(path, new).await.id(), owner));
        }
        for (id, owner) in world.work[at].iter().zip(world.owners) {
            all.push((id.clone(), owner));
        }
        for (scope, reach) in
            [("own", Reach::of(&[me], false)), ("team", Reach::of(&[me, mate], true)), ("all", Reach::all())]
        {
            world.lay_down(object, scope, scope).await;
            for gone in [false, true].into_iter().filter(|gone| !gone || object != "people") {
                let mut said: Vec<String> = all
                    .iter()
                    .filter(|(_, owner)| !gone && reach.has(*owner))
                    .map(|(id, _)| id.clone())
                    .collect();
                // What their own key made is theirs.
                said.extend(world.work[at].get(4).filter(|_| !gone).cloned());
                said.sort();
                assert_eq!(listed(&world.me, path, gone).await, said, "{object} {scope} {gone}");
            }
        }
    }
}

/// The ids that a list tells, three a page.
async fn listed(key: &crate::desk::story::fixture::Program, path: &str, gone: bool) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let more = after.as_str().map(|after| format!("&after={after}")).unwrap_or_default();
        let removed = if gone { "&removed=true" } else { "" };
        let page = key.get(&format!("{path}?limit=3{removed}{more}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let data = page.body["data"].as_array().unwrap();
        ids.extend(data.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        after = page.body["next"].clone();
        if after.is_null() {
            ids.sort();
            return ids;
        }
    }
}

assent_testkit::on_both!(lists_tell_what_reach_says);
