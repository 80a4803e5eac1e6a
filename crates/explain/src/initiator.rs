//! What of a page makes a request. Chrome's console names it, and people search for the line word for word.

/// What of a page makes a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Initiator {
    /// `fetch()`.
    #[default]
    Fetch,
    /// `XMLHttpRequest`, also within a library such as axios.
    Xhr,
    /// `EventSource`, and whatever has no name of its own.
    Resource,
    /// A font of a style sheet. Browsers always use CORS for fonts.
    Font,
    /// `<script crossorigin>`, or a module.
    Script,
    /// `<link rel="stylesheet" crossorigin>`.
    StyleSheet,
    /// `<img crossorigin>`.
    Image,
    /// `<audio crossorigin>`.
    Audio,
    /// `<video crossorigin>`.
    Video,
    /// A web app's manifest.
    Manifest,
}

impl Initiator {
    const ALL: [Self; 10] = [
        Self::Fetch,
        Self::Xhr,
        Self::Resource,
        Self::Font,
        Self::Script,
        Self::StyleSheet,
        Self::Image,
        Self::Audio,
        Self::Video,
        Self::Manifest,
    ];

    /// The word in Chrome's "Access to … at".
    #[must_use]
    pub fn in_chrome(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Xhr => "XMLHttpRequest",
            Self::Resource => "resource",
            Self::Font => "font",
            Self::Script => "script",
            Self::StyleSheet => "CSS stylesheet",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Manifest => "manifest",
        }
    }

    /// Safari's second line, with `{url}` for the URL. It is empty if Safari prints no such line.
    #[must_use]
    pub fn behind_in_safari(self) -> &'static str {
        match self {
            Self::Fetch => "Fetch API cannot load {url} due to access control checks.",
            Self::Xhr => "XMLHttpRequest cannot load {url} due to access control checks.",
            Self::Resource => "EventSource cannot load {url} due to access control checks.",
            Self::Image => "Cannot load image {url} due to access control checks.",
            Self::Script => "Cross-origin script load denied by Cross-Origin Resource Sharing policy.",
            Self::Font | Self::StyleSheet | Self::Audio | Self::Video | Self::Manifest => "",
        }
    }

    /// The initiator that Chrome's word names.
    #[must_use]
    pub fn of_chrome(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|initiator| initiator.in_chrome().eq_ignore_ascii_case(word))
    }

    /// The initiator of a resource type, as archives of Chromium and Safari and the header `Sec-Fetch-Dest` have it.
    #[must_use]
    pub fn of_resource_type(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "fetch" | "empty" => Self::Fetch,
            "xhr" => Self::Xhr,
            "eventsource" => Self::Resource,
            "font" => Self::Font,
            "script" => Self::Script,
            "stylesheet" | "style" => Self::StyleSheet,
            "image" => Self::Image,
            "audio" => Self::Audio,
            "media" | "video" => Self::Video,
            "manifest" => Self::Manifest,
            _ => return None,
        })
    }

    /// Whether an insecure URL on a secure page is upgraded to `https` instead of blocked (Mixed Content, 4.1).
    #[must_use]
    pub fn is_upgraded(self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::Video)
    }
}
