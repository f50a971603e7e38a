//! Files of a session.

use std::io::Error;
use std::sync::Arc;

use bytes::Bytes;
use domain::data_sessions::{DataSessionService, FilePieces};
use futures_util::StreamExt;
use futures_util::stream::iter;
use poem::http::Method;

use crate::http::download::{Download, Media};

/// A model.
pub(super) struct Model;

impl Media for Model {
    const TYPE: &'static str = "application/octet-stream";
    const DESCRIPTION: &'static str = "The model.";
}

/// Predictions of held-out rows.
pub(super) struct HeldOutRows;

impl Media for HeldOutRows {
    const TYPE: &'static str = "text/csv";
    const DESCRIPTION: &'static str = "The held-out rows with their predictions.";
    const IS_TEXT: bool = true;
}

/// Streams a file.
pub(super) fn pieces<M: Media>(
    service: &Arc<dyn DataSessionService>,
    file: FilePieces,
    name: String,
    method: &Method,
) -> Download<M> {
    if *method == Method::HEAD {
        return Download::head(&name);
    }
    let (service, file) = (Arc::clone(service), Arc::new(file));
    let pieces = iter(0..file.count).then(move |number| {
        let (service, file) = (Arc::clone(&service), Arc::clone(&file));
        async move { service.piece(&file, number).await.map(Bytes::from).map_err(Error::other) }
    });
    Download::of(&name, pieces)
}
