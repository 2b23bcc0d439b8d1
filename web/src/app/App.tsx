import { useSession } from "../sync";

// Chooses between what a stranger and what a user of the workspace sees.
export function App() {
  const session = useSession();
  return <main data-session={session.status} />;
}
