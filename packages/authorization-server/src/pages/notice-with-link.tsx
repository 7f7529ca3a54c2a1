import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { Notice } from './parts.js';
import { Text, useTexts } from './text.js';

const ways = { text: 'security.waysStay', path: paths.security } as const;
const waysButCodes = { text: 'security.waysButCodesStay', path: paths.security } as const;
const devices = { text: 'security.devicesStay', path: paths.sessions } as const;

/** What a notice does not end, and the page where the owner can end it. */
const stays: Partial<Record<FixedId, typeof ways | typeof waysButCodes | typeof devices>> = {
  'signIn.reset': ways,
  'signIn.resetCodesEnded': waysButCodes,
  'password.changed': ways,
  'passkeys.removed': devices,
  'identity.removed': devices,
};

/** The result of the owner's last action, with what goes on although the owner may think that it has ended. */
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
