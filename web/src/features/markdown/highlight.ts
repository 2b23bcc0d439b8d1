// Loaded when a message has code with a language. highlight.js makes HTML or a tree; the tree is
// taken, so that nothing is parsed as HTML.
import core from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const languages = {
  bash,
  cpp,
  css,
  diff,
  go,
  java,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(languages)) core.registerLanguage(name, language);
core.registerAliases(["js", "jsx", "javascript", "ts", "tsx"], { languageName: "typescript" });
core.registerAliases(["shell", "sh", "zsh", "console"], { languageName: "bash" });

export type CodeNode = string | { readonly scope: string; readonly children: readonly CodeNode[] };

// Kinds of words that have a colour; the others are plain.
const scopes = new Set([
  "keyword",
  "built_in",
  "type",
  "literal",
  "number",
  "string",
  "regexp",
  "comment",
  "doctag",
  "meta",
  "title",
  "attr",
  "attribute",
  "variable",
  "symbol",
  "addition",
  "deletion",
  "name",
  "tag",
]);

interface EmitterNode {
  scope?: string;
  children: (EmitterNode | string)[];
}

type Tree = readonly CodeNode[] | null;

// Rows come and go while a person scrolls: what was made is kept, so many blocks of code.
const kept_max = 50;
const kept = new Map<string, Tree>();

// Ten thousand characters take 5 to 50 ms, so that waits until the page has nothing else to do, but
// not longer than this.
const wait_max_ms = 500;

function when_idle(task: () => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const call = requestIdleCallback(task, { timeout: wait_max_ms });
    return () => cancelIdleCallback(call);
  }
  const timer = setTimeout(task);
  return () => clearTimeout(timer);
}

/** Calls `show` once: at once with what is known, else a moment later. Returns what cancels it. */
export function highlight_soon(
  code: string,
  language: string,
  show: (tree: Tree) => void,
): () => void {
  const key = `${language}\n${code}`;
  const known = kept.get(key);
  if (known !== undefined) {
    show(known);
    return () => undefined;
  }
  return when_idle(() => {
    const tree = highlight(code, language);
    kept.set(key, tree);
    const oldest = kept.keys().next();
    if (kept.size > kept_max && !oldest.done) kept.delete(oldest.value);
    show(tree);
  });
}

/** Null when the language is not known. */
export function highlight(code: string, language: string): Tree {
  if (!core.getLanguage(language)) return null;
  const result = core.highlight(code, { language, ignoreIllegals: true });
  // oxlint-disable-next-line no-underscore-dangle -- the only way to the tree
  const emitter = result._emitter as unknown as { rootNode: EmitterNode };
  return plain(emitter.rootNode.children);
}

function plain(nodes: readonly (EmitterNode | string)[]): CodeNode[] {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    const scope = (node.scope ?? "").split(".")[0] ?? "";
    return { scope: scopes.has(scope) ? scope : "plain", children: plain(node.children) };
  });
}
