import { useEffect, useState } from "react";
import { useActions, useSync } from "../../sync";
import { useTry } from "../common/useTry";

// Uploads belong to a draft; that of chat 0, which does not exist, is the profile's.
const draft = "chat:0" as const;

/** The picture of the profile: uploaded as any file, then named in the profile. */
export function useAvatarUpload(): {
  choose: (file: File) => void;
  remove: () => void;
  busy: boolean;
} {
  const actions = useActions();
  const attempt = useTry();
  const [id, setId] = useState<string | null>(null);
  const upload = useSync((state) => (id === null ? undefined : state.uploads.get(id)));
  const url = upload?.status === "ready" ? upload.url : null;
  const failed = upload?.status === "failed";
  useEffect(() => {
    if (id === null || (url === null && !failed)) return;
    setId(null);
    if (url !== null) void attempt(() => actions.updateProfile({ avatar_url: url }));
    actions.removeUpload(id);
    actions.dropDraft(draft);
  }, [id, url, failed, actions, attempt]);
  return {
    choose: (file) => setId(actions.upload(draft, file)),
    remove: () => void attempt(() => actions.updateProfile({ avatar_url: null })),
    busy: id !== null,
  };
}
