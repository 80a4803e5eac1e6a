// The types of autocannon that the benchmarks use; it has none of its own.

declare module "autocannon" {
  interface Options {
    url: string;
    method: string;
    connections: number;
    duration: number;
    setupClient: (connection: { setRequests: (requests: { headers: Record<string, string> }[]) => void }) => void;
  }
  interface Result {
    requests: { total: number };
    errors: number;
    duration: number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
