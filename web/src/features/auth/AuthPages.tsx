import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { paths } from "../../app/routes";
import { Splash } from "../../ui/Splash";
import { SignInPage } from "./SignInPage";

const SignUpPage = lazy(() => import("./SignUpPage"));
const InvitationPage = lazy(() => import("./InvitationPage"));

/** Any other address asks to sign in, and is shown afterwards. */
export function AuthPages() {
  return (
    <Suspense fallback={<Splash />}>
      <Switch>
        <Route path={paths.sign_up}>
          <SignUpPage />
        </Route>
        <Route path={paths.invitation}>{({ token }) => <InvitationPage token={token} />}</Route>
        <Route>
          <SignInPage />
        </Route>
      </Switch>
    </Suspense>
  );
}
