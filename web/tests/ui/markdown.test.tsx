// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { IntlProvider } from "react-intl";
import en from "../../src/i18n/en.json";
import { Markdown, only_emoji } from "../../src/features/markdown/Markdown";
import { is_plain, safe_address } from "../../src/features/markdown/parse";
import { cut_at_mentions, mention_places } from "../../src/features/markdown/mentions";
import { highlight } from "../../src/features/markdown/highlight";
import type { MentionRange } from "../../src/sync";

afterEach(cleanup);

function show(content: string, ranges: readonly MentionRange[] = []): HTMLElement {
  const { container } = render(
    <IntlProvider locale="en" messages={en}>
      <Markdown content={content} ranges={ranges} ownId={1} />
    </IntlProvider>,
  );
  return container;
}

const allowed = new Set(
  "div p strong em del code pre br blockquote hr ol ul li a span button svg path rect".split(" "),
);

function check(container: HTMLElement): void {
  for (const element of container.querySelectorAll("*")) {
    expect(allowed).toContain(element.tagName.toLowerCase());
    for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^srcdoc$|^style$/);
  }
  for (const link of container.querySelectorAll("a")) {
    expect(link.getAttribute("href")).toMatch(/^(?:https?:|mailto:|\/chat\/)/);
  }
}

const fragments = fc.constantFrom(
  "**",
  "*",
  "_",
  "`",
  "```",
  "```js\n",
  "~~",
  "> ",
  "- ",
  "1. ",
  "# ",
  "---\n",
  "\n",
  "\n\n",
  "[a](",
  "[a](javascript:alert(1))",
  "![x](",
  ")",
  "](",
  "<b>",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "javascript:",
  "JaVaScRiPt:alert(1)",
  "data:text/html,<b>",
  "vbscript:x",
  "https://example.com/",
  "www.example.com",
  "bob@example.com",
  "<https://a.b>",
  "<javascript:alert(1)>",
  "&lt;",
  "&#106;",
  "&amp;",
  "\\",
  "@Alice",
  "\u202e",
  "\u0000",
  "|",
  "text ",
  "[x]: javascript:alert(1)\n",
  "[x]",
  "    code",
);

describe("hostile text", () => {
  test("is shown by allowed elements alone", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fragments, fc.string({ maxLength: 8 })), { maxLength: 14 }),
        (parts) => {
          const container = show(parts.join(""));
          check(container);
          cleanup();
        },
      ),
      { numRuns: 400 },
    );
  });
  test("makes no link of a script", () => {
    for (const text of [
      "[a](javascript:alert(1))",
      "[a](JAVASCRIPT:alert(1))",
      "[a](\tjavascript:alert(1))",
      "<javascript:alert(1)>",
      "[a](data:text/html,x)",
      "[a](//evil.example)",
    ]) {
      expect(show(text).querySelector("a")).toBeNull();
      cleanup();
    }
  });
  test("is nested as deep as it likes", () => {
    const deep = "> ".repeat(200) + "x";
    check(show(deep));
  });
});

describe("Markdown", () => {
  test("shows HTML as it was typed", () => {
    expect(show("<b>x</b> **y**").textContent).toBe("<b>x</b> y");
  });
  test("keeps an entity as it was typed", () => {
    expect(show("*a* &amp; b").textContent).toBe("a &amp; b");
  });
  test("links an address without a mark", () => {
    const link = show("see https://example.com/a?b=1.").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.com/a?b=1");
    expect(link?.getAttribute("rel")).toContain("noopener");
  });
  test("shows a picture as its source, not as a picture", () => {
    const container = show("![x](https://example.com/x.png)");
    expect(container.querySelector("img")).toBeNull();
  });
  test("makes no heading of the page", () => {
    expect(show("# Big").querySelector("h1")).toBeNull();
  });
  test("shows a list and a quotation", () => {
    const container = show("- one\n- two\n\n> said");
    expect(container.querySelectorAll("li")).toHaveLength(2);
    expect(container.querySelector("blockquote")?.textContent).toBe("said");
  });
  test("shows plain text with its lines as it is", () => {
    expect(is_plain("one\ntwo, 3 < 4? yes")).toBe(false); // `<` could begin an address
    expect(is_plain("one\ntwo: (three)!")).toBe(true);
    expect(show("one\ntwo").textContent).toBe("one\ntwo");
  });
});

describe("mentions", () => {
  test("count code points", () => {
    const text = "😀 @Bob";
    expect(mention_places(text, [{ user_id: 2, offset: 2, length: 4 }])).toEqual([
      { user_id: 2, start: 3, end: 7 },
    ]);
  });
  test("that overlap or lie outside are left out", () => {
    const ranges = [
      { user_id: 2, offset: 0, length: 4 },
      { user_id: 3, offset: 2, length: 4 },
      { user_id: 4, offset: 90, length: 4 },
    ];
    expect(mention_places("@Bob and", ranges)).toHaveLength(1);
  });
  test("cut the text, which stays whole", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.array(
          fc.record({ user_id: fc.integer({ min: 1 }), offset: fc.nat(30), length: fc.nat(9) }),
        ),
        (text, ranges) => {
          const pieces = cut_at_mentions(text, 0, mention_places(text, ranges));
          expect(pieces.map((piece) => piece.text).join("")).toBe(text);
        },
      ),
    );
  });
  test("stand out in a tree, one's own more than others", () => {
    const container = show("**hi** @Ann and @Bob", [
      { user_id: 1, offset: 7, length: 4 },
      { user_id: 2, offset: 16, length: 4 },
    ]);
    const spans = [...container.querySelectorAll("span")].map((span) => span.textContent);
    expect(spans).toEqual(["@Ann", "@Bob"]);
  });
});

test("an address is linked when its scheme is allowed", () => {
  expect(safe_address("https://a.example/")).toBe("https://a.example/");
  expect(safe_address("mailto:a@b.example")).toBe("mailto:a@b.example");
  for (const bad of [
    "javascript:x",
    "data:,x",
    "file:///etc",
    "/chat/1",
    "x",
    "blob:https://a/b",
  ]) {
    expect(safe_address(bad)).toBeNull();
  }
});

test("a few emoji alone are large", () => {
  expect(only_emoji("🎉")).toBe(true);
  expect(only_emoji("👍🏽 👨‍👩‍👧")).toBe(true);
  expect(only_emoji("👍 ok")).toBe(false);
  expect(only_emoji("12")).toBe(false);
  expect(only_emoji("")).toBe(false);
  expect(only_emoji("🎉".repeat(9))).toBe(false);
});

test("highlighted code is the same text", () => {
  const code = 'const a = "<b>"; // x\nif (a > 1) {}';
  const flat = (nodes: ReturnType<typeof highlight>): string =>
    (nodes ?? []).map((node) => (typeof node === "string" ? node : flat(node.children))).join("");
  expect(flat(highlight(code, "ts"))).toBe(code);
  expect(highlight(code, "klingon")).toBeNull();
});
