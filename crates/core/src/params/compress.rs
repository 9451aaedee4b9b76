//! Bodies that the log service takes compressed.

use crate::{error::InvalidInput, wire::WireRequest};

const KIND: &str = "x-log-compresstype";

/// Compresses the body as the header says that is set, and notes its size before.
pub(crate) fn compress(request: &mut WireRequest) -> Result<(), InvalidInput> {
    let Some(kind) = request.headers.get(KIND).map(String::as_str) else { return Ok(()) };
    // Whoever gives the size before has compressed the body.
    if request.headers.contains_key("x-log-bodyrawsize") || request.body.is_empty() {
        return Ok(());
    }
    if !kind.eq_ignore_ascii_case("lz4") {
        let message = format!(
            "is {kind:?}: the SDK compresses by lz4 only. Leave it out, or give the body compressed and its size before \
             in the header x-log-bodyrawsize"
        );
        return Err(InvalidInput { parameter: KIND.to_owned(), message });
    }
    request.header("x-log-bodyrawsize", request.body.len().to_string());
    request.body = lz4_flex::block::compress(&request.body).into();
    Ok(())
}
