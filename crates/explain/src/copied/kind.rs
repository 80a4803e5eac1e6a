//! Finds out what a copied text is.

use super::{response_head, shell, verbose};

/// A kind of text that people copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HTTP archive.
    Har,
    /// A `curl` command, for whatever shell.
    Curl,
    /// A script that calls `fetch`.
    Fetch,
    /// A script of PowerShell that calls `Invoke-WebRequest`.
    PowerShell,
    /// The headers of a response.
    Response,
    /// A line of the console.
    Console,
}

/// What only lines of a console say, in lower case.
const OF_CONSOLE: [&str; 7] = [
    "has been blocked by cors policy",
    "cross-origin request blocked",
    "due to access control checks",
    "is not allowed by access-control-allow-",
    "net::err_",
    "mixed content: the page at",
    "websocket connection to '",
];

impl Kind {
    /// Whether a text says what only lines of a console say.
    #[must_use]
    pub fn is_console(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        OF_CONSOLE.iter().any(|mark| text.contains(mark))
    }

    /// The kind of a text. What is nothing else is taken for a line of the console, which refuses what it does not know.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('{') || text.starts_with('[') && text.contains("\"request\"") {
            return Self::Har;
        }
        let has = |word: &str| text.to_ascii_lowercase().contains(word);
        // What curl prints names curl, and the body of a response may be anything.
        if text.starts_with("HTTP/") || verbose::is_verbose(text) && !Self::is_console(text) {
            return Self::Response;
        }
        // A word of the command, not one that stands in a text between quotes.
        if shell::begins_with_curl(text) {
            return Self::Curl;
        }
        // What stands around a line of the console (a time, places in scripts, a stack) may look like something else.
        let is_script =
            ["fetch(", "await ", "const ", "let ", "$"].iter().any(|begin| text.starts_with(begin));
        if !is_script && Self::is_console(text) {
            return Self::Console;
        }
        let is_alias = |word: &str| ["iwr", "irm"].iter().any(|alias| word.eq_ignore_ascii_case(alias));
        if has("invoke-webrequest")
            || has("invoke-restmethod")
            || has("webrequestsession")
            || text.split_whitespace().any(is_alias)
        {
            return Self::PowerShell;
        }
        let opens = has("new eventsource(") || has("new websocket(") || has("new request(");
        if (has("fetch(") || opens) && !has("failed to") {
            return Self::Fetch;
        }
        let is_complaint = has("cors") || has("error") || has("blocked");
        if !is_complaint && text.split_whitespace().any(shell::is_curl) {
            return Self::Curl;
        }
        if !is_complaint && (has("axios.") || has("axios(") || has("new xmlhttprequest") || has("$.ajax(")) {
            return Self::Fetch;
        }
        // What an error says may look like a header, but no error has these.
        if response_head::is_head(text) && (has("http/") || has("access-control-") || has("content-type:")) {
            return Self::Response;
        }
        Self::Console
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_form() {
        for (text, kind) in [
            ("{\"log\":{}}", Kind::Har),
            ("\u{feff} {\"log\"", Kind::Har),
            ("curl 'https://a.example'", Kind::Curl),
            ("  $ curl https://a.example", Kind::Curl),
            ("C:\\Users\\me>curl ^\"https://a.example^\"", Kind::Curl),
            ("PS C:\\> curl.exe 'https://a.example'", Kind::Curl),
            ("TOKEN=x time curl https://a.example", Kind::Curl),
            ("fetch(\"https://a.example\", {});", Kind::Fetch),
            ("const answer = await fetch('https://a.example')", Kind::Fetch),
            ("Invoke-WebRequest -Uri \"https://a.example\"", Kind::PowerShell),
            ("$h = @{}\niwr -Uri https://a.example -Headers $h", Kind::PowerShell),
            ("$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession", Kind::PowerShell),
            (
                "Access to fetch at 'https://a.example' from origin 'https://b.example' has been blocked",
                Kind::Console,
            ),
            ("Uncaught (in promise) TypeError: Failed to fetch(x)", Kind::Console),
            (
                "12:33:01.222 app.js:1 Access to fetch at 'https://a.example' from origin 'https://b.example' has been blocked by CORS policy",
                Kind::Console,
            ),
            ("load @ app.js:1 fetch(x)\nGET https://a.example net::ERR_FAILED", Kind::Console),
            ("HTTP/1.1 200 OK\nVary: Origin", Kind::Response),
            ("access-control-allow-origin: *\ncontent-type: text/plain", Kind::Response),
            ("HTTP/2 200\r\nvary: Origin\r\n\r\nuse curl, or fetch('https://a.example')", Kind::Response),
            ("* Trying 192.0.2.1:443...\n* ALPN: curl offers h2,http/1.1\n* connect failed", Kind::Response),
            ("> GET /x HTTP/1.1\n> User-Agent: curl/8.5.0\n>\n< HTTP/1.1 200 OK", Kind::Response),
            ("$ curl -v https://a.example\n* Trying 192.0.2.1:443...\n> GET / HTTP/1.1\n", Kind::Response),
            ("< HTTP/1.1 200 OK\n< Server: x\n", Kind::Response),
            ("* Access to fetch at 'x' has been blocked by CORS policy: y\n* z", Kind::Console),
            ("TypeError: Failed", Kind::Console),
            ("axios.get('https://a.example')", Kind::Fetch),
            ("\"C:\\Program Files\\curl\\curl.exe\" https://a.example", Kind::Curl),
            ("if true; then curl https://a.example; fi", Kind::Curl),
            ("anything", Kind::Console),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
