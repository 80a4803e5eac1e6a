// What an attacker may write into an origin, a path or a header, by the hundred: markup, scripts, formulas, shell
// syntax, and characters that are not seen, turn the direction or look like others.

const MARKUP = [
  "<script>window.hostile=1</script>",
  "<img src=x onerror=window.hostile=1>",
  "<svg onload=window.hostile=1>",
  "<svg><script>window.hostile=1</script></svg>",
  "<iframe srcdoc='<script>parent.hostile=1</script>'></iframe>",
  "<a href=javascript:window.hostile=1>click</a>",
  "<a href=https://evil.example>click</a>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<style>*{display:none}</style>",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<form action=https://evil.example><input name=a>",
  "<math><mtext><table><mglyph><style><img src=x onerror=window.hostile=1>",
  "</script><script>window.hostile=1</script>",
  "</title><script>window.hostile=1</script>",
  "</textarea><script>window.hostile=1</script>",
  "<!--<script>window.hostile=1</script>-->",
  "]]><script>window.hostile=1</script>",
  '"><script>window.hostile=1</script>',
  "'><script>window.hostile=1</script>",
  '" onmouseover="window.hostile=1',
  "' onfocus='window.hostile=1' autofocus='",
  "` onclick=window.hostile=1",
  "&lt;script&gt;window.hostile=1&lt;/script&gt;",
  "&#60;script&#62;",
  "\\u003cscript\\u003ewindow.hostile=1",
  "<template shadowrootmode=open><script>window.hostile=1</script></template>",
  "<details open ontoggle=window.hostile=1>",
  "<object data=javascript:window.hostile=1>",
  "<plaintext>",
];

const SCHEMES = [
  "javascript:window.hostile=1",
  "javascript://evil.example/%0awindow.hostile=1",
  "JaVaScRiPt:window.hostile=1",
  "data:text/html,<script>window.hostile=1</script>",
  "vbscript:window.hostile=1",
  "//evil.example",
  "https://app.example.com@evil.example",
  "https://evil.example#https://app.example.com",
  "https://evil.example\\@app.example.com",
  "file:///etc/passwd",
];

const OTHERS = [
  '=HYPERLINK("https://evil.example")',
  "+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(1)",
  "$(touch /tmp/hostile)",
  "`touch /tmp/hostile`",
  "'; touch /tmp/hostile; '",
  "--url=https://evil.example",
  "-",
  "%00%0d%0aSet-Cookie:a=b",
  "a\r\nSet-Cookie: a=b",
  "__proto__",
  "constructor",
  "{{constructor.constructor('window.hostile=1')()}}",
  "$" + "{window.hostile=1}",
  "%s%s%n",
  "null",
  " ",
  "#",
  "?",
  "",
];

const UNSEEN = [
  "https://\u202emoc.elpmaxe.ppa",
  "https://\u2066app.example.com\u2069",
  "https://app\u200b.example.com",
  "https://app.example.com\u0000",
  "https://\u0430pp.example.com",
  "https://\u03bfpp.example",
  "https://\uff41pp.example",
  "https://app\u3002example.com",
  "https://app\u2024example.com",
  "https://app.example.com\u2215login",
  "\u001b]0;hostile\u0007\u001b[2J",
  "\u{1f468}\u200d\u{1f469}",
  "a\u0336\u0337\u0338b",
  "\u3164",
  "\ud800",
  "\ufffe",
  "\u{e0041}\u{e0042}",
  "\u05d0\u05d1.example",
];

const longest = (/** @type {string} */ of) => of.repeat(Math.ceil(512 / of.length)).slice(0, 512);

/** Each of them, in an origin, after a host, and as long as a record can hold. */
export const HOSTILE = [...MARKUP, ...SCHEMES, ...OTHERS, ...UNSEEN].flatMap((text) => [
  text,
  `https://${text}`,
  `https://x.example/${text}`,
  longest(`${text}a`),
]);
