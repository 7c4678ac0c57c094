//! Asking a person for terms: a request on their page, and a letter that begins with what they get.

use assent_gate::{Answer, Dossier, GateError, Held, Letter, Permit, Whose};
use assent_kernel::decide::keep::INFORM;
use assent_kernel::grant::Said;
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::uses::kind::Message;
use assent_kernel::{
    CategoryKey, Matter, NonEmpty, Person, PersonId, Policy, PurposeKey, Remedy, RequestId, Span, Timestamp,
    TreeKey, Verdict,
};
use assent_store::access::{self, Door};
use assent_store::people;
use assent_store::requests::{self, Asked, Request};
use assent_web::catalogue::Lang;
use assent_web::{Ctx, Problem, Staff, session, shipped, text};

use super::record::{foreseen, requests_of};
use crate::desk::model::said::Why;
use crate::desk::model::{keys, under};

/// For so long an open request, or a no, stands before the person is asked again.
const PAUSE: Span = Span::days(14);

/// What came of asking: sent, or why not.
pub type Outcome = Result<(), Why>;

/// Asks a person for terms for a purpose.
pub async fn ask(ctx: &Ctx, staff: &Staff, id: PersonId, purpose: &PurposeKey) -> Result<Outcome, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let Some(notice) = standing.policy.notice_for(purpose) else { return Ok(Err(Why::NoNotice)) };
    if let Err(why) = sensible(ctx, staff, &dossier, notice).await? {
        return Ok(Err(why));
    }
    let before = requests_of(ctx, staff, &dossier).await?;
    if let Some((stands, why)) = standing_against(&before, purpose, ctx.now()) {
        count_again(ctx, &dossier, stands).await?;
        return Ok(Err(why));
    }
    if let Some(why) = said_lately(dossier.person(), purpose, ctx.now()) {
        return Ok(Err(why));
    }
    let inform = PurposeKey::new(INFORM).map_err(|error| Problem::internal(&error))?;
    let Some(matters) = reached_by(&dossier) else {
        // Whether an address is held is a question too, and one that is written down.
        let address = CategoryKey::new("contact.email").map_err(|error| Problem::internal(&error))?;
        let kind = NonEmpty::one(Matter::Kind(address));
        let question = ctx.question_for(Message, staff, &dossier, kind, inform).await?;
        ctx.gate.ask(question, &dossier).await?;
        return Ok(Err(Why::NoAddress));
    };
    let question = ctx.question_for(Message, staff, &dossier, matters, inform).await?;
    let permit = match ctx.gate.ask(question, &dossier).await? {
        Answer::Permit(permit) => permit,
        Answer::Refusal(refusal) => {
            return Ok(Err(refusal.ruling.refusal().map_or(Why::NoAddress, Why::from)));
        }
    };
    let Some((to, address)) = reachable(&permit, &dossier) else { return Ok(Err(Why::NoAddress)) };
    // That nobody may write to an address is the person's wish: it is told as little as whether there is one.
    if ctx.gate.never_write(staff.company.id, &address).await? {
        return Ok(Err(Why::NoAddress));
    }
    let words = notice.wording(&language(&permit, &dossier)).ok_or_else(no_words)?;
    let quarantined = super::quarantined(ctx, staff, id).await?;
    let request = match write_down(ctx, staff, &dossier, notice).await? {
        Ok(request) => request,
        Err(why) => return Ok(Err(why)),
    };
    let written = async {
        let link = answer_link(ctx, staff, &dossier, request).await?;
        let letter = letter(ctx, staff, &standing.policy, words, (quarantined.then_some(&dossier), &link));
        ctx.gate.post(&permit, &dossier, to, letter, ctx.now()).await?;
        Ok(())
    };
    // The request stands on their page, letter or not.
    crate::frame::afterwards("the letter about a request", written.await);
    Ok(Ok(()))
}

/// The same for many, one after another; who is not here any more is told apart from nobody.
pub async fn ask_many(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    purpose: &PurposeKey,
) -> Result<Vec<Outcome>, Problem> {
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        // A foreign id and an erased one read alike.
        let known = ctx.gate.look_one(&staff.people(), *id).await;
        out.push(match known {
            Ok(_) => ask(ctx, staff, *id, purpose).await?,
            Err(GateError::NoPerson) => Err(Why::Gone),
            Err(other) => return Err(other.into()),
        });
    }
    Ok(out)
}

fn no_words() -> Problem {
    Problem::invalid("The notice for this purpose has no text yet.")
}

/// Whether a yes would change anything, and whether asking for it is decent: an objection is an answer already.
async fn sensible(ctx: &Ctx, staff: &Staff, dossier: &Dossier, notice: &Notice) -> Result<Outcome, Problem> {
    let kinds = notice.categories.iter().cloned();
    let Some(ruling) = foreseen(ctx, staff, dossier, kinds, notice.purpose.clone()).await? else {
        return Ok(Err(Why::NoNotice));
    };
    let closed: Vec<_> = ruling.verdicts.iter().filter_map(|(_, verdict)| Verdict::closed(verdict)).collect();
    let Some(last) = closed.iter().max() else { return Ok(Err(Why::Given)) };
    let opens = closed.iter().any(|reason| reason.remedy() == Remedy::AskPerson);
    Ok(if opens { Ok(()) } else { Err(Why::from(*last)) })
}

/// What is needed to write a letter.
fn reached_by(dossier: &Dossier) -> Option<NonEmpty<Matter>> {
    dossier.of_categories(&keys(&["contact.email", "personal.language"]))
}

/// The address a letter can go to, still sealed for the post, and open for the list of those never to be written to.
fn reachable<'a>(permit: &Permit<Message>, dossier: &'a Dossier) -> Option<(&'a Held<String>, String)> {
    let emails = dossier.facts().filter(|held| under(held.category(), "contact.email"));
    emails.filter_map(|held| Some((held, permit.open(held).ok()?.into_inner()))).next()
}

/// `de` for those who said so, else `en`.
fn language(permit: &Permit<Message>, dossier: &Dossier) -> String {
    let said = dossier.facts().filter(|held| held.category().as_str() == "personal.language");
    let open = said.filter_map(|held| permit.open(held).ok()).next();
    let german = open.is_some_and(|value| value.to_lowercase().starts_with("de"));
    if german { "de".into() } else { "en".into() }
}

/// Writes the request down, if none stands against it; two colleagues at the same moment ask once.
async fn write_down(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    notice: &Notice,
) -> Result<Result<RequestId, Why>, Problem> {
    let (company, person, now) = (staff.company.id, dossier.id(), ctx.now());
    let id = ctx.gate.fresh(now, RequestId::new)?;
    let request = request(id, person, notice, staff, now);
    let store = ctx.gate.region_db(dossier.region())?;
    let written = store.write(move |tx| {
        people::hold(tx, &[person])?;
        let before = requests::of_person(tx, company, person)?;
        if let Some(why) = in_the_way(&before, &request.purpose, now) {
            return Ok(Err(why));
        }
        requests::add(tx, company, &request).map(|()| Ok(id))
    });
    Ok(written.await?)
}

/// How long the link in a letter answers the request.
const LINK: Span = Span::days(60);

/// A link that answers this one request, without signing in, and opens nothing else.
async fn answer_link(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    request: RequestId,
) -> Result<String, Problem> {
    let (token, at) = (ctx.gate.secret()?, ctx.right_now()?);
    let digest = session::bound(&token, &request.to_bytes());
    let (company, who) = (staff.company.id, dossier.id().to_bytes());
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_link(tx, &digest, company, Door::Answer, &who, at, at.plus(LINK))
    };
    ctx.gate.home().write(add).await?;
    Ok(format!("{}/my/answer/{request}/{}", ctx.settings.base_url, session::written(&token)))
}

fn request(id: RequestId, person: PersonId, notice: &Notice, staff: &Staff, at: Timestamp) -> Request {
    Request {
        id,
        person,
        purpose: notice.purpose.clone(),
        notice: notice.id,
        notice_version: notice.version,
        staff: staff.id,
        role: staff.role.key().to_owned(),
        at,
        state: Asked::Open,
        answered_at: None,
        quiet_until: None,
        again: 0,
        again_at: None,
    }
}

/// Why a new request about a purpose may not be made: an earlier one stands against it.
pub fn in_the_way(before: &[Request], purpose: &PurposeKey, now: Timestamp) -> Option<Why> {
    standing_against(before, purpose, now).map(|(_, why)| why)
}

fn standing_against<'a>(
    before: &'a [Request],
    purpose: &PurposeKey,
    now: Timestamp,
) -> Option<(&'a Request, Why)> {
    let mut about = before.iter().filter(|one| one.purpose == *purpose);
    about.find_map(|one| {
        let why = match one.state {
            Asked::NotAgain => one.quiet_until.filter(|until| now < *until).map(Why::Quiet),
            Asked::Open => (now < one.at.plus(PAUSE)).then_some(Why::Open(one.at)),
            Asked::Refused => one.answered_at.filter(|at| now < at.plus(PAUSE)).map(Why::Lately),
            Asked::Given => None,
        };
        why.map(|why| (one, why))
    })
}

/// A no, or a yes taken back a short while ago, stands against asking too: whoever says so unasked is not asked either.
pub fn said_lately(person: &Person, purpose: &PurposeKey, now: Timestamp) -> Option<Why> {
    let answer = person.answers.get(purpose)?;
    let no = match answer.said {
        Said::No | Said::NoLonger => true,
        Said::Yes(_) => false,
    };
    (no && now < answer.at.plus(PAUSE)).then_some(Why::Lately(answer.at))
}

/// Who was told no and is asked again all the same sees how often that was tried.
async fn count_again(ctx: &Ctx, dossier: &Dossier, stands: &Request) -> Result<(), Problem> {
    let (person, id, at) = (dossier.id(), stands.id, ctx.now());
    let answered = match stands.state {
        Asked::NotAgain | Asked::Refused => true,
        Asked::Open | Asked::Given => false,
    };
    if answered {
        let store = ctx.gate.region_db(dossier.region())?;
        store.write(move |tx| requests::count_again(tx, person, id, at)).await?;
    }
    Ok(())
}

/// The letter. What the person gets stands first; then what is asked, what it costs them, and what a no means.
fn letter(
    ctx: &Ctx,
    staff: &Staff,
    policy: &Policy,
    words: &Wording,
    (apart, link): (Option<&Dossier>, &str),
) -> Letter {
    let (company, page) =
        (staff.company.name.as_str(), format!("{}/my/{}", ctx.settings.base_url, staff.company.code));
    let german = words.lang == "de";
    let came = apart.map(|dossier| came_from(dossier, policy, company, german)).unwrap_or_default();
    if german {
        Letter {
            subject: format!("{company} fragt Sie: {}", words.title),
            body: format!(
                "Was Sie davon haben: {}\n\n{company} fragt Sie: {}\n{}\n\nWas schiefgehen könnte: {}\n\
                 Wenn Sie Nein sagen: {}\n\n{came}Antworten Sie hier mit Ja oder Nein, ohne sich anzumelden: {link}\n\n\
                 Alles, was wir über Sie wissen: {page}\n",
                words.benefit, words.title, words.text, words.risks, words.if_no
            ),
        }
    } else {
        Letter {
            subject: format!("{company} asks you: {}", words.title),
            body: format!(
                "What you get: {}\n\n{company} asks you: {}\n{}\n\nWhat could go wrong: {}\n\
                 If you say no: {}\n\n{came}Answer here with yes or no, without signing in: {link}\n\n\
                 Everything we know about you: {page}\n",
                words.benefit, words.title, words.text, words.risks, words.if_no
            ),
        }
    }
}

/// What staff put down about somebody without them.
#[derive(Debug, Clone, Copy)]
pub enum Stated<'a> {
    /// A contract with them: its kind, from when, until when.
    Contract(&'a str, Timestamp, Timestamp),
    /// A yes of theirs to a purpose, on that day.
    Yes(&'a PurposeKey, Timestamp),
}

/// Tells somebody what staff put down about them: what was stated without them they can deny.
pub async fn tell_of(ctx: &Ctx, staff: &Staff, id: PersonId, stated: Stated<'_>) -> Result<(), Problem> {
    // Whoever looks after them: they are told.
    let dossier = ctx.gate.look_one(&Whose::everybody(staff.company.id), id).await?;
    let Some(matters) = reached_by(&dossier) else { return Ok(()) };
    let inform = PurposeKey::new(INFORM).map_err(|error| Problem::internal(&error))?;
    let question = ctx.question_for(Message, staff, &dossier, matters, inform).await?;
    let Answer::Permit(permit) = ctx.gate.ask(question, &dossier).await? else { return Ok(()) };
    let Some((to, address)) = reachable(&permit, &dossier) else { return Ok(()) };
    if ctx.gate.never_write(staff.company.id, &address).await? {
        return Ok(());
    }
    let standing = ctx.gate.policy(staff.company.id).await?;
    let link = format!("{}/my/{}", ctx.settings.base_url, staff.company.code);
    let letter =
        stated.letter(&staff.company.name, &standing.policy, language(&permit, &dossier) == "de", &link);
    ctx.gate.post(&permit, &dossier, to, letter, ctx.now()).await?;
    Ok(())
}

impl Stated<'_> {
    fn letter(self, company: &str, policy: &Policy, german: bool, link: &str) -> Letter {
        match self {
            Self::Contract(kind, from, until) => {
                let kind = kind.replace('-', " ");
                let (from, until) = (day(from, german), day(until, german));
                if german {
                    Letter {
                        subject: format!("{company} hat einen Vertrag mit Ihnen eingetragen"),
                        body: format!(
                            "{company} hat eingetragen, dass Sie einen Vertrag haben ({kind}), vom {from} bis zum {until}. \
                             Darauf stützt {company}, was dafür über Sie gesehen werden darf.\n\nStimmt das nicht? Sagen Sie \
                             es uns hier: {link}\n"
                        ),
                    }
                } else {
                    Letter {
                        subject: format!("{company} put down a contract with you"),
                        body: format!(
                            "{company} put down that you have a contract ({kind}), from {from} to {until}. On it stands what \
                             may be seen of you for it.\n\nIs that wrong? Tell us here: {link}\n"
                        ),
                    }
                }
            }
            Self::Yes(purpose, given) => {
                let lang = if german { Lang::German } else { Lang::English };
                let label = policy
                    .purposes
                    .get(purpose)
                    .map_or_else(|| purpose.to_string(), |one| shipped::purpose(one, lang).to_owned());
                let given = day(given, german);
                if german {
                    Letter {
                        subject: format!("{company} hat ein Ja von Ihnen eingetragen"),
                        body: format!(
                            "{company} hat eingetragen, dass Sie am {given} Ja gesagt haben: {label}.\n\nStimmt das nicht, \
                             oder gilt es nicht mehr? Nehmen Sie es hier zurück: {link}\n"
                        ),
                    }
                } else {
                    Letter {
                        subject: format!("{company} put down a yes of yours"),
                        body: format!(
                            "{company} put down that you said yes on {given}: {label}.\n\nIs that wrong, or no longer so? \
                             Take it back here: {link}\n"
                        ),
                    }
                }
            }
        }
    }
}

fn day(at: Timestamp, german: bool) -> String {
    if german { text::date_de(at.micros()) } else { text::date_en(at.micros()) }
}

/// What somebody must be told who does not know yet that data about them is here (GDPR Art. 14).
fn came_from(dossier: &Dossier, policy: &Policy, company: &str, german: bool) -> String {
    let lang = if german { Lang::German } else { Lang::English };
    let source = |held: &Held<String>| match held.fact().source.as_str() {
        "the person" if german => "von Ihnen selbst".to_owned(),
        "the person" => "you yourself".to_owned(),
        other => other.to_owned(),
    };
    let mut sources: Vec<String> = dossier.facts().map(source).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut kinds: Vec<String> = dossier
        .facts()
        .filter_map(|held| policy.categories.get(held.category()))
        .map(|category| shipped::category(category, lang).to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let (day, sources, kinds) = (day(dossier.created_at(), german), sources.join("; "), kinds.join(", "));
    if german {
        format!(
            "Woher {company} Sie kennt: {sources}, seit {day}. Gespeichert ist: {kinds}.\n\
             Damit geschieht nichts, außer dass wir Sie fragen. Unter dem letzten Link sehen Sie alles, berichtigen es \
             oder lassen es löschen; dort können Sie sich auch beschweren.\n\n"
        )
    } else {
        format!(
            "Where {company} knows you from: {sources}, since {day}. Held about you: {kinds}.\n\
             Nothing is done with it but asking you. Under the last link you see all of it, correct it or have it \
             erased, and find whom to complain to.\n\n"
        )
    }
}
