//! What a location answers to one request: first the directives of the rewrite module in their order, then the headers
//! of the block that it ended in.

use std::collections::HashMap;

use crate::place::Place;
use crate::server::answer::{Answer, Sent, Status};
use crate::server::directive::{Directive, Word};
use crate::server::nginx::code::names_cors;
use crate::server::nginx::condition::holds;
use crate::server::nginx::config::{Config, Location, Server};
use crate::server::nginx::rewrite::{self, Concerns};
use crate::server::nginx::variable::Variables;
use crate::server::pages::Asking;

/// The statuses to which headers without `always` are added (ngx_http_headers_module).
const WITHOUT_ALWAYS: [u16; 10] = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

/// nginx gives up behind as many (`NGX_HTTP_MAX_URI_CHANGES`).
const MOST_JUMPS: usize = 10;

pub(super) struct Evaluation<'e, 't> {
    config: &'e Config<'t>,
    server: &'e Server<'t>,
    variables: Variables<'e, 't>,
    answer: Answer,
    /// The locations that rewritten paths have led through so far.
    jumps: usize,
    /// It is only asked what another location would answer.
    is_trial: bool,
}

/// What the directives of the rewrite module have led to.
struct Ended<'t> {
    status: Option<u16>,
    /// The last `if` that held.
    within: Option<&'t [Directive]>,
    /// The `rewrite` that leads all paths to another location.
    moved: Option<&'t Directive>,
    /// Those that lead some paths to one.
    may_move: Vec<&'t Directive>,
}

impl<'e, 't> Evaluation<'e, 't> {
    pub(super) fn new(config: &'e Config<'t>, server: &'e Server<'t>, asking: &'e Asking<'e>) -> Self {
        let variables = Variables { config, asking, known: HashMap::new() };
        Self { config, server, variables, answer: Answer::default(), jumps: 0, is_trial: false }
    }

    pub(super) fn of(mut self, location: &Location<'t>) -> Answer {
        let of_server = self.run(self.server.directives, location);
        let server_levels = self.server.locations.first().filter(|first| first.is_server);
        if of_server.status.is_some() {
            let mut levels = location.levels.clone();
            // Answered before a location is looked for.
            let depth = match server_levels {
                Some(whole) => whole.levels.len(),
                None => levels
                    .iter()
                    .position(|level| core::ptr::eq(*level, self.server.directives))
                    .map_or(1, |at| at + 1),
            };
            levels.truncate(depth);
            return self.ended(location, &levels, of_server.status);
        }
        if let Some(moved) = of_server.moved {
            return self.moved(location, moved);
        }
        self.located(location, of_server.may_move)
    }

    /// The answer of a location.
    fn located(mut self, location: &Location<'t>, mut may_move: Vec<&'t Directive>) -> Answer {
        let mut levels = location.levels.clone();
        let mut status = None;
        if !location.is_server
            && let Some(own) = location.levels.last()
        {
            let ended = self.run(own, location);
            if let Some(moved) = ended.moved.filter(|_| ended.status.is_none()) {
                return self.moved(location, moved);
            }
            status = ended.status;
            levels.extend(ended.within);
            may_move.extend(ended.may_move);
        }
        let mut own = self.ended(location, &levels, status);
        for directive in may_move {
            self.may_move(location, directive, &mut own);
        }
        own
    }

    /// The answer of the blocks that a request has ended in.
    fn ended(&mut self, location: &Location<'t>, levels: &[&'t [Directive]], status: Option<u16>) -> Answer {
        self.answer.status = match status {
            Some(status) => Status::Own(status),
            None => self.status(location, levels),
        };
        self.headers(levels);
        for code in levels.iter().flat_map(|level| level.iter()).filter(|it| names_cors(it)) {
            self.answer.doubt(format!("`{}`, which is not read", code.name), true, &code.place);
        }
        if status.is_none() {
            self.tried_files(location);
        }
        core::mem::take(&mut self.answer)
    }

    /// The answer of the location that a `rewrite` leads all paths to.
    fn moved(mut self, location: &Location<'t>, directive: &'t Directive) -> Answer {
        let targets = rewrite::targets(directive, self.server);
        if let Some([target]) = targets.as_deref()
            && self.jumps < MOST_JUMPS
        {
            self.jumps += 1;
            return self.located(target, Vec::new());
        }
        let levels = location.levels.clone();
        let mut own = self.ended(location, &levels, None);
        own.doubt(rewrite::WHAT.to_owned(), true, &directive.place);
        own
    }

    /// Doubts the answer of a location that a `rewrite` leads some paths away from, unless they get the same elsewhere.
    fn may_move(&self, location: &Location<'t>, directive: &'t Directive, own: &mut Answer) {
        let is_alike = |target: &&Location<'t>| {
            if core::ptr::eq(*target, location) {
                return true;
            }
            let trial = Self {
                config: self.config,
                server: self.server,
                variables: self.variables.clone(),
                answer: Answer::default(),
                jumps: self.jumps + 1,
                is_trial: true,
            };
            let other = trial.located(target, Vec::new());
            let is_known = !other.doubts.iter().any(|doubt| doubt.value.is_about_cors);
            is_known && other.says_alike(own)
        };
        let targets = rewrite::targets(directive, self.server).filter(|_| !self.is_trial);
        if targets.is_some_and(|targets| targets.iter().all(is_alike)) {
            return;
        }
        // A few paths of a whole server do not close it.
        let is_all = !location.is_whole() || !own.is_about_cors();
        own.doubt(rewrite::WHAT.to_owned(), is_all, &directive.place);
    }

    /// Runs `set`, `if`, `return` and `rewrite`.
    fn run(&mut self, directives: &'t [Directive], location: &Location<'t>) -> Ended<'t> {
        let mut ended = Ended { status: None, within: None, moved: None, may_move: Vec::new() };
        for directive in directives {
            match directive.name.as_str() {
                "set" => self.set(directive),
                "break" => break,
                "return" => {
                    ended.status = Some(status_of(directive));
                    return ended;
                }
                "rewrite" => {
                    self.rewrite(directive, location, &mut ended);
                    if ended.moved.is_some() {
                        return ended;
                    }
                }
                "if" => {
                    match holds(directive, &mut self.variables) {
                        Ok(false) => continue,
                        Err(what) => {
                            self.answer.doubt(
                                what,
                                touches_cors(directive.block(), self.config),
                                &directive.place,
                            );
                            continue;
                        }
                        Ok(true) => {}
                    }
                    ended.within = Some(directive.block());
                    for inner in directive.block() {
                        match inner.name.as_str() {
                            "set" => self.set(inner),
                            "rewrite" => self.rewrite(inner, location, &mut ended),
                            "return" => ended.status = Some(status_of(inner)),
                            "break" => return ended,
                            _ => {}
                        }
                        if ended.status.is_some() || ended.moved.is_some() {
                            return ended;
                        }
                    }
                }
                _ => {}
            }
            if ended.status.is_some() {
                return ended;
            }
        }
        ended
    }

    fn set(&mut self, directive: &Directive) {
        if let Some(word) = directive.words.get(1) {
            let value = self.variables.filled(word);
            self.variables.known.insert(directive.word(0).trim_start_matches('$').to_owned(), value);
        }
    }

    /// A path that is rewritten may end in another location, or in a redirect.
    fn rewrite(&mut self, directive: &'t Directive, location: &Location<'t>, ended: &mut Ended<'t>) {
        let is_redirect = rewrite::is_redirect(directive);
        match rewrite::concerns(directive.word(0), location) {
            Concerns::None => {}
            Concerns::All if is_redirect => {
                ended.status = Some(if directive.word(2) == "permanent" { 301 } else { 302 });
            }
            _ if is_redirect => self.answer.doubt("`rewrite`".to_owned(), false, &directive.place),
            _ if directive.word(2) == "break" => {}
            Concerns::All => ended.moved = Some(directive),
            Concerns::Some => ended.may_move.push(directive),
        }
    }

    /// The status of what comes after the rewrite module.
    fn status(&mut self, location: &Location<'t>, levels: &[&'t [Directive]]) -> Status {
        let asking = self.variables.asking;
        let own = || location.levels.last().into_iter().chain(levels.last()).flat_map(|level| level.iter());
        for limit in own().filter(|it| it.is("limit_except")) {
            let has = |method: &str| limit.words.iter().any(|word| word.text.eq_ignore_ascii_case(method));
            let is_listed = has(asking.method) || asking.method == "HEAD" && has("GET");
            let denies = limit.block().iter().any(|it| it.is("deny") && it.word(0) == "all");
            if !is_listed && denies && !limit.block().iter().any(|it| it.is("allow")) {
                return Status::Own(403);
            }
        }
        let anywhere = |name: &str| levels.iter().rev().find_map(|level| level.iter().find(|it| it.is(name)));
        if asking.is_preflight && anywhere("auth_basic").is_some_and(|it| it.word(0) != "off") {
            // A preflight has no credentials.
            return Status::Own(401);
        }
        let is_handled = |it: &Directive| {
            it.name.ends_with("_pass")
                || it.name.contains("_by_lua")
                || matches!(
                    it.name.as_str(),
                    "try_files"
                        | "include"
                        | "js_content"
                        | "perl"
                        | "dav_methods"
                        | "error_page"
                        | "empty_gif"
                        | "stub_status"
                        | "flv"
                        | "mp4"
                )
        };
        // Files are only for GET and HEAD (ngx_http_static_module).
        let is_unknown = self.server.is_fragment
            || own().any(is_handled)
            || levels.iter().any(|level| {
                level.iter().any(|it| matches!(it.name.as_str(), "error_page" | "include" | "try_files"))
            });
        match asking.method {
            "GET" | "HEAD" => Status::Other,
            _ if is_unknown => Status::Other,
            _ => Status::Own(405),
        }
    }

    /// Adds the headers of the innermost level that has some.
    fn headers(&mut self, levels: &[&'t [Directive]]) {
        let mut own: Vec<&Directive> = Vec::new();
        for level in levels {
            let added: Vec<_> = level.iter().filter(|it| it.is("add_header")).collect();
            // Since nginx 1.29.3.
            let inherits = level.iter().rfind(|it| it.is("add_header_inherit")).map_or("on", |it| it.word(0));
            match inherits {
                "merge" => own.extend(added),
                "off" => own = added,
                _ if added.is_empty() => {}
                _ => own = added,
            }
        }
        let status = self.answer.status;
        for directive in own {
            let is_always = directive.word(2) == "always";
            if let Status::Own(status) = status
                && !is_always
                && !WITHOUT_ALWAYS.contains(&status)
            {
                continue;
            }
            if let Some(value) = directive.words.get(1) {
                let value = self.variables.filled(value);
                self.send(directive.word(0), value, is_always, &directive.place);
            }
        }
        for directive in levels.iter().flat_map(|level| level.iter()) {
            match directive.name.as_str() {
                "more_set_headers" => self.more_set(directive),
                "more_clear_headers" => self.more_clear(directive),
                _ => {}
            }
        }
    }

    fn send(&mut self, name: &str, value: Result<String, String>, on_errors: bool, place: &Place) {
        let name = name.to_ascii_lowercase();
        // An empty value is no header.
        if name.starts_with("access-control-") && value.as_deref() != Ok("") {
            self.answer.headers.push(Sent { name, value, place: place.clone(), on_errors });
        }
    }

    /// `more_set_headers` of headers-more, which replaces what is there.
    fn more_set(&mut self, directive: &Directive) {
        let (headers, has_condition) = headers_more(directive);
        for word in headers {
            let Some((name, value)) = word.text.split_once(':') else { continue };
            let mut own = word.clone();
            own.text = value.trim().to_owned();
            let value = match has_condition {
                true => Err("a condition of `more_set_headers`".to_owned()),
                false => self.variables.filled(&own),
            };
            let name = name.trim().to_ascii_lowercase();
            self.answer.headers.retain(|sent| sent.name != name || !sent.on_errors);
            self.send(&name, value, true, &directive.place);
        }
    }

    /// `more_clear_headers` of headers-more, whose names may end with `*`.
    fn more_clear(&mut self, directive: &Directive) {
        let (headers, has_condition) = headers_more(directive);
        for word in headers {
            let name = word.text.to_ascii_lowercase();
            let is_cleared = |sent: &Sent| match name.strip_suffix('*') {
                Some(begin) => sent.name.starts_with(begin),
                None => sent.name == name,
            };
            match has_condition {
                true => {
                    for sent in self.answer.headers.iter_mut().filter(|sent| is_cleared(sent)) {
                        sent.value = Err("a condition of `more_clear_headers`".to_owned());
                    }
                }
                false => self.answer.headers.retain(|sent| !is_cleared(sent)),
            }
        }
    }

    /// `try_files` may end in another location, whose headers are others.
    fn tried_files(&mut self, location: &Location<'t>) {
        let own = location.levels.last().into_iter().flat_map(|level| level.iter());
        let Some(tried) = own.clone().rfind(|it| it.is("try_files")) else { return };
        let last = tried.words.last().map_or("", |word| word.text.as_str());
        if last.starts_with('=') || last.contains("$uri") {
            return;
        }
        let target = last.split('?').next().unwrap_or_default();
        let Some(found) = self.server.locate(target) else { return };
        if core::ptr::eq(found, location) {
            return;
        }
        let ended = self.run(found.levels.last().copied().unwrap_or_default(), found);
        let mut levels = found.levels.clone();
        levels.extend(ended.within);
        let before = core::mem::take(&mut self.answer.headers);
        self.headers(&levels);
        if self.answer.headers != before {
            self.answer.doubt("`try_files`, which leads to another location".to_owned(), true, &tried.place);
        }
    }
}

/// The headers that a directive of headers-more names, and whether an option (`-s`, `-t`) restricts to which responses it applies.
fn headers_more(directive: &Directive) -> (Vec<&Word>, bool) {
    let (mut headers, mut has_condition) = (Vec::new(), false);
    let mut words = directive.words.iter();
    while let Some(word) = words.next() {
        if word.text.starts_with('-') {
            words.next();
            has_condition = true;
        } else {
            headers.push(word);
        }
    }
    (headers, has_condition)
}

/// The status of a `return`; a URL alone is a redirect.
fn status_of(directive: &Directive) -> u16 {
    directive.word(0).parse().unwrap_or(302)
}

/// Whether a block changes CORS headers, or a variable that they may depend on.
fn touches_cors(block: &[Directive], config: &Config<'_>) -> bool {
    block.iter().any(|it| {
        let name = it.word(0).to_ascii_lowercase();
        match it.name.as_str() {
            // Any header replaces those of the levels around it.
            "add_header" => true,
            "more_set_headers" => {
                it.words.iter().any(|word| word.text.to_ascii_lowercase().contains("access-control-"))
            }
            "set" => config.set.contains(name.trim_start_matches('$')),
            _ => false,
        }
    })
}
