import type { Page } from 'playwright-core';

export const password = 'correct horse battery staple';

/** Creates an account on the page "Create an account", or from a link to it. */
export async function createAccount(page: Page, email: string): Promise<void> {
  if (new URL(page.url()).pathname !== '/account/create')
    await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
}
