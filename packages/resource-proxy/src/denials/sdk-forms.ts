import { anthropicForm } from './anthropic/sdk-form.js';
import type { ErrorDialect } from './dialect.js';
import { googleForm } from './google/sdk-form.js';
import { oauthForm } from './oauth/sdk-form.js';
import { openaiForm } from './openai/sdk-form.js';
import type { SdkForm } from './sdk-form.js';

/** The code does not compile while a dialect has no form here. */
export const sdkForms: Readonly<Record<ErrorDialect, SdkForm>> = {
  openai: openaiForm,
  anthropic: anthropicForm,
  google: googleForm,
  oauth: oauthForm,
};
