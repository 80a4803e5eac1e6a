//! Flask-CORS and Starlette answer a preflight only if its method is listed, also GET, HEAD and POST. A policy lists the
//! methods besides these three, so it cannot say that one of them may be used without such headers and not with them.

use crate::model::{Names, Rule};
use crate::place::Said;
use crate::python::remark;
use crate::report::{About, Class};

/// Brings a rule whose methods are such a list into the terms of a policy, without allowing more.
pub(super) fn close(rule: &mut Rule) {
    let place = rule.methods.listed.first().map_or(&rule.place, |it| &it.place).clone();
    let asks = &rule.request_headers;
    let has_headers = asks.all.is_some() || !asks.listed.is_empty();
    if !has_headers || !rule.scope.preflights {
        return;
    }
    if let Some(what) = rule.methods.unreadable.first().cloned() {
        let what = format!("a preflight whose method is not known ({})", what.value);
        rule.request_headers = Names::unreadable(what, &place);
        return;
    }
    let lists = |method: &str| rule.methods.listed.iter().any(|it| it.value == method);
    let (gets, heads, posts) = (lists("GET"), lists("HEAD"), lists("POST"));
    // Methods that the view does not have are refused anyway.
    let only = rule.scope.methods.clone();
    let reaches = |method: &str| only.as_ref().is_none_or(|only| only.iter().any(|it| it == method));
    let misses_get = reaches("GET") && !gets;
    let misses_post = reaches("POST") && !posts;
    if misses_get {
        let message = "GET is not listed, so it may be used without further headers and not with them, which a policy \
                       cannot say: no request header is allowed";
        let advice = "Add `request_headers` if GET may have them.";
        rule.remarks.push(Said::new(remark(Class::Stricter, About::RequestHeaders, message, advice), &place));
        rule.request_headers = Names::default();
        return;
    }
    if misses_post {
        let message = "POST is not listed, so it may be used without further headers and not with them, which a policy \
                       cannot say: it is refused";
        let advice = "List POST in `methods` if pages send it.";
        rule.remarks.push(Said::new(remark(Class::Stricter, About::Methods, message, advice), &place));
        let listed = rule.methods.listed.iter().map(|it| it.value.clone()).filter(|it| reaches(it));
        rule.scope.methods = Some(listed.collect());
    }
    if !heads && gets && reaches("HEAD") {
        let message =
            "HEAD is not listed: with further headers it is refused there, and here allowed as GET is";
        rule.remarks.push(Said::new(remark(Class::Same, About::Methods, message, ""), &place));
    }
}
