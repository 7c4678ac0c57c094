//! Devices send: each signal is asked for first, and what the owner did not allow is dropped before it is stored.

use std::sync::Arc;

use assent_gate::{Answer, Keeping};
use assent_kernel::uses::kind::Capture;
use assent_kernel::{Asker, CategoryKey, Matter, Timestamp};
use assent_web::text;

use super::cast::Member;
use super::dice::Dice;
use super::history::History;
use super::uses::Asking;

impl History<'_> {
    /// Devices send; what their owner did not allow is dropped before it is stored.
    pub(super) async fn readings(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let brushes: &[&str] =
            &["device.toothbrush.brushing-time", "device.toothbrush.coverage", "device.toothbrush.pressure"];
        let fridges: &[&str] =
            &["device.fridge.temperature", "device.fridge.error-code", "device.fridge.door"];
        for (device, purpose, kinds) in
            [("toothbrush", "device.capture", brushes), ("fridge", "service.remote-diagnosis", fridges)]
        {
            let owners: Vec<Member> =
                self.members.iter().filter(|one| one.device == device).cloned().collect();
            let asking = Asking {
                name: "devices send",
                asker: Asker::System,
                purpose,
                to: self.halden.code,
                categories: kinds,
                region: None,
            };
            let answers = self.ask(Capture, asking, &owners, at).await?;
            self.store_readings(&owners, answers, at).await?;
        }
        Ok(())
    }

    async fn store_readings(
        &self,
        owners: &[Member],
        answers: Vec<Answer<Capture>>,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let mut tasks = tokio::task::JoinSet::new();
        for (dossier, answer) in self.look(owners).await?.into_iter().zip(answers) {
            let mut dice = Dice::of(self.world.seed, &format!("reading/{}", dossier.id()));
            let open = answer.ruling().verdicts.iter().filter(|(_, verdict)| verdict.open().is_some());
            let kinds = open.filter_map(|(matter, _)| match matter {
                Matter::Kind(category) => Some(category.clone()),
                Matter::Held(_) => None,
            });
            let keepings: Vec<Keeping> = kinds
                .map(|category| reading(category, &self.world.text.fridge_error, &mut dice, at))
                .collect();
            if !keepings.is_empty() {
                let (gate, dossier) = (self.gate.clone(), Arc::new(dossier));
                tasks.spawn(async move { gate.keep(&dossier, keepings, Asker::System, at).await });
            }
        }
        while let Some(kept) = tasks.join_next().await {
            kept??;
        }
        Ok(())
    }
}

fn reading(category: CategoryKey, errors: &[String], dice: &mut Dice, at: Timestamp) -> Keeping {
    let kind = category.to_string();
    let value = match kind.rsplit('.').next().unwrap_or_default() {
        "brushing-time" => format!("{} min {} s", dice.between(1, 2), dice.between(0, 59)),
        "coverage" => format!("{} of 16 areas", dice.between(11, 16)),
        "pressure" => {
            format!("{} g on average, too hard {} times", dice.between(140, 310), dice.between(0, 6))
        }
        "temperature" => format!("{}.{} °C", dice.between(3, 8), dice.between(0, 9)),
        _ => dice.text(errors).to_owned(),
    };
    Keeping {
        category,
        value: format!("{}: {value}", text::date_time(at.micros())),
        source: "the device".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    }
}
