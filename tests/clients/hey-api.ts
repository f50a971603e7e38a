// The journey with @hey-api/openapi-ts.
import { client } from "./client/client.gen";
import * as api from "./client/sdk.gen";

function check(fits: unknown, what: string): asserts fits {
  if (!fits) throw new Error(what);
}

const [base, name] = process.argv.slice(2);
client.setConfig({ baseUrl: base });

const login = await api.logIn({ body: { email: "mika@demo.atelier.example", password: "atelier-demo" } });
check(login.data, "log in");
// A plain text would be sent as the token and as an API key.
const token = login.data.access_token;
client.setConfig({ auth: ({ scheme }) => (scheme === "bearer" ? token : undefined) });

const coins = await api.getCoins();
check(coins.data && coins.data.available >= 1, "coins");
const spend = () => api.spendCoins({ headers: { "Idempotency-Key": name }, body: { amount: 1, purpose: name } });
const [once, twice] = [await spend(), await spend()];
check(once.data && once.data.entry_id === twice.data?.entry_id, "spend once");
check(twice.response?.headers.get("Idempotent-Replayed") === "true", "replayed");
const poor = await api.spendCoins({ headers: { "Idempotency-Key": `${name}-poor` }, body: { amount: 1_000_000, purpose: name } });
check(poor.error?.type === "/problems/insufficient-coins" && (poor.error.shortfall ?? 0) > 0, "insufficient coins");

const character = await api.createOwnCharacter({ body: { name, description: "Made by a client." } });
check(character.data, "create");
const path = { id: character.data.id };
const read = await api.getOwnCharacter({ path });
const etag = read.response?.headers.get("ETag");
check(read.data?.name === name && etag, "read");
const change = { path, headers: { "If-Match": etag }, body: { tags: ["client"] } };
check((await api.updateOwnCharacter(change)).data?.version === 2, "update");
check((await api.updateOwnCharacter(change)).error?.type === "/problems/precondition-failed", "stale");

const chat = await api.openChat({ body: { character: path.id } });
check(chat.data, "chat");
const message = await api.createMessage({ path: { id: chat.data.id }, body: { content: "Hello" } });
check(message.data?.role === "user", "message");
const missing = await api.getChat({ path });
check(missing.error?.type === "/problems/not-found" && missing.error.status === 404, "not found");

const page = await api.listCharacters({ query: { limit: 2 } });
check(page.data?.items.length === 2 && page.data.next_cursor, "page");
const next = await api.listCharacters({ query: { limit: 2, cursor: page.data.next_cursor } });
check(next.data && next.data.items[0].id !== page.data.items[0].id, "next page");
