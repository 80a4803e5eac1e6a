//! One rule from the answers to every page and method.

use std::cell::RefCell;

use crate::model::{Names, OriginSaid, PathSaid, Remark, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::server::answer::{Answer, Status, Verdict};
use crate::server::pages::{Asking, Page, Pages, has_marker};
use crate::server::remark;
use crate::server::section::nothing;
use crate::server::values::{names, self_said, values};

/// The methods that are asked about; those that a preflight names come on top.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", OTHER];
/// Stands for every method that no configuration names.
const OTHER: &str = "X-OTHER";
/// The methods that browsers send without asking (Fetch, 2.2.1, CORS-safelisted method).
const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];
const MOST_METHODS: usize = 40;
/// How many origins a remark names.
const MOST_NAMED: usize = 3;
/// Evaluations find a few pages each time.
const MOST_ROUNDS: usize = 50;

/// What a page gets: answers to requests, in the order of the methods, and the answer to a preflight.
struct Asked {
    page: Page,
    answers: Vec<Answer>,
    preflight: Answer,
}

/// The part of a configuration that is asked.
pub(super) struct Part<'p> {
    pub(super) what: &'static str,
    pub(super) place: Place,
    pub(super) path: PathSaid,
    /// The host names that it is for; empty for all.
    pub(super) hosts: &'p [String],
    pub(super) evaluate: &'p dyn Fn(&Asking<'_>) -> Answer,
}

/// The rule of a part; `None` if the part says nothing about CORS.
pub(super) fn rule(part: Part<'_>) -> Option<Rule> {
    let pages = RefCell::new(Pages::default());
    let mut methods: Vec<String> = METHODS.iter().map(|method| (*method).to_owned()).collect();
    let mut asked = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let all = pages.borrow().all();
        asked = all.into_iter().map(|page| ask(page, &methods, &pages, part.evaluate)).collect();
        let mut grown = name_more(&asked, &mut methods, &pages);
        grown |= pages.borrow_mut().take_grown();
        if !grown || pages.borrow().are_too_many {
            break;
        }
    }
    let answers = || asked.iter().flat_map(|asked| asked.answers.iter().chain([&asked.preflight]));
    let pages = pages.into_inner();
    if !answers().any(Answer::is_about_cors) && pages.odd.is_empty() && !pages.are_too_many {
        return None;
    }
    let mut rule = nothing(part.what, &part.place, part.hosts);
    rule.scope.path = part.path;
    for doubt in answers().flat_map(|answer| &answer.doubts) {
        let message = format!("something depends on {}: it is taken not to hold", doubt.value.what);
        let advice = "Look at what the server answers where it holds.";
        add(&mut rule, remark(Class::Unreadable, About::File, message, Some(advice), &doubt.place));
    }
    Reading { rule: &mut rule, asked: &asked, methods: &methods, pages: &pages }.read();
    for odd in &pages.odd {
        self_said(&mut rule, &odd.value, &odd.place);
    }
    Some(rule)
}

fn ask(
    page: Page,
    methods: &[String],
    pages: &RefCell<Pages>,
    evaluate: &dyn Fn(&Asking<'_>) -> Answer,
) -> Asked {
    let send = |method, is_preflight| evaluate(&Asking { pages, page: &page, method, is_preflight });
    let answers = methods.iter().map(|method| send(method, false)).collect();
    let preflight = send("OPTIONS", true);
    Asked { page, answers, preflight }
}

/// Takes the origins that answers name, and the methods that preflights do. Whether there were new ones.
fn name_more(asked: &[Asked], methods: &mut Vec<String>, pages: &RefCell<Pages>) -> bool {
    let before = methods.len();
    for asked in asked {
        for answer in asked.answers.iter().chain([&asked.preflight]) {
            for sent in answer.all("access-control-allow-origin") {
                if let Some(value) = sent.value.as_ref().ok().filter(|value| !has_marker(value)) {
                    pages.borrow_mut().name(value, &sent.place);
                }
            }
        }
        for sent in asked.preflight.all("access-control-allow-methods") {
            for name in sent.value.as_deref().unwrap_or_default().split(',').map(str::trim) {
                let is_new = !methods.iter().any(|method| method == name) && name != "*" && name != "OPTIONS";
                let is_token =
                    !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
                if is_new && is_token && methods.len() < MOST_METHODS {
                    methods.push(name.to_owned());
                }
            }
        }
    }
    methods.len() > before
}

fn add(rule: &mut Rule, remark: Said<Remark>) {
    if !rule.remarks.contains(&remark) {
        rule.remarks.push(remark);
    }
}

/// The origin that a page sends, as an evaluation writes it.
fn origin(page: &Page) -> &str {
    match page {
        Page::Named(origin) => origin,
        Page::Like(_) => crate::server::pages::ORIGIN,
    }
}

struct Reading<'r> {
    rule: &'r mut Rule,
    asked: &'r [Asked],
    methods: &'r [String],
    pages: &'r Pages,
}

impl Reading<'_> {
    fn read(mut self) {
        let Some(with) = self.methods_with_origins() else { return };
        let Some(readers) = self.readers(&with) else { return };
        self.origins(&with, &readers);
        self.credentials_and_exposed(&with, &readers);
        self.preflights(&with, &readers);
        self.scope(&with);
    }

    fn unreadable(&mut self, what: impl Into<String>, place: &Place) {
        self.rule.origins = vec![Said::new(OriginSaid::Unreadable(what.into()), place)];
        let place = self.rule.place.clone();
        self.rule.credentials = Said::new(Some(false), &place);
    }

    fn verdict(&self, page: usize, method: usize) -> Verdict {
        let Some(asked) = self.asked.get(page) else { return Verdict::Refused };
        asked.answers.get(method).map_or(Verdict::Refused, |answer| answer.verdict(origin(&asked.page)))
    }

    /// The methods whose answers some page may read; `None` if that depends on something.
    fn methods_with_origins(&mut self) -> Option<Vec<usize>> {
        if self.pages.are_too_many {
            let place = self.rule.place.clone();
            self.unreadable("more origins or regular expressions than are told apart", &place);
            return None;
        }
        let mut with = Vec::new();
        for method in 0..self.methods.len() {
            let mut reads = false;
            for page in 0..self.asked.len() {
                match self.verdict(page, method) {
                    Verdict::Reads { .. } => reads = true,
                    Verdict::Refused => {}
                    Verdict::Unknown(what, place) => {
                        self.unreadable(what, &place);
                        return None;
                    }
                }
            }
            if reads {
                with.push(method);
            }
        }
        Some(with)
    }

    /// The pages that may read answers; `None` if that depends on the method.
    fn readers(&mut self, with: &[usize]) -> Option<Vec<usize>> {
        let of = |method: usize| {
            let pages = 0..self.asked.len();
            pages
                .filter(|page| matches!(self.verdict(*page, method), Verdict::Reads { .. }))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = with.iter().map(|method| of(*method)).collect();
        let Some(first) = all.first() else {
            self.nobody();
            return None;
        };
        if all.iter().any(|other| other != first) {
            let place = self.rule.place.clone();
            self.unreadable("a condition on the method, which gives each method other origins", &place);
            return None;
        }
        Some(first.clone())
    }

    /// No page may read anything: says why, if the configuration meant otherwise.
    fn nobody(&mut self) {
        let answers: Vec<_> =
            self.asked.iter().flat_map(|asked| asked.answers.iter().chain([&asked.preflight])).collect();
        for answer in answers {
            let sent: Vec<_> = answer.all("access-control-allow-origin").collect();
            if let [first, second, ..] = sent.as_slice() {
                let message = format!(
                    "`Access-Control-Allow-Origin` is sent twice (also {}), which browsers refuse",
                    first.place
                );
                let advice = "List the origins that are meant.";
                add(self.rule, remark(Class::Stricter, About::Origins, message, Some(advice), &second.place));
            }
            for sent in sent {
                self_said(self.rule, sent.value.as_deref().unwrap_or_default(), &sent.place);
            }
        }
    }

    fn origins(&mut self, with: &[usize], readers: &[usize]) {
        let Some(method) = with.first() else { return };
        let reads = |page: usize| readers.contains(&page);
        let like = |wanted: &dyn Fn(&[bool]) -> bool| {
            self.asked.iter().position(|asked| matches!(&asked.page, Page::Like(bits) if wanted(bits)))
        };
        let stranger = like(&|bits| bits.iter().all(|bit| !bit));
        if let Some(page) = stranger.filter(|page| reads(*page)) {
            let place = self.place_of(page, *method);
            if readers.len() < self.asked.len() {
                self.unreadable("a list of origins that are refused", &place);
                return;
            }
            let is_star = matches!(self.verdict(page, *method), Verdict::Reads { is_star: true });
            let said = if is_star { OriginSaid::Any } else { OriginSaid::Reflected };
            self.rule.origins.push(Said::new(said, &place));
            return;
        }
        let expressions = &self.pages.expressions;
        let alone =
            |at: usize| like(&|bits| bits.iter().enumerate().all(|(index, bit)| *bit == (index == at)));
        let allowed: Vec<_> = (0..expressions.len()).filter(|at| alone(*at).is_some_and(reads)).collect();
        // Nothing but these expressions decides, or what they are together cannot be said.
        let depends = self.asked.iter().enumerate().any(|(page, asked)| match &asked.page {
            Page::Like(bits) => reads(page) != allowed.iter().any(|at| bits.get(*at) == Some(&true)),
            Page::Named(_) => false,
        });
        if depends {
            let place =
                expressions.first().map_or_else(|| self.rule.place.clone(), |first| first.place.clone());
            self.unreadable("regular expressions that depend on each other", &place);
            return;
        }
        let matched = |origin: &str| {
            allowed
                .iter()
                .any(|at| expressions.get(*at).is_some_and(|expression| expression.value.matches(origin)))
        };
        let mut origins = Vec::new();
        let mut refused = None;
        for named in &self.pages.origins {
            let page = self.asked.iter().position(|asked| asked.page == Page::Named(named.value.clone()));
            let (is_read, is_matched) = (page.is_some_and(reads), matched(&named.value));
            if is_read && !is_matched {
                origins.push(Said::new(OriginSaid::Exact(named.value.clone()), &named.place));
            }
            if !is_read && is_matched {
                refused.get_or_insert_with(|| named.place.clone());
            }
        }
        for at in &allowed {
            if let Some(expression) = expressions.get(*at) {
                let said = match &refused {
                    None => OriginSaid::Matching(expression.value.clone()),
                    Some(_) => OriginSaid::Unreadable(
                        "a regular expression, of whose origins another line refuses some".to_owned(),
                    ),
                };
                origins.push(Said::new(said, &expression.place));
            }
        }
        origins.sort_by(|one, other| one.place.cmp(&other.place));
        self.rule.origins.extend(origins);
        // What is sent and allows nobody, such as a list of origins in one header.
        for asked in self.asked {
            for sent in
                asked.answers.get(*method).into_iter().flat_map(|it| it.all("access-control-allow-origin"))
            {
                self_said(self.rule, sent.value.as_deref().unwrap_or_default(), &sent.place);
            }
        }
    }

    fn place_of(&self, page: usize, method: usize) -> Place {
        let answer = self.asked.get(page).and_then(|asked| asked.answers.get(method));
        let sent = answer.and_then(|answer| answer.all("access-control-allow-origin").next());
        sent.map_or_else(|| self.rule.place.clone(), |sent| sent.place.clone())
    }

    fn credentials_and_exposed(&mut self, with: &[usize], readers: &[usize]) {
        let answers: Vec<_> = readers
            .iter()
            .flat_map(|page| with.iter().filter_map(|method| self.asked.get(*page)?.answers.get(*method)))
            .collect();
        let Some(first) = answers.first() else { return };
        let place = |name: &str| {
            let sent = answers.iter().find_map(|answer| answer.all(name).next());
            sent.map_or_else(|| self.rule.place.clone(), |sent| sent.place.clone())
        };
        let at = place("access-control-allow-credentials");
        let is_unknown = answers
            .iter()
            .any(|it| it.all("access-control-allow-credentials").any(|sent| sent.value.is_err()));
        let agree = answers.iter().all(|it| it.has_credentials() == first.has_credentials());
        let preflights =
            readers.iter().filter_map(|page| self.asked.get(*page)).map(|asked| &asked.preflight);
        let mut credentials = (agree && !is_unknown).then_some(first.has_credentials());
        let mut remarks = Vec::new();
        if !agree && !is_unknown {
            // A policy has no route for only some of the origins of a path.
            credentials = Some(false);
            remarks.push(self.credentials_of_some(with, readers, &at));
        }
        let answered: Vec<_> =
            preflights.filter(|it| it.all("access-control-allow-origin").next().is_some()).collect();
        if credentials == Some(true) && answered.iter().any(|it| !it.has_credentials()) {
            credentials = None;
            let message = "answers allow credentials, and preflights do not";
            remarks.push(remark(Class::Unreadable, About::Credentials, message, None, &at));
        }
        // A header that changes from page to page is none that a policy has.
        let exposed = "access-control-expose-headers";
        let exposed_at = place(exposed);
        let values = |answer: &Answer| values(answer, exposed);
        let exposed = match answers.iter().all(|it| values(it) == values(first)) {
            true => names(&values(first), &exposed_at),
            false => Names::unreadable("a condition".to_owned(), &exposed_at),
        };
        let lacks_always =
            answers.iter().flat_map(|it| it.all("access-control-allow-origin")).find(|sent| !sent.on_errors);
        if let Some(sent) = lacks_always {
            let message = "answers with an error status have no CORS headers, for want of `always`: here pages may read them";
            remarks.push(remark(Class::Same, About::Origins, message, None, &sent.place));
        }
        self.rule.credentials = Said::new(credentials, &at);
        self.rule.exposed_headers = exposed;
        for said in remarks {
            add(self.rule, said);
        }
    }

    /// What is said if only some pages may send credentials.
    fn credentials_of_some(&self, with: &[usize], readers: &[usize], place: &Place) -> Said<Remark> {
        let has =
            |page: &&Asked| with.iter().filter_map(|at| page.answers.get(*at)).any(Answer::has_credentials);
        let pages: Vec<_> = readers.iter().filter_map(|page| self.asked.get(*page)).filter(has).collect();
        let named: Vec<_> = pages
            .iter()
            .filter_map(|asked| match &asked.page {
                Page::Named(origin) => Some(format!("`{}`", crate::shown::line(origin))),
                Page::Like(_) => None,
            })
            .take(MOST_NAMED)
            .collect();
        let of = match named.is_empty() || named.len() < pages.len() {
            true => "some of the origins".to_owned(),
            false => named.join(" and "),
        };
        let message = format!(
            "credentials are allowed for {of} only, and a route has them for all of its origins: they are left out"
        );
        let advice = "Set `credentials = true` only if the other origins may have them as well.";
        remark(Class::Unreadable, About::Credentials, message, Some(advice), place)
    }

    fn preflights(&mut self, with: &[usize], readers: &[usize]) {
        let preflights: Vec<_> = readers.iter().filter_map(|page| self.asked.get(*page)).collect();
        let passes = |asked: &&&Asked| {
            let is_fine =
                !matches!(asked.preflight.status, Status::Own(status) if !(200..300).contains(&status));
            is_fine && matches!(asked.preflight.verdict(origin(&asked.page)), Verdict::Reads { .. })
        };
        let passing = preflights.iter().filter(passes).count();
        let Some(first) = preflights.iter().find(passes).map(|asked| &asked.preflight) else {
            self.rule.scope.preflights = false;
            return;
        };
        if passing < preflights.len() {
            self.rule.scope.preflights = false;
            let message = "preflights allow fewer origins than answers do: none is allowed here";
            let place = self.rule.place.clone();
            let advice = Some("List the origins of both in routes of their own.");
            add(self.rule, remark(Class::Unreadable, About::Preflights, message, advice, &place));
            return;
        }
        if first.status == Status::Other {
            let message = "the same headers are added to preflights, which succeed only if what is behind the server answers \
                           OPTIONS with a status of 200 to 299: that is not said here";
            let says_more = ["access-control-allow-methods", "access-control-allow-headers"];
            let says_more = says_more.iter().any(|name| first.all(name).next().is_some());
            let advice =
                says_more.then_some("If it does not, remove `methods` and `request_headers` of the route.");
            let place = self.rule.place.clone();
            add(self.rule, remark(Class::Unreadable, About::Preflights, message, advice, &place));
        }
        let read = |name: &str| {
            let place =
                first.all(name).next().map_or_else(|| self.rule.place.clone(), |sent| sent.place.clone());
            let own = values(first, name);
            match preflights.iter().all(|asked| values(&asked.preflight, name) == own) {
                true => names(&own, &place),
                false => Names::unreadable("a condition".to_owned(), &place),
            }
        };
        let (methods, headers) = (read("access-control-allow-methods"), read("access-control-allow-headers"));
        let max_age = first.all("access-control-max-age").next().map(|sent| {
            let value = sent.value.clone().and_then(|value| {
                value.trim().parse::<i64>().map_err(|_| "a text that is no number".to_owned())
            });
            Said::new(value, &sent.place)
        });
        self.rule.methods = methods;
        self.rule.request_headers = headers;
        self.rule.max_age = max_age;
        self.lose_methods(with);
    }

    /// Removes the methods that a preflight allows, and whose answers no page may read.
    fn lose_methods(&mut self, with: &[usize]) {
        let reads = |name: &str| {
            let at = self.methods.iter().position(|method| method == name);
            at.is_none_or(|at| with.contains(&at))
        };
        let (kept, lost): (Vec<_>, Vec<_>) = self
            .rule
            .methods
            .listed
            .drain(..)
            .partition(|name| reads(&name.value) || name.value == "OPTIONS");
        self.rule.methods.listed = kept;
        for name in lost {
            let shown = crate::shown::name(&name.value);
            let message =
                format!("`{shown}` is left out: no page could read its answers, which have no CORS headers");
            add(self.rule, remark(Class::Same, About::Methods, message, None, &name.place));
        }
        if let Some(all) = self.rule.methods.all.clone().filter(|_| with.len() < self.methods.len()) {
            self.rule.methods.all = None;
            let message = "preflights allow every method, and only some get CORS headers";
            let advice = Some("List the methods that the pages use.");
            add(self.rule, remark(Class::Unreadable, About::Methods, message, advice, &all.place));
        }
    }

    /// The methods, if only some get CORS headers.
    fn scope(&mut self, with: &[usize]) {
        let names: Vec<_> = with.iter().filter_map(|at| self.methods.get(*at).cloned()).collect();
        let has = |method: &str| names.iter().any(|name| name == method);
        if has("GET") && !has("HEAD") {
            let message = "HEAD goes with GET in a policy, and has no CORS headers here: it tells a page nothing that GET does not";
            let place = self.rule.place.clone();
            add(self.rule, remark(Class::Same, About::Methods, message, None, &place));
        }
        if SAFELISTED.iter().all(|method| names.iter().any(|name| name == method)) {
            return;
        }
        self.rule.scope.methods = Some(names.into_iter().filter(|name| name != OTHER).collect());
    }
}
