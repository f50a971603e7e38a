//! Commands and settings that create accounts.

use std::io::{BufRead, Read, stdin};

use domain::Services;
use domain::identity::{AccountError, Email, Installation, Password, Registration, Role, User, Username};
use rand::distr::{Alphanumeric, SampleString};
use tokio::runtime::Handle;

use super::{Failure, NewUser, connect, print};
use crate::config::{Admin, Environment, Settings};
use crate::seed;

/// Creates an account and prints it, with its password if that was generated.
pub(super) async fn create(settings: &Settings, new: NewUser, background: &Handle) -> Result<(), Failure> {
    let generated = if new.password_stdin { None } else { Some(random(24)) };
    let password = match &generated {
        Some(generated) => Password::parse(generated),
        None => Password::parse(&line_of_stdin()?),
    };
    let password = password.map_err(|reason| Failure::because("the password is refused", reason))?;
    let role = if new.admin { Role::Admin } else { Role::User };
    let registration = Registration { email: new.email, username: new.username, password, role };
    let user = connect(settings, background).await?.accounts.create(registration).await;
    print(card(&user.map_err(|error| Failure::because("cannot create the account", error))?, generated.as_deref()))
}

const ADDRESS_OF_ANOTHER: &str = "ADMIN_EMAIL is the address of a user who is not an administrator. Make that user one with \
    `atelier user role ADDRESS admin`, or set ADMIN_EMAIL to an address that no user has";

fn card(user: &User, password: Option<&str>) -> String {
    let password = password.map(|password| format!("\npassword: {password}")).unwrap_or_default();
    let (email, username) = (user.email.as_str(), user.username.as_str());
    format!("id: {}\nemail: {email}\nusername: {username}\nrole: {}{password}", user.id, user.role)
}

fn line_of_stdin() -> Result<String, Failure> {
    let mut line = String::new();
    let read = stdin().lock().take(4096).read_line(&mut line);
    read.map_err(|error| Failure::because("cannot read the password", error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Creates the demo content and prints how to use it.
pub(super) async fn seed(settings: &Settings, background: &Handle) -> Result<(), Failure> {
    if settings.environment == Environment::Production {
        return Err(Failure::Refused("production refuses demo content: the passwords of the demo users are public"));
    }
    let services = connect(settings, background).await?;
    let failed = |error| Failure::because("cannot create the demo content", error);
    seed::demo(&services).await.map_err(failed)?;
    let port = if settings.listen.port == 0 { 8000 } else { settings.listen.port };
    print(seed::instructions(&services, &settings.listen.url(port)).await.map_err(failed)?)
}

/// Creates the administrator of the settings, once in the life of an installation.
pub(super) async fn ensure_admin(services: &Services, admin: &Admin) -> Result<(), Failure> {
    for username in usernames(&admin.email) {
        let (email, password) = (admin.email.clone(), admin.password.clone());
        let registration = Registration { email, username, password, role: Role::Admin };
        match services.accounts.install_administrator(registration).await {
            Ok(Installation::Created(user)) => {
                tracing::info!(username = user.username.as_str(), "created the administrator of ADMIN_EMAIL");
                return Ok(());
            }
            Ok(Installation::Unchanged) => return Ok(()),
            Err(AccountError::NameTaken) => {}
            Err(AccountError::AddressOfAnother) => return Err(Failure::Refused(ADDRESS_OF_ANOTHER)),
            Err(error) => return Err(Failure::because("cannot create the administrator of ADMIN_EMAIL", error)),
        }
    }
    Err(Failure::Refused("no username is free for the administrator of ADMIN_EMAIL"))
}

/// Usernames for an administrator in order of preference: the local part of the address, `admin`, and a random one.
fn usernames(email: &Email) -> impl Iterator<Item = Username> {
    let local = email.as_str().split('@').next().unwrap_or_default().to_owned();
    let unique = format!("admin-{}", random(8).to_lowercase());
    [local, "admin".to_owned(), unique].into_iter().filter_map(|name| Username::parse(&name).ok())
}

fn random(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_finds_a_username_for_every_address() {
        let names = |email| usernames(&Email::parse(email).unwrap()).map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("boss@example.com")[0], "boss");
        assert_eq!(names("a+b@example.com")[0], "admin");
        assert_eq!(names("a+b@example.com").len(), 2);
    }
}
