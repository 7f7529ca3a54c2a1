import { anthropicForm } from './anthropic/sdk-form.js';
import type { ErrorDialect } from './dialect.js';
import { googleForm } from './google/sdk-form.js';
import { oauthForm } from './oauth/sdk-form.js';
import { openaiForm } from './openai/sdk-form.js';
import type { SdkForm } from './sdk-form.js';

/** A new dialect does not compile until it has its form here. */
export const sdkForms: Readonly<Record<ErrorDialect, SdkForm>> = {
  openai: openaiForm,
  anthropic: anthropicForm,
  google: googleForm,
  oauth: oauthForm,
};
