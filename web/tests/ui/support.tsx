// A page over fixed data and actions that a test gives.
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { IntlProvider } from "react-intl";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import en from "../../src/i18n/en.json";
import {
  ApiError,
  ClientProvider,
  createStillClient,
  type Actions,
  type Failure,
  type State,
} from "../../src/sync";
import { fixture_state } from "../../src/features/gallery/fixtures";

export function failure(fields: Partial<Failure>): ApiError {
  return new ApiError({
    code: "request.invalid_fields",
    detail: "",
    status: 422,
    fields: [],
    retry_after_s: null,
    ...fields,
  });
}

export function show_page(
  page: ReactNode,
  {
    actions = {},
    state = {},
    path = "/",
  }: { actions?: Partial<Actions>; state?: Partial<State>; path?: string } = {},
) {
  const place = memoryLocation({ path, record: true });
  const client = createStillClient({ ...fixture_state(), ...state }, actions);
  const shown = render(
    <IntlProvider locale="en" messages={en}>
      <Router hook={place.hook} searchHook={place.searchHook}>
        <ClientProvider client={client}>{page}</ClientProvider>
      </Router>
    </IntlProvider>,
  );
  return { ...shown, client, place };
}
