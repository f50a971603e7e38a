//! The journey with progenitor.

use std::env::args;

use atelier_client::types::{
    CreateMessage, CreateOwnCharacter, LogIn, MessageRole, OpenChat, Problem, ProblemType, SpendCoins, UpdateOwnCharacter,
};
use atelier_client::{ByteStream, Client, Error, ResponseValue};
use futures::TryStreamExt;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// progenitor decodes `application/json` only, and hands other media types over as bytes.
async fn problem<T>(result: Result<ResponseValue<T>, Error<ByteStream>>, kind: ProblemType) -> Problem {
    match result {
        Err(Error::ErrorResponse(response)) => {
            let body: Vec<_> = response.into_inner().into_inner().try_collect().await.unwrap();
            let found: Problem = serde_json::from_slice(&body.concat()).unwrap();
            assert_eq!(found.type_, kind);
            found
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("no problem"),
    }
}

fn header<T>(response: &ResponseValue<T>, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let [base, name] = args().skip(1).collect::<Vec<_>>().try_into().unwrap();
    let login = LogIn { email: "mika@demo.atelier.example".parse()?, password: "atelier-demo".parse()?, device: None };
    let tokens = Client::new(&base).log_in(&login).await?.into_inner();
    let token = format!("Bearer {}", tokens.access_token).parse()?;
    let headers = [(reqwest::header::AUTHORIZATION, token)].into_iter().collect();
    let client = Client::new_with_client(&base, reqwest::Client::builder().default_headers(headers).build()?);

    assert!(client.get_coins(None).await?.available >= 1);
    let spend = |amount| Ok::<_, Box<dyn std::error::Error>>(SpendCoins { amount, purpose: name.parse()?, reference: None });
    let (key, one) = (name.parse()?, spend(1.try_into()?)?);
    let (once, twice) = (client.spend_coins(&key, &one).await?, client.spend_coins(&key, &one).await?);
    assert_eq!(once.entry_id, twice.entry_id);
    assert_eq!(header(&twice, "Idempotent-Replayed"), "true");
    let poor = client.spend_coins(&format!("{name}-poor").parse()?, &spend(1_000_000.try_into()?)?).await;
    assert!(problem(poor, ProblemType::ProblemsInsufficientCoins).await.shortfall > Some(0));

    let new: CreateOwnCharacter = serde_json::from_value(serde_json::json!({"name": name}))?;
    let id = client.create_own_character(&new).await?.into_inner().id;
    let read = client.get_own_character(&id, None).await?;
    assert_eq!(read.name, name);
    let etag = header(&read, "ETag").parse()?;
    let change = UpdateOwnCharacter { tags: vec!["client".parse()?], ..Default::default() };
    assert_eq!(client.update_own_character(&id, &etag, &change).await?.version, 2);
    problem(client.update_own_character(&id, &etag, &change).await, ProblemType::ProblemsPreconditionFailed).await;

    let chat = client.open_chat(&OpenChat { character: id.to_string().parse()?, title: None }).await?.into_inner();
    let message = CreateMessage { content: "Hello".parse()?, parent_id: None, role: None };
    assert_eq!(client.create_message(&chat.id, &message).await?.role, MessageRole::User);
    problem(client.get_chat(&id, None).await, ProblemType::ProblemsNotFound).await;

    let page = client.list_characters(None, Some(2.try_into()?), None, None, None, None, None).await?.into_inner();
    assert_eq!(page.items.len(), 2);
    let next = client.list_characters(page.next_cursor.as_ref(), Some(2.try_into()?), None, None, None, None, None).await?;
    assert_ne!(next.items[0].id, page.items[0].id);
    Ok(())
}
