//! Revocations over two servers and the command line: after the acknowledgement no server accepts what was revoked.

use harness::{Redis, Server, Site, SiteBuilder, User, backends, on_backends, program};
use serde_json::json;

/// Rounds of one state of Redis.
const ROUNDS: usize = 36;

/// Ways to revoke the rights of a user.
const WAYS: [&str; 6] = ["logout", "end one", "end others", "end all", "suspend", "end by administrator"];

/// Revokes the session of `user` through a server.
async fn revoke(way: &str, admin: &User, user: &User, through: &Server) {
    let (admin, user_there) = (admin.at(through), user.at(through));
    let path = format!("/v1/admin/users/{}", user.id);
    match way {
        "logout" => user_there.post("/v1/auth/logout").await.expect(204),
        "end one" => {
            let sessions = user_there.get("/v1/auth/sessions").await.expect(200);
            let current = sessions.items().iter().find(|session| session["current"] == true).expect("the session");
            user_there.delete(format!("/v1/auth/sessions/{}", current["id"].as_str().expect("an id"))).await.expect(204)
        }
        "end others" => user.again().await.at(through).post("/v1/auth/logout-all?except=current").await.expect(204),
        "end all" => user_there.post("/v1/auth/logout-all").await.expect(204),
        "suspend" => admin.patch(path).if_match("*").json(json!({"suspended": true, "reason": "a test"})).await.expect(200),
        _ => admin.post(format!("{path}/logout-all")).await.expect(204),
    };
}

/// Revokes again and again through alternating servers. Both servers have accepted the token before and must refuse it after.
async fn check_rounds(site: &Site, servers: [&Server; 2], rounds: usize, mut before_each: impl FnMut(usize)) {
    let (admin, mut users) = (site.admin().await, Vec::new());
    for way in WAYS {
        users.push(site.register(&way.replace(' ', "-")).await);
    }
    for round in 0..rounds {
        let (way, through) = (WAYS[round % WAYS.len()], servers[round / WAYS.len() % 2]);
        let user = &users[round % WAYS.len()];
        let session = user.again().await;
        for server in servers {
            session.at(server).get("/v1/me").await.expect(200);
        }
        before_each(round);
        revoke(way, &admin, &session, through).await;
        for server in servers {
            let status = session.at(server).get("/v1/me").await.status();
            assert!(matches!(status, 401 | 403), "round {round}: {status} after `{way}`");
        }
        admin.patch(format!("/v1/admin/users/{}", user.id)).if_match("*").json(json!({"suspended": false})).await.expect(200);
    }
}

backends! {
    async fn nothing_revoked_is_accepted_by_either_server(builder: SiteBuilder) {
        let (site, others) = builder.set("CHANGE_LOG_POLL_MS", 25).open_with_others(1).await;
        check_rounds(&site, [site.server(), &others[0]], ROUNDS, |_| {}).await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn nothing_revoked_is_accepted_while_redis_is_flushed(builder: SiteBuilder) {
        let builder = builder.on_redis(Redis::running().await).set("CHANGE_LOG_POLL_MS", 25);
        let (site, others) = builder.open_with_others(1).await;
        let flush = |_| {
            site.redis().run(&["FLUSHALL"]);
        };
        check_rounds(&site, [site.server(), &others[0]], ROUNDS, flush).await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn nothing_revoked_is_accepted_while_redis_is_stopped(builder: SiteBuilder) {
        let builder = builder.on_redis(Redis::running().await).set("CHANGE_LOG_POLL_MS", 25);
        let (site, others) = builder.open_with_others(1).await;
        site.redis().suspend();
        check_rounds(&site, [site.server(), &others[0]], ROUNDS, |_| {}).await;
        site.redis().resume();
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn nothing_revoked_by_the_command_line_is_accepted(builder: SiteBuilder) {
        let (site, others) = builder.set("CHANGE_LOG_POLL_MS", 50).open_with_others(1).await;
        let servers = [site.server(), &others[0]];
        let anna = site.register("anna").await;
        for round in 0..6 {
            let session = anna.again().await;
            for server in servers {
                session.at(server).get("/v1/me").await.expect(200);
            }
            let suspends = round % 2 == 0;
            let arguments: &[&str] =
                if suspends { &["user", "suspend", &anna.id, "--reason", "a test"] } else { &["user", "end-sessions", &anna.id] };
            program::run(arguments, site.settings()).succeed();
            for server in servers {
                session.at(server).get("/v1/me").await.expect(if suspends { 403 } else { 401 });
            }
            program::run(&["user", "restore", &anna.id], site.settings()).succeed();
        }
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn rows_changed_by_an_operator_count_when_the_cache_is_cleared(builder: SiteBuilder) {
        let (site, others) = builder.set("CHANGE_LOG_POLL_MS", 50).open_with_others(1).await;
        let (admin, other) = (site.admin().await, site.register("other").await);
        admin.change(&format!("/v1/admin/users/{}", other.id), json!({"role": "admin"})).await;
        let servers = [site.server(), &others[0]];
        for server in servers {
            other.at(server).get("/v1/admin/users").await.expect(200);
        }
        let clear = async || admin.post("/v1/admin/cache/clear").json(json!({"pattern": "*"})).await.expect(200);
        site.database().query(&format!("UPDATE users SET role = 'user' WHERE id = '{}'", other.id));
        clear().await;
        for server in servers {
            other.at(server).get("/v1/admin/users").await.expect(403).problem("forbidden");
        }
        site.database().query(&format!("UPDATE login_sessions SET revoked_at = created_at WHERE user_id = '{}'", other.id));
        clear().await;
        for server in servers {
            other.at(server).get("/v1/me").await.expect(401).problem("token-revoked");
        }
    }
}
