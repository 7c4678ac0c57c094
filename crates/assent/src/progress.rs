//! A bar with a number on anything long; silent for programs.

use indicatif::{ProgressBar, ProgressStyle};

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
    /// It is over.
    pub(crate) fn done(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
