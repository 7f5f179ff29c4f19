// How a test ends: well, by a failure, by a signal or too late; no process of its own outlives it.

import { stopAll } from './door.mjs';

export function conclude(run, seconds) {
  const late = setTimeout(() => end(new Error(`the tests took more than ${seconds} s`)), seconds * 1000);

  function end(error) {
    clearTimeout(late);
    if (error) console.log(`FAILED  ${error.stack}`);
    stopAll(Boolean(error));
    process.exit(error ? 1 : 0);
  }

  process.once('SIGTERM', () => end(new Error('stopped')));
  process.once('SIGINT', () => end(new Error('stopped')));
  run().then(() => end(), (error) => end(error ?? new Error('failed without a reason')));
}
