//! Commands that administer users, with the services of the API. Running servers apply a change when the command returns.

use std::fmt::Write;

use clap::Subcommand;
use domain::Services;
use domain::identity::{
    Email, ManagedUser, ManagedUserChange, Role, SuspensionReason, UserAdministrationError, UserAdministrator, UserFilter,
};
use domain::ids::UserId;
use domain::page::{MAX_LIMIT, PageRequest};
use domain::revision::Precondition;
use tokio::runtime::Handle;

use super::{Failure, connect_to, infra_config, migrate, print};
use crate::config::{Settings, UseOfSecret};

const BY: UserAdministrator = UserAdministrator::COMMAND_LINE;

/// A command on existing users.
#[derive(Debug, Subcommand)]
pub(crate) enum Administration {
    /// List users
    List {
        /// Only the user with this e-mail address
        #[arg(long, value_parser = address)]
        email: Option<Email>,
        /// Only users whose username begins with this text
        #[arg(long)]
        name: Option<String>,
    },
    /// Show a user
    Show(Selected),
    /// Suspend a user: every server refuses the user wherever sign-in is required
    Suspend {
        #[command(flatten)]
        user: Selected,
        /// The reason, for administrators
        #[arg(long, value_parser = SuspensionReason::parse)]
        reason: SuspensionReason,
    },
    /// Restore a suspended user
    Restore(Selected),
    /// Change the role of a user
    Role {
        #[command(flatten)]
        user: Selected,
        /// The new role, user or admin
        #[arg(value_parser = role)]
        role: Role,
    },
    /// End all sessions of a user
    EndSessions(Selected),
    /// Print a token with which the user sets a new password within 15 minutes
    ResetPassword(Selected),
    /// Delete the account of a user and print the path of the receipt; it cannot be undone
    Delete(Selected),
}

/// The user of a command.
#[derive(Debug, clap::Args)]
pub(crate) struct Selected {
    /// The user's id or e-mail address
    #[arg(value_parser = UserKey::parse)]
    user: UserKey,
}

/// How a command names a user.
#[derive(Debug, Clone)]
enum UserKey {
    Id(UserId),
    Email(Email),
}

impl UserKey {
    fn parse(text: &str) -> Result<Self, domain::Invalid> {
        if text.contains('@') {
            return address(text).map(Self::Email);
        }
        let invalid = |_| domain::Invalid::new("must be an e-mail address, or an id: 26 characters of Crockford base 32 (ULID)");
        text.parse().map(Self::Id).map_err(invalid)
    }
}

/// The address of an existing account, which may be one that only older rules accepted.
fn address(text: &str) -> Result<Email, domain::Invalid> {
    if text.contains('@') { Email::of_login(text) } else { Err(domain::Invalid::new("must be an e-mail address")) }
}

fn role(text: &str) -> Result<Role, domain::Invalid> {
    match text {
        "user" => Ok(Role::User),
        "admin" => Ok(Role::Admin),
        _ => Err(domain::Invalid::new("must be user or admin")),
    }
}

/// Runs a command.
pub(super) async fn run(settings: &Settings, command: Administration, background: &Handle) -> Result<(), Failure> {
    let services = existing(settings, &command, background).await?;
    let output = match command {
        Administration::List { email, name } => return list(&services, UserFilter { id: None, email, name }).await,
        Administration::Show(user) => card(&find(&services, user).await?),
        Administration::Suspend { user, reason } => change(&services, user, suspension(Some(reason))).await?,
        Administration::Restore(user) => change(&services, user, suspension(None)).await?,
        Administration::Role { user, role } => {
            change(&services, user, ManagedUserChange { role: Some(role), suspension: None }).await?
        }
        Administration::EndSessions(user) => {
            let user = find(&services, user).await?.id;
            services.user_administration.end_sessions(BY, user).await.map_err(failed)?;
            "all sessions of the user have ended".to_owned()
        }
        Administration::ResetPassword(user) => {
            let user = find(&services, user).await?.id;
            let reset = services.user_administration.reset_password(BY, user).await.map_err(failed)?;
            format!("token: {}\nexpires_at: {}", reset.token, reset.expires_at.to_rfc3339())
        }
        Administration::Delete(user) => {
            let user = find(&services, user).await?.id;
            let deletion = services.deletions.delete_as(BY, user).await;
            let deletion = deletion.map_err(|error| Failure::because("cannot delete the account", error))?;
            format!("receipt_url: {}\nexpires_at: {}", deletion.receipt_url, deletion.expires_at.to_rfc3339())
        }
    };
    print(output)
}

/// The services on a database that exists: a command on existing users creates none.
async fn existing(settings: &Settings, command: &Administration, background: &Handle) -> Result<Services, Failure> {
    let signs = matches!(command, Administration::ResetPassword(_));
    let config = infra_config(settings, if signs { UseOfSecret::SignsForServers } else { UseOfSecret::None })?;
    infra::check_exists(&config).map_err(|error| Failure::start("cannot administer users", error))?;
    migrate(settings).await?;
    connect_to(config, background).await
}

fn failed(error: UserAdministrationError) -> Failure {
    match error {
        UserAdministrationError::NotFound => Failure::Refused("there is no such user"),
        UserAdministrationError::LastAdministrator => {
            Failure::Refused("this is the last active administrator: make another user an administrator first")
        }
        error => Failure::because("cannot administer the user", error),
    }
}

async fn find(services: &Services, Selected { user }: Selected) -> Result<ManagedUser, Failure> {
    let users = &services.user_administration;
    let found = match user {
        UserKey::Id(id) => users.find(BY, id).await,
        UserKey::Email(email) => {
            let filter = UserFilter { email: Some(email), ..UserFilter::default() };
            let page = users.list(BY, &filter, &PageRequest { limit: 1, cursor: None }).await;
            page.and_then(|page| page.items.into_iter().next().ok_or(UserAdministrationError::NotFound))
        }
    };
    found.map_err(failed)
}

/// A suspension for a reason, or without one a restoration.
fn suspension(reason: Option<SuspensionReason>) -> ManagedUserChange {
    ManagedUserChange { role: None, suspension: Some(reason) }
}

async fn change(services: &Services, user: Selected, change: ManagedUserChange) -> Result<String, Failure> {
    let user = find(services, user).await?.id;
    let changed = services.user_administration.change(BY, user, &Precondition::Exists, change).await;
    Ok(card(&changed.map_err(failed)?))
}

/// Prints one line for each user.
async fn list(services: &Services, filter: UserFilter) -> Result<(), Failure> {
    let mut page = PageRequest { limit: MAX_LIMIT, cursor: None };
    loop {
        let users = services.user_administration.list(BY, &filter, &page).await.map_err(failed)?;
        let lines: Vec<String> = users.items.iter().map(line).collect();
        if !lines.is_empty() {
            print(lines.join("\n"))?;
        }
        match users.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(()),
        }
    }
}

fn line(user: &ManagedUser) -> String {
    let suspended = if user.suspended { " suspended" } else { "" };
    format!("{} {} {} {}{suspended}", user.id, user.email.as_str(), user.username.as_str(), user.role)
}

fn card(user: &ManagedUser) -> String {
    let (email, username, role) = (user.email.as_str(), user.username.as_str(), user.role);
    let mut card = format!("id: {}\nemail: {email}\nusername: {username}\nrole: {role}\nsuspended: {}", user.id, user.suspended);
    if let Some(reason) = &user.suspended_reason {
        let _ = write!(card, "\nreason: {}", reason.as_str());
    }
    card
}
