//! Clients that are slow, silent or many: the door goes on answering others, within limits that have names.

use super::bench::{Bench, REPLY, Setup};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD: &str = "POST /webhooks/livechat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
const ASK: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";

/// Connections that sent this and wait.
async fn waiting(door: SocketAddr, number: usize, sent: &str) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(number);
    for _ in 0..number {
        let mut stream = TcpStream::connect(door).await.expect("a connection");
        // Closed by a reset: thousands of them in TIME_WAIT would leave no ports to the tests beside.
        stream.set_zero_linger().expect("a socket");
        stream.write_all(sent.as_bytes()).await.expect("sent");
        streams.push(stream);
    }
    streams
}

/// A webhook still gets its reply.
async fn serves_others(bench: &mut Bench) {
    let chat = bench.says("pizza").await;
    assert_eq!(bench.ended(&chat, 1).await.text("outcome"), "said");
    bench.expect(&chat, REPLY);
}

/// Memory of the bot's process, in KiB.
fn resident(bench: &Bench) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", bench.pid())).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// How many files this process, and so the bot that it starts, may have open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a line");
    line.split_whitespace().nth(3).and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    // Other tests of this process have files open too.
    let number = open_files().saturating_sub(4_000).clamp(500, 10_000);
    let setup = Setup::default().setting("SERVER__MAX_CONNECTIONS", "20000");
    let mut bench = Bench::with(setup).await;
    let before = resident(&bench);
    let idle = waiting(bench.front(), number, "").await;
    serves_others(&mut bench).await;
    let after = resident(&bench);
    let each = after.saturating_sub(before) * 1024 / number as u64;
    eprintln!("{number} idle connections: {before} KiB before, {after} KiB after, {each} bytes each");
    assert!(each < 32 * 1024, "{each} bytes for an idle connection");
    drop(idle);
    bench.finish().await;
}

#[tokio::test]
async fn connections_without_end_take_the_place_of_idle_ones() {
    let setup = Setup::default()
        .setting("SERVER__MAX_CONNECTIONS", "20")
        .setting("SERVER__HEADER_TIMEOUT", "1h")
        .setting("SERVER__REQUEST_TIMEOUT", "1h");
    let mut bench = Bench::with(setup).await;
    let mut idle = waiting(bench.front(), 100, "").await;
    idle.extend(waiting(bench.front(), 100, "POST /webhooks").await);
    serves_others(&mut bench).await;
    assert_eq!(bench.count_logged("as many connections as allowed"), 1, "it is said once");
    // The first to come was the first to go; nothing but the limit closes it.
    let mut answer = Vec::new();
    drop(idle[0].read_to_end(&mut answer).await);
    assert!(answer.is_empty());
    drop(idle);
    bench.finish().await;
}

#[tokio::test]
async fn as_many_requests_as_connections_are_served_and_one_more_waits() {
    let setup = Setup::default()
        .setting("SERVER__MAX_CONNECTIONS", "3")
        .setting("SERVER__REQUEST_TIMEOUT", "1s")
        .setting("SWEEP__INTERVAL", "0s");
    let mut bench = Bench::with(setup).await;
    let slow = waiting(bench.front(), 3, &format!("{HEAD}content-length: 10\r\n\r\n{{")).await;
    let mut asking = waiting(bench.front(), 1, ASK).await.remove(0);
    // The three are being answered, so none gives way; their time runs out.
    let mut answer = [0; 12];
    asking.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    for mut stream in slow {
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
    drop(asking);
    serves_others(&mut bench).await;
    bench.finish().await;
}

#[tokio::test]
async fn heads_and_bodies_that_trickle_are_closed_when_their_time_is_over() {
    let setup = Setup::default()
        .setting("SERVER__HEADER_TIMEOUT", "600ms")
        .setting("SERVER__REQUEST_TIMEOUT", "600ms");
    let mut bench = Bench::with(setup).await;
    for start in [HEAD.to_owned(), format!("{HEAD}content-length: 100000\r\n\r\n")] {
        let mut stream = waiting(bench.front(), 1, &start).await.remove(0);
        let trickle = async {
            while stream.write_all(b"x").await.is_ok() {
                // not waiting: the client is slow on purpose, and never silent.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        // Ends only when the other side closes.
        tokio::time::timeout(Duration::from_secs(60), trickle).await.expect("it is closed");
    }
    serves_others(&mut bench).await;
    bench.finish().await;
}

#[tokio::test]
async fn a_client_that_never_reads_its_answers_is_closed() {
    let setup = Setup::default()
        .setting("SERVER__HEADER_TIMEOUT", "600ms")
        .setting("SERVER__REQUEST_TIMEOUT", "600ms");
    let mut bench = Bench::with(setup).await;
    let mut stream = waiting(bench.front(), 1, "").await.remove(0);
    let asking = async {
        // Answers pile up until nothing more is read; then the connection is idle.
        while stream.write_all(ASK.repeat(1_000).as_bytes()).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("it is closed");
    serves_others(&mut bench).await;
    bench.finish().await;
}

#[tokio::test]
async fn a_body_of_exactly_max_body_is_read_and_one_byte_more_is_not() {
    let setup = Setup::default().setting("SERVER__MAX_BODY", "2KiB");
    let bench = Bench::with(setup).await;
    let body = bench.message("b7eff798-f8df-4364-8059-649c35c9ed0c", "C", "T_1", "hello").to_string();
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
    for (length, expected) in [(2_048, (200, "silent")), (2_049, (413, "too_large"))] {
        let answer = bench.knock_with(padded(length), "application/json").await;
        assert_eq!(answer, (expected.0, expected.1.to_owned()), "{length} bytes");
        // Without a length up front, too.
        let body = padded(length);
        let sent = format!("{HEAD}transfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        let mut stream = waiting(bench.front(), 1, &sent).await.remove(0);
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.expect("an answer");
        assert_eq!(status, *format!("HTTP/1.1 {}", expected.0).as_bytes(), "{length} bytes in pieces");
    }
    bench.finish().await;
}
