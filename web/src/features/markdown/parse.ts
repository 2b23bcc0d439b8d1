// Text → tree. The tree is Markdown's; what of it is shown, render.tsx decides.
import type { Root } from "mdast";
import { fromMarkdown, type Extension } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";

// In a chat, `<b>` is what a person types and not markup; a line of `---` under a text makes no
// heading of it, four blanks make no code, and no definition makes a link for later use.
const switched_off = {
  disable: {
    null: [
      "htmlFlow",
      "htmlText",
      "setextUnderline",
      "codeIndented",
      "definition",
      "labelStartImage",
      "characterReference",
    ],
  },
};

// The transform finds more addresses, at the price of the positions that mentions need.
function autolink_without_transform(): Extension {
  const { transforms: _, ...rest } = gfmAutolinkLiteralFromMarkdown();
  return rest;
}

const syntax = [gfmStrikethrough({ singleTilde: false }), gfmAutolinkLiteral(), switched_off];
const from_tokens = [gfmStrikethroughFromMarkdown(), autolink_without_transform()];

const signs = /[*_`~[\]\\<>#|]|https?:|www\.|@\S+\.\S|\n[ \t]*\n/;
const line_starts = /^[ \t]*(?:[-+]|\d+[.)])[ \t]|^[ \t]*-{3}/m;

/** Whether nothing in the text could be Markdown: most messages, which then need no tree. */
export function is_plain(content: string): boolean {
  return !signs.test(content) && !line_starts.test(content);
}

const remembered_max = 400;
const remembered = new Map<string, Root>();

/** The newest 400 trees are remembered. */
export function parse(content: string): Root {
  const known = remembered.get(content);
  if (known) {
    remembered.delete(content);
    remembered.set(content, known);
    return known;
  }
  const tree = fromMarkdown(content, { extensions: syntax, mdastExtensions: from_tokens });
  remembered.set(content, tree);
  if (remembered.size > remembered_max) {
    const oldest = remembered.keys().next().value;
    if (oldest !== undefined) remembered.delete(oldest);
  }
  return tree;
}

/** The address, when a page may link to it; else null. */
export function safe_address(address: string): string | null {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null; // relative, or none at all
  }
}
