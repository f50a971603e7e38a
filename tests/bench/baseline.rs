//! The baseline: poem alone, serving bytes from memory, or from Redis through fred.

use std::fs;

use bytes::Bytes;
use fred::clients::Client;
use fred::interfaces::{ClientLike, KeysInterface};
use fred::types::Builder;
use fred::types::config::Config;
use harness::Redis;
use poem::endpoint::{make, make_sync};
use poem::http::header::CONTENT_TYPE;
use poem::listener::TcpListener;
use poem::{Error, Request, Response, Route, Server};

/// Writes a value for each number below `count` to Redis, where the baseline finds it.
pub fn fill(redis: &Redis, count: u32, json: &[u8]) {
    for number in 0..count {
        redis.run(&["SET", &format!("baseline:{number}"), str::from_utf8(json).expect("JSON")]);
    }
}

/// Serves each file at the path of its number, and each value of Redis at `/redis/` and its number.
pub async fn serve(port: &str, redis: &str, files: &[&str]) {
    let client = Builder::from_config(Config::from_url(redis).expect("a URL")).build().expect("a client");
    client.init().await.expect("Redis is there");
    let file = |path: &str| {
        let bytes = Bytes::from(fs::read(path).expect("the file is there"));
        make_sync(move |_| json(bytes.clone()))
    };
    let routes = Route::new().at(
        "/redis/:number",
        make(move |request| {
            let client = client.clone();
            async move { from_redis(&client, &request).await }
        }),
    );
    let routes = files.iter().enumerate().fold(routes, |routes, (number, path)| routes.at(format!("/{number}"), file(path)));
    Server::new(TcpListener::bind(format!("127.0.0.1:{port}"))).run(routes).await.expect("it serves");
}

async fn from_redis(client: &Client, request: &Request) -> Result<Response, Error> {
    let number = request.raw_path_param("number").unwrap_or_default();
    client.get::<Bytes, _>(format!("baseline:{number}")).await.map(json).map_err(poem::error::InternalServerError)
}

fn json(bytes: Bytes) -> Response {
    Response::builder().header(CONTENT_TYPE, "application/json").body(bytes)
}
