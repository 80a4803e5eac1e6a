// What the modules of `src/` that run in Node as well expect of the platform, and Node does not have.

interface Request {
  readonly cf?: { country?: string; colo?: string };
}
