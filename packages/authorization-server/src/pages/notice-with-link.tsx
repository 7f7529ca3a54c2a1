import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { Notice } from './parts.js';
import { Text, useTexts } from './text.js';

const ways = { text: 'security.waysStay', path: paths.security } as const;
const waysButCodes = { text: 'security.waysButCodesStay', path: paths.security } as const;
const devices = { text: 'security.devicesStay', path: paths.sessions } as const;

/** For the notice of an act: the text about the devices or ways to sign in that the act did not end, and their page. */
const stays: Partial<Record<FixedId, typeof ways | typeof waysButCodes | typeof devices>> = {
  'signIn.reset': ways,
  'signIn.resetCodesEnded': waysButCodes,
  'password.changed': ways,
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
  const { [notice]: staying } = stays;
  if (staying === undefined) return <Notice>{texts(notice)}</Notice>;
  return (
    <Notice>
      {texts(notice)} <Text id={staying.text} link={<a href={staying.path} />} />
    </Notice>
  );
}
