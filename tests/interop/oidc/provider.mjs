// A real OpenID Connect provider that is not ours (npm oidc-provider): five people, four of them with a verified address.
import Provider from "oidc-provider";

const [port, ...back] = process.argv.slice(2);
const people = {
  nora: { email: "nora.new@example.org", email_verified: true },
  mallory: { email: "ngozi.adeyemi@example.org", email_verified: true },
  eve: { email: "siobhan.keane@example.org", email_verified: false },
  yui: { email: "yui.ito@example.org", email_verified: true },
  stranger: { email: "nobody@example.org", email_verified: true },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "assent", client_secret: "s3cret:+ /", redirect_uris: back, grant_types: ["authorization_code"], response_types: ["code"] }],
  cookies: { keys: ["interop"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(port, "127.0.0.1", () => console.log("provider listens"));
