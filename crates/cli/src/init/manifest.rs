//! The `package.json` of a project that has the gateway from the npm package: that of the npm template.

const TEMPLATE: &str = include_str!("../../../../npm/template/package.json");
/// In its script `dev`.
const DEVELOPMENT: &str = " --env development";

/// In its script `check`.
const DENY: &str = " --deny warnings";

/// The text of the file. An API on this machine is a warning until the policy has the URL that the edge reaches, so such
/// a project begins without `--deny warnings`.
pub(crate) fn manifest(has_development: bool, is_local: bool) -> String {
    let left_out = [(!has_development).then_some(DEVELOPMENT), is_local.then_some(DENY)];
    left_out.into_iter().flatten().fold(TEMPLATE.to_owned(), |text, part| text.replacen(part, "", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_are_those_that_the_policy_passes() {
        let script = |name: &str, text: &str| -> String {
            let manifest: serde_json::Value = serde_json::from_str(text).expect("JSON");
            manifest["scripts"][name].as_str().expect("a script").to_owned()
        };
        assert_eq!(script("dev", &manifest(true, false)), "corsgate dev policy.toml --env development");
        assert_eq!(script("dev", &manifest(false, true)), "corsgate dev policy.toml");
        assert!(
            script("check", &manifest(true, false))
                .starts_with("corsgate check policy.toml --deny warnings && ")
        );
        assert!(script("check", &manifest(true, true)).starts_with("corsgate check policy.toml && "));
    }
}
