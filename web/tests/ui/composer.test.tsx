// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Composer } from "../../src/features/composer/Composer";
import { make_chat } from "../../src/features/gallery/fixtures";
import { ui } from "../../src/features/shell/ui_store";
import type { Chat, Draft, DraftKey } from "../../src/sync";
import { failure, show_page } from "./support";

const general = make_chat(1, "PublicChannel", { name: "general" });

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  ui.setState({ dialog: null, pane: null });
});
afterEach(cleanup);

function show(chat: Chat = general, more: Parameters<typeof show_page>[1] = {}) {
  const actions = {
    send: vi.fn(() => "key"),
    setDraft: vi.fn(),
    dropDraft: vi.fn(),
    upload: vi.fn(() => "upload"),
    setTyping: vi.fn(),
    ...more.actions,
  };
  show_page(<Composer chat={chat} draft_key={`chat:${chat.id}`} />, { ...more, actions });
  return actions;
}

function box(): HTMLTextAreaElement {
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
}

function write(text: string): void {
  fireEvent.change(box(), { target: { value: text } });
}

function enter(): void {
  fireEvent.keyDown(box(), { key: "Enter", keyCode: 13 });
}

function draft(fields: Partial<Draft>): Draft {
  return {
    key: "chat:1",
    chat_id: 1,
    content: "",
    files: [],
    reply_to: null,
    version: 0,
    changed_ms: 0,
    unsaved: false,
    ...fields,
  };
}

describe("the composer", () => {
  test("keeps each change as a draft, and sends the text as it is", () => {
    const actions = show();
    write("hello ");
    expect(actions.setDraft).toHaveBeenLastCalledWith("chat:1", { content: "hello " });
    enter();
    expect(actions.send).toHaveBeenCalledExactlyOnceWith(1, { content: "hello ", files: [] });
    expect(actions.dropDraft).toHaveBeenCalledWith("chat:1");
    expect(box().value).toBe("");
  });
  test("sends no blanks", () => {
    const actions = show();
    write(" \n ");
    enter();
    expect(actions.send).not.toHaveBeenCalled();
  });
  test("keeps the text when it cannot be taken", () => {
    const send = vi.fn(() => {
      throw failure({ code: "client.full", status: 0 });
    });
    show(general, { actions: { send } });
    write("hello");
    enter();
    expect(box().value).toBe("hello");
  });
  test("counts code points, and sends no more than 10,000", () => {
    const actions = show();
    write("😀".repeat(10_001));
    enter();
    expect(actions.send).not.toHaveBeenCalled();
    expect(screen.getByText("1 character too many")).toBeTruthy();
    write("😀".repeat(10_000));
    enter();
    expect(actions.send).toHaveBeenCalledOnce();
  });
  test("asks before it mentions more than fifty people", () => {
    const actions = show({ ...general, member_count: 51 });
    write("@all lunch");
    enter();
    expect(actions.send).not.toHaveBeenCalled();
    const { dialog } = ui.getState();
    expect(dialog?.name).toBe("confirm");
    if (dialog?.name === "confirm") void dialog.run();
    expect(actions.send).toHaveBeenCalledExactlyOnceWith(1, {
      content: "@all lunch",
      files: [],
      confirm_everyone: true,
    });
  });
  test("begins with the draft, and sends its files without a text", () => {
    const files = ["/files/1/aaa/bbb/c.png"];
    const state = { drafts: new Map<DraftKey, Draft>([["chat:1", draft({ files })]]) };
    const actions = show(general, { state });
    enter();
    expect(actions.send).toHaveBeenCalledExactlyOnceWith(1, { content: "", files });
  });
  test("uploads a pasted picture, and pastes the text that comes with one", () => {
    const actions = show();
    const picture = new File(["x"], "image.png", { type: "image/png" });
    fireEvent.paste(box(), { clipboardData: { types: ["Files"], files: [picture] } });
    expect(actions.upload).toHaveBeenCalledOnce();
    const both = { types: ["text/plain", "text/html", "Files"], files: [picture] };
    fireEvent.paste(box(), { clipboardData: both });
    expect(actions.upload).toHaveBeenCalledOnce();
  });
  test("edits one's newest message with the arrow from the empty box", () => {
    const actions = show();
    fireEvent.keyDown(box(), { key: "ArrowUp", keyCode: 38 });
    expect(actions.setDraft).toHaveBeenCalledExactlyOnceWith(
      "edit:1:12",
      expect.objectContaining({ content: "Reading it now. Looks good to me so far." }),
    );
  });
});

describe("a chat in which the user does not write", () => {
  test("says that it is archived", () => {
    show({ ...general, archived_at: "2026-03-01T00:00:00Z" });
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByRole("note").textContent).toMatch(/archived/);
  });
  test("says that only admins write", () => {
    show({ ...general, owner_id: 2, who_may_write: "admins", id: 9 });
    expect(screen.getByRole("note").textContent).toMatch(/owner and admins/);
  });
});
