import { describe, expect, test } from "vitest";
import {
  in_open_code,
  key_action,
  type BoxState,
  type KeyPress,
} from "../../src/features/composer/keys";

const enter: KeyPress = {
  key: "Enter",
  shift: false,
  alt: false,
  ctrl: false,
  repeat: false,
  composing: false,
  key_code: 13,
};
const box: BoxState = {
  text: "hello",
  caret: 5,
  has_files: false,
  suggestions: null,
  composition_just_ended: false,
  touch: false,
  editing: false,
};

describe("Enter", () => {
  test("sends", () => {
    expect(key_action(enter, box)).toBe("send");
  });
  test("with Shift makes a line", () => {
    expect(key_action({ ...enter, shift: true }, box)).toBe("none");
  });
  test("of a composition does nothing", () => {
    expect(key_action({ ...enter, composing: true, key_code: 229 }, box)).toBe("none");
  });
  test("that ended a composition in WebKit does nothing", () => {
    const press = { ...enter, key_code: 229 };
    expect(key_action(press, { ...box, composition_just_ended: true })).toBe("none");
  });
  test("after a composition sends, with the code 229 too", () => {
    expect(key_action({ ...enter, key_code: 229 }, box)).toBe("send");
  });
  test("right after a composition sends when it is a key of its own", () => {
    expect(key_action(enter, { ...box, composition_just_ended: true })).toBe("send");
  });
  test("that is held down sends nothing", () => {
    expect(key_action({ ...enter, repeat: true }, box)).toBe("ignore");
    expect(key_action({ ...enter, repeat: true, ctrl: true }, box)).toBe("ignore");
  });
  test("makes a line on a keyboard on the glass", () => {
    expect(key_action(enter, { ...box, touch: true })).toBe("none");
  });
  test("makes a line in code that is not closed, and Control sends it", () => {
    const text = "```ts\nconst a = 1;";
    const state = { ...box, text, caret: text.length };
    expect(key_action(enter, state)).toBe("none");
    expect(key_action({ ...enter, ctrl: true }, state)).toBe("send");
  });
});

describe("suggestions", () => {
  const with_list = (typed: string, matches: number) => ({
    ...box,
    suggestions: { typed, matches },
  });
  test("take Enter after two letters and a match", () => {
    expect(key_action(enter, with_list("al", 1))).toBe("pick");
  });
  test("leave Enter alone after one letter, or without a match", () => {
    expect(key_action(enter, with_list("a", 3))).toBe("send");
    expect(key_action(enter, with_list("alx", 0))).toBe("send");
  });
  test("take Tab and the arrows when there is a match", () => {
    expect(key_action({ ...enter, key: "Tab" }, with_list("a", 1))).toBe("pick");
    expect(key_action({ ...enter, key: "ArrowDown" }, with_list("a", 1))).toBe("next");
    expect(key_action({ ...enter, key: "ArrowUp" }, with_list("", 1))).toBe("previous");
    expect(key_action({ ...enter, key: "ArrowUp" }, with_list("", 0))).toBe("none");
  });
  test("are closed by Esc, which does nothing else then", () => {
    expect(key_action({ ...enter, key: "Escape" }, with_list("a", 0))).toBe("close_suggestions");
  });
  test("get no key of a composition", () => {
    const press = { ...enter, composing: true, key_code: 229 };
    expect(key_action(press, with_list("al", 1))).toBe("none");
  });
});

describe("arrow up", () => {
  const up = { ...enter, key: "ArrowUp", key_code: 38 };
  test("edits the last message from an empty box alone", () => {
    expect(key_action(up, { ...box, text: "", caret: 0 })).toBe("edit_last");
    expect(key_action(up, box)).toBe("none");
    expect(key_action(up, { ...box, text: " ", caret: 0 })).toBe("none");
    expect(key_action(up, { ...box, text: "", has_files: true })).toBe("none");
    expect(key_action(up, { ...box, text: "", editing: true })).toBe("none");
    expect(key_action({ ...up, alt: true }, { ...box, text: "" })).toBe("none");
  });
});

test("Esc ends an edit, and reads the chat otherwise", () => {
  const escape = { ...enter, key: "Escape" };
  expect(key_action(escape, { ...box, editing: true })).toBe("cancel_edit");
  expect(key_action(escape, box)).toBe("mark_read");
});

test("a fence opens and closes code", () => {
  expect(in_open_code("```\na", 5)).toBe(true);
  expect(in_open_code("```\na\n```\n", 10)).toBe(false);
  expect(in_open_code("```\na\n```\n", 4)).toBe(true);
  expect(in_open_code("a ``` b", 7)).toBe(false);
});
