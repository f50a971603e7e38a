//! The contract for people: `/openapi.json`, and Swagger UI on it at `/docs`.
//!
//! poem-openapi bundles Swagger UI as one page of 1.6 MB that contains the document. This module splits the page once, on first
//! use, so that browsers cache its parts and revalidate them.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use domain::revision::ETag;
use poem::endpoint::make_sync;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION};
use poem::{EndpointExt, Response, Route};
use poem_openapi::OpenApiService;

use crate::http::compression::Variants;
use crate::http::router::Resource;

/// Swagger UI sets styles of single elements, hence `unsafe-inline` for styles. Scripts come from this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atelier</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"#;

const START: &str = include_str!("start.js");

static HTML: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/html; charset=utf-8", PAGE));
static START_JS: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", START));
static CSS: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/css; charset=utf-8", bundled("style")));
static JS: LazyLock<Asset> = LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", bundled("script")));

/// Adds the pages to the routes.
pub(crate) fn add(routes: Route, document: fn() -> String) -> Route {
    let contract = LazyLock::new(move || Asset::new("application/json", document()));
    let contract = make_sync(move |_| contract.response()).boxed();
    routes
        .at("/", Resource::page("/", make_sync(|_| to_docs()).boxed()))
        .at("/docs", page("/docs", &HTML))
        .at("/docs/", page("/docs/", &HTML))
        .at("/docs/start.js", page("/docs/start.js", &START_JS))
        .at("/docs/swagger-ui.css", page("/docs/swagger-ui.css", &CSS))
        .at("/docs/swagger-ui.js", page("/docs/swagger-ui.js", &JS))
        .at("/openapi.json", Resource::page("/openapi.json", contract))
}

fn to_docs() -> Response {
    Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header(LOCATION, "/docs").finish()
}

fn page(path: &str, asset: &'static LazyLock<Asset>) -> Resource {
    Resource::page(path, make_sync(|_| asset.response()).boxed())
}

/// A file that changes with releases only.
struct Asset {
    media_type: &'static str,
    body: Arc<Variants>,
    etag: String,
}

impl Asset {
    fn new(media_type: &'static str, content: impl Into<String>) -> Self {
        let bytes = Bytes::from(content.into());
        let etag = format!("\"{}\"", ETag::of_payload(&bytes).as_str());
        Self { media_type, body: Arc::new(Variants::of(bytes)), etag }
    }

    fn response(&self) -> Response {
        Response::builder()
            .header(CONTENT_TYPE, self.media_type)
            .header(ETAG, &self.etag)
            .header(CACHE_CONTROL, "no-cache")
            .header(CONTENT_SECURITY_POLICY, POLICY)
            .extension(Arc::clone(&self.body))
            .finish()
    }
}

/// The content of the first element of this kind on the bundled page, which has style sheet and script inline.
fn bundled(element: &str) -> String {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    let content = page.split_once(&format!("<{element} charset=\"UTF-8\">"));
    let content = content.and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
    content.map(|(content, _)| content.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_page_has_a_style_sheet_and_a_script() {
        assert!(bundled("style").contains(".swagger-ui"));
        assert!(bundled("script").contains("SwaggerUIBundle"));
    }
}
