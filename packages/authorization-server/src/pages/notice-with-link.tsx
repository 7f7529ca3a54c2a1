import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { Notice } from './parts.js';
import { Text, useTexts } from './text.js';

const ways = { text: 'security.waysStay', path: paths.security } as const;
const waysButCodes = { text: 'security.waysButCodesStay', path: paths.security } as const;
const newPassword = { text: 'identity.setPasswordFirst', path: paths.forgottenPassword } as const;
const devices = { text: 'security.devicesStay', path: paths.sessions } as const;

/**
 * For a notice: the text that follows it, for instance about the devices that the act did not sign out, and the page to
 * which this text links.
 */
const followingTexts: Partial<
  Record<FixedId, typeof ways | typeof waysButCodes | typeof newPassword | typeof devices>
> = {
  'signIn.reset': ways,
  'signIn.resetCodesEnded': waysButCodes,
  'password.changed': ways,
  'identity.timeUnknown': newPassword,
  'passkeys.removed': devices,
  'identity.removed': devices,
};

/**
 * Shows the result of the owner's last act. If the owner may think that the act ended something that it did not end,
 * the notice says so.
 */
export function NoticeWithLink({ notice }: { readonly notice: FixedId | undefined }) {
  const texts = useTexts();
  if (notice === undefined) return null;
  const { [notice]: following } = followingTexts;
  if (following === undefined) return <Notice>{texts(notice)}</Notice>;
  return (
    <Notice>
      {texts(notice)} <Text id={following.text} link={<a href={following.path} />} />
    </Notice>
  );
}
