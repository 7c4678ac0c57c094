// Signs staff and people of the demo in through that provider, and tries what must not work. No line is shared with the program.
import assert from "node:assert";

const [base, issuer] = process.argv.slice(2);

/** A browser: cookies by host, no redirect followed by itself. */
class Browser {
  jar = new Map();
  async ask(url, form) {
    const host = new URL(url).host;
    const cookies = [...(this.jar.get(host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      redirect: "manual", method: form ? "POST" : "GET", body: form && new URLSearchParams(form),
      headers: { cookie: cookies, accept: "text/html", ...(form && { "sec-fetch-site": "same-origin" }) },
    });
    const mine = this.jar.get(host) ?? new Map();
    for (const one of answer.headers.getSetCookie()) {
      const [name, value] = one.split(";")[0].split(/=(.*)/s);
      if (value) mine.set(name, value); else mine.delete(name);
    }
    this.jar.set(host, mine);
    const to = answer.headers.get("location");
    return { status: answer.status, to: to && new URL(to, url).href, text: await answer.text() };
  }
  /** Goes on until a page of ours, or a form of the provider's, which is filled in as `who`. */
  async through(url, who) {
    let page = await this.ask(url);
    for (let step = 0; step < 20; step += 1) {
      if (page.to?.startsWith(`${base}/sign-in/back/`) || page.to?.startsWith(`${base}/my/halden/back/`)) return page.to;
      const form = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
      if (page.to) page = await this.ask(page.to);
      else if (form) {
        const prompt = /name="prompt" value="(\w+)"/.exec(page.text)[1];
        page = await this.ask(new URL(form, issuer).href, prompt === "login" ? { prompt, login: who, password: "x" } : { prompt });
      } else throw new Error(`stuck: ${page.status} ${page.text.slice(0, 300)}`);
    }
    throw new Error("the provider leads in circles");
  }
}

const csrf = (text) => /name="csrf" value="([^"]+)"/.exec(text)[1];

async function staff(email) {
  const browser = new Browser();
  const page = await browser.ask(`${base}/sign-in`, { email, password: "demo-demo-demo" });
  assert.equal(page.status, 303, page.text);
  return browser;
}

/** Comes in through the provider. */
async function enter(who, browser = new Browser()) {
  return browser.ask(await browser.through(`${base}/sign-in/with/halden`, who));
}

const admin = await staff(process.env.ADMIN);
let page = await admin.ask(`${base}/work/role?as=admin`);
await admin.ask(`${base}/work/role`, { csrf: csrf(page.text), as: "admin" });
page = await admin.ask(`${base}/settings/sign-in`);
const set = { csrf: csrf(page.text), label: "Halden account", issuer, client: "assent", secret: "s3cret:+ /" };
const other = issuer.replace("127.0.0.1", "localhost");
assert.equal((await admin.ask(`${base}/settings/sign-in`, { ...set, issuer: other })).status, 422, "a private host is not asked unless allowed");
assert.equal((await admin.ask(`${base}/settings/sign-in`, set)).status, 303);
assert.match((await new Browser().ask(`${base}/sign-in`)).text, /Halden account/);

// Somebody invited, with a verified address: in, and from then on by the account.
page = await admin.ask(`${base}/settings/staff`);
const invited = { csrf: csrf(page.text), name: "Nora New", email: "nora.new@example.org", role: "sales" };
assert.match((await admin.ask(`${base}/settings/staff/new`, invited)).text, /\/invite\//);
const nora = new Browser();
page = await enter("nora", nora);
assert.equal(page.to, `${base}/people`, page.text);
assert.equal((await nora.ask(`${base}/people`)).status, 200);
assert.equal((await enter("nora")).to, `${base}/people`, "again, by issuer and subject");
console.log("oidc: a verified address binds, and the account counts afterwards");

// Whoever has a password already is nobody's by an address alone: a provider that lies cannot become them.
assert.equal((await enter("mallory")).status, 403);

// An address that is not verified, or that nobody has, opens nothing.
assert.equal((await enter("eve")).status, 403);
assert.equal((await enter("stranger")).status, 403);
console.log("oidc: an unverified address and a stranger are refused");

// The way back works once, in the browser that went, with the state that was sent.
const eve = new Browser();
const back = await eve.through(`${base}/sign-in/with/halden`, "nora");
assert.equal((await new Browser().ask(back)).status, 403, "another browser");
assert.equal((await eve.ask(back.replace(/state=[^&]+/, "state=x"))).status, 403, "another state");
assert.equal((await eve.ask(back)).status, 403, "and the cookie is gone after that");
const late = new Browser();
const used = await late.through(`${base}/sign-in/with/halden`, "nora");
assert.equal((await late.ask(used)).status, 303);
assert.equal((await late.ask(used)).status, 403, "a replay");
console.log("oidc: another browser, another state and a replay are refused");

// Whoever is signed in connects an account of their own, by the link on their own page alone.
const siobhan = await staff("siobhan.keane@example.org");
page = await siobhan.ask(`${base}/you`);
const link = /href="(\/sign-in\/with\/halden\?connect=[^"]+)"/.exec(page.text)[1];
page = await siobhan.ask(await siobhan.through(base + link, "eve"));
assert.equal(page.to, `${base}/you?done=bound`, page.text);
assert.equal((await enter("eve")).to, `${base}/people`, "connected, so the unverified address does not matter");
const forced = await staff("siobhan.keane@example.org");
page = await forced.ask(await forced.through(`${base}/sign-in/with/halden?connect=forged`, "stranger"));
assert.equal(page.status, 403, "nobody is connected by somebody else's link");
console.log("oidc: connecting takes one's own link");

// People: the administrator says which accounts they may use; an account opens a page only after its owner has connected it.
page = await admin.ask(`${base}/settings/people-sign-in`);
const offered = { csrf: csrf(page.text), name: "example", label: "Example account", issuer, client: "assent", secret: "s3cret:+ /" };
page = await admin.ask(`${base}/settings/people-sign-in`, offered);
assert.equal(page.to, `${base}/settings/people-sign-in?done=saved`, page.text);
assert.match((await new Browser().ask(`${base}/my/halden`)).text, /Come in with Example account/);
const there = `${base}/my/halden/with/example`, unknown = `${base}/my/halden?said=account`;

/** Comes in through the provider, as one of the people. */
async function come(who, browser = new Browser(), from = there) {
  return browser.ask(await browser.through(from, who));
}

/** Comes in by the letter to an address, out of the outbox. */
async function byLetter(email) {
  const browser = new Browser(), before = new Set(await links(email));
  await browser.ask(`${base}/my/halden`, { email });
  for (let tries = 0; tries < 50; tries += 1) {
    const fresh = (await links(email)).find((link) => !before.has(link));
    if (fresh) {
      assert.equal((await browser.ask(fresh, {})).to, `${base}/me`);
      return browser;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${email}`);
}
async function links(email) {
  const text = (await admin.ask(`${base}/outbox`)).text;
  const letters = text.split("<article").filter((one) => one.includes(email));
  return letters.flatMap((one) => /href="([^"]*\/my\/link\/[^"]+)"/.exec(one)?.[1] ?? []);
}

// Somebody whose address is known and verified, and somebody unknown: the same answer, and nobody is in.
const asked = await new Browser().ask(there);
assert.equal(new URL(asked.to).searchParams.get("scope"), "openid", "no address is asked for");
for (const who of ["yui", "stranger"]) assert.equal((await come(who)).to, unknown);
const yui = await byLetter("yui.ito@example.org");
const connects = (text) => /href="(\/my\/halden\/with\/example\?connect=[^"]+)"/.exec(text)[1];
page = await yui.ask(`${base}/me/sign-in`);
page = await come("yui", yui, base + connects(page.text));
assert.equal(page.to, `${base}/me/sign-in?done=account`, page.text);
const again = new Browser();
assert.equal((await come("yui", again)).to, `${base}/me`);
assert.match((await again.ask(`${base}/me`)).text, /Yui/);
console.log("oidc: a person comes in with an account that she connected herself, and with no other");

// Nobody takes it over, no link of somebody else's connects anything, and a way back works once.
const second = await byLetter("soeren.lueders@example.org");
page = await second.ask(`${base}/me/sign-in`);
assert.equal((await come("yui", second, base + connects(page.text))).status, 409);
second.jar.delete(new URL(issuer).host);
assert.equal((await come("stranger", second, `${there}?connect=forged`)).to, unknown);
const gone = new Browser();
const way = await gone.through(there, "yui");
assert.equal((await new Browser().ask(way)).status, 403, "another browser");
assert.equal((await gone.ask(way)).to, `${base}/me`);
assert.equal((await gone.ask(way)).status, 403, "a replay");
page = await yui.ask(`${base}/me/sign-in`);
assert.equal((await yui.ask(`${base}/me/accounts/remove`, { csrf: csrf(page.text), provider: "example" })).status, 303);
assert.equal((await come("yui")).to, unknown);
console.log("oidc: a taken account, a forged link, another browser and a replay are refused; disconnected, it opens nothing");
