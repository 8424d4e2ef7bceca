// An OpenID Connect provider on a port of its own. Anybody who types a name is logged in as that; who has which groups
// stands in the argument, JSON: {port, redirect, secret, people: {name: {groups: [...]}}}.
import { Provider } from "oidc-provider";

const { port, redirect, secret, people } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: "hri-node",
    ...(secret ? { client_secret: secret } : { token_endpoint_auth_method: "none" }),
    redirect_uris: [redirect],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  cookies: { keys: ["only for tests"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...(people[id] ?? {}) }),
  }),
});

provider.listen(port, "127.0.0.1", () => console.log("listening"));
