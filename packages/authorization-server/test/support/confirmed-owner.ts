import { type MailServer, readLink, takeMail } from './mail-server.js';
import { createOwner, type Owner } from './owner.js';
import type { TestServer } from './start-server.js';

/** A signed-in owner who has confirmed their email address. */
export async function createConfirmedOwner(server: TestServer, mailServer: MailServer): Promise<Owner> {
  const owner = await createOwner(server);
  const link = readLink(await takeMail(mailServer, owner.email, 'Confirm your email address'));
  await owner.browser.submit(await owner.browser.open(link), '/account/email/confirm');
  return owner;
}
