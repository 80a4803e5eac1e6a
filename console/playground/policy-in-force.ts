// The policy that the gateway has in force, on its admin host. The page by itself has no gateway and asks none.

export interface Baseline {
  name: string;
  /** a policy, or a compiled policy */
  text: string;
}

/** How long the gateway may take, in milliseconds. Without it the page compares with the example. */
const PATIENCE = 10_000;

/** Asks the gateway that serves this page. Nothing if it has none, or does not say. */
export async function policyInForce(): Promise<Baseline | undefined> {
  try {
    const response = await fetch("/api/policy", {
      headers: { "Corsgate-Console": "1" },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) return undefined;
    const answer: unknown = await response.json();
    if (typeof answer !== "object" || answer === null || !("policy" in answer)) return undefined;
    const { policy } = answer;
    if (typeof policy !== "object" || policy === null) return undefined;
    return { name: "the policy in force", text: JSON.stringify(policy) };
  } catch {
    return undefined;
  }
}
