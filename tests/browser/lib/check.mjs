// What a test says: a line for each thing that holds, and an error for the first that does not.

export class Failed extends Error {}

/** Says that `what` holds, or ends the test with what was found instead. */
export function check(what, holds, found = '') {
  if (!holds) throw new Failed(found === '' ? what : `${what}\n${typeof found === 'string' ? found : JSON.stringify(found, null, 1)}`);
  console.log(`ok  ${what}`);
}

/** As `check`, for two values that are to be the same. */
export function same(what, found, expected) {
  check(what, Object.is(found, expected), `found    ${found}\nexpected ${expected}`);
}

/** Waits until `holds()` answers something true, and hands that back. */
export async function until(what, holds, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await holds();
    if (answer) return answer;
    if (Date.now() > end) throw new Failed(`waited ${seconds} s in vain: ${what}`);
    await new Promise((go) => setTimeout(go, 25));
  }
}
