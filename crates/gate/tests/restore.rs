//! A copy of the data comes back: it stays closed until the ledger is whole, and forgets nothing that people took back.

use std::collections::BTreeMap;

use assent_gate::{
    Act, Gate, GateError, LogName, RegionPlaces, RestoreReport, Restoring, Stores, Whose, tellings_in,
};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted, Said};
use assent_kernel::uses::kind::View;
use assent_kernel::{Anchor, Asker, MailId, PersonId, Role, Span, Timestamp, Warrant};
use assent_store::own_keys::May;
use assent_store::told::{self, State, Telling};
use assent_store::{Db, Place};
use assent_testkit::{Engine, House, START, category, eu, purpose, root};

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

/// A copy of the data, without keys: what `assent backup` makes of files, and `pg_dump` of databases.
struct Copy {
    folder: tempfile::TempDir,
    stores: Stores,
}

impl Copy {
    async fn of(house: &House) -> anyhow::Result<Self> {
        let copy = Self::begun(house)?;
        copy.take_region(house).await?;
        copy.take_home(house).await?;
        Ok(copy)
    }

    /// A copy of nothing yet: its stores are taken one by one.
    fn begun(house: &House) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let of = |place: &Place, name: &str| match place {
            Place::File(_) => Place::File(folder.path().join(name)),
            Place::Server(url) => Place::Server(format!("{url}_copy")),
        };
        let mut stores = house.stores.clone();
        stores.home = of(&stores.home, "home.db");
        stores.regions[0].data = of(&house.stores.regions[0].data, "eu.db");
        Ok(Self { folder, stores })
    }

    async fn take_home(&self, house: &House) -> anyhow::Result<()> {
        let home = house.stores.home.clone();
        match (&home, &self.stores.home) {
            (Place::File(_), Place::File(to)) => Ok(Db::open(home.clone())?.copy_to(to.clone()).await?),
            (from, to) => on_server(from, to),
        }
    }

    async fn take_region(&self, house: &House) -> anyhow::Result<()> {
        let RegionPlaces { data, keys, .. } = house.stores.regions[0].clone();
        match (&data, &self.stores.regions[0].data) {
            (Place::File(_), Place::File(to)) => {
                Ok(assent_gate::settled(data.clone(), keys).await?.copy_to(to.clone()).await?)
            }
            (from, to) => on_server(from, to),
        }
    }

    /// The disaster: the data of today is gone and the copy takes its place; the keyring is today's.
    fn replaces(&self, house: &House) -> anyhow::Result<()> {
        put_back(&self.stores.home, &house.stores.home)?;
        put_back(&self.stores.regions[0].data, &house.stores.regions[0].data)
    }
}

fn on_server(from: &Place, to: &Place) -> anyhow::Result<()> {
    let (Place::Server(from), Place::Server(to)) = (from, to) else { anyhow::bail!("two engines") };
    assent_testkit::pg_copy(from, to)
}

fn put_back(copy: &Place, to: &Place) -> anyhow::Result<()> {
    let (Place::File(copy), Place::File(path)) = (copy, to) else { return on_server(copy, to) };
    for suffix in ["", "-wal", "-shm", "-uses0", "-uses1"] {
        let mut old = path.clone().into_os_string();
        old.push(suffix);
        std::fs::remove_file(old).ok();
    }
    std::fs::copy(copy, path)?;
    Ok(())
}

/// Opens what was put back.
async fn open_restored(
    house: &House,
    restoring: &Restoring,
    at: Timestamp,
) -> Result<(Gate, RestoreReport), GateError> {
    Gate::open_restored(house.stores.clone(), &root(), restoring, at, |_, _, _| {}).await
}

async fn erase_then_restore_stays_erased_and_withdrawn_stays_withdrawn(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia =
        house.customer(1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START).await?;
    let bo = house.customer(2, &[("name.given", "Bo"), ("contact.email", "bo@example.org")], START).await?;
    let yes = Act::Give(Box::new(house.yes(later(1)).await?));
    house.gate.record(house.company, bo, yes, Asker::Person, Evidence::Portal, later(1)).await?;
    house.gate.integrate_all(later(2)).await?;
    // The copy: data only.
    let copy = Copy::of(&house).await?;
    // What happens after it.
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, bo, no, Asker::Person, Evidence::Portal, later(3)).await?;
    house.gate.erase(house.company, mia, Asker::Person, false, later(4)).await?;
    house.gate.integrate_all(later(5)).await?;
    let name = LogName { company: house.company, region: eu() };
    let export = tempfile::tempdir()?;
    let size = house.gate.export_log(&name, export.path(), |_, _| {}).await?;
    let origin = house.gate.log_head(&name).await?.origin;

    // The disaster: the data of today is gone, the copy takes its place, the keyring is today's.
    copy.replaces(&house)?;
    // The server that it was put back on counts its transactions from where it stands, not from where the old one was.
    let put_back = assent_store::Db::open(house.stores.regions[0].data.clone())?;
    if engine == Engine::Postgres {
        let far = "INSERT INTO change_gone (one, newest) VALUES (1, 900000000000000)";
        put_back.write(move |tx| tx.exec(far, &[])).await?;
    }
    let closed = Gate::open(house.stores.clone(), &root(), later(6)).await;
    assert!(matches!(closed, Err(GateError::Sealed(_))), "a store older than its ledger opens nothing");
    let nothing = open_restored(&house, &Restoring::default(), later(6)).await;
    assert!(matches!(nothing, Err(GateError::Sealed(_))));

    let restoring = Restoring {
        ledgers: BTreeMap::from([(origin, export.path().to_path_buf())]),
        ..Restoring::default()
    };
    let (gate, report) = open_restored(&house, &restoring, later(6)).await?;
    assert_eq!((report.erasures, report.wishes, report.lost), (1, 1, 0));
    assert_eq!(report.entries, 2, "the withdrawal and the erasure came forward");
    let ahead = "SELECT count(*) FROM change_gone WHERE newest > 800000000000000";
    assert_eq!(put_back.read(move |tx| tx.first(ahead, &[], |row| row.int(0))).await?, Some(0));
    assert!(matches!(gate.look_one(&Whose::everybody(house.company), mia).await, Err(GateError::NoPerson)));
    assert!(gate.find_email(house.company, "mia@example.org").await?.is_empty());
    let bo = gate.look_one(&Whose::everybody(house.company), bo).await?;
    assert_eq!(bo.person().answers[&purpose("marketing.newsletter")].said, Said::NoLonger);
    assert_eq!(gate.log_head(&name).await?.size, size + 1, "the restore itself is written down");
    let export = tempfile::tempdir()?;
    gate.export_log(&name, export.path(), |_, _| {}).await?;
    assert!(assent_verify::check_export(export.path(), None, None).is_ok());
    Ok(())
}

async fn two_officers_can_accept_a_loss_and_it_shows(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    house.customer(1, &[("name.given", "Mia")], START).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    house.customer(2, &[("name.given", "Bo")], later(2)).await?;
    house.gate.integrate_all(later(2)).await?;
    copy.replaces(&house)?;
    let restoring =
        Restoring { accept_loss: Some(["A. Officer".into(), "B. Officer".into()]), ..Restoring::default() };
    let (gate, report) = open_restored(&house, &restoring, later(3)).await?;
    assert_eq!(report.lost, 1);
    let name = LogName { company: house.company, region: eu() };
    assert_eq!(gate.log_head(&name).await?.size, 2);
    Ok(())
}

async fn what_a_law_keeps_survives_erasing_and_a_copy_made_after_it(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia =
        house.customer(1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let standing = house.gate.policy(house.company).await?;
    let mandate = standing.policy.mandate("ao-147-invoices").unwrap().id;
    let invoice = assent_gate::Keeping {
        category: category("purchase.invoice"),
        value: "Invoice 7, 39.00 EUR".into(),
        source: "billing".into(),
        warrant: Some(Warrant::Mandate(mandate)),
        anchors: vec![Anchor { mandate, until: START.plus(Span::days(2_922)) }],
        carried: None,
        replaces: None,
    };
    let clerk = Asker::Staff(house.staff, Role::Billing);
    house.gate.keep(&dossier, vec![invoice], clerk, later(1)).await?;
    let done = house.gate.erase(house.company, mia, Asker::Person, false, later(2)).await?;
    assert_eq!((done.erased, done.kept.len()), (2, 1));
    house.gate.integrate_all(later(2)).await?;
    let copy = Copy::of(&house).await?;
    copy.replaces(&house)?;
    let (gate, report) = open_restored(&house, &Restoring::default(), later(3)).await?;
    assert_eq!(report.erasures, 0);
    let kept = gate.look_one(&Whose::everybody(house.company), mia).await?;
    let ask = |role, why| {
        let question = house.question(View, mia, role, why, kept.everything().unwrap(), later(4));
        gate.ask(question, &kept)
    };
    let held = kept.facts().next().unwrap();
    let answer = ask(Role::Billing, "billing.bookkeeping").await?;
    assert_eq!(answer.open(held).unwrap().as_str(), "Invoice 7, 39.00 EUR");
    for (role, why) in
        [(Role::Support, "service.support"), (Role::Billing, "billing.invoice"), (Role::Dpo, "rights.inform")]
    {
        assert!(ask(role, why).await?.open(held).is_err(), "{why}");
    }
    Ok(())
}

/// The file alone is put back, beside the journal of today: the uses in it do not make up for the withdrawal that is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_set_back_beside_its_journal_stays_closed() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    let mia =
        house.customer(1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START).await?;
    let ask = |minute: u32| {
        let gate = house.gate.clone();
        let house = &house;
        async move {
            let dossier = gate.look_one(&Whose::everybody(house.company), mia).await?;
            let matters = dossier.of_categories(&[category("name")]).unwrap();
            let question =
                house.question(View, mia, Role::Support, "service.support", matters, later(minute));
            Ok::<_, GateError>(gate.ask(question, &dossier).await?.permit().is_some())
        }
    };
    assert!(ask(1).await?);
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(2)).await?;
    house.gate.integrate_all(later(2)).await?;
    // More uses than acts, none of them in the tree yet.
    for minute in 3..9 {
        assert!(ask(minute).await?);
    }
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("eu.db{suffix}");
        std::fs::remove_file(house.folder().join(name)).ok();
    }
    std::fs::copy(copy.folder.path().join("eu.db"), house.folder().join("eu.db"))?;
    let place = |name: &str| Place::File(house.folder().join(name));
    let settled = assent_gate::settled(place("eu.db"), place("keys.db")).await;
    assert!(matches!(settled, Err(GateError::Sealed(_))));
    for _ in 0..2 {
        let closed = Gate::open(house.stores.clone(), &root(), later(10)).await;
        assert!(matches!(closed, Err(GateError::Sealed(_))), "still closed");
    }
    Ok(())
}

/// What was acknowledged and not absorbed when a process ended is there when the next one opens.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_in_the_journal_is_taken_over_at_the_next_start() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let matters = dossier.everything().unwrap();
    let question = house.question(View, mia, Role::Support, "service.support", matters, later(1));
    for _ in 0..7 {
        assert!(house.gate.ask(question.clone(), &dossier).await?.permit().is_some());
    }
    let name = LogName { company: house.company, region: eu() };
    assert_eq!(house.gate.log_head(&name).await?.waiting, 8);
    let next = Gate::open(house.stores.clone(), &root(), later(2)).await?;
    assert_eq!(next.log_head(&name).await?.waiting, 1, "how she came in waits in the queue");
    assert_eq!(next.integrate(&name, later(2)).await?, 8);
    assert_eq!(house.gate.integrate(&name, later(2)).await?, 8, "once, whoever does it");
    Ok(())
}

/// The end of a contract narrows like a withdrawal: a copy from before it revives nothing.
async fn a_contract_that_was_ended_stays_ended(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    let told =
        house.gate.look_one(&Whose::everybody(house.company), mia).await?.person().contracts[0].clone();
    let sooner = assent_kernel::person::Contract { until: later(3), ..told.clone() };
    let end = Act::Contract(sooner.clone());
    house.gate.record(house.company, mia, end, Asker::Person, Evidence::Portal, later(2)).await?;
    copy.replaces(&house)?;
    let (gate, report) = open_restored(&house, &Restoring::default(), later(4)).await?;
    assert_eq!(
        (
            report.wishes,
            gate.look_one(&Whose::everybody(house.company), mia).await?.person().contracts.first()
        ),
        (1, Some(&sooner))
    );
    Ok(())
}

/// A home store copied before its regions: somebody came in, and the policy changed, between the two copies.
async fn a_home_store_older_than_its_regions_is_caught_up(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia =
        house.customer(1, &[("name.given", "Mia"), ("contact.email", "mia@example.org")], START).await?;
    let copy = Copy::begun(&house)?;
    copy.take_home(&house).await?;
    let bo = house.customer(2, &[("name.given", "Bo"), ("contact.email", "bo@example.org")], START).await?;
    let policy = house.gate.policy(house.company).await?.policy.clone();
    house.gate.set_policy(policy, later(1)).await?;
    house.gate.integrate_all(later(2)).await?;
    copy.take_region(&house).await?;
    copy.replaces(&house)?;
    let (gate, report) = open_restored(&house, &Restoring::default(), later(3)).await?;
    assert_eq!((report.listed, report.policies), (1, 1));
    assert_eq!(gate.find_email(house.company, "bo@example.org").await?, [bo]);
    for who in [mia, bo] {
        let dossier = gate.look_one(&Whose::everybody(house.company), who).await?;
        let matters = dossier.of_categories(&[category("name")]).unwrap();
        let question = house.question(View, who, Role::Support, "service.support", matters, later(4));
        assert!(gate.ask(question, &dossier).await?.permit().is_some());
    }
    // The next version takes the number of the one that is lost.
    let policy = gate.policy(house.company).await?.policy.clone();
    gate.set_policy(policy, later(5)).await?;
    let (_, report) = open_restored(&house, &Restoring::default(), later(6)).await?;
    assert_eq!((report.listed, report.policies), (0, 0));
    Ok(())
}

/// After a disaster the computer is another one, and its clock may be anything: nothing is written by one that is wrong.
async fn a_restore_holds_the_clock_against_what_is_known(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    copy.replaces(&house)?;
    let name = LogName { company: house.company, region: eu() };
    for wrong in [START.plus(Span::days(365)), START.minus(Span::days(1))] {
        let refused = open_restored(&house, &Restoring::default(), wrong).await;
        let error = refused.map(|_| ()).unwrap_err();
        assert!(error.is_clock(), "{error}");
    }
    // Nor is an export passed over that is of no ledger here.
    let strange = BTreeMap::from([("elsewhere/ledger/x/eu".to_owned(), house.folder())]);
    let strange = Restoring { ledgers: strange, ..Restoring::default() };
    let told = open_restored(&house, &strange, later(2)).await.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("no ledger of this installation"), "{told}");
    let (gate, _) = open_restored(&house, &Restoring::default(), later(2)).await?;
    let size = gate.log_head(&name).await?.size;
    gate.look_one(&Whose::everybody(house.company), mia).await?;
    // Somebody says that it is right: two months went by. That is believed, but not a clock that went back.
    let accepted = Restoring { accept_clock: true, ..Restoring::default() };
    assert!(open_restored(&house, &accepted, START.minus(Span::days(1))).await.is_err());
    let (gate, _) = open_restored(&house, &accepted, START.plus(Span::days(60))).await?;
    assert_eq!(gate.log_head(&name).await?.size, size + 1);
    Ok(())
}

async fn an_objection_that_was_lifted_stands_again_after_a_restore(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia = house.person(1, &[("contact.email", "mia@example.org")], START).await?;
    let direct = || ObjectionScope::DirectMarketing;
    let acts = [
        (1, Act::Object(direct())),
        (2, Act::Lift(direct())),
        (3, Act::Object(direct())),
        (4, Act::Lift(direct())),
        (5, Act::Restrict(Restricted::All)),
        (6, Act::Release),
    ];
    for (minute, act) in acts {
        let at = later(minute);
        house.gate.record(house.company, mia, act, Asker::Person, Evidence::Portal, at).await?;
    }
    let before = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    assert_eq!((before.person().objections.len(), before.person().restrictions.len()), (0, 0));
    house.gate.integrate_all(later(7)).await?;
    let copy = Copy::of(&house).await?;
    copy.replaces(&house)?;
    let (gate, report) = open_restored(&house, &Restoring::default(), later(8)).await?;
    assert_eq!(report.wishes, 3);
    // The newest of each, once.
    let after = gate.look_one(&Whose::everybody(house.company), mia).await?;
    assert_eq!(after.person().objections.iter().map(|one| one.at).collect::<Vec<_>>(), [later(3)]);
    assert_eq!(after.person().restrictions.iter().map(|one| one.at).collect::<Vec<_>>(), [later(5)]);
    Ok(())
}

/// The data of today is gone, and a copy takes its place.
async fn restored(house: &House, copy: &Copy, at: Timestamp) -> anyhow::Result<Gate> {
    copy.replaces(house)?;
    let accept_loss = Some(["A. Officer".into(), "B. Officer".into()]);
    let restoring = Restoring { accept_loss, ..Restoring::default() };
    Ok(open_restored(house, &restoring, at).await?.0)
}

/// The terms of the yes to the newsletter that stands.
fn yes_of(dossier: &assent_gate::Dossier) -> &assent_kernel::grant::Grant {
    dossier.person().yes_to(&purpose("marketing.newsletter")).unwrap().1
}

/// A yes to less takes something away: a copy from before it revives nothing.
async fn a_yes_to_less_is_not_widened_by_a_restore(engine: Engine) -> anyhow::Result<()> {
    let mut house = House::new(engine).await?;
    let facts = [("name.given", "Mia"), ("contact.email", "mia@example.org")];
    let (mia, bo) = (house.person(1, &facts, START).await?, house.person(2, &facts, START).await?);
    let cy = house.person(3, &facts, START).await?;
    let (gate, company) = (house.gate.clone(), house.company);
    let say = async |who, giving, at| {
        let yes = Act::Give(Box::new(giving));
        gate.record(company, who, yes, Asker::Person, Evidence::Portal, at).await
    };
    for who in [mia, bo, cy] {
        say(who, house.yes(later(1)).await?, later(1)).await?;
    }
    let copy = Copy::of(&house).await?;
    let mut less = house.yes(later(2)).await?;
    less.terms.categories = [category("contact.email")].into_iter().collect();
    less.terms.until = START.plus(Span::days(90));
    say(mia, less, later(2)).await?;
    let mut counted = house.yes(later(2)).await?;
    counted.uses = Some(2);
    say(bo, counted, later(2)).await?;
    // As wide as before, or wider: that is not for the register.
    say(cy, house.yes(later(2)).await?, later(2)).await?;
    let gate = restored(&house, &copy, later(3)).await?;
    let now = gate.look(&Whose::everybody(house.company), &[mia, bo, cy]).await?;
    let terms = &yes_of(&now[0]).terms;
    assert!(!terms.categories.covers(&category("name.given")), "{terms:?}");
    assert_eq!(terms.until, START.plus(Span::days(90)));
    assert_eq!(yes_of(&now[1]).uses_left, Some(0), "how many were had since is not known");
    assert!(yes_of(&now[2]).terms.categories.covers(&category("name.given")));
    // A copy of today knows all of it: nothing is said again, and the newest word stands.
    house.gate = gate;
    let copy = Copy::of(&house).await?;
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(4)).await?;
    let gate = restored(&house, &copy, later(5)).await?;
    let now = gate.look_one(&Whose::everybody(house.company), mia).await?;
    let said = &now.person().answers[&purpose("marketing.newsletter")].said;
    assert_eq!(*said, Said::NoLonger);
    Ok(())
}

/// What an erased record had closed for another of the same human is closed there in every copy.
async fn what_an_erased_record_left_behind_stands_after_a_restore(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let email = [("contact.email", "mia@example.org")];
    let mut people = Vec::new();
    for n in 1..=3 {
        people.push(house.person(n, &email, START).await?);
    }
    let (mia, twin, third) = (people[0], people[1], people[2]);
    let record = async |who, act, at| {
        house.gate.record(house.company, who, act, Asker::Person, Evidence::Portal, at).await
    };
    for who in [twin, third] {
        record(who, Act::Give(Box::new(house.yes(later(1)).await?)), later(1)).await?;
    }
    let copy = Copy::of(&house).await?;
    // Both hang on the first, after the copy.
    for (n, who) in (2..).zip([twin, third]) {
        house
            .gate
            .join(&Whose::everybody(house.company), (mia, who), Vec::new(), Asker::System, later(n))
            .await?;
    }
    record(mia, Act::Withdraw(purpose("marketing.newsletter")), later(4)).await?;
    record(mia, Act::Object(ObjectionScope::Profiling), later(5)).await?;
    house.gate.erase(house.company, mia, Asker::Person, false, later(6)).await?;
    let before = house.gate.look_one(&Whose::everybody(house.company), twin).await?;
    assert!(before.person().yes_to(&purpose("marketing.newsletter")).is_err());
    let gate = restored(&house, &copy, later(7)).await?;
    for who in [twin, third] {
        let now = gate.look_one(&Whose::everybody(house.company), who).await?;
        assert!(now.person().yes_to(&purpose("marketing.newsletter")).is_err(), "as she had withdrawn it");
        assert_eq!(now.own().objections.len(), 1);
        assert_eq!(now.records().len(), 2, "the two that are left belong together, as before");
    }
    Ok(())
}

/// Somebody's clock was a year ahead, it was accepted, and the program served by it. What was recorded then is lost with the
/// restore, on the word of two; what people took back holds, and from the time that it really is.
async fn a_future_that_was_wrongly_accepted_can_be_left_behind(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let facts = [("name.given", "Mia"), ("contact.email", "mia@example.org")];
    let (mia, bo) = (house.customer(1, &facts, START).await?, house.customer(2, &facts, START).await?);
    for who in [mia, bo] {
        let yes = Act::Give(Box::new(house.yes(later(1)).await?));
        house.gate.record(house.company, who, yes, Asker::Person, Evidence::Portal, later(1)).await?;
    }
    house.gate.integrate_all(later(2)).await?;
    let copy = Copy::of(&house).await?;
    let wrong = START.plus(Span::days(365));
    // First she allows less, then nothing; he stops two things; each is one word more.
    let mut less = house.yes(wrong).await?;
    less.terms.categories = [category("contact.email")].into_iter().collect();
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    let stop = |kind| Act::Restrict(Restricted::Category(category(kind)));
    let said = [(mia, Act::Give(Box::new(less))), (mia, no), (bo, stop("name")), (bo, stop("contact.email"))];
    for (n, (who, act)) in (0..).zip(said) {
        let at = wrong.plus(Span::minutes(n));
        house.gate.record(house.company, who, act, Asker::Person, Evidence::Portal, at).await?;
    }
    let wrong = wrong.plus(Span::minutes(4));
    house.gate.rotate_keys(wrong, true).await?;
    house.gate.integrate_all(wrong).await?;
    copy.replaces(&house)?;
    let refused = open_restored(&house, &Restoring::default(), later(3)).await.map(|_| ());
    assert!(matches!(refused, Err(GateError::ClockWentBack)), "{refused:?}");
    // Nor is the clock mended by half: what the keyring of the wrong year knows does not speak for it.
    let half = restored(&house, &copy, START.plus(Span::days(200))).await.map(|_| ()).unwrap_err();
    assert!(half.downcast_ref::<GateError>().is_some_and(GateError::is_clock), "{half}");
    let gate = restored(&house, &copy, later(3)).await?;
    let said = gate.look_one(&Whose::everybody(house.company), mia).await?;
    let said = &said.person().answers[&purpose("marketing.newsletter")];
    assert_eq!(said.said, Said::NoLonger, "what was taken back last holds");
    assert!(said.at > later(3) && said.at < later(4), "{:?}", said.at);
    let stopped = gate.look_one(&Whose::everybody(house.company), bo).await?;
    assert_eq!(stopped.person().restrictions.len(), 2);
    // Everything goes on, on this node and the next one, and nothing is of the year that did not come.
    gate.clock_stands(later(4))?;
    assert!(gate.last_seen().await?.is_some_and(|seen| seen < later(4)));
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    gate.record(house.company, bo, no, Asker::Person, Evidence::Portal, later(5)).await?;
    let node = house.node(later(6)).await?;
    node.look_one(&Whose::everybody(house.company), bo).await?;
    Ok(())
}

/// Who is to be told of an erasure stands in the region alone, and nobody can find it out once the key is gone.
async fn who_is_to_be_told_is_not_forgotten_by_a_restore(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    house.customer(1, &[("name.given", "Mia")], START).await?;
    let one = |n: u8, state| Telling {
        id: MailId::from_bytes([n; 16]),
        company: house.company,
        erasure: [n; 32],
        person: PersonId::from_bytes([n; 16]),
        party: "postlane".into(),
        kinds: "contact.email".into(),
        last_at: START,
        erased_at: START,
        state,
        told_at: None,
        told_by: None,
    };
    let region = house.gate.region_db(&eu())?.clone();
    let put = async |one: Telling| region.write(move |tx| told::add(tx, &one)).await;
    let written =
        async |n: u8| region.write(move |tx| told::looked_at(tx, MailId::from_bytes([n; 16]), true)).await;
    // Before the copy: one is told by letter afterwards, one waits still.
    put(one(1, State::Fresh)).await?;
    put(one(2, State::Fresh)).await?;
    written(1).await?;
    written(2).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    region.write(move |tx| told::tried(tx, MailId::from_bytes([1; 16]), later(2))).await?;
    region.write(move |tx| told::ended(tx, MailId::from_bytes([1; 16]), true)).await?;
    // And one that only the stores of today know.
    put(one(3, State::Fresh)).await?;
    assert!(
        house.gate.told_by_hand(house.company, MailId::from_bytes([3; 16]), house.staff, later(3)).await?
    );
    let tellings = tellings_in(&house.stores).await;
    let known = async |tellings| -> anyhow::Result<Vec<(u8, State)>> {
        copy.replaces(&house)?;
        let accept_loss = Some(["A. Officer".into(), "B. Officer".into()]);
        let restoring = Restoring { tellings, accept_loss, ..Restoring::default() };
        open_restored(&house, &restoring, later(4)).await?;
        let all = tellings_in(&house.stores).await;
        Ok(all.into_iter().map(|(_, one)| (one.erasure[0], one.state)).collect())
    };
    // A restore that is refused, here for its clock, is tried again: the copy that lies there now knows it, too.
    copy.replaces(&house)?;
    let first = Restoring { tellings: tellings.clone(), ..Restoring::default() };
    assert!(open_restored(&house, &first, START.minus(Span::days(1))).await.is_err());
    assert_eq!(tellings_in(&house.stores).await.len(), 3);
    let accept_loss = Some(["A. Officer".into(), "B. Officer".into()]);
    let again = Restoring { accept_loss, ..Restoring::default() };
    open_restored(&house, &again, later(4)).await?;
    let all = tellings_in(&house.stores).await;
    let all: Vec<_> = all.into_iter().map(|(_, one)| (one.erasure[0], one.state)).collect();
    assert_eq!(all, [(1, State::Left), (2, State::Fresh), (3, State::ByHand)]);
    // Without a word nothing is doubted that is refused, and what is not there is not made.
    let nowhere = Copy::begun(&house)?;
    if let Place::File(path) = &nowhere.stores.regions[0].data {
        assert!(tellings_in(&nowhere.stores).await.is_empty() && !path.exists());
    }
    assert_eq!(known(tellings).await?, [(1, State::Left), (2, State::Fresh), (3, State::ByHand)]);
    // What was told in a future that is left behind was told now: three years later it is not shown any more.
    let far = START.plus(Span::days(300));
    let wrong = Telling { erased_at: far, told_at: Some(far), ..one(4, State::Left) };
    known(vec![(eu(), wrong)]).await?;
    let four = tellings_in(&house.stores).await.into_iter().find(|(_, one)| one.erasure[0] == 4).unwrap().1;
    assert!(four.erased_at <= later(5) && four.told_at.is_some_and(|at| at <= later(5)), "{four:?}");
    // Without them nobody knows whether a letter left: somebody sees to it, and none leaves by itself.
    assert_eq!(known(Vec::new()).await?, [(1, State::ToDo), (2, State::ToDo)]);
    Ok(())
}

/// A copy that was put back and refused, or put back by hand, is not what was there before: what it does not know, nobody does.
async fn a_copy_that_was_refused_is_no_witness(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    let region = house.gate.region_db(&eu())?.clone();
    let id = MailId::from_bytes([1; 16]);
    let one = Telling {
        id,
        company: house.company,
        erasure: [1; 32],
        person: PersonId::from_bytes([1; 16]),
        party: "postlane".into(),
        kinds: "contact.email".into(),
        last_at: START,
        erased_at: START,
        state: State::Fresh,
        told_at: None,
        told_by: None,
    };
    region.write(move |tx| told::add(tx, &one)).await?;
    region.write(move |tx| told::looked_at(tx, id, true)).await?;
    house.gate.integrate_all(later(1)).await?;
    let copy = Copy::of(&house).await?;
    // The letter leaves, and the ledger goes on.
    region.write(move |tx| told::tried(tx, id, later(2))).await?;
    region.write(move |tx| told::ended(tx, id, true)).await?;
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(2)).await?;
    house.gate.integrate_all(later(2)).await?;
    let states = async || {
        let all = tellings_in(&house.stores).await;
        all.into_iter().map(|(_, one)| (one.state, one.told_at)).collect::<Vec<_>>()
    };
    assert_eq!(states().await, [(State::Left, Some(later(2)))]);
    // Put back by hand.
    copy.replaces(&house)?;
    assert_eq!(states().await, [(State::ToDo, None)]);
    // The disk was lost: nothing is brought, and nobody accepted the loss yet.
    let refused = open_restored(&house, &Restoring::default(), later(3)).await.map(|_| ());
    assert!(matches!(refused, Err(GateError::Sealed(_))), "{refused:?}");
    let tellings = tellings_in(&house.stores).await;
    copy.replaces(&house)?;
    let accept_loss = Some(["A. Officer".into(), "B. Officer".into()]);
    open_restored(&house, &Restoring { tellings, accept_loss, ..Restoring::default() }, later(4)).await?;
    assert_eq!(states().await, [(State::ToDo, None)], "no letter leaves by itself");
    Ok(())
}

/// Which programs a person ended since the copy was made stands nowhere: none acts after a restore.
async fn no_program_of_a_person_acts_after_a_restore(engine: Engine) -> anyhow::Result<()> {
    let house = House::new(engine).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let key = house.gate.let_program(&dossier, [7; 32], ("butler", May::Answer), later(1)).await?;
    let key = key.expect("there is room");
    house.gate.integrate_all(later(2)).await?;
    let copy = Copy::of(&house).await?;
    assert!(house.gate.end_program(&dossier, key.id, later(3)).await?);
    let gate = restored(&house, &copy, later(4)).await?;
    assert_eq!(gate.own_key([7; 32], later(5)).await?, None, "it was ended, and the copy does not know");
    let now = gate.look_one(&Whose::everybody(house.company), mia).await?;
    assert!(gate.programs_of(&now, later(5)).await?.is_empty());
    Ok(())
}

/// Tells stories to both engines.
macro_rules! told {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() -> anyhow::Result<()> { super::$story(super::Engine::Sqlite).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() -> anyhow::Result<()> { super::$story(super::Engine::Postgres).await })+
        }
    };
}

told!(
    erase_then_restore_stays_erased_and_withdrawn_stays_withdrawn,
    two_officers_can_accept_a_loss_and_it_shows,
    what_a_law_keeps_survives_erasing_and_a_copy_made_after_it,
    a_contract_that_was_ended_stays_ended,
    a_home_store_older_than_its_regions_is_caught_up,
    an_objection_that_was_lifted_stands_again_after_a_restore,
    a_restore_holds_the_clock_against_what_is_known,
    a_yes_to_less_is_not_widened_by_a_restore,
    what_an_erased_record_left_behind_stands_after_a_restore,
    a_future_that_was_wrongly_accepted_can_be_left_behind,
    who_is_to_be_told_is_not_forgotten_by_a_restore,
    a_copy_that_was_refused_is_no_witness,
    no_program_of_a_person_acts_after_a_restore,
);
