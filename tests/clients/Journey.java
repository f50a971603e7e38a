// The journey with openapi-generator's java.
import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.ApiResponse;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

public class Journey {
    interface Call {
        void run() throws ApiException;
    }

    static void check(boolean fits, String what) {
        if (!fits) throw new AssertionError(what);
    }

    static Problem problem(Call call, ProblemType type) throws Exception {
        try {
            call.run();
        } catch (ApiException error) {
            Problem found = Problem.fromJson(error.getResponseBody());
            check(found.getType() == type && found.getStatus() == error.getCode(), found.toString());
            return found;
        }
        throw new AssertionError("no problem");
    }

    static String header(ApiResponse<?> response, String name) {
        return response.getHeaders().entrySet().stream().filter(header -> header.getKey().equalsIgnoreCase(name))
            .map(header -> header.getValue().get(0)).findFirst().orElse("");
    }

    public static void main(String[] arguments) throws Exception {
        String name = arguments[1];
        ApiClient client = new ApiClient();
        client.setBasePath(arguments[0]);
        CoinsApi coins = new CoinsApi(client);
        OwnCharactersApi own = new OwnCharactersApi(client);
        ChatsApi chats = new ChatsApi(client);
        CharactersApi characters = new CharactersApi(client);

        LogIn login = new LogIn().email("mika@demo.atelier.example").password("atelier-demo");
        client.setBearerToken(new AuthApi(client).logIn(login).getAccessToken());

        check(coins.getCoins(null).getAvailable() >= 1, "coins");
        SpendCoins one = new SpendCoins().amount(1L).purpose(name);
        CoinSpend once = coins.spendCoins(name, one);
        ApiResponse<CoinSpend> twice = coins.spendCoinsWithHttpInfo(name, one);
        check(once.getEntryId().equals(twice.getData().getEntryId()), "spend once");
        check(header(twice, "Idempotent-Replayed").equals("true"), "replayed");
        SpendCoins many = new SpendCoins().amount(1_000_000L).purpose(name);
        Problem poor = problem(() -> coins.spendCoins(name + "-poor", many), ProblemType.PROBLEM_TYPE_INSUFFICIENT_COINS);
        check(poor.getShortfall() > 0, "shortfall");

        String id = own.createOwnCharacter(new CreateOwnCharacter().name(name)).getId();
        ApiResponse<CharacterDetails> read = own.getOwnCharacterWithHttpInfo(id, null);
        check(read.getData().getName().equals(name), "read");
        String etag = header(read, "ETag");
        UpdateOwnCharacter change = new UpdateOwnCharacter().tags(List.of("client"));
        check(own.updateOwnCharacter(id, etag, change).getVersion() == 2, "update");
        problem(() -> own.updateOwnCharacter(id, etag, change), ProblemType.PROBLEM_TYPE_PRECONDITION_FAILED);

        Chat chat = chats.openChat(new OpenChat().character(id));
        Message message = chats.createMessage(chat.getId(), new CreateMessage().content("Hello"));
        check(message.getRole() == MessageRole.MESSAGE_ROLE_USER, "message");
        problem(() -> chats.getChat(id, null), ProblemType.PROBLEM_TYPE_NOT_FOUND);

        CharacterSummaryPage page = characters.listCharacters(null, null, null, null, 2, null, null);
        check(page.getItems().size() == 2, "page");
        CharacterSummaryPage next = characters.listCharacters(null, null, null, null, 2, page.getNextCursor(), null);
        check(!next.getItems().get(0).getId().equals(page.getItems().get(0).getId()), "next page");
    }
}
