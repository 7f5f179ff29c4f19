// Where the data lies when `E2E_DATABASE=postgresql` has the browser's steps played on PostgreSQL and a Valkey: one
// database a server. The same private cluster serves the other steps.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Failed } from './check.mjs';

const SCRIPT = fileURLToPath(new URL('../../postgresql.sh', import.meta.url));
// Debian's `redis-tools` has the server under another name.
const VALKEY = ['-c', 'exec -a redis-server redis-check-rdb "$@"', 'redis-server', '--bind', '127.0.0.1', '--save', ''];

let cluster;
let made = 0;

/** The variables for a server on `data`, whose program is `binary`; `freePort` finds a port. */
export async function variables(data, binary, freePort) {
  if (process.env.E2E_DATABASE !== 'postgresql') return {};
  cluster ??= await start(freePort);
  const { folder, port, password, valkey } = cluster;
  const name = `e2e_${(made += 1)}`;
  run('psql', ['--quiet', '--host', folder, '--port', port, '--username', 'postgres', '--command', `CREATE DATABASE ${name}`, 'postgres']);
  const key = `${data}.key`;
  run(binary, ['root-key', key]);
  return {
    DOORWARD_DATABASE: `postgresql://postgres:${password}@localhost:${port}/${name}?sslmode=verify-full&sslrootcert=${folder}/server.pem`,
    DOORWARD_ROOT_KEY_FILE: key,
    DOORWARD_VALKEY: `redis://127.0.0.1:${valkey}/${made % 16}`,
  };
}

async function start(freePort) {
  const postgresql = spawn('sh', [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(postgresql.stdout), 'line');
  const [folder, port, password] = line.split(' ');
  const valkey = await freePort();
  const server = spawn('bash', [...VALKEY, '--port', String(valkey)], { stdio: 'ignore' });
  // Both end with this process: the cluster when its input is closed.
  process.once('exit', () => server.kill('SIGKILL'));
  postgresql.unref();
  server.unref();
  return { folder, port, password, valkey };
}

function run(program, words) {
  const ended = spawnSync(program, words, { encoding: 'utf8' });
  if (ended.status !== 0) throw new Failed(`\`${program}\` ended with ${ended.status}: ${ended.stderr}`);
}
