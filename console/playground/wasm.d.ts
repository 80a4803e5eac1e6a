// What esbuild puts under these names.

declare module "corsgate-playground-wasm" {
  export default function start(options: { module_or_path: Response | Promise<Response> }): Promise<unknown>;
  export function ask(name: string, input: string): string;
}

declare module "*.toml" {
  const text: string;
  export default text;
}

declare module "*.txt" {
  const text: string;
  export default text;
}
