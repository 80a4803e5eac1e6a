// The types of Hono that the benchmarks use; its own exist only after the benchmarks have been set up.

declare module "hono" {
  interface Context {
    req: { url: string; raw: Request };
    env: { UPSTREAM: string };
  }
  export class Hono {
    use(path: string, middleware: object): void;
    all(path: string, handler: (context: Context) => Response | Promise<Response>): void;
  }
}

declare module "hono/cors" {
  interface Options {
    origin: (origin: string) => string | null;
    allowMethods: string[];
    allowHeaders: string[];
    exposeHeaders: string[];
    credentials: boolean;
    maxAge: number;
  }
  export function cors(options: Options): object;
}

declare module "hono/proxy" {
  export function proxy(url: string, request: Request): Promise<Response>;
}
