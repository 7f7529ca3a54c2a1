import type { UpstreamCatalogue } from '@aipassport/policy';
import type { DueMail, MailKind } from '@aipassport/store/authorization';
import type { Texts } from '../texts/texts.js';

/** What the text of a mail depends on, besides the data of the mail itself. */
export interface MailContext {
  readonly issuer: string;
  /** In the language of the mail. */
  readonly texts: Texts;
  readonly upstreams: Pick<UpstreamCatalogue, 'labelOf'>;
  /** SECRET: the token of the link in the mail; undefined for kinds of mails whose link has none. */
  readonly linkToken: string | undefined;
}

export type MailOf<Kind extends MailKind> = Extract<DueMail, { readonly kind: Kind }>;
