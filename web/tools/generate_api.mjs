// Writes web/src/api/schema.d.ts from the description of the API (docs/openapi), the files of which
// are merged as the build of the servers merges them. `--check` compares instead.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const description = join(here, "../../docs/openapi");
const output = join(here, "../src/api/schema.d.ts");

const is_object = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// Objects are united, lists joined; a value that two files set differently is a mistake.
function merge(into, from, path) {
  for (const [key, value] of Object.entries(from)) {
    if (!(key in into)) {
      into[key] = value;
    } else if (is_object(into[key]) && is_object(value)) {
      merge(into[key], value, `${path}/${key}`);
    } else if (Array.isArray(into[key]) && Array.isArray(value)) {
      into[key].push(...value);
    } else {
      throw new Error(`${path}/${key} is in two files`);
    }
  }
}

// The schemas of events hang below `x-events`, which the generator does not walk: it generates all
// of components, so nothing is lost.
export function merged() {
  const document = {};
  for (const name of readdirSync(description).toSorted()) {
    if (!name.endsWith(".yaml")) continue;
    merge(document, parse(readFileSync(join(description, name), "utf8")), "");
  }
  return document;
}

export async function generated() {
  const note = "// Generated from docs/openapi by web/tools/generate_api.mjs; do not edit.\n";
  const options = { alphabetize: true, defaultNonNullable: false };
  return note + astToString(await openapiTS(merged(), options));
}

const text = await generated();
if (process.argv.includes("--check")) {
  const current = readFileSync(output, "utf8");
  if (current !== text) {
    const what = "web/src/api/schema.d.ts is not current";
    process.stderr.write(`${what}: npm --prefix web/tools run generate\n`);
    process.exit(1);
  }
} else {
  writeFileSync(output, text);
}
