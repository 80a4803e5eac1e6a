// The HTML around a page of the documentation: the bar with the search, the page, where it comes from.

/**
 * @typedef {object} Sheet
 * @property {string} title
 * @property {string} kind by which the index lists it; empty for the index and for files
 * @property {string} source its file in the project
 * @property {string} body HTML
 * @property {{ id: string, heading: string, level: number }[]} contents headings below the title
 */

/** As the playground's, without what only the playground needs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** A page has a list of its sections if there are at least so many. */
const CONTENTS_FROM = 4;

/**
 * @param {Sheet} sheet
 * @param {boolean} isBesidePlayground
 */
export function layOut({ title, kind, source, body, contents }, isBesidePlayground) {
  const home = source === "docs/README.md" ? ' aria-current="page"' : "";
  const playground = isBesidePlayground ? '<nav aria-label="Tools"><a href="../">Playground</a></nav>' : "";
  const above = kind === "" ? "" : `<p class="kind"><a href="index.html">All pages</a> › ${escaped(kind)}</p>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="referrer" content="no-referrer" />
<meta http-equiv="Content-Security-Policy" content="${POLICY}" />
<title>${escaped(title)} – corsgate</title>
<link rel="icon" href="icon.svg" type="image/svg+xml" />
<link rel="stylesheet" href="pages.css" />
<script type="module" src="main.js"></script>
</head>
<body>
<a class="skip" href="#site-page">To the page</a>
<header class="bar">
<a class="home" href="index.html"${home}>corsgate</a>
<search class="search">
<label class="unseen" for="site-search">Search all pages</label>
<input id="site-search" type="search" role="combobox" aria-expanded="false" aria-controls="site-results" aria-autocomplete="list" aria-keyshortcuts="/" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" placeholder="Search needs JavaScript" disabled="" />
<p id="site-status" class="unseen" role="status"></p>
<div id="site-panel" class="panel" hidden="">
<p id="site-said" class="said" aria-hidden="true"></p>
<div id="site-results" role="listbox" aria-label="Sections" hidden=""></div>
</div>
</search>
${playground}
</header>
<main id="site-page">
<article>
${above}${withContents(body, contents)}
</article>
<footer class="foot">Made from <code>${escaped(source)}</code>.</footer>
</main>
</body>
</html>
`;
}

/** The list of sections stands below the title. @param {string} body @param {Sheet["contents"]} contents */
function withContents(body, contents) {
  if (contents.length < CONTENTS_FROM) return body;
  const items = contents.map(
    ({ id, heading, level }) => `<li class="level-${level}"><a href="#${escaped(id)}">${escaped(heading)}</a></li>`,
  );
  const list = `<details>\n<summary>On this page</summary>\n<ul>\n${items.join("\n")}\n</ul>\n</details>\n`;
  return body.replace("</h1>\n", () => `</h1>\n${list}`);
}

/** @param {string} text */
export function escaped(text) {
  const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => NAMES[/** @type {keyof typeof NAMES} */ (character)]);
}
