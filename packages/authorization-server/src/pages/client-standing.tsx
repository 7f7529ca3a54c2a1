import type { OwnedClient } from '@aipassport/store/authorization';
import { useTexts } from './text.js';
import { VouchBadge } from './vouch-badge.js';

/** Says to the developer of an app whether the operator has verified or blocked it. */
export function ClientStanding({ client }: { readonly client: Pick<OwnedClient, 'isApproved' | 'isBlocked'> }) {
  const texts = useTexts();
  return client.isBlocked ? (
    <p class="badge unverified">{texts('clients.badgeBlocked')}</p>
  ) : (
    <VouchBadge isVouchedFor={client.isApproved} />
  );
}
