// The functions that the Wasm modules export, with the types that JavaScript passes and gets. By hand, because wasm-bindgen
// declares every `JsValue` as `any`, and because checking types must not wait for a build of the Wasm. A test holds the
// names and parameters to what wasm-bindgen generates (tests/wasm-types.test.mjs).

/** The first module, which every isolate loads. */
declare module "corsgate-wasm" {
  export function fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response>;
  export function resume(
    request: Request,
    env: Env,
    context: ExecutionContext,
    gathered: string,
    began: number,
    learned: string,
  ): Response | Promise<Response>;
  export function wake(): void;

  export function learn(
    context: ExecutionContext,
    line: string,
    text: string | undefined,
    bytes: Uint8Array | undefined,
    error: string | undefined,
    began: number,
  ): string | undefined;
  export function learn_counts(env: Env, context: ExecutionContext, counted: string): string;
  export function learn_late_count(env: Env, context: ExecutionContext, late: string, counted: string): void;

  export function admit(arrival: bigint, now: number, quota: number, window: number): bigint | undefined;
  export function storable(arrival: bigint, quota: number, window: number): bigint;
  export function refund(arrival: bigint, quota: number, window: number): bigint;
  export function lend(
    arrival: bigint,
    now: number,
    quota: number,
    window: number,
    permits: number,
    lease: number,
  ): bigint | undefined;
  export function take_back(
    arrival: bigint,
    now: number,
    quota: number,
    window: number,
    permits: number,
    end: bigint,
  ): bigint;

  export function merge_vary(current: string, additions: string): string | undefined;
  export function rewrite(name: string, value: string, upstream: string, public_origin: string): string | undefined;
  export function expose_families(listed: string, families: string, names: string): string | undefined;
  export function failure(reason: string, summary: string): string;

  export function record_response(
    request: Request,
    env: Env,
    context: ExecutionContext,
    summary: string,
    status: number,
    granted: string | undefined,
  ): void;
  export function record_failure(
    request: Request,
    env: Env,
    context: ExecutionContext,
    summary: string,
    reason: string,
    upstream: string,
    error: string | undefined,
  ): void;
  export function point_rejected(context: ExecutionContext, error: string): void;
  export function store_failed(context: ExecutionContext, decisions: number, error: string): void;
  export function tell_fault(context: ExecutionContext, line: string): void;
  export function tell_left_out(about: string): void;

  export function admin_policy(env: Env, context: ExecutionContext, began: number, learned: string): string;
  export function admin_status(
    env: Env,
    context: ExecutionContext,
    limiter: string,
    store: string,
    began: number,
    learned: string,
  ): string;

  /** Only in the tests' own build. */
  export function planted_panic(): never;
}

/** The second module: what only the admin API needs. */
declare module "corsgate-admin-wasm" {
  export function wake(): void;
  export function learn(
    context: ExecutionContext,
    line: string,
    text: string | undefined,
    bytes: Uint8Array | undefined,
    error: string | undefined,
    began: number,
  ): string | undefined;
  export function tell_left_out(about: string): void;

  export function is_token(text: string): boolean;
  export function admin_explain(
    env: Env,
    context: ExecutionContext,
    description: string,
    began: number,
    learned: string,
  ): string;
  export function admin_list(
    env: Env,
    context: ExecutionContext,
    name: string,
    search: string,
    days: number | undefined,
    began: number,
    learned: string,
  ): string;
  export function report_plan(name: string, query: string, now: number, dialect: string, dataset: string): string;
  export function report_answer(
    env: Env,
    context: ExecutionContext,
    name: string,
    query: string,
    now: number,
    source: string,
    results: string,
    began: number,
    learned: string,
  ): string;
}
