//! A load that can be killed: an act and a use of each person, as fast as they go, each said once both are durable.

use std::path::Path;

use assent_gate::{Act, Answer, Gate, LogName, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope};
use assent_kernel::uses::kind::View;
use assent_kernel::{Asker, PersonId, Region, Role, Span, Timestamp};
use assent_store::Place;

use crate::{House, RegionPlaces, START, Stores, eu, policy, purpose, root};

/// Where the load keeps what it keeps.
#[must_use]
pub fn stores(folder: &Path) -> Stores {
    let file = |name: &str| Place::File(folder.join(name));
    let region: Region = eu();
    Stores {
        home: file("home.db"),
        regions: vec![RegionPlaces { region, data: file("eu.db"), keys: file("keys.db") }],
        host: "load.example".into(),
    }
}

/// Runs until it is killed. Every act is of a person of its own, so that it can be found again.
///
/// # Errors
/// When the gate fails.
#[expect(clippy::print_stdout, reason = "the process says what is durable to whoever kills it")]
pub async fn run(folder: &Path) -> anyhow::Result<()> {
    let gate = Gate::open(stores(folder), &root(), START).await?;
    let company = found(&gate).await?;
    let house = House::around(gate, company, stores(folder))?;
    let mut n = count(folder).await?;
    loop {
        let at: Timestamp = START.plus(Span::minutes(1));
        n += 1;
        let who = house.person(n, &[("contact.email", "mia@example.org")], at).await?;
        let act = if n % 3 == 0 {
            Act::Object(ObjectionScope::DirectMarketing)
        } else {
            Act::Withdraw(purpose("marketing.newsletter"))
        };
        house.gate.record(company, who, act, Asker::Person, Evidence::Portal, at).await?;
        ask(&house, who, at).await?;
        println!("durable {n}");
        if n % 7 == 0 {
            house.gate.integrate_all(at).await?;
        }
    }
}

/// The company of the load, founded if it is not there.
///
/// # Errors
/// When the gate fails.
pub async fn found(gate: &Gate) -> anyhow::Result<assent_kernel::CompanyId> {
    if let Some(one) = gate.companies().await?.first() {
        return Ok(one.id);
    }
    let id = assent_kernel::CompanyId::from_bytes([1; 16]);
    let row = assent_store::home::Company {
        id,
        code: "load".into(),
        name: "Load".into(),
        region: eu(),
        created_at: START,
    };
    gate.found(row, policy(id, START)?).await?;
    Ok(id)
}

/// Asks about somebody; tells the number under which the answer was written down.
async fn ask(house: &House, who: PersonId, at: Timestamp) -> anyhow::Result<u64> {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), who).await?;
    let matters = dossier.everything().ok_or_else(|| anyhow::anyhow!("nothing is held"))?;
    let question = house.question(View, who, Role::Support, "service.support", matters, at);
    let recorded = match house.gate.ask(question, &dossier).await? {
        Answer::Permit(permit) => Some(permit.recorded()),
        Answer::Refusal(refusal) => refusal.recorded,
    };
    recorded.map(|one| one.seq).ok_or_else(|| anyhow::anyhow!("nothing was written down"))
}

fn nth(n: u64) -> PersonId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    PersonId::from_bytes(bytes)
}

/// How many acts are there, counted from the first without a gap; of the last, that the use after it is there too.
///
/// # Errors
/// When the store does not open.
pub async fn count(folder: &Path) -> anyhow::Result<u64> {
    let gate = Gate::open(stores(folder), &root(), START).await?;
    let Some(company) = gate.companies().await?.first().map(|one| one.id) else { return Ok(0) };
    let mut n = 0;
    while let Some(dossier) = gate.look(&Whose::everybody(company), &[nth(n + 1)]).await?.pop() {
        if dossier.person().answers.is_empty() && dossier.person().objections.is_empty() {
            break;
        }
        n += 1;
    }
    let house = House::around(gate, company, stores(folder))?;
    // How somebody came in is the first entry about them, their act the second, the use the third.
    while n > 0 && ask(&house, nth(n), START.plus(Span::minutes(1))).await? < 4 {
        n -= 1;
    }
    Ok(n)
}

/// The ledger verifies, and signs on.
///
/// # Errors
/// When it does not.
pub async fn verify(folder: &Path) -> anyhow::Result<()> {
    let gate = Gate::open(stores(folder), &root(), START).await?;
    gate.integrate_all(START.plus(Span::minutes(2))).await?;
    let company =
        gate.companies().await?.first().map(|one| one.id).ok_or_else(|| anyhow::anyhow!("no company"))?;
    let name = LogName { company, region: eu() };
    let to = folder.join("export");
    let size = gate.export_log(&name, &to, |_, _| {}).await?;
    anyhow::ensure!(size > 0, "an empty ledger proves nothing");
    assent_verify::check_export(&to, None, None).map(|_| ()).map_err(|failure| anyhow::anyhow!("{failure:?}"))
}
