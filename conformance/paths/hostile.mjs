// Paths that some server reads as those of a stricter route: a table of the known kinds, and mixtures of them.

import { picker } from "../../tests/support/random.mjs";

/** The routes in their order: two strict ones, and one for all other paths. */
export const ROUTES = { login: "/auth/login", admin: "/admin/*", rest: "/*" };

export const TABLE = [
  ...["/auth/login", "/admin", "/admin/y", "/rest", "/auth/logins", "/administrator"],
  ...["/AUTH/LOGIN", "/Auth/login", "/ADMIN/y", "/auth/%6cogin", "/auth/%4cogin", "/%61dmin/y"],
  ...["/auth/login/", "//auth/login", "/auth//login", "/auth/login//", "/admin//y", "///admin/y"],
  ...["/auth/login;x", "/auth;x/login", "/auth/login;/", "/admin;x=1/y", "/auth/login%3bx"],
  ...["/x/../auth/login", "/x/%2e%2e/admin/y", "/x/..;/admin/y", "/x/..%3b/admin/y", "/./admin/y", "/x/.%2e/admin/y"],
  ...["/auth%2flogin", "/auth%5clogin", "/auth\\login", "/x/..%2fadmin/y", "/x/..%5cadmin/y"],
  ...["/auth/%256cogin", "/auth%252flogin", "/auth%25252flogin", "/auth%255clogin", "/%2561dmin/y"],
  ...["/x/%252e%252e/admin/y", "/x/%252e%252e%252fadmin/y", "/x/%25252e%25252e/admin/y", "/x//%252e%252e/admin/y"],
  ...[
    "/auth/login.",
    "/auth/login%2e",
    "/auth/login%20",
    "/auth/login%2520",
    "/auth./login",
    "/auth/%20login",
    "/auth/login...",
  ],
  ...["/auth/login%c0%af", "/auth%c0%aflogin", "/auth%e0%80%aflogin", "/x/%c0%ae%c0%ae/admin/y"],
  ...["/auth%ef%bc%8flogin", "/auth/%ef%bd%8cogin", "/auth/log%c4%b1n", "/x/%ef%bc%8e%ef%bc%8e/admin/y"],
  ...[
    "/auth/login%00",
    "/auth/login%2500",
    "/auth/login%2500x",
    "/auth/login%0a",
    "/auth/login%250a",
    "/auth/lo%2509gin",
  ],
  ...["/auth/login%3f", "/auth/login%3fx", "/auth/login%253fx", "/auth/login%23", "/auth/login%2523x"],
  ...["/auth/login%", "/auth/login%2", "/auth%u002flogin", "/auth%25u002flogin"],
  ...["/files/a%252fb", "/files/%252e%252e/x", "/auth/login.json", "/caf%c3%a9", "/files/100%25"],
];

/**
 * Mixtures, the same for the same seed.
 *
 * @param {number} count
 * @param {number} seed
 */
export function mixtures(count, seed) {
  const pick = picker(seed);
  const words = [
    "auth",
    "login",
    "admin",
    "AUTH",
    "Login",
    "%61dmin",
    "%2561dmin",
    "%ef%bd%81dmin",
    "x",
    "y",
    "log%c4%b1n",
  ];
  const turns = [
    "..",
    "%2e%2e",
    "%252e%252e",
    ".%252e",
    "%25252e%25252e",
    ".",
    "%252e",
    "..;x",
    "%c0%ae%c0%ae",
    "..%20",
    "",
  ];
  const slashes = ["/", "/", "/", "/", "/", "//", "%2f", "%252f", "%25252f", "%255c", "%c0%af", "%ef%bc%8f", "\\"];
  const ends = ["", "", "", "/", ".", "%20", "%2520", ";x", "%253bx", "%2500", "%3fx", "%253f", "%0a", "%2523"];
  const known = ["auth/login", "admin/y", "x/../auth/login"];
  return Array.from({ length: count }, () => {
    const pieces = Array.from(
      { length: pick([1, 2, 3, 4, 5]) },
      () => pick([...words, ...words, ...turns]) + pick(slashes),
    );
    const tail = pick([...known, ""])
      .split("/")
      .map((word) => word + pick(ends))
      .join(pick(slashes));
    return `/${pick([pieces.join(""), ""])}${tail}${pick(ends)}`;
  });
}
