// A PostgreSQL server that a test can start when it wants: the address is known before, so that a window can be told of a server
// that is not there yet.

import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { end, eventually, runToEnd } from "./ending.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "colophon-pg-"));
    this.programs = programs();
    this.port = randomInt(20_000, 60_000);
    this.password = randomBytes(16).toString("hex");
    const file = join(this.folder, "password");
    writeFileSync(file, this.password, { mode: 0o600 });
    // PostgreSQL refuses to run as root, so root lends it to somebody with fewer rights.
    this.user = process.getuid() === 0 ? lowlyUser() : null;
    if (this.user) {
      for (const path of [this.folder, file]) chownSync(path, this.user.uid, this.user.gid);
    }
    chmodSync(this.folder, 0o700);
    this.tool("initdb", `--pgdata=${this.folder}/data`, "--username=colophon", `--pwfile=${file}`, "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync");
  }

  /** What the program has to be told to find it. */
  settings() {
    return {
      POSTGRES_SERVER: "127.0.0.1",
      POSTGRES_PORT: String(this.port),
      POSTGRES_USER: "colophon",
      POSTGRES_PASSWORD: this.password,
      POSTGRES_DB: "colophon",
    };
  }

  /** Starts it, with our schema in it. */
  async start() {
    await this.run();
    if (!this.hasSchema) {
      this.query("CREATE DATABASE colophon", "postgres");
      const migrated = runToEnd(colophon, ["migrate", "--central"], {
        env: { ...process.env, ...this.settings(), COLOPHON_FILE: join(tmpdir(), "colophon-e2e-none.sqlite") },
      });
      if (migrated.status !== 0) throw new Error(`colophon migrate --central: ${migrated.stdout}${migrated.stderr}`);
      this.hasSchema = true;
    }
  }

  async run() {
    const options = ["-D", `${this.folder}/data`, "-p", String(this.port), "-k", this.folder];
    this.process = spawn(join(this.programs, "postgres"), [...options, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], {
      ...this.identity(),
      stdio: "ignore",
    });
    await eventually("the server answers", () => this.query("SELECT 1", "postgres") === "1");
  }

  /** Stops it at once, whoever is connected. */
  async stop() {
    if (this.process) await end("postgres", this.process, () => this.process.kill("SIGQUIT"));
  }

  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One value, as psql prints it: told by an argument, with nothing on its standard input. Table names are looked up in our schema. */
  query(sql, database = "colophon") {
    const address = ["-h", "127.0.0.1", "-p", String(this.port), "-U", "colophon", "-d", database];
    const asked = runToEnd(join(this.programs, "psql"), [...address, "--no-psqlrc", "-qAtc", sql], {
      env: { ...process.env, PGPASSWORD: this.password, PGOPTIONS: "--search_path=colophon" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (asked.status !== 0) throw new Error(asked.stderr);
    return asked.stdout.trim();
  }

  tool(name, ...args) {
    const done = runToEnd(join(this.programs, name), args, this.identity());
    if (done.status !== 0) throw new Error(`${name}: ${done.stdout}${done.stderr}`);
  }

  identity() {
    return { cwd: this.folder, ...(this.user ?? {}) };
  }
}

/** The folder of the newest server programs here. */
function programs() {
  const base = "/usr/lib/postgresql";
  const versions = readdirSync(base).map(Number).filter(Number.isInteger);
  return join(base, String(Math.max(...versions)), "bin");
}

function lowlyUser() {
  const users = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return { uid: Number(uid), gid: Number(gid) };
}
