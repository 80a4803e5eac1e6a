// The module that `loader.mjs` makes of the Workers that it starts. `kv` is the binding of a subject's namespace.

declare module "subjects.js" {
  export const SUBJECTS: Record<string, Pick<WorkerLoaderWorkerCode, "mainModule" | "modules"> & { kv: string }>;
}
