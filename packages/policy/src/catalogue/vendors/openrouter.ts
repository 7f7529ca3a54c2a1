import { harmless, rate, tools } from '../../fields/field.js';
import { members, onlyDefault } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

const routing = {
  order: harmless('Which hosts are tried first.'),
  only: harmless('The hosts that may serve the request.'),
  ignore: harmless('The hosts that may not serve the request.'),
  allow_fallbacks: harmless('Whether other hosts may serve the request.'),
  require_parameters: harmless('Whether the host must support all members of the request.'),
  data_collection: harmless('Whether hosts may store the request.'),
  zdr: harmless('Whether hosts must not store anything (zero data retention).'),
  enforce_distillable_text: harmless(
    'Whether only models whose answers may be used for training may serve the request.',
  ),
  quantizations: harmless('The quantizations with which hosts may run the model.'),
  sort: harmless('The sort order of the hosts.'),
};

/**
 * OpenRouter forwards a request to one of several hosts with different prices. The proxy writes the prices of its
 * estimate into `provider.max_price`, so no host charges more. `usage.cost` is what OpenRouter charged, and is in every
 * answer. Members that make it use another model, a plugin or a preset are refused, because the price of these is not
 * known before the request is sent.
 */
export const openrouter = {
  name: 'openrouter',
  label: 'OpenRouter',
  baseUrl: 'https://openrouter.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1', '/api/v1'],
      upstreamRoot: '/api/v1',
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      chat: {
        streamUsage: 'always',
        usageReport: 'cost',
        capsPrices: true,
        fields: {
          models: rate('Other models that may answer.', onlyDefault([])),
          route: rate('How another model is chosen.', onlyDefault()),
          plugins: tools(
            'What OpenRouter does in addition to the model: searches and reading of documents.',
            onlyDefault([]),
          ),
          web_search_options: tools('A web search, which is billed by its results.', onlyDefault()),
          preset: rate('Settings that are stored at OpenRouter.', onlyDefault()),
          image_config: rate('The aspect ratio and the size of generated pictures.', onlyDefault()),
          provider: rate('Which hosts may serve the request. The proxy adds `max_price`.', members(routing)),
          usage: harmless('An older way to ask for the usage.'),
          reasoning: harmless('How much the model thinks. The thinking counts against the output limit.'),
          include_reasoning: harmless('Whether the answer shows the thinking.'),
          transforms: harmless('Whether a conversation that is too long is shortened.'),
          session_id: harmless('Your identifier of a conversation.'),
          top_k: harmless('The number of most probable tokens from which the model samples.'),
          top_a: harmless('The minimum probability of a token, relative to the square of the highest probability.'),
          min_p: harmless('The minimum probability of a token, relative to the highest probability.'),
          repetition_penalty: harmless('Lowers the probability of tokens already used.'),
        },
      },
    },
  ],
  keysPage: 'https://openrouter.ai/settings/keys',
  // The list of models needs no key.
  keyCheck: { path: '/api/v1/key' },
  keyPrefixes: ['sk-or-'],
  priceList: 'openrouter',
  listedModels: {
    rules: [
      // Not served: names without a maker, routers, free models, models that search, draw, speak or have other fees.
      [
        '^[^/]+$|^openrouter/|^perplexity/|:|~|search|deep-research|image|audio|tts|multi-agent|relace|switchpoint',
        undefined,
      ],
      ['', 'plainChat'],
    ],
  },
  billing: { refusesDocuments: true },
  sources: [
    'https://openrouter.ai/docs/use-cases/usage-accounting',
    'https://openrouter.ai/docs/features/provider-routing',
    'https://openrouter.ai/docs/api-reference/overview',
    'https://openrouter.ai/docs/features/multimodal/pdfs',
  ],
} as const satisfies UpstreamEntry;
