// Makes dist/sw.js of src/worker, after vite has built the rest: one file that knows the names of
// all others, so that it differs for each build.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const gallery = "src/features/gallery/GalleryPage.tsx"; // for the people who build the client

// What a person needs without a server: everything but the page that shows all components.
function files_to_keep() {
  const { file, css = [] } = manifest[gallery];
  const left_out = new Set([file, ...css]);
  const assets = readdirSync(join(dist, "assets")).map((name) => `assets/${name}`);
  const icons = readdirSync(dist).filter((name) => /^icon.*\.(png|svg)$/.test(name));
  return [...assets, ...icons].filter((path) => !left_out.has(path)).toSorted();
}

function version_of(paths) {
  const hash = createHash("sha256");
  for (const path of ["index.html", ...paths]) {
    hash.update(`${path}\n`).update(readFileSync(join(dist, path)));
  }
  return hash.digest("hex").slice(0, 16);
}

const paths = files_to_keep();
const about = {
  version: version_of(paths),
  entry: `/${manifest["index.html"].file}`,
  files: paths.map((path) => `/${path}`),
};

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  define: { BUILD_OF_THE_CLIENT: JSON.stringify(about) },
  build: {
    target: ["chrome120", "firefox121", "safari17"],
    outDir: "dist",
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: {
      input: join(root, "src/worker/sw.ts"),
      output: { format: "iife", entryFileNames: "sw.js" },
    },
  },
});
