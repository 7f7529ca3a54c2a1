import type { Database } from '@aipassport/store';
import { insertConfirmationLink, insertMail } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { confirmationLinkSeconds } from '../mail/describe-mail.js';
import { makeLinkToken } from '../mail/link-tokens.js';

type Deps = { readonly configuration: Pick<Configuration, 'mail' | 'cookieKeys'> };

/** Whether this server sends e-mails. If not, no page mentions them. */
export function sendsMail({ configuration }: { readonly configuration: Pick<Configuration, 'mail'> }): boolean {
  return configuration.mail.kind !== 'off';
}

interface EmailToConfirm {
  readonly accountId: string;
  /** In lower case. */
  readonly email: string;
  /** Whether this e-mail address replaces the account's present one. */
  readonly isNew?: boolean;
}

/**
 * Sends a link that confirms an e-mail address. Does nothing if the server sends no e-mails, or has already sent too
 * many to this address. An earlier link then stays valid.
 * @param deps `db` is a transaction
 */
export async function sendConfirmationLink(
  deps: Deps & { readonly db: Database },
  ctx: Context,
  { accountId, email, isNew = false }: EmailToConfirm,
): Promise<void> {
  if (!sendsMail(deps)) return;
  const { token, sealedToken } = await makeLinkToken(deps.configuration.cookieKeys, accountId);
  const kind = isNew ? 'confirm_new_address' : 'confirm_address';
  const { language } = ctx.state.texts;
  if (!(await insertMail(deps.db, { accountId, email, kind, language, detail: { sealedToken } }))) return;
  await insertConfirmationLink(deps.db, { accountId, email, token, lifetimeSeconds: confirmationLinkSeconds });
}
