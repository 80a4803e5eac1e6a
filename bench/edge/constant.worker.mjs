// The least that any answer at the edge takes: every request gets the same, without a header of its own.

export default { fetch: () => new Response(null, { status: 204 }) };
