//! Rules that a peer breaks, and handlers that end.

use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::*;

const MAX: usize = 64 * 1024;
const SHORT: Duration = Duration::from_millis(50);

/// Reads and never answers.
async fn listen(mut socket: Socket) -> CloseCode {
    while socket.next().await.is_some() {}
    CloseCode::Normal
}

#[tokio::test]
async fn a_message_has_at_most_64_kib() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let quoted = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    let mut client = server.open().await;
    say(&mut client, &quoted(MAX)).await;
    assert_eq!(within(client.next()).await.unwrap().unwrap().len(), MAX);
    say(&mut client, &quoted(MAX + 1)).await;
    assert_eq!(rest(&mut client).await, (Vec::new(), 1009));
    // The parts of a message count together. What follows does not keep the close frame from its reader.
    let mut client = server.open().await;
    for number in 0..8 {
        let opcode = OpCode::Data(if number == 0 { Data::Text } else { Data::Continue });
        if client.send(Frame::Frame(RawFrame::message(vec![b'x'; MAX / 2], opcode, false))).await.is_err() {
            break;
        }
    }
    assert_eq!(rest(&mut client).await.1, 1009);
}

#[tokio::test]
async fn other_messages_than_text_are_refused() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let invalid = RawFrame::message(vec![0xff], OpCode::Data(Data::Text), true);
    let unexpected = RawFrame::message(vec![b'x'], OpCode::Data(Data::Continue), true);
    for (frame, code) in [
        (Frame::binary(vec![1]), 1003),
        (Frame::Frame(invalid), 1007),
        (Frame::Frame(unexpected), 1002),
        (Frame::text("no JSON"), 1007),
    ] {
        let mut client = server.open().await;
        client.send(frame).await.unwrap();
        assert_eq!(rest(&mut client).await, (Vec::new(), code));
    }
    let server = TestServer::start(Rules::SEND_ONLY, listen).await;
    let mut client = server.open().await;
    say(&mut client, "1").await;
    assert_eq!(rest(&mut client).await.1, 1003);
}

#[tokio::test]
async fn too_many_messages_end_a_socket() {
    let server = TestServer::start(Rules::DEFAULT, listen).await;
    for frame in [Frame::text("1"), Frame::Ping("x".into())] {
        let mut client = server.open().await;
        for _ in 0..20 {
            client.send(frame.clone()).await.unwrap();
        }
        // A burst is admitted, and what follows at the rate.
        tokio::time::sleep(2 * SHORT).await;
        client.send(frame.clone()).await.unwrap();
        for _ in 0..40 {
            let _ = client.send(frame.clone()).await;
        }
        assert_eq!(rest(&mut client).await.1, 4429);
    }
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_cut() {
    let rules = Rules { ping_interval: SHORT, ..Rules::DEFAULT };
    let server = TestServer::start(rules, listen).await;
    // A client that reads answers pings by itself.
    let (mut silent, mut live) = (server.open().await, server.open().await);
    let alive = tokio::time::timeout(10 * SHORT, live.next());
    assert!(matches!(alive.await, Ok(Some(Ok(Frame::Ping(_))))));
    let alive = async { while live.next().await.is_some_and(|frame| matches!(frame, Ok(Frame::Ping(_)))) {} };
    assert!(tokio::time::timeout(10 * SHORT, alive).await.is_err(), "the live socket has ended");
    assert_eq!(rest(&mut silent).await.1, 4408);
}

#[tokio::test]
async fn a_slow_reader_is_cut_and_reads_why() {
    async fn pour(socket: Socket) -> CloseCode {
        let text = json!("x".repeat(MAX));
        while socket.send(&text).is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        CloseCode::Normal
    }
    let server = TestServer::start(Rules::SEND_ONLY, pour).await;
    let mut client = server.open().await;
    tokio::time::sleep(20 * SHORT).await;
    let (texts, code) = rest(&mut client).await;
    assert_eq!(code, 4430);
    assert!(!texts.is_empty());
}

#[tokio::test]
async fn a_slow_reader_that_never_reads_is_cut_in_time() {
    let rules = Rules { closing_time: SHORT, max_queued: 1, ..Rules::SEND_ONLY };
    let options = ServerOptions { max_connections: 1, ..ServerOptions::default() };
    let pour = |socket: Socket| {
        async move {
            while socket.send(&"x".repeat(MAX)).is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            CloseCode::Normal
        }
        .boxed()
    };
    let server = TestServer::with(options, rules, pour).await;
    let _deaf = server.open().await;
    within(async {
        while server.open_from(None).await.is_err() {
            tokio::time::sleep(SHORT).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_fails_is_an_internal_error() {
    async fn fail(_: Socket) -> CloseCode {
        panic!("a bug of a handler")
    }
    let server = TestServer::start(Rules::DEFAULT, fail).await;
    assert_eq!(rest(&mut server.open().await).await, (Vec::new(), 1011));
}

#[tokio::test]
async fn others_send_to_a_socket_and_close_it() {
    async fn kick(socket: Socket) -> CloseCode {
        let sender = socket.sender();
        tokio::spawn(async move {
            let message = Message::new(&json!({"kicked": true})).unwrap();
            sender.push(message).unwrap();
            sender.close(CloseCode::PolicyViolation);
            assert_eq!(sender.send(&1), Err(Ended));
        });
        socket.ended().await;
        CloseCode::Normal
    }
    let server = TestServer::start(Rules::DEFAULT, kick).await;
    assert_eq!(rest(&mut server.open().await).await, (vec![r#"{"kicked":true}"#.to_owned()], 1008));
}
