//! Traits that every generated type has, written once.

/// `Debug` (secrets masked) and `PartialEq` for models, serde's traits with the feature `serde`.
#[macro_export]
macro_rules! models {
    ($($model:ident),* $(,)?) => {$(
        impl ::std::fmt::Debug for $model {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::model::debug(self, f)
            }
        }
        impl ::std::cmp::PartialEq for $model {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::model::equal(self, other)
            }
        }
        $crate::__serde_model!($model);
    )*};
}

/// Serde's traits, through the schema.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "serde")]
macro_rules! __serde_model {
    ($model:ident) => {
        impl $crate::__private::serde::Serialize for $model {
            #[inline]
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(&$crate::Model::to_document(self), serializer)
            }
        }
        impl<'de> $crate::__private::serde::Deserialize<'de> for $model {
            #[inline]
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let document = <$crate::Document as $crate::__private::serde::Deserialize>::deserialize(deserializer)?;
                $crate::Model::from_document(document).map_err($crate::__private::serde::de::Error::custom)
            }
        }
    };
}

/// Without the feature there is nothing to add.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "serde"))]
macro_rules! __serde_model {
    ($model:ident) => {};
}

/// What every open enumeration can do besides naming its values.
#[macro_export]
macro_rules! open_enums {
    ($($name:ident),* $(,)?) => {$(
        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::model::OpenEnum::as_str(self))
            }
        }
        impl ::std::default::Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::model::OpenEnum::from_value(::std::string::String::new())
            }
        }
        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                $crate::model::OpenEnum::from_value(value.to_owned())
            }
        }
        impl ::std::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(value: ::std::string::String) -> Self {
                $crate::model::OpenEnum::from_value(value)
            }
        }
        impl ::std::cmp::PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                $crate::model::OpenEnum::as_str(self) == other
            }
        }
        impl ::std::cmp::PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                $crate::model::OpenEnum::as_str(self) == *other
            }
        }
        impl $crate::model::IntoList<$name> for $name {
            #[inline]
            fn into_list(self) -> ::std::vec::Vec<$name> {
                ::std::vec![self]
            }
        }
        impl $crate::model::IntoList<$name> for &str {
            #[inline]
            fn into_list(self) -> ::std::vec::Vec<$name> {
                ::std::vec![self.into()]
            }
        }
        impl $crate::model::Value for $name {
            #[inline]
            fn to_document(&self, _: $crate::model::View) -> ::std::option::Option<$crate::Document> {
                ::std::option::Option::Some($crate::model::OpenEnum::as_str(self).into())
            }
            #[inline]
            fn set(&mut self, document: $crate::Document) -> ::std::result::Result<(), $crate::model::DecodeError> {
                let mut text = ::std::string::String::new();
                $crate::model::Value::set(&mut text, document)?;
                *self = text.into();
                ::std::result::Result::Ok(())
            }
        }
    )*};
}
