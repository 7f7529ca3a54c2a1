import { canonicalFieldName, readHostedToolKinds } from '@aipassport/policy';
import { googleCounting } from '../../counting/google/counting.js';
import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import type { Member } from '../../json/inspect-body.js';
import { nameSet } from '../name-set.js';
import { refuseStored } from '../remote-input.js';
import { requireKnownTools } from '../require-known-tools.js';
import type { BodyFacts, UpstreamApiOf } from '../upstream-api.js';
import { googleAdjustments } from './adjustments.js';
import { formatGoogleErrorEvent, googleAccountProblems, readGoogleError } from './errors.js';
import { requireAllowedFile } from './file-data.js';
import { describeGoogleModel, listGoogleModels } from './models.js';
import { requireKnownParts } from './parts.js';
import { googleTools } from './tools.js';

/** Google's Gemini API: https://ai.google.dev/api */
export const google: UpstreamApiOf<'google'> = {
  // None of the client's headers is passed on. For instance, `x-goog-user-project` would bill another project.
  pickClientHeaders: () => ({ headers: {}, dropped: [] }),
  requestIdHeader: undefined,
  singularHeaders: [],
  adjustments: googleAdjustments,
  opaque: nameSet(
    'args labels parameters parametersJsonSchema partMetadata response responseJsonSchema responseSchema',
  ),
  canonicalName: canonicalFieldName,
  visit,
  listModels: listGoogleModels,
  describeModel: describeGoogleModel,
  counting: googleCounting,
  // Google's streams do not contain the full text of a model's thinking. The usage in each event counts its tokens.
  showsThinking: () => false,
  answerHeaders: {},
  accountHeaders: ['x-goog-user-project'],
  storedState: undefined,
  readError: readGoogleError,
  accountProblems: googleAccountProblems,
  // An empty line is sent, because Google's SDK for Python reads a comment as data.
  keepAlive: '\n',
  formatErrorEvent: formatGoogleErrorEvent,
};

function visit(member: Member, bodyFacts: BodyFacts): void {
  const { name, value, place } = member;
  switch (name) {
    case 'fileData':
      return requireAllowedFile(member, bodyFacts);
    case 'cachedContent':
      return refuseStored(place, value);
    case 'responseModalities':
      return requireModalities(member, bodyFacts);
    case 'parts':
      return requireKnownParts(member, bodyFacts);
    case 'tools':
      return requireKnownTools(member, bodyFacts, { table: googleTools, readKinds: readHostedToolKinds });
  }
}

function requireModalities({ value, place }: Member, { capabilities }: BodyFacts): void {
  for (const modality of Array.isArray(value) ? value : [value]) {
    const name = typeof modality === 'string' ? modality.toUpperCase() : modality;
    if (name === 'IMAGE') capabilities.add('images');
    else if (name === 'AUDIO') capabilities.add('audio');
    else if (name !== 'TEXT' && name !== null)
      throw new Denied({
        reason: 'field_invalid',
        field: place(),
        found: describeValue(modality),
        expected: 'a list of "TEXT", "IMAGE" or "AUDIO"',
      });
  }
}
