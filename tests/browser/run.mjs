// People use Doorward through a real browser: once with JavaScript, once without, and under the rules of accessibility.

import { check } from './lib/check.mjs';
import { conclude } from './lib/conclude.mjs';
import { Door } from './lib/door.mjs';
import { launch, person, violations } from './lib/browser.mjs';
import { openTheApp, revokeToken, setUp, signOutAndComeBack } from './lib/main-path.mjs';
import * as account from './lib/account.mjs';
import { judgeEveryPage } from './lib/accessibility.mjs';

const SECONDS = 420;

async function withScript(browser) {
  const door = await Door.start();
  const link = door.link('setup');
  const page = await person(browser);
  await account.refuseGuessablePassword(page, door);
  await setUp(page, door);
  await account.refuseSecondSetup(browser, link);
  const handle = await openTheApp(page, door);
  await signOutAndComeBack(page, door);
  await revokeToken(page, door, handle);
  await account.refuseAlike(browser, door);
  const other = await account.changePassword(browser, page, door);
  await account.endOtherSession(page, other, door);
  await account.useKeyboardOnly(browser, door);
  await account.holdOffGuesser(browser, page, door);
  await account.signOutByPage(page, door);
  await page.context().close();
}

async function withoutScript(browser) {
  const door = await Door.start();
  const page = await person(browser, { javaScriptEnabled: false });
  await setUp(page, door);
  const handle = await openTheApp(page, door);
  await signOutAndComeBack(page, door);
  await revokeToken(page, door, handle);
  await page.context().close();
}

async function run() {
  const browser = await launch();
  try {
    console.log('-- with JavaScript');
    await withScript(browser);
    console.log('-- without JavaScript');
    await withoutScript(browser);
    check('no page broke the content security policy', violations.length === 0, violations);
    console.log('-- accessibility');
    await judgeEveryPage(browser);
  } finally {
    await browser.close();
  }
}

conclude(run, SECONDS);
