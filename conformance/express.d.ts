// The types of Express and of npm `cors` that the servers use; they have none of their own.

declare module "express" {
  import type { IncomingMessage, Server, ServerResponse } from "node:http";

  export interface Request extends IncomingMessage {
    baseUrl: string;
    ip: string;
    hostname: string;
    protocol: string;
    path: string;
  }
  interface CookieAttributes {
    domain?: string;
    httpOnly?: boolean;
    path?: string;
  }
  export interface Response extends ServerResponse {
    append(name: string, value: string): this;
    clearCookie(name: string, attributes: CookieAttributes): this;
    cookie(name: string, value: string, attributes: CookieAttributes): this;
    json(value: unknown): this;
    links(targets: Record<string, string>): this;
    redirect(status: number, url: string): void;
    send(body: string): this;
    set(name: string, value: string): this;
    set(fields: Record<string, string>): this;
    status(code: number): this;
    type(name: string): this;
    vary(name: string): this;
  }
  export type Next = () => void;
  export type Handler = (request: Request, response: Response, next: Next) => unknown;
  export type ErrorHandler = (error: unknown, request: Request, response: Response, next: Next) => unknown;
  export interface Application {
    all(path: string, handler: Handler): this;
    get(path: string, handler: Handler): this;
    listen(port: number, host: string, listening?: () => void): Server;
    set(setting: string, value: unknown): this;
    use(handler: Handler | ErrorHandler): this;
    use(prefix: string, mounted: Application): this;
  }
  export default function express(): Application;
}

declare module "cors" {
  interface Options {
    origin: string | boolean | RegExp | string[] | Check;
    methods?: string[];
    allowedHeaders?: string[];
    credentials?: boolean;
  }
  type Check = (origin: string | undefined, done: (error: null, allows: boolean) => void) => void;
  export default function cors(options: Options): import("express").Handler;
}
