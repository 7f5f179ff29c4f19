// `node tests/browser/picture.mjs FILE` takes the picture of the README: My apps, as somebody who is signed in sees it.

import { Failed, until } from './lib/check.mjs';
import { ADA, Door, stopAll } from './lib/door.mjs';
import { launch, person, submit } from './lib/browser.mjs';

const APPS = ['calendar', 'metrics', 'notes', 'photos', 'recipes', 'wiki'];
const SIZE = { width: 1200, height: 460 };

/** Makes a token for the calendar, and uses it once. */
async function useToken(page, door) {
  const cookies = await page.context().cookies();
  const headers = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  const made = await door.ask('POST', '/api/v1/tokens', { headers, body: { name: 'Phone calendar', apps: ['calendar'] } });
  const { secret } = JSON.parse(made.text);
  await door.ask('GET', '/', { host: 'calendar.localhost', headers: { Authorization: `Bearer ${secret}` } });
}

async function take(file) {
  const door = await Door.start(['serve']);
  const browser = await launch();
  try {
    const page = await person(browser, { viewport: SIZE, colorScheme: 'light' });
    await page.goto(door.link('setup'));
    await submit(page, ADA, 'Make the account');
    for (const app of APPS) {
      door.run(['app', 'create', '--name', app, '--hosts', `${app}.localhost`, '--upstreams', 'http://127.0.0.1:9', '--everyone']);
    }
    await useToken(page, door);
    await until('My apps tells of the token', async () => {
      await page.goto(door.home('/'));
      return page.getByText('was last used').isVisible();
    });
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}

const [file] = process.argv.slice(2);
const taken = file ? take(file) : Promise.reject(new Failed('usage: node tests/browser/picture.mjs FILE'));
taken.then(
  () => stopAll(false),
  (error) => {
    console.error(error);
    stopAll(true);
    process.exit(1);
  },
);
