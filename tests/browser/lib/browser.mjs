// The browser, and what every test wants of it: contexts that keep what the console said, and ways to fill in forms.

import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Everything that any page's console said about the content security policy. */
export const violations = [];

export function launch() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
}

/** A fresh browser profile, with one page. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(10_000);
  context.on('console', (message) => {
    if (/content.security.policy/i.test(message.text())) violations.push(`${message.page()?.url()}: ${message.text()}`);
  });
  return context.newPage();
}

/** Fills the fields by their names and presses the button that is called `button`. */
export async function submit(page, fields, button) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]:not([type=hidden])`, value);
  await press(page, button);
}

/** Presses a button, and waits for the page that comes of it. */
export async function press(page, button) {
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: button, exact: true }).click()]);
}

/** Follows a link, and waits for the page that comes of it. */
export async function follow(page, link) {
  await Promise.all([page.waitForNavigation(), page.getByRole('link', { name: link }).first().click()]);
}

export function heading(page) {
  return page.locator('h1').innerText();
}

/** The value of a header as the sample app shows it, or nothing. */
export async function received(page, header) {
  const rows = page.locator('tr', { has: page.locator('td[data-label="Header"] code', { hasText: new RegExp(`^${header}$`, 'i') }) });
  return (await rows.count()) ? rows.first().locator('td[data-label="Value"]').innerText() : undefined;
}

/** Signs in on the page that is open. */
export function signIn(page, { email, password }) {
  return submit(page, { identifier: email, password }, 'Sign in');
}
