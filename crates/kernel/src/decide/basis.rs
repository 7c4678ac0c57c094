//! Step 4: the purpose's own basis, and no other.

use super::{Case, Item, given};
use crate::category::Category;
use crate::fact::Warrant;
use crate::grant::{Giver, Grant};
use crate::mandate::{Binds, Level, Mandate, Mask, When};
use crate::party::Recipients;
use crate::purpose::{Automation, Basis};
use crate::reason::Reason;
use crate::role::Role;
use crate::ruling::Open;
use crate::time::Timestamp;
use crate::uses::Use;
use crate::zone::Zones;

impl<'a> Case<'a> {
    /// Steps 4 to 6: what the basis opens, for those and there where it reaches.
    pub(super) fn basis(&self, item: Item<'a>) -> Result<Open, Reason> {
        let category = self.policy.categories.get(item.category).ok_or(Reason::UnknownCategory)?;
        match self.purpose.basis {
            Basis::Consent => self.consent(item, category, false),
            Basis::ConsentExplicit => self.consent(item, category, true),
            Basis::Contract => self.contract(item, category),
            Basis::LegalObligation => self.legal(item),
            Basis::Vital | Basis::PublicTask => self.ticketed(item),
            Basis::LegitimateInterest => self.interest(item, category),
        }
    }

    fn consent(&self, item: Item<'_>, category: &Category, explicit: bool) -> Result<Open, Reason> {
        let (answer, grant) = self.person.yes_to(&self.purpose.key)?;
        if !grant.terms.purposes.covers(&self.purpose.key) {
            return Err(Reason::NeverAsked);
        }
        let until = grant.terms.until.min(answer.at.plus(self.purpose.longest)).whole_minute();
        self.grant_lives(grant, until)?;
        if !grant.terms.uses.has(self.question.what) {
            return Err(Reason::UseNotGranted);
        }
        let decides = self.purpose.automation == Automation::Decide || self.question.context.automated;
        if decides && !grant.terms.explicit {
            return Err(Reason::HumanRequired);
        }
        if !grant.terms.categories.covers(item.category) {
            return Err(Reason::CategoryNotGranted);
        }
        if (explicit || category.class.needs_explicit()) && !grant.terms.explicit {
            return Err(Reason::NeedsExplicit);
        }
        let until = until.min(self.whole_until(item, category)?);
        let open = Open { warrant: Warrant::Grant(grant.id), until, mask: Mask::Full };
        self.reach(open, &grant.terms.recipients, &grant.terms.zones)
    }

    /// Steps 5 and 6 for one warrant.
    fn reach(&self, open: Open, recipients: &Recipients, zones: &Zones) -> Result<Open, Reason> {
        let until = open.until.min(self.way.recipients(recipients)?).min(self.way.places(zones)?);
        Ok(Open { until, ..open })
    }

    /// What the first of some mandates opens that covers the item and reaches the recipient; else the reason met
    /// last on the way, the closest to a yes.
    fn first_open(
        &self,
        mandates: impl Iterator<Item = &'a Mandate>,
        none: Reason,
        until: impl Fn(&Mandate) -> Result<Timestamp, Reason>,
    ) -> Result<Open, Reason> {
        let mut reason = none;
        for mandate in mandates {
            let open = until(mandate).and_then(|until| {
                let open = Open { warrant: Warrant::Mandate(mandate.id), until, mask: mandate.mask };
                self.reach(open, &mandate.recipients, &mandate.zones)
            });
            match open {
                Ok(open) => return Ok(open),
                Err(found) => reason = reason.max(found),
            }
        }
        Err(reason)
    }

    fn grant_lives(&self, grant: &Grant, until: Timestamp) -> Result<(), Reason> {
        if self.person.minor && grant.giver != Giver::Guardian {
            return Err(Reason::NeedsGuardian);
        }
        if self.question.at >= until {
            return Err(Reason::Expired { at: until });
        }
        if grant.uses_left == Some(0) {
            return Err(Reason::UsedUp);
        }
        let oldest = self.policy.oldest_valid.get(&grant.notice).copied().ok_or(Reason::NoticeOutdated)?;
        if grant.notice_version < oldest { Err(Reason::NoticeOutdated) } else { Ok(()) }
    }

    fn contract(&self, item: Item<'a>, category: &Category) -> Result<Open, Reason> {
        let runs_until = |mandate: &Mandate| match &mandate.binds {
            Binds::Contract(kind) => self.person.contract_until(kind, self.question.at),
            Binds::Every | Binds::Anchored => None,
        };
        let running = self.mandates().filter(|mandate| runs_until(mandate).is_some());
        self.first_open(running, Reason::NoActiveContract, |mandate| {
            // No contract makes a special category necessary: GDPR Art. 9(2) has no such ground.
            if category.class.needs_explicit() {
                return Err(Reason::NotNecessary);
            }
            let until = self.opens(mandate, item, Reason::NotNecessary)?;
            let until = until.min(runs_until(mandate).ok_or(Reason::NoActiveContract)?);
            Ok(until.min(self.whole_until(item, category)?))
        })
    }

    fn legal(&self, item: Item<'a>) -> Result<Open, Reason> {
        let laws = self.mandates().filter(|mandate| mandate.level != Level::Contract);
        self.first_open(laws, Reason::NoMandate, |mandate| {
            let until = self.opens(mandate, item, Reason::NoMandate)?;
            if self.is_master_key(mandate) && !given(self.question.context.ticket.as_deref()) {
                return Err(Reason::NeedsTicket);
            }
            self.bound(mandate, item, until)
        })
    }

    /// A law that reaches every fact and cuts none is a master key in the hands of staff: whoever turns it to look
    /// names the case that it is for. A letter shows them nothing, and the person's own right needs no case.
    fn is_master_key(&self, mandate: &Mandate) -> bool {
        let looks = match self.question.what {
            Use::View | Use::List | Use::Export | Use::Cleanse => true,
            Use::Message | Use::Share | Use::Combine | Use::Enrich => false,
            Use::Contribute | Use::Learn | Use::Capture | Use::LookUp => false,
        };
        looks
            && self.purpose.basis == Basis::LegalObligation
            && mandate.is_master_key()
            && !matches!(self.question.asker.role(), Role::Person | Role::System)
    }

    fn ticketed(&self, item: Item<'a>) -> Result<Open, Reason> {
        let open = self.legal(item)?;
        if given(self.question.context.ticket.as_deref()) { Ok(open) } else { Err(Reason::NeedsTicket) }
    }

    /// Legitimate interest: off by default, with a mandate that holds the assessment, and never for these.
    fn interest(&self, item: Item<'a>, category: &Category) -> Result<Open, Reason> {
        let never = match self.question.what {
            Use::Share
            | Use::Combine
            | Use::Enrich
            | Use::Contribute
            | Use::Learn
            | Use::Capture
            | Use::LookUp => true,
            Use::View | Use::List | Use::Export | Use::Message | Use::Cleanse => false,
        };
        let profiles = self.purpose.direct_marketing || self.purpose.automation != Automation::None;
        if never || profiles || category.class.needs_explicit() || !self.policy.legitimate_interest {
            return Err(Reason::LegitimateInterestOff);
        }
        let whole = self.whole_until(item, category)?;
        self.legal(item).map(|open| Open { until: open.until.min(whole), ..open })
    }

    fn mandates(&self) -> impl Iterator<Item = &'a Mandate> {
        let (at, purpose) = (self.question.at, &self.purpose.key);
        self.policy.mandates.values().filter(move |m| {
            m.opens() && m.in_force(at) && m.purposes.covers(purpose) && self.is_their_law(m)
        })
    }

    /// A law for residents opens nothing for whoever is not known to live there.
    fn is_their_law(&self, mandate: &Mandate) -> bool {
        match &mandate.when {
            When::ResidentOf(regions) => {
                self.person.residence.as_ref().is_some_and(|home| regions.covers(home))
            }
            When::Always | When::OutsideRegions(_) | When::RecipientKind(_) => true,
        }
    }

    /// Whether a mandate covers this use of this fact by this role; `outside` is the reason when it does not.
    fn opens(&self, mandate: &Mandate, item: Item<'_>, outside: Reason) -> Result<Timestamp, Reason> {
        if !mandate.uses.has(self.question.what) || !mandate.categories.covers(item.category) {
            return Err(outside);
        }
        if !mandate.roles.has(self.question.asker.role()) {
            return Err(Reason::RoleOutsideMandate);
        }
        Ok(mandate.until)
    }

    /// A mandate binds this invoice, never "the customer"; only a right of the person reaches every fact, and not
    /// what is kept for another mandate alone.
    fn bound(&self, mandate: &Mandate, item: Item<'_>, until: Timestamp) -> Result<Timestamp, Reason> {
        match &mandate.binds {
            Binds::Every => {
                let from = self.retained_from(item);
                if from <= self.question.at { Err(Reason::NoMandate) } else { Ok(until.min(from)) }
            }
            Binds::Contract(_) => Err(Reason::NoMandate),
            Binds::Anchored => {
                let anchors = item.fact.map(|fact| fact.anchors.as_slice()).unwrap_or_default();
                let anchor = anchors.iter().filter(|a| a.mandate == mandate.id).max_by_key(|a| a.until);
                let until = until.min(anchor.ok_or(Reason::NoMandate)?.until);
                if self.question.at < until { Ok(until) } else { Err(Reason::RetentionOver) }
            }
        }
    }

    /// Until when the fact may be used in full. The clock is the decision, not the sweeper.
    fn whole_until(&self, item: Item<'_>, category: &Category) -> Result<Timestamp, Reason> {
        let Some((fact, full)) = item.fact.zip(category.retention.full()) else { return Ok(Timestamp::MAX) };
        let until = fact.confirmed_at.plus(full);
        if self.question.at < until { Ok(until) } else { Err(Reason::RetentionOver) }
    }
}
