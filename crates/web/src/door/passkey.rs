//! Passkeys (WebAuthn Level 2): a key that lives in a device and never leaves it. ES256, no attestation, the user verified by the
//! device: possession and a finger or a PIN at once, so no code is asked for beside it.

use assent_kernel::{CompanyId, Span, StaffId};
use assent_store::StoreError;
use assent_store::access::{self, Door};
use assent_store::factors::{self, Factor, Kind};
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::{enter, same_site, you};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{self, Fields, Posted, Staff};

/// How long a challenge holds.
const CHALLENGE: Span = Span::minutes(5);
/// The most passkeys of one member of staff.
const MOST: usize = 20;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/you/passkeys/ask", post(ask_new))
        .route("/you/passkeys", post(add))
        .route("/you/passkeys/remove", post(remove))
        .route("/sign-in/passkey/ask", post(ask))
        .route("/sign-in/passkey", post(sign_in))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > 8_192 { None } else { URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok() }
}

/// What the browser's part needs.
#[derive(Serialize)]
struct Options {
    challenge: String,
    host: String,
    company: String,
    user: String,
    name: String,
    known: Vec<String>,
}

/// A challenge that works once, for somebody or for whoever comes.
async fn challenge(ctx: &Ctx, company: CompanyId, who: [u8; 16]) -> Result<String, Problem> {
    let (token, at) = (ctx.gate.secret()?, ctx.right_now()?);
    let digest = session::digest(&token);
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_link(tx, &digest, company, Door::Passkey, &who, at, at.plus(CHALLENGE))
    };
    ctx.gate.home().write(add).await?;
    Ok(session::written(&token))
}

/// Where we are: the host that passkeys belong to, and the origin they are used at.
fn place(ctx: &Ctx) -> Option<(String, String)> {
    let url = Url::parse(&ctx.settings.base_url).ok()?;
    Some((url.host_str()?.to_owned(), url.origin().ascii_serialization()))
}

fn nowhere() -> Problem {
    Problem::invalid("base_url is not an address, so passkeys cannot belong anywhere.")
        .german("base_url ist keine Adresse, darum können Passkeys nirgends hingehören.")
}

/// Whose passkeys they are: a member of staff's, or a person's.
pub(super) struct Seat {
    pub(super) company: CompanyId,
    pub(super) owner: StaffId,
    pub(super) kind: Kind,
    /// What the device gives back as its user.
    pub(super) handle: Vec<u8>,
}

impl Seat {
    fn of(staff: &Staff) -> Self {
        let handle = staff.id.to_bytes().to_vec();
        Self { company: staff.company.id, owner: staff.id, kind: Kind::Passkey, handle }
    }
}

async fn ask_new(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_have_just_signed_in(ctx.now())?;
    let id = staff.id;
    let row = ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?;
    let name = row.map_or_else(|| staff.name.clone(), |row| row.email);
    offer_new(&ctx, &Seat::of(&staff), (staff.company.name.clone(), name)).await
}

/// What a browser needs to make a passkey for somebody.
pub(super) async fn offer_new(
    ctx: &Ctx,
    seat: &Seat,
    (company, name): (String, String),
) -> Result<Response, Problem> {
    let (host, _) = place(ctx).ok_or_else(nowhere)?;
    let owner = seat.owner;
    let all = ctx.gate.home().read(move |tx| factors::of(tx, owner)).await?;
    let mut known = Vec::new();
    for one in all.iter().filter(|one| one.kind == seat.kind) {
        known.push(URL_SAFE_NO_PAD.encode(open(ctx, seat.company, one).await?.credential));
    }
    let challenge = challenge(ctx, seat.company, owner.to_bytes()).await?;
    let user = URL_SAFE_NO_PAD.encode(&seat.handle);
    Ok(Json(Options { challenge, host, company, user, name, known }).into_response())
}

async fn ask(State(ctx): State<Ctx>, from: session::Client, headers: HeaderMap) -> Result<Response, Problem> {
    same_site(&headers)?;
    session::limit(&ctx, &format!("passkey {}", from.name()), 300, Span::minutes(15)).await?;
    let (host, _) = place(&ctx).ok_or_else(nowhere)?;
    let challenge = challenge(&ctx, CompanyId::from_bytes([0; 16]), [0; 16]).await?;
    let none = String::new;
    Ok(Json(Options { challenge, host, company: none(), user: none(), name: none(), known: Vec::new() })
        .into_response())
}

/// What the browser says it was asked (WebAuthn §5.8.1).
#[derive(Deserialize)]
struct Client {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross: bool,
}

/// The challenge of a browser's words, if they are about this act at this place.
fn client(words: &[u8], act: &str, origin: &str) -> Option<[u8; 32]> {
    let told: Client = serde_json::from_slice(words).ok()?;
    let fits = told.r#type == act && told.origin == origin && !told.cross;
    bytes(&told.challenge).filter(|_| fits)?.try_into().ok()
}

/// What an authenticator says (WebAuthn §6.1).
struct Said<'a> {
    host: &'a [u8; 32],
    flags: u8,
    count: u32,
    rest: &'a [u8],
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

fn said(data: &[u8]) -> Option<Said<'_>> {
    let (host, rest) = data.split_first_chunk::<32>()?;
    let (flags, rest) = rest.split_first()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    Some(Said { host, flags: *flags, count: u32::from_be_bytes(*count), rest })
}

impl Said<'_> {
    /// Somebody was there, the device knew them, and it was about this place.
    fn fits(&self, host: &str) -> bool {
        let both = PRESENT | VERIFIED;
        let here: [u8; 32] = Sha256::digest(host.as_bytes()).into();
        self.flags & both == both && *self.host == here
    }
}

/// A credential: its id and its public key, an uncompressed point.
#[derive(Debug, PartialEq, Eq)]
struct Credential {
    credential: Vec<u8>,
    key: [u8; 65],
}

/// The credential in what an authenticator says of a new key. A COSE key of ES256 has one form (CTAP2 §6: canonical CBOR):
/// {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
fn credential(rest: &[u8]) -> Option<Credential> {
    let (_model, rest) = rest.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential, rest) = rest.split_at_checked(length).filter(|_| (1..=1_023).contains(&length))?;
    let rest = rest.strip_prefix(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20])?;
    let (x, rest) = rest.split_first_chunk::<32>()?;
    let rest = rest.strip_prefix(&[0x22, 0x58, 0x20])?;
    let (y, _extensions) = rest.split_first_chunk::<32>()?;
    let mut key = [4; 65];
    let point = x.iter().chain(y);
    key.iter_mut().skip(1).zip(point).for_each(|(slot, byte)| *slot = *byte);
    Some(Credential { credential: credential.to_vec(), key })
}

impl Credential {
    fn packed(&self) -> Vec<u8> {
        self.key.iter().chain(&self.credential).copied().collect()
    }
    fn unpacked(bytes: &[u8]) -> Option<Self> {
        let (key, credential) = bytes.split_first_chunk::<65>()?;
        Some(Self { credential: credential.to_vec(), key: *key })
    }
}

fn seat(id: &[u8; 16]) -> String {
    format!("passkey/{}", session::written_id(id))
}

async fn open(ctx: &Ctx, company: CompanyId, one: &Factor) -> Result<Credential, Problem> {
    let bytes = ctx.gate.open_secret(company, &seat(&one.id), &one.sealed).await?;
    Credential::unpacked(&bytes).ok_or_else(|| Problem::internal(&"a passkey cannot be read"))
}

fn lookup(credential: &[u8]) -> [u8; 32] {
    Sha256::digest(credential).into()
}

/// Uses a challenge, if it was given to this one.
async fn spend(ctx: &Ctx, challenge: [u8; 32], who: [u8; 16]) -> Result<bool, Problem> {
    let (digest, at) = (session::digest(&challenge), ctx.now());
    let used = ctx.gate.home().write(move |tx| access::use_link(tx, &digest, Door::Passkey, at)).await?;
    Ok(used.is_some_and(|(_, whose)| whose == who))
}

async fn add(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_have_just_signed_in(ctx.now())?;
    keep(&ctx, &Seat::of(&staff), &fields, "A passkey").await?;
    let (owner, session) = (staff.id.to_bytes(), staff.session());
    ctx.gate.home().write(move |tx| access::drop_others(tx, &owner, &session)).await?;
    Ok(Redirect::to("/you?done=passkey").into_response())
}

/// Keeps the passkey that a browser made.
pub(super) async fn keep(ctx: &Ctx, seat: &Seat, fields: &Fields, unnamed: &str) -> Result<(), Problem> {
    let refused = || {
        Problem::invalid("That passkey cannot be used here. Try again, or use another device.").german(
            "Dieser Passkey lässt sich hier nicht nutzen. Versuchen Sie es noch einmal oder mit einem anderen Gerät.",
        )
    };
    let (host, origin) = place(ctx).ok_or_else(nowhere)?;
    let words = bytes(fields.get("client")).ok_or_else(refused)?;
    let data = bytes(fields.get("data")).ok_or_else(refused)?;
    let challenge = client(&words, "webauthn.create", &origin).ok_or_else(refused)?;
    let said =
        said(&data).filter(|said| said.fits(&host) && said.flags & WITH_KEY != 0).ok_or_else(refused)?;
    let new = credential(said.rest).ok_or_else(refused)?;
    if !spend(ctx, challenge, seat.owner.to_bytes()).await? {
        return Err(refused());
    }
    let id = you::id(ctx)?;
    let sealed = ctx.gate.seal_secret(seat.company, &self::seat(&id), &new.packed()).await?;
    let label: String = fields.get("label").chars().filter(|c| !c.is_control()).take(60).collect();
    let one = Factor {
        id,
        staff: seat.owner,
        kind: seat.kind,
        label: if label.is_empty() { unnamed.to_owned() } else { label },
        sealed,
        counter: i64::from(said.count),
        made_at: ctx.now(),
        used_at: None,
        confirmed: true,
    };
    let (digest, owner, kind) = (lookup(&new.credential), seat.owner, seat.kind);
    let write = move |tx: &mut assent_store::Tx<'_>| {
        let many = factors::of(tx, owner)?.iter().filter(|one| one.kind == kind).count() >= MOST;
        if many { Err(StoreError::Moved) } else { factors::add(tx, &one, Some(&digest)) }
    };
    ctx.gate.home().write(write).await?;
    Ok(())
}

async fn remove(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    let id = session::read_id(fields.get("id"));
    let id = id.ok_or_else(|| Problem::not_found("There is no such passkey."))?;
    staff.must_have_just_signed_in(ctx.now())?;
    let (owner, session) = (staff.id, staff.session());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        factors::remove(tx, owner, &id)?;
        access::drop_others(tx, &owner.to_bytes(), &session)
    };
    ctx.gate.home().write(write).await?;
    Ok(Redirect::to("/you?done=passkey-removed").into_response())
}

async fn sign_in(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    match checked(&ctx, &Fields::parse(&body)).await? {
        Some(staff) => enter(&ctx, &headers, &staff).await,
        None => Err(Problem::forbidden("That passkey does not open this door. Sign in with your password.")),
    }
}

/// Whoever holds the passkey, if everything fits.
async fn checked(ctx: &Ctx, fields: &Fields) -> Result<Option<access::Staff>, Problem> {
    let Some(shown) = shown(ctx, fields).await? else { return Ok(None) };
    let owner = shown.factor.staff;
    let Some(staff) = ctx.gate.home().read(move |tx| access::staff_by_id(tx, owner)).await? else {
        return Ok(None);
    };
    let ours = shown.factor.kind == Kind::Passkey && !staff.disabled;
    if !ours || StaffId::to_bytes(staff.id).as_slice() != shown.user {
        return Ok(None);
    }
    Ok(proves(ctx, &shown, staff.company).await?.then_some(staff))
}

/// A passkey as a browser shows it, found by its credential; not believed yet.
pub(super) struct Shown {
    pub(super) factor: Factor,
    pub(super) user: Vec<u8>,
    id: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    count: u32,
}

/// Reads what a browser shows, spends its challenge, and finds the passkey.
pub(super) async fn shown(ctx: &Ctx, fields: &Fields) -> Result<Option<Shown>, Problem> {
    let (host, origin) = place(ctx).ok_or_else(nowhere)?;
    let part = |name: &str| bytes(fields.get(name));
    let (Some(id), Some(words), Some(data), Some(signature), Some(user)) =
        (part("id"), part("client"), part("data"), part("signature"), part("user"))
    else {
        return Ok(None);
    };
    let Some(challenge) = client(&words, "webauthn.get", &origin) else { return Ok(None) };
    let Some(count) = said(&data).filter(|said| said.fits(&host)).map(|said| said.count) else {
        return Ok(None);
    };
    if !spend(ctx, challenge, [0; 16]).await? {
        return Ok(None);
    }
    let digest = lookup(&id);
    let found = ctx.gate.home().read(move |tx| factors::by_lookup(tx, &digest)).await?;
    let signed = [data.as_slice(), Sha256::digest(&words).as_slice()].concat();
    Ok(found.map(|factor| Shown { factor, user, id, signed, signature, count }))
}

/// Whether the signature is the passkey's own, and the device has counted on.
pub(super) async fn proves(ctx: &Ctx, shown: &Shown, company: CompanyId) -> Result<bool, Problem> {
    let kept = open(ctx, company, &shown.factor).await?;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, kept.key);
    if kept.credential != shown.id || key.verify(&shown.signed, &shown.signature).is_err() {
        return Ok(false);
    }
    // A device that counts must count on: a copy of it would be behind.
    let (id, count, at) = (shown.factor.id, i64::from(shown.count), ctx.now());
    let used = ctx.gate.home().write(move |tx| {
        if count == 0 { factors::touch(tx, &id, at) } else { factors::use_one(tx, &id, count, at) }
    });
    Ok(used.await?)
}

#[cfg(test)]
mod tests;
