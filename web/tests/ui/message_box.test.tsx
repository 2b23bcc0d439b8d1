// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { IntlProvider } from "react-intl";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import en from "../../src/i18n/en.json";
import { ClientProvider, createStillClient } from "../../src/sync";
import { fixture_state, make_chat } from "../../src/features/gallery/fixtures";
import { MessageBox } from "../../src/features/composer/MessageBox";

const on_action = vi.fn();

function Box({ start = "" }: { start?: string }) {
  const [text, setText] = useState(start);
  return (
    <MessageBox
      chat={make_chat(1, "PublicChannel", { name: "general" })}
      label="Message"
      value={text}
      hasFiles={false}
      editing={false}
      onChange={setText}
      onAction={on_action}
    />
  );
}

function show(start?: string): HTMLTextAreaElement {
  render(
    <IntlProvider locale="en" messages={en}>
      <ClientProvider client={createStillClient(fixture_state())}>
        <Box start={start} />
      </ClientProvider>
    </IntlProvider>,
  );
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
}

function type(box: HTMLTextAreaElement, text: string): void {
  fireEvent.change(box, { target: { value: text } });
  box.setSelectionRange(text.length, text.length);
  fireEvent.select(box);
}

beforeEach(() => {
  on_action.mockReset();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
});
afterEach(cleanup);

describe("the box", () => {
  test("sends with Enter, once for a key that is held", () => {
    const box = show("hello");
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13, repeat: true });
    expect(on_action.mock.calls).toEqual([["send"]]);
  });
  test("sends nothing while text is composed", () => {
    const box = show("こん");
    fireEvent.compositionStart(box);
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229, isComposing: true });
    expect(on_action).not.toHaveBeenCalled();
  });
  test("sends with the next Enter after a composition, whatever its code", () => {
    const box = show("한글");
    fireEvent.compositionStart(box);
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229, isComposing: true });
    fireEvent.compositionEnd(box);
    fireEvent.keyUp(box, { key: "Enter", keyCode: 13 });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
    expect(on_action.mock.calls).toEqual([["send"]]);
  });
  test("offers members behind an @, and Enter takes one", () => {
    const box = show();
    type(box, "hi @bo");
    const option = screen.getByRole("option", { name: /Bob Brown/ });
    expect(option.getAttribute("aria-selected")).toBe("true");
    expect(box.getAttribute("aria-activedescendant")).toBe(option.id);
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
    expect(box.value).toBe("hi @Bob Brown ");
    expect(on_action).not.toHaveBeenCalled();
  });
  test("does not offer oneself", () => {
    const box = show();
    type(box, "@alice");
    expect(screen.queryByRole("option", { name: /Alice/ })).toBeNull();
  });
  test("closes the list with Esc and keeps the text", () => {
    const box = show();
    type(box, "@bo");
    fireEvent.keyDown(box, { key: "Escape", keyCode: 27 });
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(box.value).toBe("@bo");
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
    expect(on_action.mock.calls).toEqual([["send"]]);
  });
  test("moves through the list with the arrows", () => {
    const box = show();
    type(box, "@");
    fireEvent.keyDown(box, { key: "ArrowDown", keyCode: 40 });
    const chosen = screen.getAllByRole("option").map((each) => each.getAttribute("aria-selected"));
    expect(chosen.indexOf("true")).toBe(1);
  });
  test("sends a smiley at the end with one Enter", () => {
    const box = show();
    type(box, "nice :D");
    fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
    expect(on_action.mock.calls).toEqual([["send"]]);
  });
});
