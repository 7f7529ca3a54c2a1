import { paths } from '../endpoints.js';
/**
 * The link that an invited person opens. It is good for one account.
 * @param code SECRET
 */
export function formatInvitationLink(issuer: string, code: string): string {
  return `${issuer}${paths.createAccount}?${new URLSearchParams({ invitation: code })}`;
}
