//! `assent-verify`: checks receipts and exported ledgers, offline.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    #[expect(
        clippy::disallowed_methods,
        reason = "a program of its own; it reads the clock here and nowhere else"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let code = assent_verify::run(&args, now, &mut std::io::stdout().lock(), &mut |_, _| {});
    ExitCode::from(u8::try_from(code).unwrap_or(2))
}
