import { RotateCw, X } from "lucide-react";
import { useIntl, useT } from "../../i18n";
import { useActions, type DraftKey, type Upload } from "../../sync";
import { IconButton } from "../../ui/Button";
import { ProgressBar } from "../../ui/Feedback";
import { classes } from "../../ui/classes";
import { failure_text } from "../common/failure";
import { file_size } from "../common/times";
import { FileIcon } from "./Attachments";
import css from "./UploadList.module.css";

type UploadListProps = {
  draft_key: DraftKey;
  files: readonly string[];
  uploads: readonly Upload[];
};

/** The files of a draft: those on their way, and those that are there. */
export function UploadList({ draft_key, files, uploads }: UploadListProps) {
  const t = useT();
  const actions = useActions();
  const of_uploads = new Set(uploads.map((upload) => upload.url));
  const others = files.filter((url) => !of_uploads.has(url));
  if (uploads.length + others.length === 0) return null;
  return (
    <ul className={css.list} aria-label={t("files.attached")}>
      {uploads.map((upload) => (
        <UploadItem key={upload.id} upload={upload} />
      ))}
      {others.map((url) => (
        <li key={url} className={css.item}>
          <span className={css.icon} aria-hidden="true">
            <FileIcon mime_type="" size={16} />
          </span>
          <span className={css.name}>{url.split("/").at(-1)?.slice(0, 12)}</span>
          <IconButton
            small
            tip="none"
            label={t("files.remove", { name: "" })}
            onClick={() =>
              actions.setDraft(draft_key, { files: files.filter((each) => each !== url) })
            }
          >
            <X size={14} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function UploadItem({ upload }: { upload: Upload }) {
  const t = useT();
  const intl = useIntl();
  const actions = useActions();
  const failed = upload.status === "failed";
  const hint =
    failed && upload.error
      ? failure_text(t, upload.error)
      : upload.status === "paused"
        ? t("files.paused")
        : file_size(intl, upload.size);
  return (
    <li className={classes(css.item, failed && css.failed)} data-upload={upload.status}>
      <span className={css.icon} aria-hidden="true">
        <FileIcon mime_type={upload.mime_type} size={16} />
      </span>
      <span className={css.text}>
        <span className={css.name} dir="auto">
          {upload.name}
        </span>
        <span className={css.hint}>{hint}</span>
        {(upload.status === "sending" || upload.status === "waiting") && (
          <ProgressBar
            value={upload.size === 0 ? 0 : upload.sent / upload.size}
            label={t("files.uploading", { name: upload.name })}
          />
        )}
      </span>
      {(failed || upload.status === "paused") && (
        <IconButton
          small
          tip="none"
          label={t("files.retry", { name: upload.name })}
          onClick={() => actions.retryUpload(upload.id)}
        >
          <RotateCw size={14} />
        </IconButton>
      )}
      <IconButton
        small
        tip="none"
        label={t("files.remove", { name: upload.name })}
        onClick={() => actions.removeUpload(upload.id)}
      >
        <X size={14} />
      </IconButton>
    </li>
  );
}
