//! The authorisation matrix: every operation of the document, asked by everybody.

mod others;
mod principals;
mod rows;

use harness::{Document, Operation, Response, SiteBuilder, postgres_only};
use serde_json::Value;

use super::access::request;
use principals::{Principals, Who};
use rows::ROWS;

/// What an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Public,
    /// A login session.
    Session,
    /// A login session of an administrator.
    AdministratorSession,
    /// A scope on the data of a user.
    OwnData(&'static str),
    /// The same, by the site only.
    OwnDataBySite(&'static str),
    /// As own data, or the secret of a data session.
    OwnDataOrSecret(&'static str),
    /// The same, or nothing: a data session without a user, which the site of this test does not allow.
    OwnDataOrNothing(&'static str),
    /// The same, or a secret, or a ticket in the query.
    OwnDataOrTicket(&'static str),
    /// A scope of administrators.
    Administration(&'static str),
}

impl Access {
    fn scope(self) -> Option<&'static str> {
        match self {
            Self::OwnData(scope)
            | Self::OwnDataBySite(scope)
            | Self::OwnDataOrSecret(scope)
            | Self::OwnDataOrNothing(scope)
            | Self::OwnDataOrTicket(scope)
            | Self::Administration(scope) => Some(scope),
            Self::Public | Self::Session | Self::AdministratorSession => None,
        }
    }
}

/// What everybody gets: the refusal of the credential, or whether the right suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Allowed,
    Refused(u16, &'static str),
}

const FORBIDDEN: Expected = Expected::Refused(403, "forbidden");

/// The refusal of a credential that is good for nothing, whatever is asked.
fn refused_credential(who: Who) -> Option<Expected> {
    let (status, problem) = match who {
        Who::Nobody | Who::DeletedRefresh | Who::DeletedKey => (401, "invalid-credentials"),
        Who::ExpiredToken | Who::ExpiredKey => (401, "token-expired"),
        Who::RevokedSession | Who::RevokedKey | Who::RevokedService | Who::Deleted => (401, "token-revoked"),
        Who::Suspended | Who::SuspendedKey | Who::ServiceForSuspended => (403, "account-suspended"),
        Who::ServiceForUnknown | Who::ServiceForDeleted => (403, "forbidden"),
        _ => return None,
    };
    Some(Expected::Refused(status, problem))
}

fn expected(access: Access, who: Who) -> Expected {
    if access == Access::Public {
        return Expected::Allowed;
    }
    if let Some(refused) = refused_credential(who) {
        return refused;
    }
    let is_session = matches!(who, Who::User | Who::Administrator | Who::Permitted | Who::Demoted);
    let is_allowed = match access {
        Access::Public => true,
        Access::Session => is_session,
        Access::AdministratorSession => who == Who::Administrator,
        Access::OwnData(_) | Access::OwnDataOrSecret(_) | Access::OwnDataOrNothing(_) | Access::OwnDataOrTicket(_) => {
            is_session || matches!(who, Who::UserKey | Who::AdministratorKey | Who::DemotedKey | Who::Service)
        }
        Access::OwnDataBySite(_) => who == Who::Service,
        Access::Administration(_) => {
            matches!(who, Who::Administrator | Who::Permitted | Who::AdministratorKey | Who::ServiceForNobody)
        }
    };
    if is_allowed { Expected::Allowed } else { FORBIDDEN }
}

fn id<'o>(operation: &Operation<'o>) -> &'o str {
    operation.spec["operationId"].as_str().expect("every operation has a name")
}

fn row(operation: &Operation<'_>) -> Access {
    let row = ROWS.iter().find(|(name, _)| *name == id(operation));
    row.unwrap_or_else(|| panic!("the matrix has no row for {}", operation.label())).1
}

/// Operations that end the session of who asks: they are asked with a client of their own.
const ENDS_SESSION: [&str; 2] = ["logOut", "logOutAll"];

fn outcome(response: &Response) -> Expected {
    let problem = response["type"].as_str().unwrap_or_default();
    match response.status() {
        status @ (401 | 403) => ["invalid-credentials", "token-expired", "token-revoked", "account-suspended", "forbidden"]
            .into_iter()
            .find(|known| problem.ends_with(&format!("/{known}")))
            .map_or(Expected::Allowed, |known| Expected::Refused(status, known)),
        _ => Expected::Allowed,
    }
}

#[test]
fn every_operation_has_one_row_and_states_its_scope() {
    for operation in Document::committed().operations() {
        let (access, schemes) = (row(&operation), Value::from(operation.security().to_vec()));
        let stated = match access {
            Access::Public => "[]",
            Access::Session | Access::AdministratorSession => r#"[{"bearer":[]}]"#,
            Access::Administration(_) => r#"[{"bearer":[]},{"apiKey":[]}]"#,
            Access::OwnData(_) => r#"[{"bearer":[]},{"apiKey":[]},{"apiKey":[],"atelierUser":[]}]"#,
            Access::OwnDataBySite(_) => r#"[{"apiKey":[],"atelierUser":[]}]"#,
            Access::OwnDataOrSecret(_) => {
                r#"[{"bearer":[]},{"apiKey":[]},{"apiKey":[],"atelierUser":[]},{"dataSessionSecret":[]}]"#
            }
            Access::OwnDataOrNothing(_) => r#"[{"bearer":[]},{"apiKey":[]},{"apiKey":[],"atelierUser":[]},{}]"#,
            Access::OwnDataOrTicket(_) => {
                r#"[{"bearer":[]},{"apiKey":[]},{"apiKey":[],"atelierUser":[]},{"dataSessionSecret":[]},{}]"#
            }
        };
        assert_eq!(schemes.to_string(), stated, "{}", operation.label());
        assert_eq!(operation.spec["x-required-scope"].as_str(), access.scope(), "{}", operation.label());
    }
    let known: Vec<&str> = Document::committed().operations().map(|operation| id(&operation)).collect();
    let unknown: Vec<_> = ROWS.iter().filter(|(name, _)| !known.contains(name)).collect();
    assert!(unknown.is_empty() && ROWS.len() == known.len(), "{unknown:?}");
}

postgres_only! {
    async fn everybody_gets_exactly_what_they_may(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let principals = Principals::create(&site).await;
        let (mut asked, mut wrong) = (0, Vec::new());
        for operation in Document::committed().operations() {
            let access = row(&operation);
            for (who, client) in principals.of(access) {
                let wanted = expected(access, *who);
                if wanted == Expected::Allowed && ENDS_SESSION.contains(&id(&operation)) {
                    continue;
                }
                let response = request(client, &operation).await;
                let found = outcome(&response);
                if found != wanted || response.status() >= 500 && response.status() != 503 {
                    wrong.push(format!("{} by {who:?}: {found:?} and not {wanted:?}: {response:?}", operation.label()));
                }
                asked += 1;
            }
        }
        assert!(wrong.is_empty(), "{} of {asked} answers:\n{}", wrong.len(), wrong.join("\n"));
        assert!(asked > 1000, "{asked}");
    }
}
