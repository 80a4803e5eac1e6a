//! The message `plan`: how to forward a request and how to change its response. Rust writes it, JavaScript reads it.

use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::ResponseHeaderSink;

/// How to forward a request. Every text is one line.
#[derive(Debug, Default)]
pub(crate) struct Plan<'p> {
    /// The URL to forward to.
    pub(crate) target: String,
    /// The gateway's own origin, as the client sees it, where the upstream's URLs and cookies are rewritten; else empty.
    pub(crate) own_origin: &'p str,
    /// The base URL of the upstream, to recognize its own URLs; empty if it has none.
    pub(crate) upstream: String,
    /// The parts of the decision that its record needs: a [`Summary`](corsgate_policy::record::Summary).
    pub(crate) summary: String,
    /// Whether to record the response.
    pub(crate) is_recorded: bool,
    pub(crate) request: RequestChanges,
    pub(crate) response: ResponseChanges,
}

/// Changes to the headers of a request that is forwarded.
#[derive(Debug, Default)]
pub(crate) struct RequestChanges {
    removes: Lines,
    sets: Lines,
    secrets: Lines,
}

/// Changes to the headers of the response.
#[derive(Debug, Default)]
pub(crate) struct ResponseChanges {
    /// The names to merge into `Vary`, with `, ` between them.
    vary: &'static str,
    /// The families of headers that pages may read.
    families: String,
    removes: Lines,
    sets: Lines,
    appends: Lines,
}

impl Plan<'_> {
    /// The first line has the number of changes of each kind. The fields follow, then the changes: the names to remove from
    /// the request, the names and values to set on it, the names, schemes and names of secrets to set on it, the names to remove from the
    /// response, the names and values to set on it, and the names and values to append to it.
    pub(crate) fn write(&self) -> String {
        let Self { request, response, .. } = self;
        let changes = [
            &request.removes,
            &request.sets,
            &request.secrets,
            &response.removes,
            &response.sets,
            &response.appends,
        ];
        let mut message = String::with_capacity(1024);
        message.push_str("plan 1");
        for lines in changes {
            message.push(' ');
            message.push_str(&lines.count.to_string());
        }
        let is_recorded = if self.is_recorded { "=" } else { "" };
        let Self { target, own_origin, upstream, summary, .. } = self;
        for field in [target, *own_origin, upstream, summary, is_recorded, response.vary, &response.families]
        {
            message.push('\n');
            message.push_str(field);
        }
        for lines in changes {
            message.push_str(&lines.text);
        }
        message
    }
}

/// Lines, each preceded by a line break.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// The number of names.
    count: u32,
}

impl Lines {
    fn push(&mut self, lines: &[&str]) {
        for line in lines {
            self.text.push('\n');
            self.text.push_str(line);
        }
        self.count += 1;
    }
}

impl RequestHeaderSink for RequestChanges {
    fn remove(&mut self, name: &str) {
        self.removes.push(&[name]);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.sets.push(&[name, value]);
    }

    fn set_secret(&mut self, name: &str, scheme: &str, secret: &str) {
        self.secrets.push(&[name, scheme, secret]);
    }
}

impl ResponseHeaderSink for ResponseChanges {
    fn remove(&mut self, name: &str) {
        self.removes.push(&[name]);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.sets.push(&[name, value]);
    }

    fn append(&mut self, name: &str, value: &str) {
        self.appends.push(&[name, value]);
    }

    fn vary(&mut self, names: &'static str) {
        self.vary = names;
    }

    fn expose(&mut self, families: &str) {
        families.clone_into(&mut self.families);
    }
}
