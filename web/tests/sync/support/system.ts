// Real servers for the tests: a PostgreSQL and a NATS of their own, and one of each server. The
// programs are those of the build, or FECHATTER_SERVER_BINARY and NOTIFY_SERVER_BINARY.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "./browser";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
const services = join(root, "deploy/local/services");
const server_program =
  process.env["FECHATTER_SERVER_BINARY"] ??
  join(root, "build/dev/fechatter_server/fechatter_server");
const notify_program =
  process.env["NOTIFY_SERVER_BINARY"] ?? join(root, "build/dev/notify_server/notify_server");

// Of the same commit as the programs.
const migrations = process.env["FECHATTER_MIGRATIONS"] ?? join(root, "migrations");

// Why there can be no servers here; null: there can.
export function what_is_missing(): string | null {
  for (const program of [server_program, notify_program]) {
    if (!existsSync(program)) return `no ${program}: ./dev build makes it`;
  }
  return null;
}

const wide = [
  ...["STRANGER_PER_SECOND", "STRANGER_BURST", "USER_PER_SECOND", "USER_BURST"],
  ...["SIGN_IN_PER_MINUTE", "SIGN_IN_BURST", "ACCOUNT_PER_MINUTE", "ACCOUNT_BURST"],
  ...["DEVICE_PER_MINUTE", "DEVICE_BURST", "FAILURES_FREE", "ADDRESS_PER_MINUTE"],
  ...["ADDRESS_BURST", "MEMBER_CHANGES_PER_MINUTE", "MEMBER_CHANGES_BURST"],
  ...["PROFILE_CHANGES_PER_MINUTE", "PROFILE_CHANGES_BURST", "CHATS_PER_MINUTE", "CHATS_BURST"],
  ...["USER_ROWS_PER_SECOND", "USER_ROWS_BURST", "WORKSPACE_ROWS_PER_SECOND"],
  ...["WORKSPACE_ROWS_BURST"],
];
const wide_streams = ["STREAMS_PER_MINUTE", "STREAMS_BURST"];

function limits(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`FECHATTER_LIMITS__${name}`, "1000000"]));
}

export class System {
  readonly #folder = mkdtempSync(join(tmpdir(), "fechatter-web-"));
  readonly #processes = new Map<string, ChildProcess>();
  readonly #ports = new Map<string, string>();
  server = "";
  notify = "";

  async start(): Promise<void> {
    this.#services("start-postgres", this.#free_port(), "--fast");
    this.#services("start-nats", this.#free_port());
    const key = (name: string): string => join(this.#folder, `${name}.pem`);
    execFileSync(server_program, ["keys", "--private", key("private"), "--public", key("public")]);
    execFileSync(server_program, ["migrate"], { env: this.#server_env(), stdio: "pipe" });
    await Promise.all([this.start_server(), this.start_notify()]);
  }

  async stop(): Promise<void> {
    for (const name of this.#processes.keys()) await this.#end(name, "SIGTERM");
    this.#services("stop-nats", "--immediate");
    this.#services("stop-postgres", "--immediate");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async start_server(): Promise<void> {
    this.server = await this.#spawn("server", server_program, this.#server_env());
  }

  async start_notify(): Promise<void> {
    this.notify = await this.#spawn("notify", notify_program, {
      ...this.#common_env("notify_"),
      ...limits(wide_streams),
      FECHATTER_AUTH__PUBLIC_KEY: join(this.#folder, "public.pem"),
    });
  }

  // As by a crash.
  kill(name: "server" | "notify"): Promise<void> {
    return this.#end(name, "SIGKILL");
  }

  log(name: string): string {
    return readFileSync(join(this.#folder, `${name}.log`), "utf8").slice(-4_000);
  }

  #server_env(): Record<string, string> {
    return {
      ...this.#common_env(""),
      ...limits(wide),
      FECHATTER_DATABASE__MIGRATION_URL: this.#file("owner_url"),
      FECHATTER_DATABASE__MIGRATIONS: migrations,
      FECHATTER_AUTH__PRIVATE_KEY: join(this.#folder, "private.pem"),
      FECHATTER_AUTH__PASSWORD_MEMORY_KIB: "64",
      FECHATTER_AUTH__PASSWORD_ITERATIONS: "1",
      FECHATTER_AUTH__SIGN_UP: "open",
      FECHATTER_AUTH__WORKSPACE_JOIN: "open",
      FECHATTER_FILES__FOLDER: join(this.#folder, "files"),
      FECHATTER_FILES__FREE_MIB_MIN: "0",
      FECHATTER_CHATS__MADE_PER_DAY: "1000000",
      FECHATTER_CHATS__ADDED_PER_DAY: "1000000",
    };
  }

  #common_env(prefix: string): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      DATABASE_URL: this.#file(`${prefix}database_url`),
      NATS_URL: this.#file(`${prefix}nats_url`),
      FECHATTER_SERVER__ADDRESS: "127.0.0.1",
      FECHATTER_HTTP__CONNECTIONS_PER_ADDRESS_MAX: "20000",
    };
  }

  #file(name: string): string {
    return readFileSync(join(this.#folder, name), "utf8").trim();
  }

  #free_port(): string {
    return execFileSync(services, ["free-port"], { encoding: "utf8" }).trim();
  }

  #services(action: string, ...more: string[]): void {
    execFileSync(services, [action, this.#folder, ...more], { stdio: "pipe" });
  }

  // On the port of before, if it ran before.
  async #spawn(name: string, program: string, env: Record<string, string>): Promise<string> {
    const port = this.#ports.get(name) ?? this.#free_port();
    this.#ports.set(name, port);
    const log = openSync(join(this.#folder, `${name}.log`), "a");
    const stdio = ["ignore", log, log] as const;
    const child = spawn(program, [], {
      env: { ...env, FECHATTER_SERVER__PORT: port },
      stdio: [...stdio],
    });
    this.#processes.set(name, child);
    const url = `http://127.0.0.1:${port}`;
    const answers = (): Promise<boolean> =>
      fetch(`${url}/health/simple`).then(
        (response) => response.ok,
        () => false,
      );
    await eventually(`${name} answers`, answers, 20_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log(name)}`);
    });
    return url;
  }

  async #end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(name);
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}
