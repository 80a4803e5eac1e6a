//! CG212.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    212,
    "a limit that is too high to count",
    r#"One Durable Object counts all requests with the same key, and an object handles about 1000 requests a second. With more it is overloaded, and while it is overloaded, requests are denied, whatever `on_limiter_error` says. So a higher limit denies requests that it should admit.

Write a quota of at most 1000 times the window. To admit more, count by a finer key, so that no single key has so many requests:

    quota  = 600
    window = 60
    by     = ["client_ip"]   # and not ["route"] with quota = 120000

<https://developers.cloudflare.com/durable-objects/platform/limits/>"#,
);

/// The approximate number of requests that one Durable Object handles in a second.
///
/// <https://developers.cloudflare.com/durable-objects/platform/limits/>: "An individual Object has a
/// soft limit of 1,000 requests per second."
const PER_SECOND: u64 = 1_000;

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        for (at, limit) in route.limits.iter().enumerate() {
            let most = PER_SECOND * u64::from(limit.window);
            // A window of 0 is an error, or a stand-in for a window that could not be read.
            if limit.window == 0 || u64::from(limit.quota) <= most {
                continue;
            }
            let limit_place = place.key("limits").index(at);
            let message = "more than 1000 requests a second for one key overload the object that counts them";
            let help = match limit.by.iter().any(|key| key == "client_ip") {
                true => format!("write `quota = {most}` or less"),
                false => {
                    format!("write `quota = {most}` or less, or count by a finer key such as `client_ip`")
                }
            };
            let finding = Finding::new(&LINT, message).at(subject.span(&limit_place.key("quota")), "");
            let window = subject.span(&limit_place.key("window"));
            report.add(finding.at(window, "seconds for these").help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    /// The help for each limit that is more than an object can count.
    fn told(quota: &str, window: &str, by: &str) -> Vec<String> {
        let text = format!(
            "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n\
             [[routes.limits]]\nname = \"l\"\nquota = {quota}\nwindow = {window}\nby = [{by}]\n"
        );
        let told = findings(&text).into_iter().filter(|finding| finding.code.to_string() == "CG212");
        told.map(|finding| finding.help.expect("what to write")).collect()
    }

    #[test]
    fn the_bound_is_a_thousand_requests_a_second() {
        let client = |most: u32| vec![format!("write `quota = {most}` or less")];
        for (quota, window, expected) in [
            ("1000", "1", vec![]),
            ("1001", "1", client(1000)),
            ("60000", "60", vec![]),
            ("60001", "60", client(60_000)),
            ("4294967295", "4294967295", vec![]),
            ("4294967295", "4294967", client(4_294_967_000)),
            ("4294967295", "4294968", vec![]),
            // Invalid limits are errors.
            ("1001", "0", vec![]),
            ("1001", "\"1\"", vec![]),
        ] {
            assert_eq!(told(quota, window, "\"client_ip\""), expected, "{quota} in {window}");
        }
    }

    #[test]
    fn a_finer_key_is_offered_where_there_is_one() {
        for (by, finer) in [("\"route\"", true), ("\"client_ip\", \"route\"", false)] {
            let [help] = &told("2000", "1", by)[..] else { panic!("one finding for {by}") };
            assert_eq!(help.contains("finer key"), finer, "{help}");
        }
    }

    #[test]
    fn an_inherited_mistake_is_reported_once() {
        let limit = "[[defaults.limits]]\nname = \"l\"\nquota = 2000\nwindow = 1\nby = [\"client_ip\"]\n";
        let routes = "[[routes]]\nname = \"a\"\npath = \"/a\"\nupstream = \"api\"\n\
                      [[routes]]\nname = \"b\"\npath = \"/b\"\nupstream = \"api\"\n";
        let found = findings(&format!("{limit}{routes}"));
        assert_eq!(found.iter().filter(|finding| finding.code.to_string() == "CG212").count(), 1);
    }
}
