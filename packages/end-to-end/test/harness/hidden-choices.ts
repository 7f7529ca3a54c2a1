import type { Page } from 'playwright-core';

/**
 * The main choices of a page for an app's request that an owner sees only after scrolling: what the app may spend, when
 * its access ends, and which models it may use. The bar with the buttons is always at the bottom of the screen, and
 * covers what is behind it.
 */
export function listHiddenChoices(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(findHiddenChoices);
}

const findHiddenChoices = `(() => {
  const bar = document.querySelector('.decision').getBoundingClientRect().top;
  const choices = [...document.querySelectorAll('form > :is(fieldset, details.line)')]
    .map((choice) => choice.matches('details') ? choice.querySelector('summary') : choice);
  if (choices.length === 0) return ['the page has no choices'];
  return choices
    .filter((choice) => choice.getBoundingClientRect().bottom > bar)
    .map((choice) => Math.round(choice.getBoundingClientRect().bottom - bar) + ' pixels of ' + choice.textContent.slice(0, 60));
})()`;
