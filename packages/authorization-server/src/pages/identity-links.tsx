import { describeReason, type SignInReason } from '../account/return-to.js';
import { formatPath, paths } from '../endpoints.js';
import type { IdentityProvider } from '../identity/parse-identity-providers.js';
import { useTexts } from './text.js';

export type OfferedProvider = Pick<IdentityProvider, 'name' | 'label'>;

interface IdentityLinksProps {
  readonly providers: readonly OfferedProvider[];
  readonly returnTo: string;
  /** Why an owner who is signed in must sign in once more. */
  readonly reason: SignInReason | undefined;
}

/** A link to each identity provider, for the sign-in page. */
export function IdentityLinks({ providers, returnTo, reason }: IdentityLinksProps) {
  const texts = useTexts();
  if (providers.length === 0) return null;
  const query = new URLSearchParams({ return_to: returnTo, ...describeReason(reason) });
  return (
    <>
      <p class="or">{texts('identity.or')}</p>
      {providers.map(({ name, label }) => (
        <a
          key={name}
          class="secondary identity"
          role="button"
          data-time-zone
          href={`${formatPath(paths.identityStart, name)}?${query}`}
        >
          {texts('identity.signIn', { provider: label })}
        </a>
      ))}
    </>
  );
}
