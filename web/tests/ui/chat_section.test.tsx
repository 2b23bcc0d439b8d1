// @vitest-environment happy-dom
// The list of chats beside what is shown.
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ChatSection } from "../../src/features/chats/ChatSection";
import { make_chat } from "../../src/features/gallery/fixtures";
import { show_page } from "./support";

afterEach(cleanup);

const chats = Array.from({ length: 90 }, (_, i) =>
  make_chat(i + 1, "PublicChannel", { name: `channel ${i + 1}` }),
);

function show() {
  const navigate = vi.fn();
  const state = { chats: new Map(chats.map((chat) => [chat.id, chat])) };
  show_page(<ChatSection name="Channels" chats={chats} navigate={navigate} />, { state });
  return navigate;
}

describe("a section of the list of chats", () => {
  test("has all chats, in their order, a moment after it is shown", async () => {
    show();
    await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(chats.length));
    const names = screen.getAllByRole("link").map((link) => link.textContent);
    expect(names).toEqual(chats.map((chat) => chat.name));
  });

  test("goes to a chat without loading the page, and leaves other clicks to the browser", () => {
    const navigate = show();
    const link = screen.getByRole("link", { name: "channel 3" });
    expect(link.getAttribute("href")).toBe("/chat/3");
    const kept = (more: object): boolean => fireEvent.click(link, { button: 0, ...more });
    expect(kept({ ctrlKey: true })).toBe(true);
    expect(kept({ metaKey: true })).toBe(true);
    expect(kept({ shiftKey: true })).toBe(true);
    expect(navigate).not.toHaveBeenCalled();
    expect(kept({})).toBe(false);
    expect(navigate).toHaveBeenCalledWith("/chat/3");
  });
});
