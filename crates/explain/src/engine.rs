//! The browsers whose behaviour is told apart.

use core::fmt;

/// A browser, by its engine: Edge and other browsers with Chromium's engine count as Chrome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Browser {
    /// Chromium.
    #[default]
    Chrome,
    /// Gecko.
    Firefox,
    /// WebKit.
    Safari,
}

impl Browser {
    /// All of them, in the order of the table of sentences.
    pub const ALL: [Self; 3] = [Self::Chrome, Self::Firefox, Self::Safari];
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chrome => "Chrome",
            Self::Firefox => "Firefox",
            Self::Safari => "Safari",
        })
    }
}
