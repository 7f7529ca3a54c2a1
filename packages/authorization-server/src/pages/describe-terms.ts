import {
  buildLimits,
  type Capability,
  type Limits,
  nameModel,
  type ScopeToken,
  type UpstreamCatalogue,
  usdKinds,
} from '@aipassport/policy';
import { limitWords } from '../limits/limit-words.js';
import { exactly, type FixedId, type Texts } from '../texts/texts.js';

const actionIds: Readonly<Record<Capability, FixedId>> = {
  chat: 'summary.chat',
  embeddings: 'summary.embeddings',
  images: 'summary.images',
  audio: 'summary.audio',
  code: 'summary.code',
  files: 'summary.files',
  'tools.web': 'summary.web',
};

/** What an app can do with its models, in verbs. */
export function listActions(tokens: readonly ScopeToken[]): readonly FixedId[] {
  return tokens.flatMap((token) => (token.kind === 'capability' ? [actionIds[token.capability]] : []));
}

const mostNames = 3;
const modelTexts = {
  sentence: { all: 'summary.allModels', more: 'summary.moreModels' },
  alone: { all: 'connected.allModels', more: 'connected.moreModels' },
} as const;

/**
 * Lists the models. Of more than three, the first two are named, and the others are counted.
 * @param place in a sentence, some of the texts have another form in German
 */
export function nameModels(
  tokens: readonly ScopeToken[],
  { labelOf }: UpstreamCatalogue,
  place: 'sentence' | 'alone',
  texts: Texts,
): string {
  const { all: allModels, more } = modelTexts[place];
  const groups = tokens.flatMap((token) =>
    token.kind === 'all-models' ? [texts(allModels, { provider: labelOf(token.upstream) })] : [],
  );
  const names = tokens.flatMap((token) => (token.kind === 'model' ? [nameModel(token.modelId)] : []));
  const all = [...groups, ...names];
  if (all.length <= mostNames) return texts.list(all);
  const named = all.slice(0, mostNames - 1);
  return texts.list([...named, texts(more, { count: all.length - named.length })]);
}

/**
 * The spending limits, for a sentence; undefined when there are none.
 * @param total `in-total`: the sentence calls the total limit “in total”, because a part of it may be spent already
 */
export function describeMoney(limits: Limits, texts: Texts, total: 'plain' | 'in-total' = 'plain'): string | undefined {
  const amounts = usdKinds.flatMap((kind) => {
    const limit = limits[kind];
    if (limit === undefined) return [];
    const isPlain = kind === 'maxCost' && total === 'plain';
    return [isPlain ? texts.limit(limit) : texts(limitWords[kind].value, { limit: exactly(limit) })];
  });
  return amounts.length === 0 ? undefined : amounts.join(', ');
}

/** The amounts by which spending limits rise. Limits that do not rise are left out. */
export function findMoreMoney(present: Limits, next: Limits): Limits {
  return buildLimits({
    count: () => undefined,
    usd: (kind) => {
      const [before, after] = [present[kind], next[kind]];
      return before !== undefined && after !== undefined && after > before ? after - before : undefined;
    },
  });
}
