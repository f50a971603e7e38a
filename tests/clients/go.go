// The journey with openapi-generator's go.
package main

import (
	"context"
	"errors"
	"log"
	"os"

	atelier "github.com/GIT_USER_ID/GIT_REPO_ID"
)

func check(fits bool, what string) {
	if !fits {
		log.Fatal(what)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func problem(err error) atelier.Problem {
	var failed *atelier.GenericOpenAPIError
	check(errors.As(err, &failed), "no problem")
	found, ok := failed.Model().(atelier.Problem)
	check(ok, "the problem was not decoded")
	return found
}

func main() {
	base, name := os.Args[1], os.Args[2]
	configuration := atelier.NewConfiguration()
	configuration.Servers = atelier.ServerConfigurations{{URL: base}}
	api := atelier.NewAPIClient(configuration)

	login := atelier.NewLogIn("mika@demo.atelier.example", "atelier-demo")
	tokens, _, err := api.AuthAPI.LogIn(context.Background()).LogIn(*login).Execute()
	must(err)
	as := context.WithValue(context.Background(), atelier.ContextAccessToken, tokens.AccessToken)

	coins, _, err := api.CoinsAPI.GetCoins(as).Execute()
	must(err)
	check(coins.Available >= 1, "coins")
	spend := api.CoinsAPI.SpendCoins(as).IdempotencyKey(name).SpendCoins(*atelier.NewSpendCoins(1, name))
	once, _, err := spend.Execute()
	must(err)
	twice, response, err := spend.Execute()
	must(err)
	check(once.EntryId == twice.EntryId && response.Header.Get("Idempotent-Replayed") == "true", "spend once")
	_, _, err = api.CoinsAPI.SpendCoins(as).IdempotencyKey(name + "-poor").SpendCoins(*atelier.NewSpendCoins(1000000, name)).Execute()
	poor := problem(err)
	check(poor.Type == atelier.PROBLEM_TYPE_INSUFFICIENT_COINS && poor.GetShortfall() > 0, "insufficient coins")

	character, _, err := api.OwnCharactersAPI.CreateOwnCharacter(as).CreateOwnCharacter(*atelier.NewCreateOwnCharacter(name)).Execute()
	must(err)
	read, response, err := api.OwnCharactersAPI.GetOwnCharacter(as, character.Id).Execute()
	must(err)
	check(read.Name == name, "read")
	change := api.OwnCharactersAPI.UpdateOwnCharacter(as, character.Id).IfMatch(response.Header.Get("ETag"))
	change = change.UpdateOwnCharacter(atelier.UpdateOwnCharacter{Tags: []string{"client"}})
	updated, _, err := change.Execute()
	must(err)
	check(updated.Version == 2, "update")
	_, _, err = change.Execute()
	check(problem(err).Type == atelier.PROBLEM_TYPE_PRECONDITION_FAILED, "stale")

	chat, _, err := api.ChatsAPI.OpenChat(as).OpenChat(*atelier.NewOpenChat(character.Id)).Execute()
	must(err)
	message, _, err := api.ChatsAPI.CreateMessage(as, chat.Id).CreateMessage(*atelier.NewCreateMessage("Hello")).Execute()
	must(err)
	check(message.Role == atelier.MESSAGE_ROLE_USER, "message")
	_, _, err = api.ChatsAPI.GetChat(as, character.Id).Execute()
	check(problem(err).Type == atelier.PROBLEM_TYPE_NOT_FOUND, "not found")

	page, _, err := api.CharactersAPI.ListCharacters(as).Limit(2).Execute()
	must(err)
	check(len(page.Items) == 2, "page")
	next, _, err := api.CharactersAPI.ListCharacters(as).Limit(2).Cursor(page.GetNextCursor()).Execute()
	must(err)
	check(next.Items[0].Id != page.Items[0].Id, "next page")
}
