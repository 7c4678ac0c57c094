//! Checking one receipt, and the files that may come with it.

use assent_kernel::ledger::note::{Note, Vkey};
use assent_kernel::ledger::{Detail, Freshness, LedgerError, Opening, Policy, Receipt, Verified};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::verdict::Failure;

/// A detail handed over beside a receipt: JSON `{"r": "<base64>", "detail": {…}}`. `r` is needed only when the
/// receipt does not open its entry itself.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailFile {
    /// The opening secret, 32 bytes in base64.
    #[serde(default)]
    pub r: Option<String>,
    /// The detail as the holder knows it.
    pub detail: Detail,
}

/// What to check beyond the receipt itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceiptChecks<'a> {
    /// A detail (JSON text of [`DetailFile`]) that must be the one committed to.
    pub detail: Option<&'a str>,
    /// How old the head may be.
    pub fresh: Option<Freshness>,
}

/// Reads a policy file: C2SP tlog-policy, or one bare verifier key of a log.
pub fn read_policy(text: &str) -> Result<Policy, LedgerError> {
    match text.strip_suffix('\n').unwrap_or(text) {
        line if !line.contains([' ', '\t', '\n']) && line.contains('+') => {
            Vkey::parse(line).map(Policy::for_log)
        }
        _ => Policy::parse(text),
    }
}

/// Checks a receipt (`.tlog-proof` text): form, log signature, quorum, freshness, inclusion, opening.
pub fn check_receipt(text: &str, policy: &Policy, checks: ReceiptChecks<'_>) -> Result<Verified, Failure> {
    let receipt = Receipt::decode(text)?;
    let mut verified = receipt.verify(policy, checks.fresh)?;
    if let Some(json) = checks.detail {
        let file: DetailFile =
            serde_json::from_str(json).map_err(|e| Failure::malformed(format!("detail file: {e}")))?;
        verified.detail = Some(match &verified.detail {
            Some(known) if *known == file.detail => file.detail,
            Some(_) => return Err(LedgerError::Opening.into()),
            None => open_with(&verified, &file)?,
        });
    }
    Ok(verified)
}

fn open_with(verified: &Verified, file: &DetailFile) -> Result<Detail, Failure> {
    let r = file.r.as_deref().and_then(|r| STANDARD.decode(r).ok()).and_then(|r| r.try_into().ok());
    let r = r.ok_or_else(|| Failure::malformed("detail file: needs r, 32 bytes in base64"))?;
    Ok(Opening { r }.open(&verified.entry, &file.detail.encode()?)?)
}

/// Reads a signed head of which only the log's signature is asked.
pub(crate) fn read_old_head(
    text: &str,
    policy: &Policy,
) -> Result<assent_kernel::ledger::Checkpoint, Failure> {
    let note = Note::parse(text).map_err(|e| Failure::at("older checkpoint", e))?;
    policy.signed(&note).map_err(|e| Failure::at("older checkpoint", e))
}
