// Signs staff of the demo in through that provider, and tries what must not work. No line is shared with the program.
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
      if (page.to?.startsWith(`${base}/sign-in/back/`)) return page.to;
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
