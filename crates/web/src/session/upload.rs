//! A form with a file: the token first, then fields, then the file, read up to a bound. Nothing of it touches a disk.

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};

use super::Here;
use super::form::Fields;
use crate::csrf;
use crate::ctx::Ctx;
use crate::problem::Problem;

/// The longest field beside the file, in bytes.
const LONGEST_FIELD: usize = 8 * 1024;
/// The most fields beside the file.
const MOST_FIELDS: usize = 20;

/// A file as it came.
#[derive(Clone)]
pub struct Upload {
    /// What its sender called it.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({} bytes)", self.content.len())
    }
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoUpload {
    /// None was chosen.
    Missing,
    /// It is empty.
    Empty,
    /// It is larger than the settings allow.
    TooLarge,
}

/// A form with a file, of somebody who is here, checked to come from our own page.
#[derive(Debug)]
pub struct Attached<W>(pub W, pub Fields, pub Result<Upload, NoUpload>);

impl<W: Here + Sync> FromRequest<Ctx> for Attached<W> {
    type Rejection = Response;
    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = W::from_request_parts(&mut parts, ctx).await?;
        let form = Multipart::from_request(Request::from_parts(parts, body), ctx).await;
        let form = form.map_err(|_| Problem::bad_request("Send the form with its file.").into_response())?;
        let most = ctx.settings.limits.file_bytes;
        let (fields, file) = read(&who, form, most).await.map_err(IntoResponse::into_response)?;
        Ok(Self(who, fields, file))
    }
}

fn broken(_: MultipartError) -> Problem {
    Problem::bad_request("The upload broke off. Go back and try again.")
}

fn foreign() -> Problem {
    Problem::forbidden(
        "This form is no longer valid: it did not come from a page of your session. Go back and try again.",
    )
}

/// The token comes before everything else: nothing is read of a form that is not ours.
async fn read<W: Here + Sync>(
    who: &W,
    mut form: Multipart,
    most: usize,
) -> Result<(Fields, Result<Upload, NoUpload>), Problem> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut checked = false;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == csrf::FIELD && !checked {
            checked = who.checks(field.text().await.map_err(broken)?.trim());
            if checked {
                continue;
            }
            return Err(foreign());
        }
        if !checked {
            return Err(foreign());
        }
        if name == "file" {
            let called = field.file_name().unwrap_or_default().to_owned();
            let mut content = Vec::new();
            while let Some(piece) = field.chunk().await.map_err(broken)? {
                if content.len().saturating_add(piece.len()) > most {
                    return Ok((Fields::of(fields), Err(NoUpload::TooLarge)));
                }
                content.extend_from_slice(&piece);
            }
            let file = match (called.is_empty(), content.is_empty()) {
                (true, _) => Err(NoUpload::Missing),
                (false, true) => Err(NoUpload::Empty),
                (false, false) => Ok(Upload { name: called, content }),
            };
            return Ok((Fields::of(fields), file));
        }
        let mut text = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if fields.len() >= MOST_FIELDS || text.len().saturating_add(piece.len()) > LONGEST_FIELD {
                return Err(Problem::bad_request("A field of the form is too long."));
            }
            text.extend_from_slice(&piece);
        }
        fields.push((name, String::from_utf8_lossy(&text).into_owned()));
    }
    Ok((Fields::of(fields), Err(NoUpload::Missing)))
}
