//! What becomes an entry: the public half and the sealed half of one line of the ledger.

use assent_kernel::ledger::{Code, Decision, Detail, Entry, Kind, Opening, Recipient, Refs, Set};
use assent_kernel::{
    Asker, Fact, FactId, Matter, PartyId, Policy, PurposeKey, Question, Region, Ruling, Timestamp, To,
    TreeKey, Use, Warrant,
};
use sha2::{Digest, Sha256};

use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::seal::random;

/// The purpose code of entries that are about no purpose.
pub const NO_PURPOSE: &str = "none";
/// The use code of entries that are about no use.
pub(crate) const NO_USE: u8 = 255;

/// The person as a recipient, in the sealed half's words.
pub(crate) const THE_PERSON: &str = "the person";

/// Everything of an entry but what is known only when it is written: its number and its secrets.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) decision: Decision,
    pub(crate) region: Region,
    pub(crate) policy: [u8; 16],
    /// An organisation's code, or the person.
    pub(crate) to: Sent,
    pub(crate) chain: Vec<String>,
    pub(crate) detail: Detail,
}

/// Who receives, as an entry says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    Nobody,
    Organisation(String),
    Person(String),
}

/// The two halves, ready to be stored.
pub(crate) struct Line {
    pub(crate) leaf: Vec<u8>,
    /// Nonce, then detail: what a receipt is made from later.
    pub(crate) opening: Vec<u8>,
}

impl Draft {
    /// Writes the entry under a person's key.
    pub(crate) fn line(&self, key: &PersonKey, seq: u64) -> Result<Line> {
        self.line_as(key.salt().bytes(), random()?, seq, None)
    }

    /// Writes the entry under a salt and with a nonce that no other entry under it has.
    pub(crate) fn line_as(
        &self,
        salt: &[u8; 32],
        nonce: [u8; 16],
        seq: u64,
        set: Option<Set>,
    ) -> Result<Line> {
        let opening = Opening::new(salt, &nonce);
        let detail = Detail { seq, ..self.detail.clone() }.encode()?;
        let recipient = match &self.to {
            Sent::Nobody => Recipient::None,
            Sent::Organisation(code) => Recipient::Organisation(Code::new(code)?),
            Sent::Person(id) => Recipient::Person(opening.recipient_token(id)),
        };
        let entry = Entry {
            kind: self.kind,
            minute: minute(self.detail.at)?,
            decision: self.decision,
            purpose: Code::new(&self.detail.purpose)?,
            region: Code::new(self.region.as_str())?,
            nonce,
            actor: opening.actor_token(&self.detail.actor),
            recipient,
            commit: opening.commit(&detail),
            policy: self.policy,
            refs: Refs {
                terms_ref: opening.terms_token(&Sha256::digest(self.detail.warrant.as_bytes()).into()),
                chain_hash: Refs::chain_hash(&self.chain),
            },
            set,
        };
        Ok(Line { leaf: entry.encode(), opening: nonce.into_iter().chain(detail).collect() })
    }
}

fn minute(micros: i64) -> Result<u32> {
    u32::try_from(Timestamp::from_micros(micros).minute()).map_err(|_| GateError::ClockWentBack)
}

/// Who acted, as the sealed half says it.
pub(crate) fn actor(asker: Asker) -> String {
    match asker {
        Asker::Staff(id, _) => id.to_string(),
        Asker::Person => "the person".into(),
        Asker::System => "system".into(),
    }
}

/// A warrant, as the sealed half says it: a grant's id, a mandate's key.
pub(crate) fn warrant(policy: &Policy, warrant: &Warrant) -> String {
    match warrant {
        Warrant::Grant(id) => id.to_string(),
        Warrant::Mandate(id) => policy.mandates.get(id).map_or_else(|| id.to_string(), |m| m.key.clone()),
    }
}

/// The most facts and categories an entry names one by one.
const MOST_NAMED: usize = 200;

/// The draft of a use that was decided.
pub(crate) fn of_use<U>(
    question: &Question<U>,
    what: Use,
    policy: &Policy,
    digest: [u8; 16],
    ruling: &Ruling,
    fact: impl Fn(FactId) -> Option<Fact>,
) -> Draft {
    let permits = ruling.permits();
    let mut categories = Vec::new();
    let mut facts = Vec::new();
    for (matter, _) in ruling.verdicts.iter().filter(|(_, verdict)| verdict.open().is_some() == permits) {
        match matter {
            Matter::Held(id) => {
                categories.extend(fact(*id).map(|fact| fact.category.to_string()));
                facts.push(id.to_string());
            }
            Matter::Kind(category) => categories.push(category.to_string()),
        }
    }
    categories.sort_unstable();
    categories.dedup();
    categories.truncate(MOST_NAMED);
    facts.truncate(MOST_NAMED);
    let warrants: Vec<String> = ruling.warrants().iter().map(|w| warrant(policy, w)).take(16).collect();
    let chain: Vec<String> = ruling.chain.iter().filter_map(|id| code(policy, *id)).collect();
    let to = sent(question.to, policy);
    Draft {
        kind: kind(what),
        decision: if permits { Decision::Allow } else { Decision::Deny },
        region: question.region.clone(),
        policy: digest,
        detail: Detail {
            at: question.at.micros(),
            use_code: what as u8,
            purpose: question.purpose.to_string(),
            categories,
            facts,
            recipient: recipient_name(&to, policy),
            chain: chain.clone(),
            actor: actor(question.asker),
            role: question.asker.role().key().to_owned(),
            outcome: ruling.refusal().map_or("PERMIT", |reason| reason.code()).to_owned(),
            warrant: warrants.join(" "),
            region: question.region.to_string(),
            context: question.context.words().into_iter().map(str::to_owned).collect(),
            ..Detail::default()
        },
        to,
        chain,
    }
}

/// Who would receive.
pub(crate) fn sent(to: To, policy: &Policy) -> Sent {
    match to {
        To::Person => Sent::Person(THE_PERSON.into()),
        To::Party(id) => code(policy, id).map_or(Sent::Nobody, Sent::Organisation),
    }
}

pub(crate) fn recipient_name(to: &Sent, policy: &Policy) -> String {
    match to {
        Sent::Nobody => String::new(),
        Sent::Person(_) => THE_PERSON.into(),
        Sent::Organisation(code) => {
            policy.party(code).map_or_else(|| code.clone(), |party| party.name.clone())
        }
    }
}

fn code(policy: &Policy, id: PartyId) -> Option<String> {
    policy.parties.get(&id).map(|party| party.code.clone())
}

/// Which kind of entry a use is.
pub(crate) const fn kind(what: Use) -> Kind {
    match what {
        Use::View | Use::List | Use::Export | Use::Message | Use::LookUp => Kind::Use,
        Use::Enrich | Use::Cleanse | Use::Contribute => Kind::Use,
        Use::Share => Kind::Share,
        Use::Combine => Kind::Combine,
        Use::Learn => Kind::Derive,
        Use::Capture => Kind::Capture,
    }
}

/// The draft of an act of the person, or of something done to their facts without asking about a use.
pub(crate) fn of_act(
    kind: Kind,
    purpose: Option<&PurposeKey>,
    region: &Region,
    digest: [u8; 16],
    asker: Asker,
    at: Timestamp,
) -> Draft {
    Draft {
        kind,
        decision: Decision::Allow,
        region: region.clone(),
        policy: digest,
        to: Sent::Nobody,
        chain: Vec::new(),
        detail: Detail {
            at: at.micros(),
            use_code: NO_USE,
            purpose: purpose.map_or_else(|| NO_PURPOSE.to_owned(), ToString::to_string),
            actor: actor(asker),
            role: asker.role().key().to_owned(),
            outcome: "DONE".into(),
            region: region.to_string(),
            ..Detail::default()
        },
    }
}
