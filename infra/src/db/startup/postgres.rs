//! Connects to Postgres once. A pool repeats a refused connection until its time-out and returns only the time-out.

use std::io::{self, ErrorKind};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, Connection};
use tokio::time::timeout;

use crate::db::timing::ACQUIRE;

/// The parameters of a URL that sqlx reads. It logs others with their values, which may be secrets.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Connects once and disconnects.
///
/// # Errors
/// Why Postgres cannot be used, as a sentence.
pub(super) async fn check(url: &str) -> Result<(), String> {
    check_parameters(url)?;
    let options: PgConnectOptions =
        url.parse().map_err(|_| "a parameter of DATABASE_URL has an invalid value; correct it".to_owned())?;
    let connected = timeout(ACQUIRE, PgConnection::connect_with(&options)).await;
    let connection = connected.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())));
    let connection = connection.map_err(|error| sentence(&options, &error))?;
    // The server closes the connection itself if this fails.
    let _ = timeout(ACQUIRE, connection.close()).await;
    Ok(())
}

fn check_parameters(url: &str) -> Result<(), String> {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).filter(|name| !name.is_empty());
    let known = |name: &str| {
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        PARAMETERS.contains(&&*name) || name.starts_with("options[")
    };
    match names.into_iter().find(|name| !known(name)) {
        Some(name) => Err(format!("DATABASE_URL has the unknown parameter {name:?}; remove it")),
        None => Ok(()),
    }
}

fn sentence(options: &PgConnectOptions, error: &sqlx::Error) -> String {
    let host = options.get_host();
    let at = match options.get_socket() {
        Some(socket) => format!("{} port {}", socket.display(), options.get_port()),
        None => format!("{host}:{}", options.get_port()),
    };
    match error {
        sqlx::Error::Io(error) => io_sentence(host, &at, error),
        sqlx::Error::Tls(_) => {
            format!(
                "TLS with Postgres at {at} fails; correct sslmode or the certificates in DATABASE_URL, or enable TLS in Postgres"
            )
        }
        sqlx::Error::Database(error) => {
            refusal(&at, options.get_database().unwrap_or_else(|| options.get_username()), &error.code().unwrap_or_default())
        }
        _ => format!("the server at {at} does not answer as a Postgres does; correct the host and the port in DATABASE_URL"),
    }
}

fn io_sentence(host: &str, at: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("Postgres at {at} refuses connections; start it, or correct the host and the port in DATABASE_URL")
        }
        ErrorKind::TimedOut => format!(
            "Postgres at {at} does not answer within {} seconds; check that it runs, and the host and the port in DATABASE_URL",
            ACQUIRE.as_secs()
        ),
        ErrorKind::NotFound => format!("there is no socket of Postgres at {at}; start Postgres, or correct DATABASE_URL"),
        // The resolver's errors have no kind of their own.
        _ if error.to_string().contains("lookup address") => {
            format!("the host {host} of DATABASE_URL is unknown; correct its name, or check the name service of this machine")
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
            format!("the server at {at} closes the connection; check that it is a Postgres, and read its log")
        }
        kind => {
            format!("Postgres at {at} cannot be reached ({kind}); check the network, and the host and the port in DATABASE_URL")
        }
    }
}

/// The sentence for a SQLSTATE with which Postgres refuses a connection.
fn refusal(at: &str, database: &str, code: &str) -> String {
    match code {
        "28P01" => format!("Postgres at {at} refuses the user or the password of DATABASE_URL; correct them"),
        "28000" => format!("Postgres at {at} refuses the user of DATABASE_URL or this machine; correct the user, or pg_hba.conf"),
        "3D000" => format!("Postgres at {at} has no database {database:?}; create it, or correct its name in DATABASE_URL"),
        "42501" => format!("the user of DATABASE_URL may not connect to the database {database:?}; grant it CONNECT"),
        "55000" => format!("the database {database:?} of Postgres at {at} accepts no connections; allow them, or name another"),
        "53300" => format!("Postgres at {at} has no free connection; raise its max_connections, or stop other clients"),
        "57P03" => format!("Postgres at {at} is starting or stopping; try again when it accepts connections"),
        code => format!("Postgres at {at} refuses the connection with the code {code}; read its log"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_parameter_is_named_without_its_value() {
        for url in ["postgres://h/d?sslmode=require&options[search_path]=a", "postgres://h/d", "postgres://h/d?options%5Ba%5D=b"]
        {
            assert_eq!(check_parameters(url), Ok(()));
        }
        let refused = check_parameters("postgres://h/d?sslmode=require&sslpassword=hush").unwrap_err();
        assert!(refused.contains("sslpassword") && !refused.contains("hush"), "{refused}");
    }
}
