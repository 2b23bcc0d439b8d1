import { useState } from "react";
import { FileText, Film, Music, FileArchive } from "lucide-react";
import { useIntl, useT } from "../../i18n";
import type { Attachment, Message } from "../../sync";
import { file_size } from "../common/times";
import { open_dialog } from "../shell/ui_store";
import { average_color, is_picture, shown_size } from "./pictures";
import css from "./Attachments.module.css";

/** The files of a message: pictures in their size from the start, others as cards. */
export function Attachments({ message }: { message: Message }) {
  if (message.attachments.length === 0) return <FileCards urls={message.files} />;
  const pictures = message.attachments.filter(is_picture);
  const others = message.attachments.filter((file) => !is_picture(file));
  return (
    <div className={css.files}>
      {pictures.length > 0 && (
        <div className={css.pictures}>
          {pictures.map((file, index) => (
            <Picture key={file.url} file={file} pictures={pictures} index={index} />
          ))}
        </div>
      )}
      {others.map((file) => (
        <FileCard key={file.url} file={file} />
      ))}
    </div>
  );
}

type PictureProps = { file: Attachment; pictures: readonly Attachment[]; index: number };

function Picture({ file, pictures, index }: PictureProps) {
  const t = useT();
  const [failed, setFailed] = useState(false);
  const several = pictures.length > 1;
  const { width, height } = shown_size(file, several);
  if (failed) return <FileCard file={file} />;
  const source = file.thumbnail_url ?? file.url;
  return (
    <button
      type="button"
      className={css.picture}
      style={{
        width,
        aspectRatio: `${width} / ${height}`,
        background: average_color(file.blurhash),
      }}
      aria-label={t("files.open", { name: file.name })}
      onClick={() => open_dialog({ name: "viewer", pictures, index })}
    >
      <img
        src={source}
        srcSet={
          file.thumbnail_url ? `${file.url}?size=360 360w, ${file.url}?size=1280 1280w` : undefined
        }
        sizes={file.thumbnail_url ? `${width}px` : undefined}
        width={width}
        height={height}
        alt=""
        loading="lazy"
        decoding="async"
        draggable={false}
        onError={() => setFailed(true)}
      />
    </button>
  );
}

export function FileIcon({ mime_type, size = 18 }: { mime_type: string; size?: number }) {
  if (mime_type.startsWith("video/")) return <Film size={size} />;
  if (mime_type.startsWith("audio/")) return <Music size={size} />;
  if (/zip|tar|gzip|7z|rar/.test(mime_type)) return <FileArchive size={size} />;
  return <FileText size={size} />;
}

function FileCard({ file }: { file: Attachment }) {
  const t = useT();
  const intl = useIntl();
  return (
    <a
      className={css.card}
      href={file.url}
      download={file.name}
      title={t("files.download", { name: file.name })}
    >
      <span className={css.cardIcon} aria-hidden="true">
        <FileIcon mime_type={file.mime_type} />
      </span>
      <span className={css.cardText}>
        <span className={css.cardName} dir="auto">
          {file.name}
        </span>
        <span className={css.cardHint}>{file_size(intl, file.size)}</span>
      </span>
    </a>
  );
}

/** Files of which only the address is known. */
export function FileCards({ urls }: { urls: readonly string[] }) {
  if (urls.length === 0) return null;
  return (
    <div className={css.files}>
      {urls.map((url) => (
        <a key={url} className={css.card} href={url} download target="_blank" rel="noreferrer">
          <span className={css.cardIcon} aria-hidden="true">
            <FileText size={18} />
          </span>
          <span className={css.cardText}>
            <span className={css.cardName}>{url.split("/").at(-1)}</span>
          </span>
        </a>
      ))}
    </div>
  );
}
