import { nameSet } from '../name-set.js';
import type { ToolTable } from '../require-known-tools.js';

/** https://ai.google.dev/api/caching#Tool */
export const googleTools: ToolTable = {
  client: nameSet('functionDeclarations computerUse'),
  granted: {
    googleSearch: 'tools.web',
    googleSearchRetrieval: 'tools.web',
    urlContext: 'tools.web',
    codeExecution: 'code',
  },
};
