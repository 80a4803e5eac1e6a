// The types of autocannon that the benchmarks use; it has none of its own.

declare module "autocannon" {
  interface Options {
    url: string;
    method: string;
    headers: Record<string, string>;
    requests?: { headers: Record<string, string> }[];
    connections: number;
    duration: number;
  }
  interface Result {
    requests: { total: number };
    errors: number;
    duration: number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
