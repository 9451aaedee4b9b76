#![doc = include_str!("../README.md")]

#[doc = include_str!("../calls.md")]
pub mod calls {}

#[doc = include_str!("../credentials.md")]
pub mod credentials {}

#[doc = include_str!("../errors.md")]
pub mod errors {}

#[doc = include_str!("../paging.md")]
pub mod paging {}

#[doc = include_str!("../waiting.md")]
pub mod waiting {}

#[doc = include_str!("../streaming.md")]
pub mod streaming {}

#[doc = include_str!("../regions.md")]
pub mod regions {}

#[doc = include_str!("../testing.md")]
pub mod testing {}

#[doc = include_str!("../products.md")]
pub mod products {}
