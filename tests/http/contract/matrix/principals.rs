//! Everybody who may ask.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Site, User, eventually_true, rfc3339};
use serde_json::json;
use ulid::Ulid;

use super::{Access, ROWS};

/// Somebody who asks, by the kind of the credential and the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    User,
    Administrator,
    /// A user with temporary permissions for every scope of administrators.
    Permitted,
    Suspended,
    /// An administrator when the token was issued, a user now.
    Demoted,
    ExpiredToken,
    RevokedSession,
    /// A key of a user, with every scope that the user has.
    UserKey,
    /// A key of an administrator, with every scope.
    AdministratorKey,
    /// Such a key without the scope of the operation.
    AdministratorKeyWithout,
    /// A key with every scope, of an administrator who is a user now.
    DemotedKey,
    SuspendedKey,
    /// A user whose account was deleted and erased, with the old access token.
    Deleted,
    /// The old refresh token in place of an access token.
    DeletedRefresh,
    DeletedKey,
    ExpiredKey,
    RevokedKey,
    /// A service key with every scope, acting for a user.
    Service,
    ServiceForNobody,
    ServiceForSuspended,
    ServiceForUnknown,
    ServiceForDeleted,
    /// A service key without the scope of the operation, acting as it must.
    ServiceWithout,
    RevokedService,
}

/// The clients of all of them.
pub struct Principals {
    clients: Vec<(Who, Client)>,
    /// Those without one scope.
    without: BTreeMap<&'static str, [(Who, Client); 2]>,
}

/// The scopes that operations require.
fn scopes() -> Vec<&'static str> {
    let mut scopes: Vec<&str> = ROWS.iter().filter_map(|(_, access)| access.scope()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn of_administrators(scope: &str) -> bool {
    scope.ends_with(":admin")
}

impl Principals {
    /// Creates all of them on a site with a test clock.
    pub async fn create(site: &Site) -> Self {
        let mut clients = expired(site).await;
        let (admin, user) = (site.admin().await, site.register("user").await);
        let of_users: Vec<&str> = scopes().into_iter().filter(|scope| !of_administrators(scope)).collect();
        clients.extend([
            (Who::Nobody, site.client()),
            (Who::User, (*user).clone()),
            (Who::Administrator, (*admin).clone()),
            (Who::UserKey, user.create_key(&of_users).await.clone()),
            (Who::AdministratorKey, admin.create_key(&scopes()).await.clone()),
        ]);
        clients.extend(permitted(site, &admin).await);
        clients.extend(demoted(site, &admin).await);
        clients.extend(ended(site, &admin, &user).await);
        clients.extend(deleted(site, &admin).await);
        clients.extend(services(site, &admin, &user).await);
        let second = site.register("second").await;
        change(site, &admin, &second, "role = 'admin'").await;
        Self { clients, without: without(site, [&admin, &second], &user).await }
    }

    /// Everybody, with their clients for an operation.
    pub fn of(&self, access: Access) -> impl Iterator<Item = &(Who, Client)> {
        self.clients.iter().chain(access.scope().into_iter().flat_map(|scope| &self.without[scope]))
    }
}

/// Changes the row of a user behind the service, which then forgets what it remembers.
async fn change(site: &Site, admin: &User, user: &User, change: &str) {
    site.database().query(&format!("UPDATE users SET {change} WHERE id = '{}'", user.id));
    admin.post("/v1/admin/cache/clear").json(json!({"pattern": "*"})).await.expect(200);
}

/// A token and a key that have expired.
async fn expired(site: &Site) -> Vec<(Who, Client)> {
    let late = site.register("late").await;
    let body = json!({"name": "x", "scopes": ["me:read"], "expires_at": rfc3339(site.now() + TimeDelta::minutes(10))});
    let key = late.post("/v1/api-keys").json(body).await.expect(201);
    site.pass(TimeDelta::minutes(20), &[]).await;
    vec![(Who::ExpiredToken, (*late).clone()), (Who::ExpiredKey, late.with_key(key.text("key")))]
}

async fn permitted(site: &Site, admin: &User) -> Vec<(Who, Client)> {
    let permitted = site.register("permitted").await;
    for scope in scopes().into_iter().filter(|scope| of_administrators(scope)) {
        admin.permit(&permitted, scope, &rfc3339(site.now() + TimeDelta::hours(1))).await;
    }
    vec![(Who::Permitted, (*permitted).clone())]
}

/// An administrator who has become a user.
async fn demoted(site: &Site, admin: &User) -> Vec<(Who, Client)> {
    let demoted = site.register("demoted").await;
    change(site, admin, &demoted, "role = 'admin'").await;
    demoted.get("/v1/admin/invariants").await.expect(200);
    let key = demoted.create_key(&scopes()).await;
    key.get("/v1/admin/invariants").await.expect(200);
    change(site, admin, &demoted, "role = 'user'").await;
    vec![(Who::Demoted, (*demoted).clone()), (Who::DemotedKey, (*key).clone())]
}

/// Sessions and keys that have ended, and those of a suspended user.
async fn ended(site: &Site, admin: &User, user: &User) -> Vec<(Who, Client)> {
    let suspended = site.register("suspended").await;
    let (its_key, revoked) = (suspended.create_key(&["me:read"]).await, user.create_key(&["me:read"]).await);
    let (session, service) = (user.again().await, admin.create_service_key(&scopes()).await.of_user(&suspended));
    for client in [&*its_key, &*revoked, &service] {
        client.get("/v1/me").await.expect(200);
    }
    change(site, admin, &suspended, "suspended_at = now(), suspended_reason = 'for the test'").await;
    user.delete(format!("/v1/api-keys/{}", revoked.id)).await.expect(204);
    session.post("/v1/auth/logout").await.expect(204);
    vec![
        (Who::Suspended, (*suspended).clone()),
        (Who::SuspendedKey, (*its_key).clone()),
        (Who::ServiceForSuspended, service),
        (Who::RevokedKey, (*revoked).clone()),
        (Who::RevokedSession, (*session).clone()),
    ]
}

/// The credentials of a user whose account was deleted and erased.
async fn deleted(site: &Site, admin: &User) -> Vec<(Who, Client)> {
    let deleted = site.register("deleted").await;
    let (key, service) = (deleted.create_key(&["me:read"]).await, admin.create_service_key(&scopes()).await.of_user(&deleted));
    for client in [&*deleted, &*key, &service] {
        client.get("/v1/me").await.expect(200);
    }
    let deletion = deleted.delete("/v1/me").json(json!({"present_password": PASSWORD})).await.expect(202);
    let receipt = deletion.text("receipt_url");
    let is_done = async || site.client().get(receipt).await.expect(200).text("state") == "done";
    eventually_true("the account is erased", is_done).await;
    vec![
        (Who::DeletedRefresh, deleted.bearing(&deleted.refresh_token)),
        (Who::Deleted, (*deleted).clone()),
        (Who::DeletedKey, (*key).clone()),
        (Who::ServiceForDeleted, service),
    ]
}

async fn services(site: &Site, admin: &User, user: &User) -> Vec<(Who, Client)> {
    let (service, revoked) = (admin.create_service_key(&scopes()).await, admin.create_service_key(&scopes()).await);
    admin.revoke_service_key(&revoked).await;
    let unknown = site.client().with_key(&service.text).acting_for(&Ulid::new().to_string());
    vec![
        (Who::Service, service.of_user(user)),
        (Who::ServiceForNobody, (*service).clone()),
        (Who::ServiceForUnknown, unknown),
        (Who::RevokedService, revoked.of_user(user)),
    ]
}

/// For each scope, keys that have every other one. An administrator has at most twenty keys, so two share them.
async fn without(site: &Site, administrators: [&User; 2], user: &User) -> BTreeMap<&'static str, [(Who, Client); 2]> {
    let mut without = BTreeMap::new();
    for (scope, admin) in scopes().into_iter().zip(administrators.into_iter().cycle()) {
        let others: Vec<&str> = scopes().into_iter().filter(|other| *other != scope).collect();
        let key = admin.create_key(&others).await;
        let service = admin.create_service_key(&others).await;
        let service = if of_administrators(scope) { (*service).clone() } else { service.of_user(user) };
        let key = site.client().with_key(&key.text);
        without.insert(scope, [(Who::AdministratorKeyWithout, key), (Who::ServiceWithout, service)]);
    }
    without
}
