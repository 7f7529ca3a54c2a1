import { harmless, rate, tools } from '../../fields/field.js';
import { members, onlyDefault } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

const routing = {
  order: harmless('Which hosts are tried first.'),
  only: harmless('The hosts that may serve the request.'),
  ignore: harmless('The hosts that may not serve the request.'),
  allow_fallbacks: harmless('Whether other hosts may serve the request.'),
  require_parameters: harmless('Whether the host must know all members of the request.'),
  data_collection: harmless('Whether hosts may keep the request.'),
  zdr: harmless('Whether hosts must keep nothing.'),
  enforce_distillable_text: harmless('Whether answers may be used for training.'),
  quantizations: harmless('How exactly the host computes.'),
  sort: harmless('By what the hosts are sorted.'),
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
          plugins: tools('What OpenRouter does besides the model: searches, reading of documents.', onlyDefault([])),
          web_search_options: tools('A search, which is billed by its results.', onlyDefault()),
          preset: rate('Settings that are stored at OpenRouter.', onlyDefault()),
          image_config: rate('The form of generated pictures.', onlyDefault()),
          provider: rate('Which hosts may serve the request. The proxy adds `max_price`.', members(routing)),
          usage: harmless('An older way to ask for the usage.'),
          reasoning: harmless('How much the model thinks. The thinking counts against the output limit.'),
          include_reasoning: harmless('Whether the answer shows the thinking.'),
          transforms: harmless('Whether a conversation that is too long is shortened.'),
          session_id: harmless('Your name for a conversation.'),
          top_k: harmless('From how many tokens the model draws.'),
          top_a: harmless('The least probability of a token, from the square of the likeliest one.'),
          min_p: harmless('The least probability of a token, as a share of the likeliest one.'),
          repetition_penalty: harmless('Disfavours tokens that were used.'),
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
