// Reads of a request that the Wasm makes only for some requests, beside `gathered`.

/** The value of a header, undefined if it is absent. @param {Request} request @param {string} name */
export const header = (request, name) => request.headers.get(name) ?? undefined;

/**
 * The names of all headers, in lower case, with spaces between them: the headers that a client must not send to an
 * upstream have too many spellings to list.
 *
 * @param {Request} request
 */
export const headerNames = (request) => [...request.headers.keys()].join(" ");
