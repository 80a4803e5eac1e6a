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
        "a route is added, and takes requests that none took", "a route is removed, and nobody takes its requests",
        "a route is added or removed, and all its requests had or have another";
    Place = "place",
        "hosts or path take in requests that no route took", "they leave out requests that no other route takes",
        "they change, and no request that was taken is lost or won";
    Order = "order", "", "",
        "requests meet another route than before; what differs between the two follows";
    Spelling = "spelling",
        "odd spellings of a path were refused as ambiguous, and are taken now", "they are refused now", "";
    FoldSuffixes = "fold_suffixes",
        "`/users.json` is no longer read as `/users` too, so that a laxer route may take it", "it is from now on", "";
    RouteName = "route_name", "", "", "a route has another name: in records, and for its rate limits, which count anew";
    Upstream = "upstream",
        "requests, with their cookies, go to a server that did not get them, or below another path of it (always high risk)",
        "the server before no longer gets them", "the same server has another name; an upstream that no route uses";
    Mode = "mode",
        "`report`: nothing is refused, and CORS is the upstream's; or `enforce`, for what only the upstream refused",
        "`enforce`, for what only the upstream allowed; or `report`, likewise", "";
    Origin = "origin",
        "an entry is added that no other covers, or one lives longer", "an entry is taken away, or ends earlier, and no other covers it",
        "the entries of a list that no route uses, or what is covered anyway";
    AnyOrigin = "any_origin",
        "any origin may ask (`*`)", "no longer", "";
    Cors = "cors", "", "", "rules are written differently and allow the same";
    KvList = "kv_list",
        "the entries of a list in KV count, or lines of it that did not", "they do not count any more",
        "the list has another name in the policy";
    KvKeys = "kv_keys",
        "keys in KV open the route, or for `http` origins too", "they do not any more",
        "a switch that changes nothing, or another name in the policy";
    Methods = "methods",
        "more methods may be used", "fewer", "names that make no difference: of safelisted methods, or beside `*`";
    RequestHeaders = "request_headers",
        "more request headers may be sent", "fewer", "names that make no difference beside `*`";
    ExposedHeaders = "exposed_headers",
        "pages may read more response headers", "fewer", "names that make no difference: of safelisted headers, beside `*`, or that rate limits expose";
    Credentials = "credentials",
        "pages may send cookies and HTTP authentication, and read the answer (always high risk)", "no longer", "";
    MaxAge = "max_age",
        "browsers keep the answer to a preflight longer, so what is withdrawn lives on longer", "shorter",
        "it is written out and the same";
    InsecureOrigins = "insecure_origins",
        "", "", "`dangerously_allow_insecure_origins` is switched; what it admits or refuses has lines of its own";
    OnDisallowed = "on_disallowed",
        "`forward`: requests of refused origins reach the upstream", "`reject`", "any origin may ask before and after";
    Handshakes = "handshakes",
        "WebSocket handshakes of more origins, or without `Origin`, are accepted", "of fewer", "how they are refused";
    Limit = "limit",
        "a rate limit is removed, raised, or counts by a key that tells more clients apart", "added, lowered, or by a coarser key",
        "another name or order with the same effect; counting begins anew";
    OnLimiterError = "on_limiter_error",
        "`allow`: while nobody can count, requests pass", "`deny`", "the route has no limits";
    Hsts = "hsts",
        "`Strict-Transport-Security` goes, is shorter (for 0 s, browsers forget it), or leaves out subdomains or `preload`", "the other way round", "";
    Csp = "csp",
        "`Content-Security-Policy` goes, or its text may allow more", "it is added, or its text may allow less", "";
    PermissionsPolicy = "permissions_policy",
        "`Permissions-Policy` goes, or its text may allow more", "it is added, or its text may allow less", "";
    Nosniff = "nosniff", "`X-Content-Type-Options: nosniff` goes", "it is added", "";
    ReferrerPolicy = "referrer_policy",
        "`Referrer-Policy` lets more of a URL reach other sites", "less", "another name with the same effect";
    Isolation = "isolation",
        "`Cross-Origin-Resource-Policy`, `-Opener-Policy` or `-Embedder-Policy` keeps fewer sites away", "more",
        "another value with the same effect";
    Timing = "timing_allow_origin", "allowed pages may read detailed timings", "no longer", "";
    ResponseHeader = "response_header",
        "`[routes.response]` removes a header that protects visitors, or sets one to a value that may protect less",
        "one is passed on again, or set to a value that may protect more", "headers that protect nobody";
    Explain = "explain", "", "", "where the reason of a refusal can be read";
    ForwardOrigin = "forward_origin", "", "", "whether cacheable requests keep their `Origin` on the way to the upstream";
    ForwardCookies = "forward_cookies",
        "requests from other origins keep their `Cookie` on a route without credentials", "they lose it",
        "";
    RecordPath = "record_path", "", "", "whether paths stand in records (medium risk when they come to)";
    Timeout = "timeout", "", "", "how long the upstream may take";
    Records = "records", "", "", "the share of plain allows that is recorded";
    Allowlist = "allowlist", "", "", "a list that no route uses, or the list by which a route names the same entries";
}
