import { Fragment, memo, type ReactNode } from "react";
import type { Nodes, Parents, RootContent } from "mdast";
import type { MentionRange } from "../../api/types";
import { CodeBlock } from "./CodeBlock";
import { cut_at_mentions, mention_places, type Mention } from "./mentions";
import { is_plain, parse, safe_address } from "./parse";
import { TextLink } from "./TextLink";
import css from "./Markdown.module.css";

type MarkdownProps = {
  content: string;
  ranges?: readonly MentionRange[];
  /** Whose mentions stand out. */
  ownId?: number | null;
  onMention?: (user_id: number, element: HTMLElement) => void;
  /** Behind the last line: the mark of an edit. */
  after?: ReactNode;
};

interface Surroundings {
  readonly content: string;
  readonly mentions: readonly Mention[];
  readonly own_id: number | null;
  readonly on_mention: MarkdownProps["onMention"];
  readonly depth: number;
}

const depth_max = 12;
const no_ranges: readonly MentionRange[] = [];

/** A message's text. Only the elements that are made here exist; everything else is text. */
export const Markdown = memo(function Markdown({
  content,
  ranges = no_ranges,
  ownId = null,
  onMention,
  after,
}: MarkdownProps) {
  const surroundings: Surroundings = {
    content,
    mentions: mention_places(content, ranges),
    own_id: ownId,
    on_mention: onMention,
    depth: 0,
  };
  if (is_plain(content)) {
    return (
      <div className={only_emoji(content) ? css.large : css.text} dir="auto">
        <p>
          {show_text(content, 0, surroundings)}
          {after}
        </p>
      </div>
    );
  }
  return (
    <div className={css.text} dir="auto">
      {show_with_end(parse(content).children, surroundings, after)}
    </div>
  );
});

/** What comes behind joins the last paragraph, so that it has no line of its own. */
function show_with_end(
  nodes: readonly RootContent[],
  surroundings: Surroundings,
  after: ReactNode,
): ReactNode[] {
  const last = nodes.at(-1);
  if (!after || last?.type !== "paragraph") {
    return [...show_all(nodes, surroundings), <Fragment key="after">{after}</Fragment>];
  }
  return [
    ...show_all(nodes.slice(0, -1), surroundings),
    <p key="last">
      {inner(last, surroundings)}
      {after}
    </p>,
  ];
}

function show_all(nodes: readonly RootContent[], surroundings: Surroundings): ReactNode[] {
  return nodes.map((node, index) => show(node, index, surroundings));
}

function inner(node: Parents, surroundings: Surroundings): ReactNode {
  if (surroundings.depth >= depth_max) return source(node, surroundings);
  return show_all(node.children, { ...surroundings, depth: surroundings.depth + 1 });
}

function source(node: Nodes, { content }: Surroundings): string {
  return content.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}

function show(node: RootContent, key: number, surroundings: Surroundings): ReactNode {
  switch (node.type) {
    case "text":
      return show_text(node.value, text_start(node, surroundings), surroundings);
    case "paragraph":
      return <p key={key}>{inner(node, surroundings)}</p>;
    case "strong":
      return <strong key={key}>{inner(node, surroundings)}</strong>;
    case "emphasis":
      return <em key={key}>{inner(node, surroundings)}</em>;
    case "delete":
      return <del key={key}>{inner(node, surroundings)}</del>;
    case "inlineCode":
      return <code key={key}>{node.value}</code>;
    case "code":
      return <CodeBlock key={key} code={node.value} language={node.lang ?? null} />;
    case "break":
      return <br key={key} />;
    case "blockquote":
      return <blockquote key={key}>{inner(node, surroundings)}</blockquote>;
    case "heading": // no heading of the page
      return (
        <p key={key} className={css.heading}>
          {inner(node, surroundings)}
        </p>
      );
    case "thematicBreak":
      return <hr key={key} />;
    case "list":
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {inner(node, surroundings)}
        </ol>
      ) : (
        <ul key={key}>{inner(node, surroundings)}</ul>
      );
    case "listItem":
      return <li key={key}>{inner(node, surroundings)}</li>;
    case "link": {
      const address = safe_address(node.url);
      if (address === null) return source(node, surroundings);
      return (
        <TextLink key={key} address={address}>
          {inner(node, surroundings)}
        </TextLink>
      );
    }
    default:
      return source(node, surroundings);
  }
}

/** Where the text stands in the content; -1 when it is written otherwise there, as with `\*`. */
function text_start(node: RootContent, surroundings: Surroundings): number {
  if (node.type !== "text" || source(node, surroundings) !== node.value) return -1;
  return node.position?.start.offset ?? -1;
}

function show_text(text: string, start: number, surroundings: Surroundings): ReactNode {
  const { mentions, own_id, on_mention } = surroundings;
  if (start < 0 || mentions.length === 0) return text;
  return cut_at_mentions(text, start, mentions).map((piece, index) => {
    const { mention } = piece;
    if (!mention) return piece.text;
    const { user_id } = mention;
    const loud = typeof user_id !== "number" || user_id === own_id;
    const name = loud ? css.mentionOwn : css.mention;
    if (typeof user_id !== "number" || !on_mention) {
      return (
        <span key={index} className={name}>
          {piece.text}
        </span>
      );
    }
    return (
      <button
        key={index}
        type="button"
        className={name}
        onClick={(event) => on_mention(user_id, event.currentTarget)}
      >
        {piece.text}
      </button>
    );
  });
}

const emoji_at_most = 8;

/** Up to eight emoji and nothing else: they are shown larger. */
export function only_emoji(content: string): boolean {
  const text = content.replace(/\s/gu, "");
  if (text.length === 0 || text.length > emoji_at_most * 14) return false;
  if (!/^(?:\p{RGI_Emoji}){1,8}$/v.test(text)) return false;
  return true;
}
