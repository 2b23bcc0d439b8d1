import { useState, type ReactNode } from "react";
import { Bold, Inbox, Pin, Plus, Trash2 } from "lucide-react";
import { Avatar, AvatarStack, ChatSign } from "../../ui/Avatar";
import { CountBadge, Kbd, Tag } from "../../ui/Badge";
import { Button, IconButton, type ButtonKind } from "../../ui/Button";
import { Banner, EmptyState, ProgressBar, Skeleton } from "../../ui/Feedback";
import {
  ChoiceGroup,
  PasswordField,
  SelectField,
  Switch,
  TextAreaField,
  TextField,
} from "../../ui/Field";
import { MenuButton } from "../../ui/MenuButton";
import { Spinner } from "../../ui/Spinner";
import { show_toast } from "../../ui/toasts";
import { Markdown } from "../markdown/Markdown";
import { users } from "./fixtures";
import css from "./Gallery.module.css";

function Sample({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className={css.sample} aria-label={name}>
      <h2>{name}</h2>
      <div className={css.row}>{children}</div>
    </section>
  );
}

const kinds: readonly ButtonKind[] = ["primary", "secondary", "quiet", "danger"];

export function ButtonSamples() {
  const [pressed, setPressed] = useState(true);
  return (
    <>
      {kinds.map((kind) => (
        <Sample key={kind} name={`Button, ${kind}`}>
          <Button kind={kind}>Save changes</Button>
          <Button kind={kind} icon={<Plus size={15} />}>
            With an icon
          </Button>
          <Button kind={kind} small>
            Small
          </Button>
          <Button kind={kind} busy>
            Busy
          </Button>
          <Button kind={kind} disabled>
            Disabled
          </Button>
        </Sample>
      ))}
      <Sample name="IconButton">
        <IconButton label="Delete">
          <Trash2 size={17} />
        </IconButton>
        <IconButton label="Bold" pressed={pressed} onClick={() => setPressed(!pressed)}>
          <Bold size={17} />
        </IconButton>
        <IconButton label="Small pin" small>
          <Pin size={15} />
        </IconButton>
        <IconButton label="Nothing to delete" disabled>
          <Trash2 size={17} />
        </IconButton>
      </Sample>
      <Sample name="MenuButton">
        <MenuButton
          label="Options"
          items={() => [
            { id: "pin", label: "Pin", icon: <Pin size={16} />, onSelect: () => undefined },
            { id: "off", label: "Not now", disabled: true, onSelect: () => undefined },
            "separator",
            { id: "delete", label: "Delete", danger: true, onSelect: () => undefined },
          ]}
        >
          <Plus size={17} />
        </MenuButton>
      </Sample>
    </>
  );
}

export function FieldSamples() {
  const [on, setOn] = useState(true);
  const [size, setSize] = useState<"s" | "m" | "l">("m");
  return (
    <>
      <Sample name="TextField">
        <TextField label="Name" placeholder="Ada Lovelace" />
        <TextField label="With a hint" hint="As on the door." defaultValue="Ada" />
        <TextField label="With an error" error="This name is taken." defaultValue="Ada" />
        <TextField label="Disabled" disabled defaultValue="Ada" />
        <PasswordField
          label="Password"
          showLabel="Show password"
          hideLabel="Hide password"
          defaultValue="secret words"
        />
        <TextAreaField label="About you" defaultValue="Several lines." />
        <SelectField label="Language">
          <option>English</option>
          <option>简体中文</option>
        </SelectField>
      </Sample>
      <Sample name="Switch">
        <Switch label="Notifications" hint="Of all chats." checked={on} onChange={setOn} />
        <Switch label="Off" checked={false} onChange={() => undefined} />
        <Switch label="Disabled" checked disabled onChange={() => undefined} />
      </Sample>
      <Sample name="ChoiceGroup">
        <ChoiceGroup
          label="Size"
          value={size}
          onChange={setSize}
          choices={[
            { value: "s", label: "Small" },
            { value: "m", label: "Medium" },
            { value: "l", label: "Large" },
          ]}
        />
        <ChoiceGroup
          label="As cards"
          cards
          value={size}
          onChange={setSize}
          choices={[
            { value: "s", label: "Small", hint: "For two people." },
            { value: "m", label: "Medium", hint: "For a team." },
            { value: "l", label: "Large", disabled: true },
          ]}
        />
      </Sample>
    </>
  );
}

const sizes = ["xs", "s", "m", "l", "xl"] as const;

export function PeopleSamples() {
  return (
    <>
      <Sample name="Avatar">
        {sizes.map((size, index) => (
          <Avatar
            key={size}
            id={index + 1}
            name={users[index]?.fullname ?? ""}
            size={size}
            presence={index % 2 === 0 ? "online" : "away"}
            presenceLabel={index % 2 === 0 ? "Online" : "Away"}
          />
        ))}
        <AvatarStack people={users.map(({ id, fullname }) => ({ id, name: fullname }))} />
        <ChatSign type="PublicChannel" />
        <ChatSign type="PrivateChannel" />
        <ChatSign type="Group" />
      </Sample>
      <Sample name="Badge">
        <CountBadge count={3} label="3 unread messages" />
        <CountBadge count={120} loud label="120 mentions" />
        <Tag>Admin</Tag>
        <Tag tone="accent">Owner</Tag>
        <Tag tone="warning">Archived</Tag>
        <Kbd>⌘K</Kbd>
      </Sample>
    </>
  );
}

const text =
  "A **bold** and an *italic* word, `code`, ~~gone~~, [a link](https://example.com), <b>no HTML</b>.\n\n" +
  "> A quotation\n\n1. one\n2. two\n\n```ts\nconst answer: number = 42; // of course\n```";

export function FeedbackSamples() {
  return (
    <>
      <Sample name="Banner">
        <Banner>For your information.</Banner>
        <Banner tone="success">It is done.</Banner>
        <Banner tone="warning">Take care.</Banner>
        <Banner tone="danger" action={<Button small>Try again</Button>}>
          It could not be done.
        </Banner>
      </Sample>
      <Sample name="Progress">
        <Spinner label="Loading" />
        <Spinner small />
        <div className={css.wide}>
          <ProgressBar value={0.4} label="Uploading" />
        </div>
        <div className={css.wide}>
          <Skeleton rows={2} label="Loading the list" />
        </div>
      </Sample>
      <Sample name="EmptyState">
        <EmptyState icon={<Inbox size={22} />} title="Nothing here" action={<Button>Add</Button>}>
          What comes will be shown in this place.
        </EmptyState>
      </Sample>
      <Sample name="Toast">
        <Button onClick={() => show_toast("Link copied")}>Show a toast</Button>
        <Button onClick={() => show_toast("It could not be done.", { tone: "danger" })}>
          Show an error
        </Button>
      </Sample>
      <Sample name="Markdown">
        <div className={css.wide}>
          <Markdown content={text} />
        </div>
      </Sample>
    </>
  );
}
