import { visibleText } from '@aipassport/policy';
import type { ClientIdentity } from '@aipassport/store/authorization';
import { describeNamed } from '../describe-client.js';
import type { Texts } from '../texts/texts.js';

const maxLength = 80;

/**
 * The name of an app, which the app chose itself, in quotation marks, with the app's hosts and whether the operator
 * vouches for it. Mail programs may turn the hosts into links. The owner has already been sent to one of these hosts.
 *
 * @param client null: the client is no longer known
 */
export function nameApp(name: string, client: ClientIdentity | null, texts: Texts): string {
  const quoted = nameOwnApp(name, texts);
  return client === null ? quoted : describeNamed(quoted, client, texts);
}

/**
 * The name of an app that the reader registered, in quotation marks. Mail programs turn URLs and e-mail addresses in a
 * text into links, so a name that looks like one is left out.
 */
export function nameOwnApp(name: string, texts: Texts): string {
  const visible = visibleText(name).replaceAll(/\s+/g, ' ').trim();
  const becomesLink = /:\/\/|@|\w\.\w{2}|www\./iu.test(visible);
  if (visible === '' || becomesLink) return texts('mail.unnamedApp');
  return texts('mail.namedApp', { app: visible.slice(0, maxLength) });
}
