import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ClientProvider } from "../sync";
import { createBrowserClient } from "../sync/browser";
import { App } from "./App";
import { watch_page } from "./attention";
import { expects_session } from "./hint";

const client = createBrowserClient();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ClientProvider client={client}>
        <App />
      </ClientProvider>
    </StrictMode>,
  );
}
watch_page(client);
if (expects_session()) client.prepare();
void client.start();
