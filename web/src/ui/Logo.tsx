/** The sign of the product, in the colours of the theme. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" fill="var(--accent)" />
      <path
        d="M18 18h28a5 5 0 0 1 5 5v16a5 5 0 0 1-5 5H31l-9.2 7.4c-.7.6-1.8.1-1.8-.9V44h-2a5 5 0 0 1-5-5V23a5 5 0 0 1 5-5z"
        fill="#fff"
      />
      <path d="M23 27h18M23 35h11" stroke="var(--accent)" strokeWidth="4" strokeLinecap="round" />
    </svg>
  );
}
