// The types of the API are those of its description.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const tools = join(dirname(fileURLToPath(import.meta.url)), "../../tools");
const installed = existsSync(join(tools, "node_modules"));
if (!installed) process.stderr.write("\nNOT TESTED: src/api/schema.d.ts; npm --prefix web/tools ci\n\n");

test.skipIf(!installed)("schema.d.ts is generated from docs/openapi as it is", () => {
  const check = (): string =>
    execFileSync("node", ["generate_api.mjs", "--check"], { cwd: tools, encoding: "utf8" });
  expect(check).not.toThrow();
});
