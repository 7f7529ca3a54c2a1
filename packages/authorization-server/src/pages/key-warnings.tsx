import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import { keysPath } from '../account/return-to.js';
import type { KeyState } from '../interaction/list-key-states.js';
import { Text, useTexts } from './text.js';

interface KeyWarningsProps {
  readonly keyStates: readonly KeyState[];
  readonly upstreams: UpstreamCatalogue;
  readonly timeZone: string;
  /** The AI providers whose models the apps of this page can use. */
  readonly of: readonly Upstream[];
}

/** Says for which AI providers the requests of apps fail at present, because no API key works. */
export function KeyWarnings({ keyStates, of, ...view }: KeyWarningsProps) {
  return (
    <>
      {keyStates
        .filter(({ upstream }) => of.includes(upstream))
        .map((state) => (
          <KeyWarning key={state.upstream} state={state} {...view} />
        ))}
    </>
  );
}

function KeyWarning({
  state,
  upstreams,
  timeZone,
}: Omit<KeyWarningsProps, 'keyStates' | 'of'> & { readonly state: KeyState }) {
  const texts = useTexts();
  const provider = upstreams.labelOf(state.upstream);
  const link = <a href={keysPath({ upstream: state.upstream })} />;
  switch (state.kind) {
    case 'own_refused':
      return (
        <p class="warning">
          <Text id="keys.warnRefused" provider={provider} link={link} />
        </p>
      );
    case 'server_used_up':
      return (
        <p class="warning">
          <Text
            id="keys.warnUsedUp"
            provider={provider}
            at={texts.time(state.until, timeZone)}
            timeZone={timeZone}
            link={link}
          />
        </p>
      );
    case 'missing':
      return (
        <p class="warning">
          <Text id="keys.warnMissing" provider={provider} link={link} />
        </p>
      );
    default:
      return null;
  }
}
