//! `atelier train`, the child process of trainings, with rows that are held out by their number. HTTP does not offer that.
//!
//! A frame is a tag, the length of the payload as `u32` little-endian, and the payload. In: the task as JSON (`T`), rows as CSV
//! without a header (`R`), the end of the rows (`E`). Out: progress (`P`), the model (`M`), predictions (`O`), the result (`D`) or a
//! failure (`F`). The process ends when its input is closed.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::child_process::{self, ChildOptions};
use harness::program::{self, isolate};
use serde_json::{Value, json};

use super::memory::peak;
use crate::machine;

/// The environment that the server gives to the process: without it, the allocator reserves as much as a training may have.
const ENVIRONMENT: [(&str, &str); 3] =
    [("MIMALLOC_ARENA_EAGER_COMMIT", "0"), ("MIMALLOC_PURGE_DELAY", "0"), ("RUST_BACKTRACE", "0")];
/// Bytes after which a frame of rows ends.
const FRAME: usize = 1 << 20;

/// What a process made and took.
pub struct Trained {
    pub result: Value,
    pub model: Vec<u8>,
    pub time: Duration,
    /// The greatest memory of the process, in bytes.
    pub memory: u64,
    /// The longest time without a report.
    pub silence: Duration,
}

/// The task that the service gives to the process for a table and a target. `shift` holds out the rows whose number is that modulo 5.
pub fn task(info: &Value, target: &str, shift: Option<u32>) -> Value {
    let columns: Vec<Value> = info["columns"].as_array().expect("columns").iter().map(column).collect();
    json!({"columns": columns, "rows": info["rows"], "target": target, "holdout": shift})
}

/// A column of these tables: decimal points, no dates, and booleans that are yes and no.
fn column(info: &Value) -> Value {
    let date = json!({"order": "year_month_day", "zoned": false});
    let booleans = if info["type"] == "boolean" { "yes_no" } else { "true_false" };
    let format = json!({"type": info["type"], "decimal": "point", "percent": false, "date": date, "booleans": booleans});
    json!({"name": info["name"], "format": format})
}

/// Trains on the rows of a file, which begins with a header.
pub fn train(task: &Value, file: &[u8]) -> Trained {
    let mut command = ChildOptions::KILLED_WITH_SUITE.command(program::path());
    isolate(&mut command);
    command.arg("train").envs(ENVIRONMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child_process::spawn(command);
    machine::give_core(child.id());
    let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let start = Instant::now();
    let trained = thread::scope(|scope| {
        let feeding = scope.spawn(|| feed(input, task, file));
        let trained = receive(&child, output, start);
        drop(feeding.join().expect("the input is read"));
        trained
    });
    child.wait().expect("a child can be waited for");
    trained
}

/// Sends everything; the input stays open for as long as it is kept.
fn feed(mut input: ChildStdin, task: &Value, file: &[u8]) -> ChildStdin {
    send(&mut input, b'T', task.to_string().as_bytes());
    let header = file.iter().position(|&byte| byte == b'\n').expect("a header") + 1;
    let mut frame = Vec::with_capacity(FRAME);
    for line in file[header..].split_inclusive(|&byte| byte == b'\n') {
        if frame.len() + line.len() > FRAME {
            send(&mut input, b'R', &frame);
            frame.clear();
        }
        frame.extend_from_slice(line);
    }
    send(&mut input, b'R', &frame);
    send(&mut input, b'E', &[]);
    input
}

fn send(input: &mut ChildStdin, tag: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a short frame").to_le_bytes();
    let sent = input.write_all(&[tag]).and_then(|()| input.write_all(&length)).and_then(|()| input.write_all(payload));
    sent.and_then(|()| input.flush()).expect("the process reads its input");
}

/// Reads frames until the result.
fn receive(child: &Child, mut output: ChildStdout, start: Instant) -> Trained {
    let (mut model, mut memory, mut silence, mut reported) = (Vec::new(), 0, Duration::ZERO, start);
    loop {
        let (tag, payload) = frame(&mut output);
        memory = peak(child.id()).max(memory);
        match tag {
            b'P' => {
                silence = reported.elapsed().max(silence);
                reported = Instant::now();
            }
            b'M' => model.extend(payload),
            b'D' => {
                let result = serde_json::from_slice(&payload).expect("JSON");
                return Trained { result, model, time: start.elapsed(), memory, silence };
            }
            b'F' => panic!("the training failed: {}", String::from_utf8_lossy(&payload)),
            _ => {}
        }
    }
}

fn frame(output: &mut ChildStdout) -> (u8, Vec<u8>) {
    let mut header = [0; 5];
    output.read_exact(&mut header).expect("the process ends with a result");
    let [tag, length @ ..] = header;
    let mut payload = vec![0; u32::from_le_bytes(length) as usize];
    output.read_exact(&mut payload).expect("a whole frame");
    (tag, payload)
}
