//! A policy changes whole or not at all, and a node that died in between is made up for, once.

use assent_gate::LogName;
use assent_kernel::party::{Party, Standing};
use assent_kernel::{PartyId, Policy, Span, StaffId, Timestamp};
use assent_store::policies::{self, About, Change, New};
use assent_testkit::{Engine, House, START, eu};

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

fn with_party(policy: &Policy, n: u8) -> (Policy, Change) {
    let mut policy = policy.clone();
    let home = policy.parties[&policy.home].clone();
    let id = PartyId::from_bytes([n; 16]);
    let party = Party { id, code: format!("party-{n}"), standing: Standing::Active, ..home };
    policy.parties.insert(id, party);
    let by = Some(StaffId::from_bytes([9; 16]));
    let what = format!("party-{n} added.");
    (policy, Change { about: About::Chain, by, second: None, item: id.to_string(), what, settles: None })
}

async fn changes(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let (gate, company) = (&house.gate, house.company);
    let log = LogName { company, region: eu() };
    let before = gate.integrate(&log, later(1)).await?;
    let first = gate.policy(company).await?.policy.clone();

    // Two who began from the same version: one is told, and nothing of theirs is there.
    let ((a, said), (b, other)) = (with_party(&first, 31), with_party(&first, 32));
    gate.change_policy(a, said, later(2)).await?;
    assert!(gate.change_policy(b, other, later(2)).await.is_err());
    assert_eq!(gate.integrate(&log, later(2)).await?, before + 1);
    let lines = gate.home().read(move |tx| policies::history(tx, company, u64::MAX, 10)).await?;
    assert_eq!((lines.len(), lines[0].change.what.as_str()), (2, "party-31 added."));

    // A node writes a version and dies before the regions hear of it.
    let (mut next, change) = with_party(&gate.policy(company).await?.policy.clone(), 33);
    next.version += 1;
    let body = serde_json::to_string(&next)?;
    let digest = Policy::digest(body.as_bytes());
    let new = New { company, version: next.version, at: later(3), digest, body, notices: Vec::new(), change };
    gate.home().write(move |tx| policies::add(tx, &new)).await?;
    assert_eq!(gate.integrate(&log, later(3)).await?, before + 1);
    let (one, two) = (house.node(later(4)).await?, house.node(later(4)).await?);
    let (a, b) = tokio::join!(one.reload_policy(company), two.reload_policy(company));
    assert_eq!((a?.policy.version, b?.policy.version), (next.version, next.version));
    gate.reload_policy(company).await?;
    assert_eq!(gate.integrate(&log, later(5)).await?, before + 2, "once, whoever looked");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_changes_whole_on_sqlite() -> anyhow::Result<()> {
    changes(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_changes_whole_on_postgres() -> anyhow::Result<()> {
    changes(Engine::Postgres).await
}
