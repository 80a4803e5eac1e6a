//! Runs cases on a policy.

use std::collections::{BTreeSet, HashMap};

use corsgate_policy::KvList;
use corsgate_policy::decision::trace::Check;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_name;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::policy::document::{AllowlistDocument, Scope};
use toml::de::DeTable;

use crate::cases::coverage::Coverage;
use crate::cases::file::{Case, Cases, Named};
use crate::cases::request::CaseRequest;
use crate::cases::run::{self, Ground, Ran};
use crate::cursor::as_table;
use crate::environment_policy::EnvironmentPolicy;
use crate::file::names_in;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::nearest::{listed, nearest};
use crate::report::Report;
use crate::source::Source;
use crate::syntax;

/// Cases, and the policy in each of their environments.
#[derive(Debug)]
pub struct Suite<'c> {
    cases: &'c Cases,
    /// The environment of cases that name none.
    environment: Option<&'c str>,
    environments: Vec<EnvironmentPolicy>,
    lists: HashMap<KvList, OriginSet>,
    environments_without_cases: Vec<String>,
}

/// Why cases cannot be run on a policy: the errors in both files.
#[derive(Clone, Debug, Default)]
pub struct Unprepared {
    /// The findings about the policy.
    pub policy: Report,
    /// The findings about the cases.
    pub cases: Report,
}

/// A run: one request of a case.
#[derive(Clone, Debug)]
pub struct Run<'s> {
    /// The name of the case, and what tells this run from its others.
    pub name: String,
    /// The case that the request belongs to.
    pub case: &'s Case,
    /// The request to decide.
    pub request: &'s CaseRequest,
    /// The environment; `None` for the base.
    pub environment: Option<&'s str>,
}

impl<'c> Suite<'c> {
    /// Compiles a policy for every environment that the cases name, and checks that it has the names that the cases
    /// use. `environment` replaces the one that `[defaults]` names.
    ///
    /// # Errors
    /// The errors in the policy, and names in the cases that the policy does not have.
    pub fn new(
        cases: &'c Cases,
        policy: &Source,
        environment: Option<&'c str>,
    ) -> Result<Self, Box<Unprepared>> {
        let mut unprepared = Box::<Unprepared>::default();
        let names = match syntax::parse(policy) {
            Ok(file) => Names::of(&file),
            Err(report) => return Err(Box::new(Unprepared { policy: report, ..Unprepared::default() })),
        };
        names.check(cases, environment.is_none(), &mut unprepared.cases);
        let default = environment.or(cases.environment.as_ref().map(|named| named.text.as_str()));
        let own =
            cases.cases.iter().map(|case| case.environment.as_ref().map_or(default, |it| Some(&it.text)));
        let mut used: BTreeSet<_> = own.collect();
        if used.is_empty() {
            // Compile the policy even if there is no case.
            used.insert(default);
        }
        let mut environments = Vec::new();
        // An unknown environment was reported at its name.
        let known = |name: &Option<&str>| {
            name.is_none_or(|name| {
                environment == Some(name) || names.environments.iter().any(|it| it == name)
            })
        };
        for name in used.iter().copied().filter(known) {
            match EnvironmentPolicy::new(policy, name) {
                Ok(compiled) => environments.push(compiled),
                Err(report) => report.findings().iter().for_each(|it| unprepared.policy.add(it.clone())),
            }
        }
        environments.iter().for_each(|compiled| check_scopes(compiled, cases, &mut unprepared.cases));
        // An environment that is unknown or does not compile might serve the host.
        if environments.len() == used.len() {
            check_hosts(&environments, cases, &mut unprepared.cases);
        }
        if unprepared.policy.has_errors() || unprepared.cases.has_errors() {
            unprepared.cases = unprepared.cases.sorted();
            unprepared.policy = unprepared.policy.sorted();
            return Err(unprepared);
        }
        let lists = read_lists(&environments, cases);
        let unused = names.environments.into_iter().filter(|name| !used.contains(&Some(name.as_str())));
        let environments_without_cases = unused.collect();
        Ok(Self { cases, environment: default, environments, lists, environments_without_cases })
    }

    /// All runs, in the order of the file.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let default = self.environment;
        let of_case = move |case: &'c Case| {
            case.requests.iter().map(move |request| Run {
                name: match request.label.as_str() {
                    "" => case.name().to_owned(),
                    label => format!("{} [{label}]", case.name()),
                },
                case,
                request,
                environment: case.environment.as_ref().map_or(default, |it| Some(&it.text)),
            })
        };
        self.cases.cases.iter().flat_map(of_case)
    }

    /// Decides the request of a run. `today` is the day for cases that name none.
    #[must_use]
    pub fn run(&self, run: &Run<'_>, today: Day) -> Option<Ran> {
        self.run_on(run, run.case.today.unwrap_or(today))
    }

    /// Decides the request of a run on this day, even if its case names another.
    #[must_use]
    pub fn run_on(&self, run: &Run<'_>, day: Day) -> Option<Ran> {
        let compiled = self.compiled(run)?;
        let ground = Ground { kv: &self.cases.kv, lists: &self.lists };
        Some(run::run(compiled, run.case, run.request, day, &ground))
    }

    /// Passes on the checks that decide a request, and the policy that was asked. `None` if the request cannot be
    /// decided.
    pub fn trace<T>(
        &self,
        run: &Run<'_>,
        today: Day,
        tell: impl FnOnce(&EnvironmentPolicy, &[Check<'_>]) -> T,
    ) -> Option<T> {
        let compiled = self.compiled(run)?;
        let ground = Ground { kv: &self.cases.kv, lists: &self.lists };
        let today = run.case.today.unwrap_or(today);
        run::trace(compiled, run.case, run.request, today, &ground, |checks| tell(compiled, checks))
    }

    fn compiled(&self, run: &Run<'_>) -> Option<&EnvironmentPolicy> {
        self.environments.iter().find(|compiled| compiled.environment.as_deref() == run.environment)
    }

    /// What these runs reached, for each environment.
    #[must_use]
    pub fn coverage(&self, runs: &[(Run<'_>, Ran)]) -> Vec<Coverage> {
        let of_environment = |compiled: &EnvironmentPolicy| {
            let own = runs.iter().filter(|(run, _)| run.environment == compiled.environment.as_deref());
            Coverage::new(compiled, own.map(|(_, ran)| ran))
        };
        self.environments.iter().map(of_environment).collect()
    }

    /// The environment of cases that name none; `None` for the base.
    #[must_use]
    pub fn environment(&self) -> Option<&'c str> {
        self.environment
    }

    /// The id of the policy in an environment of the cases.
    #[must_use]
    pub fn policy_id(&self, environment: Option<&str>) -> Option<&str> {
        let compiled =
            self.environments.iter().find(|compiled| compiled.environment.as_deref() == environment)?;
        Some(compiled.document.id.as_str())
    }

    /// Environments of the policy in which no case runs.
    #[must_use]
    pub fn environments_without_cases(&self) -> &[String] {
        &self.environments_without_cases
    }
}

/// The lists that the cases give, parsed by the rules of each list of the policy.
fn read_lists(environments: &[EnvironmentPolicy], cases: &Cases) -> HashMap<KvList, OriginSet> {
    let lists = environments.iter().flat_map(|compiled| compiled.policy.kv_lists());
    let read = lists.filter_map(|(_, list)| {
        let text = &cases.kv.lists.get(list_name(&list.key)?)?.text;
        Some((list.clone(), list.read(text).origins))
    });
    read.collect()
}

/// The names in a policy file, including all environments.
struct Names {
    environments: Vec<String>,
    routes: Vec<String>,
    lists: Vec<String>,
    keys: Vec<String>,
}

impl Names {
    fn of(file: &DeTable<'_>) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let routes = file.get("routes").and_then(|routes| routes.get_ref().as_array());
        let routes =
            routes.into_iter().flatten().filter_map(|route| as_table(route)?.get("name")?.get_ref().as_str());
        let overlays = file.get("environments").and_then(as_table).into_iter().flatten();
        let overlays = overlays.filter_map(|(_, overlay)| as_table(overlay));
        let allowlists = overlays.chain([file]).filter_map(|table| as_table(table.get("allowlists")?));
        let lists: Vec<_> = allowlists.flatten().filter_map(|(_, list)| as_table(list)).collect();
        let in_kv = |key: &str| lists.iter().filter_map(|list| list.get(key)?.get_ref().as_str()).collect();
        Self {
            environments: owned(names_in(file, "environments")),
            routes: owned(routes.collect()),
            lists: owned(in_kv("kv")),
            keys: owned(in_kv("kv_keys")),
        }
    }

    /// Reports names in the cases that the policy does not have.
    fn check(&self, cases: &Cases, uses_default: bool, report: &mut Report) {
        let own = cases.cases.iter().filter_map(|case| case.environment.as_ref());
        for named in own.chain(cases.environment.as_ref().filter(|_| uses_default)) {
            let lint = &mistakes::ENVIRONMENT;
            require(lint, "environment", "environments", named, &self.environments, report);
        }
        let lint = &mistakes::NOT_IN_POLICY;
        for route in cases.cases.iter().filter_map(|case| case.expectation.route.as_ref()) {
            require(lint, "route", "routes", route, &self.routes, report);
        }
        let named = |(name, span): (&String, &Span)| Named { text: name.clone(), span: span.clone() };
        for list in cases.kv.lists.iter().map(|(name, list)| (name, &list.name)).map(named) {
            require(lint, "list in KV", "lists in KV", &list, &self.lists, report);
        }
        for keys in cases.kv.keys.iter().map(|(name, keys)| (name, &keys.name)).map(named) {
            require(lint, "keys in KV", "keys in KV", &keys, &self.keys, report);
        }
        let either: Vec<_> = self.lists.iter().chain(&self.keys).cloned().collect();
        for name in cases.cases.iter().flat_map(|case| &case.unavailable) {
            require(lint, "list or keys in KV", "lists and keys in KV", name, &either, report);
        }
    }
}

fn require(
    lint: &'static crate::lint::Lint,
    one: &str,
    many: &str,
    name: &Named,
    known: &[String],
    report: &mut Report,
) {
    if known.contains(&name.text) {
        return;
    }
    let message = format!("the policy has no {one} `{}`", name.text);
    let finding = Finding::new(lint, message).at(Some(name.span.clone()), "");
    let names: BTreeSet<_> = known.iter().map(String::as_str).collect();
    report.add(match nearest(&name.text, names.iter().copied()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => finding.help(format!("it has no {many}")),
        None => finding.help(format!("its {many}: {}", listed(names, "and"))),
    });
}

/// Reports entries of `[keys]` that can never be found: they have a host and the policy's keys have none, or the
/// reverse.
fn check_scopes(compiled: &EnvironmentPolicy, cases: &Cases, report: &mut Report) {
    for list in compiled.document.allowlists.values() {
        let AllowlistDocument::KvKeys { kv_keys, scope, .. } = list else { continue };
        let entries = cases.kv.keys.get(kv_keys).into_iter().flat_map(|keys| &keys.entries);
        for entry in entries.filter(|entry| entry.host.is_some() != (*scope == Scope::Host)) {
            let (message, help) = match scope {
                Scope::Host => (
                    "the keys have `scope = \"host\"` in the policy, but this entry has no host",
                    "write `{ origin = \"https://…\", host = \"api.example.com\" }`",
                ),
                Scope::Shared => (
                    "this entry has a host, but the keys have no `scope = \"host\"` in the policy",
                    "leave `host` out, or write `scope = \"host\"` in the policy",
                ),
            };
            report.add(
                Finding::new(&mistakes::NOT_IN_POLICY, message).at(Some(entry.span.clone()), "").help(help),
            );
        }
    }
}

/// Reports entries of `[keys]` for a host on which no route asks for these keys, in any environment of the cases.
fn check_hosts(environments: &[EnvironmentPolicy], cases: &Cases, report: &mut Report) {
    for (name, keys) in &cases.kv.keys {
        let asks = |compiled: &EnvironmentPolicy, host: &str| {
            let lists = &compiled.document.allowlists;
            let is_list = |entry: &str| {
                let list = entry.strip_prefix('@').and_then(|list| lists.get(list));
                matches!(list, Some(AllowlistDocument::KvKeys { kv_keys, .. }) if kv_keys == name)
            };
            let rules = compiled.document.routes.iter().zip(compiled.policy.routes());
            let mut asking = rules.filter(|(route, _)| {
                let origins = route.cors.iter().flat_map(|cors| &cors.origins);
                origins.into_iter().any(|entry| is_list(entry.origin()))
            });
            let defaults = compiled.document.default_cors.iter().flat_map(|cors| &cors.origins);
            let by_defaults = defaults.into_iter().any(|entry| is_list(entry.origin()))
                && compiled.policy.routes().iter().any(|route| route.answers_for(host));
            by_defaults || asking.any(|(_, route)| route.answers_for(host))
        };
        for entry in &keys.entries {
            let Some(host) = &entry.host else { continue };
            if !environments.iter().any(|compiled| asks(compiled, host)) {
                let message = format!("no route with the keys `{name}` has the host `{host}`");
                let finding =
                    Finding::new(&mistakes::NOT_IN_POLICY, message).at(Some(entry.span.clone()), "");
                report.add(finding.help("write a host of such a route, as requests name it"));
            }
        }
    }
}
