import { useCallback, useEffect, useRef, useState } from "react";
import { Compass, Plus } from "lucide-react";
import { useLocation } from "wouter";
import { chat_path, paths } from "../../app/routes";
import { useT } from "../../i18n";
import { failure_from, useActions, type ApiPublicChannel, type Failure } from "../../sync";
import { ChatSign } from "../../ui/Avatar";
import { Tag } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Banner, EmptyState, Skeleton } from "../../ui/Feedback";
import { TextField } from "../../ui/Field";
import { Page } from "../../ui/Page";
import { failure_text } from "../common/failure";
import { useTry } from "../common/useTry";
import { open_dialog } from "../shell/ui_store";
import css from "./ChannelsPage.module.css";

const wait_ms = 180;

/** The public channels of the workspace, to join. */
export default function ChannelsPage() {
  const t = useT();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const { channels, failure, again } = useChannels(typed);
  return (
    <Page
      title={t("chats.browse")}
      backLabel={t("shell.back")}
      onBack={() => navigate(paths.home)}
      actions={
        <Button
          small
          icon={<Plus size={15} />}
          onClick={() => open_dialog({ name: "create_chat" })}
        >
          {t("chats.create")}
        </Button>
      }
    >
      <div className={css.find}>
        <TextField
          label={t("chats.find_channel")}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {failure && (
        <Banner
          tone="danger"
          action={
            <Button small onClick={again}>
              {t("common.retry")}
            </Button>
          }
        >
          {failure_text(t, failure)}
        </Banner>
      )}
      {!channels && !failure && <Skeleton rows={4} label={t("common.loading")} />}
      {channels?.length === 0 && (
        <EmptyState icon={<Compass size={22} />} title={t("chats.no_channels")}>
          {t("chats.no_channels_text")}
        </EmptyState>
      )}
      <ul className={css.list} aria-label={t("chats.public_channels")}>
        {channels?.map((channel) => (
          <li key={channel.id}>
            <ChannelRow channel={channel} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

function useChannels(typed: string) {
  const actions = useActions();
  const [channels, setChannels] = useState<readonly ApiPublicChannel[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(0);
  useEffect(() => {
    const mine = ++latest.current;
    const load = () =>
      actions.listPublicChannels(typed.trim() || undefined).then(
        (list) => {
          if (mine !== latest.current) return;
          setChannels(list ?? []);
          setFailure(null);
        },
        (error: unknown) => {
          if (mine === latest.current) setFailure(failure_from(error));
        },
      );
    const timer = setTimeout(() => void load(), typed === "" ? 0 : wait_ms);
    return () => clearTimeout(timer);
  }, [actions, typed, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { channels, failure, again };
}

function ChannelRow({ channel }: { channel: ApiPublicChannel }) {
  const t = useT();
  const actions = useActions();
  const attempt = useTry();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    if (await attempt(() => actions.joinChat(channel.id))) navigate(chat_path(channel.id));
    setBusy(false);
  };
  return (
    <div className={css.channel}>
      <ChatSign type="PublicChannel" size="m" />
      <div className={css.text}>
        <p className={css.name} dir="auto">
          {channel.name} {channel.archived_at !== null && <Tag>{t("chat.archived")}</Tag>}
        </p>
        <p className={css.hint} dir="auto">
          {t("members.count", { count: channel.member_count })}
          {channel.description && ` · ${channel.description}`}
        </p>
      </div>
      {channel.is_member ? (
        <Button
          small
          kind="quiet"
          aria-label={t("chats.open", { name: channel.name })}
          onClick={() => navigate(chat_path(channel.id))}
        >
          {t("common.open")}
        </Button>
      ) : (
        <Button
          small
          busy={busy}
          aria-label={t("chats.join_named", { name: channel.name })}
          onClick={() => void join()}
        >
          {t("chats.join")}
        </Button>
      )}
    </div>
  );
}
