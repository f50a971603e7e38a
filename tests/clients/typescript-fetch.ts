// The journey with openapi-generator's typescript-fetch.
import * as atelier from "./client/index";

function check(fits: unknown, what: string): asserts fits {
  if (!fits) throw new Error(what);
}

async function problem(call: Promise<unknown>): Promise<atelier.Problem> {
  try {
    await call;
  } catch (error) {
    if (error instanceof atelier.ResponseError) return atelier.ProblemFromJSON(await error.response.json());
    throw error;
  }
  throw new Error("no problem");
}

const [base, name] = process.argv.slice(2);
let accessToken = "";
const configuration = new atelier.Configuration({ basePath: base, accessToken: () => accessToken });
const [auth, coins, own, chats, characters] = [
  new atelier.AuthApi(configuration), new atelier.CoinsApi(configuration), new atelier.OwnCharactersApi(configuration),
  new atelier.ChatsApi(configuration), new atelier.CharactersApi(configuration),
];

const login = await auth.logIn({ logIn: { email: "mika@demo.atelier.example", password: "atelier-demo" } });
accessToken = login.accessToken;

check((await coins.getCoins()).available >= 1, "coins");
const spend = () => coins.spendCoinsRaw({ idempotencyKey: name, spendCoins: { amount: 1, purpose: name } });
const [once, twice] = [await spend(), await spend()];
check((await once.value()).entryId === (await twice.value()).entryId, "spend once");
check(twice.raw.headers.get("Idempotent-Replayed") === "true", "replayed");
const poor = await problem(coins.spendCoins({ idempotencyKey: `${name}-poor`, spendCoins: { amount: 1_000_000, purpose: name } }));
check(poor.type === atelier.ProblemType.PROBLEM_TYPE_INSUFFICIENT_COINS && (poor.shortfall ?? 0) > 0, "insufficient coins");

const { id } = await own.createOwnCharacter({ createOwnCharacter: { name, description: "Made by a client." } });
const read = await own.getOwnCharacterRaw({ id });
const ifMatch = read.raw.headers.get("ETag");
check((await read.value()).name === name && ifMatch, "read");
const change = { id, ifMatch, updateOwnCharacter: { tags: ["client"] } };
check((await own.updateOwnCharacter(change)).version === 2, "update");
check((await problem(own.updateOwnCharacter(change))).type === atelier.ProblemType.PROBLEM_TYPE_PRECONDITION_FAILED, "stale");

const chat = await chats.openChat({ openChat: { character: id } });
const message = await chats.createMessage({ id: chat.id, createMessage: { content: "Hello" } });
check(message.role === atelier.MessageRole.MESSAGE_ROLE_USER, "message");
const missing = await problem(chats.getChat({ id }));
check(missing.type === atelier.ProblemType.PROBLEM_TYPE_NOT_FOUND && missing.status === 404, "not found");

const page = await characters.listCharacters({ limit: 2 });
check(page.items.length === 2 && page.nextCursor, "page");
const next = await characters.listCharacters({ limit: 2, cursor: page.nextCursor });
check(next.items[0].id !== page.items[0].id, "next page");
