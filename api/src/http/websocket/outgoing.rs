//! The queue of messages to a peer, and the end of its socket.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::close_code::CloseCode;
use super::rules::Rules;
use super::socket::{Ended, Message};

/// What is written next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Ping,
    Text(Utf8Bytes),
}

/// A bounded queue. Adding never waits: a full queue ends the socket.
pub(super) struct Outgoing {
    state: Mutex<State>,
    max_queued: usize,
    max_bytes: usize,
    /// Wakes the writer.
    added: Notify,
    /// Wakes everything that waits for the end.
    ended: Notify,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Utf8Bytes>,
    bytes: usize,
    is_ping_due: bool,
    end: Option<CloseCode>,
}

impl Outgoing {
    pub(super) fn new(rules: &Rules) -> Self {
        let (max_queued, max_bytes) = (rules.max_queued, rules.max_queued_bytes);
        Self { state: Mutex::default(), max_queued, max_bytes, added: Notify::new(), ended: Notify::new() }
    }

    /// Adds a message. A queue that is full ends the socket, and its messages are dropped.
    pub(super) fn push(&self, Message(text): Message) -> Result<(), Ended> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Err(Ended);
        }
        if text.len() > self.max_bytes {
            tracing::error!(bytes = text.len(), "a message exceeds the queue of its socket");
            drop(state);
            self.end(CloseCode::InternalError);
            return Err(Ended);
        }
        if state.messages.len() == self.max_queued || state.bytes + text.len() > self.max_bytes {
            (state.messages, state.bytes) = (VecDeque::new(), 0);
            drop(state);
            self.end(CloseCode::SlowReader);
            return Err(Ended);
        }
        state.bytes += text.len();
        state.messages.push_back(text);
        self.added.notify_one();
        Ok(())
    }

    /// Requests a ping before the next message.
    pub(super) fn ping(&self) {
        self.state.lock().is_ping_due = true;
        self.added.notify_one();
    }

    /// Ends the socket; the first code counts. What is queued is still sent.
    pub(super) fn end(&self, code: CloseCode) {
        self.state.lock().end.get_or_insert(code);
        self.ended.notify_waiters();
    }

    /// Resolves at the end of the socket.
    pub(super) async fn ended(&self) -> CloseCode {
        loop {
            let notified = self.ended.notified();
            if let Some(code) = self.state.lock().end {
                return code;
            }
            notified.await;
        }
    }

    /// Waits for something to write. One caller at a time.
    pub(super) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.added.notified().await;
        }
    }

    /// The rest of the messages, one by one.
    pub(super) fn take(&self) -> Option<Next> {
        let mut state = self.state.lock();
        if std::mem::take(&mut state.is_ping_due) {
            return Some(Next::Ping);
        }
        let text = state.messages.pop_front()?;
        state.bytes -= text.len();
        Some(Next::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Message {
        Message("x".repeat(length).into())
    }

    fn queue(max_queued: usize, max_queued_bytes: usize) -> Outgoing {
        Outgoing::new(&Rules { max_queued, max_queued_bytes, ..Rules::DEFAULT })
    }

    #[tokio::test]
    async fn messages_leave_in_their_order_after_a_ping() {
        let queue = queue(9, 99);
        queue.push(message(1)).unwrap();
        queue.push(message(2)).unwrap();
        queue.ping();
        queue.end(CloseCode::Normal);
        assert_eq!(queue.push(message(1)), Err(Ended));
        assert_eq!(queue.next().await, Next::Ping);
        assert_eq!([queue.next().await, queue.next().await], [Next::Text("x".into()), Next::Text("xx".into())]);
        assert_eq!((queue.take(), queue.ended().await), (None, CloseCode::Normal));
    }

    #[tokio::test]
    async fn a_full_queue_ends_the_socket_and_keeps_nothing() {
        for (queue, length) in [(queue(2, 99), 1), (queue(9, 8), 4)] {
            queue.push(message(length)).unwrap();
            queue.push(message(length)).unwrap();
            assert_eq!(queue.push(message(length)), Err(Ended));
            queue.end(CloseCode::Normal);
            assert_eq!((queue.take(), queue.ended().await), (None, CloseCode::SlowReader));
        }
    }

    #[tokio::test]
    async fn a_message_that_no_queue_takes_is_a_bug() {
        let queue = queue(2, 8);
        assert_eq!(queue.push(message(9)), Err(Ended));
        assert_eq!(queue.ended().await, CloseCode::InternalError);
    }
}
