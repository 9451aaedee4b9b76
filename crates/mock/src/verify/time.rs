//! Timestamps: form, and distance from the gateway's clock.

use jiff::Timestamp;
use jiff::fmt::strtime;

use crate::clock;
use crate::error::ServiceError;

/// How far a request may be off, in milliseconds.
const WINDOW: i64 = 15 * 60 * 1000;

/// How a scheme writes its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `2024-01-02T03:04:05Z`
    Iso8601,
    /// `Tue, 02 Jan 2024 03:04:05 GMT`
    Http,
    /// `20240102T030405Z`
    Compact,
}

pub(super) fn verify(claimed: Option<(&str, Format)>, now: i64) -> Result<(), ServiceError> {
    let illegal = |reason: String| ServiceError::entry(400, "IllegalTimestamp", reason);
    let Some((text, format)) = claimed else {
        return Err(illegal("The request carries no timestamp.".to_owned()));
    };
    let sent = parse(text, format)
        .ok_or_else(|| illegal(format!("The timestamp `{text}` is not in the form `{}`.", format.example())))?;
    if (sent - now).abs() > WINDOW {
        let now = clock::iso8601(now);
        return Err(ServiceError::entry(
            400,
            "InvalidTimeStamp.Expired",
            format!("Specified time stamp or date value is expired: it says {text}, the clock here says {now}."),
        ));
    }
    Ok(())
}

/// Milliseconds since the epoch, if the text is exactly of that form.
pub(crate) fn parse(text: &str, format: Format) -> Option<i64> {
    let time = match format {
        Format::Iso8601 => text.parse::<Timestamp>().ok()?,
        Format::Compact => strtime::parse("%Y%m%dT%H%M%SZ", text)
            .ok()?
            .to_datetime()
            .ok()
            .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok())?
            .timestamp(),
        Format::Http => strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text)
            .ok()?
            .to_datetime()
            .ok()
            .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok())?
            .timestamp(),
    };
    let millis = time.as_millisecond();
    // Parsers forgive much; the vendor's entry does not: written back it must be the same text.
    let written = match format {
        Format::Iso8601 => clock::iso8601(millis),
        Format::Compact => clock::iso8601(millis).replace(['-', ':'], ""),
        Format::Http => clock::http_date(millis),
    };
    (written == text).then_some(millis)
}

impl Format {
    const fn example(self) -> &'static str {
        match self {
            Self::Iso8601 => "2024-01-02T03:04:05Z",
            Self::Compact => "20240102T030405Z",
            Self::Http => "Tue, 02 Jan 2024 03:04:05 GMT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_704_164_645_000;

    #[test]
    fn accepts_exactly_the_documented_form() {
        assert_eq!(parse("2024-01-02T03:04:05Z", Format::Iso8601), Some(AT));
        assert_eq!(parse("Tue, 02 Jan 2024 03:04:05 GMT", Format::Http), Some(AT));
        assert_eq!(parse("20240102T030405Z", Format::Compact), Some(AT));
        assert_eq!(parse("2024-01-02T03:04:05Z", Format::Compact), None);
        for wrong in [
            "2024-01-02T03:04:05+00:00",
            "2024-01-02T03:04:05.0Z",
            "2024-01-02 03:04:05Z",
            "20240102T030405Z",
            "",
            "now",
        ] {
            assert_eq!(parse(wrong, Format::Iso8601), None, "{wrong}");
        }
        for wrong in
            ["Wed, 02 Jan 2024 03:04:05 GMT", "Tue, 2 Jan 2024 03:04:05 GMT", "Tue, 02 Jan 2024 03:04:05 +0000"]
        {
            assert_eq!(parse(wrong, Format::Http), None, "{wrong}");
        }
    }

    #[test]
    fn gives_a_quarter_of_an_hour() {
        let code = |offset: i64| {
            verify(Some(("2024-01-02T03:04:05Z", Format::Iso8601)), AT + offset).err().map(|error| error.code)
        };
        assert_eq!(code(WINDOW), None);
        assert_eq!(code(-WINDOW), None);
        assert_eq!(code(WINDOW + 1).as_deref(), Some("InvalidTimeStamp.Expired"));
        assert_eq!(code(-WINDOW - 1).as_deref(), Some("InvalidTimeStamp.Expired"));
    }
}
