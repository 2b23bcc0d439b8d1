import { describe, expect, test } from "vitest";
import { completed, matching_people, token_at } from "../../src/features/composer/suggest";
import { files_of_paste, named } from "../../src/features/composer/paste";

describe("the token at the caret", () => {
  test("is a mention behind a sign at the beginning of a word", () => {
    expect(token_at("hi @al", 6)).toEqual({ sign: "@", typed: "al", start: 3, end: 6 });
    expect(token_at("@", 1)).toEqual({ sign: "@", typed: "", start: 0, end: 1 });
    expect(token_at("(@王", 3)?.typed).toBe("王");
  });
  test("may have one blank, for a full name", () => {
    expect(token_at("@Alice Ad", 9)?.typed).toBe("Alice Ad");
    expect(token_at("@Alice Adams is", 15)).toBeNull();
  });
  test("is none in an address", () => {
    expect(token_at("alice@acme", 10)).toBeNull();
  });
  test("is none in a smiley", () => {
    for (const text of ["nice :D", "nice :)", "at 10:30", "a:"]) {
      expect(token_at(text, text.length)).toBeNull();
    }
    expect(token_at(":smi", 4)).toEqual({ sign: ":", typed: "smi", start: 0, end: 4 });
  });
});

test("a completion replaces the token and has one blank behind it", () => {
  const token = { sign: "@" as const, typed: "al", start: 3, end: 6 };
  expect(completed("hi @al", token, "@Alice")).toEqual({ text: "hi @Alice ", caret: 10 });
  expect(completed("hi @al there", token, "@Alice").text).toBe("hi @Alice there");
});

test("people are found without case and accents, by each word, in this order", () => {
  const people = [
    { id: 1, fullname: "Björn Al" },
    { id: 2, fullname: "alice Z" },
    { id: 3, fullname: "Bob", email: "al@acme.example" },
    { id: 4, fullname: "Carol" },
  ];
  expect(matching_people(people, "AL", 9).map(({ id }) => id)).toEqual([2, 1, 3]);
  expect(matching_people(people, "bjorn", 9).map(({ id }) => id)).toEqual([1]);
  expect(matching_people(people, "", 2)).toHaveLength(2);
});

test("text wins over its picture in the clipboard", () => {
  const picture = new File(["x"], "image.png", { type: "image/png" });
  const office = ["text/plain", "text/html", "Files"];
  expect(files_of_paste({ types: office, files: [picture] })).toEqual([]);
  expect(files_of_paste({ types: ["Files"], files: [picture] })).toEqual([picture]);
});

test("a picture of the clipboard gets a name", () => {
  const picture = new File(["x"], "image.png", { type: "image/png" });
  const at = new Date("2026-03-01T08:30:12Z");
  expect(named(picture, at).name).toBe("pasted-2026-03-01-08-30-12.png");
  const other = new File(["x"], "plan.png", { type: "image/png" });
  expect(named(other, at)).toBe(other);
});
