// What the pages use of the client. Nothing else of this folder is for them.
export type { Actions } from "./actions";
export type * from "./actions";
export type { Client } from "./client_types";
export { ApiError, failure_from } from "./errors";
export { unread_rows_max } from "./limits";
export * from "./react";
export {
  chat_name,
  is_muted,
  own_id,
  person_name,
  row_key,
  type Row,
  type Totals,
} from "./selectors";
export { createStillClient } from "./browser";
export { empty_state, type State } from "./state";
export type * from "./state";
export type * from "../api/types";
