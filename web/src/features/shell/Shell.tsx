import { Suspense } from "react";
import { Redirect, Route, Switch, useLocation, useRoute } from "wouter";
import { id_of, paths } from "../../app/routes";
import { useT } from "../../i18n";
import { Spinner } from "../../ui/Spinner";
import { ToastRegion } from "../../ui/ToastRegion";
import { ChatPage } from "../timeline/ChatPage";
import { Sidebar } from "../chats/Sidebar";
import { Announcer } from "./Announcer";
import { ConnectionBar } from "./ConnectionBar";
import { DialogHost } from "./DialogHost";
import { Welcome } from "./Welcome";
import { useAttention } from "./useAttention";
import { useOffline } from "./useOffline";
import { useNotifications } from "../notifications/useNotifications";
import { useShortcuts } from "./useShortcuts";
import { useTitle } from "./useTitle";
import { lazy_part } from "../../ui/part";
import css from "./Shell.module.css";

const SearchPage = lazy_part(() => import("../search/SearchPage"));
const ChannelsPage = lazy_part(() => import("../chats/ChannelsPage"));
const SettingsPage = lazy_part(() => import("../settings/SettingsPage"));
const ListPage = lazy_part(() => import("../lists/ListPage"));

/** What a user of a workspace sees: the chats beside what is chosen of them. */
export function Shell() {
  const t = useT();
  const [location, navigate] = useLocation();
  useAttention();
  useShortcuts();
  useNotifications();
  useTitle();
  useOffline();
  const at_home = location === paths.home;
  return (
    <div className={css.shell} data-page={at_home ? "list" : "content"}>
      <a className={css.skip} href="#content">
        {t("shell.skip")}
      </a>
      <Sidebar navigate={navigate} />
      <div className={css.content} id="content" tabIndex={-1}>
        <ConnectionBar />
        <Suspense
          fallback={
            <div className={css.waiting}>
              <Spinner label={t("common.loading")} />
            </div>
          }
        >
          <Pages />
        </Suspense>
      </div>
      <DialogHost />
      <Announcer />
      <ToastRegion label={t("shell.notices")} closeLabel={t("common.close")} />
    </div>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path={paths.home}>
        <Welcome />
      </Route>
      <Route path="/chat/:chat/*?">
        <ChatRoute />
      </Route>
      <Route path={paths.search}>
        <SearchPage />
      </Route>
      <Route path={paths.channels}>
        <ChannelsPage />
      </Route>
      <Route path={paths.mentions}>
        <ListPage list="mentions" />
      </Route>
      <Route path={paths.threads}>
        <ListPage list="threads" />
      </Route>
      <Route path={paths.saved}>
        <ListPage list="saved" />
      </Route>
      <Route path={paths.settings}>
        {({ section }) => <SettingsPage section={section ?? "profile"} />}
      </Route>
      <Route>
        <Redirect to={paths.home} replace />
      </Route>
    </Switch>
  );
}

/** The chat, and what of it the address names: a message to land on, or a thread. */
function ChatRoute() {
  const [, of_chat] = useRoute<{ chat: string }>(paths.chat);
  const [, of_message] = useRoute<{ chat: string; message: string }>(paths.message);
  const [, of_thread] = useRoute<{ chat: string; root: string }>(paths.thread);
  const chat = id_of((of_chat ?? of_message ?? of_thread)?.chat);
  if (chat === null) return <Redirect to={paths.home} replace />;
  return (
    <ChatPage
      chat_id={chat}
      message_id={id_of(of_message?.message)}
      root_id={id_of(of_thread?.root)}
    />
  );
}
