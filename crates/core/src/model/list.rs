//! List setters take one element or many.

use super::Model;
use crate::Document;

/// One element, or anything that holds many.
pub trait IntoList<T> {
    /// The elements.
    fn into_list(self) -> Vec<T>;
}

impl<T, I: Into<T>> IntoList<T> for Vec<I> {
    #[inline]
    fn into_list(self) -> Vec<T> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T, I: Into<T>, const N: usize> IntoList<T> for [I; N] {
    #[inline]
    fn into_list(self) -> Vec<T> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T, I: Into<T> + Clone> IntoList<T> for &[I] {
    #[inline]
    fn into_list(self) -> Vec<T> {
        self.iter().cloned().map(Into::into).collect()
    }
}

impl<T: Model> IntoList<T> for T {
    #[inline]
    fn into_list(self) -> Vec<T> {
        vec![self]
    }
}

macro_rules! one {
    ($($from:ty => $to:ty),* $(,)?) => {$(
        impl IntoList<$to> for $from {
            fn into_list(self) -> Vec<$to> {
                vec![self.into()]
            }
        }
    )*};
}

one! {
    &str => String,
    String => String,
    i64 => i64,
    f64 => f64,
    bool => bool,
    Document => Document,
}
