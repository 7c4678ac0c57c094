//! A QR code as a picture of our own: squares in an SVG path.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::Html;

/// The picture of a text, with its title; nothing when the text is too long for a code.
pub(crate) fn picture(text: &str, title: &str) -> Option<Html> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{x},{y}h1v1h-1z");
        }
    }
    // Four modules of quiet around it, always dark on light: cameras read no other.
    let side = size.saturating_add(8);
    // Whole pixels for each square.
    let wide = side.saturating_mul(4);
    Some(Html::trusted(format!(
        "<svg class=\"qr\" width=\"{wide}\" height=\"{wide}\" viewBox=\"-4 -4 {side} {side}\" role=\"img\" shape-rendering=\"crispEdges\">\
         <title>{}</title><rect x=\"-4\" y=\"-4\" width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>",
        title.replace('&', "&amp;").replace('<', "&lt;")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_picture_with_a_title_and_too_much_is_none() {
        let html = picture("otpauth://totp/x", "A & B").unwrap();
        assert!(html.as_str().starts_with("<svg") && html.as_str().contains("A &amp; B"));
        assert!(html.as_str().contains("M0,0h1"), "the corner of a code is dark");
        assert!(picture(&"x".repeat(5_000), "").is_none());
    }
}
