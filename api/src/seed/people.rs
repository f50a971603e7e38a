//! The demo users, what they have said, and how to be one of them.

use domain::Services;
use domain::billing::subscriptions::{State, Subscribe, SubscriptionError};
use domain::chats::{CharacterRef, Chat, ChatError, NewChat};
use domain::idempotency::{Attempt, IdempotencyKey};
use domain::identity::{AccountError, Credentials, Email, Password, Registration, Role, Tokens, Username};
use domain::ids::UserId;
use domain::page::{MAX_LIMIT, PageRequest};

use super::Result;
use super::content::DemoChat;

/// To whom the public characters belong.
pub(super) const OWNER: &str = "atelier";
/// The users who chat.
pub(super) const USERS: [&str; 2] = ["mika", "noor"];
/// The user who has a subscription and serves as the example.
const SUBSCRIBER: &str = USERS[0];
const PASSWORD: &str = "atelier-demo";

fn address(username: &str) -> String {
    format!("{username}@demo.atelier.example")
}

/// The account of a demo user, made if need be; `None` if the name or the password is somebody else's by now.
pub(super) async fn account(services: &Services, username: &str) -> Result<Option<UserId>> {
    let registration = Registration {
        email: Email::parse(&address(username))?,
        username: Username::parse(username)?,
        password: Password::parse(PASSWORD)?,
        role: Role::User,
    };
    match services.accounts.register(registration).await {
        Ok(user) => Ok(Some(user.id)),
        Err(AccountError::EmailTaken | AccountError::NameTaken) => existing(services, username).await,
        Err(error) => Err(error.into()),
    }
}

async fn existing(services: &Services, username: &str) -> Result<Option<UserId>> {
    match login(services, username).await {
        Ok(tokens) => Ok(Some(services.authenticator.authenticate(&tokens.access_token).await?.user)),
        Err(AccountError::InvalidCredentials) => {
            tracing::warn!(username, "this demo user is left alone: the name or the password is another one's");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn login(services: &Services, username: &str) -> std::result::Result<Tokens, AccountError> {
    let email = Email::parse(&address(username)).map_err(domain::ServiceError::bug)?;
    services.accounts.login(Credentials { email, password: PASSWORD.into() }).await
}

/// Has a user's chats happen, as far as they have not.
pub(super) async fn tell(services: &Services, user: UserId, chats: impl Iterator<Item = &DemoChat>) -> Result<()> {
    let page = PageRequest { limit: MAX_LIMIT, cursor: None };
    let had = services.chats.chats(user, &page).await?.items;
    for demo in chats {
        let same = |chat: &&Chat| chat.title == demo.title && chat.character == demo.character;
        let chat = match had.iter().find(same) {
            Some(chat) => chat.clone(),
            None => match open(services, user, demo).await? {
                Some(chat) => chat,
                None => continue,
            },
        };
        let said = usize::try_from(chat.message_count).unwrap_or_default();
        for message in demo.messages().skip(said) {
            services.chats.append(user, chat.id, message).await?;
        }
    }
    Ok(())
}

async fn open(services: &Services, user: UserId, demo: &DemoChat) -> Result<Option<Chat>> {
    let new = NewChat { character: CharacterRef::Name(demo.character.clone()), title: Some(demo.title.clone()) };
    match services.chats.open(user, new).await {
        Ok(chat) => Ok(Some(chat)),
        Err(ChatError::NoSuchCharacter) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives the subscriber the cheapest plan that has a price, unless there has been a subscription.
pub(super) async fn subscribe(services: &Services) -> Result<()> {
    let plans = services.subscriptions.plans().await?;
    let plan = plans.into_iter().find(|plan| plan.price_cents > 0);
    let user = existing(services, SUBSCRIBER).await?;
    let Some((plan, user)) = plan.zip(user) else { return Ok(()) };
    if services.subscription_reads.subscription(user).await?.value()?.state != State::None {
        return Ok(());
    }
    let attempt = Attempt { key: IdempotencyKey::parse("demo-subscription")?, command: Subscribe { plan_code: plan.code } };
    match services.subscriptions.subscribe(user, attempt).await {
        Ok(_) | Err(SubscriptionError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The command that logs the example user in.
pub(crate) fn login_command(url: &str) -> String {
    let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, address(SUBSCRIBER));
    format!("curl -s {url}/v1/auth/login -H 'content-type: application/json' -d '{body}'")
}

/// How to be the example user, with a fresh access token.
pub(super) async fn instructions(services: &Services, url: &str) -> Result<String> {
    let Tokens { access_token, expires_in, .. } = login(services, SUBSCRIBER).await?;
    let users = USERS.map(address).join(" and ");
    let minutes = expires_in / 60;
    Ok(format!(
        "The demo content is there. Users: {users}; password: {PASSWORD}\n\n\
         An access token of {SUBSCRIBER}, good for {minutes} minutes:\n{access_token}\n\n\
         With `atelier serve` running, try:\n\
         curl -si {url}/v1/coins -H 'authorization: Bearer {access_token}'\n\n\
         Later, log in again:\n{}",
        login_command(url)
    ))
}
