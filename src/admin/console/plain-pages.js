// The pages that a person sees before signing in, and instead of a page that cannot be shown. They need no script.

import { Problem } from "../problem.js";
import { escapeText, plainPage, proseOf } from "./document.js";

/**
 * The form for the token, or what to do where only Cloudflare Access signs in.
 *
 * @param {URL} url of the request
 * @param {object} shown
 * @param {number} shown.status
 * @param {boolean} shown.hasToken whether a token signs in
 * @param {string} [shown.next] where to go then: a path of ours
 * @param {string} [shown.wrong] what was wrong with the attempt before, in a sentence
 * @param {string} [shown.head] HTML
 * @param {Record<string, string>} [shown.headers]
 */
export function signInPage(url, { status, hasToken, next = "/", wrong, head, headers }) {
  const said = wrong === undefined ? "" : `<p class="wrong" id="wrong" role="alert">${proseOf(wrong)}</p>\n`;
  const main = hasToken ? tokenForm(next, wrong !== undefined) : BY_ACCESS;
  return plainPage(url, {
    status,
    title: "Sign in · corsgate",
    main: `<h1>Sign in</h1>\n${said}${main}`,
    head,
    headers,
  });
}

const BY_ACCESS =
  "<p>This host is signed in to by way of Cloudflare Access. Open it by the address that Access protects.</p>";

/** @param {string} next @param {boolean} isWrong */
function tokenForm(next, isWrong) {
  const described = isWrong ? 'aria-describedby="wrong help" aria-invalid="true"' : 'aria-describedby="help"';
  return `<form method="post" action="/sign-in">
<input type="text" name="username" value="corsgate" autocomplete="username" hidden>
<input type="hidden" name="next" value="${escapeText(next)}">
<label for="token">Admin token</label>
<input type="password" id="token" name="token" autocomplete="current-password" required autofocus ${described}>
<button>Sign in</button>
</form>
<p class="help" id="help">The token is the Worker's secret <code>ADMIN_TOKEN</code>. You stay signed in for eight hours.</p>`;
}

/**
 * What a sign-in link opens. The ticket is used by the button alone: programs that open links to preview them use
 * nothing up.
 *
 * @param {URL} url
 * @param {string} ticket
 */
export function ticketPage(url, ticket) {
  const main = `<h1>Sign in</h1>
<form method="post" action="/sign-in">
<input type="hidden" name="ticket" value="${escapeText(ticket)}">
<button autofocus>Sign in to the console</button>
</form>
<p class="help">This link works once and expires a minute after it was made. You stay signed in for eight hours.</p>`;
  return plainPage(url, { status: 200, title: "Sign in · corsgate", main });
}

/** Over http, a network could read the token. @param {URL} url */
export function insecurePage(url) {
  const address = `https://${url.host}/`;
  const main = `<h1>Open this page over https</h1>
<p>Over http, others on the network could read the token, so nobody signs in here.</p>
<p><a href="${escapeText(address)}">${escapeText(address)}</a></p>`;
  return plainPage(url, { status: 403, title: "Not over https · corsgate", main });
}

/** What a person can do about a problem besides what its detail says. @type {Record<string, string>} */
const LINKS = {
  method_not_allowed: '<p><a href="/">Open the console</a></p>',
  cross_site: '<p><a href="/">Open the console</a></p>',
  too_many_tries: '<p><a href="/sign-in">Sign in again</a></p>',
};

/** A problem as a page. @param {URL} url @param {Problem} problem */
export function problemPage(url, { status, title, slug, message, headers }) {
  const main = `<h1>${escapeText(title)}</h1>\n<p>${proseOf(message)}</p>\n${LINKS[slug] ?? '<p><a href="">Try again</a></p>'}`;
  return plainPage(url, { status, title: `${title} · corsgate`, main, headers });
}
