//! The lines of the log, batches, and an output that accepts nothing.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use poem::http::HeaderValue;
use serde_json::Value;
use tracing_subscriber::fmt::format::JsonFields;
use ulid::Ulid;

use super::queue::{CAPACITY, Queue};
use super::writer::Writer;
use super::*;

/// Keeps what is written, write by write.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().concat()).unwrap()
    }
}

/// Blocks until it receives permission for each write.
struct Blocked(Receiver<()>);

impl Write for Blocked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.recv().map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn record() -> AccessRecord {
    AccessRecord {
        at: Instant::now(),
        method: "GET",
        route: Some("/v1/characters/{name}".into()),
        status: 200,
        took: Duration::from_micros(1234),
        request_id: RequestId::Sent(HeaderValue::from_static("r-1")),
        user: "00000000000000000000000007".parse().ok(),
        key: "00000000000000000000000008".parse().ok(),
        client: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

fn log_to(output: impl Write + Send + 'static, format: LogFormat) -> Log {
    let queue = Arc::new(Queue::new());
    Log::writing(Arc::clone(&queue), Writer::new(queue, output, format, false)).unwrap()
}

#[test]
fn a_text_line_has_one_field_for_each_word() {
    let output = Output::default();
    let log = log_to(output.clone(), LogFormat::Text);
    log.access(record());
    log.access(AccessRecord { route: None, user: None, key: None, client: None, status: 404, ..record() });
    log.flush();
    let text = output.text();
    let lines: Vec<&str> = text.lines().map(|line| line.split_once("Z ").unwrap().1).collect();
    assert_eq!(
        lines,
        [
            " INFO api::access: answered method=GET route=/v1/characters/{name} status=200 ms=1.234 client=127.0.0.1 \
             user=00000000000000000000000007 key=00000000000000000000000008 request_id=r-1",
            " INFO api::access: answered method=GET route=- status=404 ms=1.234 request_id=r-1",
        ]
    );
}

#[test]
fn a_json_line_parses_and_has_the_time_of_the_answer() {
    let output = Output::default();
    let log = log_to(output.clone(), LogFormat::Json);
    let late = Duration::from_hours(1);
    log.access(AccessRecord { at: Instant::now().checked_sub(late).unwrap(), ..record() });
    log.access(AccessRecord { route: Some("/health/ready".into()), ..record() });
    log.flush();
    let lines: Vec<Value> = output.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let times: Vec<domain::Time> = lines.iter().map(|line| line["timestamp"].as_str().unwrap().parse().unwrap()).collect();
    let apart = (times[1] - times[0]).to_std().unwrap();
    assert!(apart >= late && apart < late + Duration::from_mins(1), "{apart:?}");
    assert_eq!((&lines[0]["level"], &lines[1]["level"]), (&"INFO".into(), &"DEBUG".into()));
    assert_eq!((&lines[0]["status"], &lines[0]["ms"]), (&200.into(), &1.234.into()));
    assert_eq!(lines[0]["user"], "00000000000000000000000007");
    assert_eq!(lines[0]["key"], "00000000000000000000000008");
}

#[test]
fn lines_are_written_in_batches_of_at_most_64_kib() {
    let output = Output::default();
    let log = log_to(output.clone(), LogFormat::Text);
    (0..2000).for_each(|_| log.access(record()));
    log.flush();
    let sizes: Vec<usize> = output.0.lock().unwrap().iter().map(Vec::len).collect();
    assert!(sizes.len() > 1 && sizes.iter().all(|size| *size <= 64 * 1024), "{sizes:?}");
    assert_eq!(output.text().lines().count(), 2000);
}

#[test]
fn an_output_that_blocks_delays_no_request_and_drops_are_counted_and_reported() {
    let (release, blocked): (Sender<()>, _) = channel();
    let output = Output::default();
    let log = log_to(Tee(Blocked(blocked), output.clone()), LogFormat::Text);
    let started = Instant::now();
    (0..3 * CAPACITY).for_each(|_| log.access(record()));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(log.dropped() > 0);
    drop(release);
    // From here on the output fails, so what was written is what the second half has seen.
    log.flush();
    assert!(output.text().contains("lines of the log were dropped"), "{}", output.text().len());
}

/// Writes to the second output, and to the first, whose failure counts.
struct Tee(Blocked, Output);

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write(bytes);
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn events_of_a_request_carry_its_id_and_others_do_not() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let output = Output::default();
        let log = log_to(output.clone(), format);
        let lines = tracing_subscriber::fmt().with_writer(log.clone());
        let events = tracing_subscriber::fmt::format();
        let subscriber: Box<dyn tracing::Subscriber + Send + Sync> = match format {
            LogFormat::Text => Box::new(lines.event_format(WithRequestId::text(events.with_ansi(false))).finish()),
            LogFormat::Json => {
                let json = WithRequestId::json(events.json().flatten_event(true));
                Box::new(lines.fmt_fields(JsonFields::new()).event_format(json).finish())
            }
        };
        let _guard = tracing::subscriber::set_default(subscriber);
        scope(RequestId::Generated(Ulid(7)), async { tracing::warn!(reason = "a \"quoted\" reason", "slow") }).await;
        tracing::warn!("outside");
        log.flush();
        let text = output.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("00000000000000000000000007") && !lines[1].contains("request_id"), "{text}");
        if format == LogFormat::Json {
            let first: Value = serde_json::from_str(lines[0]).unwrap();
            assert_eq!((&first["request_id"], &first["message"]), (&"00000000000000000000000007".into(), &"slow".into()));
        } else {
            assert!(lines[0].ends_with(" request_id=00000000000000000000000007"), "{text}");
        }
    }
}
