//! The demo users, their chats, and how to log in as one of them.

use domain::Services;
use domain::billing::subscriptions::{State, Subscribe, SubscriptionError};
use domain::chats::{CharacterRef, Chat, ChatError, NewChat};
use domain::idempotency::{Attempt, IdempotencyKey};
use domain::identity::{
    AccountError, Credentials, Device, Email, Password, Placement, Placer, Presented, Registration, Role, Tokens, Username,
};
use domain::ids::UserId;
use domain::page::{MAX_LIMIT, PageRequest};

use super::Result;
use super::content::DemoChat;

/// The owner of the public characters.
pub(super) const OWNER: &str = "atelier";
/// The users with chats.
pub(super) const USERS: [&str; 2] = ["mika", "noor"];
/// The user of the examples, who has a subscription.
const SUBSCRIBER: &str = USERS[0];
const PASSWORD: &str = "atelier-demo";

fn address(username: &str) -> String {
    format!("{username}@demo.atelier.example")
}

/// The account of a demo user, created if missing; `None` if another user took the name or changed the password.
pub(super) async fn account(services: &Services, username: &str) -> Result<Option<UserId>> {
    let registration = Registration {
        email: Email::parse(&address(username))?,
        username: Username::parse(username)?,
        password: Password::parse(PASSWORD)?,
        role: Role::User,
    };
    match services.accounts.create(registration).await {
        Ok(user) => Ok(Some(user.id)),
        Err(AccountError::EmailTaken | AccountError::NameTaken) => existing(services, username).await,
        Err(error) => Err(error.into()),
    }
}

async fn existing(services: &Services, username: &str) -> Result<Option<UserId>> {
    match login(services, username).await {
        Ok(tokens) => Ok(services.authenticator.authenticate(Presented::token(&tokens.access_token)).await?.user),
        Err(AccountError::InvalidCredentials) => {
            tracing::warn!(username, "skipped a demo user: another user has the name, or the password was changed");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn login(services: &Services, username: &str) -> std::result::Result<Tokens, AccountError> {
    let email = Email::parse(&address(username)).map_err(domain::ServiceError::bug)?;
    services.accounts.login(Credentials { email, password: PASSWORD.into(), device: Device::default() }).await
}

/// Adds the missing chats and messages of a user.
pub(super) async fn add_chats(services: &Services, user: UserId, chats: impl Iterator<Item = &DemoChat>) -> Result<()> {
    let page = PageRequest { limit: MAX_LIMIT, cursor: None };
    let existing = services.chats.chats(user, &page).await?.items;
    for demo in chats {
        let same = |chat: &&Chat| chat.title == demo.title && chat.character == demo.character;
        let chat = match existing.iter().find(same) {
            Some(chat) => chat.clone(),
            None => match open(services, user, demo).await? {
                Some(chat) => chat,
                None => continue,
            },
        };
        let present = usize::try_from(chat.message_count).unwrap_or_default();
        for message in demo.messages().skip(present) {
            services.chats.append(Placement { user, placer: Placer::User }, chat.id, message).await?;
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

/// Subscribes the example user to the cheapest plan with a price, unless the user had a subscription.
pub(super) async fn subscribe(services: &Services) -> Result<()> {
    let plans = services.subscriptions.plans().await?;
    let plan = plans.into_iter().find(|plan| plan.price_cents > 0);
    let user = existing(services, SUBSCRIBER).await?;
    let Some((plan, user)) = plan.zip(user) else { return Ok(()) };
    if services.subscription_reads.subscription(user).await?.value()?.state != State::None {
        return Ok(());
    }
    let attempt = Attempt { key: IdempotencyKey::parse("demo-subscription")?, command: Subscribe { plan_code: plan.code } };
    match services.subscriptions.subscribe(Placement { user, placer: Placer::User }, attempt).await {
        Ok(_) | Err(SubscriptionError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The command that logs the example user in.
pub(crate) fn login_command(url: &str) -> String {
    let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, address(SUBSCRIBER));
    format!("curl -s {url}/v1/auth/login -H 'content-type: application/json' -d '{body}'")
}

/// How to use the API as the example user, with a new access token.
pub(super) async fn instructions(services: &Services, url: &str) -> Result<String> {
    let Tokens { access_token, expires_in, .. } = login(services, SUBSCRIBER).await?;
    let users = USERS.map(address).join(" and ");
    let minutes = expires_in / 60;
    Ok(format!(
        "The demo content exists. Users: {users}; password: {PASSWORD}\n\n\
         An access token of {SUBSCRIBER}, valid for {minutes} minutes:\n{access_token}\n\n\
         With `atelier serve` running, try:\n\
         curl -si {url}/v1/coins -H 'authorization: Bearer {access_token}'\n\n\
         To log in again later:\n{}",
        login_command(url)
    ))
}
