//! An installation with the notices of the demo world, and imports in one line.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use assent_kernel::notice::Notice;
use assent_kernel::{Asker, ImportId, NoticeId, PersonId, Role, Span, Timestamp};
use assent_store::work::Reach;
use assent_store::{home, keyring};
pub(super) use assent_testkit::Engine;
use assent_testkit::{House, START, eu, newsletter, purpose};
use assent_web::{Clock, Ctx, Post, Room, Settings};

use crate::intake::files::Files;
use crate::intake::model::{Body, Import, Rules, Stand, State};
use crate::intake::read::Sample;
use crate::intake::{Intake, act, run, store};

pub(super) const DEMO: &[u8] = include_bytes!("../../../../assent/demo/contacts-export.csv");
static ROOMS: &[&dyn Room] = &[&Intake];

pub(super) struct World {
    pub(super) house: House,
    pub(super) ctx: Ctx,
}

/// A company that asks for a newsletter (version 2; 1 no longer counts) and for offers (version 1).
pub(super) async fn world(engine: Engine) -> World {
    let house = House::new(engine).await.unwrap();
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    let second = Notice { version: 2, lasts: Span::days(730), ..newsletter(START) };
    let id = NoticeId::from_bytes([8; 16]);
    let offers = Notice { id, purpose: purpose("sales.offer"), ..newsletter(START) };
    policy.oldest_valid = [(second.id, 2), (offers.id, 1)].into();
    policy.notices = [(second.id, second), (offers.id, offers)].into();
    house.gate.set_policy(policy, START).await.unwrap();
    let settings = Settings {
        base_url: "http://localhost".into(),
        post: Post::Local,
        data_dir: house.folder().join("data"),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    // Noon on 1 December 2026: every consent of the demo file lies before it.
    let clock = Clock::fixed(START.plus(Span::days(214)).micros());
    let ctx = Ctx { gate: house.gate.clone(), clock, settings: Arc::new(settings), rooms: ROOMS };
    World { house, ctx }
}

/// The rules that fit the demo file.
pub(super) async fn rules(world: &World) -> Rules {
    let standing = world.ctx.gate.policy(world.house.company).await.unwrap();
    let mut purposes: std::collections::BTreeMap<_, _> =
        act::plain_words(&standing.policy).into_iter().collect();
    purposes.insert("offers by e-mail".into(), purpose("sales.offer"));
    Rules {
        stand: Stand::Columns,
        contract: Some("household-customer".into()),
        purposes,
        country: Some("DE".into()),
        ..Rules::default()
    }
}

/// Uploads a file, with its guessed mapping and these rules, in a state.
pub(super) async fn upload(world: &World, bytes: &[u8], rules: Rules, state: State) -> ImportId {
    let (ctx, at) = (&world.ctx, world.ctx.now());
    let id = ctx.gate.fresh(at, ImportId::new).unwrap();
    upload_as(world, id, bytes, rules, state).await;
    id
}

pub(super) async fn upload_as(world: &World, id: ImportId, bytes: &[u8], rules: Rules, state: State) {
    let (ctx, at) = (&world.ctx, world.ctx.now());
    let sample = Sample::take(bytes, Some(bytes.len() as u64)).unwrap();
    let mut body = Body::new("contacts.csv", Asker::Staff(world.house.staff, Role::Admin));
    body.look(&sample, bytes.len() as u64);
    assert_eq!(body.mapping.problems(&body.layout.headers), []);
    (body.mapped, body.rules, body.started_at) = (true, Some(rules), at);
    let import = Import {
        id,
        company: world.house.company,
        region: eu(),
        staff: world.house.staff,
        created_at: at,
        state,
        total: sample.rows,
        claimed_until: None,
        body,
    };
    let files = Files::of(ctx, &eu(), id).await.unwrap();
    let mut file = files.upload().create().unwrap();
    file.write_all(bytes).unwrap();
    file.finish().unwrap();
    ctx.gate.home().write(move |tx| store::add(tx, &import)).await.unwrap();
}

/// Uploads and runs to the end.
pub(super) async fn import(world: &World, bytes: &[u8], rules: Rules) -> Import {
    let id = upload(world, bytes, rules, State::Running).await;
    run::work(&world.ctx, id).await.unwrap();
    get(world, id).await
}

pub(super) async fn get(world: &World, id: ImportId) -> Import {
    world.ctx.gate.home().read(move |tx| store::one(tx, id)).await.unwrap().unwrap()
}

pub(super) async fn rejected(world: &World, id: ImportId) -> String {
    let files = Files::of(&world.ctx, &eu(), id).await.unwrap();
    let mut text = String::new();
    if files.has_rejected() {
        files.rejected().unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

/// Everybody in the directory: who, and whether in quarantine.
pub(super) async fn people(world: &World) -> Vec<(PersonId, bool)> {
    let company = world.house.company;
    let page = move |tx: &mut assent_store::Tx<'_>| {
        home::page(tx, (company, &Reach::all()), home::Order::Oldest, None, 100_000)
    };
    let listed = world.ctx.gate.home().read(page).await.unwrap();
    listed.into_iter().map(|one| (one.person, one.quarantined)).collect()
}

/// One number of a store.
pub(super) async fn count(db: &assent_store::Db, sql: &'static str) -> i64 {
    db.read(move |tx| tx.first(sql, &[], |row| row.int(0))).await.unwrap().unwrap_or(-1)
}

/// How many of these people have a key.
pub(super) async fn keys(world: &World, ids: &[PersonId]) -> usize {
    let place = world.house.stores.regions[0].keys.clone();
    let db = assent_store::Db::open(place).unwrap();
    let ids = ids.to_vec();
    db.read(move |tx| keyring::person_keys(tx, &ids)).await.unwrap().len()
}

pub(super) fn later(world: &World, span: Span) -> Timestamp {
    world.ctx.clock.advance(span.micros());
    world.ctx.now()
}

/// Uploads a file whose columns mean this.
pub(super) async fn upload_mapped(world: &World, bytes: &[u8], rules: Rules, targets: &[&str]) -> ImportId {
    let id = upload(world, bytes, rules, State::Draft).await;
    let mut import = get(world, id).await;
    for (column, target) in import.body.mapping.columns.iter_mut().zip(targets) {
        column.target = serde_json::from_value((*target).into()).unwrap();
    }
    import.state = State::Running;
    let at = world.ctx.now();
    world.ctx.gate.home().write(move |tx| store::change(tx, State::Draft, &import, at)).await.unwrap();
    id
}
