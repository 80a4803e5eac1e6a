// What Supabase's client asks, answered in the form that it reads.

import http from "node:http";

const USER = { id: "u", aud: "authenticated", email: "a@example.com", app_metadata: {}, user_metadata: {} };
const SESSION = { access_token: "a.e30.c", token_type: "bearer", expires_in: 3600, refresh_token: "r", user: USER };

export const supabase = () =>
  http.createServer(async (request, response) => {
    await request.toArray();
    const path = request.url ?? "/";
    /** @param {unknown} value @param {Record<string, string>} [headers] */
    const send = (value, headers) =>
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    if (request.headers.apikey !== "anon-key") return send({ message: "no key" }, {});
    if (path.startsWith("/auth/v1/token")) return send(SESSION);
    if (path.startsWith("/storage/v1/"))
      return send(request.method === "DELETE" ? [] : { Key: "pictures/a.txt", Id: "1" });
    if (path.startsWith("/functions/v1/broken")) return send({}, { "x-relay-error": "true" });
    return send([], { "content-range": "0-0/42" });
  });
