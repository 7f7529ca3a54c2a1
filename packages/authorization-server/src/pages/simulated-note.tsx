import type { ScopeToken, Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type { UsageSum } from '@aipassport/store/authorization';
import { useTexts } from './text.js';

interface SimulatedNoteProps {
  /** The AI providers whose answers to the owner are simulated at present. */
  readonly simulated: readonly Upstream[];
  /** The AI providers of the amounts beside the note. */
  readonly of: readonly Upstream[];
  readonly upstreams: UpstreamCatalogue;
}

/** Says beside amounts that they cost nothing, because the answers of these AI providers are simulated. */
export function SimulatedNote({ simulated, of, upstreams }: SimulatedNoteProps) {
  const texts = useTexts();
  const names = simulated.filter((upstream) => of.includes(upstream)).map((upstream) => upstreams.labelOf(upstream));
  if (names.length === 0) return null;
  return (
    <p class="simulated">
      <span class="badge">{texts('limits.simulated')}</span>{' '}
      {texts('limits.simulatedNote', { providers: texts.list(names) })}
    </p>
  );
}

/** Says which part of a sum beside it was simulated; nothing when no part was. */
export function SimulatedSum({ simulated: { cost, requests } }: { readonly simulated: UsageSum }) {
  const texts = useTexts();
  if (requests === 0) return null;
  return (
    <p class="simulated">
      <span class="badge">{texts('limits.simulated')}</span> {texts('limits.simulatedSum', { cost, count: requests })}
    </p>
  );
}

/** Says below an amount of a chart or a table which part of it was simulated; nothing when no part was. */
export function SimulatedPart({ cost }: { readonly cost: bigint | undefined }) {
  const texts = useTexts();
  return cost === undefined || cost <= 0n ? null : <small>{texts('limits.simulatedPart', { cost })}</small>;
}

export function listUpstreamsOf(tokens: readonly ScopeToken[]): readonly Upstream[] {
  return tokens.flatMap((token) => ('upstream' in token ? [token.upstream] : []));
}
