//! Counting requests at the limits of their routes, as far as this isolate is concerned.

use corsgate_policy::gcra::{Rate, Standing};
use corsgate_policy::policy::limit::{Counter, Limit};
use corsgate_policy::{Count, Decision, Facts};
use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::Exchange;
use crate::limits::denials::Denial;
use crate::records::log::{self, About, Event};
use crate::{limits::denials, limits::local_counts, platform::glue};

/// For how long a denial is remembered that need not hold as long as it says, in milliseconds: that of
/// an overloaded object, and that of one which stands beside another's. Such an object may have counted
/// requests that the other denies, and that it is about to be given back.
const UNSURE_FOR: f64 = 1000.0;

/// In a line, of an object that a request needs: where it cannot be asked, the request is refused.
const DENY: &str = "deny";

#[wasm_bindgen(module = "/src/limits/counting.js")]
extern "C" {
    #[wasm_bindgen(js_name = giveBack)]
    fn give_back(env: &JsValue, context: &JsValue, counted: &str);
}

/// An object that counts for some limits of a route.
struct Object<'a> {
    counter: &'a Counter,
    limits: &'a [Limit],
    name: String,
    /// Whether a request is refused where the object cannot be asked.
    fails_closed: bool,
}

/// The answers of the limits of a request, or the plan for asking the objects that count (`take` in `counting.js`).
///
/// Objects are not asked where this isolate knows that one denies, or has charged so much to it that it would. Nor are those
/// that have counted this request already, before another policy came into force.
pub(crate) fn counts(
    exchange: &Exchange,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
) -> Result<Vec<Count>, String> {
    let objects = objects(exchange, facts, decision);
    let lines: Vec<_> = objects.iter().map(Object::line).collect();
    let counted: Vec<_> = lines
        .iter()
        .map(|asked| exchange.learned.counted().find_map(|line| answer_to(asked, line)))
        .collect();
    let is_refused = counted.iter().flatten().any(Counted::refuses);
    if is_refused
        || counted.iter().all(|counted| counted.as_ref().is_some_and(|counted| !counted.is_given_back))
    {
        let counts = answered(&objects, decision, &counted);
        let is_refused = decision.counted(&counts).outcome != decision.outcome;
        give_back_unless(exchange, |line| {
            !is_refused && lines.iter().any(|asked| answer_to(asked, line).is_some())
        });
        return Ok(counts);
    }
    // After so many rounds nobody is asked again.
    if exchange.learned.is_over() {
        give_back_all(exchange);
        return Ok(vec![Count::Failed; decision.limits().len()]);
    }
    let (lines, objects): (Vec<_>, Vec<_>) = lines
        .into_iter()
        .zip(objects)
        .zip(&counted)
        .filter(|(_, counted)| counted.as_ref().is_none_or(|counted| counted.is_given_back))
        .map(|(asked, _)| asked)
        .unzip();
    let now = Date::now();
    match known(&objects, decision, now).or_else(|| charge(&objects, decision, now)) {
        Some(counts) => {
            give_back_all(exchange);
            Ok(counts)
        }
        None => Err(lines.join("\n")),
    }
}

/// Gives back whatever has counted a request that is refused for another reason.
pub(crate) fn give_back_all(exchange: &Exchange) {
    give_back_unless(exchange, |_| false);
}

/// Gives back what has counted a request, but for the lines that its decision stands on. What one limit denies, or another
/// policy no longer limits, must not use up anything.
fn give_back_unless(exchange: &Exchange, is_claimed: impl Fn(&str) -> bool) {
    let mut lines = Vec::new();
    for line in exchange.learned.counted().filter(|line| !is_claimed(line)) {
        if let Some(Counted { object, rates, answer: Answer::Admitted(_), is_given_back: false, .. }) =
            Counted::parse(line)
        {
            local_counts::refund(object, &rates);
            lines.push(line);
        }
    }
    if !lines.is_empty() {
        give_back(exchange.env.as_ref(), exchange.context.as_ref(), &lines.join("\n"));
    }
}

/// What an object says to a line of the plan.
fn answer_to<'l>(asked: &str, counted: &'l str) -> Option<Counted<'l>> {
    counted.strip_prefix(asked)?.strip_prefix('\t')?;
    Counted::parse(counted)
}

/// The answers of all objects, in their order.
fn answered(objects: &[Object<'_>], decision: &Decision<'_>, counted: &[Option<Counted<'_>>]) -> Vec<Count> {
    let mut counts = vec![Count::Failed; decision.limits().len()];
    let now = Date::now();
    for (object, counted) in objects.iter().zip(counted) {
        let said = match counted.as_ref().map(|counted| &counted.answer) {
            // Another limit denies.
            None => Some(vec![Count::NotAsked; object.counter.limits().len()]),
            // Meanwhile another request may have learned what this one was not told in time.
            Some(Answer::Slow(_)) => {
                denials::find(&object.name, now).map(|denial| object.denied(denial, now))
            }
            Some(answer) => answer.counts(object.counter.limits().len()),
        };
        object.place(said.unwrap_or_default(), &mut counts);
    }
    counts
}

/// For `waiting.js`: takes in what objects have answered, whether or not anybody still waits for it. Where one of them
/// refuses the request, what the others have counted is given back, also where the client has left: it must not use up what
/// it shares.
///
/// Returns the lines, each that was given back with [`GIVEN_BACK`] behind it.
#[wasm_bindgen]
#[must_use]
pub fn learn_counts(env: &JsValue, context: &JsValue, counted: &str) -> String {
    let now = Date::now();
    let given_back = give_back_refused(env, context, counted, counted);
    let lines: Vec<_> = counted.split('\n').filter_map(Counted::parse).collect();
    // One that has failed said nothing, whatever the route makes of that.
    let is_alone = lines.len() == 1;
    for Counted { object, rates, answer, .. } in &lines {
        if !matches!(answer, Answer::Slow(_)) {
            local_counts::answered(object);
        }
        match answer {
            // What was not answered in time may pass, and so stays charged.
            Answer::Admitted(_) | Answer::Slow(_) => {}
            Answer::Denied(_) | Answer::Overloaded | Answer::Failed(_) => {
                local_counts::refund(object, rates);
            }
        }
        answer.remember(object, is_alone, now);
        let error = match answer {
            Answer::Failed(error) | Answer::Slow(error) => error,
            Answer::Admitted(_) | Answer::Denied(_) | Answer::Overloaded => continue,
        };
        let (route, limits) = named_in(object);
        log::capped(context, About::Faults, || Event::LimiterFailed { route, limits, error }.warn());
    }
    let mark = |line: &str| match given_back.contains(&line) {
        true => format!("{line}{GIVEN_BACK}"),
        false => line.to_owned(),
    };
    counted.split('\n').map(mark).collect::<Vec<_>>().join("\n")
}

/// For `counting.js`: takes in what an object answers after its request was let go. `counted` holds the lines of that
/// request as they were then.
#[wasm_bindgen]
pub fn learn_late_count(env: &JsValue, context: &JsValue, late: &str, counted: &str) {
    if let Some(Counted { object, answer, .. }) = Counted::parse(late) {
        local_counts::answered(object);
        let is_alone = !counted.contains('\n');
        answer.remember(object, is_alone, Date::now());
        give_back_refused(env, context, late, counted);
    }
}

/// Gives back those lines that admit a request, if one of the lines that decided about it refuses it. Returns them.
fn give_back_refused<'l>(env: &JsValue, context: &JsValue, lines: &'l str, decided: &str) -> Vec<&'l str> {
    let mut admitted = Vec::new();
    if !decided.split('\n').filter_map(Counted::parse).any(|counted| counted.refuses()) {
        return admitted;
    }
    for line in lines.split('\n') {
        if let Some(Counted { object, rates, answer: Answer::Admitted(_), .. }) = Counted::parse(line) {
            local_counts::refund(object, &rates);
            admitted.push(line);
        }
    }
    if !admitted.is_empty() {
        give_back(env, context, &admitted.join("\n"));
    }
    admitted
}

/// Behind a line that was given back.
const GIVEN_BACK: &str = "\tgiven back";

/// A line of `take`: an object, whether it fails closed, the rates of its limits, and what it has answered.
struct Counted<'l> {
    object: &'l str,
    fails_closed: bool,
    rates: Vec<Rate>,
    answer: Answer<'l>,
    is_given_back: bool,
}

impl<'l> Counted<'l> {
    #[inline(never)]
    fn parse(line: &'l str) -> Option<Self> {
        let (line, is_given_back) = match line.strip_suffix(GIVEN_BACK) {
            Some(line) => (line, true),
            None => (line, false),
        };
        let mut parts = line.splitn(4, '\t');
        let object = parts.next()?;
        let fails_closed = parts.next()? == DENY;
        let numbers: Vec<u32> = parts.next()?.split(' ').filter_map(|number| number.parse().ok()).collect();
        let rates: Vec<_> =
            numbers.chunks_exact(2).filter_map(|pair| Rate::new(*pair.first()?, *pair.last()?)).collect();
        let answer = Answer::read(parts.next()?, &rates);
        Some(Self { object, fails_closed, rates, answer, is_given_back })
    }

    /// Whether no request passes that was answered so.
    fn refuses(&self) -> bool {
        match &self.answer {
            Answer::Denied(_) | Answer::Overloaded => true,
            Answer::Slow(_) | Answer::Failed(_) => self.fails_closed,
            Answer::Admitted(_) => false,
        }
    }
}

/// What an object answers.
enum Answer<'l> {
    /// All its limits admit the request.
    Admitted(Vec<Count>),
    /// One of them denies it.
    Denied(Vec<Count>),
    Overloaded,
    /// Nothing in time.
    Slow(&'l str),
    Failed(&'l str),
}

impl<'l> Answer<'l> {
    #[inline(never)]
    fn read(line: &'l str, rates: &[Rate]) -> Self {
        if line == "overloaded" {
            return Self::Overloaded;
        }
        if let Some(error) = line.strip_prefix("slow ") {
            return Self::Slow(error);
        }
        match read_arrivals(line, rates) {
            Some(counts) if counts.iter().any(|count| matches!(count, Count::Denied(_))) => {
                Self::Denied(counts)
            }
            Some(counts) => Self::Admitted(counts),
            None => Self::Failed(line.strip_prefix("failed ").unwrap_or(line)),
        }
    }

    fn denies(&self) -> bool {
        matches!(self, Self::Denied(_) | Self::Overloaded)
    }

    /// For each of so many limits; nothing of an object that has not answered.
    fn counts(&self, limits: usize) -> Option<Vec<Count>> {
        match self {
            Self::Admitted(counts) | Self::Denied(counts) => Some(counts.clone()),
            Self::Overloaded => Some(vec![Count::Overloaded; limits]),
            Self::Slow(_) | Self::Failed(_) => None,
        }
    }

    /// Remembers that it denies. Of several limits that do the one that does so for longest.
    fn remember(&self, object: &str, is_alone: bool, now: f64) {
        let denial = |limit, reset: f64, hold: f64| Denial {
            since: now,
            held_until: now + hold,
            until: now + reset,
            limit,
        };
        let longest = match self {
            Self::Overloaded => Some(denial(None, UNSURE_FOR, UNSURE_FOR)),
            Self::Denied(counts) => counts
                .iter()
                .enumerate()
                .filter_map(|(own, count)| match count {
                    Count::Denied(Standing { reset, .. }) => {
                        let hold = if is_alone { *reset } else { reset.min(UNSURE_FOR) };
                        Some(denial(Some(own), *reset, hold))
                    }
                    _ => None,
                })
                .max_by(|a, b| a.until.total_cmp(&b.until)),
            Self::Admitted(_) | Self::Slow(_) | Self::Failed(_) => None,
        };
        if let Some(denial) = longest {
            denials::remember(object, denial);
        }
    }
}

/// Reads what `take` of the object answers: its time, then each limit's verdict and arrival time.
fn read_arrivals(line: &str, rates: &[Rate]) -> Option<Vec<Count>> {
    let mut words = line.split(' ');
    // As a whole number: to read a fraction takes ten kilobytes of Wasm.
    let now = words.next()?.parse::<u64>().ok()? as f64;
    let count = |rate: &Rate| {
        let word = words.next()?;
        let standing = |arrival: &str| Some(rate.standing(arrival.parse().ok()?, now));
        match word.strip_prefix('-') {
            Some(arrival) => standing(arrival).map(Count::Denied),
            None => standing(word.strip_prefix('+')?).map(Count::Admitted),
        }
    };
    rates.iter().map(count).collect()
}

fn objects<'a>(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'a>) -> Vec<Object<'a>> {
    let route = decision.route.map_or("", |route| route.name());
    let fails_closed = decision.fails_closed();
    let header = |name: &str| glue::header(&exchange.request, name);
    let object = |counter: &'a Counter| {
        let name = counter.object_name(route, facts, header);
        Object { counter, limits: decision.limits(), name, fails_closed }
    };
    decision.counters().iter().map(object).collect()
}

/// The route and the limits in the name of an object.
fn named_in(object: &str) -> (&str, Vec<&str>) {
    let mut parts = object.split('/');
    let route = parts.next().unwrap_or_default();
    (route, parts.next().unwrap_or_default().split('+').collect())
}

/// The answers as far as they are known, if one of them denies.
fn known(objects: &[Object<'_>], decision: &Decision<'_>, now: f64) -> Option<Vec<Count>> {
    let mut counts = vec![Count::NotAsked; decision.limits().len()];
    let mut denied = false;
    for object in objects {
        let Some(denial) = denials::find(&object.name, now) else { continue };
        denied = true;
        object.place(object.denied(denial, now), &mut counts);
    }
    denied.then_some(counts)
}

/// Charges a request to its objects, or to none of them and says so where one has nothing left.
fn charge(objects: &[Object<'_>], decision: &Decision<'_>, now: f64) -> Option<Vec<Count>> {
    for (at, object) in objects.iter().enumerate() {
        let Err((own, standing)) = local_counts::charge(&object.name, &object.rates(), now) else { continue };
        for charged in objects.iter().take(at) {
            local_counts::answered(&charged.name);
            local_counts::refund(&charged.name, &charged.rates());
        }
        let mut counts = vec![Count::NotAsked; decision.limits().len()];
        object.place(object.one(own, Count::Denied(standing)), &mut counts);
        return Some(counts);
    }
    None
}

impl<'a> Object<'a> {
    /// The limits that it counts for.
    fn own_limits(&self) -> impl Iterator<Item = &'a Limit> {
        self.counter.limits().iter().filter_map(|at| self.limits.get(*at))
    }

    fn rates(&self) -> Vec<Rate> {
        self.own_limits().map(Limit::rate).collect()
    }

    /// Its line of the plan: the name, `allow` or `deny` for where it cannot be asked, and quota and window of each of its
    /// limits, with tabs between them.
    fn line(&self) -> String {
        let rate = |limit: &Limit| format!("{} {}", limit.rate().quota(), limit.rate().window());
        let rates = self.own_limits().map(rate).collect::<Vec<_>>().join(" ");
        let on_failure = if self.fails_closed { DENY } else { "allow" };
        format!("{}\t{on_failure}\t{rates}", self.name)
    }

    /// The counts of its limits while it is known to deny.
    fn denied(&self, denial: Denial, now: f64) -> Vec<Count> {
        match denial.limit {
            Some(own) => self.one(own, Count::Denied(Standing { remaining: 0, reset: denial.until - now })),
            None => vec![Count::Overloaded; self.counter.limits().len()],
        }
    }

    /// What is known of one of its limits, where nothing is known of the others.
    fn one(&self, own: usize, count: Count) -> Vec<Count> {
        (0..self.counter.limits().len()).map(|at| if at == own { count } else { Count::NotAsked }).collect()
    }

    /// Puts the counts of its limits among those of the route.
    fn place(&self, own: Vec<Count>, counts: &mut [Count]) {
        for (at, count) in self.counter.limits().iter().zip(own) {
            if let Some(place) = counts.get_mut(*at) {
                *place = count;
            }
        }
    }
}
