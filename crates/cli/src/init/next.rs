//! What is printed behind a new project: the commands that serve it, deploy it and put its policy in force.

use std::path::Path;

use crate::init::gateway::{Gateway, GatewayClone, absolute};
use crate::init::policy::LIST;
use crate::init::project::{PAGES, POLICY, WRANGLER};
use crate::shell::word;

/// What a project has, as far as the commands depend on it.
pub(crate) struct Made<'p> {
    /// Its folder.
    pub(crate) out: &'p Path,
    /// Whether its policy has the environment `development`.
    pub(crate) has_development: bool,
    /// Whether it has a list.
    pub(crate) has_list: bool,
    /// Whether its `package.json` is that of this command, which names the packages.
    pub(crate) has_manifest: bool,
}

/// The commands, each on a line of its own.
pub(crate) fn commands(made: &Made, gateway: &Gateway) -> String {
    let lines = match gateway {
        Gateway::Clone(clone) => in_clone(made, clone),
        Gateway::Package => with_packages(made),
    };
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("\nServe it on this machine, deploy it, put the policy in force:\n{lines}")
}

fn in_clone(made: &Made, clone: &GatewayClone) -> Vec<String> {
    let file = |name: &str| word(&made.out.join(name).to_string_lossy());
    let absolute = |name: &str| word(&absolute(made.out).join(name).to_string_lossy());
    let folder = word(&clone.path());
    let kv = format!(" --config {} --wrangler {}", file(WRANGLER), word(&clone.wrangler()));
    vec![
        format!("npm --prefix {folder} run serve -- --policy {}{}", absolute(POLICY), environment(made)),
        format!("npm --prefix {folder} exec -- wrangler deploy --config {}", absolute(WRANGLER)),
        publish("corsgate", made, file, &kv),
    ]
}

/// In the folder of the project, where npm finds its packages.
fn with_packages(made: &Made) -> Vec<String> {
    let install = match made.has_manifest {
        true => "npm install",
        false => "npm install --save-dev corsgate wrangler@4",
    };
    let mut lines = vec![
        install.to_owned(),
        format!("npx corsgate dev {POLICY}{}", environment(made)),
        "npx wrangler deploy".to_owned(),
        publish("npx corsgate", made, str::to_owned, ""),
    ];
    if made.out != Path::new(".") {
        lines.insert(0, format!("cd {}", word(&made.out.to_string_lossy())));
    }
    lines
}

fn environment(made: &Made) -> &'static str {
    if made.has_development { " --env development" } else { "" }
}

fn publish(tool: &str, made: &Made, file: impl Fn(&str) -> String, kv: &str) -> String {
    let (list, policy) = (file(PAGES), file(POLICY));
    let policy_line = format!("{tool} publish {policy} --message {}{kv}", word("the first policy"));
    if !made.has_list {
        return policy_line;
    }
    let message = word("the first list");
    format!("{tool} list publish {LIST} {list} --policy {policy} --message {message}{kv} && {policy_line}")
}
