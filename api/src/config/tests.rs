//! The settings as a whole.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;

fn parse(variables: &[(&str, &str)]) -> Result<Settings, SettingErrors> {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::parse(&owned.collect())
}

#[track_caller]
fn errors(variables: &[(&str, &str)]) -> String {
    parse(variables).unwrap_err().to_string()
}

#[test]
fn nothing_needs_to_be_set() {
    let shown = parse(&[]).unwrap().to_string();
    for line in [
        "ATELIER_ENV=development",
        "HOST=127.0.0.1",
        "PORT=8000",
        "DATABASE_URL=sqlite://./data/atelier.db?mode=rwc",
        "REDIS_URL=(unset)",
        "REDIS_PREFIX=atelier:",
        "TOKEN_SECRET=(unset)",
        "SEED_DEMO=true",
        "CACHE_TTL_USER_COINS=60",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
}

#[test]
fn an_empty_value_counts_as_absent() {
    let nothing = parse(&[]).unwrap().to_string();
    let empty: Vec<(&str, &str)> = table::all().map(|variable| (variable.name.as_ref(), "")).collect();
    assert_eq!(parse(&empty).unwrap().to_string(), nothing);
}

#[test]
fn all_errors_are_reported_together_each_with_its_variable_and_the_allowed_values() {
    let reported = errors(&[
        ("ATELIER_ENV", "staging"),
        ("HOST", "http://me"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://u:hush@h/d"),
        ("REDIS_URL", "hush"),
        ("REDIS_PREFIX", "a{b}"),
        ("TOKEN_SECRET", "hush"),
        ("ADMIN_EMAIL", "me"),
        ("ADMIN_PASSWORD", "hush"),
        ("SEED_DEMO", "maybe"),
        ("RUST_LOG", "a=b=c"),
        ("LOG_FORMAT", "xml"),
        ("CACHE_TTL_USER_COINS", "0"),
        ("CACHE_TTL_USER_COIN", "60"),
    ]);
    assert_eq!(reported.lines().count(), 15, "{reported}");
    assert!(reported.contains("PORT must be a whole number from 0 to 65535; it is \"65536\""), "{reported}");
    assert!(reported.contains("CACHE_TTL_USER_COIN must end with a cached type, one of SUBSCRIPTION_USER, "), "{reported}");
    assert!(!reported.contains("hush"), "{reported}");
}

#[test]
fn no_secret_is_shown() {
    let settings = parse(&[
        ("DATABASE_URL", "postgres://atelier:hush@localhost/atelier"),
        ("REDIS_URL", "redis://:hush@localhost"),
        ("TOKEN_SECRET", "hush hush hush hush hush hush hush hush"),
        ("ADMIN_EMAIL", "admin@example.com"),
        ("ADMIN_PASSWORD", "hush hush"),
    ]);
    let (shown, debug) = settings.map(|settings| (settings.to_string(), format!("{settings:?} {:?}", settings.admin))).unwrap();
    assert!(!shown.contains("hush") && !debug.contains("hush"), "{shown}{debug}");
    assert!(shown.contains("DATABASE_URL=postgres://atelier:***@localhost/atelier\n"), "{shown}");
    assert!(shown.contains("TOKEN_SECRET=(hidden)\n"), "{shown}");
}

#[test]
fn every_variable_of_the_table_is_read_and_shown_once() {
    let shown = parse(&[]).unwrap().to_string();
    let names: Vec<&str> = shown.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert_eq!(names, table::all().map(|variable| variable.name.as_ref()).collect::<Vec<_>>());
    assert!(shown.lines().all(|line| !line.ends_with('=')), "{shown}");
}

#[test]
fn pages_of_this_machine_are_allowed_in_development_only() {
    let origins = |variables: &[(&str, &str)]| {
        let shown = parse(variables).unwrap().to_string();
        shown.lines().find_map(|line| line.strip_prefix("CORS_ALLOWED_ORIGINS=")).unwrap().to_owned()
    };
    let production = [
        ("ATELIER_ENV", "production"),
        ("TOKEN_SECRET", "a secret that is long enough for tests"),
        ("PAYMENT_PROVIDER", "manual"),
        ("REQUIRE_VERIFIED_EMAIL", "false"),
    ];
    assert_eq!(origins(&[]), "http://localhost:*,http://127.0.0.1:*,http://[::1]:*");
    assert_eq!(origins(&production), "none");
    assert_eq!(origins(&[("CORS_ALLOWED_ORIGINS", "https://app.example.com")]), "https://app.example.com");
    assert!(errors(&[("CORS_ALLOWED_ORIGINS", "*")]).contains("CORS_ALLOWED_ORIGINS must be none, or origins such as"));
}

#[test]
fn stripe_requires_the_secret_of_its_events() {
    assert!(errors(&[("PAYMENT_PROVIDER", "stripe")]).contains("STRIPE_WEBHOOK_SECRET must be set"));
    assert!(errors(&[("STRIPE_WEBHOOK_SECRET", "short")]).contains("STRIPE_WEBHOOK_SECRET must be"));
    assert!(parse(&[("PAYMENT_PROVIDER", "stripe"), ("STRIPE_WEBHOOK_SECRET", "whsec_long_enough_for_tests")]).is_ok());
}

#[test]
fn production_requires_a_token_secret_and_refuses_demo_content() {
    let reported = errors(&[("ATELIER_ENV", "production"), ("SEED_DEMO", "true")]);
    assert!(
        reported.contains("TOKEN_SECRET must be set in production") && reported.contains("SEED_DEMO must be false"),
        "{reported}"
    );
    let secret = "a secret that is long enough for tests";
    let production = [("ATELIER_ENV", "production"), ("TOKEN_SECRET", secret)];
    assert!(errors(&production).contains("PAYMENT_PROVIDER must be set in production"));
    assert!(
        !parse(&[production[0], production[1], ("PAYMENT_PROVIDER", "manual"), ("REQUIRE_VERIFIED_EMAIL", "false")])
            .unwrap()
            .seed_demo
    );
}

#[test]
fn production_that_requires_verified_addresses_sends_mail() {
    let production = |more: &[(&'static str, &'static str)]| {
        let all = [
            ("ATELIER_ENV", "production"),
            ("TOKEN_SECRET", "a secret that is long enough for tests"),
            ("PAYMENT_PROVIDER", "manual"),
        ];
        [&all, more].concat()
    };
    let smtp = ("SMTP_URL", "smtps://anna:hush@mail.example.com");
    let reported = errors(&production(&[]));
    assert!(reported.contains("SMTP_URL must be set in production while REQUIRE_VERIFIED_EMAIL is true"), "{reported}");
    let reported = errors(&production(&[smtp]));
    assert!(reported.contains("MAIL_FROM must be set") && reported.contains("PUBLIC_URL must be set"), "{reported}");
    let mail = [smtp, ("MAIL_FROM", "Atelier <a@example.com>"), ("PUBLIC_URL", "https://app.example.com/")];
    let shown = parse(&production(&mail)).unwrap().to_string();
    for line in ["REQUIRE_VERIFIED_EMAIL=true", "SMTP_URL=smtps://anna:***@mail.example.com", "SMTP_TIMEOUT_SECONDS=20"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    let open = ("SMTP_URL", "smtp://anna:hush@mail.example.com");
    let reported = errors(&production(&[&[open], &mail[1..]].concat()));
    assert!(reported.contains("SMTP_URL sends its password without TLS") && !reported.contains("hush"), "{reported}");
    for allowed in ["smtp://anna:hush@mail.example.com?tls=required", "smtp://mail.example.com"] {
        assert!(parse(&production(&[&[("SMTP_URL", allowed)], &mail[1..]].concat())).is_ok(), "{allowed}");
    }
    assert!(parse(&[open, mail[1]]).is_ok(), "a development machine may try a mail server without TLS");
    assert!(parse(&[]).unwrap().to_string().contains("REQUIRE_VERIFIED_EMAIL=false"));
}

#[test]
fn links_lead_to_the_site_or_to_this_server() {
    let base = |variables: &[(&str, &str)]| {
        let links = parse(variables).unwrap().infra(UseOfSecret::None).unwrap().mail.links;
        (links.url, links.is_default)
    };
    assert_eq!(
        base(&[
            ("PUBLIC_URL", "https://app.example.com/"),
            ("DATABASE_URL", "sqlite://x.db"),
            ("TOKEN_SECRET", "a secret that is long enough for tests")
        ]),
        ("https://app.example.com".to_owned(), false)
    );
    assert_eq!(
        base(&[("PORT", "8123"), ("DATABASE_URL", "sqlite://x.db"), ("TOKEN_SECRET", "a secret that is long enough for tests")]),
        ("http://localhost:8123".to_owned(), true)
    );
}

#[test]
fn demo_content_defaults_to_the_default_database() {
    let foreign = ("DATABASE_URL", "sqlite://elsewhere.db");
    assert!(!parse(&[foreign]).unwrap().seed_demo);
    assert!(parse(&[foreign, ("SEED_DEMO", "1")]).unwrap().seed_demo);
}

#[test]
fn an_administrator_needs_both_variables() {
    assert!(errors(&[("ADMIN_EMAIL", "admin@example.com")]).contains("together"));
    assert!(errors(&[("ADMIN_PASSWORD", "long enough")]).contains("together"));
}

#[test]
fn the_adapters_receive_the_settings_and_only_the_times_to_live_that_were_set() {
    let settings = parse(&[
        ("DATABASE_URL", "sqlite://elsewhere.db"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("TOKEN_SECRET", "a secret that is long enough for tests"),
        ("CACHE_TTL_CHARACTER", "604800"),
    ]);
    let infra = settings.unwrap().infra(UseOfSecret::Signs).unwrap();
    assert_eq!(infra.database_url.expose_secret(), "sqlite://elsewhere.db");
    assert_eq!(infra.redis_url.unwrap().expose_secret(), "redis+unix:///run/redis.sock");
    assert_eq!(infra.cache_ttls, [("character", Duration::from_hours(168))].into());
}

#[test]
fn a_client_on_this_machine_reaches_a_server_that_listens_everywhere() {
    let url = |host| parse(&[("HOST", host)]).unwrap().listen.url(80);
    assert_eq!(url("0.0.0.0"), "http://127.0.0.1:80");
    assert_eq!(url("::"), "http://[::1]:80");
    assert_eq!(url("localhost"), "http://localhost:80");
}
