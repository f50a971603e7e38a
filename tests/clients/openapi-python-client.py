"""The journey with openapi-python-client."""

import sys

from atelier_client import AuthenticatedClient, Client
from atelier_client.api.auth import log_in
from atelier_client.api.characters import list_characters
from atelier_client.api.chats import create_message, get_chat, open_chat
from atelier_client.api.coins import get_coins, spend_coins
from atelier_client.api.own_characters import create_own_character, get_own_character, update_own_character
from atelier_client.models import (
    CreateMessage, CreateOwnCharacter, LogIn, MessageRole, OpenChat, Problem, ProblemType, SpendCoins, UpdateOwnCharacter,
)

base, name = sys.argv[1:]
tokens = log_in.sync(client=Client(base), body=LogIn("mika@demo.atelier.example", "atelier-demo"))
client = AuthenticatedClient(base, tokens.access_token)


def problem(response, kind):
    assert isinstance(response.parsed, Problem), response
    assert response.parsed.type_ == kind and response.parsed.status == response.status_code, response
    return response.parsed


assert get_coins.sync(client=client).available >= 1
once, twice = (spend_coins.sync_detailed(client=client, body=SpendCoins(1, name), idempotency_key=name) for _ in range(2))
assert once.parsed.entry_id == twice.parsed.entry_id and twice.headers["Idempotent-Replayed"] == "true"
poor = spend_coins.sync_detailed(client=client, body=SpendCoins(1_000_000, name), idempotency_key=f"{name}-poor")
assert problem(poor, ProblemType.PROBLEM_TYPE_INSUFFICIENT_COINS).shortfall > 0

character = create_own_character.sync(client=client, body=CreateOwnCharacter(name, description="Made by a client."))
read = get_own_character.sync_detailed(character.id, client=client)
assert read.parsed.name == name
change = lambda: update_own_character.sync_detailed(  # noqa: E731
    character.id, client=client, body=UpdateOwnCharacter(tags=["client"]), if_match=read.headers["ETag"]
)
assert change().parsed.version == 2
problem(change(), ProblemType.PROBLEM_TYPE_PRECONDITION_FAILED)

chat = open_chat.sync(client=client, body=OpenChat(character.id))
message = create_message.sync(chat.id, client=client, body=CreateMessage("Hello"))
assert message.role == MessageRole.MESSAGE_ROLE_USER
problem(get_chat.sync_detailed(character.id, client=client), ProblemType.PROBLEM_TYPE_NOT_FOUND)

page = list_characters.sync(client=client, limit=2)
assert len(page.items) == 2
assert list_characters.sync(client=client, limit=2, cursor=page.next_cursor).items[0].id != page.items[0].id
