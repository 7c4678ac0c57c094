// Checks a receipt here, in the reader's own browser, with nothing but WebCrypto: the form, the log's signature, the
// place in the tree, and that what is shown is what was written down. Nothing is sent anywhere.
const HEADER = "c2sp.org/tlog-proof@v1";
const MAX = 128 * 1024;
const encoder = new TextEncoder();
const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const bad = (what) => { throw new Error(what); };

function unbase64(text) {
  let raw = "";
  try { raw = atob(text); } catch { bad("base64"); }
  if (btoa(raw) !== text) bad("base64");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}
const hash = (text) => { const bytes = unbase64(text); return bytes.length === 32 ? bytes : bad("hash"); };
const decimal = (text) => /^(0|[1-9]\d{0,19})$/.test(text) ? BigInt(text) : bad("number");
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

// The little CBOR the ledger speaks (RFC 8949 §4.2.1): shortest heads, no tags, no floats, maps with keys 1, 2, 3, …
function cbor(bytes) {
  let at = 0;
  const take = (n) => { const part = bytes.subarray(at, at + n); if (part.length < n) bad("cut off"); at += n; return part; };
  function head() {
    const [first] = take(1);
    const low = first & 31;
    if (low < 24) return [first >> 5, low];
    if (low > 27) bad("head");
    let value = 0n;
    for (const byte of take(1 << (low - 24))) value = value * 256n + BigInt(byte);
    if (value < [24n, 256n, 65536n, 4294967296n][low - 24]) bad("not the shortest");
    return [first >> 5, Number(value)];
  }
  function value(depth) {
    if (depth > 4) bad("too deep");
    const [major, size] = head();
    if (major === 0) return size;
    if (major === 1) return -1 - size;
    if (major === 2) return take(size).slice();
    if (major === 3) return utf8(take(size));
    if (major === 4 && size <= 256) return Array.from({ length: size }, () => value(depth + 1));
    if (major !== 5 || size > 32) bad("kind");
    const map = [];
    for (let key = 1; key <= size; key++) {
      if (value(depth + 1) !== key) bad("key");
      map[key] = value(depth + 1);
    }
    return map;
  }
  const whole = value(0);
  return at === bytes.length ? whole : bad("something after the end");
}

function parse(text) {
  if (text.length > MAX) bad("too long");
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n"), note = text.slice(cut + 2);
  if (cut < 0 || lines.length > 67 || lines[0] !== HEADER || !lines[1]?.startsWith("extra ") || !lines[2]?.startsWith("index "))
    bad("not a receipt");
  const end = note.lastIndexOf("\n\n");
  const signed = note.slice(0, end + 1), rest = note.slice(end + 2);
  if (end < 0 || !rest.endsWith("\n")) bad("head");
  const signatures = rest.slice(0, -1).split("\n").map((line) => {
    const [dash, name, blob, more] = line.split(" ");
    const bytes = dash === "—" && name && more === undefined ? unbase64(blob ?? "") : bad("signature line");
    return bytes.length > 4 ? { name, id: bytes.slice(0, 4), bytes: bytes.slice(4) } : bad("signature line");
  });
  const [origin, size, root, last, more] = signed.split("\n");
  if (!origin || last !== "" || more !== undefined) bad("head");
  const extra = cbor(unbase64(lines[1].slice(6)));
  return {
    index: decimal(lines[2].slice(6)), hashes: lines.slice(3).map(hash), signed, signatures,
    origin, size: decimal(size), root: hash(root), ...said(extra),
  };
}

// [1, entry] or, of a line among many people's, [2, entry in the log, place, [hashes], line]; with what opens it, two more.
function said(extra) {
  const form = Array.isArray(extra) ? extra[0] : 0;
  if (form === 1 && [2, 4].includes(extra.length)) {
    const [, entry, secret, detail] = extra;
    return { logged: entry, entry, secret, detail };
  }
  if (form !== 2 || ![5, 7].includes(extra.length)) bad("extra");
  const [, logged, place, path, entry, secret, detail] = extra;
  return { logged, among: { place: BigInt(place), path }, entry, secret, detail };
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

// A log's line in a policy file, or a bare verifier key: name+hex(id)+base64(type || key).
async function keyOf(policy) {
  const line = policy.split("\n").map((one) => one.trim()).find((one) => one.startsWith("log ")) ?? policy.trim();
  const word = line.replace(/^log\s+/, "").split(/\s+/)[0];
  const [name, id, ...rest] = word.split("+");
  const typed = unbase64(rest.join("+"));
  if (typed.length !== 33 || typed[0] !== 1) bad("key");
  const made = (await sha(encoder.encode(`${name}\n`), typed)).slice(0, 4);
  const written = Array.from(made, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return written === id ? { name, id: made, key: typed.slice(1) } : bad("key");
}

// True, false, or null when this browser knows no Ed25519.
async function signedBy(receipt, { name, id, key }) {
  const lines = receipt.signatures.filter((line) => line.name === name && same(line.id, id));
  if (lines.length === 0 || receipt.origin !== name) return false;
  let verifier;
  try { verifier = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]); }
  catch (error) { if (error.name === "NotSupportedError" || error.name === "SyntaxError") return null; throw error; }
  const all = lines.map((line) => crypto.subtle.verify({ name: "Ed25519" }, verifier, line.bytes, encoder.encode(receipt.signed)));
  return (await Promise.all(all)).every(Boolean);
}

function padded(detail) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, detail.length);
  return join(length, detail, new Uint8Array((256 - ((4 + detail.length) % 256)) % 256));
}

async function opened({ secret, detail }, entry) {
  if (!(secret instanceof Uint8Array) || secret.length !== 32 || !(detail instanceof Uint8Array)) return null;
  if (!same(await hmac(secret, "assent/detail/v1\0", padded(detail)), entry[10])) return null;
  const told = cbor(detail);
  const actor = (await hmac(secret, "assent/actor/v1\0", encoder.encode(told[9]))).slice(0, 16);
  return told.length === 17 && same(actor, entry[8]) ? told : null;
}

// The line's place in the tree of a use on many, and whether both entries tell the same.
async function amongMany(receipt, line) {
  const batch = cbor(receipt.logged);
  const [people, , , root] = batch.length === 14 && batch[1] === 1 && batch[2] === 16 ? batch[13] : bad("many");
  const { place, path } = receipt.among;
  const there = await included({ index: place, size: BigInt(people), hashes: path, root, leaf: receipt.entry });
  const alike = [3, 5, 6].every((key) => batch[key] === line[key]) && same(batch[11], line[11]);
  return { there, alike: alike && (batch[4] !== 0 || line[4] === 0) };
}

/** Each check with true, false, or null where this browser cannot tell; the first that fails ends it. */
export async function check(text, policy) {
  const out = { signed: false, included: false, opening: false, agrees: false };
  const receipt = parse(text);
  const entry = cbor(receipt.entry);
  // An entry about many has one field more; a line among them is about one person.
  const alone = entry.length === 13 && entry[2] !== 16, ofMany = entry.length === 14 && entry[2] === 16;
  if (entry[1] !== 1 || !(alone || ofMany && !receipt.among)) bad("entry");
  out.signed = await signedBy(receipt, await keyOf(policy));
  if (out.signed === false) return out;
  const many = receipt.among ? await amongMany(receipt, entry) : { there: true, alike: true };
  out.included = many.there && await included({ ...receipt, leaf: receipt.logged });
  if (!out.included) return out;
  const told = await opened(receipt, entry);
  out.opening = told !== null;
  out.agrees = told !== null && many.alike && told[4] === entry[5] && told[15] === entry[6] && Math.floor(told[2] / 60_000_000) === entry[3];
  return out;
}

const MARKS = new Map([[true, ["good", "✓"]], [false, ["bad", "✗"]], [null, ["warn", "–"]]]);

async function show(section, texts) {
  const said = section.querySelector("[role=status]"), words = section.dataset;
  if (!globalThis.crypto?.subtle) { said.textContent = words.insecure; return; }
  let found;
  try { found = await check(...await texts()); }
  catch { found = { signed: false, included: false, opening: false, agrees: false }; }
  for (const [name, outcome] of Object.entries(found)) {
    const [tone, sign] = MARKS.get(outcome);
    const mark = section.querySelector(`[data-check=${name}] .tag`);
    mark.className = `tag ${tone}`;
    mark.textContent = sign;
  }
  const all = Object.values(found);
  said.textContent = all.includes(false) ? words.bad : all.includes(null) ? words.part : words.good;
  section.dataset.outcome = all.includes(false) ? "bad" : all.includes(null) ? "part" : "good";
}

const get = async (path) => { const answer = await fetch(path); return answer.ok ? answer.text() : bad(path); };

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
