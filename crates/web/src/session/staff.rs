//! A member of staff who is here: their roles, the purpose they work for, the frame of their pages.

use std::sync::Arc;

use assent_gate::Whose;
use assent_kernel::purpose::{Basis, Purpose};
use assent_kernel::{Asker, CompanyId, PurposeKey, Role, RoleSet, StaffId, Timestamp, TreeKey as _, Use};
use assent_store::access::{self, Door};
use assent_store::home::Company;
use assent_store::work;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::{
    Caller, Here, JUST, PURPOSE_COOKIE, SESSION_NAME, STAFF_COOKIE, cookie, digest, session, to_sign_in,
};
use crate::api::Asked;
use crate::catalogue::{both, lang};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::reach::{self, Object, Reach, Reaches};
use crate::{csrf, objects, parts, say, shell, shipped};

/// Where words to colleagues are read.
pub const INBOX: &str = "/inbox";
/// Where the work of the day is.
pub const MY_DAY: &str = "/day";

/// A member of staff who is signed in, with the role and the purpose they work for now.
#[derive(Clone)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub company: Arc<Company>,
    /// Every role they have.
    pub roles: Vec<Role>,
    /// The role they wear now.
    pub role: Role,
    /// The purpose they work for now.
    pub purpose: PurposeKey,
    /// True when it is a program's key that does their work.
    program: bool,
    /// True when it is for one purpose alone.
    bound: bool,
    asked: Asked,
    reaches: Reaches,
    token: [u8; 32],
    begun_at: Timestamp,
    path: String,
    theme: shell::Theme,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({})", self.id)
    }
}

impl Here for Staff {
    fn csrf(&self) -> String {
        csrf::token(&self.token, SESSION_NAME)
    }
    fn checks(&self, given: &str) -> bool {
        csrf::verify(&self.token, SESSION_NAME, given)
    }
}

impl Staff {
    /// Who asks, in a question.
    #[must_use]
    pub const fn asker(&self) -> Asker {
        Asker::Staff(self.id, self.role)
    }

    /// True when a program's key does their work.
    #[must_use]
    pub const fn is_program(&self) -> bool {
        self.program
    }

    /// True when it is a program's key for one purpose alone: what the house does for others is not for it.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.bound
    }

    /// At a place for programs, with what counts the questions that are asked for them.
    pub(crate) fn at(self, path: &str, asked: Asked) -> Result<Self, Problem> {
        self.must_have(path)?;
        Ok(Self { asked, ..self })
    }

    /// What counts the questions that are asked for them.
    pub(crate) const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// A token for a link that connects an account: nobody else can make this browser do it.
    pub(crate) fn connecting(&self) -> String {
        csrf::token(&self.token, "connect")
    }
    pub(crate) fn connects(&self, given: &str) -> bool {
        csrf::verify(&self.token, "connect", given)
    }

    /// The digest of the session at hand.
    pub(crate) fn session(&self) -> [u8; 32] {
        digest(&self.token)
    }

    /// True when they signed in a moment ago. Whoever found an open browser, or a cookie, cannot change how its owner
    /// signs in.
    pub(crate) fn just_signed_in(&self, at: Timestamp) -> bool {
        at < self.begun_at.plus(JUST)
    }

    /// Refuses whoever signed in longer ago.
    pub(crate) fn must_have_just_signed_in(&self, at: Timestamp) -> Result<(), Problem> {
        if self.just_signed_in(at) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "To change how you sign in, sign in again first: it is more than 15 minutes since you did.",
        ))
    }

    /// True when they wear one of these roles now.
    #[must_use]
    pub fn is(&self, roles: &[Role]) -> bool {
        roles.contains(&self.role)
    }

    /// Refuses whoever does not wear one of these roles now.
    ///
    /// # Errors
    /// A page that says which role it takes.
    pub fn must_be(&self, roles: &[Role]) -> Result<(), Problem> {
        if self.is(roles) {
            return Ok(());
        }
        let told = || {
            let names: Vec<&str> = roles.iter().map(|role| say(role.label())).collect();
            let role = say(self.role.label());
            say!("This page is for: {roles}. You are here as {role}.", roles = names.join(", "), role = role)
        };
        Err(Problem::forbidden(both(told)))
    }

    /// Whose of these they see. Whatever reads work takes it along.
    #[must_use]
    pub fn sees(&self, object: Object) -> Reach {
        self.reaches.see(object).clone()
    }

    /// The people they see: whoever looks somebody up for them takes it along.
    #[must_use]
    pub fn people(&self) -> Whose {
        Whose::within(self.company.id, self.sees(Object::People))
    }

    /// Whether there are such objects for them at all: their role may see none of them.
    #[must_use]
    pub fn has(&self, object: Object) -> bool {
        !self.reaches.see(object).is_none()
    }

    /// Refuses a place of objects that their role does not see.
    fn must_have(&self, path: &str) -> Result<(), Problem> {
        match reach::object_of(path).filter(|object| !self.has(*object)) {
            None => Ok(()),
            Some(object) => Err(Problem::forbidden(both(|| {
                say!(
                    "The role {role} does not see “{what}”. An administrator lays that down under Settings, Roles.",
                    role = say(self.role.label()),
                    what = say(object.label())
                )
            }))),
        }
    }

    /// Whose of these they change. Whatever writes to work without having read it takes it along.
    #[must_use]
    pub fn changing(&self, object: Object) -> Reach {
        self.reaches.change(object).clone()
    }

    /// Whether what has these owners is theirs to see.
    #[must_use]
    pub fn may_see(&self, object: Object, owners: &[Option<StaffId>]) -> bool {
        owners.iter().any(|owner| self.reaches.see(object).has(*owner))
    }

    /// Whether what has these owners is theirs to change; these are all who count as its owner.
    #[must_use]
    pub fn changes(&self, object: Object, owners: &[Option<StaffId>]) -> bool {
        owners.iter().any(|owner| self.reaches.change(object).has(*owner))
    }

    /// Refuses to change what is not of theirs to change.
    ///
    /// # Errors
    /// A page that says how far their role reaches.
    pub fn must_change(&self, object: Object, owners: &[Option<StaffId>]) -> Result<(), Problem> {
        if self.changes(object, owners) {
            return Ok(());
        }
        Err(Problem::forbidden(both(|| self.only_looks(object))))
    }

    /// What is said where something may be looked at but not changed.
    #[must_use]
    pub fn only_looks(&self, object: Object) -> String {
        say!(
            "You may look at this, but not change it: it is not yours. How much of “{what}” the role {role} changes is laid down under Settings, Roles.",
            what = say(object.label()),
            role = say(self.role.label())
        )
    }

    /// True when an id is theirs: their own, that of a key of theirs, or that of whoever answers for them.
    #[must_use]
    pub fn is_own(&self, id: StaffId) -> bool {
        self.reaches.is_own(id)
    }

    /// Who looks after something new when nobody is named: whoever makes it, where they do not change everybody's; else
    /// nobody. It would be out of their reach at once.
    #[must_use]
    pub fn keeper(&self, object: Object) -> Option<StaffId> {
        (!self.reaches.change(object).is_all()).then(|| self.reaches.keeper())
    }

    async fn of(ctx: &Ctx, parts: &Parts) -> Result<Option<Self>, Problem> {
        let Some((token, session)) = session(ctx, &parts.headers, STAFF_COOKIE, Door::Staff).await? else {
            return Ok(None);
        };
        let (id, wanted) = (StaffId::from_bytes(session.who), Role::parse(&session.role));
        let read = ctx.gate.home().read(move |tx| {
            let Some(row) = access::staff_by_id(tx, id)?.filter(|row| !row.disabled) else { return Ok(None) };
            let roles: Vec<Role> = row.roles.split(',').filter_map(Role::parse).collect();
            let worn = wanted.filter(|role| roles.contains(role)).or(roles.first().copied());
            let Some(role) = worn else { return Ok(None) };
            let reaches = Reaches::read(tx, row.company, role, id, Some(id))?;
            Ok(Some((row, roles, role, reaches)))
        });
        let Some((row, roles, role, reaches)) = read.await? else { return Ok(None) };
        let wanted = cookie(ctx, &parts.headers, PURPOSE_COOKIE).and_then(|text| PurposeKey::new(text).ok());
        let purpose = working_for(ctx, row.company, role, wanted).await?;
        let company = ctx.gate.company(row.company).await?;
        let path = parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string);
        let theme = shell::Theme::of(&parts.headers);
        let begun_at = session.begun_at;
        let staff = Self {
            id,
            name: row.name,
            company,
            roles,
            role,
            purpose,
            program: false,
            bound: false,
            asked: Asked::default(),
            reaches,
            token,
            begun_at,
            path,
            theme,
        };
        staff.must_have(&staff.path)?;
        Ok(Some(staff))
    }

    /// A program that holds a key, as the colleague whose work it does: the same role, the same questions, and written
    /// down the same way, under the key's own id. It has no session, so no form is ever its own.
    ///
    /// # Errors
    /// When it wants to work for a purpose that is not its own, or not of its role.
    pub async fn of_caller(ctx: &Ctx, caller: &Caller, wanted: Option<PurposeKey>) -> Result<Self, Problem> {
        if let Some(wanted) = &wanted {
            caller.works_for(wanted)?;
        }
        let purpose = match (&caller.purpose, wanted) {
            (Some(own), _) => own.clone(),
            (None, None) => working_for(ctx, caller.company, caller.role, None).await?,
            (None, Some(wanted)) => {
                let standing = ctx.gate.policy(caller.company).await?;
                if !purposes_of(&standing.policy, caller.role).contains(&wanted) {
                    return Err(Problem::forbidden("The key's role does not work for that purpose."));
                }
                wanted
            }
        };
        let (company, role, id, human) = (caller.company, caller.role, caller.id, caller.made_by);
        let reaches = ctx.gate.home().read(move |tx| Reaches::read(tx, company, role, id, human)).await?;
        Ok(Self {
            id: caller.id,
            name: caller.name.clone(),
            company: ctx.gate.company(caller.company).await?,
            roles: vec![caller.role],
            role: caller.role,
            purpose,
            program: true,
            bound: caller.purpose.is_some(),
            asked: Asked::default(),
            reaches,
            token: [0; 32],
            begun_at: Timestamp::MIN,
            path: String::new(),
            theme: shell::Theme::default(),
        })
    }

    /// The frame of a page: menu, purpose pill, user.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn shell(&self, ctx: &Ctx, title: &str) -> Result<shell::Shell, Problem> {
        let standing = ctx.gate.policy(self.company.id).await?;
        let label = |key: &PurposeKey| {
            let known = standing.policy.purposes.get(key);
            known.map_or_else(|| key.to_string(), |one| shipped::purpose(one, lang()).to_owned())
        };
        let options = purposes_of(&standing.policy, self.role);
        let pill = parts::PurposePill {
            action: "/work/purpose".into(),
            current: label(&self.purpose),
            options: options
                .iter()
                .map(|key| parts::PurposeOption {
                    key: key.to_string(),
                    label: label(key),
                    ..Default::default()
                })
                .collect(),
            return_to: self.path.clone(),
            csrf: self.csrf(),
        };
        let others = self.roles.iter().filter(|role| **role != self.role);
        let you = shell::Link {
            label: say("Your sign-in and sessions").into(),
            href: "/you".into(),
            group: say("You"),
        };
        let links = std::iter::once(you).chain(others.map(|role| shell::Link {
            label: say!("Work as {role}", role = say(role.label())),
            href: format!("/work/role?as={}", role.key()),
            group: say("You"),
        }));
        let mut nav = self.with_objects(ctx, self.menu(ctx)).await?;
        self.count_waiting(ctx, &mut nav).await?;
        Ok(shell::Shell {
            title: title.to_owned(),
            company: self.company.name.clone(),
            nav,
            user: Some(shell::User {
                name: self.name.clone(),
                role: say(self.role.label()).to_owned(),
                links: links.collect(),
                sign_out: "/sign-out".into(),
            }),
            purpose: Some(pill),
            csrf: self.csrf(),
            search: Some(shell::Search { action: "/find".into(), value: String::new() }),
            theme: self.theme,
            palette: self.makes(ctx),
            ..shell::Shell::default()
        })
    }

    /// The menu with a line for each object of the company in the place of the one that stands for all of them.
    async fn with_objects(&self, ctx: &Ctx, nav: Vec<shell::Nav>) -> Result<Vec<shell::Nav>, Problem> {
        if !nav.iter().any(|line| line.href == objects::HERE) {
            return Ok(nav);
        }
        let all = objects::in_use(ctx, self.company.id).await?;
        let each = |line: shell::Nav| -> Vec<shell::Nav> {
            if line.href != objects::HERE {
                return vec![line];
            }
            let one = |object: &objects::Object| {
                let href = objects::href(&object.key);
                let active = is_below(&self.path, &href);
                shell::Nav { label: objects::plural(object).to_owned(), href, active, ..line.clone() }
            };
            all.iter().map(one).collect()
        };
        Ok(nav.into_iter().flat_map(each).collect())
    }

    /// How much waits, beside the lines of the menu that lead there.
    async fn count_waiting(&self, ctx: &Ctx, nav: &mut [shell::Nav]) -> Result<(), Problem> {
        if !nav.iter().any(|line| line.href == INBOX || line.href == MY_DAY) {
            return Ok(());
        }
        let (company, who, now) = (self.company.id, self.id, ctx.now());
        let (store, tasks) = (ctx.gate.region_db(&self.company.region)?, self.has(Object::Tasks));
        let waiting = store.read(move |tx| {
            let words = work::mentions::unread(tx, company, who)?;
            let reminders = if tasks { work::tasks::reminders(tx, company, who, now)? } else { 0 };
            Ok((words, reminders))
        });
        let (words, reminders) = waiting.await?;
        for line in nav {
            match line.href.as_str() {
                INBOX => line.count = Some(words),
                MY_DAY => line.count = Some(reminders),
                _ => {}
            }
        }
        Ok(())
    }

    /// The lines of the menu that their role sees.
    fn ways(&self, ctx: &Ctx) -> impl Iterator<Item = &'static crate::room::Way> {
        let ways = ctx.rooms.iter().flat_map(|room| room.card().ways);
        let had = |way: &&crate::room::Way| reach::object_of(way.href).is_none_or(|object| self.has(object));
        ways.filter(|way| way.roles.is_empty() || way.roles.contains(&self.role)).filter(had)
    }

    /// What can be made, for Ctrl+K.
    fn makes(&self, ctx: &Ctx) -> Vec<shell::Link> {
        let all = self.ways(ctx).flat_map(|way| way.makes);
        let link = |(label, href): &(&str, &str)| shell::Link {
            label: say(label).into(),
            href: (*href).into(),
            group: say("Do"),
        };
        all.map(link).collect()
    }

    fn menu(&self, ctx: &Ctx) -> Vec<shell::Nav> {
        let line = |way: &crate::room::Way| shell::Nav {
            label: say(way.label).into(),
            href: way.href.into(),
            icon: way.icon,
            key: way.key,
            active: is_below(&self.path, way.href),
            count: None,
            heading: if way.heading.is_empty() { "" } else { say(way.heading) },
        };
        let mut lines: Vec<shell::Nav> = self.ways(ctx).map(line).collect();
        // A heading stands once over its lines, also when they come from several rooms.
        let mut headed = "";
        for one in lines.iter_mut().filter(|one| !one.heading.is_empty()) {
            let heading = std::mem::replace(&mut headed, one.heading);
            if heading == one.heading {
                one.heading = "";
            }
        }
        lines
    }
}

/// True when a path is this page or lies below it.
fn is_below(path: &str, href: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The purposes a role can work for: those under which something may be seen. Where only a law opens that asks for a
/// case of its own, nobody works from page to page.
#[must_use]
pub fn purposes_of(policy: &assent_kernel::Policy, role: Role) -> Vec<PurposeKey> {
    let by_case = |p: &Purpose| {
        if matches!(p.basis, Basis::Vital | Basis::PublicTask) {
            return true;
        }
        p.basis == Basis::LegalObligation
            && !policy.mandates.values().any(|m| {
                let meant = m.opens() && m.purposes.covers(&p.key);
                meant && m.roles.has(role) && m.uses.has(Use::View) && !m.is_master_key()
            })
    };
    let all = policy.purposes.values();
    let fits = all.filter(|p| p.roles.has(role) && p.uses.has(Use::View) && p.key.as_str().contains('.'));
    fits.filter(|p| !by_case(p)).map(|p| p.key.clone()).collect()
}

/// The purposes of a role that a law opens for a case of its own alone.
#[must_use]
pub fn purposes_by_case(policy: &assent_kernel::Policy, role: Role) -> Vec<PurposeKey> {
    let usual = purposes_of(policy, role);
    let all = policy.purposes.values().filter(|one| one.basis == Basis::LegalObligation);
    let opens = |one: &Purpose| {
        policy.mandates.values().any(|m| {
            let meant = m.opens() && m.purposes.covers(&one.key) && m.roles.has(role);
            meant && m.uses.has(Use::View) && m.is_master_key()
        })
    };
    let fits = all.filter(|one| one.roles.has(role) && one.uses.has(Use::View) && opens(one));
    fits.map(|one| one.key.clone()).filter(|key| !usual.contains(key)).collect()
}

/// What each role works for when it has not chosen.
const USUAL: &[(Role, &str)] = &[
    (Role::Sales, "sales.contact"),
    (Role::Marketing, "marketing.newsletter"),
    (Role::Support, "service.support"),
    (Role::Billing, "billing.invoice"),
    (Role::Dpo, "rights.inform"),
    (Role::Admin, "rights.inform"),
];

async fn working_for(
    ctx: &Ctx,
    company: CompanyId,
    role: Role,
    wanted: Option<PurposeKey>,
) -> Result<PurposeKey, Problem> {
    let standing = ctx.gate.policy(company).await?;
    let all = purposes_of(&standing.policy, role);
    let usual = USUAL.iter().find(|(one, _)| *one == role).and_then(|(_, key)| PurposeKey::new(key).ok());
    let chosen = [wanted, usual].into_iter().flatten().find(|key| all.contains(key));
    let nothing = || Problem::forbidden("Your role works for no purpose of this company.");
    chosen.or_else(|| all.first().cloned()).ok_or_else(nothing)
}

/// Puts on another role of one's own.
///
/// # Errors
/// What the store said.
pub async fn wear(ctx: &Ctx, staff: &Staff, role: Role) -> Result<(), Problem> {
    staff_has(staff, role)?;
    let digest = digest(&staff.token);
    Ok(ctx.gate.home().write(move |tx| access::set_role(tx, &digest, role.key())).await?)
}

fn staff_has(staff: &Staff, role: Role) -> Result<(), Problem> {
    let roles: RoleSet = staff.roles.iter().copied().collect();
    if roles.has(role) { Ok(()) } else { Err(Problem::forbidden("You do not have that role.")) }
}

impl FromRequestParts<Ctx> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Response> {
        let found = Self::of(ctx, parts).await.map_err(IntoResponse::into_response)?;
        found.ok_or_else(|| to_sign_in(parts, "/sign-in"))
    }
}
impl OptionalFromRequestParts<Ctx> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Option<Self>, Response> {
        Self::of(ctx, parts).await.map_err(IntoResponse::into_response)
    }
}
