//! The job that sends a mail of an account.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::identity::User;
use domain::identity::settings::UserSettingsValues;
use domain::ids::{MailTokenId, UserId};
use domain::{Clock, Language, ServiceError};
use sea_orm::EntityTrait;
use serde_json::json;

use super::account_mail::AccountMail;
use super::templates;
use crate::db::{Database, Keys, of_json, service_error};
use crate::identity::account_rows::view;
use crate::identity::directory::by_email;
use crate::identity::entities::{user, user_settings};
use crate::identity::mail_tokens::{self, Details, MailToken, Purpose, TokenKeys};
use crate::identity::users::locked_user;
use crate::jobs::{Done, Failure, JobKind, Queue, Run, Spec};
use crate::mail::{Link, Mail, Mailer, Template, Values};

/// Sends a mail of an account.
pub(crate) struct SendAccountMail {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: TokenKeys,
    pub(crate) mailer: Arc<Mailer>,
}

#[async_trait]
impl JobKind for SendAccountMail {
    type Payload = AccountMail;
    const SPEC: Spec =
        Spec { name: "send_mail", queue: Queue::Mail, priority: 0, max_attempts: 12, deadline: Duration::from_mins(6) };

    async fn run(&self, AccountMail { token }: AccountMail, run: &Run) -> Result<Done, Failure> {
        match self.mail(token).await? {
            Some(mail) => self.mailer.deliver(run.job(), mail).await,
            // Its link was used or replaced, or has expired, or there is nobody to send it to.
            None => Ok(Done::with(json!({"sent": false}))),
        }
    }
}

impl SendAccountMail {
    /// The mail of a token; `None` if it was used, replaced or has expired, or if there is nobody to send it to.
    async fn mail(&self, token: MailTokenId) -> Result<Option<Mail>, ServiceError> {
        let Some(token) = mail_tokens::find(self.db.reader(), token, self.clock.now()).await? else { return Ok(None) };
        let owner = by_email(self.db.reader(), &token.address).await?.map(view).transpose()?;
        match token.purpose {
            Purpose::Registration => match owner {
                Some(owner) => self.account_exists(&token, &owner).await.map(Some),
                None => self.with_link(&templates::REGISTRATION, token, None).await.map(Some),
            },
            Purpose::PasswordReset => self.password_reset(token, owner).await,
            Purpose::Verification => match owner.filter(|owner| Some(owner.id) == token.user) {
                Some(owner) => self.with_link(&templates::VERIFICATION, token, Some(&owner)).await.map(Some),
                None => Ok(None),
            },
            Purpose::NewAddress => match owner {
                Some(owner) => self.account_exists(&token, &owner).await.map(Some),
                None => self.with_link(&templates::NEW_ADDRESS, token, None).await.map(Some),
            },
            Purpose::NewAddressRequested => self.notice(&templates::NEW_ADDRESS_REQUESTED, token).await.map(Some),
            Purpose::AddressChanged => self.notice(&templates::ADDRESS_CHANGED, token).await.map(Some),
        }
    }

    /// Gives the token of a reset to the user of its address.
    async fn password_reset(&self, token: MailToken, owner: Option<User>) -> Result<Option<Mail>, ServiceError> {
        let Some(owner) = owner else { return Ok(None) };
        let (given, user) = (token.clone(), owner.id);
        let assigned = self.db.write(Keys::none(), move |tx| async move {
            let row = locked_user(&tx, user).await?.filter(|row| row.email == given.address.as_str());
            if row.is_none() {
                return Ok(false);
            }
            mail_tokens::assign(&tx, &given, user).await
        });
        if !assigned.await? {
            return Ok(None);
        }
        self.with_link(&templates::PASSWORD_RESET, token, Some(&owner)).await.map(Some)
    }

    async fn account_exists(&self, token: &MailToken, owner: &User) -> Result<Mail, ServiceError> {
        Ok(Mail {
            recipient: owner.email.clone(),
            language: self.language(Some(owner.id), token.language).await?,
            template: &templates::ACCOUNT_EXISTS,
            values: Values::from([("name", name(owner))]),
            link: None,
        })
    }

    /// The mail with the link of a token. The recipient is greeted by name only as a user whose address is verified: otherwise
    /// anybody could have a text of theirs sent to any address.
    async fn with_link(&self, template: &'static Template, token: MailToken, to: Option<&User>) -> Result<Mail, ServiceError> {
        let (page, operation) = target(token.purpose);
        let with_password = matches!(token.purpose, Purpose::Registration | Purpose::PasswordReset);
        Ok(Mail {
            language: self.language(token.user.or(to.map(|to| to.id)), token.language).await?,
            template,
            values: Values::from([("name", to.map(name).unwrap_or_default())]),
            link: Some(Link { page, operation, token: self.keys.text(&token)?, with_password }),
            recipient: token.address,
        })
    }

    async fn notice(&self, template: &'static Template, token: MailToken) -> Result<Mail, ServiceError> {
        let MailToken { user: Some(user), address: recipient, language, details: Some(Details::Notice { new_address }), .. } =
            token
        else {
            return Err(ServiceError::bug("a notice names no user or no address"));
        };
        let row = user::Entity::find_by_id(user.to_string()).one(self.db.reader()).await.map_err(service_error)?;
        let name = row.map(view).transpose()?.as_ref().map(name).unwrap_or_default();
        let values = Values::from([("name", name), ("new_address", new_address.as_str().to_owned())]);
        Ok(Mail { recipient, language: self.language(Some(user), language).await?, template, values, link: None })
    }

    /// The language that the user has chosen, or else the other.
    async fn language(&self, user: Option<UserId>, otherwise: Language) -> Result<Language, ServiceError> {
        let Some(user) = user else { return Ok(otherwise) };
        let row = user_settings::Entity::find_by_id(user.to_string()).one(self.db.reader()).await.map_err(service_error)?;
        let values = row.map(|row| of_json::<UserSettingsValues>(&row.settings)).transpose()?;
        Ok(values.and_then(|values| values.language).unwrap_or(otherwise))
    }
}

/// The name that a user is greeted by; empty if the address is not verified.
fn name(user: &User) -> String {
    let shown = user.display_name.as_ref().map_or(user.username.as_str(), |name| name.as_str());
    user.email_verified_at.map(|_| shown.to_owned()).unwrap_or_default()
}

/// The page and the operation that take the token.
fn target(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Registration => ("/confirm-registration", "/v1/auth/register/confirm"),
        Purpose::PasswordReset => ("/reset-password", "/v1/auth/password-reset/confirm"),
        _ => ("/verify-email", "/v1/auth/verify-email"),
    }
}
