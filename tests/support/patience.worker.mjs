// Runs in workerd before the wrapper of every gateway that a test starts: a request waits for its limits as long as they take,
// where the deployed Worker waits half a second, because on a busy machine an object that is well may take longer.
// What is about the deadline runs `asDeployed`.

{
  const DEADLINE = 500;
  const PATIENCE = 60_000;
  const { setTimeout: wait } = globalThis;
  let deployed = 0;
  /** @type {(run: (...values: any[]) => void, milliseconds?: number, ...values: any[]) => number} */
  const waitPatiently = (run, milliseconds, ...values) =>
    wait(run, milliseconds === DEADLINE && deployed === 0 ? PATIENCE : milliseconds, ...values);
  /**
   * While this is under way, the deadline is as deployed, for every request.
   *
   * @template T
   * @param {() => T | Promise<T>} work
   * @returns {Promise<T>}
   */
  const asDeployed = async (work) => {
    deployed += 1;
    try {
      return await work();
    } finally {
      deployed -= 1;
    }
  };
  Object.assign(globalThis, { setTimeout: waitPatiently, asDeployed });
}
