import { listServedModels } from '../catalogue/listed-models.js';
import { builtInUpstreams, type Upstream } from '../catalogue/upstreams.js';

/** The most that a model reads and writes, as its vendor documents it. */
export interface ModelLimits {
  /** The most tokens that one run of the model reads. The vendor refuses more, and does not bill it. */
  readonly maxInputTokens: number;
  /**
   * The highest output limit that a request may have. The vendor accepts this limit. For its newest models, the vendor
   * may accept a higher one. 0 for models that write no tokens.
   */
  readonly maxOutputTokens: number;
  /** The most tokens that the vendor counts for one picture, of any size and detail. */
  readonly maxImageTokens: number;
  /**
   * Whether a picture is billed as more tokens than it uses in the context window. If so, the bill for many pictures
   * can be larger than the window.
   */
  readonly inflatesPictures?: boolean;
  /**
   * The size of the window, if input and output share one window. The vendor then refuses an output limit that is
   * larger than the rest of the window after the input.
   */
  readonly sharedWindowTokens?: number;
}

type Family = readonly [prefix: string, limits: ModelLimits];

function openaiChat(window: number, maxOutputTokens: number, maxImageTokens: number): ModelLimits {
  return {
    maxInputTokens: window,
    maxOutputTokens,
    maxImageTokens,
    inflatesPictures: true,
    sharedWindowTokens: window,
  };
}

const claude = (maxInputTokens: number, maxOutputTokens: number, maxImageTokens: number): ModelLimits => ({
  maxInputTokens,
  maxOutputTokens,
  maxImageTokens,
});
const gemini = claude;
const embeddings = (maxInputTokens: number): ModelLimits => claude(maxInputTokens, 0, 0);

/**
 * The limits of each family of models. A model belongs to the family with the longest matching prefix.
 *
 * OpenAI (https://platform.openai.com/docs/models, .../guides/images-vision#calculating-costs): some models fit a
 * picture into 2048 x 768 and cut it into tiles of 512 px, at most 8 (85 + 8 x 170 for gpt-4o, 2833 + 8 x 5667 for
 * gpt-4o-mini, 75 + 8 x 150 for o1 and o3, 70 + 8 x 140 for gpt-5). Others cut it into patches of 32 px, at most 1,536,
 * and from gpt-5.2 on at most 10,000 at full detail. We assume the same for gpt-5.1-codex-mini. The number of patches
 * is multiplied by the model's factor (1 to 2.46), or by the largest factor if the model's own is not published. These
 * factors, and the factor of 33 in the numbers of gpt-4o-mini, change only the bill ("total billed tokens"). In the
 * window, a picture takes far fewer tokens, so the window does not bound the bill for pictures. The limit for
 * embeddings is for all inputs of a request together.
 *
 * Anthropic (https://docs.claude.com/en/docs/about-claude/models/overview, .../build-with-claude/vision): a picture is
 * scaled down to about 1,600 tokens, and to 4,784 tokens from Opus 4.7 on.
 *
 * Google (https://ai.google.dev/gemini-api/docs/models, .../media-resolution, .../tokens): from Gemini 3 on, a picture
 * has up to 2,240 tokens. With 2.5 it has 256, and about 2,048 more for details: we assume 2,560. With 2.0, each tile
 * of 768 px has 258 tokens. The number of tiles is not documented. We assume 254 tiles, which is more than the largest
 * pictures have.
 */
const families: Readonly<Record<Upstream, readonly Family[]>> = {
  openai: [
    ['gpt-3.5-turbo', openaiChat(16_385, 4_096, 1_445)],
    ['gpt-3.5-turbo-instruct', openaiChat(4_096, 4_096, 0)],
    ['davinci-002', openaiChat(16_384, 16_384, 0)],
    ['babbage-002', openaiChat(16_384, 16_384, 0)],
    ['omni-moderation', claude(32_768, 0, 1_445)],
    ['text-moderation', claude(32_768, 0, 0)],
    ['gpt-4', openaiChat(8_192, 8_192, 1_445)],
    ['gpt-4-32k', openaiChat(32_768, 32_768, 1_445)],
    ['gpt-4-turbo', openaiChat(128_000, 4_096, 1_445)],
    ['gpt-4-0125-preview', openaiChat(128_000, 4_096, 1_445)],
    ['gpt-4-1106-', openaiChat(128_000, 4_096, 1_445)],
    ['gpt-4-vision-preview', openaiChat(128_000, 4_096, 1_445)],
    ['gpt-4.5-preview', openaiChat(128_000, 16_384, 1_445)],
    ['chatgpt-4o-latest', openaiChat(128_000, 16_384, 1_445)],
    ['gpt-4o', openaiChat(128_000, 16_384, 1_445)],
    ['gpt-4o-mini', openaiChat(128_000, 16_384, 48_169)],
    ['gpt-4o-search-preview', openaiChat(128_000, 16_384, 1_445)],
    ['gpt-4o-mini-search-preview', openaiChat(128_000, 16_384, 48_169)],
    ['gpt-4o-transcribe', claude(16_000, 2_000, 0)],
    ['gpt-4o-mini-transcribe', claude(16_000, 2_000, 0)],
    ['gpt-4o-mini-tts', claude(2_000, 0, 0)],
    ['tts-1', claude(4_096, 0, 0)],
    ['whisper-1', claude(0, 0, 0)],
    ['gpt-transcribe', claude(0, 0, 0)],
    ['gpt-4.1', openaiChat(1_047_576, 32_768, 1_536)],
    ['gpt-4.1-mini', openaiChat(1_047_576, 32_768, 2_489)],
    ['gpt-4.1-nano', openaiChat(1_047_576, 32_768, 3_779)],
    ['gpt-5', openaiChat(400_000, 128_000, 1_190)],
    ['gpt-5-mini', openaiChat(400_000, 128_000, 2_489)],
    ['gpt-5-nano', openaiChat(400_000, 128_000, 3_779)],
    ['gpt-5-pro', openaiChat(400_000, 272_000, 1_190)],
    ['gpt-5-chat', openaiChat(128_000, 16_384, 1_190)],
    ['gpt-5.1', openaiChat(400_000, 128_000, 1_190)],
    ['gpt-5.1-chat', openaiChat(128_000, 16_384, 1_190)],
    ['gpt-5.1-codex-mini', openaiChat(400_000, 128_000, 24_600)],
    ['gpt-5.2', openaiChat(400_000, 128_000, 12_000)],
    ['gpt-5.2-chat', openaiChat(128_000, 16_384, 12_000)],
    ['gpt-5.3', openaiChat(128_000, 16_384, 24_600)],
    ['gpt-5.3-codex', openaiChat(400_000, 128_000, 24_600)],
    ['gpt-5.4', openaiChat(1_050_000, 128_000, 12_000)],
    ['gpt-5.4-mini', openaiChat(400_000, 128_000, 24_600)],
    ['gpt-5.4-nano', openaiChat(400_000, 128_000, 24_600)],
    ['gpt-5.5', openaiChat(1_050_000, 128_000, 12_000)],
    // The vendor's page of models has no limits for this model. These are the window of its family and the output limit
    // of the other `-chat` models.
    ['gpt-5.5-chat', openaiChat(1_050_000, 16_384, 24_600)],
    ['gpt-5.6-', openaiChat(1_050_000, 128_000, 24_600)],
    ['gpt-6-', openaiChat(1_050_000, 128_000, 24_600)],
    ['gpt-audio', openaiChat(128_000, 16_384, 1_445)],
    // The vendor does not document which model this is. These are the largest window of this vendor's
    // models and the output limit of the `-chat` models.
    ['gpt-chat-latest', openaiChat(1_050_000, 16_384, 24_600)],
    ['codex-mini-latest', openaiChat(200_000, 100_000, 2_642)],
    ['o1', openaiChat(200_000, 100_000, 1_275)],
    ['o1-mini', openaiChat(128_000, 65_536, 1_275)],
    ['o1-preview', openaiChat(128_000, 32_768, 1_275)],
    ['o3', openaiChat(200_000, 100_000, 1_275)],
    ['o4-mini', openaiChat(200_000, 100_000, 2_642)],
    ['text-embedding-', embeddings(300_000)],
    ['gpt-image-', claude(32_000, 0, 0)],
    ['dall-e-', claude(4_000, 0, 0)],
  ],
  anthropic: [
    ['claude-3-haiku-', claude(200_000, 4_096, 1_600)],
    ['claude-3-sonnet-', claude(200_000, 4_096, 1_600)],
    ['claude-3-opus-', claude(200_000, 4_096, 1_600)],
    ['claude-3-5-haiku-', claude(200_000, 8_192, 1_600)],
    ['claude-3-5-sonnet-', claude(200_000, 8_192, 1_600)],
    ['claude-3-7-sonnet-', claude(200_000, 64_000, 1_600)],
    ['claude-haiku-4-5', claude(200_000, 64_000, 1_600)],
    ['claude-sonnet-4-0', claude(200_000, 64_000, 1_600)],
    ['claude-sonnet-4-20250514', claude(200_000, 64_000, 1_600)],
    ['claude-sonnet-4-5', claude(200_000, 64_000, 1_600)],
    ['claude-sonnet-4-6', claude(1_000_000, 64_000, 1_600)],
    ['claude-sonnet-5', claude(1_000_000, 64_000, 4_784)],
    ['claude-opus-4-0', claude(200_000, 32_000, 1_600)],
    ['claude-opus-4-20250514', claude(200_000, 32_000, 1_600)],
    ['claude-opus-4-1', claude(200_000, 32_000, 1_600)],
    ['claude-opus-4-5', claude(200_000, 64_000, 1_600)],
    ['claude-opus-4-6', claude(1_000_000, 128_000, 1_600)],
    ['claude-opus-4-7', claude(1_000_000, 128_000, 4_784)],
    ['claude-opus-4-8', claude(1_000_000, 128_000, 4_784)],
    ['claude-opus-5', claude(1_000_000, 64_000, 4_784)],
    ['claude-fable-5', claude(1_000_000, 128_000, 4_784)],
  ],
  google: [
    ['gemini-1.5-', gemini(2_097_152, 8_192, 65_536)],
    ['gemini-2.0-', gemini(1_048_576, 8_192, 65_536)],
    ['gemini-2.5-flash-image', gemini(1_048_576, 32_768, 2_560)],
    ['gemini-3-pro-image', gemini(1_048_576, 32_768, 2_240)],
    ['gemini-3.1-flash-image', gemini(1_048_576, 32_768, 2_240)],
    ['gemini-3.1-flash-lite-image', gemini(1_048_576, 32_768, 2_240)],
    ['gemini-2.5-', gemini(1_048_576, 65_536, 2_560)],
    ['gemini-3-', gemini(1_048_576, 65_536, 2_240)],
    ['gemini-3.', gemini(1_048_576, 65_536, 2_240)],
    ['gemini-embedding-001', embeddings(2_048)],
    ['gemini-embedding-2', embeddings(8_192)],
  ],
};

/** `gpt-5` is the family of `gpt-5-codex`. `gpt-5.7` belongs to another family, which is unknown. */
function isOfFamily(modelId: string, prefix: string): boolean {
  if (!modelId.startsWith(prefix)) return false;
  return /[-.]$/.test(prefix) || /^(-|$)/.test(modelId.slice(prefix.length));
}

/** No known model counts a picture as more tokens. */
export const mostImageTokens = 65_536;

/**
 * The limits of models whose window is known from the price list. Their longest answer is not documented, so it is
 * assumed to fill the window. A request without an output limit is then sent without one.
 */
const ofListed: ReadonlyMap<string, ModelLimits> = new Map(
  builtInUpstreams.flatMap((entry) =>
    listServedModels(entry).map(({ id, group, contextWindow }) => [
      `${entry.name}/${id}`,
      group === 'embeddings' ? embeddings(contextWindow) : openaiChat(contextWindow, contextWindow, mostImageTokens),
    ]),
  ),
);

/** @returns undefined for a model of an unknown family. For such a model, the operator must give the limits. */
export function findModelLimits(upstream: Upstream, modelId: string): ModelLimits | undefined {
  const listed = ofListed.get(`${upstream}/${modelId}`);
  if (listed !== undefined) return listed;
  let best: Family | undefined;
  for (const family of families[upstream] ?? []) {
    if (isOfFamily(modelId, family[0]) && family[0].length > (best?.[0].length ?? 0)) best = family;
  }
  return best?.[1];
}
