//! A file as it goes over the line: its name, and its bytes in base64.

use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Reply, Shape};
use assent_web::media::Media;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// The largest call: a file in base64, and what stands beside it.
pub const MOST: usize = assent_gate::LARGEST_FILE / 3 * 4 + (1 << 16);

/// What is sent.
pub fn shape() -> Shape {
    Shape::Record(vec![
        must("name", Shape::text(200), "What it is called."),
        must("content", Shape::text(MOST), "The bytes, in base64."),
    ])
}

/// An example of it.
pub fn example() -> Value {
    json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" })
}

/// What comes back.
pub fn taken_shape() -> Shape {
    Shape::Record(vec![
        must("name", Shape::text(400), "What it is called, with an ending that says what it is."),
        must("type", Shape::text(200), "What it is, told by its bytes."),
        must("content", Shape::text(MOST), "The bytes, in base64."),
    ])
}

/// An example of it.
pub fn taken_example() -> Value {
    json!({ "name": "offer.txt", "type": "text/plain; charset=utf-8", "content": "VHdvIHllYXJzLg==" })
}

/// A file that was sent.
pub struct Sent {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media: Media,
    /// Its bytes.
    pub content: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    content: String,
}

/// Reads a file that was sent, within its bounds.
pub fn read(call: &Call) -> Result<Sent, Problem> {
    let Raw { name, content } = call.read()?;
    checked(call, name, &content)
}

/// Checks a name and a content in base64.
pub fn checked(call: &Call, name: String, content: &str) -> Result<Sent, Problem> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(Problem::invalid("/name: from 1 to 200 characters."));
    }
    let content = STANDARD.decode(content).map_err(|_| Problem::invalid("/content: this is no base64."))?;
    let most = call.ctx.settings.limits.file_bytes;
    if content.is_empty() || content.len() > most {
        return Err(Problem::invalid(format!("/content: from 1 to {most} bytes.")));
    }
    let media = Media::of(&content).map_err(|why| Problem::invalid(format!("/content: {why}")))?;
    Ok(Sent { name, media, content })
}

/// Tells a file.
pub fn taken(name: &str, media: Media, content: &[u8]) -> Result<Reply, Problem> {
    Reply::of(
        &json!({ "name": media.named(name), "type": media.mime(), "content": STANDARD.encode(content) }),
    )
}
