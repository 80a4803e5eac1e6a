import { withGateway } from "./support/gateway.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { policyFor, route, APP } from "./support/rules.mjs";
const up = await startUpstream({ "*": (m, r) => {
  const u = new URL(m.url, "http://u"); const lines=[...u.searchParams].map(([n,v])=>[n, v.replaceAll("UPSTREAM", up.url.replace("http://",""))]).filter(([n])=>n!=="status");
  r.writeHead(Number(u.searchParams.get("status")??200), lines.flat()).end("body"); }});
const C=(o,extra="")=>`[routes.cors]\norigins=[${o.map(x=>JSON.stringify(x)).join(",")}]\n${extra}`;
const policy = policyFor({ api: up.url + "/base", bare: up.url, slash: up.url + "/base/" },
 route("fam", C([APP], `credentials=true\nrequest_headers=["x-amz-*","authorization"]\nexposed_headers=["etag","x-amz-*"]\n`)),
 route("fams", C(["*"], `request_headers=["x-amz-*","*"]\nexposed_headers=["x-amz-*"]\n`)),
 route("apps", C(["capacitor://localhost","tauri://localhost","app://.","safari-web-extension://140BB581-0F1C-4B2D-8D6E-2B1E3A4C5D6E","http://localhost:*"])),
 route("ext", C(["moz-extension://*"],"dangerously_allow_any_extension=true\n")),
 route("enf", C([APP],`methods=["GET","PATCH"]\nenforce_methods=true\n`)),
 route("enfp", C([APP],`methods=["POST"]\nenforce_methods=true\ncredentials=true\n`), ),
 route("sac", `storage_access=true`, C([APP],`credentials=true\n`)),
 route("enc", `encoded_slashes="keep"`, C([APP])),
 route("encbase", `encoded_slashes="keep"`, `upstream="slash"`, C([APP])),
 route("sec", `[routes.request]\nset={authorization="Bearer secret:KEY", x-key="secret:KEY2"}\nremove=["cookie","x-gone"]`, C([APP])),
 route("nosec", `[routes.request]\nset={authorization="secret:NOPE"}`, C([APP])),
 route("slash", `upstream="slash"`, C([APP])),
);
const gw = await withGateway({ policy, vars: { KEY: "s3cretvalue99", KEY2: "short" } });
const lines = (await import("node:fs")).readFileSync(process.argv[2],"utf8").split("\n").filter(l=>l&&!l.startsWith("#"));
for (const l of lines) {
  const [line, ...hs] = l.split(" | ");
  const [method, ...t] = line.split(" "); 
  const n = up.requests.length;
  try {
  const a = await gw.request({ method, target: t.join(" "), headers: hs.map(h=>{const i=h.indexOf(": ");return [h.slice(0,i),h.slice(i+2)]}), timeout: 8000 });
  console.log("\n> "+l+"\n< "+a.status+" "+a.reason+" | "+a.headers.filter(([k])=>!/^(content-length|content-type|date|connection|transfer-encoding|keep-alive|corsgate-policy|corsgate-request-id)$/i.test(k)).map(([k,v])=>k+": "+v).join(" | "));
  if (a.status>=400 && a.status!==404) console.log("  "+a.text.slice(0,300));
  for (const r of up.requests.slice(n)) console.log("  up: "+r.method+" "+r.url+" | "+r.headers.filter(([k])=>!/^(host|connection|accept-encoding|x-forwarded|x-real)/i.test(k)).map(([k,v])=>k+": "+v).join(" | "));
  } catch (e) { console.log("\n> "+l+"\n!! "+e.message); }
}
console.log(gw.logs.map(l=>l.message).join("\n").slice(0,3000));
await gw.close(); await up.close();
