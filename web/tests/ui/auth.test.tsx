// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import InvitationPage from "../../src/features/auth/InvitationPage";
import { SignInPage } from "../../src/features/auth/SignInPage";
import SignUpPage from "../../src/features/auth/SignUpPage";
import { failure, show_page } from "./support";

const signed_out = { session: { status: "signed_out", reason: "first" } } as const;

beforeEach(() => vi.stubGlobal("isSecureContext", true));
afterEach(cleanup);

function fill(fields: Record<string, string>): void {
  for (const [name, text] of Object.entries(fields)) {
    fireEvent.change(screen.getByLabelText(name), { target: { value: text } });
  }
}

function press(name: string): void {
  const button = screen.getByText(name, { selector: "button *" }).closest("button");
  if (button) fireEvent.click(button);
}

describe("signing in", () => {
  test("sends the address without blanks around it, and the password as it is", async () => {
    const signIn = vi.fn().mockResolvedValue(undefined);
    show_page(<SignInPage />, { actions: { signIn }, state: signed_out });
    fill({ Email: "bob@acme.example", Password: " secret " });
    press("Sign in");
    await vi.waitFor(() =>
      expect(signIn).toHaveBeenCalledExactlyOnceWith("bob@acme.example", " secret "),
    );
  });
  test("says what is wrong, and takes a second try", async () => {
    const signIn = vi
      .fn()
      .mockRejectedValueOnce(failure({ code: "auth.invalid_credentials", status: 401 }))
      .mockResolvedValueOnce(undefined);
    show_page(<SignInPage />, { actions: { signIn }, state: signed_out });
    fill({ Email: "bob@acme.example", Password: "wrong" });
    press("Sign in");
    expect((await screen.findByRole("alert")).textContent).toMatch(/not right/);
    press("Sign in");
    await vi.waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
  test("says how long to wait", async () => {
    const error = failure({ code: "request.rate_limited", status: 429, retry_after_s: 12 });
    const signIn = vi.fn().mockRejectedValue(error);
    show_page(<SignInPage />, { actions: { signIn }, state: signed_out });
    fill({ Email: "bob@acme.example", Password: "wrong" });
    press("Sign in");
    expect((await screen.findByRole("alert")).textContent).toMatch(/12 seconds/);
  });
  test("says that the session has ended", () => {
    show_page(<SignInPage />, { state: { session: { status: "signed_out", reason: "ended" } } });
    expect(screen.getByText(/session has ended/)).toBeTruthy();
  });
});

describe("signing up", () => {
  test("shows what is wrong beside its field", async () => {
    const signUp = vi.fn().mockRejectedValue(
      failure({
        code: "auth.password_common",
        fields: [{ field: "password", detail: "common" }],
      }),
    );
    show_page(<SignUpPage />, { actions: { signUp }, state: signed_out });
    fill({
      "Full name": "Bob Brown",
      Email: "bob@acme.example",
      Password: "password1",
      "Workspace name": "Acme",
    });
    press("Create account");
    const field = screen.getByLabelText("Password");
    await vi.waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    const note = document.getElementById(
      field.getAttribute("aria-describedby")?.split(" ")[0] ?? "",
    );
    expect(note?.textContent).toMatch(/too common/);
    expect(signUp.mock.calls[0]?.[0]).toMatchObject({ workspace: "Acme", fullname: "Bob Brown" });
  });
});

describe("an invitation", () => {
  test("to a workspace asks for no name of one", async () => {
    const getInvitation = vi
      .fn()
      .mockResolvedValue({ workspace: "Acme", invited_by: "Alice", email: "bob@acme.example" });
    const signUp = vi.fn().mockResolvedValue(undefined);
    const { place } = show_page(<InvitationPage token="abc" />, {
      actions: { getInvitation, signUp },
      state: signed_out,
      path: "/invitation/abc",
    });
    await screen.findByText("Alice has invited you.");
    expect(screen.queryByLabelText("Workspace name")).toBeNull();
    fill({ "Full name": "Bob", Password: "correct horse" });
    press("Join Acme");
    expect(signUp).toHaveBeenCalledExactlyOnceWith({
      fullname: "Bob",
      email: "bob@acme.example",
      password: "correct horse",
      invitation: "abc",
    });
    await vi.waitFor(() => expect(place.history?.at(-1)).toBe("/"));
  });
  test("that founds the first workspace asks for its name", async () => {
    const getInvitation = vi
      .fn()
      .mockResolvedValue({ workspace: null, invited_by: null, email: null });
    show_page(<InvitationPage token="abc" />, { actions: { getInvitation }, state: signed_out });
    expect(await screen.findByLabelText("Workspace name")).toBeTruthy();
  });
  test("that is used up says so", async () => {
    const error = failure({ code: "request.not_found", status: 404 });
    const getInvitation = vi.fn().mockRejectedValue(error);
    show_page(<InvitationPage token="abc" />, { actions: { getInvitation }, state: signed_out });
    expect((await screen.findByRole("alert")).textContent).toMatch(/no longer valid/);
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});
