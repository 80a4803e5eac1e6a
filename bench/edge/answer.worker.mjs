// The least that the answer to a preflight takes: the headers that the gateway writes for the preflight of this benchmark, made
// once, for every request. It reads nothing and decides nothing.

const template = new Response(null, {
  status: 204,
  headers: {
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-allow-methods": "DELETE, PUT",
    "access-control-allow-origin": "https://app.example.com",
    "access-control-max-age": "600",
    vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  },
});

export default { fetch: () => new Response(undefined, template) };
