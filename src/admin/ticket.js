// A ticket: what a sign-in link contains. It signs in once, within a minute, on one host. `npm start` makes one, and so
// does `POST /api/ticket`. Whether it was used is counted in `spending.js`.

import { isSigned, random, sign } from "./signature.js";

/** In seconds. */
export const TICKET_LASTS = 60;
const PURPOSE = "ticket 1";
const FORM = /^(\d{1,12})\.([A-Za-z0-9_-]{22})\.([^.]+)$/;

/**
 * @param {string} secret the admin token
 * @param {string} host of the link, with its port
 * @returns {Promise<{ ticket: string, expires: number }>} in seconds since 1970
 */
export async function makeTicket(secret, host) {
  const expires = Math.floor(Date.now() / 1000) + TICKET_LASTS;
  const id = random(16);
  return { ticket: `${expires}.${id}.${await sign(secret, PURPOSE, textOf(host, expires, id))}`, expires };
}

/**
 * The id of a ticket.
 *
 * @param {string} ticket
 * @param {string} secret
 * @param {string} host
 * @returns {Promise<string | undefined>} undefined if the ticket is forged, expired or for another host
 */
export async function ticketId(ticket, secret, host) {
  const [, expires, id, signature] = FORM.exec(ticket) ?? [];
  if (id === undefined || !(await isSigned(secret, PURPOSE, textOf(host, expires, id), signature))) return undefined;
  const left = Number(expires) - Date.now() / 1000;
  // A longer time means that a clock is wrong.
  return left > 0 && left <= 2 * TICKET_LASTS ? id : undefined;
}

/**
 * The link that a person opens.
 *
 * @param {string} origin of the admin host
 * @param {string} ticket
 */
export const signInLink = (origin, ticket) => `${origin}/sign-in?ticket=${ticket}`;

/** @param {string} host @param {number | string} expires @param {string} id */
const textOf = (host, expires, id) => `${host}\n${expires}\n${id}`;
