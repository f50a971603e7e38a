//! Responses that stream events (`text/event-stream`, section 9.2 of the HTML standard).
//!
//! A stream ends with its events, with a final event when the server stops, or when its client does not read. It holds at most one
//! event that the connection has not taken. A stream that can be resumed gives its events ids and reads `Last-Event-ID`.

use std::fmt::{Display, Write};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt};
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::http::{HeaderMap, HeaderName};
use poem::{Body, Response};
use serde::Serialize;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::http::problem::Problem;
use crate::http::shutdown::Shutdown;

/// Time without an event after which a comment is sent. Proxies close connections that are silent, often after 30 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");
/// The last event of a stream that ends because the server stops. Clients connect again, with the id of the event before.
const SHUTDOWN: Bytes = Bytes::from_static(b"event: shutdown\ndata: {}\n\n");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// One event, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event(Bytes);

impl Event {
    /// An event with a name, one line of JSON and, if the stream can be resumed after it, an id. An id has no line breaks.
    ///
    /// # Errors
    /// When the data cannot be JSON: a bug.
    pub fn new(name: &str, data: &impl Serialize, id: Option<&dyn Display>) -> serde_json::Result<Self> {
        let mut text = String::new();
        if let Some(id) = id {
            let _ = writeln!(text, "id: {id}");
        }
        let _ = write!(text, "event: {name}\ndata: {}\n\n", serde_json::to_string(data)?);
        Ok(Self(text.into()))
    }
}

/// `Last-Event-ID` is not the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the header `Last-Event-ID` must be the id of an event of this stream")]
pub struct InvalidEventId;

impl From<InvalidEventId> for Problem {
    fn from(error: InvalidEventId) -> Self {
        Self::invalid_at("/header/Last-Event-ID", error)
    }
}

/// The id of the last event that the client has received; `None` at its first connection.
///
/// # Errors
/// When the header is present and not such an id.
pub fn last_event_id<T: FromStr>(headers: &HeaderMap) -> Result<Option<T>, InvalidEventId> {
    let parse = |id: &str| id.parse().map_err(|_| InvalidEventId);
    headers.get(LAST_EVENT_ID).map(|id| id.to_str().map_err(|_| InvalidEventId).and_then(parse)).transpose()
}

/// Streams events until they end or the server stops.
pub fn stream(events: impl Stream<Item = Event> + Send + 'static, shutdown: &Shutdown) -> Response {
    stream_with(events, shutdown, KEEP_ALIVE)
}

/// [`stream`] with another time until a comment.
fn stream_with(events: impl Stream<Item = Event> + Send + 'static, shutdown: &Shutdown, keep_alive: Duration) -> Response {
    let open = Open { events: Box::pin(events), stopping: Box::pin(shutdown.stopping()), keep_alive };
    let chunks = unfold(Some(open), async |open| open?.next().await);
    Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .header(CACHE_CONTROL, "no-store")
        // Without it nginx collects the events in a buffer.
        .header("X-Accel-Buffering", "no")
        .body(Body::from_bytes_stream(chunks.map(Ok::<_, std::io::Error>)))
}

/// A stream that has not ended.
struct Open<S> {
    events: Pin<Box<S>>,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    keep_alive: Duration,
}

impl<S: Stream<Item = Event>> Open<S> {
    /// The next chunk, and the stream unless this chunk is its last.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        tokio::select! {
            biased;
            () = &mut self.stopping => Some((SHUTDOWN, None)),
            event = self.events.next() => Some((event?.0, Some(self))),
            () = tokio::time::sleep(self.keep_alive) => Some((COMMENT, Some(self))),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream::{iter, pending, repeat_with};
    use serde_json::json;

    use super::*;

    fn event(number: u64) -> Event {
        Event::new("step", &json!({"text": "two\nlines", "number": number}), Some(&number)).unwrap()
    }

    async fn first_chunks(response: Response, count: usize) -> Vec<String> {
        let chunks = response.into_body().into_bytes_stream().take(count);
        chunks.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap()).collect().await
    }

    #[tokio::test]
    async fn an_event_is_one_line_of_json_with_its_name_and_its_id() {
        let response = stream(iter([event(7), Event::new("done", &json!({}), None).unwrap()]), &Shutdown::default());
        let headers = ["content-type", "cache-control", "x-accel-buffering"].map(|name| response.header(name).unwrap());
        assert_eq!(headers, ["text/event-stream", "no-store", "no"]);
        let chunks = first_chunks(response, 9).await;
        let step = "id: 7\nevent: step\ndata: {\"number\":7,\"text\":\"two\\nlines\"}\n\n";
        assert_eq!(chunks, [step, "event: done\ndata: {}\n\n"]);
    }

    #[tokio::test]
    async fn a_silent_stream_sends_comments() {
        let response = stream_with(pending(), &Shutdown::default(), Duration::from_millis(1));
        assert_eq!(first_chunks(response, 2).await, [": keep-alive\n\n", ": keep-alive\n\n"]);
    }

    #[tokio::test]
    async fn a_stream_ends_with_a_final_event_when_the_server_stops() {
        let shutdown = Shutdown::default();
        let silent = tokio::spawn(first_chunks(stream(pending(), &shutdown), 9));
        let mut busy = stream(repeat_with(|| event(1)), &shutdown).into_body().into_bytes_stream();
        assert!(busy.next().await.is_some());
        shutdown.stop();
        assert_eq!(silent.await.unwrap(), ["event: shutdown\ndata: {}\n\n"]);
        let rest: Vec<_> = busy.map(Result::unwrap).collect().await;
        assert_eq!(rest, [SHUTDOWN]);
    }

    #[test]
    fn the_last_event_of_a_client_is_a_valid_id_or_an_error() {
        let parsed = |sent: Option<&'static str>| {
            let headers = sent.map(|id| (LAST_EVENT_ID, poem::http::HeaderValue::from_static(id))).into_iter().collect();
            last_event_id::<u64>(&headers)
        };
        assert_eq!(parsed(None), Ok(None));
        assert_eq!(parsed(Some("7")), Ok(Some(7)));
        assert_eq!([parsed(Some("")), parsed(Some("x")), parsed(Some("-1"))], [Err(InvalidEventId); 3]);
    }
}
