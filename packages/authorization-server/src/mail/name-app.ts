import { visibleText } from '@aipassport/policy';
import type { Texts } from '../texts/texts.js';

const maxLength = 80;

/**
 * The name of an app, which the app chose itself, in quotation marks. Mail programs turn URLs and e-mail addresses in a
 * text into links, so a name that looks like one is left out.
 */
export function nameApp(name: string, texts: Texts): string {
  const visible = visibleText(name).replaceAll(/\s+/g, ' ').trim();
  const becomesLink = /:\/\/|@|\w\.\w{2}|www\./iu.test(visible);
  if (visible === '' || becomesLink) return texts('mail.unnamedApp');
  return texts('mail.namedApp', { app: visible.slice(0, maxLength) });
}
