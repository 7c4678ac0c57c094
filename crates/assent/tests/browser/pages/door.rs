//! The doors of staff, from outside and from inside.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use ring::hmac;

use crate::desk::{MARKETING, SUPPORT};
use crate::looks::Eye;
use crate::settings::{self, ADMIN};
use crate::window::Window;

/// Where nobody is signed in.
pub(crate) async fn outside(w: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    eye.pages(w, &["/sign-in", "/my", "/my/halden", "/check-receipt", "/ledger"]).await?;
    eye.refusal(w, "/my/link/nothing").await?;
    eye.refusal(w, "/nothing-here").await?;
    w.go("/sign-in").await?;
    w.fill("[name=email]", SUPPORT).await?;
    w.fill("[name=password]", "not-the-password").await?;
    w.click("main form button").await?;
    w.says("[role=alert]", "do not belong together").await?;
    eye.here(w, "a wrong password").await?;
    eye.good()
}

/// Codes of an app, from turning them on to coming in by one; another role; an invitation.
pub(crate) async fn inside(w: &Window, newcomer: &Window, eye: &mut Eye) -> anyhow::Result<()> {
    w.sign_in(MARKETING).await?;
    eye.page(w, "/you").await?;
    w.click("form[action='/you/codes'] button").await?;
    w.says("main", "authenticator").await?;
    eye.here(w, "codes are turned on").await?;
    let secret = w.text("code.secret").await?;
    confirm(w, &secret).await?;
    eye.here(w, "recovery codes").await?;
    w.go("/you").await?;
    eye.here(w, "codes are on").await?;
    w.sign_out().await?;
    w.knock(MARKETING).await?;
    w.arrives("/sign-in/code").await?;
    eye.here(w, "a code is asked for").await?;
    w.sign_in(ADMIN).await?;
    eye.pages(w, &["/settings/staff", "/work/role?as=admin"]).await?;
    let link = settings::invited(w, "Ole Berg", "ole.berg@example.org").await?;
    eye.here(w, "an invitation is shown").await?;
    eye.page(newcomer, &link).await?;
    eye.good()
}

/// Types the code that an app would show now.
pub(crate) async fn confirm(w: &Window, secret: &str) -> anyhow::Result<()> {
    w.fill("[name=code]", &code(secret, Duration::ZERO)?).await?;
    w.click("form[action='/you/codes/confirm'] button").await?;
    w.says("main", "They are shown this once").await
}

/// Six digits of a seed in base 32, so long from now (RFC 6238), as an app counts them.
#[expect(clippy::disallowed_methods, reason = "the app on somebody's phone reads its own clock")]
pub(crate) fn code(secret: &str, ahead: Duration) -> anyhow::Result<String> {
    let (mut held, mut bits, mut seed) = (0_u32, 0_u32, Vec::new());
    for c in secret.to_ascii_lowercase().bytes().filter(u8::is_ascii_alphanumeric) {
        let five = if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'a' };
        held = (held << 5 | u32::from(five)) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            seed.push(u8::try_from((held >> bits) & 0xff)?);
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let step = (now + ahead).as_secs() / 30;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed), &step.to_be_bytes());
    let bytes = tag.as_ref();
    let from = usize::from(bytes.last().context("a tag has bytes")? & 0x0f);
    let four: [u8; 4] = bytes.get(from..from + 4).context("four bytes")?.try_into()?;
    Ok(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}
