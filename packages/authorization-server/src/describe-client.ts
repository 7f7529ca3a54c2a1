import { visibleText } from '@aipassport/policy';
import type { ClientIdentity } from '@aipassport/store/authorization';
import { describePlaces } from './describe-destination.js';
import type { Texts } from './texts/texts.js';

/**
 * The name of an app, its hosts, and whether the operator vouches for it, in one text. Pages show the same with
 * `AppName`; this function is for places that can contain only text, such as an option of a list, a title or a mail.
 */
export function describeClient(client: ClientIdentity, texts: Texts): string {
  return describeNamed(visibleText(client.clientName), client, texts);
}

/** The same as `describeClient`, with other words for the name. */
export function describeNamed(app: string, client: ClientIdentity, texts: Texts): string {
  const place = visibleText(describePlaces(client.redirectUris, texts));
  return client.isVouchedFor
    ? texts('apps.verifiedName', { app, place })
    : texts('apps.unverifiedName', { app, place });
}
