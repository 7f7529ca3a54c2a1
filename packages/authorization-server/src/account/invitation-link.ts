/**
 * What somebody who is invited opens. It is good for one account.
 * @param code SECRET
 */
export function formatInvitationLink(issuer: string, code: string): string {
  return `${issuer}/account/create?${new URLSearchParams({ invitation: code })}`;
}
