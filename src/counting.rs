//! Counting requests at the limits of their routes, as far as this isolate is concerned.

use corsgate_policy::gcra::{Rate, Standing};
use corsgate_policy::limit::{Counter, Limit};
use corsgate_policy::{Count, Decision, Facts};
use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::denials::Denial;
use crate::exchange::Exchange;
use crate::log::{self, About, Event};
use crate::{denials, glue, local_counts};

/// For how long a denial is remembered that need not hold as long as it says, in milliseconds: that of
/// an overloaded object, and that of one which stands beside another's. Such an object may have counted
/// requests that the other denies, and that it is about to be given back.
const UNSURE_FOR: f64 = 1000.0;

#[wasm_bindgen(module = "/src/counting.js")]
extern "C" {
    #[wasm_bindgen(js_name = giveBack)]
    fn give_back(env: &JsValue, context: &JsValue, counted: &str);
}

/// An object that counts for some limits of a route.
struct Object<'a> {
    counter: &'a Counter,
    limits: &'a [Limit],
    name: String,
}

/// The answers of the limits of a request, or the plan for asking the objects that count (`take` in `counting.js`).
///
/// They need not be asked where this isolate knows that one denies, or has charged so much to it that it would.
pub(crate) fn counts(
    exchange: &Exchange,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
) -> Result<Vec<Count>, String> {
    if decision.limits().is_empty() {
        return Ok(Vec::new());
    }
    let objects = objects(exchange, facts, decision);
    let lines: Vec<_> = objects.iter().map(Object::line).collect();
    let counted: Option<Vec<_>> = lines
        .iter()
        .map(|asked| exchange.learned.counted().find_map(|line| answer_to(asked, line)))
        .collect();
    if let Some(answers) = counted {
        return Ok(answered(exchange, &objects, decision, &answers));
    }
    // After so many rounds nobody is asked again.
    if exchange.learned.is_over() {
        return Ok(vec![Count::Failed; decision.limits().len()]);
    }
    let now = Date::now();
    if let Some(counts) = known(&objects, decision, now) {
        return Ok(counts);
    }
    match charge(&objects, decision, now) {
        Some(counts) => Ok(counts),
        None => Err(lines.join("\n")),
    }
}

/// What an object says to a line of the plan.
fn answer_to<'l>(asked: &str, counted: &'l str) -> Option<&'l str> {
    counted.strip_prefix(asked)?.strip_prefix('\t')
}

/// The answers of all objects, in their order.
fn answered(
    exchange: &Exchange,
    objects: &[Object<'_>],
    decision: &Decision<'_>,
    answers: &[&str],
) -> Vec<Count> {
    let mut counts = vec![Count::Failed; decision.limits().len()];
    let now = Date::now();
    for (object, answer) in objects.iter().zip(answers) {
        let said = match Answer::read(answer, &object.rates()) {
            // Meanwhile another request may have learned what this one was not told in time.
            Answer::Slow(_) => denials::find(&object.name, now).map(|denial| object.denied(denial, now)),
            answer => answer.counts(object.rates().len()),
        };
        object.place(said.unwrap_or_default(), &mut counts);
    }
    // Where an object denies, `learn_counts` has given back already.
    let is_denied =
        answers.iter().zip(objects).any(|(answer, object)| Answer::read(answer, &object.rates()).denies());
    if !is_denied && decision.counted(&counts).outcome != decision.outcome {
        // What one limit denies must not use up those that other objects count for.
        let has_counted = |answer: &str, object: &Object<'_>| {
            matches!(Answer::read(answer, &object.rates()), Answer::Admitted(_))
        };
        let mut lines = Vec::new();
        for (object, answer) in objects.iter().zip(answers) {
            if has_counted(answer, object) {
                local_counts::refund(&object.name, &object.rates());
                lines.push(format!("{}\t{answer}", object.line()));
            }
        }
        if !lines.is_empty() {
            give_back(exchange.env.as_ref(), exchange.context.as_ref(), &lines.join("\n"));
        }
    }
    counts
}

/// For `waiting.js`: takes in what objects have answered, whether or not anybody still waits for it. What one object denies
/// is given back to the others, also where the client has left: it must not use up what it shares.
#[wasm_bindgen]
pub fn learn_counts(env: &JsValue, context: &JsValue, counted: &str) {
    let now = Date::now();
    give_back_admitted(env, context, counted, counted);
    let counted: Vec<_> = counted.split('\n').filter_map(Counted::parse).collect();
    // One that has failed said nothing, whatever the route makes of that.
    let is_only_denial = counted.iter().filter(|counted| counted.answer.denies()).count() == 1;
    for Counted { object, rates, answer } in &counted {
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
        answer.remember(object, is_only_denial, now);
        let error = match answer {
            Answer::Failed(error) | Answer::Slow(error) => error,
            Answer::Admitted(_) | Answer::Denied(_) | Answer::Overloaded => continue,
        };
        let (route, limits) = named_in(object);
        log::capped(context, About::Faults, || Event::LimiterFailed { route, limits, error }.warn());
    }
}

/// For `counting.js`: takes in what an object answers after its request was let go. `counted` holds the lines of that
/// request as they were then.
#[wasm_bindgen]
pub fn learn_late_count(env: &JsValue, context: &JsValue, late: &str, counted: &str) {
    if let Some(Counted { object, answer, .. }) = Counted::parse(late) {
        local_counts::answered(object);
        let is_alone = !counted.contains('\n');
        answer.remember(object, is_alone, Date::now());
        give_back_admitted(env, context, late, counted);
    }
}

/// Gives back those lines that admit a request, if one of the lines that decided about it denies it.
fn give_back_admitted(env: &JsValue, context: &JsValue, lines: &str, decided: &str) {
    if !decided.split('\n').filter_map(Counted::parse).any(|counted| counted.answer.denies()) {
        return;
    }
    let mut admitted = Vec::new();
    for line in lines.split('\n') {
        if let Some(Counted { object, rates, answer: Answer::Admitted(_) }) = Counted::parse(line) {
            local_counts::refund(object, &rates);
            admitted.push(line);
        }
    }
    if !admitted.is_empty() {
        give_back(env, context, &admitted.join("\n"));
    }
}

/// A line of `take`: an object, the rates of its limits, and what it has answered.
struct Counted<'l> {
    object: &'l str,
    rates: Vec<Rate>,
    answer: Answer<'l>,
}

impl<'l> Counted<'l> {
    #[inline(never)]
    fn parse(line: &'l str) -> Option<Self> {
        let (object, rest) = line.split_once('\t')?;
        let (pairs, answer) = rest.split_once('\t')?;
        let numbers: Vec<u32> = pairs.split(' ').filter_map(|number| number.parse().ok()).collect();
        let rates: Vec<_> =
            numbers.chunks_exact(2).filter_map(|pair| Rate::new(*pair.first()?, *pair.last()?)).collect();
        let answer = Answer::read(answer, &rates);
        Some(Self { object, rates, answer })
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
    fn counts(self, limits: usize) -> Option<Vec<Count>> {
        match self {
            Self::Admitted(counts) | Self::Denied(counts) => Some(counts),
            Self::Overloaded => Some(vec![Count::Overloaded; limits]),
            Self::Slow(_) | Self::Failed(_) => None,
        }
    }

    /// Remembers that it denies. Of several limits that do the one that does so for longest.
    fn remember(&self, object: &str, is_only_denial: bool, now: f64) {
        let denial = |limit, reset: f64| Denial { since: now, until: now + reset, limit };
        let longest = match self {
            Self::Overloaded => Some(denial(None, UNSURE_FOR)),
            Self::Denied(counts) => counts
                .iter()
                .enumerate()
                .filter_map(|(own, count)| match count {
                    Count::Denied(standing) if is_only_denial => Some(denial(Some(own), standing.reset)),
                    Count::Denied(standing) => Some(denial(Some(own), standing.reset.min(UNSURE_FOR))),
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
    let header = |name: &str| glue::header(&exchange.request, name);
    let object = |counter: &'a Counter| {
        let name = counter.object_name(route, facts, header);
        Object { counter, limits: decision.limits(), name }
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

    /// Its line of the plan: the name, a tab, and quota and window of each of its limits.
    fn line(&self) -> String {
        let rate = |limit: &Limit| format!("{} {}", limit.rate().quota(), limit.rate().window());
        format!("{}\t{}", self.name, self.own_limits().map(rate).collect::<Vec<_>>().join(" "))
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
