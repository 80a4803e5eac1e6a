//! The `package.json` of a project that has the gateway from the npm package: that of the npm template.

const TEMPLATE: &str = include_str!("../../../../npm/template/package.json");
/// In its script `dev`.
const DEVELOPMENT: &str = " --env development";

/// The text of the file.
pub(crate) fn manifest(has_development: bool) -> String {
    if has_development { TEMPLATE.to_owned() } else { TEMPLATE.replacen(DEVELOPMENT, "", 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_policy_with_the_environment_is_served_with_it() {
        let dev = |text: &str| -> String {
            let manifest: serde_json::Value = serde_json::from_str(text).expect("JSON");
            manifest["scripts"]["dev"].as_str().expect("a script").to_owned()
        };
        assert_eq!(dev(&manifest(true)), "corsgate dev policy.toml --env development");
        assert_eq!(dev(&manifest(false)), "corsgate dev policy.toml");
    }
}
