//! Steps 2 and 3: what the person asked for against the grain of everything else: restriction, objection, opt-out.

use super::{Case, Item, given};
use crate::grant::{Objection, ObjectionScope, Restriction, RestrictionGround, Said};
use crate::purpose::{Automation, Basis};
use crate::question::To;
use crate::reason::Reason;
use crate::role::Role;
use crate::time::Timestamp;
use crate::uses::Use;

impl Case<'_> {
    /// Until when no wish stands against it: the start of the next restriction that is known.
    pub(super) fn wishes(&self, item: Item<'_>) -> Result<Timestamp, Reason> {
        let now = self.question.at;
        let held = self.ahead(item).filter(|r| !self.passes(r));
        let next = held.map(|r| r.at).min().unwrap_or(Timestamp::MAX);
        if next <= now {
            return Err(Reason::Restricted);
        }
        self.person.objections.iter().try_for_each(|objection| self.objected(objection))?;
        if self.question.context.gpc {
            self.opted_out(now)?;
        }
        Ok(next)
    }

    /// Since when only the mandate that keeps an item opens it, or will; the end of time if never.
    pub(super) fn retained_from(&self, item: Item<'_>) -> Timestamp {
        let retained = self.ahead(item).filter(|r| r.ground == RestrictionGround::RetainOnly);
        if self.reads_own() { Timestamp::MAX } else { retained.map(|r| r.at).min().unwrap_or(Timestamp::MAX) }
    }

    /// The restrictions of an item that run, or will.
    fn ahead(&self, item: Item<'_>) -> impl Iterator<Item = &Restriction> {
        let (now, fact) = (self.question.at, item.fact.map(|fact| fact.id));
        let running =
            self.person.restrictions.iter().filter(move |r| r.until.is_none_or(|until| now < until));
        running.filter(move |r| r.facts.holds(item.category, fact))
    }

    fn reads_own(&self) -> bool {
        self.question.asker.role() == Role::Person
            && matches!(self.question.what, Use::View | Use::List | Use::Export)
    }

    /// GDPR Art. 18(2): the person's own reading, a newer yes, a claim. What only a mandate keeps opens for
    /// that mandate alone.
    fn passes(&self, restriction: &Restriction) -> bool {
        let own = self.reads_own();
        match restriction.ground {
            RestrictionGround::RetainOnly => own || self.purpose.basis == Basis::LegalObligation,
            RestrictionGround::Asked => own || self.question.context.claim || self.newer_yes(restriction.at),
        }
    }

    fn newer_yes(&self, since: Timestamp) -> bool {
        self.person.answers.values().any(|answer| {
            self.is_about(&answer.purpose) && answer.at > since && matches!(answer.said, Said::Yes(_))
        })
    }

    fn objected(&self, objection: &Objection) -> Result<(), Reason> {
        let hit = match &objection.scope {
            ObjectionScope::DirectMarketing => self.purpose.direct_marketing,
            ObjectionScope::Profiling => {
                self.purpose.automation != Automation::None
                    || matches!(self.question.what, Use::Learn | Use::Combine)
            }
            ObjectionScope::Purpose(purpose) => self.is_about(purpose) && self.may_be_objected(objection),
            ObjectionScope::SaleShare => return self.opted_out(objection.at),
        };
        if hit { Err(Reason::Objected) } else { Ok(()) }
    }

    /// Art. 21(1): an objection to a purpose counts where the company acts on its own judgement, unless it showed
    /// compelling grounds; against a consent it is a withdrawal in other words. A contract and a law stand.
    fn may_be_objected(&self, objection: &Objection) -> bool {
        match self.purpose.basis {
            Basis::Consent | Basis::ConsentExplicit => true,
            Basis::LegitimateInterest | Basis::PublicTask => !given(objection.overridden.as_deref()),
            Basis::Contract | Basis::LegalObligation | Basis::Vital => false,
        }
    }

    /// Opting out of sale and sharing closes every way to another who decides for itself, until the person names
    /// that recipient in a later yes.
    fn opted_out(&self, since: Timestamp) -> Result<(), Reason> {
        let shares = match self.question.what {
            Use::Share | Use::Combine | Use::Contribute | Use::Enrich => true,
            Use::View | Use::List | Use::Export | Use::Message | Use::Cleanse => false,
            Use::Learn | Use::Capture | Use::LookUp => false,
        };
        let own_choice = self.purpose.basis.needs_grant() || self.purpose.basis == Basis::LegitimateInterest;
        if shares && own_choice && self.way.reaches_another() && !self.named_since(since) {
            return Err(Reason::OptedOut);
        }
        Ok(())
    }

    fn named_since(&self, since: Timestamp) -> bool {
        let To::Party(recipient) = self.question.to else { return true };
        self.person.answers.values().any(|answer| match &answer.said {
            Said::Yes(grant) => {
                self.is_about(&answer.purpose) && answer.at > since && grant.terms.recipients.names(recipient)
            }
            Said::No | Said::NoLonger => false,
        })
    }
}
