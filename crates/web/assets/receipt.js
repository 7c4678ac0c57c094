// Checks a receipt here, in the reader's own browser, with nothing but WebCrypto: the form, the log's signature, the
// place in the tree, and that what it opens is what was written down; then shows what it opened. Nothing is sent
// anywhere. What is accepted is what the program `assent verify` accepts (tests/interop/receipts.json), but that
// witnesses are left to it.
const HEADER = "c2sp.org/tlog-proof@v1";
const LONGEST = { proof: 128 * 1024, note: 64 * 1024, signed: 4 * 1024, policy: 256 * 1024, entry: 512, detail: 8 * 1024, text: 800, words: 200, items: 256, hashes: 64, signatures: 16 };
const NO_USE = 255, BATCH = 16, DENY = 0;
const encoder = new TextEncoder();
const size = (text) => encoder.encode(text).length;
const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const bad = (what) => { throw new Error(what); };
const must = (holds, what) => holds || bad(what);

function unbase64(text) {
  let raw = "";
  try { raw = atob(text); } catch { bad("base64"); }
  must(btoa(raw) === text, "base64");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}
const hash = (text) => { const bytes = unbase64(text); return bytes.length === 32 ? bytes : bad("hash"); };
const decimal = (text) => {
  const value = /^(0|[1-9]\d{0,19})$/.test(text) ? BigInt(text) : bad("number");
  return value < 2n ** 64n ? value : bad("number");
};
const same = (a, b) => a instanceof Uint8Array && b instanceof Uint8Array ? a.length === b.length && a.every((byte, at) => byte === b[at]) : a === b;
function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

// The little CBOR the ledger speaks (RFC 8949 §4.2.1): shortest heads, no tags, no floats, maps with keys 1, 2, 3, …
// Numbers come as BigInt, maps as Map.
function cbor(bytes) {
  let at = 0;
  const take = (n) => { const part = bytes.subarray(at, at + n); must(part.length === n, "cut off"); at += n; return part; };
  function head() {
    const [first] = take(1);
    const low = first & 31;
    if (low < 24) return [first >> 5, BigInt(low)];
    must(low <= 27, "head");
    let value = 0n;
    for (const byte of take(1 << (low - 24))) value = value * 256n + BigInt(byte);
    must(value >= [24n, 256n, 65536n, 4294967296n][low - 24], "not the shortest");
    return [first >> 5, value];
  }
  function value(depth) {
    must(depth <= 4, "too deep");
    const [major, length] = head();
    if (major === 0) return length;
    if (major === 1) return -1n - length;
    const count = length <= 2 ** 31 ? Number(length) : bad("length");
    if (major === 2) return take(count).slice();
    if (major === 3) return utf8(take(count));
    if (major === 4 && count <= LONGEST.items) return Array.from({ length: count }, () => value(depth + 1));
    must(major === 5 && count <= 32, "kind");
    const map = new Map();
    for (let key = 1; key <= count; key++) {
      must(value(depth + 1) === BigInt(key), "key");
      map.set(key, value(depth + 1));
    }
    return map;
  }
  const whole = value(0);
  return at === bytes.length ? whole : bad("something after the end");
}

// What a field may hold; each gives back what it was given.
const uint = (most) => (value) => typeof value === "bigint" && value >= 0n && value <= most ? value : bad("number");
const bytes = (length) => (value) => value instanceof Uint8Array && value.length === length ? value : bad("bytes");
const within = (most) => (value) => value instanceof Uint8Array && value.length <= most ? value : bad("bytes");
const code = (most) => (value) => typeof value === "string" && value.length <= most && /^[a-z0-9._-]+$/.test(value) ? value : bad("code");
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const words = (value) => typeof value === "string" && size(value) <= LONGEST.text && !HIDDEN.test(value) ? value : bad("words");
const list = (value) => Array.isArray(value) ? value.map(words) : bad("list");
const tuple = (...of) => (value) => Array.isArray(value) && value.length === of.length ? value.map((one, at) => of[at](one)) : bad("list");
const U64 = 2n ** 64n - 1n, U32 = 2n ** 32n - 1n;
const time = (value) => typeof value === "bigint" && value >= -(2n ** 63n) && value < 2n ** 63n ? value : bad("time");
const receiver = (value) => value === 0n ? value : typeof value === "string" ? code(40)(value) : bytes(16)(value);
const note = (value) => [...words(value)].length <= LONGEST.words ? value : bad("note");

const ENTRY = [uint(1n), uint(16n), uint(U32), uint(2n), code(64), code(24), bytes(16), bytes(16), receiver, bytes(32), bytes(16), tuple(bytes(16), bytes(16))];
const SET = tuple(uint(U64), uint(U64), bytes(32), bytes(32));
const DETAIL = [uint(U64), time, uint(255n), words, list, list, words, list, words, words, words, words, words, note, words, list];

function fields(map, of) {
  must(map instanceof Map && map.size === of.length, "fields");
  of.forEach((check, at) => check(map.get(at + 1)));
  return map;
}

// An entry about many people says of them how many, for how many something was permitted, and their root; no other does.
function entryOf(raw) {
  const map = cbor(within(LONGEST.entry)(raw));
  const many = map instanceof Map && map.get(2) === BigInt(BATCH);
  fields(map, many ? [...ENTRY, SET] : ENTRY);
  must(map.get(1) === 1n && map.get(2) > 0n, "entry");
  if (many) {
    const [people, permitted] = map.get(13);
    must(people > 0n && permitted <= people && (map.get(4) === BigInt(DENY)) === (permitted === 0n), "set");
  }
  return map;
}

const NAME = /^[^\s\p{Cc}+]+$/u;
function signature(line) {
  must(line.startsWith("— "), "signature line");
  const cut = line.indexOf(" ", 2), name = line.slice(2, cut), blob = unbase64(line.slice(cut + 1));
  must(cut > 2 && NAME.test(name) && blob.length > 4, "signature line");
  return { name, id: blob.slice(0, 4), bytes: blob.slice(4) };
}

function parse(text) {
  must(size(text) <= LONGEST.proof, "too long");
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n"), whole = text.slice(cut + 2);
  must(cut >= 0 && lines.length <= 3 + LONGEST.hashes && lines[0] === HEADER && lines[1]?.startsWith("extra ") && lines[2]?.startsWith("index "), "not a receipt");
  must(size(whole) <= LONGEST.note && !/[\u0000-\u0009\u000b-\u001f]/.test(whole), "head");
  const end = whole.lastIndexOf("\n\n");
  const signed = whole.slice(0, end + 1), rest = whole.slice(end + 2);
  must(end >= 0 && size(signed) <= LONGEST.signed && rest.endsWith("\n"), "head");
  const below = rest.slice(0, -1).split("\n");
  must(below.length <= LONGEST.signatures, "signatures");
  const [origin, count, root, last, more] = signed.split("\n");
  must(origin && !/\p{Cc}/u.test(origin) && last === "" && more === undefined, "head");
  return {
    index: decimal(lines[2].slice(6)), hashes: lines.slice(3).map(hash), signed, signatures: below.map(signature),
    origin, size: decimal(count), root: hash(root), ...said(cbor(unbase64(lines[1].slice(6)))),
  };
}

// [1, entry] or, of a line among many people's, [2, entry in the log, place, [hashes], line]; with what opens it, two more.
function said(extra) {
  const form = Array.isArray(extra) ? extra[0] : 0n;
  const among = form === 2n && [5, 7].includes(extra.length);
  must(among || form === 1n && [2, 4].includes(extra.length), "extra");
  const [, logged, place, path, line] = extra;
  const raw = among ? line : logged, [secret, detail] = extra.slice(among ? 5 : 2);
  const opens = secret === undefined ? {} : { secret: bytes(32)(secret), detail: within(LONGEST.detail)(detail) };
  const out = { logged, raw, entry: entryOf(raw), ...opens };
  if (!among) return out;
  must(Array.isArray(path) && path.length <= LONGEST.hashes, "path");
  const batch = entryOf(logged);
  must(batch.size === 13 && out.entry.size === 12, "many");
  return { ...out, among: { batch, place: uint(U64)(place), path: path.map(bytes(32)) } };
}

const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
async function hmac(secret, label, message) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, join(encoder.encode(label), message)));
}

// RFC 9162 §2.1.3.2.
async function included({ index, size, hashes, root, leaf }) {
  if (index >= size) return false;
  let [at, last, node] = [index, size - 1n, await sha(Uint8Array.of(0), leaf)];
  for (const other of hashes) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      node = await sha(Uint8Array.of(1), other, node);
      while (!(at & 1n) && at !== 0n) { at >>= 1n; last >>= 1n; }
    } else node = await sha(Uint8Array.of(1), node, other);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(node, root);
}

// name+hex(id)+base64(type || key); other kinds of key than Ed25519 are known and sign nothing here.
async function keyOf(word) {
  const [name, id, ...rest] = word.split("+");
  const typed = unbase64(rest.join("+"));
  must(size(word) <= LONGEST.signed && NAME.test(name) && typed.length > 0 && (![1, 4].includes(typed[0]) || typed.length === 33), "key");
  const made = (await sha(encoder.encode(`${name}\n`), typed)).slice(0, 4);
  const written = Array.from(made, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return written === id ? { name, id: made, kind: typed[0], key: typed.slice(1) } : bad("key");
}

// A policy file (C2SP tlog-policy) or one bare key: the logs it knows, and whether it asks for witnesses.
async function policyOf(text) {
  must(size(text) <= LONGEST.policy && !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text), "policy");
  const lines = text.split("\n").map((line) => line.split(/[ \t]+/).filter(Boolean)).filter(([first]) => first && !first.startsWith("#"));
  if (lines.length === 1 && lines[0].length === 1) return { logs: [await keyOf(lines[0][0])], witnesses: false };
  const logs = [], quorums = [];
  for (const [what, ...rest] of lines) {
    must(["log", "witness", "group", "quorum"].includes(what), "policy line");
    if (what === "log") logs.push(rest.length === 1 || rest.length === 2 ? await keyOf(rest[0]) : bad("policy line"));
    if (what === "quorum") quorums.push(rest.length === 1 ? rest[0] : bad("policy line"));
  }
  must(logs.length > 0 && quorums.length === 1 && logs.every((log) => log.kind !== 4), "policy");
  return { logs, witnesses: quorums[0] !== "none" };
}

// True, false, or null when this browser knows no Ed25519.
async function signedBy(receipt, { logs }) {
  let signed = false;
  for (const { name, id, kind, key } of logs.filter((log) => log.kind === 1 && log.name === receipt.origin)) {
    const lines = receipt.signatures.filter((line) => kind === 1 && line.name === name && same(line.id, id));
    let verifier;
    try { verifier = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]); }
    catch (error) { if (error.name === "NotSupportedError" || error.name === "SyntaxError") return null; throw error; }
    for (const line of lines) {
      if (!await crypto.subtle.verify({ name: "Ed25519" }, verifier, line.bytes, encoder.encode(receipt.signed))) return false;
      signed = true;
    }
  }
  return signed;
}

function padded(detail) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, detail.length);
  return join(length, detail, new Uint8Array((256 - ((4 + detail.length) % 256)) % 256));
}

async function opened({ secret, detail, entry }) {
  if (!secret || !same(await hmac(secret, "assent/detail/v1\0", padded(detail)), entry.get(10))) return null;
  const told = fields(cbor(detail), DETAIL);
  const actor = (await hmac(secret, "assent/actor/v1\0", encoder.encode(told.get(9)))).slice(0, 16);
  return same(actor, entry.get(8)) ? told : null;
}

// What only the person can read and what everybody can read, against each other.
async function agree(told, entry) {
  const minute = (told.get(2) - ((told.get(2) % 60_000_000n) + 60_000_000n) % 60_000_000n) / 60_000_000n;
  const about = told.get(4) === entry.get(5) && told.get(15) === entry.get(6) && minute === entry.get(3);
  const free = told.get(3) === BigInt(NO_USE) || entry.get(2) === BigInt(BATCH);
  const outcome = free || (entry.get(4) === BigInt(DENY)) === (told.get(11) !== "PERMIT");
  const chain = told.get(8);
  const hashed = chain.length === 0 ? new Uint8Array(16) : (await sha(encoder.encode(chain.join("\n")))).slice(0, 16);
  return about && outcome && same(hashed, entry.get(12)[1]);
}

// A line among many people's, against the entry that stands in the log.
function agreeAmong(batch, line) {
  const alike = [3, 5, 6, 11].every((key) => same(batch.get(key), line.get(key)));
  const [all, one] = [batch.get(9), line.get(9)];
  const people = all instanceof Uint8Array && one instanceof Uint8Array; // a person has another token in each line
  return alike && (people || same(all, one)) && (batch.get(4) !== BigInt(DENY) || line.get(4) === BigInt(DENY));
}

// Which file it was that cannot be read.
class Unread extends Error {
  constructor(what) { super(what); this.what = what; }
}
const reading = async (what, read) => { try { return await read(); } catch { throw new Unread(what); } };

/** The four checks with true, false, or null where this browser cannot tell; what was opened; why something is open. */
export async function examine(text, policy) {
  const checks = { signed: false, included: false, opening: false, agrees: false };
  const key = await reading("key", () => policyOf(policy));
  const receipt = await reading("receipt", () => parse(text));
  checks.signed = await signedBy(receipt, key);
  if (checks.signed === false) return { checks };
  const why = checks.signed === null ? "part" : key.witnesses ? "witnesses" : "";
  if (key.witnesses) checks.signed = null;
  const { among, entry } = receipt;
  const there = !among || await included({ index: among.place, size: among.batch.get(13)[0], hashes: among.path, root: among.batch.get(13)[3], leaf: receipt.raw });
  checks.included = there && await included({ ...receipt, leaf: receipt.logged });
  if (!checks.included) return { checks, why };
  const told = await opened(receipt);
  checks.opening = told !== null;
  checks.agrees = told !== null && (!among || agreeAmong(among.batch, entry)) && await agree(told, entry);
  return { checks, told, why };
}

/** The four checks alone. */
export async function check(text, policy) {
  return (await examine(text, policy)).checks;
}

const MARKS = new Map([[true, ["good", "✓"]], [false, ["bad", "✗"]], [null, ["warn", "–"]]]);

function mark(section, checks) {
  for (const [name, outcome] of Object.entries(checks)) {
    const [tone, sign] = MARKS.get(outcome);
    const tag = section.querySelector(`[data-check=${name}] .tag`);
    tag.className = `tag ${tone}`;
    tag.textContent = sign;
  }
}

// What this script opened, in its own hand: nothing of it comes from the page.
function tell(section, told) {
  const box = section.querySelector("[data-own-says]");
  box.hidden = !told;
  if (!told) return;
  const texts = box.dataset, use = Number(told.get(3)), outcome = told.get(11);
  const did = use === NO_USE ? outcome : texts.uses.split("|")[use] ?? String(use);
  const ended = use === NO_USE ? texts.recorded : outcome === "PERMIT" ? texts.permitted : `${texts.refused} (${outcome})`;
  const at = new Date(Number(told.get(2) / 1000n));
  const says = {
    use: did, purpose: told.get(4), kinds: told.get(5).join(", "), role: told.get(10), recipient: told.get(7),
    place: told.get(15), outcome: ended,
    time: `${at.toLocaleString(document.documentElement.lang, { timeZone: "UTC", dateStyle: "long", timeStyle: "medium" })} UTC`,
  };
  for (const [name, text] of Object.entries(says)) {
    const spot = box.querySelector(`[data-says=${name}]`);
    spot.textContent = text;
    spot.parentElement.hidden = text === "";
  }
}

async function show(section, texts) {
  const status = section.querySelector("[role=status]"), ours = section.dataset;
  const end = (outcome, sentence) => { status.textContent = sentence; section.dataset.outcome = outcome; };
  if (!globalThis.crypto?.subtle) return end("part", ours.insecure);
  let files, found;
  // No answer is no verdict about anybody.
  try { files = await texts(); } catch { return end("unread", ours.unread); }
  try { found = await examine(...files); }
  catch (error) {
    if (error instanceof Unread && !ours.receipt) { tell(section, null); return end("unread", error.what === "key" ? ours.noKey : ours.noReceipt); }
    found = { checks: { signed: false, included: false, opening: false, agrees: false } };
  }
  mark(section, found.checks);
  tell(section, found.told);
  const all = Object.values(found.checks);
  const outcome = all.includes(false) ? "bad" : all.includes(null) ? "part" : "good";
  end(outcome, outcome === "part" && found.why === "witnesses" ? ours.witnesses : ours[outcome]);
}

const get = async (path) => { const answer = await fetch(path); return answer.ok && !answer.redirected ? answer.text() : bad(path); };

export function receipt() {
  for (const section of document.querySelectorAll("[data-own-check]")) {
    section.hidden = false;
    if (section.dataset.receipt) {
      show(section, () => Promise.all([get(section.dataset.receipt), get(section.dataset.key)]));
      continue;
    }
    section.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const [receipt, key] = ["receipt", "key"].map((name) => event.target.elements[name].files[0]);
      show(section, () => Promise.all([receipt.text(), key.text()]));
    });
  }
}
