import { expect, it } from '@jest/globals';
import { listFields, pageForms } from './support/page-forms.js';
import { shownBy } from './support/shown-forms.js';

/** The forms that do not send what their page showed, and why an old page does no harm there. */
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
  'ends what its URL names, and the same URL never names anything else': [
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
  'needs a secret or a code, and acts only on what that secret or code is for': [
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
  'ends the sessions of all other pages, so that their forms are refused': ['/account/password'],
  'confirms that the first recovery codes are saved, and later codes need no confirmation': [
    '/account/recovery-codes/saved',
  ],
  'begins a set-up, and replaces one only if it is not confirmed yet': ['/account/authenticator'],
  'sends a link or a file, or asks something, and changes nothing': [
    '/account/forgotten-password/send-link',
    '/account/email/send-link',
    '/operator/accounts/{account_id}/reset-link',
    '/account/keys/{upstream}/test',
    '/account/keys/spare/{key_id}/test',
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
