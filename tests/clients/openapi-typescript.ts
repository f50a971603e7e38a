// The journey with openapi-typescript and openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./client/atelier.d.ts";

function check(fits: unknown, what: string): asserts fits {
  if (!fits) throw new Error(what);
}

const [base, name] = process.argv.slice(2);
const headers: Record<string, string> = {};
const api = createClient<paths>({ baseUrl: base, headers, fetch: (request) => {
  if (headers.Authorization) request.headers.set("Authorization", headers.Authorization);
  return fetch(request);
} });

const login = await api.POST("/v1/auth/login", { body: { email: "mika@demo.atelier.example", password: "atelier-demo" } });
check(login.data, "log in");
headers.Authorization = `Bearer ${login.data.access_token}`;

const coins = await api.GET("/v1/coins", {});
check(coins.data && coins.data.available >= 1, "coins");
const spend = () => api.POST("/v1/coins/spend", { params: { header: { "Idempotency-Key": name } }, body: { amount: 1, purpose: name } });
const [once, twice] = [await spend(), await spend()];
check(once.data && once.data.entry_id === twice.data?.entry_id, "spend once");
check(twice.response.headers.get("Idempotent-Replayed") === "true", "replayed");
const poor = await api.POST("/v1/coins/spend", { params: { header: { "Idempotency-Key": `${name}-poor` } }, body: { amount: 1_000_000, purpose: name } });
check(poor.error?.type === "/problems/insufficient-coins" && (poor.error.shortfall ?? 0) > 0, "insufficient coins");

const character = await api.POST("/v1/me/characters", { body: { name, description: "Made by a client." } });
check(character.data, "create");
const at = { id: character.data.id };
const read = await api.GET("/v1/me/characters/{id}", { params: { path: at } });
const etag = read.response.headers.get("ETag");
check(read.data?.name === name && etag, "read");
const change = { params: { path: at, header: { "If-Match": etag } }, body: { tags: ["client"] } };
check((await api.PATCH("/v1/me/characters/{id}", change)).data?.version === 2, "update");
check((await api.PATCH("/v1/me/characters/{id}", change)).error?.type === "/problems/precondition-failed", "stale");
const current = (await api.GET("/v1/me/settings", {})).response.headers.get("ETag") ?? "";
const unchanged = await api.GET("/v1/me/settings", { params: { header: { "If-None-Match": current } } });
check(unchanged.response.status === 304, "not modified");

const chat = await api.POST("/v1/chats", { body: { character: at.id } });
check(chat.data, "chat");
const message = await api.POST("/v1/chats/{id}/messages", { params: { path: { id: chat.data.id } }, body: { content: "Hello" } });
check(message.data?.role === "user", "message");
const missing = await api.GET("/v1/chats/{id}", { params: { path: { id: at.id } } });
check(missing.error?.type === "/problems/not-found" && missing.error.status === 404, "not found");

const page = await api.GET("/v1/characters", { params: { query: { limit: 2 } } });
check(page.data?.items.length === 2 && page.data.next_cursor, "page");
const next = await api.GET("/v1/characters", { params: { query: { limit: 2, cursor: page.data.next_cursor } } });
check(next.data && next.data.items[0].id !== page.data.items[0].id, "next page");
