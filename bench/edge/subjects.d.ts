// The module that `cold.mjs` makes of the Workers that it starts.

declare module "subjects.js" {
  export const SUBJECTS: Record<string, Pick<WorkerLoaderWorkerCode, "mainModule" | "modules">>;
}
