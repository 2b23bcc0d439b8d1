import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where the servers are while `npm run dev` serves the sources.
const server = process.env["FECHATTER_URL"] ?? "http://127.0.0.1:6688";
const notify = process.env["FECHATTER_NOTIFY_URL"] ?? "http://127.0.0.1:6687";

// What a first visit loads is in few files; what is opened later (dialogs, highlighter, emoji) are
// files of their own, made by import().
function chunk_of(id: string): string | null {
  if (!id.includes("node_modules")) return null;
  if (/node_modules\/(react|react-dom|scheduler|use-sync-external-store)\//.test(id)) {
    return "react";
  }
  if (/node_modules\/(react-aria|react-stately|@react-aria|@react-stately|@internationalized)/.test(id)) {
    return null;
  }
  if (/node_modules\/(mdast-util|micromark|unist-util|decode-named|character-entities)/.test(id)) {
    return "markdown";
  }
  return null;
}

export default defineConfig({
  plugins: [react()],
  build: {
    target: ["chrome120", "firefox121", "safari17"],
    outDir: "dist",
    assetsDir: "assets",
    // An inlined picture would be a data: URL, an inlined polyfill an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    sourcemap: false,
    manifest: true,
    rollupOptions: { output: { manualChunks: chunk_of } },
  },
  server: {
    proxy: {
      "/events": notify,
      "/api/online-users": notify,
      "/api/presence/subscriptions": notify,
      "^/api/chat/[0-9]+/online$": notify,
      "/api": server,
      "/files": server,
    },
  },
  test: {
    include: ["tests/**/*.test.ts", "tests/**/*.test.tsx", "src/**/*.test.ts", "src/**/*.test.tsx"],
    exclude: ["node_modules", "tests/e2e/**"],
    testTimeout: 60_000,
    restoreMocks: true,
  },
});
