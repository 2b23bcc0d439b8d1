import { useEffect } from "react";
import { Link } from "wouter";
import { paths } from "../../app/routes";
import { useT } from "../../i18n";
import { AuthLayout, InsecureNotice } from "./AuthLayout";
import { SignUpForm } from "./SignUpForm";

/** For a server on which anyone may found a workspace, or join one by its name. */
export default function SignUpPage() {
  const t = useT();
  useEffect(() => {
    document.title = `${t("auth.sign_up")} · Fechatter`;
  }, [t]);
  return (
    <AuthLayout
      title={t("auth.sign_up_title")}
      lead={t("auth.sign_up_lead")}
      footer={
        <>
          {t("auth.have_account")} <Link href={paths.sign_in}>{t("auth.sign_in")}</Link>
        </>
      }
    >
      <InsecureNotice />
      <SignUpForm />
    </AuthLayout>
  );
}
