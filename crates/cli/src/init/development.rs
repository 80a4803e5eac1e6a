//! The environment `development` of an imported policy: the gateway answers on this machine.

use corsgate_authoring::{Compiled, check, compile};

use crate::init::answers::Answers;
use crate::init::files::New;
use crate::init::policy::on_this_machine;
use crate::init::project::{self, CASES, POLICY};
use crate::system::today;

/// The files with the environment, and the cases in it. `None` if the policy has no route that could be asked on this
/// machine.
pub(crate) fn with_development(answers: &Answers, files: &[New]) -> Option<Vec<New>> {
    let policy = &files.iter().find(|(name, _)| *name == POLICY)?.1;
    let cases = &files.iter().find(|(name, _)| *name == CASES)?.1;
    let compiled = compile(&project::source(POLICY, policy.clone()).ok()?, None).ok()?;
    let host = host(answers, &compiled)?;
    let block = on_this_machine(&host, &answers.upstream);
    let policy = format!("{policy}\n# On this machine, with `--env development`.{block}");
    let cases = format!("{cases}{}", again(cases, &host));
    let source = project::source(POLICY, policy.clone()).ok()?;
    let checked = check(&source, Some("development"), today());
    let files = vec![(POLICY, policy), (CASES, cases)];
    let is_sound = project::first(&checked.report).is_none() && project::require_passing(&files).is_ok();
    is_sound.then_some(files)
}

/// The host that stands for this machine: the public host, unless the source names its own.
fn host(answers: &Answers, compiled: &Compiled) -> Option<String> {
    let hosts = || compiled.document.routes.iter().filter_map(|route| route.hosts.as_ref()).flatten();
    hosts().find(|host| **host == answers.host.0).or_else(|| hosts().next()).cloned()
}

/// The cases once more, in the environment, with each URL of the host on this machine.
fn again(cases: &str, host: &str) -> String {
    let public = format!("https://{}/", host.replace("*.", "any."));
    let each = cases.split("\n[[cases]]\nname = \"").skip(1).map(|case| {
        let name = "\n[[cases]]\nenv = \"development\"\nname = \"in development, ";
        let mut case = format!("{name}{case}");
        for begin in ["/", &public] {
            let url = |begin: &str| format!("\nrequest = {{ url = \"{begin}");
            case = case.replacen(&url(begin), &url("http://localhost:8787/"), 1);
        }
        case
    });
    each.collect()
}
