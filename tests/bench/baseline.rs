//! The baseline: poem alone, serving bytes from memory.

use std::fs;

use bytes::Bytes;
use poem::endpoint::make_sync;
use poem::http::header::CONTENT_TYPE;
use poem::listener::TcpListener;
use poem::{Response, Route, Server};

/// Serves each file at the path of its number.
pub async fn serve(port: &str, files: &[&str]) {
    let response = |file: &str| {
        let bytes = Bytes::from(fs::read(file).expect("the file is there"));
        make_sync(move |_| Response::builder().header(CONTENT_TYPE, "application/json").body(bytes.clone()))
    };
    let routes =
        files.iter().enumerate().fold(Route::new(), |routes, (number, file)| routes.at(format!("/{number}"), response(file)));
    Server::new(TcpListener::bind(format!("127.0.0.1:{port}"))).run(routes).await.expect("it serves");
}
