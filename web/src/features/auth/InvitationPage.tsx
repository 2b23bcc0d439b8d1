import { useEffect, useState } from "react";
import { Link } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { failure_from, useActions, type ApiInvitationOffer, type Failure } from "../../sync";
import { Button } from "../../ui/Button";
import { Banner } from "../../ui/Feedback";
import { Spinner } from "../../ui/Spinner";
import { failure_text } from "../common/failure";
import { AuthLayout, InsecureNotice } from "./AuthLayout";
import { SignUpForm } from "./SignUpForm";
import css from "./Auth.module.css";

type Offer = ApiInvitationOffer | Failure | null;

function is_failure(offer: Offer): offer is Failure {
  return offer !== null && "code" in offer;
}

/** The page of an invitation's link, and of the token that founds the first workspace. */
export default function InvitationPage({ token }: { token: string }) {
  const t = useT();
  const actions = useActions();
  const [offer, setOffer] = useState<Offer>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    setOffer(null);
    actions.getInvitation(token).then(
      (known) => current && setOffer(known),
      (error: unknown) => current && setOffer(failure_from(error)),
    );
    return () => {
      current = false;
    };
  }, [actions, token, turn]);
  useEffect(() => {
    document.title = `${t("auth.invitation")} · Fechatter`;
  }, [t]);

  if (offer === null) {
    return (
      <AuthLayout title={t("auth.invitation")}>
        <div className={css.form}>
          <Spinner label={t("common.loading")} />
        </div>
      </AuthLayout>
    );
  }
  if (is_failure(offer)) {
    const gone = offer.status === 404 || offer.status === 400;
    return (
      <AuthLayout
        title={t("auth.invitation")}
        footer={<Link href={paths.sign_in}>{t("auth.sign_in")}</Link>}
      >
        <div className={css.form}>
          <Banner tone="danger">{gone ? t("auth.invitation_gone") : failure_text(t, offer)}</Banner>
          {!gone && <Button onClick={() => setTurn(turn + 1)}>{t("common.retry")}</Button>}
        </div>
      </AuthLayout>
    );
  }
  const lead =
    offer.workspace === null
      ? t("auth.first_run_lead")
      : offer.invited_by
        ? t("auth.invited_by", { name: offer.invited_by })
        : undefined;
  return (
    <AuthLayout
      title={
        offer.workspace === null
          ? t("auth.first_run_title")
          : t("auth.join", { workspace: offer.workspace })
      }
      lead={lead}
      footer={
        <>
          {t("auth.have_account")} <Link href={paths.sign_in}>{t("auth.sign_in")}</Link>
        </>
      }
    >
      <InsecureNotice />
      <SignUpForm invitation={{ token, offer }} />
    </AuthLayout>
  );
}
