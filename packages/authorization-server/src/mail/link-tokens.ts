import { makeSecret } from '@aipassport/store';
import type { DueMail } from '@aipassport/store/authorization';
import type { CookieKeys } from '../keys/parse-cookie-keys.js';
import { sealSecret, unsealSecret } from '../keys/seal-secret.js';

interface LinkToken {
  /** SECRET: the link's table stores only its hash. */
  readonly token: string;
  /** The sealed form of the token, which the outbox stores until the mail is sent. */
  readonly sealedToken: string;
}

const purpose = 'mail_link';

/** Makes the token of a link in a mail. The outbox stores it sealed, so that a dump of the database opens no link. */
export async function makeLinkToken(keys: CookieKeys, accountId: string): Promise<LinkToken> {
  const token = makeSecret();
  return { token, sealedToken: await sealSecret(keys, { purpose, accountId }, token) };
}

/** @returns SECRET: the token of the link in a mail; undefined when its link has none */
export async function unsealLinkToken(keys: CookieKeys, { accountId, detail }: DueMail): Promise<string | undefined> {
  return 'sealedToken' in detail && accountId !== null
    ? unsealSecret(keys, { purpose, accountId }, detail.sealedToken)
    : undefined;
}
