import type { ApiUser } from "../api/types";
import type { AccountActions } from "./actions";
import type { TabClient } from "./client";
import { show_user } from "./reduce/people";
import { data_of } from "./rest";

export function account_actions(client: TabClient): AccountActions {
  const { core, rest, tokens } = client;

  const show = (user: ApiUser): void => {
    core.change((change) => show_user(change, user));
  };

  // A stranger's page has no session to end; the cookie goes in any case.
  const end = async (everywhere: boolean): Promise<void> => {
    try {
      const path = everywhere ? "/api/logout-all" : "/api/logout";
      await data_of(rest.own.POST(path, {}));
    } finally {
      tokens.forget("signed_out", true);
    }
  };

  return {
    signIn: async (email, password) => {
      client.prepare();
      const body = { email, password, cookie_only: true };
      tokens.take(await data_of(rest.open.POST("/api/signin", { body })));
    },
    signUp: async (fields) => {
      client.prepare();
      const body = { ...fields, cookie_only: true };
      tokens.take(await data_of(rest.open.POST("/api/signup", { body })));
    },
    getInvitation: (token) => {
      const params = { path: { token } };
      return data_of(rest.open.GET("/api/invitations/{token}", { params }));
    },
    signOut: () => end(false),
    signOutEverywhere: () => end(true),
    changePassword: async (current_password, new_password) => {
      const body = { current_password, new_password };
      await data_of(rest.own.POST("/api/users/change-password", { body }));
    },
    updateProfile: async (fields) => {
      show(await data_of(rest.own.PATCH("/api/users/profile", { body: fields })));
    },
    setPreferences: async (fields) => {
      const asked = core.ask();
      try {
        const now = await data_of(rest.own.PUT("/api/users/preferences", { body: fields }));
        core.answer(asked, (change) => change.set("preferences", now));
      } catch (error) {
        core.abandon(asked);
        throw error;
      }
    },
    createInvitation: (email) => {
      const body = email === undefined ? {} : { email };
      return data_of(rest.own.POST("/api/workspace/invitations", { body }));
    },
    listInvitations: (after_id = 0) => {
      const params = { query: { limit: 100, after_id } };
      return data_of(rest.own.GET("/api/workspace/invitations", { params }));
    },
    revokeInvitation: async (id) => {
      const params = { path: { id } };
      await data_of(rest.own.DELETE("/api/workspace/invitations/{id}", { params }));
    },
  };
}
