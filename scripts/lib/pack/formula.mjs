// The formula of Homebrew for a release: it installs the tool of the package that fits the machine.

import path from "node:path";
import { sha256 } from "./checksums.mjs";

/** Where Homebrew runs. On Linux the program without a libc of its own, which runs everywhere. */
const MACHINES = /** @type {const} */ ([
  ["on_macos", "on_arm", "darwin-arm64"],
  ["on_macos", "on_intel", "darwin-x64"],
  ["on_linux", "on_arm", "linux-arm64-musl"],
  ["on_linux", "on_intel", "linux-x64-musl"],
]);

/**
 * @param {{ version: string, homepage: string }} release `homepage` is the repository
 * @param {Record<string, string>} tarballs by platform
 * @returns {string | undefined} nothing if one of the platforms was not packed
 */
export function formula({ version, homepage }, tarballs) {
  if (MACHINES.some(([, , platform]) => tarballs[platform] === undefined)) return undefined;
  const systems = [...new Set(MACHINES.map(([system]) => system))];
  const blocks = systems.map((system) => {
    const cpus = MACHINES.filter(([own]) => own === system).map(([, cpu, platform]) => {
      const url = `${homepage}/releases/download/v${version}/${path.basename(tarballs[platform])}`;
      return `    ${cpu} do\n      url "${url}"\n      sha256 "${sha256(tarballs[platform])}"\n    end\n`;
    });
    return `  ${system} do\n${cpus.join("")}  end\n`;
  });
  return `# Written by \`npm run pack\` of ${homepage}.
class Corsgate < Formula
  desc "Operator's tool of a CORS gateway for Cloudflare Workers"
  homepage "${homepage}"
  version "${version}"
  license any_of: ["MIT", "Apache-2.0"]

${blocks.join("\n")}
  def install
    bin.install "corsgate"
    generate_completions_from_executable(bin/"corsgate", "completions")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/corsgate --version")
  end
end
`;
}
