import { useEffect, useState, type ReactNode } from "react";
import { Check, Copy } from "lucide-react";
import { useT } from "../../i18n";
import type { CodeNode } from "./highlight";
import { IconButton } from "../../ui/Button";
import { part } from "../../ui/part";
import css from "./Markdown.module.css";

const highlighted_max = 20_000; // characters

/** Code with its colours, which come a moment later: their module is loaded when one is met. */
export function CodeBlock({ code, language }: { code: string; language: string | null }) {
  const t = useT();
  const [tree, setTree] = useState<readonly CodeNode[] | null>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    let [current, cancel] = [true, () => {}];
    setTree(null);
    if (language === null || code.length > highlighted_max) return;
    part(import("./highlight"))
      .then(({ highlight_soon }) => {
        if (current) cancel = highlight_soon(code, language, setTree);
      })
      .catch(() => undefined); // the code is shown without colours
    return () => {
      current = false;
      cancel();
    };
  }, [code, language]);
  const copy = () => {
    navigator.clipboard
      .writeText(code)
      .then(() => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      })
      .catch(() => undefined);
  };
  return (
    <div className={css.codeBlock}>
      <pre tabIndex={0} aria-label={language ?? t("message.code")} dir="ltr">
        <code>{tree ? show(tree) : code}</code>
      </pre>
      <IconButton
        small
        tip="left"
        label={copied ? t("common.copied") : t("message.copy_code")}
        className={css.copy}
        onClick={copy}
      >
        {copied ? <Check size={14} /> : <Copy size={14} />}
      </IconButton>
    </div>
  );
}

function show(nodes: readonly CodeNode[]): ReactNode[] {
  return nodes.map((node, index) =>
    typeof node === "string" ? (
      node
    ) : (
      <span key={index} className={css[`hl_${node.scope}`]}>
        {show(node.children)}
      </span>
    ),
  );
}
