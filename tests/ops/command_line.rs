//! The other commands of the program.

use harness::{Database, Settings, Site, SiteBuilder, backends, on_backends, program};

fn run(site: &Site, arguments: &[&str]) -> program::CommandOutput {
    program::run(arguments, site.settings())
}

fn config(settings: &[(&str, &str)]) -> program::CommandOutput {
    program::run(&["config"], settings.iter().copied())
}

#[test]
fn every_command_is_explained() {
    let help = program::run(&["--help"], Settings::new()).succeed();
    for command in ["serve", "migrate", "seed", "audit", "user", "openapi", "healthcheck", "config"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command} in:\n{help}");
    }
}

#[test]
fn an_unknown_command_is_refused() {
    assert!(program::run(&["serv"], Settings::new()).fail().contains("serve"));
}

#[test]
fn all_invalid_settings_are_reported_together() {
    let faults = [
        ("DATABASE_URL", "ftp://x"),
        ("REDIS_URL", "http://x"),
        ("PORT", "many"),
        ("TOKEN_SECRET", "short"),
        ("CACHE_TTL_CHARACTER", "-1"),
    ];
    let complaint = config(&faults).fail();
    for (name, _) in faults {
        assert!(complaint.contains(name), "{name} in:\n{complaint}");
    }
}

#[test]
fn a_misspelt_limit_is_refused() {
    let complaint = config(&[("RATE_LIMIT_USERS", "1/60")]).fail_with(2);
    assert!(complaint.contains("RATE_LIMIT_USERS") && complaint.contains("RATE_LIMIT_SIGN_IN"), "{complaint}");
}

#[test]
fn secrets_are_not_printed() {
    let secrets = [
        ("TOKEN_SECRET", "a secret that is long enough for the suite"),
        ("ADMIN_EMAIL", "admin@example.com"),
        ("ADMIN_PASSWORD", "the administrator's own password"),
        ("DATABASE_URL", "postgres://atelier:database-password@localhost/atelier"),
        ("REDIS_URL", "redis://:redis-password@localhost:6379/0"),
    ];
    let printed = config(&secrets).succeed();
    for hidden in ["a secret", "own password", "database-password", "redis-password"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
    assert!(printed.contains("TOKEN_SECRET=(hidden)"), "{printed}");
}

backends! {
    async fn migrating_twice_does_no_harm(site: Site) {
        let anna = site.register("anna").await;
        run(&site, &["migrate"]).succeed();
        assert_eq!(anna.get("/v1/me").await.expect(200).id(), anna.id);
    }

    async fn a_running_server_is_found_healthy_and_a_dead_one_is_not(mut site: Site) {
        let port = site.server().url().rsplit(':').next().unwrap().to_owned();
        let healthcheck = |site: &Site| {
            let mut settings = site.settings().clone();
            settings.insert("PORT".into(), port.clone());
            program::run(&["healthcheck"], settings)
        };
        healthcheck(&site).succeed();
        site.replace_server().await;
        healthcheck(&site).fail();
    }

    async fn a_demonstration_can_be_seeded_once_and_again(site: Site) {
        for _ in 0..2 {
            run(&site, &["seed", "--demo"]).succeed();
        }
        let second = site.second_server().await;
        let anna = site.register("anna").await.at(&second);
        let characters = anna.get("/v1/characters?limit=100").await.expect(200);
        assert_eq!(characters.items().len(), 24);
        let name = characters.each("name")[0].replace(' ', "%20");
        let profile = anna.get(format!("/v1/characters/{name}")).await.expect(200);
        assert!(profile.text("description").len() > 100 && !profile.text("first_mes").is_empty());
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_memory PostgresMemory]
    async fn a_database_is_migrated_by_many_at_once(builder: SiteBuilder) {
        let database = builder.empty_database().await;
        let migrate = |url: String| std::thread::spawn(move || program::run(&["migrate"], [("DATABASE_URL", url)]).succeed());
        let all: Vec<_> = (0..4).map(|_| migrate(Database::url(&database))).collect();
        for one in all {
            one.join().unwrap();
        }
    }
}
