//! CG206.

use crate::cursor::quoted;
use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject, permissions};
use crate::nearest::nearest;
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    206,
    "an unknown feature of Permissions-Policy",
    r#"Browsers ignore a feature that they do not know, so a typo in its name leaves the feature on. Browsers add and remove features: if this one is new, you can ignore the warning.

    permissions_policy = "geolocation=()""#,
);

/// The known features: <https://github.com/w3c/webappsec-permissions-policy/blob/main/features.md>
const FEATURES: [&str; 58] = [
    "accelerometer",
    "ambient-light-sensor",
    "attribution-reporting",
    "autoplay",
    "battery",
    "bluetooth",
    "browsing-topics",
    "camera",
    "captured-surface-control",
    "clipboard-read",
    "clipboard-write",
    "compute-pressure",
    "cross-origin-isolated",
    "deferred-fetch",
    "digital-credentials-get",
    "display-capture",
    "document-domain",
    "encrypted-media",
    "execution-while-not-rendered",
    "execution-while-out-of-viewport",
    "focus-without-user-activation",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "join-ad-interest-group",
    "keyboard-map",
    "local-fonts",
    "local-network",
    // An alias of the other two: <https://wicg.github.io/local-network-access/>
    "local-network-access",
    "loopback-network",
    "magnetometer",
    "microphone",
    "midi",
    "navigation-override",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "run-ad-auction",
    "screen-wake-lock",
    "serial",
    "speaker-selection",
    "storage-access",
    "sync-xhr",
    "unload",
    "usb",
    "vertical-scroll",
    "web-share",
    "window-management",
    "xr-spatial-tracking",
];

fn run(subject: &Subject<'_>, report: &mut Report) {
    for (place, route) in subject.routes() {
        let Some(policy) = &route.security.permissions_policy else { continue };
        // Another lint reports a header that browsers cannot read.
        let Ok(features) = permissions::read(policy) else { continue };
        for name in features.keys().map(|key| key.as_str()).filter(|name| !FEATURES.contains(name)) {
            let span = subject.span(&place.key("security").key("permissions_policy"));
            let finding =
                Finding::new(&LINT, format!("browsers know no feature `{name}`")).at(span.clone(), "");
            report.add(match (near(name), span) {
                (Some(near), Some(span)) => finding.fix(span, quoted(&policy.replacen(name, near, 1))),
                _ => finding,
            });
        }
    }
}

/// The nearest feature. Names longer than any feature are skipped: they cannot be near one, and are slow to compare.
fn near(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 64;
    (name.len() <= LONGEST).then(|| nearest(name, FEATURES)).flatten()
}
