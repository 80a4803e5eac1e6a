//! The kinds of change: their names, and when each widens, narrows or is neutral.
//!
//! `docs/diff.md` has the same table; a test keeps the two equal.

macro_rules! kinds {
    ($($variant:ident = $name:literal, $widens:literal, $narrows:literal, $neutral:literal;)+) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", $name, "`.")] $variant,)+
        }

        impl Kind {
            /// All kinds, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name, as it stands in JSON.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// When such a change widens, narrows and is neutral; empty for a direction that it never has.
            #[must_use]
            pub fn meaning(self) -> [&'static str; 3] {
                match self { $(Self::$variant => [$widens, $narrows, $neutral]),+ }
            }
        }
    };
}

kinds! {
    Route = "route",
        "a route is added, and matches requests that no route matched", "a route is removed, and no other route matches its requests",
        "a route is added or removed, and other routes matched or match all its requests";
    Place = "place",
        "hosts or path match requests that no route matched", "they no longer match requests that no other route matches",
        "they change, but the same requests match a route as before";
    Order = "order", "", "",
        "requests match another route than before; the differences between the two are listed too";
    Spelling = "spelling",
        "paths that were refused as ambiguous are now accepted", "the reverse", "";
    FoldSuffixes = "fold_suffixes",
        "`/users.json` is no longer treated as `/users` too, so a route with weaker rules may match it", "it is now", "";
    RouteName = "route_name", "", "", "a route has another name in records, and its rate limits start counting again";
    Upstream = "upstream",
        "requests, with their cookies, go to another server, or to another path of the same server (always high risk)",
        "the earlier server no longer gets them", "the same server has another name; an upstream that no route uses";
    Mode = "mode",
        "`report`: nothing is refused, and the upstream handles CORS; or `enforce`, for requests that only the upstream refused",
        "`enforce`, for requests that only the upstream allowed; or `report`, for requests that only the policy allowed", "";
    Origin = "origin",
        "an entry is added that no other covers, or one expires later", "an entry is removed or expires earlier, and no other covers it",
        "the entries of a list that no route uses, or entries that others cover";
    AnyOrigin = "any_origin",
        "any origin is allowed (`*`)", "no longer", "";
    Cors = "cors", "", "", "rules are written differently, but allow the same";
    KvList = "kv_list",
        "the entries of a list in KV are allowed, or lines of it that were ignored", "they are no longer allowed",
        "the list has another name in the policy";
    KvKeys = "kv_keys",
        "origins with keys in KV are allowed, or `http` origins too", "they are no longer allowed",
        "a switch without effect, or another name in the policy";
    Methods = "methods",
        "more methods may be used, or they are no longer enforced", "fewer, or they are enforced",
        "names that make no difference: of safelisted methods, or beside `*`";
    RequestHeaders = "request_headers",
        "more request headers may be sent", "fewer", "names that make no difference beside `*`";
    ExposedHeaders = "exposed_headers",
        "pages may read more response headers", "fewer", "names that make no difference: of safelisted headers, beside `*`, or that rate limits expose";
    Credentials = "credentials",
        "pages may send cookies and HTTP authentication, and read the response (always high risk)", "no longer", "";
    MaxAge = "max_age",
        "browsers cache preflight responses longer, and so keep using removed methods and headers for longer", "shorter",
        "the default is written out";
    InsecureOrigins = "insecure_origins",
        "", "", "`dangerously_allow_insecure_origins` is switched; its effect is listed separately";
    AnyExtension = "any_extension",
        "", "", "`dangerously_allow_any_extension` is switched; its effect is listed separately";
    OnDisallowed = "on_disallowed",
        "`forward`: requests from refused origins reach the upstream", "`reject`", "any origin is allowed before and after";
    Handshakes = "handshakes",
        "WebSocket handshakes from more origins, or without `Origin`, are accepted", "from fewer", "how they are refused";
    Limit = "limit",
        "a rate limit is removed or raised, or counts by a finer key", "added, lowered, or by a coarser key",
        "another name or order with the same effect; counting starts again";
    OnLimiterError = "on_limiter_error",
        "`allow`: requests pass while they cannot be counted", "`deny`", "the route has no limits";
    Hsts = "hsts",
        "`Strict-Transport-Security` is removed, is shorter (for 0 s, browsers forget it), or leaves out subdomains or `preload`", "the other way round", "";
    Csp = "csp",
        "`Content-Security-Policy` is removed, or its text may allow more", "it is added, or its text may allow less", "";
    PermissionsPolicy = "permissions_policy",
        "`Permissions-Policy` is removed, or its text may allow more", "it is added, or its text may allow less", "";
    Nosniff = "nosniff", "`X-Content-Type-Options: nosniff` is removed", "it is added", "";
    ReferrerPolicy = "referrer_policy",
        "`Referrer-Policy` lets more of a URL reach other sites", "less", "another name with the same effect";
    Isolation = "isolation",
        "`Cross-Origin-Resource-Policy`, `-Opener-Policy` or `-Embedder-Policy` keeps fewer sites away", "more",
        "another value with the same effect";
    Timing = "timing_allow_origin", "allowed pages, or more of the listed ones, may read detailed timings", "no longer", "";
    UpstreamHeader = "upstream_header",
        "the upstream gets a secret or a fixed value in a header, or a client's own value again, or no `Origin`",
        "the reverse", "headers for which no upstream allows more, such as `User-Agent`";
    ResponseHeader = "response_header",
        "`[routes.response]` removes a header that protects visitors, or sets one to a value that may protect less",
        "one is passed on again, or set to a value that may protect more", "headers that protect nobody";
    Rewrite = "rewrite", "", "", "whether URLs and cookies of the upstream are rewritten as the gateway's";
    Explain = "explain", "", "", "where the reason for a refusal is shown";
    ForwardOrigin = "forward_origin", "", "", "whether cacheable requests keep their `Origin` on the way to the upstream";
    ForwardCookies = "forward_cookies",
        "requests from other origins keep their `Cookie` on a route without credentials", "they lose it",
        "";
    StorageAccess = "storage_access",
        "browsers may repeat a request from a listed origin with cookies that they held back", "they may not", "";
    EncodedSlashes = "encoded_slashes",
        "paths may contain `%2f` and `%5c`", "they may not", "";
    RecordPath = "record_path", "", "", "whether paths are recorded (medium risk when they start to be)";
    Timeout = "timeout", "", "", "how long the upstream may take to respond";
    Records = "records", "", "", "the share of plain allows that is recorded";
    Allowlist = "allowlist", "", "", "a list that no route uses, or the list by which a route names the same entries";
}
