import { isJsonObject, type JsonObject, type Processing, type Usage } from '@aipassport/policy';
import { readUsageCount, requireSome, requireUsage, subtractParts } from '../read-counts.js';
import { withTools } from '../tool-usage.js';
import { refuseUsage } from '../usage-reading.js';

/** Reads the usage of generated content, and of the searches whose results it uses. Google calls this grounding. */
export function readContent(answer: JsonObject): Usage {
  return withTools(readContentUsage(answer), countGroundedPrompt(answer));
}

/** Reads the service tier in which a request was processed. `flex` is slower and costs less. */
export function readContentTier({ usageMetadata }: JsonObject): Processing {
  return isJsonObject(usageMetadata) && usageMetadata.serviceTier === 'flex' ? { tier: 'flex' } : {};
}

/** Reads the `usageMetadata` of generated content, which leaves out counts of zero. Thinking is billed as output. */
export function readContentUsage(answer: JsonObject): Usage {
  const metadata = requireUsage(answer.usageMetadata);
  const prompt = readUsageCount(metadata, 'promptTokenCount') ?? 0;
  const tools = readUsageCount(metadata, 'toolUsePromptTokenCount') ?? 0;
  const output =
    (readUsageCount(metadata, 'candidatesTokenCount') ?? 0) + (readUsageCount(metadata, 'thoughtsTokenCount') ?? 0);
  requireSome(prompt);
  // Refuses usage whose total is above the sum of the known parts, because such a total includes a part that this code
  // does not know.
  subtractParts(prompt + tools + output, readUsageCount(metadata, 'totalTokenCount') ?? 0);
  const made = readModalities(metadata.candidatesTokensDetails);
  return {
    ...readPrompt(metadata, prompt, tools),
    outputTokens: subtractParts(output, made.audio, made.image, made.video),
    ...some('outputAudioTokens', made.audio),
    // Video output is not offered and has no price of its own, so it is counted as pictures.
    ...some('outputImageTokens', made.image + made.video),
  };
}

function readPrompt(metadata: JsonObject, prompt: number, tools: number): Usage {
  const cached = readUsageCount(metadata, 'cachedContentTokenCount') ?? 0;
  const given = readModalities(metadata.promptTokensDetails);
  const kept = readModalities(metadata.cacheTokensDetails);
  const found = readModalities(metadata.toolUsePromptTokensDetails);
  const audio = subtractParts(given.audio, kept.audio) + found.audio;
  const image = subtractParts(given.image, kept.image) + found.image;
  const video = subtractParts(given.video, kept.video) + found.video;
  return {
    inputTokens: subtractParts(prompt + tools, cached, audio, image, video),
    ...some('inputAudioTokens', audio),
    ...some('inputImageTokens', image),
    ...some('inputVideoTokens', video),
    ...some('cacheReadTokens', subtractParts(cached, kept.audio, kept.image)),
    ...some('cacheReadAudioTokens', kept.audio),
    ...some('cacheReadImageTokens', kept.image),
  };
}

/** Reads the tier in which content was generated, and the model that generated it. */
export function readContentProcessing(answer: JsonObject): Processing {
  const answeredBy = readAnsweringModel(answer);
  return { ...readContentTier(answer), ...(answeredBy !== undefined && { answeredBy }) };
}

/** The model that answered. The name in the request may be an alias of it. */
export function readAnsweringModel({ modelVersion }: JsonObject): string | undefined {
  return typeof modelVersion === 'string' ? modelVersion.replace(/^models\//, '') : undefined;
}

/** Reads the usage of embeddings, which report fewer counts. */
export function readEmbeddingUsage(answer: JsonObject): Usage {
  const prompt = readUsageCount(requireUsage(answer.usageMetadata), 'promptTokenCount') ?? 0;
  requireSome(prompt);
  return { inputTokens: prompt };
}

/**
 * Counts all searches for one prompt as a single search, because Gemini bills them like that up to version 2.5. The
 * estimate refuses searches with later versions: the catalogue has no price for them.
 */
export function countGroundedPrompt(answer: JsonObject): Usage {
  const candidates = Array.isArray(answer.candidates) ? answer.candidates : [];
  return candidates.some((candidate) => isJsonObject(candidate) && isGrounded(candidate.groundingMetadata))
    ? { webSearches: 1 }
    : {};
}

function isGrounded(metadata: unknown): boolean {
  return (
    isJsonObject(metadata) &&
    [metadata.webSearchQueries, metadata.groundingChunks].some((list) => Array.isArray(list) && list.length > 0)
  );
}

/** The numbers of tokens for each kind of content. Tokens of text are left out. */
interface Modalities {
  audio: number;
  image: number;
  video: number;
}

function readModalities(details: unknown): Readonly<Modalities> {
  const counts: Modalities = { audio: 0, image: 0, video: 0 };
  if (details === undefined || details === null) return counts;
  if (!Array.isArray(details)) return refuseUsage('usage_malformed');
  for (const detail of details) {
    if (!isJsonObject(detail)) return refuseUsage('usage_malformed');
    const tokens = readUsageCount(detail, 'tokenCount') ?? 0;
    if (detail.modality === 'AUDIO') counts.audio += tokens;
    else if (detail.modality === 'VIDEO') counts.video += tokens;
    else if (detail.modality === 'IMAGE' || detail.modality === 'DOCUMENT') counts.image += tokens;
  }
  return counts;
}

function some(kind: keyof Usage, count: number): Usage {
  return count > 0 ? { [kind]: count } : {};
}
