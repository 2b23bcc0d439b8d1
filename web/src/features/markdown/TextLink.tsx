import type { MouseEvent, ReactNode } from "react";
import { useLocation } from "wouter";

/** A link in a message. One into this page goes there without loading it again. */
export function TextLink({ address, children }: { address: string; children: ReactNode }) {
  const [, navigate] = useLocation();
  const url = new URL(address);
  const inside = url.origin === location.origin && url.pathname.startsWith("/chat/");
  if (!inside) {
    return (
      <a href={address} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    );
  }
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(url.pathname);
  };
  return (
    <a href={url.pathname} onClick={follow}>
      {children}
    </a>
  );
}
