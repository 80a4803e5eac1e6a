// What the Wasm asks of a request beside `gathered`, where that is needed.

/** The value of a header. @param {Request} request @param {string} name */
export const header = (request, name) => request.headers.get(name) ?? undefined;

/**
 * The names of all headers, in lower case, with spaces between them: the headers by which a client may not tell an upstream
 * something come in spellings that nobody can list.
 *
 * @param {Request} request
 */
export const headerNames = (request) => [...request.headers.keys()].join(" ");
