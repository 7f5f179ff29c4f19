// A Doorward of one's own: on a free loopback port, with a fresh data directory, and always stopped.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failed, until } from './check.mjs';
import { variables as placed } from './databases.mjs';

const binary = (name) => fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));

export const ADA = { email: 'ada@example.org', name: 'Ada Lovelace', password: 'kettle violin harbour moss' };

const doors = [];

// Whatever ends this process ends the servers.
process.once('exit', () => stopAll(false));

function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DOORWARD_')));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Door {
  /** Starts `doorward WORDS` and waits until it answers. */
  static async start(words = ['protect'], port = undefined) {
    return Door.begin(words, port ?? (await freePort()));
  }

  /** Starts another program with Doorward inside, with these variables, and waits until it answers. */
  static async inside(program, variables, health) {
    return Door.begin(['serve'], await freePort(), { program, variables, health });
  }

  static async begin(words, port, { program = 'doorward', variables = {}, health = '/healthz' } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-test-'));
    const database = await placed(join(folder, 'data'), binary('doorward'), freePort);
    const door = new Door(words, port, { folder, program, variables: { ...database, ...variables }, health });
    doors.push(door);
    await until('the server answers', () => door.#answers());
    return door;
  }

  constructor(words, port, { folder, program, variables, health }) {
    this.health = health;
    this.port = port;
    this.folder = folder;
    this.data = join(this.folder, 'data');
    const [out, err] = ['stdout', 'stderr'].map((name) => openSync(join(this.folder, name), 'w'));
    const flags = ['--data', this.data, '--listen', `127.0.0.1:${port}`];
    this.process = spawn(binary(program), [...words, ...flags], { stdio: ['ignore', out, err], env: { ...environment(), ...variables } });
    this.process.once('error', (error) => (this.trouble = error));
    [out, err].forEach(closeSync);
  }

  async #answers() {
    if (this.trouble || this.process.exitCode !== null) {
      throw new Failed(`the server ended: ${this.trouble ?? this.process.exitCode}`);
    }
    return (await this.ask('GET', this.health).catch(() => ({}))).status === 200;
  }

  /** The URL of a path at home. */
  home(path = '/') {
    return `http://localhost:${this.port}${path}`;
  }

  /** The URL of a path on an app's host. */
  app(path = '/', name = 'sample') {
    return `http://${name}.localhost:${this.port}${path}`;
  }

  get output() {
    return readFileSync(join(this.folder, 'stdout'), 'utf8');
  }

  get log() {
    return readFileSync(join(this.folder, 'stderr'), 'utf8');
  }

  /** The link of the line that begins with `word`. */
  link(word) {
    const found = this.output.match(new RegExp(`^${word} +(\\S+)`, 'm'));
    if (!found) throw new Failed(`no line begins with \`${word}\`:\n${this.output}`);
    return found[1];
  }

  /** Asks as a program does; `body` is sent as JSON. */
  ask(method, path, { host = 'localhost', headers = {}, body } = {}) {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const kind = json ? { 'Content-Type': 'application/json', 'X-Requested-With': 'XMLHttpRequest' } : {};
    const head = { Host: `${host}:${this.port}`, ...kind, ...headers };
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: this.port, method, path, headers: head }, async (answer) => {
        const text = (await answer.toArray()).join('');
        resolve({ status: answer.statusCode, headers: answer.headers, text });
      });
      call.once('error', reject).end(json);
    });
  }

  /** Runs a command against this server over its socket; answers what it printed as JSON. */
  run(words, input = '') {
    const ended = spawnSync(binary('doorward'), [...words, '--json', '--data', this.data], { input, encoding: 'utf8', env: environment() });
    if (ended.status !== 0) throw new Failed(`doorward ${words.join(' ')}: ${ended.status}\n${ended.stderr}`);
    return ended.stdout.trim() ? JSON.parse(ended.stdout) : undefined;
  }

  stop() {
    this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Stops all that were started; `show` prints the end of what each has written. */
export function stopAll(show) {
  for (const door of doors.splice(0)) {
    if (show) console.log(`--- server on port ${door.port}\n${door.output}${door.log.split('\n').slice(-60).join('\n')}`);
    door.stop();
  }
}
