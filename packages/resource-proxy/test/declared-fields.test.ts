import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { FieldedOperationId } from '@aipassport/policy';
import { expect, it } from '@jest/globals';
import { noRequestFields } from '../src/index.js';
import { createRequestRules } from '../src/preparing/request-rules.js';
import { nameSet } from '../src/upstreams/name-set.js';

const rules = createRequestRules({ unknownFields: 'drop', fields: noRequestFields });
const require = createRequire(import.meta.url);

/** Reads a file of an installed SDK. */
function readDeclarations(sdk: string, file: string): string {
  const entry = require.resolve(sdk);
  const root = entry.slice(
    0,
    entry.lastIndexOf(path.join('node_modules', sdk)) + path.join('node_modules', sdk).length,
  );
  return readFileSync(path.join(root, file), 'utf8');
}

/** The members that an interface declares, without those that it inherits. */
function listMembers(declarations: string, name: string): string[] {
  const start = new RegExp(`^export (declare )?interface ${name}\\b.*\\{$`, 'm').exec(declarations);
  if (start === null) throw new Error(`there is no interface ${name}`);
  const body = declarations.slice(start.index, declarations.indexOf('\n}', start.index));
  return [...body.matchAll(/^ {4}(\w+)\??: /gm)].map(([, member = '']) => member);
}

/** Members that are for the SDK only: it sends them as headers, or not at all. */
const unsent = nameSet('betas user_profile_id workspace_id');

const openai = (file: string, name: string) => listMembers(readDeclarations('openai', file), name);
const anthropic = (name: string) =>
  listMembers(readDeclarations('@anthropic-ai/sdk', 'resources/beta/messages/messages.d.ts'), name);

const declared: readonly (readonly [operation: FieldedOperationId, members: () => readonly string[]])[] = [
  [
    'openai.chat/completions',
    () => openai('resources/chat/completions/completions.d.ts', 'ChatCompletionCreateParamsBase'),
  ],
  ['openai.responses', () => openai('resources/responses/responses.d.ts', 'ResponseCreateParamsBase')],
  ['openai.responses/input_tokens', () => openai('resources/responses/input-tokens.d.ts', 'InputTokenCountParams')],
  ['openai.completions', () => openai('resources/completions.d.ts', 'CompletionCreateParamsBase')],
  ['openai.moderations', () => openai('resources/moderations.d.ts', 'ModerationCreateParams')],
  ['openai.embeddings', () => openai('resources/embeddings.d.ts', 'EmbeddingCreateParams')],
  ['openai.images/generations', () => openai('resources/images.d.ts', 'ImageGenerateParamsBase')],
  ['openai.images/edits', () => openai('resources/images.d.ts', 'ImageEditParamsBase')],
  ['openai.images/variations', () => openai('resources/images.d.ts', 'ImageCreateVariationParams')],
  ['openai.audio/speech', () => openai('resources/audio/speech.d.ts', 'SpeechCreateParams')],
  ['openai.audio/transcriptions', () => openai('resources/audio/transcriptions.d.ts', 'TranscriptionCreateParamsBase')],
  ['openai.audio/translations', () => openai('resources/audio/translations.d.ts', 'TranslationCreateParams')],
  ['anthropic.messages', () => anthropic('MessageCreateParamsBase')],
  ['anthropic.messages/count_tokens', () => anthropic('MessageCountTokensParams')],
];

// The ids at the beginning of titles are rows of docs/security.md.
it.each(declared)(
  '3.5: every member that the SDK declares for %s is in the table of this operation',
  (operation, list) => {
    const table = rules.tableOf(operation);
    const members = list();
    expect(members.length).toBeGreaterThan(1);
    expect(members.filter((name) => !Object.hasOwn(table, name) && !unsent.has(name))).toEqual([]);
  },
);

/** First, members that Google's SDK never sends. Then members that it refuses to send to the Gemini API. */
const ofGoogleSdk = nameSet(
  'httpOptions abortSignal automaticFunctionCalling automaticContinuation',
  'labels modelArmorConfig routingConfig modelSelectionConfig audioTimestamp generationOutputConfig',
);

it('3.5: every member of `GenerateContentConfig` in Google’s SDK is in a table', () => {
  const table = rules.tableOf('google.generateContent');
  const config = table['generationConfig']?.rule;
  if (config?.rule !== 'members') throw new Error('generationConfig has no table');
  const members = listMembers(readDeclarations('@google/genai', 'dist/genai.d.ts'), 'GenerateContentConfig');
  expect(members.length).toBeGreaterThan(20);
  const isKnown = (name: string) => Object.hasOwn(table, name) || Object.hasOwn(config.table, name);
  expect(members.filter((name) => !isKnown(name) && !ofGoogleSdk.has(name))).toEqual([]);
});
