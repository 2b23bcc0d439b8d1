import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";
import { AuthPages } from "../features/auth/AuthPages";
import { Crash } from "../features/shell/Crash";
import { LanguageProvider } from "../i18n";
import { start_language } from "../i18n/locale";
import { apply_stored_theme } from "../styles/theme";
import { useSession } from "../sync";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { part } from "../ui/part";
import { Splash } from "../ui/Splash";
import { expects_session, remember_session } from "./hint";
import { paths } from "./routes";
import { reload_when_parts_are_gone } from "./upgrade";
import "../styles/base.css";

apply_stored_theme();
void start_language();
reload_when_parts_are_gone();

const load_shell = () => part(import("../features/shell/Shell"));
const Shell = lazy(async () => ({ default: (await load_shell()).Shell }));
const load_gallery = () => part(import("../features/gallery/GalleryPage"));
const Gallery = lazy(load_gallery);
const GalleryShell = lazy(async () => ({ default: (await load_gallery()).GalleryShell }));
const GallerySignIn = lazy(async () => ({ default: (await load_gallery()).GallerySignIn }));

// The shell comes while the session is being asked for, where there was one before.
if (expects_session()) void load_shell();

async function forget_page(): Promise<void> {
  await import("./offline").then((offline) => offline.forget_offline()).catch(() => undefined);
}

export function App() {
  return (
    <LanguageProvider>
      <ErrorBoundary fallback={(again) => <Crash onAgain={again} />}>
        <Suspense fallback={<Splash />}>
          <Switch>
            <Route path={paths.components}>
              <Gallery />
            </Route>
            <Route path="/components/signin">
              <GallerySignIn />
            </Route>
            <Route path="/components/*">
              <GalleryShell />
            </Route>
            <Route>
              <Entrance />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </LanguageProvider>
  );
}

/** Chooses between what a stranger and what a user of the workspace sees. */
function Entrance() {
  const { status } = useSession();
  useEffect(() => {
    if (status === "starting") return;
    // What was kept of the page was kept for the account that is gone.
    if (status === "signed_out" && expects_session()) void forget_page();
    remember_session(status === "signed_in");
  }, [status]);
  if (status === "starting") return <Splash />;
  if (status === "signed_out") return <AuthPages />;
  return (
    <Switch>
      <Route path={paths.sign_in}>
        <Redirect to={paths.home} replace />
      </Route>
      <Route path={paths.sign_up}>
        <Redirect to={paths.home} replace />
      </Route>
      <Route>
        <Shell />
      </Route>
    </Switch>
  );
}
