//! What a person does here. The only file of this room that calls the gate's verbs (the doors of `assent_web` keep and end
//! sessions and passkeys).

use std::collections::BTreeMap;
use std::sync::Arc;

use assent_gate::{
    Act, After, Answer, Certificate, Deleted, Dossier, Emergency, GateError, Keeping, Letter, OpenFile,
    Permit, Standing, UseLine, Whose,
};
use assent_kernel::grant::{Evidence, ObjectionScope};
use assent_kernel::notice::Notice;
use assent_kernel::uses::kind::{Export, Message, View};
use assent_kernel::{
    Asker, CategoryKey, CompanyId, Context, FactId, Matter, NonEmpty, PersonId, PurposeKey, Question,
    RequestId, Span, StaffId, Timestamp, To, UseKind,
};
use assent_store::access::{self, Door};
use assent_store::events;
use assent_store::home::Company;
use assent_store::own_keys::{self, May, OwnKey};
use assent_store::requests::{self, Asked, Request};
use assent_store::told::Telling;
use assent_web::api::Asked as Asks;
use assent_web::fields::{self, Field};
use assent_web::{Ctx, Person, Problem, Program, session};

use super::text::Text;

/// How long a sign-in link holds.
pub(super) const LINK: Span = Span::minutes(30);
/// For how long nobody may ask again: days a person can choose among, and what stands when they chose none of them.
pub(super) const QUIETS: [u32; 4] = [91, 183, 365, 1826];
const QUIET: u32 = 183;

/// A person's own page, looked up: who they are, what the company laid down.
pub(super) struct Own {
    /// The person, sealed.
    pub(super) dossier: Dossier,
    /// The company's policy.
    pub(super) standing: Arc<Standing>,
    /// Now.
    pub(super) now: Timestamp,
    /// True when the browser's signal has just been written down.
    pub(super) heeded: bool,
    /// Which values are names of files, and how large each is.
    pub(super) files: BTreeMap<FactId, u64>,
    /// The fields of the company whose choices are told in another language too.
    chosen: Vec<Field>,
    /// When the company deleted them, and until when it can bring them back.
    pub(super) deleted: Option<Deleted>,
    /// Where it is counted what a program asks and reads.
    counts: Asks,
}

/// Looks the person up who is here, whichever page they open; what their browser says is heeded first.
pub(super) async fn own(ctx: &Ctx, person: &Person) -> Result<Own, Problem> {
    let own = looked_up(ctx, person.company.id, person.id).await?;
    if !heed_gpc(ctx, person.gpc, &own).await? {
        return Ok(own);
    }
    Ok(Own { heeded: true, ..looked_up(ctx, person.company.id, person.id).await? })
}

/// A person with what their company laid down.
pub(super) async fn looked_up(ctx: &Ctx, company: CompanyId, person: PersonId) -> Result<Own, GateError> {
    // A company may take several records for one human. Should it be wrong, no address shows what is another's.
    let dossier = ctx.gate.look_own(company, person).await?;
    let standing = ctx.gate.policy(company).await?;
    let marks = ctx.gate.files::<View>(&dossier, None).await?;
    let files = marks.into_iter().map(|(fact, mark)| (fact, mark.size)).collect();
    let deleted = ctx.gate.deletion(company, person).await?;
    let counts = Asks::default();
    let all = ctx.gate.home().read(move |tx| assent_store::fields::personal(tx, company)).await?;
    let chosen = all.into_iter().map(|(_, field)| field).filter(fields::read_otherwise).collect();
    Ok(Own { dossier, standing, now: ctx.now(), heeded: false, files, chosen, deleted, counts })
}

impl Own {
    /// A value of that kind as the person reads it: what was chosen, in their language.
    pub(super) fn read_as(&self, category: &CategoryKey, value: String) -> String {
        match fields::of(&self.chosen, category) {
            Some(field) => fields::shown(field, &value).into_owned(),
            None => value,
        }
    }
}

/// The person for whom a program of theirs acts: what it does says so, and weighs.
pub(super) async fn acted_for(ctx: &Ctx, program: &Program, counts: Asks) -> Result<Own, Problem> {
    let own = looked_up(ctx, program.company.id, program.key.person).await?;
    Ok(Own { dossier: own.dossier.through(&program.key)?, counts, ..own })
}

fn purpose(key: &str) -> Result<PurposeKey, Problem> {
    PurposeKey::new(key).map_err(|error| Problem::internal(&error))
}

/// Everything that is held, or, when nothing is, the kind of fact that answers are: so that reading one's own list
/// is always asked and written down.
fn all_matters(dossier: &Dossier) -> Result<NonEmpty<Matter>, Problem> {
    let kind = CategoryKey::new("preference.privacy").map_err(|error| Problem::internal(&error))?;
    Ok(dossier.everything().unwrap_or_else(|| NonEmpty::one(Matter::Kind(kind))))
}

async fn ask<U: UseKind>(
    ctx: &Ctx,
    own: &Own,
    what: U,
    matters: NonEmpty<Matter>,
) -> Result<Answer<U>, Problem> {
    own.counts.one();
    let question = Question {
        what,
        person: own.dossier.id(),
        asker: Asker::Person,
        purpose: purpose("rights.access")?,
        matters,
        to: To::Person,
        region: own.dossier.region().clone(),
        at: own.now,
        context: Context::default(),
    };
    Ok(ctx.gate.ask(question, &own.dossier).await?)
}

/// Asks to show the person what is held about them.
pub(super) async fn view(ctx: &Ctx, own: &Own) -> Result<Answer<View>, Problem> {
    ask(ctx, own, View, all_matters(&own.dossier)?).await
}

/// Asks to show the person some of it.
pub(super) async fn view_these(
    ctx: &Ctx,
    own: &Own,
    matters: NonEmpty<Matter>,
) -> Result<Answer<View>, Problem> {
    ask(ctx, own, View, matters).await
}

/// Asks to show the person one value.
pub(super) async fn view_one(ctx: &Ctx, own: &Own, fact: FactId) -> Result<Answer<View>, Problem> {
    ask(ctx, own, View, NonEmpty::one(Matter::Held(fact))).await
}

/// Asks to give the person a copy.
pub(super) async fn take(ctx: &Ctx, own: &Own) -> Result<Answer<Export>, Problem> {
    ask(ctx, own, Export, all_matters(&own.dossier)?).await
}

/// Gives the person a file: what it is called, what it is, and its content.
pub(super) async fn take_file(ctx: &Ctx, own: &Own, fact: FactId) -> Result<(String, OpenFile), Problem> {
    let held = own.dossier.fact(fact).ok_or(GateError::NoPerson)?;
    let answer = ask(ctx, own, Export, NonEmpty::one(Matter::Held(fact))).await?;
    let permit = answer.permit().ok_or(GateError::NoPerson)?;
    let name = permit.open(held).map_err(|_| GateError::NoPerson)?.into_inner();
    Ok((name, ctx.gate.open_file(permit, &own.dossier, fact).await?))
}

/// What was asked to be opened in an emergency: every time, whatever became of it.
pub(super) async fn emergencies(ctx: &Ctx, own: &Own) -> Result<Vec<Emergency>, Problem> {
    Ok(ctx.gate.emergencies_of(&own.dossier).await?)
}

/// The programs that may act for the person: what they call each, and its key. One whose name does not open is there too,
/// so that it can be ended.
pub(super) async fn programs(ctx: &Ctx, own: &Own, t: Text) -> Result<Vec<(String, OwnKey)>, Problem> {
    let all = ctx.gate.programs_of(&own.dossier, own.now).await?;
    let name = |key: &OwnKey| own.dossier.program_name(key).unwrap_or_else(|_| t.program_nameless().into());
    Ok(all.into_iter().map(|key| (name(&key), key)).collect())
}

/// Lets a program act for the person; its key, to be shown once. Nothing when as many act for them as may.
pub(super) async fn let_program(
    ctx: &Ctx,
    own: &Own,
    name: &str,
    may: May,
) -> Result<Option<String>, GateError> {
    let token = ctx.gate.secret()?;
    let made = ctx.gate.let_program(&own.dossier, session::digest(&token), (name, may), ctx.now()).await?;
    Ok(made.map(|_| session::own_key_of(&token)))
}

/// Ends a program's key. False when it was none of theirs.
pub(super) async fn end_program(ctx: &Ctx, own: &Own, id: StaffId) -> Result<bool, Problem> {
    Ok(ctx.gate.end_program(&own.dossier, id, ctx.now()).await?)
}

/// Which lines of the list of uses are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everybody's but the person's own reading.
    Others,
    /// Those that were permitted.
    Permitted,
    /// Those that were refused.
    Refused,
    /// Every line.
    Everything,
}

impl Wanted {
    /// As an address says it.
    pub(super) fn of(show: &str) -> Self {
        match show {
            "permitted" => Self::Permitted,
            "refused" => Self::Refused,
            "everything" => Self::Everything,
            _ => Self::Others,
        }
    }
    /// As an address says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Others => "others",
            Self::Permitted => "permitted",
            Self::Refused => "refused",
            Self::Everything => "everything",
        }
    }
    fn wants(self, line: &UseLine) -> bool {
        let detail = &line.detail;
        let (refused, own) = (refused(line), detail.role == "person" && detail.use_code != NO_USE);
        match self {
            Self::Others => !own,
            Self::Permitted => !own && !refused,
            Self::Refused => refused,
            Self::Everything => true,
        }
    }
}

/// The code of lines that are about no use.
pub(super) const NO_USE: u8 = 255;

/// True for a use that was refused.
pub(super) fn refused(line: &UseLine) -> bool {
    line.detail.use_code != NO_USE && line.detail.outcome != "PERMIT"
}

/// Lines of the list of uses from a place on, newest first; and where the next page begins.
pub(super) async fn uses<U: UseKind>(
    ctx: &Ctx,
    permit: &Permit<U>,
    own: &Own,
    wanted: Wanted,
    mut after: After,
    most: usize,
) -> Result<(Vec<UseLine>, Option<After>), Problem> {
    const AT_ONCE: u32 = 200;
    let mut out = Vec::new();
    loop {
        let lines = ctx.gate.uses(permit, &own.dossier, after, AT_ONCE).await?;
        own.counts.many(lines.len());
        let last = u32::try_from(lines.len()).unwrap_or(0) < AT_ONCE;
        for line in lines {
            if out.len() >= most {
                return Ok((out, Some(after)));
            }
            after = after.and(line.id);
            if wanted.wants(&line) {
                out.push(line);
            }
        }
        if last {
            return Ok((out, None));
        }
    }
}

/// The most entries that are read of one person.
pub(super) const MOST_USES: usize = 100_000;

/// Every entry about the person, newest first.
pub(super) async fn all_uses(ctx: &Ctx, own: &Own) -> Result<Vec<UseLine>, Problem> {
    match view(ctx, own).await?.permit() {
        Some(permit) => Ok(uses(ctx, permit, own, Wanted::Everything, After::default(), MOST_USES).await?.0),
        None => Ok(Vec::new()),
    }
}

/// Everything the person was asked, newest first.
pub(super) async fn requests(ctx: &Ctx, own: &Own) -> Result<Vec<Request>, Problem> {
    let (company, person) = (own.dossier.person().company, own.dossier.id());
    let db = ctx.gate.region_db(own.dossier.region())?;
    Ok(db.read(move |tx| requests::of_person(tx, company, person)).await?)
}

/// Requests that wait for an answer and whose notice still exists, newest first, one for each purpose.
pub(super) fn open(own: &Own, all: &[Request]) -> Vec<Request> {
    let mut seen = std::collections::BTreeSet::new();
    let waits =
        |one: &&Request| one.state == Asked::Open && own.standing.policy.notices.contains_key(&one.notice);
    all.iter().filter(waits).filter(|one| seen.insert(one.purpose.clone())).cloned().collect()
}

/// Lets people ask again. False when this was no "not again" of this person's.
pub(super) async fn end_quiet(ctx: &Ctx, own: &Own, id: RequestId) -> Result<bool, Problem> {
    let (company, person, at) = (own.dossier.person().company, own.dossier.id(), ctx.now());
    let db = ctx.gate.region_db(own.dossier.region())?;
    Ok(db.write(move |tx| requests::set_quiet(tx, company, person, id, at)).await?)
}

/// Records what the person says.
pub(super) async fn say(ctx: &Ctx, own: &Own, act: Act, evidence: Evidence) -> Result<(), GateError> {
    ctx.gate.record_own(&own.dossier, act, evidence, ctx.now()).await.map(|_| ())
}

/// Marks the open requests about a purpose as answered.
pub(super) async fn answered(ctx: &Ctx, own: &Own, about: PurposeKey, state: Asked) -> Result<(), Problem> {
    let (company, person, at) = (own.dossier.person().company, own.dossier.id(), ctx.now());
    let db = ctx.gate.region_db(own.dossier.region())?;
    let write = db.write(move |tx| {
        if requests::answer(tx, person, &about, state, at)? > 0 {
            events::add(tx, company, events::Kind::RequestAnswered, person, at)?;
        }
        Ok(())
    });
    Ok(write.await?)
}

/// Writes down that nobody may ask about this purpose for so many days, whether or not anybody has.
pub(super) async fn not_again(ctx: &Ctx, own: &Own, notice: &Notice, quiet: &str) -> Result<(), Problem> {
    let (company, person, at) = (own.dossier.person().company, own.dossier.id(), ctx.now());
    let days = quiet.parse().ok().filter(|days| QUIETS.contains(days)).unwrap_or(QUIET);
    let id = ctx.gate.fresh(at, RequestId::new)?;
    let unasked = Request::unasked(id, person, notice.purpose.clone(), (notice.id, notice.version), at);
    let db = ctx.gate.region_db(own.dossier.region())?;
    let write = db.write(move |tx| {
        requests::not_again(tx, company, &unasked, at.plus(Span::days(days)))?;
        events::add(tx, company, events::Kind::RequestAnswered, person, at)
    });
    Ok(write.await?)
}

/// Writes down what the browser says: do not sell or share. True when it was new.
pub(super) async fn heed_gpc(ctx: &Ctx, gpc: bool, own: &Own) -> Result<bool, Problem> {
    let stands = super::model::stops(own.dossier.person(), &ObjectionScope::SaleShare).is_some();
    if !gpc || stands {
        return Ok(false);
    }
    say(ctx, own, Act::Object(ObjectionScope::SaleShare), Evidence::Signal).await?;
    Ok(true)
}

/// Keeps a value that the person typed.
pub(super) async fn keep(
    ctx: &Ctx,
    own: &Own,
    category: CategoryKey,
    value: String,
    replaces: Option<FactId>,
) -> Result<(), GateError> {
    let keeping = Keeping {
        category,
        value,
        source: "the person".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces,
    };
    ctx.gate.keep(&own.dossier, vec![keeping], Asker::Person, ctx.now()).await.map(|_| ())
}

/// Removes a value.
pub(super) async fn forget(ctx: &Ctx, own: &Own, fact: FactId) -> Result<(), GateError> {
    ctx.gate.forget(&own.dossier, fact, Asker::Person, ctx.now()).await.map(|_| ())
}

/// Ends what an address that is theirs no more still opens: links of letters, whoever came in by one, and the programs that
/// were let act meanwhile.
pub(super) async fn end_ways(ctx: &Ctx, person: &Person) -> Result<(), Problem> {
    let (id, who, here) = (person.id, person.id.to_bytes(), person.session());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        access::drop_links(tx, &who)?;
        own_keys::drop_of(tx, id)?;
        access::drop_others(tx, &who, &here)
    };
    Ok(ctx.gate.home().write(write).await?)
}

/// Erases everything.
pub(super) async fn erase(ctx: &Ctx, person: &Person, never_write: bool) -> Result<Certificate, Problem> {
    Ok(ctx.gate.erase(person.company.id, person.id, Asker::Person, never_write, ctx.now()).await?)
}

/// Those who received something of somebody who was just erased, and what became of telling them. The erasure is done, so
/// whatever fails here keeps nobody from its certificate: the worker tells them later.
pub(super) async fn told(ctx: &Ctx, certificate: &Certificate) -> Vec<Telling> {
    let Some(token) = certificate.told else { return Vec::new() };
    if assent_web::told::tell(ctx, ctx.now()).await.is_err() {
        tracing::error!("whoever received something of somebody who was erased is told later");
    }
    ctx.gate.told_of(&token).await.unwrap_or_default()
}

/// What stands at such a link.
pub(super) async fn told_by(
    ctx: &Ctx,
    token: &str,
) -> Result<Option<(Arc<Company>, Arc<Standing>, Vec<Telling>)>, Problem> {
    let Some(token) = session::read(token) else { return Ok(None) };
    let all = ctx.gate.told_of(&token).await?;
    let Some(company) = all.first().map(|one| one.company) else { return Ok(None) };
    Ok(Some((ctx.gate.company(company).await?, ctx.gate.policy(company).await?, all)))
}

/// The way back for somebody of whom a law keeps something: their address is erased, so no letter can lead them in. It
/// holds for as long as anything is kept, and as often as it is needed.
pub(super) async fn way_back(
    ctx: &Ctx,
    person: &Person,
    certificate: &Certificate,
) -> Result<Option<String>, Problem> {
    match certificate.kept.iter().map(|one| one.until).max() {
        None => Ok(None),
        Some(until) => new_link(ctx, person.company.id, person.id, (Door::Kept, until)).await.map(Some),
    }
}

/// How many letters with a way in one company sends in a quarter of an hour.
const PER_COMPANY: i64 = 600;

/// Sends a link to everybody whose address this is. Who that is, if anybody, shows nowhere.
pub(super) async fn send_links(ctx: &Ctx, company: CompanyId, email: &str, t: Text) -> Result<(), Problem> {
    let found = ctx.gate.find_email(company, email).await?;
    // Whoever was deleted has their page and their rights until they are erased.
    for dossier in ctx.gate.look_even_deleted(&Whose::everybody(company), &found).await? {
        send_link(ctx, company, &dossier, email, t).await?;
    }
    Ok(())
}

async fn send_link(
    ctx: &Ctx,
    company: CompanyId,
    dossier: &Dossier,
    email: &str,
    t: Text,
) -> Result<(), Problem> {
    let address = CategoryKey::new("contact.email").map_err(|error| Problem::internal(&error))?;
    let Some(matters) = dossier.of_categories(&[address]) else { return Ok(()) };
    let question = Question {
        what: Message,
        person: dossier.id(),
        asker: Asker::System,
        purpose: purpose("rights.serve")?,
        matters,
        to: To::Person,
        region: dossier.region().clone(),
        at: ctx.now(),
        // Whoever said "use it for nothing" must still get in, or nobody could ever say otherwise.
        context: Context { claim: true, ..Context::default() },
    };
    let Answer::Permit(permit) = ctx.gate.ask(question, dossier).await? else { return Ok(()) };
    let typed = assent_gate::fold(email);
    let equal = |held: &&assent_gate::Held<String>| {
        permit.open(held).is_ok_and(|open| assent_gate::fold(&open) == typed)
    };
    let Some(to) = dossier.facts().find(equal) else { return Ok(()) };
    // Letters that leave are counted, not addresses that somebody makes up.
    session::limit(ctx, &format!("portal {company}"), PER_COMPANY, Span::minutes(15)).await?;
    let url = new_link(ctx, company, dossier.id(), (Door::Person, ctx.now().plus(LINK))).await?;
    let letter = letter(&ctx.gate.company(company).await?.name, &url, t);
    ctx.gate.post(&permit, dossier, to, letter, ctx.now()).await?;
    Ok(())
}

async fn new_link(
    ctx: &Ctx,
    company: CompanyId,
    person: PersonId,
    (door, until): (Door, Timestamp),
) -> Result<String, Problem> {
    let (token, at) = (ctx.gate.secret()?, ctx.now());
    let (digest, who) = (session::digest(&token), person.to_bytes());
    let write =
        move |tx: &mut assent_store::Tx<'_>| access::add_link(tx, &digest, company, door, &who, at, until);
    ctx.gate.home().write(write).await?;
    Ok(format!("{}/my/link/{}", ctx.settings.base_url, session::written(&token)))
}

fn letter(company: &str, url: &str, t: Text) -> Letter {
    let body = if t.german {
        format!(
            "Guten Tag,\n\nmit diesem Link sehen Sie, was {company} über Sie weiß, wer es genutzt hat und wozu:\n\n{url}\n\n\
             Er gilt einmal, 30 Minuten lang. Sie haben ihn nicht angefordert? Dann tun Sie nichts; niemand kommt ohne ihn hinein.\n"
        )
    } else {
        format!(
            "Hello,\n\nwith this link you see what {company} knows about you, who used it and why:\n\n{url}\n\n\
             It works once, for 30 minutes. You did not ask for it? Then do nothing; nobody gets in without it.\n"
        )
    };
    Letter { subject: format!("{company}: {}", t.letter_subject()), body }
}
