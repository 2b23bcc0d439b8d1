import { useMemo, useState, type ReactNode } from "react";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { ClientProvider, createStillClient } from "../../sync";
import { choose_theme, stored_contrast, stored_theme, type Theme } from "../../styles/theme";
import { ChoiceGroup } from "../../ui/Field";
import { ToastRegion } from "../../ui/ToastRegion";
import { Shell } from "../shell/Shell";
import { SignInPage } from "../auth/SignInPage";
import { ButtonSamples, FeedbackSamples, FieldSamples, PeopleSamples } from "./samples";
import { fixture_state } from "./fixtures";
import css from "./Gallery.module.css";

/** Each component in each state. Its own texts are for developers and are in English alone. */
export default function GalleryPage() {
  const [theme, setTheme] = useState<Theme>(stored_theme);
  const change = (next: Theme) => {
    setTheme(next);
    choose_theme(next, stored_contrast());
  };
  return (
    <div className={css.page}>
      <main className={css.column}>
        <h1>Components</h1>
        <ChoiceGroup<Theme>
          label="Theme"
          value={theme}
          onChange={change}
          choices={[
            { value: "system", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
        <ButtonSamples />
        <FieldSamples />
        <PeopleSamples />
        <FeedbackSamples />
      </main>
      <ToastRegion label="Notices" closeLabel="Close" />
    </div>
  );
}

/** The whole page of a user over fixed data, at `/components/chat` and below. */
export function GalleryShell() {
  const client = useMemo(() => createStillClient(fixture_state()), []);
  const path = location.pathname.replace(/^\/components/, "");
  return (
    <InMemory path={path === "/chat" ? "/chat/1" : path}>
      <ClientProvider client={client}>
        <Shell />
      </ClientProvider>
    </InMemory>
  );
}

/** The page of a stranger over no data, at `/components/signin`. */
export function GallerySignIn() {
  const client = useMemo(
    () => createStillClient({ session: { status: "signed_out", reason: "first" } }),
    [],
  );
  return (
    <InMemory path="/signin">
      <ClientProvider client={client}>
        <SignInPage />
      </ClientProvider>
    </InMemory>
  );
}

function InMemory({ path, children }: { path: string; children: ReactNode }) {
  const place = useMemo(() => memoryLocation({ path }), [path]);
  return (
    <Router hook={place.hook} searchHook={place.searchHook}>
      {children}
    </Router>
  );
}
