import type { ScopeToken, UpstreamCatalogue } from '@aipassport/policy';
import type { ConsentFields } from '../interaction/consent-fields.js';
import type { Problem } from './parts.js';
import { useTexts } from './text.js';
import { TokenChoice } from './token-choice.js';

interface NewTokensProps {
  /** The beginning of the `id`s of the two groups, if the page has other groups of models and capabilities. */
  readonly prefix?: string;
  readonly added: readonly ScopeToken[];
  readonly fields: Pick<ConsentFields, 'tickedTokens'>;
  readonly upstreams: UpstreamCatalogue;
  readonly problems: readonly Problem[];
}

/** The models and the capabilities that an app asks for in addition to those that it has. */
export function NewTokens({ prefix = '', added, fields: { tickedTokens }, upstreams, problems }: NewTokensProps) {
  const texts = useTexts();
  const choice = { choosable: [], tickedTokens, servedUpstreams: [], upstreams, problems };
  const models = added.filter(({ kind }) => kind !== 'capability');
  const capabilities = added.filter(({ kind }) => kind === 'capability');
  return (
    <>
      {models.length > 0 && (
        <TokenChoice id={`${prefix}models`} legend={texts('consent.moreModels')} tokens={models} {...choice} />
      )}
      {capabilities.length > 0 && (
        <TokenChoice
          id={`${prefix}capabilities`}
          legend={texts('consent.moreCapabilities')}
          tokens={capabilities}
          {...choice}
        />
      )}
    </>
  );
}
