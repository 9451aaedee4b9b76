//! Answers that the log service sends compressed.

use bytes::Bytes;
use http::HeaderMap;

/// Bytes that one compressed byte may become. lz4 itself ends at about 255.
const RATIO: usize = 200;

/// The body as it was before it was compressed; no larger than the limit, and than what real data becomes.
pub(crate) fn decompress(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let Some(kind) = header("x-log-compresstype").filter(|kind| !kind.is_empty()) else { return Ok(body) };
    if !kind.eq_ignore_ascii_case("lz4") {
        return Err(format!(
            "the answer is compressed by {kind:?}, the SDK reads lz4 only: ask with accept-encoding lz4"
        ));
    }
    let size = header("x-log-bodyrawsize").and_then(|size| size.parse::<usize>().ok());
    let size = size.ok_or("the answer is compressed and does not say how large it is (x-log-bodyrawsize)")?;
    if size > limit {
        return Err(format!("the answer has {size} bytes once it is decompressed, and {limit} are allowed"));
    }
    if size > body.len().saturating_mul(RATIO) {
        return Err(format!(
            "the answer has {} bytes and {size} once it is decompressed, more than {RATIO} times as many",
            body.len()
        ));
    }
    let plain = lz4_flex::block::decompress(&body, size).map_err(|error| format!("not valid lz4: {error}"))?;
    if plain.len() == size { Ok(plain.into()) } else { Err("not valid lz4: the size is another one".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, size: &str, body: &[u8]) -> Result<Bytes, String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-log-compresstype", kind.parse().unwrap());
        headers.insert("x-log-bodyrawsize", size.parse().unwrap());
        decompress(&headers, Bytes::copy_from_slice(body), 1000)
    }

    #[test]
    fn lz4_within_its_limit() {
        let plain = b"{\"meta\":{\"meta\":{\"meta\":{\"meta\":1}}}}".repeat(9);
        let body = lz4_flex::block::compress(&plain);
        assert_eq!(read("lz4", &plain.len().to_string(), &body).as_deref(), Ok(&plain[..]));
        assert_eq!(decompress(&HeaderMap::new(), Bytes::from_static(b"{}"), 1).as_deref(), Ok(&b"{}"[..]));
        let bomb = lz4_flex::block::compress(&[b'x'; 1000]);
        assert!(bomb.len() * RATIO > 1000, "real data is taken");
        assert!(read("lz4", "1000", &bomb).is_ok());
        for (kind, size, body, expected) in [
            ("lz4", "1000", &b"\x1fx"[..], "200 times"),
            ("lz4", "1001", &body[..], "allowed"),
            ("lz4", "10", &body[..], "lz4"),
            ("lz4", "999", &body[..], "lz4"),
            ("lz4", "-1", &body[..], "how large"),
            ("lz4", "", &body[..], "how large"),
            ("lz4", "9", b"\xff\xff\xff", "lz4"),
            ("zstd", "9", b"x", "zstd"),
        ] {
            let error = read(kind, size, body).unwrap_err();
            assert!(error.contains(expected), "{kind} {size}: {error}");
        }
    }
}
