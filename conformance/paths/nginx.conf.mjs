// nginx with the routes of the policy, and nginx in front of Express in the three forms in which `proxy_pass` passes a
// path on.

const HANDED_ON = {
  "nginx, then Express": "",
  "nginx with a URI, then Express": "/",
  "nginx with $uri, then Express": "$uri",
};

export const needed = 2 + Object.keys(HANDED_ON).length;

/** @param {number} express the port of an Express that decides itself */
export function configuration(express) {
  /** @param {string} folder @param {number[]} listening */
  return (folder, listening) => {
    /** @type {Record<string, number>} */
    const ports = {};
    /** @param {string} name @param {string} settings */
    const own = (name, settings) => {
      ports[name] = listening[Object.keys(ports).length];
      return `server {
  listen 127.0.0.1:${ports[name]};
  ${settings}
  default_type text/plain;
  location = /auth/login { return 200 login; }
  location = /admin { return 200 admin; }
  location /admin/ { return 200 admin; }
  location / { return 200 rest; }
}`;
    };
    /** @param {string} name @param {string} uri */
    const before = (name, uri) => {
      ports[name] = listening[Object.keys(ports).length];
      return `server {
  listen 127.0.0.1:${ports[name]};
  location / { proxy_pass http://127.0.0.1:${express}${uri}; }
}`;
    };
    const servers = [
      own("nginx", ""),
      own("nginx, slashes not merged", "merge_slashes off;"),
      ...Object.entries(HANDED_ON).map(([name, uri]) => before(name, uri)),
    ];
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const text = `daemon off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${paths.join("\n  ")}
  ${servers.join("\n")}
}
`;
    return { text, ports };
  };
}
