//! Taking the last edit back. What stood there before travels in the address to the next page, sealed under the
//! company's key for the one who edited, so that nobody reads it there and nobody can offer somebody else an undo. A
//! value of a person never travels so: their key alone may hold it.

use std::fmt::Write as _;

use assent_web::parts::Act;
use assent_web::shell::Flash;
use assent_web::{Ctx, Fields, Here as _, Problem, Shell, Staff, say};
use axum::response::Response;

use crate::frame;

/// The longest that is offered, in bytes before it is sealed: an address has an end.
const LONGEST: usize = 700;
/// What a form that takes something back may hold.
const NAMES: [&str; 16] = [
    "ver",
    "title",
    "amount",
    "currency",
    "close",
    "owner",
    "organisation",
    "stage",
    "lost",
    "done",
    "text",
    "due",
    "remind",
    "who",
    "name",
    "website",
];
const MORE_NAMES: [&str; 2] = ["city", "trade"];

/// A form that puts back what was there.
#[derive(Debug, Clone, Default)]
pub struct Undo {
    action: String,
    fields: Vec<(&'static str, String)>,
}

impl Undo {
    /// Posts these fields there.
    pub fn new(action: impl Into<String>, fields: Vec<(&'static str, String)>) -> Self {
        Self { action: action.into(), fields }
    }

    fn written(&self) -> String {
        let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish();
        format!("{}?{fields}", self.action)
    }

    fn read(text: &str) -> Option<Self> {
        let (action, fields) = text.split_once('?')?;
        let known = |name: &str| NAMES.iter().chain(&MORE_NAMES).find(|one| **one == name).copied();
        let fields = form_urlencoded::parse(fields.as_bytes())
            .filter_map(|(name, value)| Some((known(&name)?, value.into_owned())));
        Some(Self { action: frame::own(action)?.to_owned(), fields: fields.collect() })
    }
}

/// To a page, with the word of what was done and a way to take it back.
pub async fn to(
    ctx: &Ctx,
    staff: &Staff,
    path: &str,
    word: &str,
    undo: Option<Undo>,
) -> Result<Response, Problem> {
    let text = undo.map(|undo| undo.written()).filter(|text| text.len() <= LONGEST);
    let Some(text) = text else { return Ok(frame::to(path, word)) };
    let sealed = ctx.gate.own(staff.company.id).await?.seal(staff.id.to_bytes(), &text)?;
    let hex = sealed.iter().fold(String::with_capacity(sealed.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok(frame::to(path, &format!("{word}&undo={hex}")))
}

/// What the last act did, with a way to take it back when there is one.
pub async fn flash(
    ctx: &Ctx,
    staff: &Staff,
    shell: &Shell,
    fields: &Fields,
) -> Result<Option<Flash>, Problem> {
    let Some(flash) = frame::flash(fields.get("said")) else { return Ok(None) };
    let Some(sealed) = bytes(fields.get("undo")) else { return Ok(Some(flash)) };
    let own = ctx.gate.own(staff.company.id).await?;
    let undo = own.open(staff.id.to_bytes(), &sealed).ok().and_then(|text| Undo::read(&text));
    let act = undo.map(|undo| {
        let back = shell.purpose.as_ref().map(|pill| ("back", pill.return_to.clone()));
        Act {
            label: say("Undo").into(),
            action: undo.action,
            csrf: staff.csrf(),
            fields: undo.fields.into_iter().chain(back).collect(),
            ..Act::default()
        }
    });
    Ok(Some(Flash { undo: act, ..flash }))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || hex.len() > 4 * LONGEST || !hex.is_ascii() {
        return None;
    }
    let pair = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok();
    hex.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undo_is_read_as_it_was_written_and_leads_to_our_own_pages_only() {
        let undo =
            Undo::new("/deals/del_x/value/amount", vec![("amount", "1 200,50".into()), ("ver", "4".into())]);
        let read = Undo::read(&undo.written()).unwrap();
        assert_eq!((read.action, read.fields), (undo.action, undo.fields));
        assert!(Undo::read("https://evil.example/?amount=1").is_none());
        assert!(Undo::read("/deals/x?csrf=1&back=y").is_some_and(|undo| undo.fields.is_empty()));
        assert_eq!(bytes("00ff"), Some(vec![0, 255]));
        assert_eq!((bytes("0x"), bytes("é"), bytes("")), (None, None, None));
    }
}
