// The account beside the main path: what is refused and how that is said, passwords, and other browsers.

import { check, same } from './check.mjs';
import { ADA } from './door.mjs';
import { heading, person, press, signIn, submit } from './browser.mjs';

const NEW_PASSWORD = 'lantern oyster bicycle fern';

/** A password that is soon guessed is refused with the reason, and what else was typed stays. */
export async function refuseGuessablePassword(page, door) {
  await page.goto(door.link('setup'));
  await submit(page, { email: ADA.email, name: ADA.name, password: 'adalovelace12' }, 'Make the account');
  const reason = await page.locator('#password-error').innerText();
  check('a guessable password is refused with a reason', reason.length > 20, reason);
  const kept = [await page.inputValue('[name="email"]'), await page.inputValue('[name="name"]')];
  same('the address and the name stay', kept.join(', '), `${ADA.email}, ${ADA.name}`);
  same('the password does not', await page.inputValue('[name="password"]'), '');
  const field = page.locator('[name="password"]');
  check('the field is marked for those who cannot see it', (await field.getAttribute('aria-invalid')) === 'true');
}

/** The setup link works once. */
export async function refuseSecondSetup(browser, link) {
  const page = await person(browser);
  await page.goto(link);
  same('the second use of the setup link says that it is done', await heading(page), 'Doorward is set up');
  await page.context().close();
}

/** A wrong password and an unknown address are answered with the same words. */
export async function refuseAlike(browser, door) {
  const said = [];
  for (const email of [ADA.email, 'nobody@example.org']) {
    const page = await person(browser);
    await page.goto(door.home('/login'));
    await signIn(page, { email, password: 'not the password at all' });
    same(`the sign-in keeps the address ${email}`, await page.inputValue('[name="identifier"]'), email);
    said.push((await page.content()).replaceAll(email, ''));
    await page.context().close();
  }
  check('a wrong password and an unknown address get the same page', said[0] === said[1] && said[0].includes('role="alert"'), said);
}

async function isSignedIn(page, door) {
  await page.goto(door.home('/account'));
  return new URL(page.url()).pathname === '/account';
}

/** A new password signs out the other browser, and this one stays. */
export async function changePassword(browser, page, door) {
  const other = await person(browser);
  await other.goto(door.home('/login'));
  await signIn(other, ADA);
  check('another browser is signed in', await isSignedIn(other, door));
  await page.goto(door.home('/account/password'));
  await submit(page, { current_password: 'not the present one', new_password: NEW_PASSWORD }, 'Change the password');
  check('a wrong present password is said at its field', await page.locator('#current_password-error').isVisible());
  await submit(page, { current_password: ADA.password, new_password: NEW_PASSWORD }, 'Change the password');
  check('the browser that changed the password stays signed in', await isSignedIn(page, door));
  check('the other browser is signed out', !(await isSignedIn(other, door)));
  await other.goto(door.home('/login'));
  await signIn(other, ADA);
  check('the old password is refused', await other.locator('[role="alert"]').isVisible());
  await signIn(other, { ...ADA, password: NEW_PASSWORD });
  check('the new password signs in', await isSignedIn(other, door));
  return other;
}

/** The sessions page shows both browsers, and ends the other. */
export async function endOtherSession(page, other, door) {
  await page.goto(door.home('/account/sessions'));
  const rows = page.locator('tbody tr', { has: page.locator('[data-label="Opens"]', { hasText: 'Home' }) });
  same('the sessions page lists two browsers at home', await rows.count(), 2);
  same('one of them is this one', await rows.filter({ hasText: 'this one' }).count(), 1);
  const end = rows.filter({ hasNotText: 'this one' }).getByRole('button');
  await Promise.all([page.waitForNavigation(), end.click()]);
  check('the other browser is signed out by it', !(await isSignedIn(other, door)));
  check('this one is not', await isSignedIn(page, door));
  await other.context().close();
}

/** Whoever guesses at an account is slowed down, and the browser of its owner is not. */
export async function holdOffGuesser(browser, page, door) {
  await page.goto(door.home('/logout'));
  await press(page, 'Sign out');
  const guesser = await person(browser);
  await guesser.goto(door.home('/login'));
  for (let tries = 0; tries < 7; tries += 1) {
    await signIn(guesser, { ...ADA, password: `guess number ${tries} at it` });
  }
  const said = await guesser.locator('[role="alert"]').innerText();
  check('whoever guesses is told to wait', /too many tries.*try again in/is.test(said), said);
  await guesser.context().close();
  await page.goto(door.home('/login'));
  await signIn(page, { ...ADA, password: NEW_PASSWORD });
  check('the browser that signed in before need not wait', await isSignedIn(page, door));
}

/** Tab, type, Enter: nobody needs a mouse. */
export async function useKeyboardOnly(browser, door) {
  const page = await person(browser);
  await page.goto(door.home('/login'));
  await tabTo(page, (focus) => focus.name === 'identifier');
  await page.keyboard.type(ADA.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(NEW_PASSWORD);
  await page.keyboard.press('Tab');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  same('the keyboard alone signs in', page.url(), door.home('/'));
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  check('the first Tab shows the way past the navigation', (await skip.evaluate((e) => e === document.activeElement)) && (await skip.boundingBox()).width > 20);
  await tabTo(page, (focus) => focus.text === 'Sign out');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  check('what has the focus can be seen', outline !== 'none', outline);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  check('the keyboard alone signs out', !(await isSignedIn(page, door)));
  await page.context().close();
}

async function tabTo(page, wanted) {
  for (let presses = 0; presses < 20; presses += 1) {
    const focus = await page.evaluate(() => ({ name: document.activeElement?.name, text: document.activeElement?.innerText }));
    if (wanted(focus)) return;
    await page.keyboard.press('Tab');
  }
  check('the Tab key leads there', false, await page.content());
}

/** A GET of the sign-out page only asks; its button signs out. */
export async function signOutByPage(page, door) {
  await page.goto(door.home('/logout'));
  same('the sign-out page asks first', await heading(page), 'Sign out of this browser?');
  check('and looking at it signs nobody out', await isSignedIn(page, door));
  await page.goto(door.home('/logout'));
  await press(page, 'Sign out');
  check('its button signs out', !(await isSignedIn(page, door)));
}
