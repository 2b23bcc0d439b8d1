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

/** Null when the language is not known. */
export function highlight(code: string, language: string): readonly CodeNode[] | null {
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
