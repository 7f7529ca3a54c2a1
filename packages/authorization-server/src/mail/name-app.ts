import { visibleText } from '@aipassport/policy';
import type { Texts } from '../texts/texts.js';

const maxLength = 80;

/**
 * The name of an app, which the app chose itself, in quotation marks. Mail programs turn addresses in a text into
 * links, so a name that looks like an address is left out.
 */
export function nameApp(name: string, texts: Texts): string {
  const visible = visibleText(name).replaceAll(/\s+/g, ' ').trim();
  const looksLikeAddress = /:\/\/|@|\w\.\w{2}|www\./iu.test(visible);
  if (visible === '' || looksLikeAddress) return texts('mail.unnamedApp');
  return texts('mail.namedApp', { app: visible.slice(0, maxLength) });
}
