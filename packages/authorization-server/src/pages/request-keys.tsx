import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type { KeyState } from '../interaction/list-key-states.js';
import { instant } from '../texts/texts.js';
import { useTexts } from './text.js';

interface RequestKeysProps {
  readonly keyStates: readonly KeyState[];
  readonly upstreams: UpstreamCatalogue;
  /** The AI providers to list: those of the models that the request names or offers. */
  readonly asked: readonly Upstream[];
  readonly timeZone: string;
}

/**
 * Lists for each AI provider which API key is used: the owner's or this server's. If there is no API key, or if answers
 * are simulated, the list says so. The button for adding a missing provider key submits the form, so that the choices
 * in it are kept.
 */
export function RequestKeys({ keyStates, upstreams, asked, timeZone }: RequestKeysProps) {
  const texts = useTexts();
  const states = keyStates.filter(({ upstream }) => asked.includes(upstream));
  if (states.length === 0) return null;
  if (states.every(({ kind }) => kind === 'simulated')) return <p class="aside">{texts('requestKeys.allSimulated')}</p>;
  return (
    <ul class="request-keys line" aria-label={texts('requestKeys.title')}>
      {states.map((state) => {
        const provider = upstreams.labelOf(state.upstream);
        return (
          <li key={state.upstream}>
            <span id={`key-${state.upstream}`} class={isWorking(state) ? undefined : 'warning'}>
              {describeState(state, { provider, timeZone, texts })}
            </span>
            {!isWorking(state) && <AddButton {...state} />}
          </li>
        );
      })}
    </ul>
  );
}

function AddButton({ upstream, kind }: KeyState) {
  const text = kind === 'own_refused' ? 'requestKeys.replace' : 'requestKeys.add';
  return (
    <button type="submit" name="add_key" value={upstream} class="link-button" aria-describedby={`key-${upstream}`}>
      {useTexts()(text)}
    </button>
  );
}

function isWorking({ kind }: KeyState): boolean {
  return kind !== 'missing' && kind !== 'own_refused' && kind !== 'server_used_up';
}

interface StateContext {
  readonly provider: string;
  readonly timeZone: string;
  readonly texts: ReturnType<typeof useTexts>;
}

function describeState(state: KeyState, { provider, timeZone, texts }: StateContext): string {
  switch (state.kind) {
    case 'own':
      return texts('requestKeys.own', { provider, ending: state.lastFour });
    case 'own_unchecked':
      return texts('requestKeys.ownUnchecked', { provider, ending: state.lastFour });
    case 'own_refused':
      return texts('requestKeys.ownRefused', { provider, ending: state.lastFour });
    case 'server':
      return texts('requestKeys.server', { provider });
    case 'server_used_up':
      return texts('requestKeys.serverUsedUp', { provider, at: instant(state.until, timeZone), timeZone });
    case 'simulated':
      return texts('requestKeys.simulated', { provider });
    case 'missing':
      return texts('requestKeys.missing', { provider });
  }
}
