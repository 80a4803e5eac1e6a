//! A browser on the command line.

use clap::ValueEnum;
use corsgate_explain::Browser;

/// A browser on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BrowserName {
    /// Chrome, Edge and others with Chromium's engine
    Chrome,
    /// Firefox
    Firefox,
    /// Safari and others with Apple's WebKit
    Safari,
}

impl From<BrowserName> for Browser {
    fn from(name: BrowserName) -> Self {
        match name {
            BrowserName::Chrome => Self::Chrome,
            BrowserName::Firefox => Self::Firefox,
            BrowserName::Safari => Self::Safari,
        }
    }
}
