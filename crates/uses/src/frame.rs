//! The frame of a page of staff: the menu with what waits, colleagues by name, what the last act did.

use assent_gate::fold;
use assent_kernel::{Policy, Reason, Role, StaffId};
use assent_store::{Tx, access, callers};
use assent_web::api::Call;
use assent_web::catalogue::german;
use assent_web::parts::Field;
use assent_web::reach::Object;
use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, say, text};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::seen::words::Words;
use crate::spoken;

/// Who may enter the rooms around people.
pub const ROLES: &[Role] =
    &[Role::Sales, Role::Marketing, Role::Support, Role::Billing, Role::Dpo, Role::Admin, Role::Product];
pub use assent_web::session::{INBOX, MY_DAY};

/// What is said over a form when somebody changed it meanwhile.
pub const STALE: &str =
    "Somebody changed it meanwhile. Yours stands below; save again to put it in its place.";

/// The frame of a page.
pub async fn shell(ctx: &Ctx, staff: &Staff, title: &str) -> Result<Shell, Problem> {
    let mut shell = staff.shell(ctx, title).await?;
    if let Some(pill) = &mut shell.purpose {
        pill.return_to = unsaid(&pill.return_to);
    }
    Ok(shell)
}

/// The words for a page.
pub fn words<'a>(ctx: &Ctx, staff: &'a Staff, policy: &'a Policy) -> Words<'a> {
    Words { policy, company: &staff.company.name, purpose: &staff.purpose, role: staff.role, now: ctx.now() }
}

/// What a program is told when the terms refuse.
///
/// # Errors
/// When the company has no policy.
pub async fn refused(call: &Call, reason: Option<&Reason>) -> Result<Problem, Problem> {
    let staff = call.staff()?;
    let standing = call.ctx.gate.policy(staff.company.id).await?;
    Ok(spoken::refused(reason, &words(&call.ctx, staff, &standing.policy)))
}

/// An address without the word of what was done.
pub fn unsaid(path: &str) -> String {
    let Some((page, query)) = path.split_once('?') else { return path.to_owned() };
    let rest: Vec<&str> = query
        .split('&')
        .filter(|one| !["said=", "undo="].iter().any(|word| one.starts_with(word)) && !one.is_empty())
        .collect();
    if rest.is_empty() { page.to_owned() } else { format!("{page}?{}", rest.join("&")) }
}

/// To a page, with the word of what was done.
pub fn to(path: &str, word: &str) -> Response {
    let path = unsaid(path);
    let glue = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{glue}said={word}")).into_response()
}

/// To what was saved, with the word of what was done; to its list when it was handed out of reach.
pub fn saved(
    staff: &Staff,
    (object, owners): (Object, &[Option<StaffId>]),
    (page, list): (&str, &str),
    word: &str,
) -> Response {
    let reach = staff.sees(object);
    if owners.iter().any(|owner| reach.has(*owner)) { to(page, word) } else { to(list, "handed") }
}

/// A path of this program that a form may lead back to: nobody can be led away.
pub fn own(path: &str) -> Option<&str> {
    const PAGES: [&str; 9] = [
        "/programs",
        "/people",
        "/organisations",
        "/deals",
        "/tasks",
        "/things",
        "/dashboard",
        MY_DAY,
        INBOX,
    ];
    let ours = PAGES.iter().any(|page| {
        path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    let clean = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'"');
    (ours && clean && path.len() < 2000).then_some(path)
}

/// Where a form leads back to: to the page of ours that it names, or else here.
pub fn back<'a>(sent: &'a Fields, here: &'a str) -> &'a str {
    own(sent.get("back")).unwrap_or(here)
}

/// What the last act did, in a sentence.
pub fn flash(word: &str) -> Option<Flash> {
    let good = match word {
        "made" => "Made, and on its timeline.",
        "put-down" => "Put down.",
        "changed" => "Changed.",
        "handed" => "Saved. It is not yours now, and your role does not see it any more.",
        "moved" => "Moved, and on its timeline.",
        "noted" => "The note is kept.",
        "done" => "Done.",
        "open" => "Open again.",
        "removed" => "Removed. Nothing is lost: it can be brought back.",
        "restored" => "Brought back.",
        "note-removed" => "The note is removed. It can be brought back from the timeline.",
        "all-read" => "All read.",
        "first" | "last" => return ends(word),
        "none-chosen" => {
            let text = say("Tick what you want to change, then try again.").into();
            return Some(Flash { tone: Tone::Warn, text, undo: None });
        }
        other if other.starts_with("noted.") => return unseen(other),
        other => {
            let (done, left) = other.strip_prefix("bulk.")?.split_once('.')?;
            let (done, left): (u64, u64) = (done.parse().ok()?, left.parse().ok()?);
            let text = say!("{n} changed.", n = text::count(done));
            if left == 0 {
                return Some(Flash { tone: Tone::Good, text, undo: None });
            }
            let why =
                say!("{n} left as they are: the last stage needs a reason for each.", n = text::count(left));
            return Some(Flash { tone: Tone::Warn, text: format!("{text} {why}"), undo: None });
        }
    };
    Some(Flash { tone: Tone::Good, text: say(good).into(), undo: None })
}

/// A list goes no further.
pub fn ends(word: &str) -> Option<Flash> {
    let text = match word {
        "first" => "Nothing comes before this in the list.",
        "last" => "Nothing comes after this in the list.",
        _ => return None,
    };
    Some(Flash { tone: Tone::Warn, text: say(text).into(), undo: None })
}

/// The note is kept, but some of those who are named in it were not told.
pub fn unseen(word: &str) -> Option<Flash> {
    let n: u64 = word.strip_prefix("noted.")?.parse().ok()?;
    let text = if n == 1 {
        say!(
            "The note is kept. {n} colleague whom you named does not see this record, and so were not told.",
            n = n
        )
    } else {
        say!(
            "The note is kept. {n} colleagues whom you named do not see this record, and so were not told.",
            n = text::count(n)
        )
    };
    Some(Flash { tone: Tone::Warn, text, undo: None })
}

/// The word for a note that is kept, when so many of those who are named in it do not see the record.
pub fn noted(blind: usize) -> String {
    if blind == 0 { "noted".into() } else { format!("noted.{blind}") }
}

/// A page with another status than "fine": what was typed is kept on it.
pub fn unfinished(mut page: Response) -> Response {
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

/// The staff of a company. Whoever is called by a word of ours is kept in English, as rules, orders and files have it; a
/// page says it in the language of whoever reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Colleagues(Vec<(StaffId, String)>, Vec<(StaffId, String)>);

/// What everybody is called who is here no more.
const LEFT: &str = "Somebody who has left";
/// What a program is called.
const PROGRAM: &str = "{name} (program)";

/// What a program is called where colleagues are named.
pub fn program(name: &str) -> String {
    say!("{name} (program)", name = name)
}

/// What stands around the name of a program.
fn around_name(pattern: &str) -> Option<(&str, &str)> {
    pattern.split_once("{name}")
}

/// A colleague as rules keep them, in the language of whoever reads.
pub fn called(kept: &str) -> String {
    if kept == LEFT {
        return say(LEFT).into();
    }
    let name = around_name(PROGRAM).and_then(|(_, end)| kept.strip_suffix(end));
    name.map_or_else(|| kept.to_owned(), program)
}

/// A colleague as rules keep them, by what was typed or saved in any language.
pub fn uncalled(typed: String) -> String {
    if german(LEFT).is_some_and(|german| fold(german) == fold(&typed)) {
        return LEFT.into();
    }
    let ends = german(PROGRAM).and_then(around_name).zip(around_name(PROGRAM));
    let named = ends.and_then(|((_, german), (_, english))| Some((typed.strip_suffix(german)?, english)));
    named.map_or(typed.clone(), |(name, english)| format!("{name}{english}"))
}

/// Everybody who works there and may come in.
pub async fn colleagues(ctx: &Ctx, staff: &Staff) -> Result<Colleagues, Problem> {
    let company = staff.company.id;
    let read = move |tx: &mut Tx<'_>| Ok((access::staff(tx, company)?, callers::of(tx, company)?));
    let (staff, programs) = ctx.gate.home().read(read).await?;
    Ok(Colleagues(
        staff.into_iter().filter(|one| !one.disabled).map(|one| (one.id, one.name)).collect(),
        programs.into_iter().map(|one| (one.id, PROGRAM.replace("{name}", &one.name))).collect(),
    ))
}

/// What is said to whoever names somebody who is not here.
const CHOOSE: &str = "Choose a colleague, or nobody.";

impl Colleagues {
    /// What somebody is called, in the language of whoever reads.
    pub fn name(&self, id: StaffId) -> String {
        called(self.kept_name(id))
    }
    /// What somebody is called in rules, orders and files, whoever reads; nothing when it is nobody.
    pub fn ruled(&self, id: Option<StaffId>) -> String {
        id.map_or_else(String::new, |id| self.kept_name(id).to_owned())
    }
    fn kept_name(&self, id: StaffId) -> &str {
        self.all().find(|(one, _)| *one == id).map_or(LEFT, |(_, name)| name)
    }
    /// What somebody is called in rules who is here no more.
    pub const fn left(&self) -> &'static str {
        LEFT
    }
    /// Everybody who is here, programs too, with their names as rules keep them.
    pub fn all(&self) -> impl Iterator<Item = (StaffId, &str)> {
        self.0.iter().chain(&self.1).map(|(id, name)| (*id, name.as_str()))
    }
    /// The same, if there is somebody.
    pub fn named(&self, id: Option<StaffId>) -> Option<String> {
        id.map(|id| self.name(id))
    }
    /// The colleague of that id; another company's id is nobody's.
    pub fn known(&self, text: &str) -> Option<StaffId> {
        let id: StaffId = text.parse().ok()?;
        self.0.iter().any(|(one, _)| *one == id).then_some(id)
    }
    /// Whom a form names, or nobody. Whoever left while it was open is refused: nothing is taken away by that.
    pub fn read(&self, text: &str) -> Result<Option<StaffId>, Problem> {
        match self.known(text) {
            None if !text.is_empty() => Err(Problem::invalid(CHOOSE)),
            known => Ok(known),
        }
    }
    /// Who looks after something by what a form says. Whoever has left, or a program, keeps what is not given to somebody
    /// else.
    pub fn kept(&self, text: &str, now: Option<StaffId>) -> Result<Option<StaffId>, Problem> {
        if now.is_some_and(|id| id.to_string() == text) { Ok(now) } else { self.read(text) }
    }
    /// What is wrong with whom a form names, for a form that keeps what was typed; empty when nothing is.
    pub fn wrong(&self, text: &str, now: Option<StaffId>) -> String {
        self.kept(text, now).map_or_else(|_| say(CHOOSE).to_owned(), |_| String::new())
    }
    /// Puts that beside its field; true when nothing is wrong.
    pub fn fits(&self, fields: &mut [Field], (name, text): (&str, &str), now: Option<StaffId>) -> bool {
        let wrong = self.wrong(text, now);
        let fits = wrong.is_empty();
        if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
            field.error = wrong;
        }
        fits
    }
    /// The same as [`Self::choices`], with whoever looks after it now, also when they have left.
    pub fn choices_now(&self, nobody: &str, now: &str) -> Vec<(String, String)> {
        let mut all = self.choices(nobody);
        if let Some(id) = now.parse().ok().filter(|_| !all.iter().any(|(key, _)| key == now)) {
            all.push((now.to_owned(), self.name(id)));
        }
        all
    }
    /// For a select: nobody first.
    pub fn choices(&self, nobody: &str) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> =
            self.0.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all.insert(0, (String::new(), nobody.to_owned()));
        all
    }
    /// Everybody who may come in, with what they are called.
    pub fn each(&self) -> impl Iterator<Item = &(StaffId, String)> {
        self.0.iter()
    }
    /// Names, to choose a value of a rule from; last the one for all who have left.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(_, name)| name.clone()).chain([called(LEFT)])
    }
    /// Whom a text names with an @: by the whole name, or by the first name where only one has it.
    pub fn mentioned(&self, text: &str) -> Vec<StaffId> {
        let text = fold(text);
        let named = |name: &str| {
            text.match_indices('@').any(|(at, _)| {
                let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
                rest.strip_prefix(name).is_some_and(|end| !end.starts_with(char::is_alphanumeric))
            })
        };
        let first = |name: &str| fold(name).split(' ').next().unwrap_or_default().to_owned();
        let alone = |word: &str| self.0.iter().filter(|(_, name)| first(name) == word).count() == 1;
        let whole = |name: &str| named(&fold(name)) || alone(&first(name)) && named(&first(name));
        self.0.iter().filter(|(_, name)| whole(name)).map(|(id, _)| *id).collect()
    }
}

/// What it means that nothing was written of something that was to become so: it is so already, or it is not as it was read
/// any more. `read` is the version that was read (0: nobody said), `now` the one that it has.
pub fn unwritten((read, now): (i64, i64), so_already: bool) -> Result<(), Problem> {
    if so_already && (read == 0 || read == now) {
        Ok(())
    } else {
        Err(assent_store::StoreError::Moved.into())
    }
}

/// What follows something that is done already. Should it fail, the log says so, and what is done stays done: whoever
/// did it is not told that it failed, or they would do it again.
pub fn afterwards(what: &'static str, followed: Result<(), Problem>) {
    if let Err(problem) = followed {
        tracing::error!(what, code = problem.code, "it is done, but what follows it failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_our_own_pages_only() {
        for (path, ours) in [
            ("/deals?view=board", true),
            ("/deals", true),
            ("/dealsx", false),
            ("//evil.example", false),
            ("/deals\r\nx", false),
            ("https://evil.example", false),
        ] {
            assert_eq!(own(path).is_some(), ours, "{path}");
        }
        assert_eq!(unsaid("/deals?said=made&view=board"), "/deals?view=board");
    }

    #[test]
    fn a_rule_keeps_colleagues_in_english_whoever_typed_them() {
        for (typed, kept) in [
            ("Jemand, der nicht mehr da ist", LEFT),
            ("jemand, der nicht mehr da ist", LEFT),
            (LEFT, LEFT),
            ("Shop (Programm)", "Shop (program)"),
            ("Shop (program)", "Shop (program)"),
            ("Siobhán Keane", "Siobhán Keane"),
        ] {
            assert_eq!(uncalled(typed.into()), kept);
            assert_eq!(called(kept), kept, "an English reader");
        }
    }

    #[test]
    fn a_colleague_is_named_by_the_whole_name_or_by_a_first_name_of_one() {
        let id = |n: u8| StaffId::from_bytes([n; 16]);
        let all = Colleagues(
            vec![
                (id(1), "Siobhán Keane".into()),
                (id(2), "Tomas Lindqvist".into()),
                (id(3), "Tomas Berg".into()),
            ],
            Vec::new(),
        );
        assert_eq!(all.mentioned("@siobhan please look"), [id(1)]);
        assert_eq!(all.mentioned("ask @Tomas Berg, not @Tomas"), [id(3)]);
        assert!(all.mentioned("mail siobhan@example.org or @siobhanx").is_empty());
    }
}
