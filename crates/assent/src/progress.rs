//! A bar with a number on anything long; silent for programs.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often somebody looks how far something is that does not say so itself.
const LOOK: Duration = Duration::from_millis(100);

/// A bar on the terminal, or nothing when the output is for a program.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar with a label.
    pub(crate) fn new(label: &str, json: bool) -> Self {
        if json {
            return Self(None);
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:<28} {wide_bar} {human_pos}/{human_len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(label.to_owned());
        Self(Some(bar))
    }
    /// So many of so many.
    pub(crate) fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total.max(done));
            bar.set_position(done);
        }
    }
    /// Another label.
    pub(crate) fn label(&self, text: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(text.to_owned());
        }
    }
    /// Looks again and again how far something is, until it ends.
    pub(crate) async fn following<T>(
        &self,
        work: impl Future<Output = T>,
        look: impl Fn() -> (u64, u64),
    ) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(LOOK) => {
                    let (done, total) = look();
                    self.at(done, total);
                }
            }
        }
    }
    /// It is over.
    pub(crate) fn done(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
