"""The journey with openapi-generator's python."""

import sys

import openapi_client as atelier

base, name = sys.argv[1:]
configuration = atelier.Configuration(host=base)
client = atelier.ApiClient(configuration)
coins, own, chats = atelier.CoinsApi(client), atelier.OwnCharactersApi(client), atelier.ChatsApi(client)

login = atelier.LogIn(email="mika@demo.atelier.example", password="atelier-demo")
configuration.access_token = atelier.AuthApi(client).log_in(login).access_token


def problem(call, kind):
    try:
        call()
    except atelier.ApiException as error:
        found = atelier.Problem.from_json(error.body)
        assert found.type == kind and found.status == error.status, found
        return found
    raise AssertionError("no problem")


assert coins.get_coins().available >= 1
once, twice = (coins.spend_coins_with_http_info(name, atelier.SpendCoins(amount=1, purpose=name)) for _ in range(2))
assert once.data.entry_id == twice.data.entry_id and twice.headers["idempotent-replayed"] == "true"
poor = problem(
    lambda: coins.spend_coins(f"{name}-poor", atelier.SpendCoins(amount=1_000_000, purpose=name)),
    atelier.ProblemType.PROBLEM_TYPE_INSUFFICIENT_COINS,
)
assert poor.shortfall > 0

character = own.create_own_character(atelier.CreateOwnCharacter(name=name, description="Made by a client."))
read = own.get_own_character_with_http_info(character.id)
assert read.data.name == name
change = lambda: own.update_own_character(  # noqa: E731
    character.id, read.headers["etag"], atelier.UpdateOwnCharacter(tags=["client"])
)
assert change().version == 2
problem(change, atelier.ProblemType.PROBLEM_TYPE_PRECONDITION_FAILED)

chat = chats.open_chat(atelier.OpenChat(character=character.id))
message = chats.create_message(chat.id, atelier.CreateMessage(content="Hello"))
assert message.role == atelier.MessageRole.MESSAGE_ROLE_USER
problem(lambda: chats.get_chat(character.id), atelier.ProblemType.PROBLEM_TYPE_NOT_FOUND)

page = atelier.CharactersApi(client).list_characters(limit=2)
assert len(page.items) == 2
assert atelier.CharactersApi(client).list_characters(limit=2, cursor=page.next_cursor).items[0].id != page.items[0].id
