//! The command line: the commands of the program.
//!
//! Results go to standard output, everything else to standard error. The exit code is 0 on success, 1 on failure, and 2 for wrong
//! arguments or settings.

mod administration;
mod audit;
mod bind;
mod failure;
mod healthcheck;
mod serve;
mod users;
mod worker;

use std::io::{self, ErrorKind, Write};

use clap::{Args, Parser, Subcommand};
use domain::Time;
use domain::identity::{Email, Username};
use domain::ops::parse_clock_time;
use tokio::runtime::Handle;

pub(crate) use failure::Failure;

use administration::Administration;

use crate::config::{self, Example, Settings, UseOfSecret};

const AFTER_HELP: &str = "\
Settings come from the environment and from the file `.env` in the current folder. `atelier config` shows the ones in
force, `atelier config --example` explains every one.

Exit codes: 0 done, 1 failed, 2 wrong arguments or settings.";

/// The subscription and content API behind an AI character and art site.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until SIGINT or SIGTERM; the default command
    Serve(ServeOptions),
    /// Run jobs and scheduled tasks until SIGINT or SIGTERM, without serving the API
    Worker,
    /// Migrate the database to the schema of this version
    Migrate,
    /// Create demo content; a second run changes nothing
    Seed {
        /// The demo content: public characters, two users with chats, a subscription
        #[arg(long, required = true)]
        demo: bool,
    },
    /// Verify the ledger's invariants and list the rows that violate them; exits with 0 or 1
    Audit,
    /// Manage users
    #[command(subcommand)]
    User(UserCommand),
    #[command(about = "Print the OpenAPI document")]
    Openapi,
    /// Train a model; for the process that a job starts
    #[command(hide = true)]
    Train,
    /// Check whether the server on this machine is ready; exits with 0 or 1
    Healthcheck,
    /// Print every setting in force, without secrets
    Config {
        /// Print `.env.example` instead, which explains every setting
        #[arg(long)]
        example: bool,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create an account
    Create(NewUser),
    #[command(flatten)]
    Administration(Administration),
}

/// Options of `serve`.
#[derive(Debug, Default, Args)]
#[expect(clippy::option_option, reason = "clap distinguishes a flag without a value from no flag")]
pub(crate) struct ServeOptions {
    /// Let administrators move the time of all servers; it starts at TIME (RFC 3339): for tests, not for production
    #[arg(long, value_name = "TIME", num_args = 0..=1, value_parser = parse_clock_time)]
    test_clock: Option<Option<Time>>,
}

/// The account to create.
#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// E-mail address
    #[arg(long, value_parser = Email::parse)]
    email: Email,
    /// Username
    #[arg(long, value_parser = Username::parse)]
    username: Username,
    /// Create an administrator
    #[arg(long)]
    admin: bool,
    /// Read the password from one line of standard input; otherwise one is generated and printed
    #[arg(long)]
    password_stdin: bool,
}

impl Arguments {
    /// Whether the command trains a model. That process has no settings and no runtimes.
    pub(crate) fn trains(&self) -> bool {
        matches!(self.command, Some(Command::Train))
    }
}

/// Runs the command of the arguments. `background` runs the work that requests do not do themselves.
pub(crate) async fn run(arguments: Arguments, background: &Handle) -> Result<(), Failure> {
    match arguments.command.unwrap_or_else(|| Command::Serve(ServeOptions::default())) {
        // The program has run it before it started its runtimes.
        Command::Train => Ok(()),
        Command::Openapi => print(api::document()),
        Command::Config { example: true } => print(Example),
        Command::Config { example: false } => print(config::read()?),
        Command::Healthcheck => healthcheck::run(&config::read()?.listen).await,
        Command::Serve(options) => serve::run(&logging()?, &options, background).await,
        Command::Worker => worker::run(&logging()?, background).await,
        Command::Audit => audit::run(&logging()?).await,
        Command::Migrate => {
            migrate(&logging()?).await?;
            print("the database has the schema of this version")
        }
        Command::Seed { .. } => users::seed(&logging()?, background).await,
        Command::User(UserCommand::Create(new)) => users::create(&logging()?, new, background).await,
        Command::User(UserCommand::Administration(command)) => administration::run(&logging()?, command, background).await,
    }
}

/// Reads the settings and starts the log.
fn logging() -> Result<Settings, Failure> {
    let settings = config::read()?;
    let log = &settings.log;
    api::telemetry::start(&log.filter, log.format).map_err(|error| Failure::because("cannot start the log", error))?;
    Ok(settings)
}

async fn migrate(settings: &Settings) -> Result<(), Failure> {
    settings.create_folder().map_err(unusable)?;
    infra::migrate(&infra_config(settings, UseOfSecret::None)?)
        .await
        .map_err(|error| Failure::start("cannot migrate the database", error))
}

/// The services for a command that signs nothing, after a migration of the database.
async fn connect(settings: &Settings, background: &Handle) -> Result<domain::Services, Failure> {
    migrate(settings).await?;
    connect_to(infra_config(settings, UseOfSecret::None)?, background).await
}

async fn connect_to(config: infra::Config, background: &Handle) -> Result<domain::Services, Failure> {
    infra::connect(config, background).await.map_err(|error| Failure::start("cannot connect", error))
}

fn infra_config(settings: &Settings, use_of_secret: UseOfSecret) -> Result<infra::Config, Failure> {
    settings.infra(use_of_secret).map_err(unusable)
}

fn unusable(error: io::Error) -> Failure {
    Failure::because("cannot use DATA_DIR", error)
}

/// Prints a result with one line break at its end. A reader that closed its end is no failure.
fn print(result: impl std::fmt::Display) -> Result<(), Failure> {
    let text = result.to_string();
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::because("cannot print", error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn seeding_requires_a_flag() {
        assert!(Arguments::try_parse_from(["atelier", "seed"]).is_err());
        assert!(Arguments::try_parse_from(["atelier", "seed", "--demo"]).is_ok());
    }

    #[test]
    fn a_test_clock_starts_now_or_at_a_time() {
        let start = |arguments: &[&str]| match Arguments::try_parse_from([&["atelier", "serve"], arguments].concat()) {
            Ok(Arguments { command: Some(Command::Serve(options)) }) => Ok(options.test_clock),
            other => Err(format!("{other:?}")),
        };
        assert_eq!(start(&[]), Ok(None));
        assert_eq!(start(&["--test-clock"]), Ok(Some(None)));
        assert_eq!(start(&["--test-clock", "2027-01-31T10:00:00Z"]), Ok(Some(parse_clock_time("2027-01-31T10:00:00Z").ok())));
        assert!(start(&["--test-clock", "tomorrow"]).is_err() && start(&["--test-clock", "9999-01-01T00:00:00Z"]).is_err());
    }

    #[test]
    fn a_user_needs_a_valid_address() {
        let arguments = |email| ["atelier", "user", "create", "--username", "anna", "--email", email];
        assert!(Arguments::try_parse_from(arguments("anna@example.com")).is_ok());
        let refusal = Arguments::try_parse_from(arguments("anna")).unwrap_err().to_string();
        assert!(refusal.contains("must"), "{refusal}");
    }
}
