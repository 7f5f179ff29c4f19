// The main path of a first day: from the setup link to a token that was revoked. It is walked with JavaScript and without.

import { check, same } from './check.mjs';
import { ADA } from './door.mjs';
import { follow, heading, press, received, signIn, submit } from './browser.mjs';

/** Makes the first account with the link that the start printed. */
export async function setUp(page, door) {
  await page.goto(door.link('setup'));
  await submit(page, { email: ADA.email, name: ADA.name, password: ADA.password }, 'Make the account');
  same('the setup leads to My apps', new URL(page.url()).pathname, '/');
  same('My apps is its heading', await heading(page), 'My apps');
}

/** Opens the app from My apps, with no second sign-in; answers the handle that the app was told. */
export async function openTheApp(page, door) {
  await follow(page, /sample/i);
  same('the app opens without another sign-in', page.url(), door.app('/'));
  same('it greets the one who is signed in', await heading(page), `You are ${ADA.name}`);
  const handle = await received(page, 'Remote-User');
  check('it was told the handle', /^[a-z0-9][a-z0-9._-]*$/.test(handle ?? ''), `Remote-User: ${handle}`);
  same('it was told the name', await received(page, 'Remote-Name'), ADA.name);
  same('it was told the address', await received(page, 'Remote-Email'), ADA.email);
  check('it was given a signed assertion', /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test((await received(page, 'X-Doorward-Assertion')) ?? ''));
  const cookies = (await received(page, 'Cookie')) ?? '';
  check("it was not given Doorward's cookie", !/doorward/i.test(cookies), cookies);
  return handle;
}

/** Signs out in the app, and comes back to a deep path of it through the sign-in. */
export async function signOutAndComeBack(page, door) {
  await press(page, 'Sign out');
  await page.goto(door.app('/deep/path?x=1'));
  check('signed out in the app, it asks for a sign-in', new URL(page.url()).origin === door.home('').replace(/\/$/, ''), page.url());
  same('the sign-in says where it leads', await heading(page), 'Sign in to sample');
  await signIn(page, ADA);
  same('the sign-in leads back to the path that was asked for', page.url(), door.app('/deep/path?x=1'));
  same('the app is open', await heading(page), `You are ${ADA.name}`);
}

/** Makes a token for the sample app on the pages; answers its secret. */
export async function makeToken(page, door, name) {
  await page.goto(door.home('/account'));
  await follow(page, /API tokens/);
  await follow(page, 'Make the first one');
  await page.fill('[name="name"]', name);
  await page.selectOption('[name="expires_in_days"]', '30');
  await page.locator('label', { hasText: 'sample' }).locator('[name="app"]').check();
  await press(page, 'Make the token');
  same('the new token has its page', await heading(page), `${name} has its token`);
  const secret = await page.inputValue('#secret');
  check('the secret is shown once, in its form', /^dwt_[0-9A-Za-z]{49}$/.test(secret), secret);
  return secret;
}

/** A token opens the app, and ends with the press of a button. */
export async function revokeToken(page, door, handle) {
  const secret = await makeToken(page, door, 'Backup script');
  const use = () => door.ask('GET', '/from-a-script', { host: 'sample.localhost', headers: { Authorization: `Bearer ${secret}` } });
  const before = await use();
  same('the token passes the gateway', before.status, 200);
  check('the app is told whose it is', before.text.includes(handle) && /remote-user/i.test(before.text), before.text);
  check('the app is not told the token', !/<code>authorization<\/code>/i.test(before.text) && !before.text.includes(secret), before.text);

  await page.goto(door.home('/account/tokens'));
  check('the list shows the token and not its secret', !(await page.content()).includes(secret));
  await follow(page, 'Revoke Backup script');
  same('revoking asks first', await heading(page), 'Revoke Backup script?');
  await press(page, 'Revoke the token');
  const after = await use();
  same('the very next request with it is refused', after.status, 401);
  check('the list says that it was revoked', /revoked/i.test(await page.locator('main').innerText()));
}
