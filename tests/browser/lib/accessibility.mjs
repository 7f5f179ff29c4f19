// Every page under the rules of WCAG 2.2 AA: light and dark, on a desk and on a phone, where nothing scrolls sideways.

import { once } from 'node:events';
import { createServer } from 'node:http';
import AxeBuilder from '@axe-core/playwright';
import { check } from './check.mjs';
import { ADA, Door } from './door.mjs';
import { person, press, signIn, submit } from './browser.mjs';

const RULES = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  rules: { 'target-size': { enabled: true } },
};
const WIDTHS = [1200, 360];
const SCHEMES = ['light', 'dark'];
const GRACE = { email: 'grace@example.org', name: 'Grace Hopper', password: 'turnip galaxy velvet anchor' };

/** Looks at the open page in all four ways. */
export async function inspect(page, name, h1) {
  const trouble = [];
  const shown = await page.locator('h1').allInnerTexts();
  if (shown.length !== 1 || !h1.test(shown[0])) trouble.push(`its heading is ${JSON.stringify(shown)} at ${page.url()}`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page }).options(RULES).analyze();
      trouble.push(...violations.map((v) => `${colorScheme}, ${width}: ${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html).join('\n    ')}`));
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) trouble.push(`${width}: it scrolls sideways by ${wide} px`);
  }
  check(`accessible in light and dark, wide and narrow: ${name}`, trouble.length === 0, trouble.join('\n'));
}

async function visit(page, url, name, h1) {
  await page.goto(url);
  await inspect(page, name, h1);
}

async function beforeAccount(page, door) {
  await visit(page, door.home('/login'), 'sign-in before there is an account', /^Nobody has an account here yet$/);
  await visit(page, door.link('setup'), 'setup', /^Make the first account$/);
  await submit(page, { email: ADA.email, name: ADA.name, password: 'adalovelace12' }, 'Make the account');
  await inspect(page, 'setup with an error', /^Make the first account$/);
  await visit(page, door.home('/setup?code=wrong'), 'setup with a wrong link', /^This link does not open the setup$/);
  await page.goto(door.link('setup'));
  await submit(page, ADA, 'Make the account');
}

async function atTheDoor(page, door, link) {
  await visit(page, link, 'setup when it is done', /^Doorward is set up$/);
  await visit(page, door.home('/login'), 'sign-in', /^Sign in$/);
  await signIn(page, { ...ADA, password: 'not the password at all' });
  await inspect(page, 'sign-in with an error', /^Sign in$/);
  await visit(page, door.app('/'), 'sign-in on the way to an app', /^Sign in to sample$/);
}

async function insideTheAccount(page, door) {
  await visit(page, door.home('/'), 'my apps', /^My apps$/);
  await visit(page, door.home('/?q=nothing+like+it'), 'my apps, nothing found', /^My apps$/);
  await visit(page, door.home('/account'), 'account', /^Account$/);
  await visit(page, door.home('/account/password'), 'password', /^Password$/);
  await submit(page, { current_password: 'not the present one', new_password: 'shortshort12' }, 'Change the password');
  await inspect(page, 'password with an error', /^Password$/);
  await visit(page, door.home('/account/sessions'), 'sessions', /^Signed-in browsers$/);
  await visit(page, door.home('/account/confirm?next=%2Faccount'), 'confirm', /^Prove that it is you$/);
  await visit(page, door.home('/logout'), 'logout', /^Sign out of this browser\?$/);
  await visit(page, door.home('/no/such/page'), 'error 404', /^There is nothing here$/);
}

async function tokens(page, door) {
  await visit(page, door.home('/account/tokens'), 'tokens, none yet', /^API tokens$/);
  await visit(page, door.home('/account/tokens/new'), 'new token', /^New token$/);
  await page.fill('[name="name"]', 'Phone calendar');
  await press(page, 'Make the token');
  await inspect(page, 'new token without a scope', /^New token$/);
  await page.locator('[name="app"]').first().check();
  await page.locator('summary').click();
  await inspect(page, 'new token with its permissions open', /^New token$/);
  await press(page, 'Make the token');
  await inspect(page, 'token made', /^Phone calendar has its token$/);
  await visit(page, door.home('/account/tokens'), 'tokens', /^API tokens$/);
  await page.getByRole('link', { name: 'Revoke Phone calendar' }).click();
  await inspect(page, 'revoke confirm', /^Revoke Phone calendar\?$/);
  await press(page, 'Revoke the token');
  await inspect(page, 'tokens after a revocation', /^API tokens$/);
}

async function auditLog(page, door) {
  await visit(page, door.home('/admin/audit'), 'audit list', /^Audit$/);
  await visit(page, door.home('/admin/audit?q=nothing+like+it'), 'audit list, nothing found', /^Audit$/);
  await page.goto(door.home('/admin/audit?action=token%3Arevoke'));
  await page.locator('tbody a').first().click();
  await inspect(page, 'audit event', /^token:revoke$/);
}

async function asMember(browser, door) {
  door.run(['user', 'create', '--email', GRACE.email, '--name', GRACE.name, '--password-stdin'], `${GRACE.password}\n`);
  door.run(['app', 'create', '--name', 'metrics', '--hosts', 'metrics.localhost', '--upstreams', 'http://127.0.0.1:9']);
  const page = await person(browser, { bypassCSP: true });
  await page.goto(door.app('/', 'metrics'));
  await signIn(page, GRACE);
  await inspect(page, 'denied', /^You cannot open metrics$/i);
  await visit(page, door.home('/admin/audit'), 'administration, not for a member', /./);
  door.run(['app', 'update', 'metrics', '--everyone', 'true']);
  await visit(page, door.app('/', 'metrics'), 'error 502 of an app that is down', /does not answer$/);
  await page.context().close();
}

/** The pages of an app that takes no more, for now. */
async function turnedAway(page, door) {
  door.run(['app', 'update', 'sample', '--maintenance', 'New shelves are being built. We open again at noon.']);
  await visit(page, door.app('/'), 'an app that is shut for a while', /^sample is shut for a while$/);
  door.run(['app', 'update', 'sample', '--no-maintenance', '--requests-per-minute', '1']);
  await page.goto(door.app('/'));
  await visit(page, door.app('/'), 'too many requests', /^Too many requests$/i);
  door.run(['app', 'update', 'sample', '--no-limits']);
  await fullApp(page, door);
}

/** One request that is never answered fills an app that takes one at once. */
async function fullApp(page, door) {
  const silent = createServer(() => {});
  await new Promise((ready) => silent.listen(0, '127.0.0.1', ready));
  door.run(['app', 'create', '--name', 'silent', '--hosts', 'silent.localhost', '--everyone', '--requests-at-once', '1',
    '--upstreams', `http://127.0.0.1:${silent.address().port}`, '--rules', '/open anyone']);
  const reached = once(silent, 'request');
  const waiting = door.ask('GET', '/open', { host: 'silent.localhost' }).catch(() => {});
  await reached;
  await visit(page, door.app('/', 'silent'), 'an app that is full', /^silent is busy$/);
  door.run(['app', 'remove', 'silent']);
  await waiting;
  silent.close();
}

async function signOutInTheApp(page, door) {
  await visit(page, door.app('/.doorward/sign-out'), 'sign-out in an app', /^Sign out of this browser\?$/);
  await press(page, 'Sign out');
  await inspect(page, 'signed out in an app', /^You are signed out$/);
}

/** Walks through every page, on a server of its own. */
export async function judgeEveryPage(browser) {
  const door = await Door.start();
  const link = door.link('setup');
  const ada = await person(browser, { bypassCSP: true });
  const visitor = await person(browser, { bypassCSP: true });
  await beforeAccount(ada, door);
  await atTheDoor(visitor, door, link);
  await insideTheAccount(ada, door);
  await visit(ada, door.app('/'), 'sample app', /^You are Ada Lovelace$/);
  await tokens(ada, door);
  await auditLog(ada, door);
  await asMember(browser, door);
  await turnedAway(ada, door);
  await signOutInTheApp(ada, door);
  await ada.context().close();
  await visitor.context().close();
}
