import type { Capability } from './capabilities.js';
import type { Upstream } from './upstreams.js';

export interface Model {
  readonly upstream: Upstream;
  /** The vendor's own identifier, matched byte for byte: a prefix or an alias is another model. */
  readonly id: string;
  /** The capabilities whose operations accept it. */
  readonly capabilities: readonly Capability[];
}

/** Without a slash, a space or an asterisk, so that a scope can name it; and short. */
export function isModelId(text: string): boolean {
  return /^[A-Za-z0-9_.:-]{1,128}$/.test(text);
}

const chat = ['chat', 'code', 'tools.web'] as const;

/**
 * What each vendor sells and the proxy knows how to call. Moving aliases (`-latest`) are left out: what they
 * name, and cost, changes under an owner's feet.
 */
const catalogue: Readonly<Record<Upstream, readonly (readonly [readonly Capability[], readonly string[]])[]>> = {
  openai: [
    [
      chat,
      [
        'gpt-4o',
        'gpt-4o-2024-08-06',
        'gpt-4o-2024-11-20',
        'gpt-4o-mini',
        'gpt-4o-mini-2024-07-18',
        'gpt-4.1',
        'gpt-4.1-2025-04-14',
        'gpt-4.1-mini',
        'gpt-4.1-mini-2025-04-14',
        'gpt-4.1-nano',
        'gpt-4.1-nano-2025-04-14',
        'gpt-5',
        'gpt-5-2025-08-07',
        'gpt-5-codex',
        'gpt-5-mini',
        'gpt-5-mini-2025-08-07',
        'gpt-5-nano',
        'gpt-5-nano-2025-08-07',
        'gpt-5-pro',
        'gpt-5-pro-2025-10-06',
        'gpt-5.1',
        'gpt-5.1-2025-11-13',
        'gpt-5.1-codex',
        'gpt-5.1-codex-max',
        'gpt-5.1-codex-mini',
        'gpt-5.2',
        'gpt-5.2-2025-12-11',
        'gpt-5.2-codex',
        'gpt-5.2-pro',
        'gpt-5.2-pro-2025-12-11',
        'gpt-5.3-codex',
        'gpt-5.4',
        'gpt-5.4-2026-03-05',
        'gpt-5.4-mini',
        'gpt-5.4-mini-2026-03-17',
        'gpt-5.4-nano',
        'gpt-5.4-nano-2026-03-17',
        'gpt-5.4-pro',
        'gpt-5.4-pro-2026-03-05',
        'gpt-5.5',
        'gpt-5.5-2026-04-23',
        'gpt-5.5-pro',
        'gpt-5.5-pro-2026-04-23',
        'gpt-5.6-luna',
        'gpt-5.6-sol',
        'gpt-5.6-terra',
        'gpt-6-astra',
        'gpt-6-luna',
        'gpt-6-sol',
        'o1',
        'o1-2024-12-17',
        'o1-pro',
        'o1-pro-2025-03-19',
        'o3',
        'o3-2025-04-16',
        'o3-mini',
        'o3-mini-2025-01-31',
        'o3-pro',
        'o3-pro-2025-06-10',
        'o4-mini',
        'o4-mini-2025-04-16',
      ],
    ],
    [['embeddings'], ['text-embedding-3-small', 'text-embedding-3-large', 'text-embedding-ada-002']],
    [
      ['images'],
      [
        'gpt-image-1',
        'gpt-image-1-mini',
        'gpt-image-1.5',
        'gpt-image-1.5-2025-12-16',
        'gpt-image-2',
        'gpt-image-2-2026-04-21',
      ],
    ],
    [
      ['audio'],
      [
        'gpt-4o-mini-tts',
        'gpt-4o-transcribe',
        'gpt-4o-mini-transcribe',
        'gpt-transcribe',
        'tts-1',
        'tts-1-hd',
        'whisper-1',
      ],
    ],
  ],
  anthropic: [
    [
      chat,
      [
        'claude-haiku-4-5',
        'claude-haiku-4-5-20251001',
        'claude-sonnet-4-0',
        'claude-sonnet-4-20250514',
        'claude-sonnet-4-5',
        'claude-sonnet-4-5-20250929',
        'claude-sonnet-4-6',
        'claude-sonnet-5',
        'claude-opus-4-0',
        'claude-opus-4-20250514',
        'claude-opus-4-1',
        'claude-opus-4-1-20250805',
        'claude-opus-4-5',
        'claude-opus-4-5-20251101',
        'claude-opus-4-6',
        'claude-opus-4-7',
        'claude-opus-4-8',
        'claude-opus-5',
        'claude-opus-5-5',
        'claude-fable-5',
        'claude-fable-5-1',
      ],
    ],
  ],
  google: [
    [
      chat,
      [
        'gemini-2.0-flash',
        'gemini-2.0-flash-lite',
        'gemini-2.5-flash',
        'gemini-2.5-flash-lite',
        'gemini-2.5-pro',
        'gemini-3-flash-preview',
        'gemini-3-pro-preview',
        'gemini-3.1-flash-lite',
        'gemini-3.1-pro-preview',
        'gemini-3.5-flash',
        'gemini-3.5-flash-lite',
        'gemini-3.6-flash',
        'gemini-3.8-flash',
      ],
    ],
    [['embeddings'], ['gemini-embedding-001', 'gemini-embedding-2']],
  ],
};

export const models: readonly Model[] = (Object.keys(catalogue) as Upstream[]).flatMap((upstream) =>
  catalogue[upstream].flatMap(([capabilities, ids]) => ids.map((id) => ({ upstream, id, capabilities }))),
);
