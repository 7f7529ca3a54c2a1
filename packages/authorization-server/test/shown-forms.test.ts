import { expect, it } from '@jest/globals';
import { listFields, pageForms } from './support/page-forms.js';
import { shownBy } from './support/shown-forms.js';

/** The other forms, and why an old page does no harm there. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  'adds something new': [
    '/account/developer/clients/new',
    '/account/create',
    '/account/passkeys',
    '/account/tokens',
    '/account/invitations',
    '/account/identities/{provider}/connect',
    '/operator/invitations',
  ],
  'ends what its address names, and nothing else can have that name': [
    '/account/developer/clients/{client_id}/delete',
    '/account/apps/{app_id}/remove',
    '/account/grants/{grant_id}/revoke',
    '/account/tokens/{token_id}/remove',
    '/account/passkeys/{passkey_id}/remove',
    '/account/invitations/{id}/withdraw',
    '/account/sessions/{session_id}/end',
    '/account/sessions/end-others',
    '/account/remove-all',
    '/account/deletion',
    '/account/sign-out',
  ],
  'is proved by a secret or a code, which names its purpose': [
    '/account/sign-in',
    '/account/sign-in/code',
    '/account/sign-in/passkey',
    '/account/forgotten-password',
    '/account/reset',
    '/account/email/confirm',
    '/account/authenticator/confirm',
    '/operator/claim',
    '/device',
  ],
  'ends the session of every other page, and with it their forms': ['/account/password'],
  'speaks of the codes that its page showed, and new codes need no such answer': ['/account/recovery-codes/saved'],
  'begins again what is not confirmed yet': ['/account/authenticator'],
  'sends a link or a file, or asks something, and changes nothing': [
    '/account/forgotten-password/send-link',
    '/account/email/send-link',
    '/operator/accounts/{account_id}/reset-link',
    '/account/keys/{upstream}/test',
    '/account/activity/export',
    '/account/export',
    '/operator/audit/export',
    '/account/create/passkey-options',
    '/account/passkeys/options',
    '/account/sign-in/passkey-challenge',
    '/interaction/{uid}/summary',
    '/device/{code}/summary',
  ],
};

it('each form of the pages sends what its page showed, or is listed here with the reason why it need not', () => {
  const listed = [...Object.keys(shownBy), ...Object.values(harmless).flat()];
  expect(listed.toSorted()).toEqual([...pageForms.keys()].toSorted());
  const unshown = Object.entries(shownBy).filter(([path, field]) => !listFields(path).includes(field));
  expect(unshown).toEqual([]);
});
