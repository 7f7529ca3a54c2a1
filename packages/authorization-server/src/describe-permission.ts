import {
  type Capability,
  findBuiltInModel,
  nameModel,
  type ScopeToken,
  type UpstreamCatalogue,
} from '@aipassport/policy';
import { type FixedId, type Message, message } from './texts/texts.js';

interface Permission {
  /** What the scope token permits. */
  readonly title: Message;
  /** What an owner should know before agreeing; undefined: nothing besides the title. */
  readonly warning: Message | undefined;
}

/** Describes a scope token for its owner. */
export function describePermission(token: ScopeToken, { labelOf }: Pick<UpstreamCatalogue, 'labelOf'>): Permission {
  switch (token.kind) {
    case 'model': {
      const title = message('permissions.model', {
        model: nameModel(token.modelId),
        provider: labelOf(token.upstream),
      });
      return { title, warning: describeAlias(token) };
    }
    case 'all-models': {
      const title = message('permissions.allModels', { provider: labelOf(token.upstream) });
      return { title, warning: message('permissions.allModelsWarning') };
    }
    case 'capability': {
      const warning = warnings[token.capability];
      return { title: message(titles[token.capability]), warning: warning && message(warning) };
    }
    case 'gone':
      return { title: message('permissions.gone', { model: nameModel(token.modelId) }), warning: undefined };
  }
}

/** @returns undefined for a name that always means the same model */
function describeAlias({ upstream, modelId }: Extract<ScopeToken, { kind: 'model' }>): Message | undefined {
  const [target, ...others] = findBuiltInModel({ upstream, id: modelId })?.aliasOf ?? [];
  if (target === undefined) return undefined;
  const model = nameModel(target);
  return others.length === 0 ? message('permissions.alias', { model }) : message('permissions.aliasOfMany', { model });
}

const titles: Readonly<Record<Capability, FixedId>> = {
  chat: 'permissions.chat',
  embeddings: 'permissions.embeddings',
  images: 'permissions.images',
  audio: 'permissions.audio',
  code: 'permissions.code',
  files: 'permissions.files',
  'tools.web': 'permissions.web',
};

const warnings: Readonly<Partial<Record<Capability, FixedId>>> = {
  code: 'permissions.codeWarning',
  files: 'permissions.filesWarning',
  'tools.web': 'permissions.webWarning',
};
