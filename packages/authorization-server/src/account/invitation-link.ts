import { paths } from '../endpoints.js';
/**
 * The link that an invited person opens. One account can be made with it.
 * @param code SECRET
 */
export function formatInvitationLink(issuer: string, code: string): string {
  return `${issuer}${paths.createAccount}?${new URLSearchParams({ invitation: code })}`;
}
