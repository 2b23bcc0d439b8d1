import { Suspense } from "react";
import { Route, Switch } from "wouter";
import { paths } from "../../app/routes";
import { Splash } from "../../ui/Splash";
import { SignInPage } from "./SignInPage";
import { lazy_part } from "../../ui/part";

const SignUpPage = lazy_part(() => import("./SignUpPage"));
const InvitationPage = lazy_part(() => import("./InvitationPage"));

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
