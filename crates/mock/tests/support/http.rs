//! HTTP/1.1 over a plain socket.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body ended as its head had said.
    pub complete: bool,
    /// How the connection ended before that.
    pub error: Option<io::ErrorKind>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends raw bytes on a connection of their own and reads the answer.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    exchange_on(&mut stream, bytes)
}

pub fn exchange_on(stream: &mut TcpStream, bytes: &[u8]) -> Answer {
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let sent = stream.write_all(bytes);
    let mut answer = read(stream);
    if let Err(error) = sent {
        answer.error.get_or_insert(error.kind());
    }
    answer
}

/// Reads one answer; interim ones (1xx) are skipped.
pub fn read(stream: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let mut error = None;
    loop {
        if let Some(mut answer) = parse(&bytes) {
            answer.error = error;
            if answer.complete || answer.error.is_some() || bytes.len() > 1 << 20 {
                return answer;
            }
        } else if error.is_some() {
            return Answer { status: 0, headers: Vec::new(), body: bytes, complete: false, error };
        }
        match stream.read(&mut chunk) {
            Ok(0) => error = Some(io::ErrorKind::UnexpectedEof),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(failure) => error = Some(failure.kind()),
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    if status < 200 {
        return parse(&bytes[end..]);
    }
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = &bytes[end..];
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (body, complete) = if header("transfer-encoding").is_some() {
        unchunk(body)
    } else {
        let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        (body[..length.min(body.len())].to_vec(), body.len() >= length)
    };
    Some(Answer { status, headers, body, complete, error: None })
}

fn unchunk(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let Some(size) = std::str::from_utf8(&bytes[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok())
        else {
            break;
        };
        bytes = &bytes[end + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&bytes[..size.min(bytes.len())]);
        bytes = bytes.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
