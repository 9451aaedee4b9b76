//! Nothing but tests: see `tests/operations.rs`.
