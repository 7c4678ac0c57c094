//! Teams, and how far each role reaches: whose people and work it sees and whose it changes. What is not said reaches to all of it.

use assent_kernel::{CompanyId, Role, StaffId};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;
use crate::work::Reach;

const RULES: &str = "SELECT role, object, see, change FROM reach WHERE company = $1 ORDER BY role, object";
const RULES_OF: &str =
    "SELECT role, object, see, change FROM reach WHERE company = $1 AND role = $2 ORDER BY object";
const PUT: &str = "INSERT INTO reach (company, role, object, see, change) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (company, role, object) DO UPDATE SET see = excluded.see, change = excluded.change";
const TEAMS: &str = "SELECT key, name FROM team WHERE company = $1 ORDER BY name, key";
const MEMBERS: &str = "SELECT team, staff FROM team_member WHERE company = $1 ORDER BY team, staff";
const MATES: &str = "SELECT DISTINCT other.staff FROM team_member AS mine JOIN team_member AS other \
     ON other.company = mine.company AND other.team = mine.team WHERE mine.company = $1 AND mine.staff = $2";
const KEYS: &str = "SELECT id FROM caller WHERE company = $1 AND made_by = $2";
const KEYS_OF_MATES: &str = "SELECT DISTINCT caller.id FROM team_member AS mine JOIN team_member AS other \
     ON other.company = mine.company AND other.team = mine.team JOIN caller ON caller.company = other.company \
     AND caller.made_by = other.staff WHERE mine.company = $1 AND mine.staff = $2";
const PUT_TEAM: &str = "INSERT INTO team (company, key, name) VALUES ($1, $2, $3) \
     ON CONFLICT (company, key) DO UPDATE SET name = excluded.name";
const DROP_TEAM: &str = "DELETE FROM team WHERE company = $1 AND key = $2";
const DROP_MEMBERS: &str = "DELETE FROM team_member WHERE company = $1 AND team = $2";
const ADD_MEMBER: &str = "INSERT INTO team_member (company, team, staff) SELECT $1, $2, id FROM staff WHERE id = $3 AND company = $1";

/// Every statement of this file on the home store, for the test that prepares them.
pub const SQL: &[&str] = &[
    RULES,
    RULES_OF,
    PUT,
    TEAMS,
    MEMBERS,
    MATES,
    KEYS,
    KEYS_OF_MATES,
    PUT_TEAM,
    DROP_TEAM,
    DROP_MEMBERS,
    ADD_MEMBER,
];

/// What has an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Organisations.
    Organisations = 0,
    /// Deals.
    Deals = 1,
    /// Tasks.
    Tasks = 2,
    /// Items of the objects that the company made.
    Things = 3,
    /// People.
    People = 4,
}

impl Object {
    /// Every one, in the order they are told.
    pub const ALL: [Self; 5] = [Self::People, Self::Organisations, Self::Deals, Self::Tasks, Self::Things];

    /// The word in forms and for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Deals => "deals",
            Self::Tasks => "tasks",
            Self::Things => "things",
            Self::People => "people",
        }
    }
    /// The word shown to people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Organisations => "Organisations",
            Self::Deals => "Deals",
            Self::Tasks => "Tasks",
            Self::Things => "Your own objects",
            Self::People => "People",
        }
    }
    /// The one of that word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// How far a role reaches. A further one holds every nearer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Nothing: for whoever is reached by it there is no such object.
    None = -1,
    /// What is one's own.
    Own = 0,
    /// What belongs to somebody of one's teams, or to nobody.
    Team = 1,
    /// All of it.
    All = 2,
}

impl Scope {
    /// Every one, nearest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Own, Self::Team, Self::All];

    /// How far a role may reach among these: every role sees people.
    #[must_use]
    pub const fn of(object: Object) -> &'static [Self] {
        match object {
            Object::People => &[Self::Own, Self::Team, Self::All],
            Object::Organisations | Object::Deals | Object::Tasks | Object::Things => &Self::ALL,
        }
    }

    /// The word in forms and for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }
    /// The one of that word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
    /// The word shown to people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Own => "Own",
            Self::Team => "Team’s",
            Self::All => "Everybody’s",
        }
    }
    fn read(code: i64) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| *one as i64 == code);
        found.ok_or_else(|| StoreError::Damaged("how far a role reaches".into()))
    }
}

/// How far a role reaches among people, or among one kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Which role.
    pub role: Role,
    /// Among what.
    pub object: Object,
    /// What it sees.
    pub see: Scope,
    /// What it changes: never more than it sees.
    pub change: Scope,
}

impl Rule {
    /// A rule; changing is cut to what is seen.
    #[must_use]
    pub fn new(role: Role, object: Object, see: Scope, change: Scope) -> Self {
        Self { role, object, see, change: change.min(see) }
    }

    /// Whether it can be laid down: every role sees people, and whoever sees something may change at least their own.
    #[must_use]
    pub fn holds(&self) -> bool {
        Scope::of(self.object).contains(&self.see)
            && (self.see == Scope::None) == (self.change == Scope::None)
    }
}

/// What was said about the roles of a company. What is about a role or a kind of work that is not known here is none
/// of anybody's.
///
/// # Errors
/// What the engine said.
pub fn rules(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Rule>> {
    Ok(tx.rows(RULES, &[company.into()], rule)?.into_iter().flatten().collect())
}

/// What was said about one role.
///
/// # Errors
/// What the engine said.
pub fn rules_of(tx: &mut Tx<'_>, company: CompanyId, role: Role) -> Result<Vec<Rule>> {
    Ok(tx.rows(RULES_OF, &[company.into(), role.key().into()], rule)?.into_iter().flatten().collect())
}

fn rule(row: &Row<'_>) -> Result<Option<Rule>> {
    let code = row.int(1)?;
    let object = Object::ALL.into_iter().find(|one| *one as i64 == code);
    let (Some(role), Some(object)) = (Role::parse(&row.text(0)?), object) else { return Ok(None) };
    Ok(Some(Rule::new(role, object, Scope::read(row.int(2)?)?, Scope::read(row.int(3)?)?)))
}

/// Says how far a role reaches.
///
/// # Errors
/// What the engine said.
pub fn put(tx: &mut Tx<'_>, company: CompanyId, rule: Rule) -> Result<()> {
    let row = [
        company.into(),
        rule.role.key().into(),
        (rule.object as i64).into(),
        (rule.see as i64).into(),
        (rule.change as i64).into(),
    ];
    tx.exec(PUT, &row).map(|_| ())
}

/// The roles whose reach is laid down. The data protection officer and the auditor always see all of it: they have to
/// answer the person.
pub const ROLES: &[Role] =
    &[Role::Admin, Role::Sales, Role::Marketing, Role::Support, Role::Billing, Role::Product];

/// Who counts as somebody, and who as their team.
#[derive(Debug)]
pub struct Near {
    own: Vec<StaffId>,
    team: Vec<StaffId>,
}

impl Near {
    /// Those near a member of staff, or a program. What a program made is its maker's own: both own what either and the
    /// maker's other keys own, and are of the maker's teams; a program that nobody answers for is alone.
    ///
    /// # Errors
    /// What the engine said.
    pub fn read(tx: &mut Tx<'_>, company: CompanyId, who: StaffId, answers: Option<StaffId>) -> Result<Self> {
        let mut own = vec![who];
        if let Some(human) = answers {
            let theirs = std::iter::once(human).chain(keys(tx, company, human)?);
            own.extend(theirs.filter(|id| *id != who));
        }
        let mut team = own.clone();
        if let Some(human) = answers {
            team.extend(mates(tx, company, human)?);
        }
        Ok(Self { own, team })
    }

    /// Who counts as somebody.
    #[must_use]
    pub fn own(&self) -> &[StaffId] {
        &self.own
    }

    /// Whose rows a scope reaches.
    #[must_use]
    pub fn reach(&self, scope: Scope) -> Reach {
        match scope {
            Scope::None => Reach::of(&[], false),
            Scope::Own => Reach::of(&self.own, false),
            Scope::Team => Reach::of(&self.team, true),
            Scope::All => Reach::all(),
        }
    }
}

/// Whose people somebody sees in a role.
///
/// # Errors
/// What the engine said.
pub fn people_seen(
    tx: &mut Tx<'_>,
    (company, role): (CompanyId, Role),
    who: StaffId,
    answers: Option<StaffId>,
) -> Result<Reach> {
    let rules = if ROLES.contains(&role) { rules_of(tx, company, role)? } else { Vec::new() };
    match rules.iter().find(|rule| rule.object == Object::People) {
        Some(rule) => Ok(Near::read(tx, company, who, answers)?.reach(rule.see)),
        None => Ok(Reach::all()),
    }
}

/// Colleagues who work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its short key: for good, part of addresses.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Who is in it.
    pub members: Vec<StaffId>,
}

/// The teams of a company, by name.
///
/// # Errors
/// What the engine said.
pub fn teams(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Team>> {
    let read = |row: &Row<'_>| Ok((row.text(0)?, StaffId::from_bytes(row.fixed(1)?)));
    let members = tx.rows(MEMBERS, &[company.into()], read)?;
    tx.rows(TEAMS, &[company.into()], |row| {
        let key = row.text(0)?;
        let mine = members.iter().filter(|(team, _)| *team == key).map(|(_, staff)| *staff);
        Ok(Team { members: mine.collect(), name: row.text(1)?, key })
    })
}

/// Everybody who is in a team with somebody, themselves too, also whoever was shut out: their work stays with the team.
/// With them the keys that they made; nobody for whom is in none.
///
/// # Errors
/// What the engine said.
pub fn mates(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId) -> Result<Vec<StaffId>> {
    let mut all = ids(tx, MATES, company, staff)?;
    all.extend(ids(tx, KEYS_OF_MATES, company, staff)?);
    Ok(all)
}

/// The keys that somebody made, also those that are over: what a key made is its maker's own.
///
/// # Errors
/// What the engine said.
pub fn keys(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId) -> Result<Vec<StaffId>> {
    ids(tx, KEYS, company, staff)
}

fn ids(tx: &mut Tx<'_>, sql: &'static str, company: CompanyId, staff: StaffId) -> Result<Vec<StaffId>> {
    tx.rows(sql, &[company.into(), staff.into()], |row| row.fixed(0).map(StaffId::from_bytes))
}

/// Makes a team, or changes what it is called and who is in it. Whoever does not work there is left out.
///
/// # Errors
/// What the engine said.
pub fn put_team(tx: &mut Tx<'_>, company: CompanyId, team: &Team) -> Result<()> {
    tx.exec(PUT_TEAM, &[company.into(), (&team.key).into(), (&team.name).into()])?;
    tx.exec(DROP_MEMBERS, &[company.into(), (&team.key).into()])?;
    let mut each = team.members.iter();
    each.try_for_each(|one| {
        tx.exec(ADD_MEMBER, &[company.into(), (&team.key).into(), (*one).into()]).map(|_| ())
    })
}

/// Dissolves a team; tells whether there was one. Nobody loses what is theirs.
///
/// # Errors
/// What the engine said.
pub fn drop_team(tx: &mut Tx<'_>, company: CompanyId, key: &str) -> Result<bool> {
    tx.exec(DROP_MEMBERS, &[company.into(), key.into()])?;
    Ok(tx.exec(DROP_TEAM, &[company.into(), key.into()])? > 0)
}
