import type { Group } from './group.js';
import type { Upstream } from './upstreams.js';

type Rule = readonly [names: RegExp, group: Group | undefined];

/**
 * The groups of the names in the price list. The first match counts. A name without a group is not added: it cannot be
 * served, or it was added to `names.ts` by hand.
 */
export const nameRules: Readonly<Record<Upstream, readonly Rule[]>> = {
  openai: [
    // Not added: models for other operations, models whose tools run at every call, models that other companies host.
    [/realtime|-search-api|deep-research|computer-use|-instruct|gpt-oss|moderation/, undefined],
    // Not added: names of fine-tuned models, and spellings that only other services use.
    [/[:]|\.ft-|^gpt-35-|^gpt-\d-\d(-|$)|-high$|-chat$|^gpt-5.*-image|-v2$|^gpt-3\.5-0301$|^codex-mini$/, undefined],
    [
      /^(ada|babbage|curie|davinci|text-davinci.*|text-embedding-ada|gpt-5\.1-mini|gpt-4-turbo-0125-preview)$/,
      undefined,
    ],
    [/^gpt-image-/, 'images'],
    [/transcribe|tts|whisper/, 'audio'],
    [/^text-embedding-/, 'embeddings'],
    [/^(gpt-|chatgpt-|codex-|o\d)/, 'chat'],
  ],
  anthropic: [
    [/\.|^claude-(\d|v\d|opus-4$|sonnet-4$)/, undefined],
    [/^claude-/, 'chat'],
  ],
  google: [
    // Not added: models for speech, video, or a live connection.
    [/tts|live|native-audio|omni|vision|[:]/, undefined],
    [/^gemini-(pro|flash)(-1\.5.*)?$|^gemini-1\.|^gemini-2\.0-.*(exp|thinking)/, undefined],
    [/^gemini-embedding-/, 'embeddings'],
    [/^gemini-.*-image/, 'pictures'],
    [/^gemini-/, 'chat'],
  ],
};
