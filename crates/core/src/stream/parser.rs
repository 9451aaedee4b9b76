//! Bytes into server-sent events, as the HTML standard describes them, except that an event at the end of
//! the stream counts even without the empty line behind it.

use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};

/// One event before its data is decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawEvent {
    pub(crate) name: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<Duration>,
    pub(crate) data: String,
}

/// An event is longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Takes bytes in pieces of any size and gives events.
#[derive(Debug)]
pub(crate) struct Parser {
    /// Longest event, in bytes.
    limit: usize,
    input: Bytes,
    /// The beginning of a line whose end has not arrived.
    line: BytesMut,
    event: Draft,
    first_line: bool,
    /// The last line ended in CR: a LF that follows belongs to the same line end.
    after_cr: bool,
    ended: bool,
}

#[derive(Debug, Default)]
struct Draft {
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
}

impl Draft {
    fn len(&self) -> usize {
        [&self.name, &self.id, &self.data].into_iter().flatten().map(String::len).sum()
    }
}

impl Parser {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            input: Bytes::new(),
            line: BytesMut::new(),
            event: Draft::default(),
            first_line: true,
            after_cr: false,
            ended: false,
        }
    }

    /// Takes the next piece. What was pushed before must have been read.
    pub(crate) fn push(&mut self, piece: Bytes) {
        self.input = piece;
    }

    /// Nothing follows.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The next event that is complete.
    pub(crate) fn next(&mut self) -> Result<Option<RawEvent>, TooLong> {
        loop {
            if self.after_cr && !self.input.is_empty() {
                self.after_cr = false;
                if self.input.first() == Some(&b'\n') {
                    self.input.advance(1);
                }
            }
            let Some(at) = self.input.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(&std::mem::take(&mut self.input));
                self.check()?;
                return Ok(if self.ended { self.tail() } else { None });
            };
            self.line.extend_from_slice(&self.input.split_to(at));
            self.after_cr = self.input.first() == Some(&b'\r');
            self.input.advance(1);
            self.check()?;
            if let Some(event) = self.end_of_line() {
                return Ok(Some(event));
            }
        }
    }

    fn check(&self) -> Result<(), TooLong> {
        if self.line.len().saturating_add(self.event.len()) > self.limit { Err(TooLong) } else { Ok(()) }
    }

    fn end_of_line(&mut self) -> Option<RawEvent> {
        let line = std::mem::take(&mut self.line);
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if self.first_line => rest,
            _ => &line,
        };
        self.first_line = false;
        if line.is_empty() {
            return self.dispatch();
        }
        self.event.take(&String::from_utf8_lossy(line));
        None
    }

    /// What the stream ended in.
    fn tail(&mut self) -> Option<RawEvent> {
        if !self.line.is_empty() {
            self.end_of_line();
        }
        self.dispatch()
    }

    /// An event without data is none; what it said besides is forgotten.
    fn dispatch(&mut self) -> Option<RawEvent> {
        let Draft { name, id, retry, data } = std::mem::take(&mut self.event);
        data.map(|data| RawEvent { name, id, retry, data })
    }
}

impl Draft {
    /// One line that is not empty.
    fn take(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "event" => self.name = Some(value.to_owned()).filter(|name| !name.is_empty()),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            // Comments have no name; other fields mean nothing.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a text that arrives in pieces of a size.
    fn parse(text: &[u8], size: usize) -> Vec<RawEvent> {
        let mut parser = Parser::new(1 << 20);
        let mut events = Vec::new();
        for piece in text.chunks(size.max(1)) {
            parser.push(Bytes::copy_from_slice(piece));
            while let Some(event) = parser.next().unwrap() {
                events.push(event);
            }
        }
        parser.end();
        while let Some(event) = parser.next().unwrap() {
            events.push(event);
        }
        events
    }

    fn data(text: &[u8]) -> Vec<String> {
        let whole = parse(text, usize::MAX);
        for size in 1..8 {
            assert_eq!(parse(text, size), whole, "pieces of {size}");
        }
        whole.into_iter().map(|event| event.data).collect()
    }

    #[test]
    fn lines_end_in_three_ways() {
        assert_eq!(data(b"data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n"), ["a", "b", "c", "d"]);
        assert_eq!(data(b"data: a\r\ndata: b\rdata: c\ndata\n\n"), ["a\nb\nc\n"]);
    }

    #[test]
    fn marks_comments_and_characters_that_are_split() {
        assert_eq!(data("\u{feff}data: 值😀\n\n: comment\n\n:\ndata: \u{feff}x\n\n".as_bytes()), ["值😀", "\u{feff}x"]);
        assert_eq!(data(b"data: \xff\n\n"), ["\u{fffd}"]);
    }

    #[test]
    fn data_alone_makes_an_event() {
        assert_eq!(data(b"event: ping\n\nid: 1\n\ndata: a\n\n"), ["a"]);
        assert_eq!(parse(b"event: ping\n\ndata: a\n\n", 3), [RawEvent { data: "a".into(), ..RawEvent::default() }]);
        assert_eq!(data(b"data\n\nhello\n\n"), [""]);
        assert_eq!(data(b"data: \n\ndata:  two\n\n"), ["", " two"]);
        assert_eq!(data(b"DATA: x\n data: y\n\n"), [""; 0]);
    }

    #[test]
    fn the_tail_counts() {
        assert_eq!(data(b"data: a\n\ndata: tail\n"), ["a", "tail"]);
        assert_eq!(data(b"data: a\n\ndata: tail"), ["a", "tail"]);
        assert_eq!(data(b"data: a\n\nevent: x"), ["a"]);
        assert_eq!(data(b""), [""; 0]);
    }

    #[test]
    fn fields_that_make_no_sense_are_left_out() {
        let text = b"id: 7\nevent: result\nretry: 3000\ndata: x\n\nid: a\0b\nretry: -1\nretry: 1x\nevent:\ndata: y\n\n";
        let expected = [
            RawEvent {
                name: Some("result".into()),
                id: Some("7".into()),
                retry: Some(Duration::from_secs(3)),
                data: "x".into(),
            },
            RawEvent { data: "y".into(), ..RawEvent::default() },
        ];
        assert_eq!(parse(text, 5), expected);
    }

    #[test]
    fn an_event_has_a_limit_and_a_stream_has_none() {
        let mut parser = Parser::new(100);
        for _ in 0..1000 {
            parser.push(Bytes::from_static(b"data: 0123456789\n\n"));
            assert!(parser.next().unwrap().is_some());
            assert_eq!(parser.next(), Ok(None));
        }
        parser.push(Bytes::from(vec![b'x'; 101]));
        assert_eq!(parser.next(), Err(TooLong));
        let mut parser = Parser::new(100);
        let mut result = Ok(None);
        for _ in 0..20 {
            parser.push(Bytes::from_static(b"data: 0123456789\n"));
            result = parser.next();
            if result.is_err() {
                break;
            }
        }
        assert_eq!(result, Err(TooLong));
    }
}
