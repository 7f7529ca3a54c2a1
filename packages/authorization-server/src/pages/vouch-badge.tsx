import type { AppDescription } from '../interaction/describe-app.js';
import { useTexts } from './text.js';

/** Whether the operator of this server vouches for the app. An app chooses its own name, so a name proves nothing. */
export function VouchBadge({ isVouchedFor }: Pick<AppDescription, 'isVouchedFor'>) {
  const texts = useTexts();
  return isVouchedFor ? (
    <p class="badge verified">{texts('consent.badgeVerified')}</p>
  ) : (
    <p class="badge unverified">{texts('consent.badgeUnverified')}</p>
  );
}
