// The page of filament-bridge in a real browser: choosing the password, a conflict settled, the token, a new password; in
// light and dark, on a desk and on a phone; and what is said without JavaScript.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { check, until } from './lib/check.mjs';
import { conclude } from './lib/conclude.mjs';
import { Door } from './lib/door.mjs';
import { launch, person, violations } from './lib/browser.mjs';
import { inspect } from './lib/accessibility.mjs';

const SECONDS = 120;
const PASSWORD = 'kettle violin harbour moss';
/** Where screenshots go, for whoever wants to look. */
const PICTURES = process.env.BRIDGE_PICTURES;

/** Both inventories at once, which disagree on a weight. */
async function inventories() {
  const spools = [];
  const answers = {
    'GET /api/filaments': () => [{ _id: 'f1', name: 'Galaxy Black', type: 'PLA', spools: [{ _id: 's1', totalWeight: 750 }] }],
    'GET /api/v1/filament': () => [{ id: 7, name: 'galaxy black' }],
    'GET /api/v1/spool': () => spools,
    'POST /api/v1/spool': (spool) => (spools.push({ ...spool, id: 70, remaining_weight: 500 }), spools.at(-1)),
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const answer = answers[`${request.method} ${request.url}`]?.(text ? JSON.parse(text) : {}) ?? {};
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function picture(page, name) {
  if (!PICTURES) return;
  for (const [width, colorScheme] of [[1200, 'light'], [1200, 'dark'], [360, 'light']]) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  }
}

async function withScript(browser, bridge) {
  const page = await person(browser);
  const said = (words) => until(`the page says ${words}`, async () => (await page.locator('#said').innerText()).includes(words));
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  await page.goto(bridge.home('/settings/security'));
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await inspect(page, 'the first password', /^Filament bridge$/);
  await picture(page, 'door');
  await press('Go on');
  await page.getByText('The inventories agree.').waitFor();
  await press('Synchronise');
  await said('Mapped 1, made 0 filaments and 1 spools');
  await press('Synchronise');
  await page.getByText('spool weight of s1').waitFor();
  await press('Generate token');
  await press('Switch it on');
  await page.getByRole('button', { name: 'Switch it off' }).waitFor();
  const shown = await page.locator('#shown').innerText();
  check('the token is shown masked', /^.{4}••••$/.test(shown), shown);
  await inspect(page, 'the bridge', /^Filament bridge$/);
  await picture(page, 'bridge');
  await press('Spoolman: 500');
  await until('the conflict is settled', async () => !(await page.getByText('spool weight of s1').isVisible()));
  check('a conflict is settled by a button', true);
  await page.getByLabel('Password now').fill('wrong');
  await page.getByLabel('New password').fill('another one');
  await press('Change the password');
  await said('the password is wrong');
  await page.getByLabel('Password now').fill(PASSWORD);
  await press('Change the password');
  await said('The password was changed');
  await press('Sign out');
  await page.getByLabel('Password', { exact: true }).fill('another one');
  await press('Go on');
  await page.getByRole('heading', { name: 'Conflicts' }).waitFor();
  check('the new password lets its owner in again', true);
  await page.context().close();
}

async function withoutScript(browser, bridge) {
  const page = await person(browser, { javaScriptEnabled: false });
  await page.goto(bridge.home());
  check('without JavaScript the page says what it needs', (await page.locator('main').innerText()).includes('needs its script'));
  check('and offers nothing that would not work', !(await page.locator('button:visible').count()));
  await picture(page, 'without-script');
  await page.context().close();
}

async function run() {
  const [browser, server] = [await launch(), await inventories()];
  const url = `http://127.0.0.1:${server.address().port}`;
  const variables = { SPOOLMAN_URL: url, FILAMENTDB_URL: url, SYNC_INTERVAL_SECONDS: '0' };
  try {
    const bridge = await Door.inside('filament-bridge', variables, '/api/health');
    await withScript(browser, bridge);
    await withoutScript(browser, bridge);
    check('no page broke the content security policy', violations.length === 0, violations);
  } finally {
    await browser.close();
    server.close();
  }
}

conclude(run, SECONDS);
