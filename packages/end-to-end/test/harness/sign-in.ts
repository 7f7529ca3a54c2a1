import type { Page } from 'playwright-core';
import type { Owner } from './owner.js';

/** Sends the form of a page for signing in. */
export async function signIn(page: Page, { email, password }: Owner['credentials']): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
