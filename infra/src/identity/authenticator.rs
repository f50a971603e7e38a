//! Verification of credentials against their rows.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::keys::{KeyKind, KeyText};
use domain::identity::{AccountError, Authenticator, Holder, Presented, PresentedCredential, Principal};
use domain::ids::UserId;
use domain::{Clock, ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::api_key;
use super::rights;
use super::security::Tokens;
use crate::db::{Pools, service_error};

/// [`Authenticator`] on SQL: verifies a credential and reads its row and its user's.
pub(crate) struct SqlAuthenticator {
    pub(crate) pools: Pools,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Authenticator for SqlAuthenticator {
    async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AccountError> {
        let now = self.clock.now();
        let principal = match presented.credential {
            PresentedCredential::Token(token) => {
                let claims = self.tokens.access(token, now)?;
                rights::of_session(self.pools.reader(), (claims.sub, claims.sid), claims.expires_at(), now).await?
            }
            PresentedCredential::Key(text) => self.key(text, presented.acts_for, now).await?,
        };
        principal.check_acts_for(presented.acts_for)?;
        Ok(principal)
    }

    async fn reauthenticate(&self, holder: Holder) -> Result<Principal, AccountError> {
        rights::of_holder(self.pools.reader(), holder, self.clock.now()).await
    }
}

impl SqlAuthenticator {
    /// The principal of an API key. A mistyped key is refused without a query.
    async fn key(&self, text: &str, acts_for: Option<UserId>, now: Time) -> Result<Principal, AccountError> {
        let text = KeyText::parse(text).ok_or(AccountError::InvalidKey)?;
        let of_hash = api_key::Entity::find().filter(api_key::Column::Hash.eq(text.hash()));
        let row = of_hash.one(self.pools.reader()).await.map_err(service_error)?.ok_or(AccountError::InvalidKey)?;
        if (text.kind() == KeyKind::User) != row.user_id.is_some() {
            return Err(ServiceError::bug("the kind of a key contradicts its row").into());
        }
        rights::of_key(self.pools.reader(), row, acts_for, now).await
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::identity::{Action, Area, Credential, Role, Scope};
    use domain::ids::{ApiKeyId, SessionId};
    use sea_orm::Value;
    use secrecy::SecretString;

    use super::*;
    use crate::clock::SystemClock;
    use crate::db::test_database::TestDatabase;
    use crate::db::{Keys, Tx, execute};

    struct Fixture {
        authenticator: SqlAuthenticator,
        file: TestDatabase,
        user: UserId,
        session: SessionId,
        own_key: ApiKeyId,
        service_key: ApiKeyId,
    }

    impl Fixture {
        async fn new() -> Self {
            let (file, now, clock) = (TestDatabase::migrated().await, SystemClock.now(), Arc::new(SystemClock));
            let tokens = Tokens::new(&SecretString::from("a secret of tests"), &[]);
            let authenticator = SqlAuthenticator { pools: file.pools.clone(), tokens, clock };
            let (user, session) = (UserId::generate(now), SessionId::generate(now));
            let (own_key, service_key) = (ApiKeyId::generate(now), ApiKeyId::generate(now));
            let fixture = Self { authenticator, file, user, session, own_key, service_key };
            let (id, now, later) = (user.to_string(), Value::from(now), Value::from(now + TimeDelta::days(1)));
            fixture
                .write(
                    "INSERT INTO users (id, email, username, username_key, display_name, role, password_hash, created_at, version)
                     VALUES ($1, 'a@example.com', 'a', 'a', 'A', 'user', 'x', $2, 1)",
                    [id.clone().into(), now.clone()],
                )
                .await;
            fixture
                .write(
                    "INSERT INTO login_sessions (id, user_id, generation, rotated_at, created_at, expires_at)
                     VALUES ($1, $2, 1, $3, $3, $4)",
                    [session.to_string().into(), id.clone().into(), now.clone(), later],
                )
                .await;
            for (key, owner) in [(own_key, Some(id.clone())), (service_key, None)] {
                fixture
                    .write(
                        r#"INSERT INTO api_keys (id, user_id, created_by, name, prefix, hash, scopes, created_at)
                         VALUES ($1, $2, $3, 'a key', 'atl_uabcdef', $4, '["coins:read"]', $5)"#,
                        [
                            key.to_string().into(),
                            owner.into(),
                            id.clone().into(),
                            key.to_string().into_bytes().into(),
                            now.clone(),
                        ],
                    )
                    .await;
            }
            fixture
        }

        async fn write<const N: usize>(&self, sql: &'static str, values: [Value; N]) {
            let work = async move |tx: Tx| execute(&tx, sql, values).await;
            let written: Result<u64, ServiceError> = self.file.uncached().write(Keys::none(), work).await;
            assert_eq!(written.unwrap(), 1, "{sql}");
        }

        async fn judge(&self, user: Option<UserId>, credential: Credential) -> Result<Principal, AccountError> {
            self.authenticator.reauthenticate(Holder { user, credential }).await
        }
    }

    #[tokio::test]
    async fn a_holder_is_judged_by_the_rows_of_its_credential_and_its_user() {
        let fixture = Fixture::new().await;
        let Fixture { user, session, own_key, service_key, .. } = fixture;
        let coins = Scope::new(Area::Coins, Action::Read);
        let (in_session, with_key) = (Credential::Session(session), Credential::UserKey(own_key));
        let principal = fixture.judge(Some(user), in_session).await.unwrap();
        assert_eq!((principal.user, principal.role, principal.scopes), (Some(user), Role::User, None));
        assert!(principal.expires_at < Time::MAX_UTC, "it ends with the session");
        let principal = fixture.judge(Some(user), with_key).await.unwrap();
        assert!(principal.user == Some(user) && principal.scopes.is_some_and(|scopes| scopes.contains(coins)));
        for subject in [Some(user), None] {
            let principal = fixture.judge(subject, Credential::ServiceKey(service_key)).await.unwrap();
            assert_eq!((principal.user, principal.holder().credential), (subject, Credential::ServiceKey(service_key)));
        }
        let stranger = UserId::generate(SystemClock.now());
        assert!(matches!(fixture.judge(Some(stranger), in_session).await, Err(AccountError::TokenRevoked)));
        let for_stranger = fixture.judge(Some(stranger), Credential::ServiceKey(service_key)).await;
        assert!(matches!(for_stranger, Err(AccountError::NoSuchSubject)));
    }

    #[tokio::test]
    async fn a_holder_ends_with_its_session_its_key_or_its_user() {
        let fixture = Fixture::new().await;
        let Fixture { user, session, own_key, service_key, .. } = fixture;
        let (in_session, with_key) = (Credential::Session(session), Credential::UserKey(own_key));
        let now = || Value::from(SystemClock.now());
        fixture.write("UPDATE api_keys SET revoked_at = $2 WHERE id = $1", [own_key.to_string().into(), now()]).await;
        assert!(matches!(fixture.judge(Some(user), with_key).await, Err(AccountError::KeyRevoked)));
        fixture.write("UPDATE users SET suspended_at = $2 WHERE id = $1", [user.to_string().into(), now()]).await;
        assert!(matches!(fixture.judge(Some(user), in_session).await, Err(AccountError::Suspended)));
        let for_user = fixture.judge(Some(user), Credential::ServiceKey(service_key)).await;
        assert!(matches!(for_user, Err(AccountError::Suspended)));
        fixture.write("UPDATE users SET suspended_at = NULL WHERE id = $1", [user.to_string().into()]).await;
        fixture.write("UPDATE login_sessions SET expires_at = $2 WHERE id = $1", [session.to_string().into(), now()]).await;
        assert!(matches!(fixture.judge(Some(user), in_session).await, Err(AccountError::TokenRevoked)));
    }
}
