import type { Page } from 'playwright-core';

/** WCAG 2.2, success criterion 2.5.5. */
const minTargetPixels = 44;

/**
 * Lists the controls and links that are hard to touch: they are smaller than 44 by 44 pixels, or another element covers
 * a part of that area. Links inside a text are exempt (WCAG 2.2, success criterion 2.5.5), and elements that are not
 * shown are left out. Collapsed parts are opened for the check.
 */
export function listSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(findSmallTargets);
}

const findSmallTargets = `(() => {
  const closed = [...document.querySelectorAll('details:not([open])')];
  for (const details of closed) details.open = true;
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const isHidden = (element) => element.getClientRects().length === 0 || element.getBoundingClientRect().right < 0;
  const isInline = (element) => /^inline|^contents$/.test(getComputedStyle(element).display);
  const readLine = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : node.nodeType !== Node.ELEMENT_NODE || node.matches(controls) || isHidden(node) ? ''
    : [...node.childNodes].filter((child) => child.nodeType !== Node.ELEMENT_NODE || isInline(child)).map(readLine).join('');
  const isInText = (link) => {
    let block = link;
    while (isInline(block)) block = block.parentElement;
    return block !== link && /[\\p{L}\\p{N}]/u.test(readLine(block));
  };
  // Chromium rounds positions to whole pixels, so the points are one pixel inside the area.
  const reach = ${minTargetPixels} / 2 - 1;
  const describe = (element) => {
    const area = (/^(checkbox|radio)$/.test(element.type) && element.closest('label')) || element;
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    // In some lists, a click anywhere in an entry follows the link of the entry.
    const covered = getComputedStyle(element, '::after').position === 'absolute' ? element.offsetParent : area;
    const { left, top, width, height } = covered.getBoundingClientRect();
    const size = Math.round(width * 10) / 10 + 'x' + Math.round(height * 10) / 10;
    if (Math.min(width, height) < ${minTargetPixels} - 0.05) return [size + ' ' + element.outerHTML.slice(0, 120)];
    const missed = [[-reach, 0], [reach, 0], [0, -reach], [0, reach]]
      .map(([x, y]) => document.elementFromPoint(left + width / 2 + x, top + height / 2 + y))
      .find((hit) => !area.contains(hit));
    if (missed === undefined) return [];
    const outside = missed === null ? 'the edge of the screen' : missed.outerHTML.slice(0, 80);
    return [size + ' ' + element.outerHTML.slice(0, 120) + ' next to ' + outside];
  };
  const found = [...document.querySelectorAll(controls)]
    .filter((element) => !isHidden(element) && !element.disabled && !(element.matches('a:not([role=button])') && isInText(element)))
    .flatMap(describe);
  for (const details of closed) details.open = false;
  scrollTo({ top: 0, behavior: 'instant' });
  return found;
})()`;
